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
    int algorithm; /* private to http_challenge.c and http_auth.c */
    int named;     /* the challenge names it */
    int session;   /* "-sess" */
    int qop_auth;  /* "auth" is offered */
    int userhash;
    int utf8;
    unsigned count; /* nc */
    struct sc_buf realm, nonce, opaque;
    struct sc_buf cnonce; /* of a session, or a test's; else one a request */
};

/* Read all challenges in the fields FIELD ("WWW-Authenticate" or
 * "Proxy-Authenticate") of HEAD, several to a field too (RFC 9110 section
 * 11.6.1), and take the strongest of ALLOWED into A: Digest before Basic, SHA-2
 * before MD5, else the first. What is malformed, names a parameter twice or has
 * a value above 4 KiB is passed over. Returns its scheme; 0: none is understood
 * or allowed, A is empty; SC_ENOMEM. *STALE (may be NULL): the login was right,
 * only its nonce was too old. */
int http_auth_challenge(struct http_auth *a, const struct sc_fields *head,
                        const char *field, unsigned allowed, bool *stale);
/* Append the value of the field that answers A ("Digest username=..."). A with
 * scheme HTTP_AUTH_BASIC needs no challenge before. USER with a colon (Basic),
 * control characters in USER, TARGET or (Basic) PASSWORD: SC_EINVAL. Counts the
 * nonce. Returns 0, SC_EINVAL (as for scheme 0), SC_ENOMEM, SC_ETOOBIG, SC_ENOTSUP
 * (no MD5 here); on an error OUT is as it was. */
int http_auth_answer(struct http_auth *a, const char *user,
                     const char *password, const char *method,
                     const char *target, struct sc_buf *out);
void http_auth_free(struct http_auth *a);

#endif
