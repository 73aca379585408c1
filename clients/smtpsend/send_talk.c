/* send_talk.c - --serverinfo and --quit-after: the dialogue up to some step, then
 * QUIT. */

#include <stdio.h>
#include <string.h>

#include <simpleclient/class.h>
#include <simpleclient/stream.h>

#include "../term/shown.h"
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

static void print_line(const char *name, const char *text, size_t n)
{
    fputs(name, stdout);
    put_shown(stdout, text, n);
    putchar('\n');
}

static void print_peer(SMTPClient *c)
{
    Stream *s = sc_stream(smtp_base(c));
    struct sc_peer p = {.family = 0};
    struct sc_tls_info t = {.verified = 0};

    if (sc_stream_info(s, SC_INFO_PEER, &p) == 0 && p.port > 0)
        printf("address: %s port %d\n", p.address, p.port);
    if (sc_stream_info(s, SC_INFO_TLS, &t) < 0) {
        puts("TLS: none");
        return;
    }
    printf("TLS: %s, %s, %s\n", t.version, t.cipher,
           t.verified ? "verified" : "not verified");
    print_line("certificate: ", t.subject, strlen(t.subject));
    print_line("issuer: ", t.issuer, strlen(t.issuer));
}

/* The first line greets; the others are extensions. */
static void print_capabilities(const struct smtp_caps *caps)
{
    const char *p = caps->all.data, *last = p, *lf;

    print_line("name: ", caps->name, strlen(caps->name));
    printf("extensions:%s\n", caps->esmtp ? "" : " none, it knows only HELO");
    if (p == NULL || !caps->esmtp)
        return;
    for (last += caps->all.len; p < last; p = lf + 1) {
        lf = memchr(p, '\n', (size_t)(last - p));
        if (lf == NULL)
            lf = last;
        if (p != caps->all.data)
            print_line("  ", p, (size_t)(lf - p));
    }
}

static SMTPClient *open_without_login(const struct send_options *o, int stage)
{
    struct sc_options opt = o->connect;

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
        print_peer(c);
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
        c = smtp_open(o->server.data, &o->connect);
    if (o->stage <= STAGE_GREETING)
        return after_connect(c, o->stage);
    if (o->stage >= STAGE_MAIL)
        code = begin_message(c, s, o->stage);
    return end(c, code);
}
