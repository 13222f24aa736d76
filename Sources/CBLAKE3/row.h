// One block after the other, the state as the four rows of a square. Included once for each kind of processor with
// TARGET (an attribute, or nothing) and NAMED(name), which makes the functions' names different.

#define ROTATED(word, count) ((word) >> (count) | (word) << (32 - (count)))
#define TURNED(row, i, j, k, l) __builtin_shufflevector(row, row, i, j, k, l)
#define WORDS(i, j, k, l) __builtin_shufflevector(m, m, i, j, k, l)

// BLAKE3, section 2.2, for the four columns of the square at once. The word of the message is added before `b`, which
// is what the processor waits for.
#define MIX(x, y)                 \
    a = (a + (x)) + b;            \
    d = ROTATED(d ^ a, 16);       \
    c += d;                       \
    b = ROTATED(b ^ c, 12);       \
    a = (a + (y)) + b;            \
    d = ROTATED(d ^ a, 8);        \
    c += d;                       \
    b = ROTATED(b ^ c, 7);

// The diagonals become columns and columns again; `b` stays, because it is the last to be known.
#define ROUND(s0, s1, s2, s3, s4, s5, s6, s7, s8, s9, s10, s11, s12, s13, s14, s15) \
    MIX(WORDS(s0, s2, s4, s6), WORDS(s1, s3, s5, s7))                               \
    a = TURNED(a, 3, 0, 1, 2);                                                      \
    c = TURNED(c, 1, 2, 3, 0);                                                      \
    d = TURNED(d, 2, 3, 0, 1);                                                      \
    MIX(WORDS(s14, s8, s10, s12), WORDS(s15, s9, s11, s13))                         \
    a = TURNED(a, 1, 2, 3, 0);                                                      \
    c = TURNED(c, 3, 0, 1, 2);                                                      \
    d = TURNED(d, 2, 3, 0, 1);

TARGET static void NAMED(run)(const unsigned char *bytes, size_t count, uint64_t counter, uint32_t first, uint32_t last,
                              unsigned char *value) {
    typedef uint32_t row __attribute__((vector_size(16)));
    typedef uint32_t words __attribute__((vector_size(64)));
    row start_a, start_b, a, b;
    memcpy(&start_a, blake3_start, sizeof start_a);
    memcpy(&start_b, blake3_start + 4, sizeof start_b);
    a = start_a, b = start_b;
    for (uint32_t flags = first;; flags = 0) {
        words m = {0};
        uint32_t length = count < BLOCK ? (uint32_t)count : BLOCK;
        if (length == BLOCK) memcpy(&m, bytes, sizeof m);
        else if (length > 0) memcpy(&m, bytes, length);
        if (count <= BLOCK) flags |= last;
        row c = start_a, d = {(uint32_t)counter, (uint32_t)(counter >> 32), length, flags};
        ALL_ROUNDS(ROUND)
        a ^= c;
        b ^= d;
        if (count <= BLOCK) break;
        bytes += BLOCK;
        count -= BLOCK;
    }
    memcpy(value, &a, sizeof a);
    memcpy(value + sizeof a, &b, sizeof b);
}

#undef ROTATED
#undef TURNED
#undef WORDS
#undef MIX
#undef ROUND
#undef TARGET
#undef NAMED
