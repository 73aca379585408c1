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
    struct sc_buf selector;
    char *search;
    char type;
};

/* RFC 4266 section 2.1: the type is '1' where there is none. */
static int take_apart(struct url_request *r)
{
    struct gopher *g = r->state;
    const char *path = r->uri->path, *query = r->uri->query;
    int rc;

    path += *path == '/';
    g->type = *path != '\0' ? *path++ : '1';
    rc = uri_decode(sc_span_of(path), true, &g->selector);
    if (rc == 0 && query != NULL &&
        (rc = sc_buf_add(&g->selector, "?", 1)) == 0)
        rc = uri_decode(sc_span_of(query), true, &g->selector);
    if (rc == 0)
        rc = sc_buf_add(&g->selector, "", 0);
    if (rc < 0)
        return url_fail(r, rc, "gopher: %s", sc_strerror(rc));
    for (size_t i = 0; i < g->selector.len; i++) {
        unsigned char c = (unsigned char)g->selector.data[i];

        if ((c < ' ' && c != '\t') || c == 0x7f)
            return url_fail(r, SC_EURL, "gopher: a control byte in the URL");
    }
    if ((g->search = memchr(g->selector.data, '\t', g->selector.len)) != NULL)
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
    r->info.type = type_of(g->type, g->selector.data);
    return gopher_ask((GopherClient *)r->client, g->selector.data, g->search);
}

static ssize_t gopher_url_read(struct url_request *r, void *buf, size_t n)
{
    const struct gopher *g = r->state;
    GopherClient *c = (GopherClient *)r->client;
    ssize_t got = gopher_read(c, gopher_is_text(g->type), buf, n);

    if (got == 0 && is_menu(g->type) && !c->dotted)
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
    rc = sc_buf_addf(&l->url, six ? "%s://[%.*s]:%d/%c" : "%s://%.*s:%d/%c",
                     l->r->uri->scheme, (int)i->host.len, i->host.data, i->port,
                     i->type);
    return rc < 0 ? rc : uri_encode(i->selector, "/", &l->url);
}

static int one_item(void *arg, const struct gopher_item *i)
{
    struct listing *l = arg;
    struct url_entry e = {.kind = kind_of(i->type), .size = -1, .mtime = -1};
    int rc;

    l->url.len = l->name.len = 0;
    rc = sc_buf_add(&l->name, i->text.data, i->text.len);
    if (rc == 0 && e.kind != 'i' && e.kind != '?' && i->host.len > 0)
        rc = url_of(l, i);
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
    rc = gopher_menu((GopherClient *)r->client, g->selector.data, g->search,
                     one_item, &l);
    sc_buf_free(&l.url);
    sc_buf_free(&l.name);
    return rc;
}

static bool gopher_url_close(struct url_request *r)
{
    struct gopher *g = r->state;

    sc_buf_free(&g->selector);
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
