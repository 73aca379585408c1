/* figures.c - the hops of an answer added up as curl counts them: bytes of all
 * heads, times of the last hop, never one before the one in front of it. */

#include <stdlib.h>
#include <string.h>

#include <simpleclient/task.h>
#include <simpleclient/uri.h>

#include "fetch/figures.h"
#include "fetch/schemes.h"
#include "fetch/url_text.h"

enum { SMALL_BODY = 65536 };

static bool led_on(const struct http_hop *hop)
{
    return hop->status >= 300 && hop->status < 400;
}

static void add_hop(struct figures *f, const struct http_hop *hop)
{
    f->size_header += hop->head_got;
    f->size_request += hop->head_sent;
    if (hop->body_sent <= SMALL_BODY) /* it left with the head */
        f->size_request += hop->body_sent;
    f->connects += hop->connects;
}

static int64_t later(int64_t t, int64_t than)
{
    return t > than ? t : than;
}

static void take_times(struct figures *f, const struct http_hop *hop)
{
    const struct http_times *t = &hop->times;

    f->redirect = f->redirects > 0 ? t->begun : 0;
    f->namelookup = later(t->resolved, t->begun);
    f->connect = t->connected > 0 ? later(t->connected, f->namelookup) : 0;
    if (hop->reused)
        f->connect = f->namelookup;
    f->appconnect = t->secured;
    f->pretransfer =
        t->sent > 0 ? later(later(t->connected, t->secured), f->namelookup) : 0;
    f->starttransfer = t->first;
    f->total = later(t->ended, t->first);
}

static void take_last(struct figures *f, const struct http_hop *hop)
{
    f->method = hop->method;
    f->effective = hop->url;
    f->downloaded = hop->body_got;
    f->uploaded = hop->body_sent;
    f->local_ip = hop->local.address;
    f->local_port = hop->local.port;
    f->remote_ip = hop->peer.address;
    f->remote_port = hop->peer.port;
    take_times(f, hop);
}

/* Where -L would have gone. */
static char *next_url(const struct http_reply *r)
{
    const char *to = http_header(r, "Location", "");
    struct uri base = {0}, u = {0};
    struct sc_buf text = {0};
    char *url = NULL;

    if (*to == '\0' || r->status < 300 || r->status >= 400)
        return NULL;
    if (uri_parse(&base, http_final_url(r), NULL, 0, 0, NULL) == 0 &&
        uri_resolve(&u, &base, to, URI_LOCATION, NULL) == 0 &&
        uri_build(&u, &text) == 0)
        url = url_shown(text.data);
    uri_free(&u);
    uri_free(&base);
    sc_buf_free(&text);
    return url;
}

static void take_reply(struct figures *f, const struct transfer *t)
{
    const struct http_reply *r = &t->reply;

    f->status = r->status;
    f->version = r->status != 0 ? r->version : 0;
    f->headers = r->head.n;
    f->content_type = http_header(r, "Content-Type", NULL);
    f->redirect_url = next_url(r);
    for (int i = 0; i < r->nhops; i++) {
        add_hop(f, &r->hops[i]);
        if (i + 1 < r->nhops)
            f->redirects += led_on(&r->hops[i]);
    }
    if (r->nhops > 0)
        take_last(f, &r->hops[r->nhops - 1]);
}

static uint64_t speed(uint64_t bytes, int64_t us)
{
    return us > 0 ? (uint64_t)((double)bytes * 1e6 / (double)us) : 0;
}

/* In capitals. */
static void take_scheme(struct figures *f)
{
    char *scheme = scheme_of_url(f->effective);

    snprintf(f->scheme, sizeof f->scheme, "%s",
             *scheme != '\0' ? scheme : "http");
    for (char *p = f->scheme; *p != '\0'; p++)
        if (*p >= 'a' && *p <= 'z')
            *p = (char)(*p - 'a' + 'A');
    free(scheme);
}

static void take_dialogue(struct figures *f, const struct transfer *t)
{
    f->status = t->dialogue.answer;
    f->downloaded = t->got;
    f->uploaded = t->sent;
    f->connects = (int)t->dialogue.connects;
    f->size_header = t->dialogue.size;
}

void take_figures(struct figures *f, const struct transfer *t)
{
    memset(f, 0, sizeof *f);
    f->reply = &t->reply;
    f->url = f->own_url = url_shown(t->job.url);
    f->effective = f->own_effective =
        url_shown(t->url != NULL ? t->url : t->job.url);
    f->exitcode = t->code;
    f->errormsg = t->code != 0 ? t->error : NULL;
    f->filename = t->out.name;
    f->referer = t->job.config->referer;
    f->number = t->job.number;
    f->local_ip = f->remote_ip = "";
    f->method = t->request.method != NULL ? t->request.method : "GET";
    f->verify = t->reply.error.code == SC_ECERT;
    take_reply(f, t);
    take_scheme(f);
    if (t->other)
        take_dialogue(f, t);
    if (f->total == 0)
        f->total = (sc_now() - t->begun) * 1000;
    f->speed_download = speed(f->downloaded, f->total);
    f->speed_upload = speed(f->uploaded, f->total);
}

void free_figures(struct figures *f)
{
    free(f->redirect_url);
    free(f->own_url);
    free(f->own_effective);
    f->redirect_url = f->own_url = f->own_effective = NULL;
}
