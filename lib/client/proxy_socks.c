/* proxy_socks.c - SOCKS5 (RFC 1928) without a login or with user and password
 * (RFC 1929), SOCKS4 and 4a. Each answer says how long it is, so not a byte
 * too many is read. GSS-API, BIND and UDP are left out. */
#include "client/proxy.h"

#include <arpa/inet.h>
#include <string.h>

#include "core/mem.h"

enum { MOST = 600 }; /* bytes of a request: user and host of 255 each */

struct request {
    unsigned char bytes[MOST];
    size_t n;
};

static void put(struct request *q, int byte)
{
    if (q->n < MOST)
        q->bytes[q->n++] = (unsigned char)byte;
}

static void put_bytes(struct request *q, const void *p, size_t n)
{
    if (n > MOST - q->n)
        n = MOST - q->n;
    memcpy(q->bytes + q->n, p, n);
    q->n += n;
}

static void put_port(struct request *q, int port)
{
    put(q, port >> 8);
    put(q, port & 255);
}

/* --- the dialogue --- */

static int exact(Stream *s, unsigned char *to, size_t n, struct sc_wait *w)
{
    size_t have = 0;

    while (have < n) {
        ssize_t got = sc_stream_read(s, to + have, n - have, w);

        if (got < 0)
            return (int)got;
        if (got == 0)
            return sc_error_set(w->err, have > 0 ? SC_ESHORT : SC_EOF,
                                "it ended the connection without an answer");
        have += (size_t)got;
    }
    return 0;
}

/* Send Q, which may hold a password, and read N bytes. */
static int ask(Stream *s, struct request *q, unsigned char *answer, size_t n,
               struct sc_wait *w)
{
    int rc = sc_stream_write(s, q->bytes, q->n, w);

    sc_wipe(q->bytes, q->n);
    q->n = 0;
    return rc < 0 ? rc : exact(s, answer, n, w);
}

static int no_socks(int version, const unsigned char *said, struct sc_wait *w)
{
    return sc_error_set(w->err, SC_EPROTO,
                        "no answer in SOCKS%d: 0x%02x 0x%02x", version, said[0],
                        said[1]);
}

/* --- version 5 --- */

static const char *words5(int code)
{
    static const char *const words[] = {
        "done",
        "general failure",
        "not allowed by its rules",
        "network unreachable",
        "host unreachable",
        "connection refused",
        "time to live expired",
        "it knows no CONNECT",
        "it knows no addresses of this kind",
    };

    if (code >= 0 && (size_t)code < sizeof words / sizeof words[0])
        return words[code];
    return "an unknown failure";
}

/* RFC 1929. */
static int log_in5(const struct sc_proxy *p, Stream *s, struct request *q,
                   struct sc_wait *w)
{
    const char *password = p->password != NULL ? p->password : "";
    unsigned char said[2];
    int rc;

    put(q, 1);
    put(q, (int)strlen(p->user));
    put_bytes(q, p->user, strlen(p->user));
    put(q, (int)strlen(password));
    put_bytes(q, password, strlen(password));
    if ((rc = ask(s, q, said, 2, w)) < 0)
        return rc;
    if (said[1] != 0)
        return sc_error_set(w->err, SC_EREPLY, "SOCKS5 refused the login");
    return said[0] == 1 ? 0 : no_socks(5, said, w);
}

static int greet5(const struct sc_proxy *p, Stream *s, struct request *q,
                  struct sc_wait *w)
{
    unsigned char said[2];
    int rc;

    put(q, 5);
    put(q, p->user != NULL ? 2 : 1);
    put(q, 0);
    if (p->user != NULL)
        put(q, 2);
    if ((rc = ask(s, q, said, 2, w)) < 0)
        return rc;
    if (said[0] != 5)
        return no_socks(5, said, w);
    if (said[1] == 0)
        return 0;
    if (said[1] == 2 && p->user != NULL)
        return log_in5(p, s, q, w);
    if (said[1] != 0xff)
        return no_socks(5, said, w);
    return sc_error_set(w->err, SC_EREPLY, "SOCKS5 wants %s login",
                        p->user != NULL ? "another" : "a");
}

static void put_target5(struct request *q, const struct sc_proxy_target *to)
{
    const char *host = to->name.host;

    if (!to->numeric) {
        put(q, 3);
        put(q, (int)strlen(host));
        put_bytes(q, host, strlen(host));
    } else if (to->address.family == AF_INET) {
        put(q, 1);
        put_bytes(q, to->address.bytes, 4);
    } else {
        put(q, 4);
        put_bytes(q, to->address.bytes, 16);
    }
    put_port(q, to->name.port);
}

/* The rest of the answer: the address that the proxy is bound to. */
static int skip_bound(Stream *s, int kind, struct sc_wait *w)
{
    unsigned char rest[256 + 2];
    size_t n;
    int rc;

    if (kind == 1)
        return exact(s, rest, 4 + 2, w);
    if (kind == 4)
        return exact(s, rest, 16 + 2, w);
    if (kind != 3)
        return sc_error_set(w->err, SC_EPROTO,
                            "SOCKS5 answered with an address of kind %d", kind);
    if ((rc = exact(s, rest, 1, w)) < 0)
        return rc;
    n = rest[0];
    return exact(s, rest, n + 2, w);
}

static int too_long(const struct sc_proxy *p, const struct sc_proxy_target *to)
{
    return strlen(to->name.host) > 255 ||
           (p->user != NULL && (strlen(p->user) > 255 || p->user[0] == '\0')) ||
           (p->password != NULL && strlen(p->password) > 255);
}

int sc_proxy_socks5(const struct sc_proxy *p, Stream *s,
                    const struct sc_proxy_target *to, struct sc_wait *w)
{
    struct request q = {.n = 0};
    unsigned char said[4];
    int rc;

    if (too_long(p, to))
        return sc_error_set(w->err, SC_EINVAL,
                            "SOCKS5: a name or password of 1 to 255 bytes");
    if ((rc = greet5(p, s, &q, w)) < 0)
        return rc;
    put(&q, 5);
    put(&q, 1); /* CONNECT */
    put(&q, 0);
    put_target5(&q, to);
    /* Some say only two bytes when they refuse: so much is read first. */
    if ((rc = ask(s, &q, said, 2, w)) < 0)
        return rc;
    if (said[0] != 5)
        return no_socks(5, said, w);
    if (said[1] != 0)
        return sc_error_set(w->err, SC_EREPLY, "SOCKS5 failed: %s",
                            words5(said[1]));
    if ((rc = exact(s, said + 2, 2, w)) < 0)
        return rc;
    return skip_bound(s, said[3], w);
}

/* --- version 4 --- */

static const char *words4(int code)
{
    switch (code) {
    case 91:
        return "refused or failed";
    case 92:
        return "it cannot reach identd here";
    case 93:
        return "identd names another user";
    default:
        return "an unknown failure";
    }
}

/* An address 0.0.0.x says that a name follows (SOCKS4a). */
int sc_proxy_socks4(const struct sc_proxy *p, Stream *s,
                    const struct sc_proxy_target *to, struct sc_wait *w)
{
    static const unsigned char by_name[4] = {0, 0, 0, 1};
    const char *user = p->user != NULL ? p->user : "", *host = to->name.host;
    struct request q = {.n = 0};
    unsigned char said[8];
    int rc;

    if (to->numeric && to->address.family != AF_INET)
        return sc_error_set(w->err, SC_ENOTSUP, "SOCKS4 knows no IPv6");
    if (strlen(user) > 255 || strlen(host) > 255)
        return sc_error_set(w->err, SC_EINVAL,
                            "SOCKS4: a name of more than 255 bytes");
    put(&q, 4);
    put(&q, 1); /* CONNECT */
    put_port(&q, to->name.port);
    put_bytes(&q, to->numeric ? to->address.bytes : by_name, 4);
    put_bytes(&q, user, strlen(user) + 1);
    if (!to->numeric)
        put_bytes(&q, host, strlen(host) + 1);
    if ((rc = ask(s, &q, said, 8, w)) < 0)
        return rc;
    if (said[0] != 0)
        return no_socks(4, said, w);
    if (said[1] != 90)
        return sc_error_set(w->err, SC_EREPLY, "SOCKS4 failed: %s",
                            words4(said[1]));
    return 0;
}
