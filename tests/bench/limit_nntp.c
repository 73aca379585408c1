/* limit_nntp.c - limit_nntp JOB HOST PORT COUNT [SIZE] [CONNS] [MODE] - the least
 * work with a blocking socket: commands in groups of 128, at most 256 in flight
 * (MODE rtt: one at a time; tls, deflate: the same through OpenSSL, zlib), lines
 * found by memchr, none copied.
 *
 *   N1   OVER of COUNT articles: line ends alone
 *   N2   ARTICLE of COUNT articles
 *   N3   BODY of one, N3y of the one in yEnc: not decoded
 *   N4   POST of COUNT articles of SIZE bytes: a command, then an article */
#include "kit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include <openssl/ssl.h>
#include <zlib.h>

enum { GROUP = 128, IN_SIZE = 256 << 10 };

static struct bench_args args;
static char in[IN_SIZE], raw[IN_SIZE];
static size_t have, at;
static int fd;
static SSL *ssl;
static bool deflated;
static z_stream zin, zout;

/* --- bytes --- */

static size_t take(char *to, size_t n)
{
    size_t got;
    ssize_t k;

    if (ssl != NULL) {
        if (!SSL_read_ex(ssl, to, n, &got))
            bench_die("SSL_read");
        return got;
    }
    if ((k = recv(fd, to, n, 0)) <= 0)
        bench_die("recv");
    return (size_t)k;
}

static size_t inflated(char *to, size_t n)
{
    zin.next_out = (Bytef *)to;
    zin.avail_out = (uInt)n;
    while (zin.avail_out == n) {
        if (zin.avail_in == 0) {
            zin.next_in = (Bytef *)raw;
            zin.avail_in = (uInt)take(raw, sizeof raw);
        }
        if (inflate(&zin, Z_SYNC_FLUSH) < 0)
            bench_die("inflate");
    }
    return n - zin.avail_out;
}

static size_t more(char *to, size_t n)
{
    return deflated ? inflated(to, n) : take(to, n);
}

static void put(const void *p, size_t n)
{
    size_t done;

    if (ssl == NULL)
        bench_write(fd, p, n);
    else if (!SSL_write_ex(ssl, p, n, &done))
        bench_die("SSL_write");
}

static void say_n(const char *p, size_t n)
{
    static char packed[16 << 10];

    if (!deflated) {
        put(p, n);
        return;
    }
    zout.next_in = (Bytef *)p;
    zout.avail_in = (uInt)n;
    zout.next_out = (Bytef *)packed;
    zout.avail_out = sizeof packed;
    deflate(&zout, Z_SYNC_FLUSH);
    put(packed, sizeof packed - zout.avail_out);
}

static void say(const char *text)
{
    say_n(text, strlen(text));
}

/* --- lines --- */

/* A line without its LF. */
static const char *line(size_t *n)
{
    const char *lf, *p;
    size_t seen = 0;

    while ((lf = memchr(in + at + seen, '\n', have - at - seen)) == NULL) {
        seen = have - at;
        memmove(in, in + at, have -= at);
        at = 0;
        have += more(in + have, sizeof in - have);
    }
    p = in + at;
    *n = (size_t)(lf - p);
    at += *n + 1;
    return p;
}

static void expect(char code)
{
    size_t n;

    if (*line(&n) != code)
        bench_die("an unexpected reply");
}

/* The bytes of a dot block, unstuffed. */
static uint64_t block(uint64_t *lines)
{
    uint64_t bytes = 0;
    const char *p;
    size_t n;

    while (*(p = line(&n)) != '.' || n != 2) {
        bytes += n + (*p != '.');
        ++*lines;
    }
    return bytes;
}

/* --- the jobs --- */

/* N commands from number FROM on, in one write. */
static void ask(uint64_t from, uint64_t n)
{
    static char group[GROUP * 32];
    size_t len = 0;

    for (uint64_t i = 0; i < n; i++)
        len += (size_t)snprintf(group + len, sizeof group - len,
                                "ARTICLE %llu\r\n",
                                (unsigned long long)(from + i));
    say_n(group, len);
}

static uint64_t fetch(uint64_t group)
{
    uint64_t asked = 0, bytes = 0, lines = 0, count = args.count;

    for (uint64_t got = 0; got < count; got++) {
        while (asked < count && asked - got <= (group > 1 ? group : 0)) {
            uint64_t n = count - asked < group ? count - asked : group;

            ask(asked + 1, n);
            asked += n;
        }
        expect('2');
        bytes += block(&lines);
    }
    return bytes;
}

static uint64_t overview(void)
{
    uint64_t lines = 0, bytes;
    char command[64];

    snprintf(command, sizeof command, "OVER 1-%llu\r\n",
             (unsigned long long)args.count);
    say(command);
    expect('2');
    bytes = block(&lines);
    if (lines != args.count)
        bench_die("lines are missing");
    return bytes;
}

static uint64_t body(void)
{
    uint64_t lines = 0;

    say(args.job[2] == 'y' ? "BODY 2\r\n" : "BODY 1\r\n");
    expect('2');
    return block(&lines);
}

/* TO has room for twice SIZE, and 3. */
static size_t stuff(char *to, const char *text, size_t size)
{
    const char *end = text + size, *lf;
    size_t n = 0;

    for (; text < end; text = lf + 1) {
        lf = memchr(text, '\n', (size_t)(end - text));
        if (*text == '.')
            to[n++] = '.';
        memcpy(to + n, text, (size_t)(lf + 1 - text));
        n += (size_t)(lf + 1 - text);
    }
    memcpy(to + n, ".\r\n", 3);
    return n + 3;
}

static uint64_t post(void)
{
    const char *text = bench_mail(args.size);
    char *out = malloc(2 * args.size + 3);

    for (uint64_t i = 0; i < args.count && out != NULL; i++) {
        say("POST\r\n");
        expect('3');
        put(out, stuff(out, text, args.size));
        expect('2');
    }
    free(out);
    return args.count * args.size;
}

/* --- layers --- */

static void begin_tls(void)
{
    SSL_CTX *ctx = SSL_CTX_new(TLS_client_method());

    if (ctx == NULL || args.ca == NULL ||
        SSL_CTX_load_verify_locations(ctx, args.ca, NULL) != 1)
        bench_die("BENCH_CA");
    SSL_CTX_set_verify(ctx, SSL_VERIFY_PEER, NULL);
    ssl = SSL_new(ctx);
    if (ssl == NULL || !SSL_set_fd(ssl, fd) ||
        !X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(ssl), args.host) ||
        SSL_connect(ssl) != 1)
        bench_die("SSL_connect");
}

static void begin_deflate(void)
{
    say("COMPRESS DEFLATE\r\n");
    expect('2');
    if (inflateInit2(&zin, -MAX_WBITS) != Z_OK ||
        deflateInit2(&zout, Z_DEFAULT_COMPRESSION, Z_DEFLATED, -MAX_WBITS, 8,
                     Z_DEFAULT_STRATEGY) != Z_OK)
        bench_die("zlib");
    deflated = true;
}

static uint64_t run(bool rtt)
{
    switch (args.job[1]) {
    case '1':
        return overview();
    case '2':
        return fetch(rtt ? 1 : GROUP);
    case '3':
        return body();
    }
    return post();
}

int main(int argc, char **argv)
{
    uint64_t bytes;
    bool rtt;

    bench_args(argc, argv, &args);
    rtt = strcmp(args.mode, "rtt") == 0;
    bench_start();
    fd = bench_connect(&args);
    if (strcmp(args.mode, "tls") == 0)
        begin_tls();
    expect('2');
    say("GROUP bench.test\r\n");
    expect('2');
    if (strcmp(args.mode, "deflate") == 0)
        begin_deflate();
    bytes = run(rtt);
    say("QUIT\r\n");
    expect('2');
    bench_stop(&args, rtt ? "limit_rtt" : "limit",
               bench_one_body(args.job) ? 1 : args.count, bytes);
    return 0;
}
