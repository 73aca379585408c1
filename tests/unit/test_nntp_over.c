/* test_nntp_over.c - lines of a block however it is cut, what LIST OVERVIEW.FMT
 * says, and lines of an overview; most are RFC 3977's own examples (sections 8.3.3
 * and 8.4.3). */
#include "main.h"

#include <stdlib.h>

#include "nntp/nntp_over.h"

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

static void assert_span(struct sc_span s, const char *text)
{
    if (!sc_span_eq(s, text))
        print_error("\"%.*s\" is not \"%s\"\n", (int)s.len, s.len ? s.data : "",
                    text);
    assert_true(sc_span_eq(s, text));
}

/* --- lines --- */

static int join(struct nntp_lines *l, struct sc_span text)
{
    struct sc_buf *all = l->arg;

    sc_buf_add(all, text.data, text.len);
    return sc_buf_add(all, "|", 1);
}

/* As text that ends where its memory does. */
static int feed(struct nntp_lines *l, const char *text, size_t n)
{
    char *copy = malloc(n > 0 ? n : 1);
    int rc;

    assert_non_null(copy);
    memcpy(copy, text, n);
    rc = nntp_lines_sink(l, copy, n);
    free(copy);
    return rc;
}

static void a_block_is_cut_into_lines_wherever_it_is_cut(void **state)
{
    static const char text[] = "one\r\n\r\ntwo\nthr\ree\r\n \t\r\n";

    (void)state;
    for (size_t a = 0; a < sizeof text; a++)
        for (size_t b = a; b < sizeof text; b++) {
            struct sc_buf all = {0};
            struct nntp_lines l = {.line = join, .arg = &all};

            assert_int_equal(feed(&l, text, a), 0);
            assert_int_equal(feed(&l, text + a, b - a), 0);
            assert_int_equal(feed(&l, text + b, sizeof text - 1 - b), 0);
            assert_int_equal(nntp_lines_end(&l), 0);
            assert_string_equal(all.data, "one||two|thr\ree| \t|");
            sc_buf_free(&all);
        }
    assert_int_equal(live, 0);
}

static void a_block_that_ends_within_a_line_is_short(void **state)
{
    struct sc_buf all = {0};
    struct nntp_lines l = {.line = join, .arg = &all};

    (void)state;
    assert_int_equal(feed(&l, "a\r\nb", 4), 0);
    assert_int_equal(nntp_lines_end(&l), SC_ESHORT);
    assert_int_equal(nntp_lines_end(&l), 0);
    assert_int_equal(feed(&l, "c\r\n", 3), 0);
    assert_string_equal(all.data, "a|c|");
    sc_buf_free(&all);
}

/* The same, cut or not. */
static void a_line_beyond_its_limit_is_refused(void **state)
{
    (void)state;
    for (size_t cut = 0; cut <= 9; cut++) {
        struct sc_buf all = {0};
        struct nntp_lines l = {.line = join, .arg = &all, .hold = SC_BUF(8)};
        int rc = feed(&l, "1234567\r\n", cut);

        assert_int_equal(rc, 0);
        assert_int_equal(feed(&l, "1234567\r\n" + cut, 9 - cut), 0);
        assert_string_equal(all.data, "1234567|");
        if ((rc = feed(&l, "12345678\r\n", cut)) == 0)
            rc = feed(&l, "12345678\r\n" + cut, 10 - cut);
        assert_int_equal(rc, SC_ETOOBIG);
        nntp_lines_end(&l);
        sc_buf_free(&all);
    }
}

static void a_line_has_a_limit_unasked(void **state)
{
    static char big[(1 << 20) + 2];
    struct sc_buf all = {0};
    struct nntp_lines l = {.line = join, .arg = &all};

    (void)state;
    memset(big, 'x', sizeof big);
    big[1 << 20] = '\n';
    assert_int_equal(nntp_lines_sink(&l, big, (1 << 20) + 1), 0);
    assert_int_equal(nntp_lines_sink(&l, big, 7), 0);
    assert_int_equal(nntp_lines_sink(&l, big, 1 << 20), SC_ETOOBIG);
    nntp_lines_end(&l);
    big[1 << 20] = 'x';
    big[(1 << 20) + 1] = '\n';
    assert_int_equal(nntp_lines_sink(&l, big, sizeof big), SC_ETOOBIG);
    sc_buf_free(&all);
}

static int stop(struct nntp_lines *l, struct sc_span text)
{
    ++*(int *)l->arg;
    return text.len == 1 ? SC_ECANCELED : 0;
}

static void a_negative_result_stops_at_once(void **state)
{
    int calls = 0;
    struct nntp_lines l = {.line = stop, .arg = &calls};

    (void)state;
    assert_int_equal(feed(&l, "ab\r\nc\r\nd\r\n", 10), SC_ECANCELED);
    assert_int_equal(calls, 2);
}

/* --- TABs --- */

static void tabs_are_found_at_every_place(void **state)
{
    const char *fast[64], *plain[64];

    (void)state;
    for (size_t len = 0; len <= 48; len++) {
        char *line = malloc(len > 0 ? len : 1);
        struct sc_span s = {line, len};

        for (unsigned round = 0; round < 64; round++) {
            size_t n, most = round % 2 ? 64 : round / 4;

            for (size_t i = 0; i < len; i++)
                line[i] = (i * 7 + round) % (round % 5 + 1) == 0 ? '\t' : '\n';
            n = nntp_tabs_plain(s, plain, most);
            assert_int_equal(nntp_tabs(s, fast, most), n);
            assert_memory_equal(fast, plain, n * sizeof fast[0]);
            for (size_t i = 0; i < n; i++)
                assert_int_equal(*fast[i], '\t');
        }
        free(line);
    }
}

/* --- the format --- */

static struct nntp_format *format_of(const char *text)
{
    int rc = 1;
    struct nntp_format *f = nntp_format_new(sc_span_of(text), &rc);

    assert_non_null(f);
    assert_int_equal(rc, 0);
    return f;
}

static void parse(const struct nntp_format *f, const char *line,
                  struct nntp_article *a)
{
    memset(a, 0xa5, sizeof *a);
    assert_int_equal(nntp_over_parse(f, sc_span_of(line), a), 0);
}

/* RFC 3977 section 8.4.3. */
#define RFC_FORMAT                                                             \
    "Subject:\nFrom:\nDate:\nMessage-ID:\nReferences:\n:bytes\n:lines\n"       \
    "Xref:full\nDistribution:full\n"
/* The second example there, of a server from before it. */
#define OLD_FORMAT                                                             \
    "Subject:\nFrom:\nDate:\nMessage-ID:\nReferences:\nBytes:\nLines:\n"       \
    "Xref:FULL\nDistribution:FULL\n"

static void the_examples_of_rfc_3977(void **state)
{
    static const char *const formats[] = {RFC_FORMAT, OLD_FORMAT};

    (void)state;
    for (size_t i = 0; i < 2; i++) {
        struct nntp_format *f = format_of(formats[i]);
        struct nntp_article a;

        parse(f,
              "3000234\tI am just a test article\t\"Demo User\" "
              "<nobody@example.com>\t6 Oct 1998 04:38:40 -0500\t"
              "<45223423@example.com>\t<45454@example.net>\t1234\t17\t"
              "Xref: news.example.com misc.test:3000363",
              &a);
        assert_int_equal(a.number, 3000234);
        assert_span(a.subject, "I am just a test article");
        assert_span(a.from, "\"Demo User\" <nobody@example.com>");
        assert_span(a.date, "6 Oct 1998 04:38:40 -0500");
        assert_span(a.message_id, "<45223423@example.com>");
        assert_span(a.references, "<45454@example.net>");
        assert_int_equal(a.bytes, 1234);
        assert_int_equal(a.lines, 17);
        assert_span(a.xref, "news.example.com misc.test:3000363");
        assert_int_equal(a.n_more, 1);
        assert_span(a.more[0].name, "Distribution");
        assert_span(a.more[0].value, "");
        parse(f,
              "3000235\tAnother test article\tnobody@nowhere.to (Demo User)\t"
              "6 Oct 1998 04:38:45 -0500\t<45223425@to.to>\t\t4818\t37\t\t"
              "Distribution: fi",
              &a);
        assert_span(a.references, "");
        assert_int_equal(a.bytes, 4818);
        assert_int_equal(a.lines, 37);
        assert_span(a.xref, "");
        assert_int_equal(a.n_more, 1);
        assert_span(a.more[0].value, "fi");
        parse(f,
              "3000238\tRe: I am just a test article\t"
              "somebody@elsewhere.to\t7 Oct 1998 11:38:40 +1200\t"
              "<kfwer3v@elsewhere.to>\t<45223423@to.to>\t9234\t51",
              &a);
        assert_int_equal(a.lines, 51);
        assert_span(a.xref, "");
        assert_int_equal(a.n_more, 1);
        assert_span(a.more[0].value, "");
        nntp_format_free(f);
    }
}

static void without_a_format_the_seven_stand_in_order(void **state)
{
    struct nntp_article a;

    (void)state;
    parse(NULL, "9223372036854775807\ts\tf\td\t<i>\tr\t9\t8\t\tX-Other: v", &a);
    assert_true(a.number == INT64_MAX);
    assert_span(a.subject, "s");
    assert_span(a.references, "r");
    assert_int_equal(a.bytes, 9);
    assert_int_equal(a.lines, 8);
    assert_span(a.xref, "");
    assert_int_equal(a.n_more, 0);
    parse(NULL, "0\ts\tf\td\t<i>\tr\t9\t8\txref:  h a:1\tmore", &a);
    assert_int_equal(a.number, 0);
    assert_span(a.xref, "h a:1");
    parse(NULL, "1\ts\tf\td\t<i>\tr\t9\t8\tSubject: h a:1", &a);
    assert_span(a.xref, "");
}

static void missing_fields_at_the_end_are_empty(void **state)
{
    static const char line[] = "7\ts\tf\td\t<i>\tr\t9\t8\tXref: x\tfi";
    struct nntp_format *f = format_of(RFC_FORMAT);
    char copy[sizeof line];
    struct nntp_article a;

    (void)state;
    for (size_t n = 1; n < sizeof line; n++) {
        memcpy(copy, line, n);
        copy[n] = '\0';
        parse(f, copy, &a);
        assert_int_equal(a.number, 7);
        assert_int_equal(a.n_more, 1);
        assert_span(a.subject, n > 2 ? "s" : "");
        assert_span(a.references, n > 12 ? "r" : "");
        assert_int_equal(a.bytes, n > 14 ? 9 : 0);
        assert_int_equal(a.lines, n > 16 ? 8 : 0);
        if (n == sizeof line - 1)
            assert_span(a.more[0].value, "fi");
    }
    nntp_format_free(f);
}

static void fields_stand_where_the_format_says(void **state)
{
    struct nntp_format *f = format_of(
        "From:\r\nSUBJECT:\r\n\r\n:hits\r\nnonsense\r\nXref:\r\nLines:full\r\n"
        ":Bytes\r\nKeywords:full\r\nSubject:\r\n");
    struct nntp_article a;

    (void)state;
    parse(f, "5\tf\ts\t:hits 12\t?\th a:1\tlines: 4\t3\tkeyword: x\tagain", &a);
    assert_span(a.from, "f");
    assert_span(a.subject, "s");
    assert_span(a.xref, "h a:1");
    assert_int_equal(a.lines, 4);
    assert_int_equal(a.bytes, 3);
    assert_int_equal(a.n_more, 4);
    assert_span(a.more[0].name, ":hits");
    assert_span(a.more[0].value, "12");
    assert_span(a.more[1].name, "nonsense");
    assert_span(a.more[1].value, "?");
    assert_span(a.more[2].name, "Keywords");
    assert_span(a.more[2].value, "keyword: x"); /* not its name */
    assert_span(a.more[3].name, "Subject");
    assert_span(a.more[3].value, "again");
    parse(f, "5\t\t\t:hits\t\tXref: h\tLines:\t\tKeywords:", &a);
    assert_span(a.more[0].value, "");
    assert_span(a.xref, "Xref: h"); /* it was not told to be full */
    assert_int_equal(a.lines, 0);
    assert_span(a.more[2].value, "");
    parse(f, "5\t\t\t:hitsx\t\t\t\t\tKeywordsx", &a);
    assert_span(a.more[0].value, ":hitsx");
    parse(f, "5\t\t\t\t\t\t\tBytes: 7", &a);
    assert_int_equal(a.bytes, 0); /* of ":bytes" only the value is there */
    parse(f, "5\t\t\t:hitsx\t\t\t\t\tKeywordsx", &a);
    assert_span(a.more[2].value, "Keywordsx");
    nntp_format_free(f);
}

static void more_fields_than_a_record_has_are_left_out(void **state)
{
    struct sc_buf text = {0}, line = {0};
    struct nntp_format *f;
    struct nntp_article a;

    (void)state;
    sc_buf_addf(&text, RFC_FORMAT);
    sc_buf_addf(&line, "1\t\t\t\t\t\t\t\t\tDistribution: d");
    for (int i = 1; i < 40; i++) {
        sc_buf_addf(&text, "X-%d:full\n", i);
        sc_buf_addf(&line, "\tX-%d: %d", i, i);
    }
    f = format_of(text.data);
    parse(f, line.data, &a);
    assert_int_equal(a.n_more, NNTP_OVER_MORE);
    assert_span(a.more[0].value, "d");
    assert_span(a.more[15].name, "X-15");
    assert_span(a.more[15].value, "15");
    nntp_format_free(f);
    sc_buf_drop(&text, sizeof RFC_FORMAT - 1); /* only others */
    f = format_of(text.data);
    parse(f, line.data, &a);
    assert_int_equal(a.n_more, NNTP_OVER_MORE);
    assert_span(a.more[8].value, "Distribution: d");
    assert_span(a.more[15].name, "X-16");
    assert_span(a.xref, "");
    nntp_format_free(f);
    sc_buf_free(&text);
    sc_buf_free(&line);
}

static void a_format_without_any_field_is_refused(void **state)
{
    static const char *const bad[] = {"",    "\n\r\n", "no field\n",
                                      ":\n", " : \n",  "x\ny\nz\n"};

    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        int rc = 0;

        assert_null(nntp_format_new(sc_span_of(bad[i]), &rc));
        assert_int_equal(rc, SC_EPROTO);
    }
    nntp_format_free(NULL);
    assert_int_equal(live, 0);
}

static void a_line_needs_its_number(void **state)
{
    static const char *const bad[] = {"",
                                      "\t",
                                      "\ts\tf",
                                      "x\ts",
                                      "-1\ts",
                                      "+1\ts",
                                      " 1\ts",
                                      "1 \ts",
                                      "0x1\ts",
                                      "9223372036854775808\ts",
                                      "99999999999999999999999\ts"};
    struct nntp_article a;

    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        assert_int_equal(nntp_over_parse(NULL, sc_span_of(bad[i]), &a),
                         SC_EPROTO);
    parse(NULL, "0000000000000000000000017", &a);
    assert_int_equal(a.number, 17);
}

static void sizes_that_are_no_numbers_are_not_told(void **state)
{
    static const char *const bad[] = {"",   "-1",  "x",
                                      "1x", "1 2", "9223372036854775808"};
    struct nntp_article a;
    char line[80];

    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        snprintf(line, sizeof line, "1\ts\tf\td\ti\tr\t%s\t%s", bad[i], bad[i]);
        parse(NULL, line, &a);
        assert_int_equal(a.bytes, 0);
        assert_int_equal(a.lines, 0);
    }
}

/* --- memory --- */

static int run(void)
{
    struct sc_buf all = {0};
    struct nntp_lines l = {.line = join, .arg = &all};
    int rc, end;
    struct nntp_format *f = nntp_format_new(sc_span_of(RFC_FORMAT), &rc);

    nntp_format_free(f);
    if (rc == 0)
        rc = nntp_lines_sink(&l, "a line that ", 12);
    if (rc == 0)
        rc = nntp_lines_sink(&l, "is cut\r\n", 8);
    end = nntp_lines_end(&l);
    sc_buf_free(&all);
    return rc == 0 ? end : rc;
}

static void no_memory_is_an_ordinary_error(void **state)
{
    int rc = SC_ENOMEM;
    long n;

    (void)state;
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
    cmocka_unit_test(a_block_is_cut_into_lines_wherever_it_is_cut),
    cmocka_unit_test(a_block_that_ends_within_a_line_is_short),
    cmocka_unit_test(a_line_beyond_its_limit_is_refused),
    cmocka_unit_test(a_line_has_a_limit_unasked),
    cmocka_unit_test(a_negative_result_stops_at_once),
    cmocka_unit_test(tabs_are_found_at_every_place),
    cmocka_unit_test(the_examples_of_rfc_3977),
    cmocka_unit_test(without_a_format_the_seven_stand_in_order),
    cmocka_unit_test(missing_fields_at_the_end_are_empty),
    cmocka_unit_test(fields_stand_where_the_format_says),
    cmocka_unit_test(more_fields_than_a_record_has_are_left_out),
    cmocka_unit_test(a_format_without_any_field_is_refused),
    cmocka_unit_test(a_line_needs_its_number),
    cmocka_unit_test(sizes_that_are_no_numbers_are_not_told),
    cmocka_unit_test(no_memory_is_an_ordinary_error),
};

TEST_MAIN_WITH(tests, set_up, NULL)
