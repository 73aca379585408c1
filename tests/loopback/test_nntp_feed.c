/* test_nntp_feed.c - many articles in flight: each answer is that of its article,
 * whatever the order, no side waits for the other for ever, and what is told is
 * true when the connection ends, time is up, the task is cancelled or memory runs
 * out at any step. */
#include "main.h"

#include <stdlib.h>

#include "nntp_feed_peer.h"

#define CAPS "VERSION 2\nIHAVE\nSTREAMING\n"
#define TEXT "Subject: x\n\n.dot\n..\nend\n"

enum { MOST = 2000, QUEUE = 65536 };

static struct sc_options opt;
static struct feed_peer peer;
static const struct mail_source text = {.data = SC_SPAN(TEXT)};

/* --- what was told --- */

static struct told {
    char id[40];
    int outcome, rc;
    char text[200];
} told[MOST];
static int n_told;

static void done(void *arg, const char *id, int outcome, int rc,
                 const char *words)
{
    struct told *t = &told[n_told++];

    (void)arg;
    snprintf(t->id, sizeof t->id, "%s", id);
    snprintf(t->text, sizeof t->text, "%s", words);
    t->outcome = outcome;
    t->rc = rc;
}

static const struct told *about(const char *id)
{
    for (int i = 0; i < n_told; i++)
        if (strcmp(told[i].id, id) == 0)
            return &told[i];
    fail_msg("%s was not told", id);
    return NULL;
}

static void assert_told(const char *id, int outcome, int rc)
{
    const struct told *t = about(id);

    if (t->outcome != outcome || t->rc != rc)
        fail_msg("%s: %d %d %s", id, t->outcome, t->rc, t->text);
}

static NNTPClient *client;
static struct nntp_feed *feed;

static void begin(void)
{
    feed_peer_start(&peer, CAPS);
    n_told = 0;
}

static void connect_it(void)
{
    client = nntp_open_transit(peer.p.url, &opt);
    assert_int_equal(sc_broken(nntp_base(client)), 0);
    feed = nntp_feed_new(client, done, NULL);
    assert_non_null(feed);
}

static void start(void)
{
    opt = (struct sc_options){.wait_ms = 5000};
    begin();
    connect_it();
}

static void stop(void)
{
    nntp_feed_free(feed);
    nntp_close(client);
    feed_peer_stop(&peer);
}

/* --- answers --- */

static void each_answer_has_its_outcome(void **state)
{
    (void)state;
    start();
    feed_peer_keep(&peer, "<had@x>");
    assert_int_equal(nntp_feed_add(feed, "<1@x>", &text), 0);
    assert_int_equal(nntp_feed_add(feed, "<had@x>", &text), 0);
    assert_int_equal(nntp_feed_add(feed, "<later@x>", &text), 0);
    assert_int_equal(nntp_feed_add(feed, "<bad@x>", &text), 0);
    assert_int_equal(nntp_feed_take(feed, "<2@x>", &text), 0);
    assert_int_equal(nntp_feed_take(feed, "<had@x>", &text), 0);
    assert_int_equal(n_told, 0); /* all in one flight */
    assert_int_equal(nntp_feed_wait(feed), 0);
    assert_int_equal(n_told, 6);
    assert_told("<1@x>", NNTP_FEED_SENT, 0);
    assert_told("<had@x>", NNTP_FEED_UNWANTED, SC_EREPLY);
    assert_told("<later@x>", NNTP_FEED_LATER, SC_EREPLY);
    assert_told("<bad@x>", NNTP_FEED_REJECTED, SC_EREPLY);
    assert_told("<2@x>", NNTP_FEED_SENT, 0);
    assert_string_equal(about("<2@x>")->text, "taken");
    assert_string_equal(told[3].id, "<had@x>"); /* that by TAKETHIS */
    assert_int_equal(told[3].outcome, NNTP_FEED_REJECTED);
    assert_int_equal(peer.taken, 2);
    assert_string_equal(peer.p.post.data,
                        "Subject: x\r\n\r\n.dot\r\n..\r\nend\r\n");
    stop();
}

static void the_client_is_in_order_behind_it(void **state)
{
    int64_t now;

    (void)state;
    start();
    nntp_feed_add(feed, "<1@x>", &text);
    assert_int_equal(nntp_feed_wait(feed), 0);
    assert_int_equal(nntp_date(client, &now), 0);
    assert_int_equal(nntp_feed_take(feed, "<2@x>", &text), 0);
    assert_int_equal(nntp_feed_free(feed), 0);
    feed = NULL;
    assert_int_equal(nntp_date(client, &now), 0);
    assert_int_equal(peer.taken, 2);
    stop();
}

static void ihave_where_mode_stream_is_refused(void **state)
{
    (void)state;
    start();
    peer_says(&peer.p, "MODE STREAM", "501 what?");
    feed_peer_keep(&peer, "<had@x>");
    assert_int_equal(nntp_feed_add(feed, "<1@x>", &text), 0);
    assert_int_equal(nntp_feed_add(feed, "<had@x>", &text), 0);
    assert_int_equal(nntp_feed_add(feed, "<later@x>", &text), 0);
    assert_int_equal(nntp_feed_take(feed, "<bad@x>", &text), 0);
    assert_int_equal(nntp_feed_take(feed, "<2@x>", &text), 0);
    assert_int_equal(nntp_feed_wait(feed), 0);
    assert_int_equal(n_told, 5);
    assert_told("<1@x>", NNTP_FEED_SENT, 0);
    assert_told("<had@x>", NNTP_FEED_UNWANTED, SC_EREPLY);
    assert_told("<later@x>", NNTP_FEED_LATER, SC_EREPLY);
    assert_told("<bad@x>", NNTP_FEED_REJECTED, SC_EREPLY);
    assert_told("<2@x>", NNTP_FEED_SENT, 0);
    assert_false(peer_saw(&peer.p, "CHECK"));
    stop();
}

static void answers_come_in_any_order(void **state)
{
    (void)state;
    start();
    peer_says(&peer.p, "CHECK <b@x>", "438 <b@x>\r\n238 <mute1@x>");
    nntp_feed_add(feed, "<mute1@x>", &text);
    nntp_feed_add(feed, "<a@x>", &text);
    nntp_feed_add(feed, "<b@x>", &text);
    assert_int_equal(nntp_feed_wait(feed), 0);
    assert_string_equal(told[0].id, "<b@x>");
    assert_int_equal(n_told, 3);
    assert_told("<a@x>", NNTP_FEED_SENT, 0);
    assert_told("<mute1@x>", NNTP_FEED_SENT, 0);
    stop();
}

static void one_that_is_never_answered_is_undecided(void **state)
{
    char id[40];

    (void)state;
    opt = (struct sc_options){.wait_ms = 300};
    begin();
    connect_it();
    nntp_feed_take(feed, "<silent@x>", &text);
    for (int i = 0; i < 700; i++) {
        snprintf(id, sizeof id, "<%d@x>", i);
        assert_int_equal(nntp_feed_take(feed, id, &text), 0);
    }
    assert_int_equal(nntp_feed_wait(feed), SC_ETIMEDOUT);
    assert_int_equal(n_told, 701);
    assert_int_equal(peer.taken, 700);
    for (int i = 0; i < 700; i++)
        assert_int_equal(told[i].outcome, NNTP_FEED_SENT);
    assert_told("<silent@x>", NNTP_FEED_UNDECIDED, SC_ETIMEDOUT);
    stop();
}

/* An answer that belongs to nothing: nobody knows what it answers. */
static void answers_to_nothing_break(void **state)
{
    static const char *const lies[] = {
        "238 <nobody@x>",
        "239 <1@x>",
        "439 <1@x>",
        "438",
        "203 <1@x>",
        "340 <1@x>",
        "438 <1@x>\r\n438 <1@x>",
        "438 <1@x>\r\n500 and?",
        "238 1@x",
    };

    (void)state;
    for (size_t i = 0; i < sizeof lies / sizeof lies[0]; i++) {
        start();
        peer_says(&peer.p, "CHECK <1@x>", lies[i]);
        assert_int_equal(nntp_feed_add(feed, "<1@x>", &text), 0);
        assert_int_equal(nntp_feed_wait(feed), SC_EPROTO);
        assert_int_equal(sc_broken(nntp_base(client)), SC_EPROTO);
        assert_int_equal(n_told, 1);
        if (i != 6 && i != 7)
            assert_told("<1@x>", NNTP_FEED_NOT_SENT, SC_EPROTO);
        assert_int_equal(nntp_feed_add(feed, "<2@x>", &text), SC_EPROTO);
        assert_told("<2@x>", NNTP_FEED_NOT_SENT, SC_EPROTO);
        assert_int_equal(peer.taken, 0);
        stop();
    }
}

static void status_400_leaves_what_was_sent_undecided(void **state)
{
    (void)state;
    start();
    peer_says(&peer.p, "TAKETHIS <3@x>", "!400 enough");
    nntp_feed_take(feed, "<1@x>", &text);
    nntp_feed_add(feed, "<had@x>", &text);
    nntp_feed_take(feed, "<3@x>", &text);
    nntp_feed_take(feed, "<4@x>", &text);
    nntp_feed_add(feed, "<5@x>", &text);
    assert_int_equal(nntp_feed_wait(feed), SC_EREPLY);
    assert_int_equal(n_told, 5);
    assert_told("<1@x>", NNTP_FEED_SENT, 0);
    assert_told("<3@x>", NNTP_FEED_UNDECIDED, SC_EREPLY);
    assert_told("<4@x>", NNTP_FEED_UNDECIDED, SC_EREPLY);
    assert_told("<5@x>", NNTP_FEED_NOT_SENT, SC_EREPLY);
    assert_told("<had@x>", NNTP_FEED_NOT_SENT, SC_EREPLY);
    assert_non_null(strstr(about("<3@x>")->text, "400 enough"));
    assert_int_equal(nntp_feed_wait(feed), SC_EREPLY);
    assert_int_equal(n_told, 5);
    stop();
}

/* Rules are said to the lines of the article, too. */
static void a_server_that_does_not_know_takethis_breaks(void **state)
{
    (void)state;
    start();
    peer_says(&peer.p, "TAKETHIS", "500 what?");
    nntp_feed_take(feed, "<1@x>", &text);
    assert_int_equal(nntp_feed_wait(feed), SC_EPROTO);
    assert_told("<1@x>", NNTP_FEED_UNDECIDED, SC_EPROTO);
    stop();
}

static void other_refusals_are_told(void **state)
{
    (void)state;
    start();
    peer_says(&peer.p, "CHECK <1@x>", "503 not now");
    peer_says(&peer.p, "CHECK <2@x>", "403 out of order");
    nntp_feed_add(feed, "<1@x>", &text);
    nntp_feed_add(feed, "<2@x>", &text);
    nntp_feed_add(feed, "<3@x>", &text);
    assert_int_equal(nntp_feed_wait(feed), 0);
    assert_told("<1@x>", NNTP_FEED_NOT_SENT, SC_EREPLY);
    assert_told("<2@x>", NNTP_FEED_NOT_SENT, SC_EREPLY);
    assert_string_equal(about("<2@x>")->text, "out of order");
    assert_told("<3@x>", NNTP_FEED_SENT, 0);
    stop();
}

/* Both are answered once, and the articles are offered again. */
static bool locked(struct nntp_visit *v, const char *line)
{
    struct sc_span words;

    if (v->in)
        return feed_peer_more(v, line);
    if (visit_is(line, "CHECK"))
        visit_say(v, "480 log in");
    else if (visit_is(line, "TAKETHIS")) {
        while (sc_readline(v->c, &words) == 0 &&
               !(words.len == 1 && *words.data == '.'))
            continue;
        visit_say(v, "480 log in");
    } else
        return feed_peer_more(v, line);
    return true;
}

static void status_480_is_answered_once(void **state)
{
    (void)state;
    for (int right = 0; right < 2; right++) {
        opt =
            (struct sc_options){.wait_ms = 5000, .starttls = SC_STARTTLS_NEVER};
        begin();
        snprintf(peer.p.url, sizeof peer.p.url, "nntp://joe:%s@127.0.0.1:%d/",
                 right ? "secret" : "wrong", sc_listener_port(peer.p.listener));
        peer.p.answer = locked;
        connect_it();
        nntp_feed_add(feed, "<1@x>", &text);
        nntp_feed_take(feed, "<2@x>", &text);
        nntp_feed_add(feed, "<3@x>", &text);
        assert_int_equal(nntp_feed_wait(feed), 0);
        assert_int_equal(n_told, 3);
        assert_told("<1@x>", right ? NNTP_FEED_SENT : NNTP_FEED_NOT_SENT,
                    right ? 0 : SC_EREPLY);
        assert_told("<2@x>", right ? NNTP_FEED_SENT : NNTP_FEED_NOT_SENT,
                    right ? 0 : SC_EREPLY);
        assert_int_equal(peer.taken, right ? 3 : 0);
        stop();
    }
}

/* --- articles --- */

static void a_bad_message_id_is_told(void **state)
{
    static const char *const bad[] = {"1@x", "<1 @x>", "<1@x>\r\nPOST", "<>"};

    (void)state;
    start();
    for (int i = 0; i < 4; i++) {
        assert_int_equal(nntp_feed_add(feed, bad[i], &text), SC_EINVAL);
        assert_int_equal(n_told, i + 1);
        assert_told(bad[i], NNTP_FEED_NOT_SENT, SC_EINVAL);
    }
    assert_int_equal(nntp_feed_take(feed, NULL, &text), SC_EINVAL);
    assert_int_equal(nntp_feed_take(feed, "<1@x>", &text), 0);
    assert_int_equal(nntp_feed_wait(feed), 0);
    assert_told("<1@x>", NNTP_FEED_SENT, 0);
    stop();
}

struct pieces {
    int left;
    int end; /* 0, or the error behind them */
    int rewound;
};

static ssize_t give(void *arg, void *buf, size_t n)
{
    struct pieces *p = arg;

    if (p->left-- <= 0)
        return p->end;
    n = n < 1000 ? n : 1000;
    memset(buf, 'x', n);
    ((char *)buf)[n - 1] = '\n';
    return (ssize_t)n;
}

/* No dot behind half of it. */
static void a_source_that_fails_breaks_and_tells_all(void **state)
{
    (void)state;
    for (int left = 0; left < 300; left += 100) {
        struct pieces p = {.left = left, .end = -EIO};
        struct mail_source bad = {.read = give, .arg = &p};

        start();
        nntp_feed_add(feed, "<0@x>", &text);
        nntp_feed_take(feed, "<1@x>", &text);
        assert_int_equal(nntp_feed_take(feed, "<2@x>", &bad), -EIO);
        assert_int_equal(nntp_feed_take(feed, "<3@x>", &text), -EIO);
        assert_int_equal(nntp_feed_wait(feed), -EIO);
        assert_int_equal(n_told, 4);
        assert_told("<0@x>", NNTP_FEED_NOT_SENT, -EIO);
        assert_true(about("<1@x>")->outcome != NNTP_FEED_REJECTED);
        assert_told("<2@x>", NNTP_FEED_NOT_SENT, -EIO);
        assert_told("<3@x>", NNTP_FEED_NOT_SENT, -EIO);
        stop();
        assert_true(peer.taken <= 1);
    }
}

/* The last one is not sent when the source of the next one fails; the first one
 * was. */
static void what_was_sent_long_ago_is_undecided(void **state)
{
    char id[40];

    (void)state;
    for (int n = 250; n < 260; n++) {
        struct pieces p = {.end = -EIO};
        struct mail_source bad = {.read = give, .arg = &p};

        start();
        nntp_feed_take(feed, "<silent@x>", &text);
        for (int i = 0; i < n; i++) {
            snprintf(id, sizeof id, "<%d@x>", i);
            assert_int_equal(nntp_feed_take(feed, id, &text), 0);
        }
        assert_int_equal(nntp_feed_take(feed, "<bad@x>", &bad), -EIO);
        if (feed_peer_has(&peer, "<silent@x>"))
            assert_told("<silent@x>", NNTP_FEED_UNDECIDED, -EIO);
        assert_told("<bad@x>", NNTP_FEED_NOT_SENT, -EIO);
        stop();
    }
}

static void a_bare_cr_breaks(void **state)
{
    static const struct mail_source bad = {.data = SC_SPAN("a: b\n\nx\ry\n")};

    (void)state;
    start();
    assert_int_equal(nntp_feed_take(feed, "<1@x>", &bad), SC_EINVAL);
    assert_told("<1@x>", NNTP_FEED_NOT_SENT, SC_EINVAL);
    assert_int_equal(peer.taken, 0);
    stop();
}

static void thousands_pass(void **state)
{
    char id[40];

    (void)state;
    start();
    for (int i = 0; i < MOST; i++) {
        snprintf(id, sizeof id, "<%d@x>", i);
        assert_int_equal(i % 3 == 0 ? nntp_feed_take(feed, id, &text)
                                    : nntp_feed_add(feed, id, &text),
                         0);
    }
    assert_int_equal(nntp_feed_wait(feed), 0);
    assert_int_equal(n_told, MOST);
    assert_int_equal(peer.taken, MOST);
    for (int i = 0; i < MOST; i++)
        assert_int_equal(told[i].outcome, NNTP_FEED_SENT);
    stop();
}

static int small_buffers(void *arg, int fd)
{
    int bytes = 8000;

    (void)arg;
    setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &bytes, sizeof bytes);
    setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &bytes, sizeof bytes);
    return 0;
}

/* A server that says more than the buffers hold before it reads on. */
static bool chatty(struct nntp_visit *v, const char *line)
{
    static char words[100000];
    char id[64];

    if (!visit_is(line, "TAKETHIS"))
        return feed_peer_more(v, line);
    snprintf(id, sizeof id, "%s", line + 9);
    if (!feed_peer_read(v))
        return true;
    memset(words, 'w', sizeof words);
    snprintf(words, sizeof words, "239 %s ", id);
    words[strlen(words)] = 'w';
    words[30000] = '\0';
    feed_peer_take(v, id, words);
    sc_flush(v->c);
    return true;
}

static void large_articles_and_long_answers_do_not_deadlock(void **state)
{
    struct pieces p[300];
    struct mail_source large[300];
    char id[40];

    (void)state;
    opt = (struct sc_options){.wait_ms = 5000, .on_socket = small_buffers};
    opt.line_limit = 64 << 10;
    begin();
    peer.p.answer = chatty;
    connect_it();
    for (int i = 0; i < 300; i++) {
        p[i] = (struct pieces){.left = 100};
        large[i] = (struct mail_source){.read = give, .arg = &p[i]};
        snprintf(id, sizeof id, "<%d@x>", i);
        assert_int_equal(nntp_feed_take(feed, id, &large[i]), 0);
    }
    assert_int_equal(nntp_feed_wait(feed), 0);
    assert_int_equal(n_told, 300);
    assert_int_equal(peer.taken, 300);
    stop();
}

static bool breaks_off(struct nntp_visit *v, const char *line)
{
    if (!visit_is(line, "IHAVE"))
        return feed_peer_more(v, line);
    visit_say(v, "335 go");
    if (feed_peer_read(v)) {
        feed_peer_keep(&peer, "<1@x>");
        visit_say(v, "!400 going down");
    }
    return true;
}

static void status_400_behind_an_ihave_leaves_it_undecided(void **state)
{
    (void)state;
    for (int before = 0; before < 2; before++) {
        start();
        peer_says(&peer.p, "MODE STREAM", "500 what?");
        if (before)
            peer_says(&peer.p, "IHAVE", "!400 going down");
        peer.p.answer = breaks_off;
        assert_int_equal(nntp_feed_add(feed, "<1@x>", &text), SC_EREPLY);
        assert_told("<1@x>", before ? NNTP_FEED_NOT_SENT : NNTP_FEED_UNDECIDED,
                    SC_EREPLY);
        stop();
    }
}

/* The queue leaves (64 KiB) with the end of the article in it, while an answer is
 * waited for that never comes: UNSAID, or that to the article comes. */
static void send_by_the_queue(size_t queued, bool unsaid)
{
    static char all[70000];
    struct mail_source a = {.data = {all, queued - 17 - 16}};

    memset(all, 'x', sizeof all);
    for (size_t i = 70; i + 5 < a.data.len; i += 72)
        memcpy(all + i, "\r\n", 2);
    memcpy(all + a.data.len - 3, "x\r\n", 3);
    opt = (struct sc_options){.wait_ms = 30};
    begin();
    connect_it();
    peer.p.cut = PEER_SILENCE;
    peer.unsaid = unsaid;
    assert_int_equal(nntp_feed_add(feed, "<mute1@x>", &text), 0);
    nntp_feed_take(feed, "<2@x>", &a);
    assert_int_equal(nntp_feed_wait(feed), SC_ETIMEDOUT);
    assert_told("<mute1@x>", NNTP_FEED_NOT_SENT, SC_ETIMEDOUT);
    if (queued >= QUEUE) { /* it had left before, and waited with the dot */
        assert_int_equal(peer.taken, 0);
        assert_told("<2@x>", NNTP_FEED_NOT_SENT, SC_ETIMEDOUT);
    } else {
        assert_int_equal(peer.taken, 1);
        assert_told("<2@x>", unsaid ? NNTP_FEED_UNDECIDED : NNTP_FEED_SENT,
                    unsaid ? SC_ETIMEDOUT : 0);
    }
    stop();
}

static void the_end_of_an_article_leaves_beside(void **state)
{
    (void)state;
    for (size_t queued = QUEUE - 5; queued <= QUEUE; queued++)
        for (int unsaid = 0; unsaid < 2; unsaid++)
            send_by_the_queue(queued, unsaid);
}

static int inside;
static void adds_more(void *arg, const char *id, int outcome, int rc,
                      const char *words)
{
    (void)arg;
    inside += nntp_feed_add(feed, "<9@x>", &text) == SC_EBUSY;
    inside += nntp_feed_wait(feed) == SC_EBUSY;
    done(NULL, id, outcome, rc, words);
}

static void done_may_not_use_the_feed(void **state)
{
    (void)state;
    start();
    nntp_feed_free(feed);
    inside = 0;
    feed = nntp_feed_new(client, adds_more, NULL);
    nntp_feed_add(feed, "<1@x>", &text);
    assert_int_equal(nntp_feed_wait(feed), 0);
    assert_int_equal(inside, 2);
    assert_int_equal(n_told, 1);
    stop();
}

static void one_client_has_one_feed_at_a_time(void **state)
{
    struct nntp_feed *other;

    (void)state;
    start();
    other = nntp_feed_new(client, done, NULL);
    nntp_feed_add(feed, "<1@x>", &text);
    assert_int_equal(nntp_feed_add(other, "<2@x>", &text), SC_EBUSY);
    assert_int_equal(nntp_feed_wait(feed), 0);
    assert_int_equal(nntp_feed_add(other, "<3@x>", &text), 0);
    assert_int_equal(nntp_feed_free(other), 0);
    assert_told("<1@x>", NNTP_FEED_SENT, 0);
    assert_told("<2@x>", NNTP_FEED_NOT_SENT, SC_EBUSY);
    assert_told("<3@x>", NNTP_FEED_SENT, 0);
    stop();
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(each_answer_has_its_outcome),
    cmocka_unit_test(the_client_is_in_order_behind_it),
    cmocka_unit_test(ihave_where_mode_stream_is_refused),
    cmocka_unit_test(answers_come_in_any_order),
    cmocka_unit_test(one_that_is_never_answered_is_undecided),
    cmocka_unit_test(answers_to_nothing_break),
    cmocka_unit_test(status_400_leaves_what_was_sent_undecided),
    cmocka_unit_test(a_server_that_does_not_know_takethis_breaks),
    cmocka_unit_test(other_refusals_are_told),
    cmocka_unit_test(status_480_is_answered_once),
    cmocka_unit_test(a_bad_message_id_is_told),
    cmocka_unit_test(a_source_that_fails_breaks_and_tells_all),
    cmocka_unit_test(what_was_sent_long_ago_is_undecided),
    cmocka_unit_test(a_bare_cr_breaks),
    cmocka_unit_test(thousands_pass),
    cmocka_unit_test(large_articles_and_long_answers_do_not_deadlock),
    cmocka_unit_test(status_400_behind_an_ihave_leaves_it_undecided),
    cmocka_unit_test(the_end_of_an_article_leaves_beside),
    cmocka_unit_test(done_may_not_use_the_feed),
    cmocka_unit_test(one_client_has_one_feed_at_a_time),
};

TEST_MAIN(tests)
