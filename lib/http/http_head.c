/* http_head.c - the strict parser of an answer's head (RFC 9112 sections 4 to
 * 6, 9.3; RFC 9110 section 5). What frames the body is judged while the lines
 * go by, so that nothing is searched for afterwards. Lines come without their
 * ends; whether a bare LF may end one is the reader's affair. */

#include <string.h>
#include <time.h>

#include <simpleclient/http.h>

#include "client/field_parse.h"
#include "core/text.h"
#include "http/http_date.h"
#include "http/http_head.h"

static int wrong(struct http_head *h, const char *why)
{
    h->why = why;
    return SC_EPROTO;
}

int http_head_status(struct http_head *h, struct sc_span line)
{
    const char *p = line.data;

    *h = (struct http_head){.bytes = line.len + 2,
                            .retry_after_s = -1,
                            .lenient = h->lenient,
                            .content = h->content};
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
    if (line.len == 12)
        h->notes |= HTTP_NOTE_NO_REASON_SPACE;
    if (h->status >= 600)
        h->notes |= HTTP_NOTE_STATUS_RANGE;
    return 0;
}

bool http_next_element(struct sc_span *list, struct sc_span *element)
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

    while (http_next_element(&value, &one)) {
        if (sc_parse_u64(one, INT64_MAX, &n) < 0)
            return wrong(h, "bad Content-Length");
        if (h->has_length && n != h->length)
            return wrong(h, "conflicting Content-Length");
        if (h->has_length)
            h->notes |= HTTP_NOTE_LENGTH_TWICE;
        h->length = n;
        h->has_length = true;
    }
    return 0;
}

static void take_connection(struct http_head *h, struct sc_span value)
{
    struct sc_span one;

    while (http_next_element(&value, &one)) {
        if (sc_span_eq_nocase(one, "close"))
            h->close = true;
        else if (sc_span_eq_nocase(one, "keep-alive"))
            h->keep_alive = true;
    }
}

/* RFC 9110 section 10.2.3: seconds, or a date. */
static void take_retry_after(struct http_head *h, struct sc_span value)
{
    uint64_t n;
    int64_t at, now;

    if (sc_parse_u64(value, INT32_MAX, &n) == 0) {
        h->retry_after_s = (int64_t)n;
    } else if ((at = http_date_parse(value)) >= 0) {
        now = (int64_t)time(NULL);
        h->retry_after_s = at > now ? at - now : 0;
    }
}

static int take_content(struct http_head *h, struct sc_span value)
{
    int rc = 0;

    if (h->content == NULL)
        return 0;
    if (h->content->len > 0)
        rc = sc_buf_add(h->content, ",", 1);
    return rc < 0 ? rc : sc_buf_add(h->content, value.data, value.len);
}

/* PADDED: white space before the colon, which must not hide a field that frames
 * the body (RFC 9112 section 5.1). */
static int take_frame(struct http_head *h, bool length, struct sc_span value,
                      bool padded)
{
    h->framing_last = true;
    if (padded)
        return wrong(h, "space before the colon of a framing field");
    if (length)
        return take_length(h, value);
    h->codings++;
    h->chunked = h->codings == 1 && sc_span_eq_nocase(value, "chunked");
    return 0;
}

/* Note what NAME says about the body and the connection. Few names have the
 * lengths of these. */
static int take_meaning(struct http_head *h, struct sc_span name,
                        struct sc_span value, bool padded)
{
    h->framing_last = false;
    switch (name.len) {
    case 10:
        if (!sc_span_eq_nocase(name, "connection"))
            break;
        take_connection(h, value);
        h->framing_last = true;
        break;
    case 11:
        if (sc_span_eq_nocase(name, "retry-after"))
            take_retry_after(h, value);
        break;
    case 14:
        if (sc_span_eq_nocase(name, "content-length"))
            return take_frame(h, true, value, padded);
        break;
    case 16:
        if (!sc_span_eq_nocase(name, "content-encoding"))
            break;
        h->framing_last = true;
        return take_content(h, value);
    case 17:
        if (sc_span_eq_nocase(name, "transfer-encoding"))
            return take_frame(h, false, value, padded);
        break;
    }
    if (padded)
        h->notes |= HTTP_NOTE_SPACE_COLON;
    return 0;
}

/* What is no field at all: an error, or skipped with all its folded lines. */
static int no_field(struct http_head *h, const char *why)
{
    if (!h->lenient)
        return wrong(h, why);
    h->skipped = true;
    h->notes |= HTTP_NOTE_NO_FIELD;
    return 0;
}

static int add_fold(struct http_head *h, struct sc_span line,
                    struct sc_fields *f)
{
    int rc;

    if (h->skipped)
        return 0;
    if (f->n == 0)
        return no_field(h, "folded line before the first field");
    if (h->framing_last)
        return wrong(h, "folded framing field");
    h->notes |= HTTP_NOTE_FOLDED;
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
        return no_field(h, "field without a colon");
    name.len = (size_t)(colon - line.data);
    value = (struct sc_span){colon + 1, line.len - name.len - 1};
    name = sc_trim(name);
    value = sc_trim(value);
    h->skipped = false;
    rc = sc_fields_add(f, name, value);
    if (rc == SC_EINVAL)
        return wrong(h, "illegal field name or value");
    if (rc < 0)
        return rc;
    return take_meaning(h, name, value, name.data + name.len != colon);
}

static int coded(struct http_head *h, bool *keep)
{
    if (h->version < 11)
        return wrong(h, "Transfer-Encoding in HTTP/1.0");
    if (!h->chunked)
        return wrong(h, "unknown Transfer-Encoding");
    if (h->has_length) { /* perhaps smuggled: the coding counts, and no more */
        h->notes |= HTTP_NOTE_TE_AND_LENGTH;
        *keep = false;
    }
    return HTTP_CHUNKED;
}

int http_head_framing(struct http_head *h, enum http_asked asked, bool *keep)
{
    *keep = !h->close && (h->version >= 11 || h->keep_alive) &&
            !(h->notes & HTTP_NOTE_NO_FIELD);
    if (asked == HTTP_ASKED_HEAD || h->status == 304)
        return HTTP_NO_BODY;
    if (h->status < 200 || h->status == 204 ||
        (asked == HTTP_ASKED_CONNECT && h->status < 300)) {
        /* They may announce no body (RFC 9112 section 6.1): who does may send
         * one as well. */
        *keep = *keep && h->codings == 0 && h->length == 0;
        return HTTP_NO_BODY;
    }
    if (h->codings > 0)
        return coded(h, keep);
    if (h->has_length)
        return h->length > 0 ? HTTP_LENGTH : HTTP_NO_BODY;
    *keep = false;
    return HTTP_TO_END;
}

/* --- what was tolerated --- */

static const char *const note_texts[] = {
    "a line of the head ended in LF alone",
    "a folded field",
    "white space before a colon",
    "Content-Length told several times",
    "Transfer-Encoding and Content-Length",
    "no space behind the status",
    "a status above 599",
    "bytes behind the answer",
    "a Content-Encoding that is not known",
    "no CRLF behind the last chunk",
    "TLS ended without close_notify",
    "deflate without its zlib header",
    "a line that is no field",
};

const char *http_note_text(unsigned note)
{
    for (size_t i = 0; i < sizeof note_texts / sizeof note_texts[0]; i++)
        if (note == 1u << i)
            return note_texts[i];
    return "";
}
