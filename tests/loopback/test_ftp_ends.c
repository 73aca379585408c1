/* test_ftp_ends.c - all the ways in which a transfer of FTP ends (RFC 959 section
 * 5.4): short, reset, refused, given up, late, cancelled. */
#include "main.h"

#include <stdlib.h>

#include "ftp_data.h"

/* --- how it ends --- */

static void short_data_is_no_success(void **state)
{
    FTPClient *f;

    (void)state;
    ftp_peer_start(&peer, TEXT);
    peer.cut_data = 7;
    f = open_as(NULL);
    assert_int_equal(retr(f), SC_ESHORT);
    assert_string_equal(got, "0123456");
    assert_text(f, "7 of 18 bytes");
    peer.cut_data = 0;
    assert_comes(f); /* the client is in order */
    ftp_close(f);
    ftp_peer_stop(&peer);
}

static void data_that_is_reset_is_no_success(void **state)
{
    FTPClient *f;

    (void)state;
    ftp_peer_start(&peer, TEXT);
    peer.resets = peer.size_unknown = true;
    f = open_as(NULL);
    assert_int_equal(retr(f), SC_ECONNRESET);
    peer.resets = false;
    assert_comes(f);
    ftp_close(f);
    ftp_peer_stop(&peer);
}

static void what_the_server_says_at_the_end_counts(void **state)
{
    static const char *const ends[] = {"426 cut", "451 local error",
                                       "550 no longer", "552 too much"};

    (void)state;
    for (size_t i = 0; i < sizeof ends / sizeof *ends; i++) {
        FTPClient *f;

        ftp_peer_start(&peer, TEXT);
        peer.end = ends[i];
        f = open_as(NULL);
        assert_int_equal(retr(f), SC_EREPLY);
        assert_text(f, ends[i]);
        assert_int_equal(sc_last_error(ftp_base(f))->status,
                         strtol(ends[i], NULL, 10));
        peer.end = "250 fine";
        assert_comes(f);
        ftp_close(f);
        ftp_peer_stop(&peer);
    }
}

static void refused_before_it_begins(void **state)
{
    static const char *const words[] = {"550 no such file", "450 busy",
                                        "425 no data", "532 account?"};

    (void)state;
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        FTPClient *f;

        ftp_peer_start(&peer, TEXT);
        peer_says(&peer, "RETR", words[i]);
        f = open_as(NULL);
        assert_int_equal(retr(f), SC_EREPLY);
        assert_text(f, words[i]);
        peer.n_rules = 0;
        assert_comes(f);
        ftp_close(f);
        ftp_peer_stop(&peer);
    }
}

/* RFC 959 section 5.4. */
static void a_421_breaks_at_each_step(void **state)
{
    static const char *const steps[] = {"TYPE", "EPSV", "REST", "RETR"};
    FTPClient *f;

    (void)state;
    for (size_t i = 0; i < sizeof steps / sizeof *steps; i++) {
        ftp_peer_start(&peer, TEXT);
        peer_says(&peer, steps[i], "!421 down we go");
        f = open_as(NULL);
        assert_int_equal(take_all(f, ftp_retr(f, "file", 3)), SC_EREPLY);
        assert_int_equal(sc_broken(ftp_base(f)), SC_EREPLY);
        assert_text(f, "421 down");
        ftp_close(f);
        ftp_peer_stop(&peer);
    }
    ftp_peer_start(&peer, TEXT);
    peer.end = "!421 down we go";
    f = open_as(NULL);
    assert_int_equal(retr(f), SC_EREPLY);
    assert_int_equal(sc_broken(ftp_base(f)), SC_EREPLY);
    ftp_close(f);
    ftp_peer_stop(&peer);
}

static void a_421_to_abor_breaks(void **state)
{
    FTPClient *f;
    Stream *data;
    char byte;

    (void)state;
    ftp_peer_start(&peer, TEXT);
    peer.endless = true;
    peer_says(&peer, "ABOR", "!421 down we go");
    f = open_as(NULL);
    assert_non_null(data = ftp_retr(f, "file", 0));
    assert_int_equal(sc_stream_read(data, &byte, 1, NULL), 1);
    assert_int_equal(ftp_done(f, data), SC_EREPLY);
    assert_int_equal(sc_broken(ftp_base(f)), SC_EREPLY);
    ftp_close(f);
    ftp_peer_stop(&peer);
}

static void the_end_may_be_said_at_once(void **state)
{
    FTPClient *f;

    (void)state;
    ftp_peer_start(&peer, TEXT);
    peer.begin = "125 already open";
    f = open_as(NULL);
    assert_comes(f);
    ftp_close(f);
    ftp_peer_stop(&peer);
}

static void abor_gives_up_what_is_not_read(void **state)
{
    FTPClient *f;
    Stream *data;
    char byte;

    (void)state;
    ftp_peer_start(&peer, TEXT);
    peer.endless = true;
    f = open_as(NULL);
    assert_non_null(data = ftp_retr(f, "file", 0));
    assert_int_equal(sc_stream_read(data, &byte, 1, NULL), 1);
    assert_int_equal(ftp_done(f, data), 0);
    assert_true(peer_saw(&peer, "ABOR"));
    peer.endless = false;
    assert_comes(f);
    ftp_close(f);
    ftp_peer_stop(&peer);
}

static void rest_stands_right_before_the_verb(void **state)
{
    FTPClient *f;

    (void)state;
    ftp_peer_start(&peer, TEXT);
    f = open_as(NULL);
    assert_int_equal(take_all(f, ftp_retr(f, "file", 10)), 0);
    assert_string_equal(got, TEXT + 10);
    assert_true(peer_saw(&peer, "TYPE I\nEPSV\nREST 10\nRETR file\n"));
    peer_says(&peer, "REST", "502 no");
    assert_int_equal(take_all(f, ftp_retr(f, "file", 10)), SC_EREPLY);
    assert_comes(f);
    ftp_close(f);
    ftp_peer_stop(&peer);
}

/* Some tell the size of the file, some that of the rest. */
static void the_rest_may_be_short_too(void **state)
{
    FTPClient *f;

    (void)state;
    ftp_peer_start(&peer, TEXT);
    f = open_as(NULL);
    peer.begin = "150 here (18 bytes)";
    assert_int_equal(take_all(f, ftp_retr(f, "file", 10)), 0);
    peer.cut_data = 4;
    assert_int_equal(take_all(f, ftp_retr(f, "file", 10)), SC_ESHORT);
    peer.begin = NULL;
    assert_int_equal(take_all(f, ftp_retr(f, "file", 10)), SC_ESHORT);
    ftp_close(f);
    ftp_peer_stop(&peer);
}

static void a_reply_of_many_lines_must_end(void **state)
{
    FTPClient *f;

    (void)state;
    ftp_peer_start(&peer, TEXT);
    peer_says(&peer, "NOOP", "!200-one\ntwo\n 200 three");
    f = open_as(NULL);
    assert_true(ftp_noop(f) < 0);
    assert_true(sc_broken(ftp_base(f)) < 0);
    ftp_close(f);
    ftp_peer_stop(&peer);
}

static void one_transfer_at_a_time(void **state)
{
    FTPClient *f;
    Stream *data;

    (void)state;
    ftp_peer_start(&peer, TEXT);
    f = open_as(NULL);
    assert_non_null(data = ftp_retr(f, "file", 0));
    assert_null(ftp_retr(f, "file", 0));
    assert_int_equal(sc_last_error(ftp_base(f))->code, SC_EBUSY);
    assert_int_equal(take_all(f, data), 0);
    assert_string_equal(got, TEXT);
    ftp_close(f);
    ftp_peer_stop(&peer);
}

/* The stream may outlive its client. */
static void a_client_may_be_closed_first(void **state)
{
    FTPClient *f;
    Stream *data;
    char buf[40];

    (void)state;
    ftp_peer_start(&peer, TEXT);
    f = open_as(NULL);
    assert_non_null(data = ftp_retr(f, "file", 0));
    sc_drop(ftp_base(f));
    assert_true(sc_stream_read(data, buf, sizeof buf, NULL) != 0);
    sc_stream_close(data);
    ftp_peer_stop(&peer);
}

/* --- never for ever --- */

static const char *const waits[] = {"220",  "USER", "PASS", "TYPE",
                                    "EPSV", "RETR", "data", "226"};

static void be_silent_at(const char *step)
{
    if (strcmp(step, "220") == 0)
        peer.greeting = "";
    else if (strcmp(step, "data") == 0)
        peer.stalls = true;
    else if (strcmp(step, "226") == 0)
        peer.end = "";
    else
        peer_says(&peer, step, "");
}

static void each_wait_has_a_deadline(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof waits / sizeof *waits; i++) {
        struct sc_options opt = usual;
        struct sc_wait w;
        int64_t begun = sc_now();
        char buf[100];
        FTPClient *f;
        Stream *data;
        int rc = 0;

        ftp_peer_start(&peer, TEXT);
        be_silent_at(waits[i]);
        opt.wait_ms = 150;
        f = ftp_open(peer.url, NULL, &opt);
        data = ftp_retr(f, "file", 0);
        w = (struct sc_wait){sc_now() + 150, NULL};
        while (data != NULL &&
               (rc = (int)sc_stream_read(data, buf, sizeof buf, &w)) > 0)
            ;
        if (strcmp(waits[i], "data") == 0)
            assert_int_equal(rc, SC_ETIMEDOUT);
        rc = ftp_done(f, data);
        if (strcmp(waits[i], "data") != 0)
            assert_int_equal(rc, SC_ETIMEDOUT);
        assert_in_range(sc_now() - begun, 100, 2500);
        ftp_close(f);
        ftp_peer_stop(&peer);
    }
}

/* The deadline over all holds while one waits for data's way, too. */
static void a_deadline_holds_for_the_way_of_data(void **state)
{
    static const struct ftp_options how = {.flags = FTP_ACTIVE};
    FTPClient *f;
    int64_t begun;

    (void)state;
    ftp_peer_start(&peer, TEXT);
    peer.never_calls = true;
    f = open_as(&how);
    begun = sc_now();
    sc_deadline(ftp_base(f), 200);
    assert_int_equal(retr(f), SC_ETIMEDOUT);
    assert_in_range(sc_now() - begun, 100, 2000);
    ftp_close(f);
    ftp_peer_stop(&peer);
}

static void wait_in_vain(void *arg)
{
    FTPClient *f = ftp_open(peer.url, arg, &usual);

    assert_int_equal(retr(f), SC_ECANCELED);
    ftp_close(f);
}

static void each_wait_can_be_cancelled(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof waits / sizeof *waits; i++) {
        int64_t task, begun = sc_now();

        ftp_peer_start(&peer, TEXT);
        be_silent_at(waits[i]);
        task = sc_task_go(NULL, wait_in_vain, NULL);
        sc_sleep(50);
        sc_task_cancel(task);
        sc_task_join(task);
        assert_in_range(sc_now() - begun, 0, 2000);
        ftp_peer_stop(&peer);
    }
}

static void being_called_can_be_cancelled(void **state)
{
    static struct ftp_options how = {.flags = FTP_ACTIVE};
    int64_t task, begun = sc_now();

    (void)state;
    ftp_peer_start(&peer, TEXT);
    peer.never_calls = true;
    task = sc_task_go(NULL, wait_in_vain, &how);
    sc_sleep(50);
    sc_task_cancel(task);
    sc_task_join(task);
    assert_in_range(sc_now() - begun, 0, 2000);
    ftp_peer_stop(&peer);
}

/* The control connection ends behind each of its bytes. */
static void cut_at_each_byte(void **state)
{
    bool cut = true;

    (void)state;
    for (uint64_t byte = 1; cut; byte++) {
        FTPClient *f;
        int rc;

        ftp_peer_start(&peer, TEXT);
        peer.cut_at = byte;
        peer.by_reset = byte & 1;
        f = ftp_open(peer.url, NULL, &usual);
        rc = retr(f);
        cut = peer.cut_at == 0;
        if (rc == 0) /* all was said but perhaps the last line's end */
            assert_string_equal(got, TEXT);
        assert_true(rc < 0 || byte > 130);
        ftp_close(f);
        ftp_peer_stop(&peer);
        assert_true(byte < 1000);
    }
}

int main(int argc, char **argv)
{
    static const struct CMUnitTest tests[] = {
        TEST_CLOSING_ALL(short_data_is_no_success),
        TEST_CLOSING_ALL(data_that_is_reset_is_no_success),
        TEST_CLOSING_ALL(what_the_server_says_at_the_end_counts),
        TEST_CLOSING_ALL(refused_before_it_begins),
        TEST_CLOSING_ALL(a_421_breaks_at_each_step),
        TEST_CLOSING_ALL(a_421_to_abor_breaks),
        TEST_CLOSING_ALL(the_end_may_be_said_at_once),
        TEST_CLOSING_ALL(abor_gives_up_what_is_not_read),
        TEST_CLOSING_ALL(rest_stands_right_before_the_verb),
        TEST_CLOSING_ALL(the_rest_may_be_short_too),
        TEST_CLOSING_ALL(a_reply_of_many_lines_must_end),
        TEST_CLOSING_ALL(one_transfer_at_a_time),
        TEST_CLOSING_ALL(a_client_may_be_closed_first),
        TEST_CLOSING_ALL(each_wait_has_a_deadline),
        TEST_CLOSING_ALL(a_deadline_holds_for_the_way_of_data),
        TEST_CLOSING_ALL(each_wait_can_be_cancelled),
        TEST_CLOSING_ALL(being_called_can_be_cancelled),
        TEST_CLOSING_ALL(cut_at_each_byte),
    };

    return test_main(__FILE__, tests, sizeof tests / sizeof *tests, argc, argv,
                     NULL, NULL);
}
