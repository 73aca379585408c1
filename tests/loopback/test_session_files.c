/* test_session_files.c - what a session keeps in files: cookies, complete or not
 * at all, and logins from a netrc; blocking and in a task. */
#include "main.h"

#include <simpleclient/http_session.h>
#include <simpleclient/task.h>

#include <fcntl.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <signal.h>
#include <unistd.h>

#include "client/netrc.h"
#include "http/http_cookie.h"

static char dir[] = "/tmp/sc-session-XXXXXX";
static char path[64];
static struct sc_error error;

static int begin(void **state)
{
    if (mkdtemp(dir) == NULL)
        return -1;
    snprintf(path, sizeof path, "%s/file", dir);
    return (*state = http_cookies_new()) == NULL;
}

/* The folder must be empty again: no temporary file is left. */
static int end(void **state)
{
    int rc;

    http_cookies_free(*state);
    unlink(path);
    rc = rmdir(dir);
    memcpy(dir + sizeof dir - 7, "XXXXXX", 6);
    return rc;
}

static void write_file(const char *name, const char *text, mode_t mode)
{
    int fd = open(name, O_WRONLY | O_CREAT | O_TRUNC, mode);

    assert_true(fd >= 0);
    assert_int_equal(fchmod(fd, mode), 0);
    assert_int_equal(write(fd, text, strlen(text)), strlen(text));
    close(fd);
}

static void file_has(const char *name, const char *text)
{
    char buf[1024] = "";
    int fd = open(name, O_RDONLY);

    assert_true(fd >= 0);
    assert_true(read(fd, buf, sizeof buf - 1) >= 0);
    assert_non_null(strstr(buf, text));
    close(fd);
}

static mode_t mode_of(const char *name)
{
    struct stat st;

    assert_int_equal(stat(name, &st), 0);
    return st.st_mode & 07777;
}

static void give_cookie(struct http_cookies *jar)
{
    assert_int_equal(http_cookies_set(jar, "http://h/", sc_span_of("a=1")), 1);
}

static const char line_of_it[] = "h\tFALSE\t/\tFALSE\t0\ta\t1\n";

static void cookies_are_saved_and_loaded(void **state)
{
    struct http_cookies *jar = *state;
    struct sc_buf out = {0};

    give_cookie(jar);
    assert_int_equal(http_cookies_save(jar, path, &error), 0);
    assert_int_equal(mode_of(path), 0600);
    file_has(path, line_of_it);
    http_cookies_clear(jar);
    assert_int_equal(http_cookies_load(jar, path, &error), 1);
    assert_int_equal(http_cookies_for(jar, "http://h/", &out), 0);
    assert_string_equal(out.data, "a=1");
    sc_buf_free(&out);
}

static void a_file_that_is_there_keeps_its_mode(void **state)
{
    write_file(path, "# old\n", 0640);
    give_cookie(*state);
    assert_int_equal(http_cookies_save(*state, path, &error), 0);
    assert_int_equal(mode_of(path), 0640);
    file_has(path, line_of_it);
}

static void a_link_is_followed(void **state)
{
    struct stat st;
    char link_path[80];

    snprintf(link_path, sizeof link_path, "%s/link", dir);
    write_file(path, "# old\n", 0600);
    assert_int_equal(symlink("file", link_path), 0);
    give_cookie(*state);
    assert_int_equal(http_cookies_save(*state, link_path, &error), 0);
    assert_int_equal(lstat(link_path, &st), 0);
    assert_true(S_ISLNK(st.st_mode));
    file_has(path, line_of_it);
    assert_int_equal(unlink(path), 0);
    assert_int_equal(http_cookies_save(*state, link_path, &error), -ENOENT);
    assert_int_equal(unlink(link_path), 0);
}

static void a_device_is_written_to(void **state)
{
    struct stat st;

    give_cookie(*state);
    assert_int_equal(http_cookies_save(*state, "/dev/null", &error), 0);
    assert_int_equal(stat("/dev/null", &st), 0);
    assert_true(S_ISCHR(st.st_mode));
    assert_int_equal(http_cookies_save(*state, "/dev/full", &error), -ENOSPC);
    assert_int_equal(http_cookies_load(*state, "/dev/null", &error), 0);
}

/* A limit of the file's size stands for a full disk. */
static void a_failed_save_leaves_the_old_file(void **state)
{
    struct rlimit old, small = {20, 0};

    write_file(path, "# old\n", 0600);
    give_cookie(*state);
    signal(SIGXFSZ, SIG_IGN);
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &old), 0);
    small.rlim_max = old.rlim_max;
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &small), 0);
    assert_int_equal(http_cookies_save(*state, path, &error), -EFBIG);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &old), 0);
    assert_non_null(strstr(error.text, path));
    file_has(path, "# old\n");
}

static void a_place_that_is_not_there_is_named(void **state)
{
    assert_int_equal(http_cookies_load(*state, "/nowhere/jar", &error),
                     -ENOENT);
    assert_non_null(strstr(error.text, "/nowhere/jar"));
    assert_int_equal(http_cookies_save(*state, "/nowhere/jar", &error),
                     -ENOENT);
    assert_int_equal(http_cookies_load(*state, dir, &error), -EISDIR);
    assert_true(http_cookies_save(*state, dir, &error) < 0);
}

static void many_cookies_in_a_task(void *arg)
{
    struct http_cookies *jar = arg, *again = http_cookies_new();
    char url[40], value[40];

    for (int i = 0; i < 3000; i++) {
        snprintf(url, sizeof url, "http://h%d.example/", i / 100);
        snprintf(value, sizeof value, "n%d=1", i);
        assert_int_equal(http_cookies_set(jar, url, sc_span_of(value)), 1);
    }
    assert_int_equal(http_cookies_save(jar, path, &error), 0);
    assert_int_equal(http_cookies_load(again, path, &error), 3000);
    http_cookies_free(again);
}

static void files_are_read_and_written_in_tasks(void **state)
{
    assert_true(sc_task_go(NULL, many_cookies_in_a_task, *state) > 0);
    assert_int_equal(sc_run(), 0);
    assert_int_equal(((struct http_cookies *)*state)->n, 3000);
}

static void a_netrc_is_read_by_name_or_environment(void **state)
{
    struct sc_buf text = {0};

    (void)state;
    write_file(path, "machine h login a password b", 0600);
    assert_int_equal(sc_netrc_read(path, &text, NULL), 0);
    assert_string_equal(text.data, "machine h login a password b");
    text.len = 0;
    setenv("NETRC", path, 1);
    assert_int_equal(sc_netrc_read(NULL, &text, NULL), 0);
    assert_int_equal(text.len, 28);
    unsetenv("NETRC");
    sc_buf_free(&text);
}

static void a_netrc_that_cannot_be_read_is_named(void **state)
{
    struct sc_buf text = {0};

    (void)state;
    assert_int_equal(sc_netrc_read("/nowhere/netrc", &text, &error), -ENOENT);
    assert_non_null(strstr(error.text, "/nowhere/netrc"));
    assert_int_equal(sc_netrc_read(dir, &text, &error), -EISDIR);
    assert_int_equal(sc_netrc_read("/dev/zero", &text, &error), -EFBIG);
    unsetenv("NETRC");
    setenv("HOME", "/nowhere", 1);
    assert_int_equal(sc_netrc_read(NULL, &text, &error), -ENOENT);
    assert_non_null(strstr(error.text, "/nowhere/.netrc"));
    unsetenv("HOME");
    assert_int_equal(sc_netrc_read(NULL, &text, &error), -ENOENT);
    sc_buf_free(&text);
}

#define in_dir(f) cmocka_unit_test_setup_teardown(f, begin, end)

static const struct CMUnitTest tests[] = {
    in_dir(cookies_are_saved_and_loaded),
    in_dir(a_file_that_is_there_keeps_its_mode),
    in_dir(a_link_is_followed),
    in_dir(a_device_is_written_to),
    in_dir(a_failed_save_leaves_the_old_file),
    in_dir(a_place_that_is_not_there_is_named),
    in_dir(files_are_read_and_written_in_tasks),
    in_dir(a_netrc_is_read_by_name_or_environment),
    in_dir(a_netrc_that_cannot_be_read_is_named),
};

TEST_MAIN(tests)
