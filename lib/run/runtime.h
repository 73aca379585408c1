/* runtime.h - what the files of run/ share: the runtime of one loop, its
 * tasks, its ready queue. Nothing outside run/ includes it. */
#ifndef SC_RUN_RUNTIME_H
#define SC_RUN_RUNTIME_H

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>
#include <uv.h>

#include "run/clock.h"
#include "run/stack.h"
#include "run/switch.h"
#include "run/wait.h"

struct sc_task;

struct sc_waiter {
    struct sc_task *task;    /* NULL: outside tasks */
    struct sc_waiter **slot; /* points here while it waits */
    int64_t until;
    int result;
    bool done;
    bool deaf; /* to cancelling: work in a thread cannot be cut short */
};

/* Something to be called later, owned by a list. */
struct sc_call {
    struct sc_call *next;
    void (*fn)(void *arg);
    void *arg;
};

struct sc_task {
    struct sc_context context;
    struct sc_stack *stack;
    struct sc_runtime *rt;
    int64_t id;
    void (*fn)(void *arg);
    void *arg;
    struct sc_waiter *waiter; /* what it is parked in */
    struct sc_join *joins;    /* who waits for its end */
    struct sc_task *next_ready;
    struct sc_task *next_hash;
    struct sc_task *prev, *next; /* all tasks of the runtime */
    struct sc_group *group;
    struct sc_call *at_end;
    bool queued;
    bool cancelled;
    bool ended;
};

enum { SC_WHEEL_SLOTS = 256 };
struct sc_wheel {
    struct sc_alarm slot[SC_WHEEL_SLOTS]; /* heads of rings */
    uint64_t used[SC_WHEEL_SLOTS / 64];   /* a bit: slot may have alarms */
    int64_t tick;                         /* the last one looked at */
};

/* Sleeps want the very millisecond: a heap of them. */
struct sc_sleeper {
    int64_t when;
    size_t at; /* where it stands in the heap */
    struct sc_waiter *waiter;
};
struct sc_sleeps {
    struct sc_sleeper **heap;
    size_t n, cap;
};

struct sc_runtime {
    uv_loop_t *loop;
    uv_loop_t own; /* the private one */
    bool is_private;
    bool closing;
    unsigned fork_generation;
    int refs;
    int64_t serial; /* upper bits of its tasks' numbers */
    int64_t next_id;

    uv_async_t async; /* has a reference while tasks live or somebody waits */
    uv_idle_t idle;   /* what is left of the ready queue */
    uv_timer_t timer; /* the wheel and the sleeps */
    int open_handles;
    int needed; /* tasks alive and callers who pump */
    int depth;  /* our uv_run is on the C stack */
    int in_callback;
    unsigned callbacks; /* since the clock was looked at */
    bool resuming;      /* a task runs, or its end is being told */
    bool draining;

    struct sc_context home; /* where tasks return to */
    struct sc_stacks stacks;
    struct sc_task *ready, **ready_end;
    size_t n_ready;
    struct sc_task *tasks;
    size_t n_tasks;
    struct sc_task **hash;
    size_t n_hash;

    struct sc_wheel wheel;
    struct sc_sleeps sleeps;
    int64_t timer_due; /* INT64_MAX: not running */

    struct sc_call *posts, **posts_end; /* under sc_registry_lock */
    struct sc_call *at_close_calls;
    struct sc_at_close at_close; /* head of a ring */
    struct sc_offload *offloads;
    void *local[SC_LOCALS];
    struct sc_runtime *next; /* all runtimes, under sc_registry_lock */
};

struct sc_thread {
    struct sc_task *running;
    struct sc_runtime *private_rt;
    struct sc_runtime *attached;
    size_t stack_bytes;
    int failure; /* why there is no private one */
};
/* Looked at by every call: found without asking the dynamic linker. */
#define SC_FAST_TLS __attribute__((tls_model("initial-exec")))
extern _Thread_local struct sc_thread sc_this SC_FAST_TLS;
extern unsigned sc_fork_generation;

/* loop.c */
struct sc_runtime *sc_runtime_private(void);
/* NULL stands for the current one. 0, SC_ECLOSED, SC_EWRONGLOOP, SC_EFORK, or
 * why there is no private one. */
int sc_runtime_of(uv_loop_t *loop, struct sc_runtime **out);
void sc_runtime_need(struct sc_runtime *rt);
void sc_runtime_unneed(struct sc_runtime *rt);
/* One turn of the private loop, waiting for something to happen. */
void sc_runtime_turn(struct sc_runtime *rt, uv_run_mode mode);
bool sc_runtime_can_turn(const struct sc_runtime *rt);
bool sc_serial_alive(int64_t serial);
void sc_calls_run(struct sc_call **list);
/* See to it that the loop comes to the ready queue. */
void sc_ready_idle(struct sc_runtime *rt);

/* offload.c */
void sc_offloads_finish_one(struct sc_runtime *rt);

/* task.c */
int64_t sc_task_spawn(struct sc_runtime *rt, void (*fn)(void *), void *arg,
                      struct sc_group *group, bool cancelled);
struct sc_task *sc_task_find(int64_t id);
void sc_task_cancel_all(struct sc_runtime *rt);
void sc_task_cancel_it(struct sc_task *t);
void sc_task_ready(struct sc_task *t);
void sc_task_resume(struct sc_task *t);
/* Leave the running task until it is resumed. */
void sc_task_park(void);
/* Run what is ready, up to the length the queue had. */
void sc_ready_drain(struct sc_runtime *rt);

/* group.c */
void sc_group_task_ended(struct sc_group *g);

/* clock.c */
void sc_clock_init(struct sc_runtime *rt);
void sc_clock_free(struct sc_runtime *rt);
int sc_sleep_add(struct sc_runtime *rt, struct sc_sleeper *s);
void sc_sleep_remove(struct sc_runtime *rt, struct sc_sleeper *s);
/* May be called before its time. */
void sc_on_timer(uv_timer_t *timer);

/* wait.c */
int sc_wait_here(struct sc_runtime *rt, struct sc_waiter *w);
#endif
