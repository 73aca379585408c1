/* tls_session.c - the sessions that servers gave us, to be resumed on a later
 * connection (RFC 8446 section 2.2, RFC 5077). One ring for the process, under
 * a lock; a key is host, port and every TLS option. Tickets are used once, so
 * that two connections cannot be linked by them; the oldest go first when the
 * ring is full. */
#include <string.h>
#include <time.h>

#include <openssl/ssl.h>

#include "core/mem.h"
#include "stream/tls_context.h"
#include "stream/tls_ring.h"

enum { SESSIONS = 64 };

static void release(void *session)
{
    SSL_SESSION_free(session);
}

static struct sc_tls_kept kept[SESSIONS];
static struct sc_tls_ring ring = {
    .size = SESSIONS, .at = kept, .release = release};

static bool session_fresh(const SSL_SESSION *session)
{
    time_t end =
        SSL_SESSION_get_time(session) + SSL_SESSION_get_timeout(session);

    return SSL_SESSION_is_resumable(session) && time(NULL) < end;
}

/* The newest that has not expired: servers forget the old ones. */
static enum sc_tls_verdict take_fresh(void *session)
{
    return session_fresh(session) ? SC_RING_TAKE : SC_RING_DROP;
}

static int session_keep(const char *key, SSL_SESSION *session)
{
    char *copy = sc_strdup(key);

    if (copy == NULL)
        return 0;
    sc_tls_ring_keep(&ring, copy, session);
    return 1;
}

int sc_tls_session_key(Stream *low, const char *host,
                       const struct sc_tls_options *opt,
                       unsigned long long like, char **out)
{
    struct sc_buf key = SC_BUF(16384);
    struct sc_peer peer = {0};
    int rc;

    sc_stream_info(low, SC_INFO_PEER, &peer);
    rc = like != 0 ? sc_buf_addf(&key, "%s like %llu;", host, like)
                   : sc_buf_addf(&key, "%s:%d;", host, peer.port);
    if (rc == 0)
        rc = sc_tls_options_key(&key, opt);
    if (rc < 0)
        sc_buf_free(&key);
    *out = key.data;
    return rc;
}

int sc_tls_session_offer(SSL *ssl)
{
    const char *key = SSL_get_app_data(ssl);
    SSL_SESSION *session =
        key != NULL ? sc_tls_ring_find(&ring, key, take_fresh) : NULL;

    if (session == NULL)
        return 0;
    SSL_set_session(ssl, session);
    SSL_SESSION_free(session);
    return 1;
}

void sc_tls_session_copy(SSL *ssl, SSL *from)
{
    SSL_SESSION *session = SSL_get1_session(from);

    if (session != NULL && SSL_SESSION_is_resumable(session))
        SSL_set_session(ssl, session);
    SSL_SESSION_free(session);
}

/* 1 tells OpenSSL that the reference is ours now. */
int sc_tls_session_new(SSL *ssl, SSL_SESSION *session)
{
    const char *key = SSL_get_app_data(ssl);

    return key != NULL && session_keep(key, session);
}

void sc_tls_session_again(SSL *ssl)
{
    const char *key = SSL_get_app_data(ssl);
    SSL_SESSION *session;

    if (key == NULL || !SSL_session_reused(ssl) ||
        SSL_version(ssl) >= TLS1_3_VERSION)
        return;
    session = SSL_get1_session(ssl);
    if (session != NULL && !session_keep(key, session))
        SSL_SESSION_free(session);
}

void sc_tls_session_forget(void)
{
    sc_tls_ring_forget(&ring);
}
