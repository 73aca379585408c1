/* test_smtp_claims.c - what is claimed of a message is true in odd cases, too:
 * all of it left before anything was answered, a server that goes on after a
 * 421, an idle connection that is of no use any more. */
#include "main.h"

#include "smtp_peer.h"

#define CHUNKS "PIPELINING\nCHUNKING\n"

static const struct sc_options own = {.hello = "me.example", .wait_ms = 5000};
static const char *const two[] = {"amy@b.example", "eve@b.example", NULL};
static const char *const kinds[] = {CHUNKS, "PIPELINING\n", "CHUNKING\n", ""};

static struct smtp_message the_message(void)
{
    return (struct smtp_message){.from = "me@a.example",
                                 .to = two,
                                 .source.data = SC_SPAN("A: b\r\n\r\nhi\r\n"),
                                 .options = &own};
}

/* --- a server that answers nothing but hello, and has it all --- */

struct silent {
    struct sc_listener *listener;
    size_t got;
    bool ended; /* "the end.\r\n" has come */
};

static void take_all_and_end(void *arg)
{
    struct silent *p = arg;
    Stream *s = sc_accept(p->listener, 5000, NULL);
    SimpleClient *c = sc_attach(&sc_simple_class, s, NULL);
    static char text[65536 + 4096];
    struct sc_span line, all = {text, 0};
    ssize_t n;

    sc_writeline(c, "220 silent");
    sc_readline(c, &line);
    sc_writeline(c, "250-silent");
    sc_writeline(c, "250-PIPELINING");
    sc_writeline(c, "250 CHUNKING");
    while (!p->ended && all.len < sizeof text &&
           (n = sc_read(c, text + all.len, sizeof text - all.len)) > 0) {
        all.len += (size_t)n;
        p->ended = memcmp(text + all.len - 10, "the end.\r\n", 10) == 0;
    }
    p->got = all.len;
    sc_drop(c);
}

/* The writes that take answers in fail because of those: 64 KiB are sent from
 * within. */
static void a_chunk_that_has_left_is_in_doubt(void **state)
{
    static char text[65536];
    struct smtp_message m = the_message();
    struct smtp_result r = {0};
    struct sc_error e = {0};
    char url[64];

    (void)state;
    memset(text, '\n', sizeof text);
    for (size_t i = 0; i < sizeof text; i += 2)
        text[i] = '\r';
    memcpy(text + sizeof text - 10, "the end.\r\n", 10);
    for (size_t less = 0; less < 200; less += 20) {
        struct silent p = {.listener = sc_listen("127.0.0.1:0", &e)};
        int64_t task = sc_task_go(NULL, take_all_and_end, &p);

        m.source.data = (struct sc_span){text + less, sizeof text - less};
        snprintf(url, sizeof url, "smtp://127.0.0.1:%d/",
                 sc_listener_port(p.listener));
        assert_int_equal(smtp_send(url, &m, &r), SC_EUNKNOWN);
        assert_int_equal(r.outcome, SMTP_UNKNOWN);
        sc_task_join(task);
        assert_true(p.ended);
        sc_listener_close(p.listener);
    }
    smtp_result_free(&r);
}

/* --- LMTP --- */

/* RFC 2033 section 4.2: in the order of those that were accepted. */
static void lmtp_replies_go_to_who_they_are_of(void **state)
{
    static const char *const four[] = {"a@b", "bob@b.example", "c@d", "e@f",
                                       NULL};
    struct smtp_message m = the_message();
    struct smtp_result r = {0};
    struct smtp_peer p;

    (void)state;
    m.to = four;
    for (size_t i = 0; i < 4; i++) {
        smtp_peer_start(&p, kinds[i]);
        smtp_peer_is_lmtp(&p);
        peer_says(&p, "RCPT TO:<bob@", "550 5.1.1 no bob");
        peer_says(&p, "(1", "250 2.0.0 one");
        peer_says(&p, "(2", "452 4.2.2 two is full");
        peer_says(&p, "(3", "250 2.0.0 three");
        assert_int_equal(smtp_send(p.url, &m, &r), SC_EREPLY);
        assert_int_equal(r.outcome, SMTP_PARTLY);
        assert_string_equal(r.to[0].text, "2.0.0 one");
        assert_int_equal(r.to[1].code, 550);
        assert_int_equal(r.to[2].rc, SC_EREPLY);
        assert_string_equal(r.to[2].enhanced, "4.2.2");
        assert_int_equal(r.to[3].rc, 0);
        assert_string_equal(r.to[3].text, "2.0.0 three");
        smtp_result_free(&r);
        smtp_peer_stop(&p);
    }
}

/* --- 421, and it goes on --- */

static void a_goodbye_to_a_recipient_leaves_the_others(void **state)
{
    (void)state;
    for (size_t i = 0; i < 4; i++) {
        struct smtp_message m = the_message();
        struct smtp_result r = {0};
        struct smtp_peer p;
        int rc;

        smtp_peer_start(&p, kinds[i]);
        peer_says(&p, "RCPT TO:<eve@", "421 4.7.0 not now");
        rc = smtp_send(p.url, &m, &r);
        assert_int_equal(rc, SC_EREPLY);
        assert_int_equal(r.outcome == SMTP_PARTLY, p.taken == 1);
        assert_int_equal(r.to[0].rc == 0, p.taken == 1);
        assert_int_equal(r.to[1].code, 421);
        smtp_result_free(&r);
        smtp_peer_stop(&p);
    }
}

static void a_goodbye_to_rset_that_is_none_sends_once(void **state)
{
    (void)state;
    for (size_t i = 0; i < 4; i++) {
        struct smtp_message m = the_message();
        struct smtp_result r = {0};
        struct smtp_peer p;

        smtp_peer_start(&p, kinds[i]);
        assert_int_equal(smtp_send(p.url, &m, &r), 0);
        peer_says(&p, "RSET", "421 4.7.0 busy");
        assert_int_equal(smtp_send(p.url, &m, &r), 0);
        assert_int_equal(p.taken, 2);
        smtp_result_free(&r);
        smtp_peer_stop(&p);
    }
}

/* --- a server out of step --- */

static void a_text_without_a_sender_is_not_sent(void **state)
{
    (void)state;
    for (size_t i = 1; i < 4; i += 2) {
        struct smtp_message m = the_message();
        struct smtp_result r = {0};
        struct smtp_peer p;

        smtp_peer_start(&p, kinds[i]);
        peer_says(&p, "MAIL", "503 5.5.1 there is one");
        peer_says(&p, "RCPT", "250 2.1.5 well");
        peer_says(&p, "DATA", "354 go on");
        assert_true(smtp_send(p.url, &m, &r) < 0);
        assert_int_equal(r.outcome, SMTP_NOT_SENT);
        assert_false(peer_saw(&p, "\nhi\n"));
        smtp_result_free(&r);
        smtp_peer_stop(&p);
    }
}

static void a_refused_rset_is_left_for_a_new_connection(void **state)
{
    (void)state;
    for (size_t i = 2; i < 4; i++) {
        struct smtp_message m = the_message();
        struct smtp_result r = {0};
        struct smtp_peer p;

        smtp_peer_start(&p, kinds[i]);
        peer_says(&p, "RCPT", "550 5.1.1 no");
        peer_says(&p, "RSET", "502 5.5.2 what");
        assert_int_equal(smtp_send(p.url, &m, &r), SC_EREPLY);
        p.rules[0].command = "nobody";
        if (smtp_send(p.url, &m, &r) < 0)
            fail_msg("%s %s", r.error.text, p.log.data);
        assert_int_equal(p.connections, 2);
        assert_int_equal(p.taken, 1);
        smtp_result_free(&r);
        smtp_peer_stop(&p);
    }
}

/* --- an idle connection --- */

struct once {
    const char *text;
};

static ssize_t give_once(void *arg, void *buf, size_t n)
{
    struct once *o = arg;
    size_t left = strlen(o->text);

    n = n < left ? n : left;
    memcpy(buf, o->text, n);
    o->text += n;
    return (ssize_t)n;
}

/* A source that cannot be read twice has not been read: its head was. */
static void a_source_still_unread_goes_over_a_new_connection(void **state)
{
    (void)state;
    for (size_t i = 0; i < 4; i++) {
        struct once o = {"A: b\n\nonce\n"};
        struct smtp_message m = the_message();
        struct smtp_result r = {0};
        struct smtp_peer p;

        smtp_peer_start(&p, kinds[i]);
        assert_int_equal(smtp_send(p.url, &m, &r), 0);
        peer_says(&p, i < 2 ? "RSET" : "MAIL",
                  i % 2 ? "!" : "!421 4.4.2 too long");
        m.source = (struct mail_source){.read = give_once, .arg = &o};
        if (i == 2) { /* MAIL was answered: that is no idle connection's end */
            assert_int_equal(smtp_send(p.url, &m, &r), SC_EREPLY);
        } else if (i == 3) { /* here the new one is as bad */
            assert_int_equal(smtp_send(p.url, &m, &r), SC_EOF);
            assert_int_equal(p.connections, 2);
        } else {
            assert_int_equal(smtp_send(p.url, &m, &r), 0);
            assert_string_equal(p.message[1].data, "A: b\r\n\r\nonce\r\n");
        }
        smtp_result_free(&r);
        smtp_peer_stop(&p);
    }
}

/* What was read ahead is all there is: it can be sent as often as one likes. */
static void a_source_read_ahead_goes_in_two_transactions(void **state)
{
    (void)state;
    for (size_t i = 0; i < 4; i++) {
        struct once o = {"A: b\n\nonce\n.\n"};
        struct smtp_message m = the_message();
        struct smtp_result r = {0};
        struct smtp_peer p;

        smtp_peer_start(&p, kinds[i]);
        p.most = 1;
        m.source = (struct mail_source){.read = give_once, .arg = &o};
        assert_int_equal(smtp_send(p.url, &m, &r), 0);
        assert_int_equal(p.taken, 2);
        for (int k = 0; k < 2; k++)
            assert_string_equal(p.message[k].data, "A: b\r\n\r\nonce\r\n.\r\n");
        smtp_result_free(&r);
        smtp_peer_stop(&p);
    }
}

struct shrinking {
    size_t size, left;
};

static ssize_t give_lines(void *arg, void *buf, size_t n)
{
    struct shrinking *s = arg;

    n = n < s->left ? n : s->left;
    memset(buf, '\n', n);
    s->left -= n;
    return (ssize_t)n;
}

static int shrink(void *arg)
{
    struct shrinking *s = arg;

    s->left = s->size -= 1000;
    return 0;
}

/* Its own failure is no reason to try another connection. */
static void a_source_that_fails_is_not_tried_anew(void **state)
{
    (void)state;
    for (size_t i = 0; i < 4; i++) {
        struct shrinking s = {100000, 100000};
        struct smtp_message m = the_message();
        struct smtp_result r = {0};
        struct smtp_peer p;

        smtp_peer_start(&p, kinds[i]);
        assert_int_equal(smtp_send(p.url, &m, &r), 0);
        m.source = (struct mail_source){
            .read = give_lines, .rewind = shrink, .arg = &s};
        assert_int_equal(smtp_send(p.url, &m, &r), SC_ESHORT);
        assert_int_equal(p.connections, 1);
        smtp_result_free(&r);
        smtp_peer_stop(&p);
    }
}

/* --- two tasks, one client --- */

struct pair {
    SMTPClient *c;
    int first, second[3];
};

/* A source that lets others go on in the middle. */
static ssize_t give_slowly(void *arg, void *buf, size_t n)
{
    int *times = arg;

    for (int i = 0; i < 50; i++)
        sc_yield();
    if ((*times)++ > 1 || n < 4)
        return 0;
    memcpy(buf, "ab\r\n", 4);
    return 4;
}

static void say_data(void *arg)
{
    struct pair *two_tasks = arg;
    struct smtp_status st;
    int times = 0;
    struct mail_source m = {.read = give_slowly, .arg = &times};

    two_tasks->first = smtp_data(two_tasks->c, &m, &st, 1);
}

static void say_more(void *arg)
{
    struct pair *p = arg;

    for (int i = 0; i < 3; i++) {
        p->second[i] = smtp_noop(p->c);
        for (int k = 0; k < 20 * i; k++)
            sc_yield();
    }
}

/* A command of another task must not become part of the text. */
static void a_second_task_says_nothing(void **state)
{
    struct pair t = {.first = 1};
    struct smtp_peer p;
    int64_t task[2];

    (void)state;
    smtp_peer_start(&p, "");
    t.c = smtp_open(p.url, &own);
    assert_int_equal(smtp_mail(t.c, "a@b", NULL), 0);
    assert_int_equal(smtp_rcpt(t.c, "c@d", NULL), 250);
    task[0] = sc_task_go(NULL, say_data, &t);
    task[1] = sc_task_go(NULL, say_more, &t);
    sc_task_join(task[0]);
    sc_task_join(task[1]);
    assert_int_equal(t.first, 0);
    for (int i = 0; i < 3; i++)
        assert_int_equal(t.second[i], SC_EBUSY);
    assert_string_equal(p.message[0].data, "ab\r\nab\r\n");
    assert_int_equal(smtp_noop(t.c), 0);
    smtp_close(t.c);
    smtp_peer_stop(&p);
}

static void drop_it(void *arg)
{
    struct pair *p = arg;

    for (int i = 0; i < 20; i++)
        sc_yield();
    sc_drop(smtp_base(p->c));
}

/* As sc_read_dot_to, which keeps the client while its sink waits. */
static void a_client_closed_while_its_source_waits_is_kept(void **state)
{
    struct pair t = {.first = 1};
    struct smtp_peer p;
    int64_t task[2];

    (void)state;
    smtp_peer_start(&p, "");
    t.c = smtp_open(p.url, &own);
    assert_int_equal(smtp_mail(t.c, "a@b", NULL), 0);
    assert_int_equal(smtp_rcpt(t.c, "c@d", NULL), 250);
    task[0] = sc_task_go(NULL, say_data, &t);
    task[1] = sc_task_go(NULL, drop_it, &t);
    sc_task_join(task[0]);
    sc_task_join(task[1]);
    assert_int_equal(t.first, SC_ECLOSED);
    smtp_peer_settle(&p);
    assert_int_equal(p.taken, 0);
    smtp_peer_stop(&p);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(a_chunk_that_has_left_is_in_doubt),
    cmocka_unit_test(lmtp_replies_go_to_who_they_are_of),
    cmocka_unit_test(a_goodbye_to_a_recipient_leaves_the_others),
    cmocka_unit_test(a_goodbye_to_rset_that_is_none_sends_once),
    cmocka_unit_test(a_text_without_a_sender_is_not_sent),
    cmocka_unit_test(a_refused_rset_is_left_for_a_new_connection),
    cmocka_unit_test(a_source_still_unread_goes_over_a_new_connection),
    cmocka_unit_test(a_source_read_ahead_goes_in_two_transactions),
    cmocka_unit_test(a_source_that_fails_is_not_tried_anew),
    cmocka_unit_test(a_second_task_says_nothing),
    cmocka_unit_test(a_client_closed_while_its_source_waits_is_kept),
};

TEST_MAIN(tests)
