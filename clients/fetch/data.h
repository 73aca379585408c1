/* data.h - data of the command line in the query of a URL. */
#ifndef CLIENTS_FETCH_DATA_H
#define CLIENTS_FETCH_DATA_H

#include "fetch/options.h"

/* URL with the query parts of C (-G, --url-query) behind it. Owned. */
char *url_with_query(const struct config *c, const char *url);

#endif
