/* request.h - what one group of options comes to: a request that lacks only its
 * URL. Made once for all URLs of the group. */
#ifndef CLIENTS_FETCH_REQUEST_H
#define CLIENTS_FETCH_REQUEST_H

#include <simpleclient/http.h>
#include <simpleclient/http_session.h>

#include "fetch/options.h"

struct prepared {
    const struct command *command;
    const struct config *config;
    struct http_request request;
    struct sc_options options;
    struct sc_tls_options proxy_tls;
    struct http_retry retry;
    struct sc_fields head, proxy_head;
    struct sc_buf omit;
    char *agent, *user, *password, *proxy, *schemes;
    bool if_older;     /* -z -DATE */
    int64_t condition; /* -z DATE */
    struct http_session *session;
};

/* Returns 0 or an exit code, told. In every case: free_prepared. */
int prepare(struct prepared *p, const struct command *k,
            const struct config *c);
/* Write the cookie jar; that it cannot be is told, and no failure (as in
 * curl). */
void finish_prepared(struct prepared *p);
void free_prepared(struct prepared *p);

#endif
