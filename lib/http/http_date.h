/* http_date.h - dates of HTTP and of cookies. Computes only. */
#ifndef SC_HTTP_DATE_H
#define SC_HTTP_DATE_H

#include <simpleclient/buf.h>

/* Room for "Sun, 06 Nov 1994 08:49:37 GMT" and a NUL. */
enum { HTTP_DATE_SIZE = 32 };

/* Seconds since 1970 of one of the three forms of RFC 9110 section 5.6.7, or
 * -1. A date before 1970 is 0. */
int64_t http_date_parse(struct sc_span s);
/* The same, two-digit years seen from NOW: not more than 50 years ahead. */
int64_t http_date_parse_at(struct sc_span s, int64_t now);
/* The same by the lenient rule of cookies (RFC 6265 section 5.1.1), or -1. */
int64_t http_date_parse_cookie(struct sc_span s);
/* Write the preferred form of T, which is taken into 1970..9999. */
void http_date_format(int64_t t, char out[HTTP_DATE_SIZE]);

#endif
