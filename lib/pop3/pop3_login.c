/* pop3_login.c - from clear text to a login: STLS (RFC 2595 section 4) as the
 * options say; AUTH (RFC 5034), USER and PASS, APOP (RFC 1939 section 7). */

#include <string.h>

#include "client/auth.h"
#include "client/conn.h"
#include "core/mem.h"
#include "core/text.h"
#include "pop3/pop3_client.h"
#include "sasl/digest.h"

/* --- STLS --- */

int pop3_stls(POP3Client *p, const struct sc_tls_options *opt)
{
    SimpleClient *c = &p->base;
    int rc;

    sc_writeline(c, "STLS");
    if ((rc = pop3_ok(p, NULL)) < 0 || (rc = sc_starttls(c, opt)) < 0)
        return rc;
    /* RFC 2595 section 4: what was said in clear is worth nothing. */
    pop3_caps_reset(&p->caps);
    p->stamp[0] = '\0';
    rc = pop3_capa(p);
    return rc == SC_EREPLY ? 0 : rc;
}

int pop3_secure(POP3Client *p)
{
    int rc = sc_starttls_wanted(&p->base, p->caps.have & POP3_CAP_STLS);

    return rc > 0 ? pop3_stls(p, NULL) : rc;
}

/* --- what may be sent --- */

static int check_text(POP3Client *p, const char *what, const char *text)
{
    if (text == NULL || *text == '\0')
        return sc_fail(&p->base, SC_EINVAL, "no %s", what);
    if (!sc_line_safe(text, strlen(text)))
        return sc_fail(&p->base, SC_EINVAL, "a line break in the %s", what);
    if (strlen(text) > POP3_LINE_MOST - sizeof "USER \r\n" + 1)
        return sc_fail(&p->base, SC_EINVAL, "the %s is too long", what);
    return 0;
}

static int check(POP3Client *p, const char *user, const char *password)
{
    int rc = sc_broken(&p->base);

    if (rc == 0 && (rc = check_text(p, "user", user)) == 0)
        rc = check_text(p, "password", password);
    return rc;
}

static bool may_show(POP3Client *p)
{
    return sc_auth_is_protected(&p->base) ||
           (sc_client_options(&p->base)->flags & SC_OPT_PLAIN_LOGIN);
}

/* What the server can do may have changed (RFC 2449 section 5). */
static int logged_in(POP3Client *p, int rc)
{
    if (rc < 0)
        return rc;
    rc = pop3_capa(p);
    return rc == SC_EREPLY ? 0 : rc;
}

/* --- USER and PASS --- */

int pop3_user(POP3Client *p, const char *user, const char *password)
{
    SimpleClient *c = &p->base;
    int rc;

    if ((rc = check(p, user, password)) < 0)
        return rc;
    if (!may_show(p))
        return sc_fail(c, SC_EPLAINTEXT,
                       "USER and PASS would show the password in clear");
    sc_writeline(c, "USER %s", user);
    if ((rc = pop3_ok(p, NULL)) < 0)
        return rc;
    sc_secret(c);
    sc_writeline(c, "PASS %s", password);
    return logged_in(p, pop3_ok(p, NULL));
}

/* --- APOP --- */

static bool in_stamp(unsigned char b)
{
    return b > ' ' && b < 0x7f && b != '<' && b != '>';
}

/* A msg-id: <process.clock@host>. */
struct sc_span pop3_stamp_of(struct sc_span text)
{
    const char *at, *end = text.data + text.len, *p = text.data;
    struct sc_span none = {"", 0};

    while ((at = memchr(p, '<', (size_t)(end - p))) != NULL) {
        for (p = at + 1; p < end && in_stamp((unsigned char)*p);)
            p++;
        if (p < end && *p == '>' && p - at < POP3_STAMP_MOST &&
            memchr(at, '@', (size_t)(p - at)) != NULL)
            return (struct sc_span){at, (size_t)(p - at) + 1};
    }
    return none;
}

/* Of the stamp, its brackets included, and the password behind it. */
static int digest_of(POP3Client *p, const char *password, char hex[33])
{
    unsigned char out[SC_DIGEST_MAX];
    struct sc_digest *d = sc_digest_new(SC_DIGEST_MD5, NULL);
    int rc = SC_ENOTSUP;

    if (d != NULL && (rc = sc_digest_add(d, p->stamp, strlen(p->stamp))) >= 0 &&
        (rc = sc_digest_add(d, password, strlen(password))) >= 0)
        rc = sc_digest_end(d, out);
    sc_digest_free(d);
    if (rc < 0)
        return sc_fail(&p->base, rc, "no MD5 for APOP: %s", sc_strerror(rc));
    sc_hex(hex, out, 16);
    sc_wipe(out, sizeof out);
    return 0;
}

int pop3_apop(POP3Client *p, const char *user, const char *password)
{
    char hex[33];
    int rc;

    if ((rc = check(p, user, password)) < 0)
        return rc;
    if (p->stamp[0] == '\0')
        return sc_fail(&p->base, SC_ENOTSUP,
                       "no APOP: the greeting has no timestamp");
    if ((rc = digest_of(p, password, hex)) < 0)
        return rc;
    sc_secret(&p->base); /* passwords are guessed with it */
    sc_writeline(&p->base, "APOP %s %s", user, hex);
    sc_wipe(hex, sizeof hex);
    return logged_in(p, pop3_ok(p, NULL));
}

/* --- AUTH --- */

int pop3_auth(POP3Client *p, const struct sc_sasl_login *login)
{
    static const struct sc_auth_words words = {.command = "AUTH",
                                               .line_limit = POP3_LINE_MOST,
                                               .go_on = 300,
                                               .ok = 200,
                                               .ok_with_data = 0,
                                               .no_bytes = ""};
    int rc = sc_broken(&p->base);

    if (rc == 0)
        rc = sc_auth(&p->base, &words, p->caps.sasl, login);
    return logged_in(p, rc);
}

/* --- the login of the options --- */

/* "USER" and "APOP" may be named beside SASL's mechanisms. */
static bool is_named(const char *list, const char *name)
{
    size_t n;

    for (; list != NULL && *list; list += n + (list[n] == ' ')) {
        n = strcspn(list, " ");
        if (sc_span_eq_nocase((struct sc_span){list, n}, name))
            return true;
    }
    return false;
}

/* Nothing was sent: there is no mechanism in common, or none that keeps the
 * password to itself. */
static bool was_no_choice(int rc)
{
    return rc == SC_ENOTSUP || rc == SC_EPLAINTEXT;
}

/* A password that may be shown goes by USER and PASS; APOP is the last resort
 * of clear text (MD5; RFC 1939 section 13). */
static int login_by_password(POP3Client *p, const struct sc_sasl_login *l)
{
    bool any = l->mechanisms == NULL;
    bool user = !pop3_lacks(p, POP3_CAP_USER) && may_show(p);

    if (is_named(l->mechanisms, "USER") || (any && user))
        return pop3_user(p, l->user, l->password);
    if (is_named(l->mechanisms, "APOP") || (any && p->stamp[0] != '\0'))
        return pop3_apop(p, l->user, l->password);
    if (any && !may_show(p))
        return sc_fail(&p->base, SC_EPLAINTEXT,
                       "every login here would show the password in clear");
    return sc_fail(&p->base, SC_ENOTSUP, "no way to log in in common");
}

static int login_as(POP3Client *p, const struct sc_sasl_login *l)
{
    bool password = l->user != NULL && l->password != NULL;
    bool more = l->authzid == NULL || l->authzid[0] == '\0';
    int rc = SC_ENOTSUP;

    if (p->caps.sasl[0] != '\0' || !password)
        rc = pop3_auth(p, l);
    if (was_no_choice(rc) && !sc_broken(&p->base) && password && more)
        rc = login_by_password(p, l);
    return rc;
}

int pop3_login(POP3Client *p)
{
    struct sc_sasl_login login = {0};
    int rc = sc_auth_login_of(&p->base, &login);

    if (rc <= 0)
        return rc;
    sc_span_copy(p->user, sizeof p->user,
                 sc_span_of(login.user != NULL ? login.user : ""));
    return login_as(p, &login);
}
