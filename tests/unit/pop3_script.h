/* pop3_script.h - a POP3Client whose server is a script. */
#ifndef TESTS_UNIT_POP3_SCRIPT_H
#define TESTS_UNIT_POP3_SCRIPT_H

#include "talk.h"

#include "pop3/pop3_client.h"

/* A server that knows no CAPA. */
#define POP3_OLD                                                               \
    "S: +OK POP3 ready\n"                                                      \
    "C: CAPA\n"                                                                \
    "S: -ERR what?\n"

struct pop3_talk {
    POP3Client *p;
    Stream *stream;
};

static inline struct pop3_talk pop3_talk_with(const char *script, size_t split,
                                              const struct sc_options *opt)
{
    struct sc_error e = {0};
    struct pop3_talk t;

    if ((t.stream = sc_script_open(script, split, &e)) == NULL)
        fail_msg("%s", e.text);
    t.p = sc_attach(&pop3_class, t.stream, opt);
    return t;
}

static inline struct pop3_talk pop3_talk(const char *script)
{
    return pop3_talk_with(script, 0, NULL);
}

/* The script must have been played; nothing is said. */
static inline void pop3_talk_over(struct pop3_talk t)
{
    struct sc_error e = {0};

    if (sc_script_done(t.stream, &e) < 0)
        fail_msg("%s", e.text);
    sc_drop(&t.p->base);
}

static inline void assert_in_order(struct pop3_talk t)
{
    if (sc_broken(&t.p->base) != 0)
        fail_msg("%s", sc_last_error(&t.p->base)->text);
}

static inline void assert_words(struct pop3_talk t, const char *words)
{
    if (strstr(sc_last_error(&t.p->base)->text, words) == NULL)
        fail_msg("%s", sc_last_error(&t.p->base)->text);
}

#endif
