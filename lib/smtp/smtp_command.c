/* smtp_command.c - one command and its reply each (RFC 5321 section 4.1.1).
 * What cannot be sent is refused before a byte of it leaves. */

#include <string.h>

#include "smtp/smtp_client.h"

/* --- lines --- */

/* HEAD TEXT TAIL and, behind a space, PARAMS (may be NULL). */
static int send_line(SMTPClient *s, const char *head, const char *text,
                     const char *tail, const char *params)
{
    struct sc_buf *b = &s->line;
    int rc;

    b->len = 0;
    b->limit = SMTP_LINE_MOST + SMTP_PARAMS_MOST;
    if ((rc = sc_buf_addf(b, "%s%s%s", head, text, tail)) == 0 &&
        b->len > SMTP_LINE_MOST - 2)
        rc = SC_ETOOBIG;
    if (rc == 0 && params != NULL && *params)
        rc = sc_buf_addf(b, " %s", params);
    if (rc == SC_ETOOBIG)
        return sc_fail(&s->base, SC_EINVAL, "a command beyond its limit");
    if (rc < 0)
        return sc_fail(&s->base, rc, "%s", sc_strerror(rc));
    return sc_writeline_n(&s->base, b->data, b->len);
}

static int fail(SMTPClient *s, const struct sc_error *e)
{
    return sc_fail(&s->base, e->code, "%s", e->text);
}

/* RFC 5321 section 4.1.1.11: parameters are for servers that know EHLO. */
static int may_have(SMTPClient *s, const char *params)
{
    if (params != NULL && *params && !s->caps.esmtp)
        return sc_fail(&s->base, SC_ENOTSUP,
                       "the server takes no parameters (HELO)");
    return 0;
}

/* An address beyond ASCII is a lie without SMTPUTF8 (RFC 6531 section 3.4). */
static int may_be_utf8(SMTPClient *s, const char *address)
{
    if (smtp_is_ascii(address, strlen(address)) ||
        smtp_has(s, SMTP_EXT_SMTPUTF8))
        return 0;
    return sc_fail(&s->base, SC_ENOTSUP, "the server does not take SMTPUTF8");
}

static int check(SMTPClient *s, const char *what, const char *address,
                 bool may_be_empty, const char *params)
{
    struct sc_error e = {0};
    int rc;

    if (smtp_check_address(what, address, may_be_empty, &e) < 0 ||
        smtp_check_params("params", params, &e) < 0)
        return fail(s, &e);
    if ((rc = may_have(s, params)) < 0)
        return rc;
    return may_be_utf8(s, address);
}

/* --- a transaction, step by step --- */

int smtp_mail(SMTPClient *s, const char *from, const char *params)
{
    int rc;

    if ((rc = smtp_begin(s, SMTP_MS_COMMAND)) < 0 ||
        (rc = check(s, "from", from, true, params)) < 0 ||
        (rc = send_line(s, "MAIL FROM:<", from, ">", params)) < 0)
        return rc;
    if ((rc = sc_expect(&s->base, 2, NULL)) < 0)
        return rc;
    s->used = s->begun = true;
    s->accepted = 0;
    return 0;
}

int smtp_rcpt(SMTPClient *s, const char *to, const char *params)
{
    int rc;

    if ((rc = smtp_begin(s, SMTP_MS_COMMAND)) < 0 ||
        (rc = check(s, "to", to, false, params)) < 0 ||
        (rc = send_line(s, "RCPT TO:<", to, ">", params)) < 0)
        return rc;
    if ((rc = sc_expect(&s->base, 2, NULL)) < 0)
        return rc;
    s->accepted++;
    return rc;
}

/* --- one line, one reply --- */

static int plain(SMTPClient *s, const char *command)
{
    int rc;

    if ((rc = smtp_begin(s, SMTP_MS_COMMAND)) < 0)
        return rc;
    sc_writeline(&s->base, "%s", command);
    rc = sc_expect(&s->base, 2, NULL);
    return rc < 0 ? rc : 0;
}

int smtp_rset(SMTPClient *s)
{
    int rc = plain(s, "RSET");

    if (rc == 0) {
        s->begun = false;
        s->accepted = 0;
    }
    return rc;
}

int smtp_noop(SMTPClient *s)
{
    return plain(s, "NOOP");
}

/* VERB TEXT; the lines of a 2xx reply are appended to OUT. */
static int ask(SMTPClient *s, const char *verb, const char *text,
               struct sc_buf *out)
{
    struct sc_error e = {0};
    struct sc_reply r;
    int rc;

    if ((rc = smtp_begin(s, SMTP_MS_COMMAND)) < 0)
        return rc;
    if (*text && smtp_check_text(verb, text, &e) < 0)
        return fail(s, &e);
    if ((rc = send_line(s, verb, *text ? " " : "", text, NULL)) < 0 ||
        (rc = sc_reply(&s->base, &r)) < 0)
        return rc;
    if (r.code / 100 != 2)
        return sc_refuse(&s->base, &r);
    if (out != NULL && (rc = sc_buf_add(out, r.all.data, r.all.len)) < 0)
        return sc_fail(&s->base, rc, "%s", sc_strerror(rc));
    return r.code;
}

static int ask_about(SMTPClient *s, const char *verb, const char *text,
                     struct sc_buf *out)
{
    if (text == NULL || *text == '\0')
        return sc_fail(&s->base, SC_EINVAL, "%s of nothing", verb);
    return ask(s, verb, text, out);
}

int smtp_vrfy(SMTPClient *s, const char *name, struct sc_buf *out)
{
    return ask_about(s, "VRFY", name, out);
}

int smtp_expn(SMTPClient *s, const char *list, struct sc_buf *out)
{
    return ask_about(s, "EXPN", list, out);
}

int smtp_help(SMTPClient *s, const char *topic, struct sc_buf *out)
{
    return ask(s, "HELP", topic != NULL ? topic : "", out);
}

/* RFC 1985. */
int smtp_etrn(SMTPClient *s, const char *name)
{
    return ask_about(s, "ETRN", name, NULL);
}
