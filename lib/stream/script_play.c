/* script_play.c - the server's side of a script, played to a real client. It
 * never reads more than the script names: what follows may be TLS. */
#include "run/clock.h"
#include "stream/script_text.h"

#include <simpleclient/script.h>
#include <simpleclient/task.h>

#include <limits.h>
#include <string.h>
#include <sys/socket.h>

enum { PIECE = 256, WAIT_MS = 30000, ANY_MOST = 65536 };

/* What differs is shown as a line, as far as it has come: N bytes of it are in
 * GOT. Returns how many there are then. */
static size_t hear_line(Stream *s, char got[PIECE], size_t n)
{
    struct sc_wait now = {0, NULL};
    const char *lf = memchr(got, '\n', n);
    ssize_t more = 0;

    if (lf == NULL && n < PIECE)
        more = sc_stream_read(s, got + n, PIECE - n, &now);
    n += more > 0 ? (size_t)more : 0;
    lf = memchr(got, '\n', n);
    return lf != NULL ? (size_t)(lf - got) + 1 : n;
}

static int heard_else(Stream *s, const struct sc_event *e, struct sc_span want,
                      size_t done, char got[PIECE], size_t n, struct sc_wait *w)
{
    char text[SC_SHOWN], have[SC_SHOWN];
    struct sc_span none = {NULL, 0};

    n = hear_line(s, got, n);
    return sc_error_set(w->err, SC_ESCRIPT,
                        "script line %d: expected %s, got %s", e->line,
                        sc_script_quote(text, want, none),
                        sc_script_quote(have, (struct sc_span){want.data, done},
                                        (struct sc_span){got, n}));
}

static int play_hear(Stream *s, const struct sc_script *t,
                     const struct sc_event *e, struct sc_wait *w)
{
    struct sc_span want = sc_script_bytes(t, e), none = {NULL, 0};
    char got[PIECE], text[SC_SHOWN];
    size_t done = 0, n;
    ssize_t rc;

    while (done < want.len) {
        n = want.len - done < sizeof got ? want.len - done : sizeof got;
        if ((rc = sc_stream_read(s, got, n, w)) < 0)
            return sc_error_set(
                w->err, (int)rc, "script line %d: expected %s: %s", e->line,
                sc_script_quote(text, want, none), sc_strerror((int)rc));
        if (rc == 0)
            return sc_error_set(w->err, SC_ESCRIPT,
                                "script line %d: expected %s, got the end",
                                e->line, sc_script_quote(text, want, none));
        n = sc_script_alike(t, e, done, (struct sc_span){got, (size_t)rc});
        if (n < (size_t)rc)
            return heard_else(s, e, want, done, got, (size_t)rc, w);
        done += n;
    }
    return 0;
}

/* Byte by byte: what is behind the LF is not ours. */
static int play_any(Stream *s, const struct sc_event *e, struct sc_wait *w)
{
    char got = '\0';
    ssize_t rc = 1;

    for (size_t n = 0; rc > 0 && got != '\n'; n++) {
        if (n == ANY_MOST)
            return sc_error_set(w->err, SC_ETOOBIG,
                                "script line %d: expected any line, got one "
                                "of more than %d bytes",
                                e->line, ANY_MOST);
        rc = sc_stream_read(s, &got, 1, w);
    }
    if (rc > 0)
        return 0;
    return sc_error_set(w->err, rc < 0 ? (int)rc : SC_ESCRIPT,
                        "script line %d: expected any line%s%s", e->line,
                        rc < 0 ? ": " : ", got the end",
                        rc < 0 ? sc_strerror((int)rc) : "");
}

static int play_half(Stream *s, const struct sc_event *e, struct sc_wait *w)
{
    char got, have[SC_SHOWN];
    ssize_t n = sc_stream_read(s, &got, 1, w);

    if (n <= 0)
        return (int)n;
    return sc_error_set(w->err, SC_ESCRIPT,
                        "script line %d: expected a half-close, got %s",
                        e->line,
                        sc_script_quote(have, (struct sc_span){&got, 1},
                                        (struct sc_span){NULL, 0}));
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

static int play_event(Stream *s, const struct sc_script *t, size_t i,
                      struct sc_wait *w)
{
    const struct sc_event *e = sc_script_event(t, i);

    switch (e->kind) {
    case EVENT_SAY:
        return sc_stream_write(s, sc_script_bytes(t, e).data, e->len, w);
    case EVENT_HEAR:
        return play_hear(s, t, e, w);
    case EVENT_END:
        return sc_stream_shutdown(s, w);
    case EVENT_RESET:
        return play_reset(s);
    case EVENT_SILENT:
        return play_silent(s, i + 1 == sc_script_count(t), w);
    case EVENT_HALF:
        return play_half(s, e, w);
    case EVENT_ANY:
        return play_any(s, e, w);
    default:
        return 0; /* what changes the stream: sc_script_serve */
    }
}

/* The wait in force: the caller's, or OWN, 30 s. */
static struct sc_wait *wait_of(struct sc_wait *w, struct sc_wait *own)
{
    if (w != NULL && w->err != NULL)
        return w;
    own->until = w != NULL ? w->until : sc_until(WAIT_MS);
    return own;
}

int sc_script_play(Stream *s, const char *text, struct sc_wait *w)
{
    struct sc_error ignored = {0};
    struct sc_wait own = {0, &ignored};
    struct sc_script t = {0};
    int rc;

    w = wait_of(w, &own);
    rc = sc_script_parse(&t, text, w->err);
    for (size_t i = 0; rc == 0 && i < sc_script_count(&t); i++)
        rc = play_event(s, &t, i, w);
    sc_script_free(&t);
    return rc;
}

/* --- a recording, with all that happened to the stream --- */

int sc_script_connections(const char *text, struct sc_error *err)
{
    struct sc_script t = {0};
    int rc = sc_script_parse_one(&t, text, SIZE_MAX, err);

    if (rc == 0)
        rc = t.connections < INT_MAX ? (int)t.connections : INT_MAX;
    sc_script_free(&t);
    return rc;
}

static int begin_tls(Stream **s, const struct sc_event *e,
                     const struct sc_tls_options *tls, struct sc_wait *w)
{
    struct sc_tls_options o = {0};
    int64_t ms = w->until == INT64_MAX ? WAIT_MS : w->until - sc_now();
    Stream *top;

    if (tls == NULL)
        return sc_error_set(w->err, SC_ENOTSUP,
                            "script line %d: TLS, and no certificate for it",
                            e->line);
    o = *tls;
    o.server = 1;
    top = sc_tls_wrap(*s, NULL, &o, ms > 0 ? ms : 1, w->err);
    if (top == NULL)
        return w->err->code;
    *s = top;
    return 0;
}

static int begin_deflate(Stream **s, struct sc_wait *w)
{
    Stream *top = sc_deflate_wrap(*s, SC_CODING_DEFLATE, 0, 0, w->err);

    if (top == NULL)
        return w->err->code;
    *s = top;
    return 0;
}

/* The client has the last word: it ends, as it did before. How it does so is
 * not compared. */
static int serve_end(Stream *s, const struct sc_event *last, struct sc_wait *w)
{
    char got[PIECE], have[SC_SHOWN];
    struct sc_wait quiet = {w->until, NULL};
    bool loose = last->kind == EVENT_LOOSE;
    ssize_t n;

    if (last->kind == EVENT_RESET || last->kind == EVENT_SILENT)
        return 0;
    while ((n = sc_stream_read(s, got, sizeof got, &quiet)) > 0 && loose)
        continue;
    if (n == SC_ETIMEDOUT || n == SC_ECANCELED)
        return sc_error_set(w->err, (int)n,
                            "script line %d: expected the end: %s", last->line,
                            sc_strerror((int)n));
    if (n <= 0)
        return 0;
    return sc_error_set(w->err, SC_ESCRIPT,
                        "script line %d: expected no more, got %s", last->line,
                        sc_script_quote(have, (struct sc_span){got, (size_t)n},
                                        (struct sc_span){NULL, 0}));
}

static int serve(Stream **s, const struct sc_script *t,
                 const struct sc_tls_options *tls, struct sc_wait *w)
{
    const struct sc_event *e = NULL, *last = NULL;
    int rc = 0;

    for (size_t i = 0; rc == 0 && (e = sc_script_event(t, i)) != NULL; i++) {
        last = e;
        if (e->kind == EVENT_TLS)
            rc = begin_tls(s, e, tls, w);
        else if (e->kind == EVENT_DEFLATE)
            rc = begin_deflate(s, w);
        else
            rc = play_event(*s, t, i, w);
    }
    return rc == 0 && last != NULL ? serve_end(*s, last, w) : rc;
}

int sc_script_serve(Stream **s, const char *text, int which,
                    const struct sc_tls_options *tls, struct sc_wait *w)
{
    struct sc_error ignored = {0};
    struct sc_wait own = {0, &ignored};
    struct sc_script t = {0};
    int rc;

    w = wait_of(w, &own);
    if (which < 0)
        return sc_error_set(w->err, SC_EINVAL, "no such connection");
    rc = sc_script_parse_one(&t, text, (size_t)which, w->err);
    if (rc == 0 && (size_t)which >= t.connections)
        rc = sc_error_set(w->err, SC_EINVAL, "no such connection");
    if (rc == 0)
        rc = serve(s, &t, tls, w);
    sc_script_free(&t);
    return rc;
}
