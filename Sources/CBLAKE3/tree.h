// What the tree asks of the lanes. Words are little-endian in BLAKE3, and in the memory of every processor that this is
// for, so that they are loaded and stored as they are.
#ifndef BLAKE3_TREE_H
#define BLAKE3_TREE_H

#include "cblake3.h"

#if __BYTE_ORDER__ != __ORDER_LITTLE_ENDIAN__
#error "words are taken to be little-endian"
#endif

#define BLOCK 64
#define BLOCKS (CBLAKE3_CHUNK / BLOCK)

// BLAKE3, section 2.1: flags of a compression.
enum { CHUNK_START = 1, CHUNK_END = 2, PARENT = 4, ROOT = 8 };

// One way to do the same.
struct blake3_way {
    // The most that `chunks` and `parents` take at once.
    size_t width;
    // The chaining values of `count` chunks, one after the other but for the `last`, which has `length` bytes, and
    // zeros up to the length of a chunk.
    void (*chunks)(const unsigned char *bytes, size_t count, const unsigned char *last, size_t length, uint64_t first,
                   unsigned char *values);
    // The chaining values of `count` parents of two chaining values each; may write where it reads.
    void (*parents)(const unsigned char *values, size_t count, unsigned char *parents);
    // The chaining value of bytes, which may be none, that are compressed block by block; with these flags at the first
    // and the last one.
    void (*run)(const unsigned char *bytes, size_t count, uint64_t counter, uint32_t first, uint32_t last,
                unsigned char *value);
};

// The best of this processor.
const struct blake3_way *blake3_best(void);

// The one with so many lanes, or NULL.
const struct blake3_way *blake3_with_lanes(int lanes);

// BLAKE3, section 2.2: the initial chaining value, which is SHA-256's.
static const uint32_t blake3_start[8] = {
    0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a, 0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19,
};

// BLAKE3, section 2.2: which word of the message is taken where, of each of the seven rounds.
#define ALL_ROUNDS(ROUND)                                        \
    ROUND(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15)  \
    ROUND(2, 6, 3, 10, 7, 0, 4, 13, 1, 11, 12, 5, 9, 14, 15, 8)  \
    ROUND(3, 4, 10, 12, 13, 2, 7, 14, 6, 5, 9, 0, 11, 15, 8, 1)  \
    ROUND(10, 7, 12, 9, 14, 3, 13, 15, 4, 0, 11, 2, 5, 8, 1, 6)  \
    ROUND(12, 13, 9, 11, 15, 10, 14, 8, 7, 2, 5, 3, 0, 1, 6, 4)  \
    ROUND(9, 14, 11, 5, 8, 12, 15, 1, 13, 3, 0, 10, 2, 6, 4, 7)  \
    ROUND(11, 15, 5, 0, 1, 9, 8, 6, 14, 10, 2, 12, 3, 4, 7, 13)

#endif
