/* url_parts.h - the schemes of this library, a file each. Private to url/. */
#ifndef SC_URL_PARTS_H
#define SC_URL_PARTS_H

#include <simpleclient/scheme.h>

extern const struct url_scheme url_http, url_ftp, url_gopher, url_file,
    url_data, url_pop3, url_nntp, url_news;

#endif
