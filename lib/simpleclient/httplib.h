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

/* Begin a request. Unread rest of the answer before is read and dropped (or
 * the connection opened anew when that is long). Host is added by itself.
 * METHOD: a token; TARGET: no space or control character: else SC_EINVAL, in
 * order. Waits. */
SC_API int http_putrequest(HTTPClient *h, const char *method,
                           const char *target);
/* Add a header field. SC_EINVAL: NAME is no token, VALUE has CR, LF or NUL;
 * the request is dropped. */
SC_API int http_putheader(HTTPClient *h, const char *name, const char *value);
/* End the header. A body follows only if Content-Length or
 * "Transfer-Encoding: chunked" was put. */
SC_API int http_endheaders(HTTPClient *h);
/* Send a part of the body, as Content-Length promised or as a chunk. Waits. */
SC_API int http_send(HTTPClient *h, const void *p, size_t n);
/* Flush, and read status and header fields of the final answer into REPLY;
 * interim ones (1xx) are skipped. REPLY->body is not touched. Waits. */
SC_API int http_getreply(HTTPClient *h, struct http_reply *reply);
/* The body, borrowed until the next request on H: read it with
 * sc_stream_read; 0 is its complete end, SC_ESHORT a cut one. How long a read
 * waits is up to H (stall_ms, sc_timeout, sc_deadline, total_ms); the time in
 * the struct sc_wait is not looked at. After http_getreply returned 0 it is
 * NULL only for no memory; otherwise NULL. Closing it is not yours. */
SC_API Stream *http_getfile(HTTPClient *h);

#ifdef __cplusplus
}
#endif
#endif
