/* dialler.h - one sc_stream_connect, blocking or as a task, and a resolver of
 * the tests' own: what test_connect and test_race share. */
#ifndef TESTS_LOOPBACK_DIALLER_H
#define TESTS_LOOPBACK_DIALLER_H

#include <pthread.h>
#include <stdatomic.h>
#include <unistd.h>

#include <simpleclient/stream.h>
#include <simpleclient/task.h>
#include <simpleclient/udp.h>

/* --- names of the test --- */

static atomic_int lookups, lookups_ended;
static atomic_bool late_held; /* lookups of "late..." do not end */

static inline int answer(const char *name, struct sc_addresses *out)
{
    for (int i = 0; strncmp(name, "late", 4) == 0 && i < 10000; i++) {
        if (!atomic_load(&late_held))
            break;
        usleep(1000);
    }
    if (strcmp(name, "none.test") == 0)
        return SC_ERESOLVE;
    if (strcmp(name, "six.test") != 0)
        sc_addresses_add(out, "127.0.0.1");
    if (strcmp(name, "three.test") == 0) {
        sc_addresses_add(out, "127.0.0.2");
        sc_addresses_add(out, "127.0.0.3");
    }
    for (int i = 10; strcmp(name, "many.test") == 0 && i < 40; i++) {
        char text[32];

        snprintf(text, sizeof text, "127.0.1.%d", i);
        sc_addresses_add(out, text);
    }
    if (strcmp(name, "four.test") != 0)
        sc_addresses_add(out, "::1");
    return 0;
}

static inline int play(const char *name, struct sc_addresses *out)
{
    int rc;

    atomic_fetch_add(&lookups, 1);
    rc = answer(name, out);
    atomic_fetch_add(&lookups_ended, 1);
    return rc;
}

static const struct sc_resolver player = {play};

static inline void hold_late_lookups(void)
{
    atomic_store(&lookups, 0);
    atomic_store(&lookups_ended, 0);
    atomic_store(&late_held, true);
}

/* Lookups that nobody waits for any more go on in their threads. */
static inline void end_late_lookups(void)
{
    atomic_store(&late_held, false);
    for (int i = 0;
         i < 5000 && atomic_load(&lookups_ended) < atomic_load(&lookups); i++)
        sc_sleep(1);
    assert_int_equal(atomic_load(&lookups_ended), atomic_load(&lookups));
}

/* --- one connect --- */

struct job {
    const char *server;
    int port;
    struct sc_options opt;
    bool reached;
    struct sc_peer peer, local;
    struct sc_error err;
    int64_t took;
};

/* A stream belongs to its thread: looked at and closed here. */
static inline void connect_it(void *arg)
{
    struct job *j = arg;
    int64_t begun = sc_now();
    Stream *s = sc_stream_connect(j->server, j->port, &j->opt, &j->err);

    j->took = sc_now() - begun;
    j->reached = s != NULL;
    if (s == NULL)
        return;
    sc_stream_info(s, SC_INFO_PEER, &j->peer);
    sc_stream_info(s, SC_INFO_LOCAL, &j->local);
    sc_stream_close(s);
}

static inline void *connect_in_thread(void *arg)
{
    connect_it(arg);
    return NULL;
}

/* Twice at once: [0] blocks in a thread of its own, [1] is a task here. */
static inline void connect_both_ways(struct job both[2], const struct job *like)
{
    pthread_t thread;
    int64_t task;

    both[0] = both[1] = *like;
    assert_int_equal(pthread_create(&thread, NULL, connect_in_thread, both), 0);
    task = sc_task_go(NULL, connect_it, &both[1]);
    sc_run();
    pthread_join(thread, NULL);
    assert_true(task > 0);
}

static inline void check_reached(const struct job *j, const char *address)
{
    if (!j->reached)
        fail_msg("%s", j->err.text);
    assert_string_equal(j->peer.address, address);
}

static inline void check_failed(const struct job *j, int code,
                                const char *words)
{
    assert_false(j->reached);
    if (j->err.code != code || strstr(j->err.text, words) == NULL)
        fail_msg("%d: %s", j->err.code, j->err.text);
}

static inline void check_took(const struct job *j, int64_t least, int64_t most)
{
    assert_true(j->took >= least);
    assert_true(j->took < most);
}

#endif
