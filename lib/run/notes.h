/* notes.h - what AddressSanitizer and ThreadSanitizer want to be told of a
 * switch. Weak references: a plain build annotates too when the program that
 * uses it is instrumented. */
#ifndef SC_RUN_NOTES_H
#define SC_RUN_NOTES_H

#include "run/switch.h"

#define SC_WEAK __attribute__((weak))
SC_WEAK void __sanitizer_start_switch_fiber(void **save, const void *low,
                                            size_t size);
SC_WEAK void __sanitizer_finish_switch_fiber(void *save, const void **low,
                                             size_t *size);
SC_WEAK void *__tsan_create_fiber(unsigned flags);
SC_WEAK void __tsan_destroy_fiber(void *fiber);
SC_WEAK void *__tsan_get_current_fiber(void);
SC_WEAK void __tsan_switch_to_fiber(void *fiber, unsigned flags);

static inline void sc_note_new(struct sc_context *c)
{
    c->fiber = __tsan_create_fiber ? __tsan_create_fiber(0) : NULL;
}

static inline void sc_note_gone(struct sc_context *c)
{
    if (c->fiber && __tsan_destroy_fiber)
        __tsan_destroy_fiber(c->fiber);
    c->fiber = NULL;
}

/* SAVE NULL: FROM is done with. */
static inline void sc_note_leaving(struct sc_context *from, void **save,
                                   struct sc_context *to)
{
    to->from = from;
    if (__tsan_get_current_fiber && !from->fiber)
        from->fiber = __tsan_get_current_fiber();
    if (__tsan_switch_to_fiber)
        __tsan_switch_to_fiber(to->fiber, 0);
    if (__sanitizer_start_switch_fiber)
        __sanitizer_start_switch_fiber(save, to->stack_low, to->stack_size);
}

/* Called on the new stack: ME has arrived. */
static inline void sc_note_arrived(struct sc_context *me)
{
    if (__sanitizer_finish_switch_fiber)
        __sanitizer_finish_switch_fiber(me->fake_stack, &me->from->stack_low,
                                        &me->from->stack_size);
}

#endif
