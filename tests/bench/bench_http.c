/* bench_http JOB HOST PORT COUNT [SIZE] [CONNECTIONS] [MODE] - our side of the
 * HTTP jobs; prints one line of JSON.
 *
 *   H1 COUNT SIZE         COUNT GETs on one open client (MODE url: http_get
 *                         through the pool)
 *   H2 COUNT SIZE CONNS   COUNT GETs, CONNS tasks with a client each
 *   H3 COUNT SIZE CONNS   COUNT GETs on each of CONNS clients, all open
 *   H4 BYTES              one download, read into 256 KiB
 *   H5 COUNT SIZE         a new connection each
 *   H6 BYTES              one chunked download */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#include <simpleclient/httplib.h>
#include <simpleclient/task.h>

static const char *server, *path;
static uint64_t per_task, octets;
static long todo; /* H2: shared by all tasks */
static int conns, opened, failed;

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
    HTTPClient *h = http_open(server, NULL);
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

    snprintf(url, sizeof url, "http://%s%s", server, path);
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
    for (opened++; opened < conns;)
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

    for (int i = 0; i < conns; i++)
        if (sc_group_go(g, task, NULL) < 0)
            failed++;
    if (sc_group_wait(g) < 0 || failed) {
        fprintf(stderr, "bench_http: tasks failed\n");
        exit(1);
    }
}

static void download(void)
{
    HTTPClient *h = http_open(server, NULL);
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

static long peak_kb(void)
{
    char line[256];
    long kb = 0;
    FILE *f = fopen("/proc/self/status", "r");

    while (f && fgets(line, sizeof line, f))
        if (strncmp(line, "VmHWM:", 6) == 0)
            kb = strtol(line + 6, NULL, 10);
    if (f)
        fclose(f);
    return kb;
}

static double seconds(struct timeval t)
{
    return (double)t.tv_sec + (double)t.tv_usec / 1e6;
}

static uint64_t run(const char *job, uint64_t count, const char *mode)
{
    switch (job[1]) {
    case '1':
        strcmp(mode, "url") == 0 ? by_url(count) : one_client(count);
        return count;
    case '2':
        todo = (long)count;
        many();
        return count;
    case '3':
        per_task = count;
        many();
        return count * (uint64_t)conns;
    case '5':
        for (uint64_t i = 0; i < count; i++)
            one_client(1);
        return count;
    default:
        download();
        return 1;
    }
}

int main(int argc, char **argv)
{
    char where[128], target[64];
    const char *size = argc > 5 ? argv[5] : "1024";
    struct rusage before, after;
    int64_t start;
    uint64_t n;
    long rss;
    double took;
    int mb;

    if (argc < 5) {
        fputs("usage: bench_http JOB HOST PORT COUNT [SIZE] [CONNS] [MODE]\n",
              stderr);
        return 2;
    }
    mb = argv[1][1] == '4' || argv[1][1] == '6';
    snprintf(where, sizeof where, "%s:%s", argv[2], argv[3]);
    snprintf(target, sizeof target, "/%s%s",
             argv[1][1] == '6' ? "chunked/" : "", mb ? argv[4] : size);
    server = where;
    path = target;
    conns = argc > 6 ? (int)strtol(argv[6], NULL, 10) : 1;
    rss = peak_kb();
    getrusage(RUSAGE_SELF, &before);
    start = sc_now();
    n = run(argv[1], strtoull(argv[4], NULL, 10), argv[argc - 1]);
    took = (double)(sc_now() - start) / 1e3;
    getrusage(RUSAGE_SELF, &after);
    printf("{\"job\":\"%s\",\"who\":\"ours\",\"seconds\":%.3f,\"n\":%llu,"
           "\"bytes\":%llu,\"rate\":%.1f,\"unit\":\"%s\",\"user\":%.3f,"
           "\"sys\":%.3f,\"rss_kb\":%ld,\"rss_before_kb\":%ld}\n",
           argv[1], took, (unsigned long long)n, (unsigned long long)octets,
           (mb ? (double)octets / 1e6 : (double)n) / (took > 0 ? took : 1e-3),
           mb ? "MB/s" : "ops/s",
           seconds(after.ru_utime) - seconds(before.ru_utime),
           seconds(after.ru_stime) - seconds(before.ru_stime), peak_kb(), rss);
    return 0;
}
