/* nntp_script.h - an NNTPClient whose server is a script. */
#ifndef TESTS_UNIT_NNTP_SCRIPT_H
#define TESTS_UNIT_NNTP_SCRIPT_H

#include "talk.h"

#include "nntp/nntp_client.h"

/* What CAPABILITIES is answered with. */
#define CAPS(lines)                                                            \
    "C: CAPABILITIES\n"                                                        \
    "S: 101 Capability list:\n"                                                \
    "S: VERSION 2\n" lines "S: .\n"
/* A reader as RFC 3977 has it. */
#define NNTP_NEW "S: 200 news\n" CAPS("S: READER\nS: OVER MSGID\nS: HDR\n")
/* A server that knows no CAPABILITIES. */
#define NNTP_OLD                                                               \
    "S: 200 news\n"                                                            \
    "C: CAPABILITIES\n"                                                        \
    "S: 500 What?\n"                                                           \
    "C: MODE READER\n"                                                         \
    "S: 200 news\n"                                                            \
    "C: CAPABILITIES\n"                                                        \
    "S: 500 What?\n"

struct nntp_talk {
    NNTPClient *n;
    Stream *stream;
};

static inline struct nntp_talk nntp_talk_as(const struct client_class *cls,
                                            const char *script, size_t split,
                                            const struct sc_options *opt)
{
    struct sc_error e = {0};
    struct nntp_talk t;

    if ((t.stream = sc_script_open(script, split, &e)) == NULL)
        fail_msg("%s", e.text);
    t.n = sc_attach(cls, t.stream, opt);
    return t;
}

static inline struct nntp_talk nntp_talk_with(const char *script, size_t split,
                                              const struct sc_options *opt)
{
    return nntp_talk_as(&nntp_class, script, split, opt);
}

static inline struct nntp_talk nntp_talk(const char *script)
{
    return nntp_talk_with(script, 0, NULL);
}

/* The script must have been played; nothing is said. */
static inline void nntp_talk_over(struct nntp_talk t)
{
    struct sc_error e = {0};

    if (sc_script_done(t.stream, &e) < 0)
        fail_msg("%s", e.text);
    sc_drop(&t.n->base);
}

/* Open, and no more: CODE is what the client is broken with. */
static inline void nntp_play(const char *script, const struct sc_options *opt,
                             int code)
{
    struct nntp_talk t = nntp_talk_with(script, 0, opt);

    if (sc_broken(&t.n->base) != code)
        fail_msg("%s: %d %s", script, sc_broken(&t.n->base),
                 sc_last_error(&t.n->base)->text);
    nntp_talk_over(t);
}

static inline void assert_in_order(struct nntp_talk t)
{
    if (sc_broken(&t.n->base) != 0)
        fail_msg("%s", sc_last_error(&t.n->base)->text);
}

static inline void assert_words(struct nntp_talk t, const char *words)
{
    if (strstr(sc_last_error(&t.n->base)->text, words) == NULL)
        fail_msg("%s", sc_last_error(&t.n->base)->text);
}

/* RC is SC_EREPLY with the server's CODE, in order. */
static inline void assert_refused(struct nntp_talk t, int rc, int code)
{
    assert_int_equal(rc, SC_EREPLY);
    assert_int_equal(sc_last_error(&t.n->base)->status, code);
    assert_in_order(t);
}

#endif
