/* loop.c - runtimes: one per loop - the thread's private one, and at most one
 * of the caller's. How they are found, made, attached, posted to, and ended. */
#include "run/runtime.h"

#include "core/mem.h"

#include <assert.h>

#define SAME(ours, uvs) _Static_assert((int)(ours) == (int)(uvs), #ours)
SAME(SC_EOF, UV_EOF);
SAME(SC_ETIMEDOUT, UV_ETIMEDOUT);
SAME(SC_ECANCELED, UV_ECANCELED);
SAME(SC_ENOMEM, UV_ENOMEM);
SAME(SC_EINVAL, UV_EINVAL);
SAME(SC_EBUSY, UV_EBUSY);
SAME(SC_EPIPE, UV_EPIPE);
SAME(SC_EMFILE, UV_EMFILE);
SAME(SC_EACCES, UV_EACCES);
SAME(SC_ECONNREFUSED, UV_ECONNREFUSED);
SAME(SC_ECONNRESET, UV_ECONNRESET);
SAME(SC_EPROTO, UV_EPROTO);
SAME(SC_ENOTSUP, UV_ENOTSUP);

unsigned sc_fork_generation;

static pthread_mutex_t registry = PTHREAD_MUTEX_INITIALIZER;
static struct sc_runtime *runtimes; /* under registry */
static int64_t last_serial;         /* under registry */
static pthread_key_t thread_end;
static pthread_once_t once = PTHREAD_ONCE_INIT;

/* --- fork: the child owns nothing of its parent's --- */

static void fork_prepare(void)
{
    pthread_mutex_lock(&registry);
}

static void fork_parent(void)
{
    pthread_mutex_unlock(&registry);
}

static void fork_child(void)
{
    sc_fork_generation++;
    runtimes = NULL;
    pthread_mutex_unlock(&registry);
}

/* --- need: a reference that keeps the loop's uv_run alive --- */

void sc_runtime_need(struct sc_runtime *rt)
{
    if (rt->needed++ == 0 && !rt->closing)
        uv_ref((uv_handle_t *)&rt->async);
}

void sc_runtime_unneed(struct sc_runtime *rt)
{
    if (--rt->needed == 0 && !rt->closing)
        uv_unref((uv_handle_t *)&rt->async);
}

void sc_runtime_hold(struct sc_runtime *rt)
{
    rt->refs++;
}

void sc_runtime_let_go(struct sc_runtime *rt)
{
    if (--rt->refs > 0)
        return;
    sc_clock_free(rt);
    sc_stacks_free(&rt->stacks);
    sc_free(rt->hash);
    sc_free(rt);
}

/* --- turning the private loop --- */

bool sc_runtime_can_turn(const struct sc_runtime *rt)
{
    return rt->is_private && rt->depth == 0 && rt == sc_this.private_rt &&
           rt->fork_generation == sc_fork_generation;
}

void sc_runtime_turn(struct sc_runtime *rt, uv_run_mode mode)
{
    rt->depth++;
    uv_run(rt->loop, mode);
    rt->depth--;
}

int sc_run(void)
{
    struct sc_runtime *rt = sc_this.private_rt;

    if (sc_this.running != NULL || (rt != NULL && rt->depth > 0))
        return SC_EDEADLK;
    if (rt == NULL || !sc_runtime_can_turn(rt))
        return 0;
    sc_runtime_turn(rt, UV_RUN_NOWAIT);
    while (rt->needed > 0) /* tasks, and groups that tell their end */
        sc_runtime_turn(rt, UV_RUN_ONCE);
    return 0;
}

/* --- callbacks --- */

void sc_calls_run(struct sc_call **list)
{
    while (*list != NULL) {
        struct sc_call *call = *list;

        *list = call->next;
        call->fn(call->arg);
        sc_free(call);
    }
}

/* Posted functions are the application's: what they wake is queued. */
static void on_async(uv_async_t *async)
{
    struct sc_runtime *rt = async->data;
    struct sc_call *posts;

    pthread_mutex_lock(&registry);
    posts = rt->posts;
    rt->posts = NULL;
    rt->posts_end = &rt->posts;
    pthread_mutex_unlock(&registry);
    sc_runtime_hold(rt);
    sc_calls_run(&posts);
    sc_runtime_let_go(rt);
}

static void on_idle(uv_idle_t *idle)
{
    struct sc_runtime *rt = idle->data;

    sc_enter_callback(rt);
    sc_leave_callback(rt);
}

void sc_ready_idle(struct sc_runtime *rt)
{
    uv_idle_start(&rt->idle, on_idle);
}

static void on_closed(uv_handle_t *h)
{
    struct sc_runtime *rt = h->data;

    rt->open_handles--;
    sc_runtime_let_go(rt);
}

static void close_handle(uv_handle_t *h)
{
    if (!uv_is_closing(h))
        uv_close(h, on_closed);
}

/* --- making --- */

static void adopt_handle(struct sc_runtime *rt, uv_handle_t *h)
{
    h->data = rt;
    uv_unref(h);
    rt->open_handles++;
    sc_runtime_hold(rt);
}

static int open_handles(struct sc_runtime *rt)
{
    int rc = uv_async_init(rt->loop, &rt->async, on_async);

    if (rc < 0)
        return rc;
    adopt_handle(rt, (uv_handle_t *)&rt->async);
    uv_idle_init(rt->loop, &rt->idle);
    adopt_handle(rt, (uv_handle_t *)&rt->idle);
    uv_timer_init(rt->loop, &rt->timer);
    adopt_handle(rt, (uv_handle_t *)&rt->timer);
    return 0;
}

static void enter_registry(struct sc_runtime *rt)
{
    pthread_mutex_lock(&registry);
    rt->serial = ++last_serial;
    rt->next = runtimes;
    runtimes = rt;
    pthread_mutex_unlock(&registry);
}

static void leave_registry(struct sc_runtime *rt)
{
    struct sc_runtime **at = &runtimes;
    struct sc_call *posts;

    pthread_mutex_lock(&registry);
    while (*at != NULL && *at != rt)
        at = &(*at)->next;
    if (*at != NULL)
        *at = rt->next;
    posts = rt->posts;
    rt->posts = NULL;
    pthread_mutex_unlock(&registry);
    /* Promised when they were posted. */
    sc_calls_run(&posts);
}

/* LOOP NULL: a private one. */
static int runtime_new(uv_loop_t *loop, struct sc_runtime **out)
{
    struct sc_runtime *rt = sc_calloc(sizeof *rt);
    int rc;

    if (rt == NULL)
        return SC_ENOMEM;
    rt->refs = 1;
    rt->is_private = loop == NULL;
    rt->loop = loop != NULL ? loop : &rt->own;
    rt->fork_generation = sc_fork_generation;
    rt->ready_end = &rt->ready;
    rt->posts_end = &rt->posts;
    rt->at_close.prev = rt->at_close.next = &rt->at_close;
    sc_clock_init(rt);
    rc = loop != NULL ? 0 : uv_loop_init(&rt->own);
    if (rc == 0 && (rc = open_handles(rt)) < 0 && loop == NULL)
        uv_loop_close(&rt->own);
    if (rc < 0) {
        sc_free(rt);
        return rc;
    }
    enter_registry(rt);
    *out = rt;
    return 0;
}

/* --- ending --- */

/* A task of RT waits for a group of the private loop, which was cancelled with
 * it: let that one end. */
static bool turn_private(const struct sc_runtime *rt)
{
    struct sc_runtime *other = sc_this.private_rt;

    if (other == NULL || other == rt || !sc_runtime_can_turn(other) ||
        other->needed == 0)
        return false;
    sc_runtime_turn(other, UV_RUN_ONCE);
    return true;
}

/* False: some wait for what cannot go on from here. */
static bool end_tasks(struct sc_runtime *rt)
{
    while (rt->n_tasks > 0) {
        /* Again and again: a task that ends may let others begin. */
        sc_task_cancel_all(rt);
        sc_enter_callback(rt);
        sc_leave_callback(rt);
        if (rt->n_tasks == 0 || rt->n_ready > 0)
            continue;
        if (rt->offloads != NULL)
            sc_offloads_finish_one(rt);
        else if (!turn_private(rt))
            return false;
    }
    return true;
}

static void end_things(struct sc_runtime *rt)
{
    while (rt->at_close.next != &rt->at_close) {
        struct sc_at_close *link = rt->at_close.next;

        sc_at_close_remove(link);
        link->close(link);
    }
    sc_calls_run(&rt->at_close_calls);
}

static void runtime_end(struct sc_runtime *rt)
{
    end_tasks(rt);
    leave_registry(rt);
    end_tasks(rt); /* begun by what was posted */
    end_things(rt);
    rt->closing = true;
    close_handle((uv_handle_t *)&rt->async);
    close_handle((uv_handle_t *)&rt->idle);
    close_handle((uv_handle_t *)&rt->timer);
}

static void private_end(void *arg)
{
    struct sc_runtime *rt = arg;

    if (rt->fork_generation != sc_fork_generation)
        return;
    runtime_end(rt);
    /* Only closing handles are left, and lookups in no thread of ours. */
    while (uv_run(rt->loop, UV_RUN_DEFAULT) != 0)
        ;
    assert(uv_loop_alive(rt->loop) == 0);
    uv_loop_close(rt->loop);
    sc_this.private_rt = NULL;
    sc_runtime_let_go(rt);
}

static void start_once(void)
{
    pthread_key_create(&thread_end, private_end);
    pthread_atfork(fork_prepare, fork_parent, fork_child);
}

/* --- finding --- */

struct sc_runtime *sc_runtime_private(void)
{
    struct sc_runtime *rt = sc_this.private_rt;

    if (rt != NULL && rt->fork_generation == sc_fork_generation)
        return rt;
    pthread_once(&once, start_once);
    sc_this.private_rt = NULL; /* the parent's: leave it alone */
    if ((sc_this.failure = runtime_new(NULL, &rt)) < 0)
        return NULL;
    pthread_setspecific(thread_end, rt);
    return sc_this.private_rt = rt;
}

int sc_runtime_failure(void)
{
    return sc_this.failure < 0 ? sc_this.failure : SC_ENOMEM;
}

struct sc_runtime *sc_runtime_here(void)
{
    return sc_this.running != NULL ? sc_this.running->rt : sc_runtime_private();
}

const void *sc_thread_here(void)
{
    return &sc_this;
}

uv_loop_t *sc_runtime_loop(struct sc_runtime *rt)
{
    return rt->loop;
}

uv_loop_t *sc_loop(void)
{
    struct sc_runtime *rt = sc_runtime_here();

    return rt != NULL ? rt->loop : NULL;
}

int sc_runtime_check(const struct sc_runtime *rt)
{
    const struct sc_runtime *here =
        sc_this.running != NULL ? sc_this.running->rt : sc_this.private_rt;

    if (rt->fork_generation != sc_fork_generation)
        return SC_EFORK;
    if (rt->closing)
        return SC_ECLOSED;
    return rt == here ? 0 : SC_EWRONGLOOP;
}

bool sc_runtime_mine(const struct sc_runtime *rt)
{
    return rt == sc_this.private_rt || rt == sc_this.attached;
}

/* The parent's is not the forked child's. */
static struct sc_runtime *attached(void)
{
    struct sc_runtime *rt = sc_this.attached;

    return rt != NULL && rt->fork_generation == sc_fork_generation ? rt : NULL;
}

static struct sc_runtime *registered(const uv_loop_t *loop)
{
    struct sc_runtime *rt = runtimes;

    while (rt != NULL && rt->loop != loop)
        rt = rt->next;
    return rt;
}

bool sc_serial_alive(int64_t serial)
{
    struct sc_runtime *rt;

    pthread_mutex_lock(&registry);
    for (rt = runtimes; rt != NULL && rt->serial != serial;)
        rt = rt->next;
    pthread_mutex_unlock(&registry);
    return rt != NULL;
}

int sc_runtime_of(uv_loop_t *loop, struct sc_runtime **out)
{
    bool known;

    if (loop == NULL)
        return ((*out = sc_runtime_here()) != NULL) ? 0 : sc_runtime_failure();
    *out = sc_this.private_rt;
    if (*out == NULL || (*out)->loop != loop)
        *out = sc_this.attached;
    if (*out != NULL && (*out)->loop == loop)
        return (*out)->fork_generation == sc_fork_generation ? 0 : SC_EFORK;
    pthread_mutex_lock(&registry);
    known = registered(loop) != NULL;
    pthread_mutex_unlock(&registry);
    return known ? SC_EWRONGLOOP : SC_ECLOSED;
}

/* --- the caller's loop --- */

int sc_loop_attach(uv_loop_t *loop)
{
    bool known;

    if (loop == NULL)
        return SC_EINVAL;
    pthread_once(&once, start_once);
    pthread_mutex_lock(&registry);
    known = registered(loop) != NULL;
    pthread_mutex_unlock(&registry);
    if (known || attached() != NULL)
        return SC_EBUSY;
    return runtime_new(loop, &sc_this.attached);
}

int sc_loop_detach(uv_loop_t *loop)
{
    struct sc_runtime *rt = sc_this.attached;

    if (rt == NULL || rt->loop != loop)
        return SC_EWRONGLOOP;
    if (attached() == NULL)
        return SC_EFORK;
    if (sc_this.running != NULL || rt->in_callback || !end_tasks(rt))
        return SC_EDEADLK;
    runtime_end(rt);
    sc_this.attached = NULL;
    sc_runtime_let_go(rt);
    return 0;
}

/* --- from other threads --- */

int sc_post(uv_loop_t *loop, void (*fn)(void *), void *arg)
{
    struct sc_call *call = sc_malloc(sizeof *call);
    struct sc_runtime *rt;

    if (call == NULL)
        return SC_ENOMEM;
    *call = (struct sc_call){.fn = fn, .arg = arg};
    pthread_mutex_lock(&registry);
    if ((rt = registered(loop)) != NULL) {
        *rt->posts_end = call;
        rt->posts_end = &call->next;
        uv_async_send(&rt->async);
    }
    pthread_mutex_unlock(&registry);
    if (rt == NULL)
        sc_free(call);
    return rt != NULL ? 0 : SC_ECLOSED;
}

/* --- things that end with the runtime --- */

void sc_at_close_add(struct sc_runtime *rt, struct sc_at_close *link)
{
    link->prev = rt->at_close.prev;
    link->next = &rt->at_close;
    link->prev->next = link;
    link->next->prev = link;
}

void sc_at_close_remove(struct sc_at_close *link)
{
    if (link->next == NULL)
        return;
    link->prev->next = link->next;
    link->next->prev = link->prev;
    link->prev = link->next = NULL;
}

void **sc_runtime_local(struct sc_runtime *rt, enum sc_local which)
{
    return &rt->local[which];
}
