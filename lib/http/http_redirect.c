/* http_redirect.c - redirects (RFC 9110 section 15.4): 303 turns into GET, 301
 * and 302 turn a POST into GET, 307 and 308 repeat method and body. They lead
 * to the schemes allowed, not from https to http, and not on for ever. */

#include <stdio.h>
#include <string.h>

#include "core/text.h"
#include "http/http_redirect.h"

/* What is not known is as 300 (RFC 9110 section 15). 304 is no redirect; 305 and
 * 306 are of the past, and would name a proxy. */
bool http_redirect_wanted(const struct http_call *k)
{
    int status = k->reply->status;

    return status / 100 == 3 && !(status >= 304 && status <= 306) &&
           !(k->q->flags & HTTP_NO_FOLLOW) &&
           *http_header(k->reply, "Location", "") != '\0';
}

const char *http_redirect_method(int status, const char *method, unsigned flags,
                                 bool *drop)
{
    bool post = strcmp(method, "POST") == 0;

    *drop = false;
    if (strcmp(method, "HEAD") == 0 || (status == 301 && !post) ||
        (status == 302 && !post) ||
        (status != 301 && status != 302 && status != 303))
        return method;
    if (post && ((status == 301 && flags & HTTP_KEEP_POST_301) ||
                 (status == 302 && flags & HTTP_KEEP_POST_302) ||
                 (status == 303 && flags & HTTP_KEEP_POST_303)))
        return method;
    *drop = true;
    return "GET";
}

/* --- errors: they name the hops --- */

static int say(struct http_call *k, int rc, const char *what)
{
    const char *from = http_final_url(k->reply);

    sc_error_set(&k->reply->error, rc, "%.100s: redirect to %s", from, what);
    k->reply->error.status = (short)k->reply->status;
    return rc;
}

static int too_many(struct http_call *k, int limit)
{
    const struct http_reply *r = k->reply;
    char chain[160];
    size_t n = 0;
    int i;

    for (i = 0; i < r->nhops && n < sizeof chain; i++)
        n += (size_t)snprintf(chain + n, sizeof chain - n, "%s%s",
                              i > 0 ? " -> " : "",
                              r->hops[i].url != NULL ? r->hops[i].url : "");
    sc_error_set(&k->reply->error, SC_ETOOBIG, "more than %d redirects: %s%s",
                 limit, chain, n < sizeof chain ? "" : " ...");
    k->reply->error.status = (short)r->status;
    return SC_ETOOBIG;
}

/* --- where to --- */

static int check_scheme(struct http_call *k, const struct uri *to)
{
    const char *allowed = k->q->schemes != NULL ? k->q->schemes : "http,https";
    char what[100];

    if (!http_list_has(allowed, sc_span_of(to->scheme))) {
        snprintf(what, sizeof what, "%.32s: is not allowed", to->scheme);
        return say(k, SC_EACCES, what);
    }
    if (k->tls && strcmp(to->scheme, "https") != 0 &&
        !(k->q->flags & HTTP_DOWNGRADE)) {
        snprintf(what, sizeof what, "%.32s: refused, it is not encrypted",
                 to->scheme);
        return say(k, SC_EACCES, what);
    }
    return 0;
}

/* RFC 9110 section 10.2.2: a fragment lives on where none is named. */
static int resolve(struct http_call *k, struct uri *to)
{
    const char *location = http_header(k->reply, "Location", "");
    struct sc_buf text = {0};
    struct sc_error why = {0};
    char what[200];
    int rc = uri_resolve(to, &k->url, location, URI_LOCATION, &why);

    if (rc == 0 && to->fragment == NULL && k->url.fragment != NULL &&
        (rc = uri_build(to, &text)) == 0 &&
        (rc = sc_buf_addf(&text, "#%s", k->url.fragment)) == 0) {
        uri_free(to);
        rc = uri_parse(to, text.data, NULL, 0, text.len, &why);
    }
    sc_buf_free(&text);
    if (rc == 0)
        return 0;
    snprintf(what, sizeof what, "a bad place: %.150s",
             why.text[0] != '\0' ? why.text : sc_strerror(rc));
    return say(k, rc, what);
}

/* Without user, password and fragment (RFC 9110 section 10.1.3). */
static int shown_referer(struct http_call *k)
{
    k->referer.len = 0;
    return http_url_shown(&k->url, false, &k->referer);
}

/* A page of https is not named to a server of http. */
static int refer(struct http_call *k, const struct uri *to)
{
    int rc;

    if (!(k->q->flags & HTTP_AUTO_REFERER))
        return 0;
    if (k->tls && strcmp(to->scheme, "https") != 0)
        k->referer.len = 0;
    else if ((rc = shown_referer(k)) < 0)
        return sc_error_set(&k->reply->error, rc, "no memory for a redirect");
    return 0;
}

static int take(struct http_call *k, struct uri *to)
{
    bool drop;
    int rc;

    if ((rc = check_scheme(k, to)) < 0 || (rc = refer(k, to)) < 0)
        return rc;
    k->method =
        http_redirect_method(k->reply->status, k->method, k->q->flags, &drop);
    k->bodiless = k->bodiless || drop;
    return http_call_goto(k, to);
}

int http_redirect_follow(struct http_call *k)
{
    int limit = k->q->max_redirects, rc;
    struct uri to = {0};

    if (limit == 0)
        limit = HTTP_REDIRECTS;
    if (limit > 0 && k->redirects >= limit)
        return too_many(k, limit);
    k->redirects++;
    if ((rc = resolve(k, &to)) == 0)
        rc = take(k, &to);
    uri_free(&to);
    return rc;
}
