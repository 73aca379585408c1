/* test_gopher.c - Gopher (RFC 1436, RFC 4266): menus, texts, files, searches, in
 * clear and in TLS, by client and by URL. */
#include "main.h"

#include <simpleclient/gopher.h>
#include <simpleclient/url.h>

#include "../certs.h"
#include "gopher/gopher_client.h"
#include "gopher_peer.h"
#include "sockets.h"

static struct certs certs;
static struct sc_tls_options server;
static struct gopher_peer peer;
static const struct sc_options usual = {.wait_ms = 3000, .connect_ms = 3000};

static int make(void **state)
{
    (void)state;
    if (certs_make(&certs) < 0)
        return -1;
    server = (struct sc_tls_options){
        .server = 1, .cert = certs.good, .key = certs.good};
    return 0;
}

static int clean(void **state)
{
    (void)state;
    certs_remove(&certs);
    return 0;
}

static GopherClient *open_peer(void)
{
    GopherClient *g = gopher_open(peer.url, &usual);

    if (sc_broken(gopher_base(g)) < 0)
        fail_msg("%s", sc_last_error(gopher_base(g))->text);
    return g;
}

/* --- menus --- */

/* RFC 1436 section 3.5, as it is printed there, and what others send. */
static const char menu[] =
    "0About internet Gopher\tStuff:About us\trawBits.micro.umn.edu\t70\r\n"
    "1Around University of Minnesota\tZ,5692,AUM\tunderdog.micro.umn.edu\t"
    "70\r\n"
    "iwelcome\tfake\t(NULL)\t0\r\n"
    "7Phone books\t/find\tunderdog.micro.umn.edu\t70\t+\r\n"
    "hhome\tURL:http://example.org/a b\texample.org\t70\r\n"
    ".\r\n";

struct seen {
    int n;
    char text[1000];
};

static int see_item(void *arg, const struct gopher_item *i)
{
    struct seen *s = arg;
    size_t had = strlen(s->text);

    s->n++;
    snprintf(s->text + had, sizeof s->text - had, "%c|%.*s|%.*s|%.*s|%d\n",
             i->type, (int)i->text.len, i->text.data, (int)i->selector.len,
             i->selector.data, (int)i->host.len, i->host.data, i->port);
    return 0;
}

static void the_menu_of_rfc_1436(void **state)
{
    struct seen s = {0};
    GopherClient *g;

    (void)state;
    gopher_peer_start(&peer, menu);
    g = open_peer();
    assert_int_equal(gopher_menu(g, "", NULL, see_item, &s), 0);
    assert_string_equal(
        s.text,
        "0|About internet Gopher|Stuff:About us|rawBits.micro.umn.edu|70\n"
        "1|Around University of Minnesota|Z,5692,AUM|underdog.micro.umn.edu|"
        "70\n"
        "i|welcome|fake|(NULL)|0\n"
        "7|Phone books|/find|underdog.micro.umn.edu|70\n"
        "h|home|URL:http://example.org/a b|example.org|70\n");
    assert_string_equal(peer.log.data, "\n");
    /* The server has hung up: the next question goes by another connection. */
    assert_int_equal(gopher_menu(g, "x", "two words", see_item, &s), 0);
    assert_string_equal(peer.log.data, "\nx\ttwo words\n");
    assert_int_equal(peer.connections, 2);
    assert_int_equal(gopher_close(g), 0);
    gopher_peer_stop(&peer);
}

static void a_menu_without_its_last_dot_is_short(void **state)
{
    static const char *const cuts[] = {"", "iwelcome\t\t\t0\r\n",
                                       "iwelcome\t\t\t0\r\niwel"};

    (void)state;
    for (size_t i = 0; i < sizeof cuts / sizeof *cuts; i++) {
        struct seen s = {0};
        GopherClient *g;

        gopher_peer_start(&peer, cuts[i]);
        g = open_peer();
        assert_int_equal(gopher_menu(g, "", NULL, see_item, &s), SC_ESHORT);
        assert_int_equal(s.n, i > 0);
        gopher_close(g);
        gopher_peer_stop(&peer);
    }
}

static void what_is_no_menu_is_told(void **state)
{
    struct seen s = {0};
    GopherClient *g;

    (void)state;
    gopher_peer_start(&peer, "<html>\x1b[31m no\r\n.\r\n");
    g = open_peer();
    assert_int_equal(gopher_menu(g, "", NULL, see_item, &s), SC_EPROTO);
    assert_null(strchr(sc_last_error(gopher_base(g))->text, '\x1b'));
    gopher_close(g);
    gopher_peer_stop(&peer);
}

/* --- files --- */

static struct sc_buf got = SC_BUF(1 << 20);

static int keep(void *arg, const void *p, size_t n)
{
    (void)arg;
    return sc_buf_add(&got, p, n);
}

static int get(char type)
{
    GopherClient *g = open_peer();
    int rc;

    got.len = 0;
    sc_buf_add(&got, "", 0);
    rc = gopher_get(g, type, "file", NULL, keep, NULL);
    gopher_close(g);
    return rc;
}

/* What is said, what is given as text, as a file. */
static const struct {
    const char *said, *text;
} texts[] = {
    {"one\r\ntwo\r\n.\r\n", "one\r\ntwo\r\n"},
    {"one\r\ntwo\r\n", "one\r\ntwo\r\n"}, /* no dot: no error */
    {"one\r\ntwo", "one\r\ntwo"},
    {"one\n.\n", "one\n"},
    {"one\r\n.", "one\r\n"},
    {"..one\r\n...\r\n.\r\n", ".one\r\n..\r\n"},
    {"one\r\n.two\r\n.\r\n", "one\r\n.two\r\n"},
    {"one\r\n.\r\ntwo\r\n", "one\r\n.\r\ntwo\r\n"}, /* not the last */
    {"one\r\n.\r", "one\r\n.\r"},
    {".\r\n.\r\n", ".\r\n"},
    {"a.\r\n.\r\n", "a.\r\n"},
    {".", ""},
    {".\r\n", ""},
    {"", ""},
    {"\r\n\r\n.\r\n", "\r\n\r\n"},
};

static void texts_lose_their_dots(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        for (size_t piece = 0; piece < 4; piece++) {
            gopher_peer_start(&peer, texts[i].said);
            peer.piece = piece;
            assert_int_equal(get('0'), 0);
            assert_string_equal(got.data, texts[i].text);
            assert_int_equal(get('9'), 0);
            assert_string_equal(got.data, texts[i].said);
            gopher_peer_stop(&peer);
        }
    }
}

static void bytes_come_as_they_are(void **state)
{
    static const char bytes[] = "\0.\r\n..\xff\r\n.\r\n";

    (void)state;
    gopher_peer_start(&peer, "");
    peer.answer = (struct sc_span){bytes, sizeof bytes - 1};
    for (const char *type = "9gI5s"; *type != '\0'; type++) {
        assert_int_equal(get(*type), 0);
        assert_int_equal(got.len, sizeof bytes - 1);
        assert_memory_equal(got.data, bytes, sizeof bytes - 1);
    }
    gopher_peer_stop(&peer);
}

static int refuse(void *arg, const void *p, size_t n)
{
    (void)arg;
    (void)p;
    (void)n;
    return -4711;
}

static void a_sink_may_stop_it(void **state)
{
    GopherClient *g;

    (void)state;
    gopher_peer_start(&peer, "much\r\n");
    peer.endless = true;
    g = open_peer();
    assert_int_equal(gopher_get(g, '0', "", NULL, refuse, NULL), -4711);
    gopher_close(g);
    gopher_peer_stop(&peer);
}

static void selectors_with_line_breaks_or_tabs_are_not_sent(void **state)
{
    static const char *const bad[] = {"a\rb", "a\nb", "a\tb", "\r\n"};
    GopherClient *g;

    (void)state;
    gopher_peer_start(&peer, "x\r\n");
    g = open_peer();
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        assert_int_equal(gopher_ask(g, bad[i], NULL), SC_EINVAL);
        assert_int_equal(gopher_ask(g, "a", bad[i]), SC_EINVAL);
        assert_int_equal(sc_broken(gopher_base(g)), 0);
    }
    assert_int_equal(gopher_ask(g, NULL, NULL), SC_EINVAL);
    gopher_close(g);
    sc_yield();
    assert_string_equal(peer.log.data, "");
    gopher_peer_stop(&peer);
}

/* --- never for ever --- */

static void a_silent_server_is_not_waited_for(void **state)
{
    struct sc_options opt = usual;
    GopherClient *g;
    int64_t begun;

    (void)state;
    gopher_peer_start(&peer, "x");
    peer.silent = true;
    opt.wait_ms = opt.stall_ms = 150;
    g = gopher_open(peer.url, &opt);
    begun = sc_now();
    assert_int_equal(gopher_get(g, '0', "", NULL, keep, NULL), SC_ETIMEDOUT);
    assert_in_range(sc_now() - begun, 100, 2000);
    gopher_close(g);
    gopher_peer_stop(&peer);
}

/* The end is the connection's, but of a menu. */
static void a_server_that_does_not_hang_up(void **state)
{
    struct url_options o = {.options = &(struct sc_options){.stall_ms = 150}};
    struct url_reply r = {0};
    char url[100];

    (void)state;
    gopher_peer_start(&peer, menu);
    peer.stays = true;
    assert_int_equal(url_get(peer.url, &o, &r), 0);
    assert_true(r.directory);
    assert_null(strstr(r.body.data, "\n."));
    snprintf(url, sizeof url, "%s0x", peer.url);
    assert_int_equal(url_get(url, &o, &r), SC_ETIMEDOUT);
    url_reply_free(&r);
    gopher_peer_stop(&peer);
}

static void ask_in_vain(void *arg)
{
    struct url_reply r = {0};

    (void)arg;
    assert_int_equal(url_get(peer.url, NULL, &r), SC_ECANCELED);
    url_reply_free(&r);
}

static void waiting_can_be_cancelled(void **state)
{
    int64_t task;

    (void)state;
    gopher_peer_start(&peer, "x");
    peer.silent = true;
    task = sc_task_go(NULL, ask_in_vain, NULL);
    sc_sleep(50);
    sc_task_cancel(task);
    sc_task_join(task);
    gopher_peer_stop(&peer);
}

/* --- in TLS --- */

static void in_tls(void **state)
{
    struct sc_options opt = usual;
    struct url_options o = {.options = &opt};
    struct url_reply r = {0};
    char url[100];

    (void)state;
    gopher_peer_start(&peer, "one\r\n.\r\n");
    peer.tls = &server;
    opt.tls.ca_file = certs.ca;
    snprintf(url, sizeof url, "gophers%s0/x", peer.url + 6);
    assert_int_equal(url_get(url, &o, &r), 0);
    assert_string_equal(r.body.data, "one\r\n");
    assert_string_equal(r.type, "text/plain");
    opt.tls.ca_file = certs.other_ca;
    assert_int_equal(url_get(url, &o, &r), SC_ECERT);
    url_reply_free(&r);
    gopher_peer_stop(&peer);
}

/* An end that TLS does not tell may be anybody's. */
static void in_tls_an_end_must_be_told(void **state)
{
    struct sc_options opt = usual;
    struct url_options o = {.options = &opt};
    struct url_reply r = {0};
    char url[100];

    (void)state;
    gopher_peer_start(&peer, "one\r\n");
    peer.tls = &server;
    peer.rude = true;
    opt.tls.ca_file = certs.ca;
    snprintf(url, sizeof url, "gophers%s9/x", peer.url + 6);
    assert_true(url_get(url, &o, &r) < 0);
    url_reply_free(&r);
    gopher_peer_stop(&peer);
}

/* --- URLs --- */

static void urls_name_type_selector_and_search(void **state)
{
    static const struct {
        const char *path, *line, *type;
        bool menu;
    } urls[] = {
        {"", "", "text/gopher-menu", true},
        {"1", "", "text/gopher-menu", true},
        {"1/a/b", "/a/b", "text/gopher-menu", true},
        {"0/a%20b", "/a b", "text/plain", false},
        {"0a%2Fb", "a/b", "text/plain", false},
        {"7/find%09two%20words", "/find\ttwo words", "text/gopher-menu", true},
        {"7/find?x=1", "/find?x=1", "text/gopher-menu", true},
        {"g/a.gif", "/a.gif", "image/gif", false},
        {"9/a.png", "/a.png", "image/png", false},
        {"h/a", "/a", "text/html", false},
        {"%30/coded", "/coded", "text/plain", false},
    };

    (void)state;
    for (size_t i = 0; i < sizeof urls / sizeof *urls; i++) {
        struct url_reply r = {0};
        char url[120];

        gopher_peer_start(&peer, ".\r\n");
        snprintf(url, sizeof url, "%s%s", peer.url, urls[i].path);
        assert_int_equal(url_get(url, NULL, &r), 0);
        assert_memory_equal(peer.log.data, urls[i].line, strlen(urls[i].line));
        assert_int_equal(peer.log.len, strlen(urls[i].line) + 1);
        assert_string_equal(r.type, urls[i].type);
        assert_int_equal(r.directory, urls[i].menu);
        url_reply_free(&r);
        gopher_peer_stop(&peer);
    }
}

static void hostile_urls_connect_to_nobody(void **state)
{
    static const char *const bad[] = {
        "0/a%0d%0aQUIT", "0/a%0aX",    "0/a%00b", "0/%1b", "0/%7f",
        "7/a%09b%09c",   "%09a",       "0/a%0",   "0/%zz", "%0d%0a",
        "0/a\\b",        "7/a%09b%0d", "7/x?y%0a"};

    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        struct url_reply r = {0};
        char url[120];

        gopher_peer_start(&peer, ".\r\n");
        snprintf(url, sizeof url, "%s%s", peer.url, bad[i]);
        if (url_get(url, NULL, &r) != SC_EURL)
            fail_msg("%s: %s", bad[i], r.error.text);
        assert_null(strpbrk(r.error.text, "\r\n"));
        assert_int_equal(peer.connections, 0);
        url_reply_free(&r);
        gopher_peer_stop(&peer);
    }
}

static void by_url_a_menu_must_end(void **state)
{
    struct url_reply r = {0};

    (void)state;
    gopher_peer_start(&peer, "iwelcome\t\t\t0\r\n");
    assert_int_equal(url_get(peer.url, NULL, &r), SC_ESHORT);
    assert_string_equal(r.body.data, "iwelcome\t\t\t0\r\n");
    url_reply_free(&r);
    gopher_peer_stop(&peer);
}

static int see_entry(void *arg, const struct url_entry *e)
{
    struct seen *s = arg;
    size_t had = strlen(s->text);

    s->n++;
    snprintf(s->text + had, sizeof s->text - had, "%c|%s|%s\n", e->kind,
             e->name, e->url != NULL ? e->url : "-");
    return 0;
}

static void a_menu_is_a_list(void **state)
{
    struct seen s = {0};

    (void)state;
    gopher_peer_start(&peer, "0a b\t/a b\texample.org\t70\r\n"
                             "1up\t\t::1\t7070\r\n"
                             "iwelcome\t\t\t0\r\n"
                             "hhome\tURL:http://example.org/\tx\t70\r\n"
                             "hjs\tURL:no url at all\tx\t70\r\n"
                             "1evil\t/x\ta@b/c\t70\r\n"
                             "?odd\tx\texample.org\t70\r\n"
                             "7find\t/f?\texample.org\t70\r\n.\r\n");
    assert_int_equal(url_list(peer.url, NULL, see_entry, &s, NULL), 0);
    assert_string_equal(s.text, "f|a b|gopher://example.org:70/0/a%20b\n"
                                "d|up|gopher://[::1]:7070/1\n"
                                "i|welcome|-\n"
                                "f|home|http://example.org/\n"
                                "f|js|-\n"
                                "d|evil|-\n"
                                "f|odd|gopher://example.org:70/%3Fx\n"
                                "s|find|gopher://example.org:70/7/f%3F\n");
    gopher_peer_stop(&peer);
}

int main(int argc, char **argv)
{
    static const struct CMUnitTest tests[] = {
        TEST_CLOSING_ALL(the_menu_of_rfc_1436),
        TEST_CLOSING_ALL(a_menu_without_its_last_dot_is_short),
        TEST_CLOSING_ALL(what_is_no_menu_is_told),
        TEST_CLOSING_ALL(texts_lose_their_dots),
        TEST_CLOSING_ALL(bytes_come_as_they_are),
        TEST_CLOSING_ALL(a_sink_may_stop_it),
        TEST_CLOSING_ALL(selectors_with_line_breaks_or_tabs_are_not_sent),
        TEST_CLOSING_ALL(a_silent_server_is_not_waited_for),
        TEST_CLOSING_ALL(a_server_that_does_not_hang_up),
        TEST_CLOSING_ALL(waiting_can_be_cancelled),
        TEST_CLOSING_ALL(in_tls),
        TEST_CLOSING_ALL(in_tls_an_end_must_be_told),
        TEST_CLOSING_ALL(urls_name_type_selector_and_search),
        TEST_CLOSING_ALL(hostile_urls_connect_to_nobody),
        TEST_CLOSING_ALL(by_url_a_menu_must_end),
        TEST_CLOSING_ALL(a_menu_is_a_list),
    };

    return test_main(__FILE__, tests, sizeof tests / sizeof *tests, argc, argv,
                     make, clean);
}
