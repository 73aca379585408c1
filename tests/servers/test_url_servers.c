/* test_url_servers.c - url_open, url_list and url_put on servers of every other
 * protocol: nginx, Dovecot, INN. Skipped (77) where one of them is missing. */
#include "main.h"

#include <simpleclient/url.h>

#include "dovecot.h"
#include "inn_feed.h"
#include "nginx.h"

static struct certs certs;
static struct inn inn;
static struct nginx nginx;
static struct dovecot dovecot;
static struct url_reply r;
static struct sc_options trusting;
static const struct url_options usual = {.options = &trusting};

static int start(void **state)
{
    (void)state;
    if (certs_make(&certs) < 0 || nginx_start(&nginx) < 0 ||
        dovecot_start(&dovecot, &certs) < 0 || inn_start(&inn, &certs) < 0)
        return -1;
    trusting.tls.ca_file = certs.ca;
    return inn_feed(&inn, "local.test", 1, 5);
}

static int stop(void **state)
{
    (void)state;
    url_reply_free(&r);
    inn_stop(&inn);
    dovecot_stop(&dovecot);
    certs_remove(&certs);
    return nginx_stop(&nginx);
}

static void get(const char *url, const struct url_options *o)
{
    if (url_get(url, o, &r) < 0)
        fail_msg("%s: %s", url, r.error.text);
}

static void a_page_of_nginx(void **state)
{
    struct sc_buf page = server_read(&nginx.at, "root/page.txt");
    const struct url_options part = {.offset = 5, .count = 10};
    const struct url_options head = {.flags = URL_HEAD};

    (void)state;
    get(nginx_url(&nginx, PLAIN, "/page.txt"), NULL);
    assert_int_equal(r.body.len, page.len);
    assert_memory_equal(r.body.data, page.data, page.len);
    assert_int_equal(r.size, page.len);
    assert_true(r.mtime > 0);
    get(nginx_url(&nginx, PLAIN, "/page.txt"), &part);
    assert_int_equal(r.status, 206);
    assert_int_equal(r.body.len, 10);
    assert_memory_equal(r.body.data, page.data + 5, 10);
    get(nginx_url(&nginx, PLAIN, "/page.txt"), &head);
    assert_int_equal(r.body.len, 0);
    assert_int_equal(r.size, page.len);
    sc_buf_free(&page);
}

static int count(void *arg, const struct url_entry *e)
{
    assert_non_null(e->url);
    ++*(int *)arg;
    return 0;
}

static void a_mailbox_of_dovecot(void **state)
{
    static const char *const folders[] = {"", "/new", "/cur", "/tmp"};
    char name[80], url[120];
    struct sc_error e = {0};
    int n = 0;

    (void)state;
    for (int i = 0; i < 4; i++) {
        snprintf(name, sizeof name, "mail/joe%s", folders[i]);
        assert_int_equal(server_mkdir(&dovecot.at, name), 0);
    }
    for (int i = 0; i < 3; i++) {
        snprintf(name, sizeof name, "mail/joe/new/170000000%d.M1.here", i);
        assert_int_equal(
            server_write(&dovecot.at, name, "Subject: x\n\n.dot\n.\nend\n"), 0);
    }
    snprintf(url, sizeof url, "pop3://joe:secret@127.0.0.1:%d/",
             dovecot.port[POP3]);
    if (url_list(url, &usual, count, &n, &e) < 0)
        fail_msg("%s", e.text);
    assert_int_equal(n, 3);
    snprintf(url, sizeof url, "pop3://joe:secret@127.0.0.1:%d/2",
             dovecot.port[POP3]);
    for (int i = 0; i < 3; i++) { /* the mailbox is not left locked */
        get(url, &usual);
        assert_non_null(
            strstr(r.body.data, "Subject: x\r\n\r\n.dot\r\n.\r\nend\r\n"));
    }
}

static void news_of_inn(void **state)
{
    struct sc_error e = {0};
    char url[240];
    int n = 0;

    (void)state;
    snprintf(url, sizeof url, "%slocal.test", inn_url(&inn, READER, ""));
    if (url_list(url, &usual, count, &n, &e) < 0)
        fail_msg("%s", e.text);
    assert_int_equal(n, 5);
    snprintf(url, sizeof url, "%slocal.test/3", inn_url(&inn, READER, ""));
    get(url, &usual);
    assert_non_null(strstr(r.body.data, "Newsgroups: local.test\r\n"));
    assert_string_equal(r.type, "message/rfc822");
}

int main(int argc, char **argv)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_page_of_nginx),
        cmocka_unit_test(a_mailbox_of_dovecot),
        cmocka_unit_test(news_of_inn),
    };
    bool list = argc > 1 && strcmp(argv[1], "-l") == 0;

    if (!list && (!server_installed("nginx") || !dovecot_installed() ||
                  !inn_installed())) {
        puts("no nginx, Dovecot or INN (tests/run.sh --servers installs them)");
        return 77;
    }
    return test_main(__FILE__, tests, sizeof tests / sizeof *tests, argc, argv,
                     start, stop);
}
