/* limit_smtp.c - limit_smtp JOB HOST PORT COUNT [SIZE] [RECIPIENTS] [MODE] - the
 * least work with blocking sockets.
 *
 *   S1 S3   COUNT messages of SIZE bytes to RECIPIENTS; MODE "": MAIL, RCPT and
 *           BDAT LAST of 64 messages in each write; pipe: DATA, the next
 *           envelope beside each text (RFC 2920); rtt: each command waits
 *   S2      one message of COUNT bytes, BENCH_FILE, mapped beforehand */
#include "kit.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>

enum { BULK = 64, PART = 1 << 20, IN_SIZE = 256 << 10 };

static struct bench_args args;
static char in[IN_SIZE];
static size_t have, at;
static int fd;
static char *text, *envelope;
static size_t size, envelope_len;

/* --- replies --- */

static char *line(size_t *n)
{
    char *lf, *p;
    ssize_t got;

    while ((lf = memchr(in + at, '\n', have - at)) == NULL) {
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

static void expect(char class)
{
    size_t n;
    char *p;

    do
        p = line(&n);
    while (n > 3 && p[3] == '-');
    if (n < 4 || *p != class)
        bench_die("an unexpected reply");
}

/* --- the text --- */

/* Copy P..END to TO, dots doubled. Returns its end. */
static char *stuff(char *to, const char *p, const char *end)
{
    const char *from = p, *lf;

    for (; p < end; p = lf != NULL ? lf + 1 : end) {
        if (*p == '.') {
            memcpy(to, from, (size_t)(p - from));
            to += p - from;
            *to++ = '.';
            from = p;
        }
        lf = memchr(p, '\n', (size_t)(end - p));
    }
    memcpy(to, from, (size_t)(end - from));
    return to + (end - from);
}

/* A part of about PART bytes and whole lines. */
static size_t part_of(const char *p, size_t left)
{
    if (left <= PART)
        return left;
    return (size_t)((char *)memrchr(p, '\n', PART) + 1 - p);
}

/* All of it, and AFTER behind the dot. */
static void send_text(char *room, const char *after, size_t n)
{
    const char *p = text, *end = text + size;
    char *to;

    while (p < end) {
        size_t part = part_of(p, (size_t)(end - p));

        to = stuff(room, p, p + part);
        p += part;
        if (p == end) {
            memcpy(to, ".\r\n", 3);
            memcpy(to + 3, after, n);
            to += 3 + n;
        }
        bench_write(fd, room, (size_t)(to - room));
    }
}

/* --- the modes --- */

/* Lines are short: 64 bytes are room for each. */
static void make_envelope(bool chunks)
{
    size_t room = 64 * ((size_t)args.conns + 4);
    FILE *out;

    envelope = malloc(room);
    if (envelope == NULL || (out = fmemopen(envelope, room, "w")) == NULL)
        bench_die("malloc");
    fprintf(out, "MAIL FROM:<sender@bench.example>\r\n");
    for (int i = 0; i < args.conns; i++)
        fprintf(out, "RCPT TO:<rcpt%d@bench.example>\r\n", i);
    if (chunks)
        fprintf(out, "BDAT %zu LAST\r\n", size);
    else
        fprintf(out, "DATA\r\n");
    envelope_len = (size_t)ftell(out);
    fclose(out);
}

static void expect_all(int n)
{
    while (n-- > 0)
        expect('2');
}

static void in_chunks(uint64_t count)
{
    size_t one = envelope_len + size;
    char *bulk = malloc(BULK * one);
    uint64_t sent = 0;

    for (size_t i = 0; i < BULK; i++) {
        memcpy(bulk + i * one, envelope, envelope_len);
        memcpy(bulk + i * one + envelope_len, text, size);
    }
    for (uint64_t got = 0; got < count; got++) {
        if (sent < count && sent - got <= BULK) {
            size_t n = count - sent < BULK ? (size_t)(count - sent) : BULK;

            bench_write(fd, bulk, n * one);
            sent += n;
        }
        expect_all(args.conns + 2);
    }
    free(bulk);
}

static void in_one_chunk(void)
{
    bench_write(fd, envelope, envelope_len);
    bench_write(fd, text, size);
    expect_all(args.conns + 2);
}

static char *room_for_text(void)
{
    size_t most = size < PART ? size : PART;

    return malloc(2 * most + 8 + envelope_len);
}

static void in_groups(uint64_t count)
{
    char *room = room_for_text();

    bench_write(fd, envelope, envelope_len);
    while (count-- > 0) {
        expect_all(args.conns + 1);
        expect('3');
        send_text(room, envelope, count > 0 ? envelope_len : 0);
        expect('2');
    }
    free(room);
}

static void in_steps(uint64_t count)
{
    const char *end = envelope + envelope_len, *p, *next;
    char *room = room_for_text();

    while (count-- > 0) {
        for (p = envelope; p < end; p = next) {
            next = (char *)memchr(p, '\n', (size_t)(end - p)) + 1;
            bench_write(fd, p, (size_t)(next - p));
            expect(next == end ? '3' : '2');
        }
        send_text(room, "", 0);
        expect('2');
    }
    free(room);
}

static void run(const char *mode, uint64_t count)
{
    bool chunks = *mode == '\0';

    fd = bench_connect(&args);
    expect('2');
    bench_write(fd, "EHLO bench\r\n", 12);
    expect('2');
    make_envelope(chunks);
    if (chunks && args.job[1] == '2')
        in_one_chunk();
    else if (chunks)
        in_chunks(count);
    else
        strcmp(mode, "pipe") == 0 ? in_groups(count) : in_steps(count);
    bench_write(fd, "QUIT\r\n", 6);
    expect('2');
}

static void map_file(void)
{
    int file = args.file != NULL ? open(args.file, O_RDONLY | O_CLOEXEC) : -1;

    size = args.count;
    text = mmap(NULL, size, PROT_READ, MAP_SHARED | MAP_POPULATE, file, 0);
    if (text == MAP_FAILED)
        bench_die("BENCH_FILE");
}

int main(int argc, char **argv)
{
    char who[32] = "limit";
    uint64_t n;

    bench_args(argc, argv, &args);
    if (*args.mode)
        snprintf(who, sizeof who, "limit_%s", args.mode);
    n = args.job[1] == '2' ? 1 : args.count;
    size = args.size;
    if (args.job[1] == '2')
        map_file();
    else
        text = bench_mail(size);
    bench_start();
    run(args.mode, n);
    bench_stop(&args, who, n, n * size);
    return 0;
}
