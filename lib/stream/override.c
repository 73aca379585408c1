/* override.c - lists of "HOST:PORT:ADDRESS,..." and "HOST:PORT:HOST2:PORT2",
 * entries separated by spaces. The whole list is read each time: a bad entry is
 * an error even if it is another server's. An entry for the host itself goes
 * before one for any host; of two alike the last one holds for addresses, the
 * first one for hosts, as users of curl expect. */
#include <string.h>

#include "core/text.h"
#include "stream/override.h"

/* What an entry begins with. */
struct from {
    struct sc_span host; /* without brackets; "*" or empty: any */
    int port;            /* 0: any */
    struct sc_span rest; /* behind the second colon */
};

static bool next_entry(const char **list, struct sc_span *entry)
{
    const char *p = *list + strspn(*list, " ");
    size_t n = strcspn(p, " ");

    *entry = (struct sc_span){p, n};
    *list = p + n;
    return n > 0;
}

/* Take "HOST:" off S; a host in brackets may have colons. */
static bool take_host(struct sc_span *s, struct sc_span *host)
{
    bool bracket = s->len > 0 && s->data[0] == '[';
    const char *end = memchr(s->data, bracket ? ']' : ':', s->len);
    size_t n = end != NULL ? (size_t)(end - s->data) : 0;
    size_t used = n + (bracket ? 2 : 1);

    if (end == NULL || used > s->len || s->data[used - 1] != ':')
        return false;
    *host = (struct sc_span){s->data + bracket, n - bracket};
    s->data += used;
    s->len -= used;
    return true;
}

/* "" is 0. */
static bool parse_port(struct sc_span s, int *port)
{
    uint64_t n = 0;

    if (s.len > 0 && (sc_parse_u64(s, 65535, &n) < 0 || n == 0))
        return false;
    *port = (int)n;
    return true;
}

static bool take_from(struct sc_span entry, struct from *f)
{
    struct sc_span port;
    const char *colon;

    f->rest = entry;
    if (!take_host(&f->rest, &f->host))
        return false;
    if ((colon = memchr(f->rest.data, ':', f->rest.len)) == NULL)
        return false;
    port = (struct sc_span){f->rest.data, (size_t)(colon - f->rest.data)};
    f->rest.data += port.len + 1;
    f->rest.len -= port.len + 1;
    return parse_port(port, &f->port);
}

/* 2: it names the host; 1: any host will do; 0: another server. */
static int fits(const struct from *f, const struct sc_server_name *n)
{
    if (n->unix_path || (f->port != 0 && f->port != n->port))
        return 0;
    if (f->host.len == 0 || sc_span_eq(f->host, "*"))
        return 1;
    return sc_span_eq_nocase(f->host, n->host) ? 2 : 0;
}

static int bad(struct sc_error *err, const char *option, struct sc_span entry)
{
    char shown[100];

    sc_show(shown, sizeof shown, entry.data, entry.len);
    return sc_error_set(err, SC_EINVAL, "%s: \"%s\" is no entry", option,
                        shown);
}

/* --- addresses --- */

static bool add_address(struct sc_span s, struct sc_addresses *out)
{
    char text[80];

    if (s.len > 2 && s.data[0] == '[' && s.data[s.len - 1] == ']')
        s = (struct sc_span){s.data + 1, s.len - 2};
    return sc_span_copy(text, sizeof text, s) &&
           sc_addresses_add(out, text) == 0;
}

static bool parse_addresses(struct sc_span s, struct sc_addresses *out)
{
    const char *comma;

    out->n = 0;
    do {
        size_t n;

        comma = memchr(s.data, ',', s.len);
        n = comma != NULL ? (size_t)(comma - s.data) : s.len;
        if (!add_address((struct sc_span){s.data, n}, out))
            return false;
        n += comma != NULL;
        s.data += n;
        s.len -= n;
    } while (comma != NULL);
    return true;
}

int sc_override_addresses(const struct sc_options *opt,
                          const struct sc_server_name *n,
                          struct sc_addresses *out, struct sc_error *err)
{
    const char *list = opt->resolve;
    struct sc_span entry, best = {NULL, 0};
    struct from f;
    int how_well = 0;

    if (list == NULL)
        return 0;
    while (next_entry(&list, &entry)) {
        if (!take_from(entry, &f) || !parse_addresses(f.rest, out))
            return bad(err, "resolve", entry);
        if (fits(&f, n) > 0 && fits(&f, n) >= how_well) {
            how_well = fits(&f, n);
            best = f.rest;
        }
    }
    out->n = 0;
    return best.data != NULL && parse_addresses(best, out);
}

/* --- another server --- */

static bool parse_server(struct sc_span s, struct sc_server_name *out)
{
    struct sc_span host;
    int port;

    if (!take_host(&s, &host) || !parse_port(s, &port))
        return false;
    if (host.len > 0 && !sc_span_copy(out->host, sizeof out->host, host))
        return false;
    if (port != 0)
        out->port = port;
    return true;
}

static int other_server(const struct sc_options *opt,
                        const struct sc_server_name *n,
                        struct sc_server_name *out, struct sc_error *err)
{
    const char *list = opt->connect_to;
    struct sc_span entry;
    struct from f;
    bool found = false;

    while (list != NULL && next_entry(&list, &entry)) {
        struct sc_server_name to = *n;

        if (!take_from(entry, &f) || !parse_server(f.rest, &to))
            return bad(err, "connect_to", entry);
        if (!found && fits(&f, n) > 0) {
            *out = to;
            found = true;
        }
    }
    return found;
}

int sc_override_server(const struct sc_options *opt,
                       const struct sc_server_name *n,
                       struct sc_server_name *out, struct sc_error *err)
{
    *out = *n;
    if (opt->unix_socket == NULL)
        return n->unix_path ? 0 : other_server(opt, n, out, err);
    if (sc_server_parse(out, opt->unix_socket, err) < 0)
        return SC_EINVAL;
    if (!out->unix_path)
        return sc_error_set(err, SC_EINVAL, "unix_socket: \"%.100s\": no path",
                            opt->unix_socket);
    return 1;
}
