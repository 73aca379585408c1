/* http_route.c - where a hop goes, and the connection that goes there: the one
 * of the hop before, an idle one of the pool, or a new one. */

#include <stdio.h>
#include <string.h>

#include "client/conn.h"
#include "client/pool.h"
#include "http/http_call.h"
#include "run/clock.h"

int http_server_name(const struct uri *u, char server[HTTP_SERVER_SIZE],
                     bool *tls)
{
    int n, port = u->port;

    *tls = strcmp(u->scheme, "https") == 0;
    if ((!*tls && strcmp(u->scheme, "http") != 0) || u->host == NULL ||
        u->host[0] == '\0' || port == 0)
        return SC_EURL;
    if (port < 0)
        port = *tls ? 443 : 80;
    n = snprintf(server, HTTP_SERVER_SIZE, "%s%s%s%s%s:%d", u->ip6 ? "[" : "",
                 u->host, u->zone != NULL ? "%" : "",
                 u->zone != NULL ? u->zone : "", u->ip6 ? "]" : "", port);
    return n < 0 || n >= HTTP_SERVER_SIZE ? SC_EURL : 0;
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

    if (http_server_name(&k->url, k->server, &k->tls) < 0)
        return bad_url(k);
    k->target.len = 0;
    if ((rc = uri_build_target(&k->url, &k->target)) < 0)
        return sc_error_set(&k->reply->error, rc, "no memory for the URL");
    http_login_free(&k->proxy_login);
    return http_login_server(k);
}

int http_call_first(struct http_call *k)
{
    const char *url = k->q->url != NULL ? k->q->url : "";
    int rc = uri_parse(&k->url, url, "http", 0, 0, &k->reply->error);

    k->trusted = true;
    return rc < 0 ? rc : arrive(k);
}

int http_call_goto(struct http_call *k, struct uri *url)
{
    char server[HTTP_SERVER_SIZE];
    bool tls;

    if (k->first[0] == '\0') {
        memcpy(k->first, k->server, sizeof k->first);
        k->first_tls = k->tls;
        k->first_url = k->url;
        k->url = (struct uri){.port = -1};
    }
    uri_free(&k->url);
    k->url = *url;
    *url = (struct uri){.port = -1, .path = ""};
    k->trusted = k->q->flags & HTTP_TRUSTED ||
                 (http_server_name(&k->url, server, &tls) == 0 &&
                  tls == k->first_tls && strcmp(server, k->first) == 0);
    return arrive(k);
}

/* The options of this hop's connection. Logins of HTTP belong to requests, not
 * to connections. */
static int dress(const struct http_call *k, struct sc_options *o)
{
    *o = *k->opt;
    o->user = o->password = NULL;
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

/* True if the connection of the hop before leads to where this one goes. */
static bool kept_leads_there(const struct http_call *k)
{
    return k->kept != NULL && !k->fresh && http_reusable(k->kept) &&
           k->kept_tls == k->tls && strcmp(k->kept_server, k->server) == 0;
}

int http_call_connect(struct http_call *k, HTTPClient **h)
{
    bool own = k->opt->flags & SC_OPT_NO_POOL || k->fresh ||
               k->q->flags & HTTP_NEW_CONNECTION;
    struct sc_options o;
    int rc;

    *h = NULL;
    if (kept_leads_there(k)) {
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
    k->kept_tls = k->tls;
    memcpy(k->kept_server, k->server, sizeof k->kept_server);
}

static void give(HTTPClient *h)
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
        give(k->kept);
    k->kept = NULL;
}
