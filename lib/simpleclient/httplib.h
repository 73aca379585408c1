/* httplib.h - HTTP step by step, as httplib of the tutorial has it:
 *
 *     http_putrequest(h, "GET", "/index.html");
 *     http_putheader(h, "Accept", "text/html");
 *     http_endheaders(h);
 *     http_getreply(h, &reply);              status and header fields
 *     body = http_getfile(h);                read with sc_stream_read
 *
 * As in every dialogue, the first four may go unchecked: http_getreply returns
 * their failure. */
#ifndef SIMPLECLIENT_HTTPLIB_H
#define SIMPLECLIENT_HTTPLIB_H

#include <simpleclient/http.h>

#ifdef __cplusplus
extern "C" {
#endif

/* --- the request --- */

/* Begin a request. Unread rest of the answer before is read and dropped (or
 * the connection opened anew when that is long). Host is added by itself.
 * METHOD: a token; TARGET: no space or control character: else SC_EINVAL, in
 * order. Waits. */
SC_API int http_putrequest(HTTPClient *h, const char *method,
                           const char *target);
/* Add a header field. SC_EINVAL: NAME is no token, VALUE has CR, LF or NUL;
 * the request is dropped. Host, User-Agent and Accept are added by themselves
 * unless put here or by http_omit; all others go out in the order of these
 * calls. */
SC_API int http_putheader(HTTPClient *h, const char *name, const char *value);
/* The same; the value is masked in traces and errors and wiped after use.
 * (Authorization, Proxy-Authorization and Cookie are in any case.) */
SC_API int http_putsecret(HTTPClient *h, const char *name, const char *value);
/* Do not add NAME by itself to this request: "Host", "User-Agent", "Accept",
 * "Authorization" (if options or URL gave a user), "Proxy-Authorization" (to a
 * proxy that forwards). */
SC_API int http_omit(HTTPClient *h, const char *name);
/* End the header. A body follows only if Content-Length or
 * "Transfer-Encoding: chunked" was put. */
SC_API int http_endheaders(HTTPClient *h);
/* After "Expect: 100-continue" was put: send the header and wait at most MS for
 * the server's word. Returns 1: send the body (100 came, or nothing did); 0: a
 * final answer is there, http_getreply reads it and no body may be sent (the
 * connection ends after it). Waits. */
SC_API int http_await_continue(HTTPClient *h, int64_t ms);
/* Send a part of the body, as Content-Length promised or as a chunk. Waits.
 * When the server's final answer comes meanwhile, 1 is returned now and by all
 * later calls, and nothing more is sent: http_getreply reads the answer, and
 * the connection ends after it. */
SC_API int http_send(HTTPClient *h, const void *p, size_t n);
/* Send the whole body from SOURCE, the same way. SC_ESHORT: it ended before its
 * length; H is broken. */
SC_API int http_send_source(HTTPClient *h, const struct http_source *source);

/* --- the answer --- */

/* Flush, and read status and header fields of the final answer into REPLY;
 * interim ones (1xx) are skipped. REPLY->body is not touched. Waits. 101 is
 * final if Upgrade was put, and an error otherwise. */
SC_API int http_getreply(HTTPClient *h, struct http_reply *reply);
/* Show each interim answer (100, 103 ...) that http_getreply skips to FN. NULL:
 * to nobody. FN may not wait; negative breaks H. */
SC_API void http_on_interim(HTTPClient *h,
                            int (*fn)(void *arg, const struct http_reply *r),
                            void *arg);
/* The body, borrowed until the next request on H: read it with
 * sc_stream_read; 0 is its complete end, SC_ESHORT a cut one. How long a read
 * waits is up to H (stall_ms, sc_timeout, sc_deadline, total_ms); the time in
 * the struct sc_wait is not looked at. After http_getreply returned 0 it is
 * NULL only for no memory; otherwise NULL. Closing it is not yours. */
SC_API Stream *http_getfile(HTTPClient *h);
/* Undo the codings of this answer's Content-Encoding (gzip, deflate, br and
 * zstd as built, at most 5 of them) for http_getfile and http_getline. Call
 * it before either. Returns 0, also when there is no body; SC_ENOTSUP (unknown
 * coding: the body stays as it is), SC_EINVAL (not now): in order; SC_ETOOBIG
 * (more codings), SC_ENOMEM: broken. Reading then fails with SC_ECODING (damaged,
 * or bytes behind its end), SC_ESHORT (ends within) or SC_ETOOBIG (ratio_limit).
 */
SC_API int http_decode(HTTPClient *h);
/* Lend the next line of the body, without CRLF or LF; at the end SC_EOF. The
 * line limit is H's; longer: SC_ETOOBIG. Borrowed until the next call on H.
 * Waits; for endless bodies set stall_bytes to 1 and stall_ms to how long they
 * may be idle. Not together with reading from http_getfile: lines are read
 * ahead. */
SC_API int http_getline(HTTPClient *h, struct sc_span *line);
/* The trailers of a body that was read to its end; borrowed until the next
 * request on H. */
SC_API const struct sc_fields *http_gettrailers(HTTPClient *h);
/* After 101, or 2xx to CONNECT: the stream itself, unread bytes first. Owned;
 * H is broken with SC_ECLOSED. NULL: not after such an answer. */
SC_API Stream *http_detach(HTTPClient *h);

#ifdef __cplusplus
}
#endif
#endif
