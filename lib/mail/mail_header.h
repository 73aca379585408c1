/* mail_header.h - header fields as they go out: addresses quoted right,
 * characters beyond ASCII in encoded words, long lines folded (RFC 5322, RFC
 * 2047). Computes only. */
#ifndef SC_MAIL_HEADER_H
#define SC_MAIL_HEADER_H

#include <simpleclient/buf.h>

/* Append "NAME: VALUE CRLF", VALUE (UTF-8) as text. */
int mail_header_text(struct sc_buf *out, const char *name, const char *value);
/* Append "NAME: VALUE CRLF", VALUE a list of addresses. SC_EINVAL: it is not. */
int mail_header_addresses(struct sc_buf *out, const char *name,
                          const char *value);
/* Append `; NAME="VALUE"`, or for what is not ASCII RFC 2231's form. */
int mail_header_parameter(struct sc_buf *out, const char *name,
                          const char *value);

#endif
