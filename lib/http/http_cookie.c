/* http_cookie.c - the cookie jar (RFC 6265 sections 5.3 and 5.4): which cookies
 * are kept, which are sent where, and which go when there are too many. From the
 * RFC's successor: names with prefixes, and no plain page may touch what TLS has
 * set. Left out: SameSite, partitions, names that are empty. */

#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "core/mem.h"
#include "core/text.h"
#include "http/http_cookie.h"

enum { COOKIES_SENT_MAX = 150, LABELS_MAX = 128 };

struct http_cookies *http_cookies_new(void)
{
    return sc_calloc(sizeof(struct http_cookies));
}

void http_cookies_free(struct http_cookies *jar)
{
    if (jar == NULL)
        return;
    http_cookies_clear(jar);
    sc_free(jar->at);
    sc_free(jar);
}

static void cookie_free(struct http_jar_cookie *c)
{
    sc_wipe(c, c->size);
    sc_free(c);
}

static void drop(struct http_cookies *jar, size_t i)
{
    cookie_free(jar->at[i].cookie);
    jar->n--;
    memmove(jar->at + i, jar->at + i + 1, (jar->n - i) * sizeof *jar->at);
}

static bool is_loopback(const char *host)
{
    struct in_addr a;

    return sc_casecmp(host, "localhost") == 0 || strcmp(host, "::1") == 0 ||
           (inet_pton(AF_INET, host, &a) == 1 && ntohl(a.s_addr) >> 24 == 127);
}

/* TLS, or a way that nobody else sees. */
static bool is_secure(const struct uri *u)
{
    return sc_casecmp(u->scheme, "https") == 0 ||
           sc_casecmp(u->scheme, "wss") == 0 || is_loopback(u->host);
}

/* --- paths --- */

/* RFC 6265 section 5.1.4 */
static bool path_match(struct sc_span path, const char *cookie_path)
{
    size_t n = strlen(cookie_path);

    if (path.len < n || memcmp(path.data, cookie_path, n) != 0)
        return false;
    return path.len == n || path.data[n] == '/' ||
           (n > 0 && cookie_path[n - 1] == '/');
}

static struct sc_span request_path(const struct uri *u)
{
    return sc_span_of(u->path != NULL && u->path[0] == '/' ? u->path : "/");
}

static struct sc_span default_path(const struct uri *u)
{
    struct sc_span path = request_path(u);
    const char *last = memrchr(path.data, '/', path.len);

    path.len = last > path.data ? (size_t)(last - path.data) : 1;
    return path;
}

/* --- the store --- */

static bool is_over(const struct http_jar_cookie *c, int64_t now)
{
    return c->expires != 0 && c->expires <= now;
}

static const char *copy(char **to, struct sc_span s, bool lower)
{
    char *begin = *to;

    for (size_t i = 0; i < s.len; i++)
        begin[i] = lower ? (char)sc_lower((unsigned char)s.data[i]) : s.data[i];
    begin[s.len] = '\0';
    *to += s.len + 1;
    return begin;
}

static struct http_jar_cookie *cookie_new(const struct http_cookie_text *text)
{
    size_t size = sizeof(struct http_jar_cookie) + text->name.len +
                  text->value.len + text->domain.len + text->path.len + 4;
    struct http_jar_cookie *c = sc_calloc(size);
    char *to = (char *)(c + 1);

    if (c == NULL)
        return NULL;
    c->size = size;
    c->name = copy(&to, text->name, false);
    c->value = copy(&to, text->value, false);
    c->domain = copy(&to, text->domain, true);
    c->path = copy(&to, text->path, false);
    c->expires = text->expires;
    c->subdomains = text->subdomains;
    c->secure = text->secure;
    c->http_only = text->http_only;
    return c;
}

/* --- numbers to look at first --- */

static uint32_t hash(uint32_t h, struct sc_span s)
{
    for (size_t i = s.len; i > 0; i--) /* FNV-1a */
        h = (h ^ (uint32_t)sc_lower((unsigned char)s.data[i - 1])) * 16777619u;
    return h;
}

static struct http_jar_slot slot_of(const struct http_cookie_text *c)
{
    uint32_t domain = hash(2166136261u, c->domain);
    uint32_t whole = hash(hash(domain, c->path), c->name);

    return (struct http_jar_slot){domain, whole ^ c->subdomains, NULL};
}

/* The hashes of a host and of all domains above it. */
struct above {
    size_t n;
    uint32_t at[LABELS_MAX];
};

/* From the end to the front, as HASH goes: so each begins with the last. */
static void look_above(struct above *a, const char *host)
{
    size_t end = strlen(host), i = end;
    uint32_t h = 2166136261u;

    for (a->n = 0; i > 0 && a->n < LABELS_MAX; i--)
        if (i == 1 || host[i - 2] == '.') {
            h = hash(h, (struct sc_span){host + i - 1, end - (i - 1)});
            a->at[a->n++] = h;
            end = i - 1;
        }
}

static bool is_above(const struct above *a, uint32_t domain)
{
    for (size_t i = 0; i < a->n; i++)
        if (a->at[i] == domain)
            return true;
    return false;
}

/* --- the places --- */

/* The index of the cookie that C would replace, or n. */
static size_t find_same(const struct http_cookies *jar,
                        const struct http_cookie_text *c, uint32_t whole)
{
    size_t i;

    for (i = 0; i < jar->n; i++) {
        const struct http_jar_cookie *old = jar->at[i].cookie;

        if (jar->at[i].whole == whole && sc_span_eq(c->name, old->name) &&
            sc_span_eq(c->path, old->path) &&
            sc_span_eq_nocase(c->domain, old->domain) &&
            c->subdomains == old->subdomains)
            break;
    }
    return i;
}

static void drop_expired(struct http_cookies *jar, int64_t now)
{
    for (size_t i = jar->n; i > 0; i--)
        if (is_over(jar->at[i - 1].cookie, now))
            drop(jar, i - 1);
}

static bool is_of(const struct http_jar_slot *s, const char *domain,
                  uint32_t hash_of_it)
{
    return s->domain == hash_of_it && strcmp(s->cookie->domain, domain) == 0;
}

/* The one used longest ago; of a DOMAIN that is not NULL, those that are not
 * Secure first: no plain page can push the others out. */
static size_t oldest(const struct http_cookies *jar, const char *domain,
                     uint32_t hash_of_it)
{
    size_t best = jar->n;

    for (size_t i = 0; i < jar->n; i++) {
        const struct http_jar_cookie *c = jar->at[i].cookie;

        if (domain != NULL && !is_of(&jar->at[i], domain, hash_of_it))
            continue;
        if (best == jar->n ||
            (domain != NULL && c->secure != jar->at[best].cookie->secure
                 ? !c->secure
                 : c->used < jar->at[best].cookie->used))
            best = i;
    }
    return best;
}

static bool is_full(const struct http_cookies *jar, const char *domain,
                    uint32_t hash_of_it)
{
    size_t n = 0;

    for (size_t i = 0; i < jar->n; i++)
        n += is_of(&jar->at[i], domain, hash_of_it);
    return n >= HTTP_COOKIES_A_DOMAIN;
}

/* Room for one more cookie like S (RFC 6265 section 5.3, the end). */
static int make_room(struct http_cookies *jar, const struct http_jar_slot *s,
                     int64_t now)
{
    const char *domain = s->cookie->domain;
    size_t room = jar->room > 0 ? jar->room * 2 : 16;
    bool full = is_full(jar, domain, s->domain);
    struct http_jar_slot *at;

    if (full || jar->n >= HTTP_COOKIES_MAX)
        drop_expired(jar, now);
    if (full && is_full(jar, domain, s->domain))
        drop(jar, oldest(jar, domain, s->domain));
    if (jar->n >= HTTP_COOKIES_MAX)
        drop(jar, oldest(jar, NULL, 0));
    if (jar->n < jar->room)
        return 0;
    if ((at = sc_realloc(jar->at, room * sizeof *at)) == NULL)
        return SC_ENOMEM;
    jar->at = at;
    jar->room = room;
    return 0;
}

int http_cookies_put(struct http_cookies *jar, const struct http_cookie_text *c,
                     int64_t now)
{
    struct http_jar_slot s = slot_of(c);
    size_t i = find_same(jar, c, s.whole);

    if (c->expires < 0 || (c->expires > 0 && c->expires <= now)) {
        if (i < jar->n)
            drop(jar, i);
        return 1;
    }
    if ((s.cookie = cookie_new(c)) == NULL)
        return SC_ENOMEM;
    s.cookie->created = s.cookie->used = ++jar->clock;
    if (i < jar->n) { /* it keeps its place in the order */
        s.cookie->created = jar->at[i].cookie->created;
        cookie_free(jar->at[i].cookie);
        jar->at[i] = s;
        return 1;
    }
    if (make_room(jar, &s, now) < 0) {
        cookie_free(s.cookie);
        return SC_ENOMEM;
    }
    jar->at[jar->n++] = s;
    return 1;
}

/* --- from a server --- */

/* Settle for whom C is, coming from HOST. False: it is not for us (RFC 6265
 * section 5.3, steps 5 and 6). */
static bool settle_domain(struct http_cookie_text *c, const char *host)
{
    char domain[256];

    if (!http_cookie_domain_ok(sc_span_of(host)))
        return false;
    if (c->domain.len > 0) {
        if (!sc_span_copy(domain, sizeof domain, c->domain))
            return false;
        for (char *p = domain; *p != '\0'; p++)
            *p = (char)sc_lower((unsigned char)*p);
        if (!http_cookie_domain_match(host, domain))
            return false;
        if (http_cookie_is_address(host))
            c->subdomains = false;
        else if (!http_cookie_is_public(domain))
            return true;
        else if (strlen(host) != c->domain.len)
            return false;
        c->subdomains = false; /* a public suffix speaks for itself */
    }
    c->domain = sc_span_of(host);
    return true;
}

/* A plain page would hide or change what TLS has set. */
static bool touches_secure(const struct http_cookies *jar,
                           const struct http_cookie_text *c)
{
    char domain[256];

    if (!sc_span_copy(domain, sizeof domain, c->domain))
        return true;
    for (size_t i = 0; i < jar->n; i++) {
        const struct http_jar_cookie *old = jar->at[i].cookie;

        if (old->secure && sc_span_eq(c->name, old->name) &&
            (http_cookie_domain_match(old->domain, domain) ||
             http_cookie_domain_match(domain, old->domain)) &&
            path_match(c->path, old->path))
            return true;
    }
    return false;
}

static bool is_web(const struct uri *u)
{
    static const char *const schemes[] = {"http", "https", "ws", "wss"};

    for (size_t i = 0; u->scheme != NULL && u->host != NULL && i < 4; i++)
        if (strcmp(u->scheme, schemes[i]) == 0)
            return true;
    return false;
}

int http_cookies_set_at(struct http_cookies *jar, const struct uri *u,
                        struct sc_span set_cookie, int64_t now)
{
    struct http_cookie_text c;

    if (!is_web(u))
        return SC_EURL;
    if (http_cookie_parse(set_cookie, now, &c) < 0 ||
        !settle_domain(&c, u->host) || (c.secure && !is_secure(u)))
        return 0;
    if (c.path.len == 0)
        c.path = default_path(u);
    if (c.path.len > HTTP_COOKIE_ATTRIBUTE_MAX ||
        (!is_secure(u) && touches_secure(jar, &c)))
        return 0;
    return http_cookies_put(jar, &c, now);
}

int http_cookies_set(struct http_cookies *jar, const char *url,
                     struct sc_span set_cookie)
{
    struct uri u;
    int rc = uri_parse(&u, url, "http", 0, 0, NULL);

    if (rc == 0)
        rc = http_cookies_set_at(jar, &u, set_cookie, (int64_t)time(NULL));
    uri_free(&u);
    return rc;
}

/* --- to a server --- */

static bool goes_to(const struct http_jar_cookie *c, const struct uri *u,
                    int64_t now)
{
    bool domain = c->subdomains ? http_cookie_domain_match(u->host, c->domain)
                                : sc_casecmp(u->host, c->domain) == 0;

    return domain && !is_over(c, now) && path_match(request_path(u), c->path) &&
           (!c->secure || is_secure(u));
}

/* Longer paths first, then older cookies (RFC 6265 section 5.4). */
static int in_order(const void *a, const void *b)
{
    const struct http_jar_cookie *x = *(struct http_jar_cookie *const *)a;
    const struct http_jar_cookie *y = *(struct http_jar_cookie *const *)b;
    size_t n = strlen(x->path), m = strlen(y->path);

    if (n != m)
        return n < m ? 1 : -1;
    return x->created < y->created ? -1 : x->created > y->created;
}

/* What does not fit is left out: servers refuse longer fields altogether. */
static int write_field(struct http_cookies *jar, struct http_jar_cookie **at,
                       size_t n, struct sc_buf *out)
{
    size_t begin = out->len, sent = 0;
    int rc = 0;

    for (size_t i = 0; rc == 0 && i < n && sent < COOKIES_SENT_MAX; i++) {
        size_t more = strlen(at[i]->name) + strlen(at[i]->value) + 3;

        if (out->len - begin + more > HTTP_COOKIE_FIELD_MAX)
            continue;
        rc = sc_buf_addf(out, "%s%s=%s", sent > 0 ? "; " : "", at[i]->name,
                         at[i]->value);
        at[i]->used = ++jar->clock;
        sent++;
    }
    if (rc < 0 && out->data != NULL) {
        out->len = begin;
        out->data[begin] = '\0';
    }
    return rc;
}

int http_cookies_for_at(struct http_cookies *jar, const struct uri *u,
                        int64_t now, struct sc_buf *out)
{
    struct http_jar_cookie **at;
    struct above above;
    size_t n = 0;
    int rc = 0;

    if (!is_web(u))
        return SC_EURL;
    if (jar->n == 0)
        return 0;
    if ((at = sc_malloc(jar->n * sizeof *at)) == NULL)
        return SC_ENOMEM;
    look_above(&above, u->host);
    for (size_t i = 0; i < jar->n; i++)
        if (is_above(&above, jar->at[i].domain) &&
            goes_to(jar->at[i].cookie, u, now))
            at[n++] = jar->at[i].cookie;
    if (n > 0) {
        qsort(at, n, sizeof *at, in_order);
        rc = write_field(jar, at, n, out);
    }
    sc_free(at);
    return rc;
}

int http_cookies_for(struct http_cookies *jar, const char *url,
                     struct sc_buf *out)
{
    struct uri u;
    int rc = uri_parse(&u, url, "http", 0, 0, NULL);

    if (rc == 0)
        rc = http_cookies_for_at(jar, &u, (int64_t)time(NULL), out);
    uri_free(&u);
    return rc;
}

/* --- to whom it may concern --- */

int http_cookies_next(const struct http_cookies *jar, size_t *pos,
                      struct http_cookie *cookie)
{
    int64_t now = (int64_t)time(NULL);

    while (*pos < jar->n) {
        const struct http_jar_cookie *c = jar->at[(*pos)++].cookie;

        if (is_over(c, now))
            continue;
        *cookie = (struct http_cookie){.name = c->name,
                                       .value = c->value,
                                       .domain = c->domain,
                                       .path = c->path,
                                       .expires = c->expires,
                                       .subdomains = c->subdomains,
                                       .secure = c->secure,
                                       .http_only = c->http_only};
        return 1;
    }
    return 0;
}

void http_cookies_drop_session(struct http_cookies *jar)
{
    for (size_t i = jar->n; i > 0; i--)
        if (jar->at[i - 1].cookie->expires == 0)
            drop(jar, i - 1);
}

void http_cookies_clear(struct http_cookies *jar)
{
    while (jar->n > 0)
        cookie_free(jar->at[--jar->n].cookie);
}
