/* http_range.c - Content-Range (RFC 9110 section 14.4), and whether it is what
 * was asked for: bytes of another part would be stored at the wrong place. */

#include "http/http_range.h"

#include <string.h>

#include "core/text.h"

/* Cut S at the first C: what is before it is returned, S becomes the rest.
 * Without a C, S is NULL afterwards. */
static struct sc_span until(struct sc_span *s, char c)
{
    const char *at = s->len > 0 ? memchr(s->data, c, s->len) : NULL;
    struct sc_span before = *s;

    if (at == NULL) {
        *s = (struct sc_span){NULL, 0};
        return before;
    }
    before.len = (size_t)(at - s->data);
    s->data = at + 1;
    s->len -= before.len + 1;
    return before;
}

int http_range_parse(struct sc_span s, struct http_range *r)
{
    struct sc_span unit = until(&s, ' '), part = until(&s, '/'), first;

    *r = (struct http_range){1, 0, UINT64_MAX};
    if (!sc_span_eq_nocase(unit, "bytes") || s.data == NULL)
        return SC_EPROTO;
    if (!sc_span_eq(s, "*") && sc_parse_u64(s, INT64_MAX, &r->total) < 0)
        return SC_EPROTO;
    if (sc_span_eq(part, "*"))
        return r->total != UINT64_MAX ? 0 : SC_EPROTO;
    first = until(&part, '-');
    if (sc_parse_u64(first, INT64_MAX, &r->first) < 0 ||
        sc_parse_u64(part, INT64_MAX, &r->last) < 0 || r->first > r->last ||
        r->last >= r->total)
        return SC_EPROTO;
    return 0;
}

/* "-500": the last 500 bytes. */
static bool fits_suffix(uint64_t n, const struct http_range *r)
{
    if (r->total == UINT64_MAX)
        return r->last - r->first < n;
    return r->last == r->total - 1 &&
           r->first == (r->total > n ? r->total - n : 0);
}

bool http_range_fits(const char *asked, const struct http_range *r)
{
    struct sc_span s = sc_trim(sc_span_of(asked)), first;
    uint64_t from, to = UINT64_MAX;

    if (r->first > r->last)
        return false;
    if (strchr(asked, ',') != NULL)
        return true;
    first = until(&s, '-');
    if (s.data == NULL)
        return true; /* no range of RFC 9110: nothing to compare with */
    if (first.len == 0)
        return sc_parse_u64(s, INT64_MAX, &to) < 0 || fits_suffix(to, r);
    if (sc_parse_u64(first, INT64_MAX, &from) < 0 ||
        (s.len > 0 && sc_parse_u64(s, INT64_MAX, &to) < 0))
        return true;
    return r->first == from && r->last <= to;
}
