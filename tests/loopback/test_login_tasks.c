/* test_login_tasks.c - several calls log in at one server in one session: each
 * answers what it was asked itself, with the name it began with. */
#include "main.h"

#include <simpleclient/http_session.h>

#include "http_peer.h"

#define DIGEST(nonce)                                                          \
    "WWW-Authenticate: Digest realm=\"r\", nonce=\"" nonce                     \
    "\", qop=\"auth\"\r\n"
#define BASIC "WWW-Authenticate: Basic realm=\"r\"\r\n"

static struct peer peer;
static struct http_reply reply, other;
static struct http_session *session;
static char url[96], other_url[96];
static struct http_request meanwhile; /* asked within the first answer */
static bool over, in_time; /* the other call, and before the first one */
static int first_rc;

static int start(void **state)
{
    (void)state;
    peer_start(&peer, NULL);
    session = http_session_new(NULL);
    snprintf(url, sizeof url, "%s/in", peer.base);
    meanwhile = (struct http_request){.url = other_url};
    over = in_time = false;
    return 0;
}

static int stop(void **state)
{
    (void)state;
    http_reply_free(&reply);
    http_reply_free(&other);
    http_session_free(session);
    peer_stop(&peer);
    sc_run();
    return 0;
}

/* The value of Authorization in the N-th request for PATH; "": none. */
static const char *saw(const char *path, int n)
{
    const char *v;
    char line[64];

    snprintf(line, sizeof line, " %s HTTP/1.1\n", path);
    for (int i = 0; i < peer.seen; i++)
        if (strstr(peer.head[i].data, line) != NULL && n-- == 0) {
            v = peer_saw(&peer, i, "Authorization");
            return v != NULL ? v : "";
        }
    fail_msg("no such request for %s", path);
    return "";
}

static void has(const char *text, const char *part)
{
    if (strstr(text, part) == NULL)
        fail_msg("no %s in %s", part, text);
}

/* 401, whose body comes so slowly that another call is over before it is. */
static void asks_slowly(const char *path, const char *fields)
{
    peer_on(&peer, path,
            "~HTTP/1.1 401 Who\r\n%sContent-Length: 256\r\n\r\n%256s", fields,
            "");
    peer_says(&peer, path, "200 OK", "", "in");
}

static void ask_other(void *arg)
{
    (void)arg;
    http_request(&meanwhile, &other);
    over = true;
}

static int begin_other(void *arg, const struct http_reply *r)
{
    (void)arg;
    if (r->status == 401 && meanwhile.session == NULL) {
        meanwhile.session = session;
        sc_task_go(NULL, ask_other, NULL);
    }
    in_time = over; /* before the last answer */
    return 0;
}

static void ask_first(void *arg)
{
    struct http_request *q = arg;

    q->url = url;
    q->session = session;
    first_rc = http_request(q, &reply);
}

static void run(struct http_request q)
{
    int64_t task;

    q.on_head = begin_other;
    task = sc_task_go(NULL, ask_first, &q);
    assert_true(task > 0);
    assert_int_equal(sc_task_join(task), 0);
    if (first_rc < 0)
        fail_msg("%s", reply.error.text);
    assert_true(in_time);
}

/* --- the name --- */

static int replace_login(void *arg, const struct http_reply *r)
{
    (void)arg;
    return r->status != 401 ? 0
                            : http_session_login(session, url, "other", "new");
}

static void a_new_login_is_for_later_calls(void **state)
{
    struct http_request q = {
        .url = url, .session = session, .on_head = replace_login};

    (void)state;
    peer_says(&peer, "/in", "401 Who", DIGEST("n"), "who?");
    peer_says(&peer, "/in", "200 OK", "", "in");
    assert_int_equal(http_session_login(session, url, "joe", "old"), 0);
    assert_int_equal(http_request(&q, &reply), 0);
    has(saw("/in", 1), "username=\"joe\"");
    q.on_head = NULL;
    assert_int_equal(http_request(&q, &reply), 0);
    has(saw("/in", 2), "username=\"other\"");
}

/* --- the scheme --- */

static void
digest_stays_digest_when_another_call_was_asked_for_basic(void **state)
{
    (void)state;
    assert_int_equal(http_session_login(session, url, "joe", "pw"), 0);
    snprintf(other_url, sizeof other_url, "%s/basic", peer.base);
    asks_slowly("/in", DIGEST("n"));
    peer_says(&peer, "/basic", "401 Who", BASIC, "who?");
    peer_says(&peer, "/basic", "200 OK", "", "in");
    run((struct http_request){.flags = HTTP_DIGEST});
    assert_int_equal(reply.status, 200);
    has(saw("/basic", 1), "Basic ");
    has(saw("/in", 1), "Digest username=\"joe\"");
}

static void a_wrong_login_of_another_call_takes_nothing_away(void **state)
{
    struct sc_options wrong = {.user = "eve", .password = "guess"};

    (void)state;
    assert_int_equal(http_session_login(session, url, "joe", "pw"), 0);
    snprintf(other_url, sizeof other_url, "%s/eve", peer.base);
    meanwhile.options = &wrong;
    meanwhile.flags = HTTP_DIGEST;
    asks_slowly("/in", DIGEST("n1"));
    peer_says(&peer, "/eve", "401 Who", DIGEST("n2"), "who?");
    run((struct http_request){.flags = HTTP_DIGEST});
    assert_int_equal(other.status, 401);
    assert_int_equal(reply.status, 200);
    has(saw("/in", 1), "nonce=\"n1\"");
    has(saw("/in", 1), "nc=00000001");
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, start, stop)
static const struct CMUnitTest tests[] = {
    TEST(a_new_login_is_for_later_calls),
    TEST(digest_stays_digest_when_another_call_was_asked_for_basic),
    TEST(a_wrong_login_of_another_call_takes_nothing_away),
};

TEST_MAIN(tests)
