/* bench_http.c - bench_http JOB HOST PORT COUNT [SIZE] [CONNECTIONS] [MODE] -
 * our side of the HTTP jobs; prints one line of JSON. T is the same as H over
 * TLS.
 *
 *   H1 T1 COUNT SIZE   COUNT GETs on one open client (MODE url: http_get
 *                      through the pool)
 *   H2 COUNT SIZE CONNS   COUNT GETs, CONNS tasks with a client each
 *   H3 COUNT SIZE CONNS   COUNT GETs on each of CONNS clients, all open
 *   H4 T4 BYTES        one download, read into 256 KiB
 *   H5 T5 COUNT SIZE   a new connection each
 *   H6 BYTES           one chunked download
 *   U4 BYTES           one upload of a file's first BYTES */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <simpleclient/httplib.h>
#include <simpleclient/task.h>

#include "kit.h"

static struct bench_args args;
static struct sc_options options;
static char server[128], path[64];
static uint64_t per_task, octets;
static long todo; /* H2: shared by all tasks */
static int opened, failed;

static void die(const struct sc_error *e)
{
    fprintf(stderr, "bench_http: %s\n", e->text);
    exit(1);
}

static void get_once(HTTPClient *h, struct http_reply *r)
{
    if (http_client_get(h, path, r) < 0)
        die(&r->error);
    octets += r->body.len;
}

static void one_client(uint64_t count)
{
    HTTPClient *h = http_open(server, &options);
    struct http_reply r = {0};

    while (count-- > 0)
        get_once(h, &r);
    http_reply_free(&r);
    http_close(h);
}

static void by_url(uint64_t count)
{
    char url[256];
    struct http_reply r = {0};

    snprintf(url, sizeof url, "http%s://%s%s",
             options.flags & SC_OPT_TLS ? "s" : "", server, path);
    sc_set_defaults(&options);
    while (count-- > 0) {
        if (http_get(url, &r) < 0)
            die(&r.error);
        octets += r.body.len;
    }
    http_reply_free(&r);
}

static void task(void *arg)
{
    HTTPClient *h = http_open(server, NULL);
    struct http_reply r = {0};

    (void)arg;
    if (sc_last_error(http_base(h))->code)
        die(sc_last_error(http_base(h)));
    for (opened++; opened < args.conns;)
        sc_yield();
    if (per_task)
        for (uint64_t i = 0; i < per_task; i++)
            get_once(h, &r);
    else
        while (todo-- > 0)
            get_once(h, &r);
    http_reply_free(&r);
    http_close(h);
}

static void many(void)
{
    struct sc_group *g = sc_group_new(NULL, 0);

    for (int i = 0; i < args.conns; i++)
        if (sc_group_go(g, task, NULL) < 0)
            failed++;
    if (sc_group_wait(g) < 0 || failed) {
        fprintf(stderr, "bench_http: tasks failed\n");
        exit(1);
    }
}

static void download(void)
{
    HTTPClient *h = http_open(server, &options);
    struct http_reply r = {0};
    size_t size = 256 << 10;
    char *buf = malloc(size);
    struct sc_error err = {0};
    struct sc_wait w = {INT64_MAX, &err};
    ssize_t n;

    http_putrequest(h, "GET", path);
    http_endheaders(h);
    if (http_getreply(h, &r) < 0)
        die(&r.error);
    while ((n = sc_stream_read(http_getfile(h), buf, size, &w)) > 0)
        octets += (uint64_t)n;
    if (n < 0)
        die(&err);
    free(buf);
    http_reply_free(&r);
    http_close(h);
}

static void upload(void)
{
    HTTPClient *h = http_open(server, &options);
    struct http_source file = {.length = args.count};
    struct http_reply r = {0};
    char length[24];

    file.fd = args.file != NULL ? open(args.file, O_RDONLY | O_CLOEXEC) : -1;
    if (file.fd < 0)
        bench_die("BENCH_FILE");
    snprintf(length, sizeof length, "%llu", (unsigned long long)args.count);
    http_putrequest(h, "PUT", path);
    http_putheader(h, "Content-Length", length);
    http_endheaders(h);
    http_send_source(h, &file);
    if (http_getreply(h, &r) < 0)
        die(&r.error);
    octets = args.count;
    close(file.fd);
    http_reply_free(&r);
    http_close(h);
}

static uint64_t run(void)
{
    uint64_t count = args.count;

    switch (args.job[1]) {
    case '1':
        strcmp(args.mode, "url") == 0 ? by_url(count) : one_client(count);
        return count;
    case '2':
        todo = (long)count;
        many();
        return count;
    case '3':
        per_task = count;
        many();
        return count * (uint64_t)args.conns;
    case '5':
        for (uint64_t i = 0; i < count; i++)
            one_client(1);
        return count;
    default:
        args.job[0] == 'U' ? upload() : download();
        return 1;
    }
}

int main(int argc, char **argv)
{
    uint64_t n;

    bench_args(argc, argv, &args);
    snprintf(server, sizeof server, "%s:%d", args.host, args.port);
    bench_path(&args, path, sizeof path);
    if (args.job[0] == 'T') {
        options.flags = SC_OPT_TLS;
        options.tls.ca_file = args.ca;
    }
    bench_start();
    n = run();
    bench_stop(&args, "ours", n, octets);
    return 0;
}
