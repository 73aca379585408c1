/* nntp_login.c - from clear text to a login: STARTTLS (RFC 4642) and MODE READER
 * (RFC 3977 section 5.3) as the server needs them and the options say, AUTHINFO
 * SASL, USER and PASS (RFC 4643). */

#include <string.h>

#include "client/auth.h"
#include "client/conn.h"
#include "core/text.h"
#include "nntp/nntp_client.h"

/* What the server can do has changed; a server that does not know CAPABILITIES
 * can do as before. */
static int ask_again(NNTPClient *n)
{
    int rc = nntp_ask_capabilities(n);

    return rc == SC_EREPLY && sc_broken(&n->base) == 0 ? 0 : rc;
}

/* --- MODE READER --- */

/* True if the client has to say it: RFC 3977 section 5.3 says "only if". */
static bool needs_mode_reader(const NNTPClient *n)
{
    unsigned have = n->caps.have;

    if (n->transit)
        return false;
    if (!(have & NNTP_CAP_CAPABILITIES))
        return true;
    return (have & NNTP_CAP_MODE_READER) && !(have & NNTP_CAP_READER);
}

static int say_mode_reader(NNTPClient *n, bool must)
{
    struct sc_reply r;
    int code = nntp_ask(n, &r, "MODE READER");

    if (code < 0)
        return code;
    if (code == 200 || code == 201)
        n->caps.posting = code == 200;
    else if (must || (code != 500 && code != 501))
        return sc_refuse(&n->base, &r);
    return ask_again(n);
}

int nntp_mode_reader(NNTPClient *n)
{
    return say_mode_reader(n, true);
}

/* Before CAPABILITIES was there, readers did not always know it. */
static int become_reader(NNTPClient *n)
{
    if (!needs_mode_reader(n))
        return 0;
    return say_mode_reader(n, n->caps.have & NNTP_CAP_CAPABILITIES);
}

/* --- STARTTLS --- */

/* RFC 4642 section 2.2.2, RFC 8054 section 2.2.2: not after either. */
static const char *why_no_tls(NNTPClient *n)
{
    if (sc_client_is_tls(&n->base))
        return "TLS has begun already";
    if (n->logged_in)
        return "TLS must begin before the login";
    return n->compressed ? "TLS must begin before compression" : NULL;
}

/* All that was told in clear may have been told by anybody. */
void nntp_forget(NNTPClient *n)
{
    nntp_caps_reset(&n->caps);
    nntp_format_free(n->format);
    n->format = NULL;
    n->format_asked = n->no_over = n->no_hdr = n->login_failed = false;
    n->group.len = 0;
}

int nntp_starttls(NNTPClient *n, const struct sc_tls_options *opt)
{
    SimpleClient *c = &n->base;
    const char *why;
    struct sc_reply r;
    int code = nntp_begin(n), rc;

    if (code < 0)
        return code;
    if ((why = why_no_tls(n)) != NULL)
        return nntp_fail(n, SC_EINVAL, "%s", why);
    sc_writeline(c, "STARTTLS");
    if ((code = nntp_reply(n, &r)) < 0)
        return code;
    if (code != 382)
        return sc_refuse(c, &r);
    if ((rc = sc_starttls(c, opt)) < 0)
        return rc;
    nntp_forget(n);
    return ask_again(n);
}

/* An old server that must have TLS is asked, though it cannot tell. */
static int secure(NNTPClient *n, bool last)
{
    int policy = sc_client_options(&n->base)->starttls, rc;
    bool offered = n->caps.have & NNTP_CAP_STARTTLS;

    if (!offered && !last && needs_mode_reader(n) &&
        (n->caps.have & NNTP_CAP_CAPABILITIES))
        return 0; /* the reader behind it may have it */
    if (!(n->caps.have & NNTP_CAP_CAPABILITIES) && policy == SC_STARTTLS_MUST)
        offered = true;
    rc = sc_starttls_wanted(&n->base, offered);
    return rc > 0 ? nntp_starttls(n, NULL) : rc;
}

int nntp_tls_asked(NNTPClient *n)
{
    int rc;

    if (sc_client_options(&n->base)->starttls == SC_STARTTLS_NEVER ||
        why_no_tls(n) != NULL)
        return 0;
    rc = nntp_starttls(n, NULL);
    return rc < 0 ? rc : 1;
}

/* --- AUTHINFO USER and PASS --- */

static bool may_show(NNTPClient *n)
{
    return sc_auth_is_protected(&n->base) ||
           (sc_client_options(&n->base)->flags & SC_OPT_PLAIN_LOGIN);
}

static int check_text(NNTPClient *n, const char *what, const char *text)
{
    if (text == NULL || *text == '\0')
        return nntp_fail(n, SC_EINVAL, "no %s", what);
    if (!sc_line_safe(text, strlen(text)))
        return nntp_fail(n, SC_EINVAL, "a line break in the %s", what);
    if (strlen(text) > NNTP_LINE_MOST - sizeof "AUTHINFO USER \r\n" + 1)
        return nntp_fail(n, SC_EINVAL, "the %s is too long", what);
    return 0;
}

/* RFC 8054 section 2.2.2: nor after COMPRESS, which would tell its length. */
static int may_login(NNTPClient *n)
{
    int rc = nntp_begin(n);

    if (rc == 0 && n->compressed)
        rc = nntp_fail(n, SC_EINVAL, "the login must come before compression");
    return rc;
}

static int succeeded(NNTPClient *n)
{
    n->logged_in = true;
    return ask_again(n);
}

static int say_user(NNTPClient *n, const char *user, struct sc_reply *r)
{
    sc_writeline(&n->base, "AUTHINFO USER %s", user);
    return nntp_reply(n, r);
}

int nntp_authinfo_user(NNTPClient *n, const char *user, const char *password)
{
    SimpleClient *c = &n->base;
    struct sc_reply r;
    int code, rc;

    if ((rc = may_login(n)) < 0 || (rc = check_text(n, "user", user)) < 0 ||
        (rc = check_text(n, "password", password)) < 0)
        return rc;
    if (!may_show(n))
        return nntp_fail(n, SC_EPLAINTEXT,
                         "AUTHINFO would show the password in clear");
    if ((code = say_user(n, user, &r)) == 381) {
        sc_secret(c);
        sc_writeline(c, "AUTHINFO PASS %s", password);
        code = nntp_reply(n, &r);
    }
    if (code < 0)
        return code;
    return code == 281 ? succeeded(n) : sc_refuse(c, &r);
}

/* --- AUTHINFO SASL --- */

int nntp_authinfo_sasl(NNTPClient *n, const struct sc_sasl_login *login)
{
    static const struct sc_auth_words words = {.command = "AUTHINFO SASL",
                                               .line_limit = NNTP_LINE_MOST,
                                               .go_on = 383,
                                               .ok = 281,
                                               .ok_with_data = 283,
                                               .no_bytes = "="};
    int rc = may_login(n);

    if (rc == 0)
        rc = sc_auth(&n->base, &words, n->caps.sasl, login);
    return rc < 0 ? rc : succeeded(n);
}

/* --- the login of the options --- */

static bool is_named(const char *list, const char *name)
{
    struct sc_span words = sc_span_of(list != NULL ? list : "");

    while (words.len > 0)
        if (sc_span_eq_nocase(sc_next_word(&words), name))
            return true;
    return false;
}

/* Nothing was sent: no mechanism in common, or none that keeps the password to
 * itself. */
static bool was_no_choice(int rc)
{
    return rc == SC_ENOTSUP || rc == SC_EPLAINTEXT;
}

static bool wants_tls(NNTPClient *n, int rc)
{
    return rc == SC_EREPLY && sc_last_error(&n->base)->status == 483;
}

/* Servers offer what their SASL library has, where they know their users by other
 * means (INN): the password that may be shown is tried in the plain way. */
static bool goes_on(NNTPClient *n, const struct sc_sasl_login *l, int rc)
{
    if (sc_broken(&n->base) || l->user == NULL || l->password == NULL ||
        (l->authzid != NULL && l->authzid[0] != '\0') || wants_tls(n, rc))
        return false;
    return was_no_choice(rc) ||
           (rc == SC_EREPLY && l->mechanisms == NULL && may_show(n) &&
            (n->caps.have & NNTP_CAP_AUTHINFO_USER));
}

static int login_by_password(NNTPClient *n, const struct sc_sasl_login *l)
{
    if (l->mechanisms != NULL && !is_named(l->mechanisms, "USER"))
        return nntp_fail(n, SC_ENOTSUP, "no way to log in in common");
    return nntp_authinfo_user(n, l->user, l->password);
}

static int login_as(NNTPClient *n, const struct sc_sasl_login *l)
{
    bool sasl = n->caps.have & NNTP_CAP_AUTHINFO_SASL;
    int rc = SC_ENOTSUP;

    if ((sasl && n->caps.sasl[0] != '\0') || l->user == NULL ||
        l->password == NULL)
        rc = nntp_authinfo_sasl(n, l);
    if (goes_on(n, l, rc))
        rc = login_by_password(n, l);
    return rc;
}

/* 483: this needs TLS, which is begun if it may be. */
static int login_in_tls(NNTPClient *n, const struct sc_sasl_login *l)
{
    struct sc_sasl_login again;
    int rc = login_as(n, l);

    if (!wants_tls(n, rc))
        return rc;
    if ((rc = nntp_tls_asked(n)) == 0)
        return SC_EREPLY;
    if (rc > 0 && (rc = sc_auth_login_of(&n->base, &again)) > 0)
        rc = login_as(n, &again);
    return rc;
}

/* Mechanisms alone say how, not who, but for that of a certificate (RFC 4422
 * appendix A). */
static bool names_somebody(const struct sc_sasl_login *l)
{
    return l->user != NULL || l->token != NULL ||
           is_named(l->mechanisms, "EXTERNAL");
}

/* Those of the options: 1, 0: there is none, or an error. */
static int login(NNTPClient *n)
{
    struct sc_sasl_login l = {0};
    int rc = sc_auth_login_of(&n->base, &l);

    if (rc < 0 || !names_somebody(&l))
        return rc < 0 ? rc : 0;
    if ((rc = login_in_tls(n, &l)) == 0)
        return 1;
    n->login_failed = true;
    return rc;
}

int nntp_login_asked(NNTPClient *n)
{
    return n->logged_in || n->login_failed || n->compressed ? 0 : login(n);
}

/* RFC 4643 section 2.1: AUTHINFO without arguments can be offered, too. */
static bool has_login(const NNTPClient *n)
{
    return !nntp_lacks(n, NNTP_CAP_AUTHINFO_USER) ||
           !nntp_lacks(n, NNTP_CAP_AUTHINFO_SASL);
}

/* --- after the greeting --- */

int nntp_prepare(NNTPClient *n)
{
    int rc;

    if ((rc = ask_again(n)) < 0 || (rc = secure(n, false)) < 0 ||
        (rc = become_reader(n)) < 0 || (rc = secure(n, true)) < 0)
        return rc;
    if (n->logged_in || !has_login(n))
        return 0;
    rc = login(n);
    return rc < 0 ? rc : 0;
}
