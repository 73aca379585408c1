/* httplib.c - a request and its answer in steps (RFC 9112 section 3). Lines are
 * collected and queued together at the end of the header, so a refused one
 * leaves nothing behind and all leave in one packet. Early answers to a body
 * that is still being sent are left out. */

#include <string.h>

#include <simpleclient/task.h>

#include "client/conn.h"
#include "core/text.h"
#include "http/http_client.h"

#define DRAIN_LIMIT 65536
#define INTERIM_LIMIT 16
#define AT_ONCE_MS 2

static int refuse(HTTPClient *h, const char *why)
{
    if (h->refused == 0)
        h->refused = sc_fail(&h->base, SC_EINVAL, "%s", why);
    return h->refused;
}

static bool is_token(const char *s)
{
    if (*s == '\0')
        return false;
    while (*s != '\0' && sc_is_token((unsigned char)*s))
        s++;
    return *s == '\0';
}

bool http_is_idempotent(const char *method)
{
    static const char *const names[] = {"GET",   "HEAD", "OPTIONS",
                                        "TRACE", "PUT",  "DELETE"};

    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        if (strcmp(method, names[i]) == 0)
            return true;
    return false;
}

/* SC_ESHORT: TLS that ended without close_notify, as many servers do. */
bool http_died(const HTTPClient *h, int rc)
{
    return !h->seen && (rc == SC_EOF || rc == SC_ECONNRESET || rc == SC_EPIPE ||
                        rc == SC_ESHORT);
}

int http_outcome(HTTPClient *h, int rc)
{
    struct sc_conn *k = h->base.conn;
    int phase = k->err.phase;

    if (h->harmless || h->idempotent || !k->sent || k->closed ||
        k->broken != rc || !http_died(h, rc))
        return rc;
    k->broken = 0; /* the first break stays, but for this one */
    sc_break(&h->base, SC_EUNKNOWN, "outcome unknown: %s", sc_strerror(rc));
    k->err.phase = (unsigned char)phase;
    return SC_EUNKNOWN;
}

static bool is_target(const char *s)
{
    if (*s == '\0')
        return false;
    while ((unsigned char)*s > ' ' && *s != 0x7f)
        s++;
    return *s == '\0';
}

/* "Host: name", RFC 9110 section 7.2: brackets around IPv6, no zone, no
 * default port. */
static int make_host(HTTPClient *h)
{
    const char *host = sc_client_host(&h->base);
    int port = sc_client_port(&h->base);
    int usual = sc_client_is_tls(&h->base) ? 443 : 80;
    bool ip6;

    if (host == NULL || host[0] == '\0' || host[0] == '/')
        return sc_buf_addf(&h->host, "Host: localhost");
    ip6 = strchr(host, ':') != NULL;
    if (port == usual || port <= 0)
        return sc_buf_addf(&h->host, ip6 ? "Host: [%.*s]" : "Host: %.*s",
                           (int)strcspn(host, "%"), host);
    return sc_buf_addf(&h->host, ip6 ? "Host: [%.*s]:%d" : "Host: %.*s:%d",
                       (int)strcspn(host, "%"), host, port);
}

/* What every request on this client says. */
static int make_fixed(HTTPClient *h)
{
    int rc;

    if (h->host.len > 0 && h->agent.len > 0)
        return 0;
    h->host.len = h->agent.len = 0;
    if ((rc = make_host(h)) < 0)
        return rc;
    return sc_buf_addf(&h->agent, "User-Agent: simpleclient/%s", sc_version());
}

/* Read the rest of the answer before, if it is short. */
static int drain(HTTPClient *h)
{
    char buf[1024];
    size_t total = 0;
    ssize_t n;

    if (!h->keep ||
        (h->body.framing == HTTP_LENGTH && h->body.left > DRAIN_LIMIT))
        return 1;
    while ((n = http_body_read(&h->base, &h->body, buf, sizeof buf)) > 0)
        if ((total += (size_t)n) > DRAIN_LIMIT)
            return 1;
    return (int)n;
}

bool http_reusable(const HTTPClient *h)
{
    return h->stage != HTTP_SENT && (h->stage != HTTP_ANSWER || h->keep) &&
           h->body.framing == HTTP_NO_BODY && sc_broken(&h->base) == 0;
}

/* Requests that follow each other at once are spared the system call: what
 * could come in that time could as well come behind the request, and an end
 * is met by asking again, where that does no harm. */
static bool left_over(HTTPClient *h, const char *method)
{
    bool harmless = strcmp(method, "GET") == 0 || strcmp(method, "HEAD") == 0;
    int64_t ended = h->ended;
    int pending = 0;

    h->ended = 0;
    if (!sc_client_idle(&h->base))
        return true;
    if (harmless && ended != 0 && sc_now() - ended < AT_ONCE_MS)
        return false;
    return sc_stream_info(sc_stream(&h->base), SC_INFO_PENDING, &pending) ==
               0 &&
           pending != 0;
}

int http_open_again(HTTPClient *h)
{
    int rc = sc_reopen(&h->base);

    h->used = false;
    h->stage = HTTP_READY;
    h->body.framing = HTTP_NO_BODY;
    if (rc < 0) /* what is left of the old connection must not be read */
        return sc_break(&h->base, rc, "the connection cannot be used again");
    return 0;
}

/* Bytes that came after an answer belong to nobody (RFC 9112 section 6.3), and
 * an end between two requests is no error. */
static int make_ready(HTTPClient *h, const char *method)
{
    SimpleClient *c = &h->base;
    int rc = sc_broken(c);

    sc_stream_close(h->file);
    h->file = NULL;
    if (rc < 0)
        return rc;
    if (h->stage == HTTP_SENT)
        return sc_fail(c, SC_EINVAL, "the answer before was not read");
    if (h->stage == HTTP_ANSWER && h->body.framing != HTTP_NO_BODY &&
        (rc = drain(h)) < 0)
        return rc;
    if (h->used && (rc > 0 || !http_reusable(h) || left_over(h, method))) {
        return http_open_again(h);
    }
    return 0;
}

int http_putrequest(HTTPClient *h, const char *method, const char *target)
{
    int rc = make_ready(h, method);

    h->refused = 0;
    h->line.len = h->more.len = 0;
    h->promised = 0;
    h->chunked = h->has_body = false;
    h->own_host = h->own_agent = h->own_accept = false;
    h->seen = false;
    if (rc < 0)
        return rc;
    h->stage = HTTP_PUT;
    if (!is_token(method) || !is_target(target))
        return refuse(h, "bad method or target");
    h->head = strcmp(method, "HEAD") == 0;
    h->harmless = http_is_idempotent(method);
    if ((rc = make_fixed(h)) < 0 ||
        (rc = sc_buf_add(&h->line, method, strlen(method))) < 0 ||
        (rc = sc_buf_add(&h->line, " ", 1)) < 0 ||
        (rc = sc_buf_add(&h->line, target, strlen(target))) < 0 ||
        (rc = sc_buf_add(&h->line, " HTTP/1.1", 9)) < 0)
        return sc_break(&h->base, rc, "no memory for the request");
    return 0;
}

/* What this field means for the body that is to follow. Both framings at once
 * are never sent. */
static int note_field(HTTPClient *h, const char *name, const char *value)
{
    bool length = sc_casecmp(name, "Content-Length") == 0;
    bool coding = sc_casecmp(name, "Transfer-Encoding") == 0;

    if (sc_casecmp(name, "Host") == 0)
        h->own_host = true;
    else if (sc_casecmp(name, "User-Agent") == 0)
        h->own_agent = true;
    else if (sc_casecmp(name, "Accept") == 0)
        h->own_accept = true;
    if (!length && !coding)
        return 0;
    if (h->has_body)
        return refuse(h, "the body's length is told twice");
    h->has_body = true;
    if (length && sc_parse_u64(sc_span_of(value), INT64_MAX, &h->promised) < 0)
        return refuse(h, "bad Content-Length");
    h->chunked = coding;
    if (coding && sc_casecmp(value, "chunked") != 0)
        return refuse(h, "bad Transfer-Encoding");
    return 0;
}

int http_putheader(HTTPClient *h, const char *name, const char *value)
{
    int rc = sc_broken(&h->base);

    if (rc < 0)
        return rc;
    if (h->refused < 0)
        return h->refused;
    if (h->stage != HTTP_PUT)
        return refuse(h, "a field outside a request");
    if (!is_token(name) || !sc_line_safe(value, strlen(value)))
        return refuse(h, "bad header field");
    if ((rc = note_field(h, name, value)) < 0)
        return rc;
    if ((rc = sc_buf_add(&h->more, name, strlen(name))) < 0 ||
        (rc = sc_buf_add(&h->more, ": ", 2)) < 0 ||
        (rc = sc_buf_add(&h->more, value, strlen(value))) < 0 ||
        (rc = sc_buf_add(&h->more, "\n", 1)) < 0)
        return sc_break(&h->base, rc, "no room for the header");
    return 0;
}

static bool is_secret(const char *line, size_t n)
{
    struct sc_span name = {line, strcspn(line, ":")};

    return n > name.len && (sc_span_eq_nocase(name, "authorization") ||
                            sc_span_eq_nocase(name, "cookie"));
}

static void queue_more(HTTPClient *h)
{
    const char *p = h->more.data, *end = p + h->more.len, *lf;

    for (; p < end; p = lf + 1) {
        lf = memchr(p, '\n', (size_t)(end - p));
        if (is_secret(p, (size_t)(lf - p)))
            sc_secret(&h->base);
        sc_writeline_n(&h->base, p, (size_t)(lf - p));
    }
}

int http_endheaders(HTTPClient *h)
{
    SimpleClient *c = &h->base;

    if (sc_broken(c) < 0)
        return sc_broken(c);
    if (h->refused < 0)
        return h->refused;
    if (h->stage != HTTP_PUT)
        return refuse(h, "the end of a header outside a request");
    sc_writeline_n(c, h->line.data, h->line.len);
    if (!h->own_host)
        sc_writeline_n(c, h->host.data, h->host.len);
    if (!h->own_agent)
        sc_writeline_n(c, h->agent.data, h->agent.len);
    if (!h->own_accept)
        sc_writeline_n(c, "Accept: */*", 11);
    if (h->more.len > 0)
        queue_more(h);
    h->stage = HTTP_SENT;
    return http_outcome(h, sc_writeline_n(c, "", 0));
}

int http_send(HTTPClient *h, const void *p, size_t n)
{
    SimpleClient *c = &h->base;

    if (sc_broken(c) < 0)
        return sc_broken(c);
    if (h->refused < 0)
        return h->refused;
    if (h->stage != HTTP_SENT || !h->has_body ||
        (!h->chunked && n > h->promised))
        return sc_break(c, SC_EINVAL, "more of a body than was promised");
    if (n == 0)
        return 0;
    if (!h->chunked) {
        h->promised -= n;
        return http_outcome(h, sc_write(c, p, n));
    }
    sc_writeline(c, "%zx", n);
    sc_write(c, p, n);
    return http_outcome(h, sc_writeline_n(c, "", 0));
}

/* --- the answer --- */

static int bad_head(HTTPClient *h, const struct http_head *head, int rc)
{
    return sc_break(&h->base, rc, "%s",
                    head->why != NULL ? head->why : sc_strerror(rc));
}

/* An end between two lines is a cut as well; it is looked for before
 * sc_readline would call it an orderly one. */
static int read_line(HTTPClient *h, struct sc_span *line)
{
    int rc = sc_peek(&h->base, 1, line);

    if (rc == SC_EOF && h->seen)
        return sc_break(&h->base, SC_ESHORT, "head cut short");
    if (rc == SC_EOF)
        return sc_break(&h->base, SC_EOF, "ended without an answer");
    if (rc < 0)
        return rc;
    h->seen = true;
    return sc_readline(&h->base, line);
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

static int read_lines(HTTPClient *h, struct http_head *head,
                      struct http_reply *reply)
{
    const struct sc_options *o = sc_client_options(&h->base);
    struct sc_span line;
    int rc;

    if ((rc = read_line(h, &line)) < 0)
        return rc;
    if ((rc = http_head_status(head, line)) < 0)
        return bad_head(h, head, rc);
    take_status(reply, head);
    while ((rc = read_line(h, &line)) == 0 && line.len > 0) {
        rc = http_head_field(head, line, o->head_limit, o->head_fields,
                             &reply->head);
        if (rc < 0)
            return bad_head(h, head, rc);
    }
    return rc;
}

/* One time limit for all lines of a head: a drip does not extend it. */
static int read_head(HTTPClient *h, struct http_head *head,
                     struct http_reply *reply)
{
    int rc;

    sc_unit_begin(h->base.conn);
    rc = read_lines(h, head, reply);
    sc_unit_end(h->base.conn);
    return rc;
}

static int read_answer(HTTPClient *h, struct http_reply *reply)
{
    struct http_head head = {0};
    int rc;

    for (int interim = 0;; interim++) {
        if ((rc = read_head(h, &head, reply)) < 0)
            return rc;
        if (head.status == 101)
            return sc_break(&h->base, SC_EPROTO, "101 that nobody asked for");
        if (head.status >= 200)
            break;
        if (interim >= INTERIM_LIMIT)
            return sc_break(&h->base, SC_ETOOBIG, "too many interim answers");
    }
    if ((rc = http_head_framing(&head, h->head, &h->keep)) < 0)
        return bad_head(h, &head, rc);
    h->trailers.n = 0;
    h->trailers.text.len = 0;
    h->base.conn->stall_left =
        0; /* the body before has nothing to do with it */
    http_body_begin(&h->body, rc, head.length, &h->trailers);
    h->stage = HTTP_ANSWER;
    h->used = true;
    return 0;
}

/* A refused request was never queued: the client is in order. */
static int end_request(HTTPClient *h)
{
    SimpleClient *c = &h->base;
    int rc = sc_broken(c);

    if (rc < 0)
        return rc;
    if (h->refused < 0) {
        rc = h->refused;
        h->refused = 0;
        h->stage = HTTP_READY;
        h->keep = true;
        return rc;
    }
    if (h->stage != HTTP_SENT)
        return sc_fail(c, SC_EINVAL, "an answer without a request");
    if (h->chunked) {
        sc_writeline_n(c, "0", 1);
        sc_writeline_n(c, "", 0);
    } else if (h->promised > 0) {
        return sc_break(c, SC_EINVAL, "less of a body than was promised");
    }
    return 0;
}

int http_getreply(HTTPClient *h, struct http_reply *reply)
{
    int rc = end_request(h);

    reply->status = 0;
    reply->trailers.n = 0;
    reply->trailers.text.len = 0;
    reply->error = (struct sc_error){0};
    if (rc == 0)
        rc = http_outcome(h, read_answer(h, reply));
    if (rc == SC_ELINE)
        h->stage = HTTP_READY;
    if (rc < 0)
        reply->error = *sc_last_error(&h->base);
    return rc;
}

/* --- the body as a stream --- */

struct http_file {
    Stream base;
    HTTPClient *h;
};

static ssize_t file_read(Stream *s, void *buf, size_t n, struct sc_wait *w)
{
    HTTPClient *h = ((struct http_file *)s)->h;
    ssize_t got = http_body_read(&h->base, &h->body, buf, n);

    if (got < 0 && w->err != NULL)
        *w->err = *sc_last_error(&h->base);
    return got;
}

static int file_writev(Stream *s, const struct sc_span *v, size_t n,
                       struct sc_wait *w)
{
    (void)s;
    (void)v;
    (void)n;
    return sc_error_set(w->err, SC_ENOTSUP, "a body is only read");
}

static int file_shutdown(Stream *s, struct sc_wait *w)
{
    return file_writev(s, NULL, 0, w);
}

static int file_info(Stream *s, int what, void *answer)
{
    Stream *below = sc_stream(&((struct http_file *)s)->h->base);

    return below != NULL ? sc_stream_info(below, what, answer) : SC_ENOTSUP;
}

static void file_interrupt(Stream *s, int error)
{
    (void)s; /* its reader waits in the client, whose closing wakes it */
    (void)error;
}

static void file_cleanup(Stream *s)
{
    (void)s;
}

static const struct stream_class http_file_class = {
    .name = "http body",
    .size = sizeof(struct http_file),
    .read = file_read,
    .writev = file_writev,
    .sendfile = sc_stream_copy_file,
    .shutdown = file_shutdown,
    .interrupt = file_interrupt,
    .info = file_info,
    .cleanup = file_cleanup,
};

Stream *http_getfile(HTTPClient *h)
{
    struct http_file *f;

    if (h->stage != HTTP_ANSWER || h->file != NULL)
        return h->file;
    if ((f = sc_stream_new(&http_file_class)) == NULL) {
        sc_break(&h->base, SC_ENOMEM, "no memory for the body");
        return NULL;
    }
    f->h = h;
    h->file = &f->base;
    return h->file;
}
