/* coding_zlib.c - gzip (RFC 1952), zlib (RFC 1950) and raw deflate (RFC
 * 1951); zlib's only door. A gzip may have several members and zero bytes
 * behind the last, as gzip(1) takes them. HTTP's "deflate" is zlib's format
 * (RFC 9110 section 8.4.1.2), but some servers send it raw: its first two bytes
 * tell. Preset dictionaries are left out. */
#include "core/mem.h"
#include "stream/coding.h"

#include <limits.h>
#include <zlib.h>

enum { RAW_BITS = -15, ZLIB_BITS = 15, GZIP_BITS = 15 + 16 };

struct zlib_coder {
    struct sc_coder base;
    z_stream z;
    bool gzip;
    bool encode;
    bool begun; /* a byte of the current member was fed */
    bool ended; /* the last member is over */
    bool guess; /* zlib or raw: not yet known */
    int first;  /* its first byte, while the second has not come; or -1 */
};

static voidpf zlib_alloc(voidpf arg, uInt n, uInt size)
{
    (void)arg;
    return sc_calloc((size_t)n * size);
}

static void zlib_release(voidpf arg, voidpf p)
{
    (void)arg;
    sc_free(p);
}

static int code_of(int z)
{
    switch (z) {
    case Z_OK:
    case Z_STREAM_END:
    case Z_BUF_ERROR:
        return 0;
    case Z_MEM_ERROR:
        return SC_ENOMEM;
    }
    return SC_ECODING;
}

/* Lend IN and OUT to zlib; its counts are ints. */
static void lend(z_stream *z, struct sc_span in, char *out, size_t room)
{
    z->next_in = (z_const Bytef *)in.data;
    z->avail_in = in.len < UINT_MAX ? (uInt)in.len : UINT_MAX;
    z->next_out = (Bytef *)out;
    z->avail_out = room < INT_MAX ? (uInt)room : INT_MAX;
}

static void advance(struct sc_span *in, const z_stream *z)
{
    size_t used = (size_t)((const char *)z->next_in - in->data);

    in->data += used;
    in->len -= used;
}

/* What may follow a complete coding: another gzip member, or padding. */
static int after_end(struct zlib_coder *c, struct sc_span *in)
{
    while (c->gzip && in->len > 0 && in->data[0] == '\0') {
        in->data++;
        in->len--;
    }
    if (in->len == 0)
        return 0;
    if (!c->gzip || (unsigned char)in->data[0] != 0x1f)
        return SC_ECODING;
    c->ended = false;
    c->begun = false;
    return code_of(inflateReset(&c->z));
}

/* RFC 1950 section 2.2: CM is 8, CINFO at most 7, FCHECK makes both bytes a
 * multiple of 31. */
static bool is_zlib(unsigned first, unsigned second)
{
    return (first & 15) == 8 && first >> 4 <= 7 &&
           (first << 8 | second) % 31 == 0;
}

/* Take the first byte aside; at the second one, settle what it is and give the
 * first to zlib: no output comes of so little. */
static int settle(struct zlib_coder *c, struct sc_span *in)
{
    char first, nothing;

    if (c->first < 0 && in->len > 0) {
        c->first = (unsigned char)in->data[0];
        in->data++;
        in->len--;
        c->begun = true;
    }
    if (c->first < 0 || in->len == 0)
        return 0;
    if (!is_zlib((unsigned)c->first, (unsigned char)in->data[0]) &&
        inflateReset2(&c->z, RAW_BITS) != Z_OK)
        return SC_ECODING;
    c->guess = false;
    first = (char)c->first;
    lend(&c->z, (struct sc_span){&first, 1}, &nothing, 1);
    c->z.avail_out = 0;
    return code_of(inflate(&c->z, Z_NO_FLUSH));
}

static ssize_t decode(struct zlib_coder *c, struct sc_span *in, char *out,
                      size_t room)
{
    size_t got = 0;
    int rc;

    if (c->guess && ((rc = settle(c, in)) < 0 || c->guess))
        return rc;
    do {
        if (c->ended && (rc = after_end(c, in)) < 0)
            return rc;
        if (c->ended)
            return 0;
        c->begun = c->begun || in->len > 0;
        lend(&c->z, *in, out, room);
        rc = inflate(&c->z, Z_NO_FLUSH);
        if (in->len > 0)
            advance(in, &c->z);
        if (code_of(rc) < 0)
            return code_of(rc);
        c->ended = rc == Z_STREAM_END;
        got = (size_t)((char *)c->z.next_out - out);
    } while (got == 0 && in->len > 0);
    return (ssize_t)got;
}

static ssize_t encode(struct zlib_coder *c, struct sc_span *in, char *out,
                      size_t room, enum sc_code_how how)
{
    static const int flush[] = {Z_NO_FLUSH, Z_SYNC_FLUSH, Z_FINISH};
    int rc;

    lend(&c->z, *in, out, room);
    rc = deflate(&c->z, in->len > UINT_MAX ? Z_NO_FLUSH : flush[how]);
    if (in->len > 0)
        advance(in, &c->z);
    if (code_of(rc) < 0)
        return code_of(rc);
    return (ssize_t)((char *)c->z.next_out - out);
}

static ssize_t zlib_feed(struct sc_coder *base, struct sc_span *in, char *out,
                         size_t room, enum sc_code_how how)
{
    struct zlib_coder *c = (struct zlib_coder *)base;

    return c->encode ? encode(c, in, out, room, how) : decode(c, in, out, room);
}

static int zlib_finish(struct sc_coder *base)
{
    struct zlib_coder *c = (struct zlib_coder *)base;

    return c->ended || !c->begun ? 0 : SC_ESHORT;
}

static void zlib_free(struct sc_coder *base)
{
    struct zlib_coder *c = (struct zlib_coder *)base;

    if (c->encode)
        deflateEnd(&c->z);
    else
        inflateEnd(&c->z);
    sc_free(c);
}

static const struct sc_coder_class zlib_class = {
    .name = "zlib",
    .feed = zlib_feed,
    .finish = zlib_finish,
    .free = zlib_free,
};

static int start(struct zlib_coder *c, int coding)
{
    int bits = coding == SC_CODING_GZIP      ? GZIP_BITS
               : coding == SC_CODING_DEFLATE ? RAW_BITS
                                             : ZLIB_BITS;

    if (!c->encode)
        return code_of(inflateInit2(&c->z, bits));
    return code_of(deflateInit2(&c->z, Z_DEFAULT_COMPRESSION, Z_DEFLATED, bits,
                                8, Z_DEFAULT_STRATEGY));
}

struct sc_coder *sc_zlib_open(int coding, bool encoder, struct sc_error *err)
{
    struct zlib_coder *c;
    int rc;

    if ((c = sc_calloc(sizeof *c)) == NULL) {
        sc_error_set(err, SC_ENOMEM, "zlib: no memory");
        return NULL;
    }
    c->base.cls = &zlib_class;
    c->gzip = coding == SC_CODING_GZIP;
    c->guess = coding == SC_CODING_HTTP_DEFLATE;
    c->first = -1;
    c->encode = encoder;
    c->z.zalloc = zlib_alloc;
    c->z.zfree = zlib_release;
    if ((rc = start(c, coding)) < 0) {
        sc_error_set(err, rc, "zlib: cannot start");
        sc_free(c);
        return NULL;
    }
    return &c->base;
}

int sc_crc32(uint32_t *crc, const void *p, size_t n)
{
    if (n > 0) /* of no bytes zlib says 0 */
        *crc = (uint32_t)crc32_z(*crc, p, n);
    return 0;
}
