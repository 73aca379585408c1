/* field_parse.h - one header line taken apart, and folding. Private to the library:
 * what reads heads from the wire. */
#ifndef SC_CLIENT_FIELD_PARSE_H
#define SC_CLIENT_FIELD_PARSE_H

#include <simpleclient/field.h>

/* Take LINE ("Name: value", no line end) apart; both spans lie in LINE, VALUE
 * without white space at its ends. SC_EPROTO: no colon, a name that is no
 * token (so no space before the colon), CR, LF or NUL in it. */
int sc_field_parse(struct sc_span line, struct sc_span *name,
                   struct sc_span *value);

/* Join a folded line (it began with a space or tab) to the value added last,
 * by one space. Returns as sc_fields_add; SC_EINVAL: there is none. */
int sc_fields_fold(struct sc_fields *f, struct sc_span more);

#endif
