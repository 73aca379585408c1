/* test_smtp_queue.c - a batch in flight: results in order, few waits, large
 * groups without deadlock, and the truth when the connection ends in the middle
 * of it. */
#include "main.h"

#include "smtp_peer.h"

#define CHUNKS "PIPELINING\nCHUNKING\n"

static const struct sc_options own = {.hello = "me.example", .wait_ms = 5000};
static const char *const bob[] = {"bob@b.example", NULL};
static const char *const bad[] = {"bad@b.example", NULL};
static const char *const kinds[] = {CHUNKS, "PIPELINING\n", "CHUNKING\n", ""};

enum { MOST = 2000 };
struct batch {
    struct smtp_queue *q;
    struct smtp_peer p;
    int told;
    struct smtp_message m[MOST];
    int outcome[MOST], code[MOST];
    int add_more; /* in the callback */
};

static void done(void *arg, const struct smtp_message *m,
                 const struct smtp_result *r)
{
    struct batch *b = arg;

    assert_ptr_equal(m, &b->m[b->told]); /* in order */
    b->outcome[b->told] = r->outcome;
    b->code[b->told] = r->n > 0 ? r->to[0].code : -1;
    b->told++;
    if (b->add_more > 0) {
        b->add_more--;
        b->m[b->told + 1] = b->m[b->told];
        smtp_queue_add(b->q, &b->m[b->told + 1]);
    }
}

static void begin(struct batch *b, const char *caps)
{
    memset(b, 0, sizeof *b);
    smtp_peer_start(&b->p, caps);
    for (int i = 0; i < MOST; i++)
        b->m[i] = (struct smtp_message){
            .from = "me@a.example", .to = bob, .source.data = SC_SPAN("hi\n")};
    b->q = smtp_queue_new(b->p.url, &own, done, b);
    assert_non_null(b->q);
}

static void end(struct batch *b)
{
    smtp_queue_free(b->q);
    smtp_peer_stop(&b->p);
}

static struct batch b;

static void results_come_in_order_from_every_server(void **state)
{
    (void)state;
    for (size_t i = 0; i < 4; i++) {
        begin(&b, kinds[i]);
        peer_says(&b.p, "RCPT TO:<bad@", "550 5.1.1 no");
        b.m[3].to = b.m[20].to = bad;
        b.m[7].from = "a b@c"; /* cannot be sent */
        for (int k = 0; k < 40; k++)
            assert_int_equal(smtp_queue_add(b.q, &b.m[k]), 0);
        assert_int_equal(smtp_queue_wait(b.q), SC_EREPLY); /* the first */
        assert_int_equal(b.told, 40);
        for (int k = 0; k < 40; k++) {
            bool no = k == 3 || k == 20 || k == 7;

            assert_int_equal(b.outcome[k], no ? SMTP_NOT_SENT : SMTP_SENT);
            assert_int_equal(b.code[k], k == 7 ? 0 : no ? 550 : 250);
        }
        assert_int_equal(b.p.taken, 37);
        assert_int_equal(b.p.connections, 1);
        for (int k = 0; k < 37; k++)
            assert_string_equal(b.p.message[k].data, "hi\r\n");
        end(&b);
    }
}

static void a_batch_needs_few_waits(void **state)
{
    (void)state;
    begin(&b, CHUNKS);
    for (int k = 0; k < 60; k++)
        smtp_queue_add(b.q, &b.m[k]);
    assert_int_equal(smtp_queue_wait(b.q), 0);
    assert_true(b.p.waits <= 3); /* hello, and one flight of all */
    end(&b);

    /* RFC 2920: the text of one and the envelope of the next. */
    begin(&b, "PIPELINING\n");
    for (int k = 0; k < 30; k++)
        smtp_queue_add(b.q, &b.m[k]);
    assert_int_equal(smtp_queue_wait(b.q), 0);
    assert_int_equal(b.told, 30);
    assert_true(b.p.waits <= 2 * 30 + 3);
    assert_true(peer_saw(&b.p, "DATA\nRSET\nMAIL"));
    end(&b);
}

static void those_beyond_the_servers_limit_go_in_another(void **state)
{
    static const char *const five[] = {"a@b", "c@d", "e@f", "g@h", "i@j", NULL};

    (void)state;
    for (size_t i = 0; i < 4; i++) {
        begin(&b, kinds[i]);
        b.p.most = 2;
        for (int k = 0; k < 9; k++) {
            b.m[k].to = k % 3 == 1 ? five : bob;
            assert_int_equal(smtp_queue_add(b.q, &b.m[k]), 0);
        }
        assert_int_equal(smtp_queue_wait(b.q), 0);
        assert_int_equal(b.told, 9);
        for (int k = 0; k < 9; k++)
            assert_int_equal(b.outcome[k], SMTP_SENT);
        assert_int_equal(b.p.taken, 6 + 3 * 3);
        assert_int_equal(b.p.connections, 1);
        end(&b);
    }
}

static void thousands_pass(void **state)
{
    (void)state;
    for (size_t i = 0; i < 4; i++) {
        begin(&b, kinds[i]);
        for (int k = 0; k < MOST; k++)
            assert_int_equal(smtp_queue_add(b.q, &b.m[k]), 0);
        assert_int_equal(smtp_queue_wait(b.q), 0);
        assert_int_equal(b.told, MOST);
        assert_int_equal(b.p.taken, MOST);
        end(&b);
    }
}

static int small_buffers(void *arg, int fd)
{
    int bytes = 20000;

    (void)arg;
    setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &bytes, sizeof bytes);
    setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &bytes, sizeof bytes);
    return 0;
}

/* More than two TCP buffers hold, both ways: replies are read while commands
 * are written. */
static void groups_beyond_both_buffers_do_not_deadlock(void **state)
{
    enum { MANY = 1500 };
    static const char *to[MANY + 1];
    static char address[250], reply[500];
    struct sc_options o = own;
    char *text = malloc(40000);

    (void)state;
    memset(address, 'a', sizeof address - 1);
    address[60] = '@';
    memset(reply, 'r', sizeof reply - 1);
    memcpy(reply, "250 ", 4);
    for (int i = 0; i < MANY; i++)
        to[i] = address;
    memset(text, 'x', 40000);
    for (int i = 70; i < 40000; i += 72)
        memcpy(text + i, "\r\n", 2);
    for (size_t i = 0; i < 2; i++) {
        begin(&b, kinds[i]);
        smtp_queue_free(b.q);
        o.on_socket = small_buffers;
        b.q = smtp_queue_new(b.p.url, &o, done, &b);
        b.p.buffers = 20000;
        peer_says(&b.p, "(rcpt)", reply);
        for (int k = 0; k < 2; k++) {
            b.m[k].to = to;
            b.m[k].source.data = (struct sc_span){text, 40000};
            assert_int_equal(smtp_queue_add(b.q, &b.m[k]), 0);
        }
        assert_int_equal(smtp_queue_wait(b.q), 0);
        assert_int_equal(b.p.taken, 2);
        end(&b);
    }
    free(text);
}

static void done_may_add_more(void **state)
{
    (void)state;
    begin(&b, CHUNKS);
    b.add_more = 20;
    smtp_queue_add(b.q, &b.m[0]);
    smtp_queue_add(b.q, &b.m[1]);
    while (b.told < 20)
        smtp_queue_wait(b.q);
    assert_int_equal(smtp_queue_wait(b.q), 0);
    assert_int_equal(b.p.taken, b.told);
    end(&b);
}

/* The server dies at each step: each message told as what became of it. */
static void check_batch(int n)
{
    int sent = 0, unknown = 0;

    assert_int_equal(b.told, n);
    for (int k = 0; k < n; k++) {
        sent += b.outcome[k] == SMTP_SENT;
        unknown += b.outcome[k] == SMTP_UNKNOWN;
    }
    assert_true(b.p.taken >= sent);
    assert_true(b.p.taken <= sent + unknown);
}

static void a_batch_cut_at_each_step_is_told_truly(void **state)
{
    (void)state;
    for (size_t i = 0; i < 4; i++)
        for (int at = 1;; at++) {
            bool lived;

            begin(&b, kinds[i]);
            b.p.die_at = at;
            for (int k = 0; k < 4; k++)
                smtp_queue_add(b.q, &b.m[k]);
            smtp_queue_wait(b.q);
            check_batch(4);
            lived = b.p.events < at;
            end(&b);
            if (lived)
                break;
        }
}

/* What follows a 421 was not acted on, though it had left. */
static void after_a_goodbye_the_rest_is_not_sent(void **state)
{
    (void)state;
    for (size_t i = 0; i < 4; i++) {
        begin(&b, kinds[i]);
        b.m[2].from = "last@a.example";
        peer_says(&b.p, "MAIL FROM:<last@", "!421 4.3.2 enough");
        for (int k = 0; k < 3; k++)
            smtp_queue_add(b.q, &b.m[k]);
        if (i == 0) { /* in the same flight */
            smtp_queue_add(b.q, &b.m[3]);
            smtp_queue_add(b.q, &b.m[4]);
        }
        smtp_queue_wait(b.q);
        assert_int_equal(b.told, i == 0 ? 5 : 3);
        assert_int_equal(b.outcome[0], SMTP_SENT);
        assert_int_equal(b.outcome[1], SMTP_SENT);
        for (int k = 2; k < b.told; k++) {
            assert_int_equal(b.outcome[k], SMTP_NOT_SENT);
            assert_int_equal(b.code[k], 421);
        }
        /* The next one goes over a new connection. */
        assert_int_equal(smtp_queue_add(b.q, &b.m[b.told]), 0);
        smtp_queue_wait(b.q);
        assert_int_equal(b.outcome[b.told - 1], SMTP_SENT);
        assert_int_equal(b.p.connections, 2);
        end(&b);
    }
}

/* Some cannot be sent at all: they hold places, too, until those before them
 * are told. */
static void hundreds_that_cannot_be_sent_do_not_push_others_out(void **state)
{
    (void)state;
    for (size_t i = 0; i < 4; i++) {
        begin(&b, kinds[i]);
        for (int k = 0; k < 1200; k++) {
            if (k % 600 != 0)
                b.m[k].from = "a b@c";
            assert_int_equal(smtp_queue_add(b.q, &b.m[k]), 0);
        }
        smtp_queue_wait(b.q);
        assert_int_equal(b.told, 1200);
        for (int k = 0; k < 1200; k++)
            assert_int_equal(b.outcome[k], k % 600 ? SMTP_NOT_SENT : SMTP_SENT);
        assert_int_equal(b.p.taken, 2);
        end(&b);
    }
}

/* Never by others than those that were asked for, which say TLS or nothing. */
static void options_that_make_no_sense_send_nothing(void **state)
{
    static const struct sc_options wrong = {.starttls = SC_STARTTLS_MUST,
                                            .wait_ms = -1};

    (void)state;
    begin(&b, CHUNKS);
    smtp_queue_free(b.q);
    b.q = smtp_queue_new(b.p.url, &wrong, done, &b);
    assert_int_equal(smtp_queue_add(b.q, &b.m[0]), SC_EINVAL);
    assert_int_equal(smtp_queue_wait(b.q), SC_EINVAL);
    assert_int_equal(b.told, 1);
    assert_int_equal(b.outcome[0], SMTP_NOT_SENT);
    assert_int_equal(b.p.connections, 0);
    end(&b);
}

/* Who is told that a message was not sent gives it again at once. */
static void again(void *arg, const struct smtp_message *m,
                  const struct smtp_result *r)
{
    struct batch *t = arg;

    t->outcome[r->outcome]++;
    if (r->outcome != SMTP_NOT_SENT || t->told++ > 20)
        return;
    t->p.n_rules = 0;
    smtp_queue_add(t->q, m);
}

static void done_may_give_the_same_again(void **state)
{
    (void)state;
    for (size_t i = 0; i < 4; i++) {
        begin(&b, kinds[i]);
        smtp_queue_free(b.q);
        b.q = smtp_queue_new(b.p.url, &own, again, &b);
        b.m[1].from = "last@a.example";
        peer_says(&b.p, "MAIL FROM:<last@", "!421 4.3.2 enough");
        for (int k = 0; k < 4; k++)
            smtp_queue_add(b.q, &b.m[k]);
        smtp_queue_wait(b.q);
        assert_int_equal(b.outcome[SMTP_SENT], 4);
        assert_in_range(b.outcome[SMTP_NOT_SENT], 1, 3);
        assert_int_equal(b.p.taken, 4);
        assert_int_equal(b.p.connections, 2);
        end(&b);
    }
}

static void nobody_there_is_told_for_each(void **state)
{
    (void)state;
    memset(&b, 0, sizeof b);
    for (int i = 0; i < 3; i++)
        b.m[i] = (struct smtp_message){
            .from = "me@a.example", .to = bob, .source.data = SC_SPAN("hi\n")};
    b.q = smtp_queue_new("smtp://127.0.0.1:1/", &own, done, &b);
    for (int i = 0; i < 3; i++)
        assert_int_equal(smtp_queue_add(b.q, &b.m[i]), SC_ECONNREFUSED);
    assert_int_equal(smtp_queue_wait(b.q), SC_ECONNREFUSED);
    assert_int_equal(b.told, 3);
    assert_int_equal(b.outcome[2], SMTP_NOT_SENT);
    assert_int_equal(smtp_queue_free(b.q), SC_ECONNREFUSED);
}

/* --- two tasks --- */

static int waited[2];

static void wait_first(void *arg)
{
    (void)arg;
    waited[0] = smtp_queue_wait(b.q);
}

/* Who cannot wait, for another does, claims nothing. */
static void wait_second(void *arg)
{
    (void)arg;
    waited[1] = smtp_queue_wait(b.q);
    assert_int_equal(b.told, 0);
}

static void a_second_task_that_waits_is_told_busy(void **state)
{
    int64_t task[2];

    (void)state;
    for (size_t i = 0; i < 2; i++) {
        begin(&b, kinds[i]);
        smtp_queue_add(b.q, &b.m[0]);
        task[0] = sc_task_go(NULL, wait_first, NULL);
        task[1] = sc_task_go(NULL, wait_second, NULL);
        sc_task_join(task[0]);
        sc_task_join(task[1]);
        assert_int_equal(waited[0], 0);
        assert_int_equal(waited[1], SC_EBUSY);
        assert_int_equal(b.told, 1);
        assert_int_equal(b.outcome[0], SMTP_SENT);
        end(&b);
    }
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(results_come_in_order_from_every_server),
    cmocka_unit_test(a_batch_needs_few_waits),
    cmocka_unit_test(those_beyond_the_servers_limit_go_in_another),
    cmocka_unit_test(thousands_pass),
    cmocka_unit_test(groups_beyond_both_buffers_do_not_deadlock),
    cmocka_unit_test(done_may_add_more),
    cmocka_unit_test(a_batch_cut_at_each_step_is_told_truly),
    cmocka_unit_test(after_a_goodbye_the_rest_is_not_sent),
    cmocka_unit_test(hundreds_that_cannot_be_sent_do_not_push_others_out),
    cmocka_unit_test(options_that_make_no_sense_send_nothing),
    cmocka_unit_test(done_may_give_the_same_again),
    cmocka_unit_test(nobody_there_is_told_for_each),
    cmocka_unit_test(a_second_task_that_waits_is_told_busy),
};

TEST_MAIN(tests)
