/* smtp_scan.c - count line ends, and find bytes that need an extension, as fast
 * as memory is read: blocks of fixed size become vector instructions. */

#include "smtp/smtp_scan.h"

/* At most 255: a byte counts them. Not 16: gcc 12 -O3 counts those wrong. */
enum { BLOCK = 192, SMALL = 32 };

/* P[SIZE] can be read, too. SIZE is a constant wherever this is called. */
static inline void count_block(struct smtp_counts *c, const unsigned char *p,
                               int size)
{
    unsigned char cr = 0, lf = 0, pairs = 0, high = 0, nul = 0;

    for (int i = 0; i < size; i++) {
        cr = (unsigned char)(cr + (p[i] == '\r'));
        lf = (unsigned char)(lf + (p[i] == '\n'));
        pairs = (unsigned char)(pairs + ((p[i] == '\r') & (p[i + 1] == '\n')));
        high |= p[i];
        nul |= p[i] == 0;
    }
    c->cr += cr;
    c->lf += lf;
    c->pairs += pairs;
    c->high |= high > 127;
    c->nul |= nul != 0;
}

/* A pair counts where its CR stands. */
static void count_within(struct smtp_counts *c, const char *from,
                         const char *to)
{
    const unsigned char *p = (const unsigned char *)from;
    const unsigned char *end = (const unsigned char *)to;

    for (; end - p > BLOCK; p += BLOCK)
        count_block(c, p, BLOCK);
    for (; end - p > SMALL; p += SMALL)
        count_block(c, p, SMALL);
    for (; p < end; p++) {
        if (*p > '\r' && *p < 128) /* most are */
            continue;
        c->cr += *p == '\r';
        c->lf += *p == '\n';
        c->pairs += *p == '\r' && p + 1 < end && p[1] == '\n';
        c->high |= *p > 127;
        c->nul |= *p == 0;
    }
}

/* Across an edge a pair counts where its LF stands. */
static void enter(struct smtp_counts *c, const char *text, size_t n)
{
    c->bytes += n;
    c->pairs += c->last == '\r' && *text == '\n';
    c->last = text[n - 1];
}

void smtp_count(struct smtp_counts *c, const char *text, size_t n)
{
    if (n == 0)
        return;
    enter(c, text, n);
    count_within(c, smtp_count_wide(c, text, text + n), text + n);
}

void smtp_count_plain(struct smtp_counts *c, const char *text, size_t n)
{
    if (n == 0)
        return;
    enter(c, text, n);
    count_within(c, text, text + n);
}
