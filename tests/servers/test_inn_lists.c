/* test_inn_lists.c - overviews and lists of a real INN, and 10,000 articles.
 * Skipped (77) without INN. */
#include "main.h"

#include "inn_test.h"

enum { MANY = 10000 };

static int start(void **state)
{
    (void)state;
    if (certs_make(&certs) < 0 || inn_start(&inn, &certs) < 0 ||
        inn_feed(&inn, "local.test", 1, 5) < 0)
        return -1;
    return inn_feed(&inn, "local.many", 1, MANY);
}

/* --- overview --- */

struct seen {
    int n;
    uint64_t last;
    struct sc_buf text;
    bool wrong;
};

static void add_span(struct sc_buf *b, const char *name, struct sc_span s)
{
    sc_buf_addf(b, "%s=%.*s\n", name, (int)s.len, s.data);
}

static int see(void *arg, const struct nntp_article *a)
{
    struct seen *s = arg;

    s->n++;
    s->last = a->number;
    sc_buf_addf(&s->text, "%d\n", (int)a->number);
    add_span(&s->text, "subject", a->subject);
    add_span(&s->text, "from", a->from);
    add_span(&s->text, "id", a->message_id);
    add_span(&s->text, "references", a->references);
    sc_buf_addf(&s->text, "lines=%d\n", (int)a->lines);
    add_span(&s->text, "xref", a->xref);
    for (size_t i = 0; i < a->n_more; i++) {
        add_span(&s->text, "name", a->more[i].name);
        add_span(&s->text, "value", a->more[i].value);
    }
    return 0;
}

static const char over_of_3[] =
    "3\nsubject=article 3\nfrom=bob <bob@simple.test>\n"
    "id=<local.test.3@simple.test>\nreferences=<local.test.2@simple.test>\n"
    "lines=5\nxref=news.simple.test local.test:3\n"
    "name=Newsgroups\nvalue=local.test\n";

static void over_gives_every_field(void **state)
{
    NNTPClient *n = open_in("local.test");
    struct seen s = {.text = SC_BUF(9999)};

    (void)state;
    assert_int_equal(nntp_over(n, 3, 3, see, &s), 0);
    assert_string_equal(s.text.data, over_of_3);
    assert_int_equal(times_said("> LIST OVERVIEW.FMT"), 1);
    assert_int_equal(times_said("XOVER"), 0);
    sc_buf_free(&s.text);
    nntp_close(n);
}

static int weigh(void *arg, const struct nntp_article *a)
{
    uint64_t *bytes = arg;

    *bytes = a->bytes;
    return a->date.len > 20 ? 0 : SC_EPROTO;
}

/* RFC 3977 section 8.1.1: all bytes of the article, CRLF as two. */
static void over_tells_the_bytes_of_an_article(void **state)
{
    NNTPClient *n = open_in("local.test");
    struct sc_buf all = SC_BUF(9999);
    uint64_t bytes = 0;

    (void)state;
    assert_int_equal(nntp_over(n, 3, 3, weigh, &bytes), 0);
    assert_int_equal(nntp_article(n, 3, sc_buf_sink, &all, NULL), 0);
    /* INN counts as it is on the wire, with the dots that were added. */
    assert_in_range(bytes, all.len, all.len + 10);
    sc_buf_free(&all);
    nntp_close(n);
}

static void over_takes_ranges(void **state)
{
    static const struct {
        int first, last, n, at;
    } asked[] = {
        {2, 4, 3, 4}, {4, 0, 2, 5}, {1, 0, 5, 5}, {9, 0, 0, 0}, {0, 0, 1, 1}};
    NNTPClient *n = open_in("local.test");

    (void)state;
    for (size_t i = 0; i < sizeof asked / sizeof asked[0]; i++) {
        struct seen s = {.text = SC_BUF(9999)};

        assert_int_equal(nntp_over(n, (uint64_t)asked[i].first,
                                   (uint64_t)asked[i].last, see, &s),
                         0);
        assert_int_equal(s.n, asked[i].n);
        assert_int_equal(s.last, asked[i].at);
        sc_buf_free(&s.text);
    }
    nntp_close(n);
}

/* INN has no OVER MSGID: it says so, and nothing breaks. */
static void over_by_message_id_is_refused_where_it_is_not_offered(void **state)
{
    NNTPClient *n = open_in("local.test");
    struct seen s = {.text = SC_BUF(9999)};
    int rc = nntp_over_id(n, "<local.test.3@simple.test>", see, &s);

    (void)state;
    assert_true(rc == SC_EREPLY || rc == SC_ENOTSUP);
    assert_int_equal(s.n, 0);
    assert_int_equal(nntp_stat(n, 1, NULL), 0);
    nntp_close(n);
}

static int keep_header(void *arg, uint64_t number, struct sc_span value)
{
    sc_buf_addf(arg, "%d %.*s\n", (int)number, (int)value.len, value.data);
    return 0;
}

static void hdr_gives_one_field(void **state)
{
    NNTPClient *n = open_in("local.test");
    struct sc_buf got = SC_BUF(9999);

    (void)state;
    assert_int_equal(nntp_hdr(n, "Subject", 2, 3, keep_header, &got), 0);
    assert_string_equal(got.data, "2 article 2\n3 article 3\n");
    got.len = 0;
    assert_int_equal(nntp_hdr(n, ":lines", 4, 0, keep_header, &got), 0);
    assert_string_equal(got.data, "4 5\n5 5\n");
    got.len = 0;
    assert_int_equal(nntp_hdr(n, "References", 1, 2, keep_header, &got), 0);
    assert_string_equal(got.data, "1 \n2 <local.test.1@simple.test>\n");
    got.len = 0;
    assert_int_equal(
        nntp_hdr_id(n, "Newsgroups", "<local.test.3@simple.test>", &got), 0);
    assert_string_equal(got.data, "local.test");
    assert_refused(n, nntp_hdr_id(n, "Subject", "<no@simple.test>", &got), 430);
    sc_buf_free(&got);
    nntp_close(n);
}

/* --- lists --- */

static int keep_group(void *arg, const struct nntp_group *g)
{
    sc_buf_addf(arg, "%.*s|%d|%d|%d|%.*s|%lld|%.*s|%.*s\n", (int)g->name.len,
                g->name.data, (int)g->count, (int)g->first, (int)g->last,
                (int)g->status.len, g->status.data, (long long)g->created,
                (int)g->creator.len, g->creator.data, (int)g->description.len,
                g->description.data);
    return 0;
}

static void assert_has(struct sc_buf *b, const char *text)
{
    if (strstr(b->data, text) == NULL)
        fail_msg("no %s in\n%s", text, b->data);
}

static void list_active_gives_all_groups(void **state)
{
    NNTPClient *n = must_open(READER, plain());
    struct sc_buf got = SC_BUF(9999);

    (void)state;
    assert_int_equal(nntp_list_active(n, NULL, keep_group, &got), 0);
    assert_has(&got, "local.test|0|1|5|y|0||\n");
    assert_has(&got, "local.mod|0|1|0|m|0||\n");
    assert_has(&got, "local.closed|0|1|0|n|0||\n");
    assert_null(strstr(got.data, "private.test"));
    got.len = 0;
    assert_int_equal(nntp_list_active(n, "local.*,!local.m*,!local.[cest]*",
                                      keep_group, &got),
                     0);
    assert_int_equal(got.len, 0);
    assert_int_equal(nntp_list_active(n, "*.mod", keep_group, &got), 0);
    assert_string_equal(got.data, "local.mod|0|1|0|m|0||\n");
    sc_buf_free(&got);
    nntp_close(n);
}

static void lists_of_groups_tell_times_words_and_counts(void **state)
{
    NNTPClient *n = must_open(READER, plain());
    struct sc_buf got = SC_BUF(9999);

    (void)state;
    assert_int_equal(nntp_list_times(n, NULL, keep_group, &got), 0);
    assert_string_equal(got.data,
                        "local.test|0|0|0||1000000000|founder@simple.test|\n"
                        "local.empty|0|0|0||1600000000|founder@simple.test|\n");
    got.len = 0;
    assert_int_equal(nntp_list_newsgroups(n, "local.*", keep_group, &got), 0);
    assert_has(&got, "local.test|0|0|0||0||A group for tests \xc3\xbc\n");
    got.len = 0;
    assert_int_equal(nntp_list_counts(n, "local.test", keep_group, &got), 0);
    assert_string_equal(got.data, "local.test|5|1|5|y|0||\n");
    sc_buf_free(&got);
    nntp_close(n);
}

static int keep_line(void *arg, struct sc_span line)
{
    sc_buf_addf(arg, "%.*s\n", (int)line.len, line.data);
    return 0;
}

static void other_lists_come_line_by_line(void **state)
{
    static const struct {
        const char *keyword, *lines;
    } all[] = {
        {"MOTD", "Welcome to the tests.\nThey are short.\n"},
        {"MODERATORS", "local.*:%s@simple.test\n"},
        {"DISTRIBUTIONS", "local\tHere only\n"},
        {"DISTRIB.PATS", "10:local.*:local\n"},
        {"SUBSCRIPTIONS", "local.test\nlocal.mod\n"},
        {"HEADERS", ":\n"},
        {"OVERVIEW.FMT", "Subject:\nFrom:\nDate:\nMessage-ID:\nReferences:\n"
                         "Bytes:\nLines:\nXref:full\nNewsgroups:full\n"},
    };
    NNTPClient *n = must_open(READER, plain());
    struct sc_buf got = SC_BUF(9999);

    (void)state;
    for (size_t i = 0; i < sizeof all / sizeof all[0]; i++) {
        got.len = 0;
        assert_int_equal(nntp_list(n, all[i].keyword, NULL, keep_line, &got),
                         0);
        assert_string_equal(got.data, all[i].lines);
    }
    assert_refused(n, nntp_list(n, "NONSENSE", NULL, keep_line, &got), 501);
    sc_buf_free(&got);
    nntp_close(n);
}

static void what_is_new_since_a_date(void **state)
{
    NNTPClient *n = must_open(READER, plain());
    struct sc_buf got = SC_BUF(9999);

    (void)state;
    assert_int_equal(nntp_newgroups(n, 1500000000, keep_group, &got), 0);
    assert_has(&got, "local.empty|0|1|0|y|0||\n");
    assert_null(strstr(got.data, "local.test"));
    assert_int_equal(times_said("> NEWGROUPS 20170714 024000 GMT"), 1);
    got.len = 0;
    assert_int_equal(
        nntp_newnews(n, "local.test", time(NULL) - 3600, keep_line, &got), 0);
    assert_has(&got, "<local.test.1@simple.test>\n");
    assert_has(&got, "<local.test.5@simple.test>\n");
    assert_null(strstr(got.data, "local.many"));
    got.len = 0;
    sc_buf_add(&got, "", 0);
    assert_int_equal(
        nntp_newnews(n, "local.test", time(NULL) + 3600, keep_line, &got), 0);
    assert_int_equal(got.len, 0);
    sc_buf_free(&got);
    nntp_close(n);
}

static void date_and_help(void **state)
{
    NNTPClient *n = must_open(READER, plain());
    struct sc_buf help = SC_BUF(99999);
    int64_t now;

    (void)state;
    assert_int_equal(nntp_date(n, &now), 0);
    assert_in_range(now, time(NULL) - 60, time(NULL) + 60);
    assert_int_equal(nntp_help(n, &help), 0);
    assert_has(&help, "ARTICLE [message-ID|number]");
    sc_buf_free(&help);
    nntp_close(n);
}

/* --- many --- */

struct count {
    uint64_t n, sum;
    bool wrong;
};

static int count_one(void *arg, const struct nntp_article *a)
{
    struct count *c = arg;
    char want[60];
    int len = snprintf(want, sizeof want, "article %d", (int)a->number);

    c->n++;
    c->sum += a->number;
    if (a->number != c->n || a->subject.len != (size_t)len ||
        memcmp(a->subject.data, want, a->subject.len) != 0)
        c->wrong = true;
    return 0;
}

static void ten_thousand_lines_of_overview(void **state)
{
    NNTPClient *n = open_in("local.many");
    struct count c = {0};

    (void)state;
    assert_int_equal(nntp_over(n, 1, 0, count_one, &c), 0);
    assert_int_equal(c.n, MANY);
    assert_false(c.wrong);
    assert_int_equal(c.sum, (uint64_t)MANY * (MANY + 1) / 2);
    assert_int_equal(nntp_stat(n, MANY, NULL), 0);
    nntp_close(n);
}

static int count_number(void *arg, uint64_t number)
{
    struct count *c = arg;

    c->wrong |= number != ++c->n;
    return 0;
}

static void ten_thousand_numbers(void **state)
{
    NNTPClient *n = must_open(READER, plain());
    struct count c = {0};

    (void)state;
    assert_int_equal(
        nntp_listgroup(n, "local.many", 0, 0, count_number, &c, NULL), 0);
    assert_int_equal(c.n, MANY);
    assert_false(c.wrong);
    nntp_close(n);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(over_gives_every_field),
    cmocka_unit_test(over_tells_the_bytes_of_an_article),
    cmocka_unit_test(over_takes_ranges),
    cmocka_unit_test(over_by_message_id_is_refused_where_it_is_not_offered),
    cmocka_unit_test(hdr_gives_one_field),
    cmocka_unit_test(list_active_gives_all_groups),
    cmocka_unit_test(lists_of_groups_tell_times_words_and_counts),
    cmocka_unit_test(other_lists_come_line_by_line),
    cmocka_unit_test(what_is_new_since_a_date),
    cmocka_unit_test(date_and_help),
    cmocka_unit_test(ten_thousand_lines_of_overview),
    cmocka_unit_test(ten_thousand_numbers),
};

int main(int argc, char **argv)
{
    return inn_main(__FILE__, tests, sizeof tests / sizeof tests[0], argc, argv,
                    start);
}
