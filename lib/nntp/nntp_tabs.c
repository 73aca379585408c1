/* nntp_tabs.c - where a line is cut into fields, wherever there are no vector
 * instructions, and for short lines. */
#include "nntp/nntp_over.h"

size_t nntp_tabs_plain(struct sc_span line, const char **tabs, size_t most)
{
    const char *p = line.data, *end = p + line.len;
    size_t n = 0;

    for (; p < end && n < most; p++)
        if (*p == '\t')
            tabs[n++] = p;
    return n;
}
