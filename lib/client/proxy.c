/* proxy.c - which proxy, if any: its URL taken apart, the environment's, and
 * the servers that are reached without one. Lists and names of the environment
 * are read as curl reads them: http_proxy only in lower case, since a server's
 * CGI has the request's "Proxy:" field as HTTP_PROXY. */
#include "client/proxy.h"

#include <stdlib.h>
#include <string.h>

#include <simpleclient/uri.h>

#include "client/conn.h"
#include "core/mem.h"
#include "core/text.h"
#include "stream/override.h"

/* --- the URL --- */

static const struct kind {
    const char *scheme;
    enum sc_proxy_kind kind;
    int port;
} kinds[] = {
    {"http", SC_PROXY_HTTP, 1080},     {"https", SC_PROXY_HTTPS, 443},
    {"socks4", SC_PROXY_SOCKS4, 1080}, {"socks4a", SC_PROXY_SOCKS4A, 1080},
    {"socks5", SC_PROXY_SOCKS5, 1080}, {"socks5h", SC_PROXY_SOCKS5H, 1080},
    {"socks", SC_PROXY_SOCKS4, 1080},
};

static const struct kind *kind_of(struct sc_span scheme)
{
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++)
        if (sc_span_eq_nocase(scheme, kinds[i].scheme))
            return &kinds[i];
    return NULL;
}

static int decode(struct sc_span s, char **out)
{
    struct sc_buf text = SC_BUF(4096);
    int rc = sc_buf_add(&text, "", 0);

    if (rc == 0)
        rc = uri_decode(s, false, &text);
    if (rc == 0) {
        *out = text.data;
        return 0;
    }
    if (text.data != NULL)
        sc_wipe(text.data, text.len);
    sc_buf_free(&text);
    return rc == SC_ENOMEM ? rc : SC_EURL;
}

static int parse_login(struct sc_proxy *p, struct sc_span s)
{
    const char *colon = memchr(s.data, ':', s.len);
    size_t n = colon != NULL ? (size_t)(colon - s.data) : s.len;
    int rc = decode((struct sc_span){s.data, n}, &p->user);

    if (rc == 0 && colon != NULL)
        rc = decode((struct sc_span){colon + 1, s.len - n - 1}, &p->password);
    return rc;
}

static int parse_place(struct sc_proxy *p, struct sc_span s,
                       struct sc_error *err)
{
    char place[300];
    struct sc_error why = {0};

    if (!sc_span_copy(place, sizeof place, s) || s.len == 0)
        return sc_error_set(err, SC_EURL, "proxy: no host, or one too long");
    if (sc_server_parse(&p->at, place, &why) < 0)
        return sc_error_set(err, SC_EURL, "proxy %s", why.text);
    if (p->at.unix_path || p->at.host[0] == '\0' || p->at.port == 0)
        return sc_error_set(err, SC_EURL, "proxy \"%s\": no host and port",
                            place);
    return 0;
}

/* "USER:PASSWORD@HOST:PORT"; the login ends at the last "@". */
static int parse_authority(struct sc_proxy *p, const char *s,
                           struct sc_error *err)
{
    struct sc_span all = {s, strcspn(s, "/?#")};
    const char *at = memrchr(all.data, '@', all.len);
    int rc;

    if (at == NULL)
        return parse_place(p, all, err);
    rc = at > s ? parse_login(p, (struct sc_span){s, (size_t)(at - s)}) : 0;
    if (rc < 0)
        return sc_error_set(err, rc, "proxy: its login is badly written");
    all.len -= (size_t)(at + 1 - s);
    all.data = at + 1;
    return parse_place(p, all, err);
}

int sc_proxy_parse(struct sc_proxy *p, const char *url, struct sc_error *err)
{
    const char *sep = strstr(url, "://");
    const struct kind *k = &kinds[0];
    struct sc_span scheme = {url, sep != NULL ? (size_t)(sep - url) : 0};
    char shown[40];

    memset(p, 0, sizeof *p);
    if (sep != NULL && (k = kind_of(scheme)) == NULL) {
        sc_show(shown, sizeof shown, scheme.data, scheme.len);
        return sc_error_set(err, SC_EURL, "proxy: no scheme \"%s\"", shown);
    }
    p->kind = k->kind;
    p->at.port = k->port;
    return parse_authority(p, sep != NULL ? sep + 3 : url, err);
}

static void forget(char **secret)
{
    if (*secret != NULL)
        sc_wipe(*secret, strlen(*secret));
    sc_free(*secret);
    *secret = NULL;
}

void sc_proxy_free(struct sc_proxy *p)
{
    if (p == NULL)
        return;
    forget(&p->user);
    forget(&p->password);
    p->kind = SC_PROXY_NONE;
}

/* --- the environment --- */

static const char *variable(const char *name)
{
    const char *value = getenv(name);

    return value != NULL && value[0] != '\0' ? value : NULL;
}

int sc_proxy_of_environment(const char *scheme, struct sc_buf *out)
{
    char name[32];
    const char *found;
    size_t n = strlen(scheme);

    if (n + sizeof "_proxy" > sizeof name)
        return 0;
    memcpy(name, scheme, n);
    memcpy(name + n, "_proxy", sizeof "_proxy");
    found = variable(name);
    for (char *p = name; *p != '\0'; p++)
        *p = *p >= 'a' && *p <= 'z' ? (char)(*p - 'a' + 'A') : *p;
    if (found == NULL && strcmp(scheme, "http") != 0)
        found = variable(name);
    if (found == NULL && (found = variable("all_proxy")) == NULL)
        found = variable("ALL_PROXY");
    return found != NULL ? sc_buf_add(out, found, strlen(found)) : 0;
}

/* --- who is reached directly --- */

static bool same_bits(const struct sc_address *a, const struct sc_address *b,
                      unsigned bits)
{
    unsigned whole = bits / 8, rest = bits % 8;

    if (a->family != b->family || memcmp(a->bytes, b->bytes, whole) != 0)
        return false;
    return rest == 0 ||
           ((a->bytes[whole] ^ b->bytes[whole]) & (0xff00 >> rest) & 0xff) == 0;
}

/* "10.0.0.0/8", "::1", "[::1]". */
static bool covers_address(struct sc_span entry, const struct sc_address *host)
{
    const char *slash = memchr(entry.data, '/', entry.len);
    struct sc_span part = entry;
    struct sc_address a;
    uint64_t bits, most;
    char text[80];

    if (slash != NULL)
        part.len = (size_t)(slash - entry.data);
    if (part.len > 2 && part.data[0] == '[' && part.data[part.len - 1] == ']')
        part = (struct sc_span){part.data + 1, part.len - 2};
    if (!sc_span_copy(text, sizeof text, part) ||
        sc_address_parse(&a, text) < 0)
        return false;
    bits = most = strchr(text, ':') != NULL ? 128 : 32;
    if (slash != NULL) {
        part = (struct sc_span){slash + 1,
                                entry.len - (size_t)(slash + 1 - entry.data)};
        if (sc_parse_u64(part, most, &bits) < 0)
            return false;
    }
    return same_bits(&a, host, (unsigned)bits);
}

static struct sc_span no_last_dot(struct sc_span s)
{
    s.len -= s.len > 1 && s.data[s.len - 1] == '.';
    return s;
}

/* ".example.org" and "example.org" are the same: itself and all below. */
static bool covers_name(struct sc_span entry, struct sc_span host)
{
    size_t skip;

    entry = no_last_dot(entry);
    host = no_last_dot(host);
    if (entry.len > 1 && entry.data[0] == '.') {
        entry.data++;
        entry.len--;
    }
    if (entry.len > host.len)
        return false;
    skip = host.len - entry.len;
    if (skip > 0 && host.data[skip - 1] != '.')
        return false;
    for (size_t i = 0; i < entry.len; i++)
        if (sc_lower((unsigned char)entry.data[i]) !=
            sc_lower((unsigned char)host.data[skip + i]))
            return false;
    return true;
}

bool sc_proxy_bypassed(const char *list, const char *host)
{
    struct sc_address a;
    bool numeric;

    if (list == NULL && (list = variable("no_proxy")) == NULL)
        list = variable("NO_PROXY");
    if (list == NULL)
        return false;
    numeric = sc_address_parse(&a, host) == 0;
    while (*(list += strspn(list, ", \t")) != '\0') {
        struct sc_span entry = {list, strcspn(list, ", \t")};

        list += entry.len;
        if (sc_span_eq(entry, "*") ||
            (numeric ? covers_address(entry, &a)
                     : covers_name(entry, sc_span_of(host))))
            return true;
    }
    return false;
}

/* --- the choice --- */

static int named_proxy(const struct client_class *cls,
                       const struct sc_options *o, struct sc_buf *url)
{
    char scheme[32];
    size_t n = cls->scheme != NULL ? strlen(cls->scheme) : 0;

    if (o->proxy != NULL)
        return sc_buf_add(url, o->proxy, strlen(o->proxy));
    if (!cls->forwards || n == 0 || n + 2 > sizeof scheme)
        return 0;
    memcpy(scheme, cls->scheme, n + 1);
    if (o->flags & SC_OPT_TLS)
        memcpy(scheme + n, "s", 2);
    return sc_proxy_of_environment(scheme, url);
}

int sc_proxy_choose(const struct client_class *cls,
                    const struct sc_server_name *n, const struct sc_options *o,
                    struct sc_proxy **out, struct sc_error *err)
{
    struct sc_buf url = SC_BUF(8192);
    struct sc_proxy *p;
    int rc;

    *out = NULL;
    if (n->unix_path || o->unix_socket != NULL)
        return 0;
    if ((rc = named_proxy(cls, o, &url)) < 0)
        return sc_error_set(err, rc, "proxy: %s", sc_strerror(rc));
    if (url.len > 0 && !sc_proxy_bypassed(o->no_proxy, n->host)) {
        *out = p = sc_calloc(sizeof *p);
        rc = p != NULL ? sc_proxy_parse(p, url.data, err)
                       : sc_error_set(err, SC_ENOMEM, "proxy: no memory");
    }
    if (url.data != NULL)
        sc_wipe(url.data, url.len);
    sc_buf_free(&url);
    if (rc < 0) {
        sc_proxy_free(*out);
        sc_free(*out);
        *out = NULL;
    }
    return rc;
}

static bool same_text(const char *a, const char *b)
{
    return a == b || (a != NULL && b != NULL && strcmp(a, b) == 0);
}

bool sc_proxy_same(const struct sc_proxy *a, const struct sc_proxy *b)
{
    if (a == NULL || b == NULL)
        return a == b;
    return a->kind == b->kind && a->at.port == b->at.port &&
           strcmp(a->at.host, b->at.host) == 0 && same_text(a->user, b->user) &&
           same_text(a->password, b->password);
}

/* Who wants the address checked, or another server, needs a tunnel: what the
 * proxy makes of a name is not known here. */
bool sc_proxy_forwards(const struct sc_proxy *p, const struct client_class *cls,
                       const struct sc_server_name *n,
                       const struct sc_options *o)
{
    struct sc_server_name to;

    return p != NULL &&
           (p->kind == SC_PROXY_HTTP || p->kind == SC_PROXY_HTTPS) &&
           cls->forwards && o->allow == NULL &&
           !(o->flags & (SC_OPT_TLS | SC_OPT_TUNNEL | SC_OPT_PUBLIC_ONLY)) &&
           sc_override_server(o, n, &to, NULL) == 0;
}

/* --- of a client --- */

bool sc_client_forwarded(const SimpleClient *c)
{
    return c->conn->forwarded;
}

const char *sc_client_proxy_user(const SimpleClient *c)
{
    return c->conn->proxy != NULL ? c->conn->proxy->user : NULL;
}

const char *sc_client_proxy_password(const SimpleClient *c)
{
    return c->conn->proxy != NULL ? c->conn->proxy->password : NULL;
}
