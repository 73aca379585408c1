/* scan_plain.c - the pair "\n." in a block, on processors without SSE2. */
#include "client/scan.h"

const char *sc_scan_dot(const char *p, const char *end)
{
    return sc_scan_dot_plain(p, end);
}
