/* pool.h - idle connections: one pool per runtime. Kept 6 per host, 64 in
 * all, 60 s. A connection is the same only by class, host, port, TLS options,
 * user, address and family. */
#ifndef SC_CLIENT_POOL_H
#define SC_CLIENT_POOL_H

#include <simpleclient/class.h>

/* An idle connection of CLS to SERVER that has nothing unread, or NULL. Owned.
 * Does not wait. */
SimpleClient *sc_pool_take(const struct client_class *cls, const char *server,
                           int port, const struct sc_options *opt);
/* Keep C for later; what cannot be kept (broken, not idle, too many) is
 * dropped. C is taken in every case. Does not wait. */
void sc_pool_give(SimpleClient *c);
/* How long an idle connection is kept: 60,000. Only tests make it shorter. */
extern int64_t sc_pool_keep_ms;

#endif
