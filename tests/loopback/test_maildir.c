/* test_maildir.c - a message is in new/ whole, or nowhere. */
#include "main.h"

#include <sys/syscall.h>
#include <time.h>

#include <simpleclient/task.h>

#include "mail/mail_store.h"
#include "scratch.h"

static struct scratch scratch;
static char dir[200];

static const char *host_is = "here"; /* gethostname's answer */
static int bad_fsync;                /* the Nth fsync from now fails; 0: none */

/* Instead of the system's. */
int gethostname(char *name, size_t n)
{
    snprintf(name, n, "%s", host_is);
    return 0;
}

int fsync(int fd)
{
    if (bad_fsync > 0 && --bad_fsync == 0) {
        errno = EIO;
        return -1;
    }
    return (int)syscall(SYS_fsync, fd);
}

static int make(void **state)
{
    (void)state;
    host_is = "here";
    bad_fsync = 0;
    scratch = scratch_new();
    snprintf(dir, sizeof dir, "%s/Mail", scratch.dir);
    return 0;
}

static int clean(void **state)
{
    (void)state;
    scratch_disk(RLIM_INFINITY);
    scratch_free(&scratch);
    return 0;
}

static int files(const char *folder, char name[700])
{
    char path[300];

    snprintf(path, sizeof path, "%s/%s", dir, folder);
    return scratch_count(path, name);
}

static struct mail_store *begin(void)
{
    struct sc_error e = {0};
    struct mail_store *s = mail_maildir_begin(dir, &e);

    if (s == NULL)
        fail_msg("%s", e.text);
    return s;
}

static void assert_stored(const char *text)
{
    struct sc_buf got;
    char name[700] = "";

    assert_int_equal(files("new", name), 1);
    assert_int_equal(files("tmp", NULL), 0);
    got = scratch_read(name);
    assert_string_equal(got.data, text);
    sc_buf_free(&got);
    unlink(name);
}

static void a_message_is_moved_into_new_when_it_is_whole(void **state)
{
    struct mail_store *s = begin();

    (void)state;
    assert_int_equal(mail_store_sink(s, "A: b\r\n\r\nte", 10), 0);
    assert_int_equal(mail_store_sink(s, "xt\r\n", 4), 0);
    assert_int_equal(files("new", NULL), 0);
    assert_int_equal(files("tmp", NULL), 1);
    assert_int_equal(mail_store_finish(s, NULL), 0);
    assert_stored("A: b\n\ntext\n");
}

static void line_ends_become_lf_wherever_they_are_cut(void **state)
{
    static const char text[] = "\r\n\ra\r\rb\r\r\nc\nd\r\n.\r\n\r";
    const size_t n = sizeof text - 1;

    (void)state;
    for (size_t cut = 0; cut <= n; cut++) {
        struct mail_store *s = begin();

        assert_int_equal(mail_store_sink(s, text, cut), 0);
        assert_int_equal(mail_store_sink(s, text + cut, n - cut), 0);
        assert_int_equal(mail_store_finish(s, NULL), 0);
        assert_stored("\n\ra\r\rb\r\nc\nd\n.\n\r");
    }
}

static void nothing_is_left_of_an_abandoned_message(void **state)
{
    struct mail_store *s = begin();

    (void)state;
    mail_store_sink(s, "half", 4);
    mail_store_abandon(s);
    assert_int_equal(files("tmp", NULL), 0);
    assert_int_equal(files("new", NULL), 0);
}

/* The fsync number E->code from then on fails. */
static size_t finish_four(struct sc_error *e)
{
    struct mail_store *s[4];

    for (int i = 0; i < 4; i++) {
        s[i] = begin();
        assert_int_equal(mail_store_sink(s[i], "text\r", 5), 0);
    }
    assert_int_equal(files("tmp", NULL), 4);
    bad_fsync = e->code;
    return mail_maildir_finish_all(s, 4, e);
}

static void several_are_safe_at_once(void **state)
{
    struct sc_error e = {0};
    struct sc_buf got;
    char name[700];

    (void)state;
    assert_int_equal(finish_four(&e), 4);
    assert_int_equal(files("new", name), 4);
    assert_int_equal(files("tmp", NULL), 0);
    got = scratch_read(name);
    assert_string_equal(got.data, "text\r");
    sc_buf_free(&got);
}

static void those_before_the_one_that_fails_are_safe(void **state)
{
    struct sc_error e = {.code = 3};

    (void)state;
    assert_int_equal(finish_four(&e), 2);
    assert_int_equal(e.code, -EIO);
    assert_int_equal(files("new", NULL), 2);
    assert_int_equal(files("tmp", NULL), 0);
}

static void a_folder_that_is_not_synced_takes_all_back(void **state)
{
    struct sc_error e = {.code = 5};

    (void)state;
    assert_int_equal(finish_four(&e), 0);
    assert_int_equal(e.code, -EIO);
    assert_int_equal(files("new", NULL), 0);
    assert_int_equal(files("tmp", NULL), 0);
}

static void a_large_message_is_the_same(void **state)
{
    struct mail_store *s = begin();
    struct sc_buf want = {0}, got;
    char name[700];

    (void)state;
    for (int i = 0; i < 20000; i++) {
        sc_buf_addf(&want, "line %d\n", i);
        sc_buf_addf(&want, "%s", "");
        mail_store_sink(s, "line ", 5);
        snprintf(name, sizeof name, "%d\r\n", i);
        mail_store_sink(s, name, strlen(name));
    }
    assert_int_equal(mail_store_finish(s, NULL), 0);
    assert_int_equal(files("new", name), 1);
    got = scratch_read(name);
    assert_true(want.len > 2 * MAIL_STORE_PIECE);
    assert_int_equal(got.len, want.len);
    assert_memory_equal(got.data, want.data, want.len);
    sc_buf_free(&want);
    sc_buf_free(&got);
}

/* Beyond the buffer: SINK says so; within it, FINISH. */
static void a_full_disk_delivers_nothing(void **state)
{
    static const int lines[] = {100, 20000};

    (void)state;
    for (int i = 0; i < 2; i++) {
        struct mail_store *s = begin();
        struct sc_error e = {0};
        int rc = 0;

        scratch_disk(512);
        for (int k = 0; k < lines[i]; k++)
            rc = mail_store_sink(s, "0123456789\r\n", 12);
        assert_int_equal(rc, i == 0 ? 0 : -EFBIG);
        assert_int_equal(mail_store_finish(s, &e), -EFBIG);
        scratch_disk(RLIM_INFINITY);
        assert_non_null(strstr(e.text, dir));
        assert_int_equal(files("new", NULL), 0);
        assert_int_equal(files("tmp", NULL), 0);
    }
}

static void a_folder_that_cannot_be_is_told(void **state)
{
    struct sc_error e = {0};

    (void)state;
    scratch_write(dir, "a file");
    assert_null(mail_maildir_begin(dir, &e));
    assert_int_equal(e.code, -ENOTDIR);
    unlink(dir);
    assert_null(mail_maildir_begin("", &e)); /* not /tmp, /new, /cur */
    assert_int_equal(e.code, SC_EINVAL);
    assert_null(mail_maildir_begin("/nowhere/at/all", &e));
    assert_int_equal(e.code, -ENOENT);
}

/* The file's, and that of new/. */
static void what_cannot_be_synced_is_not_delivered(void **state)
{
    (void)state;
    assert_int_equal(mail_store_finish(begin(), NULL), 0);
    for (int i = 1; i <= 2; i++) {
        struct mail_store *s = begin();
        struct sc_error e = {0};

        mail_store_sink(s, "text\r\n", 6);
        bad_fsync = i;
        assert_int_equal(mail_store_finish(s, &e), -EIO);
        assert_int_equal(bad_fsync, 0);
        assert_int_equal(files("new", NULL), 1);
        assert_int_equal(files("tmp", NULL), 0);
    }
    bad_fsync = 3; /* there are no more */
    assert_int_equal(mail_store_finish(begin(), NULL), 0);
    assert_int_equal(bad_fsync, 1);
}

static void folders_that_are_missing_are_made(void **state)
{
    char path[300];

    (void)state;
    for (int i = 0; i < 3; i++) {
        static const char *const folders[] = {"tmp", "new", "cur"};

        mail_store_abandon(begin());
        snprintf(path, sizeof path, "%s/%s", dir, folders[i]);
        assert_int_equal(rmdir(path), 0);
        mail_store_finish(begin(), NULL);
        assert_stored("");
        assert_int_equal(access(path, F_OK), 0);
    }
}

/* What ends a field or a name is written in octal. ",U=" is of others. */
static void names_are_lawful_whatever_the_host_is_called(void **state)
{
    struct mail_store *s;
    char name[700];

    (void)state;
    host_is = "a/b:c,d";
    s = mail_maildir_begin_marked(dir, "abc123", NULL);
    assert_int_equal(mail_store_finish(s, NULL), 0);
    assert_int_equal(files("new", name), 1);
    assert_non_null(strstr(name, ".a\\057b\\072c\\054d,"));
    assert_null(strchr(name, ':'));
    assert_null(strstr(name, ",U="));
}

static void note_mark(void *arg, const char *mark, int64_t seconds)
{
    struct sc_buf *b = arg;

    assert_in_range(seconds, time(NULL) - 60, time(NULL) + 1);
    sc_buf_addf(b, "%s ", mark);
}

static void marks_are_found_where_readers_have_moved_them(void **state)
{
    struct sc_buf b = {0};
    struct mail_store *s;
    char name[700], moved[900];

    (void)state;
    assert_int_equal(mail_maildir_marks(dir, note_mark, &b), 0);
    assert_int_equal(b.len, 0);
    s = mail_maildir_begin_marked(dir, "abc123", NULL);
    assert_int_equal(mail_store_finish(s, NULL), 0);
    assert_int_equal(mail_store_finish(begin(), NULL), 0);
    mail_store_abandon(mail_maildir_begin_marked(dir, "never", NULL));
    assert_int_equal(mail_maildir_marks(dir, note_mark, &b), 0);
    assert_string_equal(b.data, "abc123 ");
    b.len = 0;
    for (int i = 0; i < 2; i++) {
        files("new", name);
        snprintf(moved, sizeof moved, "%s/cur/%s:2,S", dir,
                 strrchr(name, '/') + 1);
        assert_int_equal(rename(name, moved), 0);
    }
    assert_int_equal(mail_maildir_marks(dir, note_mark, &b), 0);
    assert_string_equal(b.data, "abc123 ");
    sc_buf_free(&b);
}

/* A run that was killed may not have done so: a name that the next power cut
 * takes away is not one to rely on. */
static void what_is_found_is_synced_first(void **state)
{
    struct sc_buf b = {0};

    (void)state;
    assert_int_equal(
        mail_store_finish(mail_maildir_begin_marked(dir, "a", NULL), NULL), 0);
    for (int i = 1; i <= 2; i++) {
        bad_fsync = i; /* new/, cur/ */
        assert_int_equal(mail_maildir_marks(dir, note_mark, &b), -EIO);
    }
    sc_buf_free(&b);
}

static void store_one(void *arg)
{
    struct mail_store *s = begin();

    mail_store_sink(s, "text\r\n", 6);
    *(int *)arg += mail_store_finish(s, NULL) == 0;
}

static void many_at_once_have_names_of_their_own(void **state)
{
    struct sc_group *g = sc_group_new(NULL, 0);
    int stored = 0;

    (void)state;
    for (int i = 0; i < 50; i++)
        sc_group_go(g, store_one, &stored);
    assert_int_equal(sc_group_wait(g), 0);
    assert_int_equal(stored, 50);
    assert_int_equal(files("new", NULL), 50);
    assert_int_equal(files("tmp", NULL), 0);
}

#define T(f) cmocka_unit_test_setup_teardown(f, make, clean)
static const struct CMUnitTest tests[] = {
    T(a_message_is_moved_into_new_when_it_is_whole),
    T(line_ends_become_lf_wherever_they_are_cut),
    T(nothing_is_left_of_an_abandoned_message),
    T(several_are_safe_at_once),
    T(those_before_the_one_that_fails_are_safe),
    T(a_folder_that_is_not_synced_takes_all_back),
    T(a_large_message_is_the_same),
    T(a_full_disk_delivers_nothing),
    T(a_folder_that_cannot_be_is_told),
    T(what_cannot_be_synced_is_not_delivered),
    T(folders_that_are_missing_are_made),
    T(names_are_lawful_whatever_the_host_is_called),
    T(marks_are_found_where_readers_have_moved_them),
    T(what_is_found_is_synced_first),
    T(many_at_once_have_names_of_their_own),
};

TEST_MAIN(tests)
