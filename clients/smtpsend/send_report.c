/* send_report.c - exit codes are curl's where it has the same failure. The last
 * command that was sent tells failures apart that have the same code. */

#include <stdio.h>
#include <string.h>

#include "../term/complain.h"
#include "../term/shown.h"
#include "../term/transcript.h"
#include "send_report.h"

/* --- how far it came --- */

static enum { GREETING, HELLO, TLS, LOGIN, MESSAGE } reached;

static bool is(const char *text, size_t n, const char *word)
{
    size_t len = strlen(word);

    return n >= len && strncmp(text, word, len) == 0;
}

void watch_dialogue(void *arg, int direction, const char *text, size_t n)
{
    const bool *shown = arg;

    if (direction == '>') {
        if (is(text, n, "EHLO") || is(text, n, "HELO") || is(text, n, "LHLO"))
            reached = HELLO;
        else if (is(text, n, "STARTTLS"))
            reached = TLS;
        else if (is(text, n, "***") || is(text, n, "AUTH"))
            reached = LOGIN;
        else if (is(text, n, "MAIL"))
            reached = MESSAGE;
    }
    if (*shown)
        show_transcript(NULL, direction, text, n);
}

/* --- exit codes --- */

static int exit_of_refusal(void)
{
    switch (reached) {
    case GREETING:
        return 8;
    case HELLO:
        return SEND_HELLO;
    case TLS:
        return SEND_NO_TLS;
    case LOGIN:
        return SEND_LOGIN;
    default:
        return SEND_REFUSED;
    }
}

static int exit_of(const struct sc_error *e)
{
    switch (e->code) {
    case SC_EUNKNOWN:
        return SEND_UNKNOWN;
    case SC_EREPLY:
        return exit_of_refusal();
    case SC_EPLAINTEXT:
        return e->phase == SC_PHASE_TLS ? 8 : SEND_LOGIN;
    case SC_ENOTSUP: /* no mechanism in common; or no extension */
        return e->phase == SC_PHASE_GREET ? SEND_LOGIN : SEND_REFUSED;
    case SC_ETLS:
        return e->phase == SC_PHASE_TLS ? 35 : SEND_NO_TLS;
    case SC_EINVAL:
        return EXIT_USAGE;
    default:
        return exit_code_of(e);
    }
}

int report_failure(const struct sc_error *e)
{
    complain("smtpsend", e);
    return exit_of(e);
}

/* --- recipients --- */

void report_recipient(const char *to, const struct smtp_status *st)
{
    const char *text = st->text[0] != '\0' ? st->text : sc_strerror(st->rc);

    fputs("smtpsend: <", stderr);
    put_shown(stderr, to, strlen(to));
    fputs(">: ", stderr);
    if (st->code != 0)
        fprintf(stderr, "%d ", st->code);
    put_shown(stderr, text, strlen(text));
    fputc('\n', stderr);
}

static bool is_same(const struct smtp_status *a, const struct smtp_status *b)
{
    return a->rc == b->rc && a->code == b->code &&
           strcmp(a->text, b->text) == 0;
}

/* One line says it, where all have the same. */
static bool all_the_same(const struct smtp_result *r)
{
    for (size_t i = 1; i < r->n; i++)
        if (!is_same(&r->to[0], &r->to[i]))
            return false;
    return true;
}

static void report_each(const struct send_message *s,
                        const struct smtp_result *r)
{
    for (size_t i = 0; i < r->n && i < s->n; i++)
        report_recipient(s->to[i], &r->to[i]);
}

static bool any_unknown(const struct smtp_result *r)
{
    for (size_t i = 0; i < r->n; i++)
        if (r->to[i].rc == SC_EUNKNOWN)
            return true;
    return r->outcome == SMTP_UNKNOWN;
}

int report_result(const struct send_message *s, const struct send_options *o,
                  const struct smtp_result *r, int rc)
{
    if (rc >= 0) {
        if (o->mail.verbose)
            report_each(s, r);
        return 0;
    }
    if (s->failed < 0) {
        fprintf(stderr, "smtpsend: stdin: %s\n", strerror(-s->failed));
        return SEND_READ;
    }
    if (r->n > 1 && !all_the_same(r))
        report_each(s, r);
    else
        complain("smtpsend", &r->error);
    if (any_unknown(r))
        return SEND_UNKNOWN;
    return r->outcome == SMTP_PARTLY ? SEND_PARTLY : exit_of(&r->error);
}
