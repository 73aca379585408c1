/* server_tls.c - the same answers over TLS, a blocking thread each. */
#include "server.h"

#include "kit.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <openssl/ssl.h>

static SSL_CTX *ctx;

static int write_all(SSL *ssl, const char *p, size_t n)
{
    size_t done;

    return n == 0 || SSL_write_ex(ssl, p, n, &done) ? 0 : -1;
}

static int send_answer(SSL *ssl, const struct bench_answer *a)
{
    uint64_t left = a->file_total;

    if (write_all(ssl, a->text, a->text_len) < 0)
        return -1;
    while (left > 0) {
        size_t n = left < a->file_len ? (size_t)left : (size_t)a->file_len;

        if (write_all(ssl, a->block, n) < 0)
            return -1;
        left -= n;
    }
    return write_all(ssl, a->tail, a->tail_len);
}

/* One request at a time, without a body, as the TLS jobs are. */
static void talk(SSL *ssl)
{
    char in[4096];
    size_t have = 0, n;

    while (SSL_read_ex(ssl, in + have, sizeof in - 1 - have, &n)) {
        in[have += n] = '\0';
        if (strstr(in, "\r\n\r\n") == NULL)
            continue;
        have = 0;
        __atomic_fetch_add(&bench_counts.requests, 1, __ATOMIC_RELAXED);
        if (send_answer(ssl, bench_answer(in)) < 0)
            return;
    }
}

static void *serve(void *arg)
{
    int one = 1, fd = (int)(intptr_t)arg;
    SSL *ssl = SSL_new(ctx);

    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    if (ssl != NULL && SSL_set_fd(ssl, fd) && SSL_accept(ssl) == 1) {
        if (SSL_session_reused(ssl))
            __atomic_fetch_add(&bench_counts.resumed, 1, __ATOMIC_RELAXED);
        talk(ssl);
        SSL_shutdown(ssl);
    }
    SSL_free(ssl);
    close(fd);
    return NULL;
}

static void start(int fd, const pthread_attr_t *attr)
{
    pthread_t t;
    sigset_t all, before;

    sigfillset(&all); /* the end is the first thread's business */
    pthread_sigmask(SIG_SETMASK, &all, &before);
    if (pthread_create(&t, attr, serve, (void *)(intptr_t)fd) != 0)
        bench_die("pthread_create");
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    bench_counts.connections++;
}

void bench_serve_tls(int listener, const char *cert, const char *key)
{
    pthread_attr_t attr;
    int fd;

    ctx = SSL_CTX_new(TLS_server_method());
    if (ctx == NULL || SSL_CTX_use_certificate_chain_file(ctx, cert) != 1 ||
        SSL_CTX_use_PrivateKey_file(ctx, key, SSL_FILETYPE_PEM) != 1)
        bench_die("certificate");
    pthread_attr_init(&attr);
    pthread_attr_setdetachstate(&attr, PTHREAD_CREATE_DETACHED);
    while (!bench_stopped)
        if ((fd = accept(listener, NULL, NULL)) >= 0)
            start(fd, &attr);
}
