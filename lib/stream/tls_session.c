/* tls_session.c - the sessions that servers gave us, to be resumed on a later
 * connection (RFC 8446 section 2.2, RFC 5077). One ring for the process, under
 * a lock; a key is host, port and every TLS option. Tickets are used once, so
 * that two connections cannot be linked by them; the oldest go first when the
 * ring is full. */
#include <pthread.h>
#include <string.h>
#include <time.h>

#include <openssl/ssl.h>

#include "core/mem.h"
#include "stream/tls_context.h"

enum { SESSIONS = 64 };

static struct kept {
    char *key;
    SSL_SESSION *session;
} ring[SESSIONS];
static unsigned newest;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

static void kept_free(struct kept *k)
{
    SSL_SESSION_free(k->session);
    sc_free(k->key);
    memset(k, 0, sizeof *k);
}

static bool session_fresh(const SSL_SESSION *session)
{
    time_t end =
        SSL_SESSION_get_time(session) + SSL_SESSION_get_timeout(session);

    return SSL_SESSION_is_resumable(session) && time(NULL) < end;
}

/* The newest of KEY that has not expired: servers forget the old ones. */
static SSL_SESSION *session_take(const char *key)
{
    SSL_SESSION *found = NULL;

    pthread_mutex_lock(&lock);
    for (unsigned i = 0; i < SESSIONS && found == NULL; i++) {
        struct kept *k = &ring[(newest + SESSIONS - i) % SESSIONS];

        if (k->key == NULL || strcmp(k->key, key) != 0)
            continue;
        if (session_fresh(k->session)) {
            found = k->session;
            k->session = NULL;
        }
        kept_free(k);
    }
    pthread_mutex_unlock(&lock);
    return found;
}

static int session_keep(const char *key, SSL_SESSION *session)
{
    char *copy = sc_strdup(key);

    if (copy == NULL)
        return 0;
    pthread_mutex_lock(&lock);
    newest = (newest + 1) % SESSIONS;
    kept_free(&ring[newest]);
    ring[newest] = (struct kept){.key = copy, .session = session};
    pthread_mutex_unlock(&lock);
    return 1;
}

void sc_tls_session_offer(SSL *ssl)
{
    const char *key = SSL_get_app_data(ssl);
    SSL_SESSION *session = key ? session_take(key) : NULL;

    if (session != NULL)
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
    pthread_mutex_lock(&lock);
    for (unsigned i = 0; i < SESSIONS; i++)
        kept_free(&ring[i]);
    pthread_mutex_unlock(&lock);
}
