/* resolve_cache.c - names found, newest first, at most 256 and 30 s old. One
 * list for the process: 256 entries are walked faster than a lookup begins. */
#include <stddef.h>
#include <string.h>

#include "core/mem.h"
#include "core/text.h"
#include "stream/resolve_cache.h"

enum { KEPT = 256, KEPT_MS = 30000 };

struct kept {
    struct kept *next;
    int64_t until;
    struct sc_lookup_key key;
    size_t n;
    struct sc_address at[];
};

static struct kept *newest;

bool sc_lookup_key_eq(const struct sc_lookup_key *a,
                      const struct sc_lookup_key *b)
{
    return a->family == b->family && a->resolver == b->resolver &&
           sc_casecmp(a->name, b->name) == 0;
}

/* The list is in order of age: all behind the first old one are old. */
static void drop_from(struct kept **at)
{
    struct kept *k = *at;

    *at = NULL;
    while (k != NULL) {
        struct kept *next = k->next;

        sc_free(k);
        k = next;
    }
}

static void drop_old(int64_t now)
{
    struct kept **at = &newest;

    for (int i = 0; *at != NULL && i < KEPT && (*at)->until > now; i++)
        at = &(*at)->next;
    drop_from(at);
}

bool sc_cache_get(const struct sc_lookup_key *key, int64_t now,
                  struct sc_addresses *out)
{
    drop_old(now);
    for (const struct kept *k = newest; k != NULL; k = k->next)
        if (sc_lookup_key_eq(&k->key, key)) {
            out->n = k->n;
            memcpy(out->at, k->at, k->n * sizeof k->at[0]);
            return true;
        }
    return false;
}

void sc_cache_put(const struct sc_lookup_key *key,
                  const struct sc_addresses *found, int64_t now)
{
    struct kept *k = sc_malloc(sizeof *k + found->n * sizeof k->at[0]);

    if (k == NULL)
        return;
    k->until = now + KEPT_MS;
    k->key = *key;
    k->n = found->n;
    memcpy(k->at, found->at, found->n * sizeof k->at[0]);
    k->next = newest;
    newest = k;
    drop_old(now);
}

void sc_cache_forget(const char *name)
{
    struct kept **at = &newest;

    while (*at != NULL) {
        struct kept *k = *at;

        if (sc_casecmp(k->key.name, name) != 0) {
            at = &k->next;
            continue;
        }
        *at = k->next;
        sc_free(k);
    }
}
