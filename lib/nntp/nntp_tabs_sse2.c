/* nntp_tabs_sse2.c - where a line is cut into fields, 64 bytes a step: fields are
 * too short for one memchr each. */
#include "nntp/nntp_over.h"

#include <emmintrin.h>

static uint64_t hits(const char *p)
{
    __m128i block = _mm_loadu_si128((const __m128i *)(const void *)p);

    return (unsigned)_mm_movemask_epi8(
        _mm_cmpeq_epi8(block, _mm_set1_epi8('\t')));
}

/* A bit for each TAB of the 64 bytes at P, or of those before END. LINE has 16
 * bytes or more: of the last ones some are looked at twice. */
static uint64_t tabs_at(const char *p, const char *end)
{
    uint64_t found = 0;
    unsigned at;

    if (end - p >= 64)
        return hits(p) | hits(p + 16) << 16 | hits(p + 32) << 32 |
               hits(p + 48) << 48;
    for (at = 0; end - p >= 16; p += 16, at += 16)
        found |= hits(p) << at;
    if (p < end)
        found |= hits(end - 16) >> (16 - (end - p)) << at;
    return found;
}

size_t nntp_tabs(struct sc_span line, const char **tabs, size_t most)
{
    const char *end = line.data + line.len;
    size_t n = 0;

    if (line.len < 16)
        return nntp_tabs_plain(line, tabs, most);
    for (size_t at = 0; at < line.len; at += 64) {
        uint64_t found = tabs_at(line.data + at, end);

        for (; found != 0; found &= found - 1) {
            if (n == most)
                return n;
            tabs[n++] = line.data + at + __builtin_ctzll(found);
        }
    }
    return n;
}
