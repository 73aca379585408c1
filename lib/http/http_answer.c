/* http_answer.c - the head of the answer (RFC 9112 sections 2 to 6), interim
 * answers before it (RFC 9110 section 15.2), and an answer that never came. */

#include <stdio.h>
#include <string.h>

#include "client/conn.h"
#include "core/text.h"
#include "http/http_client.h"
#include "run/clock.h"

enum {
    INTERIM_LIMIT = 16,
    UNREAD_LIMIT = 65536 /* of an answer, while the request is being sent */
};

/* --- no answer --- */

bool http_is_idempotent(const char *method)
{
    static const char *const names[] = {"GET",   "HEAD", "OPTIONS",
                                        "TRACE", "PUT",  "DELETE"};

    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        if (strcmp(method, names[i]) == 0)
            return true;
    return false;
}

/* SC_ESHORT: TLS that ended without close_notify, as with many servers. */
bool http_died(const HTTPClient *h, int rc)
{
    const struct sc_conn *k = h->base.conn;

    return !h->seen && !k->seen &&
           (rc == SC_EOF || rc == SC_ECONNRESET || rc == SC_EPIPE ||
            (rc == SC_ESHORT && k->err.phase == SC_PHASE_RECEIVE));
}

/* The first break stays, but for one that has a better name here. */
static int break_again(HTTPClient *h, int code, const char *text)
{
    struct sc_conn *k = h->base.conn;
    unsigned char phase = k->err.phase;

    k->broken = 0;
    sc_break(&h->base, code, "%s", text);
    k->err.phase = phase;
    return code;
}

int http_outcome(HTTPClient *h, int rc)
{
    struct sc_conn *k = h->base.conn;
    char text[100];

    if (rc >= 0 || h->harmless || h->idempotent || !k->sent || k->closed ||
        k->broken != rc || !http_died(h, rc))
        return rc;
    snprintf(text, sizeof text, "outcome unknown: %s", sc_strerror(rc));
    return break_again(h, SC_EUNKNOWN, text);
}

/* --- one head --- */

static int bad_head(HTTPClient *h, const struct http_head *head, int rc)
{
    return sc_break(&h->base, rc, "%s",
                    head->why != NULL ? head->why : sc_strerror(rc));
}

/* An end between two lines is an orderly one for sc_readline. */
static int no_line(HTTPClient *h, int rc)
{
    const struct sc_conn *k = h->base.conn;

    if (rc != SC_EOF || k->broken != rc || k->closed)
        return rc;
    return h->seen || k->seen
               ? break_again(h, SC_ESHORT, "head cut short")
               : break_again(h, SC_EOF, "ended without an answer");
}

static int read_line(HTTPClient *h, struct sc_span *line)
{
    int rc = sc_readline(&h->base, line);
    bool cr;

    if (rc < 0)
        return no_line(h, rc);
    cr = line->data[line->len] == '\r';
    h->count.head_got += line->len + 1 + cr;
    if (!cr)
        h->count.notes |= HTTP_NOTE_BARE_LF;
    return 0;
}

static void take_status(struct http_reply *reply, const struct http_head *head)
{
    reply->status = head->status;
    reply->version = head->version;
    sc_show(reply->reason, sizeof reply->reason, head->reason.data,
            head->reason.len);
    reply->head.n = 0;
    reply->head.text.len = 0;
}

static int read_status(HTTPClient *h, struct http_head *head,
                       struct http_reply *reply)
{
    struct sc_span line;
    int rc = read_line(h, &line);

    if (rc < 0)
        return rc;
    h->seen = true;
    if (h->count.first == 0)
        h->count.first = sc_now_us();
    if ((rc = http_head_status(head, line)) < 0)
        return bad_head(h, head, rc);
    take_status(reply, head);
    return 0;
}

static int read_lines(HTTPClient *h, struct http_head *head,
                      struct http_reply *reply)
{
    const struct sc_options *o = sc_client_options(&h->base);
    struct sc_span line;
    int rc;

    if ((rc = read_status(h, head, reply)) < 0)
        return rc;
    while ((rc = read_line(h, &line)) == 0 && line.len > 0) {
        rc = http_head_field(head, line, o->head_limit, o->head_fields,
                             &reply->head);
        if (rc < 0)
            return bad_head(h, head, rc);
    }
    h->count.notes |= head->notes;
    return rc;
}

/* One time limit for all lines of a head: a drip does not extend it. */
static int read_head(HTTPClient *h, struct http_head *head,
                     struct http_reply *reply)
{
    int rc;

    h->codings.len = 0;
    head->lenient = h->lenient;
    head->content = &h->codings;
    sc_unit_begin(h->base.conn);
    rc = read_lines(h, head, reply);
    sc_unit_end(h->base.conn);
    return rc;
}

/* --- interim answers --- */

void http_on_interim(HTTPClient *h,
                     int (*fn)(void *arg, const struct http_reply *r),
                     void *arg)
{
    if (sc_broken(&h->base) < 0)
        return;
    h->interim = fn;
    h->interim_arg = arg;
}

/* True if HEAD is one, and taken as such; RC then says how it went. */
static bool interim(HTTPClient *h, const struct http_head *head,
                    const struct http_reply *reply, int *rc)
{
    SimpleClient *c = &h->base;

    *rc = 0;
    if (head->status >= 200 || (head->status == 101 && h->upgrade))
        return false;
    if (head->status == 101)
        *rc = sc_break(c, SC_EPROTO, "101 that nobody asked for");
    else if (++h->interims > INTERIM_LIMIT)
        *rc = sc_break(c, SC_ETOOBIG, "too many interim answers");
    else if (h->interim != NULL &&
             (*rc = h->interim(h->interim_arg, reply)) < 0)
        sc_break(c, *rc, "stopped at an interim answer");
    h->continued |= head->status == 100;
    *rc = *rc < 0 ? *rc : 0;
    return true;
}

static bool has_head(struct sc_span s)
{
    const char *p = s.data, *end = s.data + s.len, *lf;

    for (; (lf = memchr(p, '\n', (size_t)(end - p))) != NULL; p = lf + 1)
        if (lf == p || (lf == p + 1 && *p == '\r'))
            return true;
    return false;
}

/* Of what is unread, the first head is an interim one: "HTTP/1.1 1..". */
static bool looks_interim(struct sc_span s)
{
    return s.len > 10 && memcmp(s.data, "HTTP/1.", 7) == 0 && s.data[9] == '1';
}

static int skip_buffered(HTTPClient *h)
{
    struct http_reply reply = {0};
    struct http_head head = {0};
    int rc = read_head(h, &head, &reply);

    if (rc == 0)
        interim(h, &head, &reply, &rc);
    http_reply_free(&reply);
    return rc;
}

int http_answer_begun(HTTPClient *h)
{
    struct sc_conn *k = h->base.conn;
    struct sc_span unread;
    int rc;

    for (;;) {
        unread = (struct sc_span){k->rb + k->rpos, k->rend - k->rpos};
        if (unread.len == 0)
            return 0;
        h->seen = true;
        if (unread.len > 10 && !looks_interim(unread))
            return 1;
        if (unread.len > 12 && memcmp(unread.data + 9, "101", 3) == 0)
            return 1;
        if (unread.len <= 10 || !has_head(unread))
            return unread.len > UNREAD_LIMIT;
        if ((rc = skip_buffered(h)) < 0)
            return rc;
    }
}

int http_on_input(SimpleClient *c)
{
    HTTPClient *h = (HTTPClient *)c;
    ssize_t n;
    int rc;

    do {
        n = sc_conn_look(c, 0);
        rc = http_answer_begun(h);
    } while (rc == 0 && n > 0);
    if (rc == 0 && n < 0)
        return h->seen ? 1 : -1; /* half an answer is told as one */
    return rc;
}

/* --- the answer --- */

static void begin_body(HTTPClient *h, const struct http_head *head, int framing)
{
    h->trailers.n = 0;
    h->trailers.text.len = 0;
    /* The body before has nothing to do with it. */
    h->base.conn->stall_left = 0;
    http_body_begin(&h->body, framing, head->length, &h->trailers);
    h->raw = head->status == 101 || (h->connect && head->status / 100 == 2);
    h->keep = h->keep && !h->early && !h->raw && !h->version_10 && !h->last;
    h->stage = HTTP_ANSWER;
    h->used = true;
    http_answer_over(h);
}

/* Bytes behind an answer belong to nobody (RFC 9112 section 6.3). */
void http_answer_over(HTTPClient *h)
{
    const struct sc_conn *k = h->base.conn;

    h->count.body_got = h->body.got;
    if (h->stage == HTTP_ANSWER && h->body.framing == HTTP_NO_BODY && !h->raw &&
        k->rend > k->rpos) {
        h->count.notes |= HTTP_NOTE_UNASKED_BODY;
        h->keep = false;
    }
}

static int read_answer(HTTPClient *h, struct http_reply *reply)
{
    enum http_asked asked = h->head      ? HTTP_ASKED_HEAD
                            : h->connect ? HTTP_ASKED_CONNECT
                                         : HTTP_ASKED_OTHER;
    struct http_head head = {0};
    int rc, framing;

    do {
        if ((rc = read_head(h, &head, reply)) < 0)
            return rc;
    } while (interim(h, &head, reply, &rc) && rc == 0);
    if (rc < 0)
        return rc;
    if ((framing = http_head_framing(&head, asked, &h->keep)) < 0)
        return bad_head(h, &head, framing);
    h->count.notes |= head.notes;
    begin_body(h, &head, framing);
    if (head.retry_after_s >= 0)
        reply->retry_after_ms = head.retry_after_s * 1000;
    return 0;
}

/* A refused request was never queued: the client is in order. If it came while
 * another one waits for its answer, that one still does. */
static int drop_request(HTTPClient *h)
{
    int rc = h->refused;

    h->refused = 0;
    if (h->stage == HTTP_PUT) {
        h->stage = HTTP_READY;
        h->keep = true;
    }
    return rc;
}

static int end_body(HTTPClient *h)
{
    SimpleClient *c = &h->base;

    if (h->early) {
        sc_conn_drop_unsent(c->conn);
        return 0;
    }
    if (h->chunked) {
        sc_writeline_n(c, "0", 1);
        sc_writeline_n(c, "", 0);
    } else if (h->promised > 0) {
        return sc_break(c, SC_EINVAL, "less of a body than was promised");
    }
    return 0;
}

static int end_request(HTTPClient *h)
{
    SimpleClient *c = &h->base;
    int rc = sc_broken(c);

    if (rc < 0)
        return rc;
    if (h->refused < 0)
        return drop_request(h);
    if (h->stage != HTTP_SENT)
        return sc_fail(c, SC_EINVAL, "an answer without a request");
    if ((rc = end_body(h)) == 0 && (rc = sc_flush(c)) > 0) {
        h->early = true;
        sc_conn_drop_unsent(c->conn);
    }
    h->count.sent = sc_now_us();
    return rc < 0 ? http_outcome(h, rc) : 0;
}

static void forget(struct http_reply *reply)
{
    reply->status = 0;
    reply->notes = 0;
    reply->retry_after_ms = -1;
    reply->trailers.n = 0;
    reply->trailers.text.len = 0;
    reply->error = (struct sc_error){0};
}

int http_getreply(HTTPClient *h, struct http_reply *reply)
{
    int rc;

    forget(reply);
    if ((rc = end_request(h)) == 0)
        rc = http_outcome(h, read_answer(h, reply));
    if (h->has_body)
        sc_conn_on_input(&h->base, NULL);
    if (rc == SC_ELINE)
        h->stage = HTTP_READY;
    reply->notes = h->count.notes;
    if (rc < 0)
        reply->error = *sc_last_error(&h->base);
    return rc;
}

const struct sc_fields *http_gettrailers(HTTPClient *h)
{
    return &h->trailers;
}
