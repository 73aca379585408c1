/* test_newsget.c - newsget as a program (the argument is the folder that it is
 * in), against a server in this one: what is printed and stored, what counts as
 * read, how groups are listed and articles posted. */
#include "main.h"

#include "newsget.h"

/* Without the From_ lines' dates. */
static void assert_mboxrd(const char *want)
{
    struct sc_buf all = SC_BUF(1 << 20);
    const char *p = program.out.data, *lf;

    sc_buf_add(&all, "", 0);
    for (; (lf = strchr(p, '\n')) != NULL; p = lf + 1) {
        if (strncmp(p, "From MAILER-DAEMON ", 19) == 0)
            sc_buf_addf(&all, "From_\n");
        else
            sc_buf_add(&all, p, (size_t)(lf - p) + 1);
    }
    assert_string_equal(all.data, want);
    sc_buf_free(&all);
}

static const char *file(const char *name)
{
    return scratch_path(&scratch, name);
}

/* --- overview --- */

static void the_overview_goes_to_stdout(void **state)
{
    (void)state;
    must(GET_PLAIN());
    assert_string_equal(program.out.data,
                        "1\tsubject\tme\tnow\t<1@peer>\t\t9\t1\n"
                        "2\tsubject\tme\tnow\t<2@peer>\t\t9\t1\n"
                        "3\tsubject\tme\tnow\t<3@peer>\t\t9\t1\n");
    assert_true(saw("QUIT\n"));
}

static void a_range_is_part_of_the_url(void **state)
{
    static const char *const all[] = {"/2-3", "/2-", "/2", "/9", "/"};
    static const int lines[] = {2, 2, 1, 0, 3};
    char name[300];

    (void)state;
    for (size_t i = 0; i < 5; i++) {
        int n = 0;

        snprintf(name, sizeof name, "%s%s", group_url, all[i]);
        if (i == 3)
            must_fail(RUN(name), 78, "no such article");
        else
            must(RUN(name));
        for (const char *p = program.out.data; *p; p++)
            n += *p == '\n';
        assert_int_equal(n, lines[i]);
    }
}

static void control_bytes_are_not_shown(void **state)
{
    (void)state;
    subject_of[2] = "red \x1b[31m \x7f b\xc3\xbcro";
    must(RUN(url("", "misc.test/2")));
    assert_string_equal(
        program.out.data,
        "2\tred ?[31m ? b\xc3\xbcro\tme\tnow\t<2@peer>\t\t9\t1\n");
}

static void what_is_younger_is_told_by_its_date(void **state)
{
    (void)state;
    date_of[1] = "Sun, 06 Nov 1994 08:49:37 GMT";
    date_of[2] = "Sat, 21 Nov 2020 08:49:37 +0100 (CET)";
    date_of[3] = "Sun, 22 Nov 2020 08:49:37 +0100";
    must(GET("--since", "2020-11-21 07:49:38"));
    assert_memory_equal(program.out.data, "3\t", 2);
    must(GET("--since", "1995-01-01", "-a"));
    assert_null(strstr(program.out.data, "X: 1\n"));
    assert_non_null(strstr(program.out.data, "X: 2\n"));
    assert_non_null(strstr(program.out.data, "X: 3\n"));
    must(GET("--since", "2w"));
    assert_int_equal(program.out.len, 0);
}

/* --- articles --- */

static void articles_are_an_mbox(void **state)
{
    (void)state;
    text_of[1] = "From: me\r\n\r\nFrom here\r\n>From there\r\nFrom\r\n.\r\n";
    text_of[2] = "A: b\r\n\r\n a\rb \r\r\n\xff\x80\r\n";
    must(GET("--articles"));
    assert_mboxrd("From_\nFrom: me\n\n>From here\n>>From there\nFrom\n.\n\n"
                  "From_\nA: b\n\n a\rb \r\n\xff\x80\n\n"
                  "From_\nSubject: test\n\n.dot\nX: 3\n\n");
}

static void an_mbox_gets_them_at_its_end(void **state)
{
    (void)state;
    must(GET("--mbox", file("mbox")));
    assert_int_equal(program.out.len, 0);
    sc_buf_free(&program.out);
    program.out = scratch_read(file("mbox"));
    assert_mboxrd("From_\nSubject: test\n\n.dot\nX: 1\n\n"
                  "From_\nSubject: test\n\n.dot\nX: 2\n\n"
                  "From_\nSubject: test\n\n.dot\nX: 3\n\n");
}

static void a_folder_gets_a_file_for_each(void **state)
{
    (void)state;
    must(GET("--dir", file("new")));
    assert_file(file("new/1"), "Subject: test\n\n.dot\nX: 1\n");
    assert_file(file("new/3"), "Subject: test\n\n.dot\nX: 3\n");
    assert_int_equal(scratch_count(file("new"), NULL), 3);
}

static void nothing_is_overwritten(void **state)
{
    (void)state;
    must(GET("--dir", file("d")));
    scratch_write(file("d/2"), "mine");
    must(RUN(url("", "misc.test/2"), "--dir", file("d")));
    assert_file(file("d/2"), "mine");
    assert_file(file("d/2.1"), "Subject: test\n\n.dot\nX: 2\n");
    assert_int_equal(scratch_count(file("d"), NULL), 4);
}

static int hidden_files(const char *folder)
{
    struct dirent *e;
    DIR *d = opendir(folder);
    int n = -2; /* . and .. */

    assert_non_null(d);
    while ((e = readdir(d)) != NULL)
        n += e->d_name[0] == '.';
    closedir(d);
    return n;
}

static void half_an_article_goes_nowhere(void **state)
{
    (void)state;
    news.dies_at = 2;
    news.dies = 99;
    must_fail(GET("--dir", file("d")), 18, "");
    assert_int_equal(scratch_count(file("d"), NULL), 1);
    assert_int_equal(hidden_files(file("d")), 0);
    news.dies = 99;
    must_fail(GET("--articles"), 18, "");
    assert_mboxrd("From_\nSubject: test\n\n.dot\nX: 1\n\n");
    news.dies = 1; /* it is asked for again */
    must(GET("--articles"));
}

static int count(const char *p, size_t n, char c)
{
    int found = 0;

    for (size_t i = 0; i < n; i++)
        found += p[i] == c;
    return found;
}

static void several_connections_do_not_mix(void **state)
{
    char *large = malloc(200003);
    int found = 0;

    (void)state;
    for (int i = 0; i < 200000; i++)
        large[i] = i % 50 == 48 ? '\r' : i % 50 == 49 ? '\n' : 'x';
    large[200000] = '\0';
    news.last = 200;
    for (int i = 1; i <= 4; i++)
        text_of[50 * i] = large;
    program.out.limit = 16 << 20;
    must(GET("-a", "-c", "4"));
    assert_int_equal(news.peer.connections, 4);
    for (const char *p = program.out.data; p != NULL && *p; found++) {
        const char *next = strstr(p, "\n\nFrom MAILER-DAEMON ");
        size_t n = next != NULL ? (size_t)(next - p) : strlen(p);

        assert_memory_equal(p, "From MAILER-DAEMON ", 19);
        if (memmem(p, n, "xxx", 3) != NULL)
            assert_int_equal(count(p, n, 'x'), 192000);
        p = next != NULL ? next + 2 : NULL;
    }
    assert_int_equal(found, 200);
    free(large);
}

static void what_is_missing_is_asked_for_elsewhere(void **state)
{
    static struct news_peer other;
    char backup[100];

    (void)state;
    news_peer_start(&other, 1, 3);
    news.state[2] = NEWS_CANCELLED;
    snprintf(backup, sizeof backup, "nntp://127.0.0.1:%d/",
             sc_listener_port(other.peer.listener));
    must(GET("-a", "--backup", backup));
    assert_mboxrd("From_\nSubject: test\n\n.dot\nX: 1\n\n"
                  "From_\nSubject: test\n\n.dot\nX: 3\n\n"
                  "From_\nSubject: test\n\n.dot\nX: 2\n\n");
    must_fail(GET("-a", "--backup", "http://127.0.0.1/"), 2, "--backup");
    nntp_peer_stop(&other.peer);
}

static void it_goes_compressed(void **state)
{
    (void)state;
    news.peer.caps = "VERSION 2\nREADER\nOVER\nCOMPRESS DEFLATE\n";
    must(GET("--compress"));
    assert_int_equal(saw("COMPRESS DEFLATE\n"),
                     sc_coding_known(SC_CODING_DEFLATE));
    assert_memory_equal(program.out.data, "1\tsubject", 9);
}

/* --- newsrc --- */

static void only_what_is_not_read_is_fetched(void **state)
{
    (void)state;
    scratch_write(file("rc"), "options -n\nother: 1-5\nmisc.test: 1-2\nlast!");
    chmod(file("rc"), 0640);
    must(GET("--newsrc", file("rc"))); /* an overview is not reading */
    assert_memory_equal(program.out.data, "3\t", 2);
    must(GET("--newsrc", file("rc"), "-a"));
    assert_mboxrd("From_\nSubject: test\n\n.dot\nX: 3\n\n");
    assert_file(file("rc"), "options -n\nother: 1-5\nmisc.test: 1-3\nlast!");
    must(GET("--newsrc", file("rc"), "-a"));
    assert_int_equal(program.out.len, 0);
    news.last = 4;
    must(GET("--newsrc", file("rc"), "-a"));
    assert_mboxrd("From_\nSubject: test\n\n.dot\nX: 4\n\n");
    assert_int_equal(hidden_files(scratch.dir), 0);
    assert_int_equal(scratch_count(scratch.dir, NULL), 1);
}

static void a_newsrc_is_made_and_links_stay(void **state)
{
    struct stat st;

    (void)state;
    must(GET("--newsrc", file("rc"), "-a"));
    assert_file(file("rc"), "misc.test: 1-3\n");
    scratch_write(file("real"), "misc.test! 1");
    assert_int_equal(symlink("real", file("link")), 0);
    must(GET("--newsrc", file("link"), "-a"));
    assert_int_equal(lstat(file("link"), &st), 0);
    assert_true(S_ISLNK(st.st_mode));
    assert_file(file("real"), "misc.test! 1-3");
}

static void holes_are_fetched_by_their_names(void **state)
{
    (void)state;
    news.last = 9;
    news.state[5] = NEWS_GONE;
    scratch_write(file("rc"), "misc.test: 1,3-4, 7\n");
    must(GET("--newsrc", file("rc"), "--dir", file("d")));
    assert_int_equal(scratch_count(file("d"), NULL), 4);
    assert_file(file("d/2"), "Subject: test\n\n.dot\nX: 2\n");
    assert_file(file("d/8"), "Subject: test\n\n.dot\nX: 8\n");
    assert_false(saw("ARTICLE <7@peer>"));
    assert_file(file("rc"), "misc.test: 1-9\n");
}

static void what_was_stored_before_the_end_is_read(void **state)
{
    (void)state;
    news.dies_at = 2;
    news.dies = 99;
    must_fail(GET("-a", "--newsrc", file("rc")), 18, "");
    assert_file(file("rc"), "misc.test: 1\n");
    news.dies = 0;
    must(GET("-a", "--newsrc", file("rc")));
    assert_mboxrd("From_\nSubject: test\n\n.dot\nX: 2\n\n"
                  "From_\nSubject: test\n\n.dot\nX: 3\n\n");
}

static void what_is_listed_but_gone_is_read(void **state)
{
    (void)state;
    news.state[3] = NEWS_CANCELLED;
    must(GET("-a", "--newsrc", file("rc")));
    assert_file(file("rc"), "misc.test: 1-3\n");
    news.last = 4;
    news.state[4] = NEWS_CANCELLED;
    must_fail(GET("-a", "--newsrc", file("rc")), 78, "not there");
    must(GET("-a", "--newsrc", file("rc")));
    assert_file(file("rc"), "misc.test: 1-4\n");
}

static void numbers_that_began_anew_are_told(void **state)
{
    (void)state;
    scratch_write(file("rc"), "misc.test: 1-500\n");
    assert_int_equal(GET("-a", "--newsrc", file("rc")), 0);
    assert_non_null(strstr(program.err.data, "the last one is 3\n"));
    assert_file(file("rc"), "misc.test: 1-500\n");
}

static void a_full_disk_is_23_and_nothing_is_read(void **state)
{
    char *large = malloc(100001);

    (void)state;
    memset(large, 'x', 100000);
    snprintf(large + 99998, 3, "\r\n");
    text_of[2] = large;
    scratch_disk(50000);
    must_fail(GET("--dir", file("d"), "--newsrc", file("rc")), 23, "large");
    must_fail(GET("--mbox", file("mbox"), "--newsrc", file("rc2")), 23, "mbox");
    scratch_disk(RLIM_INFINITY);
    assert_int_equal(scratch_count(file("d"), NULL), 1);
    assert_int_equal(hidden_files(file("d")), 0);
    assert_file(file("rc"), "misc.test: 1\n");
    assert_file(file("rc2"), "misc.test: 1\n");
    free(large);
}

static void a_range_marks_only_itself(void **state)
{
    (void)state;
    must(RUN(url("", "misc.test/2-2"), "-a", "--newsrc", file("rc")));
    assert_file(file("rc"), "misc.test: 2\n");
    must(RUN(url("", "misc.test/3-9"), "-a", "--newsrc", file("rc")));
    assert_file(file("rc"), "misc.test: 2-3\n");
    must(GET("-a", "--since", "1d", "--newsrc", file("rc")));
    assert_file(file("rc"), "misc.test: 1-3\n");
}

static void what_is_no_newsrc_is_26(void **state)
{
    static const char *const all[] = {"misc.test: 1-x\n", "misc.test: 9-1\n",
                                      "misc.test: 1 2\n", "misc.test: -5\n",
                                      "misc.test: 99999999999999999999\n"};

    (void)state;
    for (size_t i = 0; i < sizeof all / sizeof all[0]; i++) {
        scratch_write(file("rc"), all[i]);
        must_fail(GET("-a", "--newsrc", file("rc")), 26, "misc.test");
        assert_file(file("rc"), all[i]);
    }
    must_fail(GET("-a", "--newsrc", scratch.dir), 26, scratch.dir);
    assert_int_equal(news.peer.connections, 0);
    must_fail(GET("-a", "--newsrc", "/nonexistent/rc"), 23, "/nonexistent/rc");
}

/* --- lists --- */

static void groups_are_listed(void **state)
{
    (void)state;
    peer_says(&news.peer, "LIST NEWSGROUPS",
              "215 list\r\nmisc.test\tTests \x1b and more\r\n.");
    peer_says(&news.peer, "LIST ACTIVE",
              "215 list\r\nmisc.test 0000000009 0000000001 y\r\n"
              "misc.none 0 1 m\r\n.");
    must(RUN("--list", url("", "")));
    assert_string_equal(program.out.data,
                        "misc.test\t1\t9\ty\tTests ? and more\n"
                        "misc.none\t1\t0\tm\t\n");
    must(RUN("--list", "misc.*", url("", "")));
    assert_true(saw("LIST ACTIVE misc.*\n"));
    assert_true(saw("LIST NEWSGROUPS misc.*\n"));
    must(RUN("-l", url("", "misc.test")));
    assert_true(saw("LIST ACTIVE misc.test\n"));
}

static void new_groups_are_listed(void **state)
{
    (void)state;
    peer_says(&news.peer, "NEWGROUPS 20201121 074938 GMT",
              "231 list\r\nmisc.new 5 1 y\r\n.");
    must(RUN("--list", "--since", "2020-11-21 07:49:38", url("", "")));
    assert_string_equal(program.out.data, "misc.new\t1\t5\ty\t\n");
}

static void a_list_that_is_cut_or_nonsense_is_told(void **state)
{
    (void)state;
    peer_says(&news.peer, "LIST NEWSGROUPS", "503 no");
    peer_says(&news.peer, "LIST ACTIVE a*", "!215 list\r\nmisc.test 9 1 y");
    peer_says(&news.peer, "LIST ACTIVE b*", "215 list\r\nmisc.test x 1 y\r\n.");
    peer_says(&news.peer, "LIST ACTIVE c*", "503 not here");
    must_fail(RUN("--list", "a*", url("", "")), 18, "");
    must_fail(RUN("--list", "b*", url("", "")), 8, "");
    must_fail(RUN("--list", "c*", url("", "")), 8, "503 not here");
    must_fail(RUN("--list", "a b", url("", "")), 2, "");
}

/* --- posts --- */

static void an_article_is_posted(void **state)
{
    static const char text[] =
        "From: a@b.c\nNewsgroups: misc.test\nSubject: x\n"
        "Message-ID: <new@b.c>\n\n.dot\n";

    (void)state;
    for (int i = 0; i < 2; i++) {
        program.in = sc_span_of(text);
        program.in_file = i == 1;
        must(RUN("--post", url("", "")));
        assert_int_equal(news.peer.posted, i + 1);
        assert_non_null(strstr(news.peer.post.data, "\n.dot"));
        assert_int_equal(program.out.len, 0);
    }
}

static void a_post_has_three_ends(void **state)
{
    (void)state;
    program.in = sc_span_of("Subject: x\nMessage-ID: <a@b>\n\nx\n");
    peer_says(&news.peer, "POST", "440 not you");
    must_fail(RUN("--post", url("", "")), 55, "440 not you");
    news.peer.n_rules = 0;
    post_dies = true;
    program.in = sc_span_of("Subject: x\nMessage-ID: <a@b>\n\nx\n");
    must_fail(RUN("--post", url("", "")), 91, "");
    assert_int_equal(news.peer.posted, 1);
    news.peer.greeting = NULL;
    program.in = sc_span_of("no header\n");
    must_fail(RUN("--post", url("", "")), 2, "");
    must_fail(RUN("--post", group_url), 2, "--post");
}

static const struct CMUnitTest tests[] = {
    TEST(the_overview_goes_to_stdout),
    TEST(a_range_is_part_of_the_url),
    TEST(control_bytes_are_not_shown),
    TEST(what_is_younger_is_told_by_its_date),
    TEST(articles_are_an_mbox),
    TEST(an_mbox_gets_them_at_its_end),
    TEST(a_folder_gets_a_file_for_each),
    TEST(nothing_is_overwritten),
    TEST(half_an_article_goes_nowhere),
    TEST(several_connections_do_not_mix),
    TEST(what_is_missing_is_asked_for_elsewhere),
    TEST(it_goes_compressed),
    TEST(only_what_is_not_read_is_fetched),
    TEST(a_newsrc_is_made_and_links_stay),
    TEST(holes_are_fetched_by_their_names),
    TEST(what_was_stored_before_the_end_is_read),
    TEST(what_is_listed_but_gone_is_read),
    TEST(numbers_that_began_anew_are_told),
    TEST(a_full_disk_is_23_and_nothing_is_read),
    TEST(a_range_marks_only_itself),
    TEST(what_is_no_newsrc_is_26),
    TEST(groups_are_listed),
    TEST(new_groups_are_listed),
    TEST(a_list_that_is_cut_or_nonsense_is_told),
    TEST(an_article_is_posted),
    TEST(a_post_has_three_ends),
};

int main(int argc, char **argv)
{
    return newsget_main(__FILE__, tests, sizeof tests / sizeof tests[0], argc,
                        argv);
}
