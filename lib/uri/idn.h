/* idn.h - host names beyond ASCII (RFC 5890). Private to uri/. */
#ifndef SC_URI_IDN_H
#define SC_URI_IDN_H

#include <simpleclient/buf.h>

/* Append the A-label form ("xn--...") of the UTF-8 name HOST, as UTS 46 maps it,
 * non-transitional. Returns 0, SC_EURL: no name can be made of it, or this is
 * not built in (E says which), SC_ETOOBIG, SC_ENOMEM. Computes only. */
int uri_idn_to_ascii(struct sc_span host, struct sc_buf *out,
                     struct sc_error *e);

#endif
