/* nntp_tabs_sse2.c - where a line is cut into fields, 16 bytes a step: fields
 * are too short for one memchr each. */
#include "nntp/nntp_over.h"

#include <emmintrin.h>

static unsigned hits(const char *p)
{
    __m128i block = _mm_loadu_si128((const __m128i *)(const void *)p);

    return (unsigned)_mm_movemask_epi8(
        _mm_cmpeq_epi8(block, _mm_set1_epi8('\t')));
}

size_t nntp_tabs(struct sc_span line, const char **tabs, size_t most)
{
    const char *p = line.data, *end = p + line.len;
    unsigned found;
    size_t n = 0;

    if (line.len < 16)
        return nntp_tabs_plain(line, tabs, most);
    for (; p < end; p += 16) {
        if (end - p >= 16) {
            found = hits(p);
        } else { /* the last bytes: some of the 16 were seen */
            found = hits(end - 16) >> (16 - (end - p));
        }
        for (; found != 0; found &= found - 1) {
            if (n == most)
                return n;
            tabs[n++] = p + __builtin_ctz(found);
        }
    }
    return n;
}
