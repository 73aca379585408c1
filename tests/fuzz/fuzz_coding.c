/* fuzz_coding.c - any bytes as each coding: the same output and the same end
 * however they are cut, never beyond the limit. */

#include <stdlib.h>
#include <string.h>

#include "fuzz.h"
#include "stream/coding.h"

enum { LIMIT = 1 << 16 };

static int decode(int coding, const uint8_t *p, size_t n, size_t piece,
                  struct sc_buf *out)
{
    struct sc_coder *c = sc_decoder_new(coding, LIMIT, 0, NULL);
    char room[500];
    ssize_t got = 0;
    int rc;

    if (c == NULL)
        return SC_ENOTSUP;
    for (size_t at = 0; got >= 0 && at < n; at += piece) {
        struct sc_span in = {(const char *)p + at,
                             n - at < piece ? n - at : piece};

        while ((got = sc_decode(c, &in, room, sizeof room)) > 0 ||
               (got == 0 && in.len > 0))
            if (sc_buf_add(out, room, (size_t)got) < 0)
                abort();
    }
    rc = got < 0 ? (int)got : c->cls->finish(c);
    sc_coder_free(c);
    return rc;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    struct sc_buf whole = {0}, cut = {0};
    int coding, rc, rc2;

    if (n == 0)
        return 0;
    coding = SC_CODING_GZIP + data[0] % SC_CODING_ZSTD;
    rc = decode(coding, data + 1, n - 1, n, &whole);
    rc2 = decode(coding, data + 1, n - 1, 3, &cut);
    if (whole.len > LIMIT || cut.len > LIMIT)
        abort();
    /* The ratio is judged as input comes, so only good ends must agree. */
    if (rc == 0 && rc2 == 0 &&
        (whole.len != cut.len ||
         (cut.len > 0 && memcmp(whole.data, cut.data, cut.len) != 0)))
        abort();
    sc_buf_free(&whole);
    sc_buf_free(&cut);
    return 0;
}
