/* nntp_lines.c - the lines of a dot block that comes cut anywhere (RFC 3977
 * section 3.1.1). A line is lent where it lies; only what was cut is copied. */

#include <string.h>

#include "nntp/nntp_over.h"

enum { LINE_MOST = 1 << 20 };

static size_t most(const struct nntp_lines *l)
{
    return l->hold.limit > 0 ? l->hold.limit : LINE_MOST;
}

static int take_line(struct nntp_lines *l, const char *p, size_t n)
{
    if (n > most(l))
        return SC_ETOOBIG;
    if (n > 0 && p[n - 1] == '\r')
        n--;
    return l->line(l, (struct sc_span){p, n});
}

static int hold(struct nntp_lines *l, const char *p, size_t n)
{
    l->hold.limit = most(l);
    l->cut = true;
    return sc_buf_add(&l->hold, p, n);
}

/* The end of a line whose beginning came before. */
static int take_held(struct nntp_lines *l, const char *p, size_t n)
{
    int rc = hold(l, p, n);

    if (rc == 0)
        rc = take_line(l, l->hold.data, l->hold.len);
    l->hold.len = 0;
    l->cut = false;
    return rc;
}

int nntp_lines_sink(void *lines, const void *data, size_t n)
{
    struct nntp_lines *l = lines;
    const char *p = data, *end = p + n, *lf;
    int rc = 0;

    while (p < end && (lf = memchr(p, '\n', (size_t)(end - p))) != NULL) {
        rc = l->cut ? take_held(l, p, (size_t)(lf - p))
                    : take_line(l, p, (size_t)(lf - p));
        if (rc < 0)
            return rc;
        p = lf + 1;
    }
    return p < end ? hold(l, p, (size_t)(end - p)) : 0;
}

int nntp_lines_end(struct nntp_lines *l)
{
    int rc = l->cut ? SC_ESHORT : 0;

    sc_buf_free(&l->hold);
    l->cut = false;
    return rc;
}
