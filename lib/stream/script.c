/* script.c - a peer played from "S:" and "C:" lines, as a stream. Reader and
 * writer go through the script apart, as over a network: a client may send
 * before it has read what came, but never reads what answers a line it has
 * yet to send. */
#include "stream/script_text.h"

#include <simpleclient/class.h>
#include <simpleclient/script.h>

#include <string.h>

struct cursor {
    size_t event;
    size_t at; /* bytes of it that are done */
};

struct script_stream {
    Stream base;
    struct sc_script text;
    struct cursor reader, writer;
    size_t split;
    int stopped;           /* what interrupt said */
    struct sc_error wrong; /* the first difference */
};

/* Both directions fail alike from the first difference on. */
static int state_of(struct script_stream *s, struct sc_wait *w)
{
    if (s->wrong.code != 0)
        return sc_error_set(w->err, s->wrong.code, "%s", s->wrong.text);
    if (s->stopped != 0)
        return sc_error_set(w->err, s->stopped, "script: %s",
                            sc_strerror(s->stopped));
    return 0;
}

/* Bytes that can be read now, taken out of the script into BUF. */
static size_t take(struct script_stream *s, char *buf, size_t n)
{
    const struct sc_event *e;
    size_t got = 0;

    while (got < n &&
           (e = sc_script_event(&s->text, s->reader.event)) != NULL) {
        size_t left = e->len - s->reader.at;
        size_t part = left < n - got ? left : n - got;

        if (sc_by_client(e) && s->reader.event < s->writer.event) {
            s->reader.event++;
            continue;
        }
        if (e->kind != EVENT_SAY)
            break;
        memcpy(buf + got, sc_script_bytes(&s->text, e).data + s->reader.at,
               part);
        got += part;
        s->reader.at += part;
        if (part == left)
            s->reader = (struct cursor){s->reader.event + 1, 0};
    }
    return got;
}

static int read_too_early(struct script_stream *s, const struct sc_event *e)
{
    char text[SC_SHOWN];

    if (e->kind == EVENT_HALF)
        return sc_error_set(&s->wrong, SC_ESCRIPT,
                            "script line %d: expected a half-close, got a read",
                            e->line);
    return sc_error_set(&s->wrong, SC_ESCRIPT,
                        "script line %d: expected %s, got a read", e->line,
                        sc_script_quote(text, sc_script_bytes(&s->text, e),
                                        (struct sc_span){NULL, 0}));
}

static ssize_t script_read(Stream *base, void *buf, size_t n, struct sc_wait *w)
{
    struct script_stream *s = (struct script_stream *)base;
    const struct sc_event *e;
    size_t got;
    int rc;

    if ((rc = state_of(s, w)) < 0)
        return rc;
    got = take(s, buf, s->split > 0 && s->split < n ? s->split : n);
    if (got > 0)
        return (ssize_t)got;
    e = sc_script_event(&s->text, s->reader.event);
    if (e == NULL || e->kind == EVENT_END)
        return 0;
    if (e->kind == EVENT_RESET)
        return sc_error_set(w->err, SC_ECONNRESET, "script line %d: reset",
                            e->line);
    if (e->kind == EVENT_SILENT) {
        s->reader.event++;
        return sc_error_set(w->err, SC_ETIMEDOUT, "script line %d: silence",
                            e->line);
    }
    read_too_early(s, e);
    return state_of(s, w);
}

/* The next thing the client must do; NULL and ENDED: 0, or how the server
 * ended the connection instead. */
static const struct sc_event *next_hear(struct script_stream *s, int *ended)
{
    const struct sc_event *e;

    *ended = 0;
    for (; (e = sc_script_event(&s->text, s->writer.event)) != NULL;
         s->writer.event++)
        if (sc_by_client(e))
            return e;
    for (size_t i = 0; (e = sc_script_event(&s->text, i)) != NULL; i++)
        if (e->kind == EVENT_RESET || e->kind == EVENT_END)
            *ended = e->kind == EVENT_RESET ? SC_ECONNRESET : SC_EPIPE;
    return NULL;
}

static int last_line(const struct sc_script *t)
{
    return sc_script_count(t) == 0
               ? 0
               : sc_script_event(t, sc_script_count(t) - 1)->line;
}

/* GOT does not go on as E says. */
static void differs(struct script_stream *s, const struct sc_event *e,
                    struct sc_span got)
{
    struct sc_span none = {NULL, 0}, done = none;
    char want[SC_SHOWN], have[SC_SHOWN];

    if (e == NULL) {
        sc_error_set(&s->wrong, SC_ESCRIPT,
                     "script line %d: expected no more, got %s",
                     last_line(&s->text), sc_script_quote(have, none, got));
    } else if (e->kind == EVENT_HALF) {
        sc_error_set(&s->wrong, SC_ESCRIPT,
                     "script line %d: expected a half-close, got %s", e->line,
                     sc_script_quote(have, none, got));
    } else {
        done = sc_script_bytes(&s->text, e);
        sc_script_quote(want, done, none);
        done.len = s->writer.at;
        sc_error_set(&s->wrong, SC_ESCRIPT,
                     "script line %d: expected %s, got %s", e->line, want,
                     sc_script_quote(have, done, got));
    }
}

static int hear(struct script_stream *s, struct sc_span got, struct sc_wait *w)
{
    while (got.len > 0) {
        int ended;
        const struct sc_event *e = next_hear(s, &ended);
        size_t n = 0;

        if (e == NULL && ended != 0)
            return sc_error_set(w->err, ended, "script: written after the end");
        if (e != NULL && e->kind != EVENT_HALF)
            n = sc_script_alike(&s->text, e, s->writer.at, got);
        s->writer.at += n;
        got.data += n;
        got.len -= n;
        if (e != NULL && n > 0 &&
            sc_script_heard(e, s->writer.at, got.data[-1])) {
            s->writer = (struct cursor){s->writer.event + 1, 0};
        } else if (got.len > 0) {
            differs(s, e, got);
            return state_of(s, w);
        }
    }
    return 0;
}

static int script_writev(Stream *base, const struct sc_span *v, size_t n,
                         struct sc_wait *w)
{
    struct script_stream *s = (struct script_stream *)base;
    int rc = state_of(s, w);

    for (size_t i = 0; rc == 0 && i < n; i++)
        rc = hear(s, v[i], w);
    return rc;
}

static int script_shutdown(Stream *base, struct sc_wait *w)
{
    struct script_stream *s = (struct script_stream *)base;
    const struct sc_event *e;
    char want[SC_SHOWN];
    int ended, rc;

    if ((rc = state_of(s, w)) < 0)
        return rc;
    e = next_hear(s, &ended);
    if (e != NULL && e->kind == EVENT_HALF) {
        s->writer.event++;
        return 0;
    }
    if (e == NULL && ended != 0)
        return 0;
    if (e == NULL)
        sc_error_set(&s->wrong, SC_ESCRIPT,
                     "script line %d: expected no more, got a half-close",
                     last_line(&s->text));
    else
        sc_error_set(&s->wrong, SC_ESCRIPT,
                     "script line %d: expected %s, got a half-close", e->line,
                     sc_script_quote(want, sc_script_bytes(&s->text, e),
                                     (struct sc_span){NULL, 0}));
    return state_of(s, w);
}

static void script_interrupt(Stream *base, int error)
{
    struct script_stream *s = (struct script_stream *)base;

    if (s->stopped == 0)
        s->stopped = error;
}

static int script_info(Stream *base, int what, void *answer)
{
    struct script_stream *s = (struct script_stream *)base;
    const struct sc_event *e;
    size_t i = s->reader.event;

    if (what == SC_INFO_PEER) {
        *(struct sc_peer *)answer = (struct sc_peer){"script", 0, 0};
        return 0;
    }
    if (what != SC_INFO_PENDING)
        return SC_ENOTSUP;
    while ((e = sc_script_event(&s->text, i)) != NULL && sc_by_client(e) &&
           i < s->writer.event)
        i++;
    *(int *)answer = e == NULL || (!sc_by_client(e) && e->kind != EVENT_SILENT);
    return 0;
}

static void script_cleanup(Stream *base)
{
    struct script_stream *s = (struct script_stream *)base;

    sc_script_free(&s->text);
}

static const struct stream_class script_class = {
    .name = "script",
    .size = sizeof(struct script_stream),
    .read = script_read,
    .writev = script_writev,
    .sendfile = sc_stream_copy_file,
    .shutdown = script_shutdown,
    .interrupt = script_interrupt,
    .info = script_info,
    .cleanup = script_cleanup,
};

Stream *sc_script_open(const char *text, size_t split, struct sc_error *err)
{
    struct script_stream *s = sc_stream_new(&script_class);

    if (s == NULL) {
        sc_error_set(err, SC_ENOMEM, "script: no memory");
        return NULL;
    }
    if (sc_script_parse(&s->text, text, err) < 0) {
        sc_stream_close(&s->base);
        return NULL;
    }
    s->split = split;
    return &s->base;
}

/* What E was still to bring, in words. */
static int unplayed(const struct sc_script *t, const struct sc_event *e,
                    struct sc_error *err)
{
    struct sc_span none = {NULL, 0};
    char text[SC_SHOWN];

    if (e->kind == EVENT_HALF)
        return sc_error_set(err, SC_ESCRIPT,
                            "script line %d: expected a half-close, got none",
                            e->line);
    if (sc_by_client(e))
        return sc_error_set(err, SC_ESCRIPT,
                            "script line %d: expected %s, got nothing", e->line,
                            sc_script_quote(text, sc_script_bytes(t, e), none));
    return sc_error_set(err, SC_ESCRIPT, "script line %d: %s was not read",
                        e->line,
                        e->kind == EVENT_SAY
                            ? sc_script_quote(text, sc_script_bytes(t, e), none)
                            : "what the server does");
}

int sc_script_done(Stream *top, struct sc_error *err)
{
    struct script_stream *s;
    const struct sc_event *e;

    while (top != NULL && top->cls != &script_class)
        top = top->below;
    if (top == NULL)
        return sc_error_set(err, SC_EINVAL, "no script below this stream");
    s = (struct script_stream *)top;
    if (s->wrong.code != 0)
        return sc_error_set(err, s->wrong.code, "%s", s->wrong.text);
    for (size_t i = 0; (e = sc_script_event(&s->text, i)) != NULL; i++) {
        /* The end and a reset need no look: the client may leave before. */
        if (e->kind == EVENT_END || e->kind == EVENT_RESET)
            continue;
        if (i >= (sc_by_client(e) ? s->writer.event : s->reader.event))
            return unplayed(&s->text, e, err);
    }
    return 0;
}
