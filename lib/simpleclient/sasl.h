/* sasl.h - SASL mechanisms (RFC 4422): challenge in, response out. No I/O:
 * protocols carry the tokens (SMTP AUTH, POP3 AUTH, NNTP AUTHINFO SASL).
 *
 *     struct sc_sasl *s = sc_sasl_new("PLAIN SCRAM-SHA-256", &login, &err);
 *
 *     sc_sasl_step(s, (struct sc_span){0}, &out);   send OUT, read CHALLENGE
 *     sc_sasl_step(s, challenge, &out);             and so on, until
 *     sc_sasl_succeeded(s, (struct sc_span){0});    the server says success
 *     sc_sasl_free(s);
 *
 * PLAIN (RFC 4616), LOGIN, EXTERNAL, CRAM-MD5 (RFC 2195), SCRAM-SHA-1 and
 * SCRAM-SHA-256 (RFC 5802, 7677), both with -PLUS (RFC 5929, 9266), XOAUTH2,
 * OAUTHBEARER (RFC 7628). */
#ifndef SIMPLECLIENT_SASL_H
#define SIMPLECLIENT_SASL_H

#include <simpleclient/buf.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Who logs in, and what may be told to whom. Zero bytes but for what is known.
 * Strings and spans are copied, and wiped by sc_sasl_free.
 *
 * SASLprep (RFC 4013) is not done, as it needs Unicode's tables: give names and
 * passwords in NFKC, and a space as a plain one. What is ASCII needs nothing.
 * Control characters are refused. */
struct sc_sasl_login {
    const char *user;       /* UTF-8, or NULL (EXTERNAL, OAUTHBEARER) */
    const char *password;   /* or NULL; SCRAM: UTF-8 */
    const char *token;      /* OAuth 2.0 bearer token, or NULL */
    const char *authzid;    /* act as this one, or NULL or "" */
    const char *host;       /* for OAUTHBEARER, or NULL */
    int port;               /* the same, or 0 */
    const char *mechanisms; /* only these, separated by spaces, the first that
                               is offered; NULL: the strongest offered */
    int protected_link; /* 1: inside TLS, or to this machine: mechanisms that
                             show the password are allowed */
    int allow_plain;    /* 1: allowed in clear, too */
    const char *binding_type; /* "tls-exporter", or NULL: no -PLUS */
    struct sc_span binding;   /* its data */
};

struct sc_sasl;

/* Choose the strongest of the mechanisms in OFFERED (separated by spaces, case
 * ignored) that LOGIN can do. Order: with a token OAUTHBEARER, XOAUTH2; then
 * SCRAM-SHA-256-PLUS, SCRAM-SHA-1-PLUS, SCRAM-SHA-256, SCRAM-SHA-1, PLAIN,
 * LOGIN, CRAM-MD5; on a link that is not protected CRAM-MD5 before PLAIN;
 * EXTERNAL only if named. To act as another than USER only those that can say
 * so: OAUTHBEARER, SCRAM, PLAIN, EXTERNAL. NULL: ERR says why (SC_ENOTSUP: none
 * in common; SC_EPLAINTEXT: only ones that would show the password or token in
 * clear; SC_EINVAL: an empty name or token, a control character, not UTF-8;
 * SC_ENOMEM). Owned. Does not wait. */
SC_API struct sc_sasl *sc_sasl_new(const char *offered,
                                   const struct sc_sasl_login *login,
                                   struct sc_error *err);
/* Wipe and free. NULL is allowed. */
SC_API void sc_sasl_free(struct sc_sasl *s);
/* "SCRAM-SHA-256" */
SC_API const char *sc_sasl_name(const struct sc_sasl *s);
/* True if the client speaks first: call sc_sasl_step with an empty challenge
 * for its initial response. */
SC_API bool sc_sasl_speaks_first(const struct sc_sasl *s);
/* Take CHALLENGE (decoded) and append the response (not encoded; may be empty)
 * to OUT, a secret: wipe it. Returns 0; SC_EPROTO: a challenge that makes no
 * sense; SC_ECERT: the server's signature is wrong; SC_EREPLY: the server says
 * no (SCRAM's "e="); SC_ETOOBIG: SCRAM rounds beyond 4,096..600,000, a token
 * beyond 64 KiB; SC_ENOTSUP: no such digest here; SC_ENOMEM. After an error
 * cancel with "*": OUT is unchanged, S has failed and every later call returns
 * the same. An error challenge of XOAUTH2 or OAUTHBEARER is none: it is
 * answered, and the server then says no. Does not wait, but a SCRAM step
 * computes for up to a second: sc_sasl_heavy tells, for sc_offload. */
SC_API int sc_sasl_step(struct sc_sasl *s, struct sc_span challenge,
                        struct sc_buf *out);
SC_API bool sc_sasl_heavy(const struct sc_sasl *s);
/* The server said success, with DATA (decoded; empty: none). Returns 0, or it
 * may not, and the login has failed: SC_EPROTO (the exchange was not over),
 * SC_ECERT (its signature is missing or wrong). */
SC_API int sc_sasl_succeeded(struct sc_sasl *s, struct sc_span data);
/* What the server said in an error challenge (XOAUTH2's JSON, SCRAM's "e="), or
 * "". Borrowed until S is freed. */
SC_API const char *sc_sasl_said(const struct sc_sasl *s);
/* One line on what went wrong in the last call. Borrowed likewise. */
SC_API const char *sc_sasl_why(const struct sc_sasl *s);

#ifdef __cplusplus
}
#endif
#endif
