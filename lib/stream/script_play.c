/* script_play.c - the server's side of a script, played to a real client. It
 * never reads more than the script names: what follows may be TLS. */
#include "run/clock.h"
#include "stream/script_text.h"

#include <simpleclient/script.h>

#include <sys/socket.h>

enum { PIECE = 256, WAIT_MS = 30000 };

static int play_hear(Stream *s, const struct sc_script *t,
                     const struct sc_event *e, struct sc_wait *w)
{
    struct sc_span want = sc_script_bytes(t, e), none = {NULL, 0};
    char got[PIECE], text[SC_SHOWN], have[SC_SHOWN];
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
            return sc_error_set(
                w->err, SC_ESCRIPT, "script line %d: expected %s, got %s",
                e->line, sc_script_quote(text, want, none),
                sc_script_quote(have, (struct sc_span){want.data, done},
                                (struct sc_span){got, (size_t)rc}));
        done += n;
    }
    return 0;
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
    }
    return SC_EINVAL;
}

int sc_script_play(Stream *s, const char *text, struct sc_wait *w)
{
    struct sc_error ignored = {0};
    struct sc_wait own = {0, &ignored};
    struct sc_script t = {{0}, {0}};
    int rc;

    if (w == NULL || w->err == NULL) {
        own.until = w != NULL ? w->until : sc_until(WAIT_MS);
        w = &own;
    }
    rc = sc_script_parse(&t, text, w->err);
    for (size_t i = 0; rc == 0 && i < sc_script_count(&t); i++)
        rc = play_event(s, &t, i, w);
    sc_script_free(&t);
    return rc;
}
