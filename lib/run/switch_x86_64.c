/* switch_x86_64.c - switching by hand on x86-64 (System V ABI): the
 * callee-saved registers, the two floating-point control words, the stack
 * pointer. About 16 ns, where swapcontext makes a system call. */
#include "run/notes.h"

#include <stdint.h>

void sc_switch_jump(void **save_sp, void *to_sp);
void sc_switch_boot(void);

__asm__(".text\n"
        ".p2align 4\n"
        ".type sc_switch_jump,@function\n"
        ".hidden sc_switch_jump\n"
        ".globl sc_switch_jump\n"
        "sc_switch_jump:\n"
        "    .cfi_startproc\n"
        "    endbr64\n"
        "    pushq %rbp\n"
        "    pushq %rbx\n"
        "    pushq %r12\n"
        "    pushq %r13\n"
        "    pushq %r14\n"
        "    pushq %r15\n"
        "    subq $8, %rsp\n"
        "    stmxcsr (%rsp)\n"
        "    fnstcw 4(%rsp)\n"
        "    movq %rsp, (%rdi)\n"
        "    movq %rsi, %rsp\n"
        "    ldmxcsr (%rsp)\n"
        "    fldcw 4(%rsp)\n"
        "    addq $8, %rsp\n"
        "    popq %r15\n"
        "    popq %r14\n"
        "    popq %r13\n"
        "    popq %r12\n"
        "    popq %rbx\n"
        "    popq %rbp\n"
        "    ret\n"
        "    .cfi_endproc\n"
        ".size sc_switch_jump,.-sc_switch_jump\n"
        ".p2align 4\n"
        ".type sc_switch_boot,@function\n"
        ".hidden sc_switch_boot\n"
        ".globl sc_switch_boot\n"
        "sc_switch_boot:\n"
        "    .cfi_startproc\n"
        "    .cfi_undefined rip\n"
        "    endbr64\n"
        "    movq %r12, %rdi\n"
        "    callq *%r13\n"
        "    ud2\n"
        "    .cfi_endproc\n"
        ".size sc_switch_boot,.-sc_switch_boot\n");

static void begin(void *arg)
{
    struct sc_context *me = arg;

    sc_note_arrived(me);
    me->entry(me->arg);
    __builtin_trap();
}

void sc_switch_init(struct sc_context *c, void *low, size_t size,
                    void (*entry)(void *), void *arg)
{
    uintptr_t top = ((uintptr_t)low + size) & ~(uintptr_t)15;
    uint64_t *sp = (uint64_t *)top;

    *c = (struct sc_context){
        .entry = entry, .arg = arg, .stack_low = low, .stack_size = size};
    *--sp = 0; /* keeps boot's stack aligned for its call */
    *--sp = 0;
    *--sp = (uint64_t)(uintptr_t)sc_switch_boot;
    *--sp = 0;                          /* rbp */
    *--sp = 0;                          /* rbx */
    *--sp = (uint64_t)(uintptr_t)c;     /* r12 */
    *--sp = (uint64_t)(uintptr_t)begin; /* r13 */
    *--sp = 0;                          /* r14 */
    *--sp = 0;                          /* r15 */
    *--sp = 0x037f00001f80;             /* x87 and SSE control: the ABI's */
    c->sp = sp;
    sc_note_new(c);
}

void sc_switch(struct sc_context *from, struct sc_context *to)
{
    sc_note_leaving(from, &from->fake_stack, to);
    sc_switch_jump(&from->sp, to->sp);
    sc_note_arrived(from);
}

_Noreturn void sc_switch_last(struct sc_context *from, struct sc_context *to)
{
    sc_note_leaving(from, NULL, to);
    sc_switch_jump(&from->sp, to->sp);
    __builtin_trap();
}

void sc_switch_fini(struct sc_context *c)
{
    sc_note_gone(c);
}
