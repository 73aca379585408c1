/* coding_zstd.c - zstd (RFC 8878), reading only; zstd's only door. Several
 * frames may follow each other. A window beyond 8 MiB is refused (RFC 9659). */
#include "core/mem.h"
#include "stream/coding.h"

#include <zstd.h>
#include <zstd_errors.h>

enum { WINDOW_LOG = 23 };

struct zstd_coder {
    struct sc_coder base;
    ZSTD_DStream *z;
    bool inside; /* a frame has begun and is not over */
};

static ssize_t zstd_feed(struct sc_coder *base, struct sc_span *in, char *out,
                         size_t room, enum sc_code_how how)
{
    struct zstd_coder *c = (struct zstd_coder *)base;
    ZSTD_inBuffer from = {in->data, in->len, 0};
    ZSTD_outBuffer to = {out, room, 0};
    size_t rc = 1;

    (void)how;
    do {
        if (!c->inside && from.pos == from.size)
            break;
        rc = ZSTD_decompressStream(c->z, &to, &from);
        if (ZSTD_isError(rc))
            return ZSTD_getErrorCode(rc) == ZSTD_error_memory_allocation
                       ? SC_ENOMEM
                       : SC_ECODING;
        c->inside = rc != 0;
    } while (to.pos == 0 && from.pos < from.size);
    if (from.pos > 0) {
        in->data += from.pos;
        in->len -= from.pos;
    }
    return (ssize_t)to.pos;
}

static int zstd_finish(struct sc_coder *base)
{
    return ((struct zstd_coder *)base)->inside ? SC_ESHORT : 0;
}

static void zstd_free(struct sc_coder *base)
{
    ZSTD_freeDStream(((struct zstd_coder *)base)->z);
    sc_free(base);
}

static const struct sc_coder_class zstd_class = {
    .name = "zstd",
    .feed = zstd_feed,
    .finish = zstd_finish,
    .free = zstd_free,
};

struct sc_coder *sc_zstd_open(struct sc_error *err)
{
    struct zstd_coder *c = sc_calloc(sizeof *c);

    if (c != NULL)
        c->z = ZSTD_createDStream();
    if (c == NULL || c->z == NULL) {
        sc_free(c);
        sc_error_set(err, SC_ENOMEM, "zstd: no memory");
        return NULL;
    }
    ZSTD_DCtx_setParameter(c->z, ZSTD_d_windowLogMax, WINDOW_LOG);
    c->base.cls = &zstd_class;
    return &c->base;
}
