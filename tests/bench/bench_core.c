/* bench_core.c - what the core costs without a network: reading
 * lines and dot blocks from memory against memcpy and memchr, switching and
 * starting tasks. Prints one line each. Argument: megabytes (1024). */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <simpleclient/class.h>
#include <simpleclient/task.h>

#include "run/switch.h"

static size_t total;

static double now(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

/* --- a stream that hands out the same block again and again --- */

struct memory {
    Stream base;
    const char *block;
    size_t size, at;
    size_t left;
};

static ssize_t memory_read(Stream *s, void *buf, size_t n, struct sc_wait *w)
{
    struct memory *m = (struct memory *)s;
    size_t take = m->size - m->at;

    (void)w;
    take = take < n ? take : n;
    take = take < m->left ? take : m->left;
    memcpy(buf, m->block + m->at, take);
    m->at = (m->at + take) % m->size;
    m->left -= take;
    return (ssize_t)take;
}

static int memory_writev(Stream *s, const struct sc_span *v, size_t n,
                         struct sc_wait *w)
{
    (void)s, (void)v, (void)n, (void)w;
    return 0;
}

static int memory_shutdown(Stream *s, struct sc_wait *w)
{
    (void)s, (void)w;
    return 0;
}

static void memory_interrupt(Stream *s, int error)
{
    (void)s, (void)error;
}

static void memory_cleanup(Stream *s)
{
    (void)s;
}

static const struct stream_class memory_class = {
    .name = "memory",
    .size = sizeof(struct memory),
    .read = memory_read,
    .writev = memory_writev,
    .sendfile = sc_stream_copy_file,
    .shutdown = memory_shutdown,
    .interrupt = memory_interrupt,
    .info = sc_stream_no_info,
    .cleanup = memory_cleanup,
};

static SimpleClient *client_on(const char *block, size_t size, size_t bytes)
{
    struct memory *m = sc_stream_new(&memory_class);

    m->block = block;
    m->size = size;
    m->left = bytes;
    return sc_attach(&sc_simple_class, &m->base, NULL);
}

/* A block of whole lines of LEN bytes, CRLF included. */
static char *lines_of(size_t len, size_t *size)
{
    char *p = malloc(4 << 20);

    *size = (4u << 20) / len * len;
    memset(p, 'x', *size);
    for (size_t at = len; at <= *size; at += len)
        memcpy(p + at - 2, "\r\n", 2);
    return p;
}

/* --- lines --- */

static double by_hand(const char *block, size_t size)
{
    static char buf[16384];
    double start = now();
    size_t lines = 0, at = 0;

    for (size_t done = 0; done < total; done += sizeof buf) {
        const char *p = buf, *end = buf + sizeof buf, *lf;
        size_t n = size - at < sizeof buf ? size - at : sizeof buf;

        memcpy(buf, block + at, n);
        memcpy(buf + n, block, sizeof buf - n);
        at = (at + sizeof buf) % size;
        while ((lf = memchr(p, '\n', (size_t)(end - p))) != NULL) {
            lines++;
            p = lf + 1;
        }
    }
    return lines ? now() - start : 1;
}

static double by_readline(const char *block, size_t size)
{
    SimpleClient *c = client_on(block, size, total);
    double start = now();
    struct sc_span line;

    while (sc_readline(c, &line) == 0)
        ;
    start = now() - start;
    sc_drop(c);
    return start;
}

static double by_dot_block(const char *block, size_t size)
{
    SimpleClient *c = client_on(block, size, total);
    double start = now();

    sc_read_dot_to(c, sc_null_sink, NULL); /* ends with the memory */
    start = now() - start;
    sc_drop(c);
    return start;
}

static void best_of(const char *block, size_t size, double best[3])
{
    best[0] = best[1] = best[2] = 1e9;
    for (int i = 0; i < 5; i++) {
        double t[3] = {by_hand(block, size), by_readline(block, size),
                       by_dot_block(block, size)};
        for (int k = 0; k < 3; k++)
            best[k] = t[k] < best[k] ? t[k] : best[k];
    }
}

static void lines(size_t len)
{
    size_t size;
    char *block = lines_of(len, &size);
    double best[3], mb = (double)total / 1e6;

    best_of(block, size, best);
    printf("lines of %3zu B: memcpy+memchr %5.0f MB/s, readline %5.0f (%.2f), "
           "dot block %5.0f (%.2f of readline)\n",
           len, mb / best[0], mb / best[1], best[0] / best[1], mb / best[2],
           best[1] / best[2]);
    free(block);
}

/* --- tasks --- */

#define TURNS 1000000

static void turn(void *arg)
{
    (void)arg;
    for (int i = 0; i < TURNS; i++)
        sc_yield();
}

static void nothing(void *arg)
{
    (void)arg;
}

static struct sc_context here, there;

static void bounce(void *arg)
{
    (void)arg;
    for (;;)
        sc_switch(&there, &here);
}

static void switches(void)
{
    char *stack = malloc(65536);
    double start;

    sc_switch_init(&there, stack, 65536, bounce, NULL);
    start = now();
    for (int i = 0; i < TURNS; i++)
        sc_switch(&here, &there);
    printf("switch: %.1f ns\n", (now() - start) / (2.0 * TURNS) * 1e9);
    sc_switch_fini(&there);
    free(stack);
}

static void tasks(void)
{
    double start = now();

    sc_task_go(NULL, turn, NULL);
    sc_task_go(NULL, turn, NULL);
    sc_run();
    /* A yield is two switches: out to the loop and in again. */
    printf("yield (two switches, the queue, half a turn of the loop): "
           "%.0f ns\n",
           (now() - start) / (2.0 * TURNS) * 1e9);
    start = now();
    for (int i = 0; i < TURNS; i += 100) {
        for (int k = 0; k < 100; k++)
            sc_task_go(NULL, nothing, NULL);
        sc_run();
    }
    printf("start, run and end a task from the pool: %.0f ns\n",
           (now() - start) / TURNS * 1e9);
}

int main(int argc, char **argv)
{
    total = (argc > 1 ? strtoul(argv[1], NULL, 10) : 1024) << 20;
    lines(300);
    lines(40);
    switches();
    tasks();
    return 0;
}
