/* test_resolve.c - names looked up by a resolver of the test: slow, counted,
 * wrong. Nothing leaves the machine. */
#include "main.h"

#include <pthread.h>
#include <stdatomic.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <simpleclient/task.h>

#include "stream/resolve.h"

static atomic_int calls, running, most;

static void nap(int ms)
{
    usleep((useconds_t)ms * 1000);
}

/* Lookups that nobody waits for any more: nothing may go wrong at their end. */
static void orphans_end(void)
{
    while (atomic_load(&running) > 0)
        nap(1);
}

/* "slow-<ms>...": after so long; "none...": not found; "many...": too many. */
static int play(const char *name, struct sc_addresses *out)
{
    int now = atomic_fetch_add(&running, 1) + 1, ms = 0, rc = 0;

    atomic_fetch_add(&calls, 1);
    if (now > atomic_load(&most))
        atomic_store(&most, now);
    if (sscanf(name, "slow-%d", &ms) == 1)
        nap(ms);
    if (strncmp(name, "none", 4) == 0)
        rc = SC_ERESOLVE;
    else
        sc_addresses_add(out, "127.0.0.1");
    if (strncmp(name, "six", 3) == 0)
        sc_addresses_add(out, "::1");
    for (int i = 0; strncmp(name, "many", 4) == 0 && i < 100; i++)
        sc_addresses_add(out, "127.0.0.2");
    atomic_fetch_sub(&running, 1);
    return rc;
}

static const struct sc_resolver player = {play};
static const struct sc_options played = {.resolver = &player};
static struct sc_addresses found;

static int setup(void **state)
{
    (void)state;
    atomic_store(&calls, 0);
    atomic_store(&most, 0);
    return 0;
}

static void numbers_and_localhost_need_no_lookup(void **state)
{
    static const char *const at_once[] = {"127.0.0.1", "::1", "localhost",
                                          "LOCALHOST"};

    (void)state;
    for (size_t i = 0; i < 4; i++) {
        assert_int_equal(sc_resolve(at_once[i], &played, 0, &found, NULL), 0);
        assert_true(found.n >= 1);
    }
    assert_int_equal(atomic_load(&calls), 0);
}

static void family_is_kept_to(void **state)
{
    struct sc_options six = {.flags = SC_OPT_IPV6, .resolver = &player};
    struct sc_error e = {0};

    (void)state;
    assert_int_equal(sc_resolve("localhost", &six, 0, &found, NULL), 0);
    assert_int_equal(found.n, 1);
    assert_int_equal(found.at[0].family, AF_INET6);
    assert_int_equal(sc_resolve("six.test", &six, 0, &found, NULL), 0);
    assert_int_equal(found.n, 1);
    assert_int_equal(found.at[0].family, AF_INET6);
    assert_int_equal(sc_resolve("127.0.0.1", &six, 0, &found, &e), SC_ERESOLVE);
    assert_int_equal(sc_resolve("four.test", &six, 0, &found, &e), SC_ERESOLVE);
    assert_non_null(strstr(e.text, "four.test"));
}

static void bad_names_are_refused(void **state)
{
    char name[300] = {0};

    (void)state;
    memset(name, 'a', 299);
    assert_int_equal(sc_resolve("", &played, 0, &found, NULL), SC_EINVAL);
    assert_int_equal(sc_resolve(NULL, &played, 0, &found, NULL), SC_EINVAL);
    assert_int_equal(sc_resolve("a b", &played, 0, &found, NULL), SC_EINVAL);
    assert_int_equal(sc_resolve(name, &played, 0, &found, NULL), SC_EINVAL);
    assert_int_equal(atomic_load(&calls), 0);
}

static void names_found_are_kept_until_forgotten(void **state)
{
    (void)state;
    for (int i = 0; i < 3; i++)
        assert_int_equal(sc_resolve("kept.test", &played, 0, &found, NULL), 0);
    assert_int_equal(sc_resolve("KEPT.test", &played, 0, &found, NULL), 0);
    assert_int_equal(atomic_load(&calls), 1);
    sc_resolve_forget("Kept.test");
    assert_int_equal(sc_resolve("kept.test", &played, 0, &found, NULL), 0);
    assert_int_equal(atomic_load(&calls), 2);
}

static void names_not_found_are_not_kept(void **state)
{
    struct sc_error e = {0};

    (void)state;
    for (int i = 0; i < 2; i++)
        assert_int_equal(sc_resolve("none.test", &played, 0, &found, &e),
                         SC_ERESOLVE);
    assert_int_equal(atomic_load(&calls), 2);
    assert_int_equal(e.code, SC_ERESOLVE);
    assert_non_null(strstr(e.text, "none.test"));
}

static void sixty_four_addresses_are_enough(void **state)
{
    (void)state;
    assert_int_equal(sc_resolve("many.test", &played, 0, &found, NULL), 0);
    assert_int_equal(found.n, 64);
}

static void cache_is_bounded_and_still_right(void **state)
{
    char name[32];

    (void)state;
    for (int i = 0; i < 300; i++) {
        snprintf(name, sizeof name, "n%d.test", i);
        assert_int_equal(sc_resolve(name, &played, 0, &found, NULL), 0);
    }
    assert_int_equal(sc_resolve("n299.test", &played, 0, &found, NULL), 0);
    assert_int_equal(atomic_load(&calls), 300);
    assert_int_equal(sc_resolve("n0.test", &played, 0, &found, NULL), 0);
    assert_int_equal(atomic_load(&calls), 301);
}

/* --- as a task, and blocking --- */

struct job {
    const char *name;
    int64_t ms, took;
    int rc;
    struct sc_addresses found;
};

static void resolve_it(void *arg)
{
    struct job *j = arg;
    int64_t begun = sc_now();

    j->rc = sc_resolve(j->name, &played, j->ms, &j->found, NULL);
    j->took = sc_now() - begun;
}

static void in_task(struct job *j)
{
    assert_true(sc_task_go(NULL, resolve_it, j) > 0);
    assert_int_equal(sc_run(), 0);
}

static void check_deadline(const struct job *j)
{
    assert_int_equal(j->rc, SC_ETIMEDOUT);
    assert_true(j->took >= j->ms);
    assert_true(j->took < 5000);
}

static void slow_resolver_never_holds_a_deadline_up(void **state)
{
    static struct job j = {"slow-700.deadline", 50};

    (void)state;
    resolve_it(&j);
    check_deadline(&j);
    j.name = "slow-700.task";
    in_task(&j);
    check_deadline(&j);
    orphans_end();
}

static void orphans_do_not_delay_the_next_lookup(void **state)
{
    static struct job late = {"slow-600.orphan-a", 20};
    static struct job next = {"quick.test", 5000};

    (void)state;
    resolve_it(&late);
    late.name = "slow-600.orphan-b";
    resolve_it(&late);
    in_task(&next);
    assert_int_equal(next.rc, 0);
    assert_true(atomic_load(&running) > 0); /* it has not waited for them */
    orphans_end();
}

static void late_answers_are_kept(void **state)
{
    static struct job late = {"slow-100.late", 20};

    (void)state;
    resolve_it(&late);
    check_deadline(&late);
    orphans_end();
    resolve_it(&late);
    assert_int_equal(late.rc, 0);
    assert_int_equal(atomic_load(&calls), 1);
}

static void same_lookup_is_made_once_for_all(void **state)
{
    static struct job all[20];

    (void)state;
    for (int i = 0; i < 20; i++) {
        all[i] = (struct job){"slow-100.shared", 5000};
        assert_true(sc_task_go(NULL, resolve_it, &all[i]) > 0);
    }
    assert_int_equal(sc_run(), 0);
    for (int i = 0; i < 20; i++) {
        assert_int_equal(all[i].rc, 0);
        assert_int_equal(all[i].found.n, 1);
    }
    assert_int_equal(atomic_load(&calls), 1);
}

static void at_most_eight_run_and_the_rest_queue(void **state)
{
    static struct job all[20];
    static char names[20][32];

    (void)state;
    for (int i = 0; i < 20; i++) {
        snprintf(names[i], sizeof names[i], "slow-40.queue%d", i);
        all[i] = (struct job){names[i], 5000};
        assert_true(sc_task_go(NULL, resolve_it, &all[i]) > 0);
    }
    assert_int_equal(sc_run(), 0);
    for (int i = 0; i < 20; i++)
        assert_int_equal(all[i].rc, 0);
    assert_true(atomic_load(&most) <= 8);
    assert_int_equal(atomic_load(&calls), 20);
}

/* At the bound a queued lookup's deadline runs, and nobody calls it then. */
static void queued_lookups_can_time_out(void **state)
{
    static struct job all[9];
    static char names[9][32];

    (void)state;
    for (int i = 0; i < 9; i++) {
        snprintf(names[i], sizeof names[i], "slow-400.bound%d", i);
        all[i] = (struct job){names[i], i < 8 ? 5000 : 100};
        assert_true(sc_task_go(NULL, resolve_it, &all[i]) > 0);
    }
    assert_int_equal(sc_run(), 0);
    check_deadline(&all[8]);
    assert_int_equal(all[0].rc, 0);
    assert_int_equal(atomic_load(&calls), 8);
}

static void cancel_ends_a_lookup(void **state)
{
    static struct job j = {"slow-500.cancel", 5000};
    int64_t task = sc_task_go(NULL, resolve_it, &j);

    (void)state;
    while (atomic_load(&calls) == 0)
        sc_sleep(1);
    assert_int_equal(sc_task_cancel(task), 0);
    assert_int_equal(sc_run(), 0);
    assert_int_equal(j.rc, SC_ECANCELED);
    assert_int_equal(atomic_load(&running), 1); /* it goes on without us */
    orphans_end();
}

static void *in_thread(void *arg)
{
    resolve_it(arg);
    return NULL;
}

static void threads_share_a_lookup(void **state)
{
    static struct job all[6];
    pthread_t t[6];

    (void)state;
    for (int i = 0; i < 6; i++) {
        all[i] = (struct job){"slow-150.threads", 5000};
        pthread_create(&t[i], NULL, in_thread, &all[i]);
    }
    for (int i = 0; i < 6; i++) {
        pthread_join(t[i], NULL);
        assert_int_equal(all[i].rc, 0);
    }
    assert_int_equal(atomic_load(&calls), 1);
}

/* The loop may be gone when the answer comes. */
static void *leave_early(void *arg)
{
    in_task(arg);
    return NULL;
}

static void thread_may_end_before_its_lookup(void **state)
{
    static struct job j = {"slow-200.ended", 20};
    pthread_t t;

    (void)state;
    pthread_create(&t, NULL, leave_early, &j);
    pthread_join(t, NULL);
    check_deadline(&j);
    orphans_end();
}

static void forked_child_can_look_up(void **state)
{
    static struct job late = {"slow-300.fork", 20};
    int status = -1;
    pid_t child;

    (void)state;
    resolve_it(&late);
    if ((child = fork()) == 0) {
        static struct job j = {"slow-10.child", 3000};

        resolve_it(&j);
        _exit(j.rc != 0);
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
    orphans_end();
}

static void system_answers_numbers_in_other_spellings(void **state)
{
    (void)state;
    assert_int_equal(sc_resolve("0x7f000001", NULL, 0, &found, NULL), 0);
    assert_int_equal(found.n, 1);
    assert_memory_equal(found.at[0].bytes, "\x7f\0\0\1", 4);
}

#define TEST(name) cmocka_unit_test_setup(name, setup)
static const struct CMUnitTest tests[] = {
    TEST(numbers_and_localhost_need_no_lookup),
    TEST(family_is_kept_to),
    TEST(bad_names_are_refused),
    TEST(names_found_are_kept_until_forgotten),
    TEST(names_not_found_are_not_kept),
    TEST(sixty_four_addresses_are_enough),
    TEST(cache_is_bounded_and_still_right),
    TEST(slow_resolver_never_holds_a_deadline_up),
    TEST(orphans_do_not_delay_the_next_lookup),
    TEST(late_answers_are_kept),
    TEST(same_lookup_is_made_once_for_all),
    TEST(at_most_eight_run_and_the_rest_queue),
    TEST(queued_lookups_can_time_out),
    TEST(cancel_ends_a_lookup),
    TEST(threads_share_a_lookup),
    TEST(thread_may_end_before_its_lookup),
    TEST(forked_child_can_look_up),
    TEST(system_answers_numbers_in_other_spellings),
};

TEST_MAIN(tests)
