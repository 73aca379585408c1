/* coding.h - compressed bytes in, plain bytes out, or the other way: one
 * table and one file a library (coding_zlib.c, coding_brotli.c,
 * coding_zstd.c). Computes only. */
#ifndef SC_STREAM_CODING_H
#define SC_STREAM_CODING_H

#include <simpleclient/stream.h>

struct sc_coder;

enum sc_code_how {
    SC_CODE_MORE,  /* more input follows */
    SC_CODE_FLUSH, /* encoder: all that was fed must come out now */
    SC_CODE_END    /* encoder: and the end of the coding after it */
};

struct sc_coder_class {
    const char *name;
    /* Turn bytes of *IN (moved on over what was used) into at most ROOM bytes
     * at OUT. Returns how many; 0: IN is used up and nothing more comes of it.
     * SC_ECODING, SC_ENOMEM: broken for good. */
    ssize_t (*feed)(struct sc_coder *c, struct sc_span *in, char *out,
                    size_t room, enum sc_code_how how);
    /* Decoder: the input has ended. 0: it may end here; else SC_ESHORT. */
    int (*finish)(struct sc_coder *c);
    /* Release what the library holds, and C. */
    void (*free)(struct sc_coder *c);
};

/* What every coder begins with; the limits are kept by sc_decode. */
struct sc_coder {
    const struct sc_coder_class *cls;
    uint64_t limit; /* decoded bytes; 0: none */
    uint64_t ratio; /* decoded : encoded */
    uint64_t in, out;
};

/* A coder for CODING (enum sc_coding). NULL: ERR says SC_ENOTSUP, SC_EINVAL
 * or SC_ENOMEM. */
struct sc_coder *sc_coder_open(int coding, bool encode, struct sc_error *err);
/* The same by each library's file, where it is built in. */
struct sc_coder *sc_zlib_open(int coding, bool encode, struct sc_error *err);
struct sc_coder *sc_brotli_open(struct sc_error *err);
struct sc_coder *sc_zstd_open(struct sc_error *err);

/* A decoder with limits: LIMIT bytes (0: none), RATIO (0: 1,000). */
struct sc_coder *sc_decoder_new(int coding, uint64_t limit, int ratio,
                                struct sc_error *err);
/* feed, and SC_ETOOBIG beyond the limits. */
ssize_t sc_decode(struct sc_coder *c, struct sc_span *in, char *out,
                  size_t room);
/* NULL is allowed. */
void sc_coder_free(struct sc_coder *c);

/* Carry *CRC (0 at first), the CRC of RFC 1952 section 8, on over N bytes. Returns
 * 0, or SC_ENOTSUP: built without zlib. */
int sc_crc32(uint32_t *crc, const void *p, size_t n);

#endif
