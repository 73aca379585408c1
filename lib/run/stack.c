/* stack.c - stacks of tasks. Slabs of 64 are reserved at once and committed as
 * they are touched; the lowest page of each is a guard: MADV_GUARD_INSTALL
 * where the kernel has it (6.13; it needs no mapping of its own, so 100,000
 * stacks stay below vm.max_map_count), mprotect elsewhere. */
#include "run/stack.h"

#include "core/mem.h"

#include <stdbool.h>
#include <stdint.h>
#include <sys/mman.h>
#include <unistd.h>

enum {
    PER_SLAB = 64,
    KEEP_WARM = 64,
    WARM_BYTES = 16 << 10,
    GUARD_INSTALL = 102
};

struct sc_slab {
    struct sc_slab *next;
    char *base;
    size_t bytes;
};

size_t sc_page_bytes(void)
{
    static _Atomic size_t bytes;

    if (bytes == 0)
        bytes = (size_t)sysconf(_SC_PAGESIZE);
    return bytes;
}

static bool guard(char *low)
{
    return madvise(low, sc_page_bytes(), GUARD_INSTALL) == 0 ||
           mprotect(low, sc_page_bytes(), PROT_NONE) == 0;
}

static void add_idle(struct sc_stacks *p, char *low, size_t bytes)
{
    struct sc_stack *s = (struct sc_stack *)(low + bytes) - 1;

    s->low = low + sc_page_bytes();
    s->size = (size_t)((char *)s - s->low);
    s->next = p->idle;
    p->idle = s;
    p->n_idle++;
}

static bool map_slab(struct sc_slab *slab, size_t stack_bytes)
{
    slab->bytes = stack_bytes * PER_SLAB;
    slab->base =
        mmap(NULL, slab->bytes, PROT_READ | PROT_WRITE,
             MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_STACK, -1, 0);
    if (slab->base == MAP_FAILED)
        return false;
    /* A huge page would commit all 64 stacks at the first touch. */
    madvise(slab->base, slab->bytes, MADV_NOHUGEPAGE);
    for (size_t at = 0; at < slab->bytes; at += stack_bytes)
        if (!guard(slab->base + at)) {
            munmap(slab->base, slab->bytes);
            return false;
        }
    return true;
}

static bool add_slab(struct sc_stacks *p)
{
    struct sc_slab *slab = sc_malloc(sizeof *slab);

    if (!p->stack_bytes)
        p->stack_bytes = SC_STACK_DEFAULT;
    if (slab == NULL || !map_slab(slab, p->stack_bytes)) {
        sc_free(slab);
        return false;
    }
    slab->next = p->slabs;
    p->slabs = slab;
    for (size_t at = slab->bytes; at > 0; at -= p->stack_bytes)
        add_idle(p, slab->base + at - p->stack_bytes, p->stack_bytes);
    return true;
}

struct sc_stack *sc_stack_take(struct sc_stacks *p)
{
    struct sc_stack *s;

    if (p->idle == NULL && !add_slab(p))
        return NULL;
    s = p->idle;
    p->idle = s->next;
    p->n_idle--;
    return s;
}

/* Whether the page below the warm ones was ever written. Reading a page that
 * was not shows zeros and commits nothing. */
__attribute__((no_sanitize_address, no_sanitize_thread)) static bool
went_deep(const char *page)
{
    const uint64_t *word = (const uint64_t *)(uintptr_t)page;
    uint64_t seen = 0;

    for (size_t i = 0; i < sc_page_bytes() / sizeof *word; i += 8)
        seen |= word[i] | word[i + 7];
    return seen != 0;
}

void sc_stack_give(struct sc_stacks *p, struct sc_stack *s)
{
    size_t page = sc_page_bytes();
    char *end = (char *)(((uintptr_t)s - WARM_BYTES) & ~(page - 1));

    /* A burst of deep stacks must not stay resident for ever. */
    if (p->n_idle >= KEEP_WARM && went_deep(end - page))
        madvise(s->low, (size_t)(end - s->low), MADV_DONTNEED);
    s->next = p->idle;
    p->idle = s;
    p->n_idle++;
}

void sc_stacks_free(struct sc_stacks *p)
{
    struct sc_slab *slab, *next;

    for (slab = p->slabs; slab != NULL; slab = next) {
        next = slab->next;
        munmap(slab->base, slab->bytes);
        sc_free(slab);
    }
    p->slabs = NULL;
    p->idle = NULL;
    p->n_idle = 0;
}
