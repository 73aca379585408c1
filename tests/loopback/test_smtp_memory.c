/* test_smtp_memory.c - every allocation of smtp_send and of a queue fails once:
 * what is told stays true, nothing is left half done (leaks are for the
 * sanitizer to find). Only the client's: its server runs in tasks. */
#include "main.h"

#include <stdlib.h>

#include "smtp_peer.h"

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

static const struct sc_options own = {.hello = "me.example",
                                      .flags = SC_OPT_NO_POOL};
static const char *const two[] = {"amy@b.example", "eve@b.example", NULL};
static struct smtp_peer p;

struct source {
    size_t left;
};

static ssize_t give(void *arg, void *buf, size_t n)
{
    struct source *s = arg;

    n = n < s->left ? n : s->left;
    memset(buf, '\n', n);
    s->left -= n;
    return (ssize_t)n;
}

static struct smtp_message message_from(struct source *s)
{
    struct smtp_message m = {.from = "me@a.example",
                             .to = two,
                             .source.data = SC_SPAN("A: b\n\nhi\r"),
                             .envid = "x y",
                             .options = &own};

    if (s != NULL)
        m.source = (struct mail_source){.read = give, .arg = s};
    return m;
}

static void check(int rc, const struct smtp_result *r, long n)
{
    bool sent = r->outcome == SMTP_SENT;

    if ((rc == 0) != sent || (rc < 0 && r->error.text[0] == '\0'))
        fail_msg("allocation %ld: %d, \"%s\"", n, rc, r->error.text);
    if (r->outcome == SMTP_NOT_SENT)
        assert_int_equal(p.taken, 0);
    else if (sent)
        assert_int_equal(p.taken, 1);
}

/* Many recipients, and a text that leaves while it is written. */
static void make_large(struct smtp_message *m)
{
    static const char *to[20];
    static char text[100000];

    for (int i = 0; i < 18; i++)
        to[i] = "amy@b.example";
    memset(text, '\n', sizeof text);
    for (size_t i = 0; i < sizeof text; i += 2)
        text[i] = '\r';
    m->to = to;
    m->source.data = (struct sc_span){text, sizeof text};
}

enum { LMTP = 1, STREAM = 2, LARGE = 4 };

static void send_with_failures(const char *caps, int how)
{
    bool enough = false, lmtp = how & LMTP, stream = how & STREAM;
    long n;

    for (n = 0; !enough && n < 500; n++) {
        struct source s = {.left = 100000};
        struct smtp_message m = message_from(stream ? &s : NULL);
        struct smtp_result r = {0};
        int rc;

        smtp_peer_start(&p, caps);
        if (lmtp)
            smtp_peer_is_lmtp(&p);
        left = n;
        if (how & LARGE)
            make_large(&m);
        rc = smtp_send(p.url, &m, &r);
        enough = left >= 0;
        left = -1;
        smtp_peer_settle(&p);
        check(rc, &r, n);
        assert_true(!enough || rc == 0);
        smtp_result_free(&r);
        smtp_peer_stop(&p);
        sc_run();
    }
    assert_in_range(n, 10, 499);
}

static void each_allocation_of_a_message_fails_once(void **state)
{
    (void)state;
    send_with_failures("PIPELINING\nCHUNKING\nDSN\n", 0);
    send_with_failures("PIPELINING\nDSN\n", 0);
    send_with_failures("DSN\n", LMTP);
    send_with_failures("PIPELINING\nCHUNKING\nDSN\n", STREAM);
    send_with_failures("DSN\n", STREAM);
}

static void each_allocation_of_a_large_message_fails_once(void **state)
{
    (void)state;
    send_with_failures("PIPELINING\nCHUNKING\nDSN\n", LARGE);
    send_with_failures("PIPELINING\nDSN\n", LARGE);
    send_with_failures("CHUNKING\nDSN\n", LARGE | LMTP);
    send_with_failures("PIPELINING\nCHUNKING\nDSN\n", LARGE | LMTP);
    send_with_failures("PIPELINING\nDSN\n", LARGE | LMTP);
}

struct told {
    int n, sent, unknown;
};

static void done(void *arg, const struct smtp_message *m,
                 const struct smtp_result *r)
{
    struct told *t = arg;

    (void)m;
    t->n++;
    t->sent += r->outcome == SMTP_SENT;
    t->unknown += r->outcome == SMTP_UNKNOWN;
}

static void each_allocation_of_a_batch_fails_once(void **state)
{
    bool enough = false;
    long n;

    (void)state;
    for (n = 0; !enough && n < 500; n++) {
        struct smtp_message m = message_from(NULL);
        struct told t = {0};
        struct smtp_queue *q;
        int added = 0;

        smtp_peer_start(&p, "PIPELINING\nCHUNKING\nDSN\n");
        left = n;
        q = smtp_queue_new(p.url, &own, done, &t);
        for (int i = 0; q != NULL && i < 4; i++) {
            int before = t.n;

            if (smtp_queue_add(q, &m) == 0 || t.n > before)
                added++;
        }
        smtp_queue_free(q);
        enough = left >= 0;
        left = -1;
        assert_true(t.n >= added);
        assert_true(p.taken >= t.sent);
        assert_true(p.taken <= t.sent + t.unknown);
        assert_true(!enough || t.sent == 4);
        smtp_peer_stop(&p);
        sc_run();
    }
    assert_in_range(n, 10, 499);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(each_allocation_of_a_message_fails_once),
    cmocka_unit_test(each_allocation_of_a_large_message_fails_once),
    cmocka_unit_test(each_allocation_of_a_batch_fails_once),
};

TEST_MAIN_WITH(tests, take_over, NULL)
