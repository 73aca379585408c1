/* client_open.c - how a client comes to its stream: the server's name taken
 * apart, connected, TLS put on it, the class's greeting; STARTTLS and opening
 * anew. */
#include "client/conn.h"

#include <stdio.h>
#include <string.h>

#include <simpleclient/uri.h>

#include "client/proxy.h"
#include "core/mem.h"
#include "core/text.h"
#include "run/clock.h"
#include "stream/connect.h"
#include "stream/recorder.h"

/* --- the object, or what stands in for it --- */

/* One per thread: memory may be gone when it is needed. */
static _Thread_local struct {
    union {
        SimpleClient c;
        char room[SC_CLASS_MOST];
    } object;
    struct sc_conn conn;
} stand_in;

static SimpleClient *no_client(const struct client_class *cls, int code)
{
    SimpleClient *c = &stand_in.object.c;

    memset(&stand_in, 0, sizeof stand_in);
    c->cls = cls;
    c->conn = &stand_in.conn;
    c->conn->stand_in = true;
    c->conn->refs = 1;
    c->conn->broken = code;
    sc_error_set(&c->conn->err, code, "%s: %s", cls->name, sc_strerror(code));
    return c;
}

SimpleClient *sc_conn_new(const struct client_class *cls,
                          const struct sc_options *opt)
{
    struct sc_runtime *rt;
    SimpleClient *c;
    struct sc_conn *k;
    int rc = SC_ENOMEM;

    if (cls->size > SC_CLASS_MOST || cls->size < sizeof *c)
        return no_client(cls, SC_EINVAL);
    if ((rt = sc_runtime_here()) == NULL)
        return no_client(cls, sc_runtime_failure());
    c = sc_calloc(cls->size);
    k = c != NULL ? sc_calloc(sizeof *k) : NULL;
    if (k == NULL || (rc = sc_options_copy(&k->opt, opt)) < 0) {
        sc_free(k);
        sc_free(c);
        return no_client(cls, rc);
    }
    sc_options_line(&k->opt, cls);
    c->cls = cls;
    c->conn = k;
    k->rt = rt;
    k->refs = k->window = 1;
    k->deadline = INT64_MAX;
    k->total_until =
        k->opt.total_ms > 0 ? sc_until(k->opt.total_ms) : INT64_MAX;
    return c;
}

/* --- the name --- */

static int set_string(const char **to, const char *from)
{
    char *copy;

    if (from == NULL)
        return 0;
    if ((copy = sc_strdup(from)) == NULL)
        return SC_ENOMEM;
    if (*to != NULL) {
        sc_wipe((char *)*to, strlen(*to));
        sc_free((char *)*to);
    }
    *to = copy;
    return 0;
}

static bool is_scheme(const struct client_class *cls, const char *scheme,
                      bool *tls)
{
    size_t n = cls->scheme != NULL ? strlen(cls->scheme) : 0;

    if (n == 0 || strncmp(scheme, cls->scheme, n) != 0)
        return false;
    *tls = scheme[n] == 's' && scheme[n + 1] == '\0';
    return *tls || scheme[n] == '\0';
}

static int name_of_uri(const struct client_class *cls, const struct uri *u,
                       struct sc_server_name *n, struct sc_options *o,
                       struct sc_error *err)
{
    bool tls;
    int len, rc;

    if (!is_scheme(cls, u->scheme, &tls) || u->host == NULL)
        return sc_error_set(err, SC_EURL, "not a URL of %s: %s://",
                            cls->scheme != NULL ? cls->scheme : cls->name,
                            u->scheme);
    len = snprintf(n->host, sizeof n->host, "%s%s%s", u->host,
                   u->zone != NULL ? "%" : "", u->zone != NULL ? u->zone : "");
    if (len <= 0 || (size_t)len >= sizeof n->host)
        return sc_error_set(err, SC_EURL, "no host, or one too long");
    if (u->port >= 0)
        n->port = u->port;
    if (tls)
        o->flags |= SC_OPT_TLS;
    if ((rc = set_string(&o->user, u->user)) == 0)
        rc = set_string(&o->password, u->password);
    return rc < 0 ? sc_error_set(err, rc, "%s", sc_strerror(rc)) : 0;
}

static int name_of_url(const struct client_class *cls, const char *url,
                       struct sc_server_name *n, struct sc_options *o,
                       struct sc_error *err)
{
    struct uri u = {0};
    int rc = uri_parse(&u, url, NULL, 0, 0, err);

    if (rc == 0)
        rc = name_of_uri(cls, &u, n, o, err);
    uri_free(&u);
    return rc;
}

int sc_conn_name(const struct client_class *cls, const char *server, int port,
                 struct sc_server_name *n, struct sc_options *o,
                 struct sc_error *err)
{
    int rc;

    memset(n, 0, sizeof *n);
    n->port = port;
    if (server == NULL)
        return sc_error_set(err, SC_EINVAL, "no server is named");
    if (strstr(server, "://") != NULL)
        rc = name_of_url(cls, server, n, o, err);
    else
        rc = sc_server_parse(n, server, err);
    if (rc < 0 || n->unix_path)
        return rc;
    if (n->port == 0)
        n->port =
            o->flags & SC_OPT_TLS && cls->tls_port ? cls->tls_port : cls->port;
    if (n->port < 1 || n->port > 65535)
        return sc_error_set(err, SC_EINVAL, "no port is named");
    return 0;
}

/* --- connecting --- */

static int wrap_tls(SimpleClient *c, const struct sc_tls_options *opt,
                    int64_t until)
{
    struct sc_conn *k = c->conn;
    const char *host =
        k->name != NULL && !k->name->unix_path ? k->name->host : NULL;
    int64_t ms = until - sc_now();
    struct sc_recorder *r = sc_conn_record_off(k);
    struct sc_error err = {0};
    Stream *s;

    sc_conn_hold(c);
    k->reading = k->writing = true;
    s = sc_tls_wrap(k->s, host, opt, ms > 0 ? ms : 1, &err);
    k->reading = k->writing = false;
    if (s == NULL && !k->broken)
        sc_conn_failed(c, err.code ? err.code : SC_ETLS, SC_PHASE_TLS, &err);
    if (s != NULL && k->closed)
        sc_stream_close(s);
    else if (s != NULL)
        k->s = s;
    k->tls = s != NULL;
    if (s != NULL)
        sc_conn_trace(k, '*', "TLS", 3);
    if (r != NULL && s != NULL && !k->broken)
        sc_conn_record_again(c, r, "T.");
    else
        sc_recorder_free(r);
    return sc_conn_leave(c, k->broken);
}

/* Which proxy may have changed since: the environment is asked each time. */
static int choose_proxy(SimpleClient *c, struct sc_error *err)
{
    struct sc_conn *k = c->conn;

    sc_proxy_free(k->proxy);
    sc_free(k->proxy);
    k->forwarded = false;
    if (sc_proxy_choose(c->cls, k->name, &k->opt, &k->proxy, err) < 0)
        return err->code;
    k->forwarded = sc_proxy_forwards(k->proxy, c->cls, k->name, &k->opt);
    return 0;
}

static void dial_failed(SimpleClient *c, struct sc_error *err)
{
    struct sc_conn *k = c->conn;
    int phase = err->phase ? err->phase : SC_PHASE_CONNECT;

    if (!k->broken) {
        sc_conn_failed(c, err->code ? err->code : SC_ENOMEM, phase, err);
        k->err.flags |= err->flags & SC_FROM_PROXY;
    }
}

static int secure(SimpleClient *c, int64_t until)
{
    struct sc_tls_options tls = c->conn->opt.tls;
    int rc;

    if (tls.alpn == NULL)
        tls.alpn = c->cls->alpn;
    if ((rc = wrap_tls(c, &tls, until)) == 0)
        c->conn->dialed.secured = sc_now_us();
    return rc;
}

static void trace_connected(const struct sc_conn *k)
{
    char text[320];
    int n = snprintf(text, sizeof text, "connected");

    if (k->opt.trace == NULL)
        return;
    if (k->proxy != NULL)
        n = snprintf(text, sizeof text, "connected, proxy %s:%d%s",
                     k->proxy->at.host, k->proxy->at.port,
                     k->forwarded ? "" : ", a tunnel");
    sc_conn_trace(k, '*', text, (size_t)n);
}

static int dial(SimpleClient *c)
{
    struct sc_conn *k = c->conn;
    struct sc_error err = {0};
    int64_t until = sc_conn_until(k, k->opt.connect_ms);

    memset(&k->dialed, 0, sizeof k->dialed);
    sc_conn_hold(c);
    if (choose_proxy(c, &err) == 0)
        k->s = k->proxy != NULL
                   ? sc_proxy_dial(k->proxy, k->name, &k->opt, k->forwarded,
                                   until, &k->dialed, &err)
                   : sc_race(k->name, &k->opt, until, &k->dialed, &err);
    if (k->s != NULL)
        k->connects++;
    else
        dial_failed(c, &err);
    if (sc_conn_leave(c, k->broken) < 0)
        return k->broken;
    trace_connected(k);
    k->record_number = 0;
    if (k->opt.record != NULL && sc_conn_record(c) < 0)
        return k->broken;
    return k->opt.flags & SC_OPT_TLS ? secure(c, until) : 0;
}

static int greet(SimpleClient *c)
{
    struct sc_conn *k = c->conn;
    int rc;

    if (k->broken || k->opt.flags & SC_OPT_NO_GREET)
        return k->broken;
    k->phase = SC_PHASE_GREET;
    sc_conn_hold(c);
    rc = c->cls->greet(c);
    if (rc < 0 && !k->broken) {
        if (k->err.code != rc) /* the class has said nothing itself */
            sc_conn_say(c, rc, 0, "%s", sc_strerror(rc));
        k->broken = rc;
        sc_pipeline_settle(k, 0, rc);
    }
    if (!k->broken)
        k->phase = SC_PHASE_NONE;
    return sc_conn_leave(c, k->broken);
}

int sc_conn_greet(SimpleClient *c)
{
    if (c->conn->broken)
        return c->conn->broken;
    c->conn->opt.flags &= ~(unsigned)SC_OPT_NO_GREET;
    return greet(c);
}

void *sc_open(const struct client_class *cls, const char *server, int port,
              const struct sc_options *opt)
{
    SimpleClient *c = sc_conn_new(cls, opt);
    struct sc_conn *k = c->conn;
    struct sc_error err = {0};
    int rc;

    if (k->broken)
        return c;
    k->named = true;
    k->name = sc_calloc(sizeof *k->name);
    if (k->name == NULL) {
        sc_drop(c);
        return no_client(cls, SC_ENOMEM);
    }
    rc = sc_conn_name(cls, server, port, k->name, &k->opt, &err);
    if (rc < 0)
        sc_conn_failed(c, rc, SC_PHASE_CONNECT, &err);
    else if (dial(c) == 0)
        greet(c);
    return c;
}

SimpleClient *sc_connect(const char *server, int port,
                         const struct sc_options *opt)
{
    return sc_open(&sc_simple_class, server, port, opt);
}

/* Who is there, for error texts. */
static int name_of_stream(struct sc_conn *k)
{
    struct sc_peer peer;

    if ((k->name = sc_calloc(sizeof *k->name)) == NULL)
        return SC_ENOMEM;
    memset(&peer, 0, sizeof peer);
    if (sc_stream_info(k->s, SC_INFO_PEER, &peer) == 0 && peer.address[0])
        sc_show(k->name->host, sizeof k->name->host, peer.address,
                strlen(peer.address));
    else
        sc_span_copy(k->name->host, sizeof k->name->host,
                     sc_span_of(k->s->cls->name));
    k->name->port = peer.port;
    return 0;
}

void *sc_attach(const struct client_class *cls, Stream *s,
                const struct sc_options *opt)
{
    SimpleClient *c = sc_conn_new(cls, opt);
    struct sc_conn *k = c->conn;

    if (k->broken) {
        sc_stream_close(s);
        return c;
    }
    if (s == NULL) {
        sc_break(c, SC_EINVAL, "no stream to attach to");
        return c;
    }
    k->s = s;
    if (name_of_stream(k) < 0) {
        sc_drop(c);
        return no_client(cls, SC_ENOMEM);
    }
    if (sc_conn_record(c) < 0)
        return c;
    if (!(k->opt.flags & SC_OPT_TLS) ||
        wrap_tls(c, &k->opt.tls, sc_conn_until(k, k->opt.connect_ms)) == 0)
        greet(c);
    return c;
}

int sc_reopen(SimpleClient *c)
{
    struct sc_conn *k = c->conn;
    int rc;

    if (k->stand_in || k->closed)
        return k->broken;
    if ((rc = sc_runtime_check(k->rt)) < 0)
        return rc;
    if (sc_conn_in_use(k))
        return SC_EBUSY;
    if (!k->named)
        return sc_fail(c, SC_ENOTSUP, "opened by others, not to open anew");
    if (k->writer)
        sc_break(c, SC_ECLOSED, "opened anew");
    if ((rc = sc_send_writer_ended(c)) < 0)
        return rc;
    sc_pipeline_settle(k, 0, k->broken ? k->broken : SC_ECLOSED);
    sc_conn_reset(k);
    memset(&k->err, 0, sizeof k->err);
    k->broken = 0;
    k->phase = SC_PHASE_NONE;
    rc = dial(c);
    return rc < 0 ? rc : greet(c);
}

int sc_starttls(SimpleClient *c, const struct sc_tls_options *opt)
{
    struct sc_conn *k = c->conn;
    int rc;

    if (k->broken)
        return k->broken;
    /* The stream is about to change. */
    if (k->reading || (k->writing && !k->aside))
        return SC_EBUSY;
    if ((rc = sc_answered(c, NULL)) < 0 || (rc = sc_flush(c)) < 0)
        return rc;
    if (k->reading) /* another task, since the writer task has ended */
        return SC_EBUSY;
    if (k->rend > k->rpos) /* RFC 3207 section 6: never read on over it */
        return sc_break(c, SC_EPLAINTEXT, "%zu bytes came before TLS",
                        k->rend - k->rpos);
    return wrap_tls(c, opt != NULL ? opt : &k->opt.tls,
                    sc_conn_until(k, k->opt.wait_ms));
}
