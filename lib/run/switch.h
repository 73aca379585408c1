/* switch.h - transfer of control between stacks. One file per method; the
 * build chooses. Every switch tells the sanitizers, if they are in the
 * program. */
#ifndef SC_RUN_SWITCH_H
#define SC_RUN_SWITCH_H

#include <setjmp.h>
#include <stddef.h>

/* A place where control can go. Zero bytes are the thread's own stack. */
struct sc_context {
    void *sp; /* x86_64 */
    void (*entry)(void *arg);
    void *arg;
    const void *stack_low; /* for AddressSanitizer */
    size_t stack_size;
    void *fake_stack;
    void *fiber;             /* ThreadSanitizer's */
    struct sc_context *from; /* who switched here last */
    jmp_buf env;             /* sjlj */
};

/* Make C a place that runs entry(arg) on the SIZE bytes at LOW. ENTRY ends
 * with sc_switch_last; it never returns. */
void sc_switch_init(struct sc_context *c, void *low, size_t size,
                    void (*entry)(void *), void *arg);
/* Leave FROM, go on in TO; returns when somebody switches back to FROM. */
void sc_switch(struct sc_context *from, struct sc_context *to);
/* The same, FROM being done with: nobody may switch to it again. */
_Noreturn void sc_switch_last(struct sc_context *from, struct sc_context *to);
/* Forget a context that was done with, or never begun. */
void sc_switch_fini(struct sc_context *c);

#endif
