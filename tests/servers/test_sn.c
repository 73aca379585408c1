/* test_sn.c - reading news from sn, a real server of another make than INN, which
 * knows none of the newer commands. Skipped (77) where it was not unpacked. */
#include "main.h"

#include <simpleclient/class.h>
#include <simpleclient/nntp.h>

#include "sn.h"

enum { ARTICLES = 40, FIRST = 10, LAST = FIRST + ARTICLES - 1 };

static struct sn sn;

static int start(void **state)
{
    (void)state;
    return sn_start(&sn, ARTICLES);
}

static int stop(void **state)
{
    (void)state;
    sn_stop(&sn);
    return 0;
}

static struct sc_buf said = SC_BUF(1 << 20); /* the latest dialogue */

static void note(void *arg, int direction, const char *line, size_t n)
{
    (void)arg;
    sc_buf_addf(&said, "%c %.*s\n", direction, (int)n, line);
}

static int times_said(const char *what)
{
    int n = 0;

    for (const char *p = said.data; (p = strstr(p, what)) != NULL; p++)
        n++;
    return n;
}

static NNTPClient *open_sn(void)
{
    struct sc_options opt = {.trace = note};
    char url[60];
    NNTPClient *n;

    said.len = 0;
    sc_buf_add(&said, "", 0);
    snprintf(url, sizeof url, "nntp://127.0.0.1:%d/", sn.port);
    n = nntp_open(url, &opt);
    if (sc_broken(nntp_base(n)) < 0)
        fail_msg("%s\n%s", sc_last_error(nntp_base(n))->text, said.data);
    return n;
}

static NNTPClient *open_in(const char *group)
{
    NNTPClient *n = open_sn();

    assert_int_equal(nntp_group(n, group, NULL), 0);
    return n;
}

static void assert_refused(NNTPClient *n, int rc, int code)
{
    assert_int_equal(rc, SC_EREPLY);
    assert_int_equal(sc_last_error(nntp_base(n))->status, code);
    assert_int_equal(sc_broken(nntp_base(n)), 0);
}

/* RFC 3977 section 5.3: MODE READER, as nothing is known. */
static void a_server_without_capabilities_will_do(void **state)
{
    NNTPClient *n = open_sn();
    const struct nntp_caps *caps = nntp_capabilities(n);

    (void)state;
    assert_true(times_said("< 500") > 0);
    assert_int_equal(times_said("> MODE READER"), 1);
    assert_false(caps->have & NNTP_CAP_CAPABILITIES);
    assert_true(caps->posting);
    assert_int_equal(nntp_close(n), 0);
}

/* --- lists --- */

static int keep_group(void *arg, const struct nntp_group *g)
{
    sc_buf_addf(arg, "%.*s %d %d %.*s\n", (int)g->name.len, g->name.data,
                (int)g->first, (int)g->last, (int)g->status.len,
                g->status.data);
    return 0;
}

static void list_active_gives_all_groups(void **state)
{
    NNTPClient *n = open_sn();
    struct sc_buf got = SC_BUF(9999);

    (void)state;
    assert_int_equal(nntp_list_active(n, "local.t*", keep_group, &got), 0);
    assert_string_equal(got.data, "local.test 10 49 y\n");
    got.len = 0;
    assert_int_equal(nntp_list_active(n, NULL, keep_group, &got), 0);
    assert_non_null(strstr(got.data, "local.test 10 49 y\n"));
    assert_non_null(strstr(got.data, "local.empty 1 0 y\n"));
    sc_buf_free(&got);
    nntp_close(n);
}

static int keep_line(void *arg, struct sc_span line)
{
    sc_buf_addf(arg, "%.*s\n", (int)line.len, line.data);
    return 0;
}

static void other_lists(void **state)
{
    NNTPClient *n = open_sn();
    struct sc_buf got = SC_BUF(9999);

    (void)state;
    assert_int_equal(nntp_list(n, "OVERVIEW.FMT", NULL, keep_line, &got), 0);
    assert_string_equal(got.data,
                        "Subject:\nFrom:\nDate:\nMessage-ID:\nReferences:\n"
                        "Bytes:\nLines:\nXref:full\n");
    got.len = 0;
    assert_int_equal(nntp_list_newsgroups(n, NULL, keep_group, &got), 0);
    assert_non_null(strstr(got.data, "local.empty 0 0 \n"));
    assert_refused(n, nntp_list_times(n, NULL, keep_group, &got), 503);
    assert_refused(n, nntp_list(n, "MOTD", NULL, keep_line, &got), 503);
    sc_buf_free(&got);
    nntp_close(n);
}

/* --- selecting --- */

static int keep_number(void *arg, uint64_t number)
{
    sc_buf_addf(arg, "%d ", (int)number);
    return 0;
}

static void a_group_is_selected(void **state)
{
    NNTPClient *n = open_sn();
    struct nntp_group g;

    (void)state;
    assert_int_equal(nntp_group(n, "local.test", &g), 0);
    assert_int_equal(g.count, ARTICLES);
    assert_int_equal(g.first, FIRST);
    assert_int_equal(g.last, LAST);
    assert_refused(n, nntp_group(n, "none.such", &g), 411);
    nntp_close(n);
}

/* "211 0 0 0": RFC 3977 section 6.1.1.2 has three ways to say it. */
static void an_empty_group_has_no_article(void **state)
{
    NNTPClient *n = open_sn();
    struct sc_buf got = SC_BUF(100);
    struct nntp_group g;

    (void)state;
    assert_int_equal(nntp_group(n, "local.empty", &g), 0);
    assert_int_equal(g.count, 0);
    assert_true(g.last < g.first);
    sc_buf_add(&got, "", 0);
    assert_int_equal(nntp_listgroup(n, NULL, 0, 0, keep_number, &got, NULL), 0);
    assert_int_equal(got.len, 0);
    sc_buf_free(&got);
    nntp_close(n);
}

static void listgroup_gives_the_numbers(void **state)
{
    NNTPClient *n = open_sn();
    struct sc_buf got = SC_BUF(1000);

    (void)state;
    assert_int_equal(
        nntp_listgroup(n, "local.test", 0, 0, keep_number, &got, NULL), 0);
    assert_memory_equal(got.data, "10 11 12 ", 9);
    assert_string_equal(got.data + got.len - 6, "48 49 ");
    assert_int_equal(got.len, 3 * ARTICLES);
    sc_buf_free(&got);
    nntp_close(n);
}

/* sn lists all, whatever the range. */
static void listgroup_keeps_to_a_range(void **state)
{
    NNTPClient *n = open_sn();
    struct sc_buf got = SC_BUF(1000);

    (void)state;
    assert_int_equal(
        nntp_listgroup(n, "local.test", 12, 14, keep_number, &got, NULL), 0);
    assert_string_equal(got.data, "12 13 14 ");
    sc_buf_free(&got);
    nntp_close(n);
}

static void next_and_last_walk_a_group(void **state)
{
    NNTPClient *n = open_in("local.test");
    struct nntp_ref ref;

    (void)state;
    assert_int_equal(nntp_stat(n, FIRST, NULL), 0);
    assert_refused(n, nntp_last(n, &ref), 422);
    for (uint64_t i = FIRST + 1; i <= LAST; i++) {
        assert_int_equal(nntp_next(n, &ref), 0);
        assert_int_equal(ref.number, i);
    }
    assert_refused(n, nntp_next(n, &ref), 421);
    assert_int_equal(nntp_last(n, &ref), 0);
    assert_string_equal(ref.id, "<39@simple.test>");
    nntp_close(n);
}

/* --- reading --- */

static const char body[] = "line one of 2\r\n.dot\r\n..dots\r\n.\r\nend\r\n";

static void articles_are_read(void **state)
{
    NNTPClient *n = open_in("local.test");
    struct sc_buf all = SC_BUF(9999), head = SC_BUF(9999), text = SC_BUF(9999);
    struct nntp_ref ref;

    (void)state;
    assert_int_equal(nntp_article(n, 11, sc_buf_sink, &all, &ref), 0);
    assert_int_equal(ref.number, 11);
    assert_string_equal(ref.id, "<2@simple.test>");
    assert_int_equal(
        nntp_head_id(n, "<2@simple.test>", sc_buf_sink, &head, NULL), 0);
    assert_int_equal(nntp_body(n, 11, sc_buf_sink, &text, NULL), 0);
    assert_string_equal(text.data, body);
    assert_non_null(strstr(head.data, "\r\nSubject: article 2\r\n"));
    assert_int_equal(all.len, head.len + 2 + text.len);
    assert_string_equal(all.data + head.len + 2, body);
    assert_int_equal(nntp_stat_id(n, "<5@simple.test>", &ref), 0);
    sc_buf_free(&all);
    sc_buf_free(&head);
    sc_buf_free(&text);
    nntp_close(n);
}

static void what_is_not_there_is_refused(void **state)
{
    NNTPClient *n = open_in("local.test");
    struct sc_buf out = SC_BUF(99);

    (void)state;
    assert_refused(n, nntp_body(n, 2, sc_buf_sink, &out, NULL), 430);
    assert_refused(n, nntp_stat_id(n, "<no@simple.test>", NULL), 430);
    assert_refused(n, nntp_date(n, &(int64_t){0}), 500);
    assert_int_equal(nntp_stat(n, FIRST, NULL), 0);
    nntp_close(n);
}

static int see(void *arg, const struct nntp_article *a)
{
    sc_buf_addf(arg, "%d %.*s %.*s %.*s %d\n", (int)a->number,
                (int)a->subject.len, a->subject.data, (int)a->message_id.len,
                a->message_id.data, (int)a->references.len, a->references.data,
                (int)a->lines);
    return 0;
}

static void xover_is_used_where_over_is_not_known(void **state)
{
    NNTPClient *n = open_in("local.test");
    struct sc_buf got = SC_BUF(9999);

    (void)state;
    assert_int_equal(nntp_over(n, 11, 12, see, &got), 0);
    assert_string_equal(got.data, "11 article 2 <2@simple.test>  5\n"
                                  "12 article 3 <3@simple.test>  5\n");
    assert_int_equal(times_said("> OVER 11-12"), 1);
    assert_int_equal(times_said("> XOVER 11-12"), 1);
    got.len = 0;
    assert_int_equal(nntp_over(n, LAST, 0, see, &got), 0);
    assert_string_equal(got.data, "49 article 40 <40@simple.test>  5\n");
    assert_int_equal(times_said("> OVER"), 1);
    sc_buf_free(&got);
    nntp_close(n);
}

static int keep_header(void *arg, uint64_t number, struct sc_span value)
{
    sc_buf_addf(arg, "%d %.*s\n", (int)number, (int)value.len, value.data);
    return 0;
}

static void xhdr_is_used_where_hdr_is_not_known(void **state)
{
    NNTPClient *n = open_in("local.test");
    struct sc_buf got = SC_BUF(9999);

    (void)state;
    assert_int_equal(nntp_hdr(n, "Subject", 11, 12, keep_header, &got), 0);
    assert_string_equal(got.data, "11 article 2\n12 article 3\n");
    assert_int_equal(times_said("> XHDR Subject 11-12"), 1);
    sc_buf_free(&got);
    nntp_close(n);
}

static void an_article_is_posted(void **state)
{
    static const char text[] =
        "From: joe@simple.test\nNewsgroups: local.test\nSubject: mine\n"
        "Message-ID: <mine@simple.test>\n\n.dot\nend\n";
    struct mail_source a = {.data = {text, sizeof text - 1}};
    NNTPClient *n = open_sn();
    struct sc_buf got = SC_BUF(9999);

    (void)state;
    if (nntp_post(n, &a, NULL) < 0)
        fail_msg("%s", sc_last_error(nntp_base(n))->text);
    assert_int_equal(
        nntp_body_id(n, "<mine@simple.test>", sc_buf_sink, &got, NULL), 0);
    assert_string_equal(got.data, ".dot\r\nend\r\n");
    sc_buf_free(&got);
    nntp_close(n);
}

/* --- one call --- */

static int keep_bodies(void *arg, const void *p, size_t n)
{
    return sc_buf_add(arg, p, n);
}

static void one_call_fetches_a_range(void **state)
{
    struct sc_buf got = SC_BUF(99999);
    struct nntp_fetch how = {.what = NNTP_OVER, .over = see, .arg = &got};
    struct nntp_result r = {0};
    char url[80];

    (void)state;
    snprintf(url, sizeof url, "nntp://127.0.0.1:%d/local.test/10-12", sn.port);
    if (nntp_fetch(url, &how, &r) < 0)
        fail_msg("%s", r.error.text);
    assert_int_equal(r.fetched, 3);
    assert_string_equal(got.data, "10 article 1 <1@simple.test>  5\n"
                                  "11 article 2 <2@simple.test>  5\n"
                                  "12 article 3 <3@simple.test>  5\n");
    nntp_result_free(&r);
    got.len = 0;
    how = (struct nntp_fetch){
        .what = NNTP_BODY, .sink = keep_bodies, .arg = &got};
    if (nntp_fetch(url, &how, &r) < 0)
        fail_msg("%s", r.error.text);
    assert_int_equal(r.fetched, 3);
    assert_string_equal(got.data,
                        "line one of 1\r\n.dot\r\n..dots\r\n.\r\nend\r\n"
                        "line one of 2\r\n.dot\r\n..dots\r\n.\r\nend\r\n"
                        "line one of 3\r\n.dot\r\n..dots\r\n.\r\nend\r\n");
    nntp_result_free(&r);
    sc_buf_free(&got);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(a_server_without_capabilities_will_do),
    cmocka_unit_test(list_active_gives_all_groups),
    cmocka_unit_test(other_lists),
    cmocka_unit_test(a_group_is_selected),
    cmocka_unit_test(an_empty_group_has_no_article),
    cmocka_unit_test(listgroup_gives_the_numbers),
    cmocka_unit_test(listgroup_keeps_to_a_range),
    cmocka_unit_test(next_and_last_walk_a_group),
    cmocka_unit_test(articles_are_read),
    cmocka_unit_test(what_is_not_there_is_refused),
    cmocka_unit_test(xover_is_used_where_over_is_not_known),
    cmocka_unit_test(xhdr_is_used_where_hdr_is_not_known),
    cmocka_unit_test(one_call_fetches_a_range),
    cmocka_unit_test(an_article_is_posted),
};

int main(int argc, char **argv)
{
    bool list = argc > 1 && strcmp(argv[1], "-l") == 0;

    if (!list && !sn_installed()) {
        puts("no sn (tests/run.sh --servers unpacks it)");
        return 77;
    }
    return test_main(__FILE__, tests, sizeof tests / sizeof tests[0], argc,
                     argv, start, stop);
}
