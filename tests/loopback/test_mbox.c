/* test_mbox.c - a message at the end of an mbox, whole, or nothing of it. */
#include "main.h"

#include <sys/syscall.h>

#include <simpleclient/task.h>

#include "mail/mail_store.h"
#include "scratch.h"

enum { NOBODY = 65534 };

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
    snprintf(file, sizeof file, "%s/mbox", scratch.dir);
    return 0;
}

static int clean(void **state)
{
    (void)state;
    scratch_disk(RLIM_INFINITY);
    scratch_free(&scratch);
    return 0;
}

static struct mail_store *begin(const char *sender)
{
    struct sc_error e = {0};
    struct mail_store *s = mail_mbox_begin(file, sender, &e);

    if (s == NULL)
        fail_msg("%s", e.text);
    return s;
}

static void add(const char *text)
{
    struct mail_store *s = begin("a@b");
    struct sc_error e = {0};

    assert_int_equal(mail_store_sink(s, text, strlen(text)), 0);
    if (mail_store_finish(s, &e) < 0)
        fail_msg("%s", e.text);
}

/* The file, each From_ line without its time: "From a@b\n". */
static struct sc_buf content(void)
{
    struct sc_buf all = scratch_read(file), b = {0};
    const char *p = all.data, *lf;

    sc_buf_add(&b, "", 0);
    for (; (lf = strchr(p, '\n')) != NULL; p = lf + 1)
        if (strncmp(p, "From a@b ", 9) == 0 && lf - p == 9 + 24)
            sc_buf_addf(&b, "From a@b\n");
        else
            sc_buf_addf(&b, "%.*s\n", (int)(lf - p), p);
    sc_buf_addf(&b, "%s", p);
    sc_buf_free(&all);
    return b;
}

static void assert_content(const char *text)
{
    struct sc_buf b = content();

    assert_string_equal(b.data, text);
    sc_buf_free(&b);
}

static void messages_are_separated_by_an_empty_line(void **state)
{
    (void)state;
    add("A: b\r\n\r\none\r\n");
    add("A: b\r\n\r\nno end");
    add("");
    assert_content("From a@b\nA: b\n\none\n\n"
                   "From a@b\nA: b\n\nno end\n\n"
                   "From a@b\n\n");
}

static void from_lines_are_quoted_wherever_they_are_cut(void **state)
{
    static const char text[] = "From a\r\n>From b\r\n>>>From c\r\nFrom\r\n"
                               " From d\r\nfrom e\r\n>Fro\r\n>\r\nx>From f\r\n"
                               "From ";

    (void)state;
    for (size_t cut = 0; cut < sizeof text; cut++) {
        struct mail_store *s = begin("a@b");

        mail_store_sink(s, text, cut);
        mail_store_sink(s, text + cut, sizeof text - 1 - cut);
        assert_int_equal(mail_store_finish(s, NULL), 0);
        assert_content("From a@b\n>From a\n>>From b\n>>>>From c\nFrom\n"
                       " From d\nfrom e\n>Fro\n>\nx>From f\n>From \n\n");
        unlink(file);
    }
}

static void the_sender_cannot_begin_a_line(void **state)
{
    static const char *const senders[] = {NULL, "", "a b", "a\nFrom b"};

    (void)state;
    for (size_t i = 0; i < 4; i++) {
        struct sc_buf b;

        assert_int_equal(mail_store_finish(begin(senders[i]), NULL), 0);
        b = scratch_read(file);
        assert_memory_equal(b.data, "From MAILER-DAEMON ", 19);
        assert_int_equal(b.len, 19 + 25 + 1);
        sc_buf_free(&b);
        unlink(file);
    }
}

static void what_lacks_its_end_is_ended_first(void **state)
{
    (void)state;
    scratch_write(file, "From x\n\nold");
    add("new\r\n");
    assert_content("From x\n\nold\n\nFrom a@b\nnew\n\n");
    scratch_write(file, "From x\n\nold\n"); /* and no empty line */
    add("new\r\n");
    assert_content("From x\n\nold\n\nFrom a@b\nnew\n\n");
    scratch_write(file, "\n");
    add("new\r\n");
    assert_content("\nFrom a@b\nnew\n\n");
}

/* The file's and, where it is new, the folder's. */
static void what_cannot_be_synced_is_not_there(void **state)
{
    (void)state;
    for (int i = 1; i <= 2; i++) {
        struct mail_store *s = begin("a@b");

        mail_store_sink(s, "text\r\n", 6);
        bad_fsync = i;
        assert_int_equal(mail_store_finish(s, NULL), -EIO);
        assert_content("");
        assert_int_equal(unlink(file), 0);
        assert_int_equal(scratch_count(scratch.dir, NULL), 0);
    }
    add("one\r\n");
    bad_fsync = 2;
    add("two\r\n");
    assert_int_equal(bad_fsync, 1);
}

static void an_abandoned_one_leaves_the_file_as_it_was(void **state)
{
    struct mail_store *s = begin(NULL);

    (void)state;
    mail_store_sink(s, "half", 4);
    mail_store_abandon(s);
    assert_int_equal(scratch_count(scratch.dir, NULL), 0);
}

static void a_large_message_is_kept_aside(void **state)
{
    struct mail_store *s = begin("a@b");
    struct sc_buf want = {0}, got;

    (void)state;
    sc_buf_addf(&want, "From a@b\n");
    for (int i = 0; i < 30000; i++) {
        mail_store_sink(s, "0123456789\r\n", 12);
        sc_buf_addf(&want, "0123456789\n");
    }
    sc_buf_addf(&want, "\n");
    assert_int_equal(scratch_count(scratch.dir, NULL), 0);
    assert_int_equal(mail_store_finish(s, NULL), 0);
    got = content();
    assert_int_equal(got.len, want.len);
    assert_memory_equal(got.data, want.data, want.len);
    sc_buf_free(&want);
    sc_buf_free(&got);
}

static void a_full_disk_leaves_the_file_as_it_was(void **state)
{
    struct mail_store *s;
    struct sc_error e = {0};

    (void)state;
    add("one\r\n");
    s = begin("a@b");
    for (int i = 0; i < 100; i++)
        mail_store_sink(s, "0123456789\r\n", 12);
    scratch_disk(512);
    assert_int_equal(mail_store_finish(s, &e), -EFBIG);
    scratch_disk(RLIM_INFINITY);
    assert_non_null(strstr(e.text, file));
    assert_content("From a@b\none\n\n");
    assert_int_equal(scratch_count(scratch.dir, NULL), 1); /* no lock */
}

static void a_folder_or_a_pipe_is_no_mbox(void **state)
{
    struct sc_error e = {0};

    (void)state;
    assert_null(mail_mbox_begin(scratch.dir, NULL, &e));
    assert_int_equal(e.code, -EISDIR);
    assert_int_equal(mkfifo(file, 0600), 0);
    assert_null(mail_mbox_begin(file, NULL, &e));
    assert_int_equal(e.code, SC_EINVAL);
}

static void release(void *arg)
{
    sc_sleep(100);
    assert_int_equal(scratch_count(scratch.dir, NULL), 1); /* the lock */
    assert_int_equal(unlink(arg), 0);
}

/* The lock of another program is waited for; the task's loop goes on. */
static void a_dot_lock_is_waited_for(void **state)
{
    static char lock[300];

    (void)state;
    snprintf(lock, sizeof lock, "%s.lock", file);
    scratch_write(lock, "");
    assert_true(sc_task_go(NULL, release, lock) > 0);
    add("one\r\n");
    assert_content("From a@b\none\n\n");
    sc_run();
}

static void wait_for_lock(void *arg)
{
    struct mail_store *s = begin("a@b");

    mail_store_sink(s, "one\r\n", 5);
    *(int *)arg = mail_store_finish(s, NULL);
}

static void waiting_for_a_lock_can_be_cancelled(void **state)
{
    char lock[300];
    int64_t task;
    int rc = 0;

    (void)state;
    snprintf(lock, sizeof lock, "%s.lock", file);
    scratch_write(lock, "");
    task = sc_task_go(NULL, wait_for_lock, &rc);
    assert_true(task > 0);
    sc_sleep(20);
    sc_task_cancel(task);
    sc_task_join(task);
    assert_int_equal(rc, SC_ECANCELED);
    assert_int_equal(scratch_count(scratch.dir, NULL), 1); /* that lock */
}

/* Of another program, which knows fcntl's only. */
static void the_lock_of_fcntl_is_waited_for(void **state)
{
    struct flock whole = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
    int64_t task;
    int rc = 1, fd;

    (void)state;
    scratch_write(file, "");
    fd = open(file, O_RDWR);
    assert_int_equal(fcntl(fd, F_OFD_SETLK, &whole), 0);
    task = sc_task_go(NULL, wait_for_lock, &rc);
    sc_sleep(120);
    assert_int_equal(rc, 1);
    assert_content("");
    close(fd);
    sc_task_join(task);
    assert_int_equal(rc, 0);
    assert_content("From a@b\none\n\n");
}

static void a_lock_that_was_left_is_broken(void **state)
{
    struct timeval old[2] = {{.tv_sec = 1000000}, {.tv_sec = 1000000}};
    char lock[300];

    (void)state;
    snprintf(lock, sizeof lock, "%s.lock", file);
    scratch_write(lock, "");
    assert_int_equal(utimes(lock, old), 0);
    add("one\r\n");
    assert_content("From a@b\none\n\n");
}

/* As /var/mail is: the file may be written, its folder may not. */
static void a_folder_may_forbid_locks_and_files(void **state)
{
    struct sc_buf text = {0}, got;
    bool root = geteuid() == 0;

    (void)state;
    if (root) { /* who may do everything */
        assert_int_equal(chown(scratch.dir, NOBODY, NOBODY), 0);
        assert_int_equal(seteuid(NOBODY), 0);
    }
    scratch_write(file, "");
    assert_int_equal(chmod(scratch.dir, 0500), 0);
    for (int i = 0; i < 20000; i++)
        sc_buf_addf(&text, "0123456789\r\n");
    add(text.data);
    assert_int_equal(chmod(scratch.dir, 0700), 0);
    if (root)
        assert_int_equal(seteuid(0), 0);
    got = content();
    assert_int_equal(got.len, 9 + 20000 * 11 + 1);
    sc_buf_free(&text);
    sc_buf_free(&got);
}

static void add_one(void *arg)
{
    struct mail_store *s = mail_mbox_begin(file, "a@b", NULL);

    for (int i = 0; i < 10; i++)
        mail_store_sink(s, "same\r\n", 6);
    *(int *)arg += mail_store_finish(s, NULL) == 0;
}

static void many_at_once_do_not_mix(void **state)
{
    struct sc_group *g = sc_group_new(NULL, 0);
    struct sc_buf want = {0};
    int stored = 0;

    (void)state;
    for (int i = 0; i < 20; i++) {
        sc_group_go(g, add_one, &stored);
        sc_buf_addf(&want, "From a@b\nsame\nsame\nsame\nsame\nsame\nsame\n"
                           "same\nsame\nsame\nsame\n\n");
    }
    assert_int_equal(sc_group_wait(g), 0);
    assert_int_equal(stored, 20);
    assert_content(want.data);
    sc_buf_free(&want);
}

#define T(f) cmocka_unit_test_setup_teardown(f, make, clean)
static const struct CMUnitTest tests[] = {
    T(messages_are_separated_by_an_empty_line),
    T(from_lines_are_quoted_wherever_they_are_cut),
    T(the_sender_cannot_begin_a_line),
    T(what_lacks_its_end_is_ended_first),
    T(what_cannot_be_synced_is_not_there),
    T(an_abandoned_one_leaves_the_file_as_it_was),
    T(a_large_message_is_kept_aside),
    T(a_full_disk_leaves_the_file_as_it_was),
    T(a_folder_or_a_pipe_is_no_mbox),
    T(a_dot_lock_is_waited_for),
    T(waiting_for_a_lock_can_be_cancelled),
    T(the_lock_of_fcntl_is_waited_for),
    T(a_lock_that_was_left_is_broken),
    T(a_folder_may_forbid_locks_and_files),
    T(many_at_once_do_not_mix),
};

TEST_MAIN(tests)
