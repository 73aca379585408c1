/* test_smtp_rules.c - what holds for every command: RFC 5321's times, what a
 * trace shows, who may see a password, one command at a time. */
#include "smtp_script.h"

#include "client/conn.h"

/* --- times: RFC 5321 section 4.5.3.2 --- */

struct moment {
    char direction;
    char line[40];
    int64_t ms;
};
static struct moment moments[64];
static size_t n_moments;
static SimpleClient *watched;

static void watch(void *arg, int direction, const char *text, size_t n)
{
    struct moment *m = &moments[n_moments];

    (void)arg;
    if (watched == NULL || n_moments == 64 || direction == '*')
        return;
    m->direction = (char)direction;
    m->ms = watched->conn->timeout_ms;
    snprintf(m->line, sizeof m->line, "%.*s", (int)n, text);
    n_moments++;
}

static int64_t time_at(char direction, const char *line)
{
    for (size_t i = 0; i < n_moments; i++)
        if (moments[i].direction == direction &&
            strncmp(moments[i].line, line, strlen(line)) == 0)
            return moments[i].ms;
    fail_msg("no %s", line);
    return -1;
}

#define DIALOGUE                                                               \
    "S: 220 greeting\n"                                                        \
    "C: EHLO me.example\nS: 250 hello\n"                                       \
    "C: MAIL FROM:<a@b>\nS: 250 mail\n"                                        \
    "C: RCPT TO:<c@d>\nS: 250 rcpt\n"                                          \
    "C: DATA\nS: 354 data\n"                                                   \
    "C: x\nC: .\nS: 250 final\n"

static void hold_dialogue(const struct sc_options *given)
{
    struct mail_source m = {.data = SC_SPAN("x\n")};
    struct sc_options o = *given;
    struct smtp_status st;
    struct smtp_talk t;

    o.trace = watch;
    o.flags |= SC_OPT_NO_GREET;
    n_moments = 0;
    watched = NULL;
    t = smtp_talk_class(&smtp_class, DIALOGUE, 0, &o);
    watched = &t.s->base;
    assert_int_equal(smtp_class_greet(&t.s->base), 0);
    assert_int_equal(smtp_mail(t.s, "a@b", NULL), 0);
    assert_int_equal(smtp_rcpt(t.s, "c@d", NULL), 250);
    assert_int_equal(smtp_data(t.s, &m, &st, 1), 0);
    smtp_talk_over(t);
}

static void each_command_has_the_rfcs_time(void **state)
{
    struct sc_options o = {0};

    (void)state;
    hold_dialogue(&o);
    assert_int_equal(time_at('<', "220 greeting"), 5 * 60000);
    assert_int_equal(time_at('<', "250 hello"), 5 * 60000);
    assert_int_equal(time_at('<', "250 mail"), 5 * 60000);
    assert_int_equal(time_at('<', "250 rcpt"), 5 * 60000);
    assert_int_equal(time_at('<', "354 data"), 2 * 60000);
    assert_int_equal(time_at('<', "250 final"), 10 * 60000);
}

static void the_options_time_comes_first(void **state)
{
    static const int times[] = {1234, 30000}; /* the default, but named */

    (void)state;
    for (size_t k = 0; k < 2; k++) {
        struct sc_options o = {.wait_ms = times[k]};

        hold_dialogue(&o);
        assert_true(n_moments > 0);
        for (size_t i = 0; i < n_moments; i++)
            assert_int_equal(moments[i].ms, 0); /* wait_ms holds */
    }
}

/* A queue copies its options, and gives the copy to each connection. */
static void a_copy_of_no_time_is_none(void **state)
{
    struct sc_options o = {.hello = "me.example"}, copy, again;

    (void)state;
    assert_int_equal(sc_options_copy(&copy, &o), 0);
    assert_int_equal(sc_options_copy(&again, &copy), 0);
    hold_dialogue(&again);
    assert_true(n_moments > 0 && moments[0].ms == SMTP_MS_COMMAND);
    again.wait_ms = 5000;
    hold_dialogue(&again);
    assert_int_equal(moments[0].ms, 0);
    sc_options_free(&copy);
    sc_options_free(&again);
}

/* --- logins --- */

static struct sc_buf seen;

static void note(void *arg, int direction, const char *text, size_t n)
{
    (void)arg;
    sc_buf_addf(&seen, "%c %.*s\n", direction, (int)n, text);
}

#define LOGIN_HELLO SMTP_HELLO("S: 250-m\nS: 250 AUTH PLAIN LOGIN CRAM-MD5\n")

static struct smtp_talk log_in(const char *script, const char *mechanisms,
                               unsigned flags)
{
    struct sc_options o = {.user = "tim",
                           .password = "tanstaaftanstaaf",
                           .mechanisms = mechanisms,
                           .flags = flags,
                           .trace = note};

    seen.len = 0;
    return smtp_talk_class(&smtp_class, script, 0, &o);
}

/* RFC 2195 section 2, in SMTP's words. */
#define CRAM                                                                   \
    "C: AUTH CRAM-MD5\n"                                                       \
    "S: 334 PDE4OTYuNjk3MTcwOTUyQHBvc3RvZmZpY2UucmVzdG9uLm1jaS5uZXQ+\n"        \
    "C: dGltIGI5MTNhNjAyYzdlZGE3YTQ5NWI0ZTZlNzMzNGQzODkw\n"

static void a_login_is_rfc_2195s(void **state)
{
    struct smtp_talk t =
        log_in(LOGIN_HELLO CRAM "S: 235 2.7.0 ok\n", "CRAM-MD5", 0);

    (void)state;
    assert_in_order(t);
    smtp_talk_over(t);
    sc_buf_free(&seen);
}

static void no_secret_is_in_trace_or_error(void **state)
{
    struct smtp_talk t =
        log_in(LOGIN_HELLO "C: AUTH PLAIN AHRpbQB0YW5zdGFhZnRhbnN0YWFm\n"
                           "S: 535 5.7.8 no\n",
               "PLAIN", SC_OPT_PLAIN_LOGIN);

    (void)state;
    assert_int_equal(sc_broken(&t.s->base), SC_EREPLY);
    assert_int_equal(sc_last_error(&t.s->base)->status, 535);
    assert_null(strstr(sc_last_error(&t.s->base)->text, "AHRp"));
    assert_null(strstr(seen.data, "AHRp"));
    assert_non_null(strstr(seen.data, "***"));
    smtp_talk_over(t);
    sc_buf_free(&seen);
}

static void plain_in_clear_is_refused_unsent(void **state)
{
    struct smtp_talk t =
        log_in(SMTP_HELLO("S: 250-m\nS: 250 AUTH PLAIN LOGIN\n"), NULL, 0);

    (void)state;
    assert_int_equal(sc_broken(&t.s->base), SC_EPLAINTEXT);
    smtp_talk_over(t);
    sc_buf_free(&seen);
}

static void a_strong_mechanism_is_used_in_clear(void **state)
{
    struct smtp_talk t = log_in(LOGIN_HELLO CRAM "S: 235 ok\n", NULL, 0);

    (void)state;
    assert_in_order(t);
    smtp_talk_over(t);
    sc_buf_free(&seen);
}

static void a_login_by_hand_can_fail_and_go_on(void **state)
{
    struct sc_sasl_login login = {.user = "tim",
                                  .password = "tanstaaftanstaaf",
                                  .mechanisms = "CRAM-MD5"};
    struct smtp_talk t =
        smtp_talk(LOGIN_HELLO "C: AUTH CRAM-MD5\n"
                              "S: 334 not base64!\n"
                              "C: *\nS: 501 5.7.0 cancelled\n"
                              "C: MAIL FROM:<a@b>\nS: 250 ok\n");

    (void)state;
    assert_true(smtp_auth(t.s, &login) < 0);
    assert_in_order(t);
    assert_int_equal(smtp_mail(t.s, "a@b", NULL), 0);
    smtp_talk_over(t);
}

/* --- limits --- */

static void a_command_beyond_512_is_refused_unsent(void **state)
{
    char text[600];
    struct sc_buf out = SC_BUF(100);
    struct smtp_talk t = smtp_talk(SMTP_HELLO("S: 250 m\n"));

    (void)state;
    memset(text, 'x', sizeof text);
    text[506] = '\0'; /* "VRFY " and CRLF: 513 */
    assert_int_equal(smtp_vrfy(t.s, text, &out), SC_EINVAL);
    text[599] = '\0';
    assert_int_equal(smtp_etrn(t.s, text), SC_EINVAL);
    assert_in_order(t);
    smtp_talk_over(t);
    sc_buf_free(&out);
}

static void a_reply_line_of_the_limit_is_read(void **state)
{
    static char script[14000];
    struct smtp_talk t;
    int n = snprintf(script, sizeof script,
                     SMTP_HELLO("S: 250 m\n") "C: NOOP\nS: 250 ");

    (void)state;
    memset(script + n, 'x', 2044); /* 2,048 in all */
    memcpy(script + n + 2044, "\n", 2);
    t = smtp_talk(script);
    assert_int_equal(smtp_noop(t.s), 0);
    smtp_talk_over(t);
    memset(script + n, 'x', 12300);
    memcpy(script + n + 12300, "\n", 2);
    t = smtp_talk(script);
    assert_int_equal(smtp_noop(t.s), SC_ETOOBIG);
    assert_int_equal(sc_broken(&t.s->base), SC_ETOOBIG);
    smtp_talk_over(t);
}

static void a_bare_lf_ends_a_reply_unless_strict(void **state)
{
    static const char script[] =
        SMTP_HELLO("S: 250 m\n") "C: NOOP\ns: 250 o\\rk\\n250 more\\r\\n\n";
    struct sc_options strict = {.flags = SC_OPT_STRICT_LINES};
    struct smtp_talk t = smtp_talk(script);

    (void)state;
    assert_int_equal(smtp_noop(t.s), 0);
    sc_drop(&t.s->base);
    t = smtp_talk_class(&smtp_class, script, 0, &strict);
    assert_int_equal(smtp_noop(t.s), 0);
    assert_in_order(t);
    smtp_talk_over(t); /* the whole was one line */
}

/* --- the end --- */

static void close_says_quit_and_its_failure_is_told(void **state)
{
    struct smtp_talk t =
        smtp_talk(SMTP_HELLO("S: 250 m\n") "C: QUIT\nS: 221 bye\n");

    (void)state;
    assert_int_equal(smtp_close(t.s), 221);
    t = smtp_talk(SMTP_HELLO("S: 250 m\n") "C: QUIT\nS.\n");
    assert_int_equal(smtp_close(t.s), SC_EOF);
    t = smtp_talk(SMTP_HELLO("S: 250 m\n") "C: NOOP\nS: 421 bye\n");
    assert_int_equal(smtp_noop(t.s), SC_EREPLY);
    assert_int_equal(smtp_close(t.s), SC_EREPLY); /* no QUIT */
    assert_int_equal(smtp_close(NULL), 0);
}

static void rset_clears_a_transaction(void **state)
{
    struct smtp_talk t = smtp_talk(SMTP_HELLO("S: 250 m\n") //
                                   "C: MAIL FROM:<a@b>\nS: 250 ok\n"
                                   "C: RSET\nS: 250 ok\n"
                                   "C: MAIL FROM:<c@d>\nS: 250 ok\n");

    (void)state;
    assert_int_equal(smtp_mail(t.s, "a@b", NULL), 0);
    assert_int_equal(smtp_rset(t.s), 0);
    assert_int_equal(smtp_mail(t.s, "c@d", NULL), 0);
    smtp_talk_over(t);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(each_command_has_the_rfcs_time),
    cmocka_unit_test(the_options_time_comes_first),
    cmocka_unit_test(a_copy_of_no_time_is_none),
    cmocka_unit_test(a_login_is_rfc_2195s),
    cmocka_unit_test(no_secret_is_in_trace_or_error),
    cmocka_unit_test(plain_in_clear_is_refused_unsent),
    cmocka_unit_test(a_strong_mechanism_is_used_in_clear),
    cmocka_unit_test(a_login_by_hand_can_fail_and_go_on),
    cmocka_unit_test(a_command_beyond_512_is_refused_unsent),
    cmocka_unit_test(a_reply_line_of_the_limit_is_read),
    cmocka_unit_test(a_bare_lf_ends_a_reply_unless_strict),
    cmocka_unit_test(close_says_quit_and_its_failure_is_told),
    cmocka_unit_test(rset_clears_a_transaction),
};

TEST_MAIN(tests)
