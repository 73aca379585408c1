/* test_nntp_cuts.c - one session, and what may end it: the connection ends behind
 * each byte that the server says, in order, by reset or in silence; the task is
 * cancelled, or the time is up; memory runs out. What was told is true: what came
 * was whole, an article that "was not posted" was not, and what is broken stays
 * so (leaks are for the sanitizer to find). */
#include "main.h"

#include <stdlib.h>

#include "nntp_peer.h"

#define CAPS "VERSION 2\nMODE-READER\nOVER\nAUTHINFO USER\nCOMPRESS DEFLATE\n"
#define TEXT "Subject: one\r\n\r\n.dotted\r\n..\r\n"

enum { STEPS = 6 };

static struct sc_options opt;
static struct nntp_peer peer;

/* --- the session --- */

struct session {
    bool compressed;
    int rc[STEPS]; /* of group, over, article, post, date, close */
    int broken;    /* after the greeting */
    uint64_t sum;  /* of the overview */
    struct sc_buf text;
    bool done;
};

static int see_number(void *arg, const struct nntp_article *a)
{
    *(uint64_t *)arg += a->number;
    return 0;
}

static void run(void *arg)
{
    static const struct mail_source post = {.data = SC_SPAN("A: b\n\n.c\n")};
    struct session *s = arg;
    NNTPClient *n = nntp_open(peer.url, &opt);
    int64_t now;

    s->broken = sc_broken(nntp_base(n));
    if (s->compressed)
        nntp_compress(n);
    s->rc[0] = nntp_group(n, "misc.test", NULL);
    s->rc[1] = nntp_over(n, 1, 0, see_number, &s->sum);
    s->rc[2] = nntp_article(n, 1, sc_buf_sink, &s->text, NULL);
    s->rc[3] = nntp_post(n, &post, NULL);
    s->rc[4] = nntp_date(n, &now);
    s->rc[5] = nntp_close(n);
    s->done = true;
}

/* Once broken, always: but POST says what became of its article. */
static void assert_sticky(const struct session *s)
{
    int first = s->broken;

    for (int i = 0; i < STEPS - 1; i++) {
        if (first != 0)
            assert_int_equal(s->rc[i], first);
        else if (i != 3)
            first = s->rc[i];
        else if (s->rc[i] < 0) {
            assert_int_not_equal(s->rc[4], 0);
            return;
        }
    }
}

static void assert_true_to(const struct session *s)
{
    assert_sticky(s);
    if (s->rc[1] == 0)
        assert_int_equal(s->sum, 1);
    if (s->rc[2] == 0)
        assert_string_equal(s->text.data, TEXT);
    if (s->rc[3] == 0)
        assert_string_equal(peer.post.data, "A: b\r\n\r\n.c\r\n");
    if (s->rc[3] == 0)
        assert_int_equal(peer.posted, 1);
    else if (s->rc[3] != SC_EUNKNOWN)
        assert_int_equal(peer.posted, 0);
}

static bool is_whole(const struct session *s)
{
    for (int i = 0; i < STEPS; i++)
        if (s->rc[i] < 0)
            return false;
    return s->broken == 0;
}

static void begin(void)
{
    nntp_peer_start(&peer, CAPS);
    peer_add(&peer, TEXT);
}

/* --- the connection ends --- */

struct walk {
    int cut; /* enum peer_cut */
    bool compressed;
    unsigned step;
    int whole;   /* sessions in order, though it was cut */
    int unknown; /* articles of which nothing is known */
};

/* Returns false when all was said before, and in time. */
static bool cut_at(struct walk *w, uint64_t byte)
{
    struct session s = {.compressed = w->compressed};
    bool cut, whole;

    begin();
    peer.cut_at = byte;
    peer.cut = w->cut;
    run(&s);
    cut = peer.cut_at == 0;
    assert_true_to(&s);
    whole = is_whole(&s);
    w->whole += cut && whole;
    w->unknown += s.rc[3] == SC_EUNKNOWN;
    sc_buf_free(&s.text);
    nntp_peer_stop(&peer);
    return cut || !whole;
}

static void walk_all(struct walk w)
{
    uint64_t byte = 1;

    while (cut_at(&w, byte))
        assert_true((byte += w.step) < 3000);
    assert_true(byte > 300);
    assert_true(w.unknown > 0);
    /* but for QUIT's answer, "205 bye", or none */
    assert_in_range(w.whole, w.cut == PEER_SILENCE ? 0 : 9, 10);
}

static void cut_at_each_byte(void **state)
{
    (void)state;
    opt = (struct sc_options){.wait_ms = 5000};
    walk_all((struct walk){.cut = PEER_END, .step = 1});
}

static void reset_at_each_byte(void **state)
{
    (void)state;
    opt = (struct sc_options){.wait_ms = 5000};
    walk_all((struct walk){.cut = PEER_RESET, .step = 1});
}

static void cut_at_each_byte_of_a_compressed_session(void **state)
{
    (void)state;
    if (!sc_coding_known(SC_CODING_DEFLATE))
        skip();
    opt = (struct sc_options){.wait_ms = 5000};
    walk_all((struct walk){.cut = PEER_END, .compressed = true, .step = 1});
}

/* Each wait ends by itself: replies, and blocks. */
static void silence_is_waited_for_so_long(void **state)
{
    (void)state;
    opt = (struct sc_options){.wait_ms = 20, .stall_ms = 20};
    walk_all((struct walk){.cut = PEER_SILENCE, .step = 11});
}

static void all_of_it_has_a_deadline(void **state)
{
    (void)state;
    opt = (struct sc_options){.total_ms = 50, .wait_ms = 200};
    walk_all((struct walk){.cut = PEER_SILENCE, .step = 11});
}

/* --- the task is cancelled --- */

/* When the server has said so much. Returns false when it had ended. */
static bool cancel_after(uint64_t bytes, bool compressed)
{
    struct session s = {.compressed = compressed};
    int64_t task;
    bool done;

    begin();
    task = sc_task_go(NULL, run, &s);
    while (peer.sent < bytes && !s.done)
        sc_yield();
    done = s.done;
    sc_task_cancel(task);
    sc_task_join(task);
    assert_true_to(&s);
    if (!done) /* in QUIT at last */
        assert_int_equal(s.rc[4] < 0 ? s.rc[4] : s.rc[5], SC_ECANCELED);
    sc_buf_free(&s.text);
    nntp_peer_stop(&peer);
    return !done;
}

static void cancelled_at_each_step(void **state)
{
    uint64_t bytes = 0;

    (void)state;
    opt = (struct sc_options){.wait_ms = 5000};
    while (cancel_after(bytes, bytes % 2))
        bytes += 3;
    assert_in_range(bytes, 300, 3000);
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
static bool fail_at(long n, bool compressed)
{
    struct session s = {.compressed = compressed};
    bool reached;

    begin();
    left = n;
    run(&s);
    reached = left < 0;
    left = -1;
    assert_true_to(&s);
    sc_buf_free(&s.text);
    nntp_peer_stop(&peer);
    return reached;
}

static void each_allocation_may_fail(void **state)
{
    (void)state;
    opt = (struct sc_options){.wait_ms = 5000};
    for (int compressed = 0; compressed < 2; compressed++) {
        long n = 0;

        while (fail_at(n, compressed))
            n++;
        assert_in_range(n, 10, 1000);
    }
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(cut_at_each_byte),
    cmocka_unit_test(reset_at_each_byte),
    cmocka_unit_test(cut_at_each_byte_of_a_compressed_session),
    cmocka_unit_test(silence_is_waited_for_so_long),
    cmocka_unit_test(all_of_it_has_a_deadline),
    cmocka_unit_test(cancelled_at_each_step),
    cmocka_unit_test(each_allocation_may_fail),
};

TEST_MAIN_WITH(tests, take_over, NULL)
