/* test_download.c - a URL into a file: complete or not at all; going on where a
 * part ends; nothing lost of what was there. */
#include "main.h"

#include <dirent.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <simpleclient/http_form.h>

#include "http_peer.h"

#define LONG_AGO "Sun, 06 Nov 1994 08:49:37 GMT"
enum { LONG_AGO_S = 784111777 };

static struct peer a;
static struct http_reply reply;
static struct http_retry once = {.times = 1, .delay_ms = 1};
static char dir[64], path[80], url[96];

static int start(void **state)
{
    (void)state;
    peer_start(&a, NULL);
    snprintf(dir, sizeof dir, "/tmp/sc_download_XXXXXX");
    assert_non_null(mkdtemp(dir));
    snprintf(path, sizeof path, "%s/file", dir);
    snprintf(url, sizeof url, "%s/x", a.base);
    return 0;
}

static const char *in_dir(const char *name)
{
    static char text[400];

    snprintf(text, sizeof text, "%s/%s", dir, name);
    return text;
}

static int stop(void **state)
{
    struct dirent *e;
    DIR *d = opendir(dir);

    (void)state;
    http_reply_free(&reply);
    peer_stop(&a);
    sc_run();
    while ((e = readdir(d)) != NULL)
        unlink(in_dir(e->d_name));
    closedir(d);
    return rmdir(dir);
}

/* --- files --- */

static void put_file(const char *name, const char *text)
{
    FILE *f = fopen(name, "w");

    assert_non_null(f);
    fputs(text, f);
    assert_int_equal(fclose(f), 0);
}

static void file_is(const char *name, const char *text)
{
    char got[256] = "";
    FILE *f = fopen(name, "r");

    assert_non_null(f);
    got[fread(got, 1, sizeof got - 1, f)] = '\0';
    fclose(f);
    assert_string_equal(got, text);
}

static bool exists(const char *name)
{
    return access(name, F_OK) == 0;
}

static int files(void)
{
    int n = -2; /* "." and ".." */
    DIR *d = opendir(dir);

    while (readdir(d) != NULL)
        n++;
    closedir(d);
    return n;
}

static mode_t mode_of(const char *name)
{
    struct stat st;

    assert_int_equal(stat(name, &st), 0);
    return st.st_mode & 07777;
}

static void set_mtime(const char *name, time_t t)
{
    struct timespec times[2] = {{.tv_sec = t}, {.tv_sec = t}};

    assert_int_equal(utimensat(AT_FDCWD, name, times, 0), 0);
}

static time_t mtime_of(const char *name)
{
    struct stat st;

    assert_int_equal(stat(name, &st), 0);
    return st.st_mtime;
}

/* --- downloads --- */

static int load(struct http_download how)
{
    struct http_request q = {.url = url};

    if (how.path == NULL)
        how.path = path;
    return http_download_to(&q, &how, &reply);
}

static void expect(struct http_download how, const char *text)
{
    if (load(how) < 0)
        fail_msg("%s", reply.error.text);
    file_is(path, text);
    assert_int_equal(files(), 1);
}

static void a_page_is_stored(void **state)
{
    mode_t mask = umask(022);

    (void)state;
    umask(022);
    peer_says(&a, "/x", "200 OK", "", "hello");
    assert_int_equal(http_download(url, path, &reply), 0);
    file_is(path, "hello");
    assert_int_equal(files(), 1);
    assert_int_equal(mode_of(path), 0644);
    assert_int_equal(reply.body.len, 0);
    umask(mask);
}

static void an_empty_page_is_an_empty_file(void **state)
{
    (void)state;
    peer_says(&a, "/x", "200 OK", "", "");
    expect((struct http_download){0}, "");
}

static void what_was_there_is_replaced_and_its_mode_kept(void **state)
{
    (void)state;
    put_file(path, "something longer");
    chmod(path, 0640);
    peer_says(&a, "/x", "200 OK", "", "new");
    expect((struct http_download){0}, "new");
    assert_int_equal(mode_of(path), 0640);
}

static void a_cut_answer_leaves_what_was_there(void **state)
{
    (void)state;
    put_file(path, "old");
    peer_on(&a, "/x", "!HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nnew");
    assert_int_equal(load((struct http_download){0}), SC_ESHORT);
    file_is(path, "old");
    assert_int_equal(files(), 1);
}

static void or_nothing_if_nothing_was(void **state)
{
    (void)state;
    peer_on(&a, "/x", "!HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nnew");
    assert_int_equal(load((struct http_download){0}), SC_ESHORT);
    assert_int_equal(files(), 0);
}

static void a_refusal_stores_nothing_and_keeps_the_words(void **state)
{
    (void)state;
    put_file(path, "old");
    peer_says(&a, "/x", "404 None", "", "not here");
    assert_int_equal(load((struct http_download){0}), SC_EREPLY);
    assert_string_equal(reply.body.data, "not here");
    assert_non_null(strstr(reply.error.text, "/x: 404 None"));
    file_is(path, "old");
    assert_int_equal(files(), 1);
}

static void a_part_that_nobody_asked_for_is_none(void **state)
{
    (void)state;
    peer_says(&a, "/x", "206 Part", "Content-Range: bytes 0-2/9\r\n", "abc");
    assert_int_equal(load((struct http_download){0}), SC_EPROTO);
    assert_int_equal(files(), 0);
}

static void a_symbolic_link_is_followed(void **state)
{
    char target[400];

    (void)state;
    snprintf(target, sizeof target, "%s", in_dir("target"));
    put_file(target, "old");
    assert_int_equal(symlink("target", path), 0);
    peer_says(&a, "/x", "200 OK", "", "new");
    assert_int_equal(load((struct http_download){0}), 0);
    file_is(target, "new");
    assert_int_equal(files(), 2);
    unlink(target);
    assert_int_equal(load((struct http_download){0}), 0);
    file_is(target, "new"); /* a link that led nowhere */
}

static void a_device_is_written_to(void **state)
{
    (void)state;
    peer_says(&a, "/x", "200 OK", "", "new");
    assert_int_equal(load((struct http_download){.path = "/dev/null"}), 0);
}

static void a_place_that_cannot_be_written_is_told(void **state)
{
    (void)state;
    peer_says(&a, "/x", "200 OK", "", "new");
    assert_int_equal(load((struct http_download){.path = "/nowhere/x"}),
                     -ENOENT);
    assert_non_null(strstr(reply.error.text, "/nowhere/x: "));
    assert_int_equal(load((struct http_download){.path = dir}), -EISDIR);
    assert_int_equal(load((struct http_download){.path = ""}), SC_EINVAL);
    assert_int_equal(a.seen, 0);
}

/* A limit on the size of files stands for a full disk. */
static void a_full_disk_loses_nothing(void **state)
{
    struct rlimit old, small;
    int rc;

    (void)state;
    put_file(path, "old");
    peer_says(&a, "/x", "200 OK", "", "0123456789");
    signal(SIGXFSZ, SIG_IGN);
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &old), 0);
    small = old;
    small.rlim_cur = 5;
    setrlimit(RLIMIT_FSIZE, &small);
    rc = load((struct http_download){0});
    setrlimit(RLIMIT_FSIZE, &old);
    assert_int_equal(rc, -EFBIG);
    assert_non_null(strstr(reply.error.text, path));
    file_is(path, "old");
    assert_int_equal(files(), 1);
}

static void the_time_is_the_servers_on_demand(void **state)
{
    (void)state;
    peer_says(&a, "/x", "200 OK", "Last-Modified: " LONG_AGO "\r\n", "new");
    expect((struct http_download){.keep_time = 1}, "new");
    assert_int_equal(mtime_of(path), LONG_AGO_S);
    expect((struct http_download){0}, "new");
    assert_int_not_equal(mtime_of(path), LONG_AGO_S);
}

static void a_wrong_size_is_short(void **state)
{
    (void)state;
    put_file(path, "old");
    peer_says(&a, "/x", "200 OK", "", "hello");
    assert_int_equal(load((struct http_download){.size = 6}), SC_ESHORT);
    assert_int_equal(load((struct http_download){.size = 4}), SC_ESHORT);
    assert_non_null(strstr(reply.error.text, "more than the 4 bytes"));
    file_is(path, "old");
    expect((struct http_download){.size = 5}, "hello");
}

/* printf hello | sha256sum */
#define HELLO "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824"

static void a_wrong_digest_is_told(void **state)
{
    (void)state;
    peer_says(&a, "/x", "200 OK", "", "hello");
    expect((struct http_download){.sha256 = HELLO}, "hello");
    put_file(path, "old");
    peer_says(&a, "/x", "200 OK", "", "hallo");
    assert_int_equal(load((struct http_download){.sha256 = HELLO}), SC_EPROTO);
    assert_non_null(strstr(reply.error.text, "SHA-256"));
    file_is(path, "old");
    assert_int_equal(files(), 1);
}

static void another_try_begins_the_file_anew(void **state)
{
    struct http_request q = {.url = url, .retry = &once};
    struct http_download how = {.path = path};

    (void)state;
    once.all = 1;
    peer_on(&a, "/x", "!HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nlonger");
    peer_says(&a, "/x", "200 OK", "", "new");
    assert_int_equal(http_download_to(&q, &how, &reply), 0);
    file_is(path, "new");
    assert_int_equal(reply.nhops, 2);
}

/* --- going on --- */

static const struct http_download go_on = {.resume = 1, .keep_time = 1};

static void the_rest_is_asked_for_if_the_file_is_the_same(void **state)
{
    (void)state;
    put_file(path, "hel");
    set_mtime(path, LONG_AGO_S);
    peer_says(&a, "/x", "206 Part",
              "Content-Range: bytes 3-4/5\r\nLast-Modified: " LONG_AGO "\r\n",
              "lo");
    expect(go_on, "hello");
    assert_string_equal(peer_saw(&a, 0, "Range"), "bytes=3-");
    assert_string_equal(peer_saw(&a, 0, "If-Range"), LONG_AGO);
    assert_int_equal(mtime_of(path), LONG_AGO_S);
}

static void parts_are_never_of_a_coding(void **state)
{
    struct http_request q = {.url = url, .flags = HTTP_COMPRESSED};
    struct http_download how = go_on;

    (void)state;
    how.path = path;
    put_file(path, "hel");
    peer_says(&a, "/x", "206 Part", "Content-Range: bytes 3-4/5\r\n", "lo");
    assert_int_equal(http_download_to(&q, &how, &reply), 0);
    assert_null(peer_saw(&a, 0, "Accept-Encoding"));
}

static void a_validator_of_the_caller_is_used(void **state)
{
    (void)state;
    put_file(path, "hel");
    peer_says(&a, "/x", "206 Part", "Content-Range: bytes 3-4/5\r\n", "lo");
    expect((struct http_download){.resume = 1, .validator = "\"v1\""}, "hello");
    assert_string_equal(peer_saw(&a, 0, "If-Range"), "\"v1\"");
    put_file(path, "hel");
    expect((struct http_download){.resume = 1, .validator = ""}, "hello");
    assert_null(peer_saw(&a, 1, "If-Range"));
    assert_string_equal(peer_saw(&a, 1, "Range"), "bytes=3-");
}

static void without_one_it_begins_anew(void **state)
{
    (void)state;
    put_file(path, "hel");
    peer_says(&a, "/x", "200 OK", "", "hello");
    expect((struct http_download){.resume = 1}, "hello");
    assert_null(peer_saw(&a, 0, "Range"));
}

static void another_file_by_now_begins_anew(void **state)
{
    (void)state;
    put_file(path, "hel");
    peer_says(&a, "/x", "200 OK", "", "another");
    expect(go_on, "another");
}

static void and_what_was_there_stays_until_it_is_complete(void **state)
{
    (void)state;
    put_file(path, "hel");
    peer_on(&a, "/x", "!HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nanot");
    assert_int_equal(load(go_on), SC_ESHORT);
    file_is(path, "hel");
    assert_int_equal(files(), 1);
}

static void a_complete_file_is_done(void **state)
{
    (void)state;
    put_file(path, "hello");
    peer_says(&a, "/x", "416 No", "Content-Range: bytes */5\r\n", "no");
    expect(go_on, "hello");
    assert_int_equal(reply.status, 416);
    assert_int_equal(reply.body.len, 0);
    assert_int_equal(a.seen, 1);
}

static void one_longer_than_the_servers_begins_anew(void **state)
{
    (void)state;
    put_file(path, "hello and more");
    peer_says(&a, "/x", "416 No", "Content-Range: bytes */5\r\n", "no");
    peer_says(&a, "/x", "200 OK", "", "hello");
    expect(go_on, "hello");
    assert_null(peer_saw(&a, 1, "Range"));
}

static void a_cut_rest_stays_for_the_next_time(void **state)
{
    (void)state;
    put_file(path, "he");
    set_mtime(path, LONG_AGO_S);
    peer_on(&a, "/x",
            "!HTTP/1.1 206 Part\r\nContent-Range: bytes 2-4/5\r\n"
            "Last-Modified: " LONG_AGO "\r\n"
            "Content-Length: 3\r\n\r\nl");
    assert_int_equal(load(go_on), SC_ESHORT);
    file_is(path, "hel");
    assert_int_equal(mtime_of(path), LONG_AGO_S);
}

static void so_does_the_beginning(void **state)
{
    (void)state;
    peer_on(&a, "/x",
            "!HTTP/1.1 200 OK\r\nContent-Length: 9\r\n"
            "Last-Modified: " LONG_AGO "\r\n\r\nhel");
    assert_int_equal(load(go_on), SC_ESHORT);
    file_is(path, "hel");
    assert_int_equal(mtime_of(path), LONG_AGO_S);
}

static void but_a_refusal_makes_no_file(void **state)
{
    (void)state;
    peer_says(&a, "/x", "404 None", "", "none");
    assert_int_equal(load(go_on), SC_EREPLY);
    assert_false(exists(path));
}

static void a_rest_of_another_place_is_not_stored(void **state)
{
    (void)state;
    put_file(path, "hel");
    peer_says(&a, "/x", "206 Part", "Content-Range: bytes 0-4/5\r\n", "hello");
    assert_int_equal(load(go_on), SC_EPROTO);
    file_is(path, "hel");
}

static void less_than_the_rest_is_short(void **state)
{
    (void)state;
    put_file(path, "hel");
    peer_says(&a, "/x", "206 Part", "Content-Range: bytes 3-3/5\r\n", "l");
    assert_int_equal(load(go_on), SC_ESHORT);
    file_is(path, "hell");
}

static void a_rest_that_makes_a_wrong_digest_is_taken_back(void **state)
{
    struct http_download how = {.resume = 1, .keep_time = 1, .sha256 = HELLO};

    (void)state;
    put_file(path, "hal");
    peer_says(&a, "/x", "206 Part", "Content-Range: bytes 3-4/5\r\n", "lo");
    assert_int_equal(load(how), SC_EPROTO);
    file_is(path, "hal");
}

static void another_try_goes_on_behind_the_part(void **state)
{
    struct http_request q = {.url = url, .retry = &once};
    struct http_download how = go_on;

    (void)state;
    how.path = path;
    once.all = 1;
    put_file(path, "hel");
    set_mtime(path, LONG_AGO_S);
    peer_on(&a, "/x", "!HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nanot");
    peer_says(&a, "/x", "206 Part", "Content-Range: bytes 3-4/5\r\n", "lo");
    assert_int_equal(http_download_to(&q, &how, &reply), 0);
    file_is(path, "hello");
    assert_int_equal(files(), 1);
}

static void in_a_task(void *arg)
{
    *(int *)arg = load((struct http_download){.sha256 = HELLO});
}

static void tasks_download_too(void **state)
{
    int rc = 1;
    int64_t task;

    (void)state;
    peer_says(&a, "/x", "200 OK", "", "hello");
    task = sc_task_go(NULL, in_a_task, &rc);
    sc_task_join(task);
    assert_int_equal(rc, 0);
    file_is(path, "hello");
}

/* --- FIFOs --- */

static int download_to_fifo(int64_t total_ms)
{
    struct sc_options opt = {.total_ms = total_ms};
    struct http_request q = {.url = url, .options = &opt};
    struct http_download how = {.path = path};

    return http_download_to(&q, &how, &reply);
}

static void a_fifo_that_nobody_reads_ends_with_the_time(void **state)
{
    (void)state;
    assert_int_equal(mkfifo(path, 0600), 0);
    peer_says(&a, "/x", "200 OK", "", "bytes");
    assert_int_equal(download_to_fifo(100), SC_ETIMEDOUT);
}

/* The reader is a task of the same loop, which nothing may block. */
static void read_fifo(void *arg)
{
    struct sc_buf *out = arg;
    int fd = open(path, O_RDONLY | O_NONBLOCK);
    char text[4096];
    ssize_t n = -1;

    while (n != 0 && sc_sleep(1) == 0) {
        n = read(fd, text, sizeof text);
        if (n == 0 && out->len == 0)
            n = -1; /* not begun */
        if (n > 0)
            sc_buf_add(out, text, (size_t)n);
    }
    close(fd);
}

static void a_fifo_gets_what_comes(void **state)
{
    struct sc_buf out = {0};
    char *body = malloc(200001);
    int64_t task;

    (void)state;
    memset(body, 'x', 200000);
    body[200000] = '\0';
    assert_int_equal(mkfifo(path, 0600), 0);
    peer_says(&a, "/x", "200 OK", "", body);
    task = sc_task_go(NULL, read_fifo, &out);
    assert_int_equal(download_to_fifo(20000), 0);
    assert_int_equal(sc_task_join(task), 0);
    assert_string_equal(out.data, body);
    sc_buf_free(&out);
    free(body);
}

static void write_fifo(void *arg)
{
    int fd = -1;

    while (fd < 0 && sc_sleep(1) == 0)
        fd = open(path, O_WRONLY | O_NONBLOCK);
    *(ssize_t *)arg = write(fd, "some bytes", 10);
    close(fd);
}

static void a_form_reads_a_fifo(void **state)
{
    struct http_form *f = http_form_new();
    struct http_source body;
    struct http_request q = {.url = url, .source = &body};
    ssize_t written = 0;
    int64_t task;

    (void)state;
    assert_int_equal(mkfifo(path, 0600), 0);
    peer_says(&a, "/x", "200 OK", "", "");
    task = sc_task_go(NULL, write_fifo, &written);
    assert_int_equal(
        http_form_add(f, &(struct http_part){.name = "f", .path = path}), 0);
    assert_int_equal(sc_task_join(task), 0);
    assert_int_equal(http_form_source(f, &body, NULL), 0);
    assert_int_equal(http_request(&q, &reply), 0);
    assert_non_null(strstr(a.body[0].data, "\r\n\r\nsome bytes\r\n--"));
    http_form_free(f);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, start, stop)
static const struct CMUnitTest tests[] = {
    TEST(a_page_is_stored),
    TEST(an_empty_page_is_an_empty_file),
    TEST(what_was_there_is_replaced_and_its_mode_kept),
    TEST(a_cut_answer_leaves_what_was_there),
    TEST(or_nothing_if_nothing_was),
    TEST(a_refusal_stores_nothing_and_keeps_the_words),
    TEST(a_part_that_nobody_asked_for_is_none),
    TEST(a_symbolic_link_is_followed),
    TEST(a_device_is_written_to),
    TEST(a_place_that_cannot_be_written_is_told),
    TEST(a_full_disk_loses_nothing),
    TEST(the_time_is_the_servers_on_demand),
    TEST(a_wrong_size_is_short),
    TEST(a_wrong_digest_is_told),
    TEST(another_try_begins_the_file_anew),
    TEST(the_rest_is_asked_for_if_the_file_is_the_same),
    TEST(parts_are_never_of_a_coding),
    TEST(a_validator_of_the_caller_is_used),
    TEST(without_one_it_begins_anew),
    TEST(another_file_by_now_begins_anew),
    TEST(and_what_was_there_stays_until_it_is_complete),
    TEST(a_complete_file_is_done),
    TEST(one_longer_than_the_servers_begins_anew),
    TEST(a_cut_rest_stays_for_the_next_time),
    TEST(so_does_the_beginning),
    TEST(but_a_refusal_makes_no_file),
    TEST(a_rest_of_another_place_is_not_stored),
    TEST(less_than_the_rest_is_short),
    TEST(a_rest_that_makes_a_wrong_digest_is_taken_back),
    TEST(another_try_goes_on_behind_the_part),
    TEST(tasks_download_too),
    TEST(a_fifo_that_nobody_reads_ends_with_the_time),
    TEST(a_fifo_gets_what_comes),
    TEST(a_form_reads_a_fifo),
};

TEST_MAIN(tests)
