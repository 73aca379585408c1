/* task.c - tasks: go, resume, cancel, join. A task's record lies at the top of
 * its own stack, so that starting one from the pool takes no memory. */
#include "run/runtime.h"

#include "core/mem.h"

#include <assert.h>
#include <string.h>

enum { SERIAL_SHIFT = 40, LATE_CALLS = 16 };

_Thread_local struct sc_thread sc_this SC_FAST_TLS;

struct sc_join {
    struct sc_join *next;
    struct sc_waiter *waiter;
};

/* --- the table of numbers --- */

static struct sc_task **bucket(struct sc_runtime *rt, int64_t id)
{
    return &rt->hash[(size_t)id & (rt->n_hash - 1)];
}

static bool grow_hash(struct sc_runtime *rt)
{
    size_t n = rt->n_hash ? 2 * rt->n_hash : 64;
    struct sc_task **table = sc_calloc(n * sizeof *table);

    if (table == NULL)
        return false;
    sc_free(rt->hash);
    rt->hash = table;
    rt->n_hash = n;
    for (struct sc_task *t = rt->tasks; t != NULL; t = t->next) {
        struct sc_task **b = bucket(rt, t->id);
        t->next_hash = *b;
        *b = t;
    }
    return true;
}

static struct sc_task *find_in(struct sc_runtime *rt, int64_t id)
{
    struct sc_task *t;

    if (rt == NULL || rt->n_hash == 0 ||
        rt->fork_generation != sc_fork_generation)
        return NULL;
    for (t = *bucket(rt, id); t != NULL && t->id != id;)
        t = t->next_hash;
    return t;
}

struct sc_task *sc_task_find(int64_t id)
{
    struct sc_task *t = find_in(sc_this.private_rt, id);

    return t != NULL ? t : find_in(sc_this.attached, id);
}

static void link_task(struct sc_runtime *rt, struct sc_task *t)
{
    struct sc_task **b = bucket(rt, t->id);

    t->next_hash = *b;
    *b = t;
    t->prev = NULL;
    t->next = rt->tasks;
    if (t->next != NULL)
        t->next->prev = t;
    rt->tasks = t;
    rt->n_tasks++;
    sc_runtime_need(rt);
}

static void unlink_task(struct sc_runtime *rt, struct sc_task *t)
{
    struct sc_task **b = bucket(rt, t->id);

    while (*b != t)
        b = &(*b)->next_hash;
    *b = t->next_hash;
    if (t->prev != NULL)
        t->prev->next = t->next;
    else
        rt->tasks = t->next;
    if (t->next != NULL)
        t->next->prev = t->prev;
    rt->n_tasks--;
    sc_runtime_unneed(rt);
}

/* --- the ready queue --- */

void sc_task_ready(struct sc_task *t)
{
    struct sc_runtime *rt = t->rt;

    if (t->queued)
        return;
    t->queued = true;
    t->next_ready = NULL;
    *rt->ready_end = t;
    rt->ready_end = &t->next_ready;
    if (rt->n_ready++ == 0 && !rt->closing)
        sc_ready_idle(rt);
}

static struct sc_task *take_ready(struct sc_runtime *rt)
{
    struct sc_task *t = rt->ready;

    rt->ready = t->next_ready;
    if (rt->ready == NULL)
        rt->ready_end = &rt->ready;
    t->queued = false;
    rt->n_ready--;
    return t;
}

void sc_ready_drain(struct sc_runtime *rt)
{
    size_t n = rt->n_ready;

    if (rt->draining)
        return;
    rt->draining = true;
    for (; n > 0 && rt->ready != NULL; n--)
        sc_task_resume(take_ready(rt));
    rt->draining = false;
    if (rt->n_ready == 0 && !rt->closing)
        uv_idle_stop(&rt->idle);
}

/* --- running --- */

static void task_main(void *arg)
{
    struct sc_task *t = arg;

    t->fn(t->arg);
    t->ended = true;
    sc_switch_last(&t->context, &t->rt->home);
}

static void wake_joiners(struct sc_runtime *rt, struct sc_join *j)
{
    struct sc_join *next;

    for (; j != NULL; j = next) {
        next = j->next; /* J lies on the stack of who is woken */
        sc_wake(rt, &j->waiter, 0);
    }
}

/* On the loop's stack. The record goes with the stack: copy what is needed. */
static void finish(struct sc_task *t)
{
    struct sc_runtime *rt = t->rt;
    struct sc_join *joins = t->joins;
    struct sc_group *group = t->group;
    struct sc_call *at_end = t->at_end;

    sc_switch_fini(&t->context);
    unlink_task(rt, t);
    sc_stack_give(&rt->stacks, t->stack);
    wake_joiners(rt, joins);
    sc_calls_run(&at_end);
    if (group != NULL)
        sc_group_task_ended(group);
}

void sc_task_resume(struct sc_task *t)
{
    struct sc_runtime *rt = t->rt;

    assert(!sc_this.running && !rt->resuming);
    rt->resuming = true;
    sc_this.running = t;
    sc_switch(&rt->home, &t->context);
    sc_this.running = NULL;
    if (t->ended)
        finish(t);
    rt->resuming = false;
}

void sc_task_park(void)
{
    struct sc_task *t = sc_this.running;

    sc_switch(&t->context, &t->rt->home);
}

/* --- starting --- */

static struct sc_task *place_task(struct sc_stack *stack)
{
    uintptr_t top = (uintptr_t)stack - sizeof(struct sc_task);
    struct sc_task *t = (struct sc_task *)(top & ~(uintptr_t)63);

    memset(t, 0, sizeof *t);
    t->stack = stack;
    return t;
}

int64_t sc_task_spawn(struct sc_runtime *rt, void (*fn)(void *), void *arg,
                      struct sc_group *group, bool cancelled)
{
    struct sc_stack *stack;
    struct sc_task *t;

    if (rt->n_tasks >= rt->n_hash && !grow_hash(rt))
        return SC_ENOMEM;
    if (rt->n_tasks == 0 && rt->stacks.slabs == NULL)
        rt->stacks.stack_bytes = sc_this.stack_bytes;
    if ((stack = sc_stack_take(&rt->stacks)) == NULL)
        return SC_ENOMEM;
    t = place_task(stack);
    t->rt = rt;
    t->fn = fn;
    t->arg = arg;
    t->group = group;
    t->cancelled = cancelled;
    t->id = rt->serial << SERIAL_SHIFT | ++rt->next_id;
    sc_switch_init(&t->context, stack->low, (size_t)((char *)t - stack->low),
                   task_main, t);
    link_task(rt, t);
    sc_task_ready(t);
    return t->id;
}

int64_t sc_task_go(uv_loop_t *loop, void (*fn)(void *), void *arg)
{
    struct sc_runtime *rt;
    int rc = sc_runtime_of(loop, &rt);

    return rc < 0 ? rc : sc_task_spawn(rt, fn, arg, NULL, false);
}

int64_t sc_task_self(void)
{
    return sc_this.running != NULL ? sc_this.running->id : 0;
}

static bool has_stacks(const struct sc_runtime *rt)
{
    return rt != NULL && rt->stacks.slabs != NULL;
}

int sc_stack_size(size_t bytes)
{
    size_t page = sc_page_bytes();

    if (bytes != 0 && (bytes < SC_STACK_LEAST || bytes > SIZE_MAX / 128))
        return SC_EINVAL;
    if (has_stacks(sc_this.private_rt) || has_stacks(sc_this.attached))
        return SC_EBUSY;
    sc_this.stack_bytes = (bytes + page - 1) & ~(page - 1);
    return 0;
}

/* --- cancelling and joining --- */

void sc_task_cancel_it(struct sc_task *t)
{
    t->cancelled = true;
    if (t->waiter != NULL && !t->waiter->done && !t->waiter->deaf) {
        struct sc_waiter *w = t->waiter;

        /* Never run it from here: its canceller may hold what it frees. */
        *w->slot = NULL;
        w->done = true;
        w->result = SC_ECANCELED;
        sc_task_ready(t);
    }
}

void sc_task_cancel_all(struct sc_runtime *rt)
{
    for (struct sc_task *t = rt->tasks; t != NULL; t = t->next)
        sc_task_cancel_it(t);
}

/* No task of that number lives here: did it end, or was it never? */
static int gone(int64_t id)
{
    int64_t serial = id >> SERIAL_SHIFT;
    struct sc_runtime *rt = sc_this.private_rt;

    if (id <= 0)
        return SC_EINVAL;
    if (rt == NULL || rt->serial != serial)
        rt = sc_this.attached;
    if (rt == NULL || rt->serial != serial)
        return sc_serial_alive(serial) ? SC_EWRONGLOOP : 0;
    return id > (serial << SERIAL_SHIFT | rt->next_id) ? SC_EINVAL : 0;
}

int sc_task_cancel(int64_t task)
{
    struct sc_task *t = sc_task_find(task);

    if (t == NULL)
        return gone(task);
    sc_task_cancel_it(t);
    return 0;
}

int sc_task_join(int64_t task)
{
    struct sc_task *t = sc_task_find(task);
    struct sc_join j = {0}, **at;
    int rc;

    if (t == NULL)
        return gone(task);
    if (t == sc_this.running)
        return SC_EDEADLK;
    if (sc_this.running == NULL && !sc_runtime_can_turn(t->rt))
        return SC_EDEADLK;
    j.next = t->joins;
    t->joins = &j;
    rc = sc_wait_slot_noted(t->rt, &j.waiter, INT64_MAX);
    if (rc < 0 && (t = sc_task_find(task)) != NULL) {
        for (at = &t->joins; *at != NULL && *at != &j;)
            at = &(*at)->next;
        if (*at != NULL)
            *at = j.next;
    }
    return rc;
}

/* Outside tasks nothing ends: what is not among the latest calls is over. */
static void call_oldest(struct sc_call **list)
{
    for (size_t n = 0; n < LATE_CALLS && *list != NULL; n++)
        list = &(*list)->next;
    sc_calls_run(list);
}

int sc_at_task_end(void (*fn)(void *), void *arg)
{
    struct sc_runtime *rt = sc_runtime_here();
    struct sc_call *call = sc_malloc(sizeof *call), **list;

    if (rt == NULL || call == NULL) {
        sc_free(call);
        return SC_ENOMEM;
    }
    list = sc_this.running != NULL ? &sc_this.running->at_end
                                   : &rt->at_close_calls;
    *call = (struct sc_call){.next = *list, .fn = fn, .arg = arg};
    *list = call;
    if (sc_this.running == NULL)
        call_oldest(list);
    return 0;
}
