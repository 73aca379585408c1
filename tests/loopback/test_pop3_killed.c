/* test_pop3_killed.c - a fetcher is killed (SIGKILL) at random moments while
 * messages arrive: at the end each is in the Maildir exactly once. $SC_KILLS:
 * how often; 20 unless it is set. The same where an allocation fails. The fetcher
 * is this program with arguments: fetch URL MAILDIR STATE N, where the Nth
 * allocation fails. */
#include "main.h"

#include <spawn.h>
#include <sys/wait.h>

#include "pop3_peer.h"
#include "scratch.h"

enum { NEW_ONES = 7, MOST = 4000 };

extern char **environ;
static char *me;
static struct scratch scratch;
static char dir[200], state_file[200];

enum { NOT_REACHED = 2 }; /* the exit code of a fetch without a failure */

static long left; /* allocations until one fails; < 0: none will */

static void *my_realloc(void *p, size_t n)
{
    return left >= 0 && left-- == 0 ? NULL : realloc(p, n);
}

static void *my_malloc(size_t n)
{
    return my_realloc(NULL, n);
}

static int fetch(char **argv)
{
    static const struct sc_allocator mine = {my_malloc, my_realloc, free};
    struct pop3_fetch how = {.maildir = argv[3], .state = argv[4]};
    struct pop3_result r = {0};
    int rc;

    left = strtol(argv[5], NULL, 10);
    sc_set_allocator(&mine);
    rc = pop3_fetch(argv[2], &how, &r);
    if (rc < 0 && r.error.text[0] == '\0')
        abort();
    pop3_result_free(&r);
    if (rc == 0 && left >= 0)
        return NOT_REACHED;
    return rc < 0;
}

static pid_t spawn(const struct pop3_peer *p, const char *fail_at)
{
    char *argv[] = {
        me, "fetch", (char *)p->url, dir, state_file, (char *)fail_at, NULL};
    pid_t pid = 0;

    assert_int_equal(posix_spawn(&pid, me, NULL, NULL, argv, environ), 0);
    return pid;
}

static int await(pid_t pid)
{
    int status = 0;

    while (waitpid(pid, &status, WNOHANG) == 0)
        sc_sleep(1);
    return status;
}

static void arrive(struct pop3_peer *p, int *n)
{
    char uid[20], text[3000];

    for (int i = 0; i < NEW_ONES && *n < MOST; i++, ++*n) {
        snprintf(uid, sizeof uid, "u%d", *n);
        snprintf(text, sizeof text, "Subject: %d\r\n\r\n%02000d\r\n", *n, *n);
        peer_add(p, uid, text);
    }
}

/* How often each message lies in FOLDER. */
static void count(const char *folder, int *times)
{
    char path[300], name[800];
    struct dirent *e;
    struct sc_buf text;
    DIR *d;

    snprintf(path, sizeof path, "%s/%s", dir, folder);
    assert_non_null(d = opendir(path));
    while ((e = readdir(d)) != NULL) {
        if (e->d_name[0] == '.')
            continue;
        snprintf(name, sizeof name, "%s/%s", path, e->d_name);
        text = scratch_read(name);
        assert_int_equal(memcmp(text.data, "Subject: ", 9), 0);
        assert_true(text.len > 2000);
        times[strtol(text.data + 9, NULL, 10)]++;
        sc_buf_free(&text);
    }
    closedir(d);
}

static int kills_asked(void)
{
    const char *n = getenv("SC_KILLS");

    return n != NULL ? (int)strtol(n, NULL, 10) : 20;
}

static void assert_once(int n)
{
    static int times[MOST];

    memset(times, 0, sizeof times);
    count("new", times);
    for (int i = 0; i < n; i++)
        if (times[i] != 1)
            fail_msg("message %d of %d: %d times", i, n, times[i]);
}

static void each_message_is_there_exactly_once(void **state)
{
    struct pop3_peer p;
    int n = 0, kills = 0, killed;
    pid_t pid;

    (void)state;
    srand(1);
    pop3_peer_start(&p, "USER\nUIDL\nPIPELINING\n");
    p.locks = true;
    for (int i = 0; kills < kills_asked() && i < 20 * kills_asked(); i++) {
        arrive(&p, &n);
        pid = spawn(&p, "-1");
        /* Some before it has begun, most while it stores. */
        sc_sleep(rand() % 40);
        kill(pid, SIGKILL);
        killed = await(pid);
        kills += WIFSIGNALED(killed);
    }
    arrive(&p, &n);
    assert_int_equal(await(spawn(&p, "-1")), 0);
    assert_int_equal(peer_left(&p), 0);
    assert_once(n);
    pop3_peer_stop(&p);
    assert_true(kills >= kills_asked() / 2);
}

/* Each fetch ends with 0 or an error that has words. */
static void each_allocation_may_fail(void **state)
{
    struct pop3_peer p;
    char fail_at[20];
    int n = 0, status = 0;

    (void)state;
    pop3_peer_start(&p, "USER\nUIDL\nPIPELINING\n");
    p.locks = true;
    for (int i = 0; WEXITSTATUS(status) != NOT_REACHED; i++) {
        assert_in_range(i, 0, MOST / NEW_ONES - 1);
        if (peer_left(&p) == 0)
            arrive(&p, &n);
        snprintf(fail_at, sizeof fail_at, "%d", i);
        status = await(spawn(&p, fail_at));
        if (!WIFEXITED(status) || WEXITSTATUS(status) > NOT_REACHED)
            fail_msg("at %d: %d", i, status);
    }
    assert_int_equal(peer_left(&p), 0);
    assert_once(n);
    pop3_peer_stop(&p);
}

static int make(void **state)
{
    (void)state;
    scratch = scratch_new();
    snprintf(dir, sizeof dir, "%s/Mail", scratch.dir);
    snprintf(state_file, sizeof state_file, "%s/state", scratch.dir);
    return 0;
}

static int clean(void **state)
{
    (void)state;
    scratch_free(&scratch);
    return 0;
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test_setup_teardown(each_message_is_there_exactly_once, make,
                                    clean),
    cmocka_unit_test_setup_teardown(each_allocation_may_fail, make, clean),
};

int main(int argc, char **argv)
{
    me = argv[0];
    if (argc == 6 && strcmp(argv[1], "fetch") == 0)
        return fetch(argv);
    return test_main(__FILE__, tests, 2, argc, argv, NULL, NULL);
}
