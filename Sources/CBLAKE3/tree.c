#include "tree.h"

#include <string.h>

// How many chunks are hashed before their parents are: enough that almost all parents fill the lanes.
#define BATCH 256

// The chaining value, or the digest, of a chunk that may have no bytes.
static void take_chunk(const struct blake3_way *way, const unsigned char *bytes, size_t count, uint64_t number,
                       uint32_t flags, unsigned char *value) {
    way->run(bytes, count, number, CHUNK_START, CHUNK_END | flags, value);
}

static void take_parent(const struct blake3_way *way, const unsigned char *values, uint32_t flags,
                        unsigned char *value) {
    way->run(values, BLOCK, 0, PARENT, flags, value);
}

// The value of the tree above these, two or more, which are overwritten. An odd one at the end of a level is one of the
// level above: the left side of every parent is full.
static void join(const struct blake3_way *way, unsigned char *values, size_t count, uint32_t flags,
                 unsigned char *value) {
    while (count > 2) {
        size_t pairs = count / 2;
        for (size_t done = 0; done < pairs;) {
            size_t some = pairs - done < way->width ? pairs - done : way->width;
            unsigned char *place = values + done * CBLAKE3_SIZE;
            if (some > 1) way->parents(values + 2 * done * CBLAKE3_SIZE, some, place);
            else take_parent(way, values + 2 * done * CBLAKE3_SIZE, 0, place);
            done += some;
        }
        if (count % 2) memmove(values + pairs * CBLAKE3_SIZE, values + (count - 1) * CBLAKE3_SIZE, CBLAKE3_SIZE);
        count -= pairs;
    }
    take_parent(way, values, flags, value);
}

// The value of a batch of chunks, two or more.
static void take_batch(const struct blake3_way *way, const unsigned char *bytes, size_t count, uint64_t first,
                       uint32_t flags, unsigned char *value) {
    unsigned char values[BATCH * CBLAKE3_SIZE], end[CBLAKE3_CHUNK];
    size_t chunks = (count - 1) / CBLAKE3_CHUNK + 1;
    size_t length = count - (chunks - 1) * CBLAKE3_CHUNK;
    for (size_t done = 0; done < chunks;) {
        size_t some = chunks - done < way->width ? chunks - done : way->width;
        // Lanes take as long for two chunks as for all; with a short one, they are sooner done one after the other.
        if (chunks == 2 && length <= CBLAKE3_CHUNK / 2) some = 1;
        const unsigned char *place = bytes + done * CBLAKE3_CHUNK, *last = place + (some - 1) * CBLAKE3_CHUNK;
        unsigned char *next = values + done * CBLAKE3_SIZE;
        bool is_end = done + some == chunks;
        if (some == 1) {
            take_chunk(way, place, is_end ? length : CBLAKE3_CHUNK, first + done, 0, next);
        } else {
            if (is_end && length < CBLAKE3_CHUNK) {
                memcpy(end, last, length);
                memset(end + length, 0, sizeof end - length);
                last = end;
            }
            way->chunks(place, some, last, is_end ? length : CBLAKE3_CHUNK, first + done, next);
        }
        done += some;
    }
    join(way, values, chunks, flags, value);
}

static void take(const struct blake3_way *way, const unsigned char *bytes, size_t count, uint64_t first,
                 uint32_t flags, unsigned char *value) {
    if (count <= CBLAKE3_CHUNK) {
        take_chunk(way, bytes, count, first, flags, value);
    } else if (count <= BATCH * CBLAKE3_CHUNK) {
        take_batch(way, bytes, count, first, flags, value);
    } else {
        // BLAKE3, section 2.1: the left side is the largest power of two of chunks that leaves some for the right.
        unsigned char values[2 * CBLAKE3_SIZE];
        size_t left = BATCH * CBLAKE3_CHUNK;
        while (left < count - left) left *= 2;
        take(way, bytes, left, first, 0, values);
        take(way, bytes + left, count - left, first + left / CBLAKE3_CHUNK, 0, values + CBLAKE3_SIZE);
        take_parent(way, values, flags, value);
    }
}

void cblake3(const void *bytes, size_t count, unsigned char *digest) {
    take(blake3_best(), bytes, count, 0, ROOT, digest);
}

void cblake3_part(const void *bytes, size_t count, uint64_t first_chunk, unsigned char *value) {
    take(blake3_best(), bytes, count, first_chunk, 0, value);
}

void cblake3_join(unsigned char *values, size_t count, unsigned char *digest) {
    join(blake3_best(), values, count, ROOT, digest);
}

bool cblake3_in_lanes(int lanes, const void *bytes, size_t count, unsigned char *digest) {
    const struct blake3_way *way = blake3_with_lanes(lanes);
    if (way) take(way, bytes, count, 0, ROOT, digest);
    return way != NULL;
}
