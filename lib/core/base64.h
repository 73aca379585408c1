/* base64.h - base64 without line ends (RFC 4648 section 4). */
#ifndef SC_CORE_BASE64_H
#define SC_CORE_BASE64_H

#include <simpleclient/buf.h>

/* Append N bytes in base64, padded. Returns as sc_buf_add. */
int sc_base64_encode(struct sc_buf *out, const void *p, size_t n);
/* Append what S encodes. Strict: padded, canonical, no other character in it.
 * SC_EPROTO: not so, OUT is unchanged; else as sc_buf_add. */
int sc_base64_decode(struct sc_buf *out, struct sc_span s);

#endif
