/* smtp_script.h - an SMTPClient whose server is a script. */
#ifndef TESTS_UNIT_SMTP_SCRIPT_H
#define TESTS_UNIT_SMTP_SCRIPT_H

#include "talk.h"

#include "smtp/smtp_client.h"

#define SMTP_HELLO(lines)                                                      \
    "S: 220 mail.example ESMTP\n"                                              \
    "C: EHLO me.example\n" lines

struct smtp_talk {
    SMTPClient *s;
    Stream *stream;
};

static inline struct smtp_talk smtp_talk_class(const struct smtp_class *cls,
                                               const char *script, size_t split,
                                               const struct sc_options *opt)
{
    struct sc_options o = opt != NULL ? *opt : (struct sc_options){0};
    struct sc_error e = {0};
    struct smtp_talk t;

    if (o.hello == NULL)
        o.hello = "me.example";
    if ((t.stream = sc_script_open(script, split, &e)) == NULL)
        fail_msg("%s", e.text);
    t.s = sc_attach(&cls->base, t.stream, &o);
    return t;
}

static inline struct smtp_talk smtp_talk(const char *script)
{
    return smtp_talk_class(&smtp_class, script, 0, NULL);
}

/* The script must have been played; nothing is said. */
static inline void smtp_talk_over(struct smtp_talk t)
{
    struct sc_error e = {0};

    if (sc_script_done(t.stream, &e) < 0)
        fail_msg("%s", e.text);
    sc_drop(&t.s->base);
}

static inline void assert_in_order(struct smtp_talk t)
{
    if (sc_broken(&t.s->base) != 0)
        fail_msg("%s", sc_last_error(&t.s->base)->text);
}

#endif
