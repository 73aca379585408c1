/* news_overview.c - a million of them are printed in one go: no call for each
 * byte. */

#include <inttypes.h>
#include <stdio.h>

#include "news_overview.h"

/* Bytes that may be shown go as they are, in one piece. */
static void put(struct sc_span s)
{
    size_t start = 0, i;

    for (i = 0; i < s.len; i++)
        if ((unsigned char)s.data[i] < ' ' || s.data[i] == 0x7f) {
            fwrite(s.data + start, 1, i - start, stdout);
            putc('?', stdout);
            start = i + 1;
        }
    fwrite(s.data + start, 1, i - start, stdout);
}

void print_column(bool first, struct sc_span text)
{
    if (!first)
        putc('\t', stdout);
    put(text);
}

int print_overview(const struct nntp_article *a)
{
    printf("%" PRIu64, a->number);
    print_column(false, a->subject);
    print_column(false, a->from);
    print_column(false, a->date);
    print_column(false, a->message_id);
    print_column(false, a->references);
    printf("\t%" PRIu64 "\t%" PRIu64 "\n", a->bytes, a->lines);
    return ferror(stdout) ? -1 : 0;
}
