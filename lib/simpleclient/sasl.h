/* sasl.h - SASL mechanisms (RFC 4422): challenge in, response out. No I/O:
 * protocols carry the tokens (SMTP AUTH, POP3 AUTH, NNTP AUTHINFO SASL).
 *
 *     struct sc_sasl *s = sc_sasl_new("PLAIN SCRAM-SHA-256", &login, &err);
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

/* Who logs in, and what may be told to whom. Zero bytes but for user. Strings
 * and spans are copied, and wiped by sc_sasl_free. */
struct sc_sasl_login {
    const char *user;       /* UTF-8; SCRAM and PLAIN: no NUL */
    const char *password;   /* or NULL */
    const char *token;      /* OAuth 2.0 bearer token, or NULL */
    const char *authzid;    /* act as this one, or NULL */
    const char *host;       /* for OAUTHBEARER, or NULL */
    int port;               /* the same */
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
 * ignored) that LOGIN can do. Order: SCRAM-SHA-256-PLUS, SCRAM-SHA-1-PLUS,
 * SCRAM-SHA-256, SCRAM-SHA-1, with a token OAUTHBEARER and XOAUTH2 before all,
 * CRAM-MD5 (before PLAIN only in clear), PLAIN, LOGIN; EXTERNAL only if named.
 * NULL: ERR says why (SC_ENOTSUP: none in common; SC_EPLAINTEXT: only ones that
 * would show the password in clear; SC_EINVAL: NUL or nothing in a name;
 * SC_ENOMEM). Owned. Does not wait. */
SC_API struct sc_sasl *sc_sasl_new(const char *offered,
                                   const struct sc_sasl_login *login,
                                   struct sc_error *err);
SC_API void sc_sasl_free(struct sc_sasl *s);
/* "SCRAM-SHA-256" */
SC_API const char *sc_sasl_name(const struct sc_sasl *s);
/* True if the client speaks first: call sc_sasl_step with an empty challenge
 * for its initial response. */
SC_API bool sc_sasl_speaks_first(const struct sc_sasl *s);
/* Take CHALLENGE (decoded) and append the response (not encoded; may be empty)
 * to OUT. Returns 0; SC_EPROTO: a challenge that makes no sense, SC_ECERT: the
 * server's signature is wrong (cancel with "*"), SC_ETOOBIG (SCRAM rounds beyond
 * 4,096..600,000, a token beyond 64 KiB), SC_ENOMEM. Does not wait, but a SCRAM
 * step computes for up to a second: sc_sasl_heavy tells, for sc_offload. */
SC_API int sc_sasl_step(struct sc_sasl *s, struct sc_span challenge,
                        struct sc_buf *out);
SC_API bool sc_sasl_heavy(const struct sc_sasl *s);
/* The server said success, with DATA (decoded; empty: none). Returns 0, or
 * SC_EPROTO, SC_ECERT: it may not (exchange unfinished, signature missing or
 * wrong): the login has failed. */
SC_API int sc_sasl_succeeded(struct sc_sasl *s, struct sc_span data);
/* What the server said in an error challenge (XOAUTH2's JSON, SCRAM's "e="), or
 * "". Borrowed until S is freed. */
SC_API const char *sc_sasl_said(const struct sc_sasl *s);
/* One line on what went wrong in the last call. */
SC_API const char *sc_sasl_why(const struct sc_sasl *s);

#ifdef __cplusplus
}
#endif
#endif
