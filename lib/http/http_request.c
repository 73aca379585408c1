/* http_request.c - one call: from a URL to its answer, through redirects and
 * connections that were left by their servers. Each request on the way is a
 * hop; straight down the page: connect, ask, look at the head, take the body
 * or drop it. */

#include <stdio.h>
#include <string.h>
#include <time.h>

#include "client/conn.h"
#include "core/mem.h"
#include "http/http_call.h"
#include "http/http_cookie.h"
#include "http/http_hops.h"
#include "http/http_pull.h"
#include "http/http_redirect.h"
#include "http/http_retry.h"
#include "http/http_state.h"
#include "run/clock.h"

/* What is to be done after an answer. */
enum next {
    DELIVER,  /* it is the last */
    REDIRECT, /* on to where it leads */
    AGAIN,    /* the same once more, in another way */
    RETRY     /* the whole call, after a while */
};

/* --- one hop --- */

static int ask(struct http_call *k, HTTPClient *h)
{
    int rc = http_putrequest(
        h, k->method, k->q->target != NULL ? k->q->target : k->target.data);

    if (rc < 0 && sc_broken(&h->base) == 0 && h->refused == 0)
        return rc;
    k->reply->reused = h->used;
    if ((rc = http_login_bind(k, h)) < 0)
        return sc_break(&h->base, rc, "no memory for the login");
    http_compose(k, h);
    http_endheaders(h);
    if ((rc = http_send_body(k, h)) < 0 && sc_broken(&h->base) == 0)
        return rc;
    return http_getreply(h, k->reply);
}

static int show_interim(void *arg, const struct http_reply *r)
{
    const struct http_request *q = arg;

    return q->on_head(q->on_head_arg, r);
}

static int keep_cookies(struct http_call *k)
{
    struct http_session *s = k->q->session;
    const struct sc_fields *f = &k->reply->head;
    int rc = 0;

    for (size_t i = 0; s != NULL && s->jar != NULL && i < f->n; i++)
        if (sc_span_eq_nocase(f->at[i].name, "Set-Cookie") &&
            (rc = http_cookies_set_at(s->jar, &k->url, f->at[i].value,
                                      (int64_t)time(NULL))) == SC_ENOMEM)
            return rc;
    return 0;
}

static int show_head(struct http_call *k, HTTPClient *h)
{
    int rc =
        k->q->on_head != NULL ? k->q->on_head(k->q->on_head_arg, k->reply) : 0;

    if (rc < 0)
        return sc_break(&h->base, rc, "stopped at the head");
    rc = keep_cookies(k);
    return rc < 0 ? sc_break(&h->base, rc, "no memory for a cookie") : 0;
}

/* RFC 9110 section 15.5.18: the server does not know Expect. */
static bool unexpected(struct http_call *k)
{
    if (k->reply->status != 417 || !k->expect || k->refused)
        return false;
    k->refused = true;
    return true;
}

static int decide(struct http_call *k, enum next *next)
{
    int rc = http_login_challenged(k);

    if (rc < 0)
        return rc;
    if (rc > 0 || unexpected(k) || (k->probe && k->reply->status < 300)) {
        k->probe = false;
        *next = AGAIN;
    } else if (http_redirect_wanted(k)) {
        *next = REDIRECT;
    } else {
        *next = http_retry_wanted(k, 0) ? RETRY : DELIVER;
    }
    return 0;
}

static int exchange(struct http_call *k, HTTPClient *h, enum next *next)
{
    int rc = ask(k, h);

    if (rc == 0)
        rc = show_head(k, h);
    if (rc < 0)
        return rc;
    if ((rc = decide(k, next)) < 0)
        return sc_break(&h->base, rc, "no memory for the login");
    if (*next == DELIVER && k->pull != NULL)
        return http_deliver_later(k, h);
    rc = *next == DELIVER ? http_deliver(k, h) : http_throw_away(h);
    http_delivered(h);
    return rc;
}

/* What failed is told by the client, unless somebody has told more. */
static void tell(struct http_call *k, HTTPClient *h, int rc)
{
    if (rc < 0 && k->reply->error.code != rc)
        k->reply->error = *sc_last_error(&h->base);
}

/* A server may end a connection between two requests: then the request is
 * asked once more, on a new one (RFC 9110 section 9.2.2, RFC 9112 section
 * 9.3.1). */
static bool was_stale(struct http_call *k, HTTPClient *h, int rc)
{
    const char *method = k->q->flags & HTTP_IDEMPOTENT ? "GET" : k->method;

    return rc < 0 && !k->fresh && !(k->q->flags & HTTP_NO_RETRY) &&
           http_may_retry(h, method, rc) && (k->fresh = true);
}

static void set_client(const struct http_call *k, HTTPClient *h)
{
    h->idempotent = k->q->flags & HTTP_IDEMPOTENT;
    h->lenient = k->q->flags & HTTP_LENIENT;
    h->version_10 = k->q->flags & HTTP_VERSION_10;
    if (k->q->on_head != NULL)
        http_on_interim(h, show_interim, (void *)k->q);
}

/* Ask K's URL. Returns 0, *NEXT says what follows; or an error. */
static int hop(struct http_call *k, enum next *next)
{
    HTTPClient *h;
    int rc, before;

    *next = DELIVER;
    if ((rc = http_rewind(k)) < 0 || (rc = http_hop_begin(k)) < 0 ||
        (rc = http_call_connect(k, &h)) < 0)
        return rc;
    before = h->used ? h->base.conn->connects : 0;
    http_hop_connected(k, h);
    set_client(k, h);
    rc = exchange(k, h, next);
    http_on_interim(h, NULL, NULL);
    tell(k, h, rc);
    http_hop_end(k, h, before, rc);
    if (was_stale(k, h, rc)) {
        *next = AGAIN;
        rc = 0;
    }
    if (rc == 0 && *next == DELIVER && k->pull != NULL)
        *k->pull = h;
    else
        http_call_settle(k, h);
    return rc;
}

/* --- the whole way --- */

/* From the first URL to the answer. Returns 0, 1: it is to be tried again; or
 * an error. */
static int travel(struct http_call *k)
{
    enum next next = DELIVER;
    int rc = http_call_first(k);

    while (rc == 0) {
        if ((rc = hop(k, &next)) < 0 || next == DELIVER)
            break;
        if (next == RETRY)
            return 1;
        if (next == REDIRECT) {
            k->fresh = false;
            rc = http_redirect_follow(k);
        }
    }
    return rc < 0 && http_retry_wanted(k, rc) ? 1 : rc;
}

/* Forget where the try before has led to. */
static int begin_try(struct http_call *k)
{
    const struct http_request *q = k->q;
    int rc;

    k->method = q->method;
    if (k->method == NULL)
        k->method = q->body.len > 0 || q->source != NULL ? "POST" : "GET";
    uri_free(&k->url);
    uri_free(&k->first_url);
    k->bodiless = k->fresh = k->delivered = false;
    k->redirects = 0;
    k->referer.len = k->reply->body.len = 0;
    if (q->referer == NULL)
        return 0;
    rc = sc_buf_add(&k->referer, q->referer, strlen(q->referer));
    return rc < 0 ? sc_error_set(&k->reply->error, rc, "no memory") : 0;
}

/* As often as it takes. */
static int go(struct http_call *k)
{
    int rc;

    for (;;) {
        if ((rc = begin_try(k)) == 0)
            rc = travel(k);
        if (rc <= 0)
            return rc;
        http_call_settle_kept(k);
        if ((rc = sc_sleep(k->wait_ms)) < 0)
            return sc_error_set(&k->reply->error, rc,
                                "cancelled between two tries");
        if (k->again != NULL && (rc = k->again(k->again_arg)) < 0)
            return sc_error_set(&k->reply->error, rc,
                                "what came cannot be taken back: %s",
                                sc_strerror(rc));
    }
}

/* Say after how many redirects it failed: the text names the server only. */
static void name_hop(struct http_call *k)
{
    struct sc_error *e = &k->reply->error;
    char text[sizeof e->text];

    if (k->redirects == 0 || e->status / 100 == 3)
        return;
    memcpy(text, e->text, sizeof text);
    snprintf(e->text, sizeof e->text, "redirect %d: %.*s", k->redirects,
             (int)sizeof e->text - 24, text);
}

const struct sc_options *http_options_of(const struct http_request *q)
{
    const struct http_session *s = q->session;

    return q->options == NULL && s != NULL && s->has_options
               ? &s->opt
               : sc_options_or_default(q->options);
}

static void begin(struct http_call *k)
{
    k->opt = http_options_of(k->q);
    k->begun = sc_now_us();
    k->until = k->opt->total_ms > 0 ? sc_until(k->opt->total_ms) : INT64_MAX;
    http_reply_reset(k->reply, k->opt);
    k->reply->retry_after_ms = -1;
}

/* A hop that found no time or memory to begin. */
static void end_hop(struct http_reply *r, int rc)
{
    struct http_hop *hop = r->nhops > 0 ? &r->hops[r->nhops - 1] : NULL;

    if (hop != NULL && hop->status == 0 && hop->rc == 0)
        hop->rc = rc;
}

static void end(struct http_call *k, int rc)
{
    http_call_settle_kept(k);
    if (rc < 0) {
        end_hop(k->reply, rc);
        k->reply->error.code = rc;
        name_hop(k);
    }
    http_login_free(&k->login);
    http_login_free(&k->proxy_login);
    uri_free(&k->url);
    uri_free(&k->first_url);
    sc_buf_free(&k->target);
    sc_buf_free(&k->referer);
    if (k->text.data != NULL)
        sc_wipe(k->text.data, k->text.cap);
    sc_buf_free(&k->text);
}

int http_request_again(const struct http_request *q, struct http_reply *reply,
                       int (*again)(void *arg), void *arg)
{
    struct http_call k = {
        .q = q, .reply = reply, .again = again, .again_arg = arg};
    int rc;

    begin(&k);
    rc = go(&k);
    end(&k, rc);
    return rc;
}

int http_pull(const struct http_request *q, struct http_reply *reply,
              HTTPClient **h)
{
    struct http_call k = {.q = q, .reply = reply, .pull = h};
    int rc;

    *h = NULL;
    begin(&k);
    rc = go(&k);
    end(&k, rc);
    return rc;
}

void http_pull_end(HTTPClient *h)
{
    if (h == NULL)
        return;
    http_delivered(h);
    http_call_give(h);
}

int http_request(const struct http_request *request, struct http_reply *reply)
{
    return http_request_again(request, reply, request->again,
                              request->sink_arg);
}
