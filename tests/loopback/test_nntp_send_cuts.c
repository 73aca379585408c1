/* test_nntp_send_cuts.c - one article, and what may end its connections: the first
 * and then the second one end behind each byte that the server says, by reset or
 * in silence, in front of each line of the article; the task is cancelled, or the
 * time is up; memory runs out. What is told is true, and the article is never
 * there twice (leaks are for the sanitizer to find). */
#include "main.h"

#include <stdlib.h>

#include "nntp_feed_peer.h"

static struct sc_options opt;
static struct feed_peer peer;
static unsigned later; /* the second cut: so many bytes behind the first */

/* --- the session --- */

struct session {
    struct nntp_sent r;
    int rc;
    bool done;
};

static void run(void *arg)
{
    static const struct mail_source article = {
        .data = SC_SPAN("From: me@x\nMessage-ID: <1@x>\n\n.dot\nline\n")};
    struct session *s = arg;

    s->rc = nntp_send(peer.p.url, &article, &opt, &s->r);
    s->done = true;
}

static void assert_true_to(const struct session *s)
{
    bool has = feed_peer_has(&peer, "<1@x>");

    assert_in_range(peer.taken, 0, 1);
    assert_true((s->rc == 0) == (s->r.outcome == NNTP_SENT));
    assert_true((s->rc == SC_EUNKNOWN) == (s->r.outcome == NNTP_UNKNOWN));
    assert_int_equal(s->r.error.code, s->rc);
    assert_true(s->rc == 0 || s->r.error.text[0] != '\0');
    if (s->rc == 0)
        assert_true(has);
    else if (s->rc != SC_EUNKNOWN)
        assert_false(has);
}

static bool answer(struct nntp_visit *v, const char *line)
{
    if (later > 0 && v->p->cut_at == 0) {
        v->p->cut_at = v->p->sent + later;
        later = 0;
    }
    return feed_peer_more(v, line);
}

static void begin(void)
{
    feed_peer_start(&peer, "VERSION 2\nREADER\nPOST\n");
    peer.p.answer = answer;
}

/* --- the connections end --- */

struct walk {
    int cut; /* enum peer_cut */
    unsigned step, later;
    bool forgets;
    int sent, unsent, unknown;
};

static bool cut_at(struct walk *w, unsigned at)
{
    struct session s = {0};
    bool cut;

    begin();
    peer.p.cut = w->cut;
    peer.p.cut_at = at;
    later = w->later;
    run(&s);
    cut = peer.p.cut_at == 0 || w->later != later;
    assert_true_to(&s);
    w->sent += s.r.outcome == NNTP_SENT;
    w->unsent += s.r.outcome == NNTP_NOT_SENT;
    w->unknown += s.r.outcome == NNTP_UNKNOWN;
    if (!cut)
        assert_int_equal(s.rc, 0);
    feed_peer_stop(&peer);
    return cut;
}

static struct walk walk_all(struct walk w)
{
    unsigned at = 1;

    while (cut_at(&w, at))
        assert_true((at += w.step) < 3000);
    assert_true(at > 60);
    return w;
}

static void cut_at_each_byte(void **state)
{
    struct walk w = {.step = 1};

    (void)state;
    opt = (struct sc_options){.wait_ms = 5000};
    for (w.cut = PEER_END; w.cut <= PEER_RESET; w.cut++) {
        struct walk seen = walk_all(w);

        assert_int_equal(seen.unknown, 0); /* the second one tells */
        assert_in_range(seen.sent, 10, 20);
        assert_true(seen.unsent > 40);
    }
}

/* The second connection has greeting, capabilities, STAT. */
static void both_connections_are_cut_at_each_byte(void **state)
{
    struct walk w = {.step = 2}, seen;
    int unknown = 0, sent = 0;

    (void)state;
    opt = (struct sc_options){.wait_ms = 5000};
    for (w.cut = PEER_END; w.cut <= PEER_RESET; w.cut++)
        for (w.later = 1; w.later < 80; w.later += 3) {
            seen = walk_all(w);
            unknown += seen.unknown;
            sent += seen.sent;
        }
    assert_true(unknown > 20);
    assert_true(sent > 20);
}

/* In front of the line AT of the article, counted over both connections. */
static void cut_in_each_line_of_an_article(void **state)
{
    (void)state;
    opt = (struct sc_options){.wait_ms = 5000};
    for (int forgets = 0; forgets < 2; forgets++)
        for (int at = 1; at <= 13; at++) {
            struct session s = {0};

            begin();
            peer.p.cut = at % 2 ? PEER_RESET : PEER_END;
            peer.unsaid = at > 6; /* the first was read whole */
            peer.forgets = forgets;
            peer.die_at = at;
            run(&s);
            assert_true_to(&s);
            if (at > 6 && !forgets)
                assert_int_equal(s.r.outcome, NNTP_SENT);
            feed_peer_stop(&peer);
        }
}

static void silence_is_waited_for_so_long(void **state)
{
    struct walk seen;

    (void)state;
    opt = (struct sc_options){.wait_ms = 20, .stall_ms = 20};
    seen = walk_all((struct walk){.cut = PEER_SILENCE, .step = 3});
    assert_true(seen.sent > 0);
}

static void all_of_it_has_a_deadline(void **state)
{
    struct walk seen;

    (void)state;
    opt = (struct sc_options){.total_ms = 50, .wait_ms = 200};
    seen = walk_all((struct walk){.cut = PEER_SILENCE, .step = 3});
    assert_true(seen.unknown > 0); /* nobody is asked */
}

/* --- the task is cancelled --- */

static bool cancel_after(uint64_t bytes, bool unsaid)
{
    struct session s = {0};
    int64_t task;
    bool over;

    begin();
    peer.unsaid = peer.forgets = unsaid;
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
    for (int unsaid = 0; unsaid < 2; unsaid++) {
        uint64_t bytes = 0;

        while (cancel_after(bytes, unsaid))
            bytes++;
        assert_in_range(bytes, unsaid ? 120 : 60, 3000);
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
static bool fail_at(long n, bool unsaid)
{
    struct session s = {0};
    bool reached;

    begin();
    peer.unsaid = peer.forgets = unsaid;
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
    for (int unsaid = 0; unsaid < 2; unsaid++) {
        long n = 0;

        while (fail_at(n, unsaid))
            n++;
        assert_in_range(n, 10, 1000);
    }
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(cut_at_each_byte),
    cmocka_unit_test(both_connections_are_cut_at_each_byte),
    cmocka_unit_test(cut_in_each_line_of_an_article),
    cmocka_unit_test(silence_is_waited_for_so_long),
    cmocka_unit_test(all_of_it_has_a_deadline),
    cmocka_unit_test(cancelled_at_each_step),
    cmocka_unit_test(each_allocation_may_fail),
};

TEST_MAIN_WITH(tests, take_over, NULL)
