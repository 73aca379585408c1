/* ftp_test.h - what every FTP server must do with us; each test program
 * names all of these. */
#ifndef TESTS_SERVERS_FTP_TEST_H
#define TESTS_SERVERS_FTP_TEST_H

#include <simpleclient/class.h>
#include <simpleclient/ftp.h>
#include <simpleclient/url.h>

#include "ftp.h"

static struct server server;
static struct sc_options usual = {.wait_ms = 10000};
static struct ftp_options ways;
static struct url_reply r;

static inline const char *url_of(const char *path)
{
    static char url[300];

    snprintf(url, sizeof url, "ftp://127.0.0.1:%d/%s", server.port, path);
    return url;
}

static inline struct url_options options_of(unsigned flags)
{
    return (struct url_options){.flags = flags,
                                .options = &usual,
                                .ftp = ways.flags != 0 || ways.cwd != 0 ? &ways
                                                                        : NULL};
}

static inline void assert_gets(const char *path, const char *text)
{
    const struct url_options o = options_of(0);

    if (url_get(url_of(path), &o, &r) < 0)
        fail_msg("%s: %s", path, r.error.text);
    assert_string_equal(r.body.data, text);
}

static void files_come_whole(void **state)
{
    (void)state;
    for (int i = 0; i < 3; i++) {
        assert_gets("hello.txt", "hello\r\n");
        assert_int_equal(r.size, 7);
        assert_string_equal(r.type, "text/plain");
        assert_gets("sub/a%20b", "0123456789");
    }
}

static void parts_of_files_come(void **state)
{
    struct url_options o = options_of(0);

    (void)state;
    o.offset = 7;
    assert_int_equal(url_get(url_of("sub/a%20b"), &o, &r), 0);
    assert_string_equal(r.body.data, "789");
    o.offset = 3;
    o.count = 4;
    assert_int_equal(url_get(url_of("sub/a%20b"), &o, &r), 0);
    assert_string_equal(r.body.data, "3456");
}

static void what_is_not_there_is_refused(void **state)
{
    const struct url_options o = options_of(0);

    (void)state;
    assert_int_equal(url_get(url_of("none"), &o, &r), SC_EREPLY);
    assert_int_equal(r.error.status, 550);
    assert_gets("hello.txt", "hello\r\n");
}

static void size_and_time_are_known_without_data(void **state)
{
    const struct url_options o = options_of(URL_HEAD);
    struct stat st;

    (void)state;
    assert_int_equal(url_get(url_of("sub/a%20b"), &o, &r), 0);
    assert_int_equal(stat(server_path(&server, "pub/sub/a b"), &st), 0);
    assert_int_equal(r.size, 10);
    assert_int_equal(r.mtime, st.st_mtime);
    assert_int_equal(r.body.len, 0);
}

static int see(void *arg, const struct url_entry *e)
{
    char *names = arg;
    size_t had = strlen(names);

    snprintf(names + had, 400 - had, "%c %s %lld;", e->kind, e->name,
             (long long)(e->kind == 'f' ? e->size : -1));
    return 0;
}

static void folders_are_lists(void **state)
{
    const struct url_options o = options_of(0), n = options_of(URL_NAMES);
    char names[400] = "";
    struct sc_error e = {0};

    (void)state;
    if (url_list(url_of(""), &o, see, names, &e) < 0)
        fail_msg("%s", e.text);
    assert_non_null(strstr(names, "f hello.txt 7;"));
    assert_non_null(strstr(names, "d sub -1;"));
    names[0] = '\0';
    assert_int_equal(url_list(url_of("sub/"), &o, see, names, &e), 0);
    assert_string_equal(names, "f a b 10;");
    assert_int_equal(url_get(url_of("sub/"), &o, &r), 0);
    assert_non_null(strstr(r.body.data, "a b"));
    assert_true(r.directory);
    assert_int_equal(url_get(url_of("sub/"), &n, &r), 0);
    assert_non_null(strstr(r.body.data, "a b\r\n"));
}

static void what_is_stored_arrives(void **state)
{
    const struct mail_source from = {.data = SC_SPAN("stored\n")};
    const struct url_options o = options_of(0);
    static int names; /* not every server lets anybody overwrite */
    char name[20], path[30];
    struct sc_buf b;

    (void)state;
    snprintf(name, sizeof name, "up/new%d", names++);
    snprintf(path, sizeof path, "pub/%s", name);
    if (url_put(url_of(name), &from, &o, &r) < 0)
        fail_msg("%s", r.error.text);
    b = server_read(&server, path);
    assert_string_equal(b.data, "stored\n");
    sc_buf_free(&b);
    assert_gets(name, "stored\n");
}

static FTPClient *open_server(void)
{
    char url[60];
    FTPClient *f;

    snprintf(url, sizeof url, "ftp://127.0.0.1:%d/", server.port);
    f = ftp_open(url, ways.flags != 0 ? &ways : NULL, &usual);
    if (sc_broken(ftp_base(f)) < 0)
        fail_msg("%s", sc_last_error(ftp_base(f))->text);
    return f;
}

static void each_command(void **state)
{
    struct sc_buf path = SC_BUF(400), text = SC_BUF(4000);
    FTPClient *f = open_server();
    uint64_t size;
    int64_t mtime;

    (void)state;
    assert_int_equal(ftp_noop(f), 0);
    assert_int_equal(ftp_feat(f), 0);
    assert_true(ftp_features(f) & FTP_FEAT_EPSV);
    assert_int_equal(ftp_pwd(f, &path), 0);
    assert_int_equal(path.data[0],
                     '/'); /* vsftpd as we run it has no other root */
    assert_int_equal(ftp_cwd(f, "sub"), 0);
    assert_int_equal(ftp_size(f, "a b", &size), 0);
    assert_int_equal(size, 10);
    assert_int_equal(ftp_mdtm(f, "a b", &mtime), 0);
    assert_int_equal(ftp_cdup(f), 0);
    assert_int_equal(ftp_cwd(f, "none"), SC_EREPLY);
    assert_int_equal(ftp_mkd(f, "up/folder"), 0);
    assert_true(ftp_command(f, "HELP", &text) > 0);
    assert_int_equal(ftp_type(f, 'A'), 0);
    assert_int_equal(ftp_type(f, 'I'), 0);
    assert_int_equal(ftp_close(f), 0);
    sc_buf_free(&path);
    sc_buf_free(&text);
}

/* A large file is left in the middle: the client goes on. */
static void abor_leaves_it_in_order(void **state)
{
    static char much[8 << 20], piece[1000];
    FTPClient *f = open_server();
    Stream *data;

    (void)state;
    assert_int_equal(server_write_n(&server, "pub/much", much, sizeof much), 0);
    for (int i = 0; i < 3; i++) {
        assert_non_null(data = ftp_retr(f, "much", 0));
        assert_true(sc_stream_read(data, piece, sizeof piece, NULL) > 0);
        if (ftp_done(f, data) < 0)
            fail_msg("%s", sc_last_error(ftp_base(f))->text);
        assert_int_equal(ftp_noop(f), 0);
    }
    ftp_close(f);
}

static void a_large_file_comes_whole(void **state)
{
    enum { SIZE = 20 << 20 };
    const struct url_options o = options_of(0);
    char *much = malloc(SIZE);

    (void)state;
    for (int i = 0; i < SIZE; i++)
        much[i] = (char)(i * 2654435761u >> 24);
    assert_int_equal(server_write_n(&server, "pub/large", much, SIZE), 0);
    assert_int_equal(url_get(url_of("large"), &o, &r), 0);
    assert_int_equal(r.body.len, SIZE);
    assert_memory_equal(r.body.data, much, SIZE);
    free(much);
}

#endif
