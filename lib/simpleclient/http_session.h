/* http_session.h - what is kept between requests: cookies (RFC 6265),
 * logins (RFC 7617 Basic, RFC 7616 Digest), netrc; and streams of events.
 *
 *     struct http_session *s = http_session_new(NULL);
 *     struct http_request q = {.url = url, .session = s};
 *
 *     http_session_login(s, "https://example.org/", "joe", "secret");
 *     http_request(&q, &reply);
 *     http_session_free(s);
 *
 * A session belongs to one loop; its requests may run as many tasks there. */
#ifndef SIMPLECLIENT_HTTP_SESSION_H
#define SIMPLECLIENT_HTTP_SESSION_H

#include <simpleclient/http.h>

#ifdef __cplusplus
extern "C" {
#endif

/* A session whose requests use OPT (copied) where they have no options of their
 * own. NULL: no memory. Owned; free it when no request uses it. */
struct http_session;
SC_API struct http_session *http_session_new(const struct sc_options *opt);
SC_API void http_session_free(struct http_session *s);

/* Log in at the origin of URL (scheme, host, port) with USER and PASSWORD, and
 * nowhere else. A login in a request's URL or its options goes before, netrc
 * after. Digest and the proxy's login are answered when asked for; Basic is
 * sent only when the server asks for it, or HTTP_BASIC is set. Requests under
 * way go on with what they began with. Returns 0, SC_EURL or SC_ENOMEM. There
 * is no limit to these; what others have asked for is kept of 1,000 origins. */
SC_API int http_session_login(struct http_session *s, const char *url,
                              const char *user, const char *password);
/* Look logins up in the netrc file PATH (NULL: $NETRC, else ~/.netrc).
 * OPTIONAL: a login of the URL goes before; else netrc's does. A file that is
 * not there is no error unless PATH names it. Waits (reads the file). Returns
 * 0 or minus errno, or SC_EPROTO: not a netrc; ERR says where. */
SC_API int http_session_netrc(struct http_session *s, const char *path,
                              bool optional, struct sc_error *err);

/* --- cookies --- */

/* The jar of S, borrowed. NULL: no memory. A session without a call to this
 * keeps no cookies and sends none. */
struct http_cookies;
SC_API struct http_cookies *http_session_cookies(struct http_session *s);

struct http_cookie {
    const char *name, *value;
    const char *domain; /* without a leading dot */
    const char *path;   /* "/" */
    int64_t expires;    /* seconds since 1970; 0: with the session */
    bool subdomains;    /* sent to subdomains too */
    bool secure;        /* over TLS (and to loopback) only */
    bool http_only;
};
/* Read a file in Netscape's format, or one of Set-Cookie lines (those with a
 * Domain), at most 32 MiB. Session cookies in it are kept, expired ones not; what
 * is no cookie is skipped. "-" is stdin. Waits. Returns how many were added, or
 * minus errno. */
SC_API int http_cookies_load(struct http_cookies *jar, const char *path,
                             struct sc_error *err);
/* Write all as a file in Netscape's format: complete or not at all (a temporary
 * name beside it, renamed), mode 0600 if new, else as it was; a symbolic link is
 * followed, a device or pipe written to. "-" is stdout. Waits. Returns 0 or minus
 * errno. */
SC_API int http_cookies_save(const struct http_cookies *jar, const char *path,
                             struct sc_error *err);
/* Take the value of a Set-Cookie field that came from URL. Returns 1: kept, or
 * it told that its namesake is over; 0: not for us (another domain, a public
 * suffix, Secure over plain http, a plain page where TLS has set the same name,
 * control characters ...); SC_EURL, SC_ENOMEM. At most 4 KiB a cookie, 150 a
 * domain, 3,000 in all: the one used longest ago goes. */
SC_API int http_cookies_set(struct http_cookies *jar, const char *url,
                            struct sc_span set_cookie);
/* Append "a=1; b=2": what is sent to URL, longer paths and older cookies first,
 * at most 150 and 8,190 bytes. Nothing: OUT stays as it is. Returns 0, SC_EURL,
 * SC_ETOOBIG (OUT's limit) or SC_ENOMEM. */
SC_API int http_cookies_for(struct http_cookies *jar, const char *url,
                            struct sc_buf *out);
/* Walk all: *POS is 0 at first. Returns 1, or 0 at the end. COOKIE is borrowed
 * until the jar changes. */
SC_API int http_cookies_next(const struct http_cookies *jar, size_t *pos,
                             struct http_cookie *cookie);
/* Drop those without a date of expiry (a new session begins), or all. */
SC_API void http_cookies_drop_session(struct http_cookies *jar);
SC_API void http_cookies_clear(struct http_cookies *jar);

/* --- server-sent events --- */

/* One event; borrowed during the call. */
struct http_event {
    const char *type; /* "message" */
    struct sc_span data;
    const char *id; /* the last one named, or "" */
};
/* Ask for REQUEST's URL as text/event-stream and call FN with each event, until
 * the server ends (0), FN returns a negative (returned), or an error. FN may
 * wait. Silence is allowed for REQUEST->options' stall_ms (or 30 s). RETRY (may
 * be NULL) becomes the last "retry:" in ms. To go on after an end send the last
 * id as Last-Event-ID. An event beyond body_limit: SC_ETOOBIG. Another media
 * type or status: SC_EREPLY. Waits. */
typedef int (*http_event_fn)(void *arg, const struct http_event *event);
SC_API int http_events(const struct http_request *request, http_event_fn fn,
                       void *arg, int64_t *retry_ms, struct http_reply *reply);

#ifdef __cplusplus
}
#endif
#endif
