/* test_url_ftp.c - ftp: URLs (RFC 1738 section 3.2) from open to close: paths,
 * types, folders, storing, what is known, the pool. */
#include "main.h"

#include <stdlib.h>
#include <unistd.h>

#include <simpleclient/url.h>

#include "client/pool.h"
#include "ftp_peer.h"

#define TEXT "0123456789abcdef\r\n"

static struct ftp_peer peer;
static struct sc_options usual = {
    .starttls = SC_STARTTLS_NEVER, .wait_ms = 3000, .connect_ms = 3000};
static struct url_options opt;
static struct url_reply r;

static int begin(void **state)
{
    (void)state;
    ftp_peer_start(&peer, TEXT);
    opt = (struct url_options){.options = &usual};
    memset(&r, 0, sizeof r);
    return 0;
}

static int end(void **state)
{
    (void)state;
    url_reply_free(&r);
    ftp_peer_stop(&peer);
    return 0;
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, begin, end)

/* PATH behind "ftp://host:port". */
static const char *url_of(const char *path)
{
    static char url[300];

    snprintf(url, sizeof url, "%.*s%s", (int)(strlen(peer.url) - 5), peer.url,
             path);
    return url;
}

static int get(const char *path)
{
    return url_get(url_of(path), &opt, &r);
}

static void assert_gets(const char *path, const char *text)
{
    if (get(path) < 0)
        fail_msg("%s: %s", path, r.error.text);
    assert_string_equal(r.body.data, text);
}

/* --- files --- */

static void a_file_comes_with_what_is_known_of_it(void **state)
{
    (void)state;
    opt.flags = URL_HEAD;
    assert_gets("/a/b.html", "");
    assert_int_equal(r.size, strlen(TEXT));
    assert_int_equal(r.mtime, 1769903999); /* 2026-01-31 23:59:59 */
    assert_string_equal(r.type, "text/html");
    assert_string_equal(sc_fields_get(&r.fields, "Content-Length", ""), "18");
    assert_string_equal(sc_fields_get(&r.fields, "Last-Modified", ""),
                        "Sat, 31 Jan 2026 23:59:59 GMT");
    assert_false(peer_saw(&peer, "RETR"));
    opt.flags = 0;
    assert_gets("/a/b.html", TEXT);
    assert_int_equal(r.size, strlen(TEXT));
    assert_int_equal(r.status, 0);
    assert_false(r.directory);
}

static void who_logs_in_is_not_told(void **state)
{
    char url[200];

    (void)state;
    snprintf(url, sizeof url, "ftp://joe%%40x:p%%2Fw@%s", peer.url + 6);
    assert_int_equal(url_get(url, &opt, &r), 0);
    assert_true(peer_saw(&peer, "USER joe@x\nPASS p/w\n"));
    assert_string_equal(r.url, peer.url);
}

static void each_path_is_said_as_it_must_be(void **state)
{
    static const struct {
        const char *path, *said;
    } paths[] = {
        {"/f", "RETR f\n"},
        {"/a/b/f", "RETR a/b/f\n"},
        {"/a%20b/f%23", "RETR a b/f#\n"},
        {"/%2Fetc/f", "RETR /etc/f\n"},
        {"//etc/f", "RETR /etc/f\n"},
        {"/a//f", "RETR a/f\n"},
        {"/a%2Fb", "RETR a/b\n"},
        {"/f;type=i", "RETR f\n"},
        {"/f;TYPE=I", "RETR f\n"},
        {"/-f", "RETR -f\n"},
        {"/f?x", "RETR f?x\n"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof paths / sizeof *paths; i++) {
        peer.log.len = 0;
        assert_gets(paths[i].path, TEXT);
        if (!peer_saw(&peer, paths[i].said))
            fail_msg("%s: %s", paths[i].path, peer.log.data);
    }
}

static void folders_are_changed_to_as_one_likes(void **state)
{
    static const struct {
        int cwd;
        const char *path, *said;
    } ways[] = {
        {FTP_MULTI_CWD, "/a/b/f", "CWD a\nCWD b\nTYPE I\nSIZE f\n"},
        {FTP_SINGLE_CWD, "/a/b/f", "CWD a/b\nTYPE I\nSIZE f\n"},
        {FTP_MULTI_CWD, "/%2Fa/f", "CWD /a\nTYPE I\nSIZE f\n"},
        {FTP_MULTI_CWD, "//a/f", "CWD /\nCWD a\nTYPE I\nSIZE f\n"},
        {FTP_SINGLE_CWD, "//a/f", "CWD /a\nTYPE I\nSIZE f\n"},
        {FTP_MULTI_CWD, "/f", "PASS ftp@example.com\nTYPE I\nSIZE f\n"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof ways / sizeof *ways; i++) {
        const struct ftp_options how = {.cwd = ways[i].cwd};

        opt.ftp = &how;
        peer.log.len = 0;
        assert_gets(ways[i].path, TEXT);
        if (!peer_saw(&peer, ways[i].said))
            fail_msg("%s: %s", ways[i].path, peer.log.data);
    }
}

static void commands_stand_where_they_are_wanted(void **state)
{
    static const char *const before[] = {"SITE before", NULL},
                             *const ready[] = {"*DELE ready", NULL},
                             *const after[] = {"SITE after", NULL},
                             *const evil[] = {"NOOP\r\nDELE x", NULL};
    struct ftp_options how = {
        .before = before, .ready = ready, .after = after, .cwd = FTP_MULTI_CWD};

    (void)state;
    opt.ftp = &how;
    peer_says(&peer, "DELE", "550 no");
    assert_gets("/a/f", TEXT);
    assert_non_null(strstr(peer.log.data, "SITE before\nCWD a\nDELE ready\n"));
    assert_non_null(strstr(peer.log.data, "RETR f\nSITE after\nQUIT\n"));
    how.before = evil;
    assert_int_equal(get("/a/f"), SC_EINVAL);
    peer_says(&peer, "SITE after", "500 no");
    how.before = before;
    assert_int_equal(get("/a/f"), SC_EREPLY);
}

static void text_is_asked_for_as_text(void **state)
{
    (void)state;
    assert_gets("/f;type=a", TEXT);
    assert_true(peer_saw(&peer, "TYPE A\n"));
    assert_false(peer_saw(&peer, "SIZE")); /* of another type */
    assert_int_equal(r.size, -1);
    peer.log.len = 0;
    assert_gets("/f", TEXT);
    assert_true(peer_saw(&peer, "TYPE I\n"));
    opt.flags = URL_ASCII;
    peer.log.len = 0;
    assert_gets("/f", TEXT);
    assert_true(peer_saw(&peer, "TYPE A\n"));
}

static void a_part_of_a_file(void **state)
{
    (void)state;
    opt.offset = 10;
    assert_gets("/f", TEXT + 10);
    assert_int_equal(r.size, 8);
    opt.count = 3;
    assert_gets("/f", "abc");
    assert_int_equal(r.size, 3);
    opt.offset = 18;
    opt.count = 0;
    assert_gets("/f", "");
    opt.offset = 19;
    assert_int_equal(get("/f"), SC_EINVAL);
}

/* --- never short --- */

static void short_data_is_no_success(void **state)
{
    (void)state;
    peer.cut_data = 5;
    peer.begin = "150 here"; /* SIZE alone tells */
    assert_int_equal(get("/f"), SC_ESHORT);
    assert_string_equal(r.body.data, "01234");
    peer.begin = NULL;
    assert_int_equal(get("/f"), SC_ESHORT);
    peer_says(&peer, "SIZE", "502 no"); /* 150 alone tells */
    assert_int_equal(get("/f"), SC_ESHORT);
    opt.offset = 10;
    assert_int_equal(get("/f"), SC_ESHORT);
}

static void more_than_was_promised_is_no_success(void **state)
{
    (void)state;
    peer_says(&peer, "SIZE", "213 4");
    peer.begin = "150 here";
    assert_int_equal(get("/f"), SC_EPROTO);
}

static void refusals_are_told(void **state)
{
    (void)state;
    peer_says(&peer, "SIZE", "550 no such file");
    peer_says(&peer, "RETR", "550 no such file");
    assert_int_equal(get("/f"), SC_EREPLY);
    assert_int_equal(r.error.status, 550);
    assert_non_null(strstr(r.error.text, "550 no such file"));
    peer.n_rules = 0;
    peer.end = "451 disk";
    assert_int_equal(get("/f"), SC_EREPLY);
    assert_int_equal(r.error.status, 451);
}

static void what_the_server_says_as_a_size_must_be_one(void **state)
{
    (void)state;
    peer_says(&peer, "SIZE", "213 99999999999999999999");
    assert_int_equal(get("/f"), SC_EPROTO);
    peer.n_rules = 0;
    peer_says(&peer, "SIZE", "213 -1");
    assert_int_equal(get("/f"), SC_EPROTO);
}

/* The whole has its time, data too. */
static void there_is_a_time_for_all(void **state)
{
    struct sc_options o = usual;
    int64_t begun = sc_now();

    (void)state;
    o.total_ms = 200;
    opt.options = &o;
    peer.stalls = true;
    assert_int_equal(get("/f"), SC_ETIMEDOUT);
    assert_in_range(sc_now() - begun, 150, 1500);
}

static void data_that_drips_has_an_end(void **state)
{
    struct sc_options o = usual;
    int64_t begun = sc_now();

    (void)state;
    o.stall_ms = 200;
    opt.options = &o;
    peer.stalls = true;
    assert_int_equal(get("/f"), SC_ETIMEDOUT);
    assert_in_range(sc_now() - begun, 150, 2500);
}

/* --- folders --- */

static void a_folder_is_a_list_of_lines(void **state)
{
    (void)state;
    peer.list = "-rw-r--r-- 1 joe users 120 Jan 31 2025 one\r\n";
    peer.names = "one\r\n";
    assert_gets("/", peer.list);
    assert_true(r.directory);
    assert_true(peer_saw(&peer, "LIST\n"));
    assert_gets("/sub/", peer.list);
    assert_true(peer_saw(&peer, "LIST sub\n"));
    assert_gets("/sub;type=d", peer.list);
    assert_gets("/-R/", peer.list);
    assert_true(peer_saw(&peer, "LIST ./-R\n"));
    opt.flags = URL_NAMES;
    assert_gets("/sub/", "one\r\n");
    assert_true(peer_saw(&peer, "NLST sub\n"));
    opt.offset = 1;
    assert_int_equal(get("/sub/"), SC_ENOTSUP);
}

static void a_folder_that_is_not_there_is_told_without_data_too(void **state)
{
    (void)state;
    opt.flags = URL_HEAD;
    peer_says(&peer, "CWD none", "550 no such folder");
    assert_int_equal(get("/none/"), SC_EREPLY);
    assert_gets("/there/", "");
    peer.log.len = 0;
    opt.flags = 0;
    assert_gets("/f", TEXT);
    assert_true(peer_saw(&peer, "USER")); /* not from that folder */
}

struct seen {
    int n;
    char text[600];
};

static int see(void *arg, const struct url_entry *e)
{
    struct seen *s = arg;
    size_t had = strlen(s->text);
    const char *slash = e->url != NULL ? strchr(e->url + 6, '/') : "-";

    s->n++;
    snprintf(s->text + had, sizeof s->text - had, "%c|%s|%s|%lld|%lld|%s\n",
             e->kind, e->name, slash, (long long)e->size, (long long)e->mtime,
             e->target != NULL ? e->target : "-");
    return 0;
}

static void a_folder_is_a_list_of_records(void **state)
{
    struct seen s = {0};

    (void)state;
    peer.features = " MLST type*;size*;modify*;\n";
    peer.facts = "type=cdir; .\r\n"
                 "type=file;size=5;modify=20260131235959; a b%\r\n"
                 "type=dir; d\r\n"
                 "type=file;size=1; ../evil\r\n"
                 "type=OS.unix=slink:/x; to\r\n";
    assert_int_equal(url_list(url_of("/sub"), &opt, see, &s, NULL), 0);
    assert_string_equal(s.text, "f|a b%|/sub/a%20b%25|5|1769903999|-\n"
                                "d|d|/sub/d/|-1|-1|-\n"
                                "f|../evil|-|1|-1|-\n"
                                "l|to|/sub/to|-1|-1|/x\n");
    assert_true(peer_saw(&peer, "MLSD sub\n"));
}

/* --- storing --- */

static void stored(void **state)
{
    struct mail_source from = {.data = SC_SPAN("hello")};

    (void)state;
    assert_int_equal(url_put(url_of("/a/new"), &from, &opt, &r), 0);
    assert_true(peer_saw(&peer, "STOR a/new\n"));
    assert_int_equal(peer.stored.len, 5);
    opt.flags = URL_APPEND;
    assert_int_equal(url_put(url_of("/a/new"), &from, &opt, NULL), 0);
    assert_true(peer_saw(&peer, "APPE a/new\n"));
    opt.flags = 0;
    opt.offset = 7;
    assert_int_equal(url_put(url_of("/a/new"), &from, &opt, NULL), 0);
    assert_true(peer_saw(&peer, "REST 7\nSTOR a/new\n"));
    assert_int_equal(peer.whole, 3);
    assert_int_equal(peer.connections, 1);
    opt.offset = 0;
    assert_int_equal(url_put(url_of("/a/"), &from, &opt, &r), SC_EURL);
}

static void stored_from_a_file(void **state)
{
    char name[] = "/tmp/sc-url-ftp-XXXXXX";
    struct mail_source from = {.fd = mkstemp(name), .offset = 3};

    (void)state;
    unlink(name);
    assert_int_equal(write(from.fd, "0123456789", 10), 10);
    assert_int_equal(url_put(url_of("/new"), &from, &opt, NULL), 0);
    assert_memory_equal(peer.stored.data, "3456789", 7);
    close(from.fd);
}

static void missing_folders_are_made_where_asked(void **state)
{
    const struct ftp_options how = {.cwd = FTP_MULTI_CWD};
    const struct mail_source from = {.data = SC_SPAN("x")};

    (void)state;
    opt.ftp = &how;
    peer_says(&peer, "CWD new", "550 no");
    assert_int_equal(url_put(url_of("/new/f"), &from, &opt, NULL), SC_EREPLY);
    assert_false(peer_saw(&peer, "MKD"));
    opt.flags = URL_MAKE_DIRS;
    assert_int_equal(url_put(url_of("/new/f"), &from, &opt, NULL), SC_EREPLY);
    assert_true(peer_saw(&peer, "CWD new\nMKD new\nCWD new\n"));
}

static ssize_t give_and_fail(void *arg, void *buf, size_t n)
{
    int *times = arg;

    (void)n;
    memcpy(buf, "half", 4);
    return (*times)++ == 0 ? 4 : -4711;
}

static void what_cannot_be_read_is_no_file_there(void **state)
{
    int times = 0;
    const struct mail_source from = {.read = give_and_fail, .arg = &times};

    (void)state;
    assert_int_equal(url_put(url_of("/new"), &from, &opt, &r), -4711);
    while (peer.whole + peer.cut == 0)
        sc_sleep(1);
    assert_int_equal(peer.cut, 1);
}

static void a_server_that_takes_no_more_says_why(void **state)
{
    static char much[8 << 20];
    const struct mail_source from = {.data = {much, sizeof much}};

    (void)state;
    peer.cut_data = 1000;
    peer.end = "552 disk full";
    assert_int_equal(url_put(url_of("/new"), &from, &opt, &r), SC_EREPLY);
    assert_int_equal(r.error.status, 552);
}

/* --- the pool --- */

static void one_connection_serves_many_urls(void **state)
{
    (void)state;
    for (int i = 0; i < 5; i++)
        assert_gets("/f", TEXT);
    assert_int_equal(peer.connections, 1);
    opt.options = &(struct sc_options){.starttls = SC_STARTTLS_NEVER,
                                       .flags = SC_OPT_NO_POOL};
    assert_gets("/f", TEXT);
    assert_int_equal(peer.connections, 2);
}

/* How it was transferred is nothing that the next one finds. */
static void the_pool_serves_each_way(void **state)
{
    const struct ftp_options active = {.flags = FTP_ACTIVE},
                             pasv = {.flags = FTP_NO_EPSV},
                             folders = {.cwd = FTP_MULTI_CWD};

    (void)state;
    opt.ftp = &active;
    assert_gets("/f", TEXT);
    opt.ftp = &pasv;
    assert_gets("/f", TEXT);
    opt.ftp = NULL;
    peer.log.len = 0;
    assert_gets("/f", TEXT);
    assert_true(peer_saw(&peer, "EPSV\nRETR"));
    assert_int_equal(peer.connections, 1);
    opt.ftp = &folders;
    assert_gets("/a/f", TEXT);
    assert_int_equal(peer.connections, 2);
    opt.ftp = NULL;
    assert_gets("/f", TEXT);
    assert_int_equal(peer.connections, 2);
}

static void another_login_is_another_connection(void **state)
{
    char url[200];

    (void)state;
    assert_gets("/f", TEXT);
    snprintf(url, sizeof url, "ftp://joe:x@%s", peer.url + 6);
    assert_int_equal(url_get(url, &opt, &r), 0);
    snprintf(url, sizeof url, "ftp://joe:y@%s", peer.url + 6);
    assert_int_equal(url_get(url, &opt, &r), 0);
    assert_int_equal(peer.connections, 3);
}

static void what_was_not_read_to_its_end_is_not_kept(void **state)
{
    struct url *u = url_open(peer.url, &opt);
    char c;

    (void)state;
    assert_int_equal(url_read(u, &c, 1), 1);
    assert_int_equal(url_close(u), 0);
    assert_gets("/f", TEXT);
    assert_int_equal(peer.connections, 2);
}

static void a_connection_with_something_unread_is_not_used(void **state)
{
    (void)state;
    peer.end = "226 done\n550 surplus";
    assert_gets("/f", TEXT);
    peer.end = NULL;
    assert_gets("/f", TEXT);
    assert_int_equal(peer.connections, 2);
}

static void a_connection_that_has_ended_is_opened_anew(void **state)
{
    (void)state;
    peer.end = "!226 done";
    assert_gets("/f", TEXT);
    peer.end = NULL;
    sc_yield();
    assert_gets("/f", TEXT);
    assert_int_equal(peer.connections, 2);
}

/* It dies on the next command: nothing was asked twice that counts. */
static void a_stale_connection_is_opened_anew(void **state)
{
    const struct mail_source from = {.data = SC_SPAN("hello")};
    struct seen s = {0};

    (void)state;
    for (int what = 0; what < 3; what++) {
        ftp_peer_stop(&peer);
        ftp_peer_start(&peer, TEXT);
        peer.list = "-rw-r--r-- 1 joe users 120 Jan 31 2025 one\r\n";
        assert_gets("/f", TEXT); /* USER PASS TYPE SIZE EPSV RETR */
        peer.dies_at = 7;
        if (what == 0)
            assert_gets("/f", TEXT);
        else if (what == 1)
            assert_int_equal(url_put(url_of("/f"), &from, &opt, &r), 0);
        else
            assert_int_equal(url_list(url_of("/"), &opt, see, &s, NULL), 0);
        assert_int_equal(peer.connections, 2);
    }
    assert_int_equal(s.n, 1);
}

static void a_new_connection_that_dies_is_told(void **state)
{
    (void)state;
    peer.dies_at = 4;
    assert_true(get("/f") < 0);
    assert_int_equal(peer.connections, 1);
}

/* --- cut --- */

static void cut_at_each_byte(void **state)
{
    bool cut = true;

    (void)state;
    usual.flags |= SC_OPT_NO_POOL;
    for (uint64_t byte = 1; cut; byte++) {
        int rc;

        ftp_peer_stop(&peer);
        ftp_peer_start(&peer, TEXT);
        peer.cut_at = byte;
        rc = get("/f");
        cut = peer.cut_at == 0;
        if (rc == 0)
            assert_string_equal(r.body.data, TEXT);
        assert_true(rc < 0 || byte > 135);
        assert_true(byte < 1000);
    }
    usual.flags &= ~(unsigned)SC_OPT_NO_POOL;
}

int main(int argc, char **argv)
{
    static const struct CMUnitTest tests[] = {
        TEST(a_file_comes_with_what_is_known_of_it),
        TEST(who_logs_in_is_not_told),
        TEST(each_path_is_said_as_it_must_be),
        TEST(folders_are_changed_to_as_one_likes),
        TEST(commands_stand_where_they_are_wanted),
        TEST(text_is_asked_for_as_text),
        TEST(a_part_of_a_file),
        TEST(short_data_is_no_success),
        TEST(more_than_was_promised_is_no_success),
        TEST(refusals_are_told),
        TEST(what_the_server_says_as_a_size_must_be_one),
        TEST(there_is_a_time_for_all),
        TEST(data_that_drips_has_an_end),
        TEST(a_folder_is_a_list_of_lines),
        TEST(a_folder_that_is_not_there_is_told_without_data_too),
        TEST(a_folder_is_a_list_of_records),
        TEST(stored),
        TEST(stored_from_a_file),
        TEST(missing_folders_are_made_where_asked),
        TEST(what_cannot_be_read_is_no_file_there),
        TEST(a_server_that_takes_no_more_says_why),
        TEST(one_connection_serves_many_urls),
        TEST(the_pool_serves_each_way),
        TEST(another_login_is_another_connection),
        TEST(what_was_not_read_to_its_end_is_not_kept),
        TEST(a_connection_with_something_unread_is_not_used),
        TEST(a_connection_that_has_ended_is_opened_anew),
        TEST(a_stale_connection_is_opened_anew),
        TEST(a_new_connection_that_dies_is_told),
        TEST(cut_at_each_byte),
    };

    return test_main(__FILE__, tests, sizeof tests / sizeof *tests, argc, argv,
                     NULL, NULL);
}
