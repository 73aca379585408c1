/* wait.c - the one place that decides how to wait: inside a task, park it;
 * outside, turn the private loop until somebody wakes us, or block in poll(2)
 * where no loop may be turned. Nothing above this file knows which. */
#include "run/runtime.h"

#include <errno.h>
#include <poll.h>

enum { LOOK_AT_CLOCK = 64 };

bool sc_wait_uses_loop(const struct sc_runtime *rt)
{
    if (sc_this.running != NULL)
        return true;
    return rt->n_tasks > 0 && sc_runtime_can_turn(rt);
}

bool sc_wait_lets_tasks_go_on(const struct sc_runtime *rt)
{
    return sc_this.running != NULL || sc_runtime_can_turn(rt);
}

int sc_wait_cancelled(void)
{
    return sc_this.running != NULL && sc_this.running->cancelled ? SC_ECANCELED
                                                                 : 0;
}

static int pump(struct sc_runtime *rt, struct sc_waiter *w)
{
    if (!sc_runtime_can_turn(rt)) {
        *w->slot = NULL;
        return SC_EDEADLK;
    }
    sc_runtime_need(rt);
    while (!w->done)
        sc_runtime_turn(rt, UV_RUN_ONCE);
    sc_runtime_unneed(rt);
    return w->result;
}

/* Fill the slot that W names and wait. */
int sc_wait_here(struct sc_runtime *rt, struct sc_waiter *w)
{
    struct sc_task *task = sc_this.running;

    if (*w->slot != NULL)
        return SC_EBUSY;
    if (task != NULL && task->cancelled && !w->deaf)
        return SC_ECANCELED;
    w->task = task;
    *w->slot = w;
    if (task == NULL)
        return pump(rt, w);
    task->waiter = w;
    sc_task_park();
    task->waiter = NULL;
    return w->result;
}

int sc_wait_slot_noted(struct sc_runtime *rt, struct sc_waiter **slot,
                       int64_t until)
{
    struct sc_waiter w = {.slot = slot, .until = until};

    return sc_wait_here(rt, &w);
}

/* A deadline that lives as long as one wait. */
struct deadline {
    struct sc_alarm alarm;
    struct sc_runtime *rt;
    struct sc_waiter **slot;
};

static void fire(struct sc_alarm *a)
{
    struct deadline *d = (struct deadline *)a;

    sc_wake(d->rt, d->slot, SC_ETIMEDOUT);
}

int sc_wait_slot(struct sc_runtime *rt, struct sc_waiter **slot, int64_t until)
{
    struct deadline d = {.alarm.fire = fire, .rt = rt, .slot = slot};
    int rc;

    if (*slot != NULL)
        return SC_EBUSY;
    sc_alarm_at(rt, &d.alarm, until);
    rc = sc_wait_slot_noted(rt, slot, until);
    sc_alarm_remove(rt, &d.alarm);
    return rc;
}

int64_t sc_waiter_until(const struct sc_waiter *w)
{
    return w->until;
}

void sc_wake(struct sc_runtime *rt, struct sc_waiter **slot, int result)
{
    struct sc_waiter *w = *slot;
    struct sc_task *task;

    if (w == NULL)
        return;
    *slot = NULL;
    w->done = true;
    w->result = result;
    task = w->task;
    if (task == NULL) {
        /* A timer at the turn's beginning may have woken it, and emptied the
         * ready queue: libuv would now wait for something else. */
        if (rt->is_private)
            uv_stop(rt->loop);
        return;
    }
    rt = task->rt;
    if (rt->in_callback && !rt->resuming && !rt->draining &&
        sc_this.running == NULL)
        sc_task_resume(task);
    else
        sc_task_ready(task);
}

void sc_enter_callback(struct sc_runtime *rt)
{
    rt->in_callback++;
}

/* One turn of a loop with thousands of ready descriptors takes longer than
 * deadlines may be late: libuv looks at its timers only between turns. */
static void look_at_clock(struct sc_runtime *rt)
{
    if (++rt->callbacks < LOOK_AT_CLOCK || rt->resuming)
        return;
    rt->callbacks = 0;
    if (rt->timer_due <= sc_now())
        sc_on_timer(&rt->timer);
}

void sc_leave_callback(struct sc_runtime *rt)
{
    if (rt->in_callback == 1 && !rt->resuming)
        sc_ready_drain(rt);
    rt->in_callback--;
    if (rt->in_callback == 0)
        look_at_clock(rt);
}

/* --- poll(2) --- */

static int poll_ms(int64_t until)
{
    int64_t left;

    if (until == INT64_MAX)
        return -1;
    left = until - sc_now();
    return left < 0 ? 0 : left > 1 << 30 ? 1 << 30 : (int)left;
}

int sc_wait_fd(int fd, short events, int64_t until)
{
    struct pollfd p = {.fd = fd, .events = events};

    for (;;) {
        int n = poll(&p, fd >= 0, poll_ms(until));

        if (n > 0)
            return p.revents & POLLNVAL ? SC_EINVAL : p.revents;
        if (n < 0 && errno != EINTR)
            return -errno;
        if (n == 0 && sc_now() >= until)
            return SC_ETIMEDOUT;
    }
}

/* --- sleeping, yielding --- */

static int sleep_on_loop(struct sc_runtime *rt, int64_t until)
{
    struct sc_sleeper s = {.when = until};
    struct sc_waiter w = {.slot = &s.waiter, .until = until};
    int rc;

    if (sc_this.running != NULL && sc_this.running->cancelled)
        return SC_ECANCELED;
    if ((rc = sc_sleep_add(rt, &s)) < 0)
        return rc;
    rc = sc_wait_here(rt, &w);
    sc_sleep_remove(rt, &s);
    return rc;
}

int sc_sleep(int64_t ms)
{
    struct sc_runtime *rt = sc_runtime_here();
    int64_t until = sc_until(ms > 0 ? ms : 0);
    int rc;

    if (rt == NULL)
        return sc_runtime_failure();
    if (sc_wait_uses_loop(rt))
        return sleep_on_loop(rt, until);
    rc = sc_wait_fd(-1, 0, until);
    return rc == SC_ETIMEDOUT ? 0 : rc;
}

int sc_yield(void)
{
    struct sc_task *task = sc_this.running;
    struct sc_runtime *rt = sc_runtime_here();

    if (rt == NULL)
        return sc_runtime_failure();
    if (task == NULL) {
        if (sc_runtime_can_turn(rt))
            sc_runtime_turn(rt, UV_RUN_NOWAIT);
        return 0;
    }
    if (task->cancelled)
        return SC_ECANCELED;
    sc_task_ready(task);
    sc_task_park();
    return task->cancelled ? SC_ECANCELED : 0;
}
