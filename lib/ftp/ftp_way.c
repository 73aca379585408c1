/* ftp_way.c - the ways that data goes (RFC 959 section 3.2, RFC 2428): we connect
 * to the server's own address, whatever it says, or it connects to us. */

#include <ifaddrs.h>
#include <netdb.h>
#include <net/if.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

#include "client/conn.h"
#include "client/proxy.h"
#include "core/text.h"
#include "ftp/ftp_client.h"
#include "run/clock.h"

/* What is left of MS, or of the deadlines over all; 0: nothing. */
static int64_t time_left(FTPClient *f, int64_t ms)
{
    int64_t now = sc_now(), until = sc_conn_until(f->base.conn, ms);

    return until > now ? until - now : 0;
}

static struct sc_peer peer_of(FTPClient *f)
{
    struct sc_peer peer = {0};

    sc_stream_info(f->base.conn->s, SC_INFO_PEER, &peer);
    return peer;
}

/* EPSV and EPRT are all that there is over IPv6. */
static bool over_ip6(FTPClient *f)
{
    return f->base.conn->proxy == NULL &&
           strchr(peer_of(f).address, ':') != NULL;
}

/* --- we call the server --- */

/* Where control goes, data goes: to the address itself, or by the same proxy. */
static int dial(FTPClient *f, int port, Stream **out)
{
    struct sc_conn *k = f->base.conn;
    struct sc_peer peer = peer_of(f);
    char host[sizeof peer.address + 2];
    struct sc_error err = {0};
    struct sc_options o = k->opt;

    o.flags &= ~(unsigned)SC_OPT_TLS; /* after 150 */
    o.connect_to = o.resolve = o.unix_socket = NULL;
    if (k->proxy != NULL)
        sc_span_copy(peer.address, sizeof peer.address,
                     sc_span_of(sc_client_host(&f->base)));
    if (peer.address[0] == '\0' || peer.address[0] == '/')
        return sc_fail(&f->base, SC_ENOTSUP,
                       "no address for a data connection");
    if ((o.connect_ms = (int)time_left(f, o.connect_ms)) == 0)
        return sc_break(&f->base, SC_ETIMEDOUT, "data connection: timed out");
    snprintf(host, sizeof host, strchr(peer.address, ':') ? "[%s]" : "%s",
             peer.address);
    *out = sc_stream_connect(host, port, &o, &err);
    return *out != NULL
               ? 0
               : sc_fail(&f->base, err.code, "data connection: %s", err.text);
}

/* The port, or an error; SC_EREPLY: refused. */
static int ask_port(FTPClient *f, bool extended)
{
    struct sc_reply r;
    int port, rc;

    rc = ftp_demand(f, 2, &r, extended ? "EPSV" : "PASV");
    if (rc < 0)
        return rc;
    port = extended ? ftp_port_of_epsv(r.text) : ftp_port_of_pasv(r.text);
    if (port < 0)
        return sc_break(&f->base, SC_EPROTO, "%s: no port in the answer",
                        extended ? "EPSV" : "PASV");
    return port;
}

/* Something on the way that knows only PASV may be why. */
static bool may_be_the_port(int rc)
{
    return rc == SC_ECONNREFUSED || rc == SC_ETIMEDOUT || rc == SC_ECONNRESET ||
           rc == SC_EREPLY || rc == -EHOSTUNREACH || rc == -ENETUNREACH ||
           rc == SC_EPROTO || rc == SC_EACCES;
}

Stream *ftp_call(FTPClient *f)
{
    const bool only = over_ip6(f);
    Stream *s = NULL;
    int rc = SC_EREPLY;

    if (only || (!f->no_epsv && !(f->how->flags & FTP_NO_EPSV))) {
        if ((rc = ask_port(f, true)) > 0)
            rc = dial(f, rc, &s);
        if (rc == 0 || only || sc_broken(&f->base) || !may_be_the_port(rc))
            return s;
        f->no_epsv = true; /* a server before RFC 2428, too */
    }
    if ((rc = ask_port(f, false)) > 0)
        dial(f, rc, &s);
    return s;
}

/* --- the server calls us --- */

/* Say where: EPRT, else PORT. */
static int announce(FTPClient *f, const char *address, int port)
{
    const bool only = strchr(address, ':') != NULL;
    struct sc_reply r;
    char words[160];
    int rc = SC_EREPLY;

    if (only || (!f->no_eprt && !(f->how->flags & FTP_NO_EPRT))) {
        if (ftp_eprt_of(address, port, words, sizeof words) == 0)
            rc = ftp_demand(f, 2, &r, "EPRT %s", words);
        if (rc != SC_EREPLY || only)
            return rc < 0 ? rc : 0;
        f->no_eprt = true;
    }
    if (ftp_port_words(address, port, words, sizeof words) < 0)
        return sc_fail(&f->base, SC_ENOTSUP, "PORT: not for %s", address);
    rc = ftp_demand(f, 2, &r, "PORT %s", words);
    return rc < 0 ? rc : 0;
}

/* The interface's first address of FAMILY. */
static bool of_interface(const char *name, int family, struct sc_peer *out)
{
    struct ifaddrs *all, *i;
    bool found = false;

    if (if_nametoindex(name) == 0 || getifaddrs(&all) < 0)
        return false;
    for (i = all; i != NULL && !found; i = i->ifa_next)
        found = strcmp(i->ifa_name, name) == 0 && i->ifa_addr != NULL &&
                i->ifa_addr->sa_family == family &&
                getnameinfo(i->ifa_addr,
                            family == AF_INET6 ? sizeof(struct sockaddr_in6)
                                               : sizeof(struct sockaddr_in),
                            out->address, sizeof out->address, NULL, 0,
                            NI_NUMERICHOST) == 0;
    freeifaddrs(all);
    return found;
}

/* The address to be called at: that of the control connection, or named. */
static struct sc_peer our_address(FTPClient *f)
{
    const char *wanted = f->how->active;
    struct sc_peer local = {0};
    int family;

    sc_stream_info(f->base.conn->s, SC_INFO_LOCAL, &local);
    family = local.family;
    if (wanted == NULL || strcmp(wanted, "-") == 0)
        return local;
    if (!of_interface(wanted, family, &local))
        sc_span_copy(local.address, sizeof local.address, sc_span_of(wanted));
    return local;
}

struct sc_listener *ftp_wait_for_call(FTPClient *f)
{
    const struct sc_peer local = our_address(f);
    struct sc_listener *l = NULL;
    struct sc_error err = {0};
    char where[sizeof local.address + 8];

    snprintf(where, sizeof where,
             strchr(local.address, ':') ? "[%s]:0" : "%s:0", local.address);
    if (local.address[0] == '\0' || local.address[0] == '/')
        sc_fail(&f->base, SC_ENOTSUP, "no address for a data connection");
    else if ((l = sc_listen(where, &err)) == NULL)
        sc_fail(&f->base, err.code, "data connection: %s", err.text);
    else if (announce(f, local.address, sc_listener_port(l)) == 0)
        return l;
    sc_listener_close(l);
    return NULL;
}

/* Others that connect there are hung up on. */
Stream *ftp_be_called(FTPClient *f, struct sc_listener *l)
{
    const struct sc_peer server = peer_of(f);
    const int64_t until =
        sc_now() + time_left(f, sc_client_options(&f->base)->connect_ms);
    struct sc_error err = {0};
    struct sc_peer peer;
    Stream *s;

    for (;;) {
        int64_t left = until - sc_now();

        if ((s = sc_accept(l, left > 0 ? left : 0, &err)) == NULL)
            break;
        memset(&peer, 0, sizeof peer);
        sc_stream_info(s, SC_INFO_PEER, &peer);
        if (strcmp(peer.address, server.address) == 0)
            return s;
        sc_stream_close(s);
        if (left <= 0) { /* strangers without end */
            sc_error_set(&err, SC_ETIMEDOUT, "%s", sc_strerror(SC_ETIMEDOUT));
            break;
        }
    }
    sc_break(&f->base, err.code, "data connection: %s", err.text);
    return NULL;
}
