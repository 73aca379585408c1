/* test_pop3_fetch_wrong.c - what goes wrong while a mailbox is fetched: nothing
 * is deleted that is not safe, and a refusal keeps the rest in step. */
#include "main.h"

#include "pop3_fetching.h"

static void a_refusal_in_a_pipeline_keeps_the_rest_in_step(void **state)
{
    (void)state;
    peer_fill(&peer, 300);
    peer_says(&peer, "RETR 77", "-ERR [SYS/TEMP] not now");
    peer_says(&peer, "RETR 78", "-ERR");
    peer_says(&peer, "DELE 5", "-ERR no");
    assert_int_equal(fetch((struct pop3_fetch){.sink = sc_null_sink}),
                     SC_EREPLY);
    assert_non_null(strstr(r.error.text, "RETR 77: -ERR [SYS/TEMP] not now"));
    /* RETR 77, 78; DELE 5, 50..59 */
    assert_result(298, 0, 298 - 11, 0);
    assert_false(peer.mail[76].gone);
    assert_false(peer.mail[77].gone);
    assert_true(peer.mail[299].gone);
}

static void a_challenge_in_a_pipeline_breaks(void **state)
{
    (void)state;
    peer_fill(&peer, 4);
    peer_says(&peer, "RETR 2", "+ what?");
    assert_int_equal(fetch((struct pop3_fetch){.sink = sc_null_sink}),
                     SC_EPROTO);
    assert_non_null(strstr(r.error.text, "RETR 2: not a reply: + what?"));
    assert_result(1, 0, 0, 0);
    assert_int_equal(peer_left(&peer), 4);
}

static void a_list_may_lie_about_sizes(void **state)
{
    (void)state;
    peer_fill(&peer, 3);
    peer.mail[0].listed = 0;
    peer.mail[1].listed = 1000000;
    peer.mail[2].listed = INT64_MAX;
    assert_int_equal(fetch((struct pop3_fetch){.maildir = dir}), 0);
    assert_result(3, 0, 3, 0);
}

static void a_list_of_what_is_not_there_is_a_refusal(void **state)
{
    (void)state;
    peer_fill(&peer, 2);
    peer_says(&peer, "LIST", "+OK\r\n9 10\r\n2 10\r\n.");
    assert_int_equal(fetch((struct pop3_fetch){.maildir = dir}), SC_EREPLY);
    assert_result(1, 0, 1, 0);
    assert_true(peer.mail[1].gone);
    assert_false(peer.mail[0].gone);
}

struct lie {
    const char *command, *reply;
    int code;
};

static void a_list_that_names_a_message_twice_is_an_error(void **state)
{
    static const struct lie lies[] = {
        {"LIST", "+OK\r\n1 10\r\n2 10\r\n1 10\r\n.", SC_EPROTO},
        {"UIDL", "+OK\r\n1 a\r\n2 b\r\n2 c\r\n.", SC_EPROTO},
        {"UIDL", "+OK\r\n1 a\r\n2 \r\n.", SC_EPROTO},
        {"UIDL", "+OK\r\n1 a b\r\n.", SC_EPROTO},
        {"LIST", "+OK\r\n0 10\r\n.", SC_EPROTO},
        {"LIST", "-ERR no", SC_EREPLY},
        {"LIST", "!+OK\r\n1 10", SC_ESHORT},
    };

    (void)state;
    peer_fill(&peer, 2);
    for (size_t i = 0; i < sizeof lies / sizeof lies[0]; i++) {
        peer.n_rules = 0;
        peer_says(&peer, lies[i].command, lies[i].reply);
        if (fetch((struct pop3_fetch){.maildir = dir}) != lies[i].code)
            fail_msg("%s: %s", lies[i].reply, r.error.text);
        assert_result(0, 0, 0, 0);
    }
    assert_false(peer_saw(&peer, "RETR"));
    assert_int_equal(peer_left(&peer), 2);
}

static void uids_may_be_out_of_order_and_the_same(void **state)
{
    struct pop3_fetch how = {.maildir = dir, .state = state_file};

    (void)state;
    peer_fill(&peer, 4);
    peer_says(&peer, "UIDL", "+OK\r\n4 a\r\n2 b\r\n7 c\r\n1 a\r\n3 b\r\n.");
    peer_says(&peer, "QUIT", "!");
    assert_int_not_equal(fetch(how), 0);
    assert_result(4, 0, 0, 4);
    peer.n_rules = 1;
    assert_int_equal(fetch(how), 0);
    assert_result(0, 4, 4, 0);
    assert_int_equal(in_new(NULL), 4);
    assert_int_equal(peer_left(&peer), 0);
}

/* It is told small, and has no end. */
static void an_endless_message_is_cut_at_max_size(void **state)
{
    struct pop3_fetch how = {
        .maildir = dir, .max_size = 100000, .state = state_file};

    (void)state;
    peer_fill(&peer, 3);
    peer.endless = true;
    assert_int_equal(fetch(how), SC_ETOOBIG);
    assert_non_null(strstr(r.error.text, "message 3 is larger than 100000"));
    assert_result(2, 0, 0, 0);
    assert_int_equal(in_new(NULL), 2);
    assert_int_equal(in_tmp(), 0);
    assert_int_equal(peer_left(&peer), 3);
}

/* Old servers count line ends as one byte. The others do not suffer. */
static void a_message_larger_than_listed_is_left_alone(void **state)
{
    struct pop3_fetch how = {.maildir = dir, .max_size = 1000};
    char text[3001];

    (void)state;
    memset(text, 'x', sizeof text);
    memcpy(text + sizeof text - 3, "\r\n", 3);
    peer_fill(&peer, 2);
    peer_add(&peer, "large", text);
    peer.mail[2].listed = 900;
    peer_add(&peer, "last", "text\r\n");
    assert_int_equal(fetch(how), SC_ETOOBIG);
    assert_non_null(strstr(r.error.text, "message 3 is larger than 1000"));
    assert_result(3, 0, 3, 0);
    assert_int_equal(in_new(NULL), 3);
    assert_int_equal(in_tmp(), 0);
    assert_int_equal(peer_left(&peer), 1);
    assert_false(peer.mail[2].gone);
}

static void a_full_disk_deletes_only_what_is_safe(void **state)
{
    char text[4000];

    (void)state;
    memset(text, 'x', sizeof text);
    memcpy(text + sizeof text - 3, "\r\n", 3);
    peer_add(&peer, "a", "small\r\n");
    peer_add(&peer, "b", text);
    peer_add(&peer, "c", "small, too\r\n");
    scratch_disk(1000);
    assert_int_equal(fetch((struct pop3_fetch){.maildir = dir}), -EFBIG);
    scratch_disk(RLIM_INFINITY);
    assert_non_null(strstr(r.error.text, dir));
    assert_result(1, 0, 1, 0);
    assert_int_equal(in_new(NULL), 1);
    assert_int_equal(in_tmp(), 0);
    assert_int_equal(peer_left(&peer), 2);
}

static void a_maildir_that_cannot_be_deletes_nothing(void **state)
{
    (void)state;
    scratch_write(dir, "a file");
    peer_fill(&peer, 3);
    assert_int_equal(fetch((struct pop3_fetch){.maildir = dir}), -ENOTDIR);
    assert_result(0, 0, 0, 0);
    assert_int_equal(peer_left(&peer), 3);
}

static int refuse_to_end(void *arg, const struct pop3_message *m, int rc)
{
    (void)arg;
    return rc == 0 && m->number == 2 ? SC_EACCES : 0;
}

static int refuse_bytes(void *arg, const void *p, size_t n)
{
    (void)arg;
    return n >= 10 && memcmp(p, "Subject: 2", 10) == 0 ? SC_EACCES : 0;
}

static void what_the_sink_refuses_stays(void **state)
{
    struct pop3_fetch how = {.sink = sc_null_sink, .end = refuse_to_end};

    (void)state;
    peer_fill(&peer, 3);
    assert_int_equal(fetch(how), SC_EACCES);
    assert_result(1, 0, 1, 0);
    how = (struct pop3_fetch){.sink = refuse_bytes};
    assert_int_equal(fetch(how), SC_EACCES);
    assert_result(0, 0, 0, 0);
    assert_int_equal(peer_left(&peer), 2);
}

static int refuse_all(void *arg, const void *p, size_t n)
{
    (void)arg;
    (void)p;
    (void)n;
    return SC_EACCES;
}

/* Little is thrown away to keep the connection, not everything. */
static void an_endless_message_is_not_drained(void **state)
{
    (void)state;
    peer_fill(&peer, 1);
    peer.endless = true;
    assert_int_equal(fetch((struct pop3_fetch){.sink = refuse_all}), SC_EACCES);
    assert_true(peer.sent > 1 << 20);
    assert_result(0, 0, 0, 0);
}

static void fetch_to_maildir(void *arg)
{
    *(int *)arg = fetch((struct pop3_fetch){.maildir = dir});
}

/* They are made safe several at a time, but not that late. */
static void whole_messages_do_not_wait_for_an_endless_one(void **state)
{
    int64_t task;
    int rc = 0;

    (void)state;
    peer_fill(&peer, 3);
    peer.endless = true;
    task = sc_task_go(NULL, fetch_to_maildir, &rc);
    for (int i = 0; i < 5000 && in_new(NULL) < 2 && rc == 0; i++)
        sc_sleep(1);
    sc_task_cancel(task);
    sc_task_join(task);
    assert_int_equal(rc, SC_ECANCELED);
    assert_true(peer.sent < 100 << 20);
    assert_int_equal(in_new(NULL), 2);
    assert_int_equal(in_tmp(), 0);
}

/* --- QUIT --- */

static void a_lost_quit_is_deleted_again(void **state)
{
    struct pop3_fetch how = {.maildir = dir, .state = state_file};
    struct sc_buf text;

    (void)state;
    peer_fill(&peer, 3);
    peer_says(&peer, "QUIT", "!");
    assert_int_equal(fetch(how), SC_EOF);
    assert_result(3, 0, 0, 3);
    text = scratch_read(state_file);
    assert_non_null(strstr(text.data, "\n- uid-1\n- uid-2\n- uid-3\n"));
    sc_buf_free(&text);
    peer.n_rules = 0;
    assert_int_equal(fetch(how), 0);
    assert_result(0, 3, 3, 0);
    assert_int_equal(in_new(NULL), 3);
    assert_int_equal(peer_left(&peer), 0);
    text = scratch_read(state_file);
    assert_null(strstr(text.data, "uid"));
    sc_buf_free(&text);
}

static void quit_that_is_refused_is_told(void **state)
{
    struct pop3_fetch how = {.maildir = dir, .state = state_file};

    (void)state;
    peer_fill(&peer, 2);
    peer_says(&peer, "QUIT", "!-ERR some deleted messages not removed");
    assert_int_equal(fetch(how), SC_EREPLY);
    assert_non_null(strstr(r.error.text, "QUIT: -ERR some deleted"));
    assert_result(2, 0, 0, 2);
}

static void a_state_needs_uidl(void **state)
{
    struct pop3_fetch how = {.maildir = dir, .state = state_file};

    (void)state;
    peer.caps = "USER\n";
    peer_fill(&peer, 2);
    assert_int_equal(fetch(how), SC_ENOTSUP);
    assert_int_equal(peer_left(&peer), 2);
    assert_false(peer_saw(&peer, "RETR"));
}

/* What has no UID could be stored again and again. */
static void a_state_needs_the_uid_of_each_message(void **state)
{
    struct pop3_fetch how = {.maildir = dir, .state = state_file};

    (void)state;
    peer_fill(&peer, 3);
    peer_says(&peer, "UIDL", "+OK\r\n1 a\r\n3 c\r\n.");
    assert_int_equal(fetch(how), SC_EPROTO);
    assert_non_null(strstr(r.error.text, "UIDL"));
    assert_false(peer_saw(&peer, "RETR"));
    how.state = NULL;
    assert_int_equal(fetch(how), 0);
    assert_result(3, 0, 3, 0);
}

/* Another's mailbox, opened with one's own password. */
static void the_state_is_of_whose_mailbox_it_is(void **state)
{
    struct sc_options amy = {.wait_ms = 5000, .authzid = "amy"};
    struct sc_options eve = {.wait_ms = 5000, .authzid = "eve"};
    struct pop3_fetch how = {.sink = sc_null_sink, .state = state_file};

    (void)state;
    peer.caps = "SASL PLAIN\nUIDL\n";
    how.options = &amy;
    if (fetch(how) < 0)
        fail_msg("%s", r.error.text);
    how.options = &eve;
    assert_int_equal(fetch(how), SC_EINVAL);
    assert_non_null(strstr(r.error.text, "is of amy@"));
}

/* Not the command that was sent last. */
static void an_error_names_the_command_that_was_not_answered(void **state)
{
    (void)state;
    peer_fill(&peer, 20);
    peer_says(&peer, "RETR 2", "!+OK\r\nhalf of it");
    assert_int_equal(fetch((struct pop3_fetch){.maildir = dir}), SC_ESHORT);
    if (strstr(r.error.text, ": RETR 2: ") == NULL)
        fail_msg("%s", r.error.text);
}

#define T(f) cmocka_unit_test_setup_teardown(f, make, clean)
static const struct CMUnitTest tests[] = {
    T(a_refusal_in_a_pipeline_keeps_the_rest_in_step),
    T(a_challenge_in_a_pipeline_breaks),
    T(a_list_may_lie_about_sizes),
    T(a_list_of_what_is_not_there_is_a_refusal),
    T(a_list_that_names_a_message_twice_is_an_error),
    T(uids_may_be_out_of_order_and_the_same),
    T(an_endless_message_is_cut_at_max_size),
    T(a_message_larger_than_listed_is_left_alone),
    T(a_full_disk_deletes_only_what_is_safe),
    T(a_maildir_that_cannot_be_deletes_nothing),
    T(what_the_sink_refuses_stays),
    T(an_endless_message_is_not_drained),
    T(whole_messages_do_not_wait_for_an_endless_one),
    T(a_lost_quit_is_deleted_again),
    T(quit_that_is_refused_is_told),
    T(a_state_needs_uidl),
    T(a_state_needs_the_uid_of_each_message),
    T(the_state_is_of_whose_mailbox_it_is),
    T(an_error_names_the_command_that_was_not_answered),
};

TEST_MAIN(tests)
