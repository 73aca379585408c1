/* smtp.c - SMTPClient: the class, the greeting, and what both sides say of
 * themselves (RFC 5321 sections 3.1, 3.2, 4.2). */

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "client/conn.h"
#include "smtp/smtp_client.h"

const struct smtp_class smtp_class = {
    .base = {.name = "smtp",
             .scheme = "smtp",
             .port = 25,
             .tls_port = 465,
             .size = sizeof(SMTPClient),
             .line_limit = SMTP_AUTH_MOST,
             .forwards = false,
             .alpn = NULL,
             .goodbye = "QUIT",
             .greet = smtp_class_greet,
             .reply = smtp_class_reply,
             .quit = smtp_class_quit,
             .cleanup = smtp_class_cleanup},
    .hello = "EHLO",
    .falls_back = true,
    .each = false,
};

/* --- the slots --- */

/* The command that the next reply belongs to has not left yet. */
static bool is_unsent(const struct sc_conn *k)
{
    if (k->npending > 0)
        return k->pending[k->pending_first].end > k->sent_total;
    return k->wn > 0;
}

/* Success before it was asked for is none: the message might never leave, and
 * each later reply would be taken for another's. */
int smtp_class_reply(SimpleClient *c, struct sc_reply *r)
{
    SMTPClient *s = (SMTPClient *)c;
    int rc = sc_client_reply(c, r);

    if (rc < 0)
        return rc;
    if (r->code < 400 && is_unsent(c->conn))
        return sc_break(c, SC_EPROTO, "reply %03d came before its command",
                        r->code);
    if (r->code < 200) /* RFC 5321 section 4.2.1 has no such class */
        return sc_break(c, SC_EPROTO, "unexpected reply %03d", r->code);
    smtp_enhanced_of(r->code, r->text, s->enhanced);
    s->closing |= r->code == 421;
    return 0;
}

/* RFC 5321 section 3.1: after 554 the client says QUIT. */
static int read_greeting(SMTPClient *s)
{
    SimpleClient *c = &s->base;
    struct sc_reply r;
    int rc;

    smtp_time(s, SMTP_MS_COMMAND);
    if ((rc = sc_reply(c, &r)) < 0 || r.code == 220)
        return rc;
    rc = sc_refuse(c, &r);
    if (r.code / 100 == 5) {
        sc_writeline(c, "QUIT");
        sc_flush(c);
    }
    return rc;
}

static bool is_refused_for_good(const SimpleClient *c, int rc)
{
    return rc == SC_EREPLY && sc_last_error(c)->status / 100 == 5;
}

int smtp_class_greet(SimpleClient *c)
{
    SMTPClient *s = (SMTPClient *)c;
    int rc;

    if ((rc = read_greeting(s)) < 0)
        return rc;
    rc = smtp_ehlo(s, NULL);
    if (smtp_class_of(s)->falls_back && is_refused_for_good(c, rc))
        rc = smtp_helo(s, NULL);
    if (rc < 0 || (rc = smtp_secure(s)) < 0)
        return rc;
    return smtp_login(s);
}

int smtp_class_quit(SimpleClient *c)
{
    SMTPClient *s = (SMTPClient *)c;

    if (s->closing) /* the server has said goodbye itself */
        return SC_EREPLY;
    sc_writeline(c, "QUIT");
    return sc_expect(c, 221, NULL);
}

void smtp_class_cleanup(SimpleClient *c)
{
    SMTPClient *s = (SMTPClient *)c;

    sc_buf_free(&s->caps.all);
    sc_buf_free(&s->line);
    sc_client_cleanup(c);
}

/* --- open and close --- */

const struct smtp_class *smtp_class_for(const char *server)
{
    bool lmtp = server != NULL &&
                (server[0] == '/' || strncmp(server, "lmtp:", 5) == 0 ||
                 strncmp(server, "lmtps:", 6) == 0);

    return lmtp ? &smtp_lmtp_class : &smtp_class;
}

SMTPClient *smtp_open(const char *server, const struct sc_options *opt)
{
    const struct client_class *cls = &smtp_class_for(server)->base;
    const char *hello = sc_options_or_default(opt)->hello;
    struct sc_error e = {0};
    SimpleClient *c;

    if (hello == NULL || smtp_check_name("hello", hello, &e) == 0)
        return sc_open(cls, server, 0, opt);
    c = sc_conn_new(cls, opt);
    sc_break(c, e.code, "%s", e.text);
    return (SMTPClient *)c;
}

int smtp_close(SMTPClient *s)
{
    return s != NULL ? sc_close(&s->base) : 0;
}

SimpleClient *smtp_base(SMTPClient *s)
{
    return &s->base;
}

const struct smtp_caps *smtp_capabilities(SMTPClient *s)
{
    return &s->caps;
}

const char *smtp_enhanced(SMTPClient *s)
{
    return s->enhanced;
}

/* --- before each command --- */

void smtp_time(SMTPClient *s, int64_t ms)
{
    bool unset = sc_options_wait_unset(sc_client_options(&s->base));

    sc_timeout(&s->base, unset ? ms : 0);
}

/* Another task waits for its reply, or sends a text that a command would become
 * part of. */
static bool is_busy(const SMTPClient *s)
{
    const struct sc_conn *k = s->base.conn;

    return s->sending || k->reading || k->writing || k->taking;
}

int smtp_begin(SMTPClient *s, int64_t ms)
{
    int rc = sc_broken(&s->base);

    if (rc == 0 && is_busy(s))
        return SC_EBUSY;
    if (rc == 0 && s->closing)
        rc = sc_break(&s->base, SC_EREPLY, "the server has said 421: closed");
    if (rc == 0)
        smtp_time(s, ms);
    return rc;
}

/* --- hello --- */

/* RFC 5321 section 4.1.3. */
static void own_address(SMTPClient *s, char *to, size_t size)
{
    Stream *stream = sc_stream(&s->base);
    struct sc_peer p = {.family = 0};

    if (stream == NULL || sc_stream_info(stream, SC_INFO_LOCAL, &p) < 0 ||
        p.port == 0 || strchr(p.address, '%') != NULL)
        snprintf(to, size, "localhost");
    else if (strchr(p.address, ':') != NULL)
        snprintf(to, size, "[IPv6:%s]", p.address);
    else
        snprintf(to, size, "[%s]", p.address);
}

/* A host's name without a dot is no name to anybody else. */
static void own_name(SMTPClient *s, char *to, size_t size)
{
    const char *hello = sc_client_options(&s->base)->hello;
    struct sc_error e;

    if (hello != NULL) {
        snprintf(to, size, "%s", hello);
        return;
    }
    if (gethostname(to, size) < 0)
        to[0] = '\0';
    to[size - 1] = '\0';
    if (strchr(to, '.') == NULL || smtp_check_name("", to, &e) < 0)
        own_address(s, to, size);
}

static int check_own_name(SMTPClient *s, const char *name)
{
    struct sc_error e = {0};

    if (name == NULL)
        own_name(s, s->me, sizeof s->me);
    if (smtp_check_name("hello", name != NULL ? name : s->me, &e) < 0)
        return sc_fail(&s->base, e.code, "%s", e.text);
    if (name != NULL && name != s->me)
        snprintf(s->me, sizeof s->me, "%s", name);
    return 0;
}

int smtp_ehlo(SMTPClient *s, const char *name)
{
    SimpleClient *c = &s->base;
    struct sc_reply r;
    int rc;

    if ((rc = smtp_begin(s, SMTP_MS_COMMAND)) < 0 ||
        (rc = check_own_name(s, name)) < 0)
        return rc;
    sc_writeline(c, "%s %s", smtp_class_of(s)->hello, s->me);
    if ((rc = sc_reply(c, &r)) < 0)
        return rc;
    if (r.code != 250)
        return sc_refuse(c, &r);
    s->begun = false; /* RFC 5321 section 4.1.4: as RSET */
    if ((rc = smtp_caps_parse(&s->caps, r.all)) < 0)
        return sc_break(c, rc, "%s", sc_strerror(rc));
    return 0;
}

int smtp_helo(SMTPClient *s, const char *name)
{
    SimpleClient *c = &s->base;
    struct sc_span text;
    int rc;

    if ((rc = smtp_begin(s, SMTP_MS_COMMAND)) < 0 ||
        (rc = check_own_name(s, name)) < 0)
        return rc;
    if (!smtp_class_of(s)->falls_back) /* RFC 2033 section 4.1 */
        return sc_fail(c, SC_ENOTSUP, "LMTP has no HELO");
    sc_writeline(c, "HELO %s", s->me);
    if ((rc = sc_expect(c, 250, &text)) < 0)
        return rc;
    s->begun = false;
    if ((rc = smtp_caps_parse(&s->caps, text)) < 0)
        return sc_break(c, rc, "%s", sc_strerror(rc));
    s->caps.esmtp = 0;
    return 0;
}

int smtp_quit(SMTPClient *s)
{
    int rc = smtp_begin(s, SMTP_MS_COMMAND);

    return rc < 0 ? rc : smtp_class_quit(&s->base);
}
