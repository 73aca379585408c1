/* test_stress.c - a randomised stress: 200 tasks share 100 streams and
 * connect, read, write, close, cancel, sleep and yield with short deadlines,
 * while a timer of the application cancels and closes from outside. The
 * server, a thread with its own sockets, echoes, floods, stalls, closes and
 * resets. What counts: every task returns, every result is one that may be,
 * nothing is left. `slow` variants run it with more rounds and seeds
 * (argument: ROUNDS SEED). */
#include "main.h"

#include <poll.h>
#include <pthread.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <netinet/in.h>
#include <unistd.h>
#include <uv.h>

#include <simpleclient/stream.h>
#include <simpleclient/task.h>

#define STREAMS 100
#define TASKS 200

static unsigned seed = 1;
static long rounds = 60;
static Stream *shared[STREAMS];
static int64_t task_id[TASKS];
static int returned;
static long results;
static char where[64];

static unsigned any(unsigned n)
{
    seed = seed * 1103515245u + 12345u;
    return (seed >> 16) % n;
}

/* --- the server --- */

struct server {
    int listener;
    int stop[2];
};

static void reset(int fd)
{
    struct linger now = {1, 0};

    setsockopt(fd, SOL_SOCKET, SO_LINGER, &now, sizeof now);
    close(fd);
}

static bool serve(int fd, unsigned *r)
{
    static char block[65536];
    ssize_t n = recv(fd, block, sizeof block, MSG_DONTWAIT);

    *r = *r * 1103515245u + 12345u;
    if (n <= 0) {
        close(fd);
        return false;
    }
    switch (*r >> 20 & 15) {
    case 0:
        reset(fd);
        return false;
    case 1:
        close(fd);
        return false;
    case 2: /* flood */
        send(fd, block, sizeof block, MSG_NOSIGNAL | MSG_DONTWAIT);
        return true;
    case 3: /* stall */
        return true;
    default:
        send(fd, block, (size_t)n, MSG_NOSIGNAL | MSG_DONTWAIT);
        return true;
    }
}

static void *server_main(void *arg)
{
    struct server *s = arg;
    static struct pollfd p[514];
    nfds_t n = 2;
    unsigned r = 7;

    p[0] = (struct pollfd){s->stop[0], POLLIN, 0};
    p[1] = (struct pollfd){s->listener, POLLIN, 0};
    while (poll(p, n, -1) > 0 && !p[0].revents) {
        for (nfds_t i = n; i-- > 2;)
            if (p[i].revents && !serve(p[i].fd, &r))
                p[i] = p[--n];
        if (p[1].revents && n < 514) {
            int fd = accept(s->listener, NULL, NULL);
            if (fd >= 0)
                p[n++] = (struct pollfd){fd, POLLIN, 0};
        }
        p[1].events = n < 514 ? POLLIN : 0;
    }
    while (n > 1)
        close(p[--n].fd);
    return NULL;
}

static void server_start(struct server *s)
{
    struct sockaddr_in at = {.sin_family = AF_INET,
                             .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t len = sizeof at;

    s->listener = socket(AF_INET, SOCK_STREAM, 0);
    assert_int_equal(bind(s->listener, (struct sockaddr *)&at, len), 0);
    assert_int_equal(listen(s->listener, 128), 0);
    getsockname(s->listener, (struct sockaddr *)&at, &len);
    snprintf(where, sizeof where, "127.0.0.1:%d", ntohs(at.sin_port));
    assert_int_equal(pipe(s->stop), 0);
}

/* --- the clients --- */

static void may_be(ssize_t rc)
{
    results++;
    if (rc >= 0 || rc == SC_ECANCELED || rc == SC_ETIMEDOUT ||
        rc == SC_ECLOSED || rc == SC_EBUSY || rc == SC_EPIPE ||
        rc == SC_ECONNRESET || rc == SC_ECONNREFUSED)
        return;
    fail_msg("unexpected result %zd: %s", rc, sc_strerror((int)rc));
}

static void connect_one(unsigned i)
{
    struct sc_options opt = {.connect_ms = 1 + (int)any(200)};
    struct sc_error err = {0};
    Stream *s = sc_stream_connect(where, 0, &opt, &err), *old;

    may_be(s != NULL ? 0 : err.code);
    if (s == NULL)
        return;
    old = shared[i];
    shared[i] = s;
    sc_stream_close(old);
}

static void read_one(unsigned i)
{
    struct sc_wait w = {sc_now() + 1 + any(30), NULL};
    char *buf = malloc(65536);

    may_be(sc_stream_read(shared[i], buf, 1 + any(65536), &w));
    free(buf);
}

static void write_one(unsigned i)
{
    struct sc_wait w = {sc_now() + 1 + any(30), NULL};
    size_t n = 1 + any(3) * any(100000);
    char *buf = calloc(1, n);

    may_be(sc_stream_write(shared[i], buf, n, &w));
    free(buf);
}

static void close_one(unsigned i)
{
    Stream *s = shared[i];

    shared[i] = NULL;
    sc_stream_close(s);
}

static void one_step(void)
{
    unsigned i = any(STREAMS), what = any(16);

    if (shared[i] == NULL && what < 12)
        connect_one(i);
    else if (what < 6)
        read_one(i);
    else if (what < 11)
        write_one(i);
    else if (what == 11)
        close_one(i);
    else if (what == 12)
        may_be(sc_sleep(any(5)));
    else if (what == 13 && any(8) == 0)
        may_be(sc_task_cancel(task_id[any(TASKS)]));
    else
        may_be(sc_yield());
}

static void client(void *arg)
{
    (void)arg;
    for (long i = 0; i < rounds; i++)
        one_step();
    returned++;
}

static void meddle(uv_timer_t *t)
{
    sc_task_cancel(task_id[any(TASKS)]);
    close_one(any(STREAMS));
    if (returned == TASKS)
        uv_close((uv_handle_t *)t, NULL);
}

static void every_task_returns_and_nothing_is_left(void **state)
{
    struct server s;
    pthread_t thread;
    uv_loop_t loop;
    uv_timer_t timer;

    (void)state;
    server_start(&s);
    pthread_create(&thread, NULL, server_main, &s);
    uv_loop_init(&loop);
    uv_timer_init(&loop, &timer);
    assert_int_equal(sc_loop_attach(&loop), 0);
    uv_timer_start(&timer, meddle, 3, 3);
    for (int i = 0; i < TASKS; i++)
        task_id[i] = sc_task_go(&loop, client, NULL);
    uv_run(&loop, UV_RUN_DEFAULT);
    assert_int_equal(returned, TASKS);
    assert_true(results > 0);
    assert_int_equal(sc_loop_detach(&loop), 0);
    for (unsigned i = 0; i < STREAMS; i++)
        close_one(i);
    uv_run(&loop, UV_RUN_DEFAULT);
    assert_int_equal(uv_loop_close(&loop), 0);
    assert_int_equal(write(s.stop[1], "x", 1), 1);
    pthread_join(thread, NULL);
    close(s.stop[0]);
    close(s.stop[1]);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(every_task_returns_and_nothing_is_left),
};

int main(int argc, char **argv)
{
    if (argc == 3 && argv[1][0] != '-') {
        rounds = strtol(argv[1], NULL, 10);
        seed = (unsigned)strtoul(argv[2], NULL, 10);
        argc = 1;
    }
    return test_main("stress", tests, 1, argc, argv, NULL, NULL);
}
