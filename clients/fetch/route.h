/* route.h - options of the command line as the library's options: the way to
 * the server, logins, limits of time. */
#ifndef CLIENTS_FETCH_ROUTE_H
#define CLIENTS_FETCH_ROUTE_H

#include "fetch/request.h"

/* Fill P->options. Returns 0 or an exit code, told. */
int make_route(struct prepared *p);

#endif
