/* dot.c - dot blocks (RFC 5321 section 4.5.2, RFC 1939 section 3, RFC 3977
 * section 3.1.1): in, scanned in blocks so that a sink gets large pieces and
 * memory stays constant; out, with line ends and dots put right. */
#include "client/conn.h"

#include <string.h>

#include "client/scan.h"

/* --- in --- */

static int need(SimpleClient *c, size_t n)
{
    struct sc_conn *k = c->conn;
    ssize_t got;

    while (k->rend - k->rpos < n) {
        if ((got = sc_conn_fill(c, true)) < 0)
            return (int)got;
        if (got == 0)
            return sc_break(c, SC_ESHORT,
                            "the connection ended before the final dot");
    }
    return 0;
}

/* A line begins with a dot. Returns 1 at the block's end; else the dot is
 * gone and what follows is text. */
static int dot_line(SimpleClient *c)
{
    struct sc_conn *k = c->conn;
    int rc;

    if ((rc = need(c, 2)) < 0)
        return rc;
    if (k->rb[k->rpos + 1] == '\n' && !k->dot_in.strict) {
        sc_conn_took(k, 2);
        return 1;
    }
    if (k->rb[k->rpos + 1] == '\r') {
        if ((rc = need(c, 3)) < 0)
            return rc;
        if (k->rb[k->rpos + 2] == '\n') {
            sc_conn_took(k, 3);
            return 1;
        }
    }
    sc_conn_took(k, 1);
    k->dot_in.last = '.';
    k->dot_in.line_start = false;
    return 0;
}

/* What has come up to the next line that begins with a dot, at most MOST bytes,
 * is taken. Borrowed until more is read. */
static struct sc_span take_text(struct sc_conn *k, size_t most)
{
    struct sc_dot_in *d = &k->dot_in;
    size_t n = k->rend - k->rpos < most ? k->rend - k->rpos : most;
    const char *p = k->rb + k->rpos, *end = p + n, *at = p;
    char before;

    while ((at = sc_scan_dot(at, end)) != NULL) {
        if (!d->strict || (at > p ? at[-1] : d->last) == '\r')
            break;
        at++; /* LF alone begins no line */
    }
    n = at != NULL ? (size_t)(at + 1 - p) : n;
    before = n > 1 ? p[n - 2] : d->last;
    d->last = p[n - 1];
    d->line_start = d->last == '\n' && (!d->strict || before == '\r');
    sc_conn_took(k, n);
    return (struct sc_span){p, n};
}

/* The next piece of text, at most MOST bytes: returns 1; 0 at the end. Waits. */
static int next_piece(SimpleClient *c, size_t most, struct sc_span *piece)
{
    struct sc_conn *k = c->conn;
    int rc;

    do {
        if ((rc = need(c, 1)) < 0)
            return rc;
        if (!k->dot_in.line_start || k->rb[k->rpos] != '.') {
            *piece = take_text(k, most);
            return 1;
        }
    } while ((rc = dot_line(c)) == 0);
    return rc < 0 ? rc : 0;
}

/* Until the block has ended, nobody else reads. */
static void begin_in(struct sc_conn *k)
{
    k->dot_in = (struct sc_dot_in){
        .strict = k->opt.flags & SC_OPT_STRICT_LINES,
        .line_start = true,
        .last = '\n',
    };
    k->stall_left = 0;
    k->block = true;
}

static int read_block(SimpleClient *c, sc_sink sink, void *arg)
{
    struct sc_conn *k = c->conn;
    struct sc_span piece;
    int rc;

    while ((rc = next_piece(c, SIZE_MAX, &piece)) > 0) {
        rc = sink(arg, piece.data, piece.len);
        if (k->broken)
            return k->broken;
        if (rc < 0)
            return sc_break(c, rc, "what came was not taken: %s",
                            sc_strerror(rc));
    }
    return rc;
}

int sc_read_dot_to(SimpleClient *c, sc_sink sink, void *arg)
{
    int rc;

    if ((rc = sc_read_begin(c)) < 0)
        return rc;
    begin_in(c->conn);
    sc_conn_hold(c); /* the sink may wait */
    rc = read_block(c, sink, arg);
    c->conn->block = false;
    return sc_conn_leave(c, rc);
}

/* Between two parts nobody is inside, but the block is not over. */
static int begin_part(SimpleClient *c)
{
    struct sc_conn *k = c->conn;
    int rc;

    if (k->part && !k->reading)
        return sc_conn_check(k);
    if ((rc = sc_read_begin(c)) < 0)
        return rc;
    begin_in(k);
    k->part = true;
    return 0;
}

ssize_t sc_read_dot_part(SimpleClient *c, void *buf, size_t n)
{
    struct sc_conn *k = c->conn;
    struct sc_span piece;
    int rc;

    if (n == 0)
        return sc_fail(c, SC_EINVAL, "no room to read into");
    if ((rc = begin_part(c)) < 0)
        return rc;
    sc_conn_hold(c);
    if ((rc = next_piece(c, n, &piece)) > 0)
        memcpy(buf, piece.data, piece.len);
    else
        k->block = k->part = false;
    rc = sc_conn_leave(c, rc);
    return rc > 0 ? (ssize_t)piece.len : rc;
}

int sc_read_dot(SimpleClient *c, struct sc_buf *out)
{
    int rc = sc_read_dot_to(c, sc_buf_sink, out);

    /* An empty block is a success too: data is never NULL after one. */
    return rc == 0 ? sc_buf_add(out, "", 0) : rc;
}

/* --- out --- */

/* Every CR of P is followed by LF; the last one may have it in the next
 * part. */
static bool ends_are_clean(const struct sc_conn *k, const char *p, size_t n)
{
    const char *end = p + n, *cr = p;

    if (k->dot_cr && n && *p != '\n')
        return false;
    while (cr < end && (cr = memchr(cr, '\r', (size_t)(end - cr))) != NULL) {
        if (++cr < end && *cr != '\n')
            return false;
    }
    return true;
}

/* One line, or the piece of one that this part has. */
static int put_piece(SimpleClient *c, const char *p, size_t n, bool ended)
{
    struct sc_conn *k = c->conn;
    int rc = 0;

    if (n && *p == '.' && !k->dot_mid_line)
        rc = sc_queue_add(c, ".", 1);
    while (rc == 0 && n > 0) {
        size_t part = n < SC_QUEUE_BIG ? n : SC_QUEUE_BIG;

        k->dot_mid_line = true;
        rc = sc_queue_add(c, p, part);
        p += part;
        n -= part;
    }
    if (rc < 0 || !ended)
        return rc;
    k->dot_mid_line = false;
    return sc_queue_add(c, "\r\n", 2);
}

/* Half a block cannot be taken back: the peer would take all that follows for
 * text. */
static int bare_cr(SimpleClient *c)
{
    static const char words[] = "a bare CR in the text";
    const struct sc_conn *k = c->conn;

    return k->queued_total > k->dot_at ? sc_break(c, SC_EINVAL, words)
                                       : sc_fail(c, SC_EINVAL, words);
}

static void begin_block(struct sc_conn *k)
{
    if (!k->dot_begun)
        k->dot_at = k->queued_total;
    k->dot_begun = true;
}

/* The line P, or what this part has of it, up to LF (or END: LF is NULL). */
static int put_line(SimpleClient *c, const char *p, const char *lf,
                    const char *end)
{
    struct sc_conn *k = c->conn;
    size_t len = (size_t)((lf != NULL ? lf : end) - p);

    /* A CR waits for its LF, in this part or the next one. */
    k->dot_cr = lf == NULL && p[len - 1] == '\r';
    if (len && p[len - 1] == '\r')
        len--;
    return put_piece(c, p, len, lf != NULL);
}

/* P..LF ends in CRLF and is a whole line that needs no other dot. */
static bool goes_as_it_lies(const struct sc_conn *k, const char *p,
                            const char *lf)
{
    return lf != NULL && lf > p && lf[-1] == '\r' && *p != '.' &&
           !k->dot_mid_line;
}

static int put_run(SimpleClient *c, const char *p, size_t n)
{
    return n > 0 ? sc_write(c, p, n) : 0;
}

int sc_write_dot(SimpleClient *c, const void *text, size_t n)
{
    const char *p = text, *end = p + n, *run = p, *lf;
    struct sc_conn *k = c->conn;
    int rc;

    if ((rc = sc_write_begin(c)) < 0)
        return rc;
    begin_block(k);
    if (!ends_are_clean(k, p, n))
        return bare_cr(c);
    for (; p < end && rc == 0; p = lf != NULL ? lf + 1 : end) {
        lf = memchr(p, '\n', (size_t)(end - p));
        if (goes_as_it_lies(k, p, lf))
            continue;
        rc = put_run(c, run, (size_t)(p - run));
        if (rc == 0)
            rc = put_line(c, p, lf, end);
        run = lf != NULL ? lf + 1 : end;
    }
    if (rc == 0)
        rc = put_run(c, run, (size_t)(end - run));
    /* Nobody could say how much of it was taken. */
    return rc < 0 ? sc_break(c, rc, "%s", sc_strerror(rc)) : 0;
}

/* N bytes of which only the first may be a dot that begins a line. */
static int put_stuffed(SimpleClient *c, const char *p, size_t n)
{
    struct sc_conn *k = c->conn;
    int rc = 0;

    if (!k->dot_mid_line && *p == '.')
        rc = sc_queue_add(c, ".", 1);
    k->dot_mid_line = p[n - 1] != '\n';
    return rc < 0 ? rc : sc_write(c, p, n);
}

int sc_write_dot_lines(SimpleClient *c, const void *lines, size_t n)
{
    const char *p = lines, *end = p + n, *next;
    int rc;

    if ((rc = sc_write_begin(c)) < 0)
        return rc;
    begin_block(c->conn);
    for (; p < end && rc == 0; p = next) {
        next = sc_scan_dot(p, end);
        next = next != NULL ? next + 1 : end;
        rc = put_stuffed(c, p, (size_t)(next - p));
    }
    return rc < 0 ? sc_break(c, rc, "%s", sc_strerror(rc)) : 0;
}

int sc_end_dot(SimpleClient *c)
{
    struct sc_conn *k = c->conn;
    bool mid;
    int rc;

    if ((rc = sc_write_begin(c)) < 0)
        return rc;
    if (k->dot_cr)
        return bare_cr(c);
    mid = k->dot_mid_line;
    sc_dot_forget(k);
    if (k->opt.trace != NULL)
        sc_conn_trace(k, '>', ".", 1);
    return sc_queue_add(c, mid ? "\r\n.\r\n" : ".\r\n", mid ? 5 : 3);
}
