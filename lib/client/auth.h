/* auth.h - one SASL exchange over lines: AUTH of SMTP (RFC 4954) and POP3 (RFC
 * 5034), AUTHINFO SASL of NNTP (RFC 4643).
 *
 *     C: AUTH SCRAM-SHA-256 biwsbj11c2VyLHI9ck9w     an initial response
 *     S: 334 cj1yT3ByTkdmd0ViZVJX                    a challenge
 *     C: Yz1iaXdzLHI9ck9wck5HZndF                    a response, or "*"
 *     S: 334 dj02cnJpVFJCaTIzV3BS
 *     C:
 *     S: 235 2.7.0 accepted
 */
#ifndef SC_CLIENT_AUTH_H
#define SC_CLIENT_AUTH_H

#include <simpleclient/class.h>
#include <simpleclient/sasl.h>

/* How a protocol carries tokens. */
struct sc_auth_words {
    const char *command;  /* "AUTH", "AUTHINFO SASL" */
    size_t line_limit;    /* of the first line, CRLF included: a longer initial
                              response is sent after an empty challenge */
    int go_on;            /* code of a challenge: 334, 300 (POP3's +), 383 */
    int ok, ok_with_data; /* 235 and 0; 200 and 0; 281 and 283 */
    const char
        *no_bytes; /* a later response of no bytes: NULL or "", NNTP's "=" */
};

/* Log in on C with the strongest of OFFERED (sc_sasl_new). Challenges and
 * responses have up to 64 KiB, whatever C's line limits. Secrets are masked in
 * traces and wiped. Waits. Returns 0. In order are: SC_ENOTSUP (no mechanism),
 * SC_EPLAINTEXT (would show the password), SC_EINVAL (a name that cannot be) -
 * nothing was sent; SC_EREPLY: the server refuses, with its words, and those of
 * an error challenge; SC_EPROTO, SC_ETOOBIG, SC_ECERT (a wrong signature):
 * cancelled with "*", which the server has accepted. Broken: the server
 * said success too early or without its signature (SC_EPROTO, SC_ECERT), and
 * what breaks a client elsewhere; sc_broken tells which it is. */
int sc_auth(SimpleClient *c, const struct sc_auth_words *words,
            const char *offered, const struct sc_sasl_login *login);

/* The same with a mechanism that is chosen already. S is taken in every case. */
int sc_auth_exchange(SimpleClient *c, const struct sc_auth_words *words,
                     struct sc_sasl *s);

/* The login the options of C tell: user, password, token, authzid, mechanisms,
 * whether passwords may be shown; user and password of the netrc file, if it is
 * named and neither password nor token are given; channel binding inside TLS.
 * Strings are borrowed until C is closed. Waits if it reads the file. Returns
 * 1; 0: there is none; or an error, in order: the netrc file cannot be read
 * (minus errno; the default one may be missing) or makes no sense (SC_EPROTO).
 */
int sc_auth_login_of(SimpleClient *c, struct sc_sasl_login *login);

/* True if nobody listens on the way: inside TLS, or to this machine and no
 * proxy. */
bool sc_auth_is_protected(SimpleClient *c);

/* What the options' starttls makes of a server that has STARTTLS (OFFERED) or
 * not: 1: say it; 0: go on; SC_ETLS: it is required and not there. Offered means
 * used: a refusal is not taken for leave to go on in clear. */
int sc_starttls_wanted(SimpleClient *c, bool offered);

#endif
