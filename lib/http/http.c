/* http.c - HTTPClient: the class, and whole requests on a client kept open (RFC
 * 9110, RFC 9112). A connection that the server ended between two requests is
 * opened anew; a request it may have seen is asked again only if that does no
 * harm. */

#include <string.h>

#include <simpleclient/task.h>

#include "client/conn.h"
#include "core/mem.h"
#include "core/text.h"
#include "http/http_client.h"
#include "http/http_hops.h"
#include "run/clock.h"

static void http_cleanup(SimpleClient *c)
{
    HTTPClient *h = (HTTPClient *)c;

    http_file_drop(h);
    if (h->secrets)
        sc_wipe(h->more.data, h->more.len);
    sc_buf_free(&h->host);
    sc_buf_free(&h->agent);
    sc_buf_free(&h->fixed);
    sc_buf_free(&h->line);
    sc_buf_free(&h->more);
    sc_buf_free(&h->codings);
    sc_buf_free(&h->text);
    sc_fields_free(&h->trailers);
    sc_free(h->wire);
    sc_client_cleanup(c);
}

const struct client_class http_class = {
    .name = "http",
    .scheme = "http",
    .port = 80,
    .tls_port = 443,
    .size = sizeof(HTTPClient),
    .line_limit = 65536,
    .forwards = true,
    .alpn = "http/1.1",
    .greet = sc_client_greet,
    .reply = sc_client_reply,
    .quit = sc_client_quit,
    .cleanup = http_cleanup,
};

HTTPClient *http_open(const char *server, const struct sc_options *opt)
{
    return sc_open(&http_class, server, 0, opt);
}

int http_close(HTTPClient *h)
{
    return h != NULL ? sc_close(&h->base) : 0;
}

SimpleClient *http_base(HTTPClient *h)
{
    return &h->base;
}

const char *http_header(const struct http_reply *reply, const char *name,
                        const char *otherwise)
{
    return sc_fields_get(&reply->head, name, otherwise);
}

void http_reply_reset(struct http_reply *reply, const struct sc_options *o)
{
    reply->status = reply->version = reply->reused = 0;
    reply->notes = 0;
    reply->retry_after_ms = -1;
    reply->reason[0] = '\0';
    reply->head.n = reply->head.text.len = 0;
    reply->trailers.n = reply->trailers.text.len = 0;
    reply->body.len = 0;
    if (o != NULL)
        reply->body.limit = o->body_limit;
    reply->error = (struct sc_error){0};
    http_hops_reset(reply);
}

void http_reply_free(struct http_reply *reply)
{
    sc_fields_free(&reply->head);
    sc_fields_free(&reply->trailers);
    sc_buf_free(&reply->body);
    http_hops_free(reply);
    *reply = (struct http_reply){0};
}

static int put_fields(HTTPClient *h, const struct sc_fields *f)
{
    int rc = 0;

    for (size_t i = 0; f != NULL && i < f->n && rc == 0; i++)
        rc = http_putheader(h, f->at[i].name.data, f->at[i].value.data);
    return rc;
}

static bool wants_length(const char *method)
{
    return strcmp(method, "POST") == 0 || strcmp(method, "PUT") == 0 ||
           strcmp(method, "PATCH") == 0;
}

static int put_length(HTTPClient *h, const char *method, size_t n)
{
    char digits[24], *p = digits + sizeof digits - 1;

    if (h->has_body || (n == 0 && !wants_length(method)))
        return 0;
    *p = '\0';
    do
        *--p = (char)('0' + n % 10);
    while ((n /= 10) > 0);
    return http_putheader(h, "Content-Length", p);
}

static const char *method_of(const struct http_request *q)
{
    if (q->method != NULL)
        return q->method;
    return q->body.len > 0 ? "POST" : "GET";
}

static int ask(HTTPClient *h, const struct http_request *q, const char *target,
               struct http_reply *reply)
{
    const char *method = method_of(q);
    int rc = http_putrequest(h, method, target);

    if (rc < 0 && sc_broken(&h->base) == 0 && h->refused == 0)
        return rc;
    reply->reused = h->used;
    put_fields(h, q->head);
    put_length(h, method, q->body.len);
    http_endheaders(h);
    if (q->body.len > 0)
        http_send(h, q->body.data, q->body.len);
    if ((rc = http_getreply(h, reply)) < 0)
        return rc;
    h->body.trailers = &reply->trailers;
    if (q->sink != NULL)
        rc = http_body_sink(&h->base, &h->body, q->sink, q->sink_arg);
    else
        rc = http_body_all(&h->base, &h->body, &reply->body);
    h->body.trailers = &h->trailers;
    h->ended = sc_now_us();
    http_answer_over(h);
    reply->notes = h->count.notes;
    return rc;
}

bool http_may_retry(const HTTPClient *h, const char *method, int rc)
{
    return (h->idempotent || http_is_idempotent(method)) && h->used &&
           http_died(h, rc);
}

int http_exchange(HTTPClient *h, const struct http_request *q,
                  const char *target, struct http_reply *reply)
{
    SimpleClient *c = &h->base;
    int rc;

    http_reply_reset(reply, sc_client_options(c));
    h->idempotent = q->flags & HTTP_IDEMPOTENT;
    h->lenient = q->flags & HTTP_LENIENT;
    h->version_10 = q->flags & HTTP_VERSION_10;
    rc = ask(h, q, target, reply);
    if (rc == 0 && reply->status >= 400 &&
        (sc_client_options(c)->flags & SC_OPT_FAIL_STATUS))
        rc = sc_fail(c, SC_EREPLY, "%d %s", reply->status, reply->reason);
    if (rc < 0)
        reply->error = *sc_last_error(c);
    return rc;
}

static int ask_head(HTTPClient *h, const char *path, struct http_reply *reply)
{
    http_putrequest(h, "GET", path);
    http_endheaders(h);
    return http_getreply(h, reply);
}

/* As http_exchange, on a client that may have been left by its server. */
static int command(HTTPClient *h, const char *method, const char *path,
                   struct sc_span body, struct http_reply *reply)
{
    struct http_request q = {.method = method, .body = body};
    int rc = http_exchange(h, &q, path, reply);

    if (rc < 0 && http_may_retry(h, method, rc) && http_open_again(h) == 0)
        rc = http_exchange(h, &q, path, reply);
    return rc;
}

int http_client_get(HTTPClient *h, const char *path, struct http_reply *reply)
{
    return command(h, "GET", path, (struct sc_span){0}, reply);
}

int http_client_head(HTTPClient *h, const char *path, struct http_reply *reply)
{
    return command(h, "HEAD", path, (struct sc_span){0}, reply);
}

int http_client_command(HTTPClient *h, const char *method, const char *path,
                        struct sc_span body, struct http_reply *reply)
{
    return command(h, method, path, body, reply);
}

int http_client_getbody(HTTPClient *h, const char *path, struct sc_buf *body)
{
    struct http_reply reply = {0};
    int rc = ask_head(h, path, &reply);

    if (rc < 0 && http_may_retry(h, "GET", rc) && http_open_again(h) == 0)
        rc = ask_head(h, path, &reply);
    if (rc == 0 && reply.status / 100 != 2)
        rc = sc_fail(&h->base, SC_EREPLY, "%d %s", reply.status, reply.reason);
    else if (rc == 0)
        rc = http_body_all(&h->base, &h->body, body);
    http_reply_free(&reply);
    return rc;
}
