/* test_nntp_send.c - nntp_send: the header is looked at first, an article without
 * a name gets one, and what is told of it is true: when the connection ends behind
 * the article the server is asked, and it is not there twice. */
#include "main.h"

#include <stdlib.h>
#include <unistd.h>

#include "nntp_feed_peer.h"

#define CAPS "VERSION 2\nREADER\nPOST\n"
#define HEAD "From: me@x\r\nNewsgroups: a.b\r\n"
#define NAMED HEAD "Message-ID: <1@x>\r\n\r\n.dot\r\nend\r\n"

static struct sc_options opt;
static struct feed_peer peer;
static struct nntp_sent r;

static void start(void)
{
    opt = (struct sc_options){.wait_ms = 5000};
    feed_peer_start(&peer, CAPS);
}

static void stop(void)
{
    feed_peer_stop(&peer);
}

static struct mail_source text(const char *p)
{
    return (struct mail_source){.data = {p, strlen(p)}};
}

static int send_text(const char *p)
{
    struct mail_source a = text(p);

    return nntp_send(peer.p.url, &a, &opt, &r);
}

/* --- names --- */

static void an_article_is_sent_as_it_is(void **state)
{
    (void)state;
    start();
    assert_int_equal(send_text(NAMED), 0);
    assert_int_equal(r.outcome, NNTP_SENT);
    assert_int_equal(r.code, 240);
    assert_string_equal(r.text, "thanks");
    assert_string_equal(r.id, "<1@x>");
    assert_int_equal(r.error.code, 0);
    assert_string_equal(peer.p.post.data, NAMED);
    stop();
}

/* RFC 5536 section 3.1.3. */
static void one_without_a_name_gets_one(void **state)
{
    char want[400], first[300];

    (void)state;
    start();
    assert_int_equal(send_text(HEAD "\r\nhi\r\n"), 0);
    assert_int_equal(r.id[0], '<');
    assert_int_equal(r.id[strlen(r.id) - 1], '>');
    assert_non_null(strchr(r.id, '@'));
    assert_null(strpbrk(r.id + 1, "< \t\"\\[]()"));
    snprintf(want, sizeof want, "Message-ID: %s\r\n" HEAD "\r\nhi\r\n", r.id);
    assert_string_equal(peer.p.post.data, want);
    snprintf(first, sizeof first, "%s", r.id);
    assert_int_equal(send_text(HEAD "\r\nhi\r\n"), 0);
    assert_string_not_equal(first, r.id);
    stop();
}

static void the_name_is_found_however_it_is_written(void **state)
{
    static const char *const all[] = {
        "message-id: <1@x>\n\n",
        HEAD "MESSAGE-ID:<1@x>  \nSubject: <2@x>\n\nMessage-ID: <3@x>\n",
        "Message-ID:\r\n <1@x>\r\n\r\n",
        "X: Message-ID: <3@x>\n\tMessage-ID: <4@x>\nMessage-Id:\n\t<1@x>\n\n",
    };

    (void)state;
    start();
    peer_says(&peer.p, "POST", "440 no");
    for (size_t i = 0; i < sizeof all / sizeof all[0]; i++) {
        assert_int_equal(send_text(all[i]), SC_EREPLY);
        assert_string_equal(r.id, "<1@x>");
    }
    stop();
}

static void what_cannot_be_is_refused_before_connecting(void **state)
{
    static const struct {
        const char *article, *why;
    } all[] = {
        {"", "no empty line"},
        {"Subject: x\r\n", "no empty line"},
        {"Subject: x\nno field\n\n", "no field"},
        {": x\n\n", "no field"},
        {" folded: x\n\n", "no field"},
        {"Sub ject: x\n\n", "no field"},
        {"Subject\xfc: x\n\n", "no field"},
        {"Subject: x\rFrom: y\n\n", "bare CR"},
        {"Subject: x\n\nbody\rmore\n", "bare CR"},
        {"Message-ID: 1@x\n\n", "Message-ID"},
        {"Message-ID: <1 @x>\n\n", "Message-ID"},
        {"Message-ID:\n\n", "Message-ID"},
        {"Message-ID: <1@x>\nMessage-ID: <2@x>\n\n", "two"},
    };
    static const struct mail_source nul = {.data =
                                               SC_SPAN("Subject: \0\n\nx\n")};

    (void)state;
    start();
    for (size_t i = 0; i < sizeof all / sizeof all[0]; i++) {
        assert_int_equal(send_text(all[i].article), SC_EINVAL);
        assert_int_equal(r.error.code, SC_EINVAL);
        assert_non_null(strstr(r.error.text, all[i].why));
        assert_int_equal(r.outcome, NNTP_NOT_SENT);
    }
    assert_int_equal(nntp_send(peer.p.url, &nul, &opt, &r), SC_EINVAL);
    assert_non_null(strstr(r.error.text, "NUL"));
    assert_int_equal(peer.p.connections, 0);
    stop();
}

static void a_header_has_its_limit(void **state)
{
    size_t most = 256 << 10;
    char *all = malloc(most + 2);

    (void)state;
    start();
    for (size_t n = most; n <= most + 1; n++) {
        memset(all, 'x', n);
        for (size_t i = 60; i + 4 < n; i += 60)
            memcpy(all + i, "\n ", 2);
        memcpy(all, "Subject: ", 9);
        memcpy(all + n - 2, "\n\n", 3);
        assert_int_equal(send_text(all), n == most ? 0 : SC_EINVAL);
    }
    assert_int_equal(peer.p.connections, 1);
    free(all);
    stop();
}

/* --- sources --- */

struct reader {
    const char *text;
    size_t at, step;
    size_t fail_at; /* 0: never */
    int rewound;
};

static ssize_t give(void *arg, void *buf, size_t n)
{
    struct reader *g = arg;
    size_t left = strlen(g->text) - g->at;

    if (g->fail_at != 0 && g->at >= g->fail_at)
        return -EIO;
    n = n < left ? n : left;
    n = n < g->step ? n : g->step;
    memcpy(buf, g->text + g->at, n);
    g->at += n;
    return (ssize_t)n;
}

static int begin_again(void *arg)
{
    struct reader *g = arg;

    g->at = 0;
    g->rewound++;
    return 0;
}

static char *large(const char *head, size_t n)
{
    size_t len = strlen(head);
    char *all = malloc(n + 1);

    memset(all, 'y', n);
    memcpy(all, head, len);
    for (size_t i = len + 70; i + 2 < n; i += 72)
        memcpy(all + i, "\r\n", 2);
    memcpy(all + n - 2, "\r\n", 3);
    return all;
}

static void an_article_comes_from_a_function(void **state)
{
    static const size_t sizes[] = {200, 16384, 16385, 100000};

    (void)state;
    start();
    for (size_t i = 0; i < 4; i++)
        for (size_t step = 1; step < 50000; step *= 41) {
            char *all = large(HEAD "\r\n", sizes[i]);
            struct reader g = {.text = all, .step = step};
            struct mail_source a = {.read = give, .arg = &g};

            assert_int_equal(nntp_send(peer.p.url, &a, &opt, &r), 0);
            assert_string_equal(strchr(peer.p.post.data, '\n') + 1, all);
            free(all);
        }
    stop();
}

static void an_article_comes_from_a_file(void **state)
{
    char name[] = "/tmp/nntp_send.XXXXXX";
    struct mail_source a = {.fd = mkstemp(name), .offset = 5};
    char *all = large(HEAD "Message-ID: <f@x>\r\n\r\n", 50000);

    (void)state;
    start();
    unlink(name);
    assert_int_equal(write(a.fd, "skip:", 5), 5);
    assert_int_equal(write(a.fd, all, 50000), 50000);
    peer.unsaid = 1;
    peer.forgets = true;
    assert_int_equal(nntp_send(peer.p.url, &a, &opt, &r), 0);
    assert_string_equal(peer.p.post.data, all);
    assert_int_equal(peer.taken, 1);
    close(a.fd);
    free(all);
    stop();
}

static void a_source_that_fails_sends_nothing(void **state)
{
    char *all = large(NAMED, 100000);
    struct reader g = {.text = all, .step = 1000};
    struct mail_source a = {.read = give, .rewind = begin_again, .arg = &g};

    (void)state;
    start();
    g.fail_at = 10;
    assert_int_equal(nntp_send(peer.p.url, &a, &opt, &r), -EIO);
    assert_int_equal(peer.p.connections, 0);
    g.fail_at = 50000;
    g.at = 0;
    assert_int_equal(nntp_send(peer.p.url, &a, &opt, &r), -EIO);
    assert_int_equal(r.outcome, NNTP_NOT_SENT);
    assert_int_equal(r.error.code, -EIO);
    assert_int_equal(peer.p.posted, 0);
    free(all);
    stop();
}

/* --- refused --- */

static void refusals_are_told(void **state)
{
    (void)state;
    start();
    assert_int_equal(send_text("Message-ID: <bad@x>\n\nx\n"), SC_EREPLY);
    assert_int_equal(r.outcome, NNTP_NOT_SENT);
    assert_int_equal(r.code, 441);
    assert_string_equal(r.text, "bad");
    assert_int_equal(r.error.status, 441);
    peer_says(&peer.p, "POST", "440 not here");
    assert_int_equal(send_text(NAMED), SC_EREPLY);
    assert_int_equal(r.outcome, NNTP_NOT_SENT);
    assert_int_equal(r.code, 440);
    assert_string_equal(r.text, "not here");
    assert_int_equal(peer.taken, 0);
    assert_int_equal(peer.p.connections, 1);
    stop();
}

static void a_server_that_does_not_greet_is_told(void **state)
{
    struct mail_source a = text(NAMED);

    (void)state;
    start();
    peer.p.greeting = "!400 too many";
    assert_int_equal(send_text(NAMED), SC_EREPLY);
    assert_int_equal(r.outcome, NNTP_NOT_SENT);
    assert_int_equal(r.code, 400);
    assert_non_null(strstr(r.error.text, "too many"));
    stop();
    assert_int_equal(nntp_send("http://x/", &a, NULL, &r), SC_EURL);
    assert_int_equal(send_text(NAMED), SC_ECONNREFUSED);
    assert_int_equal(r.outcome, NNTP_NOT_SENT);
}

/* --- the outcome is asked for --- */

static void an_article_that_is_there_was_sent(void **state)
{
    (void)state;
    start();
    peer.unsaid = 1;
    assert_int_equal(send_text(NAMED), 0);
    assert_int_equal(r.outcome, NNTP_SENT);
    assert_int_equal(r.code, 223);
    assert_int_equal(r.error.code, 0);
    assert_int_equal(peer.taken, 1);
    assert_int_equal(peer.p.connections, 2);
    assert_true(peer_saw(&peer.p, "STAT <1@x>\n"));
    stop();
}

static void one_that_is_not_is_sent_again(void **state)
{
    (void)state;
    start();
    peer.unsaid = 1;
    peer.forgets = true;
    assert_int_equal(send_text(HEAD "\r\nhi\r\n"), 0);
    assert_int_equal(r.outcome, NNTP_SENT);
    assert_int_equal(r.code, 240);
    assert_true(feed_peer_has(&peer, r.id)); /* under the same name */
    assert_int_equal(peer.p.posted, 2);
    assert_int_equal(peer.p.connections, 2);
    stop();
}

static void twice_is_enough(void **state)
{
    (void)state;
    start();
    peer.unsaid = 2;
    peer.forgets = true;
    assert_int_equal(send_text(NAMED), SC_EUNKNOWN);
    assert_int_equal(r.outcome, NNTP_UNKNOWN);
    assert_int_equal(r.error.code, SC_EUNKNOWN);
    assert_int_equal(peer.p.posted, 2);
    assert_int_equal(peer.p.connections, 2);
    stop();
}

/* What was read ahead is enough for a short one. */
static void one_that_cannot_be_rewound_is_not_sent_again(void **state)
{
    (void)state;
    for (int way = 0; way < 3; way++) {
        char *all = large(NAMED, way == 0 ? 500 : 100000);
        struct reader g = {.text = all, .step = 1000};
        struct mail_source a = {
            .read = give, .rewind = way == 2 ? begin_again : NULL, .arg = &g};

        start();
        peer.unsaid = 1;
        peer.forgets = true;
        assert_int_equal(nntp_send(peer.p.url, &a, &opt, &r),
                         way == 1 ? SC_EUNKNOWN : 0);
        assert_int_equal(r.outcome, way == 1 ? NNTP_UNKNOWN : NNTP_SENT);
        assert_int_equal(peer.taken, way == 1 ? 0 : 1);
        assert_int_equal(g.rewound, way == 2);
        if (way != 1)
            assert_string_equal(peer.p.post.data, all);
        free(all);
        stop();
    }
}

/* It has been taken, but nobody may read it yet. */
static void a_duplicate_was_sent(void **state)
{
    (void)state;
    start();
    peer_says(&peer.p, "STAT", "430 none");
    peer.unsaid = 1;
    assert_int_equal(send_text(NAMED), 0);
    assert_int_equal(r.outcome, NNTP_SENT);
    assert_int_equal(r.code, 441);
    assert_int_equal(peer.taken, 1);
    stop();
}

/* The second refusal tells nothing of the first article. */
static const char *second, *third;
static bool comes_to_light; /* what was sent first, meanwhile */
static bool refuses_later(struct nntp_visit *v, const char *line)
{
    if (!visit_is(line, "POST") || v->p->posted == 0)
        return feed_peer_more(v, line);
    visit_say(v, second);
    if (strncmp(second, "340", 3) != 0 || !feed_peer_read(v))
        return true;
    if (comes_to_light)
        feed_peer_keep(&peer, "<1@x>");
    visit_say(v, third);
    return true;
}

static void a_later_refusal_leaves_it_open(void **state)
{
    static const char *const all[] = {"340 go", "440 no", "!400 bye", "500 no"};

    (void)state;
    for (size_t i = 0; i < 4; i++) {
        start();
        peer.p.answer = refuses_later;
        second = all[i];
        third = "441 enough for today";
        peer.unsaid = 1;
        peer.forgets = true;
        assert_int_equal(send_text(NAMED), SC_EUNKNOWN);
        assert_int_equal(r.outcome, NNTP_UNKNOWN);
        assert_int_equal(r.error.code, SC_EUNKNOWN);
        stop();
    }
}

/* INN: "Duplicate \"%s\" header field"; others have other words. */
static void what_sounds_like_a_duplicate_is_asked_for(void **state)
{
    static const char *const all[] = {"441 Duplicate \"Subject\" header field",
                                      "441 You have posted enough already",
                                      "441 Line 435 is too long"};

    (void)state;
    for (size_t i = 0; i < 6; i++) {
        start();
        peer.p.answer = refuses_later;
        second = "340 go";
        third = all[i % 3];
        comes_to_light = i >= 3;
        peer.unsaid = 1;
        peer.forgets = true;
        assert_int_equal(send_text(NAMED), i >= 3 ? 0 : SC_EUNKNOWN);
        assert_int_equal(r.outcome, i >= 3 ? NNTP_SENT : NNTP_UNKNOWN);
        assert_int_equal(r.error.code, i >= 3 ? 0 : SC_EUNKNOWN);
        stop();
    }
    comes_to_light = false;
}

static void a_server_that_cannot_be_asked_leaves_it_open(void **state)
{
    static const char *const words[] = {"500 what?", "!", "!400 bye", "480 no"};

    (void)state;
    for (size_t i = 0; i < 4; i++) {
        start();
        peer_says(&peer.p, "STAT", words[i]);
        peer_says(&peer.p, "AUTHINFO", "481 no");
        peer.unsaid = 1;
        assert_int_equal(send_text(NAMED), SC_EUNKNOWN);
        assert_int_equal(r.outcome, NNTP_UNKNOWN);
        assert_non_null(strstr(r.error.text, "sent, but not answered"));
        assert_int_equal(peer.p.posted, 1);
        stop();
    }
}

static bool says_400(struct nntp_visit *v, const char *line)
{
    if (!visit_is(line, "POST"))
        return feed_peer_more(v, line);
    visit_say(v, "340 go");
    if (feed_peer_read(v)) {
        feed_peer_keep(feed_peer_of(v), "<1@x>");
        visit_say(v, "!400 going down");
    }
    return true;
}

static void status_400_behind_the_article_tells_nothing(void **state)
{
    (void)state;
    start();
    peer.p.answer = says_400;
    assert_int_equal(send_text(NAMED), 0);
    assert_int_equal(r.outcome, NNTP_SENT);
    assert_int_equal(r.code, 223);
    stop();
}

/* --- idle connections --- */

static void an_idle_connection_is_used(void **state)
{
    (void)state;
    start();
    for (int i = 0; i < 5; i++)
        assert_int_equal(send_text(HEAD "\n\n"), 0);
    assert_int_equal(peer.p.connections, 1);
    opt.flags = SC_OPT_NO_POOL;
    assert_int_equal(send_text(HEAD "\n\n"), 0);
    assert_int_equal(peer.p.connections, 2);
    assert_true(peer_saw(&peer.p, "QUIT"));
    stop();
}

/* It is not sent anew without a question: the server has it. */
static void an_idle_connection_may_die_behind_the_article(void **state)
{
    (void)state;
    start();
    assert_int_equal(send_text(HEAD "\n\n"), 0);
    peer.unsaid = 1;
    assert_int_equal(send_text(NAMED), 0);
    assert_int_equal(r.outcome, NNTP_SENT);
    assert_int_equal(r.code, 223);
    assert_int_equal(peer.p.posted, 2);
    assert_int_equal(peer.p.connections, 2);
    stop();
}

static const char *last_words;
static bool leaves(struct nntp_visit *v, const char *line)
{
    if (!visit_is(line, "POST") || v->p->connections > 1 || v->p->posted == 0)
        return feed_peer_more(v, line);
    visit_say(v, last_words);
    return true;
}

static void one_that_was_left_is_opened_anew(void **state)
{
    (void)state;
    for (int i = 0; i < 2; i++) {
        start();
        peer.p.answer = leaves;
        last_words = i ? "!400 too long" : "!";
        assert_int_equal(send_text(HEAD "\n\n"), 0);
        assert_int_equal(send_text(HEAD "\n\n"), 0);
        assert_int_equal(r.outcome, NNTP_SENT);
        assert_int_equal(peer.p.connections, 2);
        assert_int_equal(peer.taken, 2);
        stop();
    }
}

/* POST, and the article in one piece. */
static void no_packet_more_than_needed(void **state)
{
    (void)state;
    start();
    assert_int_equal(send_text(NAMED), 0);
    assert_string_equal(peer.p.log.data, "CAPABILITIES\nPOST\n");
    assert_int_equal(send_text(HEAD "\n\n"), 0);
    assert_string_equal(peer.p.log.data, "CAPABILITIES\nPOST\nPOST\n");
    stop();
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(an_article_is_sent_as_it_is),
    cmocka_unit_test(one_without_a_name_gets_one),
    cmocka_unit_test(the_name_is_found_however_it_is_written),
    cmocka_unit_test(what_cannot_be_is_refused_before_connecting),
    cmocka_unit_test(a_header_has_its_limit),
    cmocka_unit_test(an_article_comes_from_a_function),
    cmocka_unit_test(an_article_comes_from_a_file),
    cmocka_unit_test(a_source_that_fails_sends_nothing),
    cmocka_unit_test(refusals_are_told),
    cmocka_unit_test(a_server_that_does_not_greet_is_told),
    cmocka_unit_test(an_article_that_is_there_was_sent),
    cmocka_unit_test(one_that_is_not_is_sent_again),
    cmocka_unit_test(twice_is_enough),
    cmocka_unit_test(one_that_cannot_be_rewound_is_not_sent_again),
    cmocka_unit_test(a_duplicate_was_sent),
    cmocka_unit_test(a_later_refusal_leaves_it_open),
    cmocka_unit_test(what_sounds_like_a_duplicate_is_asked_for),
    cmocka_unit_test(a_server_that_cannot_be_asked_leaves_it_open),
    cmocka_unit_test(status_400_behind_the_article_tells_nothing),
    cmocka_unit_test(an_idle_connection_is_used),
    cmocka_unit_test(an_idle_connection_may_die_behind_the_article),
    cmocka_unit_test(one_that_was_left_is_opened_anew),
    cmocka_unit_test(no_packet_more_than_needed),
};

TEST_MAIN(tests)
