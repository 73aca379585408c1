/* tls_ring.c - rings of things kept by a key, under one lock that a fork does
 * not leave locked in the child. */
#include "stream/tls_ring.h"

#include <pthread.h>
#include <string.h>

#include "core/mem.h"

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static pthread_once_t once = PTHREAD_ONCE_INIT;

static void before_fork(void)
{
    pthread_mutex_lock(&mutex);
}

static void after_fork(void)
{
    pthread_mutex_unlock(&mutex);
}

static void begin(void)
{
    pthread_atfork(before_fork, after_fork, after_fork);
}

static void lock(void)
{
    pthread_once(&once, begin);
    pthread_mutex_lock(&mutex);
}

static void unlock(void)
{
    pthread_mutex_unlock(&mutex);
}

static void release(struct sc_tls_ring *r, struct sc_tls_kept *k)
{
    if (k->value != NULL)
        r->release(k->value);
    sc_free(k->key);
    *k = (struct sc_tls_kept){0};
}

static void *find(struct sc_tls_ring *r, const char *key,
                  enum sc_tls_verdict (*judge)(void *value))
{
    for (unsigned i = 0; i < r->size; i++) {
        struct sc_tls_kept *k = &r->at[(r->newest + r->size - i) % r->size];
        void *found = k->value;
        enum sc_tls_verdict verdict;

        if (k->key == NULL || strcmp(k->key, key) != 0)
            continue;
        verdict = judge(found);
        if (verdict == SC_RING_LEND)
            return found;
        if (verdict == SC_RING_TAKE)
            k->value = NULL;
        release(r, k);
        if (verdict == SC_RING_TAKE)
            return found;
    }
    return NULL;
}

void *sc_tls_ring_find(struct sc_tls_ring *r, const char *key,
                       enum sc_tls_verdict (*judge)(void *value))
{
    void *found;

    lock();
    found = find(r, key, judge);
    unlock();
    return found;
}

void sc_tls_ring_keep(struct sc_tls_ring *r, char *key, void *value)
{
    lock();
    r->newest = (r->newest + 1) % r->size;
    release(r, &r->at[r->newest]);
    r->at[r->newest] = (struct sc_tls_kept){.key = key, .value = value};
    unlock();
}

void sc_tls_ring_forget(struct sc_tls_ring *r)
{
    lock();
    for (unsigned i = 0; i < r->size; i++)
        release(r, &r->at[i]);
    unlock();
}
