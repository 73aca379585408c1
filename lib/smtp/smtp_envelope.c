/* smtp_envelope.c - MAIL and RCPT with the parameters that the message needs
 * and the server offers: SIZE (RFC 1870), BODY (RFC 6152, 3030), SMTPUTF8 (RFC
 * 6531), DSN (RFC 3461), AUTH (RFC 4954), REQUIRETLS (RFC 8689). What it needs
 * and is not offered is an error, never left out. */

#include <string.h>

#include "smtp/smtp_tx.h"
#include "uri/idn.h"

/* --- what is needed --- */

static size_t local_part(const char *address)
{
    const char *at = strrchr(address, '@');

    return at != NULL ? (size_t)(at - address) : strlen(address);
}

static bool local_is_ascii(const char *address)
{
    return smtp_is_ascii(address, local_part(address));
}

static bool needs_utf8(const struct smtp_tx *t)
{
    if (t->scan.high_head || t->ascii)
        return t->scan.high_head;
    if (!local_is_ascii(t->m->from))
        return true;
    for (size_t i = 0; t->m->to[i] != NULL; i++)
        if (!local_is_ascii(t->m->to[i]))
            return true;
    return false;
}

/* The address as it goes out: a domain beyond ASCII in A-labels, unless the
 * server takes it as it is (RFC 6531 section 3.2). */
static int add_address(const struct smtp_tx *t, struct sc_buf *b,
                       const char *address, struct sc_error *e)
{
    size_t n = strlen(address), local;
    struct sc_span domain;
    int rc;

    if (t->utf8 || t->ascii || smtp_is_ascii(address, n))
        return sc_buf_add(b, address, n);
    local = local_part(address) + 1;
    domain.data = address + local;
    domain.len = n - local;
    if ((rc = sc_buf_add(b, address, local)) < 0)
        return rc;
    return uri_idn_to_ascii(domain, b, e);
}

static int lacks(struct smtp_tx *t, const char *what)
{
    return sc_fail(&t->s->base, SC_ENOTSUP,
                   "the message needs %s, which the server does not offer",
                   what);
}

static bool wants_dsn(const struct smtp_message *m)
{
    return m->ret != NULL || m->envid != NULL || m->notify != NULL ||
           m->orcpt != NULL;
}

static int check_body(struct smtp_tx *t)
{
    const unsigned binary = SMTP_EXT_CHUNKING | SMTP_EXT_BINARYMIME;
    bool eight = smtp_has(t->s, SMTP_EXT_8BITMIME);

    if (t->m->flags & SMTP_BINARY)
        return (t->s->caps.have & binary) == binary ? 0
                                                    : lacks(t, "BINARYMIME");
    if (t->scan.high && !eight)
        return lacks(t, "8BITMIME");
    t->text.seven = !t->scan.whole && !eight;
    return 0;
}

/* RFC 1870 section 6.3: why send what will be refused? */
static int check_size(struct smtp_tx *t)
{
    uint64_t most = t->s->caps.size;

    if (!t->scan.whole || most == 0 || t->scan.size <= most)
        return 0;
    return sc_fail(&t->s->base, SC_ETOOBIG,
                   "a message of %llu bytes, the server takes %llu",
                   (unsigned long long)t->scan.size, (unsigned long long)most);
}

/* Each domain can be made ASCII. */
static int check_domains(struct smtp_tx *t)
{
    struct sc_buf b = SC_BUF(SMTP_LINE_MOST);
    struct sc_error e = {0};
    int rc = add_address(t, &b, t->m->from, &e);

    for (size_t i = 0; rc == 0 && t->m->to[i] != NULL; i++) {
        b.len = 0;
        rc = add_address(t, &b, t->m->to[i], &e);
    }
    sc_buf_free(&b);
    if (rc == 0)
        return 0;
    return sc_fail(&t->s->base, rc, "%s", e.text[0] ? e.text : sc_strerror(rc));
}

static bool all_ascii(const struct smtp_message *m)
{
    bool yes = smtp_is_ascii(m->from, strlen(m->from));

    for (size_t i = 0; yes && m->to[i] != NULL; i++)
        yes = smtp_is_ascii(m->to[i], strlen(m->to[i]));
    return yes;
}

static int check_requiretls(struct smtp_tx *t)
{
    if (!(t->m->flags & SMTP_REQUIRETLS))
        return 0;
    if (!sc_client_is_tls(&t->s->base) || !smtp_has(t->s, SMTP_EXT_REQUIRETLS))
        return lacks(t, "REQUIRETLS inside TLS");
    return 0;
}

int smtp_tx_decide(struct smtp_tx *t)
{
    const struct smtp_message *m = t->m;
    int rc;

    t->ascii = all_ascii(m);
    t->utf8 = needs_utf8(t);
    if (t->utf8 && !smtp_has(t->s, SMTP_EXT_SMTPUTF8))
        return lacks(t, "SMTPUTF8");
    if (wants_dsn(m) && !smtp_has(t->s, SMTP_EXT_DSN))
        return lacks(t, "DSN");
    if (!t->s->caps.esmtp && (m->mail_params != NULL || m->rcpt_params != NULL))
        return lacks(t, "parameters");
    if ((rc = check_body(t)) < 0 || (rc = check_requiretls(t)) < 0)
        return rc;
    if (!t->ascii && (rc = check_domains(t)) < 0)
        return rc;
    return check_size(t);
}

/* --- the lines --- */

static int add(struct sc_buf *b, const char *text)
{
    return sc_buf_add(b, text, strlen(text));
}

/* " NAME=" and TEXT as xtext; nothing for NULL. */
static int add_xtext(struct sc_buf *b, const char *name, const char *text)
{
    int rc;

    if (text == NULL)
        return 0;
    rc = add(b, name);
    return rc < 0 ? rc : smtp_add_xtext(b, text);
}

static int add_text(struct sc_buf *b, const char *name, const char *text)
{
    int rc;

    if (text == NULL)
        return 0;
    rc = add(b, name);
    return rc < 0 ? rc : add(b, text);
}

static const char *body_of(const struct smtp_tx *t)
{
    if (t->m->flags & SMTP_BINARY)
        return " BODY=BINARYMIME";
    if (smtp_has(t->s, SMTP_EXT_8BITMIME) && (t->scan.high || !t->scan.whole))
        return " BODY=8BITMIME";
    return "";
}

static int add_mail_params(struct smtp_tx *t, struct sc_buf *b)
{
    const struct smtp_message *m = t->m;
    bool auth = m->auth != NULL && smtp_has(t->s, SMTP_EXT_AUTH);
    int rc = 0;

    if (t->scan.whole && smtp_has(t->s, SMTP_EXT_SIZE) &&
        (rc = add(b, " SIZE=")) == 0)
        rc = smtp_add_number(b, t->scan.size);
    if (rc == 0)
        rc = add(b, body_of(t));
    if (rc == 0 && t->utf8)
        rc = add(b, " SMTPUTF8");
    if (rc == 0)
        rc = add_text(b, " RET=", m->ret);
    if (rc == 0)
        rc = add_xtext(b, " ENVID=", m->envid);
    if (rc == 0 && auth)
        rc = add_xtext(b, " AUTH=", m->auth);
    if (rc == 0 && m->flags & SMTP_REQUIRETLS)
        rc = add(b, " REQUIRETLS");
    return rc < 0 ? rc : add_text(b, " ", m->mail_params);
}

/* The part before ";" is no xtext (RFC 3461 section 4.2). */
static int add_orcpt(struct sc_buf *b, const char *orcpt)
{
    size_t type = orcpt != NULL ? strcspn(orcpt, ";") + 1 : 0;
    int rc;

    if (orcpt == NULL)
        return 0;
    if ((rc = add(b, " ORCPT=")) < 0 || (rc = sc_buf_add(b, orcpt, type)) < 0)
        return rc;
    return smtp_add_xtext(b, orcpt + type);
}

static int add_rcpt_params(struct smtp_tx *t, struct sc_buf *b, size_t i)
{
    const struct smtp_message *m = t->m;
    int rc = 0;

    if (m->notify != NULL)
        rc = add_text(b, " NOTIFY=", m->notify[i]);
    if (rc == 0 && m->orcpt != NULL)
        rc = add_orcpt(b, m->orcpt[i]);
    return rc < 0 ? rc : add_text(b, " ", m->rcpt_params);
}

static int send_line(struct smtp_tx *t, int rc)
{
    SimpleClient *c = &t->s->base;

    if (rc < 0)
        return sc_break(c, rc, "a command: %s", sc_strerror(rc));
    return sc_writeline_n(c, t->s->line.data, t->s->line.len);
}

static int begin_line(struct smtp_tx *t, const char *head, const char *address)
{
    struct sc_buf *b = &t->s->line;
    int rc;

    b->len = 0;
    b->limit = 4 * SMTP_PARAMS_MOST;
    if ((rc = add(b, head)) < 0 || (rc = add_address(t, b, address, NULL)) < 0)
        return rc;
    return sc_buf_add(b, ">", 1);
}

int smtp_put_mail(struct smtp_tx *t)
{
    int rc = begin_line(t, "MAIL FROM:<", t->m->from);

    return send_line(t, rc < 0 ? rc : add_mail_params(t, &t->s->line));
}

int smtp_put_rcpt(struct smtp_tx *t, size_t i)
{
    int rc = begin_line(t, "RCPT TO:<", t->m->to[i]);

    return send_line(t, rc < 0 ? rc : add_rcpt_params(t, &t->s->line, i));
}
