/* schemes.c - the schemes of this library. The only file that names them all. */

#include "url/url_handle.h"
#include "url/url_parts.h"

const struct url_scheme *const url_schemes[] = {
    &url_http, &url_ftp,  &url_gopher, &url_file, &url_data,
    &url_pop3, &url_nntp, &url_news,   NULL,
};
