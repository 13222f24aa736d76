#include "tree.h"

#include <string.h>

#define LANES 4
#define TARGET
#define NAMED(name) name##_4
#include "lanes.h"
#define TARGET
#define NAMED(name) name##_4
#include "row.h"

static const struct blake3_way with_4 = {4, chunks_4, parents_4, run_4};

#if defined(__x86_64__)

#define AVX2 __attribute__((target("avx2")))
#define AVX512 __attribute__((target("avx512f,avx512vl,avx512bw")))

#define LANES 8
#define TARGET AVX2
#define NAMED(name) name##_8
#include "lanes.h"
#define TARGET AVX2
#define NAMED(name) name##_8
#include "row.h"

// Eight lanes with what AVX-512 has for them, for when there are no more to fill: half the time of sixteen.
#define LANES 8
#define TARGET AVX512
#define NAMED(name) name##_half
#include "lanes.h"
#define LANES 16
#define TARGET AVX512
#define NAMED(name) name##_16
#include "lanes.h"
#define TARGET AVX512
#define NAMED(name) name##_16
#include "row.h"

AVX512 static void chunks_8_or_16(const unsigned char *bytes, size_t count, const unsigned char *last, size_t length,
                                  uint64_t first, unsigned char *values) {
    (count > 8 ? chunks_16 : chunks_half)(bytes, count, last, length, first, values);
}

AVX512 static void parents_8_or_16(const unsigned char *values, size_t count, unsigned char *parents) {
    (count > 8 ? parents_16 : parents_half)(values, count, parents);
}

static const struct blake3_way with_8 = {8, chunks_8, parents_8, run_8};
static const struct blake3_way with_16 = {16, chunks_8_or_16, parents_8_or_16, run_16};

static bool has_8(void) { return __builtin_cpu_supports("avx2"); }

static bool has_16(void) {
    return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512vl")
        && __builtin_cpu_supports("avx512bw");
}

const struct blake3_way *blake3_with_lanes(int lanes) {
    if (lanes == 16 && has_16()) return &with_16;
    if (lanes == 8 && has_8()) return &with_8;
    return lanes == 4 ? &with_4 : NULL;
}

// The questions read a word that was filled before `main`.
const struct blake3_way *blake3_best(void) { return has_16() ? &with_16 : has_8() ? &with_8 : &with_4; }

#else

const struct blake3_way *blake3_with_lanes(int lanes) { return lanes == 4 ? &with_4 : NULL; }

const struct blake3_way *blake3_best(void) { return &with_4; }

#endif
