/* scan.c - the pair "\n." in a block, wherever there are no vector
 * instructions, and at a block's end; memmem is three times slower. */
#include "client/scan.h"

#include <string.h>

const char *sc_scan_dot_plain(const char *p, const char *end)
{
    const char *dot;

    /* Dots are rarer than line ends in most text. */
    for (const char *at = p + 1; at < end; at = dot + 1) {
        if ((dot = memchr(at, '.', (size_t)(end - at))) == NULL)
            break;
        if (dot[-1] == '\n')
            return dot - 1;
    }
    return NULL;
}
