/* test_url_pop3.c - pop3: URLs (RFC 2384): a message, the mailbox, and that its
 * lock is let go. */
#include "main.h"

#include <simpleclient/url.h>

#include "pop3_peer.h"

static struct pop3_peer peer;
static struct url_reply r;

static int begin(void **state)
{
    (void)state;
    pop3_peer_start(&peer, "UIDL\nUSER\n");
    peer_fill(&peer, 3);
    memset(&r, 0, sizeof r);
    return 0;
}

static int end(void **state)
{
    (void)state;
    url_reply_free(&r);
    pop3_peer_stop(&peer);
    return 0;
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, begin, end)

static int get(const char *path, unsigned flags)
{
    const struct url_options o = {.flags = flags};
    char url[120];

    snprintf(url, sizeof url, "%s%s", peer.url, path);
    return url_get(url, &o, &r);
}

static void a_message_comes(void **state)
{
    (void)state;
    assert_int_equal(get("2", 0), 0);
    assert_string_equal(r.body.data, "Subject: 2\r\n\r\n.dotted\r\n..\r\n");
    assert_string_equal(r.type, "message/rfc822");
    assert_null(strstr(r.url, "secret"));
    assert_int_equal(get("2", URL_HEAD), 0);
    assert_true(peer_saw(&peer, "TOP 2 0\n"));
}

static void the_mailbox_is_a_list(void **state)
{
    (void)state;
    assert_int_equal(get("", 0), 0);
    assert_string_equal(r.body.data, "1 27\r\n2 27\r\n3 27\r\n");
    assert_true(r.directory);
    assert_int_equal(get("", URL_NAMES), 0);
    assert_string_equal(r.body.data, "1 uid-1\r\n2 uid-2\r\n3 uid-3\r\n");
}

static int see(void *arg, const struct url_entry *e)
{
    char want[120];
    int *n = arg;

    snprintf(want, sizeof want, "pop3://%s%d", strchr(peer.url, '@') + 1, ++*n);
    assert_string_equal(e->url, want); /* without the password */
    assert_int_equal(e->kind, 'm');
    assert_int_equal(e->size, 27);
    return 0;
}

static void messages_are_records(void **state)
{
    int n = 0;

    (void)state;
    assert_int_equal(url_list(peer.url, NULL, see, &n, NULL), 0);
    assert_int_equal(n, 3);
}

/* A session locks the mailbox: it ends by QUIT, and the next one comes in. */
static void no_session_is_kept(void **state)
{
    (void)state;
    peer.locks = true;
    for (int i = 1; i <= 3; i++) {
        assert_int_equal(get("1", 0), 0);
        assert_int_equal(peer.connections, i);
    }
    assert_true(peer_saw(&peer, "QUIT\n"));
    assert_false(peer_saw(&peer, "DELE"));
}

static void what_is_not_there_is_refused(void **state)
{
    (void)state;
    assert_int_equal(get("4", 0), SC_EREPLY);
    assert_non_null(strstr(r.error.text, "-ERR no such message"));
}

static void a_message_that_is_cut_is_no_success(void **state)
{
    (void)state;
    peer.cut_at = 90;
    assert_true(get("2", 0) < 0);
}

int main(int argc, char **argv)
{
    static const struct CMUnitTest tests[] = {
        TEST(a_message_comes),
        TEST(the_mailbox_is_a_list),
        TEST(messages_are_records),
        TEST(no_session_is_kept),
        TEST(what_is_not_there_is_refused),
        TEST(a_message_that_is_cut_is_no_success),
    };

    return test_main(__FILE__, tests, sizeof tests / sizeof *tests, argc, argv,
                     NULL, NULL);
}
