/* chat_play.c - say, expect, next. */

#include <stdio.h>
#include <string.h>

#include <simpleclient/class.h>

#include "../term/complain.h"
#include "../term/shown.h"
#include "../term/usage.h"
#include "chat_play.h"

enum { SHOWN_MOST = 200, PIECE = 1024 };

struct play {
    const struct chat_options *o;
    struct chat_show *show;
    SimpleClient *c;
    const char *path;
};

/* --- the first difference --- */

static void put_some(const char *p, size_t n)
{
    putc('"', stderr);
    put_shown(stderr, p, n < SHOWN_MOST ? n : SHOWN_MOST);
    fputs(n > SHOWN_MOST ? "..." : "\"", stderr);
}

/* GOT NULL: the end. */
static int differs(const struct play *p, const struct chat_step *s,
                   const char *got, size_t n)
{
    fprintf(stderr, "%s: %s: line %d: expected ", program_name, p->path,
            s->line);
    if (s->kind == STEP_END)
        fputs("the end", stderr);
    else
        put_some(s->text, s->len);
    fputs(s->open ? " or more, got " : ", got ", stderr);
    if (got != NULL)
        put_some(got, n);
    else
        fputs("the end", stderr);
    putc('\n', stderr);
    return CHAT_MISMATCH;
}

/* A read failed: the end is a difference, too. */
static int no_answer(const struct play *p, const struct chat_step *s, int rc)
{
    if (rc == SC_EOF || rc == SC_ESHORT)
        return differs(p, s, NULL, 0);
    fprintf(stderr, "%s: %s: line %d: ", program_name, p->path, s->line);
    fprintf(stderr, "%s\n", sc_last_error(p->c)->text);
    return exit_code_of(sc_last_error(p->c));
}

/* --- steps --- */

static bool alike(const struct chat_step *s, struct sc_span l)
{
    return (s->open ? l.len >= s->len : l.len == s->len) &&
           memcmp(l.data, s->text, s->len) == 0;
}

static int expect_line(struct play *p, const struct chat_step *s)
{
    struct sc_span l;
    int rc, code;

    do {
        if ((rc = sc_readline(p->c, &l)) < 0)
            return no_answer(p, s, rc);
        if ((code = show_line(p->show, l.data, l.len)) != 0)
            return code;
        if (alike(s, l))
            return 0;
    } while (s->kind == STEP_EXPECT);
    return differs(p, s, l.data, l.len);
}

static int expect_bytes(struct play *p, const struct chat_step *s)
{
    char got[PIECE];
    size_t done = 0, part;
    int rc, code;

    while (done < s->len) {
        part = s->len - done < PIECE ? s->len - done : PIECE;
        if ((rc = sc_read_exact(p->c, got, part)) < 0)
            return no_answer(p, s, rc);
        if ((code = show_bytes(p->show, got, part)) != 0)
            return code;
        if (memcmp(got, s->text + done, part) != 0)
            return differs(p, s, got, part);
        done += part;
    }
    return 0;
}

static int expect_end(struct play *p, const struct chat_step *s)
{
    char got[PIECE];
    ssize_t n = sc_read(p->c, got, sizeof got);

    if (n > 0)
        return differs(p, s, got, (size_t)n);
    return n < 0 && n != SC_EOF && n != SC_ECONNRESET ? no_answer(p, s, (int)n)
                                                      : 0;
}

static int say_line(struct play *p, const struct chat_step *s)
{
    int rc;

    if (p->o->lf) {
        sc_write(p->c, s->text, s->len);
        rc = sc_write(p->c, "\n", 1);
    } else {
        rc = sc_writeline_n(p->c, s->text, s->len);
    }
    return rc < 0 ? chat_failed(p->c) : 0;
}

static int play_step(struct play *p, const struct chat_step *s)
{
    switch (s->kind) {
    case STEP_SEND_LINE:
        return say_line(p, s);
    case STEP_SEND:
        return sc_write(p->c, s->text, s->len) < 0 ? chat_failed(p->c) : 0;
    case STEP_LINE:
    case STEP_EXPECT:
        return expect_line(p, s);
    case STEP_BYTES:
        return expect_bytes(p, s);
    case STEP_END:
        return expect_end(p, s);
    case STEP_HALF_CLOSE:
        return sc_shutdown(p->c) < 0 ? chat_failed(p->c) : 0;
    case STEP_TLS: /* a recording says so, whoever began it */
        if (sc_client_is_tls(p->c))
            return 0;
        return sc_starttls(p->c, NULL) < 0 ? chat_failed(p->c) : 0;
    }
    return 0;
}

int chat_play(const struct chat_options *o, struct chat_show *show,
              SimpleClient *c, const struct chat_script *s)
{
    struct play p = {o, show, c, s->path};
    int code = 0;

    for (size_t i = 0; code == 0 && i < s->n; i++)
        code = play_step(&p, &s->steps[i]);
    if (code == 0 && sc_flush(c) < 0)
        code = chat_failed(c);
    return code;
}
