/* unread.c - a stream with bytes in front of it that somebody had read too
 * early: what sc_detach gives back. */
#include "client/conn.h"

#include <string.h>

#include "core/mem.h"

struct unread {
    Stream base;
    char *bytes;
    size_t n, pos;
};

static ssize_t unread_read(Stream *s, void *buf, size_t n, struct sc_wait *w)
{
    struct unread *u = (struct unread *)s;

    if (u->pos == u->n)
        return sc_stream_read(s->below, buf, n, w);
    if (n > u->n - u->pos)
        n = u->n - u->pos;
    memcpy(buf, u->bytes + u->pos, n);
    u->pos += n;
    return (ssize_t)n;
}

static int unread_writev(Stream *s, const struct sc_span *v, size_t n,
                         struct sc_wait *w)
{
    return sc_stream_writev(s->below, v, n, w);
}

static int unread_sendfile(Stream *s, int fd, uint64_t offset, uint64_t n,
                           struct sc_wait *w)
{
    return sc_stream_sendfile(s->below, fd, offset, n, w);
}

static int unread_info(Stream *s, int what, void *answer)
{
    struct unread *u = (struct unread *)s;

    if (what != SC_INFO_PENDING || u->pos == u->n)
        return SC_ENOTSUP;
    *(int *)answer = 1;
    return 0;
}

static void unread_cleanup(Stream *s)
{
    sc_free(((struct unread *)s)->bytes);
}

static const struct stream_class unread_class = {
    .name = "unread",
    .size = sizeof(struct unread),
    .read = unread_read,
    .writev = unread_writev,
    .sendfile = unread_sendfile,
    .shutdown = sc_stream_below_shutdown,
    .interrupt = sc_stream_below_interrupt,
    .info = unread_info,
    .cleanup = unread_cleanup,
};

Stream *sc_unread_wrap(Stream *low, const char *p, size_t n)
{
    struct unread *u = sc_stream_new(&unread_class);
    char *bytes = sc_malloc(n);

    if (u == NULL || bytes == NULL) {
        sc_free(bytes);
        if (u != NULL)
            sc_stream_let_go(&u->base);
        return NULL;
    }
    memcpy(bytes, p, n);
    u->bytes = bytes;
    u->n = n;
    u->base.below = low;
    return &u->base;
}
