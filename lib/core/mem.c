/* mem.c - the allocator: the system's, or one put in its place before the
 * first byte was taken. Which one serves is fixed by the first call, so that
 * no block is ever freed by another allocator than gave it. */

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "core/mem.h"

static struct sc_allocator allocator = {malloc, realloc, free};
static atomic_bool fixed;

/* Read before written: one shared cache line, no traffic between threads. */
static void fix(void)
{
    if (!atomic_load_explicit(&fixed, memory_order_acquire))
        atomic_store_explicit(&fixed, 1, memory_order_release);
}

int sc_set_allocator(const struct sc_allocator *a)
{
    if (a == NULL || a->malloc_fn == NULL || a->realloc_fn == NULL ||
        a->free_fn == NULL)
        return SC_EINVAL;
    if (atomic_exchange(&fixed, 1))
        return SC_EBUSY;
    allocator = *a;
    return 0;
}

void *sc_malloc(size_t n)
{
    fix();
    return allocator.malloc_fn(n > 0 ? n : 1);
}

void *sc_calloc(size_t n)
{
    void *p = sc_malloc(n);

    if (p != NULL)
        memset(p, 0, n);
    return p;
}

void *sc_realloc(void *p, size_t n)
{
    fix();
    return allocator.realloc_fn(p, n > 0 ? n : 1);
}

void sc_free(void *p)
{
    if (p != NULL)
        allocator.free_fn(p);
}

char *sc_strdup(const char *s)
{
    size_t n = s != NULL ? strlen(s) + 1 : 0;
    char *copy = s != NULL ? sc_malloc(n) : NULL;

    if (copy != NULL)
        memcpy(copy, s, n);
    return copy;
}

void sc_wipe(void *p, size_t n)
{
    if (p != NULL && n > 0)
        explicit_bzero(p, n);
}
