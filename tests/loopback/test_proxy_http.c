/* test_proxy_http.c - CONNECT through HTTP proxies: the bytes that curl 7.88.1
 * sends (but for the name of the agent), and what comes of each kind of answer
 * (RFC 9110 section 9.3.6). */
#include "main.h"

#include <simpleclient/field.h>

#include "proxy_peer.h"

#define VERSION "0.1.0"
#define AGENT "User-Agent: simpleclient/" VERSION "\r\n"
#define KEEP "Proxy-Connection: Keep-Alive\r\n"
#define ASKED                                                                  \
    "CONNECT a.test:79 HTTP/1.1\r\nHost: a.test:79\r\n" AGENT KEEP "\r\n"
#define OK "HTTP/1.1 200 Connection established\r\n\r\n"

static struct visit visit_a(void)
{
    return (struct visit){.server = "a.test:79", .scheme = "http://"};
}

/* One request as usual, answered by SAY. */
static struct proxy answering(struct stage *two, const char *say, size_t n)
{
    two[0] = (struct stage){BYTES(ASKED), {say, n}};
    two[1] = (struct stage){{NULL, 0}, {NULL, 0}};
    return (struct proxy){.stages = two};
}

static void reached_by(const char *say)
{
    struct stage two[2];

    reaches(visit_a(), answering(two, say, strlen(say)));
}

static void failed_by(const char *say, int code, const char *words)
{
    struct stage two[2];

    fails(visit_a(), answering(two, say, strlen(say)), code, words);
}

/* --- what is asked --- */

static void a_tunnel_is_asked_for_as_curl_asks(void **state)
{
    (void)state;
    assert_string_equal(sc_version(), VERSION);
    reached_by(OK);
}

static void a_login_goes_as_basic(void **state)
{
    /* "amy:p@:w" by base64(1) */
    static const struct stage stages[] = {
        {BYTES("CONNECT a.test:79 HTTP/1.1\r\nHost: a.test:79\r\n"
               "Proxy-Authorization: Basic YW15OnBAOnc=\r\n" AGENT KEEP "\r\n"),
         BYTES(OK)},
        {{NULL, 0}, {NULL, 0}}};
    struct visit v = visit_a();

    (void)state;
    v.scheme = "http://amy:p%40:w@";
    reaches(v, (struct proxy){.stages = stages});
}

static void own_fields_come_last_and_stand_in_for_ours(void **state)
{
    static const struct stage stages[] = {
        {BYTES("CONNECT a.test:79 HTTP/1.1\r\nHost: a.test:79\r\n"
               "X-One: 1\r\nUser-Agent: mine\r\n\r\n"),
         BYTES(OK)},
        {{NULL, 0}, {NULL, 0}}};
    struct sc_fields own = {0};
    struct visit v = visit_a();

    (void)state;
    sc_fields_add(&own, sc_span_of("X-One"), sc_span_of("1"));
    sc_fields_add(&own, sc_span_of("User-Agent"), sc_span_of("mine"));
    sc_fields_add(&own, sc_span_of("Proxy-Connection"), sc_span_of(""));
    v.opt.proxy_head = &own;
    reaches(v, (struct proxy){.stages = stages});
    sc_fields_free(&own);
}

/* As curl's -A. */
static void an_own_agent_that_comes_first_keeps_its_place(void **state)
{
    static const struct stage stages[] = {
        {BYTES("CONNECT a.test:79 HTTP/1.1\r\nHost: a.test:79\r\n"
               "User-Agent: mine\r\n" KEEP "X-One: 1\r\n\r\n"),
         BYTES(OK)},
        {{NULL, 0}, {NULL, 0}}};
    struct sc_fields own = {0};
    struct visit v = visit_a();

    (void)state;
    sc_fields_add(&own, sc_span_of("User-Agent"), sc_span_of("mine"));
    sc_fields_add(&own, sc_span_of("X-One"), sc_span_of("1"));
    v.opt.proxy_head = &own;
    reaches(v, (struct proxy){.stages = stages});
    sc_fields_free(&own);
}

static void an_address_of_ipv6_has_brackets(void **state)
{
    static const struct stage stages[] = {
        {BYTES("CONNECT [::1]:79 HTTP/1.1\r\nHost: [::1]:79\r\n" AGENT KEEP
               "\r\n"),
         BYTES(OK)},
        {{NULL, 0}, {NULL, 0}}};
    struct visit v = visit_a();

    (void)state;
    v.server = "[::1]:79";
    reaches(v, (struct proxy){.stages = stages});
}

/* curl's --connect-to names the server for the proxy too. */
static void another_server_is_asked_for_by_connect_to(void **state)
{
    static const struct stage stages[] = {
        {BYTES("CONNECT b.test:99 HTTP/1.1\r\nHost: b.test:99\r\n" AGENT KEEP
               "\r\n"),
         BYTES(OK)},
        {{NULL, 0}, {NULL, 0}}};
    struct visit v = visit_a();

    (void)state;
    v.opt.connect_to = "a.test::b.test:99";
    reaches(v, (struct proxy){.stages = stages});
    v.opt.connect_to = "*::b.test:99"; /* the proxy stays the proxy */
    reaches(v, (struct proxy){.stages = stages});
}

/* --- good answers --- */

static void nothing_behind_the_answer_is_swallowed(void **state)
{
    struct stage two[2];
    struct proxy x = answering(two, OK "hello\r\n", sizeof OK + 6);

    (void)state;
    x.after = AFTER_HOLD;
    reaches(visit_a(), x);
}

static void interim_answers_are_skipped(void **state)
{
    (void)state;
    reached_by("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Hints\r\nA: b\r\n\r\n"
               "HTTP/1.0 299\r\n\r\n");
}

static void a_success_has_no_body(void **state)
{
    (void)state;
    reached_by("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n"
               "Transfer-Encoding: chunked\r\n\r\n");
}

static void bare_line_feeds_are_taken(void **state)
{
    (void)state;
    reached_by("HTTP/1.1 200 OK\nA: b\n  folded\n\n");
}

/* --- refusals and hostile proxies --- */

static void check_status(const char *say, int status, const char *words)
{
    struct stage two[2];
    struct proxy x = answering(two, say, strlen(say));
    struct visit v = visit_a();

    fails(v, x, SC_EREPLY, words);
    visit_through(&v, &x, false);
    assert_int_equal(v.err.status, status);
    assert_int_equal(v.err.phase, SC_PHASE_GREET);
}

static void a_refusal_is_told_in_the_proxys_words(void **state)
{
    (void)state;
    check_status("HTTP/1.1 407 Proxy Authentication Required\r\n"
                 "Proxy-Authenticate: Basic realm=x\r\n\r\nsorry",
                 407, ": 407 Proxy Authentication Required");
    check_status("HTTP/1.0 502 Bad\r\n\r\n", 502, ": 502 Bad");
    check_status("HTTP/1.1 302 Found\r\nLocation: x\r\n\r\n", 302, ": 302");
    check_status("HTTP/1.1 403 \x1b[2Jno\r\n\r\n", 403, ": 403 ?[2Jno");
}

static void garbage_is_told_at_once(void **state)
{
    static const char *const garbage[] = {
        "220 smtp.test ready\r\n",     "HTTP/2 200 OK\r\n\r\n",
        "HTTP/1.x 200 OK\r\n\r\n",     "HTTP/1.1 20 OK\r\n\r\n",
        "HTTP/1.1 2000 OK\r\n\r\n",    "HTTP/1.1  200 OK\r\n\r\n",
        "HTTP/1.1 099 Low\r\n\r\n",    "HTTP/1.1 +20 OK\r\n\r\n",
        "\r\nHTTP/1.1 200 OK\r\n\r\n", "ICY 200 OK\r\n\r\n",
    };

    (void)state;
    for (size_t i = 0; i < sizeof garbage / sizeof garbage[0]; i++)
        failed_by(garbage[i], SC_EPROTO, "no answer in HTTP: ");
    failed_by("HTTP/1.1 200 OK\r\nno field\r\n\r\n", SC_EPROTO, "no field");
    failed_by("HTTP/1.1 200 OK\r\nA : b\r\n\r\n", SC_EPROTO, "no field");
}

static void an_end_within_the_answer_is_told(void **state)
{
    (void)state;
    failed_by("", SC_EOF, "ended the connection");
    failed_by("HTTP/1.1 200 OK\r\nA: b\r\n", SC_ESHORT, "within its answer");
}

static void endless_fields_have_a_limit(void **state)
{
    struct stage stages[] = {{BYTES(ASKED), BYTES("HTTP/1.1 200 OK\r\n")},
                             {{NULL, 0}, BYTES("A: bbbbbbbbbbbbbbbbbbbbb\r\n")},
                             {{NULL, 0}, {NULL, 0}}};
    struct proxy x = {.stages = stages, .after = AFTER_FLOOD};

    (void)state;
    fails(visit_a(), x, SC_ETOOBIG, "more than 102400 bytes");
}

static void sixteen_interim_answers_are_the_limit(void **state)
{
    static const char wait[] = "HTTP/1.1 102 Wait\r\n\r\n";
    char said[512];
    size_t n = 0;

    (void)state;
    for (int i = 0; i < 16; i++, n += sizeof wait - 1)
        memcpy(said + n, wait, sizeof wait);
    memcpy(said + n, OK, sizeof OK);
    reached_by(said);
    memcpy(said + n, wait, sizeof wait);
    memcpy(said + n + sizeof wait - 1, OK, sizeof OK);
    failed_by(said, SC_ETOOBIG, "more than 16 interim answers");
}

static void silence_ends_with_the_time_for_connecting(void **state)
{
    struct stage two[2];
    struct proxy x = answering(two, "HTTP/1.1 200", 12);
    struct visit v = visit_a();

    (void)state;
    x.after = AFTER_HOLD;
    v.opt.connect_ms = 150;
    fails(v, x, SC_ETIMEDOUT, "");
}

/* --- which of both it was --- */

static void a_proxy_that_is_not_there_is_named(void **state)
{
    int deaf = bind4(INADDR_LOOPBACK, 0);
    char url[64], place[64];
    struct visit v = visit_a();

    (void)state;
    snprintf(place, sizeof place, "proxy 127.0.0.1:%d: ", port_of(deaf));
    snprintf(url, sizeof url, "127.0.0.1:%d", port_of(deaf));
    v.opt.proxy = url;
    visit_it(&v);
    assert_int_equal(v.rc, SC_ECONNREFUSED);
    assert_non_null(strstr(v.err.text, place));
    assert_int_equal(v.err.phase, SC_PHASE_CONNECT);
    assert_true(v.err.flags & SC_FROM_PROXY);
    v.opt.proxy = "proxy.test";
    v.opt.resolve = "proxy.test:1080:nonsense";
    visit_it(&v);
    assert_int_equal(v.rc, SC_EINVAL);
    v.opt.resolve = NULL;
    v.opt.proxy = "ftp://x";
    visit_it(&v);
    assert_int_equal(v.rc, SC_EURL);
    close(deaf);
}

/* --- what may be connected to --- */

static int answer_private(const char *name, struct sc_addresses *out)
{
    sc_addresses_add(out, "10.1.2.3");
    for (int i = 0; i < 60 && strcmp(name, "many.test") == 0; i++)
        sc_addresses_add(out, "192.168.111.222");
    if (strcmp(name, "private.test") == 0)
        sc_addresses_add(out, "fe80::9");
    if (strcmp(name, "mixed.test") == 0)
        sc_addresses_add(out, "8.8.4.4");
    return 0;
}

/* The proxy would look the name up, and could not be asked what it found: so
 * it is looked up here, and asked for by address. */
static void the_public_only_is_checked_before_the_proxy_is_asked(void **state)
{
    static const struct sc_resolver resolver = {answer_private};
    static const struct stage stages[] = {
        {BYTES("CONNECT 8.8.4.4:79 HTTP/1.1\r\nHost: 8.8.4.4:79\r\n" AGENT KEEP
               "\r\n"),
         BYTES(OK)},
        {{NULL, 0}, {NULL, 0}}};
    struct visit v = visit_a();

    (void)state;
    v.opt.flags = SC_OPT_PUBLIC_ONLY;
    v.opt.resolver = &resolver;
    v.server = "mixed.test:79";
    reaches(v, (struct proxy){.stages = stages});
    v.opt.proxy = "127.0.0.1:9";
    v.server = "127.0.0.1:79";
    visit_it(&v);
    assert_int_equal(v.rc, SC_EACCES);
    assert_non_null(strstr(v.err.text, "127.0.0.1: not a public address"));
    assert_false(v.err.flags & SC_FROM_PROXY);
    v.server = "private.test:79";
    visit_it(&v);
    assert_int_equal(v.rc, SC_EACCES);
    assert_non_null(strstr(v.err.text, "10.1.2.3: not a public address; "
                                       "fe80::9: not a public address"));
    v.server = "many.test:79";
    visit_it(&v);
    assert_int_equal(v.rc, SC_EACCES);
    assert_non_null(strstr(v.err.text, "10.1.2.3: not a public address; "));
    assert_non_null(strstr(v.err.text, "; ..."));
}

static int ask(void *arg, const struct sc_peer *peer)
{
    struct sc_peer *last = arg;

    if (last->family != 0)
        return -EPERM; /* asked twice */
    *last = *peer;
    return 0;
}

/* Which proxy is used was decided with the options. */
static void the_program_is_asked_for_the_server_only(void **state)
{
    static const struct stage stages[] = {
        {BYTES(
             "CONNECT 10.9.8.7:79 HTTP/1.1\r\nHost: 10.9.8.7:79\r\n" AGENT KEEP
             "\r\n"),
         BYTES(OK)},
        {{NULL, 0}, {NULL, 0}}};
    struct sc_peer last = {.family = 0};
    struct proxy x = {.stages = stages, .after = AFTER_HELLO};
    struct visit v = visit_a();

    (void)state;
    v.server = "10.9.8.7:79";
    v.opt.allow = ask;
    v.opt.allow_arg = &last;
    visit_through(&v, &x, false);
    assert_int_equal(v.rc, 0);
    assert_string_equal(last.address, "10.9.8.7");
    assert_int_equal(last.port, 79);
}

/* --- traced --- */

static void take_trace(void *arg, int direction, const char *text, size_t n)
{
    char *to = arg;

    if (direction == '*' && to[0] == '\0')
        snprintf(to, 128, "%.*s", (int)n, text);
}

static void the_trace_names_the_proxy_and_no_login(void **state)
{
    struct stage two[2];
    struct proxy x = answering(two, OK, sizeof OK - 1);
    struct visit v = visit_a();
    char traced[128] = "", wanted[128];

    (void)state;
    two[0].want = (struct bytes){NULL, 0};
    x.after = AFTER_HELLO;
    v.scheme = "http://amy:secret@";
    v.opt.trace = take_trace;
    v.opt.trace_arg = traced;
    visit_through(&v, &x, false);
    assert_int_equal(v.rc, 0);
    snprintf(wanted, sizeof wanted, "connected, proxy 127.0.0.1:%d, a tunnel",
             x.port);
    assert_string_equal(traced, wanted);
}

/* --- cancelled --- */

static void cancel_ends_the_wait_for_the_proxy(void **state)
{
    struct stage two[2];
    struct proxy x = answering(two, "HTTP/1.1 200", 12);
    struct visit v = visit_a();
    char url[64];
    int64_t task;

    (void)state;
    x.after = AFTER_HOLD;
    proxy_begin(&x);
    snprintf(url, sizeof url, "127.0.0.1:%d", x.port);
    v.opt.proxy = url;
    task = sc_task_go(NULL, visit_it, &v);
    wait_for_descriptors(3); /* the proxy's listener, and both ends */
    assert_int_equal(sc_task_cancel(task), 0);
    assert_int_equal(sc_run(), 0);
    assert_int_equal(v.rc, SC_ECANCELED);
    proxy_end(&x);
}

#define TEST(f) TEST_CLOSING_ALL(f)

static const struct CMUnitTest tests[] = {
    TEST(a_tunnel_is_asked_for_as_curl_asks),
    TEST(a_login_goes_as_basic),
    TEST(own_fields_come_last_and_stand_in_for_ours),
    TEST(an_own_agent_that_comes_first_keeps_its_place),
    TEST(an_address_of_ipv6_has_brackets),
    TEST(another_server_is_asked_for_by_connect_to),
    TEST(nothing_behind_the_answer_is_swallowed),
    TEST(interim_answers_are_skipped),
    TEST(a_success_has_no_body),
    TEST(bare_line_feeds_are_taken),
    TEST(a_refusal_is_told_in_the_proxys_words),
    TEST(garbage_is_told_at_once),
    TEST(an_end_within_the_answer_is_told),
    TEST(endless_fields_have_a_limit),
    TEST(sixteen_interim_answers_are_the_limit),
    TEST(silence_ends_with_the_time_for_connecting),
    TEST(a_proxy_that_is_not_there_is_named),
    TEST(the_public_only_is_checked_before_the_proxy_is_asked),
    TEST(the_program_is_asked_for_the_server_only),
    TEST(the_trace_names_the_proxy_and_no_login),
    TEST(cancel_ends_the_wait_for_the_proxy),
};

TEST_MAIN(tests)
