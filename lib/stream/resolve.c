/* resolve.c - host name to addresses: a small pool of detached threads of our
 * own, a cache, and one lookup for all who ask the same.
 *
 * The request lies on the heap, with its own copy of the name: whoever asked
 * may leave at its deadline, and a lookup that is late is orphaned, never
 * joined. An answer comes to a loop by sc_post, as a number: an ask that has
 * left is not found any more, so nothing dangles. A forked child starts with
 * no threads and no requests; what the parent had under way is left there. */
#include <netdb.h>
#include <netinet/in.h>
#include <pthread.h>
#include <signal.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>

#include "core/mem.h"
#include "core/text.h"
#include "run/clock.h"
#include "run/wait.h"
#include "stream/resolve.h"
#include "stream/resolve_cache.h"

enum {
    THREADS = 8,
    THREAD_STACK = 256 << 10, /* NSS modules are foreign code: 17 KiB seen */
    DEFAULT_MS = 10000
};

/* One lookup under way. Freed when it is over and nobody asks any more. */
struct lookup {
    struct lookup *next;
    struct sc_lookup_key key;
    int asks;
    bool started, done;
    bool forgotten; /* neither shared with new asks nor kept */
    int rc;
    const char *why; /* static text, or NULL */
    struct sc_addresses found;
};

/* One who waits; lies on the waiter's stack, listed while it waits. */
struct ask {
    struct ask *next;
    uintptr_t id;
    struct lookup *lookup;
    struct sc_runtime *rt;
    uv_loop_t *loop; /* NULL: waits for the condition */
    struct sc_waiter *slot;
};

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static pthread_once_t once = PTHREAD_ONCE_INIT;
static pthread_cond_t finished;
/* All below: under the mutex. */
static struct lookup *lookups; /* oldest first */
static struct ask *asks;
static uintptr_t last_id;
static int threads;

/* --- process-wide beginnings, and fork --- */

static void init_condition(void)
{
    pthread_condattr_t attr;

    pthread_condattr_init(&attr);
    pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
    pthread_cond_init(&finished, &attr);
    pthread_condattr_destroy(&attr);
}

static void before_fork(void)
{
    pthread_mutex_lock(&mutex);
}

static void after_fork(void)
{
    pthread_mutex_unlock(&mutex);
}

static void in_child(void)
{
    pthread_mutex_init(&mutex, NULL);
    init_condition();
    lookups = NULL;
    asks = NULL;
    threads = 0;
}

/* After the runtime's own handlers: sc_post takes its lock inside ours, and
 * the handlers registered last lock first. */
static void begin(void)
{
    init_condition();
    pthread_atfork(before_fork, after_fork, in_child);
}

/* --- the lookup threads --- */

static int add_sockaddr(struct sc_addresses *out, const struct sockaddr *sa)
{
    struct sc_address *a = &out->at[out->n];

    if (out->n == sizeof out->at / sizeof out->at[0])
        return SC_ETOOBIG;
    memset(a, 0, sizeof *a);
    a->family = sa->sa_family;
    if (sa->sa_family == AF_INET) {
        const struct sockaddr_in *in = (const struct sockaddr_in *)sa;

        memcpy(a->bytes, &in->sin_addr, 4);
    } else if (sa->sa_family == AF_INET6) {
        const struct sockaddr_in6 *in6 = (const struct sockaddr_in6 *)sa;

        memcpy(a->bytes, &in6->sin6_addr, 16);
        a->scope = in6->sin6_scope_id;
    } else {
        return 0;
    }
    out->n++;
    return 0;
}

static int code_of(int gai, int error)
{
    if (gai == EAI_MEMORY)
        return SC_ENOMEM;
    if (gai == EAI_SYSTEM && (error == EMFILE || error == ENFILE))
        return SC_EMFILE;
    return SC_ERESOLVE;
}

static void ask_system(struct lookup *l)
{
    struct addrinfo hints = {.ai_socktype = SOCK_STREAM}, *list = NULL;
    int rc;

    if (l->key.family == SC_OPT_IPV4)
        hints.ai_family = AF_INET;
    else if (l->key.family == SC_OPT_IPV6)
        hints.ai_family = AF_INET6;
    rc = getaddrinfo(l->key.name, NULL, &hints, &list);
    if (rc != 0) {
        l->rc = code_of(rc, errno);
        l->why = gai_strerror(rc);
        return;
    }
    for (struct addrinfo *a = list; a != NULL; a = a->ai_next)
        if (add_sockaddr(&l->found, a->ai_addr) < 0)
            break;
    freeaddrinfo(list);
}

static void keep_family(struct sc_addresses *a, unsigned family)
{
    size_t kept = 0;

    for (size_t i = 0; i < a->n; i++) {
        int f = a->at[i].family;

        if ((f == AF_INET && family != SC_OPT_IPV6) ||
            (f == AF_INET6 && family != SC_OPT_IPV4))
            a->at[kept++] = a->at[i];
    }
    a->n = kept;
}

static void look_up(struct lookup *l)
{
    if (l->key.resolver != NULL) {
        int rc = l->key.resolver->lookup(l->key.name, &l->found);

        l->rc = rc < 0 ? rc : 0;
    } else {
        ask_system(l);
    }
    if (l->found.n > sizeof l->found.at / sizeof l->found.at[0])
        l->found.n = 0;
    keep_family(&l->found, l->key.family);
    if (l->rc == 0 && l->found.n == 0)
        l->rc = SC_ERESOLVE;
}

static void free_if_over(struct lookup *l)
{
    struct lookup **at = &lookups;

    if (l->asks > 0 || (l->started && !l->done))
        return;
    while (*at != NULL && *at != l)
        at = &(*at)->next;
    if (*at == l)
        *at = l->next;
    sc_free(l);
}

/* On the loop's thread. The ask cannot leave between unlock and wake: it
 * waits on this very thread, and what is posted resumes no task itself. */
static void deliver(void *arg)
{
    struct ask *a;

    pthread_mutex_lock(&mutex);
    for (a = asks; a != NULL && a->id != (uintptr_t)arg; a = a->next)
        ;
    pthread_mutex_unlock(&mutex);
    if (a != NULL)
        sc_wake(a->rt, &a->slot, 0);
}

static void finish(struct lookup *l)
{
    l->done = true;
    if (l->rc == 0 && !l->forgotten)
        sc_cache_put(&l->key, &l->found, sc_now());
    for (struct ask *a = asks; a != NULL; a = a->next)
        if (a->lookup == l && a->loop != NULL)
            sc_post(a->loop, deliver, (void *)a->id);
    pthread_cond_broadcast(&finished);
    free_if_over(l);
}

static struct lookup *next_queued(void)
{
    for (struct lookup *l = lookups; l != NULL; l = l->next)
        if (!l->started)
            return l;
    return NULL;
}

static void *run_thread(void *unused)
{
    struct lookup *l;

    (void)unused;
    pthread_mutex_lock(&mutex);
    while ((l = next_queued()) != NULL) {
        l->started = true;
        pthread_mutex_unlock(&mutex);
        look_up(l);
        pthread_mutex_lock(&mutex);
        finish(l);
    }
    threads--;
    pthread_mutex_unlock(&mutex);
    return NULL;
}

/* The application's signals are none of these threads' business. */
static int start_thread(void)
{
    pthread_attr_t attr;
    sigset_t all, old;
    pthread_t t;
    int rc;

    sigfillset(&all);
    pthread_attr_init(&attr);
    pthread_attr_setdetachstate(&attr, PTHREAD_CREATE_DETACHED);
    pthread_attr_setstacksize(&attr, THREAD_STACK);
    pthread_sigmask(SIG_SETMASK, &all, &old);
    rc = pthread_create(&t, &attr, run_thread, NULL);
    pthread_sigmask(SIG_SETMASK, &old, NULL);
    pthread_attr_destroy(&attr);
    if (rc != 0)
        return -rc;
    threads++;
    return 0;
}

/* --- asking; all under the mutex --- */

static struct lookup *find_lookup(const struct sc_lookup_key *key)
{
    for (struct lookup *l = lookups; l != NULL; l = l->next)
        if (!l->done && !l->forgotten && sc_lookup_key_eq(&l->key, key))
            return l;
    return NULL;
}

static int new_lookup(const struct sc_lookup_key *key, struct lookup **out)
{
    struct lookup *l = sc_calloc(sizeof *l), **at = &lookups;
    int rc;

    if (l == NULL)
        return SC_ENOMEM;
    l->key = *key;
    while (*at != NULL)
        at = &(*at)->next;
    *at = l;
    rc = threads < THREADS ? start_thread() : 0;
    if (rc < 0 && threads == 0) { /* else those there come to it */
        free_if_over(l);
        return rc;
    }
    *out = l;
    return 0;
}

static void list_ask(struct ask *a, struct lookup *l)
{
    a->lookup = l;
    l->asks++;
    a->id = ++last_id;
    a->next = asks;
    asks = a;
}

static void unlist_ask(struct ask *a)
{
    struct ask **at = &asks;

    while (*at != a)
        at = &(*at)->next;
    *at = a->next;
    a->lookup->asks--;
}

static int wait_condition(struct lookup *l, int64_t until)
{
    while (!l->done) {
        int64_t left = until - sc_now();
        struct timespec t;

        if (left <= 0)
            return SC_ETIMEDOUT;
        clock_gettime(CLOCK_MONOTONIC, &t);
        t.tv_sec += left / 1000;
        t.tv_nsec += left % 1000 * 1000000;
        if (t.tv_nsec >= 1000000000) {
            t.tv_sec++;
            t.tv_nsec -= 1000000000;
        }
        pthread_cond_timedwait(&finished, &mutex, &t);
    }
    return 0;
}

/* Unlocks the mutex while it waits. */
static int wait_for(struct ask *a, int64_t until)
{
    int rc;

    if (!sc_wait_uses_loop(a->rt))
        return wait_condition(a->lookup, until);
    a->loop = sc_runtime_loop(a->rt);
    pthread_mutex_unlock(&mutex);
    rc = sc_wait_slot(a->rt, &a->slot, until);
    pthread_mutex_lock(&mutex);
    return rc == SC_ETIMEDOUT && a->lookup->done ? 0 : rc;
}

static int explain(struct sc_error *err, const struct lookup *l, int rc,
                   int64_t ms)
{
    if (rc == SC_ETIMEDOUT)
        return sc_error_set(err, rc, "no address within %lld ms",
                            (long long)ms);
    if (rc == SC_ECANCELED)
        return sc_error_set(err, rc, "lookup cancelled");
    return sc_error_set(err, rc, "%s",
                        l->why != NULL ? l->why : sc_strerror(rc));
}

static int ask_and_wait(struct ask *a, const struct sc_lookup_key *key,
                        int64_t ms, struct sc_addresses *out,
                        struct sc_error *err)
{
    struct lookup *l = find_lookup(key);
    int rc = l != NULL ? 0 : new_lookup(key, &l);

    if (rc < 0)
        return sc_error_set(err, rc, "no lookup: %s", sc_strerror(rc));
    list_ask(a, l);
    rc = wait_for(a, sc_until(ms));
    if (rc == 0)
        rc = l->rc;
    if (rc < 0)
        explain(err, l, rc, ms);
    else
        *out = l->found;
    unlist_ask(a);
    free_if_over(l);
    return rc;
}

/* --- the public calls --- */

/* Numeric hosts and this host need no thread. */
static bool answer_at_once(const char *name, struct sc_addresses *out)
{
    out->n = 0;
    if (sc_casecmp(name, "localhost") != 0)
        return sc_addresses_add(out, name) == 0;
    sc_addresses_add(out, "127.0.0.1");
    sc_addresses_add(out, "::1");
    return true;
}

static unsigned family_of(const struct sc_options *opt)
{
    const unsigned both = SC_OPT_IPV4 | SC_OPT_IPV6;
    unsigned family = opt != NULL ? opt->flags & both : 0;

    return family == both ? 0 : family;
}

int sc_addresses_keep(struct sc_addresses *a, const struct sc_options *opt,
                      struct sc_error *err)
{
    keep_family(a, family_of(opt));
    if (a->n > 0)
        return 0;
    return sc_error_set(err, SC_ERESOLVE, "not of the family wanted");
}

static int make_key(struct sc_lookup_key *key, const char *name,
                    const struct sc_options *opt)
{
    size_t len = name != NULL ? strlen(name) : 0;

    if (len == 0 || len >= sizeof key->name)
        return SC_EINVAL;
    for (size_t i = 0; i < len; i++)
        if ((unsigned char)name[i] <= ' ' || name[i] == 0x7f)
            return SC_EINVAL;
    memcpy(key->name, name, len + 1);
    key->family = family_of(opt);
    key->resolver = opt != NULL ? opt->resolver : NULL;
    return 0;
}

int sc_look_up(const char *name, const struct sc_options *opt, int64_t ms,
               struct sc_addresses *out, struct sc_error *err)
{
    struct sc_lookup_key key;
    struct ask a = {0};
    int rc;

    if (make_key(&key, name, opt) < 0)
        return sc_error_set(err, SC_EINVAL, "no name of a host");
    if (answer_at_once(name, out))
        return sc_addresses_keep(out, opt, err);
    if ((a.rt = sc_runtime_here()) == NULL)
        return sc_error_set(err, sc_runtime_failure(), "no lookup: %s",
                            sc_strerror(sc_runtime_failure()));
    pthread_once(&once, begin);
    pthread_mutex_lock(&mutex);
    rc = 0;
    if (!sc_cache_get(&key, sc_now(), out))
        rc = ask_and_wait(&a, &key, ms > 0 ? ms : DEFAULT_MS, out, err);
    pthread_mutex_unlock(&mutex);
    return rc;
}

int sc_resolve(const char *name, const struct sc_options *opt, int64_t ms,
               struct sc_addresses *out, struct sc_error *err)
{
    struct sc_error why = {0};
    int rc = sc_look_up(name, opt, ms, out, &why);
    char shown[100] = "";

    if (rc >= 0)
        return rc;
    if (name != NULL)
        sc_show(shown, sizeof shown, name, strlen(name));
    return sc_error_set(err, rc, "%s: %s", shown, why.text);
}

void sc_resolve_forget(const char *name)
{
    sc_runtime_here(); /* its fork handlers first, see begin */
    pthread_once(&once, begin);
    pthread_mutex_lock(&mutex);
    sc_cache_forget(name);
    for (struct lookup *l = lookups; l != NULL; l = l->next)
        if (sc_casecmp(l->key.name, name) == 0)
            l->forgotten = true;
    pthread_mutex_unlock(&mutex);
}
