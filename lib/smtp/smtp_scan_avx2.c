/* smtp_scan_avx2.c - what smtp_scan.c counts, 32 bytes a step, where the
 * processor has AVX2: three times as fast. */

#include "smtp/smtp_scan.h"

#if defined __x86_64__ && defined __GNUC__

#include <immintrin.h>

#define AVX2 __attribute__((target("avx2")))

enum { STEP = 32, STEPS_MOST = 255 }; /* a byte counts them */

/* What each column of bytes has had. */
struct columns {
    __m256i cr, lf, pairs;
    __m256i any; /* the bits of all */
    __m256i min;
};

AVX2 static inline uint64_t sum(__m256i counts)
{
    uint64_t part[4];

    counts = _mm256_sad_epu8(counts, _mm256_setzero_si256());
    _mm256_storeu_si256((__m256i *)(void *)part, counts);
    return part[0] + part[1] + part[2] + part[3];
}

AVX2 static inline void add(struct smtp_counts *c, const struct columns *v)
{
    __m256i nul = _mm256_cmpeq_epi8(v->min, _mm256_setzero_si256());

    c->cr += sum(v->cr);
    c->lf += sum(v->lf);
    c->pairs += sum(v->pairs);
    c->high |= _mm256_movemask_epi8(v->any) != 0;
    c->nul |= _mm256_movemask_epi8(nul) != 0;
}

/* P..END are at most STEPS_MOST steps, and END can be read. */
AVX2 static inline void count(struct smtp_counts *c, const char *p,
                              const char *end)
{
    const __m256i is_cr = _mm256_set1_epi8('\r');
    const __m256i is_lf = _mm256_set1_epi8('\n');
    struct columns v = {.min = _mm256_set1_epi8(-1)};

    for (; p < end; p += STEP) {
        __m256i a = _mm256_loadu_si256((const __m256i *)(const void *)p);
        __m256i b = _mm256_loadu_si256((const __m256i *)(const void *)(p + 1));
        __m256i cr = _mm256_cmpeq_epi8(a, is_cr);
        __m256i pair = _mm256_and_si256(cr, _mm256_cmpeq_epi8(b, is_lf));

        /* True is -1. */
        v.cr = _mm256_sub_epi8(v.cr, cr);
        v.lf = _mm256_sub_epi8(v.lf, _mm256_cmpeq_epi8(a, is_lf));
        v.pairs = _mm256_sub_epi8(v.pairs, pair);
        v.any = _mm256_or_si256(v.any, a);
        v.min = _mm256_min_epu8(v.min, a);
    }
    add(c, &v);
}

/* Upper halves left dirty would make all SSE code after it slower. */
AVX2 static const char *count_all(struct smtp_counts *c, const char *p,
                                  const char *end)
{
    while (end - p > STEP) {
        size_t steps = (size_t)(end - p - 1) / STEP;

        if (steps > STEPS_MOST)
            steps = STEPS_MOST;
        count(c, p, p + steps * STEP);
        p += steps * STEP;
    }
    _mm256_zeroupper();
    return p;
}

const char *smtp_count_wide(struct smtp_counts *c, const char *p,
                            const char *end)
{
    return __builtin_cpu_supports("avx2") ? count_all(c, p, end) : p;
}

#else

const char *smtp_count_wide(struct smtp_counts *c, const char *p,
                            const char *end)
{
    (void)c;
    (void)end;
    return p;
}

#endif
