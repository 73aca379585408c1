/* offload.c - work in a thread of libuv's pool while the task parks. It cannot
 * be cut short, so who detaches or destroys the loop waits for it. */
#include "run/runtime.h"

#include "core/mem.h"

struct sc_offload {
    uv_work_t work;
    struct sc_runtime *rt;
    struct sc_offload *next;
    int (*fn)(void *arg);
    void *arg;
    int result;
    bool done; /* under the mutex */
    pthread_mutex_t mutex;
    pthread_cond_t changed;
    struct sc_waiter *waiter;
};

static void work(uv_work_t *w)
{
    struct sc_offload *o = w->data;
    int result = o->fn(o->arg);

    pthread_mutex_lock(&o->mutex);
    o->result = result;
    o->done = true;
    pthread_cond_signal(&o->changed);
    pthread_mutex_unlock(&o->mutex);
}

static void offload_free(struct sc_offload *o)
{
    pthread_mutex_destroy(&o->mutex);
    pthread_cond_destroy(&o->changed);
    sc_free(o);
}

static void unlink_offload(struct sc_offload *o)
{
    struct sc_offload **at = &o->rt->offloads;

    while (*at != NULL && *at != o)
        at = &(*at)->next;
    if (*at != NULL)
        *at = o->next;
}

static void after(uv_work_t *w, int status)
{
    struct sc_offload *o = w->data;
    struct sc_runtime *rt = o->rt;

    (void)status;
    unlink_offload(o);
    sc_enter_callback(rt);
    sc_wake(rt, &o->waiter, o->result);
    sc_leave_callback(rt);
    offload_free(o);
    sc_runtime_let_go(rt);
}

/* The loop will not be turned any more: wait for the thread itself. */
void sc_offloads_finish_one(struct sc_runtime *rt)
{
    struct sc_offload *o = rt->offloads;

    pthread_mutex_lock(&o->mutex);
    while (!o->done)
        pthread_cond_wait(&o->changed, &o->mutex);
    pthread_mutex_unlock(&o->mutex);
    unlink_offload(o);
    sc_wake(rt, &o->waiter, o->result);
}

static struct sc_offload *offload_new(struct sc_runtime *rt, int (*fn)(void *),
                                      void *arg)
{
    struct sc_offload *o = sc_calloc(sizeof *o);

    if (o == NULL)
        return NULL;
    o->rt = rt;
    o->fn = fn;
    o->arg = arg;
    o->work.data = o;
    pthread_mutex_init(&o->mutex, NULL);
    pthread_cond_init(&o->changed, NULL);
    return o;
}

int sc_offload(int (*fn)(void *), void *arg)
{
    struct sc_runtime *rt = sc_runtime_here();
    struct sc_waiter w = {.until = INT64_MAX, .deaf = true};
    struct sc_offload *o;
    int rc;

    if (rt == NULL)
        return SC_ENOMEM;
    if (!sc_wait_uses_loop(rt) || rt->closing)
        return fn(arg);
    if ((o = offload_new(rt, fn, arg)) == NULL)
        return SC_ENOMEM;
    if ((rc = uv_queue_work(rt->loop, &o->work, work, after)) < 0) {
        offload_free(o);
        return rc;
    }
    sc_runtime_hold(rt);
    o->next = rt->offloads;
    rt->offloads = o;
    w.slot = &o->waiter;
    return sc_wait_here(rt, &w);
}
