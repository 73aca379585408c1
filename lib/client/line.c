/* line.c - lines and bytes out of a stream, lent from one buffer: nothing is
 * copied but the rest of a line that the buffer's end has cut, and no byte is
 * looked at twice for its LF. */
#include "client/conn.h"

#include <string.h>

#include "core/mem.h"
#include "stream/sock.h"

/* --- waiting for input --- */

int sc_read_begin_slow(SimpleClient *c)
{
    struct sc_conn *k = c->conn;
    int rc;

    if ((rc = sc_conn_check(k)) < 0)
        return rc;
    if (k->reading || k->block)
        return SC_EBUSY;
    if (k->poison)
        return sc_queue_settle_poison(c);
    if (k->npending && !k->taking)
        return sc_answered(c, NULL);
    return 0;
}

void sc_unit_begin(struct sc_conn *k)
{
    if (k->unit++ == 0)
        k->unit_until = 0;
}

/* A line, reply or head has one deadline, from its first wait on. */
static int64_t line_until(struct sc_conn *k)
{
    if (k->unit == 0)
        return sc_conn_until(k, k->opt.wait_ms);
    if (k->unit_until == 0)
        k->unit_until = sc_conn_until(k, k->opt.wait_ms);
    return k->unit_until;
}

/* Only time spent waiting counts against a body. */
static int64_t body_until(struct sc_conn *k, int64_t *from)
{
    if (k->stall_left == 0) {
        k->stall_left = k->opt.stall_ms;
        k->stall_got = 0;
    }
    *from = sc_now();
    return sc_conn_until(k, k->stall_left);
}

static void body_came(struct sc_conn *k, ssize_t n, int64_t from)
{
    if (n > 0)
        k->stall_got += (size_t)n;
    if (k->stall_got >= k->opt.stall_bytes) {
        k->stall_left = 0;
        return;
    }
    k->stall_left -= sc_now() - from;
    if (k->stall_left < 1)
        k->stall_left = 1;
}

/* --- the buffer --- */

/* Room behind rend; what is lent is over by now. */
int sc_rbuf_space(struct sc_conn *k)
{
    size_t cap;
    char *p;

    if (k->rpos > 0) {
        k->rend -= k->rpos;
        k->rscan -= k->rpos;
        memmove(k->rb, k->rb + k->rpos, k->rend);
        k->rpos = 0;
    }
    if (k->rb == NULL)
        sc_rbuf_take(k);
    if (k->rend < k->rcap)
        return 0;
    cap = k->rcap ? k->rcap * 2 : SC_READ_SIZE;
    if ((p = sc_realloc(k->rb, cap)) == NULL)
        return SC_ENOMEM;
    k->rb = p;
    k->rcap = cap;
    return 0;
}

/* Thousands that wait for input need no buffer: the few that have some share
 * the warm ones. */
static ssize_t read_into_buffer(struct sc_conn *k, struct sc_wait *w, bool body)
{
    ssize_t got;
    int rc = 0;

    if (k->rpos == k->rend) {
        sc_rbuf_give(k);
        rc = sc_sock_await(k->s, w);
    }
    if (rc < 0 || (rc = sc_rbuf_space(k)) < 0)
        return rc;
    got = sc_stream_read(k->s, k->rb + k->rend, k->rcap - k->rend, w);
    /* A body that fills it comes fast: take more at once. */
    k->fast = (body && got == (ssize_t)(k->rcap - k->rend)) ||
              (k->fast && got > SC_READ_SIZE);
    return got;
}

/* BUF NULL: into the client's own buffer. */
static ssize_t receive(SimpleClient *c, char *buf, size_t n, bool body)
{
    struct sc_conn *k = c->conn;
    struct sc_error err;
    struct sc_wait w = {0, &err};
    int64_t from = 0;
    ssize_t got;

    if (k->reading)
        return SC_EBUSY;
    if (sc_conn_late(k))
        return sc_conn_failed(c, SC_ETIMEDOUT, SC_PHASE_RECEIVE, NULL);
    err.text[0] = '\0';
    err.status = 0;
    w.until = body ? body_until(k, &from) : line_until(k);
    sc_conn_hold(c);
    k->reading = true;
    got = buf != NULL ? sc_stream_read(k->s, buf, n, &w)
                      : read_into_buffer(k, &w, body);
    k->reading = false;
    if (got > 0)
        k->seen = true;
    if (body)
        body_came(k, got, from);
    if (got < 0 && got != SC_EBUSY)
        got = sc_conn_failed(c, (int)got, SC_PHASE_RECEIVE, &err);
    else if (k->broken)
        got = k->broken; /* by the writer meanwhile */
    k->eof = got == 0;
    n = got > 0 ? (size_t)got : 0;
    got = sc_conn_leave(c, got > 0 ? 0 : (int)got);
    return got < 0 ? got : (ssize_t)n;
}

ssize_t sc_conn_fill(SimpleClient *c, bool body)
{
    struct sc_conn *k = c->conn;
    ssize_t n;
    int rc;

    if ((rc = sc_send_before_read(c)) < 0)
        return rc;
    if (k->eof)
        return 0;
    n = receive(c, NULL, 0, body);
    if (n > 0)
        k->rend += (size_t)n;
    return n;
}

/* --- lines --- */

static inline bool find_line(struct sc_conn *k, struct sc_span *line)
{
    const bool strict = k->opt.flags & SC_OPT_STRICT_LINES;
    const char *start, *lf;

    if (k->rscan == k->rend)
        return false; /* nothing new, or no buffer yet */
    start = k->rb + k->rpos;
    while (k->rscan < k->rend) {
        lf = memchr(k->rb + k->rscan, '\n', k->rend - k->rscan);
        if (lf == NULL)
            break;
        k->rscan = (size_t)(lf + 1 - k->rb);
        if (lf > start && lf[-1] == '\r')
            lf--;
        else if (strict)
            continue;
        k->rpos = k->rscan;
        line->data = start;
        line->len = (size_t)(lf - start);
        return true;
    }
    k->rscan = k->rend;
    return false;
}

static int too_long(SimpleClient *c)
{
    return sc_break(c, SC_ETOOBIG, "a line of more than %zu bytes came",
                    c->conn->opt.line_limit);
}

static int line_ended(SimpleClient *c)
{
    struct sc_conn *k = c->conn;

    if (k->rend > k->rpos)
        return sc_break(c, SC_ESHORT, "the connection ended within a line");
    return sc_break(c, SC_EOF, "the server ended the connection");
}

static int line_wait(SimpleClient *c, struct sc_span *line)
{
    struct sc_conn *k = c->conn;
    ssize_t n;

    do {
        if (k->rend - k->rpos > 1 && k->rend - k->rpos - 1 > k->opt.line_limit)
            return too_long(c);
        if ((n = sc_conn_fill(c, false)) < 0)
            return (int)n;
        if (n == 0)
            return line_ended(c);
    } while (!find_line(k, line));
    return 0;
}

int sc_readline(SimpleClient *c, struct sc_span *line)
{
    struct sc_conn *k = c->conn;
    int rc;

    if ((rc = sc_read_begin(c)) < 0)
        return rc;
    k->stall_left = 0;
    if (!find_line(k, line)) {
        sc_unit_begin(k);
        rc = line_wait(c, line);
        sc_unit_end(k);
        if (rc < 0)
            return rc;
    }
    if (line->len > k->opt.line_limit)
        return too_long(c);
    if (k->opt.trace != NULL)
        sc_conn_trace(k, '<', line->data, line->len);
    return 0;
}

/* --- bytes --- */

/* At least one byte buffered: how many; 0 at the end. */
static ssize_t some(SimpleClient *c, bool body)
{
    struct sc_conn *k = c->conn;
    ssize_t n;

    if (k->rend == k->rpos && (n = sc_conn_fill(c, body)) <= 0)
        return n;
    return (ssize_t)(k->rend - k->rpos);
}

static size_t take(struct sc_conn *k, void *buf, size_t n)
{
    if (n > k->rend - k->rpos)
        n = k->rend - k->rpos;
    memcpy(buf, k->rb + k->rpos, n);
    sc_conn_took(k, n);
    return n;
}

static ssize_t read_some(SimpleClient *c, void *buf, size_t n, bool body,
                         size_t direct)
{
    struct sc_conn *k = c->conn;
    ssize_t got;
    int rc;

    if (n == 0)
        return 0;
    if (k->rend == k->rpos && n >= direct) {
        if ((rc = sc_send_before_read(c)) < 0)
            return rc;
        return k->eof ? 0 : receive(c, buf, n, body);
    }
    if ((got = some(c, body)) <= 0)
        return got;
    return (ssize_t)take(k, buf, n);
}

ssize_t sc_read(SimpleClient *c, void *buf, size_t n)
{
    int rc;

    if ((rc = sc_read_begin(c)) < 0)
        return rc;
    if (n == 0) /* 0 would be the end */
        return sc_fail(c, SC_EINVAL, "read of no bytes");
    return read_some(c, buf, n, false, SC_READ_SIZE / 4);
}

ssize_t sc_read_body(SimpleClient *c, void *buf, size_t n)
{
    int rc;

    if ((rc = sc_read_begin(c)) < 0)
        return rc;
    return read_some(c, buf, n, true, 1);
}

ssize_t sc_read_chunk(SimpleClient *c, void *buf, size_t n)
{
    int rc;

    if ((rc = sc_read_begin(c)) < 0)
        return rc;
    return read_some(c, buf, n, true, SC_READ_FAST / 4);
}

ssize_t sc_read_view(SimpleClient *c, size_t max, struct sc_span *view)
{
    struct sc_conn *k = c->conn;
    ssize_t n;

    if ((n = sc_read_begin(c)) < 0 || (n = some(c, true)) <= 0)
        return n;
    view->data = k->rb + k->rpos;
    view->len = (size_t)n < max ? (size_t)n : max;
    sc_conn_took(k, view->len);
    return (ssize_t)view->len;
}

int sc_read_exact(SimpleClient *c, void *buf, size_t n)
{
    size_t had = 0;
    ssize_t got = 1;
    int rc;

    if ((rc = sc_read_begin(c)) < 0)
        return rc;
    c->conn->stall_left = 0;
    while (had < n && got > 0) {
        got = read_some(c, (char *)buf + had, n - had, true, SC_READ_SIZE / 4);
        had += got > 0 ? (size_t)got : 0;
    }
    if (got < 0)
        return (int)got;
    if (had < n)
        return sc_break(c, SC_ESHORT, "ended after %zu of %zu bytes", had, n);
    return 0;
}

int sc_peek(SimpleClient *c, size_t n, struct sc_span *view)
{
    struct sc_conn *k = c->conn;
    ssize_t got = 1;
    int rc;

    if ((rc = sc_read_begin(c)) < 0)
        return rc;
    if (n > 2 && n - 2 > k->opt.line_limit)
        return sc_fail(c, SC_EINVAL, "peek of %zu bytes", n);
    sc_unit_begin(k);
    while ((k->rend == k->rpos || k->rend - k->rpos < n) && got > 0)
        got = sc_conn_fill(c, false);
    sc_unit_end(k);
    if (got < 0)
        return (int)got;
    view->data = k->rb + k->rpos;
    view->len = k->rend - k->rpos;
    return view->len ? 0 : SC_EOF;
}

/* --- until one of several strings --- */

static int check_strings(SimpleClient *c, const char *const *strings,
                         size_t *longest)
{
    size_t n;

    for (*longest = 0; strings != NULL && *strings != NULL; strings++) {
        n = strlen(*strings);
        if (n == 0 || n > SC_READ_SIZE / 2)
            return sc_fail(c, SC_EINVAL, "no string to read until");
        if (n > *longest)
            *longest = n;
    }
    return 0;
}

/* The earliest of them in what has come: its index and end, or -1. */
static int find_string(const struct sc_conn *k, const char *const *strings,
                       size_t *end)
{
    const char *p = k->rb + k->rpos, *at, *first = NULL;
    size_t n = k->rend - k->rpos;
    int found = -1;

    for (int i = 0; strings != NULL && strings[i] != NULL; i++) {
        at = n ? memmem(p, n, strings[i], strlen(strings[i])) : NULL;
        if (at != NULL && (first == NULL || at < first)) {
            first = at;
            found = i;
            *end = (size_t)(at - p) + strlen(strings[i]);
        }
    }
    return found;
}

static int give(SimpleClient *c, struct sc_buf *out, size_t n)
{
    struct sc_conn *k = c->conn;
    int rc = sc_buf_add(out, n ? k->rb + k->rpos : "", n);

    if (rc < 0)
        return sc_break(c, rc, "%s", sc_strerror(rc));
    sc_conn_took(k, n);
    return 0;
}

static int read_until(SimpleClient *c, const char *const *strings,
                      size_t longest, struct sc_buf *out)
{
    struct sc_conn *k = c->conn;
    size_t end = 0, n, keep = longest ? longest - 1 : 0;
    ssize_t got;
    int rc, found;

    while ((found = find_string(k, strings, &end)) < 0) {
        n = k->rend - k->rpos;
        if (n > keep && (rc = give(c, out, n - keep)) < 0)
            return rc;
        if ((got = sc_conn_fill(c, longest == 0)) < 0)
            return (int)got;
        if (got > 0)
            continue;
        rc = give(c, out, k->rend - k->rpos);
        if (rc < 0 || longest == 0)
            return rc;
        return sc_break(c, SC_ESHORT, "the connection ended too early");
    }
    rc = give(c, out, end);
    return rc < 0 ? rc : found;
}

int sc_read_until(SimpleClient *c, const char *const *strings,
                  struct sc_buf *out)
{
    size_t longest;
    int rc;

    if ((rc = sc_read_begin(c)) < 0 ||
        (rc = check_strings(c, strings, &longest)) < 0)
        return rc;
    c->conn->stall_left = 0;
    sc_unit_begin(c->conn);
    rc = read_until(c, strings, longest, out);
    sc_unit_end(c->conn);
    return rc;
}
