/* url_nntp.c - nntp:, nntps: and news: (RFC 5538): "/" lists the groups,
 * "/group" its overview, "/group/7" an article, "/group/7-9" a part of the
 * overview; "news:a@b" an article, wherever it is. */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "client/conn.h"
#include "core/text.h"
#include "nntp/nntp_client.h"
#include "url/url_handle.h"
#include "url/url_parts.h"

struct news {
    const char *group;    /* or NULL: all */
    struct sc_buf id;     /* "<a@b>", or empty */
    uint64_t first, last; /* of "/7-9"; LAST 0: no end */
    bool article;         /* "/7" */
    struct sc_buf text;   /* GROUP points into it */
};

/* --- the URL --- */

/* "7", "7-", "7-9". */
static int take_range(struct news *x, struct sc_span text)
{
    const char *dash = memchr(text.data, '-', text.len);
    struct sc_span first = text, last = {"", 0};

    x->article = dash == NULL;
    if (dash != NULL) {
        first.len = (size_t)(dash - text.data);
        last = (struct sc_span){dash + 1, text.len - first.len - 1};
    }
    if (nntp_number(first, &x->first) < 0 || x->first == 0)
        return SC_EURL;
    if (last.len == 0)
        return 0;
    return nntp_number(last, &x->last) < 0 || x->last < x->first ? SC_EURL : 0;
}

static int take_id(struct news *x, const char *path)
{
    return *path == '<' ? sc_buf_addf(&x->id, "%s", path)
                        : sc_buf_addf(&x->id, "<%s>", path);
}

static int take_group(struct news *x, const char *path)
{
    int rc = sc_buf_addf(&x->text, "%s", path);
    char *slash;

    if (rc < 0 || x->text.len == 0 || strcmp(path, "*") == 0)
        return rc;
    x->group = x->text.data;
    if ((slash = strchr(x->text.data, '/')) == NULL)
        return 0;
    *slash++ = '\0';
    return *slash != '\0' ? take_range(x, sc_span_of(slash)) : 0;
}

static int take_apart(struct url_request *r)
{
    struct news *x = r->state;
    const char *path = r->path.data;
    int rc;

    x->text.len = x->id.len = 0;
    rc = strchr(path, '@') != NULL ? take_id(x, path) : take_group(x, path);
    if (rc < 0)
        return url_fail(r, rc, "%s: neither group nor article: %.80s",
                        r->uri->scheme, path);
    return 0;
}

/* --- the connection --- */

static int nntp_connect(struct url_request *r)
{
    int rc = take_apart(r);

    return rc < 0 ? rc : url_connect(r);
}

/* news: names no server, unless it does. */
static int news_connect(struct url_request *r)
{
    const char *server = r->opt->news_server;
    struct sc_options o = *sc_options_or_default(r->opt->options);
    int rc = take_apart(r);

    if (rc < 0 || (r->uri->host != NULL && *r->uri->host != '\0'))
        return rc < 0 ? rc : url_connect(r);
    if (server == NULL)
        server = getenv("NNTPSERVER");
    if (server == NULL || *server == '\0')
        return url_fail(r, SC_EURL, "news: no server is named (NNTPSERVER)");
    r->own = true;
    r->client = sc_open(r->scheme->cls, server, 0, &o);
    return sc_broken(r->client);
}

/* --- reading --- */

static NNTPClient *client_of(const struct url_request *r)
{
    return (NNTPClient *)r->client;
}

static int open_article(struct url_request *r)
{
    const struct news *x = r->state;
    NNTPClient *n = client_of(r);
    const bool head = r->opt->flags & URL_HEAD;
    const char *verb = head ? "HEAD" : "ARTICLE";
    struct sc_reply reply;
    int rc = 0;

    r->info.type = "message/rfc822";
    if (x->id.len > 0) {
        if ((rc = nntp_check_id(n, x->id.data)) == 0)
            rc = nntp_demand(n, &reply, head ? 221 : 220, "%s %s", verb,
                             x->id.data);
        return rc;
    }
    if ((rc = nntp_group(n, x->group, NULL)) < 0)
        return rc;
    return nntp_demand(n, &reply, head ? 221 : 220, "%s %llu", verb,
                       (unsigned long long)x->first);
}

static int open_overview(struct url_request *r)
{
    const struct news *x = r->state;
    NNTPClient *n = client_of(r);
    struct sc_reply reply;
    char range[48];
    int rc = nntp_group(n, x->group, NULL);

    if (rc == 0)
        rc = nntp_range(n, range, x->first > 0 ? x->first : 1, x->last);
    if (rc < 0)
        return rc;
    return nntp_demand(n, &reply, 224, "%s %s",
                       nntp_lacks(n, NNTP_CAP_OVER) ? "XOVER" : "OVER", range);
}

static int nntp_url_open(struct url_request *r)
{
    const struct news *x = r->state;
    struct sc_reply reply;

    if (x->id.len > 0 || x->article)
        return open_article(r);
    r->info.directory = true;
    r->info.type = "text/plain";
    if (x->group != NULL)
        return open_overview(r);
    return nntp_demand(client_of(r), &reply, 215, "LIST ACTIVE");
}

/* --- as records --- */

struct listing {
    const struct news *x;
    int (*fn)(void *arg, const struct url_entry *e);
    void *arg;
    struct sc_buf base, url, name;
};

static int group_entry(void *arg, const struct nntp_group *g)
{
    struct listing *l = arg;
    struct url_entry e = {.kind = 'g', .size = -1, .mtime = -1};
    int rc;

    l->url.len = l->name.len = 0;
    if ((rc = sc_buf_add(&l->name, g->name.data, g->name.len)) < 0 ||
        (rc = sc_buf_add(&l->url, l->base.data, l->base.len)) < 0 ||
        (rc = uri_encode(g->name, "+", &l->url)) < 0)
        return rc;
    e.name = l->name.data;
    e.url = l->url.data;
    e.raw = g->name;
    return l->fn(l->arg, &e);
}

static int article_entry(void *arg, const struct nntp_article *a)
{
    struct listing *l = arg;
    struct url_entry e = {.kind = 'a', .size = -1, .mtime = -1};
    int rc;

    l->url.len = l->name.len = 0;
    if ((rc = sc_buf_add(&l->name, a->subject.data, a->subject.len)) < 0 ||
        (rc = sc_buf_add(&l->url, l->base.data, l->base.len)) < 0 ||
        (rc = uri_encode(sc_span_of(l->x->group), "+", &l->url)) < 0 ||
        (rc = sc_buf_addf(&l->url, "/%llu", (unsigned long long)a->number)) < 0)
        return rc;
    e.name = l->name.data;
    e.url = l->url.data;
    e.size = a->bytes > 0 ? (int64_t)a->bytes : -1;
    e.raw = a->message_id;
    return l->fn(l->arg, &e);
}

/* Where the entries are: with news: on the server that it has found. */
static int base_of(const struct url_request *r, struct sc_buf *out)
{
    const char *host = sc_client_host(r->client);
    const char *scheme = r->tls ? "nntps" : "nntp";

    return sc_buf_addf(out, strchr(host, ':') ? "%s://[%s]:%d/" : "%s://%s:%d/",
                       scheme, host, sc_client_port(r->client));
}

static int nntp_url_list(struct url_request *r,
                         int (*fn)(void *arg, const struct url_entry *e),
                         void *arg)
{
    const struct news *x = r->state;
    struct listing l = {.x = x, .fn = fn, .arg = arg};
    NNTPClient *n = client_of(r);
    int rc;

    if (x->id.len > 0 || x->article)
        return url_fail(r, SC_ENOTSUP, "%s: an article has no list",
                        r->uri->scheme);
    if ((rc = base_of(r, &l.base)) == 0 && x->group == NULL)
        rc = nntp_list_active(n, NULL, group_entry, &l);
    else if (rc == 0 && (rc = nntp_group(n, x->group, NULL)) == 0)
        rc = nntp_over(n, x->first > 0 ? x->first : 1, x->last, article_entry,
                       &l);
    sc_buf_free(&l.base);
    sc_buf_free(&l.url);
    sc_buf_free(&l.name);
    return rc;
}

static int nntp_url_put(struct url_request *r, const struct mail_source *from)
{
    return nntp_post(client_of(r), from, NULL);
}

static bool nntp_url_close(struct url_request *r)
{
    struct news *x = r->state;

    sc_buf_free(&x->id);
    sc_buf_free(&x->text);
    return true;
}

const struct url_scheme url_nntp = {
    .name = "nntp",
    .tls_name = "nntps",
    .cls = &nntp_class,
    .state_size = sizeof(struct news),
    .raw_path = false,
    .ranges = false,
    .connect = nntp_connect,
    .open = nntp_url_open,
    .read = url_read_dot,
    .list = nntp_url_list,
    .put = nntp_url_put,
    .close = nntp_url_close,
};

const struct url_scheme url_news = {
    .name = "news",
    .tls_name = NULL,
    .cls = &nntp_class,
    .state_size = sizeof(struct news),
    .raw_path = false,
    .ranges = false,
    .connect = news_connect,
    .open = nntp_url_open,
    .read = url_read_dot,
    .list = nntp_url_list,
    .put = nntp_url_put,
    .close = nntp_url_close,
};
