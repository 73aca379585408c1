/* news_lines.c - text may be cut anywhere: what may be part of "From " or of an
 * end of a line is held back. */

#include <string.h>

#include "news_lines.h"

static const char word[] = "From ";
enum { WORD = sizeof word - 1 };

/* What was held back is not "From ". */
static size_t release(struct lines *l, char *out)
{
    size_t n = l->matched;

    memcpy(out, word, n);
    l->matched = 0;
    l->start = false;
    return n;
}

/* A byte at the start of a line. True: it was taken. */
static bool match(struct lines *l, char c, char *out, size_t *n)
{
    if (c == '>' && l->matched == 0) {
        out[(*n)++] = c;
        return true;
    }
    if (c != word[l->matched]) {
        *n += release(l, out + *n);
        return false;
    }
    if (++l->matched == WORD) {
        out[(*n)++] = '>';
        *n += release(l, out + *n);
    }
    return true;
}

static size_t add_byte(struct lines *l, char c, char *out)
{
    size_t n = 0;

    if (l->cr && c != '\n') {
        if (l->start)
            n += release(l, out);
        out[n++] = '\r';
    }
    l->cr = c == '\r';
    if (l->quoted && l->start && c != '\r' && c != '\n' && match(l, c, out, &n))
        return n;
    if (c == '\r')
        return n;
    if (c == '\n')
        n += release(l, out + n);
    l->start = c == '\n';
    out[n++] = c;
    return n;
}

size_t lines_add(struct lines *l, const char *p, size_t n, char *out)
{
    size_t made = 0;

    for (size_t i = 0; i < n; i++)
        made += add_byte(l, p[i], out + made);
    return made;
}

size_t lines_end(struct lines *l, char *out)
{
    size_t n = release(l, out);

    if (l->cr)
        out[n++] = '\r';
    l->cr = false;
    return n;
}
