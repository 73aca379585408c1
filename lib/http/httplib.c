/* httplib.c - a request in steps (RFC 9112 section 3), and the client made ready
 * for it. Lines are collected and queued together at the end of the header, so a
 * refused one leaves nothing behind and all leave in one packet. */

#include <stddef.h>
#include <string.h>

#include <simpleclient/task.h>

#include "client/conn.h"
#include "client/proxy.h"
#include "core/mem.h"
#include "core/text.h"
#include "http/http_auth.h"
#include "http/http_client.h"
#include "http/http_head.h"
#include "run/clock.h"

enum {
    DRAIN_LIMIT = 65536,
    DRAIN_MS = 1000, /* a new connection takes no longer */
    AT_ONCE_US = 2000,
    PLAIN_LIMIT = 4096 /* less than any limit of lines */
};
#define SECRET_MARK '\1' /* before a collected line; no token begins so */

int http_refuse(HTTPClient *h, const char *why)
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

    if (h->fixed.len > 0)
        return 0;
    h->host.len = 0;
    if ((rc = make_host(h)) < 0)
        return rc;
    if (h->agent.len == 0 &&
        (rc = sc_buf_addf(&h->agent, "User-Agent: simpleclient/%s",
                          sc_version())) < 0)
        return rc;
    return sc_buf_addf(&h->fixed, "%s\r\n%s\r\nAccept: */*\r\n\r\n",
                       h->host.data, h->agent.data);
}

bool http_use_agent(HTTPClient *h, const char *agent)
{
    static const char name[] = "User-Agent: ";
    size_t n = agent != NULL ? strlen(agent) : 0;

    if (agent == NULL && !h->named)
        return true;
    if (agent != NULL && h->agent.len == sizeof name - 1 + n &&
        memcmp(h->agent.data + sizeof name - 1, agent, n) == 0)
        return true;
    h->agent.len = h->fixed.len = 0;
    h->named = agent != NULL && n > 0 && sc_line_safe(agent, n) &&
               sc_buf_addf(&h->agent, "%s%s", name, agent) == 0;
    return (h->named || agent == NULL) && make_fixed(h) == 0;
}

static int drain_within(HTTPClient *h)
{
    char buf[1024];
    size_t total = 0;
    ssize_t n;

    while ((n = http_body_read(&h->base, &h->body, buf, sizeof buf)) > 0)
        if ((total += (size_t)n) > DRAIN_LIMIT)
            return 1;
    return n == SC_ETIMEDOUT ? 1 : (int)n;
}

int http_drain(HTTPClient *h)
{
    struct sc_conn *k = h->base.conn;
    int64_t before = k->deadline, until = sc_until(DRAIN_MS);
    int rc;

    if (!h->keep ||
        (h->body.framing == HTTP_LENGTH && h->body.left > DRAIN_LIMIT))
        return 1;
    k->deadline = until < before ? until : before;
    rc = drain_within(h);
    k->deadline = before;
    return rc;
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
    if (harmless && ended != 0 && sc_now_us() - ended < AT_ONCE_US)
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

    http_file_drop(h);
    if (rc < 0)
        return rc;
    if (h->stage == HTTP_SENT)
        return sc_fail(c, SC_EINVAL, "the answer before was not read");
    if (h->stage == HTTP_ANSWER && h->body.framing != HTTP_NO_BODY &&
        (rc = http_drain(h)) < 0)
        return rc;
    if (h->used && (rc > 0 || !http_reusable(h) || left_over(h, method)))
        return http_open_again(h);
    return 0;
}

/* Nothing of the request before may be left. */
static void begin(HTTPClient *h)
{
    if (h->secrets)
        sc_wipe(h->more.data, h->more.len);
    h->interims = 0;
    h->line.len = h->more.len = 0;
    h->promised = h->unlooked = 0;
    h->chunked = h->has_body = h->secrets = false;
    h->own_host = h->own_agent = h->own_accept = false;
    h->own_login = h->own_proxy_login = false;
    h->upgrade = h->continued = h->early = h->raw = h->seen = h->last = false;
    h->count = (struct http_count){0};
}

/* To a proxy that forwards, the target is the whole URI (RFC 9112 section
 * 3.2.2); of the server as such ("*"), the URI without a path. */
static int add_target(HTTPClient *h, const char *target)
{
    const char *host = h->host.data + sizeof "Host: " - 1;
    int rc;

    if (sc_client_forwarded(&h->base) &&
        (target[0] == '/' || strcmp(target, "*") == 0)) {
        if ((rc = sc_buf_add(&h->line, "http://", 7)) < 0 ||
            (rc = sc_buf_add(&h->line, host, strlen(host))) < 0)
            return rc;
        target += target[0] == '*';
    }
    return sc_buf_add(&h->line, target, strlen(target));
}

static int add_line(HTTPClient *h, const char *method, const char *target)
{
    const char *end = h->version_10 ? " HTTP/1.0\r\n" : " HTTP/1.1\r\n";
    int rc;

    if ((rc = make_fixed(h)) < 0 ||
        (rc = sc_buf_add(&h->line, method, strlen(method))) < 0 ||
        (rc = sc_buf_add(&h->line, " ", 1)) < 0 ||
        (rc = add_target(h, target)) < 0)
        return rc;
    return sc_buf_add(&h->line, end, 11);
}

int http_putrequest(HTTPClient *h, const char *method, const char *target)
{
    int rc = make_ready(h, method);

    h->refused = 0;
    if (rc < 0)
        return rc;
    begin(h);
    h->stage = HTTP_PUT;
    if (!is_token(method) || !is_target(target))
        return http_refuse(h, "bad method or target");
    h->head = strcmp(method, "HEAD") == 0;
    h->connect = strcmp(method, "CONNECT") == 0;
    h->harmless = http_is_idempotent(method);
    if ((rc = add_line(h, method, target)) < 0)
        return sc_break(&h->base, rc, "no memory for the request");
    return 0;
}

/* True if NAME is one of the fields that are added without being asked for. */
static bool note_own(HTTPClient *h, const char *name)
{
    static const struct {
        const char *name;
        size_t at;
    } own[] = {{"Host", offsetof(HTTPClient, own_host)},
               {"User-Agent", offsetof(HTTPClient, own_agent)},
               {"Accept", offsetof(HTTPClient, own_accept)},
               {"Authorization", offsetof(HTTPClient, own_login)},
               {"Proxy-Authorization", offsetof(HTTPClient, own_proxy_login)}};

    for (size_t i = 0; i < sizeof own / sizeof own[0]; i++)
        if (sc_casecmp(name, own[i].name) == 0) {
            *(bool *)((char *)h + own[i].at) = true;
            return true;
        }
    return false;
}

int http_omit(HTTPClient *h, const char *name)
{
    int rc = sc_broken(&h->base);

    if (rc < 0)
        return rc;
    if (h->refused < 0)
        return h->refused;
    if (h->stage != HTTP_PUT)
        return http_refuse(h, "a field outside a request");
    note_own(h, name);
    return 0;
}

/* What this field means for the connection (RFC 9112 section 9.6). */
static void note_connection(HTTPClient *h, const char *name, const char *value)
{
    struct sc_span list = sc_span_of(value), one;

    if (sc_casecmp(name, "Upgrade") == 0)
        h->upgrade = true;
    else if (sc_casecmp(name, "Connection") == 0)
        while (http_next_element(&list, &one))
            h->last |= sc_span_eq_nocase(one, "close");
}

/* What this field means for the body that is to follow. Both framings at once
 * are never sent. */
static int note_field(HTTPClient *h, const char *name, const char *value)
{
    bool length = sc_casecmp(name, "Content-Length") == 0;
    bool coding = sc_casecmp(name, "Transfer-Encoding") == 0;

    if (!length && !coding) {
        if (!note_own(h, name))
            note_connection(h, name, value);
        return 0;
    }
    if (h->has_body)
        return http_refuse(h, "the body's length is told twice");
    h->has_body = true;
    if (length && sc_parse_u64(sc_span_of(value), INT64_MAX, &h->promised) < 0)
        return http_refuse(h, "bad Content-Length");
    h->chunked = coding;
    if (coding && (h->version_10 || sc_casecmp(value, "chunked") != 0))
        return http_refuse(h, "bad Transfer-Encoding");
    return 0;
}

/* A buffer that grows leaves its old bytes behind: not those of a secret. */
static int grow_wiping(struct sc_buf *b, size_t n)
{
    struct sc_buf bigger = {.limit = b->limit};
    int rc;

    if (b->cap - b->len > n)
        return 0;
    if ((rc = sc_buf_reserve(&bigger, b->len * 2 + n)) < 0)
        return rc;
    if (b->len > 0) {
        memcpy(bigger.data, b->data, b->len);
        sc_wipe(b->data, b->len);
    }
    bigger.len = b->len;
    sc_buf_free(b);
    *b = bigger;
    return 0;
}

static int add_field(HTTPClient *h, const char *name, const char *value,
                     bool secret)
{
    static const char mark = SECRET_MARK;
    size_t name_len = strlen(name), value_len = strlen(value);
    int rc = 0;

    h->secrets |= secret;
    if (h->secrets)
        rc = grow_wiping(&h->more, name_len + value_len + 4);
    if (rc < 0 || (secret && (rc = sc_buf_add(&h->more, &mark, 1)) < 0) ||
        (rc = sc_buf_add(&h->more, name, name_len)) < 0 ||
        (rc = sc_buf_add(&h->more, ": ", value_len > 0 ? 2 : 1)) < 0 ||
        (rc = sc_buf_add(&h->more, value, value_len)) < 0)
        return rc;
    return sc_buf_add(&h->more, "\n", 1);
}

static int put(HTTPClient *h, const char *name, const char *value, bool secret)
{
    int rc = sc_broken(&h->base);

    if (rc < 0)
        return rc;
    if (h->refused < 0)
        return h->refused;
    if (h->stage != HTTP_PUT)
        return http_refuse(h, "a field outside a request");
    if (!is_token(name) || !sc_line_safe(value, strlen(value)))
        return http_refuse(h, "bad header field");
    if ((rc = note_field(h, name, value)) < 0)
        return rc;
    if ((rc = add_field(h, name, value, secret)) < 0)
        return sc_break(&h->base, rc, "no room for the header");
    return 0;
}

static bool is_secret(const char *name)
{
    return sc_casecmp(name, "Authorization") == 0 ||
           sc_casecmp(name, "Proxy-Authorization") == 0 ||
           sc_casecmp(name, "Cookie") == 0;
}

int http_putheader(HTTPClient *h, const char *name, const char *value)
{
    return put(h, name, value, is_secret(name));
}

int http_putsecret(HTTPClient *h, const char *name, const char *value)
{
    return put(h, name, value, true);
}

/* --- the end of the header --- */

static void queue_more(HTTPClient *h)
{
    const char *p = h->more.data, *end = p + h->more.len, *lf;

    for (; p < end; p = lf + 1) {
        if (*p == SECRET_MARK) {
            sc_secret(&h->base);
            p++;
        }
        lf = memchr(p, '\n', (size_t)(end - p));
        sc_writeline_n(&h->base, p, (size_t)(lf - p));
    }
    if (h->secrets)
        sc_wipe(h->more.data, h->more.len);
    h->more.len = 0;
}

/* --- the logins that options or URLs gave, as Basic --- */

struct logins {
    struct sc_buf own, proxy; /* whole lines, or empty */
};

static int make_login(const char *field, const char *user, const char *password,
                      struct sc_buf *line)
{
    struct http_auth a = {.scheme = HTTP_AUTH_BASIC};
    int rc;

    if (user == NULL)
        return 0;
    if ((rc = sc_buf_addf(line, "%s: ", field)) < 0)
        return rc;
    rc = http_auth_answer(&a, user, password != NULL ? password : "", "", "",
                          line);
    http_auth_free(&a);
    return rc;
}

static int make_logins(HTTPClient *h, struct logins *l)
{
    const SimpleClient *c = &h->base;
    const struct sc_options *o = sc_client_options(c);
    int rc = 0;

    if (!h->own_login && !h->connect)
        rc = make_login("Authorization", o->user, o->password, &l->own);
    if (rc == 0 && !h->own_proxy_login && sc_client_forwarded(c))
        rc = make_login("Proxy-Authorization", sc_client_proxy_user(c),
                        sc_client_proxy_password(c), &l->proxy);
    return rc;
}

static void queue_login(HTTPClient *h, const struct sc_buf *line)
{
    if (line->len == 0)
        return;
    sc_secret(&h->base);
    sc_writeline_n(&h->base, line->data, line->len);
}

static void forget_logins(struct logins *l)
{
    if (l->own.data != NULL)
        sc_wipe(l->own.data, l->own.len);
    if (l->proxy.data != NULL)
        sc_wipe(l->proxy.data, l->proxy.len);
    sc_buf_free(&l->own);
    sc_buf_free(&l->proxy);
}

/* --- the header --- */

/* True if it is what every request says: its lines are known to be in order, and
 * nobody wants to see them. */
static bool is_plain(const HTTPClient *h)
{
    const struct sc_options *o = sc_client_options(&h->base);

    return h->more.len == 0 && o->trace == NULL && o->send_limit == 0 &&
           h->line.len <= PLAIN_LIMIT && !h->own_host && !h->own_agent &&
           !h->own_accept && o->user == NULL && !sc_client_forwarded(&h->base);
}

static int queue_lines(HTTPClient *h, const struct logins *l)
{
    SimpleClient *c = &h->base;

    sc_writeline_n(c, h->line.data, h->line.len - 2);
    if (!h->own_host)
        sc_writeline_n(c, h->host.data, h->host.len);
    queue_login(h, &l->proxy);
    queue_login(h, &l->own);
    if (!h->own_agent)
        sc_writeline_n(c, h->agent.data, h->agent.len);
    if (!h->own_accept)
        sc_writeline_n(c, "Accept: */*", 11);
    if (h->more.len > 0)
        queue_more(h);
    return sc_writeline_n(c, "", 0);
}

static int queue_header(HTTPClient *h)
{
    SimpleClient *c = &h->base;
    struct logins logins = {0};
    int rc;

    if (is_plain(h)) {
        sc_write(c, h->line.data, h->line.len);
        return sc_write(c, h->fixed.data, h->fixed.len);
    }
    if ((rc = make_logins(h, &logins)) == 0)
        rc = queue_lines(h, &logins);
    else if (rc == SC_EINVAL)
        rc = http_refuse(h, "a login that Basic cannot carry");
    else
        rc = sc_break(c, rc, "no memory for the login");
    forget_logins(&logins);
    return rc;
}

int http_endheaders(HTTPClient *h)
{
    struct sc_conn *k = h->base.conn;
    uint64_t from = k->queued_total;
    int rc;

    if (k->broken < 0)
        return k->broken;
    if (h->refused < 0)
        return h->refused;
    if (h->stage != HTTP_PUT)
        return http_refuse(h, "the end of a header outside a request");
    rc = queue_header(h);
    if (h->refused < 0)
        return rc;
    h->count.head_sent = k->queued_total - from;
    h->stage = HTTP_SENT;
    if (h->has_body)
        sc_conn_on_input(&h->base, http_on_input);
    return http_outcome(h, rc);
}
