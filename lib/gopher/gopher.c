/* gopher.c - GopherClient (RFC 1436): a selector, an answer, the end. */

#include "gopher/gopher_client.h"

#include <string.h>

#include "core/text.h"

enum { SELECTOR_MOST = 8192 };

/* --- the class --- */

static int gopher_class_greet(SimpleClient *c)
{
    GopherClient *g = (GopherClient *)c;

    g->asked = g->mid_line = g->ended = g->dotted = false;
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

    while ((rc = sc_readline(&g->base, &line)) == 0) {
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

bool gopher_is_text(char type)
{
    return strchr("01237hMx", type) != NULL && type != '\0';
}

/* How many bytes of VIEW begin no line but its first, at most N. */
static size_t rest_of_line(struct sc_span view, size_t n)
{
    const char *lf = memchr(view.data, '\n', view.len);
    size_t len = lf != NULL ? (size_t)(lf + 1 - view.data) : view.len;

    return len < n ? len : n;
}

/* At a line's beginning: 1: the end; 0: text, of which one dot may be too many. */
static int first_dot(GopherClient *g)
{
    SimpleClient *c = &g->base;
    struct sc_span view;
    char dot;
    int rc;

    if ((rc = sc_peek(c, 4, &view)) < 0) /* ".", CR, LF, and what follows */
        return rc == SC_EOF ? 1 : rc;
    if (view.data[0] != '.')
        return 0;
    if (sc_span_eq(view, ".") || sc_span_eq(view, ".\n") ||
        sc_span_eq(view, ".\r\n")) {
        g->dotted = true;
        return 1;
    }
    if (view.len > 1 && view.data[1] == '.')
        return (int)sc_read_exact(c, &dot, 1);
    return 0;
}

static ssize_t read_text(GopherClient *g, void *buf, size_t n)
{
    SimpleClient *c = &g->base;
    struct sc_span view;
    int rc;

    if (!g->mid_line && (rc = first_dot(g)) != 0) {
        g->ended = rc > 0;
        return rc < 0 ? rc : 0;
    }
    if ((rc = sc_peek(c, 1, &view)) < 0) {
        g->ended = rc == SC_EOF;
        return rc == SC_EOF ? 0 : rc;
    }
    n = rest_of_line(view, n);
    g->mid_line = view.data[n - 1] != '\n';
    if ((rc = sc_read_exact(c, buf, n)) < 0)
        return rc;
    return (ssize_t)n;
}

ssize_t gopher_read(GopherClient *g, bool text, void *buf, size_t n)
{
    ssize_t got;

    if (g->ended)
        return 0;
    if (text)
        return read_text(g, buf, n);
    got = sc_read(&g->base, buf, n);
    g->ended = got == 0;
    return got;
}

int gopher_get(GopherClient *g, char type, const char *selector,
               const char *search, sc_sink sink, void *arg)
{
    bool text = gopher_is_text(type);
    ssize_t got = 0;
    char buf[8192];
    int rc = gopher_ask(g, selector, search);

    while (rc == 0 && (got = gopher_read(g, text, buf, sizeof buf)) > 0) {
        rc = sink(arg, buf, (size_t)got);
        if (rc >= 0)
            rc = 0;
        else
            rc = sc_break(&g->base, rc, "what came was not taken: %s",
                          sc_strerror(rc));
    }
    return rc < 0 ? rc : (int)got;
}
