/* mail_text.h - text as it can be sent through any server: as it is, in
 * quoted-printable or in base64 (RFC 2045 section 6). Computes only. */
#ifndef SC_MAIL_TEXT_H
#define SC_MAIL_TEXT_H

#include <simpleclient/buf.h>

enum mail_encoding { MAIL_7BIT, MAIL_QUOTED_PRINTABLE, MAIL_BASE64 };

/* RFC 3629: nothing overlong, no surrogates, nothing above U+10FFFF. */
bool mail_is_utf8(struct sc_span text);
/* What TEXT needs: 7bit if it is ASCII without NUL in lines of at most 998
 * bytes; base64 if more than a quarter of it would have to be quoted. */
enum mail_encoding mail_encoding_of(struct sc_span text);
/* "7bit", "quoted-printable", "base64" */
const char *mail_encoding_name(enum mail_encoding encoding);
/* Append TEXT so encoded; its lines end in CRLF whatever ended them. */
int mail_encode_text(struct sc_buf *out, struct sc_span text,
                     enum mail_encoding encoding);
/* Append base64 in lines of 76 with CRLF behind each. */
int mail_encode_base64(struct sc_buf *out, const void *p, size_t n);

#endif
