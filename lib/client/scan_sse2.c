/* scan_sse2.c - the pair "\n." in a block, 16 bytes a step: every x86-64 has
 * SSE2. */
#include "client/scan.h"

#include <emmintrin.h>

const char *sc_scan_dot(const char *p, const char *end)
{
    const __m128i lf = _mm_set1_epi8('\n'), dot = _mm_set1_epi8('.');
    __m128i a, b;
    int hits;

    for (; end - p > 16; p += 16) {
        a = _mm_loadu_si128((const __m128i *)(const void *)p);
        b = _mm_loadu_si128((const __m128i *)(const void *)(p + 1));
        a = _mm_and_si128(_mm_cmpeq_epi8(a, lf), _mm_cmpeq_epi8(b, dot));
        if ((hits = _mm_movemask_epi8(a)) != 0)
            return p + __builtin_ctz((unsigned)hits);
    }
    return sc_scan_dot_plain(p, end);
}
