/* nntp_tabs_plain.c - where a line is cut into fields, on processors without
 * SSE2. */
#include "nntp/nntp_over.h"

size_t nntp_tabs(struct sc_span line, const char **tabs, size_t most)
{
    return nntp_tabs_plain(line, tabs, most);
}
