/* test_inn_newsget.c - newsget as a program (the argument is the folder that it
 * is in) with a real INN: overview, articles, logins, lists, a newsrc, posts,
 * yEnc. Skipped (77) without INN. */
#include "main.h"

#include "../loopback/program.h"
#include "../loopback/scratch.h"
#include "inn_feed.h"

#include <simpleclient/nntp.h>

enum { FED = 300 };

static char path[512];
static struct program program = {.path = path};
static struct certs certs;
static struct inn inn;
static struct scratch scratch;

/* --- the fixture --- */

static int start(void **state)
{
    (void)state;
    scratch = scratch_new();
    if (certs_make(&certs) < 0 || inn_start(&inn, &certs) < 0)
        return -1;
    if (inn_feed(&inn, "local.many", 1, FED) < 0)
        return -1;
    return inn_feed(&inn, "private.test", 1, 2);
}

static int stop(void **state)
{
    (void)state;
    program_free(&program);
    inn_stop(&inn);
    scratch_free(&scratch);
    certs_remove(&certs);
    return 0;
}

static const char *url(int port, const char *login, const char *tail)
{
    static char text[4][300];
    static int next;

    next = (next + 1) % 4;
    snprintf(text[next], sizeof text[next], "%s%s", inn_url(&inn, port, login),
             tail);
    return text[next];
}

static const char *file(const char *name)
{
    return scratch_path(&scratch, name);
}

#define GET(...)                                                               \
    program_run(&program, (const char *const[]){"newsget", "--cacert",         \
                                                certs.ca, __VA_ARGS__, NULL})

static void must(int code)
{
    if (code != 0 || program.err.len > 0)
        fail_msg("exit code %d: %s", code, program.err.data);
}

static void must_fail(int code, int want, const char *words)
{
    if (code != want || strstr(program.err.data, words) == NULL)
        fail_msg("exit code %d, not %d with \"%s\": %s", code, want, words,
                 program.err.data);
}

/* How often TEXT is on stdout. */
static int times(const char *text)
{
    int n = 0;

    for (const char *p = program.out.data; (p = strstr(p, text)) != NULL; p++)
        n++;
    return n;
}

/* --- reading --- */

static void the_overview_has_a_line_for_each(void **state)
{
    (void)state;
    must(GET(url(READER, "", "local.many")));
    assert_int_equal(times("\n"), FED);
    assert_memory_equal(program.out.data,
                        "1\tarticle 1\tbob <bob@simple.test>\t", 34);
    assert_non_null(
        strstr(program.out.data, "\n7\tarticle 7\tbob <bob@simple.test>\t"));
    assert_non_null(strstr(program.out.data, "\t<local.many.7@simple.test>\t"
                                             "<local.many.6@simple.test>\t"));
    must(GET("--compress", url(READER, "", "local.many/10-19")));
    assert_int_equal(times("\n"), 10);
    must(GET(url(READER, "", "local.empty")));
    assert_int_equal(program.out.len, 0);
    must_fail(GET(url(READER, "", "local.nowhere")), 78, "411");
}

static void articles_come_by_several_connections(void **state)
{
    char text[100];

    (void)state;
    must(GET("-c", "4", "--dir", file("many"), "--compress",
             url(NNTPS, "", "local.many")));
    assert_int_equal(scratch_count(file("many"), NULL), FED);
    for (int i = 1; i <= FED; i += 37) {
        struct sc_buf b;

        snprintf(text, sizeof text, "many/%d", i);
        b = scratch_read(file(text));
        snprintf(text, sizeof text,
                 "\n\nline one of %d\n.dot\n..dots\n.\nend\n", i);
        assert_non_null(b.data);
        assert_string_equal(strstr(b.data, "\n\n"), text);
        sc_buf_free(&b);
    }
    must(
        GET("-a", "-c", "3", "--starttls", url(READER, "", "local.many/1-50")));
    assert_int_equal(times("From MAILER-DAEMON "), 50);
}

static void what_is_younger_is_fetched(void **state)
{
    (void)state;
    must(GET("--since", "1h", url(READER, "", "local.many/1-5")));
    assert_int_equal(times("\n"), 5);
    must(GET("--since", "2090-01-01", "-a", url(READER, "", "local.many")));
    assert_int_equal(program.out.len, 0);
}

static void a_private_group_wants_a_login(void **state)
{
    (void)state;
    must_fail(GET(url(READER, "", "private.test")), 67, "480");
    must(GET(url(READER, "joe:secret@", "private.test")));
    assert_int_equal(times("\n"), 2);
    must(GET("--auth", "USER", "--passwordeval", "echo secret",
             url(NNTPS, "joe@", "private.test")));
    assert_int_equal(times("\n"), 2);
    must_fail(GET(url(READER, "joe:wrong@", "private.test")), 67, "481");
    if (!inn.sasl)
        return;
    must(GET("--auth", "SCRAM-SHA-256 PLAIN DIGEST-MD5 CRAM-MD5", "--starttls",
             url(READER, "amy:pass%20%22word%22%20of%20amy@", "private.test")));
}

static void new_ones_are_told_by_a_newsrc(void **state)
{
    (void)state;
    assert_int_equal(inn_feed(&inn, "local.test", 1, 3), 0);
    must(GET("-a", "--newsrc", file("rc"), url(READER, "", "local.test")));
    assert_int_equal(times("Subject: article "), 3);
    must(GET("-a", "--newsrc", file("rc"), url(READER, "", "local.test")));
    assert_int_equal(program.out.len, 0);
    assert_int_equal(inn_feed(&inn, "local.test", 4, 4), 0);
    must(GET("-a", "--newsrc", file("rc"), url(READER, "", "local.test")));
    assert_int_equal(times("Subject: article "), 1);
    scratch_write(file("rc"), "local.many: 2-10,12-299\n");
    must(GET("-a", "-c", "2", "--newsrc", file("rc"),
             url(READER, "", "local.many")));
    assert_int_equal(times("Subject: article "), 3);
    sc_buf_free(&program.out);
    program.out = scratch_read(file("rc"));
    assert_string_equal(program.out.data, "local.many: 1-300\n");
}

/* --- lists --- */

static void groups_are_listed(void **state)
{
    (void)state;
    must(GET("--list", url(READER, "", "")));
    assert_non_null(strstr(program.out.data, "local.many\t1\t300\ty\t\n"));
    assert_null(strstr(program.out.data, "private.test"));
    must(GET("--list", "*.test", url(READER, "joe:secret@", "")));
    assert_non_null(
        strstr(program.out.data, "\ty\tA group for tests \xc3\xbc\n"));
    must(GET("--list", "local.m*", url(READER, "", "")));
    assert_int_equal(times("\n"), 2);
    must(GET("--list", "--since", "2015-01-01", url(READER, "", "")));
    assert_int_equal(times("local.empty\t"), 1);
    assert_int_equal(times("local.test\t"), 0);
}

static void the_server_shows_what_it_has(void **state)
{
    (void)state;
    must(GET("--serverinfo", url(READER, "", "")));
    assert_non_null(strstr(program.out.data, "TLS: TLSv1.3"));
    assert_non_null(strstr(program.out.data, "greeting: 200 "));
    assert_non_null(strstr(program.out.data, "\n  READER\n"));
    must_fail(
        program_run(&program, (const char *const[]){"newsget", "--serverinfo",
                                                    url(NNTPS, "", ""), NULL}),
        60, "certificate");
}

/* --- posting --- */

static const char head[] = "From: amy@simple.test\nSubject: greetings\n";

static void what_is_posted_comes_back(void **state)
{
    char text[400];

    (void)state;
    snprintf(text, sizeof text,
             "%sNewsgroups: local.test\nMessage-ID: <%d@newsget.test>\n\n"
             "From here\n.\n..\n\xff\xfe 8 bits\n",
             head, (int)getpid());
    program.in = sc_span_of(text);
    must(GET("--post", url(READER, "", "")));
    must(GET("-a", url(READER, "", "local.test")));
    assert_non_null(
        strstr(program.out.data, "\n\n>From here\n.\n..\n\xff\xfe 8 bits\n\n"));
    program.in = sc_span_of(text); /* again: the server has it */
    must_fail(GET("--post", url(READER, "", "")), 55, "441");
    snprintf(text, sizeof text, "%sNewsgroups: local.closed\n\nx\n", head);
    program.in = sc_span_of(text);
    must_fail(GET("--post", url(READER, "", "")), 55, "441");
    program.in = sc_span_of(text);
    must_fail(GET("--post", url(READER, "max:secret@", "")), 55, "");
}

static void a_file_goes_out_and_comes_back_as_yenc(void **state)
{
    static char data[20000];
    struct sc_buf text = SC_BUF(1 << 20), got;

    (void)state;
    for (size_t i = 0; i < sizeof data; i++)
        data[i] = (char)(i * i >> 3);
    for (uint32_t part = 2; part >= 1; part--) {
        struct nntp_yenc y = {.name = "squares.bin",
                              .size = sizeof data,
                              .part = part,
                              .total = 2};

        y.begin = (part - 1) * (sizeof data / 2);
        y.end = y.begin + sizeof data / 2;
        text.len = 0;
        sc_buf_addf(&text, "%sNewsgroups: local.shapes\n\n", head);
        assert_int_equal(
            nntp_yenc_encode(&text, &y, data + y.begin, sizeof data / 2), 0);
        program.in = (struct sc_span){text.data, text.len};
        program.in_file = true;
        must(GET("--post", url(READER, "", "")));
    }
    program.in_file = false;
    program.in = sc_span_of("");
    must(GET("--yenc", "--dir", file("y"), url(READER, "", "local.shapes")));
    got = scratch_read(file("y/squares.bin"));
    assert_int_equal(got.len, sizeof data);
    assert_memory_equal(got.data, data, sizeof data);
    sc_buf_free(&got);
    sc_buf_free(&text);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(the_overview_has_a_line_for_each),
    cmocka_unit_test(articles_come_by_several_connections),
    cmocka_unit_test(what_is_younger_is_fetched),
    cmocka_unit_test(a_private_group_wants_a_login),
    cmocka_unit_test(new_ones_are_told_by_a_newsrc),
    cmocka_unit_test(groups_are_listed),
    cmocka_unit_test(the_server_shows_what_it_has),
    cmocka_unit_test(what_is_posted_comes_back),
    cmocka_unit_test(a_file_goes_out_and_comes_back_as_yenc),
};

int main(int argc, char **argv)
{
    if (argc < 2 || argv[1][0] == '-') {
        fprintf(stderr, "usage: %s PROGRAMS [-l | -f PATTERN]\n", argv[0]);
        return 2;
    }
    snprintf(path, sizeof path, "%s/newsget", argv[1]);
    if (argc == 2 && !inn_installed()) {
        puts("no INN, or no namespaces");
        return 77;
    }
    return test_main(__FILE__, tests, sizeof tests / sizeof tests[0], argc - 1,
                     argv + 1, start, stop);
}
