/* tls_like.h - a second connection of the same session (FTP's data: RFC 4217
 * section 10.2). */
#ifndef SC_STREAM_TLS_LIKE_H
#define SC_STREAM_TLS_LIKE_H

#include <simpleclient/stream.h>

/* sc_tls_wrap, resuming the session of LIKE (TLS, or something above it), or the
 * newest that another connection made so was given: each ticket is used once, so
 * what is read of one is needed for the next. OPT is not NULL. */
Stream *sc_tls_wrap_like(Stream *low, Stream *like, const char *host,
                         const struct sc_tls_options *opt, int64_t ms,
                         struct sc_error *err);

#endif
