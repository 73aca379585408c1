/* transcript.c - lines of both sides, one each. */

#include <stdio.h>

#include "transcript.h"

void show_transcript(void *arg, int direction, const char *text, size_t n)
{
    (void)arg;
    flockfile(stderr);
    fprintf(stderr, "%c ", direction);
    for (size_t i = 0; i < n; i++)
        putc_unlocked((unsigned char)text[i] < ' ' || text[i] == 0x7f ? '?'
                                                                      : text[i],
                      stderr);
    putc_unlocked('\n', stderr);
    funlockfile(stderr);
}
