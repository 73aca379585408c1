/* http_cookie.h - the jar behind http_session.h's cookies: its parts, and what
 * sessions need of it (RFC 6265, and what browsers added since). Computes only,
 * but for files. */
#ifndef SC_HTTP_COOKIE_H
#define SC_HTTP_COOKIE_H

#include <simpleclient/http_session.h>
#include <simpleclient/uri.h>

/* One cookie of a jar. Its strings lie behind it, in the same block. */
struct http_jar_cookie {
    size_t size; /* of the block */
    const char *name, *value, *domain, *path;
    int64_t expires;        /* seconds since 1970; 0: with the session */
    uint64_t created, used; /* numbers that only grow: an order, no times */
    bool subdomains, secure, http_only;
};

/* Where it is, and numbers of it that are looked at first: a full jar is gone
 * through without touching what does not fit. */
struct http_jar_slot {
    uint32_t domain; /* a hash of its domain */
    uint32_t whole;  /* and of its name, path and subdomains too */
    struct http_jar_cookie *cookie;
};

struct http_cookies {
    struct http_jar_slot *at; /* in the order of their making */
    size_t n, room;
    uint64_t clock; /* the last number given out */
};

/* A cookie as somebody wrote it, taken apart; borrowed from that text. */
struct http_cookie_text {
    struct sc_span name, value;
    struct sc_span domain, path; /* without a leading dot; empty: not told */
    int64_t expires;             /* 0: with the session; negative: it is over */
    bool subdomains, secure, http_only;
};

enum { HTTP_COOKIE_MAX = 4096, HTTP_COOKIES_A_DOMAIN = 150 };
enum { HTTP_COOKIES_MAX = 3000, HTTP_COOKIE_FIELD_MAX = 8190 };
enum { HTTP_COOKIE_ATTRIBUTE_MAX = 1024 };

/* An empty jar. NULL: no memory. Owned; it is wiped when it is freed. */
struct http_cookies *http_cookies_new(void);
void http_cookies_free(struct http_cookies *jar); /* NULL is allowed */

/* http_cookies_set and http_cookies_for, for a URL that is taken apart
 * already, at the time NOW (seconds since 1970). */
int http_cookies_set_at(struct http_cookies *jar, const struct uri *u,
                        struct sc_span set_cookie, int64_t now);
int http_cookies_for_at(struct http_cookies *jar, const struct uri *u,
                        int64_t now, struct sc_buf *out);

/* Take the value of a Set-Cookie field apart (RFC 6265 section 5.2). Returns 0,
 * or SC_EPROTO: no cookie. */
int http_cookie_parse(struct sc_span s, int64_t now,
                      struct http_cookie_text *out);
/* S may be the domain of a cookie, without a leading dot. */
bool http_cookie_domain_ok(struct sc_span s);
/* A jar may hold it: its name, its sizes, no control characters, and what the
 * prefixes "__Secure-" and "__Host-" of the name promise. */
bool http_cookie_ok(const struct http_cookie_text *c);

/* HOST is an address, or looks like one: nothing is above it. */
bool http_cookie_is_address(const char *host);
/* HOST is DOMAIN or under it (RFC 6265 section 5.1.3); the case is ignored. */
bool http_cookie_domain_match(const char *host, const char *domain);
/* Strangers have names under DOMAIN (lower case; it is the same afterwards): a
 * cookie for all of it would be theirs too. */
bool http_cookie_is_public(char *domain);

/* Put a copy of C into JAR, in place of one with the same name, domain and path,
 * or as the newest, within the limits; one that is over goes. Returns 1 or
 * SC_ENOMEM. */
int http_cookies_put(struct http_cookies *jar, const struct http_cookie_text *c,
                     int64_t now);
/* Take the cookies of TEXT, a Netscape file or Set-Cookie fields. Returns how
 * many there were, or SC_ENOMEM. */
int http_cookies_read(struct http_cookies *jar, struct sc_span text,
                      int64_t now);
/* Append a Netscape file of all that live. Returns as sc_buf_add. */
int http_cookies_write(const struct http_cookies *jar, int64_t now,
                       struct sc_buf *out);

#endif
