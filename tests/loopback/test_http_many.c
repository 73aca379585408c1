/* test_http_many.c - hundreds of tasks that share a loop, a pool, a session:
 * cookies, logins, uploads, downloads, deadlines and cancels at once. */
#include "main.h"

#include <dirent.h>
#include <stdlib.h>
#include <unistd.h>

#include <simpleclient/class.h>
#include <simpleclient/http_session.h>
#include <simpleclient/task.h>

enum { TASKS = 300 };

/* --- the server --- */

static struct sc_listener *listener;
static char base[64];
static int64_t server;
static int connections, answered;
static bool counts_seen[10000]; /* nc of Digest: each may come once */
static int twice;

struct asked {
    char method[16], path[64], cookie[4000], login[1000];
    uint64_t length;
    bool chunked, expect;
};

static bool value_of(struct sc_span line, const char *name, char *to,
                     size_t size)
{
    size_t n = strlen(name);

    if (line.len < n || strncmp(line.data, name, n) != 0)
        return false;
    sc_span_copy(to, size, (struct sc_span){line.data + n, line.len - n});
    return true;
}

static int read_head(SimpleClient *c, struct asked *a)
{
    struct sc_span line;
    char text[64];
    int rc = sc_readline(c, &line);

    memset(a, 0, sizeof *a);
    if (rc < 0)
        return rc;
    sc_span_copy(a->path, sizeof a->path, line);
    sscanf(a->path, "%15s %63s", a->method, a->path);
    while ((rc = sc_readline(c, &line)) == 0 && line.len > 0) {
        value_of(line, "Cookie: ", a->cookie, sizeof a->cookie);
        value_of(line, "Authorization: ", a->login, sizeof a->login);
        if (value_of(line, "Content-Length: ", text, sizeof text))
            a->length = strtoul(text, NULL, 10);
        a->chunked |= value_of(line, "Transfer-Encoding: chunked", text, 1);
        a->expect |= value_of(line, "Expect: 100-continue", text, 1);
    }
    return rc;
}

static int skip_bytes(SimpleClient *c, uint64_t n, uint64_t *all)
{
    char piece[1000];
    int rc = 0;

    for (*all += n; rc == 0 && n > 0;) {
        size_t some = n < sizeof piece ? (size_t)n : sizeof piece;

        rc = sc_read_exact(c, piece, some);
        n -= some;
    }
    return rc;
}

/* How long the body is that comes. */
static int read_body(SimpleClient *c, const struct asked *a, uint64_t *all)
{
    struct sc_span line;
    uint64_t n = 1;
    int rc = 0;

    if (a->expect) {
        sc_writeline(c, "HTTP/1.1 100 Continue");
        sc_writeline(c, "%s", "");
    }
    if (!a->chunked)
        return skip_bytes(c, a->length, all);
    while (rc == 0 && n > 0) {
        if ((rc = sc_readline(c, &line)) < 0)
            break;
        n = strtoul(line.data, NULL, 16);
        if ((rc = skip_bytes(c, n, all)) == 0)
            rc = sc_readline(c, &line);
    }
    return rc;
}

static int say(SimpleClient *c, const char *status, const char *field,
               const char *body)
{
    sc_writeline(c, "HTTP/1.1 %s", status);
    if (field[0] != '\0')
        sc_writeline(c, "%s", field);
    sc_writeline(c, "Content-Length: %zu", strlen(body));
    sc_writeline(c, "%s", "");
    sc_write(c, body, strlen(body));
    answered++;
    return sc_flush(c);
}

static int answer_login(SimpleClient *c, const struct asked *a)
{
    const char *nc = strstr(a->login, "nc=");
    unsigned long n = nc != NULL ? strtoul(nc + 3, NULL, 16) : 0;

    if (n == 0 || n >= sizeof counts_seen)
        return say(c, "401 No",
                   "WWW-Authenticate: Digest realm=\"r\", nonce=\"n\","
                   " algorithm=SHA-256, qop=\"auth\"",
                   "");
    twice += counts_seen[n];
    counts_seen[n] = true;
    return say(c, "200 OK", "", "in");
}

/* Returns 0: the connection goes on. */
static int answer(SimpleClient *c, const struct asked *a)
{
    char text[100];
    uint64_t got = 0;

    if (read_body(c, a, &got) < 0)
        return -1;
    if (strncmp(a->path, "/set/", 5) == 0) {
        sc_writeline(c, "HTTP/1.1 302 Found");
        sc_writeline(c, "Location: /cookies");
        sc_writeline(c, "Set-Cookie: c%s=v%s; Path=/", a->path + 5,
                     a->path + 5);
        sc_writeline(c, "Content-Length: 0");
        sc_writeline(c, "%s", "");
        return sc_flush(c);
    }
    if (strcmp(a->path, "/cookies") == 0)
        return say(c, "200 OK", "", a->cookie);
    if (strcmp(a->path, "/login") == 0)
        return answer_login(c, a);
    if (strcmp(a->path, "/silent") == 0)
        return sc_sleep(20000);
    snprintf(text, sizeof text, "%llu", (unsigned long long)got);
    return say(c, "200 OK", "", text);
}

static void visit(void *arg)
{
    struct sc_options opt = {.wait_ms = 30000, .send_limit = 8192};
    SimpleClient *c = sc_attach(&sc_simple_class, arg, &opt);
    struct asked *a = malloc(sizeof *a);

    connections++;
    while (read_head(c, a) == 0 && answer(c, a) == 0)
        continue;
    free(a);
    sc_drop(c);
}

static void serve(void *arg)
{
    struct sc_group *g = sc_group_new(NULL, 0);
    Stream *s;

    (void)arg;
    while ((s = sc_accept(listener, -1, NULL)) != NULL)
        sc_group_go(g, visit, s);
    sc_group_cancel(g);
    sc_group_wait(g);
}

static int start(void **state)
{
    (void)state;
    if ((listener = sc_listen("127.0.0.1:0", NULL)) == NULL)
        return -1;
    snprintf(base, sizeof base, "http://%s", sc_listener_name(listener));
    connections = answered = twice = 0;
    memset(counts_seen, 0, sizeof counts_seen);
    server = sc_task_go(NULL, serve, NULL);
    return 0;
}

static int stop(void **state)
{
    (void)state;
    sc_task_cancel(server);
    sc_run();
    sc_listener_close(listener);
    return 0;
}

/* --- the clients --- */

static int good, timeouts, cancels;

static void count(int rc, bool right)
{
    good += rc == 0 && right;
    timeouts += rc == SC_ETIMEDOUT;
    cancels += rc == SC_ECANCELED;
}

struct job {
    int n;
    struct http_session *session;
};

static struct job jobs[TASKS];

/* Begin FN in N tasks. */
static struct sc_group *begin(int n, void (*fn)(void *),
                              struct http_session *session)
{
    struct sc_group *g = sc_group_new(NULL, 0);

    good = timeouts = cancels = 0;
    for (int i = 0; i < n; i++) {
        jobs[i] = (struct job){i, session};
        sc_group_go(g, fn, &jobs[i]);
    }
    return g;
}

static void all(int n, void (*fn)(void *), struct http_session *session)
{
    assert_int_equal(sc_group_wait(begin(n, fn, session)), 0);
}

static void take_a_cookie(void *arg)
{
    const struct job *j = arg;
    struct http_request q = {.session = j->session};
    struct http_reply r = {0};
    char url[128], want[32];
    int rc;

    snprintf(url, sizeof url, "%s/set/%d", base, j->n % 100);
    snprintf(want, sizeof want, "c%d=v%d", j->n % 100, j->n % 100);
    q.url = url;
    rc = http_request(&q, &r);
    count(rc,
          r.nhops == 2 && r.status == 200 && strstr(r.body.data, want) != NULL);
    http_reply_free(&r);
}

static void tasks_share_a_jar(void **state)
{
    struct http_session *s = http_session_new(NULL);
    struct http_cookie cookie;
    size_t pos = 0;
    int n = 0;

    (void)state;
    assert_non_null(http_session_cookies(s));
    all(TASKS, take_a_cookie, s);
    assert_int_equal(good, TASKS);
    while (http_cookies_next(http_session_cookies(s), &pos, &cookie))
        n++;
    assert_int_equal(n, 100);
    http_session_free(s);
}

static void log_in(void *arg)
{
    const struct job *j = arg;
    struct http_request q = {.session = j->session, .flags = HTTP_DIGEST};
    struct http_reply r = {0};
    char url[128];
    int rc;

    snprintf(url, sizeof url, "%s/login", base);
    q.url = url;
    for (int i = 0; i < 3; i++) {
        rc = http_request(&q, &r);
        count(rc, r.status == 200);
    }
    http_reply_free(&r);
}

/* RFC 7616 section 3.3: a count is used once with a nonce. */
static void tasks_share_a_nonce(void **state)
{
    struct http_session *s = http_session_new(NULL);

    (void)state;
    assert_int_equal(http_session_login(s, base, "joe", "secret"), 0);
    all(TASKS, log_in, s);
    assert_int_equal(good, 3 * TASKS);
    assert_int_equal(twice, 0);
    http_session_free(s);
}

static ssize_t give(void *arg, void *buf, size_t n)
{
    size_t *left = arg;

    if (sc_yield() < 0)
        return -1;
    n = n < *left ? n : *left;
    memset(buf, 'x', n);
    *left -= n;
    return (ssize_t)n;
}

static void upload(void *arg)
{
    const struct job *j = arg;
    size_t length = (size_t)j->n * 997, left = length;
    struct http_source from = {.read = give, .arg = &left};
    struct http_request q = {.source = &from, .method = "PUT"};
    struct http_reply r = {0};
    char url[128];
    int rc;

    from.length = j->n % 2 ? HTTP_UNKNOWN : length;
    q.flags = j->n % 3 ? HTTP_NO_EXPECT : HTTP_EXPECT;
    snprintf(url, sizeof url, "%s/up", base);
    q.url = url;
    rc = http_request(&q, &r);
    count(rc, r.status == 200 && strtoul(r.body.data, NULL, 10) == length);
    http_reply_free(&r);
}

static void tasks_upload(void **state)
{
    (void)state;
    all(TASKS, upload, NULL);
    assert_int_equal(good, TASKS);
}

/* --- files --- */

static char dir[] = "/tmp/sc-many-XXXXXX";

static void download(void *arg)
{
    const struct job *j = arg;
    struct http_reply r = {0};
    char url[128], path[64];
    int rc;

    snprintf(url, sizeof url, "%s/x", base);
    snprintf(path, sizeof path, "%s/%d", dir, j->n % 50); /* some share one */
    rc = http_download(url, path, &r);
    count(rc, r.status == 200);
    http_reply_free(&r);
}

static void tasks_download(void **state)
{
    char path[400];
    DIR *d;
    int n = 0;

    (void)state;
    assert_non_null(mkdtemp(dir));
    all(TASKS, download, NULL);
    assert_int_equal(good, TASKS);
    d = opendir(dir);
    for (const struct dirent *e; (e = readdir(d)) != NULL;) {
        if (e->d_name[0] == '.')
            continue;
        snprintf(path, sizeof path, "%s/%s", dir, e->d_name);
        unlink(path);
        n++;
    }
    closedir(d);
    assert_int_equal(n, 50);
    assert_int_equal(rmdir(dir), 0); /* nor was anything hidden there */
}

/* --- ends --- */

static void wait_in_vain(void *arg)
{
    static const struct sc_options short_time = {.total_ms = 300};
    struct http_request q = {.options = arg != NULL ? &short_time : NULL};
    struct http_reply r = {0};
    char url[128];

    snprintf(url, sizeof url, "%s/silent", base);
    q.url = url;
    count(http_request(&q, &r), false);
    http_reply_free(&r);
}

static void deadlines_hold_for_all(void **state)
{
    int64_t begun = sc_now();

    (void)state;
    all(TASKS, wait_in_vain, NULL);
    assert_int_equal(timeouts, TASKS);
    assert_in_range(sc_now() - begun, 290, 5000);
}

static void wait_long(void *arg)
{
    (void)arg;
    wait_in_vain(NULL);
}

static int descriptors(void)
{
    DIR *d = opendir("/proc/self/fd");
    int n = 0;

    while (readdir(d) != NULL)
        n++;
    closedir(d);
    return n;
}

static void a_cancelled_group_leaves_nothing_open(void **state)
{
    int before = descriptors();
    int64_t begun = sc_now();
    struct sc_group *g = begin(TASKS, wait_long, NULL);

    while (connections < 100)
        sc_sleep(1);
    sc_group_cancel(g);
    assert_int_equal(sc_group_wait(g), 0);
    assert_int_equal(cancels, TASKS);
    assert_in_range(sc_now() - begun, 0, 5000);
    stop(state); /* with the server's ends of them, and its listener */
    assert_in_range(descriptors(), 0, before - 1);
    start(state);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, start, stop)
static const struct CMUnitTest tests[] = {
    TEST(tasks_share_a_jar),      TEST(tasks_share_a_nonce),
    TEST(tasks_upload),           TEST(tasks_download),
    TEST(deadlines_hold_for_all), TEST(a_cancelled_group_leaves_nothing_open),
};

TEST_MAIN(tests)
