/* stack.h - stacks of tasks: reserved in slabs, guarded, pooled. */
#ifndef SC_RUN_STACK_H
#define SC_RUN_STACK_H

#include <stddef.h>

enum { SC_STACK_DEFAULT = 256 << 10, SC_STACK_LEAST = 64 << 10 };

/* A stack that is not in use holds the link to the next one at its top. */
struct sc_stack {
    struct sc_stack *next;
    char *low; /* above the guard */
    size_t size;
};

struct sc_slab;
struct sc_stacks {
    struct sc_slab *slabs;
    struct sc_stack *idle; /* last in, first out: the warm one */
    size_t n_idle;
    size_t stack_bytes; /* 0: the default; fixed with the first slab */
};

/* A stack, or NULL: no memory. The struct lies in the stack's own top. */
struct sc_stack *sc_stack_take(struct sc_stacks *p);
void sc_stack_give(struct sc_stacks *p, struct sc_stack *s);
size_t sc_page_bytes(void);
/* Unmap all; none may be in use. */
void sc_stacks_free(struct sc_stacks *p);

#endif
