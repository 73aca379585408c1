/* uri.c - URLs taken apart (RFC 3986 section 3, zones of RFC 6874). uriparser
 * judges the syntax; around it: a length limit before it (its parser may
 * recurse once per character), what the world writes but RFC 3986 refuses, and
 * what it accepts but nobody can connect to. Host names beyond ASCII become ASCII
 * (idn.c). */

#include <string.h>
#include <uriparser/Uri.h>

#include "core/mem.h"
#include "core/text.h"
#include "uri/idn.h"
#include "uri/uri_text.h"

enum { default_limit = 8192, zone_limit = 63 };

/* One parse under way. */
struct parse {
    unsigned flags;
    struct sc_error *e;
    struct sc_buf raw;   /* the caller's string, with a scheme */
    struct sc_buf text;  /* what uriparser gets */
    struct sc_span zone; /* in RAW */
    size_t scheme_len;
    size_t host_at; /* in RAW, behind "//", if has_host */
    size_t path_at; /* in RAW, then in TEXT */
    size_t added;   /* characters in RAW before the caller's first */
    bool has_host;
};

/* --- uriparser's memory is ours --- */

static void *mm_malloc(UriMemoryManager *m, size_t n)
{
    (void)m;
    return sc_malloc(n);
}

static void *mm_calloc(UriMemoryManager *m, size_t n, size_t size)
{
    (void)m;
    return size > 0 && n > SIZE_MAX / size ? NULL : sc_calloc(n * size);
}

static void *mm_realloc(UriMemoryManager *m, void *p, size_t n)
{
    (void)m;
    return sc_realloc(p, n);
}

static void *mm_reallocarray(UriMemoryManager *m, void *p, size_t n,
                             size_t size)
{
    (void)m;
    return size > 0 && n > SIZE_MAX / size ? NULL : sc_realloc(p, n * size);
}

static void mm_free(UriMemoryManager *m, void *p)
{
    (void)m;
    sc_free(p);
}

static UriMemoryManager memory = {mm_malloc,       mm_calloc, mm_realloc,
                                  mm_reallocarray, mm_free,   NULL};

/* --- before uriparser --- */

/* Cut white space; refuse what is too long or may never stand in a URL. */
static int trim(const char *s, size_t limit, struct sc_span *out,
                struct sc_error *e)
{
    size_t n;

    while (uri_is_space(*s))
        s++;
    n = strnlen(s, limit + 1);
    if (n > limit)
        return sc_error_set(e, SC_EURL, "bad URL: longer than %zu bytes",
                            limit);
    while (n > 0 && uri_is_space(s[n - 1]))
        n--;
    for (size_t i = 0; i < n; i++) {
        unsigned char c = (unsigned char)s[i];

        if (c < 0x20 || c == 0x7f || c == '\\')
            return sc_error_set(e, SC_EURL, "bad URL: %s at character %zu",
                                c == '\\' ? "backslash" : "control character",
                                i + 1);
    }
    *out = (struct sc_span){s, n};
    return 0;
}

static bool ends_part(struct sc_span s, size_t i, const char *ends)
{
    return i >= s.len || strchr(ends, s.data[i]) != NULL;
}

/* "localhost:8080/x": digits where a scheme would go on. */
static bool is_host_port(struct sc_span s, size_t colon)
{
    size_t i = colon + 1;

    while (i < s.len && sc_is_digit((unsigned char)s.data[i]))
        i++;
    return i > colon + 1 && ends_part(s, i, "/?#");
}

/* "joe:secret@host/x": a login where a scheme would go on. */
static bool is_login(struct sc_span s, size_t colon)
{
    for (size_t i = colon + 1; !ends_part(s, i, "/?#"); i++)
        if (s.data[i] == '@')
            return true;
    return false;
}

/* Write the default scheme if S has none. */
static int put_scheme(struct parse *p, struct sc_span s, const char *scheme)
{
    size_t n = uri_scheme_len(s);
    bool guess = scheme != NULL && !(p->flags & (URI_STRICT | URI_RELATIVE));
    bool slashes = s.len >= 2 && memcmp(s.data, "//", 2) == 0;
    int rc;

    if (n > 0 && !(guess && (is_host_port(s, n) || is_login(s, n))))
        return 0;
    if (!guess)
        return p->flags & URI_RELATIVE
                   ? 0
                   : sc_error_set(p->e, SC_EURL, "bad URL: no scheme");
    rc = sc_buf_addf(&p->raw, "%s:%s", scheme, slashes ? "" : "//");
    p->added = p->raw.len;
    return rc;
}

/* Where the host and the path begin in RAW. */
static void find_parts(struct parse *p)
{
    struct sc_span s = {p->raw.data, p->raw.len};
    size_t i;

    p->scheme_len = uri_scheme_len(s);
    i = p->scheme_len > 0 ? p->scheme_len + 1 : 0;
    p->has_host = s.len - i >= 2 && memcmp(s.data + i, "//", 2) == 0;
    if (p->has_host) {
        p->host_at = i + 2;
        for (i += 2; !ends_part(s, i, "/?#");)
            i++;
    }
    p->path_at = i;
}

static bool is_zone(struct sc_span zone)
{
    for (size_t i = 0; i < zone.len; i++)
        if (!sc_is_token((unsigned char)zone.data[i]) ||
            strchr("!#$%&'*+^`|", zone.data[i]) != NULL)
            return false;
    return zone.len > 0 && zone.len <= zone_limit;
}

/* Copy the authority without its zone ("%25eth0" or "%eth0" in brackets),
 * which uriparser does not know. */
static int copy_authority(struct parse *p)
{
    const char *t = p->raw.data, *end = t + p->path_at, *from = end;
    const char *open = NULL, *close = NULL, *percent = NULL;
    bool coded;
    int rc;

    if (p->has_host)
        open = memchr(t + p->host_at, '[', p->path_at - p->host_at);
    if (open != NULL)
        close = memchr(open, ']', (size_t)(end - open));
    if (close != NULL)
        percent = memchr(open, '%', (size_t)(close - open));
    if (percent == NULL)
        return sc_buf_add(&p->text, t, p->path_at);
    coded = close - percent >= 3 && memcmp(percent, "%25", 3) == 0;
    from = percent + (coded ? 3 : 1);
    p->zone = (struct sc_span){from, (size_t)(close - from)};
    if (!is_zone(p->zone) || (!coded && p->flags & URI_STRICT))
        return sc_error_set(p->e, SC_EURL, "bad URL: bad zone of an address");
    if ((rc = sc_buf_add(&p->text, t, (size_t)(percent - t))) < 0)
        return rc;
    return sc_buf_add(&p->text, close, (size_t)(end - close));
}

static bool is_ascii(const char *p, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if ((unsigned char)p[i] >= 0x80)
            return false;
    return true;
}

/* Put NAME in place of the N bytes at AT of RAW, a part of the authority. */
static int replace_host(struct parse *p, size_t at, size_t n,
                        const struct sc_buf *name)
{
    size_t rest = p->raw.len - at - n;
    int rc = sc_buf_reserve(&p->raw, name->len);

    if (rc < 0)
        return rc;
    memmove(p->raw.data + at + name->len, p->raw.data + at + n, rest);
    memcpy(p->raw.data + at, name->data, name->len);
    p->raw.len = at + name->len + rest;
    p->raw.data[p->raw.len] = '\0';
    p->path_at = p->path_at - n + name->len;
    return 0;
}

/* A host name beyond ASCII becomes what the DNS has. */
static int convert_host(struct parse *p)
{
    const char *from = p->raw.data + p->host_at,
               *end = p->raw.data + p->path_at;
    const char *at = memrchr(from, '@', (size_t)(end - from));
    const char *colon;
    struct sc_span host;
    struct sc_buf name = {0};
    int rc;

    if (p->flags & URI_STRICT)
        return sc_error_set(p->e, SC_EURL, "bad URL: host name is not ASCII");
    host.data = at != NULL ? at + 1 : from;
    if (!is_ascii(from, (size_t)(host.data - from)))
        return sc_error_set(p->e, SC_EURL, "bad URL: user is not ASCII");
    colon = memchr(host.data, ':', (size_t)(end - host.data));
    host.len = (size_t)((colon != NULL ? colon : end) - host.data);
    rc = uri_idn_to_ascii(host, &name, p->e);
    if (rc == 0)
        rc =
            replace_host(p, (size_t)(host.data - p->raw.data), host.len, &name);
    sc_buf_free(&name);
    return rc;
}

/* Copy path, query and fragment; percent-code what people write there and
 * RFC 3986 refuses, unless strict. */
static int copy_rest(struct parse *p)
{
    const char *s = p->raw.data + p->path_at;
    size_t n = p->raw.len - p->path_at;
    int rc = 0;

    if (p->flags & URI_STRICT)
        return sc_buf_add(&p->text, s, n);
    for (size_t i = 0; rc == 0 && i < n; i++) {
        struct sc_span one = {s + i, 1};
        bool coded = (unsigned char)s[i] >= 0x80 ||
                     strchr("|{}^\"<>`[]", s[i]) != NULL ||
                     (s[i] == ' ' && p->flags & URI_LOCATION);

        rc = coded ? uri_encode(one, NULL, &p->text)
                   : sc_buf_add(&p->text, s + i, 1);
    }
    return rc;
}

static int prepare(struct parse *p, struct sc_span s, const char *scheme)
{
    size_t head;
    int rc;

    if ((rc = put_scheme(p, s, scheme)) < 0 ||
        (rc = sc_buf_add(&p->raw, s.data, s.len)) < 0)
        return rc;
    find_parts(p);
    if (!is_ascii(p->raw.data, p->path_at) && (rc = convert_host(p)) < 0)
        return rc;
    if ((rc = copy_authority(p)) < 0)
        return rc;
    head = p->text.len;
    if ((rc = copy_rest(p)) == SC_ETOOBIG)
        return sc_error_set(p->e, SC_EURL,
                            "bad URL: too long once percent-coded");
    p->path_at = head;
    return rc;
}

/* --- after uriparser --- */

/* Append S and a NUL. U->text was reserved whole: it does not move. */
static const char *keep(struct uri *u, struct sc_span s, bool lower)
{
    char *to = u->text.data + u->text.len;

    for (size_t i = 0; i < s.len; i++)
        to[i] = lower ? (char)sc_lower((unsigned char)s.data[i]) : s.data[i];
    to[s.len] = '\0';
    u->text.len += s.len + 1;
    u->text.data[u->text.len] = '\0';
    return to;
}

static int keep_decoded(struct uri *u, struct sc_span s, const char **out,
                        struct sc_error *e)
{
    size_t at = u->text.len;
    int rc = uri_decode(s, true, &u->text);

    if (rc < 0)
        return rc;
    *out = u->text.data + at;
    if (!sc_line_safe(*out, u->text.len - at))
        return sc_error_set(e, SC_EURL,
                            "bad URL: line end or NUL in user or password");
    return sc_buf_add(&u->text, "", 1);
}

static int keep_user(struct uri *u, struct sc_span s, struct sc_error *e)
{
    const char *colon = s.len > 0 ? memchr(s.data, ':', s.len) : NULL;
    struct sc_span password = {0};
    int rc;

    if (colon != NULL) {
        password.data = colon + 1;
        password.len = s.len - (size_t)(colon + 1 - s.data);
        s.len = (size_t)(colon - s.data);
    }
    rc = keep_decoded(u, s, &u->user, e);
    if (rc == 0 && colon != NULL)
        rc = keep_decoded(u, password, &u->password, e);
    return rc;
}

static int keep_port(struct uri *u, struct sc_span s, struct sc_error *e)
{
    uint64_t port;

    if (s.len == 0)
        return 0;
    if (sc_parse_u64(s, 65535, &port) < 0)
        return sc_error_set(e, SC_EURL, "bad URL: port %.*s is not 0..65535",
                            s.len < 20 ? (int)s.len : 20, s.data);
    u->port = (int)port;
    return 0;
}

static struct sc_span range(const UriTextRangeA *r)
{
    if (r->first == NULL)
        return (struct sc_span){NULL, 0};
    return (struct sc_span){r->first, (size_t)(r->afterLast - r->first)};
}

static int keep_authority(struct uri *u, const UriUriA *parsed,
                          struct sc_error *e)
{
    struct sc_span host = range(&parsed->hostText);
    struct sc_span user = range(&parsed->userInfo);
    int rc = 0;

    if (parsed->hostData.ipFuture.first != NULL)
        return sc_error_set(e, SC_EURL, "bad URL: unknown kind of address");
    u->ip6 = parsed->hostData.ip6 != NULL;
    u->host = keep(u, host, true);
    if (user.data != NULL)
        rc = keep_user(u, user, e);
    return rc < 0 ? rc : keep_port(u, range(&parsed->portText), e);
}

/* Path, query and fragment: one after the other behind the authority. */
static void keep_rest(struct uri *u, struct sc_span s)
{
    size_t n = strcspn(s.data, "?#");

    u->path = keep(u, (struct sc_span){s.data, n}, false);
    s.data += n;
    if (*s.data == '?') {
        n = strcspn(++s.data, "#");
        u->query = keep(u, (struct sc_span){s.data, n}, false);
        s.data += n;
    }
    if (*s.data == '#')
        u->fragment = keep(u, sc_span_of(s.data + 1), false);
}

/* What RFC 3986 lets pass, though nobody can connect to it. */
static int check_host(const struct parse *p, const struct uri *u)
{
    bool network = uri_default_port(u->scheme) > 0;

    if (p->zone.len > 0 && !u->ip6)
        return sc_error_set(p->e, SC_EURL, "bad URL: zone without IPv6");
    if (!network || (u->host == NULL && p->flags & URI_STRICT))
        return 0;
    if (u->host == NULL || u->host[0] == '\0')
        return sc_error_set(p->e, SC_EURL, "bad URL: no host");
    if (strchr(u->host, '%') != NULL)
        return sc_error_set(p->e, SC_EURL, "bad URL: percent in a host name");
    return 0;
}

static int fill(struct parse *p, struct uri *u, const UriUriA *parsed)
{
    struct sc_span rest = {p->text.data + p->path_at, p->text.len - p->path_at};
    int rc;

    /* Nine strings at most, each with its NUL, none longer than its source. */
    u->text.limit = SIZE_MAX / 8;
    if ((rc = sc_buf_reserve(&u->text, p->text.len + p->zone.len + 16)) < 0)
        return rc;
    if (p->scheme_len > 0)
        u->scheme =
            keep(u, (struct sc_span){p->text.data, p->scheme_len}, true);
    if (p->has_host && (rc = keep_authority(u, parsed, p->e)) < 0)
        return rc;
    if (p->zone.len > 0)
        u->zone = keep(u, p->zone, false);
    keep_rest(u, rest);
    return check_host(p, u);
}

/* Names the character only: what stands around it may be a password. */
static int bad_syntax(const struct parse *p, const char *at)
{
    size_t n = at != NULL ? (size_t)(at - p->text.data) : p->text.len;

    if (n >= p->text.len)
        return sc_error_set(p->e, SC_EURL, "bad URL: it ends too early");
    n = n >= p->added ? n - p->added : 0;
    if ((unsigned char)*at >= 0x80)
        return sc_error_set(p->e, SC_EURL, "bad URL: not ASCII");
    return sc_error_set(p->e, SC_EURL, "bad URL: '%c' near character %zu", *at,
                        n + 1);
}

static int judge(struct parse *p, struct uri *u)
{
    const char *at = NULL, *text = p->text.data;
    UriUriA parsed;
    int rc =
        uriParseSingleUriExMmA(&parsed, text, text + p->text.len, &at, &memory);

    if (rc == URI_ERROR_MALLOC)
        return SC_ENOMEM;
    if (rc != URI_SUCCESS)
        return bad_syntax(p, at);
    rc = fill(p, u, &parsed);
    uriFreeUriMembersMmA(&parsed, &memory);
    return rc;
}

int uri_parse(struct uri *u, const char *s, const char *default_scheme,
              unsigned flags, size_t limit, struct sc_error *e)
{
    struct parse p = {.flags = flags, .e = e};
    struct sc_span in = {NULL, 0};
    int rc;

    *u = (struct uri){.port = -1, .path = ""};
    if (limit == 0)
        limit = default_limit;
    if (limit > SIZE_MAX / 8)
        limit = SIZE_MAX / 8;
    if (s == NULL)
        return sc_error_set(e, SC_EURL, "bad URL: none");
    p.raw.limit = p.text.limit = limit + 64; /* room for the scheme */
    if ((rc = trim(s, limit, &in, e)) == 0 &&
        (rc = prepare(&p, in, default_scheme)) == 0)
        rc = judge(&p, u);
    sc_wipe(p.raw.data, p.raw.len); /* passwords */
    sc_wipe(p.text.data, p.text.len);
    sc_buf_free(&p.raw);
    sc_buf_free(&p.text);
    if (rc == SC_ENOMEM || rc == SC_ETOOBIG)
        sc_error_set(e, rc == SC_ENOMEM ? rc : SC_EURL, "bad URL: %s",
                     sc_strerror(rc));
    return rc == 0 || rc == SC_ENOMEM ? rc : SC_EURL;
}

void uri_free(struct uri *u)
{
    sc_wipe(u->text.data, u->text.len);
    sc_buf_free(&u->text);
    *u = (struct uri){.port = -1, .path = ""};
}
