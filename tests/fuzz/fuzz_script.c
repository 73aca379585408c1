/* fuzz_script.c - any text as a script: what can be understood is played by a
 * client that does what it is to do, and recorded; the recording is the same
 * dialogue again. */

#include <stdlib.h>
#include <string.h>

#include "fuzz.h"
#include "stream/script_text.h"

#include <simpleclient/script.h>

enum { CONNECTIONS_MOST = 8 };

static void must(int holds)
{
    if (!holds)
        abort();
}

/* --- a dialogue as one text, however it is cut into events --- */

static void add_bytes(struct sc_buf *to, char *side, char mine,
                      struct sc_span bytes)
{
    if (*side != mine) {
        must(sc_buf_addf(to, "\n%c ", mine) == 0);
        *side = mine;
    }
    must(sc_buf_add(to, bytes.data, bytes.len) == 0);
}

static void flatten(const struct sc_script *t, struct sc_buf *to)
{
    static const struct sc_span any = SC_SPAN("x\r\n");
    const struct sc_event *e;
    char side = '\0';

    for (size_t i = 0; (e = sc_script_event(t, i)) != NULL; i++) {
        if (e->kind == EVENT_SAY || e->kind == EVENT_HEAR)
            add_bytes(to, &side, e->kind == EVENT_SAY ? 'S' : 'C',
                      sc_script_bytes(t, e));
        else if (e->kind == EVENT_ANY)
            add_bytes(to, &side, 'C', any);
        else
            must(sc_buf_addf(to, "\n%d", (int)e->kind) == 0);
        if (e->kind != EVENT_SAY && !sc_by_client(e))
            side = '\0';
        else if (e->kind == EVENT_HALF)
            side = '\0';
    }
    must(sc_buf_add(to, "", 0) == 0);
}

/* --- a client that does as it is told --- */

static void read_all(Stream *s, size_t n)
{
    char part[64];
    ssize_t got;

    while (n > 0) {
        got = sc_stream_read(s, part, n < sizeof part ? n : sizeof part, NULL);
        must(got > 0);
        n -= (size_t)got;
    }
}

static void do_event(Stream *s, const struct sc_script *t,
                     const struct sc_event *e)
{
    struct sc_span bytes = sc_script_bytes(t, e);
    char c;

    switch (e->kind) {
    case EVENT_SAY:
        read_all(s, e->len);
        break;
    case EVENT_HEAR:
        must(sc_stream_write(s, bytes.data, bytes.len, NULL) == 0);
        break;
    case EVENT_ANY:
        must(sc_stream_write(s, "x\r\n", 3, NULL) == 0);
        break;
    case EVENT_HALF:
        must(sc_stream_shutdown(s, NULL) == 0);
        break;
    case EVENT_END:
        must(sc_stream_read(s, &c, 1, NULL) == 0);
        break;
    case EVENT_RESET:
        must(sc_stream_read(s, &c, 1, NULL) == SC_ECONNRESET);
        break;
    case EVENT_SILENT:
        must(sc_stream_read(s, &c, 1, NULL) == SC_ETIMEDOUT);
        break;
    default:
        abort(); /* left out by sc_script_parse */
    }
}

static void play(const struct sc_script *t, const char *text)
{
    struct sc_buf out = SC_BUF(1 << 20), before = SC_BUF(1 << 20),
                  after = SC_BUF(1 << 20);
    struct sc_script again = {0};
    Stream *s =
        sc_record_wrap(sc_script_open(text, 7, NULL), sc_buf_sink, &out, NULL);

    must(s != NULL);
    for (size_t i = 0; i < sc_script_count(t); i++)
        do_event(s, t, sc_script_event(t, i));
    must(sc_script_done(s, NULL) == 0);
    sc_stream_close(s);
    must(sc_buf_add(&out, "", 0) == 0);
    must(sc_script_parse(&again, out.data, NULL) == 0);
    flatten(t, &before);
    flatten(&again, &after);
    must(before.len == after.len &&
         memcmp(before.data, after.data, before.len) == 0);
    sc_script_free(&again);
    sc_buf_free(&out);
    sc_buf_free(&before);
    sc_buf_free(&after);
}

/* --- all connections of it --- */

static void take_apart(const char *text)
{
    struct sc_error e = {0};
    int n = sc_script_connections(text, &e);

    must(n >= 0 || e.code == n);
    for (int i = 0; i < n && i < CONNECTIONS_MOST; i++) {
        struct sc_script t = {0};
        int rc = sc_script_parse_one(&t, text, (size_t)i, &e);

        must(rc == SC_EINVAL || (rc == 0 && t.connections == (size_t)n));
        sc_script_free(&t);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    char *text = malloc(n + 1);
    struct sc_script t = {0};
    struct sc_error e = {0};
    int rc;

    must(text != NULL);
    if (n > 0)
        memcpy(text, data, n);
    text[n] = '\0';
    take_apart(text);
    rc = sc_script_parse(&t, text, &e);
    must(rc == 0 || (rc == SC_EINVAL && e.text[0] != '\0'));
    if (rc == 0)
        play(&t, text);
    sc_script_free(&t);
    free(text);
    return 0;
}
