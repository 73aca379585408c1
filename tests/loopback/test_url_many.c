/* test_url_many.c - many URLs at once in tasks, threads that have no part in them,
 * and a scheme of the test's own that inherits pool and deadlines. */
#include "main.h"

#include <pthread.h>

#include <simpleclient/scheme.h>
#include <simpleclient/task.h>

#include "ftp_peer.h"

#define TEXT "0123456789abcdef\r\n"

static struct ftp_peer peer;
static const struct sc_options usual = {.starttls = SC_STARTTLS_NEVER,
                                        .wait_ms = 10000};
static const struct url_options opt = {.options = &usual};

static int begin(void **state)
{
    (void)state;
    ftp_peer_start(&peer, TEXT);
    return 0;
}

static int end(void **state)
{
    (void)state;
    ftp_peer_stop(&peer);
    return 0;
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, begin, end)

/* --- tasks --- */

static int good;

static void get_one(void *arg)
{
    struct url_reply r = {0};

    if (url_get(arg, &opt, &r) == 0)
        good++;
    else
        print_error("%s\n", r.error.text);
    url_reply_free(&r);
}

static void many_at_once(void **state)
{
    enum { TASKS = 200 };
    struct sc_group *g = sc_group_new(NULL, 10);
    char folder[100];

    (void)state;
    good = 0;
    peer.list = "one\r\n";
    snprintf(folder, sizeof folder, "%.*s/", (int)(strlen(peer.url) - 5),
             peer.url);
    for (int i = 0; i < TASKS; i++)
        sc_group_go(g, get_one,
                    i % 4 == 0   ? (void *)"data:,x"
                    : i % 4 == 1 ? (void *)folder
                                 : (void *)peer.url);
    sc_group_wait(g);
    assert_int_equal(good, TASKS);
    assert_in_range(peer.connections, 1, 20); /* the pool serves most */
    assert_int_equal(peer.calls, TASKS - TASKS / 4);
}

static void get_in_vain(void *arg)
{
    struct url_reply r = {0};

    (void)arg;
    assert_int_equal(url_get(peer.url, &opt, &r), SC_ECANCELED);
    url_reply_free(&r);
    good++;
}

static void a_group_is_cancelled(void **state)
{
    struct sc_group *g = sc_group_new(NULL, 0);
    int64_t begun = sc_now();

    (void)state;
    good = 0;
    peer.stalls = true;
    for (int i = 0; i < 20; i++)
        sc_group_go(g, get_in_vain, NULL);
    sc_sleep(100);
    sc_group_cancel(g);
    sc_group_wait(g);
    assert_int_equal(good, 20);
    assert_in_range(sc_now() - begun, 0, 3000);
}

static void get_then_close_by_another(void *arg)
{
    struct url **u = arg;

    *u = url_open(peer.url, &opt);
    assert_int_equal(url_last_error(*u)->code, 0);
}

/* One task opens, another reads and closes: all of one loop. */
static void a_url_may_change_hands(void **state)
{
    struct url *u = NULL;
    char buf[40];

    (void)state;
    sc_task_join(sc_task_go(NULL, get_then_close_by_another, &u));
    assert_int_equal(url_read(u, buf, sizeof buf), strlen(TEXT));
    assert_int_equal(url_read(u, buf, sizeof buf), 0);
    assert_int_equal(url_close(u), 0);
}

/* --- threads --- */

static void *read_elsewhere(void *arg)
{
    char c;
    ssize_t *got = malloc(sizeof *got);

    *got = url_read(arg, &c, 1);
    return got;
}

static void another_thread_reads_nothing(void **state)
{
    struct url *u = url_open(peer.url, &opt);
    pthread_t thread;
    void *got;

    (void)state;
    assert_int_equal(url_last_error(u)->code, 0);
    assert_int_equal(pthread_create(&thread, NULL, read_elsewhere, u), 0);
    pthread_join(thread, &got);
    assert_int_equal(*(ssize_t *)got, SC_EWRONGLOOP);
    free(got);
    url_close(u);
}

static void *get_elsewhere(void *arg)
{
    struct url_reply r = {0};

    (void)arg;
    for (int i = 0; i < 100; i++)
        if (url_get("data:,abc", NULL, &r) != 0 || r.body.len != 3)
            return "no";
    url_reply_free(&r);
    return NULL;
}

static void each_thread_has_its_own(void **state)
{
    pthread_t thread[4];
    void *result;

    (void)state;
    for (int i = 0; i < 4; i++)
        assert_int_equal(pthread_create(&thread[i], NULL, get_elsewhere, NULL),
                         0);
    for (int i = 0; i < 4; i++) {
        pthread_join(thread[i], &result);
        assert_null(result);
    }
}

/* --- a scheme of one's own, with a class --- */

static int greeted;

static int line_greet(SimpleClient *c)
{
    greeted++;
    return sc_expect(c, 220, NULL);
}

static const struct client_class line_class = {
    .name = "line",
    .scheme = "line",
    .port = 7,
    .size = sizeof(SimpleClient),
    .greet = line_greet,
    .reply = sc_client_reply,
    .quit = sc_client_quit,
    .cleanup = sc_client_cleanup,
};

/* "USER path": 331, which is the answer. */
struct answer {
    char text[40];
    size_t at;
};

static int line_open(struct url_request *r)
{
    struct answer *a = r->state;
    struct sc_span text;
    int rc;

    sc_writeline(r->client, "USER %s", r->path.data);
    if ((rc = sc_expect(r->client, 331, &text)) < 0)
        return rc;
    sc_span_copy(a->text, sizeof a->text, text);
    return 0;
}

static ssize_t line_read(struct url_request *r, void *buf, size_t n)
{
    struct answer *a = r->state;
    size_t left = strlen(a->text) - a->at;

    n = n < left ? n : left;
    memcpy(buf, a->text + a->at, n);
    a->at += n;
    return (ssize_t)n;
}

static const struct url_scheme line_scheme = {
    .name = "line",
    .cls = &line_class,
    .state_size = sizeof(struct answer),
    .connect = url_connect,
    .open = line_open,
    .read = line_read,
    .list = url_no_list,
    .put = url_no_put,
    .close = url_close_nothing,
};

static void a_scheme_inherits_the_pool(void **state)
{
    struct url_reply r = {0};
    char url[100];

    (void)state;
    greeted = 0;
    snprintf(url, sizeof url, "line%s", peer.url + 3);
    for (int i = 0; i < 3; i++) {
        if (url_get(url, &opt, &r) < 0)
            fail_msg("%s", r.error.text);
        assert_string_equal(r.body.data, "and?");
    }
    assert_int_equal(greeted, 1);
    assert_int_equal(peer.connections, 1);
    peer.dies_at = 4; /* what is stale is opened anew */
    assert_int_equal(url_get(url, &opt, &r), 0);
    assert_int_equal(peer.connections, 2);
    snprintf(url, sizeof url, "line%s%%0d%%0aQUIT", peer.url + 3);
    assert_int_equal(url_get(url, &opt, &r), SC_EURL);
    snprintf(url, sizeof url, "line%s", peer.url + 3);
    peer_says(&peer, "USER", "530 no");
    assert_int_equal(url_get(url, &opt, &r), SC_EREPLY);
    assert_int_equal(r.error.status, 530);
    url_reply_free(&r);
}

static void a_scheme_inherits_the_deadlines(void **state)
{
    struct sc_options o = usual;
    const struct url_options late = {.options = &o};
    struct url_reply r = {0};
    int64_t begun = sc_now();
    char url[100];

    (void)state;
    o.wait_ms = 150;
    peer_says(&peer, "USER", "");
    snprintf(url, sizeof url, "line%s", peer.url + 3);
    assert_int_equal(url_get(url, &late, &r), SC_ETIMEDOUT);
    assert_in_range(sc_now() - begun, 100, 2000);
    url_reply_free(&r);
}

static int make(void **state)
{
    (void)state;
    return url_register(&line_scheme);
}

int main(int argc, char **argv)
{
    static const struct CMUnitTest tests[] = {
        TEST(many_at_once),
        TEST(a_group_is_cancelled),
        TEST(a_url_may_change_hands),
        TEST(another_thread_reads_nothing),
        TEST(each_thread_has_its_own),
        TEST(a_scheme_inherits_the_pool),
        TEST(a_scheme_inherits_the_deadlines),
    };

    return test_main(__FILE__, tests, sizeof tests / sizeof *tests, argc, argv,
                     make, NULL);
}
