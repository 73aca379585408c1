/* smtp_login.c - from clear text to a login: STARTTLS (RFC 3207) as the options
 * say, AUTH (RFC 4954) with what they name. */

#include "client/auth.h"
#include "client/conn.h"
#include "smtp/smtp_client.h"

int smtp_starttls(SMTPClient *s, const struct sc_tls_options *opt)
{
    SimpleClient *c = &s->base;
    int rc;

    if ((rc = smtp_begin(s, SMTP_MS_COMMAND)) < 0)
        return rc;
    sc_writeline(c, "STARTTLS");
    if ((rc = sc_expect(c, 220, NULL)) < 0)
        return rc;
    sc_timeout(c, 0);
    if ((rc = sc_starttls(c, opt)) < 0)
        return rc;
    smtp_caps_reset(&s->caps); /* RFC 3207 section 4.2 */
    return smtp_ehlo(s, s->me);
}

int smtp_secure(SMTPClient *s)
{
    int rc = sc_starttls_wanted(&s->base, smtp_has(s, SMTP_EXT_STARTTLS));

    return rc > 0 ? smtp_starttls(s, NULL) : rc;
}

int smtp_auth(SMTPClient *s, const struct sc_sasl_login *login)
{
    static const struct sc_auth_words words = {.command = "AUTH",
                                               .line_limit = SMTP_AUTH_MOST,
                                               .go_on = 334,
                                               .ok = 235,
                                               .ok_with_data = 0,
                                               .no_bytes = ""};
    int rc = smtp_begin(s, SMTP_MS_COMMAND);

    return rc < 0 ? rc : sc_auth(&s->base, &words, s->caps.auth, login);
}

int smtp_login(SMTPClient *s)
{
    struct sc_sasl_login login = {0};
    int rc = sc_auth_login_of(&s->base, &login);

    return rc > 0 ? smtp_auth(s, &login) : rc;
}
