#include "csha256.h"

#include <dlfcn.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdint.h>
#include <string.h>

// How many bytes this process hashes before libcrypto is worth its loading, which takes about a millisecond.
#define MANY (256u << 10)

typedef int updater(SHA256_CTX *, const void *, size_t);

static updater *update_by_libcrypto;

static void load(void) {
    // Of the version that the header is of, for the structure is shared with it.
    void *library = dlopen("libcrypto.so.3", RTLD_LAZY | RTLD_LOCAL);
    if (library) update_by_libcrypto = (updater *)dlsym(library, "SHA256_Update");
}

// libcrypto's function, once there was much to hash; NULL before, and where there is no libcrypto.
static updater *libcrypto(size_t count) {
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    static atomic_size_t hashed;
    // Not counted any further than that, so that the threads do not fight over the counter.
    if (atomic_load_explicit(&hashed, memory_order_relaxed) < MANY
        && atomic_fetch_add_explicit(&hashed, count, memory_order_relaxed) + count < MANY)
        return NULL;
    pthread_once(&once, load);
    return update_by_libcrypto;
}

// FIPS 180-4, section 4.2.2.
static const uint32_t constants[64] = {
    0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5,
    0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
    0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
    0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
    0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
    0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
    0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
    0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2,
};

static uint32_t rotated(uint32_t word, int count) { return word >> count | word << (32 - count); }

static uint32_t big_endian(const unsigned char *bytes) {
    return (uint32_t)bytes[0] << 24 | (uint32_t)bytes[1] << 16 | (uint32_t)bytes[2] << 8 | bytes[3];
}

// FIPS 180-4, section 6.2.2.
static void take_block(SHA256_CTX *context, const unsigned char *block) {
    uint32_t words[64];
    for (int i = 0; i < 16; i++) words[i] = big_endian(block + 4 * i);
    for (int i = 16; i < 64; i++) {
        uint32_t near = words[i - 2], far = words[i - 15];
        words[i] = (rotated(near, 17) ^ rotated(near, 19) ^ near >> 10) + words[i - 7]
            + (rotated(far, 7) ^ rotated(far, 18) ^ far >> 3) + words[i - 16];
    }
    uint32_t a = context->h[0], b = context->h[1], c = context->h[2], d = context->h[3];
    uint32_t e = context->h[4], f = context->h[5], g = context->h[6], h = context->h[7];
    for (int i = 0; i < 64; i++) {
        uint32_t first = h + (rotated(e, 6) ^ rotated(e, 11) ^ rotated(e, 25)) + ((e & f) ^ (~e & g)) + constants[i]
            + words[i];
        uint32_t second = (rotated(a, 2) ^ rotated(a, 13) ^ rotated(a, 22)) + ((a & b) ^ (a & c) ^ (b & c));
        h = g;
        g = f;
        f = e;
        e = d + first;
        d = c;
        c = b;
        b = a;
        a = first + second;
    }
    context->h[0] += a;
    context->h[1] += b;
    context->h[2] += c;
    context->h[3] += d;
    context->h[4] += e;
    context->h[5] += f;
    context->h[6] += g;
    context->h[7] += h;
}

void csha256_init(SHA256_CTX *context) {
    static const uint32_t start[8] = {
        0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a, 0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19,
    };
    memset(context, 0, sizeof *context);
    memcpy(context->h, start, sizeof start);
    context->md_len = SHA256_DIGEST_LENGTH;
}

// `Nl` and `Nh` hold the number of bits, `data` the first `num` bytes of a block that is not whole yet.
void csha256_update_here(SHA256_CTX *context, const void *bytes, size_t count) {
    const unsigned char *next = bytes;
    uint64_t bits = ((uint64_t)context->Nh << 32 | context->Nl) + ((uint64_t)count << 3);
    context->Nl = (SHA_LONG)bits;
    context->Nh = (SHA_LONG)(bits >> 32);
    unsigned char *pending = (unsigned char *)context->data;
    if (context->num > 0) {
        size_t room = SHA256_CBLOCK - context->num;
        size_t part = count < room ? count : room;
        memcpy(pending + context->num, next, part);
        context->num += (unsigned)part;
        next += part;
        count -= part;
        if (context->num < SHA256_CBLOCK) return;
        take_block(context, pending);
        context->num = 0;
    }
    for (; count >= SHA256_CBLOCK; next += SHA256_CBLOCK, count -= SHA256_CBLOCK) take_block(context, next);
    memcpy(pending, next, count);
    context->num = (unsigned)count;
}

void csha256_update(SHA256_CTX *context, const void *bytes, size_t count) {
    updater *bulk = libcrypto(count);
    if (!bulk || bulk(context, bytes, count) != 1) csha256_update_here(context, bytes, count);
}

void csha256_final(unsigned char *digest, SHA256_CTX *context) {
    unsigned char end[SHA256_CBLOCK * 2] = {0x80};
    uint64_t bits = (uint64_t)context->Nh << 32 | context->Nl;
    // The padding ends a block with the number of bits in 64.
    size_t zeros = (SHA256_CBLOCK * 2 - 9 - context->num) % SHA256_CBLOCK;
    for (int i = 0; i < 8; i++) end[1 + zeros + i] = (unsigned char)(bits >> (56 - 8 * i));
    csha256_update_here(context, end, 1 + zeros + 8);
    for (int i = 0; i < 8; i++) {
        for (int j = 0; j < 4; j++) digest[4 * i + j] = (unsigned char)(context->h[i] >> (24 - 8 * j));
    }
}
