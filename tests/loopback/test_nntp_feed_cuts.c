/* test_nntp_feed_cuts.c - a feed of six articles, and what may end it: the
 * connection ends behind each byte that the server says, by reset or in silence,
 * in front of each line of an article; the task is cancelled, or the time is up;
 * memory runs out. Each article is told once, and what is told is true (leaks are
 * for the sanitizer to find). */
#include "main.h"

#include <stdlib.h>

#include "nntp_feed_peer.h"

enum { ARTICLES = 6 };

static struct sc_options opt;
static struct feed_peer peer;
static bool no_stream;

/* --- the session --- */

static const char *const ids[ARTICLES] = {"<1@x>",   "<had@x>", "<later@x>",
                                          "<bad@x>", "<2@x>",   "<3@x>"};

struct session {
    int times[ARTICLES], outcome[ARTICLES], rc[ARTICLES];
    bool unmade; /* no memory for the feed */
    bool done;
};

static void told(void *arg, const char *id, int outcome, int rc,
                 const char *text)
{
    struct session *s = arg;

    assert_non_null(text);
    for (int i = 0; i < ARTICLES; i++)
        if (strcmp(id, ids[i]) == 0) {
            s->times[i]++;
            s->outcome[i] = outcome;
            s->rc[i] = rc;
            return;
        }
    fail_msg("%s was not fed", id);
}

static void run(void *arg)
{
    static const struct mail_source text = {
        .data = SC_SPAN("Subject: x\n\n.dot\nline\n")};
    struct session *s = arg;
    NNTPClient *n = nntp_open_transit(peer.p.url, &opt);
    struct nntp_feed *f = nntp_feed_new(n, told, s);

    s->unmade = f == NULL;
    for (int i = 0; i < ARTICLES && f != NULL; i++)
        if (i < 4)
            nntp_feed_add(f, ids[i], &text);
        else
            nntp_feed_take(f, ids[i], &text);
    nntp_feed_free(f);
    nntp_close(n);
    s->done = true;
}

static void assert_true_to(const struct session *s)
{
    for (int i = 0; i < ARTICLES && !s->unmade; i++) {
        bool has = feed_peer_has(&peer, ids[i]);

        assert_int_equal(s->times[i], 1);
        assert_true((s->outcome[i] == NNTP_FEED_SENT) == (s->rc[i] == 0));
        if (s->outcome[i] == NNTP_FEED_SENT)
            assert_true(has);
        else if (s->outcome[i] != NNTP_FEED_UNDECIDED && i != 1)
            assert_false(has);
    }
}

static bool is_whole(const struct session *s)
{
    for (int i = 0; i < ARTICLES && !s->unmade; i++)
        if (s->outcome[i] == NNTP_FEED_UNDECIDED ||
            s->outcome[i] == NNTP_FEED_NOT_SENT)
            return false;
    return !s->unmade;
}

static int undecided(const struct session *s)
{
    int n = 0;

    for (int i = 0; i < ARTICLES; i++)
        n += s->outcome[i] == NNTP_FEED_UNDECIDED;
    return n;
}

static void begin(void)
{
    feed_peer_start(&peer, "VERSION 2\nIHAVE\nSTREAMING\n");
    feed_peer_keep(&peer, "<had@x>");
    if (no_stream)
        peer_says(&peer.p, "MODE STREAM", "500 what?");
}

/* --- the connection ends --- */

struct walk {
    int cut; /* enum peer_cut */
    bool lines;
    unsigned step;
    int undecided;
};

static bool cut_at(struct walk *w, unsigned at)
{
    struct session s = {0};
    bool cut, whole;

    begin();
    peer.p.cut = w->cut;
    if (w->lines)
        peer.die_at = (int)at;
    else
        peer.p.cut_at = at;
    run(&s);
    cut = w->lines ? peer.lines >= (int)at : peer.p.cut_at == 0;
    assert_true_to(&s);
    whole = is_whole(&s);
    w->undecided += undecided(&s);
    if (!cut)
        assert_true(whole);
    feed_peer_stop(&peer);
    return cut;
}

static void walk_one(struct walk w, unsigned least)
{
    unsigned at = 1;

    while (cut_at(&w, at))
        assert_true((at += w.step) < 3000);
    assert_true(at > least);
    assert_true(w.undecided > 0);
}

/* By CHECK and TAKETHIS, and by IHAVE. */
static void walk_all(struct walk w, unsigned least)
{
    no_stream = false;
    walk_one(w, least);
    no_stream = true;
    walk_one(w, least);
    no_stream = false;
}

static void cut_at_each_byte(void **state)
{
    (void)state;
    opt = (struct sc_options){.wait_ms = 5000};
    walk_all((struct walk){.cut = PEER_END, .step = 1}, 150);
}

static void reset_at_each_byte(void **state)
{
    (void)state;
    opt = (struct sc_options){.wait_ms = 5000};
    walk_all((struct walk){.cut = PEER_RESET, .step = 1}, 150);
}

static void cut_in_each_line_of_an_article(void **state)
{
    struct walk w = {.cut = PEER_END, .lines = true, .step = 1};

    (void)state;
    opt = (struct sc_options){.wait_ms = 5000};
    walk_one(w, 15);
    w.cut = PEER_RESET;
    walk_one(w, 15);
}

static void silence_is_waited_for_so_long(void **state)
{
    (void)state;
    opt = (struct sc_options){.wait_ms = 20, .stall_ms = 20};
    walk_all((struct walk){.cut = PEER_SILENCE, .step = 13}, 150);
}

static void all_of_it_has_a_deadline(void **state)
{
    (void)state;
    opt = (struct sc_options){.total_ms = 50, .wait_ms = 200};
    walk_all((struct walk){.cut = PEER_SILENCE, .step = 23}, 150);
}

/* --- the task is cancelled --- */

static bool cancel_after(uint64_t bytes)
{
    struct session s = {0};
    int64_t task;
    bool over;

    begin();
    task = sc_task_go(NULL, run, &s);
    while (peer.p.sent < bytes && !s.done)
        sc_yield();
    over = s.done;
    sc_task_cancel(task);
    sc_task_join(task);
    assert_true_to(&s);
    feed_peer_stop(&peer);
    return !over;
}

static void cancelled_at_each_step(void **state)
{
    (void)state;
    opt = (struct sc_options){.wait_ms = 5000};
    for (int way = 0; way < 2; way++) {
        uint64_t bytes = 0;

        no_stream = way == 1;
        while (cancel_after(bytes))
            bytes += 3;
        assert_in_range(bytes, 150, 3000);
    }
    no_stream = false;
}

/* --- large articles, which are sent while answers come --- */

enum { LARGE = 8, LARGE_LINES = 1500 };

struct large {
    char id[LARGE][16];
    int given[LARGE]; /* lines */
    int times[LARGE], outcome[LARGE];
    struct mail_source source[LARGE];
    bool done;
};

static ssize_t give_lines(void *arg, void *buf, size_t n)
{
    int *given = arg;

    if (n < 100 || *given == LARGE_LINES)
        return 0;
    ++*given;
    memset(buf, *given < 3 ? '.' : 'x', 99);
    ((char *)buf)[98] = '\n';
    return 99;
}

static void told_large(void *arg, const char *id, int outcome, int rc,
                       const char *text)
{
    struct large *l = arg;
    int i = id[1] - '0';

    (void)rc;
    (void)text;
    assert_in_range(i, 0, LARGE - 1);
    l->times[i]++;
    l->outcome[i] = outcome;
}

static int small_buffers(void *arg, int fd)
{
    int bytes = 8000;

    (void)arg;
    return setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &bytes, sizeof bytes);
}

static void run_large(void *arg)
{
    struct large *l = arg;
    NNTPClient *n = nntp_open_transit(peer.p.url, &opt);
    struct nntp_feed *f = nntp_feed_new(n, told_large, l);

    for (int i = 0; i < LARGE; i++) {
        snprintf(l->id[i], sizeof l->id[i], "<%d@x>", i);
        l->source[i] =
            (struct mail_source){.read = give_lines, .arg = &l->given[i]};
        nntp_feed_take(f, l->id[i], &l->source[i]);
    }
    nntp_feed_free(f);
    nntp_close(n);
    l->done = true;
}

static void assert_large_true(const struct large *l)
{
    for (int i = 0; i < LARGE; i++) {
        assert_int_equal(l->times[i], 1);
        if (l->outcome[i] != NNTP_FEED_UNDECIDED)
            assert_int_equal(feed_peer_has(&peer, l->id[i]),
                             l->outcome[i] == NNTP_FEED_SENT);
    }
}

/* When the server has read so many lines. */
static bool cancel_large(int lines)
{
    struct large l = {0};
    int64_t task;
    bool over;

    begin();
    task = sc_task_go(NULL, run_large, &l);
    while (peer.lines < lines && !l.done)
        sc_yield();
    over = l.done;
    sc_task_cancel(task);
    sc_task_join(task);
    /* What had left arrives. */
    for (int seen = -1; seen != peer.lines; sc_sleep(1))
        seen = peer.lines;
    assert_large_true(&l);
    feed_peer_stop(&peer);
    return !over;
}

static void large_articles_are_cancelled_at_each_step(void **state)
{
    int lines = 0;

    (void)state;
    opt = (struct sc_options){.wait_ms = 5000, .on_socket = small_buffers};
    while (cancel_large(lines))
        lines += 1201;
    assert_true(lines > LARGE * LARGE_LINES / 2);
}

static void large_articles_are_cut_at_each_step(void **state)
{
    (void)state;
    opt = (struct sc_options){.wait_ms = 5000, .on_socket = small_buffers};
    for (int at = 1; at < LARGE * LARGE_LINES; at += 1201) {
        struct large l = {0};

        begin();
        peer.die_at = at;
        peer.p.cut = at % 2 ? PEER_END : PEER_RESET;
        run_large(&l);
        assert_large_true(&l);
        feed_peer_stop(&peer);
    }
}

/* --- memory runs out --- */

static long left = -1; /* allocations until one fails; negative: none does */

static bool fails(void)
{
    return left >= 0 && sc_task_self() == 0 && left-- == 0;
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

/* Only the client's: its server runs in tasks. */
static bool fail_at(long n)
{
    struct session s = {0};
    bool reached;

    begin();
    left = n;
    run(&s);
    reached = left < 0;
    left = -1;
    assert_true_to(&s);
    feed_peer_stop(&peer);
    return reached;
}

static void each_allocation_may_fail(void **state)
{
    (void)state;
    opt = (struct sc_options){.wait_ms = 5000};
    for (int way = 0; way < 2; way++) {
        long n = 0;

        no_stream = way == 1;
        while (fail_at(n))
            n++;
        assert_in_range(n, 10, 1000);
    }
    no_stream = false;
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(cut_at_each_byte),
    cmocka_unit_test(reset_at_each_byte),
    cmocka_unit_test(cut_in_each_line_of_an_article),
    cmocka_unit_test(silence_is_waited_for_so_long),
    cmocka_unit_test(all_of_it_has_a_deadline),
    cmocka_unit_test(cancelled_at_each_step),
    cmocka_unit_test(large_articles_are_cancelled_at_each_step),
    cmocka_unit_test(large_articles_are_cut_at_each_step),
    cmocka_unit_test(each_allocation_may_fail),
};

TEST_MAIN_WITH(tests, take_over, NULL)
