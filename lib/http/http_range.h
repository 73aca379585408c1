/* http_range.h - what a server says of the part it sends (RFC 9110 section
 * 14). Computes only. */
#ifndef SC_HTTP_RANGE_H
#define SC_HTTP_RANGE_H

#include <simpleclient/buf.h>

/* "bytes 0-99/1000": FIRST to LAST of TOTAL bytes. Unsatisfied ("bytes
 * STAR/1000", STAR an asterisk): FIRST is above LAST. TOTAL UINT64_MAX: not
 * told. */
struct http_range {
    uint64_t first, last, total;
};
/* Take a Content-Range value apart. Returns 0 or SC_EPROTO. */
int http_range_parse(struct sc_span s, struct http_range *r);
/* True if R answers ASKED, as it follows "bytes=": the part asked for, or less
 * of its end. Of several parts any may come. */
bool http_range_fits(const char *asked, const struct http_range *r);

#endif
