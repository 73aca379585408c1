/* url_gopher.c - gopher: and gophers: (RFC 4266): "/", a type, a selector, and
 * perhaps %09 and what to search for. */

#include <stdio.h>
#include <string.h>

#include "client/conn.h"
#include "core/media_type.h"
#include "core/text.h"
#include "gopher/gopher_client.h"
#include "url/url_parts.h"

struct gopher {
    struct sc_buf text; /* what follows points into it */
    char *selector, *search;
    char type;
};

/* No control byte but the tab that stands before what is searched for. */
static bool is_clean(struct sc_span text)
{
    for (size_t i = 0; i < text.len; i++) {
        unsigned char c = (unsigned char)text.data[i];

        if ((c < ' ' && c != '\t') || c == 0x7f)
            return false;
    }
    return true;
}

/* RFC 4266 section 2.1: the type is '1' where there is none. A '?' is one of the
 * selector's (section 2.2 knows no query). */
static int decode(struct url_request *r, struct sc_buf *out)
{
    const char *path = r->uri->path, *query = r->uri->query;
    int rc;

    path += *path == '/';
    rc = *path != '\0' ? uri_decode(sc_span_of(path), true, out)
                       : sc_buf_add(out, "1", 1);
    if (rc == 0 && query != NULL && (rc = sc_buf_add(out, "?", 1)) == 0)
        rc = uri_decode(sc_span_of(query), true, out);
    return rc;
}

static int take_apart(struct url_request *r)
{
    struct gopher *g = r->state;
    int rc = decode(r, &g->text);

    if (rc < 0)
        return url_fail(r, rc, "gopher: %s", sc_strerror(rc));
    if (!is_clean((struct sc_span){g->text.data, g->text.len}))
        return url_fail(r, SC_EURL, "gopher: a control byte in the URL");
    g->type = g->text.data[0];
    if (g->type == '\t')
        return url_fail(r, SC_EURL, "gopher: a tab is no type");
    g->selector = g->text.data + 1;
    if ((g->search = strchr(g->selector, '\t')) != NULL)
        *g->search++ = '\0';
    if (g->search != NULL && strchr(g->search, '\t') != NULL)
        return url_fail(r, SC_EURL, "gopher: two tabs in the URL");
    return 0;
}

static bool is_menu(char type)
{
    return type == '1' || type == '7';
}

static const char *type_of(char type, const char *selector)
{
    switch (type) {
    case '0':
        return "text/plain";
    case '1':
    case '7':
        return "text/gopher-menu";
    case 'g':
        return "image/gif";
    case 'h':
        return "text/html";
    default:
        return sc_media_type(sc_last_part(selector));
    }
}

static int gopher_connect(struct url_request *r)
{
    int rc = take_apart(r);

    r->fresh = true;
    return rc < 0 ? rc : url_connect(r);
}

static int gopher_url_open(struct url_request *r)
{
    struct gopher *g = r->state;

    r->own = true; /* one answer each */
    r->info.directory = is_menu(g->type);
    r->info.type = type_of(g->type, g->selector);
    return gopher_ask((GopherClient *)r->client, g->selector, g->search);
}

static ssize_t gopher_url_read(struct url_request *r, void *buf, size_t n)
{
    const struct gopher *g = r->state;
    GopherClient *c = (GopherClient *)r->client;
    ssize_t got = gopher_read(c, gopher_form_of(g->type), buf, n);

    if (got == 0 && is_menu(g->type) && !c->lines.dotted)
        return url_fail(r, SC_ESHORT, "gopher: a menu without its last dot");
    return got;
}

/* --- a menu as records --- */

static char kind_of(char type)
{
    if (is_menu(type))
        return type == '1' ? 'd' : 's';
    if (type == 'i' || type == '3')
        return 'i';
    return type == '8' || type == 'T' || type == '2' ? '?' : 'f';
}

struct listing {
    struct url_request *r;
    int (*fn)(void *arg, const struct url_entry *e);
    void *arg;
    struct sc_buf url, name;
};

/* "URL:http://..." is how menus lead out of Gopher. */
static int url_of(struct listing *l, const struct gopher_item *i)
{
    static const char word[] = "URL:";
    const size_t n = sizeof word - 1;
    const bool six = memchr(i->host.data, ':', i->host.len) != NULL;
    int rc;

    if (i->type == 'h' && i->selector.len > n &&
        memcmp(i->selector.data, word, n) == 0)
        return sc_buf_add(&l->url, i->selector.data + n, i->selector.len - n);
    for (size_t k = 0; k < i->host.len; k++)
        if (i->host.data[k] <= ' ' || strchr("/?#@\\%[]<>\"", i->host.data[k]))
            return 0; /* it would be somewhere else */
    rc =
        sc_buf_addf(&l->url, six ? "%s://[%.*s]:%d/" : "%s://%.*s:%d/",
                    l->r->uri->scheme, (int)i->host.len, i->host.data, i->port);
    if (rc == 0)
        rc = uri_encode((struct sc_span){&i->type, 1}, "", &l->url);
    return rc < 0 ? rc : uri_encode(i->selector, "/", &l->url);
}

/* What can be opened, or nothing. */
static int check_url(struct listing *l)
{
    struct uri u;
    int rc = uri_parse(&u, l->url.data, NULL, 0, 0, NULL);

    uri_free(&u);
    if (rc == SC_EURL)
        l->url.len = 0;
    return rc == SC_EURL ? 0 : rc;
}

static int one_item(void *arg, const struct gopher_item *i)
{
    struct listing *l = arg;
    struct url_entry e = {.kind = kind_of(i->type), .size = -1, .mtime = -1};
    int rc;

    l->url.len = l->name.len = 0;
    rc = sc_buf_add(&l->name, i->text.data, i->text.len);
    if (rc == 0 && e.kind != 'i' && e.kind != '?' &&
        (i->host.len > 0 || i->type == 'h'))
        rc = url_of(l, i);
    if (rc == 0 && l->url.len > 0)
        rc = check_url(l);
    if (rc < 0)
        return rc;
    e.name = l->name.data;
    e.url = l->url.len > 0 ? l->url.data : NULL;
    e.raw = i->raw;
    return l->fn(l->arg, &e);
}

static int gopher_url_list(struct url_request *r,
                           int (*fn)(void *arg, const struct url_entry *e),
                           void *arg)
{
    struct gopher *g = r->state;
    struct listing l = {.r = r, .fn = fn, .arg = arg};
    int rc;

    r->own = true;
    if (!is_menu(g->type))
        return url_fail(r, SC_ENOTSUP, "gopher: not a menu");
    rc = gopher_menu((GopherClient *)r->client, g->selector, g->search,
                     one_item, &l);
    sc_buf_free(&l.url);
    sc_buf_free(&l.name);
    return rc;
}

static bool gopher_url_close(struct url_request *r)
{
    struct gopher *g = r->state;

    sc_buf_free(&g->text);
    return false;
}

const struct url_scheme url_gopher = {
    .name = "gopher",
    .tls_name = "gophers",
    .cls = &gopher_class,
    .state_size = sizeof(struct gopher),
    .raw_path = true,
    .ranges = false,
    .connect = gopher_connect,
    .open = gopher_url_open,
    .read = gopher_url_read,
    .list = gopher_url_list,
    .put = url_no_put,
    .close = gopher_url_close,
};
