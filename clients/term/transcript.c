/* transcript.c - lines of both sides, one each. */

#include <stdio.h>

#include "shown.h"
#include "transcript.h"

void show_transcript(void *arg, int direction, const char *text, size_t n)
{
    (void)arg;
    flockfile(stderr);
    fprintf(stderr, "%c ", direction);
    put_shown(stderr, text, n);
    putc('\n', stderr);
    funlockfile(stderr);
}
