/* test_pop3_state.c - the file of UIDs that are safe: locked, of one account,
 * whole or as it was. */
#include "main.h"

#include <sys/syscall.h>
#include <time.h>

#include "pop3/pop3_state.h"
#include "scratch.h"

static struct scratch scratch;
static char file[200];

static int bad_fsync; /* the Nth fsync from now fails; 0: none */

/* Instead of the system's. */
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
    bad_fsync = 0;
    scratch = scratch_new();
    snprintf(file, sizeof file, "%s/state", scratch.dir);
    return 0;
}

static int clean(void **state)
{
    (void)state;
    scratch_disk(RLIM_INFINITY);
    scratch_free(&scratch);
    return 0;
}

static struct pop3_state *open_it(void)
{
    struct sc_error e = {0};
    struct pop3_state *s = pop3_state_open(file, "joe@host", &e);

    if (s == NULL)
        fail_msg("%s", e.text);
    return s;
}

static void assert_file(const char *text)
{
    struct sc_buf b = scratch_read(file);

    assert_string_equal(b.data, text);
    sc_buf_free(&b);
}

static void what_was_stored_is_known(void **state)
{
    struct pop3_state *s = open_it();

    (void)state;
    assert_int_equal(pop3_state_since(s), -1);
    assert_false(pop3_state_knows(s, "a"));
    assert_int_equal(pop3_state_begin(s, NULL), 0);
    assert_int_equal(pop3_state_stored(s, "a", NULL), 0);
    assert_int_equal(pop3_state_stored(s, "b", NULL), 0);
    pop3_state_mark(s, "b");
    assert_int_equal(pop3_state_end(s, NULL), 0);
    pop3_state_close(s);
    assert_file("pop3 state 1 joe@host\n+ a\n- b\n");
    s = open_it();
    assert_true(pop3_state_knows(s, "b"));
    assert_true(pop3_state_knows(s, "a"));
    assert_false(pop3_state_knows(s, "c"));
    pop3_state_gone(s, "a");
    assert_int_equal(pop3_state_end(s, NULL), 0);
    pop3_state_close(s);
    assert_file("pop3 state 1 joe@host\n+ b\n");
}

static void a_run_that_has_not_ended_is_told(void **state)
{
    struct pop3_state *s = open_it();
    int64_t since;

    (void)state;
    assert_int_equal(pop3_state_begin(s, NULL), 0);
    assert_int_equal(pop3_state_stored(s, "a", NULL), 0);
    pop3_state_close(s); /* killed */
    s = open_it();
    since = pop3_state_since(s);
    assert_in_range(since, time(NULL) - 60, time(NULL));
    assert_true(pop3_state_knows(s, "a"));
    pop3_state_close(s);
}

/* Two messages may be the same: RFC 1939 section 7. */
static void each_copy_counts(void **state)
{
    struct pop3_state *s;

    (void)state;
    scratch_write(file, "pop3 state 1 joe@host\n+ a\n+ a\n");
    s = open_it();
    assert_true(pop3_state_knows(s, "a"));
    assert_true(pop3_state_knows(s, "a"));
    assert_false(pop3_state_knows(s, "a"));
    pop3_state_close(s);
}

static void what_the_list_does_not_name_is_forgotten(void **state)
{
    struct pop3_state *s;

    (void)state;
    scratch_write(file, "pop3 state 1 joe@host\n+ a\n+ b\n+ c\n");
    s = open_it();
    assert_true(pop3_state_knows(s, "b"));
    assert_int_equal(pop3_state_end(s, NULL), 0);
    pop3_state_close(s);
    assert_file("pop3 state 1 joe@host\n+ b\n");
}

static void a_line_without_its_end_says_nothing(void **state)
{
    struct pop3_state *s;

    (void)state;
    scratch_write(file, "pop3 state 1 joe@host\n+ abc\n+ ab");
    s = open_it();
    assert_false(pop3_state_knows(s, "ab"));
    assert_true(pop3_state_knows(s, "abc"));
    pop3_state_close(s);
}

static void refuses(const char *text, int code)
{
    struct sc_error e = {0};

    scratch_write(file, text);
    assert_null(pop3_state_open(file, "joe@host", &e));
    if (e.code != code)
        fail_msg("%s: %s", text, e.text);
    assert_file(text);
}

static void another_account_and_damage_are_refused(void **state)
{
    (void)state;
    refuses("pop3 state 1 eve@host\n+ a\n", SC_EINVAL);
    refuses("pop3 state 1 joe@hostess\n", SC_EINVAL);
    refuses("pop3 state 2 joe@host\n", SC_EPROTO);
    refuses("From a@b\n", SC_EPROTO);
    refuses("pop3 state 1 joe@host\n+ a b\n", SC_EPROTO);
    refuses("pop3 state 1 joe@host\n+ \n", SC_EPROTO);
    refuses("pop3 state 1 joe@host\n\n", SC_EPROTO);
    refuses("pop3 state 1 joe@host\n* a\n", SC_EPROTO);
    refuses("pop3 state 1 joe@host\n< x\n", SC_EPROTO);
    refuses("a file of something else", SC_EPROTO);
    refuses("pop3 state 1 eve@host", SC_EPROTO);
}

/* It must not be waited for, nor be replaced. */
static void what_is_no_file_is_refused(void **state)
{
    struct sc_error e = {0};

    (void)state;
    assert_int_equal(mkfifo(file, 0600), 0);
    assert_null(pop3_state_open(file, "joe@host", &e));
    assert_int_equal(e.code, SC_EINVAL);
    assert_int_equal(unlink(file), 0);
    assert_int_equal(mkdir(file, 0700), 0);
    assert_null(pop3_state_open(file, "joe@host", &e));
    assert_int_equal(e.code, -EISDIR);
    assert_int_equal(rmdir(file), 0);
}

static void one_run_at_a_time(void **state)
{
    struct pop3_state *s = open_it();
    struct sc_error e = {0};

    (void)state;
    assert_null(pop3_state_open(file, "joe@host", &e));
    assert_int_equal(e.code, SC_EBUSY);
    pop3_state_close(s);
    pop3_state_close(open_it());
}

static void a_full_disk_leaves_the_file_as_it_was(void **state)
{
    struct sc_error e = {0};
    struct pop3_state *s;
    char uid[20];

    (void)state;
    scratch_write(file, "pop3 state 1 joe@host\n+ a\n");
    s = open_it();
    assert_true(pop3_state_knows(s, "a"));
    for (int i = 0; i < 100; i++) {
        snprintf(uid, sizeof uid, "uid-%d", i);
        assert_int_equal(pop3_state_stored(s, uid, NULL), 0);
    }
    scratch_disk(100);
    assert_int_equal(pop3_state_end(s, &e), -EFBIG);
    scratch_disk(RLIM_INFINITY);
    assert_non_null(strstr(e.text, file));
    pop3_state_close(s);
    assert_file("pop3 state 1 joe@host\n+ a\n");
    assert_int_equal(scratch_count(scratch.dir, NULL), 2); /* and the lock */
}

/* First the file's, before it takes the other's place, then the folder's. */
static void what_cannot_be_synced_is_told(void **state)
{
    struct pop3_state *s;

    (void)state;
    scratch_write(file, "pop3 state 1 joe@host\n+ a\n+ b\n");
    s = open_it();
    assert_true(pop3_state_knows(s, "a"));
    for (int i = 1; i <= 2; i++) {
        bad_fsync = i;
        assert_int_equal(pop3_state_end(s, NULL), -EIO);
        assert_int_equal(bad_fsync, 0);
        assert_file(i == 1 ? "pop3 state 1 joe@host\n+ a\n+ b\n"
                           : "pop3 state 1 joe@host\n+ a\n");
        assert_int_equal(scratch_count(scratch.dir, NULL), 2);
    }
    bad_fsync = 3;
    assert_int_equal(pop3_state_end(s, NULL), 0);
    assert_int_equal(bad_fsync, 1);
    pop3_state_close(s);
}

static void a_million_uids_are_found(void **state)
{
    struct pop3_set s = {.n = 0};
    char uid[20];
    int rc = 0;

    (void)state;
    for (int i = 0; i < 1000000; i++) {
        snprintf(uid, sizeof uid, "%08x", i);
        assert_non_null(pop3_set_add(&s, uid, &rc));
    }
    for (int i = 0; i < 1000000; i++) {
        snprintf(uid, sizeof uid, "%08x", i);
        assert_true(pop3_set_take(&s, uid));
    }
    assert_false(pop3_set_take(&s, "00000000"));
    assert_false(pop3_set_take(&s, "x"));
    pop3_set_free(&s);
}

#define T(f) cmocka_unit_test_setup_teardown(f, make, clean)
static const struct CMUnitTest tests[] = {
    T(what_was_stored_is_known),
    T(a_run_that_has_not_ended_is_told),
    T(each_copy_counts),
    T(what_the_list_does_not_name_is_forgotten),
    T(a_line_without_its_end_says_nothing),
    T(another_account_and_damage_are_refused),
    T(what_is_no_file_is_refused),
    T(one_run_at_a_time),
    T(a_full_disk_leaves_the_file_as_it_was),
    T(what_cannot_be_synced_is_told),
    T(a_million_uids_are_found),
};

TEST_MAIN(tests)
