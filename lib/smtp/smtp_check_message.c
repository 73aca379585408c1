/* smtp_check_message.c - a message's arguments, before anybody is asked for an
 * address: what cannot be sent is refused, and named. */

#include <string.h>

#include "core/text.h"
#include "smtp/smtp_tx.h"

enum { ENVID_MOST = 100, ORCPT_MOST = 500 }; /* RFC 3461 sections 4.4, 4.2 */

static int refuse(struct sc_error *e, const char *what)
{
    return sc_error_set(e, SC_EINVAL, "%s: it makes no sense", what);
}

/* A bit for each, 0: it is none. */
static unsigned notify_word(struct sc_span w)
{
    static const char *const words[] = {"SUCCESS", "FAILURE", "DELAY"};

    for (unsigned i = 0; i < 3; i++)
        if (sc_span_eq_nocase(w, words[i]))
            return 1u << i;
    return 0;
}

/* RFC 3461 sections 4.2, 4.4: ASCII, before it becomes xtext. */
static int check_ascii(const char *what, const char *text, struct sc_error *e)
{
    if (!smtp_is_ascii(text, strlen(text)))
        return refuse(e, what);
    return smtp_check_text(what, text, e);
}

/* RFC 3461 section 4.1: NEVER, or a list of the others. */
static int check_notify(const char *p, struct sc_error *e)
{
    unsigned seen = 0;

    if (p == NULL || sc_casecmp(p, "NEVER") == 0)
        return 0;
    for (;;) {
        struct sc_span word = {p, strcspn(p, ",")};
        unsigned bit = notify_word(word);

        if (bit == 0 || seen & bit)
            return refuse(e, "notify");
        seen |= bit;
        if (p[word.len] == '\0')
            return 0;
        p += word.len + 1;
    }
}

/* RFC 3461 section 4.2: "rfc822;a@b". */
static int check_orcpt(const char *p, struct sc_error *e)
{
    const char *semicolon = p != NULL ? strchr(p, ';') : NULL;

    if (p == NULL)
        return 0;
    if (semicolon == NULL || semicolon == p || strlen(p) > ORCPT_MOST)
        return refuse(e, "orcpt");
    for (; p < semicolon; p++)
        if (!sc_is_token((unsigned char)*p))
            return refuse(e, "orcpt");
    return check_ascii("orcpt", semicolon + 1, e);
}

static int check_dsn(const struct smtp_message *m, struct sc_error *e)
{
    if (m->ret != NULL && sc_casecmp(m->ret, "FULL") != 0 &&
        sc_casecmp(m->ret, "HDRS") != 0)
        return refuse(e, "ret");
    if (m->envid == NULL)
        return 0;
    if (strlen(m->envid) > ENVID_MOST)
        return refuse(e, "envid");
    return check_ascii("envid", m->envid, e);
}

static int check_recipient(const struct smtp_message *m, size_t i,
                           struct sc_error *e)
{
    int rc = smtp_check_address("to", m->to[i], false, e);

    if (rc == 0 && m->notify != NULL)
        rc = check_notify(m->notify[i], e);
    if (rc == 0 && m->orcpt != NULL)
        rc = check_orcpt(m->orcpt[i], e);
    return rc;
}

int smtp_check_message(const struct smtp_message *m, struct sc_error *e)
{
    int rc = smtp_check_address("from", m->from, true, e);

    if (rc == 0 && (m->to == NULL || m->to[0] == NULL))
        rc = refuse(e, "to");
    for (size_t i = 0; rc == 0 && m->to[i] != NULL; i++)
        rc = check_recipient(m, i, e);
    if (rc == 0)
        rc = check_dsn(m, e);
    if (rc == 0 && m->auth != NULL && strcmp(m->auth, "<>") != 0)
        rc = smtp_check_address("auth", m->auth, false, e);
    if (rc == 0)
        rc = smtp_check_params("mail_params", m->mail_params, e);
    if (rc == 0)
        rc = smtp_check_params("rcpt_params", m->rcpt_params, e);
    return rc;
}
