/* http_route.c - where a hop goes, and the connection that goes there: the one
 * of the hop before, an idle one of the pool, or a new one. */

#include <stdio.h>
#include <string.h>

#include "client/conn.h"
#include "client/pool.h"
#include "http/http_call.h"
#include "run/clock.h"

static int bad_url(struct http_call *k, const char *why)
{
    return sc_error_set(&k->reply->error, SC_EURL, "bad URL: %s", why);
}

static int check(struct http_call *k)
{
    const struct uri *u = &k->url;

    if (strcmp(u->scheme, "http") != 0 && strcmp(u->scheme, "https") != 0)
        return sc_error_set(&k->reply->error, SC_EURL,
                            "scheme %.32s is not supported", u->scheme);
    if (u->host == NULL || u->host[0] == '\0')
        return bad_url(k, "no host");
    return u->port == 0 ? bad_url(k, "port 0") : 0;
}

/* The port is always named, so that one server has one name in the pool. */
static int name_server(struct http_call *k)
{
    const struct uri *u = &k->url;
    int port = u->port > 0 ? u->port : k->tls ? 443 : 80;
    int n = snprintf(k->server, sizeof k->server, "%s%s%s%s%s:%d",
                     u->ip6 ? "[" : "", u->host, u->zone != NULL ? "%" : "",
                     u->zone != NULL ? u->zone : "", u->ip6 ? "]" : "", port);

    return n < 0 || (size_t)n >= sizeof k->server ? bad_url(k, "host too long")
                                                  : 0;
}

/* Everything that follows from the URL. */
static int arrive(struct http_call *k)
{
    int rc = check(k);

    if (rc < 0)
        return rc;
    k->tls = strcmp(k->url.scheme, "https") == 0;
    k->target.len = 0;
    if ((rc = name_server(k)) < 0)
        return rc;
    if ((rc = uri_build_target(&k->url, &k->target)) < 0)
        return sc_error_set(&k->reply->error, rc, "no memory for the URL");
    return 0;
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
    int rc;

    if (k->first[0] == '\0') {
        memcpy(k->first, k->server, sizeof k->first);
        k->first_tls = k->tls;
    }
    uri_free(&k->url);
    k->url = *url;
    *url = (struct uri){.port = -1, .path = ""};
    if ((rc = arrive(k)) < 0)
        return rc;
    k->trusted = k->q->flags & HTTP_TRUSTED ||
                 (k->tls == k->first_tls && strcmp(k->server, k->first) == 0);
    return 0;
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
