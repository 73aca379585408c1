/* test_yenc.c - yEnc (yenc.org, draft 1.3): what the draft says of bytes, lines and
 * keywords; CRCs are those of Python's zlib.crc32. */
#include "main.h"

#include <stdlib.h>

#include <simpleclient/nntp.h>
#include <simpleclient/stream.h>

#include "nntp/yenc.h"

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

static void assert_decodes(const char *text, size_t n, const void *bytes,
                           size_t len)
{
    for (size_t piece = 1; piece <= n; piece++) {
        struct decoded r = decode_in(text, n, piece);

        if (r.rc < 0)
            print_error("in pieces of %zu: %s\n", piece, r.err.text);
        assert_int_equal(r.rc, 0);
        assert_int_equal(r.bytes.len, len);
        if (len > 0)
            assert_memory_equal(r.bytes.data, bytes, len);
        sc_buf_free(&r.bytes);
    }
}

static void assert_fails(const char *text, size_t n, int rc, const char *why)
{
    for (size_t piece = 1; piece <= n; piece++) {
        struct decoded r = decode_in(text, n, piece);

        assert_int_equal(r.rc, rc);
        if (strstr(r.err.text, why) == NULL)
            print_error("\"%s\" does not say \"%s\"\n", r.err.text, why);
        assert_non_null(strstr(r.err.text, why));
        sc_buf_free(&r.bytes);
    }
}
#define DECODES(text, bytes)                                                   \
    assert_decodes(text, sizeof(text) - 1, bytes, sizeof(bytes) - 1)
#define FAILS(text, rc, why) assert_fails(text, sizeof(text) - 1, rc, why)

/* "123456789", whose CRC-32 is the check value cbf43926 that every table of CRCs
 * has. '1' + 42 is '['. */
#define DIGITS "[\\]^_`abc"
#define BEGIN "=ybegin line=128 size=9 name=digits.txt\r\n"
#define WHOLE BEGIN DIGITS "\r\n=yend size=9 crc32=cbf43926\r\n"

static void a_block_is_decoded_however_it_is_cut(void **state)
{
    (void)state;
    DECODES(WHOLE, "123456789");
    DECODES("=ybegin line=128 size=9 name=a\n[\\]\n^_`a\n\nbc\n"
            "=yend size=9 crc32=CBF43926\n",
            "123456789");
    DECODES(BEGIN DIGITS "\r\n=yend size=9", "123456789"); /* no CRC, no end */
    DECODES(BEGIN "[\\]^_`a=\xa2=\xa3\r\n=yend size=9 pcrc32=cbf43926\r\n",
            "123456789"); /* any byte may be escaped */
    DECODES("=ybegin line=128 size=0 name=empty\r\n"
            "=yend size=0 crc32=00000000\r\n",
            "");
}

/* The draft: =@ is NUL, =J LF, =M CR, =} the escape itself; =I TAB, =n a dot. */
static void the_critical_characters(void **state)
{
    static const char bytes[] = "\xd6\xe0\xe3\x13\xdf\x04";
    struct sc_buf out = {0};
    struct nntp_yenc what = {.name = "x"};

    (void)state;
    DECODES("=ybegin line=128 size=6 name=x\r\n"
            "=@=J=M=}=I=n\r\n=yend size=6\r\n",
            bytes);
    assert_int_equal(nntp_yenc_encode(&out, &what, bytes, 4), 0);
    assert_non_null(strstr(out.data, "name=x\r\n=@=J=M=}\r\n=yend size=4 "));
    assert_int_equal(what.size, 4);
    assert_int_equal(what.end, 4);
    sc_buf_free(&out);
}

static void text_around_the_block_is_skipped(void **state)
{
    (void)state;
    DECODES("Hello,\r\n=begin\r\n=ybegin\r\n=ybegin2 line=1 size=1 name=a\r\n"
            "see =ybegin line=128 size=9 name=x\r\n=ybegin is used below\r\n"
            "=ybegin line=128 size=9x name=bad\r\n=ybegin size=9\r\n"
            "=ybegin line=128 name=nosize\r\n=yend size=5\r\n\r\n" WHOLE
            "\r\nRegards\r\n=yend size=1\r\n=ybegin line=128 size=1 "
            "name=second\r\nx\r\n",
            "123456789");
}

static void a_long_line_before_the_block_is_skipped(void **state)
{
    struct sc_buf text = {0};
    struct decoded r;

    (void)state;
    sc_buf_addf(&text, "=ybegin line=128 size=9 name=%02000d\r\n%05000d\r\n%s",
                0, 0, WHOLE);
    r = decode_in(text.data, text.len, 100);
    assert_int_equal(r.rc, 0);
    assert_string_equal(r.info.name, "digits.txt");
    sc_buf_free(&r.bytes);
    sc_buf_free(&text);
}

struct name {
    const char *told, *name;
};

/* The name is last: all to the end of the line, but for spaces around it. */
static void the_name_may_hold_anything(void **state)
{
    static const struct name names[] = {
        {"my file.bin", "my file.bin"},
        {"  spaced out \t", "spaced out"},
        {"\"in quotes.bin\"", "\"in quotes.bin\""},
        {"size=7 name=x crc32=1", "size=7 name=x crc32=1"},
        {"../../etc/passwd", "../../etc/passwd"},
        {"a\tb\x1b[2J\x7f\xc3\xa4", "a?b?[2J?\xc3\xa4"},
        {"", ""},
    };

    (void)state;
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        struct sc_buf text = {0};
        struct decoded r;

        sc_buf_addf(&text,
                    "=ybegin line=128 size=9 name=%s\r\n%s\r\n"
                    "=yend size=9 crc32=cbf43926\r\n",
                    names[i].told, DIGITS);
        r = decode_in(text.data, text.len, 7);
        assert_int_equal(r.rc, 0);
        assert_string_equal(r.info.name, names[i].name);
        sc_buf_free(&r.bytes);
        sc_buf_free(&text);
    }
}

static void a_name_that_is_too_long_is_cut(void **state)
{
    struct sc_buf text = {0};
    struct decoded r;

    (void)state;
    sc_buf_addf(&text,
                "=ybegin line=128 size=9 name=%0300d\r\n%s\r\n"
                "=yend size=9\r\n",
                7, DIGITS);
    r = decode_in(text.data, text.len, text.len);
    assert_int_equal(r.rc, 0);
    assert_int_equal(strlen(r.info.name), 255);
    sc_buf_free(&r.bytes);
    sc_buf_free(&text);
}

/* "=y" begins a line of keywords only where a line begins. */
static void an_escaped_y_within_a_line_is_data(void **state)
{
    (void)state;
    DECODES("=ybegin line=128 size=3 name=x\r\nk=yk\r\n=yunknown a=b\r\n"
            "=yend size=3\r\n",
            "A\x0f"
            "A");
}

/* --- parts --- */

#define PART                                                                   \
    "=ybegin part=2 total=3 line=128 size=27 name=d\r\n"                       \
    "=ypart begin=10 end=18\r\n" DIGITS "\r\n"

static void a_part_says_where_it_belongs(void **state)
{
    static const char text[] =
        PART "=yend size=9 part=2 pcrc32=cbf43926 crc32=12345678\r\n";
    struct decoded r = decode_in(text, sizeof text - 1, 5);

    (void)state;
    assert_int_equal(r.rc, 0); /* the CRC of the whole cannot be checked */
    assert_int_equal(r.info.part, 2);
    assert_int_equal(r.info.total, 3);
    assert_int_equal(r.info.size, 27);
    assert_int_equal(r.info.begin, 9);
    assert_int_equal(r.info.end, 18);
    assert_int_equal(r.info.crc, 0xcbf43926);
    sc_buf_free(&r.bytes);
    DECODES(PART "=yend size=9 part=2 pcrc32=ffffffffcbf43926 \r\n",
            "123456789"); /* seen in the wild */
    DECODES("=ybegin part=1 total=1 line=128 size=9 name=d\r\n" DIGITS
            "\r\n=yend size=9 part=1 crc32=cbf43926\r\n",
            "123456789");
}

static void damaged_parts_are_told(void **state)
{
    (void)state;
    FAILS(PART "=yend size=9 part=2 pcrc32=cbf43927\r\n", SC_ECODING, "CRC");
    FAILS(PART "=yend size=9 part=2 pcrc32=1cbf43926\r\n", SC_ECODING, "CRC");
    FAILS(PART "=yend size=9 part=2 pcrc32=\r\n", SC_ECODING, "CRC");
    FAILS(PART "=yend size=9 part=3 pcrc32=cbf43926\r\n", SC_ECODING, "part");
    FAILS(PART "=yend size=9 part=x pcrc32=cbf43926\r\n", SC_ECODING, "part");
    FAILS(PART "=yend size=8 part=2 pcrc32=cbf43926\r\n", SC_ECODING, "=yend");
    FAILS(PART "[\r\n=yend size=10 part=2\r\n", SC_ECODING, "=ypart");
    FAILS("=ybegin part=2 line=128 size=27 name=d\r\n" DIGITS
          "\r\n=yend size=9 part=2\r\n",
          SC_ECODING, "=ybegin"); /* no =ypart */
    FAILS(PART "=ypart begin=1 end=9\r\n=yend size=9 part=2\r\n", SC_ECODING,
          "=ypart");
}

static void a_part_beyond_its_file_makes_no_sense(void **state)
{
    static const char *const told[] = {
        "begin=0 end=9",
        "begin=20 end=28",
        "begin=9 end=1",
        "begin=x end=9",
        "begin=1",
        "end=9",
        "begin=1 end=-9",
        "",
        "begin=1 end=99999999999999999999",
        "begin=9223372036854775808 end=9223372036854775807"};

    (void)state;
    for (size_t i = 0; i < sizeof told / sizeof told[0]; i++) {
        struct sc_buf text = {0};

        sc_buf_addf(&text,
                    "=ybegin part=2 line=128 size=27 name=d\r\n"
                    "=ypart %s\r\n%s\r\n=yend size=9 part=2\r\n",
                    told[i], DIGITS);
        assert_fails(text.data, text.len, SC_ECODING, "=ypart makes no sense");
        sc_buf_free(&text);
    }
}

/* --- damage --- */

static void damage_is_told(void **state)
{
    (void)state;
    FAILS("just text\r\n", SC_ECODING, "no =ybegin");
    FAILS(BEGIN DIGITS "\r\n", SC_ESHORT, "no =yend");
    FAILS(BEGIN DIGITS "\r\n=yen", SC_ESHORT, "no =yend");
    FAILS(BEGIN, SC_ESHORT, "no =yend");
    FAILS(BEGIN DIGITS "\r\n=yend size=9 crc32=cbf43927\r\n", SC_ECODING,
          "CRC");
    FAILS(BEGIN DIGITS "\r\n=yend size=9 crc32=nonsense\r\n", SC_ECODING,
          "CRC");
    FAILS(BEGIN DIGITS "\r\n=yend size=9 crc32=00000001cbf43926\r\n",
          SC_ECODING, "CRC");
    FAILS(BEGIN DIGITS "\r\n=yend size=8 crc32=cbf43926\r\n", SC_ECODING,
          "=yend");
    FAILS(BEGIN DIGITS "\r\n=yend crc32=cbf43926\r\n", SC_ECODING, "=yend");
    FAILS(BEGIN DIGITS "\r\n=yend\r\n", SC_ECODING, "=yend");
    FAILS(BEGIN "[\\]^_`ab\r\n=yend size=8\r\n", SC_ECODING, "=ybegin");
    FAILS(BEGIN "[\\]^_`abc=\r\n=yend size=9\r\n", SC_ECODING, "behind '='");
    FAILS(BEGIN DIGITS "\r\n" WHOLE, SC_ECODING, "another block");
}

/* They would be written over what is not ours. */
static void bytes_beyond_the_size_are_not_handed_on(void **state)
{
    static const char text[] = BEGIN DIGITS DIGITS "\r\n=yend size=18\r\n";

    (void)state;
    for (size_t piece = 1; piece < sizeof text; piece++) {
        struct decoded r = decode_in(text, sizeof text - 1, piece);

        assert_int_equal(r.rc, SC_ECODING);
        assert_string_equal(r.bytes.data, "123456789");
        sc_buf_free(&r.bytes);
    }
}

static void a_line_of_keywords_has_a_limit(void **state)
{
    struct sc_buf text = {0};

    (void)state;
    sc_buf_addf(&text, BEGIN DIGITS "\r\n=yend size=9 %01100d\r\n", 0);
    for (size_t piece = 1; piece < 9; piece++) {
        struct decoded r = decode_in(text.data, text.len, piece * 300);

        assert_int_equal(r.rc, SC_ECODING);
        assert_non_null(strstr(r.err.text, "too long"));
        sc_buf_free(&r.bytes);
    }
    sc_buf_free(&text);
}

static int refuse(void *arg, const void *p, size_t n)
{
    (void)p, (void)n;
    ++*(int *)arg;
    return SC_EACCES;
}

static void what_the_sink_says_stays(void **state)
{
    int calls = 0;
    struct nntp_yenc_decoder *d = nntp_yenc_decoder_new(refuse, &calls);
    struct sc_error err = {0};

    (void)state;
    assert_int_equal(nntp_yenc_sink(d, WHOLE, sizeof WHOLE - 1), SC_EACCES);
    assert_int_equal(nntp_yenc_sink(d, WHOLE, sizeof WHOLE - 1), SC_EACCES);
    assert_int_equal(nntp_yenc_finish(d, &err), SC_EACCES);
    assert_int_equal(err.code, SC_EACCES);
    assert_int_equal(calls, 1);
    nntp_yenc_decoder_free(d);
    nntp_yenc_decoder_free(NULL);
}

/* --- encoding --- */

/* Each line of OUT but the keywords: as long as the draft says, nothing critical
 * in it. */
static void check_lines(const struct sc_buf *out)
{
    const char *p = memchr(out->data, '\n', out->len), *lf;
    const char *end = out->data + out->len;

    for (p++; memcmp(p, "=yend ", 6) != 0; p = lf + 1) {
        size_t n;

        lf = memchr(p, '\n', (size_t)(end - p));
        n = (size_t)(lf - p) - 1;
        assert_int_equal(p[n], '\r');
        assert_null(memchr(p, '\0', n));
        assert_null(memchr(p, '\r', n));
        assert_true(*p != '.' && *p != ' ' && *p != '\t');
        assert_true(p[n - 1] != '=');
        assert_true((p[n - 1] != ' ' && p[n - 1] != '\t') || p[n - 2] == '=');
        assert_true(n <= 129);
        if (n == 129)
            assert_int_equal(p[127], '=');
        if (memcmp(lf + 1, "=yend ", 6) != 0)
            assert_true(n >= 128);
    }
}

static void round_trip(const unsigned char *bytes, size_t n, const char *crc)
{
    struct sc_buf out = {0};
    struct nntp_yenc what = {.name = "round trip"};
    struct decoded r;

    assert_int_equal(nntp_yenc_encode(&out, &what, bytes, n), 0);
    check_lines(&out);
    if (crc != NULL)
        assert_non_null(strstr(out.data + out.len - 20, crc));
    r = decode_in(out.data, out.len, out.len);
    assert_int_equal(r.rc, 0);
    assert_int_equal(r.bytes.len, n);
    if (n > 0)
        assert_memory_equal(r.bytes.data, bytes, n);
    assert_int_equal(r.info.crc, what.crc);
    assert_string_equal(r.info.name, "round trip");
    sc_buf_free(&r.bytes);
    sc_buf_free(&out);
}

static void every_byte_at_every_place_makes_the_round(void **state)
{
    unsigned char bytes[400];

    (void)state;
    for (size_t i = 0; i < 256; i++)
        bytes[i] = (unsigned char)i;
    round_trip(bytes, 256, "crc32=29058c73\r\n");
    for (size_t i = 0; i < 256; i++)
        bytes[i] = (unsigned char)(255 - i);
    round_trip(bytes, 256, "crc32=da3ba10a\r\n");
    round_trip(bytes, 0, "crc32=00000000\r\n");
    for (int c = 0; c < 256; c++) {
        memset(bytes, c, sizeof bytes);
        round_trip(bytes, sizeof bytes, NULL);
        memset(bytes, 'x', sizeof bytes);
        for (size_t n = 1; n <= 260; n++) {
            bytes[n - 1] = (unsigned char)c;
            if (n < 4 || (n > 120 && n < 136) || n > 250)
                round_trip(bytes, n, NULL);
            bytes[n - 1] = 'x';
        }
    }
}

/* The draft: these only where a line begins or ends. */
static void spaces_tabs_and_dots_are_escaped_at_the_edges(void **state)
{
    unsigned char bytes[300];
    struct nntp_yenc what = {.name = "x"};
    struct sc_buf out = {0};
    const char *line;

    (void)state;
    memset(bytes, '.' - 42, sizeof bytes);
    assert_int_equal(nntp_yenc_encode(&out, &what, bytes, 130), 0);
    line = strchr(out.data, '\n') + 1;
    assert_memory_equal(line, "=n...", 5);
    assert_int_equal(strchr(line, '\r') - line, 128);
    assert_memory_equal(strchr(line, '\n') + 1, "=n..\r\n=yend", 11);
    out.len = 0;
    memset(bytes, ' ' - 42, sizeof bytes);
    assert_int_equal(nntp_yenc_encode(&out, &what, bytes, 131), SC_EINVAL);
    what.size = what.end = 0;
    assert_int_equal(nntp_yenc_encode(&out, &what, bytes, 130), 0);
    line = strchr(out.data, '\n') + 1;
    assert_memory_equal(line, "=`   ", 5);
    assert_int_equal(strchr(line, '\r') - line, 129);
    assert_memory_equal(line + 125, "  =`\r\n=` =`\r\n=yend", 18);
    sc_buf_free(&out);
}

static void a_part_is_encoded(void **state)
{
    struct nntp_yenc what = {
        .name = "d", .part = 2, .total = 3, .size = 27, .begin = 9, .end = 18};
    struct sc_buf out = {0};

    (void)state;
    assert_int_equal(nntp_yenc_encode(&out, &what, "123456789", 9), 0);
    assert_string_equal(out.data,
                        PART "=yend size=9 part=2 pcrc32=cbf43926\r\n");
    assert_int_equal(what.crc, 0xcbf43926);
    out.len = 0;
    what.total = 0;
    assert_int_equal(nntp_yenc_encode(&out, &what, "123456789", 9), 0);
    assert_non_null(strstr(out.data, "=ybegin part=2 line=128 size=27 "));
    sc_buf_free(&out);
    what = (struct nntp_yenc){.name = "digits.txt"};
    assert_int_equal(nntp_yenc_encode(&out, &what, "123456789", 9), 0);
    assert_string_equal(out.data, WHOLE);
    sc_buf_free(&out);
}

static void what_does_not_fit_is_refused(void **state)
{
    static const struct nntp_yenc bad[] = {
        {.name = "a\nb"},
        {.name = "a\rb"},
        {.name = "a", .begin = 1, .end = 10},
        {.name = "a", .end = 8},
        {.name = "a", .size = 10},
        {.name = "a", .total = 1},
        {.name = "a", .part = 1},
        {.name = "a", .part = 1, .size = 9, .end = 10},
        {.name = "a", .part = 1, .size = 9, .begin = 1, .end = 10},
        {.name = "a", .part = 1, .size = 20, .begin = 10, .end = 1},
        {.name = "a", .part = 3, .total = 2, .size = 9, .end = 9},
    };
    struct sc_buf out = {0};
    struct nntp_yenc what;

    (void)state;
    sc_buf_addf(&out, "before");
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        what = bad[i];
        assert_int_equal(nntp_yenc_encode(&out, &what, "123456789", 9),
                         SC_EINVAL);
    }
    memset(&what, 0, sizeof what);
    memset(what.name, 'x', sizeof what.name);
    assert_int_equal(nntp_yenc_encode(&out, &what, "123456789", 9), SC_EINVAL);
    what = (struct nntp_yenc){.name = "a"};
    out.limit = 40;
    assert_int_equal(nntp_yenc_encode(&out, &what, "123456789", 9), SC_ETOOBIG);
    assert_string_equal(out.data, "before");
    assert_int_equal(out.len, 6);
    sc_buf_free(&out);
}

/* --- runs --- */

static void vectors_and_plain_code_agree(void **state)
{
    unsigned char in[80], a[80], b[80];
    unsigned seed = 1;

    (void)state;
    for (int round = 0; round < 20000; round++) {
        size_t n = (size_t)(round % 65), from = (size_t)(round % 13), got;

        for (size_t i = 0; i < sizeof in; i++) {
            seed = seed * 1103515245 + 12345;
            in[i] = (unsigned char)(seed >> 16);
        }
        if (round % 3 == 0 && n > 0)
            in[from + seed % n] = "=\r\n\xd6"[seed >> 20 & 3];
        got = nntp_yenc_run_plain(in + from, n, a);
        assert_int_equal(nntp_yenc_run(in + from, n, b), got);
        assert_memory_equal(a, b, got);
        got = nntp_yenc_clean_plain(in + from, n, a);
        assert_int_equal(nntp_yenc_clean(in + from, n, b), got);
        assert_memory_equal(a, b, got);
    }
}

/* --- much --- */

static void more_than_a_slice_makes_the_round(void **state)
{
    enum { SIZE = 100000 };
    static const size_t pieces[] = {1, 2, 127, 4096, 16384, 65536, SIZE * 2};
    struct nntp_yenc what = {.name = "random"};
    unsigned char *bytes = malloc(SIZE);
    struct sc_buf out = {0};
    unsigned seed = 7;

    (void)state;
    assert_non_null(bytes);
    for (size_t i = 0; i < SIZE; i++) {
        seed = seed * 1103515245 + 12345;
        bytes[i] = (unsigned char)(seed >> 16);
    }
    assert_int_equal(nntp_yenc_encode(&out, &what, bytes, SIZE), 0);
    for (size_t i = 0; i < sizeof pieces / sizeof pieces[0]; i++) {
        struct decoded r = decode_in(out.data, out.len, pieces[i]);

        assert_int_equal(r.rc, 0);
        assert_int_equal(r.bytes.len, SIZE);
        assert_memory_equal(r.bytes.data, bytes, SIZE);
        sc_buf_free(&r.bytes);
    }
    sc_buf_free(&out);
    free(bytes);
}

/* --- memory --- */

static int run(void)
{
    struct nntp_yenc_decoder *d = nntp_yenc_decoder_new(sc_null_sink, NULL);
    struct nntp_yenc what = {.name = "x"};
    struct sc_buf out = {0};
    static char bytes[1000];
    int rc = d != NULL ? 0 : SC_ENOMEM;

    if (rc == 0)
        rc = nntp_yenc_encode(&out, &what, bytes, sizeof bytes);
    if (rc < 0)
        assert_int_equal(out.len, 0);
    else
        rc = nntp_yenc_sink(d, out.data, out.len);
    if (rc == 0)
        rc = nntp_yenc_finish(d, NULL);
    nntp_yenc_decoder_free(d);
    sc_buf_free(&out);
    return rc;
}

static void no_memory_is_an_ordinary_error(void **state)
{
    int rc = SC_ENOMEM;
    long n;

    (void)state;
    assert_int_equal(live, 0);
    for (n = 0; rc != 0; n++) {
        left = n;
        rc = run();
        left = -1;
        assert_true(rc == 0 || rc == SC_ENOMEM);
        assert_int_equal(live, 0);
        assert_true(n < 100);
    }
    assert_true(n > 3);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(a_block_is_decoded_however_it_is_cut),
    cmocka_unit_test(the_critical_characters),
    cmocka_unit_test(text_around_the_block_is_skipped),
    cmocka_unit_test(a_long_line_before_the_block_is_skipped),
    cmocka_unit_test(the_name_may_hold_anything),
    cmocka_unit_test(a_name_that_is_too_long_is_cut),
    cmocka_unit_test(an_escaped_y_within_a_line_is_data),
    cmocka_unit_test(a_part_says_where_it_belongs),
    cmocka_unit_test(damaged_parts_are_told),
    cmocka_unit_test(a_part_beyond_its_file_makes_no_sense),
    cmocka_unit_test(damage_is_told),
    cmocka_unit_test(bytes_beyond_the_size_are_not_handed_on),
    cmocka_unit_test(a_line_of_keywords_has_a_limit),
    cmocka_unit_test(what_the_sink_says_stays),
    cmocka_unit_test(every_byte_at_every_place_makes_the_round),
    cmocka_unit_test(spaces_tabs_and_dots_are_escaped_at_the_edges),
    cmocka_unit_test(a_part_is_encoded),
    cmocka_unit_test(what_does_not_fit_is_refused),
    cmocka_unit_test(vectors_and_plain_code_agree),
    cmocka_unit_test(more_than_a_slice_makes_the_round),
    cmocka_unit_test(no_memory_is_an_ordinary_error),
};

/* --- a build without zlib --- */

static void nothing_is_well_that_is_not_checked(void **state)
{
    static const char text[] = WHOLE;
    struct decoded r = decode_in(text, sizeof text - 1, 5);
    struct nntp_yenc what = {.name = "x"};
    struct sc_buf out = {0};

    (void)state;
    assert_int_equal(r.rc, SC_ENOTSUP);
    assert_string_equal(r.bytes.data, "123456789");
    sc_buf_free(&r.bytes);
    FAILS(BEGIN "[\\]\r\n=yend size=3\r\n", SC_ECODING, "=ybegin");
    assert_int_equal(nntp_yenc_encode(&out, &what, "x", 1), SC_ENOTSUP);
    assert_int_equal(out.len, 0);
    assert_int_equal(live, 0);
}

static const struct CMUnitTest without_zlib[] = {
    cmocka_unit_test(nothing_is_well_that_is_not_checked),
    cmocka_unit_test(vectors_and_plain_code_agree),
};

int main(int argc, char **argv)
{
    if (!sc_coding_known(SC_CODING_GZIP))
        return test_main(__FILE__, without_zlib,
                         sizeof without_zlib / sizeof without_zlib[0], argc,
                         argv, set_up, NULL);
    return test_main(__FILE__, tests, sizeof tests / sizeof tests[0], argc,
                     argv, set_up, NULL);
}
