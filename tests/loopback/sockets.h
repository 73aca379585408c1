/* sockets.h - plain sockets of the tests' own on loopback: bound, listening,
 * dialled, deaf or silent; and how many descriptors are open. */
#ifndef TESTS_LOOPBACK_SOCKETS_H
#define TESTS_LOOPBACK_SOCKETS_H

#include <arpa/inet.h>
#include <dirent.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <simpleclient/task.h>

/* --- descriptors --- */

static inline int open_descriptors(void)
{
    DIR *d = opendir("/proc/self/fd");
    int n = 0;

    while (readdir(d) != NULL)
        n++;
    closedir(d);
    return n;
}

static int descriptors_before;

/* Around a test: what it has opened it must close. */
static inline int count_descriptors(void **state)
{
    (void)state;
    if (sc_loop() == NULL) /* its descriptors are there from now on */
        return -1;
    descriptors_before = open_descriptors();
    return 0;
}

static inline int same_descriptors(void **state)
{
    int now = open_descriptors();

    (void)state;
    if (now != descriptors_before)
        print_error("%d descriptors, not %d\n", now, descriptors_before);
    return now == descriptors_before ? 0 : -1;
}

#define TEST_CLOSING_ALL(f)                                                    \
    cmocka_unit_test_setup_teardown(f, count_descriptors, same_descriptors)

/* Let tasks run until MORE descriptors are open than before the test. */
static inline void wait_for_descriptors(int more)
{
    int64_t until = sc_now() + 5000;

    while (open_descriptors() < descriptors_before + more && sc_now() < until)
        sc_sleep(1);
    assert_true(open_descriptors() >= descriptors_before + more);
}

/* --- addresses --- */

static inline struct sockaddr_in address4(uint32_t host, int port)
{
    struct sockaddr_in at = {.sin_family = AF_INET,
                             .sin_port = htons((uint16_t)port)};

    at.sin_addr.s_addr = htonl(host);
    return at;
}

static inline struct sockaddr_in6 address6(int port)
{
    return (struct sockaddr_in6){.sin6_family = AF_INET6,
                                 .sin6_port = htons((uint16_t)port),
                                 .sin6_addr = IN6ADDR_LOOPBACK_INIT};
}

static inline struct sockaddr_un address_path(const char *path)
{
    struct sockaddr_un at = {.sun_family = AF_UNIX};

    snprintf(at.sun_path, sizeof at.sun_path, "%s", path);
    return at;
}

static inline int port_of(int fd)
{
    struct sockaddr_storage sa;
    socklen_t len = sizeof sa;

    getsockname(fd, (struct sockaddr *)&sa, &len);
    return ntohs(((struct sockaddr_in *)&sa)->sin_port);
}

/* --- bound: not listening, it refuses, and nobody else can take it --- */

static inline int bound(int family, const void *at, socklen_t len)
{
    int fd = socket(family, SOCK_STREAM | SOCK_NONBLOCK, 0), on = 1;

    if (family != AF_UNIX)
        setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    if (family == AF_INET6)
        setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof on);
    assert_int_equal(bind(fd, at, len), 0);
    return fd;
}

static inline int bind4(uint32_t host, int port)
{
    struct sockaddr_in at = address4(host, port);

    return bound(AF_INET, &at, sizeof at);
}

static inline int bind6(int port)
{
    struct sockaddr_in6 at = address6(port);

    return bound(AF_INET6, &at, sizeof at);
}

static inline int bind_path(const char *path)
{
    struct sockaddr_un at = address_path(path);

    return bound(AF_UNIX, &at, sizeof at);
}

/* --- dialled --- */

static inline int dialled(int family, const void *to, socklen_t len)
{
    int fd = socket(family, SOCK_STREAM, 0);

    assert_int_equal(connect(fd, to, len), 0);
    return fd;
}

static inline int dial4(int port)
{
    struct sockaddr_in to = address4(INADDR_LOOPBACK, port);

    return dialled(AF_INET, &to, sizeof to);
}

static inline int dial6(int port)
{
    struct sockaddr_in6 to = address6(port);

    return dialled(AF_INET6, &to, sizeof to);
}

static inline int dial_path(const char *path)
{
    struct sockaddr_un to = address_path(path);

    return dialled(AF_UNIX, &to, sizeof to);
}

/* --- silent: a full queue stands for a host that does not answer --- */

struct silent {
    int listener;
    int filler; /* the one that its queue has room for */
    int port;
};

/* The queue of listen(0) holds one: once that is there, all others wait. */
static inline struct silent silent4(uint32_t host, int port)
{
    struct silent s = {.listener = bind4(host, port)};
    struct sockaddr_in to;
    struct pollfd there = {.fd = s.listener, .events = POLLIN};

    s.port = port_of(s.listener);
    to = address4(host, s.port);
    assert_int_equal(listen(s.listener, 0), 0);
    s.filler = dialled(AF_INET, &to, sizeof to);
    assert_int_equal(poll(&there, 1, 5000), 1);
    return s;
}

/* Answer at last: what is in the queue makes room. */
static inline void silent_answer(struct silent *s)
{
    close(s->filler);
    close(accept(s->listener, NULL, NULL));
    s->filler = -1;
}

static inline void silent_end(struct silent *s)
{
    close(s->listener);
    if (s->filler >= 0)
        close(s->filler);
}

#endif
