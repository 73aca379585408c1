/* dry_run.h - --dry-run: requests go to this program itself, which prints their
 * bytes. Nothing is sent to anybody, no name looked up. */
#ifndef CLIENTS_FETCH_DRY_RUN_H
#define CLIENTS_FETCH_DRY_RUN_H

#include "fetch/request.h"

/* Begin to listen, at a Unix socket in a directory of its own. Returns 0 or an
 * exit code, told. */
int dry_run_begin(void);
void dry_run_end(void);

/* Turn P's connections there. Proxies are left out. */
void dry_run_route(struct prepared *p);
/* Turn Q there, for which it must not be https: its URL becomes *URL (owned) and
 * its fields *HEAD, if they must change. */
void dry_run_request(struct http_request *q, char **url,
                     struct sc_fields *head);

#endif
