/* nntp_server.c - bench_nntp_server COUNT SIZE [CERT KEY] - a fast news server
 * with one group, bench.test, of COUNT articles of SIZE bytes. Of more than a
 * megabyte: two bodies, 1 of lines and 2 of yEnc. POST throws away. Offers COMPRESS
 * DEFLATE; with a certificate it speaks TLS. Prints "port N"; at SIGTERM what it
 * counted, as JSON. One connection after the other; it believes what its clients
 * say: not for other use. */
#include "nntp_server.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/resource.h>

enum { LARGE = 1 << 20 };

static struct nntp_io io;
static struct nntp_text overview, numbers;
static struct nntp_large large[2];
static uint64_t articles;
static bool over; /* QUIT */
static struct {
    unsigned long long connections, article, body, over, post, posted, reads;
} counts;
static volatile sig_atomic_t stopped;

static bool put(const char *text)
{
    return nntp_io_put(&io, text, strlen(text));
}

/* --- what is asked for --- */

static bool send_large(const struct nntp_large *l)
{
    bool good = nntp_io_put(&io, l->front.p, l->front.n);

    counts.body++;
    for (uint64_t i = 0; good && i < l->times; i++)
        good = nntp_io_put(&io, l->block.p, l->block.n);
    return good && nntp_io_put(&io, l->back.p, l->back.n);
}

static bool send_article(uint64_t number)
{
    const struct nntp_text *t = &nntp_article[number % NNTP_TEXTS];
    char line[64];

    if (number == 0 || number > articles)
        return put("423 no such number\r\n");
    counts.article++;
    snprintf(line, sizeof line, "220 %llu <%08llu@bench.example>\r\n",
             (unsigned long long)number, (unsigned long long)number);
    return put(line) && nntp_io_put(&io, t->p, t->n);
}

static bool send_list(const char *what)
{
    if (strncasecmp(what, "OVERVIEW", 8) != 0)
        return put("215 groups\r\nbench.test 1000000 1 y\r\n.\r\n");
    return put("215 Order of fields\r\nSubject:\r\nFrom:\r\nDate:\r\n"
               "Message-ID:\r\nReferences:\r\n:bytes\r\n:lines\r\nXref:full\r\n"
               ".\r\n");
}

static bool select_group(void)
{
    char line[96];

    snprintf(line, sizeof line, "211 %llu 1 %llu bench.test\r\n",
             (unsigned long long)articles, (unsigned long long)articles);
    return put(line);
}

/* --- POST: until CRLF, dot, CRLF --- */

static bool has_end(size_t from)
{
    return io.have - from >= 5 &&
           memcmp(io.in + io.have - 5, "\r\n.\r\n", 5) == 0;
}

/* Nothing follows an article before it is answered. */
static bool take_article(size_t from)
{
    if (!put("340 send it\r\n") || !nntp_io_flush(&io))
        return false;
    while (!has_end(from)) {
        if (io.have == sizeof io.in) {
            memmove(io.in + from, io.in + io.have - 5, 5);
            counts.posted += io.have - 5 - from;
            io.have = from + 5;
        }
        if (!nntp_io_more(&io))
            return false;
        counts.reads++;
    }
    counts.posted += io.have - from;
    io.have = from;
    counts.post++;
    return put("240 thanks\r\n");
}

/* --- commands --- */

static bool is(const char *line, const char *command)
{
    return strncasecmp(line, command, strlen(command)) == 0;
}

static bool capabilities(void)
{
    return put("101 this is\r\nVERSION 2\r\nREADER\r\nPOST\r\nOVER\r\n"
               "LIST ACTIVE OVERVIEW.FMT\r\n") &&
           put(io.deflate ? ".\r\n" : "COMPRESS DEFLATE\r\n.\r\n");
}

static bool compress_all(void)
{
    if (!put("206 compressed\r\n") || !nntp_io_flush(&io))
        return false;
    nntp_io_compress(&io);
    return true;
}

/* LINE ends in an LF; what follows it in IN begins at NEXT. */
static bool command(const char *line, size_t next)
{
    if (is(line, "ARTICLE "))
        return send_article(strtoull(line + 8, NULL, 10));
    if (is(line, "BODY 1") || is(line, "BODY 2"))
        return send_large(&large[line[5] - '1']);
    if (is(line, "POST"))
        return take_article(next);
    if (is(line, "CAPABILITIES"))
        return capabilities();
    if (is(line, "LISTGROUP"))
        return nntp_io_put(&io, numbers.p, numbers.n);
    if (is(line, "GROUP "))
        return select_group();
    if (is(line, "LIST"))
        return send_list(line[4] == ' ' ? line + 5 : "");
    if (is(line, "OVER ") || is(line, "XOVER ")) {
        counts.over++;
        return nntp_io_put(&io, overview.p, overview.n);
    }
    if (is(line, "COMPRESS"))
        return compress_all();
    if (is(line, "MODE READER"))
        return put("200 hello\r\n");
    over = is(line, "QUIT");
    return put(over ? "205 bye\r\n" : "500 what?\r\n");
}

/* All commands that are there. */
static bool obey(void)
{
    size_t at = 0;
    char *lf;

    while (!over && (lf = memchr(io.in + at, '\n', io.have - at)) != NULL) {
        size_t line = at;

        at = (size_t)(lf + 1 - io.in);
        if (!command(io.in + line, at))
            return false;
    }
    io.have -= at;
    memmove(io.in, io.in + at, io.have);
    return true;
}

static void serve(void)
{
    counts.connections++;
    over = false;
    if (!put("200 bench\r\n"))
        return;
    while (nntp_io_flush(&io) && !over && nntp_io_more(&io)) {
        counts.reads++;
        if (!obey())
            return;
    }
}

static void on_term(int sig)
{
    (void)sig;
    stopped = 1;
}

static SSL_CTX *context(const char *cert, const char *key)
{
    SSL_CTX *ctx = SSL_CTX_new(TLS_server_method());

    if (ctx == NULL || SSL_CTX_use_certificate_chain_file(ctx, cert) != 1 ||
        SSL_CTX_use_PrivateKey_file(ctx, key, SSL_FILETYPE_PEM) != 1)
        bench_die("certificate");
    return ctx;
}

static void make(uint64_t count, uint64_t size)
{
    articles = count;
    nntp_make_texts(size > LARGE ? LARGE : size);
    overview = nntp_overview(count, size);
    numbers = nntp_numbers(count);
    if (size <= LARGE)
        return;
    nntp_large_lines(&large[0], size);
    nntp_large_yenc(&large[1], size);
}

static double cpu_used(void)
{
    struct rusage r;

    getrusage(RUSAGE_SELF, &r);
    return (double)(r.ru_utime.tv_sec + r.ru_stime.tv_sec) +
           (double)(r.ru_utime.tv_usec + r.ru_stime.tv_usec) / 1e6;
}

int main(int argc, char **argv)
{
    struct sigaction act = {.sa_handler = on_term};
    SSL_CTX *ctx = NULL;
    double began;
    int listener;

    if (argc < 3) {
        fprintf(stderr, "usage: %s COUNT SIZE [CERT KEY]\n", argv[0]);
        return 2;
    }
    sigaction(SIGTERM, &act, NULL);
    signal(SIGPIPE, SIG_IGN);
    make(strtoull(argv[1], NULL, 10), strtoull(argv[2], NULL, 10));
    if (argc > 4)
        ctx = context(argv[3], argv[4]);
    began = cpu_used();
    listener = bench_listen();
    while (!stopped)
        if (nntp_io_accept(&io, listener, ctx)) {
            serve();
            nntp_io_close(&io);
        }
    printf("{\"connections\":%llu,\"article\":%llu,\"body\":%llu,"
           "\"over\":%llu,\"post\":%llu,\"posted\":%llu,\"reads\":%llu,"
           "\"cpu\":%.4f}\n",
           counts.connections, counts.article, counts.body, counts.over,
           counts.post, counts.posted, counts.reads, cpu_used() - began);
    return 0;
}
