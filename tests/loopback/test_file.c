/* test_file.c - a regular file as a stream: where it begins and ends, what it
 * refuses, and files sent over other streams. */
#include "main.h"

#include <simpleclient/class.h>

#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

static struct sc_error error;
static struct sc_wait wait = {INT64_MAX, &error};
static char dir[] = "/tmp/sc-file-XXXXXX";
static char path[64];

static int make_dir(void **state)
{
    (void)state;
    if (mkdtemp(dir) == NULL)
        return -1;
    snprintf(path, sizeof path, "%s/file", dir);
    return 0;
}

static int remove_dir(void **state)
{
    (void)state;
    return rmdir(dir);
}

static int fill_file(void **state)
{
    Stream *s = sc_stream_file(path, O_WRONLY | O_CREAT | O_TRUNC, 0,
                               UINT64_MAX, &error);

    (void)state;
    if (s == NULL || sc_stream_write(s, "0123456789", 10, &wait) != 0)
        return -1;
    sc_stream_close(s);
    return 0;
}

static int remove_file(void **state)
{
    (void)state;
    return unlink(path);
}

static void expect_part(uint64_t offset, uint64_t n, const char *text)
{
    Stream *s = sc_stream_file(path, O_RDONLY, offset, n, &error);
    char buf[20];
    size_t len = 0;
    ssize_t got;

    assert_non_null(s);
    while ((got = sc_stream_read(s, buf + len, 3, &wait)) > 0)
        len += (size_t)got;
    assert_int_equal(got, 0);
    assert_int_equal(len, strlen(text));
    assert_memory_equal(buf, text, len);
    assert_int_equal(sc_stream_read(s, buf, 3, &wait), 0);
    sc_stream_close(s);
}

static void parts_of_a_file_are_read(void **state)
{
    (void)state;
    expect_part(0, UINT64_MAX, "0123456789");
    expect_part(4, UINT64_MAX, "456789");
    expect_part(4, 4, "4567");
    expect_part(10, UINT64_MAX, "");
    expect_part(99, 1, "");
    expect_part(0, 0, "");
}

static void writing_begins_at_the_offset(void **state)
{
    Stream *s = sc_stream_file(path, O_RDWR, 3, 4, &error);
    struct sc_span v[] = {SC_SPAN("a"), SC_SPAN("bc")};
    char c;

    (void)state;
    assert_non_null(s);
    assert_int_equal(sc_stream_writev(s, v, 2, &wait), 0);
    assert_int_equal(sc_stream_read(s, &c, 1, &wait), 1);
    assert_int_equal(c, '6');
    assert_int_equal(sc_stream_write(s, "x", 1, &wait), SC_ETOOBIG);
    assert_int_equal(sc_stream_shutdown(s, &wait), 0);
    assert_int_equal(sc_stream_write(s, "", 0, &wait), SC_EPIPE);
    sc_stream_close(s);
    expect_part(0, UINT64_MAX, "012abc6789");
}

/* How much of it was written is unknown to the caller. */
static void a_write_that_failed_is_the_last(void **state)
{
    Stream *s = sc_stream_file(path, O_RDWR, 0, 4, &error);
    char c;

    (void)state;
    assert_non_null(s);
    assert_int_equal(sc_stream_write(s, "abcdef", 6, &wait), SC_ETOOBIG);
    assert_int_equal(sc_stream_write(s, "a", 1, &wait), SC_ETOOBIG);
    assert_string_not_equal(error.text, "");
    assert_int_equal(sc_stream_read(s, &c, 1, &wait), 1);
    sc_stream_close(s);
    expect_part(0, UINT64_MAX, "0123456789");
}

static void the_umask_says_the_mode(void **state)
{
    struct stat st;

    (void)state;
    assert_int_equal(stat(path, &st), 0);
    umask(umask(0022));
    assert_int_equal(st.st_mode & 07000, 0);
    assert_int_equal(st.st_mode & 0600, 0600);
    assert_int_equal(st.st_mode & 0111, 0);
}

static void only_regular_files_are_opened(void **state)
{
    char fifo[80];

    (void)state;
    snprintf(fifo, sizeof fifo, "%s/fifo", dir);
    assert_int_equal(mkfifo(fifo, 0600), 0);
    assert_null(sc_stream_file(fifo, O_RDONLY, 0, UINT64_MAX, &error));
    assert_int_equal(error.code, SC_EINVAL);
    unlink(fifo);
    assert_null(sc_stream_file(dir, O_RDONLY, 0, UINT64_MAX, &error));
    assert_int_equal(error.code, SC_EINVAL);
    assert_null(sc_stream_file("/dev/null", O_RDWR, 0, UINT64_MAX, NULL));
    assert_null(sc_stream_file(fifo, O_RDONLY, 0, UINT64_MAX, &error));
    assert_int_equal(error.code, -ENOENT);
    assert_null(sc_stream_file(path, O_RDONLY, UINT64_MAX, 1, &error));
    assert_int_equal(error.code, SC_EINVAL);
}

static void a_file_is_copied_by_sendfile(void **state)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    Stream *s;

    (void)state;
    s = sc_stream_file(path, O_WRONLY, 10, UINT64_MAX, &error);
    assert_true(fd >= 0);
    assert_non_null(s);
    assert_int_equal(sc_stream_sendfile(s, fd, 2, 5, &wait), 0);
    assert_int_equal(sc_stream_sendfile(s, fd, 0, 0, &wait), 0);
    assert_int_equal(sc_stream_sendfile(s, fd, 99, 1, &wait), SC_ESHORT);
    assert_int_equal(sc_stream_sendfile(s, -1, 0, 1, &wait), -EBADF);
    assert_int_equal(sc_stream_sendfile(s, fd, UINT64_MAX, 1, &wait),
                     SC_EINVAL);
    sc_stream_close(s);
    close(fd);
    expect_part(0, UINT64_MAX, "012345678923456");
}

static void a_file_tells_its_descriptor(void **state)
{
    Stream *s = sc_stream_file(path, O_RDONLY, 0, UINT64_MAX, &error);
    int fd = -1, pending = 0;

    (void)state;
    assert_int_equal(sc_stream_info(s, SC_INFO_FD, &fd), 0);
    assert_true(fd >= 0);
    assert_int_equal(sc_stream_info(s, SC_INFO_PENDING, &pending), 0);
    assert_int_equal(pending, 1);
    assert_int_equal(sc_stream_info(s, SC_INFO_PEER, NULL), SC_ENOTSUP);
    assert_int_equal(sc_stream_write(s, "x", 1, &wait), -EBADF);
    sc_stream_hold(s);
    sc_stream_close(s);
    assert_int_equal(sc_stream_read(s, &(char){0}, 1, &wait), SC_ECLOSED);
    sc_stream_let_go(s);
    assert_int_equal(fcntl(fd, F_GETFD), -1);
}

#define ON_A_FILE(name)                                                        \
    cmocka_unit_test_setup_teardown(name, fill_file, remove_file)

static const struct CMUnitTest tests[] = {
    ON_A_FILE(parts_of_a_file_are_read),
    ON_A_FILE(writing_begins_at_the_offset),
    ON_A_FILE(a_write_that_failed_is_the_last),
    ON_A_FILE(the_umask_says_the_mode),
    ON_A_FILE(only_regular_files_are_opened),
    ON_A_FILE(a_file_is_copied_by_sendfile),
    ON_A_FILE(a_file_tells_its_descriptor),
};

TEST_MAIN_WITH(tests, make_dir, remove_dir)
