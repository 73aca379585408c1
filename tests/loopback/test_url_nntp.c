/* test_url_nntp.c - nntp: and news: URLs (RFC 5538): groups, overviews, articles,
 * posting, and the pool. */
#include "main.h"

#include <simpleclient/url.h>

#include "nntp_peer.h"

static struct nntp_peer peer;
static struct url_reply r;

static int begin(void **state)
{
    (void)state;
    nntp_peer_start(&peer, "VERSION 2\nREADER\nOVER\nPOST\nLIST ACTIVE\n");
    peer_add(&peer, "Subject: one\r\n\r\n.dotted\r\n");
    peer_add(&peer, "Subject: two\r\n\r\nx\r\n");
    memset(&r, 0, sizeof r);
    return 0;
}

static int end(void **state)
{
    (void)state;
    url_reply_free(&r);
    nntp_peer_stop(&peer);
    return 0;
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, begin, end)

static const char *url_of(const char *path)
{
    static char url[200];

    snprintf(url, sizeof url, "nntp://%s%s", strchr(peer.url, '@') + 1, path);
    return url;
}

static void an_article_comes(void **state)
{
    (void)state;
    if (url_get(url_of("misc.test/1"), NULL, &r) < 0)
        fail_msg("%s", r.error.text);
    assert_string_equal(r.body.data, "Subject: one\r\n\r\n.dotted\r\n");
    assert_string_equal(r.type, "message/rfc822");
    assert_int_equal(url_get(url_of("misc.test/7"), NULL, &r), SC_EREPLY);
    assert_int_equal(url_get(url_of("no.such/1"), NULL, &r), SC_EREPLY);
}

/* "news:a@b" names no server: the options, or $NNTPSERVER, do. */
static void news_names_an_article_and_no_server(void **state)
{
    struct url_options o = {.flags = 0};
    char server[60];

    (void)state;
    unsetenv("NNTPSERVER");
    assert_int_equal(url_get("news:1@peer", &o, &r), SC_EURL);
    snprintf(server, sizeof server, "%s", strchr(peer.url, '@') + 1);
    server[strlen(server) - 1] = '\0';
    o.news_server = server;
    if (url_get("news:1@peer", &o, &r) < 0)
        fail_msg("%s", r.error.text);
    assert_string_equal(r.body.data, "Subject: one\r\n\r\n.dotted\r\n");
    assert_true(peer_saw(&peer, "ARTICLE <1@peer>"));
    setenv("NNTPSERVER", server, 1);
    assert_int_equal(url_get("news:2@peer", NULL, &r), 0);
    unsetenv("NNTPSERVER");
}

static int see(void *arg, const struct url_entry *e)
{
    ++*(int *)arg;
    assert_int_equal(e->kind, 'a');
    assert_non_null(strstr(e->url, "/misc.test/"));
    return 0;
}

static void a_group_is_a_list(void **state)
{
    struct sc_error e = {0};
    int n = 0;

    (void)state;
    if (url_list(url_of("misc.test"), NULL, see, &n, &e) < 0)
        fail_msg("%s", e.text);
    assert_int_equal(n, 2);
    assert_int_equal(url_list(url_of("misc.test/1"), NULL, see, &n, NULL),
                     SC_ENOTSUP);
}

static void one_connection_serves_many_urls(void **state)
{
    (void)state;
    for (int i = 0; i < 4; i++)
        assert_int_equal(url_get(url_of("misc.test/1"), NULL, &r), 0);
    assert_int_equal(peer.connections, 1);
}

static void an_article_is_posted(void **state)
{
    const struct mail_source from = {
        .data =
            SC_SPAN("From: a@b\nNewsgroups: misc.test\nSubject: x\n\nhi\n")};

    (void)state;
    if (url_put(url_of("misc.test"), &from, NULL, &r) < 0)
        fail_msg("%s", r.error.text);
    assert_int_equal(peer.posted, 1);
}

static void what_is_cut_is_no_success(void **state)
{
    const struct sc_options own = {.flags = SC_OPT_NO_POOL};
    const struct url_options o = {.options = &own};
    bool cut = true;

    (void)state;
    for (uint64_t byte = 1; cut; byte++) {
        peer.sent = 0;
        peer.cut_at = byte;
        if (url_get(url_of("misc.test/1"), &o, &r) == 0)
            assert_string_equal(r.body.data, "Subject: one\r\n\r\n.dotted\r\n");
        cut = peer.cut_at == 0;
        assert_true(byte < 1000);
    }
}

static void commands_hidden_in_a_path_are_not_sent(void **state)
{
    static const char *const bad[] = {"misc.test%20x", "a%09b", "a%20b/1",
                                      "%3Ca@b%20c%3E"};

    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        assert_true(url_get(url_of(bad[i]), NULL, &r) < 0);
    assert_false(peer_saw(&peer, "GROUP"));
    assert_false(peer_saw(&peer, "ARTICLE"));
}

int main(int argc, char **argv)
{
    static const struct CMUnitTest tests[] = {
        TEST(an_article_comes),
        TEST(news_names_an_article_and_no_server),
        TEST(a_group_is_a_list),
        TEST(one_connection_serves_many_urls),
        TEST(an_article_is_posted),
        TEST(what_is_cut_is_no_success),
        TEST(commands_hidden_in_a_path_are_not_sent),
    };

    return test_main(__FILE__, tests, sizeof tests / sizeof *tests, argc, argv,
                     NULL, NULL);
}
