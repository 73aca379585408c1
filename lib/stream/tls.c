/* tls.c - TLS 1.2 and 1.3 over any stream (RFC 8446, RFC 5246), by OpenSSL on
 * a BIO of our own. OpenSSL only ever sees two buffers in memory, so no wait
 * happens inside it: we fill one from the stream below when it wants more and
 * send the other after it has written. Chain and name are verified (RFC 6125)
 * unless the options say otherwise (tls_name.c). Contexts and sessions are
 * kept in tls_context.c and tls_session.c. Renegotiation, early data and OCSP are
 * left out. */
#include <limits.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>

#include <openssl/err.h>
#include <openssl/ssl.h>

#include "core/mem.h"
#include "run/clock.h"
#include "run/wait.h"
#include "stream/tls_context.h"
#include "stream/tls_like.h"

#include <simpleclient/class.h>

enum {
    DEFAULT_MS = 30000,
    IN_BYTES = 2 * (16384 + 256), /* two records of the largest size */
    OUT_SEND = 65536,             /* send when this much is encrypted */
    OUT_KEEP = 20480,             /* a larger buffer is not kept idle */
    OUT_LIMIT = 1 << 20,
    TICKETS = 16 /* records looked through for application data */
};

struct tls {
    Stream base;
    SSL *ssl;
    struct sc_runtime *rt;
    char *host; /* as verified; "" for a server */
    char *session_key;
    const struct tls *like; /* resume its session, not a kept one */
    unsigned long long serial;
    char *in; /* read below, not yet seen by OpenSSL */
    size_t in_at, in_len;
    struct sc_buf out; /* written by OpenSSL, not yet sent */
    bool up;           /* the handshake is over */
    bool verify;
    bool reading, writing; /* somebody is in these calls */
    bool filling;          /* somebody is in the read below */
    bool ended;            /* close_notify has come */
    bool said_end;         /* and ours has gone */
    int read_error;        /* sticky */
    int write_error;
    char why[192];          /* their text */
    struct sc_waiter *turn; /* who waits for what another is filling */
};

static const struct stream_class tls_class;
static BIO_METHOD *bio_method;
static pthread_once_t once = PTHREAD_ONCE_INIT;

/* --- the BIO --- */

static int bio_read(BIO *b, char *to, int n)
{
    struct tls *t = BIO_get_data(b);
    size_t len = t->in_len < (size_t)n ? t->in_len : (size_t)n;

    BIO_clear_retry_flags(b);
    if (len == 0) {
        BIO_set_retry_read(b);
        return -1;
    }
    memcpy(to, t->in + t->in_at, len);
    t->in_at += len;
    t->in_len -= len;
    return (int)len;
}

static int bio_write(BIO *b, const char *p, int n)
{
    struct tls *t = BIO_get_data(b);

    BIO_clear_retry_flags(b);
    return sc_buf_add(&t->out, p, (size_t)n) < 0 ? -1 : n;
}

static long bio_ctrl(BIO *b, int what, long num, void *p)
{
    (void)b, (void)num, (void)p;
    return what == BIO_CTRL_FLUSH;
}

static void bio_once(void)
{
    bio_method = BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK,
                              "simpleclient stream");
    if (bio_method == NULL)
        return;
    BIO_meth_set_read(bio_method, bio_read);
    BIO_meth_set_write(bio_method, bio_write);
    BIO_meth_set_ctrl(bio_method, bio_ctrl);
}

static int tls_bio(struct tls *t)
{
    BIO *b;

    pthread_once(&once, bio_once);
    if (bio_method == NULL || (b = BIO_new(bio_method)) == NULL)
        return SC_ENOMEM;
    BIO_set_data(b, t);
    BIO_set_init(b, 1);
    SSL_set_bio(t->ssl, b, b);
    return 0;
}

/* --- between the buffers and the stream below --- */

/* The buffer is taken away while it is sent: a reader may add to the other
 * one meanwhile (the answer to a key update), which goes out next. */
static int tls_flush(struct tls *t, struct sc_wait *w)
{
    int rc = 0;

    while (rc == 0 && t->out.len > 0) {
        struct sc_buf going = t->out;

        t->out = (struct sc_buf)SC_BUF(OUT_LIMIT);
        rc = sc_stream_write(t->base.below, going.data, going.len, w);
        going.len = 0;
        if (t->out.data == NULL && going.cap <= OUT_KEEP)
            t->out = going;
        else
            sc_buf_free(&going);
    }
    return rc;
}

/* What cannot be sent at once is lost: for alerts and close_notify. */
static void tls_flush_now(struct tls *t)
{
    struct sc_wait now = {.until = 0};

    if (!t->writing && t->base.below != NULL)
        tls_flush(t, &now);
}

static int tls_sticky(const struct tls *t, int code, struct sc_error *err)
{
    return sc_error_set(err, code, "%s",
                        t->why[0] ? t->why : sc_strerror(code));
}

static const char *tls_peer(const struct tls *t)
{
    return t->host[0] ? t->host : "the client";
}

static int tls_cut(struct tls *t, struct sc_error *err)
{
    int code = t->up ? SC_ESHORT : SC_ETLS;

    snprintf(t->why, sizeof t->why, "TLS with %.80s: ended %s", tls_peer(t),
             t->up ? "without close_notify" : "within the handshake");
    t->read_error = code;
    return tls_sticky(t, code, err);
}

static int tls_wait_turn(struct tls *t, struct sc_wait *w)
{
    int rc = sc_wait_slot(t->rt, &t->turn, w->until);

    return rc < 0 ? sc_error_set(w->err, rc, "TLS with %s: %s", tls_peer(t),
                                 sc_strerror(rc))
                  : 0;
}

/* Get more input. A writer needs some too when it finds half a handshake
 * message (a key update): who comes second waits for what the first gets. */
static int tls_fill(struct tls *t, struct sc_wait *w)
{
    ssize_t n;

    if (t->filling)
        return tls_wait_turn(t, w);
    t->filling = true;
    n = sc_stream_read(t->base.below, t->in, IN_BYTES, w);
    t->filling = false;
    if (n > 0) {
        t->in_at = 0;
        t->in_len = (size_t)n;
    }
    sc_wake(t->rt, &t->turn, 0);
    if (n == 0)
        return tls_cut(t, w->err);
    return n < 0 ? (int)n : 0;
}

/* --- what OpenSSL says --- */

static int tls_fail(struct tls *t, struct sc_error *err)
{
    long verdict = SSL_get_verify_result(t->ssl);
    char why[100];
    int code = SC_ETLS;

    sc_tls_reason(why, sizeof why);
    if (t->verify && !t->up && verdict != X509_V_OK) {
        code = SC_ECERT;
        snprintf(t->why, sizeof t->why, "certificate of %.80s: %.70s",
                 tls_peer(t), X509_verify_cert_error_string(verdict));
    } else
        snprintf(t->why, sizeof t->why, "TLS with %.70s: %.80s", tls_peer(t),
                 why);
    t->read_error = t->write_error = code;
    tls_flush_now(t);
    return tls_sticky(t, code, err);
}

/* After an SSL call that returned RC <= 0, before all else. 0: it wants more
 * input; SC_EOF: close_notify; or an error. */
static int tls_judge(struct tls *t, int rc, struct sc_error *err)
{
    switch (SSL_get_error(t->ssl, rc)) {
    case SSL_ERROR_WANT_READ:
        return 0;
    case SSL_ERROR_ZERO_RETURN:
        t->ended = true;
        return SC_EOF;
    default:
        return tls_fail(t, err);
    }
}

/* A client may have said all and gone before our tickets went out: what it
 * said can still be read. */
static int tls_flush_last(struct tls *t, struct sc_wait *w)
{
    struct sc_wait quiet = {w->until, NULL};
    int rc = tls_flush(t, &quiet);

    if ((rc != SC_EPIPE && rc != SC_ECONNRESET) || !SSL_is_server(t->ssl))
        return rc;
    t->write_error = rc;
    return 0;
}

static int tls_handshake(struct tls *t, struct sc_wait *w)
{
    int done = 0, rc = 0;

    while (rc == 0 && done != 1) {
        ERR_clear_error();
        if ((done = SSL_do_handshake(t->ssl)) != 1)
            rc = tls_judge(t, done, w->err);
        if (rc == SC_EOF)
            rc = tls_cut(t, w->err);
        if (rc == 0)
            rc = done == 1 ? tls_flush_last(t, w) : tls_flush(t, w);
        if (rc == 0 && done != 1)
            rc = tls_fill(t, w);
    }
    return rc;
}

/* --- the class --- */

static ssize_t tls_read_held(struct tls *t, void *buf, size_t n,
                             struct sc_wait *w)
{
    int size = n > INT_MAX ? INT_MAX : (int)n;
    int got, rc;

    for (;;) {
        if (t->ended)
            return 0;
        if (t->read_error != 0)
            return tls_sticky(t, t->read_error, w->err);
        ERR_clear_error();
        if ((got = SSL_read(t->ssl, buf, size)) > 0)
            return got;
        if ((rc = tls_judge(t, got, w->err)) == 0)
            rc = tls_fill(t, w);
        if (rc < 0 && rc != SC_EOF)
            return rc;
    }
}

/* Another thread may not even look at the SSL. */
static int tls_enter(struct tls *t, bool busy, struct sc_wait *w)
{
    int rc = sc_runtime_check(t->rt);

    if (rc == 0 && busy)
        rc = SC_EBUSY;
    return rc < 0 ? sc_error_set(w->err, rc, "TLS with %s: %s", tls_peer(t),
                                 sc_strerror(rc))
                  : 0;
}

static ssize_t tls_read(Stream *s, void *buf, size_t n, struct sc_wait *w)
{
    struct tls *t = (struct tls *)s;
    ssize_t rc = tls_enter(t, t->reading, w);

    if (rc < 0)
        return rc;
    t->reading = true;
    rc = tls_read_held(t, buf, n, w);
    t->reading = false;
    return rc;
}

static int tls_encrypt(struct tls *t, struct sc_span v, struct sc_wait *w)
{
    int rc = 0;

    while (rc == 0 && v.len > 0) {
        int sent;

        if (t->write_error != 0)
            return tls_sticky(t, t->write_error, w->err);
        ERR_clear_error();
        sent =
            SSL_write(t->ssl, v.data, v.len > INT_MAX ? INT_MAX : (int)v.len);
        if (sent > 0) {
            v.data += sent;
            v.len -= (size_t)sent;
        } else if ((rc = tls_judge(t, sent, w->err)) == 0)
            rc = tls_fill(t, w);
        if (rc == 0 && t->out.len >= OUT_SEND)
            rc = tls_flush(t, w);
    }
    return rc == SC_EOF ? SC_EPIPE : rc;
}

static int tls_writev(Stream *s, const struct sc_span *v, size_t n,
                      struct sc_wait *w)
{
    struct tls *t = (struct tls *)s;
    int rc = tls_enter(t, t->writing, w);

    if (rc < 0)
        return rc;
    if (t->write_error != 0)
        return tls_sticky(t, t->write_error, w->err);
    t->writing = true;
    for (size_t i = 0; i < n && rc == 0; i++)
        rc = tls_encrypt(t, v[i], w);
    if (rc == 0)
        rc = tls_flush(t, w);
    t->writing = false;
    if (rc < 0 && t->write_error == 0)
        t->write_error = rc;
    return rc;
}

static void tls_say_end(struct tls *t)
{
    if (t->said_end || !t->up)
        return;
    t->said_end = true;
    ERR_clear_error();
    SSL_shutdown(t->ssl);
    ERR_clear_error();
}

static int tls_shutdown(Stream *s, struct sc_wait *w)
{
    struct tls *t = (struct tls *)s;
    int rc = tls_enter(t, t->writing, w);

    if (rc < 0)
        return rc;
    if (t->write_error != 0)
        return tls_sticky(t, t->write_error, w->err);
    t->writing = true;
    tls_say_end(t);
    rc = tls_flush(t, w);
    t->writing = false;
    t->write_error = rc < 0 ? rc : SC_EPIPE;
    return rc < 0 ? rc : sc_stream_shutdown(t->base.below, w);
}

static void tls_interrupt(Stream *s, int error)
{
    struct tls *t = (struct tls *)s;

    if (error == SC_ECLOSED && t->write_error == 0 && !t->writing) {
        tls_say_end(t);
        tls_flush_now(t);
    }
    if (t->read_error == 0)
        t->read_error = error;
    if (t->write_error == 0)
        t->write_error = error;
    sc_wake(t->rt, &t->turn, error);
    sc_stream_below_interrupt(s, error);
}

/* --- what it can tell --- */

/* Input that is not application data (tickets) is eaten on the way, without
 * waiting. An error can be read at once as well. */
static int tls_pending(struct tls *t)
{
    struct sc_wait now = {.until = 0};

    for (int i = 0; i < TICKETS; i++) {
        char c;
        int rc, below = 0;

        if (t->ended || t->read_error != 0)
            return 1;
        ERR_clear_error();
        rc = SSL_peek(t->ssl, &c, 1);
        if (rc > 0 || tls_judge(t, rc, NULL) < 0)
            return 1;
        if (t->filling ||
            sc_stream_info(t->base.below, SC_INFO_PENDING, &below) < 0 ||
            !below)
            return 0;
        rc = tls_fill(t, &now);
        if (rc < 0)
            return rc != SC_ETIMEDOUT && rc != SC_ECANCELED;
    }
    return 1;
}

static int tls_info(Stream *s, int what, void *answer)
{
    struct tls *t = (struct tls *)s;

    if (what == SC_INFO_TLS)
        sc_tls_tell(t->ssl, t->verify, answer);
    else if (what == SC_INFO_PENDING)
        *(int *)answer = tls_pending(t);
    else if (what == SC_INFO_TLS_EXPORTER)
        return sc_tls_exporter(t->ssl, answer);
    else
        return SC_ENOTSUP;
    return 0;
}

static void tls_cleanup(Stream *s)
{
    struct tls *t = (struct tls *)s;

    /* Or OpenSSL would spoil the session that we keep for later. */
    if (t->ssl != NULL && t->up)
        SSL_set_shutdown(t->ssl, SSL_SENT_SHUTDOWN | SSL_RECEIVED_SHUTDOWN);
    SSL_free(t->ssl);
    sc_buf_free(&t->out);
    sc_free(t->in);
    sc_free(t->host);
    sc_free(t->session_key);
}

static const struct stream_class tls_class = {
    .name = "tls",
    .size = sizeof(struct tls),
    .read = tls_read,
    .writev = tls_writev,
    .sendfile = sc_stream_copy_file,
    .shutdown = tls_shutdown,
    .interrupt = tls_interrupt,
    .info = tls_info,
    .cleanup = tls_cleanup,
};

/* --- making one --- */

static int tls_client(struct tls *t, Stream *low,
                      const struct sc_tls_options *opt, struct sc_error *err)
{
    int rc = sc_tls_name(t->ssl, t->host, opt, err);

    if (rc == 0)
        rc = sc_tls_alpn(t->ssl, opt->alpn, err);
    SSL_set_connect_state(t->ssl);
    if (rc < 0 || opt->flags & SC_TLS_NO_RESUME)
        return rc;
    if ((rc = sc_tls_session_key(low, t->host, opt,
                                 t->like != NULL ? t->like->serial : 0,
                                 &t->session_key)) < 0)
        return sc_error_set(err, rc, "TLS: %s", sc_strerror(rc));
    SSL_set_app_data(t->ssl, t->session_key);
    if (sc_tls_session_offer(t->ssl) == 0 && t->like != NULL)
        sc_tls_session_copy(t->ssl, t->like->ssl);
    t->like = NULL;
    return 0;
}

static int tls_setup(struct tls *t, Stream *low, const char *host,
                     const struct sc_tls_options *opt, struct sc_error *err)
{
    SSL_CTX *ctx = sc_tls_context(opt, err);

    if (ctx == NULL)
        return err != NULL ? err->code : SC_ETLS;
    t->ssl = SSL_new(ctx); /* which keeps the context */
    SSL_CTX_free(ctx);
    t->rt = sc_runtime_here();
    t->in = sc_malloc(IN_BYTES);
    t->host = sc_tls_bare_host(opt->server || host == NULL ? "" : host);
    t->out = (struct sc_buf)SC_BUF(OUT_LIMIT);
    if (t->rt == NULL)
        return sc_error_set(err, sc_runtime_failure(), "TLS: %s",
                            sc_strerror(sc_runtime_failure()));
    if (t->ssl == NULL || t->in == NULL || t->host == NULL || tls_bio(t) < 0)
        return sc_error_set(err, SC_ENOMEM, "TLS: no memory");
    t->verify = SSL_get_verify_mode(t->ssl) != SSL_VERIFY_NONE;
    if (!opt->server)
        return tls_client(t, low, opt, err);
    SSL_set_accept_state(t->ssl);
    return 0;
}

/* LOW may be closed by another task meanwhile: it is held, and then not
 * ours. */
static int tls_start(struct tls *t, Stream *low, const char *pins, int64_t ms,
                     struct sc_error *err)
{
    struct sc_wait w = {sc_until(ms > 0 ? ms : DEFAULT_MS), err};
    int rc, pinned;

    sc_stream_hold(low);
    t->base.below = low;
    rc = tls_handshake(t, &w);
    if (rc == 0 && low->closed)
        rc = low->closed;
    pinned = rc == 0 && pins != NULL
                 ? sc_tls_pinned(t->ssl, pins, tls_peer(t), err)
                 : 0;
    if (rc == 0 && pinned == 0) {
        t->up = true;
        sc_tls_session_again(t->ssl);
    } else {
        t->base.below = NULL;
        if (pinned == 0 && rc != SC_ETLS && rc != SC_ECERT)
            sc_error_set(err, rc, "TLS with %s: %s", tls_peer(t),
                         sc_strerror(rc));
    }
    sc_stream_let_go(low);
    return rc == 0 ? pinned : rc;
}

static Stream *tls_wrap(Stream *low, const char *host,
                        const struct sc_tls_options *opt,
                        const struct tls *like, int64_t ms,
                        struct sc_error *err)
{
    static atomic_ullong serials;
    struct tls *t;
    int rc;

    if ((t = sc_stream_new(&tls_class)) == NULL) {
        sc_error_set(err, SC_ENOMEM, "TLS: no memory");
        return NULL;
    }
    t->like = like;
    t->serial = atomic_fetch_add(&serials, 1) + 1;
    rc = tls_setup(t, low, opt->host != NULL ? opt->host : host, opt, err);
    if (rc == 0)
        rc = tls_start(t, low, opt->pins, ms, err);
    if (rc == 0)
        return &t->base;
    if (err != NULL)
        err->phase = SC_PHASE_TLS;
    sc_stream_let_go(&t->base);
    return NULL;
}

Stream *sc_tls_wrap(Stream *low, const char *host,
                    const struct sc_tls_options *opt, int64_t ms,
                    struct sc_error *err)
{
    static const struct sc_tls_options plain;

    if (low != NULL)
        return tls_wrap(low, host, opt != NULL ? opt : &plain, NULL, ms, err);
    sc_error_set(err, SC_EINVAL, "TLS: no stream to wrap");
    return NULL;
}

Stream *sc_tls_wrap_like(Stream *low, Stream *like, const char *host,
                         const struct sc_tls_options *opt, int64_t ms,
                         struct sc_error *err)
{
    while (like != NULL && like->cls != &tls_class)
        like = like->below;
    return tls_wrap(low, host, opt, (struct tls *)like, ms, err);
}
