/* gopher.c - GopherClient (RFC 1436): a selector, an answer, the end. */

#include "gopher/gopher_client.h"

#include <string.h>

#include "client/conn.h"
#include "core/text.h"

enum { SELECTOR_MOST = 8192 };

/* --- the class --- */

static int gopher_class_greet(SimpleClient *c)
{
    GopherClient *g = (GopherClient *)c;

    g->asked = g->ended = false;
    g->lines = (struct gopher_lines){.nheld = 0};
    g->nspill = g->spill_at = 0;
    return 0; /* the client speaks first */
}

const struct client_class gopher_class = {
    .name = "gopher",
    .scheme = "gopher",
    .port = 70,
    .tls_port = 70,
    .size = sizeof(GopherClient),
    .line_limit = SELECTOR_MOST,
    .forwards = false,
    .alpn = NULL,
    .goodbye = NULL,
    .greet = gopher_class_greet,
    .reply = sc_client_reply,
    .quit = sc_client_quit,
    .cleanup = sc_client_cleanup,
};

GopherClient *gopher_open(const char *server, const struct sc_options *opt)
{
    return sc_open(&gopher_class, server, 0, opt);
}

int gopher_close(GopherClient *g)
{
    return g != NULL ? sc_close(&g->base) : 0;
}

SimpleClient *gopher_base(GopherClient *g)
{
    return &g->base;
}

/* --- the question --- */

static int check(GopherClient *g, const char *what, const char *text)
{
    if (text == NULL)
        return sc_fail(&g->base, SC_EINVAL, "no %s", what);
    if (!sc_line_safe(text, strlen(text)) || strchr(text, '\t') != NULL)
        return sc_fail(&g->base, SC_EINVAL, "a line break or tab in the %s",
                       what);
    return 0;
}

int gopher_ask(GopherClient *g, const char *selector, const char *search)
{
    SimpleClient *c = &g->base;
    int rc;

    if ((rc = sc_broken(c)) < 0 || (rc = check(g, "selector", selector)) < 0 ||
        (search != NULL && (rc = check(g, "search", search)) < 0))
        return rc;
    if (g->asked && (rc = sc_reopen(c)) < 0)
        return rc;
    g->asked = true;
    if (search != NULL)
        return sc_writeline(c, "%s\t%s", selector, search);
    return sc_writeline(c, "%s", selector);
}

/* --- a menu --- */

/* Up to the next tab, which goes too. */
static struct sc_span next_field(struct sc_span *rest)
{
    struct sc_span field = *rest;
    const char *tab = memchr(rest->data, '\t', rest->len);

    if (tab == NULL) {
        rest->data += rest->len;
        rest->len = 0;
        return field;
    }
    field.len = (size_t)(tab - field.data);
    rest->data = tab + 1;
    rest->len -= field.len + 1;
    return field;
}

/* "0About us\tStuff:About us\thost\t70", Gopher+ adds "\t+". */
int gopher_parse_item(struct sc_span line, struct gopher_item *out)
{
    struct sc_span rest = line, port;
    uint64_t n;

    *out = (struct gopher_item){.raw = line};
    out->text = out->selector = out->host = (struct sc_span){"", 0};
    if (line.len == 0 || line.data[0] < ' ')
        return SC_EPROTO;
    out->type = line.data[0];
    rest.data++;
    rest.len--;
    out->text = next_field(&rest);
    out->selector = next_field(&rest);
    out->host = next_field(&rest);
    port = sc_trim(next_field(&rest));
    if (sc_parse_u64(port, 65535, &n) == 0)
        out->port = (int)n;
    else if (out->type != 'i' && out->type != '3')
        return SC_EPROTO;
    return 0;
}

static int each_item(GopherClient *g,
                     int (*fn)(void *arg, const struct gopher_item *item),
                     void *arg)
{
    struct gopher_item item;
    struct sc_span line;
    char shown[80];
    int rc;

    while ((rc = sc_peek(&g->base, 1, &line)) == 0 &&
           (rc = sc_readline(&g->base, &line)) == 0) {
        if (sc_span_eq(line, "."))
            return 0;
        if (line.len == 0)
            continue;
        if (gopher_parse_item(line, &item) < 0) {
            sc_show(shown, sizeof shown, line.data, line.len);
            return sc_break(&g->base, SC_EPROTO, "not a menu: %s", shown);
        }
        if ((rc = fn(arg, &item)) < 0)
            return sc_break(&g->base, rc, "what came was not taken: %s",
                            sc_strerror(rc));
    }
    return rc == SC_EOF
               ? sc_break(&g->base, SC_ESHORT, "a menu without its last dot")
               : rc;
}

int gopher_menu(GopherClient *g, const char *selector, const char *search,
                int (*fn)(void *arg, const struct gopher_item *item), void *arg)
{
    int rc = gopher_ask(g, selector, search);

    return rc < 0 ? rc : each_item(g, fn, arg);
}

/* --- a file --- */

enum gopher_form gopher_form_of(char type)
{
    if (type == '1' || type == '7')
        return GOPHER_MENU;
    return type != '\0' && strchr("023hMx", type) != NULL ? GOPHER_TEXT
                                                          : GOPHER_BYTES;
}

/* Piece by piece, the last as short as it comes. */
static ssize_t read_spill(GopherClient *g, char *buf, size_t n)
{
    if (n > (size_t)g->nspill - g->spill_at)
        n = (size_t)g->nspill - g->spill_at;
    memcpy(buf, g->spill + g->spill_at, n);
    g->spill_at += (unsigned char)n;
    if (g->spill_at == g->nspill)
        g->spill_at = g->nspill = 0;
    return (ssize_t)n;
}

/* There is no room for what was held and what comes: byte by byte. */
static ssize_t fill_spill(GopherClient *g)
{
    ssize_t got = sc_read_body(&g->base, g->spill + 3, 1);

    if (got >= 0)
        g->nspill = (unsigned char)gopher_undot(&g->lines, g->spill,
                                                g->spill + 3, (size_t)got);
    return got;
}

static ssize_t read_lines(GopherClient *g, char *buf, size_t n)
{
    ssize_t got;

    for (;;) {
        if (g->nspill > 0)
            return read_spill(g, buf, n);
        if (g->ended)
            return 0;
        if (n > 3) {
            if ((got = sc_read_body(&g->base, buf + 3, n - 3)) < 0)
                return got;
            got = (ssize_t)gopher_undot(&g->lines, buf, buf + 3, (size_t)got);
        } else if ((got = fill_spill(g)) >= 0) {
            got = 0;
        }
        g->ended = g->lines.ended;
        if (got != 0)
            return got;
    }
}

ssize_t gopher_read(GopherClient *g, enum gopher_form form, void *buf, size_t n)
{
    ssize_t got;

    if (form != GOPHER_BYTES) {
        g->lines.menu = form == GOPHER_MENU;
        return read_lines(g, buf, n);
    }
    if (g->ended)
        return 0;
    got = sc_read_body(&g->base, buf, n);
    g->ended = got == 0;
    return got;
}

int gopher_get(GopherClient *g, char type, const char *selector,
               const char *search, sc_sink sink, void *arg)
{
    const enum gopher_form form = gopher_form_of(type);
    ssize_t got = 0;
    char buf[1024];
    int rc = gopher_ask(g, selector, search);

    while (rc == 0 && (got = gopher_read(g, form, buf, sizeof buf)) > 0) {
        rc = sink(arg, buf, (size_t)got);
        if (rc >= 0)
            rc = 0;
        else
            rc = sc_break(&g->base, rc, "what came was not taken: %s",
                          sc_strerror(rc));
    }
    return rc < 0 ? rc : (int)got;
}
