/* test_http_calls.c - what a GET on a kept connection costs: three system calls
 * (send, wait, recv), and few looks at the clock. The program's own definitions
 * stand before the C library's, for libuv too. */
#include "main.h"

#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

#include "http/http_client.h"

static _Thread_local long calls, looks;

int epoll_ctl(int ep, int op, int fd, struct epoll_event *e)
{
    calls++;
    return (int)syscall(SYS_epoll_ctl, ep, op, fd, e);
}

int epoll_wait(int ep, struct epoll_event *e, int n, int ms)
{
    calls++;
    return (int)syscall(SYS_epoll_pwait, ep, e, n, ms, NULL, 8);
}

int epoll_pwait(int ep, struct epoll_event *e, int n, int ms,
                const sigset_t *set)
{
    calls++;
    return (int)syscall(SYS_epoll_pwait, ep, e, n, ms, set, 8);
}

int poll(struct pollfd *p, nfds_t n, int ms)
{
    calls++;
    return (int)syscall(SYS_poll, p, n, ms);
}

ssize_t send(int fd, const void *p, size_t n, int flags)
{
    calls++;
    return syscall(SYS_sendto, fd, p, n, flags, NULL, 0);
}

ssize_t recv(int fd, void *p, size_t n, int flags)
{
    calls++;
    return syscall(SYS_recvfrom, fd, p, n, flags, NULL, NULL);
}

ssize_t sendmsg(int fd, const struct msghdr *m, int flags)
{
    calls++;
    return syscall(SYS_sendmsg, fd, m, flags);
}

ssize_t read(int fd, void *p, size_t n)
{
    calls++;
    return syscall(SYS_read, fd, p, n);
}

ssize_t write(int fd, const void *p, size_t n)
{
    calls++;
    return syscall(SYS_write, fd, p, n);
}

int clock_gettime(clockid_t id, struct timespec *t)
{
    looks++;
    return (int)syscall(SYS_clock_gettime, id, t);
}

/* Answers each request, which is one packet. */
static void *server(void *arg)
{
    static const char answer[] = "HTTP/1.1 200 OK\r\nServer: test\r\n"
                                 "Content-Length: 5\r\n\r\nhello";
    int fd = *(int *)arg;
    char buf[1000];

    while (recv(fd, buf, sizeof buf, 0) > 0)
        send(fd, answer, sizeof answer - 1, MSG_NOSIGNAL);
    close(fd);
    return NULL;
}

static HTTPClient *start(int fd[2], pthread_t *thread)
{
    Stream *s;

    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, fd), 0);
    s = sc_stream_fd(fd[0], NULL);
    assert_non_null(s);
    assert_int_equal(pthread_create(thread, NULL, server, &fd[1]), 0);
    return sc_attach(&http_class, s, NULL);
}

enum { TIMES = 100 };

static void a_get_takes_three_calls_and_few_looks_at_the_clock(void **state)
{
    struct http_reply reply = {0};
    int fd[2];
    pthread_t thread;
    HTTPClient *h = start(fd, &thread);

    (void)state;
    assert_int_equal(http_client_get(h, "/", &reply), 0);
    calls = looks = 0;
    for (int i = 0; i < TIMES; i++)
        if (http_client_get(h, "/", &reply) < 0)
            fail_msg("%s", reply.error.text);
    assert_true(calls <= 3 * TIMES);
    assert_true(calls >= 2 * TIMES); /* the counting works */
    assert_true(looks <= 8 * TIMES); /* three of them for what is told */
    assert_true(looks >= 3 * TIMES);
    http_reply_free(&reply);
    http_close(h);
    pthread_join(thread, NULL);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(a_get_takes_three_calls_and_few_looks_at_the_clock),
};

TEST_MAIN(tests)
