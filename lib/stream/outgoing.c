/* outgoing.c - what the options say of a socket before it connects: may the
 * address be connected to at all, keep-alive (RFC 9293 section 3.8.4), the
 * program's own setsockopt, and from where. */
#include <errno.h>
#include <ifaddrs.h>
#include <net/if.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "stream/outgoing.h"
#include "stream/public.h"
#include "stream/socket.h"

/* --- may it be connected to --- */

static int ask_program(const struct sc_options *opt, const struct sc_address *a,
                       int port, const char *path)
{
    struct sc_peer peer = {.port = port, .family = a->family};
    int rc;

    if (opt->allow == NULL)
        return 0;
    if (path != NULL)
        sc_span_copy(peer.address, sizeof peer.address, sc_span_of(path));
    else
        sc_address_text(a, peer.address, sizeof peer.address);
    rc = opt->allow(opt->allow_arg, &peer);
    return rc > 0 ? SC_EACCES : rc;
}

int sc_outgoing_allowed(const struct sc_options *opt,
                        const struct sc_address *a, int port, const char *path,
                        const char **why)
{
    int rc;

    *why = "not a public address";
    if (opt->flags & SC_OPT_PUBLIC_ONLY &&
        (path != NULL || !sc_address_is_public(a)))
        return SC_EACCES;
    rc = ask_program(opt, a, port, path);
    *why = rc == SC_EACCES ? "not allowed" : sc_strerror(rc);
    return rc;
}

/* --- from where --- */

static bool link_local(const struct sockaddr *sa)
{
    const struct sockaddr_in6 *in6 = (const struct sockaddr_in6 *)sa;

    return sa->sa_family == AF_INET6 && IN6_IS_ADDR_LINKLOCAL(&in6->sin6_addr);
}

/* The interface's first address of FAMILY that is of use beyond its link. */
static int address_of_interface(const char *name, int family,
                                struct sockaddr_storage *out, unsigned *len)
{
    struct ifaddrs *all, *i;
    int rc = -EADDRNOTAVAIL;

    if (getifaddrs(&all) < 0)
        return -errno;
    for (i = all; i != NULL && rc < 0; i = i->ifa_next) {
        if (strcmp(i->ifa_name, name) != 0 || i->ifa_addr == NULL ||
            i->ifa_addr->sa_family != family || link_local(i->ifa_addr))
            continue;
        *len = family == AF_INET ? sizeof(struct sockaddr_in)
                                 : sizeof(struct sockaddr_in6);
        memcpy(out, i->ifa_addr, *len);
        rc = 0;
    }
    freeifaddrs(all);
    return rc;
}

/* Bound to the device if the system lets us, else to its address. */
static int bind_interface(int fd, const char *name, int family)
{
    struct sockaddr_storage from;
    unsigned len = 0;
    int rc;

    if (setsockopt(fd, SOL_SOCKET, SO_BINDTODEVICE, name,
                   (socklen_t)strlen(name)) == 0)
        return 0;
    if ((rc = address_of_interface(name, family, &from, &len)) < 0)
        return rc;
    return bind(fd, (struct sockaddr *)&from, len) < 0 ? -errno : 0;
}

static int bind_local(int fd, const char *local, int family)
{
    struct sockaddr_storage from;
    struct sc_address a;
    unsigned len;
    int on = 1;

    if (sc_address_parse(&a, local) < 0)
        return bind_interface(fd, local, family);
    if (a.family != family)
        return -EAFNOSUPPORT;
    len = sc_address_sockaddr(&a, 0, &from);
    setsockopt(fd, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &on, sizeof on);
    return bind(fd, (struct sockaddr *)&from, len) < 0 ? -errno : 0;
}

int sc_outgoing_check(const struct sc_options *opt, struct sc_error *err)
{
    struct sc_address a;

    if (opt->local_address == NULL ||
        sc_address_parse(&a, opt->local_address) == 0 ||
        if_nametoindex(opt->local_address) != 0)
        return 0;
    return sc_error_set(err, SC_EINVAL,
                        "\"%.100s\": neither an address nor an interface",
                        opt->local_address);
}

/* --- the socket --- */

static int keep_alive(int fd, int seconds)
{
    int on = 1;

    if (setsockopt(fd, SOL_SOCKET, SO_KEEPALIVE, &on, sizeof on) < 0 ||
        setsockopt(fd, IPPROTO_TCP, TCP_KEEPIDLE, &seconds, sizeof seconds) <
            0 ||
        setsockopt(fd, IPPROTO_TCP, TCP_KEEPINTVL, &seconds, sizeof seconds) <
            0)
        return -errno;
    return 0;
}

static int prepare(int fd, const struct sc_options *opt, int family)
{
    bool tcp = family != AF_UNIX;
    int rc = 0;

    if (tcp && opt->keepalive_s > 0)
        rc = keep_alive(fd, opt->keepalive_s);
    if (rc == 0 && opt->on_socket != NULL)
        rc = opt->on_socket(opt->on_socket_arg, fd);
    if (rc > 0)
        rc = SC_EINVAL;
    if (rc == 0 && tcp && opt->local_address != NULL)
        rc = bind_local(fd, opt->local_address, family);
    return rc;
}

int sc_outgoing_socket(const struct sc_options *opt, int family)
{
    int fd = sc_socket(family, SOCK_STREAM), rc;

    if (fd < 0)
        return fd;
    if ((rc = prepare(fd, opt, family)) < 0) {
        close(fd);
        return rc;
    }
    return fd;
}
