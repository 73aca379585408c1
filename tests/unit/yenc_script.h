/* yenc_script.h - blocks of yEnc, and how a test decodes them. */
#ifndef TESTS_YENC_SCRIPT_H
#define TESTS_YENC_SCRIPT_H

#include "main.h"

#include <stdlib.h>

#include <simpleclient/nntp.h>
#include <simpleclient/stream.h>

#include "nntp/yenc.h"

/* "123456789", whose CRC-32 is the check value cbf43926 that every table of CRCs
 * has. '1' + 42 is '['. */
#define DIGITS "[\\]^_`abc"
#define BEGIN "=ybegin line=128 size=9 name=digits.txt\r\n"
#define WHOLE BEGIN DIGITS "\r\n=yend size=9 crc32=cbf43926\r\n"

#define PART                                                                   \
    "=ybegin part=2 total=3 line=128 size=27 name=d\r\n"                       \
    "=ypart begin=10 end=18\r\n" DIGITS "\r\n"

/* --- an allocator that counts, and fails when it is told to --- */

static long left = -1; /* allocations until one fails; < 0: never */
static long live;

static void *my_realloc(void *p, size_t n)
{
    void *q = left >= 0 && left-- == 0 ? NULL : realloc(p, n);

    live += p == NULL && q != NULL;
    return q;
}

static void *my_malloc(size_t n)
{
    return my_realloc(NULL, n);
}

static void my_free(void *p)
{
    live -= p != NULL;
    free(p);
}

static int set_up(void **state)
{
    static const struct sc_allocator mine = {my_malloc, my_realloc, my_free};

    (void)state;
    return sc_set_allocator(&mine);
}

/* --- decoding --- */

struct decoded {
    int rc;
    struct sc_buf bytes;
    struct nntp_yenc info;
    struct sc_error err;
};

/* Give TEXT in pieces, each in memory that ends where it does. */
static struct decoded decode_in(const void *text, size_t n, size_t piece)
{
    struct decoded r = {0};
    struct nntp_yenc_decoder *d = nntp_yenc_decoder_new(sc_buf_sink, &r.bytes);

    assert_non_null(d);
    for (size_t at = 0; at < n; at += piece) {
        size_t len = n - at < piece ? n - at : piece;
        char *copy = malloc(len);

        assert_non_null(copy);
        memcpy(copy, (const char *)text + at, len);
        assert_int_equal(nntp_yenc_sink(d, copy, len), 0);
        free(copy);
    }
    r.rc = nntp_yenc_finish(d, &r.err);
    assert_int_equal(nntp_yenc_finish(d, NULL), r.rc);
    r.info = *nntp_yenc_info(d);
    nntp_yenc_decoder_free(d);
    return r;
}

/* TESTS, or WITHOUT where zlib is not built in. */
static int yenc_main(const struct CMUnitTest *tests, size_t n,
                     const struct CMUnitTest *without, size_t n_without,
                     int argc, char **argv)
{
    if (!sc_coding_known(SC_CODING_GZIP))
        return test_main("without zlib", without, n_without, argc, argv, set_up,
                         NULL);
    return test_main("with zlib", tests, n, argc, argv, set_up, NULL);
}
#define YENC_MAIN(tests, without)                                              \
    int main(int argc, char **argv)                                            \
    {                                                                          \
        return yenc_main(tests, sizeof(tests) / sizeof((tests)[0]), without,   \
                         sizeof(without) / sizeof((without)[0]), argc, argv);  \
    }

#endif
