/* proxy_http.c - HTTP CONNECT (RFC 9110 section 9.3.6, RFC 9112 section
 * 3.2.3): the request as curl sends it, and the head of the answer, bounded in
 * bytes, fields' form and 1xx. A 2xx has no body, whatever its fields say: what
 * follows the head is the server's already. Of logins only Basic is known here;
 * http answers challenges (sc_proxy_login), on the same connection if the
 * refusal leaves it in order. */
#include "client/proxy.h"

#include <string.h>

#include <simpleclient/field.h>

#include "client/conn.h"
#include "client/field_parse.h"
#include "core/mem.h"
#include "core/text.h"

enum {
    REQUEST_LIMIT = 256 << 10,
    HEAD_LIMIT = 100 << 10,   /* of all heads together */
    REFUSAL_LIMIT = 64 << 10, /* a body that is read to go on behind it */
    INTERIM = 16,             /* 1xx before the answer */
    READ_SIZE = 4096
};

/* --- the request --- */

static int add_authority(struct sc_buf *q, const struct sc_proxy_target *to)
{
    char host[sizeof to->name.host];

    if (!to->numeric)
        sc_span_copy(host, sizeof host, sc_span_of(to->name.host));
    else if (sc_address_text(&to->address, host, sizeof host) < 0)
        return SC_EINVAL;
    return sc_buf_addf(q, strchr(host, ':') != NULL ? "[%s]:%d" : "%s:%d", host,
                       to->name.port);
}

/* RFC 7617 section 2. */
static int add_basic(struct sc_buf *q, const struct sc_proxy *p)
{
    struct sc_buf login = SC_BUF(16384);
    int rc = sc_buf_addf(&login, "%s:%s", p->user,
                         p->password != NULL ? p->password : "");

    if (rc == 0)
        rc = sc_buf_addf(q, "Proxy-Authorization: Basic ");
    if (rc == 0)
        rc = sc_base64_encode(q, login.data, login.len);
    if (rc == 0)
        rc = sc_buf_addf(q, "\r\n");
    if (login.data != NULL)
        sc_wipe(login.data, login.len);
    sc_buf_free(&login);
    return rc;
}

/* The answer to a challenge; without one, Basic, unless we are to be asked. */
static int add_login(struct sc_buf *q, const struct sc_proxy *p,
                     const struct sc_options *o, const struct sc_buf *login)
{
    if (login->len > 0)
        return sc_buf_addf(q, "Proxy-Authorization: %s\r\n", login->data);
    return o->proxy_login == NULL ? add_basic(q, p) : 0;
}

/* The program's own field of that name stands in for ours; an empty one takes
 * it away. */
static bool has_own(const struct sc_options *o, const char *name)
{
    return o->proxy_head != NULL &&
           sc_fields_get(o->proxy_head, name, NULL) != NULL;
}

static int add_field(struct sc_buf *q, const struct sc_field *f)
{
    if (f->value.len == 0)
        return 0;
    return sc_buf_addf(q, "%.*s: %.*s\r\n", (int)f->name.len, f->name.data,
                       (int)f->value.len, f->value.data);
}

/* An agent that is named before all else stands where ours would. */
static bool agent_first(const struct sc_options *o)
{
    return o->proxy_head != NULL && o->proxy_head->n > 0 &&
           sc_span_eq_nocase(o->proxy_head->at[0].name, "User-Agent");
}

static int add_agent(struct sc_buf *q, const struct sc_options *o)
{
    if (agent_first(o))
        return add_field(q, &o->proxy_head->at[0]);
    if (has_own(o, "User-Agent"))
        return 0;
    return sc_buf_addf(q, "User-Agent: simpleclient/%s\r\n", sc_version());
}

static int add_own(struct sc_buf *q, const struct sc_options *o)
{
    int rc = 0;

    if (o->proxy_head == NULL)
        return 0;
    for (size_t i = agent_first(o); i < o->proxy_head->n && rc == 0; i++)
        rc = add_field(q, &o->proxy_head->at[i]);
    return rc;
}

static int compose(struct sc_buf *q, const struct sc_proxy *p,
                   const struct sc_proxy_target *to, const struct sc_options *o,
                   const struct sc_buf *login)
{
    int rc = sc_buf_addf(q, "CONNECT ");

    if (rc == 0)
        rc = add_authority(q, to);
    if (rc == 0)
        rc = sc_buf_addf(q, " HTTP/1.1\r\n");
    if (rc == 0 && !has_own(o, "Host")) {
        rc = sc_buf_addf(q, "Host: ");
        if (rc == 0)
            rc = add_authority(q, to);
        if (rc == 0)
            rc = sc_buf_addf(q, "\r\n");
    }
    if (rc == 0 && p->user != NULL && !has_own(o, "Proxy-Authorization"))
        rc = add_login(q, p, o, login);
    if (rc == 0)
        rc = add_agent(q, o);
    if (rc == 0 && !has_own(o, "Proxy-Connection"))
        rc = sc_buf_addf(q, "Proxy-Connection: Keep-Alive\r\n");
    if (rc == 0)
        rc = add_own(q, o);
    return rc == 0 ? sc_buf_addf(q, "\r\n") : rc;
}

static int send_request(const struct sc_proxy *p, Stream *s,
                        const struct sc_proxy_target *to,
                        const struct sc_options *o, const struct sc_buf *login,
                        struct sc_wait *w)
{
    struct sc_buf q = SC_BUF(REQUEST_LIMIT);
    int rc = compose(&q, p, to, o, login);

    if (rc < 0)
        sc_error_set(w->err, rc, "CONNECT: %s", sc_strerror(rc));
    else
        rc = sc_stream_write(s, q.data, q.len, w);
    if (q.data != NULL)
        sc_wipe(q.data, q.len);
    sc_buf_free(&q);
    return rc;
}

/* --- the head of the answer --- */

/* The lines of IN, one after the other; LINE without its end. */
static bool next_line(const struct sc_buf *in, size_t *pos,
                      struct sc_span *line)
{
    const char *start = in->data + *pos;
    const char *lf =
        *pos < in->len ? memchr(start, '\n', in->len - *pos) : NULL;

    if (lf == NULL)
        return false;
    *pos = (size_t)(lf + 1 - in->data);
    line->data = start;
    line->len = (size_t)(lf - start);
    line->len -= line->len > 0 && start[line->len - 1] == '\r';
    return true;
}

/* Where the head ends, or 0: not all of it has come. FROM: what was looked
 * through before. */
static size_t head_end(const struct sc_buf *in, size_t *from)
{
    struct sc_span line;
    size_t before = *from;

    while (next_line(in, from, &line)) {
        if (line.len == 0 && before > 0)
            return *from;
        before = *from;
    }
    return 0;
}

static int no_http(const struct sc_buf *in, struct sc_wait *w)
{
    char shown[60];

    sc_show(shown, sizeof shown, in->data, strcspn(in->data, "\r\n"));
    return sc_error_set(w->err, SC_EPROTO, "no answer in HTTP: %s", shown);
}

/* Garbage is told from HTTP by its first bytes: not waited for. */
static bool begins_as_http(const struct sc_buf *in)
{
    size_t n = in->len < 7 ? in->len : 7;

    return n == 0 || memcmp(in->data, "HTTP/1.", n) == 0;
}

static int read_some(Stream *s, struct sc_buf *in, struct sc_wait *w)
{
    ssize_t n;

    if (in->len >= HEAD_LIMIT)
        return sc_error_set(w->err, SC_ETOOBIG,
                            "an answer of more than %d bytes", HEAD_LIMIT);
    if (sc_buf_reserve(in, READ_SIZE) < 0)
        return sc_error_set(w->err, SC_ENOMEM, "no memory");
    n = sc_stream_read(s, in->data + in->len, READ_SIZE, w);
    if (n < 0)
        return (int)n;
    if (n == 0 && in->len == 0)
        return sc_error_set(w->err, SC_EOF,
                            "it ended the connection without an answer");
    if (n == 0)
        return sc_error_set(w->err, SC_ESHORT,
                            "it ended the connection within its answer");
    in->len += (size_t)n;
    in->data[in->len] = '\0';
    return 0;
}

/* Returns where the head ends, or an error. */
static ssize_t read_head(Stream *s, struct sc_buf *in, struct sc_wait *w)
{
    size_t from = 0, end = 0;
    int rc;

    for (;;) {
        if (!begins_as_http(in))
            return no_http(in, w);
        if ((end = in->len > 0 ? head_end(in, &from) : 0) > 0)
            return (ssize_t)end;
        if ((rc = read_some(s, in, w)) < 0)
            return rc;
    }
}

/* "HTTP/1.1 200 Connection established" */
static int parse_status(struct sc_span line, struct sc_span *reason)
{
    uint64_t code;

    if (line.len < 12 || !sc_is_digit(line.data[7]) || line.data[8] != ' ' ||
        (line.len > 12 && line.data[12] != ' ') ||
        sc_parse_u64((struct sc_span){line.data + 9, 3}, 999, &code) < 0 ||
        code < 100)
        return SC_EPROTO;
    reason->data = line.data + 12;
    reason->len = line.len - 12;
    *reason = sc_trim(*reason);
    return (int)code;
}

static int take_fields(struct sc_buf *head, size_t pos,
                       struct sc_fields *fields, struct sc_wait *w)
{
    struct sc_span line, name, value;
    int rc;

    while (next_line(head, &pos, &line)) {
        if (line.len == 0 || *line.data == ' ' || *line.data == '\t')
            continue;
        if (sc_field_parse(line, &name, &value) < 0)
            return sc_error_set(w->err, SC_EPROTO,
                                "a line of its answer is no field");
        if ((rc = sc_fields_add(fields, name, value)) < 0)
            return sc_error_set(w->err, rc, "its answer: %s", sc_strerror(rc));
    }
    return 0;
}

/* Returns the status, or an error. */
static int parse_head(const struct sc_buf *in, size_t end,
                      struct sc_fields *fields, struct sc_wait *w)
{
    struct sc_span line = {NULL, 0}, reason;
    struct sc_buf head = {.data = in->data, .len = end};
    size_t pos = 0;
    char shown[100];
    int status, rc;

    next_line(&head, &pos, &line);
    if ((status = parse_status(line, &reason)) < 0)
        return no_http(in, w);
    sc_show(shown, sizeof shown, reason.data, reason.len);
    if ((rc = take_fields(&head, pos, fields, w)) < 0)
        return rc;
    if (status >= 200 && status < 300)
        return status;
    sc_error_set(w->err, SC_EREPLY, "%d %s", status, shown);
    if (w->err != NULL)
        w->err->status = (short)status;
    return status;
}

/* Returns the final status, its fields in FIELDS, or an error. */
static int read_answer(Stream *s, struct sc_buf *in, struct sc_fields *fields,
                       struct sc_wait *w)
{
    int status;

    for (int i = 0; i <= INTERIM; i++) {
        ssize_t end = read_head(s, in, w);

        if (end < 0)
            return (int)end;
        sc_fields_free(fields);
        if ((status = parse_head(in, (size_t)end, fields, w)) < 0)
            return status;
        if (status >= 200 && in->data[7] == '0') /* HTTP/1.0 */
            sc_fields_add(fields, sc_span_of("Connection"),
                          sc_span_of("close"));
        sc_buf_drop(in, (size_t)end);
        if (status >= 200)
            return status;
    }
    return sc_error_set(w->err, SC_ETOOBIG, "more than %d interim answers",
                        INTERIM);
}

/* --- 407 --- */

static bool says_close(const struct sc_fields *fields)
{
    static const char *const names[] = {"Connection", "Proxy-Connection"};

    for (size_t i = 0; i < 2; i++) {
        const char *v = sc_fields_get(fields, names[i], "");

        for (; *v != '\0'; v += strcspn(v, ","), v += *v == ',')
            if (sc_span_eq_nocase(sc_trim((struct sc_span){v, strcspn(v, ",")}),
                                  "close"))
                return true;
    }
    return false;
}

/* Returns 0: the next request may follow on S; 1: on a new connection; or an
 * error. */
static int pass_body(Stream *s, struct sc_buf *in,
                     const struct sc_fields *fields, struct sc_wait *w)
{
    const char *length = sc_fields_get(fields, "Content-Length", "");
    uint64_t n;
    int rc;

    if (says_close(fields) ||
        sc_fields_get(fields, "Transfer-Encoding", NULL) != NULL ||
        sc_parse_u64(sc_span_of(length), REFUSAL_LIMIT, &n) < 0)
        return 1;
    while (in->len < n)
        if ((rc = read_some(s, in, w)) < 0)
            return rc == SC_EOF || rc == SC_ESHORT ? 1 : rc;
    sc_buf_drop(in, (size_t)n);
    return in->len > 0; /* what nobody asked for */
}

/* Returns 0: LOGIN answers what FIELDS ask for; or an error. */
static int log_in(const struct sc_proxy *p, const struct sc_proxy_target *to,
                  const struct sc_options *o, const struct sc_fields *fields,
                  struct sc_proxy_try *t, struct sc_wait *w)
{
    struct sc_buf target = {0};
    int rc = add_authority(&target, to);

    if (t->login.data != NULL)
        sc_wipe(t->login.data, t->login.len);
    t->login.len = 0;
    if (rc == 0)
        rc = o->proxy_login->answer(o->proxy_login, p, target.data, fields,
                                    t->answered++, &t->login);
    sc_buf_free(&target);
    if (rc == SC_EREPLY)
        return sc_error_set(w->err, rc, "%.100s",
                            t->answered > 1
                                ? "407 the login was not taken"
                                : "407 it asks for no login that may be sent");
    return rc < 0 ? sc_error_set(w->err, rc, "login: %s", sc_strerror(rc)) : 0;
}

static bool may_log_in(const struct sc_proxy *p, const struct sc_options *o)
{
    return o->proxy_login != NULL && p->user != NULL &&
           !has_own(o, "Proxy-Authorization");
}

/* One request and its answer. Returns 0: there is a tunnel; 1: ask again on S;
 * 2: ask again on a new connection; or an error. */
static int ask(const struct sc_proxy *p, Stream *s, struct sc_buf *in,
               const struct sc_proxy_target *to, const struct sc_options *o,
               struct sc_proxy_try *t, struct sc_wait *w)
{
    struct sc_fields fields = {0};
    int rc = send_request(p, s, to, o, &t->login, w);

    if (rc == 0)
        rc = read_answer(s, in, &fields, w);
    if (rc == 407 && may_log_in(p, o)) {
        if ((rc = log_in(p, to, o, &fields, t, w)) == 0 &&
            (rc = pass_body(s, in, &fields, w)) >= 0)
            rc++;
    } else if (rc >= 0) {
        rc = rc < 300 ? 0 : SC_EREPLY;
    }
    sc_fields_free(&fields);
    return rc;
}

void sc_proxy_try_free(struct sc_proxy_try *t)
{
    if (t->login.data != NULL)
        sc_wipe(t->login.data, t->login.len);
    sc_buf_free(&t->login);
}

int sc_proxy_http(const struct sc_proxy *p, Stream **s,
                  const struct sc_proxy_target *to, const struct sc_options *o,
                  struct sc_proxy_try *t, struct sc_wait *w)
{
    struct sc_buf in = SC_BUF(HEAD_LIMIT + 2 * READ_SIZE);
    Stream *with;
    int rc;

    do
        rc = ask(p, *s, &in, to, o, t, w);
    while (rc == 1);
    if (rc == 0 && in.len > 0) {
        if ((with = sc_unread_wrap(*s, in.data, in.len)) != NULL)
            *s = with;
        else
            rc = sc_error_set(w->err, SC_ENOMEM, "no memory");
    }
    sc_buf_free(&in);
    return rc > 0 ? SC_PROXY_AGAIN : rc;
}
