/* stream_kinds.h - every class of stream, and the ways that two sides of one
 * can talk: blocking with the peer in a thread, blocking with the peer as a
 * task on the private loop, both as tasks. What a side finds wrong it notes;
 * only the main thread fails a test. What test_stream* share. */
#ifndef TESTS_LOOPBACK_STREAM_KINDS_H
#define TESTS_LOOPBACK_STREAM_KINDS_H

#include <pthread.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include <simpleclient/class.h>
#include <simpleclient/script.h>
#include <simpleclient/task.h>

#include "certs.h"
#include "stream/coding.h"

enum { BUFFER = 65536, MEGABYTE = 1 << 20, PATIENCE_MS = 20000 };

struct kind;
struct talk;

struct side {
    struct talk *talk;
    int number; /* 0 near, 1 far */
    void (*fn)(struct side *me);
    Stream *s;
    struct sc_wait w;
    struct sc_error error;
    const char *wrong; /* what did not hold */
    int line;
    int64_t task;
    bool waiting; /* of a helper task: it is about to wait */
    ssize_t result;
    char buf[BUFFER];
};

struct talk {
    const struct kind *kind;
    int fd[2];
    Stream *pair[2];
    struct sc_listener *listener;
    struct side side[2];
};

struct kind {
    const char *name;
    bool one_thread; /* both streams are made in one place */
    int (*open)(struct talk *t);
    Stream *(*make)(struct side *me);
};

#define CHECK(condition)                                                       \
    do {                                                                       \
        if (!(condition)) {                                                    \
            me->wrong = #condition;                                            \
            me->line = __LINE__;                                               \
            return;                                                            \
        }                                                                      \
    } while (0)

static struct certs certs;
static char path[96]; /* for a socket or a file, in their directory */

/* --- the kinds of streams --- */

static inline int open_fds(struct talk *t)
{
    return socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, t->fd);
}

static inline Stream *make_fd(struct side *me)
{
    return sc_stream_fd(me->talk->fd[me->number], &me->error);
}

static inline int open_pair(struct talk *t)
{
    return sc_stream_pair(t->pair, &t->side[0].error);
}

static inline Stream *make_pair(struct side *me)
{
    return me->talk->pair[me->number];
}

static inline int open_tcp(struct talk *t)
{
    t->listener = sc_listen("127.0.0.1:0", &t->side[0].error);
    return t->listener != NULL ? 0 : -1;
}

static inline int open_unix(struct talk *t)
{
    t->listener = sc_listen(path, &t->side[0].error);
    return t->listener != NULL ? 0 : -1;
}

static inline Stream *make_socket(struct side *me)
{
    struct sc_listener *l = me->talk->listener;

    if (me->number == 0)
        return sc_accept(l, PATIENCE_MS, &me->error);
    return sc_stream_connect(sc_listener_name(l), 0, NULL, &me->error);
}

static inline Stream *make_tls(struct side *me)
{
    struct sc_tls_options server = {.server = 1, .cert = certs.good};
    struct sc_tls_options client = {.ca_file = certs.ca};
    Stream *low = make_fd(me), *s;

    if (low == NULL)
        return NULL;
    s = sc_tls_wrap(low, "localhost", me->number == 0 ? &server : &client, 0,
                    &me->error);
    if (s == NULL)
        sc_stream_close(low);
    return s;
}

static inline Stream *deflated(struct side *me, Stream *low, int coding)
{
    return low == NULL ? NULL : sc_deflate_wrap(low, coding, 0, 0, &me->error);
}

static inline Stream *make_deflate(struct side *me)
{
    return deflated(me, make_fd(me), SC_CODING_DEFLATE);
}

static inline Stream *make_gzip_in_tls(struct side *me)
{
    return deflated(me, make_tls(me), SC_CODING_GZIP);
}

static inline Stream *make_record(struct side *me)
{
    Stream *low = make_socket(me);

    return low == NULL ? NULL
                       : sc_record_wrap(low, sc_null_sink, NULL, &me->error);
}

static const struct kind kinds[] = {
    {"fd", false, open_fds, make_fd},
    {"pair", true, open_pair, make_pair},
    {"tcp", false, open_tcp, make_socket},
    {"unix", false, open_unix, make_socket},
    {"tls", false, open_fds, make_tls},
    {"deflate", false, open_fds, make_deflate},
    {"gzip in tls", false, open_fds, make_gzip_in_tls},
    {"record", false, open_tcp, make_record},
};

/* --- the ways to run both sides --- */

static inline void run_side(void *arg)
{
    struct side *me = arg;

    me->s = me->talk->kind->make(me);
    if (me->s != NULL) {
        me->fn(me);
    } else {
        me->wrong = "a stream";
        me->line = __LINE__;
    }
    sc_stream_close(me->s);
    me->s = NULL;
}

static inline void *run_in_thread(void *arg)
{
    run_side(arg);
    return NULL;
}

static inline void run_threads(struct talk *t)
{
    pthread_t far;

    assert_int_equal(pthread_create(&far, NULL, run_in_thread, &t->side[1]), 0);
    run_side(&t->side[0]);
    pthread_join(far, NULL);
}

static inline void run_pumped(struct talk *t)
{
    t->side[1].task = sc_task_go(NULL, run_side, &t->side[1]);
    run_side(&t->side[0]);
    sc_task_join(t->side[1].task);
}

static inline void run_tasks(struct talk *t)
{
    for (int i = 0; i < 2; i++)
        t->side[i].task = sc_task_go(NULL, run_side, &t->side[i]);
    assert_int_equal(sc_run(), 0);
}

enum { THREADS, PUMPED, TASKS, MODES };

/* Some are not built in, some not made in two threads. */
static inline bool possible(const struct kind *k, int mode)
{
    struct sc_coder *c;

    if (mode == THREADS && k->one_thread)
        return false;
    if (k->make != make_deflate && k->make != make_gzip_in_tls)
        return true;
    c = sc_coder_open(SC_CODING_GZIP, false, NULL);
    sc_coder_free(c);
    return c != NULL;
}

static const struct mode {
    const char *name;
    void (*run)(struct talk *t);
} modes[] = {
    {"threads", run_threads}, {"pumped", run_pumped}, {"tasks", run_tasks}};

static inline void converse(const struct kind *k, const struct mode *m,
                            void (*near)(struct side *),
                            void (*far)(struct side *))
{
    struct talk *t = calloc(1, sizeof *t);
    char wrong[400] = "";

    assert_non_null(t);
    t->kind = k;
    for (int i = 0; i < 2; i++) {
        t->side[i].talk = t;
        t->side[i].number = i;
        t->side[i].fn = i == 0 ? near : far;
    }
    assert_int_equal(k->open(t), 0);
    m->run(t);
    sc_listener_close(t->listener);
    for (int i = 1; i >= 0; i--)
        if (t->side[i].wrong != NULL)
            snprintf(wrong, sizeof wrong, "%s, %s, side %d, line %d: %s (%s)",
                     k->name, m->name, i, t->side[i].line, t->side[i].wrong,
                     t->side[i].error.text);
    free(t);
    if (wrong[0] != '\0')
        fail_msg("%s", wrong);
}

static inline void for_all(void (*near)(struct side *),
                           void (*far)(struct side *), int first_mode)
{
    for (size_t k = 0; k < sizeof kinds / sizeof *kinds; k++)
        for (int m = first_mode; m < MODES; m++)
            if (possible(&kinds[k], m))
                converse(&kinds[k], &modes[m], near, far);
}

/* --- what the sides do --- */

static inline struct sc_wait *within(struct side *me, int64_t ms)
{
    me->w = (struct sc_wait){sc_now() + ms, &me->error};
    return &me->w;
}

static inline ssize_t get(struct side *me, size_t n)
{
    return sc_stream_read(me->s, me->buf, n, within(me, PATIENCE_MS));
}

static inline ssize_t get_exact(struct side *me, size_t n)
{
    size_t len = 0;
    ssize_t got;

    while (len < n) {
        got = sc_stream_read(me->s, me->buf + len, n - len,
                             within(me, PATIENCE_MS));
        if (got <= 0)
            return got < 0 ? got : SC_ESHORT;
        len += (size_t)got;
    }
    return (ssize_t)len;
}

static inline int put(struct side *me, const void *p, size_t n)
{
    return sc_stream_write(me->s, p, n, within(me, PATIENCE_MS));
}

static inline char byte_at(size_t i)
{
    return (char)(i * 7 + i / 251);
}

static inline bool holds(const char *p, size_t from, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (p[i] != byte_at(from + i))
            return false;
    return true;
}

static inline void fill(char *p, size_t from, size_t n)
{
    for (size_t i = 0; i < n; i++)
        p[i] = byte_at(from + i);
}

static inline void read_to_the_end(struct side *me)
{
    while (get(me, BUFFER) > 0)
        continue;
}

static inline void answer_when_told(struct side *me)
{
    for (int i = 0; i < 2; i++) {
        CHECK(get_exact(me, 2) == 2);
        CHECK(put(me, "x", 1) == 0);
    }
    read_to_the_end(me);
}

static inline int set_up(void **state)
{
    (void)state;
    if (certs_make(&certs) < 0)
        return -1;
    snprintf(path, sizeof path, "%s/path", certs.dir);
    return 0;
}

static inline int tear_down(void **state)
{
    (void)state;
    certs_remove(&certs);
    return access(certs.dir, F_OK) < 0 ? 0 : -1; /* nothing was left in it */
}

#endif
