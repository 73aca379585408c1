/* send_talk.c - --serverinfo and --quit-after: the dialogue up to some step, then
 * QUIT. */

#include <stdio.h>
#include <string.h>

#include <simpleclient/class.h>
#include <simpleclient/stream.h>

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

static void print_peer(SMTPClient *c)
{
    SimpleClient *base = smtp_base(c);
    struct sc_peer p = {.family = 0};
    struct sc_tls_info t = {.verified = 0};

    if (sc_stream_info(sc_stream(base), SC_INFO_PEER, &p) == 0 && p.port > 0)
        printf("address: %s port %d\n", p.address, p.port);
    if (sc_stream_info(sc_stream(base), SC_INFO_TLS, &t) < 0) {
        puts("TLS: none");
        return;
    }
    printf("TLS: %s, %s, %s\ncertificate: %s\nissuer: %s\n", t.version,
           t.cipher, t.verified ? "verified" : "not verified", t.subject,
           t.issuer);
}

/* The first line greets; the others are extensions. */
static void print_capabilities(const struct smtp_caps *caps)
{
    const char *p = caps->all.data, *end_of_all, *line_end;

    printf("name: %s\nextensions:%s\n", caps->name,
           caps->esmtp ? "" : " none, it knows HELO only");
    if (p == NULL || !caps->esmtp)
        return;
    for (end_of_all = p + caps->all.len; p < end_of_all; p = line_end + 1) {
        line_end = memchr(p, '\n', (size_t)(end_of_all - p));
        if (line_end == NULL)
            line_end = end_of_all;
        if (p == caps->all.data)
            continue;
        fputs("  ", stdout);
        for (const char *at = p; at < line_end; at++)
            putchar((unsigned char)*at < ' ' || *at == 0x7f ? '?' : *at);
        putchar('\n');
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
