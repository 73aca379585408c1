/* talk.h - a client on a script, for the tests of client/. */
#ifndef TESTS_UNIT_TALK_H
#define TESTS_UNIT_TALK_H

#include "main.h"

#include <simpleclient/class.h>
#include <simpleclient/script.h>

/* The stream stays the client's; it is asked whether all was played. */
struct talk {
    SimpleClient *c;
    Stream *s;
};

static inline struct talk talk_class(const struct client_class *cls,
                                     const char *text, size_t split,
                                     const struct sc_options *opt)
{
    struct sc_error err = {0};
    struct talk t;

    t.s = sc_script_open(text, split, &err);
    if (!t.s)
        fail_msg("%s", err.text);
    t.c = sc_attach(cls, t.s, opt);
    return t;
}

static inline struct talk talk_to(const char *text, size_t split)
{
    return talk_class(&sc_simple_class, text, split, NULL);
}

/* All of the script was played; then close. */
static inline void talk_over(struct talk t)
{
    struct sc_error err = {0};

    if (sc_script_done(t.s, &err) < 0)
        fail_msg("%s", err.text);
    sc_close(t.c);
}

static inline void assert_span(struct sc_span s, const char *text)
{
    if (!sc_span_eq(s, text))
        fail_msg("\"%.*s\" is not \"%s\"", (int)s.len, s.data, text);
}

#endif
