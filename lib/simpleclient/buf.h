/* buf.h - bytes: borrowed (span), owned and growing up to a ceiling (buf),
 * and going somewhere (sink). */
#ifndef SIMPLECLIENT_BUF_H
#define SIMPLECLIENT_BUF_H

#include <stdarg.h>
#include <stdbool.h>

#include <simpleclient/error.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Borrowed bytes. Not NUL-terminated. */
struct sc_span {
    const char *data;
    size_t len;
};

/* A span over a string literal. */
#define SC_SPAN(literal)                                                       \
    {                                                                          \
        (literal), sizeof(literal) - 1                                         \
    }

/* Owned bytes that grow up to LIMIT (0: 64 MiB). Zero bytes are an empty
 * buf. After a successful call DATA is never NULL and data[len] is NUL, which
 * is not counted. */
struct sc_buf {
    char *data;
    size_t len;
    size_t cap;
    size_t limit;
};

/* An empty buf with a ceiling: struct sc_buf b = SC_BUF(1024); */
#define SC_BUF(limit_bytes)                                                    \
    {                                                                          \
        NULL, 0, 0, (limit_bytes)                                              \
    }

/* Where bytes go: return 0 or more to go on, a negative code to stop. It may
 * wait; it may not use the client that feeds it. */
typedef int (*sc_sink)(void *arg, const void *p, size_t n);

/* Append N bytes. Returns 0, SC_ETOOBIG (B unchanged) or SC_ENOMEM. */
SC_API int sc_buf_add(struct sc_buf *b, const void *p, size_t n);
/* Append formatted text. Same results. */
SC_API int sc_buf_addf(struct sc_buf *b, const char *fmt, ...) SC_PRINTF(2, 3);
SC_API int sc_buf_vaddf(struct sc_buf *b, const char *fmt, va_list ap)
    SC_PRINTF(2, 0);
/* Make room for N more bytes (and a NUL) behind len. Same results. */
SC_API int sc_buf_reserve(struct sc_buf *b, size_t n);
/* Forget the first N bytes. */
SC_API void sc_buf_drop(struct sc_buf *b, size_t n);
/* Release the memory; B is empty and reusable, its limit stays. */
SC_API void sc_buf_free(struct sc_buf *b);
/* An sc_sink that appends to the struct sc_buf ARG. */
SC_API int sc_buf_sink(void *arg, const void *p, size_t n);
/* An sc_sink that takes everything and keeps nothing. */
SC_API int sc_null_sink(void *arg, const void *p, size_t n);

/* Append N bytes in base64 (RFC 4648 section 4), padded, without line ends.
 * Returns as sc_buf_add. */
SC_API int sc_base64_encode(struct sc_buf *out, const void *p, size_t n);
/* Append what S encodes. Strict: padded, canonical, no other character in it.
 * SC_EPROTO: not so, OUT is unchanged; else as sc_buf_add. */
SC_API int sc_base64_decode(struct sc_buf *out, struct sc_span s);

/* Spans: a span over a string; equal, equal but for ASCII case; copied into
 * TO with a NUL, cut to fit (true: it fitted). */
SC_API struct sc_span sc_span_of(const char *s);
SC_API bool sc_span_eq(struct sc_span s, const char *text);
SC_API bool sc_span_eq_nocase(struct sc_span s, const char *text);
SC_API bool sc_span_copy(char *to, size_t size, struct sc_span s);

#ifdef __cplusplus
}
#endif
#endif
