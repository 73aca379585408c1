/* fuzz_yenc.c - any bytes as a body with yEnc in it, whole and in pieces; and any
 * bytes encoded and decoded again. */

#include <stdlib.h>
#include <string.h>

#include <simpleclient/nntp.h>
#include <simpleclient/stream.h>

#include "fuzz.h"
#include "nntp/yenc.h"

struct decoded {
    struct sc_buf bytes;
    struct nntp_yenc info;
    struct sc_error err;
    int rc;
};

static void decode(const void *data, size_t n, size_t piece, struct decoded *r)
{
    struct nntp_yenc_decoder *d = nntp_yenc_decoder_new(sc_buf_sink, &r->bytes);

    if (d == NULL)
        abort();
    for (size_t at = 0; at < n; at += piece) {
        size_t len = n - at < piece ? n - at : piece;
        uint8_t *copy = malloc(len); /* a byte behind it is a bug */

        if (copy == NULL)
            abort();
        memcpy(copy, (const uint8_t *)data + at, len);
        if (nntp_yenc_sink(d, copy, len) < 0)
            abort();
        free(copy);
    }
    r->rc = nntp_yenc_finish(d, &r->err);
    r->info = *nntp_yenc_info(d);
    nntp_yenc_decoder_free(d);
}

static bool same_bytes(const struct sc_buf *b, const void *p, size_t n)
{
    return b->len == n && (n == 0 || memcmp(b->data, p, n) == 0);
}

/* What is well has the size it tells; what is not, no more than that. */
static void check(const struct decoded *r, size_t n)
{
    const struct nntp_yenc *y = &r->info;

    if (r->bytes.len > n || y->end < y->begin || y->end > y->size ||
        r->bytes.len > y->end - y->begin ||
        (r->rc == 0 && r->bytes.len != y->end - y->begin) ||
        memchr(y->name, '\0', sizeof y->name) == NULL)
        abort();
}

static void check_decoding(const uint8_t *data, size_t n)
{
    static const size_t pieces[] = {1, 7};
    struct decoded whole = {0};

    decode(data, n, SIZE_MAX, &whole);
    check(&whole, n);
    for (size_t i = 0; i < sizeof pieces / sizeof pieces[0]; i++) {
        struct decoded cut = {0};

        decode(data, n, pieces[i], &cut);
        if (cut.rc != whole.rc || strcmp(cut.err.text, whole.err.text) != 0 ||
            !same_bytes(&cut.bytes, whole.bytes.data, whole.bytes.len) ||
            cut.info.crc != whole.info.crc ||
            strcmp(cut.info.name, whole.info.name) != 0)
            abort();
        sc_buf_free(&cut.bytes);
    }
    sc_buf_free(&whole.bytes);
}

/* As the only part, or as one of several, by how many bytes there are. */
static void check_round(const uint8_t *data, size_t n)
{
    struct nntp_yenc what = {.name = "some file.bin"};
    struct decoded back = {0};
    struct sc_buf out = {0};

    if (n % 2) {
        what.part = 2;
        what.begin = data[0];
        what.end = what.begin + n;
        what.size = what.end + n;
    }
    if (nntp_yenc_encode(&out, &what, data, n) < 0)
        abort();
    decode(out.data, out.len, n % 50 + 1, &back);
    if (back.rc != 0 || !same_bytes(&back.bytes, data, n) ||
        back.info.crc != what.crc || back.info.begin != what.begin ||
        back.info.end != what.end || back.info.size != what.size ||
        back.info.part != what.part)
        abort();
    sc_buf_free(&back.bytes);
    sc_buf_free(&out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    if (!sc_coding_known(SC_CODING_GZIP))
        return 0; /* without zlib nothing is checked */
    check_decoding(data, n);
    check_round(data, n);
    return 0;
}
