/* http_hops.c - the hops of a call: where it went, when, and what came. Who is
 * at the other end is asked once for each connection and kept with it, so that
 * a request on a kept one costs no system call more. */

#include <string.h>

#include "client/conn.h"
#include "core/mem.h"
#include "http/http_hops.h"
#include "run/clock.h"

enum { MOST = 1000 };

static void forget(struct http_hop *hop)
{
    sc_free(hop->url);
    sc_free(hop->method);
    sc_free(hop->tls);
    memset(hop, 0, sizeof *hop);
}

void http_hops_reset(struct http_reply *reply)
{
    while (reply->nhops > 0)
        forget(&reply->hops[--reply->nhops]);
}

void http_hops_free(struct http_reply *reply)
{
    http_hops_reset(reply);
    sc_free(reply->hops);
    reply->hops = NULL;
    reply->hops_room = 0;
}

static int grow(struct http_reply *reply)
{
    int room = reply->hops_room > 0 ? reply->hops_room * 2 : 1;
    struct http_hop *hops;

    if (reply->nhops < reply->hops_room)
        return 0;
    hops = sc_realloc(reply->hops, (size_t)room * sizeof *hops);
    if (hops == NULL)
        return SC_ENOMEM;
    reply->hops = hops;
    reply->hops_room = room;
    return 0;
}

struct http_hop *http_hops_add(struct http_reply *reply)
{
    struct http_hop *hop;

    if (reply->nhops >= MOST) {
        forget(&reply->hops[1]);
        memmove(&reply->hops[1], &reply->hops[2],
                (size_t)(reply->nhops - 2) * sizeof *hop);
        reply->nhops--;
    }
    if (grow(reply) < 0)
        return NULL;
    hop = &reply->hops[reply->nhops++];
    memset(hop, 0, sizeof *hop);
    return hop;
}

const char *http_final_url(const struct http_reply *reply)
{
    const char *url = reply->nhops > 0 ? reply->hops[reply->nhops - 1].url : "";

    return url != NULL ? url : "";
}

/* --- the hop under way --- */

static struct http_hop *last(const struct http_call *k)
{
    return &k->reply->hops[k->reply->nhops - 1];
}

static char *url_of(const struct uri *u)
{
    struct sc_buf text = {0};

    if (http_url_shown(u, true, &text) < 0)
        sc_buf_free(&text);
    return text.data;
}

int http_hop_begin(struct http_call *k)
{
    struct http_hop *hop = http_hops_add(k->reply);

    if (hop != NULL) {
        hop->url = url_of(&k->url);
        hop->method = sc_strdup(k->method);
    }
    if (hop == NULL || hop->url == NULL || hop->method == NULL)
        return sc_error_set(&k->reply->error, SC_ENOMEM, "no memory");
    hop->times.begun = sc_now_us() - k->begun;
    return 0;
}

/* No memory: the reply then lacks addresses, which is no reason to fail. */
static void ask_wire(HTTPClient *h)
{
    Stream *s = sc_stream(&h->base);
    struct http_wire *w = h->wire;

    if (s == NULL || (w != NULL && w->of == h->base.conn->connects))
        return;
    if (w == NULL && (w = h->wire = sc_calloc(sizeof *w)) == NULL)
        return;
    memset(w, 0, sizeof *w);
    w->of = h->base.conn->connects;
    sc_stream_info(s, SC_INFO_PEER, &w->peer);
    sc_stream_info(s, SC_INFO_LOCAL, &w->local);
    w->tls = sc_stream_info(s, SC_INFO_TLS, &w->info) == 0;
}

static void note_wire(struct http_hop *hop, const struct http_wire *w)
{
    hop->peer = w->peer;
    hop->local = w->local;
    if (w->tls && hop->tls == NULL)
        hop->tls = sc_malloc(sizeof *hop->tls);
    if (hop->tls != NULL)
        *hop->tls = w->info;
}

static int64_t since(const struct http_call *k, int64_t us)
{
    return us > k->begun ? us - k->begun : us > 0;
}

void http_hop_connected(struct http_call *k, HTTPClient *h)
{
    ask_wire(h);
    if (h->wire != NULL)
        note_wire(last(k), h->wire);
}

static void note_dial(struct http_call *k, const struct sc_dial_times *d)
{
    struct http_times *t = &last(k)->times;

    t->resolved = since(k, d->resolved);
    t->connected = since(k, d->connected);
    t->secured = since(k, d->secured);
}

void http_hop_end(struct http_call *k, HTTPClient *h, int before, int rc)
{
    struct http_hop *hop = last(k);
    const struct http_count *c = &h->count;

    hop->connects = h->base.conn->connects - before;
    if (hop->connects > 0)
        note_dial(k, &h->base.conn->dialed);
    if (h->wire == NULL || h->wire->of != h->base.conn->connects)
        http_hop_connected(k, h); /* it was opened anew for the request */
    hop->rc = rc < 0 ? rc : 0;
    hop->status = k->reply->status;
    hop->reused = k->reply->reused;
    hop->times.sent = since(k, c->sent);
    hop->times.first = since(k, c->first);
    hop->times.ended = sc_now_us() - k->begun;
    hop->head_sent = c->head_sent;
    hop->body_sent = c->body_sent;
    hop->head_got = c->head_got;
    hop->body_got = c->body_got;
    k->reply->notes = c->notes;
}
