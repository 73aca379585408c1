/* test_smtp_sink.c - Postfix's smtp-sink, told to refuse, to hang up or to be
 * old: what is said of a message then. Skipped (77) without it. */
#include "main.h"

#include <simpleclient/smtp.h>

#include "server.h"

static struct server sink;
static struct smtp_result result;
static struct sc_buf said = SC_BUF(1 << 20);

/* --- the fixture: one sink for each test --- */

static int spawn_sink(const char *const *options)
{
    const char *argv[12] = {"smtp-sink"};
    char where[40];
    int n = 1;

    sink.port = server_free_port();
    snprintf(where, sizeof where, "127.0.0.1:%d", sink.port);
    if (geteuid() == 0) {
        argv[n++] = "-u";
        argv[n++] = "nobody";
    }
    argv[n++] = "-d";
    argv[n++] = server_path(&sink, "mail.");
    while (*options != NULL)
        argv[n++] = *options++;
    argv[n++] = where;
    argv[n++] = "100";
    argv[n] = NULL;
    return server_spawn(&sink, argv) < 0 ? -1 : server_wait(&sink, sink.port);
}

/* Another process may take the port before it does. */
static void start_sink(const char *const *options)
{
    int rc = -1;

    assert_int_equal(server_make_dir(&sink), 0);
    for (int i = 0; i < 3 && rc < 0; i++)
        rc = spawn_sink(options);
    assert_int_equal(rc, 0);
}
#define START(...) start_sink((const char *const[]){__VA_ARGS__, NULL})

static int stop(void **state)
{
    (void)state;
    server_end(&sink, SIGTERM);
    server_remove_dir(&sink);
    return 0;
}

static void note(void *arg, int direction, const char *line, size_t n)
{
    (void)arg;
    sc_buf_addf(&said, "%c %.*s\n", direction, (int)n, line);
}

static int send_one(const char *scheme, const char *const *to)
{
    struct sc_options opt = {.trace = note, .flags = SC_OPT_NO_POOL};
    struct smtp_message m = {.from = "me@simple.test",
                             .to = to,
                             .source.data =
                                 sc_span_of("Subject: hi\n\n.Hello.\n"),
                             .options = &opt};
    char url[64];

    said.len = 0;
    sc_buf_add(&said, "", 0);
    snprintf(url, sizeof url, "%s://127.0.0.1:%d/", scheme, sink.port);
    return smtp_send(url, &m, &result);
}

static const char *const both[] = {"joe@simple.test", "amy@simple.test", NULL};

static int send_to_both(void)
{
    return send_one("smtp", both);
}

static void assert_said(const char *line, bool yes)
{
    if ((strstr(said.data, line) != NULL) != yes)
        fail_msg("%s%s in\n%s", yes ? "no " : "", line, said.data);
}

static void assert_not_sent(int rc, int code)
{
    if (result.outcome != SMTP_NOT_SENT || rc >= 0)
        fail_msg("sent?\n%s", said.data);
    assert_int_equal(result.error.status, code);
}

/* --- what it lacks --- */

static void a_sink_takes_mail(void **state)
{
    (void)state;
    START("-8");
    assert_int_equal(send_to_both(), 0);
    assert_int_equal(result.outcome, SMTP_SENT);
    assert_said("> EHLO", true);
    assert_said("> QUIT", true);
}

static void without_ehlo_it_is_helo(void **state)
{
    (void)state;
    START("-e");
    assert_int_equal(send_to_both(), 0);
    assert_said("> HELO", true);
    assert_said("> MAIL FROM:<me@simple.test>\n", true);
}

static void a_greeting_without_esmtp_gets_ehlo_all_the_same(void **state)
{
    (void)state;
    START("-P");
    assert_int_equal(send_to_both(), 0);
    assert_int_equal(result.outcome, SMTP_SENT);
}

/* Sent one by one: the reply stands before the next command. */
static void without_pipelining_each_command_waits(void **state)
{
    (void)state;
    START("-p");
    assert_int_equal(send_to_both(), 0);
    assert_said("> MAIL FROM:<me@simple.test>\n< 250", true);
    assert_said("> RCPT TO:<joe@simple.test>\n< 250", true);
    assert_said("> RCPT TO:<amy@simple.test>\n< 250", true);
    assert_said("> DATA\n< 354", true);
}

static void without_dsn_none_can_be_asked_for(void **state)
{
    struct sc_options opt = {.flags = SC_OPT_NO_POOL};
    struct smtp_message m = {.from = "me@simple.test",
                             .to = both,
                             .ret = "HDRS",
                             .source.data = sc_span_of("Subject: hi\n\n"),
                             .options = &opt};
    char url[64];

    (void)state;
    START("-N");
    snprintf(url, sizeof url, "smtp://127.0.0.1:%d/", sink.port);
    assert_int_equal(smtp_send(url, &m, &result), SC_ENOTSUP);
    assert_int_equal(result.outcome, SMTP_NOT_SENT);
}

/* --- refusals, -f hard and -r soft --- */

struct fault {
    const char *command; /* of smtp-sink's */
    int code;            /* in the answer that tells */
    const char *last;    /* what was still said, or NULL */
    const char *never;   /* what was not, or NULL */
};

static void each_refusal_is_told(const char *option, int code,
                                 const struct fault *f, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        START(option, f[i].command);
        assert_not_sent(send_to_both(), f[i].code != 0 ? f[i].code : code);
        assert_int_equal(result.error.code, SC_EREPLY);
        if (f[i].last != NULL)
            assert_said(f[i].last, true);
        if (f[i].never != NULL)
            assert_said(f[i].never, false);
        stop(NULL);
    }
}

static const struct fault refusals[] = {
    {"CONNECT", 0, NULL, "> EHLO"},  {"EHLO,HELO", 0, NULL, "> MAIL"},
    {"MAIL", 0, "> MAIL", "> DATA"}, {"RCPT", 0, "> RCPT TO:<amy", "> DATA"},
    {"DATA", 0, "> DATA", NULL},     {".", 0, "> DATA", NULL},
};
enum { REFUSALS = sizeof refusals / sizeof refusals[0] };

static void hard_refusals_are_told(void **state)
{
    (void)state;
    each_refusal_is_told("-f", 500, refusals, REFUSALS);
}

static void soft_refusals_are_told(void **state)
{
    (void)state;
    each_refusal_is_told("-r", 450, refusals, REFUSALS);
}

static void a_refused_quit_does_not_change_what_was_sent(void **state)
{
    (void)state;
    START("-f", "QUIT");
    assert_int_equal(send_to_both(), 0);
    assert_int_equal(result.outcome, SMTP_SENT);
}

/* --- 421, -Q --- */

static const struct fault goodbyes[] = {
    {"CONNECT", 421, NULL, "> EHLO"}, {"EHLO", 421, NULL, "> HELO"},
    {"MAIL", 421, "> MAIL", NULL},    {"RCPT", 421, "> RCPT", NULL},
    {"DATA", 421, "> DATA", NULL},    {".", 421, "> DATA", NULL},
};

static void a_421_at_any_point_is_not_sent(void **state)
{
    (void)state;
    each_refusal_is_told("-Q", 421, goodbyes,
                         sizeof goodbyes / sizeof goodbyes[0]);
}

/* --- the line goes dead, -q --- */

static void a_lost_connection_before_the_dot_is_not_sent(void **state)
{
    static const char *const at[] = {"CONNECT", "EHLO", "MAIL", "RCPT", "DATA"};

    (void)state;
    for (size_t i = 0; i < 5; i++) {
        START("-q", at[i]);
        assert_not_sent(send_to_both(), 0);
        assert_true(result.error.code == SC_EOF ||
                    result.error.code == SC_ECONNRESET ||
                    result.error.code == SC_EPIPE);
        assert_int_not_equal(result.to[0].rc, 0);
        stop(NULL);
    }
}

static void a_lost_connection_behind_the_dot_is_unknown(void **state)
{
    (void)state;
    START("-q", ".");
    assert_int_equal(send_to_both(), SC_EUNKNOWN);
    assert_int_equal(result.outcome, SMTP_UNKNOWN);
    assert_int_equal(result.to[0].rc, SC_EUNKNOWN);
    assert_int_equal(result.to[1].rc, SC_EUNKNOWN);
}

static void a_lost_connection_at_quit_changes_nothing(void **state)
{
    (void)state;
    START("-q", "QUIT");
    assert_int_equal(send_to_both(), 0);
    assert_int_equal(result.outcome, SMTP_SENT);
}

/* --- LMTP --- */

static void a_sink_speaks_lmtp(void **state)
{
    (void)state;
    START("-L");
    assert_int_equal(send_one("lmtp", both), 0);
    assert_int_equal(result.outcome, SMTP_SENT);
    assert_said("> LHLO", true);
    assert_int_equal(result.to[1].code, 250);
}

static void a_sink_of_lmtp_may_refuse_all(void **state)
{
    (void)state;
    START("-L", "-f", ".");
    assert_int_equal(send_one("lmtp", both), SC_EREPLY);
    assert_int_equal(result.outcome, SMTP_NOT_SENT);
    assert_int_equal(result.to[0].code, 500);
    assert_int_equal(result.to[1].code, 500);
}

/* --- time --- */

static void a_slow_answer_has_its_deadline(void **state)
{
    struct sc_options opt = {.flags = SC_OPT_NO_POOL, .wait_ms = 100};
    struct smtp_message m = {.from = "me@simple.test",
                             .to = both,
                             .source.data = sc_span_of("Subject: hi\n\n"),
                             .options = &opt};
    char url[64];

    (void)state;
    START("-w", "5"); /* seconds before the answer to DATA */
    snprintf(url, sizeof url, "smtp://127.0.0.1:%d/", sink.port);
    assert_int_equal(smtp_send(url, &m, &result), SC_ETIMEDOUT);
    assert_int_equal(result.outcome, SMTP_NOT_SENT);
}

static void refused_in_the_middle_of_a_message(void **state)
{
    (void)state;
    START("-A", "0");
    assert_not_sent(send_to_both(), 550);
}

/* --- many at once --- */

enum { SESSIONS = 200, MESSAGES = 10 };
static int all_sent;

static void count_sent(void *arg, const struct smtp_message *m,
                       const struct smtp_result *r)
{
    (void)arg;
    (void)m;
    all_sent += r->outcome == SMTP_SENT;
}

static void one_session(void *arg)
{
    static const struct sc_options opt = {.flags = SC_OPT_NO_POOL};
    struct smtp_message m = {.from = "me@simple.test",
                             .to = both,
                             .source.data = sc_span_of("Subject: hi\n\nx\n")};
    struct smtp_queue *q = smtp_queue_new(arg, &opt, count_sent, NULL);

    for (int i = 0; i < MESSAGES; i++)
        smtp_queue_add(q, &m);
    smtp_queue_wait(q);
    smtp_queue_free(q);
}

static void many_sessions_at_once(void **state)
{
    char url[64];
    struct sc_group *g;

    (void)state;
    START("-m", "300");
    snprintf(url, sizeof url, "smtp://127.0.0.1:%d/", sink.port);
    g = sc_group_new(NULL, 0);
    for (int i = 0; i < SESSIONS; i++)
        assert_int_equal(sc_group_go(g, one_session, url), 0);
    assert_int_equal(sc_group_wait(g), 0);
    assert_int_equal(all_sent, SESSIONS * MESSAGES);
}

#define TEST(name) cmocka_unit_test_teardown(name, stop)

static const struct CMUnitTest tests[] = {
    TEST(a_sink_takes_mail),
    TEST(without_ehlo_it_is_helo),
    TEST(a_greeting_without_esmtp_gets_ehlo_all_the_same),
    TEST(without_pipelining_each_command_waits),
    TEST(without_dsn_none_can_be_asked_for),
    TEST(hard_refusals_are_told),
    TEST(soft_refusals_are_told),
    TEST(a_refused_quit_does_not_change_what_was_sent),
    TEST(a_421_at_any_point_is_not_sent),
    TEST(a_lost_connection_before_the_dot_is_not_sent),
    TEST(a_lost_connection_behind_the_dot_is_unknown),
    TEST(a_lost_connection_at_quit_changes_nothing),
    TEST(a_sink_speaks_lmtp),
    TEST(a_sink_of_lmtp_may_refuse_all),
    TEST(a_slow_answer_has_its_deadline),
    TEST(refused_in_the_middle_of_a_message),
    TEST(many_sessions_at_once),
};

int main(int argc, char **argv)
{
    bool list = argc > 1 && strcmp(argv[1], "-l") == 0;
    int rc;

    if (!list && !server_installed("smtp-sink")) {
        puts("no smtp-sink");
        return 77;
    }
    rc = test_main(__FILE__, tests, sizeof tests / sizeof tests[0], argc, argv,
                   NULL, NULL);
    smtp_result_free(&result);
    sc_buf_free(&said);
    return rc;
}
