/* url.c - a URL opened, read, closed: the scheme looked up, the connection made,
 * what came counted. */

#include <stdio.h>
#include <string.h>

#include "client/conn.h"
#include "client/pool.h"
#include "core/mem.h"
#include "core/media_type.h"
#include "core/text.h"
#include "http/http_date.h"
#include "url/url_handle.h"

/* Nothing is left of a handle that found no memory. */
static struct url no_memory = {
    .broken = SC_ENOMEM,
    .r.info = {.size = -1, .mtime = -1},
    .error = {.code = SC_ENOMEM, .text = "url: no memory"},
};

int url_note(struct url *u, int rc)
{
    const struct url_request *r = &u->r;

    if (rc >= 0 || u->broken < 0)
        return rc;
    u->broken = rc;
    if (r->error.code == rc)
        u->error = r->error;
    else if (r->client != NULL && sc_last_error(r->client)->code == rc)
        u->error = *sc_last_error(r->client);
    else if (u->error.code != rc)
        sc_error_set(&u->error, rc, "%s: %s",
                     u->uri.scheme != NULL ? u->uri.scheme : "url",
                     sc_strerror(rc));
    return rc;
}

/* --- what the URL says --- */

static bool is_data(const char *url)
{
    struct sc_span scheme = {url, strcspn(url, ":")};

    return url[scheme.len] == ':' && sc_span_eq_nocase(scheme, "data");
}

/* RFC 2397: no more than a scheme, and what follows it may be long. */
static int parse_data(struct url *u, const char *url)
{
    struct uri *out = &u->uri;
    int rc;

    out->text.limit = sc_options_or_default(u->opt.options)->body_limit;
    if (out->text.limit == 0)
        out->text.limit = 64 << 20;
    rc = sc_buf_add(&out->text, "data\0", 5);
    if (rc == 0)
        rc = sc_buf_add(&out->text, url + 5, strcspn(url + 5, "#"));
    if (rc < 0)
        return sc_error_set(&u->error, rc, "data: %s", sc_strerror(rc));
    if (!sc_line_safe(url, strlen(url)))
        return sc_error_set(&u->error, SC_EURL, "data: a line break in it");
    out->scheme = out->text.data;
    out->path = out->text.data + 5;
    out->port = -1;
    return 0;
}

/* "news:1@b" is no host called news; "news:119/x" is. */
static bool names_scheme(const char *url)
{
    size_t n = strcspn(url, ":"), digits;
    char name[32];
    bool tls;

    if (url[n] == '\0' || n >= sizeof name)
        return false;
    digits = strspn(url + n + 1, "0123456789");
    if (digits > 0 && strchr("/?#", url[n + 1 + digits]) != NULL)
        return false;
    for (size_t i = 0; i < n; i++)
        name[i] = sc_lower(url[i]);
    name[n] = '\0';
    return url_scheme_find(name, &tls) != NULL;
}

static int parse(struct url *u, const char *url)
{
    const char *usual;
    struct url_request *r = &u->r;

    while (*url == ' ' || *url == '\t')
        url++;
    usual = names_scheme(url) ? NULL : "http";
    if (is_data(url)) {
        int rc = parse_data(u, url);

        if (rc < 0)
            return rc;
    } else if (uri_parse(&u->uri, url, usual, 0, 0, &u->error) < 0) {
        return u->error.code;
    }
    r->scheme = url_scheme_find(u->uri.scheme, &r->tls);
    if (r->scheme == NULL)
        return sc_error_set(&u->error, SC_ENOTSUP, "unknown scheme \"%.40s\"",
                            u->uri.scheme);
    return 0;
}

/* Without the first slash, which stands between host and path. */
static int decode_path(struct url *u)
{
    const char *path = u->uri.path;
    int rc;

    if (u->r.scheme->raw_path)
        return 0;
    rc = uri_decode(sc_span_of(path + (*path == '/')), false, &u->r.path);
    if (rc == 0)
        rc = sc_buf_add(&u->r.path, "", 0);
    return rc < 0 ? sc_error_set(&u->error, rc,
                                 "%s: a control byte, or a bad %%, in the path",
                                 u->uri.scheme)
                  : 0;
}

int url_begin(struct url *u, const char *url, const struct url_options *opt)
{
    struct url_request *r = &u->r;
    int rc;

    if (opt != NULL)
        u->opt = *opt;
    r->uri = &u->uri;
    r->opt = &u->opt;
    r->info.size = r->info.mtime = -1;
    if (url == NULL)
        rc = sc_error_set(&u->error, SC_EINVAL, "no URL");
    else
        rc = parse(u, url);
    if (rc == 0)
        rc = decode_path(u);
    if (rc == 0 && u->opt.offset > 0 && !r->scheme->ranges)
        rc = sc_error_set(&u->error, SC_ENOTSUP,
                          "%s: can only be read from the beginning",
                          u->uri.scheme);
    if (rc == 0 && r->scheme->state_size > 0 &&
        (r->state = sc_calloc(r->scheme->state_size)) == NULL)
        rc = sc_error_set(&u->error, SC_ENOMEM, "no memory");
    return url_note(u, rc);
}

/* --- the connection --- */

/* What a source has given, or FN was told, cannot be had again. */
static bool is_stale(const struct url *u)
{
    const struct url_request *r = &u->r;
    const struct sc_error *e;

    if (u->used || !r->pooled || r->client == NULL || !sc_broken(r->client))
        return false;
    e = sc_last_error(r->client);
    return !(e->flags & SC_SEEN) &&
           (e->code == SC_EOF || e->code == SC_ECONNRESET ||
            e->code == SC_EPIPE || e->code == SC_ESHORT);
}

static const struct url_info unknown = {.size = -1, .mtime = -1};

static void again(struct url *u)
{
    struct url_request *r = &u->r;

    r->scheme->close(r);
    if (r->state != NULL)
        memset(r->state, 0, r->scheme->state_size);
    sc_drop(r->client);
    r->client = NULL;
    r->fresh = true;
    memset(&r->error, 0, sizeof r->error);
    sc_fields_free(&r->fields);
    r->info = unknown;
}

int url_do(struct url *u, int (*step)(struct url *u, void *arg), void *arg)
{
    struct url_request *r = &u->r;
    int rc;

    for (;;) {
        u->asked = true;
        if ((rc = r->scheme->connect(r)) == 0)
            rc = step(u, arg);
        if (rc >= 0 || !is_stale(u))
            return url_note(u, rc);
        again(u);
    }
}

/* --- what is known of it --- */

/* Who may see it may not log in with it. */
static int name_final(struct url *u)
{
    struct uri shown = u->uri;
    int rc = 0;

    if (u->r.info.url != NULL)
        return 0;
    shown.user = shown.password = NULL;
    if (u->uri.host == NULL)
        rc = sc_buf_addf(&u->final, "%s:%s", u->uri.scheme, u->uri.path);
    else
        rc = uri_build(&shown, &u->final);
    u->r.info.url = u->final.data;
    return rc;
}

static int add(struct sc_fields *f, const char *name, const char *value)
{
    if (sc_fields_get(f, name, NULL) != NULL)
        return 0;
    return sc_fields_add(f, sc_span_of(name), sc_span_of(value));
}

static int make_fields(struct url_request *r)
{
    char text[HTTP_DATE_SIZE];
    int rc = 0;

    if (r->info.type != NULL)
        rc = add(&r->fields, "Content-Type", r->info.type);
    if (rc == 0 && r->info.size >= 0) {
        snprintf(text, sizeof text, "%lld", (long long)r->info.size);
        rc = add(&r->fields, "Content-Length", text);
    }
    if (rc == 0 && r->info.mtime >= 0) {
        http_date_format(r->info.mtime, text);
        rc = add(&r->fields, "Last-Modified", text);
    }
    return rc;
}

int url_complete_info(struct url *u)
{
    struct url_info *i = &u->r.info;
    int rc = name_final(u);

    i->scheme = u->uri.scheme;
    if (u->opt.count > 0 && i->size >= 0 && (uint64_t)i->size > u->opt.count)
        i->size = (int64_t)u->opt.count;
    if (rc == 0 && i->type == NULL && i->fields == NULL && !i->directory)
        i->type = sc_media_type(sc_last_part(u->uri.path));
    if (rc == 0 && i->fields == NULL) {
        rc = make_fields(&u->r);
        i->fields = &u->r.fields;
    }
    return rc;
}

/* --- open, read, close --- */

static int open_step(struct url *u, void *arg)
{
    int rc = u->r.scheme->open(&u->r);

    (void)arg;
    return rc < 0 ? rc : 0;
}

struct url *url_open(const char *url, const struct url_options *opt)
{
    struct url *u = sc_calloc(sizeof *u);

    if (u == NULL)
        return &no_memory;
    if (url_begin(u, url, opt) == 0 && url_do(u, open_step, NULL) == 0)
        url_note(u, url_complete_info(u));
    return u;
}

/* The end that the scheme tells must be where it was promised. */
static int at_end(struct url *u)
{
    const struct url_info *i = &u->r.info;

    u->ended = u->r.whole = true;
    if (i->size < 0 || u->got == (uint64_t)i->size)
        return 0;
    return url_fail(&u->r, u->got < (uint64_t)i->size ? SC_ESHORT : SC_EPROTO,
                    "%s: %llu of %lld bytes came", u->uri.scheme,
                    (unsigned long long)u->got, (long long)i->size);
}

ssize_t url_read(struct url *u, void *buf, size_t n)
{
    ssize_t got;

    if (u->broken < 0)
        return u->broken;
    if (n == 0)
        return SC_EINVAL;
    if (u->ended || u->opt.flags & URL_HEAD)
        return 0;
    if (u->opt.count > 0 && n > u->opt.count - u->got)
        n = (size_t)(u->opt.count - u->got);
    if (n == 0)
        return 0;
    got = u->r.scheme->read(&u->r, buf, n);
    if (got == 0)
        got = at_end(u);
    if (got > 0)
        u->got += (uint64_t)got;
    return got < 0 ? url_note(u, (int)got) : got;
}

static void let_go(struct url_request *r, bool again)
{
    SimpleClient *c = r->client;

    r->client = NULL;
    if (c == NULL)
        return;
    if (again && !r->own && !sc_broken(c) && sc_client_idle(c))
        sc_pool_give(c);
    else if (again && !sc_broken(c) && sc_client_idle(c))
        sc_close(c);
    else
        sc_drop(c);
}

int url_end(struct url *u)
{
    struct url_request *r = &u->r;
    bool reusable = false;

    if (u->asked)
        reusable = r->scheme->close(r) && r->whole;
    let_go(r, reusable);
    sc_free(r->state);
    sc_fields_free(&r->fields);
    sc_buf_free(&r->path);
    sc_buf_free(&u->final);
    uri_free(&u->uri);
    return u->broken;
}

int url_close(struct url *u)
{
    int rc;

    if (u == NULL || u == &no_memory)
        return u == NULL ? 0 : SC_ENOMEM;
    rc = url_end(u);
    sc_free(u);
    return rc;
}

const struct url_info *url_info(struct url *u)
{
    return &u->r.info;
}

const struct sc_error *url_last_error(const struct url *u)
{
    return &u->error;
}
