/* record.c - a stream that writes down the dialogue that passes, as a script
 * that sc_script_open plays back. What is written to the stream below is
 * recorded first: its answer may come before the write returns. */
#include "stream/recorder.h"

#include <simpleclient/script.h>

struct record_stream {
    Stream base;
    struct sc_recorder *r; /* owned */
};

static struct sc_recorder *recorder_of(Stream *s)
{
    return ((struct record_stream *)s)->r;
}

static ssize_t record_read(Stream *s, void *buf, size_t n, struct sc_wait *w)
{
    struct sc_recorder *r = recorder_of(s);
    ssize_t got = sc_stream_read(s->below, buf, n, w);
    int rc;

    if (got > 0)
        sc_recorder_add(r, 'S', buf, (size_t)got);
    else if (got == 0)
        sc_recorder_end(r, "S.");
    else if (got == SC_ECONNRESET)
        sc_recorder_end(r, "S!");
    else if (got == SC_ETIMEDOUT && w->until > 0) /* else only a look */
        sc_recorder_mark(r, "S~");
    rc = sc_recorder_deliver(r, got < 0 ? NULL : w);
    return rc < 0 && got >= 0 ? rc : got;
}

static int record_writev(Stream *s, const struct sc_span *v, size_t n,
                         struct sc_wait *w)
{
    struct sc_recorder *r = recorder_of(s);
    int rc;

    for (size_t i = 0; i < n; i++)
        sc_recorder_add(r, 'C', v[i].data, v[i].len);
    if ((rc = sc_recorder_deliver(r, w)) < 0)
        return rc;
    rc = sc_stream_writev(s->below, v, n, w);
    if (rc == SC_ECONNRESET || rc == SC_EPIPE)
        sc_recorder_end(r, "S!");
    return rc;
}

static int record_sendfile(Stream *s, int fd, uint64_t offset, uint64_t n,
                           struct sc_wait *w)
{
    int rc;

    sc_recorder_file(recorder_of(s), true);
    rc = sc_stream_copy_file(s, fd, offset, n, w);
    sc_recorder_file(recorder_of(s), false);
    return rc;
}

static int record_shutdown(Stream *s, struct sc_wait *w)
{
    struct sc_recorder *r = recorder_of(s);
    int rc;

    sc_recorder_mark(r, "C.");
    if ((rc = sc_recorder_deliver(r, w)) < 0)
        return rc;
    return sc_stream_shutdown(s->below, w);
}

/* Somebody may be inside for a while yet. */
static void record_interrupt(Stream *s, int error)
{
    if (error == SC_ECLOSED)
        sc_recorder_close(recorder_of(s));
    sc_stream_below_interrupt(s, error);
}

static void record_cleanup(Stream *s)
{
    sc_recorder_free(recorder_of(s));
}

static const struct stream_class record_class = {
    .name = "record",
    .size = sizeof(struct record_stream),
    .read = record_read,
    .writev = record_writev,
    .sendfile = record_sendfile,
    .shutdown = record_shutdown,
    .interrupt = record_interrupt,
    .info = sc_stream_no_info,
    .cleanup = record_cleanup,
};

Stream *sc_recorder_lay(struct sc_recorder *r, Stream *low)
{
    struct record_stream *s = sc_stream_new(&record_class);

    if (s == NULL)
        return NULL;
    s->r = r;
    s->base.below = low;
    return &s->base;
}

struct sc_recorder *sc_recorder_of(Stream *s)
{
    return recorder_of(s);
}

struct sc_recorder *sc_recorder_lift(Stream *s, Stream **low)
{
    struct record_stream *top = (struct record_stream *)s;
    struct sc_recorder *r = top->r;

    *low = s->below;
    s->below = NULL;
    top->r = NULL;
    sc_stream_let_go(s);
    return r;
}

Stream *sc_record_wrap(Stream *low, sc_sink sink, void *arg,
                       struct sc_error *err)
{
    struct sc_recorder *r;
    Stream *s = NULL;

    if (low == NULL) {
        sc_error_set(err, SC_EINVAL, "record: no stream to wrap");
        return NULL;
    }
    if ((r = sc_recorder_new(sink, arg, 0, NULL)) != NULL &&
        (s = sc_recorder_lay(r, low)) == NULL)
        sc_recorder_free(r);
    if (s == NULL)
        sc_error_set(err, SC_ENOMEM, "record: no memory");
    return s;
}
