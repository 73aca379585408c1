/* gopher_lines.c - the lines of a text or menu (RFC 1436 section 3.9): dots are
 * unstuffed, a dot alone ends it. Computes only. */

#include <string.h>

#include "gopher/gopher_client.h"

/* What is held was no dot alone. */
static size_t let_go(struct gopher_lines *l, char *out)
{
    size_t n = l->nheld;

    memmove(out, l->held, n);
    l->nheld = 0;
    return n;
}

static bool holds_line(const struct gopher_lines *l)
{
    return l->nheld > 0 && l->held[l->nheld - 1] == '\n';
}

/* At a line's beginning. Returns how many bytes of IN were taken: 1, or 0: what
 * comes is the line's text, or another line. */
static size_t take_dot(struct gopher_lines *l, char c)
{
    const char last = l->nheld > 0 ? l->held[l->nheld - 1] : '\0';

    if ((l->nheld == 0 && c == '.') || (last == '.' && c == '\r') ||
        ((last == '.' || last == '\r') && c == '\n')) {
        l->held[l->nheld++] = c;
        return 1;
    }
    return 0;
}

static size_t rest_of_line(struct gopher_lines *l, const char *in, size_t n)
{
    const char *lf = memchr(in, '\n', n);

    l->mid_line = lf == NULL;
    return lf != NULL ? (size_t)(lf + 1 - in) : n;
}

static size_t at_end(struct gopher_lines *l, char *out)
{
    l->ended = true;
    if (l->nheld == 0)
        return 0;
    l->dotted = l->held[l->nheld - 1] != '\r';
    return l->dotted ? 0 : let_go(l, out);
}

size_t gopher_undot(struct gopher_lines *l, char *out, const char *in, size_t n)
{
    const char *end = in + n;
    size_t put = 0, len;

    if (n == 0)
        return at_end(l, out);
    while (in < end && !l->ended) {
        if (!l->mid_line && !holds_line(l) && take_dot(l, *in)) {
            in++;
            if (l->menu && holds_line(l))
                l->ended = l->dotted = true;
            continue;
        }
        if (holds_line(l)) { /* and yet something follows */
            put += let_go(l, out + put);
            continue;
        }
        if (l->nheld == 1 && *in == '.') /* of two dots one goes */
            l->nheld = 0;
        put += let_go(l, out + put);
        len = rest_of_line(l, in, (size_t)(end - in));
        memmove(out + put, in, len);
        put += len;
        in += len;
    }
    return put;
}
