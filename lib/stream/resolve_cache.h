/* resolve_cache.h - names found, kept for 30 s. Private to resolve.c, which
 * holds its mutex around each call. */
#ifndef SC_STREAM_RESOLVE_CACHE_H
#define SC_STREAM_RESOLVE_CACHE_H

#include <stdbool.h>

#include <simpleclient/udp.h>

/* What makes two lookups the same. */
struct sc_lookup_key {
    char name[256];
    unsigned family; /* SC_OPT_IPV4, SC_OPT_IPV6 or 0: both */
    const struct sc_resolver *resolver;
};
bool sc_lookup_key_eq(const struct sc_lookup_key *a,
                      const struct sc_lookup_key *b);

/* NOW is sc_now's time. True: OUT is filled. */
bool sc_cache_get(const struct sc_lookup_key *key, int64_t now,
                  struct sc_addresses *out);
/* Keep a copy; the oldest of 256 goes. Without memory nothing is kept. */
void sc_cache_put(const struct sc_lookup_key *key,
                  const struct sc_addresses *found, int64_t now);
void sc_cache_forget(const char *name);

#endif
