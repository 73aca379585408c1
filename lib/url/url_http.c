/* url_http.c - http: and https: redirects, logins, cookies, codings as http.h has
 * them; the body is read piece by piece. */

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "client/conn.h"
#include "core/mem.h"
#include "core/text.h"
#include "http/http_pull.h"
#include "url/url_parts.h"

struct http {
    struct http_request q;
    struct http_reply reply;
    HTTPClient *h;
    Stream *body;
    struct sc_buf url, range;
    bool ended;
};

/* --- the question --- */

static int ask_range(struct http *x, const struct url_options *o)
{
    unsigned long long first = o->offset;
    int rc = 0;

    if (o->offset == 0 && o->count == 0)
        return 0;
    if (o->count > 0)
        rc = sc_buf_addf(&x->range, "%llu-%llu", first,
                         first + (unsigned long long)o->count - 1);
    else
        rc = sc_buf_addf(&x->range, "%llu-", first);
    x->q.range = x->range.data;
    return rc;
}

static int compose(struct url_request *r)
{
    struct http *x = r->state;
    int rc;

    if (r->opt->http != NULL)
        x->q = *r->opt->http;
    if (r->opt->options != NULL)
        x->q.options = r->opt->options;
    x->q.sink = NULL;
    if (r->opt->flags & URL_HEAD && x->q.method == NULL)
        x->q.method = "HEAD";
    if ((rc = uri_build(r->uri, &x->url)) == 0)
        rc = ask_range(x, r->opt);
    x->q.url = x->url.data;
    return rc < 0 ? url_fail(r, rc, "http: %s", sc_strerror(rc)) : 0;
}

/* --- the answer --- */

static int64_t length_of(const struct http *x)
{
    const char *text = http_header(&x->reply, "Content-Length", NULL);
    uint64_t n;

    /* A coding makes another length of it; http_getfile knows the true end. */
    if (text == NULL || x->q.flags & (HTTP_COMPRESSED | HTTP_DECODE) ||
        http_header(&x->reply, "Transfer-Encoding", NULL) != NULL)
        return -1;
    return sc_parse_u64(sc_span_of(text), INT64_MAX, &n) == 0 ? (int64_t)n : -1;
}

static void tell(struct url_request *r)
{
    struct http *x = r->state;
    const char *date = http_header(&x->reply, "Last-Modified", NULL);

    r->info.url = http_final_url(&x->reply);
    r->info.status = x->reply.status;
    r->info.type = http_header(&x->reply, "Content-Type", NULL);
    r->info.fields = &x->reply.head;
    r->info.mtime = date != NULL ? http_date(date) : -1;
    r->info.size = length_of(x);
}

/* Who asks for a part and is given the whole has to throw something away. */
static int skip(struct url_request *r)
{
    struct http *x = r->state;
    uint64_t left = r->opt->offset;
    char buf[8192];
    ssize_t n;

    if (left == 0 || x->reply.status != 200)
        return 0;
    if (r->info.size >= 0)
        r->info.size -=
            r->info.size > (int64_t)left ? (int64_t)left : r->info.size;
    while (left > 0) {
        n = url_http.read(r, buf,
                          left < sizeof buf ? (size_t)left : sizeof buf);
        if (n < 0)
            return (int)n;
        if (n == 0)
            return url_fail(r, SC_EINVAL, "http: it ends before that");
        left -= (uint64_t)n;
    }
    return 0;
}

static int http_url_open(struct url_request *r)
{
    struct http *x = r->state;
    int rc = compose(r);

    if (rc < 0)
        return rc;
    if ((rc = http_pull(&x->q, &x->reply, &x->h)) < 0) {
        r->error = x->reply.error;
        tell(r);
        return rc;
    }
    tell(r);
    if ((x->body = http_getfile(x->h)) == NULL)
        return url_fail(r, SC_ENOMEM, "http: no memory");
    return skip(r);
}

static ssize_t http_url_read(struct url_request *r, void *buf, size_t n)
{
    struct http *x = r->state;
    struct sc_error e = {0};
    struct sc_wait w = {INT64_MAX, &e}; /* the client's own times count */
    ssize_t got = sc_stream_read(x->body, buf, n, &w);

    x->ended = got == 0;
    if (got < 0 && sc_broken((SimpleClient *)x->h))
        r->error = *sc_last_error((SimpleClient *)x->h);
    else if (got < 0)
        url_fail(r, (int)got, "http: %s",
                 e.text[0] != '\0' ? e.text : sc_strerror((int)got));
    return got;
}

/* --- PUT --- */

static ssize_t read_source(void *arg, void *buf, size_t n)
{
    const struct mail_source *from = arg;

    return from->read(from->arg, buf, n);
}

static int rewind_source(void *arg)
{
    const struct mail_source *from = arg;

    return from->rewind(from->arg);
}

static int length_of_file(const struct mail_source *from,
                          struct http_source *to)
{
    struct stat st;

    if (fstat(from->fd, &st) < 0)
        return -errno;
    if (from->offset > (uint64_t)st.st_size)
        return SC_EINVAL;
    to->fd = from->fd;
    to->offset = from->offset;
    to->length = (uint64_t)st.st_size - from->offset;
    return 0;
}

static int http_url_put(struct url_request *r, const struct mail_source *from)
{
    struct http *x = r->state;
    struct http_source source = {.length = HTTP_UNKNOWN};
    int rc;

    if (r->opt->offset > 0) /* RFC 9110 section 14.5: servers do not */
        return url_fail(r, SC_ENOTSUP, "http: stored from its beginning");
    if ((rc = compose(r)) < 0)
        return rc;
    if (x->q.method == NULL || strcmp(x->q.method, "HEAD") == 0)
        x->q.method = "PUT";
    if (from->read != NULL) {
        source.read = read_source;
        source.rewind = from->rewind != NULL ? rewind_source : NULL;
        source.arg = (void *)from;
        x->q.source = &source;
    } else if (from->fd > 0) {
        if ((rc = length_of_file(from, &source)) < 0)
            return url_fail(r, rc, "http: %s", sc_strerror(rc));
        x->q.source = &source;
    } else {
        x->q.body = from->data;
    }
    rc = http_pull(&x->q, &x->reply, &x->h);
    x->q.source = NULL;
    if (rc < 0)
        r->error = x->reply.error;
    tell(r);
    if (rc == 0 && (x->body = http_getfile(x->h)) == NULL)
        rc = url_fail(r, SC_ENOMEM, "http: no memory");
    return rc;
}

static bool http_url_close(struct url_request *r)
{
    struct http *x = r->state;

    http_pull_end(x->h);
    http_reply_free(&x->reply);
    if (x->url.data != NULL)
        sc_wipe(x->url.data, x->url.cap);
    sc_buf_free(&x->url);
    sc_buf_free(&x->range);
    return true;
}

const struct url_scheme url_http = {
    .name = "http",
    .tls_name = "https",
    .cls = NULL, /* http has its own way to the pool */
    .state_size = sizeof(struct http),
    .raw_path = true,
    .ranges = true,
    .connect = url_no_connect,
    .open = http_url_open,
    .read = http_url_read,
    .list = url_no_list,
    .put = http_url_put,
    .close = http_url_close,
};
