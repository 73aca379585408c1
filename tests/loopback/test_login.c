/* test_login.c - names and passwords: whose go where, in which scheme, when
 * unasked; a wrong one is the answer (RFC 9110 section 11, RFC 7616, 7617). */
#include "main.h"

#include <unistd.h>

#include <simpleclient/http_session.h>

#include "http_peer.h"

#define DIGEST                                                                 \
    "WWW-Authenticate: Digest realm=\"r\", nonce=\"n%d\", qop=\"auth\"\r\n"
#define BASIC "WWW-Authenticate: Basic realm=\"r\"\r\n"
/* RFC 7617 section 2: Aladdin and "open sesame". */
#define ALADDIN "Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ=="

static struct peer a, b;
static struct http_reply reply;
static struct http_session *session;
static struct sc_options opt;
static char url[160];

static int start(void **state)
{
    (void)state;
    opt = (struct sc_options){0};
    peer_start(&a, NULL);
    peer_start(&b, NULL);
    session = http_session_new(NULL);
    return 0;
}

static int stop(void **state)
{
    (void)state;
    http_reply_free(&reply);
    http_session_free(session);
    peer_stop(&a);
    peer_stop(&b);
    sc_run();
    return 0;
}

/* A URL of P, with USERINFO ("joe:pw@"). */
static const char *at(const struct peer *p, const char *userinfo,
                      const char *path)
{
    snprintf(url, sizeof url, "http://%s127.0.0.1:%d%s", userinfo, p->port,
             path);
    return url;
}

static int ask(struct http_request q)
{
    if (q.options == NULL && opt.user != NULL)
        q.options = &opt;
    int rc = http_request(&q, &reply);

    if (rc < 0)
        fail_msg("%s", reply.error.text);
    return reply.status;
}

static const char *saw(const struct peer *p, int i)
{
    const char *v = peer_saw(p, i, "Authorization");

    return v != NULL ? v : "";
}

static void has(const char *text, const char *part)
{
    if (strstr(text, part) == NULL)
        fail_msg("no %s in %s", part, text);
}

/* /in wants a login: FIELDS, and then lets anybody in. */
static void guard(struct peer *p, const char *fields)
{
    peer_says(p, "/in", "401 Who", fields, "who?");
    peer_says(p, "/in", "200 OK", "", "in");
}

/* --- Basic --- */

static void a_login_in_the_url_is_sent_at_once(void **state)
{
    (void)state;
    peer_says(&a, "/in", "200 OK", "", "in");
    ask((struct http_request){.url = at(&a, "Aladdin:open%20sesame@", "/in")});
    assert_string_equal(saw(&a, 0), ALADDIN);
}

static void a_login_of_the_options_is_sent_at_once(void **state)
{
    (void)state;
    opt.user = "Aladdin";
    opt.password = "open sesame";
    peer_says(&a, "/in", "200 OK", "", "in");
    ask((struct http_request){.url = at(&a, "", "/in")});
    assert_string_equal(saw(&a, 0), ALADDIN);
}

static void the_url_goes_before_the_options(void **state)
{
    (void)state;
    opt.user = "other";
    peer_says(&a, "/in", "200 OK", "", "in");
    ask((struct http_request){.url = at(&a, "Aladdin:open%20sesame@", "/in")});
    assert_string_equal(saw(&a, 0), ALADDIN);
}

static void a_login_of_the_session_is_sent_when_asked_for(void **state)
{
    (void)state;
    guard(&a, BASIC);
    http_session_login(session, at(&a, "", "/"), "Aladdin", "open sesame");
    assert_int_equal(ask((struct http_request){.url = at(&a, "", "/in"),
                                               .session = session}),
                     200);
    assert_string_equal(saw(&a, 0), "");
    assert_string_equal(saw(&a, 1), ALADDIN);
    assert_int_equal(a.connections, 1);
    assert_int_equal(reply.nhops, 2);
    assert_int_equal(reply.hops[0].status, 401);
    ask((struct http_request){.url = at(&a, "", "/in"), .session = session});
    assert_string_equal(saw(&a, 2), ALADDIN); /* it has asked before */
}

static void basic_is_sent_unasked_where_that_is_said(void **state)
{
    (void)state;
    peer_says(&a, "/in", "200 OK", "", "in");
    http_session_login(session, at(&a, "", "/"), "Aladdin", "open sesame");
    ask((struct http_request){
        .url = at(&a, "", "/in"), .session = session, .flags = HTTP_BASIC});
    assert_string_equal(saw(&a, 0), ALADDIN);
}

static void basic_of_a_url_is_no_question_of_the_server(void **state)
{
    (void)state;
    peer_says(&a, "/in", "200 OK", "", "in");
    http_session_login(session, at(&a, "", "/"), "Aladdin", "open sesame");
    ask((struct http_request){.url = at(&a, "joe:pw@", "/in"),
                              .session = session});
    assert_string_not_equal(saw(&a, 0), "");
    ask((struct http_request){.url = at(&a, "", "/in"), .session = session});
    assert_string_equal(saw(&a, 1), "");
}

static void digest_after_basic_of_a_url_serves_on(void **state)
{
    (void)state;
    peer_on(&a, "/in",
            "HTTP/1.1 401 Who\r\n" DIGEST "Content-Length: 0\r\n\r\n", 1);
    peer_says(&a, "/in", "200 OK", "", "in");
    for (int i = 0; i < 2; i++)
        ask((struct http_request){.url = at(&a, "joe:pw@", "/in"),
                                  .session = session});
    assert_memory_equal(saw(&a, 0), "Basic ", 6);
    has(saw(&a, 1), "nc=00000001");
    has(saw(&a, 2), "nc=00000002");
}

static void a_login_of_the_session_is_for_its_origin(void **state)
{
    (void)state;
    peer_says(&b, "/in", "401 Who", BASIC, "who?");
    http_session_login(session, at(&a, "", "/"), "Aladdin", "open sesame");
    assert_int_equal(ask((struct http_request){.url = at(&b, "", "/in"),
                                               .session = session}),
                     401);
    assert_int_equal(b.seen, 1);
    assert_string_equal(reply.body.data, "who?");
}

static void logins_have_no_limit(void **state)
{
    char place[64];

    (void)state;
    for (int i = 0; i < 1500; i++) {
        snprintf(place, sizeof place, "http://h%d.test/", i);
        assert_int_equal(http_session_login(session, place, "joe", "pw"), 0);
    }
}

static void a_wrong_login_is_the_answer(void **state)
{
    (void)state;
    peer_says(&a, "/in", "401 Who", BASIC, "who?");
    assert_int_equal(
        ask((struct http_request){.url = at(&a, "joe:wrong@", "/in")}), 401);
    assert_int_equal(a.seen, 1);
    http_session_login(session, at(&a, "", "/"), "joe", "wrong");
    assert_int_equal(ask((struct http_request){.url = at(&a, "", "/in"),
                                               .session = session}),
                     401);
    assert_int_equal(a.seen, 3);
    assert_string_equal(reply.body.data, "who?");
}

static void a_name_with_a_colon_is_refused(void **state)
{
    struct http_request q = {.url = at(&a, "a%3ab:c@", "/in")};

    (void)state;
    assert_int_equal(http_request(&q, &reply), SC_EINVAL);
    assert_int_equal(a.seen, 0);
}

/* --- Digest --- */

static void digest_is_answered_and_its_nonce_serves_on(void **state)
{
    struct http_request q = {.session = session, .flags = HTTP_DIGEST};

    (void)state;
    peer_on(&a, "/in",
            "HTTP/1.1 401 Who\r\n" DIGEST "Content-Length: 0\r\n\r\n", 1);
    peer_says(&a, "/in", "200 OK", "", "in");
    q.session = session;
    q.url = at(&a, "joe:pw@", "/in?x=1");
    assert_int_equal(ask(q), 200);
    assert_string_equal(saw(&a, 0), "");
    has(saw(&a, 1), "Digest username=\"joe\"");
    has(saw(&a, 1), "uri=\"/in?x=1\"");
    has(saw(&a, 1), "nonce=\"n1\"");
    has(saw(&a, 1), "nc=00000001");
    assert_int_equal(ask(q), 200);
    has(saw(&a, 2), "nc=00000002");
    assert_int_equal(a.seen, 3);
    assert_null(strstr(a.head[1].data, "pw"));
}

static void a_stale_nonce_is_replaced(void **state)
{
    struct http_request q = {.flags = HTTP_DIGEST};

    (void)state;
    for (int i = 1; i <= 2; i++)
        peer_on(&a, "/in",
                "HTTP/1.1 401 Who\r\nWWW-Authenticate: Digest realm=\"r\", "
                "nonce=\"n%d\", qop=\"auth\", stale=%s\r\n"
                "Content-Length: 0\r\n\r\n",
                i, i == 2 ? "TRUE" : "false");
    peer_says(&a, "/in", "200 OK", "", "in");
    q.url = at(&a, "joe:pw@", "/in");
    assert_int_equal(ask(q), 200);
    has(saw(&a, 2), "nonce=\"n2\"");
    has(saw(&a, 2), "nc=00000001");
}

static void nonces_that_are_always_stale_end(void **state)
{
    struct http_request q = {.flags = HTTP_DIGEST};

    (void)state;
    peer_on(&a, "/in",
            "HTTP/1.1 401 Who\r\nWWW-Authenticate: Digest realm=\"r\", "
            "nonce=\"n\", qop=\"auth\", stale=true\r\n"
            "Content-Length: 0\r\n\r\n");
    q.url = at(&a, "joe:pw@", "/in");
    assert_int_equal(ask(q), 401);
    assert_in_range(a.seen, 2, 4);
}

static void the_strongest_scheme_is_taken(void **state)
{
    struct http_request q = {.flags = HTTP_ANY_LOGIN};

    (void)state;
    peer_on(&a, "/in",
            "HTTP/1.1 401 Who\r\n" BASIC DIGEST "Content-Length: 0\r\n\r\n", 1);
    peer_says(&a, "/in", "200 OK", "", "in");
    q.url = at(&a, "joe:pw@", "/in");
    assert_int_equal(ask(q), 200);
    assert_string_equal(saw(&a, 0), "");
    has(saw(&a, 1), "Digest ");
}

static void digest_only_is_never_answered_by_basic(void **state)
{
    struct http_request q = {.flags = HTTP_DIGEST};

    (void)state;
    guard(&a, BASIC);
    q.url = at(&a, "joe:pw@", "/in");
    assert_int_equal(ask(q), 401);
    assert_int_equal(a.seen, 1);
}

/* As curl does: the body waits until the server has asked. */
static void a_body_is_kept_back_until_digest_is_asked_for(void **state)
{
    struct http_request q = {.body = SC_SPAN("a=1"), .flags = HTTP_DIGEST};

    (void)state;
    peer_on(&a, "/in",
            "HTTP/1.1 401 Who\r\n" DIGEST "Content-Length: 0\r\n\r\n", 1);
    peer_says(&a, "/in", "200 OK", "", "in");
    q.url = at(&a, "joe:pw@", "/in");
    assert_int_equal(ask(q), 200);
    assert_string_equal(peer_saw(&a, 0, "Content-Length"), "0");
    assert_string_equal(peer_saw(&a, 1, "Content-Length"), "3");
    assert_string_equal(a.body[1].data, "a=1");
}

static void it_is_sent_though_nobody_asked(void **state)
{
    struct http_request q = {.body = SC_SPAN("a=1"), .flags = HTTP_DIGEST};

    (void)state;
    peer_says(&a, "/in", "200 OK", "", "in");
    q.url = at(&a, "joe:pw@", "/in");
    assert_int_equal(ask(q), 200);
    assert_int_equal(a.seen, 2);
    assert_string_equal(a.body[1].data, "a=1");
}

static void a_body_is_sent_again_with_the_answer(void **state)
{
    struct http_request q = {.body = SC_SPAN("a=1"), .session = session};

    (void)state;
    guard(&a, BASIC);
    http_session_login(session, at(&a, "", "/"), "Aladdin", "open sesame");
    q.session = session;
    q.url = at(&a, "", "/in");
    assert_int_equal(ask(q), 200);
    assert_string_equal(a.body[0].data, "a=1");
    assert_string_equal(a.body[1].data, "a=1");
}

/* --- Bearer, and the caller's own --- */

static void a_bearer_token_is_sent_to_its_origin(void **state)
{
    struct http_request q = {.bearer = "tok-1"};
    char to[160];

    (void)state;
    snprintf(to, sizeof to, "Location: http://127.0.0.1:%d/in\r\n", b.port);
    peer_says(&a, "/", "302 Go", to, "");
    peer_says(&b, "/in", "200 OK", "", "in");
    q.url = at(&a, "", "/");
    assert_int_equal(ask(q), 200);
    assert_string_equal(saw(&a, 0), "Bearer tok-1");
    assert_string_equal(saw(&b, 0), "");
}

static void the_callers_own_field_goes_before_all(void **state)
{
    struct sc_fields head = {0};
    struct http_request q = {.head = &head};

    (void)state;
    sc_fields_add(&head, sc_span_of("Authorization"), sc_span_of("Own x"));
    peer_says(&a, "/in", "401 Who", BASIC, "who?");
    q.url = at(&a, "joe:pw@", "/in");
    assert_int_equal(ask(q), 401);
    assert_string_equal(saw(&a, 0), "Own x");
    assert_int_equal(a.seen, 1);
    sc_fields_free(&head);
}

/* --- redirects --- */

static void redirect(struct peer *from, const char *path, const char *userinfo,
                     struct peer *to, const char *target)
{
    char text[160];

    snprintf(text, sizeof text, "Location: http://%s127.0.0.1:%d%s\r\n",
             userinfo, to->port, target);
    peer_says(from, path, "302 Go", text, "");
}

static void logins_stay_with_the_first_origin(void **state)
{
    (void)state;
    redirect(&a, "/1", "", &a, "/2");
    redirect(&a, "/2", "", &b, "/3");
    redirect(&b, "/3", "", &a, "/4");
    peer_says(&a, "/4", "200 OK", "", "in");
    ask((struct http_request){.url = at(&a, "Aladdin:open%20sesame@", "/1")});
    assert_string_equal(saw(&a, 0), ALADDIN);
    assert_string_equal(saw(&a, 1), ALADDIN);
    assert_string_equal(saw(&b, 0), "");
    assert_string_equal(saw(&a, 2), ALADDIN);
    opt.user = "Aladdin";
    opt.password = "open sesame";
    ask((struct http_request){.url = at(&a, "", "/1")});
    assert_string_equal(saw(&a, 3), ALADDIN);
    assert_string_equal(saw(&b, 1), "");
}

static void a_challenge_elsewhere_gets_no_login(void **state)
{
    (void)state;
    redirect(&a, "/1", "", &b, "/in");
    guard(&b, BASIC);
    assert_int_equal(ask((struct http_request){.url = at(&a, "joe:pw@", "/1")}),
                     401);
    assert_int_equal(b.seen, 1);
}

static void sessions_log_in_where_redirects_lead(void **state)
{
    (void)state;
    redirect(&a, "/1", "", &b, "/in");
    guard(&b, BASIC);
    http_session_login(session, at(&b, "", "/"), "Aladdin", "open sesame");
    assert_int_equal(
        ask((struct http_request){.url = at(&a, "", "/1"), .session = session}),
        200);
    assert_string_equal(saw(&a, 0), "");
    assert_string_equal(saw(&b, 1), ALADDIN);
}

/* --- netrc --- */

static void use_netrc(const char *text, bool optional)
{
    char path[] = "/tmp/sc_netrc_XXXXXX";
    int fd = mkstemp(path);

    assert_true(fd >= 0);
    assert_int_equal(write(fd, text, strlen(text)), strlen(text));
    close(fd);
    assert_int_equal(http_session_netrc(session, path, optional, &reply.error),
                     0);
    unlink(path);
}

static void netrc_names_who_logs_in(void **state)
{
    struct http_request q = {.flags = HTTP_BASIC};

    (void)state;
    use_netrc("machine 127.0.0.1 login Aladdin password \"open sesame\"\n",
              false);
    peer_says(&a, "/in", "200 OK", "", "in");
    q.session = session;
    q.url = at(&a, "joe:pw@", "/in"); /* which does not count */
    ask(q);
    assert_string_equal(saw(&a, 0), ALADDIN);
}

static void optional_netrc_completes_the_url(void **state)
{
    struct http_request q = {.flags = HTTP_BASIC};

    (void)state;
    use_netrc("machine 127.0.0.1 login joe password x\n"
              "machine 127.0.0.1 login Aladdin password \"open sesame\"\n",
              true);
    peer_says(&a, "/in", "200 OK", "", "in");
    q.session = session;
    q.url = at(&a, "Aladdin@", "/in");
    ask(q);
    assert_string_equal(saw(&a, 0), ALADDIN);
    q.url = at(&a, "Aladdin:open%20sesame@", "/in");
    ask(q);
    assert_string_equal(saw(&a, 1), ALADDIN);
}

static void its_default_is_not_for_where_others_lead(void **state)
{
    struct http_request q = {.flags = HTTP_BASIC};
    char to[160];

    (void)state;
    use_netrc("default login joe password pw\n", false);
    snprintf(to, sizeof to, "Location: http://localhost:%d/in\r\n", a.port);
    peer_says(&a, "/1", "302 Go", to, "");
    peer_says(&a, "/in", "200 OK", "", "in");
    q.session = session;
    q.url = at(&a, "", "/1");
    ask(q);
    assert_string_not_equal(saw(&a, 0), "");
    assert_string_equal(saw(&a, 1), "");
}

static void a_netrc_that_is_none_is_told(void **state)
{
    struct sc_error e = {0};
    char path[] = "/tmp/sc_netrc_XXXXXX";
    int fd = mkstemp(path);

    (void)state;
    assert_int_equal(write(fd, "machine x\nlogin \"open\n", 22), 22);
    close(fd);
    assert_int_equal(http_session_netrc(session, path, false, &e), SC_EPROTO);
    has(e.text, "line 2");
    unlink(path);
    assert_int_equal(http_session_netrc(session, path, false, &e), -ENOENT);
    has(e.text, path);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, start, stop)
static const struct CMUnitTest tests[] = {
    TEST(a_login_in_the_url_is_sent_at_once),
    TEST(a_login_of_the_options_is_sent_at_once),
    TEST(the_url_goes_before_the_options),
    TEST(a_login_of_the_session_is_sent_when_asked_for),
    TEST(basic_is_sent_unasked_where_that_is_said),
    TEST(basic_of_a_url_is_no_question_of_the_server),
    TEST(digest_after_basic_of_a_url_serves_on),
    TEST(a_login_of_the_session_is_for_its_origin),
    TEST(logins_have_no_limit),
    TEST(a_wrong_login_is_the_answer),
    TEST(a_name_with_a_colon_is_refused),
    TEST(digest_is_answered_and_its_nonce_serves_on),
    TEST(a_stale_nonce_is_replaced),
    TEST(nonces_that_are_always_stale_end),
    TEST(the_strongest_scheme_is_taken),
    TEST(digest_only_is_never_answered_by_basic),
    TEST(a_body_is_kept_back_until_digest_is_asked_for),
    TEST(it_is_sent_though_nobody_asked),
    TEST(a_body_is_sent_again_with_the_answer),
    TEST(a_bearer_token_is_sent_to_its_origin),
    TEST(the_callers_own_field_goes_before_all),
    TEST(logins_stay_with_the_first_origin),
    TEST(a_challenge_elsewhere_gets_no_login),
    TEST(sessions_log_in_where_redirects_lead),
    TEST(netrc_names_who_logs_in),
    TEST(optional_netrc_completes_the_url),
    TEST(its_default_is_not_for_where_others_lead),
    TEST(a_netrc_that_is_none_is_told),
};

TEST_MAIN(tests)
