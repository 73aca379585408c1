/* http_route.c - where a hop goes, and the connection that goes there: the one
 * of the hop before, an idle one of the pool, or a new one. */

#include <stdio.h>
#include <string.h>

#include "client/conn.h"
#include "client/pool.h"
#include "http/http_call.h"
#include "run/clock.h"

/* Formatting costs more than all the rest of these: they are copied. */
static char *put(char *to, const char *s)
{
    size_t n = strlen(s);

    memcpy(to, s, n);
    return to + n;
}

static char *put_host(char *to, const struct uri *u, const char *percent)
{
    if (!u->ip6)
        return put(to, u->host);
    to = put(put(to, "["), u->host);
    if (u->zone != NULL)
        to = put(put(to, percent), u->zone);
    return put(to, "]");
}

int http_url_shown(const struct uri *u, bool fragment, struct sc_buf *out)
{
    size_t room = strlen(u->scheme) + strlen(u->host) + strlen(u->path) +
                  (u->zone != NULL ? strlen(u->zone) : 0) +
                  (u->query != NULL ? strlen(u->query) : 0) +
                  (u->fragment != NULL ? strlen(u->fragment) : 0) +
                  sizeof "://[%25]:65535?#";
    int rc = sc_buf_reserve(out, room);
    char *to = out->data + out->len;

    if (rc < 0)
        return rc;
    to = put_host(put(put(to, u->scheme), "://"), u, "%25");
    if (u->port >= 0)
        to += snprintf(to, sizeof ":65535", ":%d", u->port);
    to = put(to, u->path);
    if (u->query != NULL)
        to = put(put(to, "?"), u->query);
    if (fragment && u->fragment != NULL)
        to = put(put(to, "#"), u->fragment);
    *to = '\0';
    out->len = (size_t)(to - out->data);
    return 0;
}

/* The request target: at least "/" (RFC 9112 section 3.2.1). */
static int build_target(const struct uri *u, struct sc_buf *out)
{
    int rc = 0;

    out->len = 0;
    if (u->path[0] != '/')
        rc = sc_buf_add(out, "/", 1);
    if (rc == 0)
        rc = sc_buf_add(out, u->path, strlen(u->path));
    if (rc == 0 && u->query != NULL && (rc = sc_buf_add(out, "?", 1)) == 0)
        rc = sc_buf_add(out, u->query, strlen(u->query));
    return rc;
}

int http_server_name(const struct uri *u, char server[HTTP_SERVER_SIZE],
                     bool *tls)
{
    int port = u->port;
    size_t n;
    char *to;

    *tls = strcmp(u->scheme, "https") == 0;
    if ((!*tls && strcmp(u->scheme, "http") != 0) || u->host == NULL ||
        u->host[0] == '\0' || port == 0)
        return SC_EURL;
    if (port < 0)
        port = *tls ? 443 : 80;
    n = strlen(u->host) + (u->zone != NULL ? strlen(u->zone) + 1 : 0);
    if (n + sizeof "[]:65535" > HTTP_SERVER_SIZE)
        return SC_EURL;
    to = put_host(server, u, "%");
    snprintf(to, sizeof ":65535", ":%hu", (unsigned short)port);
    return 0;
}

static int bad_url(struct http_call *k)
{
    const struct uri *u = &k->url;
    struct sc_error *e = &k->reply->error;

    if (strcmp(u->scheme, "http") != 0 && strcmp(u->scheme, "https") != 0)
        return sc_error_set(e, SC_EURL, "scheme %.32s is not supported",
                            u->scheme);
    if (u->port == 0)
        return sc_error_set(e, SC_EURL, "bad URL: port 0");
    return sc_error_set(e, SC_EURL, "bad URL: no host, or one too long");
}

/* Everything that follows from the URL. */
static int arrive(struct http_call *k)
{
    int rc;

    if ((rc = build_target(&k->url, &k->target)) < 0)
        return sc_error_set(&k->reply->error, rc, "no memory for the URL");
    http_login_free(&k->proxy_login);
    return http_login_server(k);
}

int http_call_first(struct http_call *k)
{
    const char *url = k->q->url != NULL ? k->q->url : "";
    int rc = uri_parse(&k->url, url, "http", 0, 0, &k->reply->error);

    if (rc < 0)
        return rc;
    if (http_server_name(&k->url, k->server, &k->tls) < 0)
        return bad_url(k);
    /* RFC 9110 section 9.3.8. */
    if (strcmp(k->method, "TRACE") == 0 && http_call_has_body(k))
        return sc_error_set(&k->reply->error, SC_EINVAL,
                            "a TRACE request has no body");
    k->trusted = true;
    return arrive(k);
}

/* True if K's URL is of the origin of the first one. */
static bool is_first_origin(const struct http_call *k)
{
    char first[HTTP_SERVER_SIZE];
    bool tls;

    return http_server_name(&k->first_url, first, &tls) == 0 && tls == k->tls &&
           strcmp(first, k->server) == 0;
}

int http_call_goto(struct http_call *k, struct uri *url)
{
    char before[HTTP_SERVER_SIZE];
    bool tls = k->tls;

    memcpy(before, k->server, sizeof before);
    if (k->first_url.scheme == NULL)
        k->first_url = k->url;
    else
        uri_free(&k->url);
    k->url = *url;
    *url = (struct uri){.port = -1, .path = ""};
    if (http_server_name(&k->url, k->server, &k->tls) < 0)
        return bad_url(k);
    if (tls != k->tls || strcmp(before, k->server) != 0)
        http_call_settle_kept(k);
    k->trusted = k->q->flags & HTTP_TRUSTED || is_first_origin(k);
    return arrive(k);
}

/* The options of this hop's connection. Logins of HTTP belong to requests, not
 * to connections. */
static int dress(const struct http_call *k, struct sc_options *o)
{
    *o = *k->opt;
    o->user = o->password = NULL;
    o->proxy_login = http_tunnel_login(k->q->flags);
    o->flags = k->tls ? o->flags | SC_OPT_TLS : o->flags & ~SC_OPT_TLS;
    if (k->until != INT64_MAX) {
        o->total_ms = k->until - sc_now();
        if (o->total_ms <= 0)
            return sc_error_set(&k->reply->error, SC_ETIMEDOUT,
                                "http%s %s: total time of %lld ms is over",
                                k->tls ? "s" : "", k->server,
                                (long long)k->opt->total_ms);
    }
    return 0;
}

int http_call_connect(struct http_call *k, HTTPClient **h)
{
    bool own = k->opt->flags & SC_OPT_NO_POOL || k->fresh ||
               k->q->flags & HTTP_NEW_CONNECTION;
    struct sc_options o;
    int rc;

    *h = NULL;
    if (k->kept != NULL && !k->fresh && http_reusable(k->kept)) {
        *h = k->kept;
        k->kept = NULL;
        return 0;
    }
    http_call_settle_kept(k);
    if ((rc = dress(k, &o)) < 0)
        return rc;
    if (!own)
        *h = (HTTPClient *)sc_pool_take(&http_class, k->server, 0, &o);
    if (*h == NULL)
        *h = sc_open(&http_class, k->server, 0, &o);
    return 0;
}

void http_call_settle(struct http_call *k, HTTPClient *h)
{
    k->kept = h;
}

void http_call_give(HTTPClient *h)
{
    if (http_reusable(h) &&
        !(sc_client_options(&h->base)->flags & SC_OPT_NO_POOL))
        sc_pool_give(&h->base);
    else
        sc_drop(&h->base);
}

void http_call_settle_kept(struct http_call *k)
{
    if (k->kept != NULL)
        http_call_give(k->kept);
    k->kept = NULL;
}
