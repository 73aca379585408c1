/* test_nntp_commands.c - groups, articles, what is new, DATE and HELP against
 * scripts; most are RFC 3977's own examples. Numbers of statements:
 * docs/design/nntp-status.md. */
#include "nntp_seen.h"

#include <stdlib.h>

/* --- GROUP, LISTGROUP --- */

/* RFC 3977 section 6.1.1.3. */
static void group_selects(void **state)
{
    struct nntp_talk t =
        nntp_talk(NNTP_NEW "C: GROUP misc.test\n"
                           "S: 211 1234 3000234 3002322 misc.test\n");
    struct nntp_group g;

    (void)state;
    assert_int_equal(nntp_group(t.n, "misc.test", &g), 0);
    assert_span(g.name, "misc.test");
    assert_int_equal(g.count, 1234);
    assert_int_equal(g.first, 3000234);
    assert_int_equal(g.last, 3002322);
    nntp_talk_over(t);
}

/* RFC 3977 section 6.1.1.2: an empty group may be told in three ways. */
static void an_empty_group_has_its_last_before_its_first(void **state)
{
    static const char *const all[] = {"0 4000 3999", "0 0 0", "0 4000 4000"};
    char script[300];

    (void)state;
    for (size_t i = 0; i < 3; i++) {
        struct nntp_group g;
        struct nntp_talk t;

        snprintf(script, sizeof script,
                 NNTP_NEW "C: GROUP a.b\nS: 211 %s a.b\n", all[i]);
        t = nntp_talk(script);
        assert_int_equal(nntp_group(t.n, "a.b", &g), 0);
        assert_int_equal(g.count, 0);
        assert_true(g.last < g.first);
        nntp_talk_over(t);
    }
}

static void numbers_have_63_bits(void **state)
{
    struct nntp_talk t = nntp_talk(
        NNTP_NEW "C: GROUP a.b\n"
                 "S: 211 9 9223372036854775799 9223372036854775807 a.b\n"
                 "C: STAT 9223372036854775807\n"
                 "S: 223 9223372036854775807 <a@b>\n"
                 "C: GROUP a.b\nS: 211 9 1 9223372036854775808 a.b\n");
    struct nntp_group g;
    struct nntp_ref r;

    (void)state;
    assert_int_equal(nntp_group(t.n, "a.b", &g), 0);
    assert_true(g.last == INT64_MAX);
    assert_int_equal(nntp_stat(t.n, INT64_MAX, &r), 0);
    assert_true(r.number == INT64_MAX);
    assert_int_equal(nntp_stat(t.n, (uint64_t)INT64_MAX + 1, &r), SC_EINVAL);
    assert_int_equal(nntp_group(t.n, "a.b", &g), SC_EPROTO);
    assert_int_equal(sc_broken(&t.n->base), SC_EPROTO);
    nntp_talk_over(t);
}

/* RFC 3977 section 6.1.2.3. */
static void listgroup_lists_numbers(void **state)
{
    struct nntp_talk t = nntp_talk(
        NNTP_NEW "C: LISTGROUP misc.test\n"
                 "S: 211 2000 3000234 3002322 misc.test list follows\n"
                 "S: 3000234\nS: 3000237\nS: 3002322\nS: .\n"
                 "C: LISTGROUP misc.test 3000238-3000248\n"
                 "S: 211 2000 3000234 3002322 misc.test list follows\n"
                 "S: 3000238\nS: 3000239\nS: 3000248\nS: .\n"
                 "C: LISTGROUP misc.test 12345678-\n"
                 "S: 211 2000 3000234 3002322 misc.test list follows\n"
                 "S: .\n");
    struct nntp_group g;

    (void)state;
    assert_int_equal(
        nntp_listgroup(t.n, "misc.test", 0, 0, see_number, NULL, &g), 0);
    assert_seen("3000234 3000237 3002322 ");
    assert_int_equal(g.count, 2000);
    assert_span(g.name, "misc.test");
    assert_int_equal(nntp_listgroup(t.n, "misc.test", 3000238, 3000248,
                                    see_number, NULL, NULL),
                     0);
    assert_seen("3000238 3000239 3000248 ");
    /* the current group, by its name */
    assert_int_equal(
        nntp_listgroup(t.n, NULL, 12345678, 0, see_number, NULL, &g), 0);
    assert_seen("");
    assert_span(g.name, "misc.test");
    nntp_talk_over(t);
}

static void listgroup_without_a_group_is_refused(void **state)
{
    struct nntp_talk t = nntp_talk(NNTP_NEW "C: LISTGROUP\n"
                                            "S: 412 no group selected\n");

    (void)state;
    assert_refused(t, nntp_listgroup(t.n, NULL, 0, 0, see_number, NULL, NULL),
                   412);
    assert_int_equal(nntp_listgroup(t.n, NULL, 1, 2, see_number, NULL, NULL),
                     SC_EINVAL);
    assert_int_equal(
        nntp_listgroup(t.n, "misc.test", 3, 2, see_number, NULL, NULL),
        SC_EINVAL);
    nntp_talk_over(t);
}

/* RFC 2980's servers told no numbers; 211 brings lines here, and none to GROUP. */
static void listgroup_of_an_old_server_says_less(void **state)
{
    struct nntp_talk t =
        nntp_talk(NNTP_NEW "C: LISTGROUP misc.test\nS: 211 list follows\n"
                           "S: 7\nS: .\n"
                           "C: GROUP misc.test\nS: 211 1 7 7 misc.test\n");
    struct nntp_group g;

    (void)state;
    assert_int_equal(
        nntp_listgroup(t.n, "misc.test", 0, 0, see_number, NULL, &g), 0);
    assert_seen("7 ");
    assert_span(g.name, "misc.test");
    assert_int_equal(nntp_group(t.n, "misc.test", &g), 0);
    nntp_talk_over(t);
}

static void a_number_that_is_none_breaks(void **state)
{
    struct nntp_talk t = nntp_talk(NNTP_NEW "C: LISTGROUP\nS: 211 1 7 7 a\n"
                                            "S: 7x\nS: .\n");

    (void)state;
    assert_int_equal(nntp_listgroup(t.n, NULL, 0, 0, see_number, NULL, NULL),
                     SC_EPROTO);
    sc_drop(&t.n->base); /* the rest is not read */
}

static int stop_at_2(void *arg, uint64_t number)
{
    (void)arg;
    return number == 2 ? -77 : 0;
}

static void a_negative_result_stops_and_breaks(void **state)
{
    struct nntp_talk t = nntp_talk(NNTP_NEW "C: LISTGROUP\nS: 211 3 1 3 a\n"
                                            "S: 1\nS: 2\nS: 3\nS: .\n");

    (void)state;
    assert_int_equal(nntp_listgroup(t.n, NULL, 0, 0, stop_at_2, NULL, NULL),
                     -77);
    assert_int_equal(sc_broken(&t.n->base), -77);
    sc_drop(&t.n->base);
}

static int use_it(void *arg, uint64_t number)
{
    (void)number;
    assert_int_equal(nntp_next(arg, NULL), SC_EBUSY);
    assert_int_equal(nntp_group(arg, "a.b", NULL), SC_EBUSY);
    assert_int_equal(nntp_ask_capabilities(arg), SC_EBUSY);
    assert_int_equal(nntp_starttls(arg, NULL), SC_EBUSY);
    assert_int_equal(nntp_compress(arg), SC_EBUSY);
    assert_int_equal(nntp_authinfo_user(arg, "a", "b"), SC_EBUSY);
    assert_int_equal(nntp_quit(arg), SC_EBUSY);
    return 0;
}

/* Nothing of it is sent later, either. */
static void a_callback_may_not_use_the_client(void **state)
{
    struct nntp_talk t = nntp_talk(NNTP_NEW "C: LISTGROUP\nS: 211 2 1 2 a\n"
                                            "S: 1\nS: 2\nS: .\n"
                                            "C: NEXT\nS: 421 no\n");

    (void)state;
    assert_int_equal(nntp_listgroup(t.n, NULL, 0, 0, use_it, t.n, NULL), 0);
    assert_refused(t, nntp_next(t.n, NULL), 421);
    nntp_talk_over(t);
}

/* --- articles --- */

/* RFC 3977 section 6.2.1.3. */
static void article_head_body_and_stat(void **state)
{
    static const char script[] =
        NNTP_NEW "C: ARTICLE 3000234\n"
                 "S: 220 3000234 <45223423@example.com>\n"
                 "S: Path: pathost!demo!whitehouse!not-for-mail\n"
                 "S: \n"
                 "S: ..dotted\n"
                 "S: .\n"
                 "C: HEAD\n"
                 "S: 221 3000234 <45223423@example.com>\n"
                 "S: Path: pathost\n"
                 "S: .\n"
                 "C: BODY <45223423@example.com>\n"
                 "S: 222 0 <45223423@example.com> and more\n"
                 "S: This is just a test article.\n"
                 "S: .\n"
                 "C: STAT 3000234\n"
                 "S: 223 3000234 <45223423@example.com>\n"
                 "C: STAT <45223423@example.com>\n"
                 "S: 223 0 <45223423@example.com>\n";

    (void)state;
    for (size_t split = 0; split < 40; split++) {
        struct nntp_talk t = nntp_talk_with(script, split, NULL);
        struct sc_buf text = {0};
        struct nntp_ref r;

        assert_int_equal(nntp_article(t.n, 3000234, sc_buf_sink, &text, &r), 0);
        assert_int_equal(r.number, 3000234);
        assert_string_equal(r.id, "<45223423@example.com>");
        assert_string_equal(text.data,
                            "Path: pathost!demo!whitehouse!not-for-mail\r\n"
                            "\r\n.dotted\r\n");
        text.len = 0;
        assert_int_equal(nntp_head(t.n, 0, sc_buf_sink, &text, NULL), 0);
        assert_string_equal(text.data, "Path: pathost\r\n");
        assert_int_equal(
            nntp_body_id(t.n, "<45223423@example.com>", sc_null_sink, NULL, &r),
            0);
        assert_int_equal(r.number, 0);
        assert_string_equal(r.id, "<45223423@example.com>");
        assert_int_equal(nntp_stat(t.n, 3000234, &r), 0);
        assert_int_equal(nntp_stat_id(t.n, "<45223423@example.com>", &r), 0);
        assert_int_equal(r.number, 0);
        sc_buf_free(&text);
        nntp_talk_over(t);
    }
}

/* Nothing there: by number, by id, and none selected; RFC 3977 section 6.2. */
static void what_is_not_there_is_told_apart(void **state)
{
    struct nntp_talk t = nntp_talk(
        NNTP_NEW "C: ARTICLE 300256\nS: 423 no article with that number\n"
                 "C: BODY\nS: 420 current article number is invalid\n"
                 "C: HEAD <a@b>\nS: 430 no article with that message-id\n"
                 "C: STAT 1\nS: 412 no newsgroup selected\n"
                 "C: NEXT\nS: 421 no next\n"
                 "C: LAST\nS: 422 no previous\n");
    struct nntp_ref r;

    (void)state;
    assert_refused(t, nntp_article(t.n, 300256, sc_null_sink, NULL, &r), 423);
    assert_refused(t, nntp_body(t.n, 0, sc_null_sink, NULL, &r), 420);
    assert_refused(t, nntp_head_id(t.n, "<a@b>", sc_null_sink, NULL, &r), 430);
    assert_refused(t, nntp_stat(t.n, 1, &r), 412);
    assert_refused(t, nntp_next(t.n, &r), 421);
    assert_refused(t, nntp_last(t.n, &r), 422);
    nntp_talk_over(t);
}

static void next_and_last_move(void **state)
{
    struct nntp_talk t = nntp_talk(
        NNTP_NEW "C: NEXT\nS: 223 3000237 <668929@example.org> retrieved\n"
                 "C: LAST\nS: 223 3000234 <45223423@example.com> retrieved\n"
                 "C: NEXT\nS: 223 retrieved\n");
    struct nntp_ref r;

    (void)state;
    assert_int_equal(nntp_next(t.n, &r), 0);
    assert_int_equal(r.number, 3000237);
    assert_string_equal(r.id, "<668929@example.org>");
    assert_int_equal(nntp_last(t.n, &r), 0);
    assert_int_equal(r.number, 3000234);
    assert_int_equal(nntp_next(t.n, &r), SC_EPROTO);
    nntp_talk_over(t);
}

/* There are servers that say no more than that it follows. */
static void an_article_may_come_without_its_number(void **state)
{
    struct nntp_talk t =
        nntp_talk(NNTP_NEW "C: BODY <a@b>\nS: 222 body follows\nS: x\nS: .\n"
                           "C: BODY <a@b>\nS: 222\nS: x\nS: .\n");
    struct nntp_ref r;

    (void)state;
    for (int i = 0; i < 2; i++) {
        assert_int_equal(nntp_body_id(t.n, "<a@b>", sc_null_sink, NULL, &r), 0);
        assert_int_equal(r.number, 0);
        assert_string_equal(r.id, "");
    }
    nntp_talk_over(t);
}

static void an_article_that_is_cut_is_an_error(void **state)
{
    static const char *const all[] = {"S: A: b\nS.\n", "s: A: b\\r\\n.\nS.\n",
                                      "s: A: b\\r\\n.\\r\nS.\n",
                                      "s: A: b\\r\\n..\\r\\n\nS.\n", "S.\n"};
    char script[400];

    (void)state;
    for (size_t i = 0; i < sizeof all / sizeof all[0]; i++) {
        struct nntp_talk t;

        snprintf(script, sizeof script,
                 NNTP_NEW "C: ARTICLE 1\nS: 220 1 <a@b>\n%s", all[i]);
        t = nntp_talk(script);
        assert_int_equal(nntp_article(t.n, 1, sc_null_sink, NULL, NULL),
                         SC_ESHORT);
        assert_int_equal(sc_broken(&t.n->base), SC_ESHORT);
        nntp_talk_over(t);
    }
}

static void nul_and_high_bytes_survive(void **state)
{
    static const char want[] = "a\0b\xff\xfe\r\nc\rd\r\n";
    struct nntp_talk t =
        nntp_talk(NNTP_NEW "C: ARTICLE 1\nS: 220 1 <a@b>\n"
                           "s: a\\x00b\\xff\\xfe\\r\\nc\\rd\\r\\n.\\r\\n\n");
    struct sc_buf text = {0};

    (void)state;
    assert_int_equal(nntp_article(t.n, 1, sc_buf_sink, &text, NULL), 0);
    assert_int_equal(text.len, sizeof want - 1);
    assert_memory_equal(text.data, want, sizeof want - 1);
    sc_buf_free(&text);
    nntp_talk_over(t);
}

static int count_bytes(void *arg, const void *p, size_t n)
{
    (void)p;
    *(uint64_t *)arg += n;
    return 0;
}

/* nntplib stopped at 2,048 bytes (python/cpython#76031). */
static void a_line_of_an_article_has_no_limit(void **state)
{
    const size_t n = 300000;
    char *script = malloc(n + 400), *p = script;
    struct sc_options opt = {.line_limit = 100};
    struct nntp_talk t;
    uint64_t bytes = 0;

    (void)state;
    p += snprintf(p, 300, NNTP_NEW "C: BODY 1\nS: 222 1 <a@b>\nS: ");
    memset(p, 'x', n);
    snprintf(p + n, 20, "\nS: .\n");
    t = nntp_talk_with(script, 0, &opt);
    assert_int_equal(nntp_body(t.n, 1, count_bytes, &bytes, NULL), 0);
    assert_int_equal(bytes, n + 2);
    free(script);
    nntp_talk_over(t);
}

/* --- what is new, DATE, HELP --- */

/* RFC 3977 sections 7.3 and 7.4: 1999-06-24 00:00:00 GMT is 930182400. */
static void what_is_new_is_asked_for_in_gmt(void **state)
{
    struct nntp_talk t = nntp_talk("S: 200\n" CAPS(
        "S: READER\nS: NEWNEWS\n") "C: NEWGROUPS 19990624 000000 GMT\n"
                                   "S: 231 list of new newsgroups follows\n"
                                   "S: alt.rfc-writers.recovery 4 1 y\nS: .\n"
                                   "C: NEWNEWS news.*,sci.* 19990624 000000 "
                                   "GMT\n"
                                   "S: 230 list of new articles by message-id "
                                   "follows\n"
                                   "S: <i.am.a.new.article@example.com>\n"
                                   "S: "
                                   "<i.am.another.new.article@example.com>\nS: "
                                   ".\n"
                                   "C: NEWNEWS a.* 20380119 031408 GMT\nS: "
                                   "230\nS: .\n");

    (void)state;
    assert_int_equal(nntp_newgroups(t.n, 930182400, see_group, NULL), 0);
    assert_seen("alt.rfc-writers.recovery 0 1 4 [y] 0 [] []\n");
    assert_int_equal(
        nntp_newnews(t.n, "news.*,sci.*", 930182400, see_line, NULL), 0);
    assert_seen("<i.am.a.new.article@example.com>|"
                "<i.am.another.new.article@example.com>|");
    assert_int_equal(nntp_newnews(t.n, "a.*", 2147483648, see_line, NULL), 0);
    assert_int_equal(nntp_newgroups(t.n, INT64_MAX, see_group, NULL),
                     SC_EINVAL);
    nntp_talk_over(t);
}

static void newnews_that_is_not_offered_is_not_asked_for(void **state)
{
    struct nntp_talk t = nntp_talk(NNTP_NEW);

    (void)state;
    assert_int_equal(nntp_newnews(t.n, "a.*", 0, see_line, NULL), SC_ENOTSUP);
    assert_in_order(t);
    nntp_talk_over(t);
}

static void a_date_that_is_none_breaks(void **state)
{
    struct nntp_talk t =
        nntp_talk(NNTP_NEW "C: DATE\nS: 111 19990623135624 and more\n"
                           "C: DATE\nS: 111 19991323135624\n");
    int64_t now = 0;

    (void)state;
    assert_int_equal(nntp_date(t.n, &now), 0);
    assert_int_equal(now, 930146184);
    assert_int_equal(nntp_date(t.n, &now), SC_EPROTO);
    nntp_talk_over(t);
}

static void help_is_a_text(void **state)
{
    struct nntp_talk t = nntp_talk(NNTP_NEW "C: HELP\n"
                                            "S: 100 Help text follows\n"
                                            "S: This is some help text.\n"
                                            "S: .\n");
    struct sc_buf out = {0};

    (void)state;
    assert_int_equal(nntp_help(t.n, &out), 0);
    assert_string_equal(out.data, "This is some help text.\r\n");
    sc_buf_free(&out);
    nntp_talk_over(t);
}

#define T(f) cmocka_unit_test_setup_teardown(f, forget, forget)
static const struct CMUnitTest tests[] = {
    T(group_selects),
    T(an_empty_group_has_its_last_before_its_first),
    T(numbers_have_63_bits),
    T(listgroup_lists_numbers),
    T(listgroup_without_a_group_is_refused),
    T(listgroup_of_an_old_server_says_less),
    T(a_number_that_is_none_breaks),
    T(a_negative_result_stops_and_breaks),
    T(a_callback_may_not_use_the_client),
    T(article_head_body_and_stat),
    T(what_is_not_there_is_told_apart),
    T(next_and_last_move),
    T(an_article_may_come_without_its_number),
    T(an_article_that_is_cut_is_an_error),
    T(nul_and_high_bytes_survive),
    T(a_line_of_an_article_has_no_limit),
    T(what_is_new_is_asked_for_in_gmt),
    T(newnews_that_is_not_offered_is_not_asked_for),
    T(a_date_that_is_none_breaks),
    T(help_is_a_text),
};

TEST_MAIN(tests)
