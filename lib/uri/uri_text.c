/* uri_text.c - URLs as text, without taking one apart: percent-coding, form
 * queries, writing a struct uri down again (RFC 3986 sections 2 and 5.3), and
 * the ports of known schemes. */

#include <string.h>

#include "core/text.h"
#include "uri/uri_text.h"

static const char sub_delims[] = "!$&'()*+,;=";

static bool is_alnum(int c)
{
    int lower = sc_lower(c);

    return sc_is_digit(c) || (lower >= 'a' && lower <= 'z');
}

bool uri_is_space(char c)
{
    return c == ' ' || (c >= '\t' && c <= '\r');
}

size_t uri_scheme_len(struct sc_span s)
{
    for (size_t i = 0; i < s.len; i++) {
        int c = sc_lower((unsigned char)s.data[i]);
        bool letter = c >= 'a' && c <= 'z';

        if (i > 0 && c == ':')
            return i;
        if (!letter &&
            (i == 0 || (!sc_is_digit(c) && c != '+' && c != '-' && c != '.')))
            return 0;
    }
    return 0;
}

static int add_coded(struct sc_buf *out, unsigned char c)
{
    static const char hex[] = "0123456789ABCDEF";
    char three[3] = {'%', hex[c >> 4], hex[c & 15]};

    return sc_buf_add(out, three, sizeof three);
}

/* All or nothing: what a failure left behind is taken back. */
static int settle(struct sc_buf *out, size_t before, int rc)
{
    if (rc < 0 && out->data != NULL) {
        out->len = before;
        out->data[before] = '\0';
    }
    return rc;
}

/* The byte that S, which begins with "%", stands for; N: how many characters
 * it took. */
static int decode_one(struct sc_span s, size_t *n)
{
    int high, low;

    *n = 1;
    if (s.len < 3)
        return SC_EURL;
    high = sc_hex_digit((unsigned char)s.data[1]);
    low = sc_hex_digit((unsigned char)s.data[2]);
    *n = 3;
    return high < 0 || low < 0 ? SC_EURL : high << 4 | low;
}

static int decode(struct sc_span s, bool controls, bool form,
                  struct sc_buf *out)
{
    size_t n, before = out->len;
    int rc = sc_buf_reserve(out, 0);

    for (; rc == 0 && s.len > 0; s.data += n, s.len -= n) {
        int c = form && s.data[0] == '+' ? ' ' : s.data[0];
        char byte;

        n = 1;
        if (c == '%')
            c = decode_one(s, &n);
        byte = (char)c;
        if (c == SC_EURL || (!controls && ((byte & 0xe0) == 0 || c == 0x7f)))
            rc = SC_EURL;
        else
            rc = sc_buf_add(out, &byte, 1);
    }
    return settle(out, before, rc);
}

int uri_decode(struct sc_span s, bool allow_controls, struct sc_buf *out)
{
    return decode(s, allow_controls, false, out);
}

int uri_encode(struct sc_span s, const char *keep, struct sc_buf *out)
{
    size_t before = out->len;
    int rc = sc_buf_reserve(out, 0);

    for (size_t i = 0; rc == 0 && i < s.len; i++) {
        unsigned char c = (unsigned char)s.data[i];
        bool plain = is_alnum(c) || (c != '\0' && strchr("-._~", c) != NULL) ||
                     (c != '\0' && keep != NULL && strchr(keep, c) != NULL);

        rc = plain ? sc_buf_add(out, &s.data[i], 1) : add_coded(out, c);
    }
    return settle(out, before, rc);
}

/* Empty pieces ("a&&b") are passed over, as browsers do. */
int uri_query_next(const char *query, size_t *pos, struct sc_buf *name,
                   struct sc_buf *value, bool *has_value)
{
    struct sc_span n = {0}, v = {0};
    const char *piece, *equals;
    int rc;

    if (query == NULL)
        return 0;
    *pos += strspn(query + *pos, "&");
    piece = query + *pos;
    if (*piece == '\0')
        return 0;
    n = (struct sc_span){piece, strcspn(piece, "&")};
    *pos += n.len;
    equals = memchr(piece, '=', n.len);
    *has_value = equals != NULL;
    if (equals != NULL) {
        v = (struct sc_span){equals + 1, n.len - (size_t)(equals + 1 - piece)};
        n.len = (size_t)(equals - piece);
    }
    if ((rc = decode(n, true, true, name)) < 0 ||
        (rc = decode(v, true, true, value)) < 0)
        return rc;
    return 1;
}

static int add_form(struct sc_buf *out, const char *s)
{
    int rc = 0;

    for (; rc == 0 && *s != '\0'; s++) {
        unsigned char c = (unsigned char)*s;

        if (is_alnum(c) || strchr("*-._", c) != NULL)
            rc = sc_buf_add(out, s, 1);
        else
            rc = c == ' ' ? sc_buf_add(out, "+", 1) : add_coded(out, c);
    }
    return rc;
}

int uri_query_add(struct sc_buf *out, const char *name, const char *value)
{
    size_t before = out->len;
    int rc;

    if ((rc = sc_buf_add(out, "&", before > 0)) == 0 &&
        (rc = add_form(out, name)) == 0 && (rc = sc_buf_add(out, "=", 1)) == 0)
        rc = add_form(out, value);
    return settle(out, before, rc);
}

static bool is_named(const struct sc_buf *n, const char *name)
{
    return sc_span_eq((struct sc_span){n->data, n->len}, name);
}

int uri_query_get(const char *query, const char *name, struct sc_buf *value)
{
    struct sc_buf n = {0}, v = {0};
    bool has_value, found = false;
    size_t pos = 0;
    int rc;

    while ((rc = uri_query_next(query, &pos, &n, &v, &has_value)) > 0) {
        found = is_named(&n, name);
        if (found)
            break;
        n.len = v.len = 0;
    }
    if (found)
        rc = sc_buf_add(value, v.data, v.len);
    sc_buf_free(&n);
    sc_buf_free(&v);
    return rc < 0 ? rc : found;
}

/* One pair of a query, as it stands, with '&' before it if OUT has text. */
static int add_pair(struct sc_buf *out, const char *pair, size_t n)
{
    int rc = sc_buf_add(out, "&", out->len > 0);

    return rc < 0 ? rc : sc_buf_add(out, pair, n);
}

int uri_query_set(const char *query, const char *name, const char *value,
                  struct sc_buf *out)
{
    struct sc_buf n = {0}, v = {0};
    size_t pos = 0, before = out->len;
    bool has_value, todo = value != NULL;
    int rc = sc_buf_reserve(out, 0);

    while (rc == 0 &&
           (rc = uri_query_next(query, &pos, &n, &v, &has_value)) > 0) {
        const char *end = query + pos, *begin = end;

        while (begin > query && begin[-1] != '&')
            begin--;
        if (!is_named(&n, name)) {
            rc = add_pair(out, begin, (size_t)(end - begin));
        } else {
            rc = todo ? uri_query_add(out, name, value) : 0;
            todo = false;
        }
        n.len = v.len = 0;
    }
    if (rc == 0 && todo)
        rc = uri_query_add(out, name, value);
    sc_buf_free(&n);
    sc_buf_free(&v);
    return settle(out, before, rc);
}

static int add_user(const struct uri *u, struct sc_buf *out)
{
    int rc;

    if (u->user == NULL)
        return 0;
    if ((rc = uri_encode(sc_span_of(u->user), sub_delims, out)) < 0)
        return rc;
    if (u->password != NULL &&
        ((rc = sc_buf_add(out, ":", 1)) < 0 ||
         (rc = uri_encode(sc_span_of(u->password), sub_delims, out)) < 0))
        return rc;
    return sc_buf_add(out, "@", 1);
}

static int add_host(const struct uri *u, bool zone, struct sc_buf *out)
{
    if (u->host == NULL)
        return SC_EURL;
    if (!u->ip6)
        return sc_buf_addf(out, "%s", u->host);
    if (zone && u->zone != NULL)
        return sc_buf_addf(out, "[%s%%25%s]", u->host, u->zone);
    return sc_buf_addf(out, "[%s]", u->host);
}

static int add_port(int port, struct sc_buf *out)
{
    return port >= 0 ? sc_buf_addf(out, ":%d", port) : 0;
}

/* A path that begins with "//" would be read as a host where none is written
 * (RFC 3986 section 3.3): "/." in front keeps it a path. */
static int add_authority(const struct uri *u, const char *path,
                         struct sc_buf *out)
{
    int rc;

    if (u->host == NULL)
        return sc_buf_add(out, "/.", strncmp(path, "//", 2) == 0 ? 2 : 0);
    if ((rc = sc_buf_add(out, "//", 2)) < 0 || (rc = add_user(u, out)) < 0 ||
        (rc = add_host(u, true, out)) < 0)
        return rc;
    return add_port(u->port, out);
}

int uri_build(const struct uri *u, struct sc_buf *out)
{
    const char *path = u->path != NULL ? u->path : "";
    size_t before = out->len;
    int rc = 0;

    if (u->scheme != NULL)
        rc = sc_buf_addf(out, "%s:", u->scheme);
    if (rc == 0)
        rc = add_authority(u, path, out);
    if (rc == 0)
        rc = sc_buf_addf(out, "%s", path);
    if (rc == 0 && u->query != NULL)
        rc = sc_buf_addf(out, "?%s", u->query);
    if (rc == 0 && u->fragment != NULL)
        rc = sc_buf_addf(out, "#%s", u->fragment);
    return settle(out, before, rc);
}

int uri_build_authority(const struct uri *u, int default_port,
                        struct sc_buf *out)
{
    size_t before = out->len;
    int rc = add_host(u, false, out);

    if (rc == 0 && u->port != default_port)
        rc = add_port(u->port, out);
    return settle(out, before, rc);
}

int uri_build_target(const struct uri *u, struct sc_buf *out)
{
    const char *path = u->path != NULL ? u->path : "";
    const char *root = path[0] == '/' ? "" : "/";

    if (u->query == NULL)
        return sc_buf_addf(out, "%s%s", root, path);
    return sc_buf_addf(out, "%s%s?%s", root, path, u->query);
}

int uri_default_port(const char *scheme)
{
    static const struct {
        const char *scheme;
        int port;
    } known[] = {
        {"http", 80},   {"https", 443}, {"ws", 80},      {"wss", 443},
        {"smtp", 25},   {"smtps", 465}, {"lmtp", 24},    {"submission", 587},
        {"pop", 110},   {"pop3", 110},  {"pop3s", 995},  {"nntp", 119},
        {"nntps", 563}, {"imap", 143},  {"imaps", 993},  {"ftp", 21},
        {"ftps", 990},  {"gopher", 70}, {"gophers", 70}, {"dict", 2628},
        {"telnet", 23}, {"finger", 79},
    };

    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++)
        if (scheme != NULL && sc_casecmp(known[i].scheme, scheme) == 0)
            return known[i].port;
    return 0;
}
