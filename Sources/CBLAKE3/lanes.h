// Chunks or parents side by side: word i of each is in vector i, one in every lane. Included once for each kind of
// vector with LANES, TARGET (an attribute, or nothing) and NAMED(name), which makes the functions' names different.

typedef uint32_t NAMED(vector) __attribute__((vector_size(4 * LANES)));
#define V NAMED(vector)
#define INLINE TARGET static inline __attribute__((always_inline))

// Lists of words of two vectors a and b, as `__builtin_shufflevector` counts them: a0 b0 a1 b1 and a2 b2 a3 b3 of every
// four words, likewise of pairs of words, and every second four words.
#if LANES == 4
#define LOW_WORDS 0, 4, 1, 5
#define HIGH_WORDS 2, 6, 3, 7
#define LOW_PAIRS 0, 1, 4, 5
#define HIGH_PAIRS 2, 3, 6, 7
#elif LANES == 8
#define LOW_WORDS 0, 8, 1, 9, 4, 12, 5, 13
#define HIGH_WORDS 2, 10, 3, 11, 6, 14, 7, 15
#define LOW_PAIRS 0, 1, 8, 9, 4, 5, 12, 13
#define HIGH_PAIRS 2, 3, 10, 11, 6, 7, 14, 15
#define EVEN_FOURS 0, 1, 2, 3, 8, 9, 10, 11
#define ODD_FOURS 4, 5, 6, 7, 12, 13, 14, 15
#else
#define LOW_WORDS 0, 16, 1, 17, 4, 20, 5, 21, 8, 24, 9, 25, 12, 28, 13, 29
#define HIGH_WORDS 2, 18, 3, 19, 6, 22, 7, 23, 10, 26, 11, 27, 14, 30, 15, 31
#define LOW_PAIRS 0, 1, 16, 17, 4, 5, 20, 21, 8, 9, 24, 25, 12, 13, 28, 29
#define HIGH_PAIRS 2, 3, 18, 19, 6, 7, 22, 23, 10, 11, 26, 27, 14, 15, 30, 31
#define EVEN_FOURS 0, 1, 2, 3, 8, 9, 10, 11, 16, 17, 18, 19, 24, 25, 26, 27
#define ODD_FOURS 4, 5, 6, 7, 12, 13, 14, 15, 20, 21, 22, 23, 28, 29, 30, 31
#endif
#define MERGED(a, b, list) __builtin_shufflevector(a, b, list)

#if LANES > 4
// Of rows that lie `distance` apart, the first gets the even fours of both and the second the odd ones.
INLINE void NAMED(merge_fours)(V *rows, int distance) {
    for (int i = 0; i < LANES; i++) {
        if (i & distance) continue;
        V a = rows[i], b = rows[i + distance];
        rows[i] = MERGED(a, b, EVEN_FOURS);
        rows[i + distance] = MERGED(a, b, ODD_FOURS);
    }
}
#endif

// Makes of rows columns.
INLINE void NAMED(transpose)(V *rows) {
    for (int i = 0; i < LANES; i += 4) {
        V a = MERGED(rows[i], rows[i + 1], LOW_WORDS), b = MERGED(rows[i], rows[i + 1], HIGH_WORDS);
        V c = MERGED(rows[i + 2], rows[i + 3], LOW_WORDS), d = MERGED(rows[i + 2], rows[i + 3], HIGH_WORDS);
        rows[i] = MERGED(a, c, LOW_PAIRS);
        rows[i + 1] = MERGED(a, c, HIGH_PAIRS);
        rows[i + 2] = MERGED(b, d, LOW_PAIRS);
        rows[i + 3] = MERGED(b, d, HIGH_PAIRS);
    }
#if LANES == 8
    NAMED(merge_fours)(rows, 4);
#elif LANES == 16
    NAMED(merge_fours)(rows, 4);
    NAMED(merge_fours)(rows, 8);
#endif
}

// The words of the block at `offset` of every lane.
INLINE void NAMED(load)(V *message, const unsigned char *const *lanes, size_t offset) {
    // So many streams at once are more than the processor follows by itself: what the lanes take next is asked for.
    for (int i = 0; i < LANES; i++) __builtin_prefetch(lanes[i] + offset + LANES * CBLAKE3_CHUNK);
    for (int part = 0; part < 16 / LANES; part++) {
        V *rows = message + part * LANES;
        for (int i = 0; i < LANES; i++) memcpy(&rows[i], lanes[i] + offset + sizeof(V) * (size_t)part, sizeof(V));
        NAMED(transpose)(rows);
    }
}

// Writes the chaining values of lanes `from` to `to`.
INLINE void NAMED(store)(const V *value, int from, int to, unsigned char *values) {
    V rows[LANES > 8 ? LANES : 8] = {0};
    for (int i = 0; i < 8; i++) rows[i] = value[i];
    NAMED(transpose)(rows);
    if (LANES == 4) NAMED(transpose)(rows + 4);
    for (int i = from; i < to; i++, values += CBLAKE3_SIZE) {
        memcpy(values, &rows[i], LANES == 4 ? 16 : 32);
        if (LANES == 4) memcpy(values + 16, &rows[i + 4], 16);
    }
}

#define ROTATED(word, count) ((word) >> (count) | (word) << (32 - (count)))

// BLAKE3, section 2.2.
INLINE void NAMED(mix)(V *a, V *b, V *c, V *d, V x, V y) {
    *a += *b + x;
    *d = ROTATED(*d ^ *a, 16);
    *c += *d;
    *b = ROTATED(*b ^ *c, 12);
    *a += *b + y;
    *d = ROTATED(*d ^ *a, 8);
    *c += *d;
    *b = ROTATED(*b ^ *c, 7);
}
#define MIX(a, b, c, d, x, y) NAMED(mix)(&v[a], &v[b], &v[c], &v[d], m[x], m[y]);
#define ROUND(s0, s1, s2, s3, s4, s5, s6, s7, s8, s9, s10, s11, s12, s13, s14, s15) \
    MIX(0, 4, 8, 12, s0, s1)                                                        \
    MIX(1, 5, 9, 13, s2, s3)                                                        \
    MIX(2, 6, 10, 14, s4, s5)                                                       \
    MIX(3, 7, 11, 15, s6, s7)                                                       \
    MIX(0, 5, 10, 15, s8, s9)                                                       \
    MIX(1, 6, 11, 12, s10, s11)                                                     \
    MIX(2, 7, 8, 13, s12, s13)                                                      \
    MIX(3, 4, 9, 14, s14, s15)

INLINE void NAMED(compress)(V *value, const V *m, V low, V high, V length, V flags) {
    V v[16];
    for (int i = 0; i < 8; i++) v[i] = value[i];
    for (int i = 0; i < 4; i++) v[i + 8] = blake3_start[i] - (V){0};
    v[12] = low, v[13] = high, v[14] = length, v[15] = flags;
    ALL_ROUNDS(ROUND)
    for (int i = 0; i < 8; i++) value[i] = v[i] ^ v[i + 8];
}

INLINE void NAMED(start)(V *value) {
    for (int i = 0; i < 8; i++) value[i] = blake3_start[i] - (V){0};
}

TARGET static void NAMED(chunks)(const unsigned char *bytes, size_t count, const unsigned char *last, size_t length,
                                 uint64_t first, unsigned char *values) {
    const unsigned char *lanes[LANES];
    V value[8], ended[8], low, high, message[16];
    for (size_t i = 0; i < LANES; i++) {
        // The lanes for which there is no chunk do the first one again.
        lanes[i] = i + 1 == count ? last : bytes + (i < count ? i : 0) * CBLAKE3_CHUNK;
        low[i] = (uint32_t)(first + i);
        high[i] = (uint32_t)((first + i) >> 32);
    }
    NAMED(start)(value);
    size_t end = (length - 1) / BLOCK;
    for (size_t block = 0; block < BLOCKS; block++) {
        V lengths = BLOCK - (V){0};
        V flags = (block == 0 ? CHUNK_START : block == BLOCKS - 1 ? CHUNK_END : 0) - (V){0};
        if (block == end) {
            lengths[count - 1] = (uint32_t)(length - end * BLOCK);
            flags[count - 1] |= CHUNK_END;
        }
        NAMED(load)(message, lanes, block * BLOCK);
        NAMED(compress)(value, message, low, high, lengths, flags);
        if (block == end) memcpy(ended, value, sizeof ended);
    }
    NAMED(store)(value, 0, (int)count, values);
    if (end < BLOCKS - 1) NAMED(store)(ended, (int)count - 1, (int)count, values + (count - 1) * CBLAKE3_SIZE);
}

TARGET static void NAMED(parents)(const unsigned char *values, size_t count, unsigned char *parents) {
    const unsigned char *lanes[LANES];
    V value[8], message[16], none = {0};
    for (size_t i = 0; i < LANES; i++) lanes[i] = values + (i < count ? i : 0) * BLOCK;
    NAMED(start)(value);
    NAMED(load)(message, lanes, 0);
    NAMED(compress)(value, message, none, none, BLOCK - none, PARENT - none);
    NAMED(store)(value, 0, (int)count, parents);
}

#undef V
#undef INLINE
#undef LOW_WORDS
#undef HIGH_WORDS
#undef LOW_PAIRS
#undef HIGH_PAIRS
#undef EVEN_FOURS
#undef ODD_FOURS
#undef MERGED
#undef ROTATED
#undef MIX
#undef ROUND
#undef LANES
#undef TARGET
#undef NAMED
