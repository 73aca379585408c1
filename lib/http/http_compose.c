/* http_compose.c - the fields of a request, in the order in which curl 7.88
 * sends them; those of the caller behind them, in his own order, and in the
 * place of ours of the same name; what describes the body last. */

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "client/conn.h"
#include "core/text.h"
#include "http/http_call.h"
#include "http/http_cookie.h"
#include "http/http_date.h"
#include "http/http_state.h"

enum { EXPECT_ABOVE = 1 << 20, EXPECT_MS = 1000 };

static bool is(struct sc_span name, const char *text)
{
    return sc_span_eq_nocase(name, text);
}

bool http_list_has(const char *list, struct sc_span name)
{
    struct sc_span item;

    for (; list != NULL && *list != '\0'; list += *list == ',') {
        item = (struct sc_span){list, strcspn(list, ",")};
        list += item.len;
        item = sc_trim(item);
        if (item.len == name.len && is(item, name.data))
            return true;
    }
    return false;
}

/* Fields that describe a body go with it (RFC 9110 section 15.4). */
static bool describes_body(struct sc_span name)
{
    return (name.len > 8 && is((struct sc_span){name.data, 8}, "content-")) ||
           is(name, "transfer-encoding") || is(name, "expect") ||
           is(name, "trailer");
}

static bool is_secret(const struct http_call *k, struct sc_span name)
{
    return is(name, "authorization") || is(name, "proxy-authorization") ||
           is(name, "cookie") || http_list_has(k->q->secrets, name);
}

/* A server sends back what came with TRACE (RFC 9110 section 9.3.8). */
static bool is_trace(const struct http_call *k)
{
    return strcmp(k->method, "TRACE") == 0;
}

/* As curl has it: another port or scheme is no other host. */
static bool is_first_host(const struct http_call *k)
{
    return k->trusted || k->first_url.host == NULL ||
           strcmp(k->first_url.host, k->url.host) == 0;
}

static bool caller_sends(const struct http_call *k, struct sc_span name)
{
    if (is(name, "host") && !is_first_host(k))
        return false;
    return !(is_secret(k, name) && (!k->trusted || is_trace(k))) &&
           !(k->bodiless && describes_body(name));
}

/* The caller's value of NAME, or NULL. */
static const char *of_caller(const struct http_call *k, const char *name)
{
    if (k->q->head == NULL || !caller_sends(k, sc_span_of(name)))
        return NULL;
    return sc_fields_get(k->q->head, name, NULL);
}

bool http_call_makes(const struct http_call *k, const char *name)
{
    return !http_list_has(k->q->omit, sc_span_of(name)) &&
           of_caller(k, name) == NULL;
}

static void put(const struct http_call *k, HTTPClient *h, const char *name,
                const char *value)
{
    if (value != NULL && http_call_makes(k, name))
        http_putheader(h, name, value);
}

/* --- in front: Host to Accept --- */

static void put_host(struct http_call *k, HTTPClient *h)
{
    const char *own = of_caller(k, "Host");

    k->text.len = 0;
    if (own == NULL &&
        uri_build_authority(&k->url, k->tls ? 443 : 80, &k->text) == 0)
        own = k->text.data;
    if (own != NULL && !http_list_has(k->q->omit, sc_span_of("Host")))
        http_putheader(h, "Host", own);
}

static void put_secret(struct http_call *k, HTTPClient *h, const char *name,
                       const char *value)
{
    if (value != NULL && http_call_makes(k, name))
        http_putsecret(h, name, value);
}

static void put_range(struct http_call *k, HTTPClient *h)
{
    k->text.len = 0;
    if (k->q->range != NULL &&
        sc_buf_addf(&k->text, "bytes=%s", k->q->range) == 0)
        put(k, h, "Range", k->text.data);
}

static void put_agent(struct http_call *k, HTTPClient *h)
{
    k->text.len = 0;
    if (k->q->agent != NULL)
        put(k, h, "User-Agent", k->q->agent);
    else if (sc_buf_addf(&k->text, "simpleclient/%s", sc_version()) == 0)
        put(k, h, "User-Agent", k->text.data);
}

/* What the client adds by itself stands in front of all that is put: it serves
 * where nothing comes between, which is nearly always. */
static bool client_may_add(const struct http_call *k, HTTPClient *h)
{
    return k->q->range == NULL && k->q->omit == NULL && k->q->bearer == NULL &&
           k->login.user == NULL && !k->forwarded &&
           of_caller(k, "Host") == NULL && http_use_agent(h, k->q->agent);
}

static void omit_own(HTTPClient *h)
{
    http_omit(h, "Host");
    http_omit(h, "Proxy-Authorization");
    http_omit(h, "User-Agent");
    http_omit(h, "Accept");
}

static void put_front(struct http_call *k, HTTPClient *h)
{
    if (client_may_add(k, h))
        return;
    omit_own(h);
    put_host(k, h);
    put_secret(k, h, "Proxy-Authorization", http_login_proxy_value(k));
    if (!is_trace(k))
        put_secret(k, h, "Authorization", http_login_value(k));
    put_range(k, h);
    put_agent(k, h);
    put(k, h, "Accept", "*/*");
}

/* --- in the middle: Accept-Encoding to what is modified --- */

/* What this build can decode, as curl names it. */
static void put_codings(struct http_call *k, HTTPClient *h)
{
    static const struct {
        int coding;
        const char *name;
    } all[] = {{SC_CODING_HTTP_DEFLATE, "deflate"},
               {SC_CODING_GZIP, "gzip"},
               {SC_CODING_BR, "br"},
               {SC_CODING_ZSTD, "zstd"}};

    k->text.len = 0;
    for (size_t i = 0; i < sizeof all / sizeof all[0]; i++)
        if (sc_coding_known(all[i].coding))
            sc_buf_addf(&k->text, "%s%s", k->text.len > 0 ? ", " : "",
                        all[i].name);
    if (k->text.len > 0)
        put(k, h, "Accept-Encoding", k->text.data);
}

/* The jar's first, then those of the request, in one field (RFC 6265 section
 * 5.4). */
static void put_cookies(struct http_call *k, HTTPClient *h)
{
    struct http_session *s = k->q->session;
    const char *own = k->trusted ? k->q->cookies : NULL;
    int rc = 0;

    k->text.len = 0;
    if (s != NULL && s->jar != NULL)
        rc =
            http_cookies_for_at(s->jar, &k->url, (int64_t)time(NULL), &k->text);
    if (rc == 0 && own != NULL)
        rc = sc_buf_addf(&k->text, "%s%s", k->text.len > 0 ? "; " : "", own);
    if (k->text.len > 0 && !is_trace(k))
        put_secret(k, h, "Cookie", k->text.data);
    if (rc < 0)
        k->rc = rc;
}

static void put_date(struct http_call *k, HTTPClient *h, const char *name,
                     int64_t t)
{
    char text[HTTP_DATE_SIZE];

    if (t == 0)
        return;
    http_date_format(t, text);
    put(k, h, name, text);
}

static void put_middle(struct http_call *k, HTTPClient *h)
{
    const struct http_request *q = k->q;

    if (q->flags & HTTP_COMPRESSED)
        put_codings(k, h);
    if (k->referer.len > 0)
        put(k, h, "Referer", k->referer.data);
    if (k->forwarded)
        put(k, h, "Proxy-Connection", "Keep-Alive");
    if (http_call_has_body(k) && q->source != NULL &&
        q->source->length == HTTP_UNKNOWN)
        put(k, h, "Transfer-Encoding", "chunked");
    put_cookies(k, h);
    put_date(k, h, "If-Modified-Since", q->if_modified_since);
    put_date(k, h, "If-Unmodified-Since", q->if_unmodified_since);
}

/* --- the caller's --- */

static void put_own(struct http_call *k, HTTPClient *h)
{
    const struct sc_fields *f = k->q->head;

    for (size_t i = 0; f != NULL && i < f->n; i++) {
        struct sc_span name = f->at[i].name;

        if (is(name, "host") || !caller_sends(k, name))
            continue;
        if (is_secret(k, name))
            http_putsecret(h, name.data, f->at[i].value.data);
        else
            http_putheader(h, name.data, f->at[i].value.data);
    }
}

/* --- at the end: what the body is --- */

bool http_call_has_body(const struct http_call *k)
{
    return !k->bodiless && !k->probe &&
           (k->q->source != NULL || k->q->body.len > 0);
}

static uint64_t length_of(const struct http_call *k)
{
    if (!http_call_has_body(k))
        return 0;
    return k->q->source != NULL ? k->q->source->length : k->q->body.len;
}

/* These have a body by their meaning: its absence is told (RFC 9110 section
 * 8.6). */
static bool wants_length(const char *method)
{
    return strcmp(method, "POST") == 0 || strcmp(method, "PUT") == 0 ||
           strcmp(method, "PATCH") == 0;
}

static void put_length(struct http_call *k, HTTPClient *h)
{
    uint64_t n = length_of(k);
    char digits[24];

    if (h->has_body || n == HTTP_UNKNOWN ||
        (n == 0 && !wants_length(k->method)))
        return;
    snprintf(digits, sizeof digits, "%" PRIu64, n);
    put(k, h, "Content-Length", digits);
}

/* RFC 9110 section 10.1.1: never without a body. */
static bool wants_expect(const struct http_call *k)
{
    uint64_t n = length_of(k);

    if (n == 0 || k->refused ||
        k->q->flags & (HTTP_NO_EXPECT | HTTP_VERSION_10))
        return false;
    return k->q->flags & HTTP_EXPECT || n > EXPECT_ABOVE;
}

static void put_body(struct http_call *k, HTTPClient *h)
{
    const char *own = of_caller(k, "Expect");

    put_length(k, h);
    if (!k->bodiless)
        put(k, h, "Content-Type",
            k->q->source != NULL ? k->q->source->type : k->q->type);
    k->expect = own != NULL && sc_casecmp(own, "100-continue") == 0;
    if (wants_expect(k) && http_call_makes(k, "Expect")) {
        k->expect = true;
        http_putheader(h, "Expect", "100-continue");
    }
    if (h->has_body && length_of(k) == 0 && !h->chunked)
        k->expect = false;
}

void http_compose(struct http_call *k, HTTPClient *h)
{
    k->rc = 0;
    put_front(k, h);
    put_middle(k, h);
    put_own(k, h);
    put_body(k, h);
    if (k->rc == SC_EINVAL)
        http_refuse(h, "name or password cannot be sent");
    else if (k->rc < 0)
        sc_break(&h->base, k->rc, "a field cannot be made: %s",
                 sc_strerror(k->rc));
}

/* --- the body itself --- */

int http_send_body(struct http_call *k, HTTPClient *h)
{
    int rc;

    if (!http_call_has_body(k))
        return 0;
    if (k->expect) {
        rc = http_await_continue(h, k->q->expect_ms > 0 ? k->q->expect_ms
                                                        : EXPECT_MS);
        if (rc <= 0)
            return rc < 0 ? rc : 1;
    }
    k->started = true;
    if (k->q->source != NULL)
        return http_send_source(h, k->q->source);
    return http_send(h, k->q->body.data, k->q->body.len);
}

int http_rewind(struct http_call *k)
{
    const struct http_source *s = k->q->source;
    int rc;

    if (!k->started || s == NULL || s->read == NULL || k->bodiless)
        return 0;
    rc = s->rewind != NULL ? s->rewind(s->arg) : SC_ENOTSUP;
    if (rc < 0)
        return sc_error_set(&k->reply->error, rc,
                            "http%s %s: the body cannot be sent again: %s",
                            k->tls ? "s" : "", k->server,
                            s->rewind != NULL ? sc_strerror(rc)
                                              : "it cannot be rewound");
    k->started = false;
    return 0;
}
