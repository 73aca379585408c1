/* http_events.c - server-sent events (WHATWG HTML, section 9.2): a stream of
 * lines that end in LF, CR or CRLF; fields of an event until an empty line. */

#include "http/http_events.h"

#include <string.h>

#include "client/conn.h"
#include "core/text.h"
#include "http/http_call.h"

enum { STALL_MS = 30000, BODY_LIMIT = 64 << 20 };

static const unsigned char bom[] = {0xef, 0xbb, 0xbf};

void http_event_reader_free(struct http_event_reader *r)
{
    sc_buf_free(&r->line);
    sc_buf_free(&r->data);
    sc_buf_free(&r->type);
    sc_buf_free(&r->id);
    sc_buf_free(&r->last_id);
}

/* --- fields --- */

static int set(struct sc_buf *b, struct sc_span value)
{
    b->len = 0;
    return sc_buf_add(b, value.data, value.len);
}

/* Digits only, else it is ignored. */
static void set_retry(struct http_event_reader *r, struct sc_span value)
{
    uint64_t ms;

    if (r->retry_ms != NULL && sc_parse_u64(value, INT32_MAX, &ms) == 0)
        *r->retry_ms = (int64_t)ms;
}

static int take_field(struct http_event_reader *r, struct sc_span name,
                      struct sc_span value)
{
    int rc = 0;

    if (sc_span_eq(name, "data")) {
        r->has_data = true;
        if ((rc = sc_buf_add(&r->data, value.data, value.len)) == 0)
            rc = sc_buf_add(&r->data, "\n", 1);
    } else if (sc_span_eq(name, "event")) {
        rc = set(&r->type, value);
    } else if (sc_span_eq(name, "id")) {
        if (value.len == 0 || memchr(value.data, '\0', value.len) == NULL)
            rc = set(&r->id, value);
    } else if (sc_span_eq(name, "retry")) {
        set_retry(r, value);
    }
    return rc;
}

/* An id without data counts from now on; an event without data is none. */
static int dispatch(struct http_event_reader *r)
{
    struct http_event e = {.type = "message", .id = ""};
    int rc = set(&r->last_id, (struct sc_span){r->id.data, r->id.len});

    if (rc == 0 && r->has_data) {
        e.data = (struct sc_span){r->data.data, r->data.len - 1};
        r->data.data[r->data.len - 1] = '\0';
        if (r->type.len > 0)
            e.type = r->type.data;
        if (r->last_id.len > 0)
            e.id = r->last_id.data;
        rc = r->fn(r->arg, &e);
    }
    r->data.len = r->type.len = 0;
    r->has_data = false;
    return rc < 0 ? rc : 0;
}

static int take_line(struct http_event_reader *r, struct sc_span line)
{
    const char *colon;
    struct sc_span name = line, value = {"", 0};

    if (line.len == 0)
        return dispatch(r);
    if ((colon = memchr(line.data, ':', line.len)) != NULL) {
        name.len = (size_t)(colon - line.data);
        value.data = colon + 1;
        value.len = line.len - name.len - 1;
        if (value.len > 0 && value.data[0] == ' ') {
            value.data++;
            value.len--;
        }
    }
    return name.len > 0 ? take_field(r, name, value) : 0; /* ":": a comment */
}

/* --- lines --- */

/* A byte order mark at the very beginning counts for nothing. */
static struct sc_span skip_mark(struct http_event_reader *r)
{
    struct sc_span line = {r->line.data, r->line.len};

    if (!r->begun && line.len >= sizeof bom &&
        memcmp(line.data, bom, sizeof bom) == 0) {
        line.data += sizeof bom;
        line.len -= sizeof bom;
    }
    r->begun = true;
    return line;
}

static int end_line(struct http_event_reader *r)
{
    int rc = sc_buf_add(&r->line, "", 0);

    if (rc == 0)
        rc = take_line(r, skip_mark(r));
    r->line.len = 0;
    return rc;
}

/* Bytes of one event, whatever field they are in. */
static int add_bytes(struct http_event_reader *r, const char *p, size_t n)
{
    r->full =
        n > r->limit || r->line.len + r->data.len + r->type.len > r->limit - n;
    if (r->full)
        return SC_ETOOBIG;
    return sc_buf_add(&r->line, p, n);
}

static size_t until_line_end(const char *p, size_t n)
{
    size_t i = 0;

    while (i < n && p[i] != '\n' && p[i] != '\r')
        i++;
    return i;
}

int http_event_take(struct http_event_reader *r, const void *bytes, size_t n)
{
    const char *p = bytes, *end = p + n;
    size_t some;
    int rc = 0;

    while (p < end && rc == 0) {
        if (r->cr && *p == '\n') /* the rest of a CRLF */
            p++;
        r->cr = false;
        some = until_line_end(p, (size_t)(end - p));
        if (some > 0)
            rc = add_bytes(r, p, some);
        p += some;
        if (rc == 0 && p < end) {
            r->cr = *p++ == '\r';
            rc = end_line(r);
        }
    }
    return rc;
}

/* --- from a server --- */

struct listening {
    struct http_event_reader reader;
    struct http_request q;
    struct http_reply *reply;
    struct sc_options opt;
    struct sc_fields head;
};

static bool is_stream(const struct http_reply *r)
{
    const char *type = http_header(r, "Content-Type", "");
    struct sc_span name = {type, strcspn(type, "; \t")};

    return r->status == 200 && sc_span_eq_nocase(name, "text/event-stream");
}

static int take(void *arg, const void *p, size_t n)
{
    struct listening *l = arg;

    return is_stream(l->reply) ? http_event_take(&l->reader, p, n) : SC_EREPLY;
}

static int put(struct listening *l, const char *name, const char *value)
{
    if (sc_fields_get(&l->head, name, NULL) != NULL)
        return 0;
    return sc_fields_add(&l->head, sc_span_of(name), sc_span_of(value));
}

static int set_head(struct listening *l, const struct sc_fields *from)
{
    int rc = 0;

    for (size_t i = 0; rc == 0 && from != NULL && i < from->n; i++)
        rc = sc_fields_add(&l->head, from->at[i].name, from->at[i].value);
    if (rc == 0 && (rc = put(l, "Accept", "text/event-stream")) == 0)
        rc = put(l, "Cache-Control", "no-cache");
    return rc < 0 ? sc_error_set(&l->reply->error, rc, "bad header field") : 0;
}

/* One byte is enough to show that the server lives. */
static void set_request(struct listening *l, const struct http_request *q)
{
    l->opt = *http_options_of(q);
    l->opt.stall_bytes = 1;
    if (l->opt.stall_ms == 0)
        l->opt.stall_ms = STALL_MS;
    l->reader.limit =
        l->opt.body_limit > 0 ? l->opt.body_limit : (size_t)BODY_LIMIT;
    l->reader.line.limit = l->reader.data.limit = l->reader.limit + 2;
    l->q = *q;
    l->q.options = &l->opt;
    l->q.head = &l->head;
    l->q.sink = take;
    l->q.sink_arg = l;
}

static int settle(struct listening *l, int rc)
{
    struct http_reply *r = l->reply;

    if (rc == SC_EREPLY || (rc == 0 && !is_stream(r)))
        return sc_error_set(
            &r->error, SC_EREPLY, "%.150s: no stream of events: %d %.40s",
            http_final_url(r), r->status, http_header(r, "Content-Type", ""));
    if (rc == SC_ETOOBIG && l->reader.full)
        return sc_error_set(&r->error, rc,
                            "%.150s: an event beyond its limit of %zu bytes",
                            http_final_url(r), l->reader.limit);
    return rc;
}

int http_events(const struct http_request *request, http_event_fn fn, void *arg,
                int64_t *retry_ms, struct http_reply *reply)
{
    struct listening l = {.reply = reply};
    int rc;

    l.reader.fn = fn;
    l.reader.arg = arg;
    l.reader.retry_ms = retry_ms;
    http_reply_reset(reply, request->options);
    set_request(&l, request);
    if ((rc = set_head(&l, request->head)) == 0)
        rc = settle(&l, http_request(&l.q, reply));
    http_event_reader_free(&l.reader);
    sc_fields_free(&l.head);
    return rc;
}
