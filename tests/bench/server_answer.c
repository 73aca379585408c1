/* server_answer.c - what the bench's server answers. */
#include "server.h"

#include "kit.h"

#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

enum { PATHS = 16, SMALL = 65536, BLOCK = 1 << 20, CHUNK = 16384 };

static struct bench_answer known[PATHS];
static size_t n_known;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

static void letters(char *p, size_t n)
{
    for (size_t i = 0; i < n; i++)
        p[i] = (char)('a' + i % 26);
}

static char *room(size_t n)
{
    char *p = malloc(n);

    if (p == NULL)
        bench_die("malloc");
    return p;
}

/* P goes into a file in memory, which is mapped. */
static void to_file(struct bench_answer *a, const char *p, size_t n)
{
    a->file = memfd_create("bench", MFD_CLOEXEC);
    a->file_len = n;
    if (a->file < 0 || write(a->file, p, n) != (ssize_t)n)
        bench_die("memfd");
    a->block = mmap(NULL, n, PROT_READ, MAP_SHARED, a->file, 0);
    if (a->block == MAP_FAILED)
        bench_die("mmap");
}

static size_t put_chunk(char *to, size_t n)
{
    int head = snprintf(to, 24, "%zx\r\n", n);

    letters(to + head, n);
    memcpy(to + (size_t)head + n, "\r\n", 3);
    return (size_t)head + n + 2;
}

static void make_chunked(struct bench_answer *a, uint64_t size)
{
    char *p = room(BLOCK + BLOCK / 16);
    size_t n = 0, one = 0;

    for (int i = 0; i < BLOCK / CHUNK; i++)
        n += one = put_chunk(p + n, CHUNK);
    to_file(a, p, n);
    free(p);
    a->file_total = size / CHUNK * one;
    a->tail = room(CHUNK + 64);
    if (size % CHUNK > 0)
        a->tail_len = put_chunk(a->tail, size % CHUNK);
    memcpy(a->tail + a->tail_len, "0\r\n\r\n", 6);
    a->tail_len += 5;
}

static void make_plain(struct bench_answer *a, uint64_t size)
{
    char *p;

    if (size <= SMALL) {
        letters(a->text + a->text_len, (size_t)size);
        a->text_len += (size_t)size;
        return;
    }
    letters(p = room(BLOCK), BLOCK);
    to_file(a, p, BLOCK);
    free(p);
    a->file_total = size;
}

/* Append to the head, for which SMALL + 256 bytes are there. */
__attribute__((format(printf, 2, 3))) static void add(struct bench_answer *a,
                                                      const char *fmt, ...)
{
    va_list ap;

    va_start(ap, fmt);
    a->text_len +=
        (size_t)vsnprintf(a->text + a->text_len, 256 - a->text_len, fmt, ap);
    va_end(ap);
}

static struct bench_answer *make(const char *path, size_t n)
{
    struct bench_answer *a = &known[n_known++];
    bool chunked = strncmp(path, "/chunked/", 9) == 0;
    uint64_t size = strtoull(path + (chunked ? 9 : 1), NULL, 10);

    memcpy(a->path, path, n);
    a->text = room(SMALL + 256);
    add(a, "HTTP/1.1 200 OK\r\nServer: bench\r\n"
           "Content-Type: application/octet-stream\r\n");
    if (chunked) {
        add(a, "Transfer-Encoding: chunked\r\n\r\n");
        make_chunked(a, size);
    } else {
        add(a, "Content-Length: %llu\r\n\r\n", (unsigned long long)size);
        make_plain(a, size);
    }
    return a;
}

const struct bench_answer *bench_answer(const char *request)
{
    const char *path = strchr(request, ' ');
    const struct bench_answer *a = NULL;
    size_t n;

    path = path != NULL ? path + 1 : "/0";
    n = strcspn(path, " ?\r");
    pthread_mutex_lock(&lock);
    for (size_t i = 0; i < n_known && a == NULL; i++)
        if (strncmp(known[i].path, path, n) == 0 && !known[i].path[n])
            a = &known[i];
    if (a == NULL && (n >= sizeof a->path || n_known == PATHS))
        a = &known[0];
    else if (a == NULL)
        a = make(path, n);
    pthread_mutex_unlock(&lock);
    return a;
}
