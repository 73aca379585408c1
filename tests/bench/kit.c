/* kit.c - what the programs of the bench share. */
#include "kit.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

static double began, user_began, sys_began;
static long rss_began;

void bench_die(const char *what)
{
    fprintf(stderr, "bench: %s: %s\n", what,
            errno ? strerror(errno) : "failed");
    exit(1);
}

void bench_args(int argc, char **argv, struct bench_args *a)
{
    if (argc < 5) {
        fprintf(stderr, "usage: %s JOB HOST PORT COUNT [SIZE] [CONNS] [MODE]\n",
                argv[0]);
        exit(2);
    }
    a->job = argv[1];
    a->host = argv[2];
    a->port = (int)strtol(argv[3], NULL, 10);
    a->count = strtoull(argv[4], NULL, 10);
    a->size = argc > 5 ? strtoull(argv[5], NULL, 10) : 1024;
    a->conns = argc > 6 ? (int)strtol(argv[6], NULL, 10) : 1;
    a->mode = argc > 7 ? argv[7] : "";
    a->ca = getenv("BENCH_CA");
    a->file = getenv("BENCH_FILE");
}

bool bench_one_body(const char *job)
{
    if (job[0] == 'S' || job[0] == 'P')
        return job[1] == '2';
    if (job[0] == 'N')
        return job[1] == '3';
    return job[1] == '4' || job[1] == '6';
}

char *bench_mail(size_t size)
{
    static const char head[] = "From: sender@bench.example\r\n"
                               "To: rcpt@bench.example\r\n"
                               "Subject: bench\r\n\r\n";
    size_t at = sizeof head - 1, in_line = 0, lines = 0;
    char *text = malloc(size + 1);

    if (text == NULL || size < at + 4)
        bench_die("a message of that size");
    memcpy(text, head, at);
    while (at + 2 < size) {
        text[at] = in_line == 0 && lines % 8 == 7 ? '.' : 'a' + at % 26;
        at++;
        if (++in_line == 72 && at + 4 < size) {
            memcpy(text + at, "\r\n", 2);
            at += 2;
            in_line = 0;
            lines++;
        }
    }
    memcpy(text + at, "\r\n", 3);
    return text;
}

void bench_path(const struct bench_args *a, char *path, size_t size)
{
    if (a->job[0] == 'U')
        snprintf(path, size, "/0");
    else if (bench_one_body(a->job))
        snprintf(path, size, "/%s%llu", a->job[1] == '6' ? "chunked/" : "",
                 (unsigned long long)a->count);
    else
        snprintf(path, size, "/%zu", a->size);
}

/* --- measuring --- */

static double now(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

/* Of this program: ru_maxrss would count what forked it. */
static long peak_kb(void)
{
    char line[256];
    long kb = 0;
    FILE *f = fopen("/proc/self/status", "r");

    while (f != NULL && fgets(line, sizeof line, f) != NULL)
        if (strncmp(line, "VmHWM:", 6) == 0)
            kb = strtol(line + 6, NULL, 10);
    if (f != NULL)
        fclose(f);
    return kb;
}

static void cpu(double *user, double *sys)
{
    struct rusage r;

    getrusage(RUSAGE_SELF, &r);
    *user = (double)r.ru_utime.tv_sec + (double)r.ru_utime.tv_usec / 1e6;
    *sys = (double)r.ru_stime.tv_sec + (double)r.ru_stime.tv_usec / 1e6;
}

void bench_start(void)
{
    rss_began = peak_kb();
    cpu(&user_began, &sys_began);
    began = now();
}

void bench_stop(const struct bench_args *a, const char *who, uint64_t n,
                uint64_t bytes)
{
    double took = now() - began, user, sys;
    bool mb = bench_one_body(a->job);

    cpu(&user, &sys);
    printf("{\"job\":\"%s\",\"who\":\"%s\",\"seconds\":%.6f,\"n\":%llu,"
           "\"bytes\":%llu,\"rate\":%.1f,\"unit\":\"%s\",\"user\":%.4f,"
           "\"sys\":%.4f,\"rss_kb\":%ld,\"rss_before_kb\":%ld}\n",
           a->job, who, took, (unsigned long long)n, (unsigned long long)bytes,
           (mb ? (double)bytes / 1e6 : (double)n) / took, mb ? "MB/s" : "ops/s",
           user - user_began, sys - sys_began, peak_kb(), rss_began);
}

/* --- sockets --- */

int bench_connect(const struct bench_args *a)
{
    struct sockaddr_in to = {.sin_family = AF_INET,
                             .sin_port = htons((uint16_t)a->port)};
    int one = 1, fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

    if (fd < 0 || inet_pton(AF_INET, a->host, &to.sin_addr) != 1 ||
        connect(fd, (struct sockaddr *)&to, sizeof to) < 0 ||
        setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one) < 0)
        bench_die("connect");
    return fd;
}

int bench_listen(void)
{
    struct sockaddr_in a = {.sin_family = AF_INET,
                            .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t len = sizeof a;
    int fd = socket(AF_INET, SOCK_STREAM, 0);

    if (fd < 0 || bind(fd, (struct sockaddr *)&a, len) < 0 ||
        listen(fd, 4096) < 0 ||
        getsockname(fd, (struct sockaddr *)&a, &len) < 0)
        bench_die("listen");
    printf("port %d\n", ntohs(a.sin_port));
    fflush(stdout);
    return fd;
}

void bench_write(int fd, const void *p, size_t n)
{
    const char *at = p;
    ssize_t sent;

    for (; n > 0; at += sent, n -= (size_t)sent)
        if ((sent = send(fd, at, n, MSG_NOSIGNAL)) <= 0)
            bench_die("send");
}
