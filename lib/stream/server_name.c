/* server_name.c - "host:port" and its relatives, taken apart (RFC 3986 section
 * 3.2 for the brackets, RFC 4007 section 11 for the zone). Nothing is looked
 * up here; internationalised names pass as the bytes they are. */
#include <arpa/inet.h>
#include <string.h>

#include "core/text.h"
#include "stream/resolve.h"

static int bad(struct sc_error *err, const char *server, const char *why)
{
    char shown[128];

    sc_show(shown, sizeof shown, server, strlen(server));
    return sc_error_set(err, SC_EINVAL, "\"%s\": %s", shown, why);
}

static int parse_port(struct sc_server_name *n, const char *p)
{
    uint64_t port;

    if (sc_parse_u64(sc_span_of(p), 65535, &port) < 0)
        return SC_EINVAL;
    n->port = (int)port;
    return 0;
}

static bool clean(const char *p)
{
    for (; *p != '\0'; p++)
        if ((unsigned char)*p <= ' ' || *p == 0x7f)
            return false;
    return true;
}

/* Also keeps "user@host" and pieces of URLs from being looked up as names. */
static bool host_bytes(const char *p, size_t len)
{
    for (size_t i = 0; i < len; i++)
        if (strchr("/?#@[]\\", p[i]) != NULL)
            return false;
    return true;
}

static bool is_v6(const char *p, size_t len)
{
    const char *zone = memchr(p, '%', len);
    unsigned char bytes[16];
    char text[64];

    if (zone != NULL && (size_t)(zone - p) + 1 == len)
        return false;
    if (zone != NULL)
        len = (size_t)(zone - p);
    return sc_span_copy(text, sizeof text, (struct sc_span){p, len}) &&
           inet_pton(AF_INET6, text, bytes) == 1;
}

static int take(struct sc_server_name *n, const char *host, size_t len)
{
    struct sc_span s = {host, len};

    return sc_span_copy(n->host, sizeof n->host, s) ? 0 : SC_EINVAL;
}

static int parse_path(struct sc_server_name *n, const char *server,
                      struct sc_error *err)
{
    size_t len = strlen(server);

    if (len > 107) /* sun_path, less its NUL */
        return bad(err, server, "the path is too long for a socket");
    n->unix_path = true;
    n->port = 0;
    return take(n, server, len);
}

static int parse_brackets(struct sc_server_name *n, const char *server,
                          struct sc_error *err)
{
    const char *end = strchr(server, ']');

    if (end == NULL || !is_v6(server + 1, (size_t)(end - server) - 1) ||
        take(n, server + 1, (size_t)(end - server) - 1) < 0)
        return bad(err, server, "no IPv6 address in brackets");
    if (end[1] == '\0')
        return 0;
    if (end[1] != ':' || parse_port(n, end + 2) < 0)
        return bad(err, server, "bad port");
    return 0;
}

static int parse_host(struct sc_server_name *n, const char *server,
                      struct sc_error *err)
{
    const char *colon = strchr(server, ':');
    size_t len = strlen(server);

    if (colon != NULL && strchr(colon + 1, ':') != NULL) {
        if (!is_v6(server, len) || take(n, server, len) < 0)
            return bad(err, server, "too many colons, and no IPv6 address");
        return 0;
    }
    if (colon != NULL)
        len = (size_t)(colon - server);
    if (!host_bytes(server, len))
        return bad(err, server, "no name of a host");
    if (take(n, server, len) < 0)
        return bad(err, server, "the name is too long");
    if (colon != NULL && parse_port(n, colon + 1) < 0)
        return bad(err, server, "bad port");
    return 0;
}

int sc_server_parse(struct sc_server_name *n, const char *server,
                    struct sc_error *err)
{
    n->host[0] = '\0';
    n->unix_path = false;
    if (server == NULL || *server == '\0')
        return sc_error_set(err, SC_EINVAL, "no server named");
    if (!clean(server))
        return bad(err, server, "control characters or spaces");
    if (*server == '/')
        return parse_path(n, server, err);
    if (*server == '[')
        return parse_brackets(n, server, err);
    return parse_host(n, server, err);
}

void sc_server_say(const struct sc_server_name *n, struct sc_error *err)
{
    if (err == NULL)
        return;
    if (n->unix_path || n->port <= 0)
        sc_error_set(err, err->code, "%.110s: %s", n->host, err->text);
    else
        sc_error_set(err, err->code,
                     strchr(n->host, ':') != NULL ? "[%.80s]:%d: %s"
                                                  : "%.80s:%d: %s",
                     n->host, n->port, err->text);
}
