/* limit_pop3.c - limit_pop3 JOB HOST PORT COUNT [SIZE] [CONNS] [MODE] - the least
 * work with a blocking socket: commands in groups of 128, at most 256 in flight
 * (MODE rtt: one at a time), lines found by memchr, none copied.
 *
 *   P1   UIDL, then RETR of COUNT messages
 *   P2   RETR of one message
 *   P3   TOP n 0 of COUNT messages */
#include "kit.h"

#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

enum { GROUP = 128, IN_SIZE = 256 << 10 };

static struct bench_args args;
static char in[IN_SIZE];
static size_t have, at;
static int fd;

/* A line without its LF. */
static const char *line(size_t *n)
{
    const char *lf, *p;
    size_t seen = 0;
    ssize_t got;

    while ((lf = memchr(in + at + seen, '\n', have - at - seen)) == NULL) {
        seen = have - at;
        memmove(in, in + at, have -= at);
        at = 0;
        if ((got = recv(fd, in + have, sizeof in - have, 0)) <= 0)
            bench_die("recv");
        have += (size_t)got;
    }
    p = in + at;
    *n = (size_t)(lf - p);
    at += *n + 1;
    return p;
}

static void expect_ok(void)
{
    size_t n;

    if (*line(&n) != '+')
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

static void say(const char *text)
{
    bench_write(fd, text, strlen(text));
}

/* N commands from number FROM on, in one write. */
static void ask(uint64_t from, uint64_t n)
{
    static char group[GROUP * 32];
    size_t len = 0;

    for (uint64_t i = 0; i < n; i++)
        len += (size_t)snprintf(group + len, sizeof group - len,
                                args.job[1] == '3' ? "TOP %llu 0\r\n"
                                                   : "RETR %llu\r\n",
                                (unsigned long long)(from + i));
    bench_write(fd, group, len);
}

static uint64_t fetch(uint64_t count, uint64_t group)
{
    uint64_t asked = 0, bytes = 0, lines = 0;

    for (uint64_t got = 0; got < count; got++) {
        while (asked < count && asked - got <= (group > 1 ? group : 0)) {
            uint64_t n = count - asked < group ? count - asked : group;

            ask(asked + 1, n);
            asked += n;
        }
        expect_ok();
        bytes += block(&lines);
    }
    return bytes;
}

int main(int argc, char **argv)
{
    uint64_t n, bytes, lines = 0;
    bool rtt;

    bench_args(argc, argv, &args);
    rtt = strcmp(args.mode, "rtt") == 0;
    n = args.job[1] == '2' ? 1 : args.count;
    bench_start();
    fd = bench_connect(&args);
    expect_ok();
    say("USER bench\r\nPASS bench\r\n");
    expect_ok();
    expect_ok();
    if (args.job[1] == '1') {
        say("UIDL\r\n");
        expect_ok();
        block(&lines);
    }
    bytes = fetch(n, rtt ? 1 : GROUP);
    say("QUIT\r\n");
    expect_ok();
    bench_stop(&args, rtt ? "limit_rtt" : "limit", n, bytes);
    return 0;
}
