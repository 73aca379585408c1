/* schemes.h - which scheme a URL has, or is meant to have, and which ones may be
 * used. */
#ifndef CLIENTS_FETCH_SCHEMES_H
#define CLIENTS_FETCH_SCHEMES_H

#include <stdbool.h>

/* The scheme in front of "://", or of ":" where that is known to be one, in lower
 * case; "": there is none. Owned. */
char *scheme_of_url(const char *url);
/* What curl takes a URL without one for: "ftp.example.org" for ftp. NULL: http. */
const char *scheme_of_host(const char *url);
/* --proto's LIST: "=https,ftp", "-all,http", "+gopher"; NULL allows all. */
bool scheme_allowed(const char *list, const char *scheme);

#endif
