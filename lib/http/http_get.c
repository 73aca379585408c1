/* http_get.c - one call, the whole answer: URL, connection (of the pool, or a
 * new one), request, reply. A connection of the pool that its server had
 * ended is replaced once, if asking again does no harm. Redirects and
 * passwords in the URL are left out. */

#include <stdio.h>
#include <string.h>

#include <simpleclient/uri.h>

#include "client/pool.h"
#include "core/text.h"
#include "http/http_client.h"

/* A request on its way to a server. */
struct trip {
    const struct http_request *q;
    struct sc_buf server; /* "http[s]://host:port" */
    struct sc_buf target; /* "/path?query" */
};

static bool harmless(const struct http_request *q)
{
    return q->flags & HTTP_IDEMPOTENT ||
           (q->method == NULL ? q->body.len == 0
                              : http_is_idempotent(q->method));
}

/* The port is always named, so that it is the same key in the pool however
 * it was written. */
static int build_server(struct sc_buf *out, const struct uri *u)
{
    int port = u->port > 0 ? u->port : uri_default_port(u->scheme);

    if (u->ip6)
        return sc_buf_addf(out, "%s://[%s%s%s]:%d", u->scheme, u->host,
                           u->zone != NULL ? "%25" : "",
                           u->zone != NULL ? u->zone : "", port);
    return sc_buf_addf(out, "%s://%s:%d", u->scheme, u->host, port);
}

static int parse(struct trip *t, struct sc_error *e)
{
    struct uri u = {0};
    int rc = uri_parse(&u, t->q->url != NULL ? t->q->url : "", "http", 0, 0, e);

    if (rc == 0 && strcmp(u.scheme, "http") != 0 &&
        strcmp(u.scheme, "https") != 0)
        rc = sc_error_set(e, SC_EURL, "scheme %s is not supported", u.scheme);
    if (rc == 0 && (u.host == NULL || u.host[0] == '\0'))
        rc = sc_error_set(e, SC_EURL, "no host in the URL");
    if (rc == 0 && u.port == 0)
        rc = sc_error_set(e, SC_EURL, "port 0 in the URL");
    if (rc == 0 && ((rc = build_server(&t->server, &u)) < 0 ||
                    (rc = uri_build_target(&u, &t->target)) < 0))
        sc_error_set(e, rc, "no memory for the URL");
    uri_free(&u);
    return rc;
}

/* Ask on C, which is taken: it goes back to the pool if it may serve again.
 * Returns the result; *AGAIN: it had been left by its server. */
static int ask_on(SimpleClient *c, const struct trip *t,
                  struct http_reply *reply, bool *again)
{
    HTTPClient *h = (HTTPClient *)c;
    int rc = http_exchange(h, t->q, t->target.data, reply);

    *again = harmless(t->q) && http_may_retry(h, "GET", rc);
    if (http_reusable(h) && !(sc_client_options(c)->flags & SC_OPT_NO_POOL)) {
        sc_pool_give(c);
        return rc;
    }
    sc_drop(c);
    return rc;
}

static int travel(const struct trip *t, struct http_reply *reply)
{
    const struct sc_options *opt = t->q->options;
    bool again = true;
    SimpleClient *c = NULL;
    int rc = 0;

    if (opt == NULL || !(opt->flags & SC_OPT_NO_POOL))
        c = sc_pool_take(&http_class, t->server.data, 0, opt);
    if (c != NULL)
        rc = ask_on(c, t, reply, &again);
    if (again) {
        c = sc_open(&http_class, t->server.data, 0, opt);
        rc = ask_on(c, t, reply, &again);
    }
    return rc;
}

int http_request(const struct http_request *request, struct http_reply *reply)
{
    struct trip t = {.q = request};
    int rc;

    http_reply_reset(reply, request->options);
    if ((rc = parse(&t, &reply->error)) == 0)
        rc = travel(&t, reply);
    sc_buf_free(&t.server);
    sc_buf_free(&t.target);
    return rc;
}

int http_get(const char *url, struct http_reply *reply)
{
    struct http_request q = {.url = url};

    return http_request(&q, reply);
}

int http_head(const char *url, struct http_reply *reply)
{
    struct http_request q = {.url = url, .method = "HEAD"};

    return http_request(&q, reply);
}
