/* test_nntp_fetch.c - nntp_fetch with small servers: ranges, what is not there,
 * other servers, several connections, logins; statements 53, 54, 55 and 61. */
#include "main.h"

#include "news_seen.h"
#include "nntp/nntp_fetch.h"

static struct news_peer main_peer, second, third;
static struct nntp_fetch how;
static struct nntp_result result;
static struct seen *seen;
static char url[200];

static const char *url_of(struct news_peer *p, const char *range)
{
    snprintf(url, sizeof url, "%s%s", p->peer.url, range);
    return url;
}

static void begin(int what, unsigned first, unsigned last)
{
    nntp_fetch_pause_ms = 2;
    news_peer_start(&main_peer, first, last);
    seen = seen_new(&how, what);
}

static int fetch(const char *range)
{
    int rc = nntp_fetch(url_of(&main_peer, range), &how, &result);

    assert_int_equal(rc, result.error.code);
    assert_int_equal(seen->open, 0);
    return rc;
}

static void end(void)
{
    nntp_peer_stop(&main_peer.peer);
    seen_free(seen);
    nntp_result_free(&result);
}

static void must_fetch(const char *range)
{
    if (fetch(range) != 0)
        fail_msg("%s", result.error.text);
}

/* "1 2 5": the articles that came, in this order. */
static void assert_order(const char *expected)
{
    struct sc_buf b = {0};

    sc_buf_add(&b, "", 0);
    for (int i = 0; i < seen->n; i++)
        sc_buf_addf(&b, i > 0 ? " %u" : "%u", seen->order[i]);
    assert_string_equal(b.data, expected);
    sc_buf_free(&b);
}

static int times_asked(const struct news_peer *p, const char *what)
{
    int n = 0;

    for (const char *at = p->peer.log.data;
         at != NULL && (at = strstr(at, what)) != NULL; at++)
        n++;
    return n;
}

/* --- ranges --- */

static void all_of_a_group_comes_in_order(void **state)
{
    (void)state;
    begin(NNTP_ARTICLE, 3, 8);
    main_peer.state[5] = NEWS_GONE;
    must_fetch("misc.test");
    assert_order("3 4 6 7 8");
    assert_int_equal(result.count, 5);
    assert_int_equal(result.first, 3);
    assert_int_equal(result.last, 8);
    assert_int_equal(result.fetched, 5);
    assert_int_equal(result.missing, 0);
    assert_int_equal(times_asked(&main_peer, "ARTICLE 5\n"), 0);
    end();
}

static void assert_range(const char *range, const char *expected)
{
    begin(NNTP_ARTICLE, 3, 8);
    must_fetch(range);
    assert_order(expected);
    end();
}

static void a_range_is_what_it_says(void **state)
{
    (void)state;
    assert_range("misc.test/", "3 4 5 6 7 8");
    assert_range("misc.test/4-6", "4 5 6");
    assert_range("misc.test/7-", "7 8");
    assert_range("misc.test/5", "5");
    assert_range("misc.test/1-4", "3 4");
    assert_range("misc.test/7-99", "7 8");
    assert_range("misc.test/9-99", "");
    assert_range("misc.test/99-", "");
    assert_range("misc.test/1-2", "");
    assert_range("misc.test/1-9223372036854775807", "3 4 5 6 7 8");
}

static void assert_url(const char *text, int code)
{
    char whole[300];

    snprintf(whole, sizeof whole, "nntp://127.0.0.1:1/%s", text);
    begin(NNTP_ARTICLE, 1, 1);
    assert_int_equal(nntp_fetch(whole, &how, &result), code);
    end();
}

static void what_is_no_range_is_refused_before_connecting(void **state)
{
    (void)state;
    assert_url("", SC_EURL);
    assert_url("misc.test/0", SC_EURL);
    assert_url("misc.test/5-4", SC_EURL);
    assert_url("misc.test/-4", SC_EURL);
    assert_url("misc.test/x", SC_EURL);
    assert_url("misc.test/1-2-3", SC_EURL);
    assert_url("misc.test/1 2", SC_EURL);
    assert_url("misc.test/9223372036854775808", SC_EURL);
    assert_url("misc.test/1/2", SC_EURL);
    assert_url("misc.test?x", SC_EURL);
    assert_url("misc.test#x", SC_EURL);
    assert_url("a%0ab/1", SC_EURL);
    assert_url("misc.test", SC_ECONNREFUSED);
}

static void what_makes_no_sense_is_refused(void **state)
{
    (void)state;
    begin(NNTP_ARTICLE, 1, 1);
    how.sink = NULL;
    assert_int_equal(fetch("misc.test"), SC_EINVAL);
    how.sink = seen_sink;
    how.connections = -1;
    assert_int_equal(fetch("misc.test"), SC_EINVAL);
    how.connections = 0;
    how.what = 4;
    assert_int_equal(fetch("misc.test"), SC_EINVAL);
    how.what = NNTP_OVER;
    how.over = NULL;
    assert_int_equal(fetch("misc.test"), SC_EINVAL);
    assert_int_equal(main_peer.peer.connections, 0);
    end();
}

static void header_and_body_alone(void **state)
{
    (void)state;
    begin(NNTP_HEAD, 1, 3);
    must_fetch("misc.test");
    assert_order("1 2 3");
    end();
    begin(NNTP_BODY, 1, 3);
    must_fetch("misc.test");
    assert_order("1 2 3");
    end();
}

/* RFC 3977 section 6.1.1.2: "211 0 5 4", "211 0 0 0". */
static void an_empty_group_is_no_error(void **state)
{
    (void)state;
    for (int what = NNTP_OVER; what <= NNTP_BODY; what++) {
        begin(what, 5, 4);
        must_fetch("misc.test");
        assert_int_equal(result.fetched, 0);
        assert_true(result.last < result.first);
        end();
        begin(what, 1, 1);
        peer_says(&main_peer.peer, "GROUP", "211 0 0 0 misc.test");
        must_fetch("misc.test/1-5");
        assert_int_equal(result.fetched, 0);
        end();
    }
}

static void a_group_that_is_not_there_is_told(void **state)
{
    (void)state;
    begin(NNTP_ARTICLE, 1, 3);
    assert_int_equal(fetch("other.test"), SC_EREPLY);
    assert_int_equal(result.error.status, 411);
    assert_int_equal(main_peer.peer.connections, 1);
    end();
}

/* --- lists --- */

static void a_server_that_lists_all_is_asked_for_the_range(void **state)
{
    (void)state;
    begin(NNTP_ARTICLE, 1, 9);
    main_peer.lists_all = true;
    must_fetch("misc.test/4-6");
    assert_order("4 5 6");
    end();
}

static void without_listgroup_numbers_are_tried(void **state)
{
    (void)state;
    begin(NNTP_ARTICLE, 2, 9);
    peer_says(&main_peer.peer, "LISTGROUP", "500 what?");
    main_peer.state[4] = NEWS_GONE;
    main_peer.state[7] = NEWS_CANCELLED;
    must_fetch("misc.test/1-8");
    assert_order("2 3 5 6 8");
    assert_int_equal(result.missing, 0);
    assert_int_equal(times_asked(&main_peer, "ARTICLE 9"), 0);
    end();
}

static void a_list_that_lies_is_refused(void **state)
{
    (void)state;
    begin(NNTP_ARTICLE, 1, 9);
    peer_says(&main_peer.peer, "LISTGROUP", "211 list\r\n1\r\nx\r\n.");
    assert_int_equal(fetch("misc.test"), SC_EPROTO);
    assert_int_equal(seen->n, 0);
    end();
}

/* --- what is not there --- */

/* Statement 61: the window is far beyond the number of those in flight. */
static void one_that_is_missing_leaves_the_rest_in_step(void **state)
{
    (void)state;
    begin(NNTP_BODY, 1, 1500);
    for (unsigned i = 7; i <= 1500; i += 7)
        main_peer.state[i] = NEWS_CANCELLED;
    must_fetch("misc.test");
    assert_int_equal(seen->n, 1500 - 214);
    for (int i = 1; i < seen->n; i++)
        assert_true(seen->order[i] > seen->order[i - 1]);
    for (unsigned i = 1; i <= 1500; i++)
        assert_int_equal(seen->article[i].missing, i % 7 == 0);
    assert_int_equal(result.missing, 214);
    assert_int_equal(main_peer.peer.connections, 1);
    end();
}

static void others_are_fetched_where_one_fails_in_its_own_way(void **state)
{
    (void)state;
    begin(NNTP_ARTICLE, 1, 4);
    peer_says(&main_peer.peer, "ARTICLE 2", "403 the disk is on fire");
    assert_int_equal(fetch("misc.test"), SC_EREPLY);
    assert_int_equal(result.error.status, 403);
    assert_non_null(strstr(result.error.text, "the disk is on fire"));
    assert_order("1 3 4");
    assert_int_equal(result.missing, 1);
    end();
}

static void an_answer_to_something_else_breaks(void **state)
{
    static const char *const answers[] = {"224 lines\r\nx\r\n.",
                                          "220 lines\r\n.",
                                          "111 now",
                                          "381 and?",
                                          "hello",
                                          "222 3 <3@peer>\r\nX: 3\r\n.",
                                          "222 3 <3@peer>\r\n."};

    (void)state;
    for (size_t i = 0; i < sizeof answers / sizeof answers[0]; i++) {
        begin(NNTP_BODY, 1, 4);
        peer_says(&main_peer.peer, "BODY 2", answers[i]);
        assert_int_equal(fetch("misc.test"), SC_EPROTO);
        assert_order("1");
        end();
    }
}

static void an_article_of_no_bytes_is_one(void **state)
{
    (void)state;
    begin(NNTP_BODY, 1, 1);
    peer_says(&main_peer.peer, "BODY 1", "222 1 <1@peer>\r\n.");
    how.begin = NULL;
    how.end = NULL;
    must_fetch("misc.test");
    assert_int_equal(result.fetched, 1);
    end();
    begin(NNTP_BODY, 1, 1);
    peer_says(&main_peer.peer, "BODY 1", "222 1 <1@peer>\r\n.");
    seen->what = "";
    must_fetch("misc.test");
    assert_int_equal(seen->article[1].whole, 1);
    end();
}

/* --- message-ids --- */

static void ids_are_fetched_without_a_group(void **state)
{
    static const char *const ids[] = {"<3@peer>", "<1@peer>", NULL};

    (void)state;
    begin(NNTP_ARTICLE, 1, 3);
    how.ids = ids;
    must_fetch("");
    assert_order("3 1");
    assert_int_equal(times_asked(&main_peer, "GROUP"), 0);
    end();
}

static void an_id_that_is_missing_is_told(void **state)
{
    static const char *const ids[] = {"<3@peer>", "<9@peer>", "<1@peer>", NULL};

    (void)state;
    begin(NNTP_ARTICLE, 1, 3);
    how.ids = ids;
    assert_int_equal(fetch(""), SC_EREPLY);
    assert_int_equal(result.error.status, 430);
    assert_non_null(strstr(result.error.text, "<9@peer>"));
    assert_order("3 1");
    assert_int_equal(result.missing, 1);
    assert_int_equal(seen->article[9].missing, 1);
    end();
}

static void what_is_no_id_is_refused_before_connecting(void **state)
{
    static const char *const bad[] = {"1@peer", "<1@peer>\r\nQUIT", "<a b>",
                                      "<>", ""};
    const char *ids[] = {"<1@peer>", NULL, NULL};
    char longer[NNTP_ID_MOST + 2];

    (void)state;
    begin(NNTP_ARTICLE, 1, 3);
    how.ids = ids;
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        ids[1] = bad[i];
        assert_int_equal(fetch(""), SC_EINVAL);
    }
    snprintf(longer, sizeof longer, "<%0*d>", NNTP_ID_MOST - 1, 0);
    ids[1] = longer;
    assert_int_equal(fetch(""), SC_EINVAL);
    ids[1] = NULL;
    assert_int_equal(fetch("misc.test"), SC_EURL);
    ids[0] = NULL;
    must_fetch("");
    assert_int_equal(main_peer.peer.connections, 0);
    end();
}

static void another_article_than_the_one_asked_for_breaks(void **state)
{
    static const char *const ids[] = {"<1@peer>", "<2@peer>", NULL};

    (void)state;
    begin(NNTP_BODY, 1, 3);
    how.ids = ids;
    peer_says(&main_peer.peer, "BODY <2@peer>", "222 0 <3@peer>\r\nX: 3\r\n.");
    assert_int_equal(fetch(""), SC_EPROTO);
    assert_int_equal(seen->n, 1);
    end();
}

static void an_overview_of_ids(void **state)
{
    static const char *const ids[] = {"<3@peer>", "<9@peer>", "<1@peer>", NULL};

    (void)state;
    begin(NNTP_OVER, 1, 3);
    how.ids = ids;
    assert_int_equal(fetch(""), SC_EREPLY);
    assert_int_equal(seen->lines, 2);
    assert_int_equal(result.fetched, 2);
    assert_int_equal(result.missing, 1);
    main_peer.peer.caps = "VERSION 2\nREADER\nOVER\n";
    assert_int_equal(fetch(""), SC_ENOTSUP);
    end();
}

/* --- other servers --- */

static void the_next_server_has_what_one_lacks(void **state)
{
    const char *others[] = {NULL, NULL, NULL};

    (void)state;
    begin(NNTP_ARTICLE, 1, 9);
    news_peer_start(&second, 1, 9);
    news_peer_start(&third, 1, 9);
    others[0] = second.peer.url;
    others[1] = third.peer.url;
    how.backups = others;
    for (unsigned i = 4; i <= 7; i++)
        main_peer.state[i] = NEWS_CANCELLED;
    second.state[5] = second.state[7] = third.state[7] = NEWS_GONE;
    must_fetch("misc.test");
    assert_order("1 2 3 8 9 4 6 5");
    assert_int_equal(seen->article[7].missing, 1);
    assert_int_equal(result.missing, 1);
    assert_int_equal(result.fetched, 8);
    assert_int_equal(times_asked(&second, "ARTICLE "), 4);
    assert_int_equal(times_asked(&third, "ARTICLE <"), 2);
    assert_int_equal(times_asked(&third, "GROUP"), 0);
    nntp_peer_stop(&second.peer);
    nntp_peer_stop(&third.peer);
    end();
}

static void a_server_that_is_not_needed_is_not_asked(void **state)
{
    const char *others[] = {"nntp://127.0.0.1:1/", NULL};

    (void)state;
    begin(NNTP_ARTICLE, 1, 9);
    how.backups = others;
    main_peer.state[4] = NEWS_GONE;
    must_fetch("misc.test");
    assert_int_equal(seen->n, 8);
    end();
}

static void a_server_that_is_down_is_passed_by(void **state)
{
    const char *others[] = {"nntp://127.0.0.1:1/", NULL, NULL};

    (void)state;
    begin(NNTP_ARTICLE, 1, 5);
    news_peer_start(&second, 1, 5);
    others[1] = second.peer.url;
    how.backups = others;
    main_peer.state[2] = main_peer.state[4] = NEWS_CANCELLED;
    must_fetch("misc.test");
    assert_order("1 3 5 2 4");
    nntp_peer_stop(&second.peer);
    end();
}

/* Nobody can say that it is missing everywhere. */
static void a_server_that_is_down_is_told_if_it_was_needed(void **state)
{
    const char *others[] = {"nntp://127.0.0.1:1/", NULL, NULL};

    (void)state;
    for (int last = 0; last < 2; last++) {
        begin(NNTP_ARTICLE, 1, 5);
        news_peer_start(&second, 1, 5);
        others[last] = second.peer.url;
        others[!last] = "nntp://127.0.0.1:1/";
        how.backups = others;
        main_peer.state[2] = main_peer.state[4] = NEWS_CANCELLED;
        second.state[2] = NEWS_GONE;
        assert_int_equal(fetch("misc.test"), SC_ECONNREFUSED);
        assert_order("1 3 5 4");
        assert_int_equal(seen->article[2].missing, 1);
        assert_int_equal(result.missing, 1);
        nntp_peer_stop(&second.peer);
        end();
    }
}

static void ids_are_asked_of_all_servers(void **state)
{
    static const char *const ids[] = {"<3@peer>", "<9@peer>", "<1@peer>", NULL};
    const char *others[] = {NULL, NULL};

    (void)state;
    begin(NNTP_BODY, 1, 3);
    news_peer_start(&second, 5, 20);
    others[0] = second.peer.url;
    how.backups = others;
    how.ids = ids;
    must_fetch("");
    assert_order("3 1 9");
    nntp_peer_stop(&second.peer);
    end();
}

/* The password of one server is not another's. */
static void a_login_of_the_options_is_the_first_servers(void **state)
{
    struct sc_options opt = {
        .user = "joe", .password = "secret", .mechanisms = "USER"};
    const char *others[] = {NULL, NULL};
    char bare[80];

    (void)state;
    begin(NNTP_ARTICLE, 1, 3);
    news_peer_start(&second, 1, 3);
    second.peer.caps = "VERSION 2\nREADER\nAUTHINFO USER\nOVER\n";
    snprintf(bare, sizeof bare, "nntp://%s", strchr(second.peer.url, '@') + 1);
    others[0] = bare;
    how.backups = others;
    how.options = &opt;
    main_peer.state[2] = NEWS_CANCELLED;
    must_fetch("misc.test");
    assert_order("1 3 2");
    assert_false(peer_saw(&second.peer, "AUTHINFO"));
    nntp_peer_stop(&second.peer);
    end();
}

/* --- several connections --- */

static void assert_all_but_once(unsigned last)
{
    for (unsigned i = 1; i <= last; i++)
        assert_int_equal(seen->article[i].whole, 1);
    assert_int_equal(result.fetched, last);
}

static void several_connections_share_the_work(void **state)
{
    (void)state;
    begin(NNTP_ARTICLE, 1, 1000);
    how.connections = 5;
    seen->waits = true;
    must_fetch("misc.test");
    assert_all_but_once(1000);
    assert_int_equal(main_peer.peer.connections, 5);
    assert_int_equal(times_asked(&main_peer, "LISTGROUP"), 1);
    assert_int_equal(times_asked(&main_peer, "QUIT"), 5);
    end();
}

static void no_more_connections_than_articles(void **state)
{
    (void)state;
    begin(NNTP_ARTICLE, 1, 3);
    how.connections = 50;
    must_fetch("misc.test");
    assert_all_but_once(3);
    assert_in_range(main_peer.peer.connections, 1, 3);
    end();
}

static void in_a_task_too(void *arg)
{
    (void)arg;
    must_fetch("misc.test");
    seen->done = true;
}

static void a_task_may_fetch_by_several_connections(void **state)
{
    (void)state;
    begin(NNTP_ARTICLE, 1, 300);
    how.connections = 4;
    assert_true(sc_task_go(NULL, in_a_task_too, NULL) > 0);
    while (!seen->done)
        sc_yield();
    assert_all_but_once(300);
    end();
}

/* Statement 61: 502, too many connections. */
static void where_there_is_no_room_fewer_will_do(void **state)
{
    (void)state;
    begin(NNTP_ARTICLE, 1, 1000);
    main_peer.peer.most = 3;
    how.connections = 8;
    seen->waits = true;
    must_fetch("misc.test");
    assert_all_but_once(1000);
    assert_true(main_peer.peer.connections > 3);
    end();
}

/* nzbgetcom/nzbget#806: the old socket is not gone yet. */
static void room_is_waited_for(void **state)
{
    NNTPClient *old;

    (void)state;
    begin(NNTP_ARTICLE, 1, 20);
    old = nntp_open(main_peer.peer.url, NULL);
    main_peer.peer.most = 1;
    assert_int_equal(fetch("misc.test"), SC_EREPLY);
    assert_int_equal(result.error.status, 502);
    assert_int_equal(main_peer.peer.connections, 1 + NNTP_REFUSALS);
    nntp_close(old);
    must_fetch("misc.test");
    assert_all_but_once(20);
    end();
}

/* 502 to the first is "permanently unavailable" (RFC 3977 section 5.1.1). */
static void a_server_that_takes_none_is_not_asked_again(void **state)
{
    (void)state;
    begin(NNTP_ARTICLE, 1, 20);
    main_peer.peer.greeting = "!502 go away";
    how.connections = 4;
    assert_int_equal(fetch("misc.test"), SC_EREPLY);
    assert_int_equal(result.error.status, 502);
    assert_int_equal(main_peer.peer.connections, 1);
    end();
}

static void what_400_leaves_is_fetched_by_others(void **state)
{
    (void)state;
    for (int n = 1; n <= 4; n += 3) {
        begin(NNTP_ARTICLE, 1, 400);
        main_peer.said_400 = 2;
        how.connections = n;
        must_fetch("misc.test");
        assert_all_but_once(400);
        end();
    }
}

static void a_server_that_says_400_for_ever_is_left(void **state)
{
    (void)state;
    for (int n = 1; n <= 3; n++) {
        begin(NNTP_ARTICLE, 1, 40);
        main_peer.said_400 = 1000000;
        how.connections = n;
        assert_int_equal(fetch("misc.test"), SC_EREPLY);
        assert_int_equal(result.error.status, 400);
        assert_non_null(strstr(result.error.text, "enough for now"));
        assert_in_range(main_peer.peer.connections, NNTP_REFUSALS, 200);
        end();
    }
}

/* At least half of 10, 20, 40, 80, 160 ms; five of 10 would be over sooner. */
static void each_pause_is_longer(void **state)
{
    const int64_t usual = nntp_fetch_pause_ms;
    int64_t from;

    (void)state;
    begin(NNTP_ARTICLE, 1, 40);
    main_peer.said_400 = 1000000;
    nntp_fetch_pause_ms = 10;
    from = sc_now();
    assert_int_equal(fetch("misc.test"), SC_EREPLY);
    assert_in_range(sc_now() - from, 150, 60000);
    nntp_fetch_pause_ms = usual;
    end();
}

/* RFC 3977 section 3.2.1: what comes behind it on that connection is nothing. */
static void status_502_to_an_article_ends_the_connection(void **state)
{
    (void)state;
    begin(NNTP_BODY, 1, 4);
    peer_says(&main_peer.peer, "BODY 2", "502 no more");
    assert_int_equal(fetch("misc.test"), SC_EREPLY);
    assert_int_equal(result.error.status, 502);
    assert_order("1");
    assert_in_range(main_peer.peer.connections, NNTP_REFUSALS, 200);
    end();
}

/* --- connections die --- */

static void a_cut_article_is_fetched_again(void **state)
{
    (void)state;
    for (int n = 1; n <= 3; n++) {
        begin(NNTP_ARTICLE, 1, 100);
        main_peer.dies_at = 42;
        main_peer.dies = 2;
        how.connections = n;
        must_fetch("misc.test");
        assert_all_but_once(100);
        assert_int_equal(seen->article[42].cut, 2);
        if (n == 1)
            assert_int_equal(main_peer.peer.connections, 3);
        if (n == 1)
            assert_int_equal(seen->order[41], 42);
        end();
    }
}

/* It kills whoever asks for it. */
static void an_article_that_is_always_cut_ends_it(void **state)
{
    (void)state;
    for (int n = 1; n <= 3; n++) {
        begin(NNTP_ARTICLE, 1, 50);
        main_peer.dies_at = 42;
        main_peer.dies = 1000;
        how.connections = n;
        assert_int_equal(fetch("misc.test"), SC_ESHORT);
        assert_int_equal(seen->article[42].whole, 0);
        assert_in_range(seen->article[42].cut, NNTP_TRIES, 4 * NNTP_TRIES);
        end();
    }
}

/* As long as something comes between. */
static void connections_may_die_often(void **state)
{
    (void)state;
    for (int n = 1; n <= 3; n++) {
        begin(NNTP_ARTICLE, 1, 200);
        main_peer.cuts = 10;
        how.connections = n;
        must_fetch("misc.test");
        assert_all_but_once(200);
        assert_true(main_peer.peer.connections > NNTP_TRIES + 3);
        end();
    }
}

/* A connection that is not open yet, or stands still, is not waited for. */
static void nobody_waits_for_a_connection_that_is_not_needed(void **state)
{
    int64_t before = sc_now();

    (void)state;
    begin(NNTP_ARTICLE, 1, 100);
    main_peer.peer.most = 1;
    main_peer.peer.full = "";
    how.connections = 3;
    must_fetch("misc.test");
    assert_all_but_once(100);
    end();
    begin(NNTP_ARTICLE, 1, 400);
    peer_says(&main_peer.peer, "ARTICLE 100", "");
    seen->fail = "sink";
    seen->fail_at = 300;
    how.connections = 3;
    assert_int_equal(fetch("misc.test"), SC_EACCES);
    end();
    assert_true(sc_now() - before < 10000);
}

static void an_overview_goes_on_behind_its_last_line(void **state)
{
    (void)state;
    begin(NNTP_OVER, 1, 500);
    main_peer.peer.cut_at = 9000;
    must_fetch("misc.test");
    assert_int_equal(main_peer.peer.connections, 2);
    assert_int_equal(seen->lines, 500);
    assert_int_equal(seen->sum, 500 * 501 / 2);
    end();
}

/* --- logins, compression, time --- */

static void a_login_that_is_wanted_in_the_middle_is_done(void **state)
{
    static const char *const ids[] = {"<3@peer>", "<1@peer>", "<2@peer>", NULL};

    (void)state;
    begin(NNTP_ARTICLE, 1, 300);
    main_peer.locked = true;
    must_fetch("misc.test");
    for (int i = 0; i < 300; i++)
        assert_int_equal(seen->order[i], i + 1);
    assert_int_equal(times_asked(&main_peer, "AUTHINFO USER"), 1);
    assert_int_equal(main_peer.peer.connections, 1);
    end();
    begin(NNTP_ARTICLE, 1, 3);
    main_peer.locked = true;
    how.ids = ids;
    must_fetch("");
    assert_order("3 1 2");
    end();
}

static void a_login_that_is_refused_is_told(void **state)
{
    (void)state;
    begin(NNTP_ARTICLE, 1, 300);
    main_peer.locked = true;
    peer_says(&main_peer.peer, "AUTHINFO", "481 no");
    assert_int_equal(fetch("misc.test"), SC_EREPLY);
    assert_int_equal(result.error.status, 481);
    end();
    begin(NNTP_ARTICLE, 1, 300);
    peer_says(&main_peer.peer, "ARTICLE", "480 log in");
    assert_int_equal(fetch("misc.test"), SC_EREPLY);
    assert_int_equal(result.error.status, 480);
    assert_int_equal(main_peer.peer.connections, 1);
    end();
}

static void all_of_it_compressed(void **state)
{
    (void)state;
    if (!sc_coding_known(SC_CODING_DEFLATE))
        skip();
    begin(NNTP_ARTICLE, 1, 300);
    main_peer.peer.caps = "VERSION 2\nREADER\nOVER\nCOMPRESS DEFLATE\n";
    how.connections = 2;
    how.flags = NNTP_COMPRESS;
    must_fetch("misc.test");
    assert_all_but_once(300);
    assert_int_equal(times_asked(&main_peer, "COMPRESS DEFLATE"), 2);
    end();
}

static void compression_that_is_not_had_is_no_error(void **state)
{
    (void)state;
    begin(NNTP_ARTICLE, 1, 3);
    how.flags = NNTP_COMPRESS;
    must_fetch("misc.test");
    assert_false(peer_saw(&main_peer.peer, "COMPRESS"));
    main_peer.peer.caps = "VERSION 2\nREADER\nOVER\nCOMPRESS DEFLATE\n";
    peer_says(&main_peer.peer, "COMPRESS", "502 not now");
    seen_free(seen);
    seen = seen_new(&how, NNTP_ARTICLE);
    how.flags = NNTP_COMPRESS;
    must_fetch("misc.test");
    assert_order("1 2 3");
    end();
}

static void the_time_of_all_is_kept(void **state)
{
    struct sc_options opt = {.total_ms = 60};

    (void)state;
    for (int n = 1; n <= 3; n++) {
        int64_t before;

        begin(NNTP_ARTICLE, 1, 400);
        peer_says(&main_peer.peer, "ARTICLE 200", "");
        how.options = &opt;
        how.connections = n;
        before = sc_now();
        assert_int_equal(fetch("misc.test"), SC_ETIMEDOUT);
        assert_true(sc_now() - before < 5000);
        end();
    }
    opt.total_ms = 20000;
    begin(NNTP_ARTICLE, 1, 400);
    how.options = &opt;
    must_fetch("misc.test");
    end();
}

/* --- the caller says no --- */

static void what_the_caller_refuses_ends_it(void **state)
{
    static const char *const where[] = {"begin", "sink", "end", "missing"};

    (void)state;
    for (int i = 0; i < 12; i++) {
        begin(NNTP_ARTICLE, 1, 400);
        how.connections = 1 + i / 4;
        seen->fail = where[i % 4];
        seen->fail_at = 37;
        seen->waits = i / 4 == 2;
        if (i % 4 == 3)
            main_peer.state[37] = NEWS_CANCELLED;
        assert_int_equal(fetch("misc.test"), SC_EACCES);
        assert_in_range(seen->n, 0, 399);
        end();
    }
    begin(NNTP_OVER, 1, 400);
    seen->fail = "over";
    seen->fail_at = 37;
    assert_int_equal(fetch("misc.test"), SC_EACCES);
    assert_int_equal(seen->lines, 37);
    end();
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(all_of_a_group_comes_in_order),
    cmocka_unit_test(a_range_is_what_it_says),
    cmocka_unit_test(what_is_no_range_is_refused_before_connecting),
    cmocka_unit_test(what_makes_no_sense_is_refused),
    cmocka_unit_test(header_and_body_alone),
    cmocka_unit_test(an_empty_group_is_no_error),
    cmocka_unit_test(a_group_that_is_not_there_is_told),
    cmocka_unit_test(a_server_that_lists_all_is_asked_for_the_range),
    cmocka_unit_test(without_listgroup_numbers_are_tried),
    cmocka_unit_test(a_list_that_lies_is_refused),
    cmocka_unit_test(one_that_is_missing_leaves_the_rest_in_step),
    cmocka_unit_test(others_are_fetched_where_one_fails_in_its_own_way),
    cmocka_unit_test(an_answer_to_something_else_breaks),
    cmocka_unit_test(an_article_of_no_bytes_is_one),
    cmocka_unit_test(ids_are_fetched_without_a_group),
    cmocka_unit_test(an_id_that_is_missing_is_told),
    cmocka_unit_test(what_is_no_id_is_refused_before_connecting),
    cmocka_unit_test(another_article_than_the_one_asked_for_breaks),
    cmocka_unit_test(an_overview_of_ids),
    cmocka_unit_test(the_next_server_has_what_one_lacks),
    cmocka_unit_test(a_server_that_is_not_needed_is_not_asked),
    cmocka_unit_test(a_server_that_is_down_is_passed_by),
    cmocka_unit_test(a_server_that_is_down_is_told_if_it_was_needed),
    cmocka_unit_test(ids_are_asked_of_all_servers),
    cmocka_unit_test(a_login_of_the_options_is_the_first_servers),
    cmocka_unit_test(several_connections_share_the_work),
    cmocka_unit_test(no_more_connections_than_articles),
    cmocka_unit_test(a_task_may_fetch_by_several_connections),
    cmocka_unit_test(where_there_is_no_room_fewer_will_do),
    cmocka_unit_test(room_is_waited_for),
    cmocka_unit_test(a_server_that_takes_none_is_not_asked_again),
    cmocka_unit_test(what_400_leaves_is_fetched_by_others),
    cmocka_unit_test(a_server_that_says_400_for_ever_is_left),
    cmocka_unit_test(each_pause_is_longer),
    cmocka_unit_test(status_502_to_an_article_ends_the_connection),
    cmocka_unit_test(a_cut_article_is_fetched_again),
    cmocka_unit_test(an_article_that_is_always_cut_ends_it),
    cmocka_unit_test(connections_may_die_often),
    cmocka_unit_test(nobody_waits_for_a_connection_that_is_not_needed),
    cmocka_unit_test(an_overview_goes_on_behind_its_last_line),
    cmocka_unit_test(a_login_that_is_wanted_in_the_middle_is_done),
    cmocka_unit_test(a_login_that_is_refused_is_told),
    cmocka_unit_test(all_of_it_compressed),
    cmocka_unit_test(compression_that_is_not_had_is_no_error),
    cmocka_unit_test(the_time_of_all_is_kept),
    cmocka_unit_test(what_the_caller_refuses_ends_it),
};

TEST_MAIN(tests)
