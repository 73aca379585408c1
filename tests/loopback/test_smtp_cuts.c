/* test_smtp_cuts.c - the server dies at each step of a transaction, in order or
 * by reset: what is claimed is true, and no vaguer than it must be. A step is a
 * command that was read, or a reply that was sent. */
#include "main.h"

#include "client/pool.h"
#include "smtp_peer.h"

#define TEXT "Subject: hello\r\n\r\n.a dot\r\nthe end\r\n"

static const struct sc_options own = {.hello = "me.example", .wait_ms = 5000};
static const char *const two[] = {"amy@b.example", "eve@b.example", NULL};

static struct smtp_message the_message(void)
{
    return (struct smtp_message){.from = "me@a.example",
                                 .to = two,
                                 .source.data = SC_SPAN(TEXT),
                                 .options = &own};
}

static void check_claim(const struct smtp_peer *p, int rc,
                        const struct smtp_result *r)
{
    switch (r->outcome) {
    case SMTP_SENT:
        assert_int_equal(rc, 0);
        assert_int_equal(p->taken, 1);
        return;
    case SMTP_NOT_SENT:
        assert_int_not_equal(rc, 0);
        assert_int_not_equal(rc, SC_EUNKNOWN);
        assert_int_equal(p->taken, 0);
        return;
    default:
        assert_int_equal(r->outcome, SMTP_UNKNOWN);
        assert_int_equal(rc, SC_EUNKNOWN);
        assert_int_equal(r->error.code, SC_EUNKNOWN);
    }
}

struct walk {
    const char *caps;
    bool lmtp, reset;
    bool one_flight; /* all has left before anything is known */
    size_t size;     /* of the message; 0: a short one */
    int sent, not_sent, unknown, partly;
};

/* More than the queue holds back: it leaves while it is written. */
static struct sc_span lines_of(size_t n)
{
    static char text[200000];

    assert_true(n <= sizeof text && n % 2 == 0);
    for (size_t i = 0; i < n; i += 2)
        memcpy(text + i, "\r\n", 2);
    return (struct sc_span){text, n};
}

/* The server dies at event N. Returns false when it lived to the end. */
static bool die_at(struct walk *w, int n)
{
    struct smtp_message m = the_message();
    struct smtp_result r = {0};
    struct smtp_peer p;
    bool died;
    int rc;

    smtp_peer_start(&p, w->caps);
    if (w->lmtp)
        smtp_peer_is_lmtp(&p);
    if (w->size > 0)
        m.source.data = lines_of(w->size);
    p.die_at = n;
    p.by_reset = w->reset;
    rc = smtp_send(p.url, &m, &r);
    died = p.events >= n;
    if (r.outcome == SMTP_PARTLY) { /* LMTP: one reply has come */
        assert_true(w->lmtp);
        assert_int_equal(r.to[0].rc, 0);
        assert_int_equal(r.to[1].rc, SC_EUNKNOWN);
    } else {
        check_claim(&p, rc, &r);
    }
    w->sent += r.outcome == SMTP_SENT;
    w->not_sent += r.outcome == SMTP_NOT_SENT;
    w->unknown += r.outcome == SMTP_UNKNOWN;
    w->partly += r.outcome == SMTP_PARTLY;
    /* Before the message may leave nobody is in doubt. */
    if (!w->one_flight && !peer_saw(&p, "RCPT TO:<eve"))
        assert_int_equal(r.outcome, SMTP_NOT_SENT);
    smtp_result_free(&r);
    smtp_peer_stop(&p);
    return died;
}

static void walk_all(struct walk w)
{
    int n = 1;

    while (die_at(&w, n)) {
        assert_true(n < 50);
        n++;
    }
    assert_true(w.sent >= 1);
    assert_true(w.unknown >= 1);
    assert_true(w.not_sent >= 2); /* greeting, hello */
}

static void each_step_of_a_plain_transaction(void **state)
{
    (void)state;
    walk_all((struct walk){.caps = ""});
    walk_all((struct walk){.caps = "", .reset = true});
}

static void each_step_of_a_pipelined_transaction(void **state)
{
    (void)state;
    walk_all((struct walk){.caps = "PIPELINING\n"});
    walk_all((struct walk){.caps = "PIPELINING\n", .reset = true});
}

static void each_step_of_a_chunked_transaction(void **state)
{
    (void)state;
    walk_all((struct walk){.caps = "CHUNKING\n"});
    walk_all((struct walk){.caps = "CHUNKING\n", .reset = true});
}

static void each_step_of_a_transaction_in_one_flight(void **state)
{
    struct walk w = {.caps = "PIPELINING\nCHUNKING\n", .one_flight = true};

    (void)state;
    walk_all(w);
    w.reset = true;
    walk_all(w);
}

static void each_step_of_lmtp(void **state)
{
    (void)state;
    walk_all((struct walk){.caps = "", .lmtp = true});
    walk_all((struct walk){.caps = "PIPELINING\n", .lmtp = true});
    walk_all((struct walk){.caps = "PIPELINING\nCHUNKING\n", .lmtp = true});
}

static void each_step_of_a_large_message(void **state)
{
    static const size_t sizes[] = {65536, 200000};
    static const char *const caps[] = {"", "PIPELINING\n", "CHUNKING\n",
                                       "PIPELINING\nCHUNKING\n"};

    (void)state;
    for (size_t i = 0; i < 4; i++)
        for (size_t k = 0; k < 2; k++)
            for (int how = 0; how < 3; how++)
                walk_all((struct walk){.caps = caps[i],
                                       .size = sizes[k],
                                       .reset = how == 1,
                                       .lmtp = how == 2,
                                       .one_flight = i == 3});
}

/* --- 421 instead: certain in every case --- */

static void goodbye_at(const char *caps, const char *command)
{
    struct smtp_message m = the_message();
    struct smtp_result r = {0};
    struct smtp_peer p;

    smtp_peer_start(&p, caps);
    peer_says(&p, command, "!421 4.3.2 going down");
    assert_int_equal(smtp_send(p.url, &m, &r), SC_EREPLY);
    assert_int_equal(r.outcome, SMTP_NOT_SENT);
    assert_int_equal(r.error.status, 421);
    assert_int_equal(r.to[1].code, 421);
    assert_int_equal(p.taken, 0);
    /* That connection is not used again. */
    p.n_rules = 0;
    assert_int_equal(smtp_send(p.url, &m, &r), 0);
    assert_int_equal(p.connections, 2);
    smtp_result_free(&r);
    smtp_peer_stop(&p);
}

static void a_goodbye_at_any_command_is_not_sent(void **state)
{
    static const char *const caps[] = {"", "PIPELINING\n", "CHUNKING\n",
                                       "PIPELINING\nCHUNKING\n"};

    (void)state;
    for (size_t i = 0; i < 4; i++) {
        goodbye_at(caps[i], "(greeting)");
        goodbye_at(caps[i], "EHLO");
        goodbye_at(caps[i], "MAIL");
        goodbye_at(caps[i], "RCPT TO:<amy");
        goodbye_at(caps[i], i < 2 ? "DATA" : "BDAT");
        goodbye_at(caps[i], i < 2 ? "(dot)" : "(last)");
    }
}

/* --- silence: each stage has its deadline --- */

static void silence_at(const char *caps, const char *command, int outcome)
{
    struct sc_options o = own;
    struct smtp_message m = the_message();
    struct smtp_result r = {0};
    struct smtp_peer p;
    int rc;

    o.wait_ms = 60;
    m.options = &o;
    smtp_peer_start(&p, caps);
    peer_says(&p, command, "");
    rc = smtp_send(p.url, &m, &r);
    assert_int_equal(rc, outcome == SMTP_UNKNOWN ? SC_EUNKNOWN : SC_ETIMEDOUT);
    assert_int_equal(r.outcome, outcome);
    smtp_result_free(&r);
    smtp_peer_stop(&p);
}

static void silence_ends_at_each_stage(void **state)
{
    (void)state;
    silence_at("", "EHLO", SMTP_NOT_SENT);
    silence_at("", "MAIL", SMTP_NOT_SENT);
    silence_at("", "RCPT", SMTP_NOT_SENT);
    silence_at("", "DATA", SMTP_NOT_SENT);
    silence_at("", "(dot)", SMTP_UNKNOWN);
    silence_at("PIPELINING\n", "DATA", SMTP_NOT_SENT);
    silence_at("PIPELINING\n", "(dot)", SMTP_UNKNOWN);
    silence_at("CHUNKING\n", "(last)", SMTP_UNKNOWN);
    silence_at("PIPELINING\nCHUNKING\n", "MAIL", SMTP_UNKNOWN);
}

/* --- an idle connection that has ended --- */

static void an_idle_connection_left_is_not_used(void **state)
{
    struct smtp_message m = the_message();
    struct smtp_result r = {0};
    struct smtp_peer p;

    (void)state;
    smtp_peer_start(&p, "PIPELINING\nCHUNKING\n");
    peer_says(&p, "(last)", "!250 2.0.0 taken, and goodbye");
    assert_int_equal(smtp_send(p.url, &m, &r), 0);
    smtp_peer_settle(&p);
    assert_int_equal(smtp_send(p.url, &m, &r), 0);
    assert_int_equal(p.connections, 2);
    smtp_result_free(&r);
    smtp_peer_stop(&p);
}

static void an_idle_connection_ends_with_quit(void **state)
{
    struct smtp_message m = the_message();
    struct smtp_result r = {0};
    int64_t before = sc_pool_keep_ms;
    struct smtp_peer p;

    (void)state;
    sc_pool_keep_ms = 1;
    smtp_peer_start(&p, "PIPELINING\nCHUNKING\n");
    assert_int_equal(smtp_send(p.url, &m, &r), 0);
    smtp_peer_settle(&p);
    assert_true(peer_saw(&p, "LAST\nQUIT\n"));
    sc_pool_keep_ms = before;
    smtp_result_free(&r);
    smtp_peer_stop(&p);
}

static void a_goodbye_to_rset_is_tried_anew(void **state)
{
    struct smtp_message m = the_message();
    struct smtp_result r = {0};
    struct smtp_peer p;

    (void)state;
    smtp_peer_start(&p, "PIPELINING\nCHUNKING\n");
    peer_says(&p, "RSET", "!421 4.4.2 idle too long");
    assert_int_equal(smtp_send(p.url, &m, &r), 0);
    assert_int_equal(smtp_send(p.url, &m, &r), 0);
    assert_int_equal(p.connections, 2);
    assert_int_equal(p.taken, 2);
    smtp_result_free(&r);
    smtp_peer_stop(&p);
}

/* --- cancelled --- */

struct sending {
    struct smtp_peer p;
    struct smtp_result r;
    int rc;
};

static void send_in_task(void *arg)
{
    struct sending *s = arg;
    struct smtp_message m = the_message();

    s->rc = smtp_send(s->p.url, &m, &s->r);
}

static void cancel_at(const char *caps, const char *command, int rc)
{
    struct sending s = {.rc = 1};
    int64_t task;

    smtp_peer_start(&s.p, caps);
    peer_says(&s.p, command, "");
    task = sc_task_go(NULL, send_in_task, &s);
    for (int i = 0; i < 1000 && s.p.events < 100; i++) {
        sc_yield();
        if (s.p.log.data != NULL && i > 200)
            break;
    }
    sc_task_cancel(task);
    sc_task_join(task);
    assert_int_equal(s.rc, rc);
    smtp_result_free(&s.r);
    smtp_peer_stop(&s.p);
}

static void a_cancel_at_each_stage_leaves_nothing(void **state)
{
    (void)state;
    cancel_at("", "EHLO", SC_ECANCELED);
    cancel_at("", "MAIL", SC_ECANCELED);
    cancel_at("", "RCPT", SC_ECANCELED);
    cancel_at("PIPELINING\n", "DATA", SC_ECANCELED);
    cancel_at("", "(dot)", SC_EUNKNOWN);
    cancel_at("PIPELINING\nCHUNKING\n", "(last)", SC_EUNKNOWN);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(each_step_of_a_plain_transaction),
    cmocka_unit_test(each_step_of_a_pipelined_transaction),
    cmocka_unit_test(each_step_of_a_chunked_transaction),
    cmocka_unit_test(each_step_of_a_transaction_in_one_flight),
    cmocka_unit_test(each_step_of_lmtp),
    cmocka_unit_test(each_step_of_a_large_message),
    cmocka_unit_test(a_goodbye_at_any_command_is_not_sent),
    cmocka_unit_test(silence_ends_at_each_stage),
    cmocka_unit_test(an_idle_connection_left_is_not_used),
    cmocka_unit_test(an_idle_connection_ends_with_quit),
    cmocka_unit_test(a_goodbye_to_rset_is_tried_anew),
    cmocka_unit_test(a_cancel_at_each_stage_leaves_nothing),
};

TEST_MAIN(tests)
