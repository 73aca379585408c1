/* limit_tls.c - the TLS jobs by OpenSSL on blocking sockets, chain and address
 * verified, sessions resumed: what is left when there is no client around. */
#include "limit.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <openssl/ssl.h>

static SSL_CTX *ctx;
static SSL_SESSION *session;
static char buf[256 * 1024];
static uint64_t octets;

static int keep(SSL *ssl, SSL_SESSION *fresh)
{
    (void)ssl;
    SSL_SESSION_free(session);
    session = fresh;
    return 1;
}

static SSL *dial(const struct bench_args *a)
{
    SSL *ssl = SSL_new(ctx);

    if (ssl == NULL || !SSL_set_fd(ssl, bench_connect(a)) ||
        !X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(ssl), a->host))
        bench_die("SSL_new");
    if (session != NULL)
        SSL_set_session(ssl, session);
    if (SSL_connect(ssl) != 1)
        bench_die("SSL_connect");
    return ssl;
}

static void hang_up(SSL *ssl)
{
    int fd = SSL_get_fd(ssl);

    SSL_shutdown(ssl);
    SSL_free(ssl);
    close(fd);
}

static size_t some(SSL *ssl, char *to, size_t n)
{
    size_t got;

    if (!SSL_read_ex(ssl, to, n, &got))
        bench_die("SSL_read");
    return got;
}

static void one(SSL *ssl, const char *request)
{
    size_t have = 0, head = 0, sent;
    uint64_t length = 0;

    if (!SSL_write_ex(ssl, request, strlen(request), &sent))
        bench_die("SSL_write");
    while (head == 0) {
        have += some(ssl, buf + have, sizeof buf - have);
        head = bench_head(buf, have, &length);
    }
    octets += length;
    for (length -= have - head; length > 0;)
        length -= some(ssl, buf, sizeof buf);
}

uint64_t bench_limit_tls(const struct bench_args *a, const char *request)
{
    uint64_t count = bench_one_body(a->job) ? 1 : a->count;
    SSL *ssl = NULL;

    ctx = SSL_CTX_new(TLS_client_method());
    if (ctx == NULL || a->ca == NULL ||
        SSL_CTX_load_verify_locations(ctx, a->ca, NULL) != 1)
        bench_die("BENCH_CA");
    SSL_CTX_set_verify(ctx, SSL_VERIFY_PEER, NULL);
    SSL_CTX_set_session_cache_mode(ctx, SSL_SESS_CACHE_CLIENT |
                                            SSL_SESS_CACHE_NO_INTERNAL);
    SSL_CTX_sess_set_new_cb(ctx, keep);
    for (uint64_t i = 0; i < count; i++) {
        if (ssl == NULL)
            ssl = dial(a);
        one(ssl, request);
        if (a->job[1] == '5') {
            hang_up(ssl);
            ssl = NULL;
        }
    }
    if (ssl != NULL)
        hang_up(ssl);
    return octets;
}
