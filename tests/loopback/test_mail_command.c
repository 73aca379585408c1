/* test_mail_command.c - a message to a command: what it is given, and what its
 * end says. */
#include "main.h"

#include <dlfcn.h>
#include <spawn.h>
#include <sys/wait.h>

#include <simpleclient/task.h>

#include "mail/mail_store.h"
#include "scratch.h"

static struct scratch scratch;
static char file[200];
static int busy; /* so often there is no process to be had */

/* Instead of the system's: the limit of processes does not hold for root. */
int posix_spawn(pid_t *pid, const char *path,
                const posix_spawn_file_actions_t *files,
                const posix_spawnattr_t *how, char *const *argv,
                char *const *environ_)
{
    __typeof__(posix_spawn) *real;

    if (busy > 0) {
        busy--;
        return EAGAIN;
    }
    *(void **)&real = dlsym(RTLD_NEXT, "posix_spawn");
    return real(pid, path, files, how, argv, environ_);
}

static int make(void **state)
{
    (void)state;
    busy = 0;
    scratch = scratch_new();
    snprintf(file, sizeof file, "%s/got", scratch.dir);
    return 0;
}

static int clean(void **state)
{
    (void)state;
    scratch_free(&scratch);
    return 0;
}

/* FORMAT has a %s for FILE. */
static struct mail_store *begin(const char *end)
{
    struct sc_error e = {0};
    char command[300];
    struct mail_store *s;

    snprintf(command, sizeof command, "cat > %s%s", file, end);
    if ((s = mail_command_begin(command, &e)) == NULL)
        fail_msg("%s", e.text);
    return s;
}

static void assert_got(const char *text, size_t n)
{
    struct sc_buf got = scratch_read(file);

    assert_int_equal(got.len, n);
    assert_memory_equal(got.data, text, n);
    sc_buf_free(&got);
}

/* Twice what is held in memory, and a bit. */
static void it_gets_the_whole_message(void **state)
{
    struct sc_buf want = {0};
    struct mail_store *s = begin("");

    (void)state;
    for (int i = 0; i < 20000; i++) {
        sc_buf_addf(&want, "%d\n", i);
        mail_store_sink(s, want.data + want.len - 1, 1);
    }
    mail_store_abandon(s);
    s = begin("");
    for (size_t at = 0; at < want.len; at += 1000)
        mail_store_sink(s, want.data + at,
                        want.len - at < 1000 ? want.len - at : 1000);
    assert_int_equal(mail_store_finish(s, NULL), 0);
    assert_true(want.len > MAIL_STORE_PIECE + 1000);
    assert_got(want.data, want.len);
    sc_buf_free(&want);
}

static void it_is_tried_again_where_there_is_no_process(void **state)
{
    struct sc_buf want = {0};
    struct mail_store *s = begin("");

    (void)state;
    for (int i = 0; i < 20000; i++)
        sc_buf_addf(&want, "%d\n", i);
    mail_store_sink(s, want.data, want.len);
    busy = 2;
    assert_int_equal(mail_store_finish(s, NULL), 0);
    assert_int_equal(busy, 0);
    assert_got(want.data, want.len);
    sc_buf_free(&want);
}

static void ends_with(const char *end, const char *words)
{
    struct mail_store *s = begin(end);
    struct sc_error e = {0};

    mail_store_sink(s, "text\r\n", 6);
    assert_int_equal(mail_store_finish(s, &e), -EIO);
    if (strstr(e.text, words) == NULL)
        fail_msg("%s", e.text);
}

static void its_end_is_told(void **state)
{
    (void)state;
    ends_with("; exit 3", "exit 3");
    ends_with("; kill -9 $$", "signal 9");
    ends_with("; no-such-command-at-all 2> /dev/null", "exit 127");
    errno = 0;
    assert_int_equal(waitpid(-1, NULL, WNOHANG), -1); /* no zombie */
    assert_int_equal(errno, ECHILD);
}

/* It may read as much as it likes. */
static void it_need_not_read(void **state)
{
    struct sc_error e = {0};
    struct mail_store *s = mail_command_begin("exec true", &e);

    (void)state;
    assert_non_null(s);
    for (int i = 0; i < 100000; i++)
        mail_store_sink(s, "0123456789\r\n", 12);
    assert_int_equal(mail_store_finish(s, &e), 0);
}

/* stdin, stdout, stderr, and what ls opens. */
static void it_inherits_nothing_else(void **state)
{
    struct sc_error e = {0};
    struct mail_store *s;
    struct sc_buf got;
    char command[300];
    int own = open("/dev/null", O_RDONLY | O_CLOEXEC);

    (void)state;
    snprintf(command, sizeof command, "ls /proc/self/fd > %s", file);
    assert_non_null(s = mail_command_begin(command, &e));
    assert_int_equal(mail_store_finish(s, &e), 0);
    got = scratch_read(file);
    for (int fd = 3; fd < 20; fd++) {
        char name[8];

        snprintf(name, sizeof name, "\n%d\n", fd);
        if (fcntl(fd, F_GETFD) >= 0 && (fcntl(fd, F_GETFD) & FD_CLOEXEC) &&
            fd != 3 && strstr(got.data, name) != NULL)
            fail_msg("%d is open", fd);
    }
    sc_buf_free(&got);
    close(own);
}

/* The program has closed its stdin: the file may be number 0. */
static void a_closed_stdin_is_no_matter(void **state)
{
    int kept = dup(0);
    struct mail_store *s;

    (void)state;
    close(0);
    s = begin("");
    mail_store_sink(s, "text\r\n", 6);
    assert_int_equal(mail_store_finish(s, NULL), 0);
    if (kept >= 0) {
        dup2(kept, 0);
        close(kept);
    }
    assert_got("text\n", 5);
}

static void count(void *arg)
{
    while (sc_sleep(1) == 0)
        ++*(int *)arg;
}

static void finish(void *arg)
{
    struct mail_store *s = begin("; sleep 0.2");

    *(int *)arg = mail_store_finish(s, NULL);
}

static void other_tasks_go_on_meanwhile(void **state)
{
    int times = 0, rc = 1;
    int64_t counter, task;

    (void)state;
    counter = sc_task_go(NULL, count, &times);
    task = sc_task_go(NULL, finish, &rc);
    sc_task_join(task);
    assert_int_equal(rc, 0);
    assert_true(times > 5);
    sc_task_cancel(counter);
    sc_task_join(counter);
}

#define T(f) cmocka_unit_test_setup_teardown(f, make, clean)
static const struct CMUnitTest tests[] = {
    T(it_gets_the_whole_message),
    T(it_is_tried_again_where_there_is_no_process),
    T(its_end_is_told),
    T(it_need_not_read),
    T(it_inherits_nothing_else),
    T(a_closed_stdin_is_no_matter),
    T(other_tasks_go_on_meanwhile),
};

TEST_MAIN(tests)
