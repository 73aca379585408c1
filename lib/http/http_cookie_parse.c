/* http_cookie_parse.c - one cookie as text: the value of a Set-Cookie field
 * taken apart (RFC 6265 section 5.2), and whether it may be kept at all. SameSite
 * is left out: it is about pages that ask for others. */

#include <string.h>

#include "core/text.h"
#include "http/http_cookie.h"
#include "http/http_date.h"

enum { domain_max = 253 };
static const int64_t last_second = 253402300799; /* of the year 9999 */

/* What the attributes said; Max-Age goes before Expires. */
struct attributes {
    struct http_cookie_text *cookie;
    int64_t now;
    bool has_max_age;
};

/* A byte below LIMIT, or DEL; TAB: but for tabs. */
static bool has_byte_below(struct sc_span s, unsigned char limit, bool tab)
{
    for (size_t i = 0; i < s.len; i++) {
        unsigned char c = (unsigned char)s.data[i];

        if ((c < limit || c == 0x7f) && !(tab && c == '\t'))
            return true;
    }
    return false;
}

/* Take the bytes before BYTE off the front of S, and BYTE; all if it is not
 * there. */
static struct sc_span cut(struct sc_span *s, char byte)
{
    const char *at = s->len > 0 ? memchr(s->data, byte, s->len) : NULL;
    struct sc_span front = {s->data,
                            at != NULL ? (size_t)(at - s->data) : s->len};
    size_t n = front.len + (at != NULL);

    if (n > 0)
        *s = (struct sc_span){s->data + n, s->len - n};
    return front;
}

static void set_expires(struct attributes *a, struct sc_span value)
{
    int64_t t = http_date_parse_cookie(value);

    if (t >= 0 && !a->has_max_age)
        a->cookie->expires = t > a->now ? t : -1;
}

static void set_max_age(struct attributes *a, struct sc_span value)
{
    bool minus = value.len > 0 && value.data[0] == '-';
    uint64_t age = 0;

    value.data += minus;
    value.len -= minus;
    if (value.len == 0)
        return;
    for (size_t i = 0; i < value.len; i++)
        if (!sc_is_digit((unsigned char)value.data[i]))
            return;
    if (sc_parse_u64(value, (uint64_t)last_second, &age) < 0)
        age = (uint64_t)last_second;
    a->has_max_age = true;
    a->cookie->expires = a->now + (int64_t)age;
    if (a->cookie->expires > last_second)
        a->cookie->expires = last_second;
    if (minus || age == 0)
        a->cookie->expires = -1;
}

static void set_domain(struct attributes *a, struct sc_span value)
{
    if (value.len > 0 && value.data[0] == '.') {
        value.data++;
        value.len--;
    }
    if (value.len == 0)
        return;
    a->cookie->domain = value;
    a->cookie->subdomains = true;
}

static void set_path(struct attributes *a, struct sc_span value)
{
    if (value.len == 0 || value.data[0] != '/')
        value.len = 0;
    a->cookie->path = value;
}

static void set_secure(struct attributes *a, struct sc_span value)
{
    (void)value;
    a->cookie->secure = true;
}

static void set_http_only(struct attributes *a, struct sc_span value)
{
    (void)value;
    a->cookie->http_only = true;
}

static void take_attribute(struct attributes *a, struct sc_span s)
{
    static const struct {
        const char *name;
        void (*set)(struct attributes *a, struct sc_span value);
    } known[] = {
        {"Expires", set_expires}, {"Max-Age", set_max_age},
        {"Domain", set_domain},   {"Path", set_path},
        {"Secure", set_secure},   {"HttpOnly", set_http_only},
    };
    struct sc_span name = sc_trim(cut(&s, '='));
    struct sc_span value = sc_trim(s);

    if (value.len > HTTP_COOKIE_ATTRIBUTE_MAX)
        return;
    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++)
        if (sc_span_eq_nocase(name, known[i].name))
            known[i].set(a, value);
}

int http_cookie_parse(struct sc_span s, int64_t now,
                      struct http_cookie_text *out)
{
    struct attributes a = {.cookie = out, .now = now};
    struct sc_span pair, name;

    *out = (struct http_cookie_text){0};
    if (has_byte_below(s, ' ', true))
        return SC_EPROTO;
    pair = cut(&s, ';');
    name = cut(&pair, '=');
    if (name.len > 0 && pair.data == name.data + name.len)
        return SC_EPROTO; /* no "=" */
    out->name = sc_trim(name);
    out->value = sc_trim(pair);
    while (s.len > 0)
        take_attribute(&a, cut(&s, ';'));
    return http_cookie_ok(out) ? 0 : SC_EPROTO;
}

static bool begins(struct sc_span s, const char *text)
{
    size_t n = strlen(text);

    return s.len >= n && sc_span_eq_nocase((struct sc_span){s.data, n}, text);
}

static bool prefix_ok(const struct http_cookie_text *c)
{
    if (begins(c->name, "__Secure-"))
        return c->secure;
    if (begins(c->name, "__Host-"))
        return c->secure && !c->subdomains && sc_span_eq(c->path, "/");
    return true;
}

/* Names as they are in use, and addresses: nothing that a file could not hold. */
bool http_cookie_domain_ok(struct sc_span s)
{
    bool name = true, address = true;

    for (size_t i = 0; i < s.len; i++) {
        int c = sc_lower((unsigned char)s.data[i]);
        bool word = sc_is_digit(c) || (c >= 'a' && c <= 'z') || c == '.';

        name = name && (word || c == '-' || c == '_' || c >= 0x80);
        address = address && (sc_hex_digit(c) >= 0 || c == ':' || c == '.');
    }
    return s.len > 0 && s.len <= domain_max && s.data[0] != '.' &&
           (name || address);
}

/* Tabs would break the lines of a file. */
bool http_cookie_ok(const struct http_cookie_text *c)
{
    return c->name.len > 0 && c->name.len + c->value.len <= HTTP_COOKIE_MAX &&
           c->path.len <= HTTP_COOKIE_ATTRIBUTE_MAX &&
           (c->domain.len == 0 || http_cookie_domain_ok(c->domain)) &&
           !has_byte_below(c->name, ' ', false) &&
           !has_byte_below(c->value, ' ', false) &&
           !has_byte_below(c->path, ' ', false) &&

           memchr(c->name.data, ';', c->name.len) == NULL &&
           memchr(c->name.data, '=', c->name.len) == NULL &&
           (c->value.len == 0 ||
            memchr(c->value.data, ';', c->value.len) == NULL) &&
           prefix_ok(c);
}
