/* wait.h - the one place that decides: park this task, or wait here.
 *
 * Whoever waits has a `struct sc_waiter *` slot in the thing it waits for.
 * sc_wait_slot fills the slot and waits; the thing's owner wakes it with
 * sc_wake(&slot, result). The first waker wins. */
#ifndef SC_RUN_WAIT_H
#define SC_RUN_WAIT_H

#include <simpleclient/stream.h> /* struct sc_wait */
#include <simpleclient/task.h>

struct sc_runtime;
struct sc_task;

/* One wait; lies on the waiter's stack. Private to run/. */
struct sc_waiter;

/* The runtime that calls made here belong to: the running task's, else this
 * thread's private one (made if need be; NULL: sc_runtime_failure says why). */
struct sc_runtime *sc_runtime_here(void);
int sc_runtime_failure(void); /* SC_ENOMEM, SC_EMFILE ... */
/* 0, or SC_EWRONGLOOP, SC_EFORK, SC_ECLOSED: RT may not be used from here. */
int sc_runtime_check(const struct sc_runtime *rt);
/* True if RT belongs to this thread: its things may be closed here, in a
 * callback of its loop and while it is ended too. */
bool sc_runtime_mine(const struct sc_runtime *rt);
/* Tells this thread from all others that live. */
const void *sc_thread_here(void);
uv_loop_t *sc_runtime_loop(struct sc_runtime *rt);
/* Things with libuv handles hold their runtime's memory until they are gone. */
void sc_runtime_hold(struct sc_runtime *rt);
void sc_runtime_let_go(struct sc_runtime *rt);

/* True where a wait parks or pumps a loop (so that readiness must come from a
 * loop's callback); false where it must block in poll(2) on a descriptor. */
bool sc_wait_uses_loop(const struct sc_runtime *rt);
/* False in a callback of the private loop: until it returns no task of RT goes
 * on, whatever is waited for. */
bool sc_wait_lets_tasks_go_on(const struct sc_runtime *rt);

/* Wait until somebody wakes *SLOT, or UNTIL (INT64_MAX: for ever). Parks the
 * task; outside tasks pumps the private loop. Returns what sc_wake was given,
 * SC_ETIMEDOUT, SC_ECANCELED, or SC_EBUSY if the slot is taken. */
int sc_wait_slot(struct sc_runtime *rt, struct sc_waiter **slot, int64_t until);
/* The same for waits whose deadline somebody else keeps (a stream's entry on
 * the wheel): UNTIL is noted in the waiter for sc_waiter_until. */
int sc_wait_slot_noted(struct sc_runtime *rt, struct sc_waiter **slot,
                       int64_t until);
/* SC_ECANCELED if the running task was cancelled, else 0: asked before arming
 * anything. */
int sc_wait_cancelled(void);
int64_t sc_waiter_until(const struct sc_waiter *w);
/* Block in poll(2) on FD for EVENTS until UNTIL, on no loop. Returns revents
 * > 0, SC_ETIMEDOUT or an error. */
int sc_wait_fd(int fd, short events, int64_t until);

/* Wake whoever waits in *SLOT with RESULT, if anybody, and empty the slot. In
 * our own loop callbacks the task may run inside this call: hold what you
 * need afterwards. */
void sc_wake(struct sc_runtime *rt, struct sc_waiter **slot, int result);
/* Around every libuv callback of ours that may wake: tasks woken inside run
 * at once, and the ready queue is drained at its end. */
void sc_enter_callback(struct sc_runtime *rt);
void sc_leave_callback(struct sc_runtime *rt);

/* Call fn(arg) when the running task has ended; outside tasks: when the
 * runtime is closed, or many later calls have been added. For memory that
 * somebody who was woken by an error may still look at. Returns 0 or
 * SC_ENOMEM. */
int sc_at_task_end(void (*fn)(void *), void *arg);

/* Things to be ended with the runtime (idle connections of a pool, caches):
 * CLOSE is called once when the runtime is closed; LINK lies in the thing. */
struct sc_at_close {
    struct sc_at_close *prev, *next;
    void (*close)(struct sc_at_close *link);
};
void sc_at_close_add(struct sc_runtime *rt, struct sc_at_close *link);
void sc_at_close_remove(struct sc_at_close *link);
/* One pointer per runtime for each of these. */
enum sc_local { SC_LOCAL_POOL, SC_LOCAL_RBUFS, SC_LOCALS };
void **sc_runtime_local(struct sc_runtime *rt, enum sc_local which);

#endif
