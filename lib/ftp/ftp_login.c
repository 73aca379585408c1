/* ftp_login.c - from clear text to a login: AUTH TLS, PBSZ, PROT (RFC 4217), USER,
 * PASS, ACCT (RFC 959 section 4.1.1), and FEAT (RFC 2389). */

#include <string.h>

#include "client/auth.h"
#include "client/conn.h"
#include "core/text.h"
#include "ftp/ftp_client.h"

/* --- TLS --- */

/* RFC 4217 section 9: PBSZ 0 always precedes PROT. */
static int protect_data(FTPClient *f)
{
    const bool clear = f->how->flags & FTP_CLEAR_DATA;
    struct sc_reply r;
    int rc;

    if ((rc = ftp_demand(f, 2, &r, "PBSZ 0")) < 0 ||
        (rc = ftp_demand(f, 2, &r, "PROT %c", clear ? 'C' : 'P')) < 0)
        return rc;
    f->protects = !clear;
    return 0;
}

int ftp_auth_tls(FTPClient *f, const struct sc_tls_options *opt)
{
    struct sc_reply r;
    int rc;

    if ((rc = ftp_demand(f, 2, &r, "AUTH TLS")) < 0 ||
        (rc = sc_starttls(&f->base, opt)) < 0)
        return rc;
    f->features = 0; /* what was said in clear is worth nothing */
    return protect_data(f);
}

/* There is no telling whether TLS is offered but to ask for it. */
int ftp_secure(FTPClient *f)
{
    int rc;

    if (sc_client_is_tls(&f->base))
        return protect_data(f);
    if (sc_starttls_wanted(&f->base, true) == 0)
        return 0;
    rc = ftp_auth_tls(f, NULL);
    if (rc != SC_EREPLY || sc_client_is_tls(&f->base))
        return rc;
    return sc_starttls_wanted(&f->base, false);
}

/* --- the login --- */

static bool is_anonymous(const char *user)
{
    return sc_casecmp(user, "anonymous") == 0 || sc_casecmp(user, "ftp") == 0;
}

static int say_account(FTPClient *f, struct sc_reply *r)
{
    const char *account = f->how->account;

    if (account == NULL)
        return sc_refuse(&f->base, r); /* 332 is no success */
    sc_secret(&f->base);
    return ftp_demand(f, 2, r, "ACCT %s", account);
}

static int say_password(FTPClient *f, const char *user, const char *password,
                        struct sc_reply *r)
{
    int rc;

    if (!is_anonymous(user) && !sc_auth_is_protected(&f->base) &&
        !(sc_client_options(&f->base)->flags & SC_OPT_PLAIN_LOGIN))
        return sc_fail(&f->base, SC_EPLAINTEXT,
                       "PASS would show the password in clear");
    sc_secret(&f->base);
    if ((rc = ftp_ask(f, r, "PASS %s", password)) < 0)
        return rc;
    if (r->code == 332)
        return say_account(f, r);
    return r->code / 100 == 2 ? 0 : sc_refuse(&f->base, r);
}

int ftp_login(FTPClient *f, const char *user, const char *password)
{
    struct sc_reply r;
    int rc;

    if (password == NULL)
        password = "";
    if ((rc = ftp_check(f, "user", user)) < 0 ||
        (*password != '\0' && (rc = ftp_check(f, "password", password)) < 0) ||
        (f->how->account != NULL &&
         (rc = ftp_check(f, "account", f->how->account)) < 0))
        return rc;
    if ((rc = ftp_ask(f, &r, "USER %s", user)) < 0)
        return rc;
    if (r.code >= 400 && f->how->alternative != NULL) {
        if ((rc = ftp_check(f, "command", f->how->alternative)) < 0 ||
            (rc = ftp_ask(f, &r, "%s", f->how->alternative)) < 0)
            return rc;
    }
    if (r.code == 331)
        return say_password(f, user, password, &r);
    if (r.code == 332)
        rc = say_account(f, &r);
    else if (r.code / 100 != 2)
        rc = sc_refuse(&f->base, &r);
    return rc < 0 ? rc : 0;
}

int ftp_log_in(FTPClient *f)
{
    struct sc_sasl_login login = {0};
    int rc = sc_auth_login_of(&f->base, &login);

    if (rc < 0)
        return rc;
    if (login.user == NULL) /* RFC 1635 */
        rc = ftp_login(f, "anonymous", "ftp@example.com");
    else
        rc = ftp_login(f, login.user,
                       login.password != NULL ? login.password : "");
    return rc < 0 ? rc : ftp_say_all(f, f->how->before);
}

/* --- what the server can do --- */

static unsigned feature_of(struct sc_span line)
{
    static const struct {
        const char *word, *argument;
        unsigned bit;
    } known[] = {
        {"PBSZ", NULL, FTP_FEAT_PBSZ},
        {"PROT", NULL, FTP_FEAT_PROT},
        {"EPSV", NULL, FTP_FEAT_EPSV},
        {"EPRT", NULL, FTP_FEAT_EPRT},
        {"MDTM", NULL, FTP_FEAT_MDTM},
        {"SIZE", NULL, FTP_FEAT_SIZE},
        {"MLST", NULL, FTP_FEAT_MLST},
        {"UTF8", NULL, FTP_FEAT_UTF8},
        {"TVFS", NULL, FTP_FEAT_TVFS},
        {"AUTH", "TLS", FTP_FEAT_AUTH_TLS},
        {"REST", "STREAM", FTP_FEAT_REST_STREAM},
    };
    struct sc_span rest = sc_trim(line), word = sc_next_word(&rest);

    for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
        if (!sc_span_eq_nocase(word, known[i].word))
            continue;
        if (known[i].argument == NULL ||
            memmem(rest.data, rest.len, known[i].argument,
                   strlen(known[i].argument)) != NULL)
            return known[i].bit;
    }
    return 0;
}

/* The first and the last line are only words. */
void ftp_learn(FTPClient *f, struct sc_span lines)
{
    const char *p = lines.data, *end = p + lines.len, *lf;

    f->features = FTP_FEAT;
    p = memchr(p, '\n', lines.len);
    for (; p != NULL && ++p < end; p = lf) {
        if ((lf = memchr(p, '\n', (size_t)(end - p))) != NULL)
            f->features |= feature_of((struct sc_span){p, (size_t)(lf - p)});
    }
}

int ftp_feat(FTPClient *f)
{
    struct sc_reply r;
    int rc;

    f->features = 0;
    f->lines.len = 0;
    f->lines.limit = sc_client_options(&f->base)->reply_limit;
    if ((rc = ftp_demand(f, 2, &r, "FEAT")) < 0)
        return rc;
    if ((rc = sc_buf_add(&f->lines, r.all.data, r.all.len)) < 0)
        return sc_fail(&f->base, rc, "FEAT: %s", sc_strerror(rc));
    ftp_learn(f, r.all);
    return 0;
}
