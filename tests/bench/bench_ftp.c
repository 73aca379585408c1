/* bench_ftp.c - bench_ftp JOB HOST PORT COUNT - FTP by url_open, beside the least
 * that one can do. The server gives anybody /large and /small/0, /small/1 ...
 *
 *   F1   COUNT bytes of /large
 *   L1   the same with blocking sockets: recv into 64 KiB, nothing looked at
 *   F2   COUNT files of /small
 *   U1   uri_parse, COUNT times (HOST and PORT are not asked) */
#include "kit.h"

#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <simpleclient/uri.h>
#include <simpleclient/url.h>

enum { PIECE = 64 << 10 };

static struct bench_args args;
static char piece[PIECE];

static uint64_t read_url(const char *path, unsigned number)
{
    static const struct sc_options o = {.starttls = SC_STARTTLS_NEVER};
    const struct url_options opt = {.options = &o};
    char url[200];
    struct url *u;
    uint64_t bytes = 0;
    ssize_t n;

    snprintf(url, sizeof url, "ftp://%s:%d/", args.host, args.port);
    snprintf(url + strlen(url), 100, path, number);
    u = url_open(url, &opt);
    while ((n = url_read(u, piece, sizeof piece)) > 0)
        bytes += (uint64_t)n;
    if (n < 0)
        bench_die(url_last_error(u)->text);
    url_close(u);
    return bytes;
}

/* --- the least --- */

static void say(int fd, const char *line, char *reply, size_t size)
{
    ssize_t n;

    if (line != NULL)
        bench_write(fd, line, strlen(line));
    if ((n = recv(fd, reply, size - 1, 0)) <= 0)
        bench_die("recv");
    reply[n] = '\0';
}

static uint64_t read_bare(void)
{
    struct bench_args data = args;
    int fd = bench_connect(&args), d;
    uint64_t bytes = 0;
    char reply[1000];
    const char *bars;
    ssize_t n;

    say(fd, NULL, reply, sizeof reply);
    say(fd, "USER anonymous\r\n", reply, sizeof reply);
    if (strncmp(reply, "331", 3) == 0)
        say(fd, "PASS x\r\n", reply, sizeof reply);
    say(fd, "TYPE I\r\n", reply, sizeof reply);
    say(fd, "EPSV\r\n", reply, sizeof reply);
    if ((bars = strstr(reply, "|||")) == NULL ||
        sscanf(bars, "|||%d", &data.port) != 1)
        bench_die("EPSV");
    d = bench_connect(&data);
    say(fd, "RETR large\r\n", reply, sizeof reply);
    while ((n = recv(d, piece, sizeof piece, 0)) > 0)
        bytes += (uint64_t)n;
    close(d);
    close(fd);
    return bytes;
}

/* --- URLs --- */

static uint64_t parse_all(void)
{
    static const char url[] = "https://user@www.example.org:8443/a/b%20c/"
                              "index.html?q=1&r=2#part";
    struct uri u = {0};

    for (uint64_t i = 0; i < args.count; i++) {
        if (uri_parse(&u, url, "http", 0, 0, NULL) < 0)
            bench_die("uri_parse");
        uri_free(&u);
    }
    return args.count * (sizeof url - 1);
}

int main(int argc, char **argv)
{
    uint64_t bytes = 0, n;

    bench_args(argc, argv, &args);
    n = args.count;
    bench_start();
    if (strcmp(args.job, "F1") == 0 || strcmp(args.job, "L1") == 0) {
        bytes = args.job[0] == 'F' ? read_url("large", 0) : read_bare();
        n = 1;
    } else if (strcmp(args.job, "F2") == 0) {
        for (uint64_t i = 0; i < args.count; i++)
            bytes += read_url("small/%u", (unsigned)i);
    } else if (strcmp(args.job, "U1") == 0) {
        bytes = parse_all();
    } else {
        bench_die("no such job");
    }
    bench_stop(&args, args.job[0] == 'L' ? "limit" : "simpleclient", n, bytes);
    return 0;
}
