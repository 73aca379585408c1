/* bind.c - sockets with a local address. */
#include <errno.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include "core/text.h"
#include "stream/bind.h"
#include "stream/socket.h"

/* UDP without SO_REUSEADDR: with it two sockets may share one port. */
static int bind_one(const struct sc_address *a, int port, int type, int only6)
{
    int fd = sc_socket(a->family, type);
    struct sockaddr_storage at;
    unsigned len = sc_address_sockaddr(a, port, &at);
    int on = 1, rc = 0;

    if (fd < 0)
        return fd;
    if (type == SOCK_STREAM)
        setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    if (a->family == AF_INET6 &&
        setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &only6, sizeof only6) < 0)
        rc = -errno;
    if (rc == 0 && bind(fd, (struct sockaddr *)&at, len) < 0)
        rc = -errno;
    if (rc < 0) {
        close(fd);
        return rc;
    }
    return fd;
}

int sc_bind_at(const struct sc_server_name *n, int type)
{
    const char *host = n->host;
    struct sc_address a = {.family = AF_INET6};
    int fd;

    if (*host == '\0') {
        fd = bind_one(&a, n->port, type, 0);
        if (fd >= 0 || (fd != -EAFNOSUPPORT && fd != -EADDRNOTAVAIL))
            return fd;
        host = "0.0.0.0"; /* a system without IPv6 */
    }
    if (sc_casecmp(host, "localhost") == 0)
        host = "127.0.0.1";
    if (sc_address_parse(&a, host) < 0)
        return SC_EINVAL;
    return bind_one(&a, n->port, type, 1);
}

int sc_bound_at(int fd, struct sc_peer *out)
{
    struct sockaddr_storage at;
    socklen_t len = sizeof at;

    if (getsockname(fd, (struct sockaddr *)&at, &len) < 0)
        return -errno;
    sc_peer_of(&at, len, out);
    return 0;
}
