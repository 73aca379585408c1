/* http_cookie.c - the cookie jar (RFC 6265 sections 5.3 and 5.4): which cookies
 * are kept, which are sent where, and which go when there are too many. From the
 * RFC's successor: names with prefixes, and no plain page may touch what TLS has
 * set. Left out: SameSite, partitions, names that are empty. */

#include <arpa/inet.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#if SC_HAVE_PSL
#include <libpsl.h>
#endif

#include "core/mem.h"
#include "core/text.h"
#include "http/http_cookie.h"

enum { COOKIES_SENT_MAX = 150 };

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
    cookie_free(jar->at[i]);
    jar->n--;
    memmove(jar->at + i, jar->at + i + 1, (jar->n - i) * sizeof *jar->at);
}

/* --- domains --- */

/* No name under it can be another's: "::1", "127.0.0.1", and whatever else a
 * resolver takes for an address, since no top-level name begins with a digit. */
static bool is_address(const char *host)
{
    const char *dot = strrchr(host, '.');

    return strchr(host, ':') != NULL ||
           sc_is_digit((unsigned char)(dot != NULL ? dot[1] : host[0]));
}

/* RFC 6265 section 5.1.3 */
static bool domain_match(const char *host, const char *domain)
{
    size_t h = strlen(host), d = strlen(domain);

    if (h == d)
        return sc_casecmp(host, domain) == 0;
    return h > d && host[h - d - 1] == '.' &&
           sc_casecmp(host + h - d, domain) == 0 && !is_address(host);
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

#if SC_HAVE_PSL
static psl_ctx_t *suffixes;

/* The distribution's list if it is newer than the one built in: 0.3 ms, once,
 * for the first cookie that names a domain (the one built in: nothing). */
static void load_suffixes(void)
{
    suffixes = psl_latest(NULL);
}

static bool listed(const char *domain)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;

    pthread_once(&once, load_suffixes);
    return suffixes != NULL && psl_is_public_suffix(suffixes, domain);
}
#else
static bool listed(const char *domain)
{
    (void)domain;
    return false;
}
#endif

/* Strangers have names under DOMAIN (lower case): a cookie for all of it would
 * be theirs too. Without a list only the top-level names are known. */
static bool is_public_suffix(char *domain)
{
    size_t n = strlen(domain);
    bool dot = n > 0 && domain[n - 1] == '.', is_public;

    if (dot) /* the list has names without the root's dot */
        domain[n - 1] = '\0';
    is_public = strchr(domain, '.') == NULL || listed(domain);
    if (dot)
        domain[n - 1] = '.';
    return is_public;
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

/* The index of the cookie that C would replace, or n. */
static size_t find_same(const struct http_cookies *jar,
                        const struct http_cookie_text *c)
{
    size_t i;

    for (i = 0; i < jar->n; i++)
        if (sc_span_eq(c->name, jar->at[i]->name) &&
            sc_span_eq(c->path, jar->at[i]->path) &&
            sc_span_eq_nocase(c->domain, jar->at[i]->domain) &&
            c->subdomains == jar->at[i]->subdomains)
            break;
    return i;
}

static void drop_expired(struct http_cookies *jar, int64_t now)
{
    for (size_t i = jar->n; i > 0; i--)
        if (is_over(jar->at[i - 1], now))
            drop(jar, i - 1);
}

/* The one used longest ago; of a DOMAIN that is not NULL, those that are not
 * Secure first: no plain page can push the others out. */
static size_t oldest(const struct http_cookies *jar, const char *domain)
{
    size_t best = jar->n;

    for (size_t i = 0; i < jar->n; i++) {
        const struct http_jar_cookie *c = jar->at[i];

        if (domain != NULL && strcmp(c->domain, domain) != 0)
            continue;
        if (best == jar->n ||
            (domain != NULL && c->secure != jar->at[best]->secure
                 ? !c->secure
                 : c->used < jar->at[best]->used))
            best = i;
    }
    return best;
}

static size_t count_domain(const struct http_cookies *jar, const char *domain)
{
    size_t n = 0;

    for (size_t i = 0; i < jar->n; i++)
        n += strcmp(jar->at[i]->domain, domain) == 0;
    return n;
}

/* Room for one more cookie of DOMAIN (RFC 6265 section 5.3, the end). */
static int make_room(struct http_cookies *jar, const char *domain, int64_t now)
{
    size_t room = jar->room > 0 ? jar->room * 2 : 16;
    struct http_jar_cookie **at;

    if (jar->n >= HTTP_COOKIES_MAX ||
        count_domain(jar, domain) >= HTTP_COOKIES_A_DOMAIN)
        drop_expired(jar, now);
    if (count_domain(jar, domain) >= HTTP_COOKIES_A_DOMAIN)
        drop(jar, oldest(jar, domain));
    if (jar->n >= HTTP_COOKIES_MAX)
        drop(jar, oldest(jar, NULL));
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
    size_t i = find_same(jar, c);
    struct http_jar_cookie *made;

    if (c->expires < 0 || (c->expires > 0 && c->expires <= now)) {
        if (i < jar->n)
            drop(jar, i);
        return 1;
    }
    if ((made = cookie_new(c)) == NULL)
        return SC_ENOMEM;
    made->created = made->used = ++jar->clock;
    if (i < jar->n) { /* it keeps its place in the order */
        made->created = jar->at[i]->created;
        cookie_free(jar->at[i]);
        jar->at[i] = made;
        return 1;
    }
    if (make_room(jar, made->domain, now) < 0) {
        cookie_free(made);
        return SC_ENOMEM;
    }
    jar->at[jar->n++] = made;
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
        if (!domain_match(host, domain))
            return false;
        if (is_address(host))
            c->subdomains = false;
        else if (!is_public_suffix(domain))
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
        const struct http_jar_cookie *old = jar->at[i];

        if (old->secure && sc_span_eq(c->name, old->name) &&
            (domain_match(old->domain, domain) ||
             domain_match(domain, old->domain)) &&
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
    bool domain = c->subdomains ? domain_match(u->host, c->domain)
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
    size_t n = 0;
    int rc;

    if (!is_web(u))
        return SC_EURL;
    for (size_t i = 0; i < jar->n; i++)
        n += goes_to(jar->at[i], u, now);
    if (n == 0)
        return 0;
    if ((at = sc_malloc(n * sizeof *at)) == NULL)
        return SC_ENOMEM;
    n = 0;
    for (size_t i = 0; i < jar->n; i++)
        if (goes_to(jar->at[i], u, now))
            at[n++] = jar->at[i];
    qsort(at, n, sizeof *at, in_order);
    rc = write_field(jar, at, n, out);
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
        const struct http_jar_cookie *c = jar->at[(*pos)++];

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
        if (jar->at[i - 1]->expires == 0)
            drop(jar, i - 1);
}

void http_cookies_clear(struct http_cookies *jar)
{
    while (jar->n > 0)
        cookie_free(jar->at[--jar->n]);
}
