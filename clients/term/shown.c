/* shown.c - control characters do not reach a terminal; bytes beyond ASCII do,
 * they are somebody's letters. */

#include "shown.h"

void put_shown(FILE *to, const char *p, size_t n)
{
    for (size_t i = 0; i < n; i++)
        putc((unsigned char)p[i] < ' ' || p[i] == 0x7f ? '?' : p[i], to);
}
