/* task.h - many dialogues at once: tasks, groups, loops.
 *
 * A task is a function with a stack of its own. Inside one, every call of
 * this library that waits lets the other tasks go on; outside, the same call
 * just waits. A thread has a private loop, made at first need and freed with
 * the thread; it may attach one loop of the caller's.
 *
 * `loop`: NULL is the running task's loop; outside tasks the private one (but
 * sc_post wants a name). */
#ifndef SIMPLECLIENT_TASK_H
#define SIMPLECLIENT_TASK_H

#include <simpleclient/error.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct uv_loop_s uv_loop_t;
struct sc_group;

/* Use the caller's LOOP on this thread, until sc_loop_detach. Running it
 * stays the caller's business; idle connections never keep it alive, live
 * tasks do. Does not wait. Returns 0, SC_EBUSY (this thread has one attached,
 * or LOOP is attached already), SC_ENOMEM or libuv's error. */
SC_API int sc_loop_attach(uv_loop_t *loop);

/* Give LOOP back: cancels its tasks, closes its connections. Waits for work
 * given to sc_offload. Turn the loop once more (uv_run) before uv_loop_close.
 * Returns 0, SC_EWRONGLOOP, or SC_EDEADLK: inside one of its tasks or
 * callbacks, or a task of it waits for a group of the private loop inside whose
 * callback this is called. */
SC_API int sc_loop_detach(uv_loop_t *loop);

/* The current loop: the running task's, else the private one (made if need
 * be; NULL: no memory). Borrowed. For sc_post. */
SC_API uv_loop_t *sc_loop(void);

/* Start fn(arg) as a task. It starts at the loop's next turn. Does not wait.
 * Returns the task's number > 0, never used again, or SC_ENOMEM, SC_ECLOSED,
 * SC_EWRONGLOOP. */
SC_API int64_t sc_task_go(uv_loop_t *loop, void (*fn)(void *), void *arg);

/* Wait until TASK has ended. Returns 0 at once when it has, SC_EDEADLK for
 * the running task itself, SC_EINVAL for a number that never was, SC_ECANCELED
 * when the waiting task was cancelled. */
SC_API int sc_task_join(int64_t task);

/* Make the current wait of TASK, and every later one, return SC_ECANCELED.
 * Does not wait. Returns 0, also when TASK has ended. */
SC_API int sc_task_cancel(int64_t task);

/* The running task's number, or 0 outside tasks. */
SC_API int64_t sc_task_self(void);

/* Let others go on. Outside tasks: one turn of the private loop. Returns 0 or
 * SC_ECANCELED. */
SC_API int sc_yield(void);

/* Wait MS milliseconds (0 and less: none). Returns 0 or SC_ECANCELED. */
SC_API int sc_sleep(int64_t ms);

/* Milliseconds of a clock that only goes forward. */
SC_API int64_t sc_now(void);

/* Run the private loop until its tasks have ended. Returns 0, or SC_EDEADLK
 * inside a task or a callback of that loop. */
SC_API int sc_run(void);

/* Run fn(arg) in a thread of libuv's pool and wait for it; for work that
 * would stall the loop (fsync, rename, many hash rounds). Cannot be cut
 * short: it returns when fn has. Returns fn's result, or SC_ENOMEM. */
SC_API int sc_offload(int (*fn)(void *), void *arg);

/* Run fn(arg) on LOOP's thread, outside tasks, soon. The only call that
 * another thread may make, and the only one that takes no NULL for LOOP. A
 * thread that blocks outside tasks comes to it when that call is over. Returns
 * 0, SC_ECLOSED (the loop is gone; fn is not called) or SC_ENOMEM. */
SC_API int sc_post(uv_loop_t *loop, void (*fn)(void *), void *arg);

/* A group runs many tasks, at most K of them at a time (0: all at once).
 * Returns NULL for no memory; the calls below take NULL as SC_ENOMEM. */
SC_API struct sc_group *sc_group_new(uv_loop_t *loop, int k);

/* Let the group run fn(arg), every one, after a cancel too (its first wait
 * then returns SC_ECANCELED). Does not wait. Returns 0 or an error, which
 * sc_group_wait returns again. */
SC_API int sc_group_go(struct sc_group *g, void (*fn)(void *), void *arg);

/* Wait until all have ended, then free the group. Returns 0, the first error
 * of sc_group_go, SC_ECANCELED (the waiting task was cancelled: so was the
 * group, and all have ended), SC_EDEADLK where it would have to re-enter a
 * running loop, SC_EBUSY if somebody waits for it already, SC_EWRONGLOOP in
 * another thread (after these three the group goes on, and is still yours). */
SC_API int sc_group_wait(struct sc_group *g);

/* Call cb(arg, rc) on the loop when all have ended; the group frees itself.
 * RC is what sc_group_wait would have returned. Does not wait. Returns 0,
 * SC_EBUSY or SC_EWRONGLOOP as sc_group_wait. */
SC_API int sc_group_then(struct sc_group *g, void (*cb)(void *, int),
                         void *arg);

/* Cancel all tasks of the group, those not begun too. Does not wait. */
SC_API void sc_group_cancel(struct sc_group *g);

/* How large the stacks of this thread's later tasks are, in bytes: 65,536 or
 * more, rounded up to pages; 0: 256 KiB. Call it before the first task.
 * Returns 0, SC_EINVAL or SC_EBUSY. */
SC_API int sc_stack_size(size_t bytes);

#ifdef __cplusplus
}
#endif
#endif
