/* uri_text.h - what parsing and resolving both look at before a URL is taken
 * apart. Private to uri/. */
#ifndef SC_URI_TEXT_H
#define SC_URI_TEXT_H

#include <simpleclient/uri.h>

/* White space that is dropped around a URL. */
bool uri_is_space(char c);
/* Length of the scheme at the start of S that ends in ':', or 0. */
size_t uri_scheme_len(struct sc_span s);

#endif
