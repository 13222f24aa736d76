// BLAKE3 without a key, 32 bytes of it: https://github.com/BLAKE3-team/BLAKE3-specs. Many chunks are hashed side by
// side in the lanes of the processor's vectors.
#ifndef CBLAKE3_H
#define CBLAKE3_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// The size of a digest, and of the chaining value of a part.
#define CBLAKE3_SIZE 32
// The size of a chunk, a leaf of the tree.
#define CBLAKE3_CHUNK 1024

// Writes the digest of these bytes.
void cblake3(const void *bytes, size_t count, unsigned char digest[CBLAKE3_SIZE]);

// Writes the chaining value of a part of some input, for `cblake3_join`. All parts of it have the same length, a power
// of two of chunks; the last one may be shorter, and not empty. `first_chunk` is how many chunks are before it.
void cblake3_part(const void *bytes, size_t count, uint64_t first_chunk, unsigned char value[CBLAKE3_SIZE]);

// Writes the digest of the input whose parts, two or more, have these chaining values, which are overwritten.
void cblake3_join(unsigned char *values, size_t count, unsigned char digest[CBLAKE3_SIZE]);

// As `cblake3`, with that many lanes: 4 everywhere, 8 (AVX2) and 16 (AVX-512) where the processor has them; else false,
// and nothing is written. What the tests hold against each other.
bool cblake3_in_lanes(int lanes, const void *bytes, size_t count, unsigned char digest[CBLAKE3_SIZE]);

#endif
