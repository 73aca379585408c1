/* udp.c - datagrams (RFC 768), sent and received whole or not at all. A
 * socket of both families speaks IPv4 in mapped addresses (RFC 4291 section
 * 2.5.5.2), which are never shown. */
#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "core/mem.h"
#include "run/clock.h"
#include "stream/bind.h"
#include "stream/watch.h"

enum { SEND_MS = 30000 };

struct sc_udp {
    struct sc_watch *watch;
    int refs; /* the owner, and everyone inside a call */
    bool closed;
    int port;
    int family; /* of the socket itself */
    unsigned calls;
};

static void let_go(struct sc_udp *u)
{
    if (--u->refs > 0)
        return;
    sc_watch_free(u->watch);
    sc_free(u);
}

static int parse_local(struct sc_server_name *n, const char *local,
                       struct sc_error *err)
{
    *n = (struct sc_server_name){0};
    if (local == NULL)
        return 0;
    if (sc_server_parse(n, local, err) < 0)
        return SC_EINVAL;
    if (n->unix_path)
        return sc_error_set(err, SC_EINVAL, "no datagrams at %.100s", local);
    return 0;
}

static struct sc_udp *new_udp(int fd, struct sc_error *err)
{
    struct sc_udp *u = sc_calloc(sizeof *u);
    socklen_t len = sizeof u->family;
    struct sc_peer at = {0};

    if (u == NULL) {
        sc_error_set(err, SC_ENOMEM, "no memory for a UDP socket");
        return NULL;
    }
    if ((u->watch = sc_watch_new(fd, err)) == NULL) {
        sc_free(u);
        return NULL;
    }
    u->refs = 1;
    sc_bound_at(fd, &at);
    u->port = at.port;
    getsockopt(fd, SOL_SOCKET, SO_DOMAIN, &u->family, &len);
    return u;
}

struct sc_udp *sc_udp_open(const char *local, struct sc_error *err)
{
    struct sc_server_name n;
    struct sc_udp *u;
    int fd;

    if (parse_local(&n, local, err) < 0)
        return NULL;
    if ((fd = sc_bind_at(&n, SOCK_DGRAM)) < 0) {
        sc_error_set(err, fd, "no UDP socket at %.100s: %s",
                     local != NULL ? local : "any port", sc_strerror(fd));
        return NULL;
    }
    if ((u = new_udp(fd, err)) == NULL)
        close(fd);
    return u;
}

int sc_udp_port(const struct sc_udp *u)
{
    return u->port;
}

static void map_v4(struct sc_address *a)
{
    memcpy(a->bytes + 12, a->bytes, 4);
    memset(a->bytes, 0, 10);
    memset(a->bytes + 10, 0xff, 2);
    a->family = AF_INET6;
}

static int where_to(const struct sc_udp *u, const char *to,
                    struct sockaddr_storage *out, unsigned *len)
{
    struct sc_server_name n = {0};
    struct sc_address a;

    if (sc_server_parse(&n, to, NULL) < 0 || n.unix_path || n.port == 0 ||
        sc_address_parse(&a, n.host) < 0)
        return SC_EINVAL;
    if (u->family == AF_INET6 && a.family == AF_INET)
        map_v4(&a);
    if (a.family != u->family)
        return SC_EINVAL;
    *len = sc_address_sockaddr(&a, n.port, out);
    return 0;
}

/* One system call, and a wait if it would block. 1: try again; LATE turns
 * true when the deadline has passed, and then there is one more try. */
static ssize_t again(struct sc_udp *u, short event, int64_t until, bool *late)
{
    int rc;

    if (errno == EINTR)
        return 1;
    if (errno != EAGAIN && errno != EWOULDBLOCK)
        return -errno;
    if (*late)
        return SC_ETIMEDOUT;
    rc = sc_watch_wait(u->watch, event, until);
    *late = rc == SC_ETIMEDOUT;
    return rc == 0 || *late ? 1 : rc;
}

int sc_udp_send(struct sc_udp *u, const char *to, const void *p, size_t n)
{
    int64_t until = sc_until(SEND_MS);
    struct sockaddr_storage sa;
    bool late = false;
    unsigned len;
    ssize_t rc;

    if ((rc = where_to(u, to, &sa, &len)) < 0)
        return (int)rc;
    u->refs++;
    do {
        int fd = sc_watch_fd(u->watch);

        if (fd < 0)
            rc = fd;
        else if (sendto(fd, p, n, MSG_NOSIGNAL, (struct sockaddr *)&sa, len) >=
                 0)
            rc = 0;
        else
            rc = again(u, POLLOUT, until, &late);
    } while (rc > 0);
    let_go(u);
    return (int)rc;
}

/* MSG_TRUNC makes recvfrom tell the datagram's own length. */
static ssize_t receive(struct sc_udp *u, void *buf, size_t n, int64_t until,
                       struct sc_peer *from)
{
    struct sockaddr_storage sa;
    bool late = false;

    for (;;) {
        socklen_t len = sizeof sa;
        int fd = sc_watch_fd(u->watch);
        ssize_t rc;

        if (fd < 0)
            return fd;
        rc = recvfrom(fd, buf, n, MSG_TRUNC, (struct sockaddr *)&sa, &len);
        if (rc >= 0) {
            if (from != NULL)
                sc_peer_of(&sa, len, from);
            return (size_t)rc > n ? -EMSGSIZE : rc;
        }
        if ((rc = again(u, POLLIN, until, &late)) < 0)
            return rc;
    }
}

ssize_t sc_udp_recv(struct sc_udp *u, void *buf, size_t n, int64_t ms,
                    struct sc_peer *from)
{
    ssize_t rc = sc_wait_cancelled();

    if (rc < 0)
        return rc;
    u->refs++;
    rc = receive(u, buf, n, sc_until(ms), from);
    /* A flood never makes it wait: others get their turn all the same. */
    if (++u->calls % SC_FAIR_CALLS == 0 && sc_task_self())
        sc_yield();
    let_go(u);
    return rc;
}

void sc_udp_close(struct sc_udp *u)
{
    if (u == NULL || u->closed)
        return;
    u->closed = true;
    sc_watch_close(u->watch);
    let_go(u);
}
