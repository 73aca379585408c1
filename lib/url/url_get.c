/* url_get.c - a URL at once: into memory, stored, as a list, as a FILE. */

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "core/mem.h"
#include "url/url_handle.h"

enum { PIECE = 16384, BODY_MOST = 64 << 20, ERRNO_BELOW = -1000 };

/* --- into memory --- */

void url_reply_free(struct url_reply *r)
{
    sc_buf_free(&r->body);
    sc_free(r->url);
    sc_free(r->type);
    sc_fields_free(&r->fields);
    memset(r, 0, sizeof *r);
}

static int copy_fields(struct sc_fields *to, const struct sc_fields *from)
{
    int rc = 0;

    for (size_t i = 0; from != NULL && i < from->n && rc == 0; i++)
        rc = sc_fields_add(to, from->at[i].name, from->at[i].value);
    return rc;
}

static int tell(struct url_reply *r, const struct url_info *i)
{
    r->size = i->size;
    r->mtime = i->mtime;
    r->status = i->status;
    r->directory = i->directory;
    if ((i->url != NULL && (r->url = sc_strdup(i->url)) == NULL) ||
        (i->type != NULL && (r->type = sc_strdup(i->type)) == NULL))
        return SC_ENOMEM;
    return copy_fields(&r->fields, i->fields);
}

static size_t limit_of(const struct url_options *opt)
{
    const struct sc_options *o = opt != NULL ? opt->options : NULL;

    return o != NULL && o->body_limit > 0 ? o->body_limit : BODY_MOST;
}

static int read_all(struct url *u, struct sc_buf *body)
{
    char *piece = sc_malloc(PIECE);
    ssize_t n = 0;
    int rc = piece != NULL ? sc_buf_add(body, "", 0) : SC_ENOMEM;

    while (rc == 0 && (n = url_read(u, piece, PIECE)) > 0)
        rc = sc_buf_add(body, piece, (size_t)n);
    sc_free(piece);
    if (rc < 0)
        url_fail(&u->r, rc, "%s: %s (%zu bytes)", u->uri.scheme,
                 sc_strerror(rc), body->limit);
    return rc < 0 ? url_note(u, rc) : (int)n;
}

int url_get(const char *url, const struct url_options *opt, struct url_reply *r)
{
    struct url *u = url_open(url, opt);
    int rc = url_last_error(u)->code, told;

    url_reply_free(r);
    r->body.limit = limit_of(opt);
    if (rc == 0)
        rc = read_all(u, &r->body);
    told = tell(r, url_info(u));
    r->error = *url_last_error(u);
    url_close(u);
    if (rc == 0 && told < 0)
        rc = sc_error_set(&r->error, told, "url: %s", sc_strerror(told));
    return rc;
}

/* --- store --- */

/* A source that counts as used once something was taken of it. */
struct counted {
    const struct mail_source *from;
    struct url *u;
};

static ssize_t counted_read(void *arg, void *buf, size_t n)
{
    const struct counted *c = arg;

    c->u->used = true;
    return c->from->read(c->from->arg, buf, n);
}

static int counted_rewind(void *arg)
{
    const struct counted *c = arg;
    int rc = c->from->rewind(c->from->arg);

    c->u->used = rc < 0;
    return rc;
}

static int put_step(struct url *u, void *arg)
{
    const struct mail_source *from = arg;
    struct counted c = {from, u};
    struct mail_source source = *from;
    int rc;

    if (from->read != NULL) {
        source.arg = &c;
        source.read = counted_read;
        source.rewind = from->rewind != NULL ? counted_rewind : NULL;
    }
    rc = u->r.scheme->put(&u->r, &source);
    u->r.whole = rc >= 0;
    return rc;
}

/* What the server says to it, if it says something. */
static int put_answer(struct url *u, struct url_reply *r)
{
    int rc = url_complete_info(u);

    if (rc == 0)
        rc = tell(r, &u->r.info);
    if (rc == 0 && u->r.info.status > 0)
        rc = read_all(u, &r->body);
    return url_note(u, rc);
}

int url_put(const char *url, const struct mail_source *from,
            const struct url_options *opt, struct url_reply *r)
{
    struct url_reply unseen = {0};
    struct url *u = sc_calloc(sizeof *u);
    int rc;

    if (r == NULL)
        r = &unseen;
    url_reply_free(r);
    r->body.limit = limit_of(opt);
    if (u == NULL)
        return sc_error_set(&r->error, SC_ENOMEM, "url: no memory");
    rc = url_begin(u, url, opt);
    if (rc == 0 && u->opt.count > 0)
        rc = url_note(u, url_fail(&u->r, SC_EINVAL, "%s: all of it is stored",
                                  u->uri.scheme));
    if (rc == 0)
        rc = url_do(u, put_step, (void *)from);
    if (rc >= 0)
        rc = put_answer(u, r);
    r->error = u->error;
    url_close(u);
    url_reply_free(&unseen);
    return rc < 0 ? rc : 0;
}

/* --- a list --- */

struct listing {
    int (*fn)(void *arg, const struct url_entry *e);
    void *arg;
    struct url *u;
};

static int tell_entry(void *arg, const struct url_entry *e)
{
    const struct listing *l = arg;

    l->u->used = true;
    return l->fn(l->arg, e);
}

static int list_step(struct url *u, void *arg)
{
    int rc = u->r.scheme->list(&u->r, tell_entry, arg);

    u->r.whole = rc >= 0;
    return rc;
}

int url_list(const char *url, const struct url_options *opt,
             int (*fn)(void *arg, const struct url_entry *e), void *arg,
             struct sc_error *err)
{
    struct url *u = sc_calloc(sizeof *u);
    struct listing l = {fn, arg, u};
    int rc;

    if (u == NULL)
        return sc_error_set(err, SC_ENOMEM, "url: no memory");
    rc = url_begin(u, url, opt);
    if (rc == 0)
        rc = url_do(u, list_step, &l);
    if (err != NULL && rc < 0)
        *err = u->error;
    url_close(u);
    return rc < 0 ? rc : 0;
}

/* --- a FILE --- */

#if defined(__linux__)

static ssize_t cookie_read(void *arg, char *buf, size_t n)
{
    ssize_t got = url_read(arg, buf, n);

    if (got >= 0)
        return got;
    /* stdio knows errno; codes of ours and of libuv's have none. */
    errno = got > ERRNO_BELOW ? (int)-got : EIO;
    return -1;
}

static int cookie_close(void *arg)
{
    return url_close(arg) < 0 ? -1 : 0;
}

FILE *url_fopen(const char *url, const struct url_options *opt,
                struct sc_error *err)
{
    cookie_io_functions_t io = {.read = cookie_read, .close = cookie_close};
    struct url *u = url_open(url, opt);
    FILE *f = NULL;

    if (url_last_error(u)->code != 0) {
        if (err != NULL)
            *err = *url_last_error(u);
    } else if ((f = fopencookie(u, "r", io)) == NULL) {
        sc_error_set(err, SC_ENOMEM, "url: no memory");
    }
    if (f == NULL)
        url_close(u);
    return f;
}

#else

FILE *url_fopen(const char *url, const struct url_options *opt,
                struct sc_error *err)
{
    (void)url;
    (void)opt;
    sc_error_set(err, SC_ENOTSUP, "url: not on this system");
    return NULL;
}

#endif
