/* test_pop3_fetch.c - a mailbox fetched into each kind of place: nothing is
 * deleted that is not safe, and a refusal keeps the rest in step. */
#include "main.h"

#include "pop3_peer.h"
#include "scratch.h"

#define CAPS "USER\nUIDL\nTOP\nPIPELINING\n"

static struct scratch scratch;
static struct pop3_peer peer;
static struct pop3_result r;
static char dir[200], file[200], state_file[200];

static int make(void **state)
{
    (void)state;
    scratch = scratch_new();
    snprintf(dir, sizeof dir, "%s/Mail", scratch.dir);
    snprintf(file, sizeof file, "%s/mbox", scratch.dir);
    snprintf(state_file, sizeof state_file, "%s/state", scratch.dir);
    pop3_peer_start(&peer, CAPS);
    return 0;
}

static int clean(void **state)
{
    (void)state;
    scratch_disk(RLIM_INFINITY);
    pop3_peer_stop(&peer);
    pop3_result_free(&r);
    scratch_free(&scratch);
    return 0;
}

static int in_new(char name[700])
{
    char path[300];

    snprintf(path, sizeof path, "%s/new", dir);
    return scratch_count(path, name);
}

static int in_tmp(void)
{
    char path[300];

    snprintf(path, sizeof path, "%s/tmp", dir);
    return scratch_count(path, NULL);
}

static int fetch(struct pop3_fetch how)
{
    static const struct sc_options opt = {.wait_ms = 5000};

    if (how.options == NULL)
        how.options = &opt;
    return pop3_fetch(peer.url, &how, &r);
}

static void assert_result(uint64_t fetched, uint64_t skipped, uint64_t deleted,
                          uint64_t undecided)
{
    if (r.fetched != fetched || r.skipped != skipped || r.deleted != deleted ||
        r.undecided != undecided)
        fail_msg("fetched %d, skipped %d, deleted %d, undecided %d: %s",
                 (int)r.fetched, (int)r.skipped, (int)r.deleted,
                 (int)r.undecided, r.error.text);
}

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

/* --- what goes wrong --- */

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
    T(a_lost_quit_is_deleted_again),
    T(quit_that_is_refused_is_told),
    T(a_state_needs_uidl),
    T(a_state_needs_the_uid_of_each_message),
    T(the_state_is_of_whose_mailbox_it_is),
    T(an_error_names_the_command_that_was_not_answered),
    T(many_mailboxes_at_once),
    T(many_at_once_hold_few_files),
};

TEST_MAIN(tests)
