/* test_pop3_fetch.c - a mailbox fetched into each kind of place. */
#include "main.h"

#include "pop3_fetching.h"

/* --- in order --- */

static void messages_are_stored_and_then_deleted(void **state)
{
    char name[700];
    struct sc_buf got;

    (void)state;
    peer_fill(&peer, 1);
    assert_int_equal(fetch((struct pop3_fetch){.maildir = dir}), 0);
    assert_result(1, 0, 1, 0);
    assert_int_equal(r.total, 1);
    assert_int_equal(in_new(name), 1);
    got = scratch_read(name);
    assert_string_equal(got.data, "Subject: 1\n\n.dotted\n..\n");
    sc_buf_free(&got);
    assert_int_equal(peer_left(&peer), 0);
    assert_non_null(strstr(peer.log.data, "RETR 1\nDELE 1\nQUIT\n"));
}

/* More than are synced at once; with few descriptors fewer are. */
static void many_messages_are_stored(void **state)
{
    struct rlimit had, few;
    int fd = dup(0);

    (void)state;
    close(fd);
    assert_int_equal(getrlimit(RLIMIT_NOFILE, &had), 0);
    few = had;
    few.rlim_cur = (rlim_t)fd + 14;
    for (int i = 0; i < 2; i++) {
        char path[300];

        peer_fill(&peer, 100);
        if (i == 1)
            setrlimit(RLIMIT_NOFILE, &few);
        if (fetch((struct pop3_fetch){.maildir = dir}) < 0)
            fail_msg("%s", r.error.text);
        setrlimit(RLIMIT_NOFILE, &had);
        assert_result(100, 0, 100, 0);
        assert_int_equal(in_new(NULL), 100);
        assert_int_equal(in_tmp(), 0);
        snprintf(path, sizeof path, "rm %s/new/*", dir);
        assert_int_equal(system(path), 0);
    }
}

static void an_empty_mailbox_is_no_error(void **state)
{
    (void)state;
    assert_int_equal(fetch((struct pop3_fetch){.maildir = dir}), 0);
    assert_result(0, 0, 0, 0);
}

static void a_message_of_no_bytes_is_one(void **state)
{
    (void)state;
    peer_add(&peer, "a", "");
    peer_add(&peer, "b", "x\r\n");
    peer_add(&peer, "c", "");
    assert_int_equal(fetch((struct pop3_fetch){.maildir = dir}), 0);
    assert_result(3, 0, 3, 0);
    assert_int_equal(in_new(NULL), 3);
}

static void the_window_is_kept_full(void **state)
{
    (void)state;
    peer_fill(&peer, 1000);
    assert_int_equal(fetch((struct pop3_fetch){.sink = sc_null_sink}), 0);
    assert_result(1000, 0, 1000, 0);
    assert_true(peer.ahead > 1500);
    assert_in_range(peer.waits, 1, 100);
}

static void without_pipelining_one_command_at_a_time(void **state)
{
    (void)state;
    peer.caps = "USER\nUIDL\n";
    peer_fill(&peer, 20);
    assert_int_equal(fetch((struct pop3_fetch){.maildir = dir}), 0);
    assert_result(20, 0, 20, 0);
    assert_int_equal(peer.ahead, 0);
}

static void a_server_of_1996_will_do(void **state)
{
    (void)state;
    peer.caps = NULL;
    peer_says(&peer, "UIDL", "-ERR what?");
    peer_fill(&peer, 3);
    assert_int_equal(fetch((struct pop3_fetch){.maildir = dir}), 0);
    assert_result(3, 0, 3, 0);
}

static void into_an_mbox(void **state)
{
    struct sc_buf got;

    (void)state;
    peer_add(&peer, "a", "A: b\r\n\r\nFrom me\r\n");
    peer_add(&peer, "b", "two\r\n");
    assert_int_equal(fetch((struct pop3_fetch){.mbox = file}), 0);
    assert_result(2, 0, 2, 0);
    got = scratch_read(file);
    assert_non_null(strstr(got.data, "\nA: b\n\n>From me\n\nFrom MAILER"));
    assert_non_null(strstr(got.data, "\ntwo\n\n"));
    sc_buf_free(&got);
}

static void a_command_gets_whole_messages(void **state)
{
    char command[600];
    struct sc_buf got;

    (void)state;
    peer_add(&peer, "a", "one\r\n");
    peer_add(&peer, "b", "two\r\n");
    snprintf(command, sizeof command, "cat >> %s", file);
    assert_int_equal(fetch((struct pop3_fetch){.command = command}), 0);
    assert_result(2, 0, 2, 0);
    got = scratch_read(file);
    assert_string_equal(got.data, "one\ntwo\n");
    sc_buf_free(&got);
}

static void a_command_that_fails_has_not_stored(void **state)
{
    (void)state;
    peer_fill(&peer, 3);
    assert_int_equal(
        fetch((struct pop3_fetch){.command = "grep -q 'Subject: 1' || exit 3"}),
        -EIO);
    assert_non_null(strstr(r.error.text, "exit 3"));
    assert_result(1, 0, 1, 0);
    assert_int_equal(peer_left(&peer), 2);
}

static void kept_messages_are_not_fetched_twice(void **state)
{
    struct pop3_fetch how = {
        .maildir = dir, .flags = POP3_KEEP, .state = state_file};

    (void)state;
    peer_fill(&peer, 3);
    assert_int_equal(fetch(how), 0);
    assert_result(3, 0, 0, 0);
    peer_fill(&peer, 1); /* the UID of the first one again */
    peer_add(&peer, "new", "text\r\n");
    assert_int_equal(fetch(how), 0);
    assert_result(2, 3, 0, 0);
    assert_int_equal(in_new(NULL), 5);
    how.flags = 0;
    assert_int_equal(fetch(how), 0);
    assert_result(0, 5, 5, 0);
    assert_int_equal(in_new(NULL), 5);
}

static void larger_ones_are_skipped(void **state)
{
    struct pop3_fetch how = {.maildir = dir, .max_size = 10};

    (void)state;
    peer_add(&peer, "a", "one\r\n");
    peer_add(&peer, "b", "one that is too large\r\n");
    assert_int_equal(fetch(how), 0);
    assert_result(1, 1, 1, 0);
    assert_int_equal(peer_left(&peer), 1);
    assert_false(peer_saw(&peer, "RETR 2"));
}

static int want_second(void *arg, const struct pop3_message *m)
{
    (void)arg;
    return strcmp(m->uid, "uid-2") == 0;
}

static void what_is_not_wanted_is_left(void **state)
{
    struct pop3_fetch how = {.sink = sc_null_sink, .want = want_second};

    (void)state;
    peer_fill(&peer, 3);
    assert_int_equal(fetch(how), 0);
    assert_result(1, 2, 1, 0);
    assert_false(peer_saw(&peer, "RETR 1"));
    assert_true(peer.mail[1].gone);
}

static void headers_keep(void **state)
{
    struct sc_buf got = {0};
    struct pop3_fetch how = {
        .sink = sc_buf_sink, .arg = &got, .flags = POP3_HEADERS};

    (void)state;
    peer_fill(&peer, 2);
    assert_int_equal(fetch(how), 0);
    assert_result(2, 0, 0, 0);
    assert_string_equal(got.data, "Subject: 1\r\n\r\nSubject: 2\r\n\r\n");
    assert_false(peer_saw(&peer, "UIDL")); /* nobody would see it */
    sc_buf_free(&got);
    peer.caps = "USER\nUIDL\n";
    assert_int_equal(fetch(how), SC_ENOTSUP);
    assert_false(peer_saw(&peer, "RETR"));
}

static void exactly_one_place_is_needed(void **state)
{
    (void)state;
    assert_int_equal(fetch((struct pop3_fetch){.flags = 0}), SC_EINVAL);
    assert_int_equal(
        fetch((struct pop3_fetch){.sink = sc_null_sink, .maildir = dir}),
        SC_EINVAL);
    assert_int_equal(peer.connections, 0);
}

/* sh -c "" is glad of every message: they would all be gone. */
static void an_empty_place_is_none(void **state)
{
    (void)state;
    peer_fill(&peer, 3);
    assert_int_equal(fetch((struct pop3_fetch){.command = ""}), SC_EINVAL);
    assert_int_equal(fetch((struct pop3_fetch){.command = " \t\n"}), SC_EINVAL);
    assert_int_equal(fetch((struct pop3_fetch){.maildir = ""}), SC_EINVAL);
    assert_int_equal(fetch((struct pop3_fetch){.mbox = ""}), SC_EINVAL);
    assert_int_equal(
        fetch((struct pop3_fetch){.sink = sc_null_sink, .state = ""}),
        SC_EINVAL);
    assert_int_equal(peer.connections, 0);
    assert_int_equal(peer_left(&peer), 3);
}

/* --- many --- */

static void fetch_one(void *arg)
{
    struct pop3_result mine = {0};
    struct pop3_fetch how = {.maildir = dir, .flags = POP3_KEEP};

    *(int *)arg += pop3_fetch(peer.url, &how, &mine) == 0;
    pop3_result_free(&mine);
}

static void many_mailboxes_at_once(void **state)
{
    struct sc_group *g = sc_group_new(NULL, 0);
    int done = 0;

    (void)state;
    peer_fill(&peer, 5);
    for (int i = 0; i < 20; i++)
        sc_group_go(g, fetch_one, &done);
    assert_int_equal(sc_group_wait(g), 0);
    assert_int_equal(done, 20);
    assert_int_equal(in_new(NULL), 100);
}

/* Each has two sockets here and a file that it writes; files that wait to be
 * synced are few over all. */
static void many_at_once_hold_few_files(void **state)
{
    struct sc_group *g = sc_group_new(NULL, 0);
    struct rlimit all, few;
    int done = 0;

    (void)state;
    getrlimit(RLIMIT_NOFILE, &all);
    few = all;
    few.rlim_cur = 60 * 3 + 60;
    peer_fill(&peer, 30);
    setrlimit(RLIMIT_NOFILE, &few);
    for (int i = 0; i < 60; i++)
        sc_group_go(g, fetch_one, &done);
    assert_int_equal(sc_group_wait(g), 0);
    setrlimit(RLIMIT_NOFILE, &all);
    assert_int_equal(done, 60);
    assert_int_equal(in_new(NULL), 60 * 30);
}

#define T(f) cmocka_unit_test_setup_teardown(f, make, clean)
static const struct CMUnitTest tests[] = {
    T(messages_are_stored_and_then_deleted),
    T(many_messages_are_stored),
    T(an_empty_mailbox_is_no_error),
    T(a_message_of_no_bytes_is_one),
    T(the_window_is_kept_full),
    T(without_pipelining_one_command_at_a_time),
    T(a_server_of_1996_will_do),
    T(into_an_mbox),
    T(a_command_gets_whole_messages),
    T(a_command_that_fails_has_not_stored),
    T(kept_messages_are_not_fetched_twice),
    T(larger_ones_are_skipped),
    T(what_is_not_wanted_is_left),
    T(headers_keep),
    T(exactly_one_place_is_needed),
    T(an_empty_place_is_none),
    T(many_mailboxes_at_once),
    T(many_at_once_hold_few_files),
};

TEST_MAIN(tests)
