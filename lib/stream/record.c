/* record.c - write down the dialogue that passes, as a script that
 * sc_script_open plays back. A line is written once it is whole, or as raw
 * bytes when the other side speaks meanwhile. What is written to the stream
 * below is recorded first: its answer may come before the write returns. */
#include "core/mem.h"
#include "core/text.h"

#include <simpleclient/class.h>
#include <simpleclient/script.h>

#include <string.h>

enum { LINE_LIMIT = 8192, RAW_PIECE = 1024 };

struct record_stream {
    Stream base;
    sc_sink sink;
    void *arg;
    struct sc_buf line;   /* what is not a whole line yet */
    char side;            /* of LINE: 'S' or 'C' */
    struct sc_buf script; /* on its way to the sink */
    bool server_ended;    /* S. or S! is written */
    int error;            /* of the sink, or memory; sticky */
};

static int add_escaped(struct sc_buf *b, unsigned char c)
{
    if (c == '\r')
        return sc_buf_add(b, "\\r", 2);
    if (c == '\n')
        return sc_buf_add(b, "\\n", 2);
    if (c == '\\')
        return sc_buf_add(b, "\\\\", 2);
    if (c < 0x20 || c >= 0x7f)
        return sc_buf_addf(b, "\\x%02x", c);
    return sc_buf_add(b, &c, 1);
}

static void note(struct record_stream *r, int rc)
{
    if (rc < 0 && r->error == 0)
        r->error = rc;
}

static void add_raw(struct record_stream *r, const char *p, size_t n)
{
    while (n > 0) {
        size_t part = n < RAW_PIECE ? n : RAW_PIECE;

        note(r, sc_buf_addf(&r->script, "%c: ", r->side == 'S' ? 's' : 'c'));
        for (size_t i = 0; i < part; i++)
            note(r, add_escaped(&r->script, (unsigned char)p[i]));
        note(r, sc_buf_add(&r->script, "\n", 1));
        p += part;
        n -= part;
    }
}

/* P is up to an LF, or what there is of a line. */
static void add_line(struct record_stream *r, const char *p, size_t n)
{
    if (n < 2 || memcmp(p + n - 2, "\r\n", 2) != 0 || !sc_line_safe(p, n - 2)) {
        add_raw(r, p, n);
        return;
    }
    note(r, sc_buf_addf(&r->script, "%c: ", r->side));
    note(r, sc_buf_add(&r->script, p, n - 2));
    note(r, sc_buf_add(&r->script, "\n", 1));
}

static void end_piece(struct record_stream *r)
{
    if (r->line.len > 0)
        add_line(r, r->line.data, r->line.len);
    r->line.len = 0;
}

static void add(struct record_stream *r, char side, const char *p, size_t n)
{
    if (side != r->side)
        end_piece(r);
    r->side = side;
    while (n > 0) {
        const char *lf = memchr(p, '\n', n);
        size_t part = lf != NULL ? (size_t)(lf - p) + 1 : n;

        if (part > LINE_LIMIT - r->line.len)
            part = LINE_LIMIT - r->line.len;
        note(r, sc_buf_add(&r->line, p, part));
        if (p[part - 1] == '\n' || r->line.len == LINE_LIMIT)
            end_piece(r);
        p += part;
        n -= part;
    }
}

static void add_mark(struct record_stream *r, const char *mark)
{
    end_piece(r);
    note(r, sc_buf_addf(&r->script, "%s\n", mark));
}

/* The script is taken out before the sink has it: it may wait, and the other
 * direction records meanwhile. */
static int deliver(struct record_stream *r, struct sc_wait *w)
{
    struct sc_buf out = r->script;

    r->script = (struct sc_buf){0};
    if (r->error == 0 && out.len > 0)
        note(r, r->sink(r->arg, out.data, out.len));
    sc_buf_free(&out);
    if (r->error != 0 && w != NULL)
        return sc_error_set(w->err, r->error, "record: %s",
                            sc_strerror(r->error));
    return r->error;
}

static void add_server_end(struct record_stream *r, const char *mark)
{
    if (!r->server_ended)
        add_mark(r, mark);
    r->server_ended = true;
}

static ssize_t record_read(Stream *s, void *buf, size_t n, struct sc_wait *w)
{
    struct record_stream *r = (struct record_stream *)s;
    ssize_t got = sc_stream_read(s->below, buf, n, w);
    int rc;

    if (got > 0)
        add(r, 'S', buf, (size_t)got);
    else if (got == 0)
        add_server_end(r, "S.");
    else if (got == SC_ECONNRESET)
        add_server_end(r, "S!");
    else if (got == SC_ETIMEDOUT && !r->server_ended)
        add_mark(r, "S~");
    rc = deliver(r, got < 0 ? NULL : w);
    return rc < 0 && got >= 0 ? rc : got;
}

static int record_writev(Stream *s, const struct sc_span *v, size_t n,
                         struct sc_wait *w)
{
    struct record_stream *r = (struct record_stream *)s;
    int rc;

    for (size_t i = 0; i < n; i++)
        add(r, 'C', v[i].data, v[i].len);
    if ((rc = deliver(r, w)) < 0)
        return rc;
    rc = sc_stream_writev(s->below, v, n, w);
    if (rc == SC_ECONNRESET || rc == SC_EPIPE)
        add_server_end(r, "S!");
    return rc;
}

static int record_shutdown(Stream *s, struct sc_wait *w)
{
    struct record_stream *r = (struct record_stream *)s;
    int rc;

    add_mark(r, "C.");
    if ((rc = deliver(r, w)) < 0)
        return rc;
    return sc_stream_shutdown(s->below, w);
}

static void record_cleanup(Stream *s)
{
    struct record_stream *r = (struct record_stream *)s;

    end_piece(r);
    deliver(r, NULL);
    sc_buf_free(&r->line);
    sc_buf_free(&r->script);
}

static const struct stream_class record_class = {
    .name = "record",
    .size = sizeof(struct record_stream),
    .read = record_read,
    .writev = record_writev,
    .sendfile = sc_stream_copy_file,
    .shutdown = record_shutdown,
    .interrupt = sc_stream_below_interrupt,
    .info = sc_stream_no_info,
    .cleanup = record_cleanup,
};

Stream *sc_record_wrap(Stream *low, sc_sink sink, void *arg,
                       struct sc_error *err)
{
    struct record_stream *r;

    if (low == NULL) {
        sc_error_set(err, SC_EINVAL, "record: no stream to wrap");
        return NULL;
    }
    if ((r = sc_stream_new(&record_class)) == NULL) {
        sc_error_set(err, SC_ENOMEM, "record: no memory");
        return NULL;
    }
    r->sink = sink;
    r->arg = arg;
    r->side = 'S';
    r->base.below = low;
    return &r->base;
}
