/* test_url_file.c - file: (RFC 8089): parts, sizes, times, directories, what is no
 * regular file, files that change while they are read; storing. */
#include "main.h"

#include <fcntl.h>
#include <sys/stat.h>

#include <simpleclient/task.h>
#include <simpleclient/url.h>

#include "scratch.h"
#include "sockets.h"

static struct scratch scratch;
static char url[500];

static int make(void **state)
{
    scratch = scratch_new();
    return count_descriptors(state);
}

static int clean(void **state)
{
    scratch_free(&scratch);
    return same_descriptors(state);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, make, clean)

static const char *url_of(const char *name)
{
    snprintf(url, sizeof url, "file://%s/%s", scratch.dir, name);
    return url;
}

static void put_file(const char *name, const char *text)
{
    scratch_write(scratch_path(&scratch, name), text);
}

/* --- reading --- */

static void a_file_comes_whole(void **state)
{
    static const char *const hosts[] = {"", "localhost", "127.0.0.1"};
    const struct timespec at[2] = {{.tv_sec = 1000000000},
                                   {.tv_sec = 1000000000}};

    (void)state;
    put_file("a b.html", "hello");
    utimensat(AT_FDCWD, scratch_path(&scratch, "a b.html"), at, 0);
    for (size_t i = 0; i < sizeof hosts / sizeof *hosts; i++) {
        struct url_reply r = {0};

        snprintf(url, sizeof url, "file://%s%s/a%%20b.html", hosts[i],
                 scratch.dir);
        assert_int_equal(url_get(url, NULL, &r), 0);
        assert_string_equal(r.body.data, "hello");
        assert_int_equal(r.size, 5);
        assert_int_equal(r.mtime, 1000000000);
        assert_string_equal(r.type, "text/html");
        assert_string_equal(sc_fields_get(&r.fields, "Last-Modified", ""),
                            "Sun, 09 Sep 2001 01:46:40 GMT");
        assert_string_equal(sc_fields_get(&r.fields, "Content-Length", ""),
                            "5");
        assert_false(r.directory);
        url_reply_free(&r);
    }
}

static void a_part_of_a_file(void **state)
{
    static const struct {
        uint64_t offset, count;
        const char *text;
    } parts[] = {
        {0, 0, "0123456789"}, {3, 0, "3456789"}, {3, 4, "3456"},
        {9, 0, "9"},          {10, 0, ""},       {8, 100, "89"},
        {0, 1, "0"},          {11, 0, NULL},     {UINT64_MAX, 0, NULL}};

    (void)state;
    put_file("f", "0123456789");
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
        struct url_options o = {.offset = parts[i].offset,
                                .count = parts[i].count};
        struct url_reply r = {0};
        int rc = url_get(url_of("f"), &o, &r);

        assert_int_equal(rc, parts[i].text != NULL ? 0 : SC_EINVAL);
        if (rc == 0) {
            assert_string_equal(r.body.data, parts[i].text);
            assert_int_equal(r.size, strlen(parts[i].text));
        }
        url_reply_free(&r);
    }
}

static void a_large_file(void **state)
{
    enum { SIZE = 3000001 };
    char *text = calloc(1, SIZE + 1);
    struct url_reply r = {0};

    (void)state;
    memset(text, 'x', SIZE);
    put_file("large", text);
    assert_int_equal(url_get(url_of("large"), NULL, &r), 0);
    assert_int_equal(r.body.len, SIZE);
    url_reply_free(&r);
    free(text);
}

static void a_file_that_grows_ends_where_it_was_to_end(void **state)
{
    char buf[100];
    struct url *u;
    ssize_t n;

    (void)state;
    put_file("f", "0123456789");
    u = url_open(url_of("f"), NULL);
    put_file("f", "0123456789 and more");
    assert_int_equal(n = url_read(u, buf, sizeof buf), 10);
    assert_int_equal(url_read(u, buf, sizeof buf), 0);
    assert_int_equal(url_close(u), 0);
}

static void a_file_that_shrinks_is_short(void **state)
{
    char buf[4];
    struct url *u;

    (void)state;
    put_file("f", "0123456789");
    u = url_open(url_of("f"), NULL);
    assert_int_equal(url_read(u, buf, 4), 4);
    assert_int_equal(truncate(scratch_path(&scratch, "f"), 5), 0);
    assert_int_equal(url_read(u, buf, 4), 1);
    assert_int_equal(url_read(u, buf, 4), SC_ESHORT);
    assert_int_equal(url_close(u), SC_ESHORT);
}

static void what_is_not_there_is_told(void **state)
{
    struct url_reply r = {0};

    (void)state;
    assert_int_equal(url_get(url_of("none"), NULL, &r), -ENOENT);
    assert_non_null(strstr(r.error.text, "/none"));
    put_file("f", "x");
    assert_int_equal(url_get(url_of("f/g"), NULL, &r), -ENOTDIR);
    url_reply_free(&r);
    errno = 0;
    assert_null(url_fopen(url_of("none"), NULL, NULL));
}

/* --- what is no regular file --- */

static void only_regular_files_unless_asked(void **state)
{
    const struct url_options any = {.flags = URL_ANY_FILE};
    const struct url_options rest = {.flags = URL_ANY_FILE, .offset = 1};
    struct url_reply r = {0};

    (void)state;
    assert_int_equal(url_get("file:///dev/null", NULL, &r), SC_EINVAL);
    assert_int_equal(url_get("file:///dev/null", &any, &r), 0);
    assert_int_equal(r.body.len, 0);
    assert_int_equal(url_get("file:///dev/null", &rest, &r), SC_EINVAL);
    url_reply_free(&r);
}

static void write_later(void *arg)
{
    int *fd = arg;

    sc_sleep(20);
    assert_int_equal(write(*fd, "hello", 5), 5);
    close(*fd);
}

static void read_pipe(void *arg)
{
    const struct url_options any = {.flags = URL_ANY_FILE};
    struct url_reply r = {0};

    (void)arg;
    assert_int_equal(url_get(url_of("pipe"), &any, &r), 0);
    assert_string_equal(r.body.data, "hello");
    assert_int_equal(r.size, -1);
    url_reply_free(&r);
}

static void a_fifo_where_it_is_asked_for(void **state)
{
    struct url_reply r = {0};
    int64_t reader, writer;
    int fd;

    (void)state;
    assert_int_equal(mkfifo(scratch_path(&scratch, "pipe"), 0600), 0);
    assert_int_equal(url_get(url_of("pipe"), NULL, &r), SC_EINVAL);
    url_reply_free(&r);
    fd = open(scratch_path(&scratch, "pipe"), O_RDWR);
    reader = sc_task_go(NULL, read_pipe, NULL);
    writer = sc_task_go(NULL, write_later, &fd);
    sc_task_join(writer);
    sc_task_join(reader);
}

static void a_directory_is_no_file(void **state)
{
    const struct url_options names = {.flags = URL_DIRECTORY};
    const struct url_options rest = {.flags = URL_DIRECTORY, .offset = 2};
    struct url_reply r = {0};

    (void)state;
    put_file("b", "x");
    put_file("a", "x");
    put_file("line\nend", "x");
    assert_int_equal(url_get(url_of(""), NULL, &r), -EISDIR);
    assert_int_equal(url_get(url_of(""), &names, &r), 0);
    assert_string_equal(r.body.data, "a\nb\n");
    assert_true(r.directory);
    assert_int_equal(url_get(url_of(""), &rest, &r), 0);
    assert_string_equal(r.body.data, "b\n");
    url_reply_free(&r);
}

/* --- lists --- */

struct seen {
    int n;
    char text[2000];
};

static int see(void *arg, const struct url_entry *e)
{
    struct seen *s = arg;
    size_t had = strlen(s->text);

    s->n++;
    snprintf(s->text + had, sizeof s->text - had, "%c|%s|%s|%lld|%s\n", e->kind,
             e->name, e->url + strlen("file://") + strlen(scratch.dir),
             (long long)e->size, e->target != NULL ? e->target : "-");
    return s->n == 99 ? -4711 : 0;
}

static void a_directory_as_a_list(void **state)
{
    struct seen s = {0};

    (void)state;
    put_file("a b%", "hello");
    assert_int_equal(mkdir(scratch_path(&scratch, "sub"), 0700), 0);
    assert_int_equal(symlink("nowhere", scratch_path(&scratch, "to")), 0);
    assert_int_equal(mkfifo(scratch_path(&scratch, "pipe"), 0600), 0);
    assert_int_equal(url_list(url_of(""), NULL, see, &s, NULL), 0);
    assert_string_equal(s.text, "f|a b%|/a%20b%25|5|-\n"
                                "?|pipe|/pipe|-1|-\n"
                                "d|sub|/sub/|-1|-\n"
                                "l|to|/to|-1|nowhere\n");
    s.n = 98;
    assert_int_equal(url_list(url_of(""), NULL, see, &s, NULL), -4711);
    assert_int_equal(
        url_list(url_of("a%20b%25"), NULL, see, &(struct seen){0}, NULL),
        -ENOTDIR);
}

/* --- storing --- */

static struct sc_buf now_there(const char *name)
{
    return scratch_read(scratch_path(&scratch, name));
}

static void assert_there(const char *name, const char *text)
{
    struct sc_buf b = now_there(name);

    assert_string_equal(b.data != NULL ? b.data : "", text);
    sc_buf_free(&b);
}

static void stored_in_a_file(void **state)
{
    const struct mail_source from = {.data = SC_SPAN("hello")};
    const struct url_options append = {.flags = URL_APPEND};
    const struct url_options dirs = {.flags = URL_MAKE_DIRS};
    const struct url_options rest = {.offset = 3}, part = {.count = 3};

    (void)state;
    assert_int_equal(url_put(url_of("new"), &from, NULL, NULL), 0);
    assert_there("new", "hello");
    assert_int_equal(url_put(url_of("new"), &from, NULL, NULL), 0);
    assert_there("new", "hello");
    assert_int_equal(url_put(url_of("new"), &from, &append, NULL), 0);
    assert_there("new", "hellohello");
    assert_true(url_put(url_of("x/y/new"), &from, NULL, NULL) < 0);
    assert_int_equal(url_put(url_of("x/y/new"), &from, &dirs, NULL), 0);
    assert_there("x/y/new", "hello");
    assert_int_equal(url_put(url_of("new"), &from, &rest, NULL), SC_ENOTSUP);
    assert_int_equal(url_put(url_of("new"), &from, &part, NULL), SC_EINVAL);
    assert_there("new", "hellohello");
}

static ssize_t give_and_fail(void *arg, void *buf, size_t n)
{
    int *times = arg;

    (void)n;
    memcpy(buf, "half", 4);
    return (*times)++ == 0 ? 4 : -4711;
}

static void what_cannot_be_read_is_not_stored(void **state)
{
    int times = 0;
    const struct mail_source from = {.read = give_and_fail, .arg = &times};

    (void)state;
    put_file("old", "as it was");
    assert_int_equal(url_put(url_of("old"), &from, NULL, NULL), -4711);
    assert_there("old", "as it was");
    assert_int_equal(scratch_count(scratch.dir, (char[700]){0}), 1);
}

static void stored_from_a_file(void **state)
{
    struct mail_source from = {.offset = 2};

    (void)state;
    put_file("from", "0123456789");
    from.fd = open(scratch_path(&scratch, "from"), O_RDONLY);
    assert_int_equal(url_put(url_of("to"), &from, NULL, NULL), 0);
    assert_there("to", "23456789");
    close(from.fd);
}

int main(int argc, char **argv)
{
    static const struct CMUnitTest tests[] = {
        TEST(a_file_comes_whole),
        TEST(a_part_of_a_file),
        TEST(a_large_file),
        TEST(a_file_that_grows_ends_where_it_was_to_end),
        TEST(a_file_that_shrinks_is_short),
        TEST(what_is_not_there_is_told),
        TEST(only_regular_files_unless_asked),
        TEST(a_fifo_where_it_is_asked_for),
        TEST(a_directory_is_no_file),
        TEST(a_directory_as_a_list),
        TEST(stored_in_a_file),
        TEST(what_cannot_be_read_is_not_stored),
        TEST(stored_from_a_file),
    };

    return test_main(__FILE__, tests, sizeof tests / sizeof *tests, argc, argv,
                     NULL, NULL);
}
