/* http_head.c - the strict parser of an answer's head (RFC 9112 sections 4 to
 * 6, 9.3; RFC 9110 section 5). What frames the body is judged while the lines
 * go by, so that nothing is searched for afterwards. Lines come without their
 * ends; whether a bare LF may end one is the reader's affair. */

#include <string.h>

#include "client/field.h"
#include "core/text.h"
#include "http/http_head.h"

static int wrong(struct http_head *h, const char *why)
{
    h->why = why;
    return SC_EPROTO;
}

int http_head_status(struct http_head *h, struct sc_span line)
{
    const char *p = line.data;

    *h = (struct http_head){.bytes = line.len + 2};
    if (line.len < 12 || memcmp(p, "HTTP/1.", 7) != 0 || !sc_is_digit(p[7]) ||
        p[8] != ' ')
        return wrong(h, "no HTTP/1 status line");
    for (int i = 9; i < 12; i++)
        if (!sc_is_digit(p[i]))
            return wrong(h, "status without three digits");
    h->version = p[7] == '0' ? 10 : 11;
    h->status = (p[9] - '0') * 100 + (p[10] - '0') * 10 + (p[11] - '0');
    if (h->status < 100 || (line.len > 12 && p[12] != ' '))
        return wrong(h, "status without three digits");
    if (!sc_line_safe(p, line.len))
        return wrong(h, "control character in the status line");
    h->reason = (struct sc_span){p + 12, line.len - 12};
    h->reason = sc_trim(h->reason);
    return 0;
}

/* Cut the next element off a comma-separated list. */
static bool next_element(struct sc_span *list, struct sc_span *element)
{
    const char *comma;

    if (list->data == NULL)
        return false;
    comma = list->len > 0 ? memchr(list->data, ',', list->len) : NULL;
    *element = *list;
    if (comma == NULL) {
        *list = (struct sc_span){NULL, 0};
    } else {
        element->len = (size_t)(comma - list->data);
        list->data = comma + 1;
        list->len -= element->len + 1;
    }
    *element = sc_trim(*element);
    return true;
}

/* Equal values may be repeated, as lines or as a list; anything else could
 * mean two bodies to two readers (RFC 9112 section 6.3, rule 5). */
static int take_length(struct http_head *h, struct sc_span value)
{
    struct sc_span one;
    uint64_t n;

    while (next_element(&value, &one)) {
        if (sc_parse_u64(one, INT64_MAX, &n) < 0)
            return wrong(h, "bad Content-Length");
        if (h->has_length && n != h->length)
            return wrong(h, "conflicting Content-Length");
        h->length = n;
        h->has_length = true;
    }
    return 0;
}

static void take_connection(struct http_head *h, struct sc_span value)
{
    struct sc_span one;

    while (next_element(&value, &one)) {
        if (sc_span_eq_nocase(one, "close"))
            h->close = true;
        else if (sc_span_eq_nocase(one, "keep-alive"))
            h->keep_alive = true;
    }
}

/* Note what NAME says about framing. PADDED: white space before the colon,
 * which must not hide such a field (RFC 9112 section 5.1). */
static int take_framing(struct http_head *h, struct sc_span name,
                        struct sc_span value, bool padded)
{
    bool length = name.len == 14 && sc_span_eq_nocase(name, "content-length");
    bool coding =
        name.len == 17 && sc_span_eq_nocase(name, "transfer-encoding");

    h->framing_last = length || coding;
    if (h->framing_last && padded)
        return wrong(h, "space before the colon of a framing field");
    if (length)
        return take_length(h, value);
    if (coding) {
        h->codings++;
        h->chunked = h->codings == 1 && sc_span_eq_nocase(value, "chunked");
    } else if (name.len == 10 && sc_span_eq_nocase(name, "connection")) {
        take_connection(h, value);
        h->framing_last = true;
    }
    return 0;
}

static int add_fold(struct http_head *h, struct sc_span line,
                    struct sc_fields *f)
{
    int rc;

    if (f->n == 0)
        return wrong(h, "folded line before the first field");
    if (h->framing_last)
        return wrong(h, "folded framing field");
    rc = sc_fields_fold(f, line);
    return rc == SC_EINVAL ? wrong(h, "control character in a field") : rc;
}

static int too_big(struct http_head *h, const char *why)
{
    h->why = why;
    return SC_ETOOBIG;
}

int http_head_field(struct http_head *h, struct sc_span line, size_t max_bytes,
                    int max_fields, struct sc_fields *f)
{
    struct sc_span name = line, value;
    const char *colon;
    int rc;

    h->bytes += line.len + 2;
    if (h->bytes > max_bytes)
        return too_big(h, "head beyond its limit");
    if (line.len > 0 && (line.data[0] == ' ' || line.data[0] == '\t'))
        return add_fold(h, line, f);
    if (f->n >= (size_t)max_fields)
        return too_big(h, "too many fields");
    if (line.len == 0 || (colon = memchr(line.data, ':', line.len)) == NULL)
        return wrong(h, "field without a colon");
    name.len = (size_t)(colon - line.data);
    value = (struct sc_span){colon + 1, line.len - name.len - 1};
    name = sc_trim(name);
    value = sc_trim(value);
    rc = sc_fields_add(f, name, value);
    if (rc == SC_EINVAL)
        return wrong(h, "illegal field name or value");
    if (rc < 0)
        return rc;
    return take_framing(h, name, value, name.data + name.len != colon);
}

int http_head_framing(struct http_head *h, bool head, bool *keep)
{
    *keep = !h->close && (h->version >= 11 || h->keep_alive);
    if (head || h->status < 200 || h->status == 204 || h->status == 304)
        return HTTP_NO_BODY;
    if (h->codings > 0) {
        if (h->version < 11)
            return wrong(h, "Transfer-Encoding in HTTP/1.0");
        if (!h->chunked)
            return wrong(h, "unknown Transfer-Encoding");
        /* Both: perhaps smuggled; the coding counts, and never again. */
        *keep = *keep && !h->has_length;
        return HTTP_CHUNKED;
    }
    if (h->has_length)
        return h->length > 0 ? HTTP_LENGTH : HTTP_NO_BODY;
    *keep = false;
    return HTTP_TO_END;
}
