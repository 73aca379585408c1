/* http_auth.h - logins at servers and proxies: challenges understood, answers
 * made. Basic (RFC 7617), Digest with MD5, SHA-256 and SHA-512-256, -sess and
 * userhash (RFC 7616), Bearer (RFC 6750). Computes only. */
#ifndef SC_HTTP_AUTH_H
#define SC_HTTP_AUTH_H

#include <simpleclient/field.h>

/* Bits of `allowed`, and what http_auth_challenge chose. */
enum http_auth_scheme {
    HTTP_AUTH_NONE = 0,
    HTTP_AUTH_BASIC = 1,
    HTTP_AUTH_DIGEST = 2
};

/* What one server (or proxy) asked for at last: kept between requests, so that
 * its nonce serves again with a higher count. Zero bytes: nothing. Owned. */
struct http_auth {
    int scheme;    /* enum http_auth_scheme, or 0 */
    int algorithm; /* private to http_auth.c, as all below */
    int session;   /* "-sess" */
    int qop_auth;  /* "auth" is offered */
    int userhash;
    int utf8;
    unsigned count; /* nc */
    struct sc_buf realm, nonce, opaque;
};

/* Read all challenges in the fields FIELD ("WWW-Authenticate" or
 * "Proxy-Authenticate") of HEAD, several to a field too (RFC 9110 section
 * 11.6.1), and take the strongest of ALLOWED into A. Returns its scheme; 0: none
 * is understood or allowed; SC_ENOMEM. *STALE (may be NULL): the login was right,
 * only its nonce was too old. */
int http_auth_challenge(struct http_auth *a, const struct sc_fields *head,
                        const char *field, unsigned allowed, bool *stale);
/* Append the value of the field that answers A ("Digest username=..."). A with
 * scheme HTTP_AUTH_BASIC needs no challenge before. USER with a colon (Basic) or
 * control characters: SC_EINVAL. Counts the nonce. Returns 0, SC_EINVAL,
 * SC_ENOMEM, SC_ENOTSUP. */
int http_auth_answer(struct http_auth *a, const char *user,
                     const char *password, const char *method,
                     const char *target, struct sc_buf *out);
void http_auth_free(struct http_auth *a);

#endif
