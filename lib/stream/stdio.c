/* stdio.c - a stream as a FILE of the C library (fopencookie, a GNU call that
 * musl has too). */
#include <simpleclient/class.h>

#include "core/mem.h"
#include "run/clock.h"

#if defined(__linux__)

enum { DEFAULT_WAIT_MS = 30000 };

struct cookie {
    Stream *s; /* kept */
    int64_t ms;
};

static struct sc_wait wait_of(const struct cookie *k)
{
    return (struct sc_wait){.until = sc_until(k->ms)};
}

/* stdio knows errno; codes of ours have none. */
static int to_errno(int rc)
{
    return rc > -4096 && rc != SC_EOF ? -rc : EIO;
}

static ssize_t cookie_read(void *arg, char *buf, size_t n)
{
    struct cookie *k = arg;
    struct sc_wait w = wait_of(k);
    ssize_t got = sc_stream_read(k->s, buf, n, &w);

    if (got >= 0)
        return got;
    errno = to_errno((int)got);
    return -1;
}

/* 0, not -1, is how fopencookie wants to hear of an error here. */
static ssize_t cookie_write(void *arg, const char *p, size_t n)
{
    struct cookie *k = arg;
    struct sc_wait w = wait_of(k);
    int rc = sc_stream_write(k->s, p, n, &w);

    if (rc == 0)
        return (ssize_t)n;
    errno = to_errno(rc);
    return 0;
}

static int cookie_close(void *arg)
{
    sc_free(arg);
    return 0;
}

FILE *sc_stream_fopen(Stream *s, const char *mode, int64_t ms)
{
    cookie_io_functions_t io = {cookie_read, cookie_write, NULL, cookie_close};
    struct cookie *k = sc_malloc(sizeof *k);
    FILE *f = NULL;

    if (k != NULL) {
        k->s = s;
        k->ms = ms > 0 ? ms : DEFAULT_WAIT_MS;
        f = fopencookie(k, mode, io);
    }
    if (f == NULL)
        sc_free(k);
    return f;
}

#else

FILE *sc_stream_fopen(Stream *s, const char *mode, int64_t ms)
{
    (void)s;
    (void)mode;
    (void)ms;
    errno = ENOSYS;
    return NULL;
}

#endif
