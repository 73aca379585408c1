#undef _FORTIFY_SOURCE /* its longjmp refuses to leave a stack */
/* switch_sjlj.c - switching by the C library, for every machine: makecontext
 * starts a stack, _setjmp and _longjmp (which leave the signal mask alone) move
 * between them. About 23 ns. */
#include "run/notes.h"

#include <stdint.h>
#include <ucontext.h>

/* These frames are left without a return: no red zones in them. */
#define LEFT_BY_A_JUMP __attribute__((no_sanitize_address))

LEFT_BY_A_JUMP static void begin(unsigned hi, unsigned lo)
{
    uintptr_t at = (uintptr_t)((uint64_t)hi << 32 | lo);
    struct sc_context *me = (struct sc_context *)at;

    sc_note_arrived(me);
    me->entry(me->arg);
    __builtin_trap();
}

/* sp is not NULL until the first visit. */
void sc_switch_init(struct sc_context *c, void *low, size_t size,
                    void (*entry)(void *), void *arg)
{
    *c = (struct sc_context){.sp = low,
                             .entry = entry,
                             .arg = arg,
                             .stack_low = low,
                             .stack_size = size};
    sc_note_new(c);
}

LEFT_BY_A_JUMP static _Noreturn void first_visit(struct sc_context *c)
{
    uint64_t at = (uintptr_t)c;
    ucontext_t there;

    getcontext(&there);
    there.uc_stack.ss_sp = c->sp;
    there.uc_stack.ss_size = c->stack_size;
    there.uc_link = NULL;
    c->sp = NULL;
    makecontext(&there, (void (*)(void))begin, 2, (unsigned)(at >> 32),
                (unsigned)at);
    setcontext(&there);
    __builtin_trap();
}

LEFT_BY_A_JUMP static _Noreturn void jump(struct sc_context *to)
{
    if (to->sp != NULL)
        first_visit(to);
    _longjmp(to->env, 1);
}

LEFT_BY_A_JUMP void sc_switch(struct sc_context *from, struct sc_context *to)
{
    sc_note_leaving(from, &from->fake_stack, to);
    if (_setjmp(from->env) == 0)
        jump(to);
    sc_note_arrived(from);
}

LEFT_BY_A_JUMP _Noreturn void sc_switch_last(struct sc_context *from,
                                             struct sc_context *to)
{
    sc_note_leaving(from, NULL, to);
    jump(to);
}

void sc_switch_fini(struct sc_context *c)
{
    sc_note_gone(c);
}
