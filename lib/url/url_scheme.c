/* url_scheme.c - which schemes there are: the library's, and those that programs
 * register; and what schemes inherit. */

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "client/conn.h"
#include "client/pool.h"
#include "core/text.h"
#include "url/url_handle.h"

enum { OWN_MOST = 32 };

static const struct url_scheme *own[OWN_MOST];
static int n_own;

/* --- the names --- */

static bool is(const struct url_scheme *s, const char *name, bool *tls)
{
    *tls = s->tls_name != NULL && strcmp(s->tls_name, name) == 0;
    return *tls || strcmp(s->name, name) == 0;
}

const struct url_scheme *url_scheme_find(const char *name, bool *tls)
{
    for (int i = 0; url_schemes[i] != NULL; i++) {
        if (is(url_schemes[i], name, tls))
            return url_schemes[i];
    }
    for (int i = 0; i < n_own; i++) {
        if (is(own[i], name, tls))
            return own[i];
    }
    return NULL;
}

/* RFC 3986 section 3.1, lower case. */
static bool is_name(const char *s)
{
    if (*s < 'a' || *s > 'z')
        return false;
    while ((*s >= 'a' && *s <= 'z') || sc_is_digit(*s) ||
           (*s != '\0' && strchr("+-.", *s) != NULL))
        s++;
    return *s == '\0';
}

static bool is_whole(const struct url_scheme *s)
{
    return s->name != NULL && is_name(s->name) &&
           (s->tls_name == NULL || is_name(s->tls_name)) &&
           (s->tls_name == NULL || strcmp(s->name, s->tls_name) != 0) &&
           (s->cls != NULL || s->connect != url_connect) &&
           s->connect != NULL && s->open != NULL && s->read != NULL &&
           s->list != NULL && s->put != NULL && s->close != NULL;
}

int url_register(const struct url_scheme *s)
{
    bool tls;

    if (s == NULL || !is_whole(s))
        return SC_EINVAL;
    if (url_scheme_find(s->name, &tls) != NULL ||
        (s->tls_name != NULL && url_scheme_find(s->tls_name, &tls) != NULL))
        return SC_EBUSY;
    if (n_own == OWN_MOST)
        return SC_ENOMEM;
    own[n_own++] = s;
    return 0;
}

/* --- inherited --- */

/* "host:port" of the URL, as sc_open takes it. */
static int server_of(struct url_request *r, const struct uri *u,
                     struct sc_buf *out)
{
    const struct client_class *cls = r->scheme->cls;
    int port = r->tls && cls->tls_port != 0 ? cls->tls_port : cls->port;
    struct uri with_port = *u;
    int rc;

    if (u->host == NULL || *u->host == '\0')
        return url_fail(r, SC_EURL, "%s: no host in the URL", u->scheme);
    if (with_port.port < 0)
        with_port.port = port;
    if (with_port.port < 1)
        return url_fail(r, SC_EURL, "%s: no port in the URL", u->scheme);
    rc = uri_build_authority(&with_port, 0, out);
    return rc < 0 ? url_fail(r, rc, "%s", sc_strerror(rc)) : 0;
}

int url_connect_as(struct url_request *r, const struct uri *u,
                   const struct sc_options *opt)
{
    struct sc_options o = *opt;
    struct sc_buf server = {0};
    int rc = server_of(r, u, &server);

    if (rc < 0)
        return rc;
    if (r->tls)
        o.flags |= SC_OPT_TLS;
    if (u->user != NULL) {
        o.user = u->user;
        o.password = u->password;
    }
    r->own = (o.flags & SC_OPT_NO_POOL) != 0;
    if (!r->own && !r->fresh)
        r->client = sc_pool_take(r->scheme->cls, server.data, 0, &o);
    r->pooled = r->client != NULL;
    if (r->client == NULL)
        r->client = sc_open(r->scheme->cls, server.data, 0, &o);
    sc_buf_free(&server);
    return sc_broken(r->client);
}

int url_connect(struct url_request *r)
{
    return url_connect_as(r, r->uri, sc_options_or_default(r->opt->options));
}

int url_no_connect(struct url_request *r)
{
    (void)r;
    return 0;
}

ssize_t url_read_dot(struct url_request *r, void *buf, size_t n)
{
    return sc_read_dot_part(r->client, buf, n);
}

ssize_t url_read_to_end(struct url_request *r, void *buf, size_t n)
{
    r->own = true; /* nothing can follow */
    return sc_read_body(r->client, buf, n);
}

int url_no_list(struct url_request *r,
                int (*fn)(void *arg, const struct url_entry *e), void *arg)
{
    (void)fn;
    (void)arg;
    return url_fail(r, SC_ENOTSUP, "%s: has no lists", r->uri->scheme);
}

int url_no_put(struct url_request *r, const struct mail_source *from)
{
    (void)from;
    return url_fail(r, SC_ENOTSUP, "%s: nothing can be stored there",
                    r->uri->scheme);
}

bool url_close_nothing(struct url_request *r)
{
    (void)r;
    return true;
}

int url_fail(struct url_request *r, int code, const char *fmt, ...)
{
    char text[sizeof r->error.text];
    va_list ap;

    va_start(ap, fmt);
    vsnprintf(text, sizeof text, fmt, ap);
    va_end(ap);
    return sc_error_set(&r->error, code, "%s", text);
}
