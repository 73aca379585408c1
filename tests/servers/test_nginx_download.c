/* test_nginx_download.c - files fetched from a real nginx, and gone on with
 * after it was killed. Skipped (77) without nginx. */
#include "main.h"

#include <dirent.h>

#include <simpleclient/http.h>

#include "nginx.h"

enum { LONG = 3000000 };

static struct nginx nginx = {.alone = true};
static struct http_reply reply;
static struct sc_buf data; /* data.bin */
static char etag[80];
static int64_t changed;
static char sum[65]; /* sha256sum of data.bin */

static const char *url(const char *path)
{
    return nginx_url(&nginx, PLAIN, path);
}

static int make_data(void)
{
    unsigned x = 1;
    char command[160];
    FILE *f;

    data.limit = LONG + 1;
    sc_buf_reserve(&data, LONG);
    for (data.len = 0; data.len < LONG; data.len++)
        data.data[data.len] = (char)((x = x * 1103515245 + 12345) >> 16);
    if (server_write_n(&nginx.at, "root/data.bin", data.data, LONG) < 0)
        return -1;
    snprintf(command, sizeof command, "sha256sum %s/root/data.bin",
             nginx.at.dir);
    f = popen(command, "r");
    fread(sum, 1, 64, f);
    return pclose(f);
}

static int start(void **state)
{
    (void)state;
    if (nginx_start(&nginx) < 0 || make_data() != 0 ||
        server_mkdir(&nginx.at, "got") < 0 ||
        http_head(url("/data.bin"), &reply) < 0)
        return -1;
    snprintf(etag, sizeof etag, "%s", http_header(&reply, "ETag", ""));
    changed = http_date(http_header(&reply, "Last-Modified", ""));
    return 0;
}

static int stop(void **state)
{
    (void)state;
    http_reply_free(&reply);
    sc_buf_free(&data);
    return nginx_stop(&nginx);
}

/* The path of the one file of a test; got/ holds nothing else. */
static const char *file(void)
{
    return server_path(&nginx.at, "got/file");
}

static int remove_file(void **state)
{
    (void)state;
    unlink(file());
    return 0;
}

static int files(void)
{
    DIR *d = opendir(server_path(&nginx.at, "got"));
    int n = 0;

    for (const struct dirent *e; (e = readdir(d)) != NULL;)
        n += e->d_name[0] != '.' || strlen(e->d_name) > 2;
    closedir(d);
    return n;
}

static void expect_whole(void)
{
    struct sc_buf got = server_read(&nginx.at, "got/file");

    assert_int_equal(got.len, LONG);
    assert_memory_equal(got.data, data.data, LONG);
    assert_int_equal(files(), 1);
    sc_buf_free(&got);
}

static int64_t time_of_file(void)
{
    struct stat st;

    assert_int_equal(stat(file(), &st), 0);
    return st.st_mtime;
}

static void write_part(size_t n)
{
    assert_int_equal(server_write_n(&nginx.at, "got/file", data.data, n), 0);
}

static int get(struct http_download how, const char *path)
{
    struct http_request q = {.url = url(path)};

    how.path = file();
    return http_download_to(&q, &how, &reply);
}

static void download(struct http_download how, const char *path, int status)
{
    if (get(how, path) < 0)
        fail_msg("%s: %s", path, reply.error.text);
    assert_int_equal(reply.status, status);
}

static void a_file_is_fetched_whole(void **state)
{
    (void)state;
    assert_int_equal(http_download(url("/data.bin"), file(), &reply), 0);
    expect_whole();
    assert_int_equal(http_download(url("/chunked/data.bin"), file(), &reply),
                     0);
    expect_whole();
}

static void its_size_digest_and_time_are_looked_at(void **state)
{
    (void)state;
    download(
        (struct http_download){.size = LONG, .sha256 = sum, .keep_time = 1},
        "/data.bin", 200);
    expect_whole();
    assert_int_equal(time_of_file(), changed);
    write_part(10);
    assert_int_equal(get((struct http_download){.size = LONG - 1}, "/data.bin"),
                     SC_ESHORT);
    assert_int_equal(get((struct http_download){.sha256 = sum}, "/page.txt"),
                     SC_EPROTO);
    assert_int_equal(server_size(&nginx.at, "got/file"), 10);
    assert_int_equal(files(), 1);
}

static void a_refusal_is_told_and_makes_no_file(void **state)
{
    (void)state;
    assert_int_equal(get((struct http_download){0}, "/none"), SC_EREPLY);
    assert_string_equal(reply.body.data, "Not here.\n");
    assert_int_equal(files(), 0);
}

static void a_part_is_completed(void **state)
{
    (void)state;
    write_part(1000000);
    download(
        (struct http_download){.resume = 1, .validator = etag, .sha256 = sum},
        "/data.bin", 206);
    assert_int_equal(reply.hops[0].body_got, LONG - 1000000);
    expect_whole();
}

static void a_part_of_another_version_is_replaced(void **state)
{
    (void)state;
    write_part(1000000);
    download((struct http_download){.resume = 1, .validator = "\"other\""},
             "/data.bin", 200);
    expect_whole();
}

static void a_part_that_is_all_of_it_is_done(void **state)
{
    (void)state;
    write_part(LONG);
    download((struct http_download){.resume = 1, .validator = etag},
             "/data.bin", 416);
    expect_whole();
}

/* --- a server that is killed --- */

/* Wait until something of the file is there, then kill nginx. */
static void kill_in_the_middle(void *arg)
{
    struct stat st;

    (void)arg;
    while (stat(file(), &st) < 0 || st.st_size == 0)
        if (sc_sleep(5) < 0)
            return;
    server_end(&nginx.at, SIGKILL);
}

static int kill_at_the_head(void *arg, const struct http_reply *r)
{
    (void)arg;
    (void)r;
    server_end(&nginx.at, SIGKILL);
    return 0;
}

static int start_again(void **state)
{
    remove_file(state);
    return nginx.at.pid == 0 ? nginx_launch(&nginx) : 0;
}

static void a_killed_server_leaves_no_file(void **state)
{
    struct http_request q = {.url = url("/slow/data.bin"),
                             .on_head = kill_at_the_head};
    struct http_download how = {.path = file()};

    (void)state;
    assert_int_equal(http_download_to(&q, &how, &reply), SC_ESHORT);
    assert_int_equal(reply.error.code, SC_ESHORT);
    assert_int_equal(files(), 0);
}

static void a_killed_server_leaves_what_was_there(void **state)
{
    struct http_request q = {.url = url("/slow/data.bin"),
                             .on_head = kill_at_the_head};
    struct http_download how = {.path = file()};

    (void)state;
    write_part(10);
    assert_int_equal(http_download_to(&q, &how, &reply), SC_ESHORT);
    assert_int_equal(server_size(&nginx.at, "got/file"), 10);
    assert_int_equal(files(), 1);
}

static void what_came_before_a_kill_is_gone_on_with(void **state)
{
    struct http_download how = {.resume = 1, .keep_time = 1};
    int64_t killer = sc_task_go(NULL, kill_in_the_middle, NULL);
    int rc = get(how, "/slow/data.bin");

    (void)state;
    sc_task_cancel(killer);
    sc_task_join(killer);
    assert_int_equal(rc, SC_ESHORT);
    assert_int_equal(time_of_file(), changed);
    assert_int_equal(nginx_launch(&nginx), 0);
    download(how, "/data.bin", 206);
    assert_true(reply.hops[0].body_got < LONG);
    expect_whole();
    assert_int_equal(time_of_file(), changed);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, NULL, start_again)
static const struct CMUnitTest tests[] = {
    TEST(a_file_is_fetched_whole),
    TEST(its_size_digest_and_time_are_looked_at),
    TEST(a_refusal_is_told_and_makes_no_file),
    TEST(a_part_is_completed),
    TEST(a_part_of_another_version_is_replaced),
    TEST(a_part_that_is_all_of_it_is_done),
    TEST(a_killed_server_leaves_no_file),
    TEST(a_killed_server_leaves_what_was_there),
    TEST(what_came_before_a_kill_is_gone_on_with),
};

int main(int argc, char **argv)
{
    if (!server_installed("nginx"))
        return 77;
    return test_main(__FILE__, tests, sizeof tests / sizeof tests[0], argc,
                     argv, start, stop);
}
