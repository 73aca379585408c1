/* yenc_run_sse2.c - yEnc's plain bytes, 16 a step. A step stores all 16, also
 * those behind the one that ends it: they are written over later. */
#include "nntp/yenc.h"

#include <emmintrin.h>

static __m128i load(const uint8_t *p)
{
    return _mm_loadu_si128((const __m128i *)(const void *)p);
}

static void store(uint8_t *p, __m128i v)
{
    _mm_storeu_si128((__m128i *)(void *)p, v);
}

static __m128i is(__m128i v, char c)
{
    return _mm_cmpeq_epi8(v, _mm_set1_epi8(c));
}

size_t nntp_yenc_run(const uint8_t *p, size_t n, uint8_t *out)
{
    const __m128i shift = _mm_set1_epi8(YENC_SHIFT);
    size_t i;

    for (i = 0; n - i >= 16; i += 16) {
        __m128i v = load(p + i);
        __m128i ends =
            _mm_or_si128(is(v, '='), _mm_or_si128(is(v, '\r'), is(v, '\n')));
        unsigned found = (unsigned)_mm_movemask_epi8(ends);

        store(out + i, _mm_sub_epi8(v, shift));
        if (found != 0)
            return i + (size_t)__builtin_ctz(found);
    }
    return i + nntp_yenc_run_plain(p + i, n - i, out + i);
}

size_t nntp_yenc_clean(const uint8_t *p, size_t n, uint8_t *out)
{
    const __m128i shift = _mm_set1_epi8(YENC_SHIFT);
    size_t i;

    for (i = 0; n - i >= 16; i += 16) {
        __m128i v = _mm_add_epi8(load(p + i), shift);
        __m128i ends = _mm_or_si128(_mm_or_si128(is(v, '='), is(v, '\0')),
                                    _mm_or_si128(is(v, '\r'), is(v, '\n')));
        unsigned found = (unsigned)_mm_movemask_epi8(ends);

        store(out + i, v);
        if (found != 0)
            return i + (size_t)__builtin_ctz(found);
    }
    return i + nntp_yenc_clean_plain(p + i, n - i, out + i);
}
