/* uri_resolve.c - a reference against a base (RFC 3986 section 5.2). The result
 * is written down and parsed anew: what uri_parse refuses, no reference can
 * bring in. */

#include <string.h>

#include "core/mem.h"
#include "uri/uri_text.h"

static void cut_last(struct sc_buf *out, size_t start)
{
    while (out->len > start && out->data[out->len - 1] != '/')
        out->len--;
    if (out->len > start)
        out->len--;
}

static bool begins(const char *s, const char *with)
{
    return strncmp(s, with, strlen(with)) == 0;
}

/* Section 5.2.4; the letters are its rules. OUT has room for all of IN. */
static void remove_dots(const char *in, struct sc_buf *out)
{
    while (*in != '\0') {
        if (begins(in, "../")) /* A */
            in += 3;
        else if (begins(in, "./"))
            in += 2;
        else if (begins(in, "/./")) /* B */
            in += 2;
        else if (strcmp(in, "/.") == 0)
            in = "/";
        else if (begins(in, "/../")) { /* C */
            in += 3;
            cut_last(out, 0);
        } else if (strcmp(in, "/..") == 0) {
            in = "/";
            cut_last(out, 0);
        } else if (strcmp(in, ".") == 0 || strcmp(in, "..") == 0) /* D */
            break;
        else { /* E */
            size_t n = 1 + strcspn(in + 1, "/");

            memcpy(out->data + out->len, in, n);
            out->len += n;
            in += n;
        }
    }
    out->data[out->len] = '\0';
}

/* Section 5.2.3, then 5.2.4. */
static int merge(const struct uri *base, const char *path, struct sc_buf *out)
{
    const char *slash = strrchr(base->path, '/');
    struct sc_buf whole = SC_BUF(SIZE_MAX / 8);
    int rc = 0;

    if (path[0] != '/' && base->host != NULL && base->path[0] == '\0')
        rc = sc_buf_add(&whole, "/", 1);
    else if (path[0] != '/' && slash != NULL)
        rc = sc_buf_add(&whole, base->path, (size_t)(slash + 1 - base->path));
    if (rc == 0)
        rc = sc_buf_add(&whole, path, strlen(path));
    if (rc == 0 && (rc = sc_buf_reserve(out, whole.len)) == 0)
        remove_dots(whole.data, out);
    sc_buf_free(&whole);
    return rc;
}

static int clean(const char *path, struct sc_buf *out)
{
    int rc = sc_buf_reserve(out, strlen(path));

    if (rc == 0)
        remove_dots(path, out);
    return rc;
}

static void take_authority(struct uri *to, const struct uri *from)
{
    to->user = from->user;
    to->password = from->password;
    to->host = from->host;
    to->zone = from->zone;
    to->port = from->port;
    to->ip6 = from->ip6;
}

/* Section 5.2.2; T borrows from both and from PATH. */
static int transform(struct uri *t, const struct uri *base,
                     const struct uri *ref, struct sc_buf *path)
{
    bool own = ref->scheme != NULL;
    int rc;

    *t = (struct uri){.port = -1, .query = ref->query};
    t->scheme = own ? ref->scheme : base->scheme;
    t->fragment = ref->fragment;
    take_authority(t, own || ref->host != NULL ? ref : base);
    if (own || ref->host != NULL || ref->path[0] == '/')
        rc = clean(ref->path, path);
    else if (ref->path[0] != '\0')
        rc = merge(base, ref->path, path);
    else {
        rc = sc_buf_add(path, base->path, strlen(base->path));
        t->query = ref->query != NULL ? ref->query : base->query;
    }
    t->path = path->data;
    return rc;
}

/* Lenient: a scheme that is the base's own counts as none ("http:g"). */
static int parse_ref(struct uri *r, const struct uri *base, const char *ref,
                     unsigned flags, struct sc_error *e)
{
    struct uri none = {.port = -1, .path = ""};
    size_t n = base->scheme != NULL ? strlen(base->scheme) : 0;
    struct sc_span s = sc_span_of(ref);
    size_t scheme;

    *r = none;
    while (s.len > 0 && uri_is_space(s.data[0])) {
        s.data++;
        s.len--;
    }
    scheme = uri_scheme_len(s);
    if (!(flags & URI_STRICT) && scheme == n && n > 0 &&
        sc_span_eq_nocase((struct sc_span){s.data, n}, base->scheme) &&
        !begins(s.data + n + 1, "//") &&
        uri_scheme_len(sc_span_of(s.data + n + 1)) == 0)
        s.data += n + 1;
    return uri_parse(r, s.data, NULL, flags | URI_RELATIVE, 0, e);
}

int uri_resolve(struct uri *out, const struct uri *base, const char *ref,
                unsigned flags, struct sc_error *e)
{
    struct sc_buf path = SC_BUF(SIZE_MAX / 8), text = SC_BUF(SIZE_MAX / 8);
    struct uri r, t;
    int rc = parse_ref(&r, base, ref, flags, e);

    *out = (struct uri){.port = -1, .path = ""};
    if (rc == 0 && (rc = transform(&t, base, &r, &path)) == 0 &&
        (rc = uri_build(&t, &text)) == 0)
        rc = uri_parse(out, text.data, NULL, flags, text.len + 1, e);
    else if (rc == SC_ENOMEM)
        sc_error_set(e, rc, "%s", sc_strerror(rc));
    sc_wipe(text.data, text.len);
    sc_buf_free(&text);
    sc_buf_free(&path);
    uri_free(&r);
    return rc;
}
