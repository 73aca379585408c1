/* test_yenc.c - yEnc (yenc.org, draft 1.3) decoded: what the draft says of bytes,
 * lines and keywords; CRCs are those of Python's zlib.crc32. */
#include "yenc_script.h"

/* --- what is well, and what is not --- */

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
    (void)state;
    DECODES("=ybegin line=128 size=6 name=x\r\n"
            "=@=J=M=}=I=n\r\n=yend size=6\r\n",
            "\xd6\xe0\xe3\x13\xdf\x04");
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

/* --- memory --- */

static void no_memory_is_an_ordinary_error(void **state)
{
    (void)state;
    left = 0;
    assert_null(nntp_yenc_decoder_new(sc_null_sink, NULL));
    left = -1;
    assert_int_equal(live, 0); /* of all tests before, too */
}

/* --- a build without zlib --- */

static void nothing_is_well_that_is_not_checked(void **state)
{
    static const char text[] = WHOLE;
    struct decoded r = decode_in(text, sizeof text - 1, 5);

    (void)state;
    assert_int_equal(r.rc, SC_ENOTSUP);
    assert_string_equal(r.bytes.data, "123456789");
    sc_buf_free(&r.bytes);
    FAILS(BEGIN "[\\]\r\n=yend size=3\r\n", SC_ECODING, "=ybegin");
    assert_int_equal(live, 0);
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
    cmocka_unit_test(no_memory_is_an_ordinary_error),
};

static const struct CMUnitTest without_zlib[] = {
    cmocka_unit_test(nothing_is_well_that_is_not_checked),
};

YENC_MAIN(tests, without_zlib)
