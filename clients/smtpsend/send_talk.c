/* send_talk.c - --serverinfo and --quit-after: the dialogue up to some step, then
 * QUIT. */

#include <stdio.h>
#include <string.h>

#include <simpleclient/class.h>

#include "../term/server_info.h"
#include "send_report.h"
#include "send_talk.h"

/* Say goodbye; FAILED is what happened before, 0 or an exit code. */
static int end(SMTPClient *c, int failed)
{
    struct sc_error e = *sc_last_error(smtp_base(c));
    int broken = sc_broken(smtp_base(c)), rc = smtp_close(c);

    if (failed == 0 && broken < 0)
        return report_failure(&e);
    if (failed == 0 && rc < 0) {
        e = (struct sc_error){.code = rc};
        return report_failure(&e);
    }
    return failed;
}

/* --- --serverinfo --- */

/* The first line greets; the others are extensions. */
static void print_capabilities(const struct smtp_caps *caps)
{
    print_words("name: ", caps->name, strlen(caps->name));
    printf("extensions:%s\n", caps->esmtp ? "" : " none, it knows only HELO");
    if (caps->esmtp)
        print_lines("  ", &caps->all, 1);
}

static SMTPClient *open_without_login(const struct send_options *o, int stage)
{
    struct sc_options opt = o->mail.connect;

    opt.user = opt.password = opt.token = opt.netrc = opt.mechanisms = NULL;
    if (stage == STAGE_CONNECT || stage == STAGE_GREETING)
        opt.flags |= SC_OPT_NO_GREET;
    if (stage == STAGE_HELLO)
        opt.starttls = SC_STARTTLS_NEVER;
    return smtp_open(o->server.data, &opt);
}

int show_server(const struct send_options *o)
{
    SMTPClient *c = open_without_login(o, STAGE_TLS);

    if (sc_broken(smtp_base(c)) == 0) {
        print_peer(sc_stream(smtp_base(c)));
        print_capabilities(smtp_capabilities(c));
    }
    return end(c, 0);
}

/* --- --quit-after --- */

static int name_recipients(SMTPClient *c, const struct send_message *s)
{
    size_t refused = 0;
    int rc;

    for (size_t i = 0; i < s->n; i++) {
        rc = smtp_rcpt(c, s->to[i], NULL);
        if (rc < 0)
            report_failure(sc_last_error(smtp_base(c)));
        if (rc < 0 && rc != SC_EREPLY)
            return SEND_REFUSED;
        refused += rc < 0;
    }
    if (refused == 0)
        return 0;
    return refused < s->n ? SEND_PARTLY : SEND_REFUSED;
}

static int begin_message(SMTPClient *c, const struct send_message *s, int stage)
{
    if (sc_broken(smtp_base(c)) != 0)
        return 0;
    if (smtp_mail(c, s->from, NULL) < 0)
        return report_failure(sc_last_error(smtp_base(c)));
    return stage == STAGE_RCPT ? name_recipients(c, s) : 0;
}

/* The server is owed its greeting before QUIT; without it, none is said. */
static int after_connect(SMTPClient *c, int stage)
{
    SimpleClient *base = smtp_base(c);
    struct sc_error e;

    if (sc_broken(base) == 0 && stage == STAGE_GREETING &&
        sc_expect(base, 220, NULL) >= 0)
        return end(c, 0);
    e = *sc_last_error(base);
    sc_drop(base);
    return e.code != 0 ? report_failure(&e) : 0;
}

int quit_after(const struct send_message *s, const struct send_options *o)
{
    SMTPClient *c;
    int code = 0;

    if (o->stage < STAGE_AUTH)
        c = open_without_login(o, o->stage);
    else
        c = smtp_open(o->server.data, &o->mail.connect);
    if (o->stage <= STAGE_GREETING)
        return after_connect(c, o->stage);
    if (o->stage >= STAGE_MAIL)
        code = begin_message(c, s, o->stage);
    return end(c, code);
}
