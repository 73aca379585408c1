/* group.c - groups: many tasks, at most K of them at a time. Those that must
 * wait stand in a ring that grows; a group ends when nothing runs and nothing
 * stands there. */
#include "run/runtime.h"

#include "core/mem.h"

struct pending {
    void (*fn)(void *arg);
    void *arg;
};

struct sc_group {
    struct sc_runtime *rt;
    size_t k; /* 0: no bound */
    size_t running;
    struct pending *ring;
    size_t first, n, cap;
    int error;
    bool cancelled;
    bool awaited; /* somebody is in sc_group_wait */
    struct sc_waiter *waiter;
    void (*then)(void *arg, int rc);
    void *then_arg;
};

struct sc_group *sc_group_new(uv_loop_t *loop, int k)
{
    struct sc_runtime *rt;
    struct sc_group *g;

    if (sc_runtime_of(loop, &rt) < 0 || k < 0)
        return NULL;
    if ((g = sc_calloc(sizeof *g)) == NULL)
        return NULL;
    g->rt = rt;
    g->k = (size_t)k;
    sc_runtime_hold(rt);
    return g;
}

static void group_free(struct sc_group *g)
{
    sc_runtime_let_go(g->rt);
    sc_free(g->ring);
    sc_free(g);
}

static int grow(struct sc_group *g)
{
    size_t cap = g->cap ? 2 * g->cap : 64;
    struct pending *ring = sc_malloc(cap * sizeof *ring);

    if (ring == NULL)
        return SC_ENOMEM;
    for (size_t i = 0; i < g->n; i++)
        ring[i] = g->ring[(g->first + i) % g->cap];
    sc_free(g->ring);
    g->ring = ring;
    g->cap = cap;
    g->first = 0;
    return 0;
}

static int stand_in_line(struct sc_group *g, void (*fn)(void *), void *arg)
{
    if (g->n == g->cap && grow(g) < 0)
        return SC_ENOMEM;
    g->ring[(g->first + g->n++) % g->cap] = (struct pending){fn, arg};
    return 0;
}

static int start(struct sc_group *g, void (*fn)(void *), void *arg)
{
    int64_t id = sc_task_spawn(g->rt, fn, arg, g, g->cancelled);

    if (id < 0)
        return (int)id;
    g->running++;
    return 0;
}

/* Of this thread, and not of its parent process. */
static int check(const struct sc_group *g)
{
    int rc = sc_runtime_check(g->rt);

    return rc == SC_EWRONGLOOP && sc_runtime_mine(g->rt) ? 0 : rc;
}

int sc_group_go(struct sc_group *g, void (*fn)(void *), void *arg)
{
    int rc;

    if (g == NULL)
        return SC_ENOMEM;
    if ((rc = check(g)) == SC_EWRONGLOOP)
        return rc;
    if (rc == 0 && (g->k == 0 || g->running < g->k))
        rc = start(g, fn, arg);
    else if (rc == 0)
        rc = stand_in_line(g, fn, arg);
    if (rc < 0 && g->error == 0)
        g->error = rc;
    return rc;
}

/* Posted, so that the callback may do anything, detaching the loop too. */
static void call_then(void *arg)
{
    struct sc_group *g = arg;
    struct sc_runtime *rt = g->rt;
    void (*then)(void *, int) = g->then;
    void *then_arg = g->then_arg;
    int rc = g->error;

    sc_runtime_hold(rt);
    sc_runtime_unneed(rt);
    group_free(g);
    then(then_arg, rc);
    sc_runtime_let_go(rt);
}

static void ended(struct sc_group *g)
{
    if (g->waiter != NULL)
        sc_wake(g->rt, &g->waiter, 0);
    else if (g->then != NULL && sc_post(g->rt->loop, call_then, g) < 0)
        call_then(g);
}

void sc_group_task_ended(struct sc_group *g)
{
    int rc = 0;

    g->running--;
    while (g->n > 0 && (g->k == 0 || g->running < g->k)) {
        struct pending p = g->ring[g->first];

        rc = start(g, p.fn, p.arg);
        if (rc < 0 && g->running > 0)
            return; /* no memory now: when the next one has ended */
        if (rc < 0 && g->error == 0)
            g->error = rc;
        g->first = (g->first + 1) % g->cap;
        g->n--;
    }
    if (g->running == 0)
        ended(g);
}

void sc_group_cancel(struct sc_group *g)
{
    if (g == NULL || g->cancelled || check(g) < 0)
        return;
    g->cancelled = true;
    for (struct sc_task *t = g->rt->tasks; t != NULL; t = t->next)
        if (t->group == g)
            sc_task_cancel_it(t);
}

/* The waiter was cancelled: its group too, and then it waits to the end. */
static int wait_out(struct sc_group *g)
{
    struct sc_waiter w = {.slot = &g->waiter, .until = INT64_MAX, .deaf = true};

    g->awaited = true;
    sc_group_cancel(g);
    while (g->running > 0)
        sc_wait_here(g->rt, &w);
    return SC_ECANCELED;
}

int sc_group_wait(struct sc_group *g)
{
    int rc = 0;

    if (g == NULL)
        return SC_ENOMEM;
    if ((rc = check(g)) < 0)
        return rc;
    if (g->awaited || g->then != NULL)
        return SC_EBUSY;
    g->awaited = true;
    /* Once more if a task was added after the last had ended. */
    while (rc == 0 && g->running > 0)
        rc = sc_wait_slot_noted(g->rt, &g->waiter, INT64_MAX);
    g->awaited = false;
    if (rc == SC_EDEADLK)
        return rc;
    if (rc == SC_ECANCELED)
        rc = wait_out(g);
    if (rc == 0)
        rc = g->error;
    group_free(g);
    return rc;
}

int sc_group_then(struct sc_group *g, void (*cb)(void *, int), void *arg)
{
    int rc;

    if (g == NULL)
        return SC_ENOMEM;
    if ((rc = check(g)) < 0)
        return rc;
    if (g->awaited || g->then != NULL)
        return SC_EBUSY;
    g->then = cb;
    g->then_arg = arg;
    sc_runtime_need(g->rt);
    if (g->running == 0)
        ended(g);
    return 0;
}
