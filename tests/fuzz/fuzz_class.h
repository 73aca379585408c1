/* fuzz_class.h - a stream that lends the fuzzer's bytes to a client in small
 * pieces, and swallows what is written. */
#ifndef TESTS_FUZZ_FUZZ_CLASS_H
#define TESTS_FUZZ_FUZZ_CLASS_H

#include <string.h>

#include <simpleclient/class.h>

struct fuzz_stream {
    Stream base;
    const uint8_t *data; /* kept */
    size_t n;
    size_t piece; /* at most so many bytes a read */
};

static inline ssize_t fuzz_read(Stream *s, void *buf, size_t n,
                                struct sc_wait *w)
{
    struct fuzz_stream *f = (struct fuzz_stream *)s;

    (void)w;
    if (n > f->piece)
        n = f->piece;
    if (n > f->n)
        n = f->n;
    if (n > 0)
        memcpy(buf, f->data, n);
    f->data += n;
    f->n -= n;
    return (ssize_t)n;
}

static inline int fuzz_writev(Stream *s, const struct sc_span *v, size_t n,
                              struct sc_wait *w)
{
    (void)s;
    (void)v;
    (void)n;
    (void)w;
    return 0;
}

static inline int fuzz_shutdown(Stream *s, struct sc_wait *w)
{
    (void)s;
    (void)w;
    return 0;
}

static inline void fuzz_interrupt(Stream *s, int error)
{
    (void)s;
    (void)error;
}

static inline void fuzz_cleanup(Stream *s)
{
    (void)s;
}

static const struct stream_class fuzz_class = {
    .name = "fuzz",
    .size = sizeof(struct fuzz_stream),
    .read = fuzz_read,
    .writev = fuzz_writev,
    .sendfile = sc_stream_copy_file,
    .shutdown = fuzz_shutdown,
    .interrupt = fuzz_interrupt,
    .info = sc_stream_no_info,
    .cleanup = fuzz_cleanup,
};

/* A client of the plain class that reads DATA, at most PIECE bytes a time. */
static inline SimpleClient *fuzz_client(const uint8_t *data, size_t n,
                                        size_t piece,
                                        const struct sc_options *opt)
{
    struct fuzz_stream *f = sc_stream_new(&fuzz_class);

    if (f == NULL)
        return NULL;
    f->data = data;
    f->n = n;
    f->piece = piece;
    return sc_attach(&sc_simple_class, &f->base, opt);
}

#endif
