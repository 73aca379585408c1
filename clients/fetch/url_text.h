/* url_text.h - what can be read off a URL without taking it apart: it may be a
 * bad one. */
#ifndef CLIENTS_FETCH_URL_TEXT_H
#define CLIENTS_FETCH_URL_TEXT_H

#include <stddef.h>

/* The length of "SCHEME://" in front, or 0: there is none. A "://" in the path
 * or the query is no scheme's. */
size_t url_scheme(const char *url);
/* The length up to the end of the host and its port. */
size_t url_host_end(const char *url);
/* URL without user and password, for people to read. Owned. */
char *url_shown(const char *url);
/* The last part of URL's path. Owned; NULL: it is empty. */
char *name_of_url(const char *url);

#endif
