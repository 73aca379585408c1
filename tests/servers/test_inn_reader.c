/* test_inn_reader.c - reading news from a real INN: what it tells of itself,
 * groups, articles, logins, and each answer that says no. Skipped (77) without
 * INN. */
#include "main.h"

#include "inn_test.h"

static int start(void **state)
{
    (void)state;
    if (certs_make(&certs) < 0 || inn_start(&inn, &certs) < 0)
        return -1;
    if (inn_feed(&inn, "local.test", 1, 5) < 0 ||
        inn_feed(&inn, "local.many", 1, 10) < 0)
        return -1;
    return inn_feed(&inn, "private.test", 1, 1);
}

static void the_reader_tells_what_it_can_do(void **state)
{
    NNTPClient *n = must_open(READER, plain());
    const struct nntp_caps *caps = nntp_capabilities(n);

    (void)state;
    assert_int_equal(caps->have & ~(unsigned)NNTP_CAP_STARTTLS,
                     NNTP_CAP_CAPABILITIES | NNTP_CAP_READER | NNTP_CAP_POST |
                         NNTP_CAP_OVER | NNTP_CAP_HDR | NNTP_CAP_NEWNEWS |
                         NNTP_CAP_LIST | NNTP_CAP_AUTHINFO_USER |
                         NNTP_CAP_AUTHINFO_SASL | NNTP_CAP_COMPRESS_DEFLATE);
    assert_int_equal(caps->version, 2);
    assert_true(caps->posting);
    assert_string_equal(caps->implementation, "INN 2.7.1");
    assert_non_null(strstr(caps->list, "OVERVIEW.FMT"));
    assert_int_equal(times_said("MODE READER"), 0);
    assert_int_equal(nntp_close(n), 0);
}

static void innd_becomes_a_reader_by_mode_reader(void **state)
{
    NNTPClient *n = must_open(TRANSIT, plain());

    (void)state;
    assert_int_equal(times_said("> MODE READER"), 1);
    assert_true(nntp_capabilities(n)->have & NNTP_CAP_READER);
    assert_false(nntp_capabilities(n)->have & NNTP_CAP_MODE_READER);
    assert_int_equal(nntp_group(n, "local.test", NULL), 0);
    nntp_close(n);
}

static void innd_stays_as_it_is_for_those_who_feed(void **state)
{
    struct sc_options opt = plain();
    NNTPClient *n = nntp_open_transit(inn_url(&inn, TRANSIT, ""), &opt);

    (void)state;
    assert_int_equal(
        nntp_capabilities(n)->have & (NNTP_CAP_IHAVE | NNTP_CAP_STREAMING |
                                      NNTP_CAP_MODE_READER | NNTP_CAP_READER),
        NNTP_CAP_IHAVE | NNTP_CAP_STREAMING | NNTP_CAP_MODE_READER);
    assert_refused(n, nntp_group(n, "local.test", NULL), 401);
    assert_int_equal(nntp_close(n), 0);
}

/* --- groups --- */

static void a_group_tells_its_numbers(void **state)
{
    NNTPClient *n = must_open(READER, plain());
    struct nntp_group g;

    (void)state;
    assert_int_equal(nntp_group(n, "local.test", &g), 0);
    assert_int_equal(g.count, 5);
    assert_int_equal(g.first, 1);
    assert_int_equal(g.last, 5);
    assert_int_equal(g.name.len, 10);
    assert_memory_equal(g.name.data, "local.test", 10);
    nntp_close(n);
}

static void an_empty_group_has_no_article(void **state)
{
    NNTPClient *n = must_open(READER, plain());
    struct nntp_group g;
    struct nntp_ref ref;

    (void)state;
    assert_int_equal(nntp_group(n, "local.empty", &g), 0);
    assert_int_equal(g.count, 0);
    assert_true(g.last < g.first);
    assert_refused(n, nntp_stat(n, 0, &ref), 420);
    assert_refused(n, nntp_next(n, &ref), 420);
    nntp_close(n);
}

static void no_such_group_is_411_and_keeps_the_old_one(void **state)
{
    NNTPClient *n = open_in("local.test");
    struct nntp_ref ref;

    (void)state;
    assert_refused(n, nntp_group(n, "none.such", NULL), 411);
    assert_int_equal(nntp_stat(n, 3, &ref), 0);
    assert_string_equal(ref.id, "<local.test.3@simple.test>");
    nntp_close(n);
}

static void without_a_group_it_is_412(void **state)
{
    NNTPClient *n = must_open(READER, plain());

    (void)state;
    assert_refused(n, nntp_stat(n, 1, NULL), 412);
    assert_refused(n, nntp_stat(n, 0, NULL), 412);
    nntp_close(n);
}

static int keep_number(void *arg, uint64_t number)
{
    sc_buf_addf(arg, "%d ", (int)number);
    return 0;
}

static void listgroup_takes_ranges(void **state)
{
    static const struct {
        const char *group;
        int first, last;
        const char *numbers;
    } asked[] = {
        {"local.test", 0, 0, "1 2 3 4 5 "}, {NULL, 0, 0, "1 2 3 4 5 "},
        {"local.test", 2, 4, "2 3 4 "},     {"local.test", 4, 0, "4 5 "},
        {"local.test", 9, 12, ""},          {"local.empty", 0, 0, ""}};
    NNTPClient *n = must_open(READER, plain());
    struct sc_buf got = SC_BUF(1000);
    struct nntp_group g;

    (void)state;
    for (size_t i = 0; i < sizeof asked / sizeof asked[0]; i++) {
        got.len = 0;
        sc_buf_add(&got, "", 0);
        assert_int_equal(
            nntp_listgroup(n, asked[i].group, (uint64_t)asked[i].first,
                           (uint64_t)asked[i].last, keep_number, &got, &g),
            0);
        assert_string_equal(got.data, asked[i].numbers);
        assert_int_equal(g.count, i == 5 ? 0 : 5);
    }
    assert_refused(
        n, nntp_listgroup(n, "none.such", 0, 0, keep_number, &got, NULL), 411);
    sc_buf_free(&got);
    nntp_close(n);
}

static void next_and_last_walk_a_group(void **state)
{
    NNTPClient *n = open_in("local.test");
    struct nntp_ref ref;

    (void)state;
    assert_refused(n, nntp_last(n, &ref), 422);
    for (uint64_t i = 2; i <= 5; i++) {
        assert_int_equal(nntp_next(n, &ref), 0);
        assert_int_equal(ref.number, i);
    }
    assert_string_equal(ref.id, "<local.test.5@simple.test>");
    assert_refused(n, nntp_next(n, &ref), 421);
    assert_int_equal(nntp_last(n, &ref), 0);
    assert_int_equal(ref.number, 4);
    assert_string_equal(ref.id, "<local.test.4@simple.test>");
    nntp_close(n);
}

/* --- articles --- */

static const char body[] = "line one of 3\r\n.dot\r\n..dots\r\n.\r\nend\r\n";

static void assert_ends_with(const struct sc_buf *b, const char *end)
{
    size_t n = strlen(end);

    assert_true(b->len >= n);
    assert_string_equal(b->data + b->len - n, end);
}

static void an_article_comes_by_number(void **state)
{
    NNTPClient *n = open_in("local.test");
    struct sc_buf all = SC_BUF(9999), head = SC_BUF(9999), text = SC_BUF(9999);
    struct nntp_ref ref;

    (void)state;
    assert_int_equal(nntp_article(n, 3, sc_buf_sink, &all, &ref), 0);
    assert_int_equal(ref.number, 3);
    assert_string_equal(ref.id, "<local.test.3@simple.test>");
    assert_int_equal(nntp_head(n, 3, sc_buf_sink, &head, &ref), 0);
    assert_int_equal(nntp_body(n, 3, sc_buf_sink, &text, &ref), 0);
    assert_string_equal(text.data, body);
    assert_ends_with(&all, body);
    assert_non_null(strstr(head.data, "\r\nSubject: article 3\r\n"));
    assert_int_equal(all.len, head.len + 2 + text.len);
    assert_memory_equal(all.data, head.data, head.len);
    sc_buf_free(&all);
    sc_buf_free(&head);
    sc_buf_free(&text);
    nntp_close(n);
}

static void an_article_comes_by_message_id(void **state)
{
    static const char id[] = "<local.test.3@simple.test>";
    NNTPClient *n = must_open(READER, plain());
    struct sc_buf all = SC_BUF(9999), head = SC_BUF(9999), text = SC_BUF(9999);
    struct nntp_ref ref;

    (void)state;
    assert_int_equal(nntp_article_id(n, id, sc_buf_sink, &all, &ref), 0);
    assert_int_equal(ref.number, 0);
    assert_string_equal(ref.id, id);
    assert_int_equal(nntp_head_id(n, id, sc_buf_sink, &head, NULL), 0);
    assert_int_equal(nntp_body_id(n, id, sc_buf_sink, &text, NULL), 0);
    assert_int_equal(nntp_stat_id(n, id, &ref), 0);
    assert_string_equal(text.data, body);
    assert_ends_with(&all, body);
    assert_int_equal(all.len, head.len + 2 + text.len);
    sc_buf_free(&all);
    sc_buf_free(&head);
    sc_buf_free(&text);
    nntp_close(n);
}

/* RFC 3977 section 6.2.1.2: by message-id changes nothing. */
static void a_message_id_leaves_the_current_article(void **state)
{
    NNTPClient *n = open_in("local.test");
    struct nntp_ref ref;

    (void)state;
    assert_int_equal(nntp_stat(n, 2, &ref), 0);
    assert_int_equal(nntp_stat_id(n, "<local.many.7@simple.test>", &ref), 0);
    assert_int_equal(nntp_stat(n, 0, &ref), 0);
    assert_int_equal(ref.number, 2);
    nntp_close(n);
}

static void what_is_not_there_is_423_and_430(void **state)
{
    NNTPClient *n = open_in("local.test");
    struct sc_buf out = SC_BUF(9999);

    (void)state;
    assert_refused(n, nntp_article(n, 999, sc_buf_sink, &out, NULL), 423);
    assert_refused(n, nntp_head(n, 999, sc_buf_sink, &out, NULL), 423);
    assert_refused(n, nntp_body(n, 999, sc_buf_sink, &out, NULL), 423);
    assert_refused(n, nntp_stat(n, 999, NULL), 423);
    assert_refused(
        n, nntp_article_id(n, "<no@simple.test>", sc_buf_sink, &out, NULL),
        430);
    assert_refused(n, nntp_stat_id(n, "<no@simple.test>", NULL), 430);
    assert_int_equal(out.len, 0);
    assert_int_equal(nntp_stat(n, 1, NULL), 0);
    nntp_close(n);
}

/* --- logins --- */

static struct sc_options login(const char *user, const char *password)
{
    struct sc_options opt = plain();

    opt.user = user;
    opt.password = password;
    return opt;
}

static void a_private_group_is_480_without_a_login(void **state)
{
    NNTPClient *n = must_open(READER, plain());

    (void)state;
    assert_refused(n, nntp_group(n, "private.test", NULL), 480);
    assert_int_equal(times_said("> GROUP"), 1);
    assert_int_equal(nntp_group(n, "local.test", NULL), 0);
    nntp_close(n);
}

static void authinfo_user_opens_the_private_group(void **state)
{
    struct sc_options opt = login("joe", "secret");
    NNTPClient *n;
    struct nntp_group g;

    (void)state;
    opt.mechanisms = "USER";
    n = must_open(READER, opt);
    assert_int_equal(times_said("> AUTHINFO USER joe"), 1);
    assert_int_equal(times_said("secret"), 0);
    assert_int_equal(nntp_group(n, "private.test", &g), 0);
    assert_int_equal(g.last, 1);
    /* INN allows nobody to log in twice, and says so. */
    assert_false(nntp_capabilities(n)->have & NNTP_CAP_AUTHINFO_USER);
    assert_refused(n, nntp_authinfo_user(n, "joe", "secret"), 502);
    assert_int_equal(nntp_stat(n, 1, NULL), 0);
    nntp_close(n);
}

static void a_password_of_words_and_quotes_goes_unchanged(void **state)
{
    NNTPClient *n = must_open(READER, plain());

    (void)state;
    assert_int_equal(nntp_authinfo_user(n, "amy", "pass \"word\" of amy"), 0);
    assert_int_equal(nntp_group(n, "private.test", NULL), 0);
    nntp_close(n);
}

static void a_wrong_password_is_told(void **state)
{
    struct sc_options opt = login("joe", "guess");
    NNTPClient *n = must_open(READER, plain());

    (void)state;
    assert_refused(n, nntp_authinfo_user(n, "joe", "guess"), 481);
    assert_int_equal(nntp_authinfo_user(n, "joe", "secret"), 0);
    assert_int_equal(nntp_group(n, "private.test", NULL), 0);
    nntp_close(n);
    n = nntp_open(inn_url(&inn, READER, ""), &opt);
    assert_true(sc_broken(nntp_base(n)) < 0);
    assert_int_equal(code_of(n), 481);
    nntp_close(n);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(the_reader_tells_what_it_can_do),
    cmocka_unit_test(innd_becomes_a_reader_by_mode_reader),
    cmocka_unit_test(innd_stays_as_it_is_for_those_who_feed),
    cmocka_unit_test(a_group_tells_its_numbers),
    cmocka_unit_test(an_empty_group_has_no_article),
    cmocka_unit_test(no_such_group_is_411_and_keeps_the_old_one),
    cmocka_unit_test(without_a_group_it_is_412),
    cmocka_unit_test(listgroup_takes_ranges),
    cmocka_unit_test(next_and_last_walk_a_group),
    cmocka_unit_test(an_article_comes_by_number),
    cmocka_unit_test(an_article_comes_by_message_id),
    cmocka_unit_test(a_message_id_leaves_the_current_article),
    cmocka_unit_test(what_is_not_there_is_423_and_430),
    cmocka_unit_test(a_private_group_is_480_without_a_login),
    cmocka_unit_test(authinfo_user_opens_the_private_group),
    cmocka_unit_test(a_password_of_words_and_quotes_goes_unchanged),
    cmocka_unit_test(a_wrong_password_is_told),
};

int main(int argc, char **argv)
{
    return inn_main(__FILE__, tests, sizeof tests / sizeof tests[0], argc, argv,
                    start);
}
