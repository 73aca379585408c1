/* test_nntp_fetch_cuts.c - nntp_fetch, and what may end it: the connection ends
 * behind each byte that the server says, in order, by reset or in silence; the
 * task is cancelled; memory runs out. Whatever happens, what was told is true:
 * each article that was begun has ended, success means that all has come, and
 * what was cut once was fetched after all (leaks are for the sanitizer to find). */
#include "main.h"

#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "news_seen.h"
#include "nntp/nntp_fetch.h"

enum { LAST = 9, LACKING = 4 };

static struct news_peer peer, second;
static struct sc_options opt;

/* --- a run --- */

struct run {
    int what, connections;
    unsigned flags;
    const char *caps;
    struct seen *seen;
    struct nntp_result r;
    int rc;
};

static const struct run runs[] = {
    {.what = NNTP_ARTICLE, .connections = 1},
    {.what = NNTP_ARTICLE, .connections = 3},
    {.what = NNTP_OVER, .connections = 1},
    {.what = NNTP_BODY,
     .connections = 2,
     .flags = NNTP_COMPRESS,
     .caps = "READER\nOVER\nCOMPRESS DEFLATE\n"},
};
enum { RUNS = sizeof runs / sizeof runs[0] };

static bool started;

static void stop_peers(void)
{
    if (!started)
        return;
    nntp_peer_stop(&peer.peer);
    nntp_peer_stop(&second.peer);
    started = false;
}

/* Thousands of ports would take the system its time: they are used again. */
static void renew(struct news_peer *p)
{
    while (p->peer.open > 0)
        sc_yield();
    p->peer.sent = p->peer.log.len = 0;
    p->peer.cut_at = 0;
    p->peer.connections = 0;
}

static void begin(struct run *run, const struct run *kind)
{
    *run = *kind;
    nntp_fetch_pause_ms = 2;
    if (!started) {
        news_peer_start(&peer, 1, LAST);
        news_peer_start(&second, 1, LAST);
        started = true;
    }
    renew(&peer);
    renew(&second);
    peer.peer.caps = run->caps != NULL ? run->caps : "READER\nOVER\n";
    second.peer.caps = "READER\nOVER\n";
    peer.state[LACKING] = run->what == NNTP_OVER ? NEWS_THERE : NEWS_CANCELLED;
}

/* The same two servers in a process of their own. */
static struct {
    pid_t pid;
    char url[2][80];
} apart;

static void go(void *arg)
{
    const char *others[] = {apart.pid > 0 ? apart.url[1] : second.peer.url,
                            NULL};
    struct run *run = arg;
    struct nntp_fetch how;
    char url[200];

    snprintf(url, sizeof url, "%smisc.test/1-",
             apart.pid > 0 ? apart.url[0] : peer.peer.url);
    run->seen = seen_new(&how, run->what);
    how.connections = run->connections;
    how.flags = run->flags;
    how.backups = others;
    how.options = &opt;
    run->rc = nntp_fetch(url, &how, &run->r);
    run->seen->done = true;
}

/* Never a short success, never half an article, never one twice. */
static void assert_true_to(const struct run *run)
{
    const struct seen *s = run->seen;

    assert_int_equal(run->rc, run->r.error.code);
    assert_int_equal(s->open, 0);
    if (run->what == NNTP_OVER) {
        assert_int_equal(run->r.fetched, s->lines);
        assert_int_equal(s->sum, s->lines * (s->lines + 1) / 2);
        if (run->rc == 0)
            assert_int_equal(s->lines, LAST);
        return;
    }
    assert_int_equal(run->r.fetched, s->n);
    if (run->rc == 0)
        assert_int_equal(s->n, LAST);
}

static void end(struct run *run)
{
    seen_free(run->seen);
    nntp_result_free(&run->r);
}

/* --- the connection ends --- */

/* Of the greeting, CAPABILITIES' answer and what else nntp_open reads: a server
 * that has not taken the first connection is not asked twice. */
static uint64_t opening(void)
{
    struct run run;
    uint64_t bytes;
    NNTPClient *n;

    begin(&run, &runs[0]);
    n = nntp_open(peer.peer.url, &opt);
    bytes = peer.peer.sent;
    nntp_close(n);
    run.seen = calloc(1, sizeof *run.seen);
    end(&run);
    return bytes;
}

static struct news_peer *whose = &peer; /* connection is cut */

/* Returns false when all was said before. */
static bool cut_at(const struct run *kind, int how, uint64_t byte,
                   uint64_t open)
{
    struct run run;
    bool cut;

    begin(&run, kind);
    whose->peer.cut_at = byte;
    whose->peer.cut = how;
    go(&run);
    cut = whose->peer.cut_at == 0;
    assert_true_to(&run);
    if (kind->caps == NULL && how != PEER_SILENCE)
        assert_true(cut && byte < open ? run.rc < 0 : run.rc == 0);
    end(&run);
    if (how == PEER_SILENCE)
        stop_peers(); /* or they would be silent for long */
    return cut;
}

static void walk(int how, unsigned step)
{
    uint64_t open = opening();

    for (int i = 0; i < RUNS; i++) {
        uint64_t byte = 1;

        if (runs[i].caps != NULL && !sc_coding_known(SC_CODING_DEFLATE))
            continue;
        while (cut_at(&runs[i], how, byte, open))
            assert_true((byte += step) < 5000);
        assert_true(byte > 400);
    }
    stop_peers();
}

static void cut_at_each_byte(void **state)
{
    (void)state;
    opt = (struct sc_options){.wait_ms = 5000};
    walk(PEER_END, 1);
}

/* It is asked for one article. */
static void the_second_server_is_cut_at_each_byte(void **state)
{
    uint64_t open = opening(), byte = 1;

    (void)state;
    opt = (struct sc_options){.wait_ms = 5000};
    whose = &second;
    while (cut_at(&runs[0], PEER_END, byte, open))
        assert_true(++byte < 5000);
    whose = &peer;
    assert_in_range(byte, open + 50, open + 200);
    stop_peers();
}

static void reset_at_many_bytes(void **state)
{
    (void)state;
    opt = (struct sc_options){.wait_ms = 5000};
    walk(PEER_RESET, 3);
}

static void silence_is_waited_for_so_long(void **state)
{
    (void)state;
    opt = (struct sc_options){.wait_ms = 20, .stall_ms = 20};
    walk(PEER_SILENCE, 53);
}

/* --- the task is cancelled --- */

/* When the servers have said so much. Returns false when it had ended. */
static bool cancel_after(const struct run *kind, uint64_t bytes)
{
    struct run run;
    int64_t task;
    bool done;

    begin(&run, kind);
    task = sc_task_go(NULL, go, &run);
    sc_yield();
    while (peer.peer.sent + second.peer.sent < bytes && !run.seen->done)
        sc_yield();
    done = run.seen->done;
    sc_task_cancel(task);
    sc_task_join(task);
    assert_true_to(&run);
    if (!done && run.rc != 0) /* in QUIT at last */
        assert_int_equal(run.rc, SC_ECANCELED);
    end(&run);
    return !done;
}

static void cancelled_at_each_step(void **state)
{
    (void)state;
    opt = (struct sc_options){.wait_ms = 5000};
    for (int i = 0; i < RUNS; i++) {
        uint64_t bytes = 0;

        while (cancel_after(&runs[i], bytes))
            bytes += 3;
        assert_in_range(bytes, 300, 5000);
    }
    stop_peers();
}

/* While it waits for room: a full server. */
static void cancelled_while_it_pauses(void **state)
{
    struct run run;
    int64_t task;

    (void)state;
    opt = (struct sc_options){.wait_ms = 5000};
    begin(&run, &runs[0]);
    peer.peer.greeting = "!502 too many connections";
    nntp_fetch_pause_ms = 20000;
    task = sc_task_go(NULL, go, &run);
    while (peer.peer.connections == 0 || peer.peer.open > 0)
        sc_yield();
    for (int i = 0; i < 20; i++)
        sc_yield();
    sc_task_cancel(task);
    sc_task_join(task);
    assert_int_equal(run.rc, SC_ECANCELED);
    assert_int_equal(peer.peer.connections, 1);
    peer.peer.greeting = NULL;
    end(&run);
    stop_peers();
}

/* --- memory runs out --- */

static long left = -1; /* allocations until one fails; negative: none does */
static bool in_tasks;  /* those count, too */

static bool fails(void)
{
    return left >= 0 && (in_tasks || sc_task_self() == 0) && left-- == 0;
}

static void *failing_malloc(size_t n)
{
    return fails() ? NULL : malloc(n);
}

static void *failing_realloc(void *p, size_t n)
{
    return fails() ? NULL : realloc(p, n);
}

static int take_over(void **state)
{
    static const struct sc_allocator mine = {failing_malloc, failing_realloc,
                                             free};

    (void)state;
    return sc_set_allocator(&mine);
}

/* Only the caller's: its servers run in tasks. */
static bool fail_at(const struct run *kind, long n)
{
    struct run run;
    bool reached;

    begin(&run, kind);
    left = n;
    go(&run);
    reached = left < 0;
    left = -1;
    assert_true_to(&run);
    end(&run);
    return reached;
}

static void each_allocation_may_fail(void **state)
{
    (void)state;
    opt = (struct sc_options){.wait_ms = 5000};
    for (int i = 0; i < RUNS; i++) {
        struct run kind = runs[i];
        long n = 0;

        while (fail_at(&kind, n))
            n++;
        assert_in_range(n, 5, 1000);
        if (kind.connections == 1)
            continue;
        kind.connections = 1;
        for (n = 0; fail_at(&kind, n); n++)
            assert_true(n < 1000);
    }
    stop_peers();
}

/* The library may be used in one of two processes only. */
static void serve_apart(int to)
{
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    news_peer_start(&peer, 1, LAST);
    news_peer_start(&second, 1, LAST);
    peer.peer.caps = "READER\nOVER\n";
    peer.state[LACKING] = NEWS_CANCELLED;
    if (write(to, peer.peer.url, 80) != 80 ||
        write(to, second.peer.url, 80) != 80)
        _exit(1);
    sc_run();
    _exit(0);
}

static void start_apart(void)
{
    int ends[2];

    assert_int_equal(pipe(ends), 0);
    assert_true((apart.pid = fork()) >= 0);
    if (apart.pid == 0)
        serve_apart(ends[1]);
    assert_int_equal(read(ends[0], apart.url[0], 80), 80);
    assert_int_equal(read(ends[0], apart.url[1], 80), 80);
    close(ends[0]);
    close(ends[1]);
}

static void stop_apart(void)
{
    kill(apart.pid, SIGKILL);
    waitpid(apart.pid, NULL, 0);
    apart.pid = 0;
}

/* Returns false when all were made before. */
static bool fail_in_a_task_at(long n)
{
    struct run run = runs[1];
    bool reached;

    left = n;
    go(&run);
    reached = left < 0;
    left = -1;
    assert_true_to(&run);
    seen_free(run.seen);
    nntp_result_free(&run.r);
    return reached;
}

static void each_allocation_of_several_tasks_may_fail(void **state)
{
    long n = 0;

    (void)state;
    opt = (struct sc_options){.wait_ms = 5000};
    nntp_fetch_pause_ms = 2;
    start_apart();
    in_tasks = true;
    while (fail_in_a_task_at(n))
        n++;
    in_tasks = false;
    stop_apart();
    assert_in_range(n, 20, 2000);
}

/* --- where no task can go on --- */

static void keep_the_loop_alive(void *arg)
{
    const struct run *run = arg;

    while (run->seen == NULL && sc_yield() == 0)
        ;
}

static void in_a_callback_one_connection_does_it(void **state)
{
    struct run run = runs[1];

    (void)state;
    opt = (struct sc_options){.wait_ms = 5000};
    start_apart();
    assert_int_equal(sc_post(sc_loop(), go, &run), 0);
    assert_true(sc_task_go(NULL, keep_the_loop_alive, &run) > 0);
    assert_int_equal(sc_run(), 0);
    assert_true_to(&run);
    assert_int_equal(run.rc, 0);
    seen_free(run.seen);
    nntp_result_free(&run.r);
    stop_apart();
}

static const struct CMUnitTest tests[] = {
    /* first: they fork */
    cmocka_unit_test(in_a_callback_one_connection_does_it),
    cmocka_unit_test(each_allocation_of_several_tasks_may_fail),
    cmocka_unit_test(cut_at_each_byte),
    cmocka_unit_test(the_second_server_is_cut_at_each_byte),
    cmocka_unit_test(reset_at_many_bytes),
    cmocka_unit_test(silence_is_waited_for_so_long),
    cmocka_unit_test(cancelled_at_each_step),
    cmocka_unit_test(cancelled_while_it_pauses),
    cmocka_unit_test(each_allocation_may_fail),
};

TEST_MAIN_WITH(tests, take_over, NULL)
