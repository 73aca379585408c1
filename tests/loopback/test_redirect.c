/* test_redirect.c - redirects between two servers and one of TLS: methods,
 * bodies, what may go to another origin, where they may lead, and their limit
 * (RFC 9110 section 15.4). */
#include "main.h"

#include "certs.h"
#include "http_peer.h"
#include "run/clock.h"

static struct certs certs;
static struct sc_tls_options peer_tls = {.server = 1};
static struct peer a, b, s; /* S: https */
static struct http_reply reply;
static struct sc_options opt;
static struct sc_fields head;
static char url[128];

static int make(void **state)
{
    (void)state;
    return certs_make(&certs);
}

static int unmake(void **state)
{
    (void)state;
    certs_remove(&certs);
    return 0;
}

static int start(void **state)
{
    (void)state;
    peer_tls.cert = certs.good;
    opt = (struct sc_options){.tls.ca_file = certs.ca};
    peer_start(&a, NULL);
    peer_start(&b, NULL);
    peer_start(&s, &peer_tls);
    return 0;
}

static int stop(void **state)
{
    (void)state;
    http_reply_free(&reply);
    sc_fields_free(&head);
    peer_stop(&a);
    peer_stop(&b);
    peer_stop(&s);
    sc_run();
    return 0;
}

static void redirect(struct peer *p, const char *path, int status,
                     const char *to)
{
    peer_on(p, path,
            "HTTP/1.1 %d Go\r\nLocation: %s\r\n"
            "Content-Length: 3\r\n\r\ngo\n",
            status, to);
}

static void redirect_to(struct peer *p, const char *path, int status,
                        const struct peer *other, const char *to)
{
    char text[200];

    snprintf(text, sizeof text, "%s%s", other->base, to);
    redirect(p, path, status, text);
}

static void field(const char *name, const char *value)
{
    assert_int_equal(sc_fields_add(&head, sc_span_of(name), sc_span_of(value)),
                     0);
}

static int ask(struct http_request q, const struct peer *p, const char *path)
{
    if (q.url == NULL) {
        snprintf(url, sizeof url, "%s%s", p->base, path);
        q.url = url;
    }
    q.options = &opt;
    if (head.n > 0)
        q.head = &head;
    return http_request(&q, &reply);
}

static void expect(struct http_request q, const struct peer *p,
                   const char *path, const char *body)
{
    if (ask(q, p, path) < 0)
        fail_msg("%s: %s", path, reply.error.text);
    assert_string_equal(reply.body.data, body);
}

static bool first_line_is(const struct peer *p, int i, const char *text)
{
    size_t n = strlen(text);

    return i < p->seen && strncmp(p->head[i].data, text, n) == 0 &&
           p->head[i].data[n] == '\n';
}

static void a_trace(void *arg, int direction, const char *text, size_t n)
{
    (void)direction;
    sc_buf_add(arg, text, n);
    sc_buf_add(arg, "\n", 1);
}

/* --- methods and bodies (statement 41) --- */

/* Send METHOD with a body to a redirect of STATUS; what follows is RESULT. */
static void follow(int status, const char *method, unsigned flags,
                   const char *result, bool with_body)
{
    struct http_request q = {.method = method,
                             .body = SC_SPAN("a=1"),
                             .flags = flags,
                             .type = "x/y"};
    char line[64];
    int i;

    a.n_rules = 0;
    redirect(&a, "/from", status, "/to");
    peer_says(&a, "/to", "200 OK", "", "there");
    i = a.seen;
    field("Content-Language", "en");
    if (ask(q, &a, "/from") < 0)
        fail_msg("%s", reply.error.text);
    sc_fields_free(&head);
    snprintf(line, sizeof line, "%s /to HTTP/1.1", result);
    if (!first_line_is(&a, i + 1, line))
        fail_msg("%d %s: %s", status, method, a.head[i + 1].data);
    assert_int_equal(a.body[i + 1].len, with_body ? 3 : 0);
    assert_true((peer_saw(&a, i + 1, "Content-Type") != NULL) == with_body);
    assert_true((peer_saw(&a, i + 1, "Content-Language") != NULL) == with_body);
    assert_true((peer_saw(&a, i + 1, "Content-Length") != NULL) == with_body);
    for (int n = 0; n < a.n_rules; n++)
        sc_buf_free(&a.rules[n].answer);
    memset(a.rules, 0, sizeof a.rules);
    a.n_rules = 0;
}

static void see_other_turns_every_method_into_get(void **state)
{
    (void)state;
    follow(303, "POST", 0, "GET", false);
    follow(303, "PUT", 0, "GET", false);
    follow(303, "DELETE", 0, "GET", false);
    follow(303, "POST", HTTP_KEEP_POST_303, "POST", true);
}

static void see_other_leaves_head_as_it_is(void **state)
{
    (void)state;
    redirect(&a, "/from", 303, "/to");
    a.rules[0].answer.len -= 3; /* the answer to HEAD has no body */
    peer_on(&a, "/to", "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n");
    assert_int_equal(ask((struct http_request){.method = "HEAD"}, &a, "/from"),
                     0);
    assert_true(first_line_is(&a, 1, "HEAD /to HTTP/1.1"));
}

static void moved_and_found_change_post_only(void **state)
{
    (void)state;
    follow(301, "POST", 0, "GET", false);
    follow(302, "POST", 0, "GET", false);
    follow(301, "PUT", 0, "PUT", true);
    follow(302, "PATCH", 0, "PATCH", true);
    follow(301, "POST", HTTP_KEEP_POST_301, "POST", true);
    follow(302, "POST", HTTP_KEEP_POST_302, "POST", true);
}

static void temporary_and_permanent_resend_method_and_body(void **state)
{
    (void)state;
    follow(307, "POST", 0, "POST", true);
    follow(308, "POST", 0, "POST", true);
    follow(307, "PUT", 0, "PUT", true);
}

/* --- a body that is read --- */

struct text {
    const char *p;
    size_t at;
    int rewound;
};

static ssize_t read_text(void *arg, void *buf, size_t n)
{
    struct text *t = arg;
    size_t left = strlen(t->p) - t->at;

    if (n > left)
        n = left;
    memcpy(buf, t->p + t->at, n);
    t->at += n;
    return (ssize_t)n;
}

static int rewind_text(void *arg)
{
    struct text *t = arg;

    t->at = 0;
    t->rewound++;
    return 0;
}

static void a_source_is_rewound_to_be_resent(void **state)
{
    struct text t = {"streamed", 0, 0};
    struct http_source source = {.length = HTTP_UNKNOWN,
                                 .read = read_text,
                                 .rewind = rewind_text,
                                 .arg = &t};

    (void)state;
    redirect(&a, "/from", 307, "/to");
    peer_says(&a, "/to", "200 OK", "", "there");
    expect((struct http_request){.source = &source}, &a, "/from", "there");
    assert_int_equal(t.rewound, 1);
    assert_string_equal(a.body[0].data, "streamed");
    assert_string_equal(a.body[1].data, "streamed");
}

static void a_source_without_rewind_fails_and_is_not_sent_empty(void **state)
{
    struct text t = {"streamed", 0, 0};
    struct http_source source = {.length = 8, .read = read_text, .arg = &t};

    (void)state;
    redirect(&a, "/from", 308, "/to");
    assert_int_equal(ask((struct http_request){.source = &source}, &a, "/from"),
                     SC_ENOTSUP);
    assert_int_equal(a.seen, 1);
    assert_non_null(strstr(reply.error.text, "cannot be sent again"));
}

/* --- other origins (statement 42) --- */

static void put_secrets(struct http_request *q)
{
    field("Authorization", "Bearer tok");
    field("Cookie", "sid=1");
    field("Proxy-Authorization", "Basic xyz");
    field("X-Api-Key", "key");
    field("X-Open", "all may know");
    q->secrets = "X-Token, x-api-key";
    q->cookies = "c=2";
}

static const char *const secret_names[] = {"Authorization", "Cookie",
                                           "Proxy-Authorization", "X-Api-Key"};

static void check_secrets(const struct peer *p, int i, bool wanted)
{
    for (int n = 0; n < 4; n++)
        if ((peer_saw(p, i, secret_names[n]) != NULL) != wanted)
            fail_msg("%s: %s", secret_names[n], p->head[i].data);
    assert_string_equal(peer_saw(p, i, "X-Open"), "all may know");
}

static void secrets_stay_with_the_origin(void **state)
{
    struct http_request q = {.url = NULL};

    (void)state;
    put_secrets(&q);
    redirect(&a, "/1", 302, "/2");
    redirect_to(&a, "/2", 302, &b, "/3"); /* the port alone differs */
    redirect(&b, "/3", 302, "/4");
    peer_says(&b, "/4", "200 OK", "", "there");
    expect(q, &a, "/1", "there");
    check_secrets(&a, 0, true);
    check_secrets(&a, 1, true);
    check_secrets(&b, 0, false);
    check_secrets(&b, 1, false);
}

static void another_name_or_scheme_is_another_origin(void **state)
{
    struct http_request q = {.url = NULL};
    char to[64];

    (void)state;
    put_secrets(&q);
    snprintf(to, sizeof to, "http://localhost:%d/2", a.port);
    redirect(&a, "/1", 302, to);
    redirect_to(&a, "/2", 302, &s, "/3");
    peer_says(&s, "/3", "200 OK", "", "there");
    expect(q, &a, "/1", "there");
    check_secrets(&a, 0, true);
    check_secrets(&a, 1, false);
    check_secrets(&s, 0, false);
}

/* The server of TLS cannot read what comes in the clear: the trace can. */
static void the_scheme_alone_makes_another_origin(void **state)
{
    struct http_request q = {.flags = HTTP_DOWNGRADE};
    struct sc_buf trace = {0};
    const char *second;
    char to[64];

    (void)state;
    put_secrets(&q);
    opt.trace = a_trace;
    opt.trace_arg = &trace;
    snprintf(to, sizeof to, "http://127.0.0.1:%d/2", s.port);
    redirect(&s, "/1", 302, to);
    assert_true(ask(q, &s, "/1") < 0);
    second = strstr(trace.data, "GET /2 HTTP/1.1");
    assert_non_null(second);
    assert_ptr_not_equal(strstr(trace.data, "***"), NULL);
    assert_null(strstr(second, "***"));
    assert_non_null(strstr(second, "X-Open"));
    sc_buf_free(&trace);
}

static void back_at_the_first_origin_they_go_again(void **state)
{
    struct http_request q = {.url = NULL};

    (void)state;
    put_secrets(&q);
    redirect_to(&a, "/1", 302, &b, "/2");
    redirect_to(&b, "/2", 302, &a, "/3");
    peer_says(&a, "/3", "200 OK", "", "there");
    expect(q, &a, "/1", "there");
    check_secrets(&b, 0, false);
    check_secrets(&a, 1, true);
}

static void trusted_redirects_keep_them(void **state)
{
    struct http_request q = {.flags = HTTP_TRUSTED};

    (void)state;
    put_secrets(&q);
    redirect_to(&a, "/1", 302, &b, "/2");
    peer_says(&b, "/2", "200 OK", "", "there");
    expect(q, &a, "/1", "there");
    check_secrets(&b, 0, true);
}

/* --- where to (statements 43, 44, 47) --- */

static void references_are_resolved(void **state)
{
    static const char *const cases[][2] = {{"x", "/d/e/x"},
                                           {"?q=1", "/d/e/f?q=1"},
                                           {"../g", "/d/g"},
                                           {"/abs", "/abs"},
                                           {"./", "/d/e/"},
                                           {"../../../up", "/up"},
                                           {"a b?c d", "/d/e/a%20b?c%20d"}};
    char line[80];

    (void)state;
    for (int i = 0; i < 7; i++) {
        a.n_rules = 0;
        redirect(&a, "/d/e/f", 302, cases[i][0]);
        ask((struct http_request){.max_redirects = 1}, &a, "/d/e/f");
        snprintf(line, sizeof line, "GET %s HTTP/1.1", cases[i][1]);
        if (!first_line_is(&a, 2 * i + 1, line))
            fail_msg("%s: %s", cases[i][0], a.head[2 * i + 1].data);
        sc_buf_free(&a.rules[0].answer);
        a.rules[0].used = false;
    }
    a.n_rules = 0;
}

static void a_place_without_scheme_keeps_it(void **state)
{
    char to[64];

    (void)state;
    snprintf(to, sizeof to, "//127.0.0.1:%d/x", b.port);
    redirect(&a, "/1", 301, to);
    peer_says(&b, "/x", "200 OK", "", "there");
    expect((struct http_request){0}, &a, "/1", "there");
}

static void the_fragment_is_inherited_and_never_sent(void **state)
{
    char final[128];

    (void)state;
    redirect(&a, "/1", 302, "/2");
    redirect(&a, "/2", 302, "/3#other");
    redirect(&a, "/3", 302, "/4");
    peer_says(&a, "/4", "200 OK", "", "there");
    expect((struct http_request){0}, &a, "/1#part", "there");
    assert_true(first_line_is(&a, 0, "GET /1 HTTP/1.1"));
    assert_true(first_line_is(&a, 1, "GET /2 HTTP/1.1"));
    snprintf(final, sizeof final, "%s/2#part", a.base);
    assert_string_equal(reply.hops[1].url, final);
    snprintf(final, sizeof final, "%s/4#other", a.base);
    assert_string_equal(http_final_url(&reply), final);
}

static void other_schemes_are_refused(void **state)
{
    static const char *const places[] = {"file:///etc/passwd", "ftp://h/x",
                                         "gopher://h/", "data:,x"};

    (void)state;
    for (int i = 0; i < 4; i++) {
        a.n_rules = 0;
        redirect(&a, "/1", 302, places[i]);
        assert_int_equal(ask((struct http_request){0}, &a, "/1"), SC_EACCES);
        assert_int_equal(reply.error.status, 302);
        assert_non_null(strstr(reply.error.text, "not allowed"));
        assert_non_null(strstr(reply.error.text, url));
        sc_buf_free(&a.rules[0].answer);
    }
    a.n_rules = 0;
}

static void the_caller_may_allow_fewer_schemes(void **state)
{
    (void)state;
    redirect(&a, "/1", 302, "/2");
    assert_int_equal(ask((struct http_request){.schemes = "https"}, &a, "/1"),
                     SC_EACCES);
    assert_int_equal(a.seen, 1);
}

static void https_to_http_wants_a_flag(void **state)
{
    (void)state;
    redirect_to(&s, "/1", 302, &a, "/2");
    peer_says(&a, "/2", "200 OK", "", "there");
    assert_int_equal(ask((struct http_request){0}, &s, "/1"), SC_EACCES);
    assert_non_null(strstr(reply.error.text, "not encrypted"));
    assert_int_equal(a.seen, 0);
    expect((struct http_request){.flags = HTTP_DOWNGRADE}, &s, "/1", "there");
}

static void a_bad_place_is_told(void **state)
{
    static const char *const places[] = {"http://", "http://h:99999/",
                                         "http://h\\x/", "http://[::1/"};

    (void)state;
    for (int i = 0; i < 4; i++) {
        a.n_rules = 0;
        redirect(&a, "/1", 302, places[i]);
        assert_int_equal(ask((struct http_request){0}, &a, "/1"), SC_EURL);
        assert_int_equal(reply.error.status, 302);
        sc_buf_free(&a.rules[0].answer);
    }
    a.n_rules = 0;
}

/* --- addresses (the options' guard, at each hop) --- */

static int allow_first(void *arg, const struct sc_peer *peer)
{
    (void)arg;
    return peer->port == a.port ? 0 : SC_EACCES;
}

static void addresses_are_asked_for_at_each_hop(void **state)
{
    (void)state;
    redirect_to(&a, "/1", 302, &b, "/2");
    peer_says(&b, "/2", "200 OK", "", "there");
    opt.allow = allow_first;
    assert_int_equal(ask((struct http_request){0}, &a, "/1"), SC_EACCES);
    assert_int_equal(b.connections, 0);
    opt.allow = NULL;
    expect((struct http_request){0}, &a, "/1", "there");
    opt.allow = allow_first; /* B's connection is in the pool by now */
    assert_int_equal(ask((struct http_request){0}, &a, "/1"), SC_EACCES);
    assert_int_equal(b.seen, 1);
}

static void private_addresses_are_refused_on_demand(void **state)
{
    (void)state;
    peer_says(&a, "/1", "200 OK", "", "there");
    expect((struct http_request){0}, &a, "/1", "there");
    opt.flags = SC_OPT_PUBLIC_ONLY;
    assert_int_equal(ask((struct http_request){0}, &a, "/1"), SC_EACCES);
    assert_int_equal(a.seen, 1);
}

/* --- the limit --- */

static void twenty_redirects_are_followed_and_no_more(void **state)
{
    (void)state;
    redirect(&a, "/loop", 302, "/loop");
    assert_int_equal(ask((struct http_request){0}, &a, "/loop"), SC_ETOOBIG);
    assert_int_equal(a.seen, 21);
    assert_int_equal(reply.nhops, 21);
    assert_int_equal(reply.error.status, 302);
    assert_non_null(strstr(reply.error.text, "more than 20 redirects: http:"));
    assert_non_null(strstr(reply.error.text, "/loop -> http://"));
}

static void the_limit_is_the_callers(void **state)
{
    (void)state;
    redirect(&a, "/1", 302, "/2");
    redirect(&a, "/2", 302, "/3");
    peer_says(&a, "/3", "200 OK", "", "there");
    assert_int_equal(ask((struct http_request){.max_redirects = 1}, &a, "/1"),
                     SC_ETOOBIG);
    expect((struct http_request){.max_redirects = 2}, &a, "/1", "there");
}

static void without_following_a_redirect_is_the_answer(void **state)
{
    (void)state;
    redirect(&a, "/1", 302, "/2");
    expect((struct http_request){.flags = HTTP_NO_FOLLOW}, &a, "/1", "go\n");
    assert_int_equal(reply.status, 302);
    assert_int_equal(a.seen, 1);
}

static void without_a_place_a_redirect_is_the_answer(void **state)
{
    (void)state;
    peer_says(&a, "/1", "302 Found", "", "lost");
    peer_says(&a, "/2", "304 Same", "Location: /1\r\n", "");
    expect((struct http_request){0}, &a, "/1", "lost");
    expect((struct http_request){0}, &a, "/2", "");
}

/* --- names in texts (statement 45) --- */

static void passwords_of_urls_are_shown_nowhere(void **state)
{
    struct http_request q = {.flags = HTTP_AUTO_REFERER};
    struct sc_buf trace = {0};
    char from[128];

    (void)state;
    snprintf(from, sizeof from, "http://joe:hushhush@127.0.0.1:%d/1", a.port);
    q.url = from;
    opt.trace = a_trace;
    opt.trace_arg = &trace;
    redirect_to(&a, "/1", 302, &b, "/2");
    peer_on(&b, "/2", "!");
    assert_int_equal(ask(q, NULL, NULL), SC_EOF);
    for (int i = 0; i < reply.nhops; i++)
        assert_null(strstr(reply.hops[i].url, "hushhush"));
    assert_null(strstr(reply.error.text, "hushhush"));
    assert_null(strstr(trace.data, "hushhush"));
    assert_null(strstr(b.head[0].data, "hushhush"));
    assert_null(strstr(peer_saw(&a, 0, "Host"), "joe"));
    snprintf(from, sizeof from, "%s/1", a.base);
    assert_string_equal(peer_saw(&b, 0, "Referer"), from);
    sc_buf_free(&trace);
}

static void pages_of_https_are_not_named_to_http(void **state)
{
    (void)state;
    redirect_to(&s, "/1", 302, &a, "/2");
    peer_says(&a, "/2", "200 OK", "", "there");
    expect((struct http_request){.flags = HTTP_DOWNGRADE | HTTP_AUTO_REFERER},
           &s, "/1", "there");
    assert_null(peer_saw(&a, 0, "Referer"));
}

static void an_error_names_the_hop(void **state)
{
    char who[64];

    (void)state;
    redirect_to(&a, "/1", 302, &b, "/2");
    peer_on(&b, "/2", "!nonsense\r\n");
    assert_int_equal(ask((struct http_request){0}, &a, "/1"), SC_EPROTO);
    snprintf(who, sizeof who, "redirect 1: http 127.0.0.1:%d: ", b.port);
    assert_memory_equal(reply.error.text, who, strlen(who));
    assert_int_equal(reply.hops[1].rc, SC_EPROTO);
}

/* --- what is told of each hop (rows 151 and 154) --- */

static void every_hop_is_told(void **state)
{
    const struct http_hop *h;

    (void)state;
    redirect_to(&a, "/1", 302, &s, "/2");
    redirect(&s, "/2", 302, "/3");
    peer_says(&s, "/3", "200 OK", "", "there");
    expect((struct http_request){0}, &a, "/1", "there");
    assert_int_equal(reply.nhops, 3);
    h = reply.hops;
    assert_int_equal(h[0].status, 302);
    assert_string_equal(h[0].method, "GET");
    assert_int_equal(h[0].peer.port, a.port);
    assert_string_equal(h[0].local.address, "127.0.0.1");
    assert_null(h[0].tls);
    assert_int_equal(h[1].connects, 1);
    assert_int_equal(h[1].reused, 0);
    assert_non_null(h[1].tls);
    assert_memory_equal(h[1].tls->version, "TLSv1.", 6);
    assert_int_equal(h[2].connects, 0);
    assert_int_equal(h[2].reused, 1);
    assert_int_equal(h[2].peer.port, s.port);
    assert_int_equal(h[2].status, 200);
    assert_int_equal(reply.reused, 1);
}

static int wait_for_the_end(void *arg, const struct http_reply *r)
{
    struct peer *p = arg;
    int rc = 0;

    (void)r;
    while (p->closed == 0 && rc == 0)
        rc = sc_sleep(1);
    return rc;
}

static void a_connection_opened_anew_is_told_as_such(void **state)
{
    struct http_request q = {
        .method = "PUT", .on_head = wait_for_the_end, .on_head_arg = &a};
    const struct http_hop *h;

    (void)state;
    peer_on(&a, "/1",
            "!HTTP/1.1 307 Go\r\nLocation: /2\r\n"
            "Content-Length: 0\r\n\r\n");
    peer_says(&a, "/2", "200 OK", "", "there");
    expect(q, &a, "/1", "there");
    h = reply.hops;
    assert_int_equal(reply.nhops, 2);
    assert_int_equal(h[1].connects, 1);
    assert_int_not_equal(h[0].local.port, h[1].local.port);
    assert_int_equal(a.connections, 2);
}

static void times_of_hops_follow_each_other(void **state)
{
    int64_t before = 0;

    (void)state;
    redirect_to(&a, "/1", 302, &s, "/2");
    peer_says(&s, "/2", "200 OK", "", "there");
    expect((struct http_request){0}, &a, "/1", "there");
    for (int i = 0; i < 2; i++) {
        const struct http_times *t = &reply.hops[i].times;

        assert_true(before <= t->begun && t->begun <= t->resolved);
        assert_true(t->resolved <= t->connected);
        assert_true(i == 0 ? t->secured == 0 : t->secured >= t->connected);
        assert_true(t->connected <= t->sent && t->sent <= t->first);
        assert_true(t->first <= t->ended && t->ended > 0);
        before = t->ended;
    }
}

static void bytes_of_hops_are_those_on_the_wire(void **state)
{
    struct http_request q = {.body = SC_SPAN("a=1")};

    (void)state;
    redirect(&a, "/1", 307, "/2");
    peer_says(&a, "/2", "200 OK", "", "there");
    expect(q, &a, "/1", "there");
    for (int i = 0; i < 2; i++) {
        const char *p = a.head[i].data;
        size_t lines = 1;

        for (; *p != '\0'; p++)
            lines += *p == '\n';
        assert_int_equal(reply.hops[i].head_sent, a.head[i].len + lines + 1);
        assert_int_equal(reply.hops[i].body_sent, 3);
        assert_int_equal(reply.hops[i].head_got + reply.hops[i].body_got,
                         a.rules[i].answer.len);
        assert_int_equal(reply.hops[i].body_got, i == 0 ? 3 : 5);
    }
}

/* --- bodies that nobody wants, time over all --- */

static void a_long_body_of_a_redirect_costs_the_connection(void **state)
{
    (void)state;
    peer_on(&a, "/1",
            "HTTP/1.1 302 Go\r\nLocation: /2\r\n"
            "Content-Length: 1000000\r\n\r\nsome");
    peer_says(&a, "/2", "200 OK", "", "there");
    expect((struct http_request){0}, &a, "/1", "there");
    assert_int_equal(a.connections, 2);
}

static void a_short_body_of_a_redirect_is_read(void **state)
{
    (void)state;
    redirect(&a, "/1", 302, "/2");
    peer_says(&a, "/2", "200 OK", "", "there");
    expect((struct http_request){0}, &a, "/1", "there");
    assert_int_equal(a.connections, 1);
}

static void the_total_time_is_over_all_hops(void **state)
{
    int64_t begin = sc_now();

    (void)state;
    redirect(&a, "/1", 302, "/2");
    peer_on(&a, "/2", "HTTP/1.1 200 OK\r\n"); /* and nothing more */
    opt.total_ms = 200;
    assert_int_equal(ask((struct http_request){0}, &a, "/1"), SC_ETIMEDOUT);
    assert_in_range(sc_now() - begin, 150, 3000);
}

static int count_heads(void *arg, const struct http_reply *r)
{
    int *n = arg;

    n[*n + 1] = r->status;
    return ++*n == 3 ? SC_EINVAL : 0;
}

static void heads_are_shown_and_may_stop_the_call(void **state)
{
    int seen[8] = {0};
    struct http_request q = {.on_head = count_heads, .on_head_arg = seen};

    (void)state;
    redirect(&a, "/1", 302, "/2");
    peer_on(&a, "/2",
            "HTTP/1.1 103 Hints\r\nLink: x\r\n\r\n"
            "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nthere");
    assert_int_equal(ask(q, &a, "/1"), SC_EINVAL);
    assert_int_equal(seen[1], 302);
    assert_int_equal(seen[2], 103);
    assert_int_equal(seen[3], 200);
}

/* 400 bytes a second are too many for a time-out. */
static void a_slow_body_of_a_redirect_costs_the_connection(void **state)
{
    struct http_request q = {.url = url, .options = &opt};
    int64_t begun = sc_now();

    (void)state;
    snprintf(url, sizeof url, "%s/1", a.base);
    peer_on(&a, "/1",
            "~HTTP/1.1 302 Go\r\nLocation: /2\r\n"
            "Content-Length: 4000\r\n\r\n%4000s",
            "");
    peer_says(&a, "/2", "200 OK", "", "there");
    assert_int_equal(http_request(&q, &reply), 0);
    assert_string_equal(reply.body.data, "there");
    assert_int_equal(a.connections, 2);
    assert_in_range(sc_now() - begun, 900, 6000);
}

/* As curl has it: the name counts, not the port. */
static void the_callers_host_goes_to_the_first_host_only(void **state)
{
    struct http_request q = {.url = url, .head = &head, .options = &opt};
    char to[200], other[64];

    (void)state;
    opt.flags = SC_OPT_NO_POOL; /* A has two names, one connection at a time */
    snprintf(url, sizeof url, "%s/1", a.base);
    snprintf(other, sizeof other, "localhost:%d", a.port);
    snprintf(to, sizeof to, "http://%s/3", other);
    redirect_to(&a, "/1", 302, &b, "/2");
    redirect(&b, "/2", 302, to);
    peer_says(&a, "/3", "200 OK", "", "there");
    sc_fields_add(&head, sc_span_of("Host"), sc_span_of("own.test"));
    assert_int_equal(http_request(&q, &reply), 0);
    assert_string_equal(peer_saw(&a, 0, "Host"), "own.test");
    assert_string_equal(peer_saw(&b, 0, "Host"), "own.test");
    assert_string_equal(peer_saw(&a, 1, "Host"), other);
    q.flags = HTTP_TRUSTED;
    assert_int_equal(http_request(&q, &reply), 0);
    assert_string_equal(peer_saw(&a, 3, "Host"), "own.test");
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, start, stop)
static const struct CMUnitTest tests[] = {
    TEST(see_other_turns_every_method_into_get),
    TEST(see_other_leaves_head_as_it_is),
    TEST(moved_and_found_change_post_only),
    TEST(temporary_and_permanent_resend_method_and_body),
    TEST(a_source_is_rewound_to_be_resent),
    TEST(a_source_without_rewind_fails_and_is_not_sent_empty),
    TEST(secrets_stay_with_the_origin),
    TEST(another_name_or_scheme_is_another_origin),
    TEST(the_scheme_alone_makes_another_origin),
    TEST(back_at_the_first_origin_they_go_again),
    TEST(trusted_redirects_keep_them),
    TEST(references_are_resolved),
    TEST(a_place_without_scheme_keeps_it),
    TEST(the_fragment_is_inherited_and_never_sent),
    TEST(other_schemes_are_refused),
    TEST(the_caller_may_allow_fewer_schemes),
    TEST(https_to_http_wants_a_flag),
    TEST(a_bad_place_is_told),
    TEST(addresses_are_asked_for_at_each_hop),
    TEST(private_addresses_are_refused_on_demand),
    TEST(twenty_redirects_are_followed_and_no_more),
    TEST(the_limit_is_the_callers),
    TEST(without_following_a_redirect_is_the_answer),
    TEST(without_a_place_a_redirect_is_the_answer),
    TEST(passwords_of_urls_are_shown_nowhere),
    TEST(pages_of_https_are_not_named_to_http),
    TEST(an_error_names_the_hop),
    TEST(every_hop_is_told),
    TEST(a_connection_opened_anew_is_told_as_such),
    TEST(times_of_hops_follow_each_other),
    TEST(bytes_of_hops_are_those_on_the_wire),
    TEST(a_long_body_of_a_redirect_costs_the_connection),
    TEST(a_short_body_of_a_redirect_is_read),
    TEST(a_slow_body_of_a_redirect_costs_the_connection),
    TEST(the_callers_host_goes_to_the_first_host_only),
    TEST(the_total_time_is_over_all_hops),
    TEST(heads_are_shown_and_may_stop_the_call),
};

TEST_MAIN_WITH(tests, make, unmake)
