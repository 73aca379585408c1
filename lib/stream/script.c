/* script.c - a peer played from "S:" and "C:" lines: as a stream of its own
 * (sc_script_open), or to a real client (sc_script_play). Reader and writer
 * go through the script apart, as over a network: a client may send before
 * it has read what came, but never reads what answers a line it has yet to
 * send. A T. line is a mark for people only. */
#include "core/mem.h"
#include "core/text.h"
#include "run/clock.h"

#include <simpleclient/class.h>
#include <simpleclient/script.h>

#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

enum { SHOWN = 96, PIECE = 512 };

enum event_kind {
    EVENT_SAY,    /* S: s: */
    EVENT_HEAR,   /* C: c: */
    EVENT_END,    /* S. */
    EVENT_RESET,  /* S! */
    EVENT_SILENT, /* S~ */
    EVENT_HALF    /* C. */
};

struct event {
    enum event_kind kind;
    int line;       /* in the script, from 1 */
    size_t at, len; /* its bytes in script.bytes */
};

struct script {
    struct sc_buf bytes;
    struct sc_buf list; /* of struct event */
};

struct cursor {
    size_t event;
    size_t at; /* bytes of it that are done */
};

struct script_stream {
    Stream base;
    struct script text;
    struct cursor reader, writer;
    size_t split;
    int stopped;           /* what interrupt said */
    struct sc_error wrong; /* the first difference */
};

static void script_free(struct script *t)
{
    sc_buf_free(&t->bytes);
    sc_buf_free(&t->list);
}

static size_t count(const struct script *t)
{
    return t->list.len / sizeof(struct event);
}

static const struct event *event_at(const struct script *t, size_t i)
{
    return i < count(t) ? (const struct event *)t->list.data + i : NULL;
}

static struct sc_span bytes_of(const struct script *t, const struct event *e)
{
    struct sc_span v = {t->bytes.data + e->at, e->len};

    return v;
}

static bool by_client(const struct event *e)
{
    return e->kind == EVENT_HEAR || e->kind == EVENT_HALF;
}

/* The printable form of one byte, as a script would have it. */
static int show_byte(char *to, size_t size, unsigned char c)
{
    if (c == '\r')
        return snprintf(to, size, "\\r");
    if (c == '\n')
        return snprintf(to, size, "\\n");
    if (c < 0x20 || c == 0x7f)
        return snprintf(to, size, "\\x%02x", c);
    return snprintf(to, size, "%c", c);
}

/* Quote A and B, one after the other, cut to fit. */
static const char *quote(char to[SHOWN], struct sc_span a, struct sc_span b)
{
    size_t n = 0, i;

    to[n++] = '"';
    for (i = 0; i < a.len + b.len && n < SHOWN - 9; i++) {
        char c = i < a.len ? a.data[i] : b.data[i - a.len];

        n += (size_t)show_byte(to + n, SHOWN - n, (unsigned char)c);
    }
    snprintf(to + n, SHOWN - n, "%s", i < a.len + b.len ? "..." : "\"");
    return to;
}

/* --- from text to events --- */

static int escape(struct sc_span in, size_t *i, char *out)
{
    static const char names[] = "rnt\\", values[] = "\r\n\t\\";
    const char *name;
    int high, low;

    if (*i + 1 >= in.len)
        return SC_EINVAL;
    name = memchr(names, in.data[*i + 1], sizeof names - 1);
    if (name != NULL) {
        *out = values[name - names];
        *i += 2;
        return 0;
    }
    if (in.data[*i + 1] != 'x' || *i + 3 >= in.len)
        return SC_EINVAL;
    high = sc_hex_digit((unsigned char)in.data[*i + 2]);
    low = sc_hex_digit((unsigned char)in.data[*i + 3]);
    if (high < 0 || low < 0)
        return SC_EINVAL;
    *out = (char)(high * 16 + low);
    *i += 4;
    return 0;
}

static int add_raw(struct sc_buf *bytes, struct sc_span in)
{
    size_t i = 0;
    int rc = 0;

    while (rc == 0 && i < in.len) {
        char c = in.data[i];

        if (c != '\\')
            i++;
        else if ((rc = escape(in, &i, &c)) < 0)
            return rc;
        rc = sc_buf_add(bytes, &c, 1);
    }
    return rc;
}

static int add_bytes(struct script *t, char who, struct sc_span in)
{
    int rc;

    if (in.len > 0 && in.data[0] == ' ') {
        in.data++;
        in.len--;
    }
    if (who == 's' || who == 'c')
        return add_raw(&t->bytes, in);
    if ((rc = sc_buf_add(&t->bytes, in.data, in.len)) == 0)
        rc = sc_buf_add(&t->bytes, "\r\n", 2);
    return rc;
}

static int add_event(struct script *t, enum event_kind kind, int line,
                     size_t at)
{
    struct event e = {kind, line, at, t->bytes.len - at};

    return sc_buf_add(&t->list, &e, sizeof e);
}

/* The lines of two characters. Returns the event, or -1: it is none. */
static int mark_kind(struct sc_span l)
{
    if (sc_span_eq(l, "S."))
        return EVENT_END;
    if (sc_span_eq(l, "S!"))
        return EVENT_RESET;
    if (sc_span_eq(l, "S~"))
        return EVENT_SILENT;
    return sc_span_eq(l, "C.") ? EVENT_HALF : -1;
}

static int parse_line(struct script *t, struct sc_span l, int line)
{
    size_t at = t->bytes.len;
    int kind = mark_kind(l), rc;

    if (l.len == 0 || l.data[0] == '#' || sc_span_eq(l, "T."))
        return 0;
    if (kind >= 0)
        return add_event(t, (enum event_kind)kind, line, at);
    if (l.len < 2 || memchr("SCsc", l.data[0], 4) == NULL || l.data[1] != ':')
        return SC_EINVAL;
    kind = l.data[0] == 'S' || l.data[0] == 's' ? EVENT_SAY : EVENT_HEAR;
    rc = add_bytes(t, l.data[0], (struct sc_span){l.data + 2, l.len - 2});
    if (rc < 0 || t->bytes.len == at)
        return rc;
    return add_event(t, (enum event_kind)kind, line, at);
}

/* After its end the server says nothing; after a reset nobody does. */
static const struct event *misplaced(const struct script *t)
{
    const struct event *e;
    bool ended = false, reset = false;

    for (size_t i = 0; (e = event_at(t, i)) != NULL; i++) {
        if (reset || (ended && !by_client(e)))
            return e;
        ended = ended || e->kind == EVENT_END;
        reset = e->kind == EVENT_RESET;
    }
    return NULL;
}

static int parse(struct script *t, const char *text, struct sc_error *err)
{
    const struct event *late;
    int rc = 0;

    for (int line = 1; rc == 0 && *text != '\0'; line++) {
        size_t n = strcspn(text, "\n");
        struct sc_span l = {text, n};

        if (n > 0 && text[n - 1] == '\r')
            l.len--;
        if ((rc = parse_line(t, l, line)) < 0)
            sc_error_set(err, rc, "script line %d: %s", line,
                         rc == SC_EINVAL ? "cannot be understood"
                                         : sc_strerror(rc));
        text += n + (text[n] == '\n');
    }
    if (rc == 0 && (late = misplaced(t)) != NULL)
        rc = sc_error_set(err, SC_EINVAL, "script line %d: comes after the end",
                          late->line);
    if (rc < 0)
        script_free(t);
    return rc;
}

/* --- the stream --- */

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
    const struct event *e;
    size_t got = 0;

    while (got < n && (e = event_at(&s->text, s->reader.event)) != NULL) {
        size_t left = e->len - s->reader.at;
        size_t part = left < n - got ? left : n - got;

        if (by_client(e) && s->reader.event < s->writer.event) {
            s->reader.event++;
            continue;
        }
        if (e->kind != EVENT_SAY)
            break;
        memcpy(buf + got, bytes_of(&s->text, e).data + s->reader.at, part);
        got += part;
        s->reader.at += part;
        if (part == left)
            s->reader = (struct cursor){s->reader.event + 1, 0};
    }
    return got;
}

static int read_too_early(struct script_stream *s, const struct event *e)
{
    char text[SHOWN];

    if (e->kind == EVENT_HALF)
        return sc_error_set(&s->wrong, SC_ESCRIPT,
                            "script line %d: expected a half-close, got a read",
                            e->line);
    return sc_error_set(
        &s->wrong, SC_ESCRIPT, "script line %d: expected %s, got a read",
        e->line, quote(text, bytes_of(&s->text, e), (struct sc_span){NULL, 0}));
}

static ssize_t script_read(Stream *base, void *buf, size_t n, struct sc_wait *w)
{
    struct script_stream *s = (struct script_stream *)base;
    const struct event *e;
    size_t got;
    int rc;

    if ((rc = state_of(s, w)) < 0)
        return rc;
    got = take(s, buf, s->split > 0 && s->split < n ? s->split : n);
    if (got > 0)
        return (ssize_t)got;
    e = event_at(&s->text, s->reader.event);
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
static const struct event *next_hear(struct script_stream *s, int *ended)
{
    const struct event *e;

    *ended = 0;
    for (; (e = event_at(&s->text, s->writer.event)) != NULL; s->writer.event++)
        if (by_client(e))
            return e;
    for (size_t i = 0; (e = event_at(&s->text, i)) != NULL; i++)
        if (e->kind == EVENT_RESET || e->kind == EVENT_END)
            *ended = e->kind == EVENT_RESET ? SC_ECONNRESET : SC_EPIPE;
    return NULL;
}

static int last_line(const struct script *t)
{
    return count(t) == 0 ? 0 : event_at(t, count(t) - 1)->line;
}

/* GOT does not go on as E says. */
static void differs(struct script_stream *s, const struct event *e,
                    struct sc_span got)
{
    struct sc_span none = {NULL, 0}, done = none;
    char want[SHOWN], have[SHOWN];

    if (e == NULL) {
        sc_error_set(&s->wrong, SC_ESCRIPT,
                     "script line %d: expected no more, got %s",
                     last_line(&s->text), quote(have, none, got));
    } else if (e->kind == EVENT_HALF) {
        sc_error_set(&s->wrong, SC_ESCRIPT,
                     "script line %d: expected a half-close, got %s", e->line,
                     quote(have, none, got));
    } else {
        done = bytes_of(&s->text, e);
        quote(want, done, none);
        done.len = s->writer.at;
        sc_error_set(&s->wrong, SC_ESCRIPT,
                     "script line %d: expected %s, got %s", e->line, want,
                     quote(have, done, got));
    }
}

/* Compare the beginning of GOT with E; returns how many bytes were alike, 0:
 * the first one differs. */
static size_t alike(const struct script *t, const struct event *e, size_t at,
                    struct sc_span got)
{
    struct sc_span want = bytes_of(t, e);
    size_t n = 0;

    while (n < got.len && at + n < want.len && got.data[n] == want.data[at + n])
        n++;
    return n;
}

static int hear(struct script_stream *s, struct sc_span got, struct sc_wait *w)
{
    while (got.len > 0) {
        int ended;
        const struct event *e = next_hear(s, &ended);
        size_t n = 0;

        if (e == NULL && ended != 0)
            return sc_error_set(w->err, ended, "script: written after the end");
        if (e != NULL && e->kind == EVENT_HEAR)
            n = alike(&s->text, e, s->writer.at, got);
        s->writer.at += n;
        got.data += n;
        got.len -= n;
        if (e != NULL && n > 0 && s->writer.at == e->len) {
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
    const struct event *e;
    char want[SHOWN];
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
        sc_error_set(
            &s->wrong, SC_ESCRIPT,
            "script line %d: expected %s, got a half-close", e->line,
            quote(want, bytes_of(&s->text, e), (struct sc_span){NULL, 0}));
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
    const struct event *e;
    size_t i = s->reader.event;

    if (what == SC_INFO_PEER) {
        *(struct sc_peer *)answer = (struct sc_peer){"script", 0, 0};
        return 0;
    }
    if (what != SC_INFO_PENDING)
        return SC_ENOTSUP;
    while ((e = event_at(&s->text, i)) != NULL && by_client(e) &&
           i < s->writer.event)
        i++;
    *(int *)answer = e == NULL || (!by_client(e) && e->kind != EVENT_SILENT);
    return 0;
}

static void script_cleanup(Stream *base)
{
    struct script_stream *s = (struct script_stream *)base;

    script_free(&s->text);
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
    if (parse(&s->text, text, err) < 0) {
        sc_stream_close(&s->base);
        return NULL;
    }
    s->split = split;
    return &s->base;
}

/* What E was still to bring, in words. */
static int unplayed(const struct script *t, const struct event *e,
                    struct sc_error *err)
{
    struct sc_span none = {NULL, 0};
    char text[SHOWN];

    if (e->kind == EVENT_HALF)
        return sc_error_set(err, SC_ESCRIPT,
                            "script line %d: expected a half-close, got none",
                            e->line);
    if (e->kind == EVENT_HEAR)
        return sc_error_set(err, SC_ESCRIPT,
                            "script line %d: expected %s, got nothing", e->line,
                            quote(text, bytes_of(t, e), none));
    return sc_error_set(err, SC_ESCRIPT, "script line %d: %s was not read",
                        e->line,
                        e->kind == EVENT_SAY ? quote(text, bytes_of(t, e), none)
                                             : "what the server does");
}

int sc_script_done(Stream *top, struct sc_error *err)
{
    struct script_stream *s;
    const struct event *e;

    while (top != NULL && top->cls != &script_class)
        top = top->below;
    if (top == NULL)
        return sc_error_set(err, SC_EINVAL, "no script below this stream");
    s = (struct script_stream *)top;
    if (s->wrong.code != 0)
        return sc_error_set(err, s->wrong.code, "%s", s->wrong.text);
    for (size_t i = 0; (e = event_at(&s->text, i)) != NULL; i++) {
        /* The end and a reset need no look: the client may leave before. */
        if (e->kind == EVENT_END || e->kind == EVENT_RESET)
            continue;
        if (i >= (by_client(e) ? s->writer.event : s->reader.event))
            return unplayed(&s->text, e, err);
    }
    return 0;
}

/* --- to a real client --- */

static int play_hear(Stream *s, const struct script *t, const struct event *e,
                     struct sc_wait *w)
{
    struct sc_span want = bytes_of(t, e), none = {NULL, 0};
    char got[PIECE], text[SHOWN], have[SHOWN];
    size_t done = 0, n;
    ssize_t rc;

    while (done < want.len) {
        n = want.len - done < sizeof got ? want.len - done : sizeof got;
        if ((rc = sc_stream_read(s, got, n, w)) < 0)
            return sc_error_set(w->err, (int)rc,
                                "script line %d: expected %s: %s", e->line,
                                quote(text, want, none), sc_strerror((int)rc));
        if (rc == 0)
            return sc_error_set(w->err, SC_ESCRIPT,
                                "script line %d: expected %s, got the end",
                                e->line, quote(text, want, none));
        n = alike(t, e, done, (struct sc_span){got, (size_t)rc});
        if (n < (size_t)rc)
            return sc_error_set(w->err, SC_ESCRIPT,
                                "script line %d: expected %s, got %s", e->line,
                                quote(text, want, none),
                                quote(have, (struct sc_span){want.data, done},
                                      (struct sc_span){got, (size_t)rc}));
        done += n;
    }
    return 0;
}

static int play_half(Stream *s, const struct event *e, struct sc_wait *w)
{
    char got, have[SHOWN];
    ssize_t n = sc_stream_read(s, &got, 1, w);

    if (n <= 0)
        return (int)n;
    return sc_error_set(
        w->err, SC_ESCRIPT, "script line %d: expected a half-close, got %s",
        e->line,
        quote(have, (struct sc_span){&got, 1}, (struct sc_span){NULL, 0}));
}

/* Closing then resets; the caller closes, since the stream is his. */
static int play_reset(Stream *s)
{
    struct linger now = {.l_onoff = 1, .l_linger = 0};
    int fd;

    if (sc_stream_info(s, SC_INFO_FD, &fd) == 0)
        setsockopt(fd, SOL_SOCKET, SO_LINGER, &now, sizeof now);
    return 0;
}

/* Silence lasts until the client gives up: it closes or says more. */
static int play_silent(Stream *s, bool last, struct sc_wait *w)
{
    char ignored[PIECE];
    ssize_t n = 0;

    while (last && (n = sc_stream_read(s, ignored, sizeof ignored, w)) > 0)
        continue;
    return n == SC_ECONNRESET ? 0 : (int)n;
}

static int play_event(Stream *s, const struct script *t, size_t i,
                      struct sc_wait *w)
{
    const struct event *e = event_at(t, i);

    switch (e->kind) {
    case EVENT_SAY:
        return sc_stream_write(s, bytes_of(t, e).data, e->len, w);
    case EVENT_HEAR:
        return play_hear(s, t, e, w);
    case EVENT_END:
        return sc_stream_shutdown(s, w);
    case EVENT_RESET:
        return play_reset(s);
    case EVENT_SILENT:
        return play_silent(s, i + 1 == count(t), w);
    case EVENT_HALF:
        return play_half(s, e, w);
    }
    return SC_EINVAL;
}

int sc_script_play(Stream *s, const char *text, struct sc_wait *w)
{
    struct sc_error ignored = {0};
    struct sc_wait own = {0, &ignored};
    struct script t = {{0}, {0}};
    int rc;

    if (w == NULL || w->err == NULL) {
        own.until = w != NULL ? w->until : sc_until(30000);
        w = &own;
    }
    rc = parse(&t, text, w->err);
    for (size_t i = 0; rc == 0 && i < count(&t); i++)
        rc = play_event(s, &t, i, w);
    script_free(&t);
    return rc;
}
