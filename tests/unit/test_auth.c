/* test_auth.c - SASL exchanges over lines, as SMTP, POP3 and NNTP carry them:
 * examples of RFC 4616, RFC 7628 and RFC 7677 in base64, and what servers do
 * wrong. */
#include "talk.h"

#include <stdlib.h>

#include <simpleclient/task.h>
#include <uv.h>

#include "client/auth.h"
#include "client/conn.h"
#include "sasl/mechanism.h"

static const struct sc_auth_words smtp = {"AUTH", 512, 334, 235, 0, ""};
static const struct sc_auth_words pop3 = {"AUTH", 255, 300, 200, 0, ""};
static const struct sc_auth_words nntp = {
    "AUTHINFO SASL", 512, 383, 281, 283, "="};

static const struct sc_sasl_login amy = {
    .user = "amy", .password = "secret", .token = "tok", .protected_link = 1};

/* RFC 7677 section 3, in base64 */
#define SCRAM_FIRST "biwsbj11c2VyLHI9ck9wck5HZndFYmVSV2diTkVrcU8="
#define SCRAM_OFFER                                                            \
    "cj1yT3ByTkdmd0ViZVJXZ2JORWtxTyVodllEcFdVYTJSYVRDQWZ1eEZJbGopaE5sRiRrMCxz" \
    "PVcyMlphSjBTTlk3c29Fc1VFamI2Z1E9PSxpPTQwOTY="
#define SCRAM_FINAL                                                            \
    "Yz1iaXdzLHI9ck9wck5HZndFYmVSV2diTkVrcU8laHZZRHBXVWEyUmFUQ0FmdXhGSWxqKWhO" \
    "bEYkazAscD1kSHpiWmFwV0lrNGpVaE4rVXRlOXl0YWc5empmTUhnc3FtbWl6N0FuZFZRPQ=="
#define SCRAM_LAST                                                             \
    "dj02cnJpVFJCaTIzV3BSUi93dHVwK21NaFVaVW4vZEI1bkxUSlJzamw5NUc0PQ=="
#define SCRAM_WRONG                                                            \
    "dj03cnJpVFJCaTIzV3BSUi93dHVwK21NaFVaVW4vZEI1bkxUSlJzamw5NUc0PQ=="
#define SMTP_SCRAM                                                             \
    "C: AUTH SCRAM-SHA-256 " SCRAM_FIRST "\nS: 334 " SCRAM_OFFER               \
    "\nC: " SCRAM_FINAL "\n"

/* --- POP3's replies --- */

static int pop3_reply(SimpleClient *c, struct sc_reply *r)
{
    static const struct {
        const char *mark;
        int code;
    } marks[] = {{"+OK", 200}, {"-ERR", 500}, {"+", 300}};
    struct sc_span line;
    int rc = sc_readline(c, &line);

    for (size_t i = 0; rc == 0 && i < 3; i++) {
        size_t n = strlen(marks[i].mark);

        if (line.len < n || memcmp(line.data, marks[i].mark, n) != 0)
            continue;
        r->code = marks[i].code;
        n += line.len > n && line.data[n] == ' ';
        r->text = r->all = (struct sc_span){line.data + n, line.len - n};
        r->lines = 1;
        return 0;
    }
    return rc < 0 ? rc : sc_break(c, SC_EPROTO, "not a reply");
}

static const struct client_class pop3_like = {
    .name = "pop3",
    .size = sizeof(SimpleClient),
    .greet = sc_client_greet,
    .reply = pop3_reply,
    .quit = sc_client_quit,
    .cleanup = sc_client_cleanup,
};

/* --- helpers --- */

/* Log in with MECHANISM over SCRIPT, one byte a read too: CODE comes of it, and
 * its text has WORD. NULL for the nonce: the RFC's. */
static void tries(const struct sc_auth_words *w, const char *mechanism,
                  struct sc_sasl_login l, const char *script, int code,
                  const char *word)
{
    for (size_t split = 0; split < 2; split++) {
        struct talk t = talk_class(w == &pop3 ? &pop3_like : &sc_simple_class,
                                   script, split, NULL);
        int rc = sc_auth(t.c, w, mechanism, &l);

        if (rc != code)
            fail_msg("%d, not %d: %s", rc, code, sc_last_error(t.c)->text);
        if (word != NULL && !strstr(sc_last_error(t.c)->text, word))
            fail_msg("no %s: %s", word, sc_last_error(t.c)->text);
        talk_over(t);
    }
}

static void logs_in(const struct sc_auth_words *w, const char *mechanism,
                    struct sc_sasl_login l, const char *script)
{
    tries(w, mechanism, l, script, 0, NULL);
}

/* SCRAM-SHA-256 as RFC 7677's user, with its nonce. */
static int scram(struct talk t, const struct sc_auth_words *w)
{
    const struct sc_sasl_login l = {.user = "user", .password = "pencil"};
    struct sc_sasl *s = sc_sasl_new("SCRAM-SHA-256", &l, NULL);

    assert_non_null(s);
    sc_scram_fix_nonce(s, "rOprNGfwEbeRWgbNEkqO");
    return sc_auth_exchange(t.c, w, s);
}

static void scrams(const char *script, int code, bool broken)
{
    struct talk t = talk_to(script, 0);

    assert_int_equal(scram(t, &smtp), code);
    assert_int_equal(sc_broken(t.c), broken ? code : 0);
    talk_over(t);
}

/* --- the plain course of things --- */

static void smtp_says_plain_at_once(void **state)
{
    (void)state;
    logs_in(&smtp, "PLAIN LOGIN", amy,
            "C: AUTH PLAIN AGFteQBzZWNyZXQ=\n"
            "S: 235 2.7.0 Authentication successful\n");
}

static void smtp_login_is_asked_twice(void **state)
{
    (void)state;
    logs_in(&smtp, "LOGIN", amy,
            "C: AUTH LOGIN\nS: 334 VXNlcm5hbWU6\nC: YW15\n"
            "S: 334 UGFzc3dvcmQ6\nC: c2VjcmV0\nS: 235 ok\n");
}

/* RFC 2195 section 2 */
static void pop3_does_cram_md5(void **state)
{
    const struct sc_sasl_login tim = {.user = "tim",
                                      .password = "tanstaaftanstaaf"};

    (void)state;
    logs_in(&pop3, "CRAM-MD5", tim,
            "C: AUTH CRAM-MD5\n"
            "S: + PDE4OTYuNjk3MTcwOTUyQHBvc3RvZmZpY2UucmVzdG9uLm1jaS5uZXQ+\n"
            "C: dGltIGI5MTNhNjAyYzdlZGE3YTQ5NWI0ZTZlNzMzNGQzODkw\n"
            "S: +OK CRAM authentication successful\n");
}

static void nntp_does_plain(void **state)
{
    (void)state;
    logs_in(&nntp, "PLAIN", amy,
            "C: AUTHINFO SASL PLAIN AGFteQBzZWNyZXQ=\nS: 281 accepted\n");
}

static void smtp_does_scram(void **state)
{
    (void)state;
    scrams(SMTP_SCRAM "S: 334 " SCRAM_LAST "\nC: \nS: 235 ok\n", 0, false);
}

/* RFC 4643 section 2.4: the last message comes with 283. */
static void nntp_success_brings_the_signature(void **state)
{
    struct talk t = talk_to("C: AUTHINFO SASL SCRAM-SHA-256 " SCRAM_FIRST
                            "\nS: 383 " SCRAM_OFFER "\nC: " SCRAM_FINAL
                            "\nS: 283 " SCRAM_LAST "\n",
                            0);

    (void)state;
    assert_int_equal(scram(t, &nntp), 0);
    talk_over(t);
}

/* --- statement 28 --- */

static void a_password_is_not_shown_in_clear_unless_allowed(void **state)
{
    struct sc_sasl_login l = amy;

    (void)state;
    l.protected_link = 0;
    tries(&smtp, "PLAIN LOGIN", l, "", SC_EPLAINTEXT, "PLAIN LOGIN");
    tries(&smtp, "GSSAPI", l, "", SC_ENOTSUP, "GSSAPI");
    l.allow_plain = 1;
    l.token = NULL;
    logs_in(&smtp, "PLAIN", l, "C: AUTH PLAIN AGFteQBzZWNyZXQ=\nS: 235 ok\n");
}

static void a_name_that_cannot_be_is_refused_before_a_byte_is_sent(void **state)
{
    struct sc_sasl_login l = amy;

    (void)state;
    l.user = "a\r\nRCPT";
    tries(&smtp, "PLAIN", l, "", SC_EINVAL, NULL);
}

/* --- statement 29 --- */

/* After SCRIPT the client still talks. */
static void cancels(const struct sc_auth_words *w, const char *mechanism,
                    const char *script, int code)
{
    struct talk t =
        talk_class(w == &pop3 ? &pop3_like : &sc_simple_class, script, 0, NULL);

    assert_int_equal(sc_auth(t.c, w, mechanism, &amy), code);
    assert_int_equal(sc_broken(t.c), 0);
    assert_int_equal(sc_last_error(t.c)->code, code);
    sc_writeline(t.c, "NOOP");
    assert_true(sc_expect(t.c, 2, NULL) > 0);
    talk_over(t);
}

static void bad_base64_is_cancelled(void **state)
{
    (void)state;
    tries(&smtp, "CRAM-MD5", amy,
          "C: AUTH CRAM-MD5\nS: 334 not*base64\nC: *\nS: 501 no\n", SC_EPROTO,
          "not base64");
    cancels(&smtp, "CRAM-MD5",
            "C: AUTH CRAM-MD5\nS: 334 not*base64\nC: *\n"
            "S: 501 5.7.0 Authentication aborted\nC: NOOP\nS: 250 ok\n",
            SC_EPROTO);
    cancels(&smtp, "CRAM-MD5",
            "C: AUTH CRAM-MD5\nS: 334 PDE4O\nC: *\nS: 501 no\n"
            "C: NOOP\nS: 250 ok\n",
            SC_EPROTO);
    cancels(&pop3, "CRAM-MD5",
            "C: AUTH CRAM-MD5\nS: + a=b=\nC: *\nS: -ERR cancelled\n"
            "C: NOOP\nS: +OK\n",
            SC_EPROTO);
    cancels(&nntp, "CRAM-MD5",
            "C: AUTHINFO SASL CRAM-MD5\nS: 383 \xc3\xa9\nC: *\n"
            "S: 481 cancelled\nC: NOOP\nS: 200 ok\n",
            SC_EPROTO);
}

static void a_mechanism_that_fails_is_cancelled(void **state)
{
    (void)state;
    cancels(&smtp, "CRAM-MD5",
            "C: AUTH CRAM-MD5\nS: 334 \nC: *\nS: 501 no\n"
            "C: NOOP\nS: 250 ok\n",
            SC_EPROTO);
    cancels(&smtp, "PLAIN",
            "C: AUTH PLAIN AGFteQBzZWNyZXQ=\nS: 334 \nC: *\nS: 501 no\n"
            "C: NOOP\nS: 250 ok\n",
            SC_EPROTO);
}

static void a_cancel_that_is_not_taken_breaks(void **state)
{
    struct talk t =
        talk_to("C: AUTH CRAM-MD5\nS: 334 x\nC: *\nS: 235 welcome\n", 0);

    (void)state;
    assert_int_equal(sc_auth(t.c, &smtp, "CRAM-MD5", &amy), SC_EPROTO);
    assert_int_equal(sc_broken(t.c), SC_EPROTO);
    talk_over(t);
}

static void a_wrong_signature_is_cancelled(void **state)
{
    (void)state;
    scrams(SMTP_SCRAM "S: 334 " SCRAM_WRONG "\nC: *\nS: 501 no\n", SC_ECERT,
           false);
}

static void a_server_error_is_a_refusal_with_its_word(void **state)
{
    struct talk t = talk_to(SMTP_SCRAM "S: 334 ZT1pbnZhbGlkLXByb29m\n"
                                       "C: *\nS: 535 5.7.8 bad\n",
                            0);

    (void)state;
    assert_int_equal(scram(t, &smtp), SC_EREPLY);
    assert_int_equal(sc_broken(t.c), 0);
    assert_int_equal(sc_last_error(t.c)->status, 535);
    assert_non_null(strstr(sc_last_error(t.c)->text, "invalid-proof"));
    talk_over(t);
}

/* --- statement 30 --- */

static void an_empty_initial_response_is_an_equals_sign(void **state)
{
    struct sc_sasl_login l = {.mechanisms = "EXTERNAL"};

    (void)state;
    logs_in(&smtp, "EXTERNAL", l, "C: AUTH EXTERNAL =\nS: 235 ok\n");
    logs_in(&pop3, "EXTERNAL", l, "C: AUTH EXTERNAL =\nS: +OK\n");
    logs_in(&nntp, "EXTERNAL", l, "C: AUTHINFO SASL EXTERNAL =\nS: 281 ok\n");
}

static void an_empty_later_response_is_an_empty_line(void **state)
{
    struct talk t = talk_class(&pop3_like,
                               "C: AUTH SCRAM-SHA-256 " SCRAM_FIRST
                               "\nS: + " SCRAM_OFFER "\nC: " SCRAM_FINAL
                               "\nS: + " SCRAM_LAST "\nc: \\r\\n\nS: +OK\n",
                               0, NULL);

    (void)state;
    assert_int_equal(scram(t, &pop3), 0);
    talk_over(t);
}

/* RFC 4643 section 2.4.2 */
static void nntp_says_nothing_with_an_equals_sign(void **state)
{
    struct talk t = talk_to("C: AUTHINFO SASL SCRAM-SHA-256 " SCRAM_FIRST
                            "\nS: 383 " SCRAM_OFFER "\nC: " SCRAM_FINAL
                            "\nS: 383 " SCRAM_LAST "\nC: =\nS: 281 ok\n",
                            0);
    const struct sc_auth_words narrow = {
        "AUTHINFO SASL", 20, 383, 281, 283, "="};

    (void)state;
    assert_int_equal(scram(t, &nntp), 0);
    talk_over(t);
    logs_in(&narrow, "PLAIN", amy,
            "C: AUTHINFO SASL PLAIN\nS: 383 =\nC: AGFteQBzZWNyZXQ=\n"
            "S: 281 ok\n");
}

/* "AUTH PLAIN AGFteQBzZWNyZXQ=" and CRLF are 29 bytes. */
static void a_long_initial_response_is_sent_after_the_challenge(void **state)
{
    struct sc_auth_words w = smtp;

    (void)state;
    w.line_limit = 29;
    logs_in(&w, "PLAIN", amy, "C: AUTH PLAIN AGFteQBzZWNyZXQ=\nS: 235 ok\n");
    w.line_limit = 28;
    logs_in(&w, "PLAIN", amy,
            "C: AUTH PLAIN\nS: 334 \nC: AGFteQBzZWNyZXQ=\nS: 235 ok\n");
    logs_in(&w, "PLAIN", amy,
            "C: AUTH PLAIN\nS: 334\nC: AGFteQBzZWNyZXQ=\nS: 235 ok\n");
    tries(&w, "PLAIN", amy, "C: AUTH PLAIN\nS: 334 eA==\nC: *\nS: 501 no\n",
          SC_EPROTO, NULL);
    tries(&w, "PLAIN", amy, "C: AUTH PLAIN\nS: 235 ok\n", SC_EPROTO, NULL);
}

static char *repeat(const char *head, size_t n, const char *tail)
{
    struct sc_buf b = {0};

    assert_int_equal(sc_buf_add(&b, head, strlen(head)), 0);
    for (size_t i = 0; i < n; i++)
        assert_int_equal(sc_buf_add(&b, "AAAA", 4), 0);
    assert_int_equal(sc_buf_add(&b, tail, strlen(tail)), 0);
    return b.data;
}

/* 64 KiB of NUL, which are "A" in base64: 21,845 times 3 bytes, and one. */
static void challenges_have_up_to_64_kib(void **state)
{
    struct sc_options narrow = {.line_limit = 512, .send_limit = 512};
    char *script = repeat("C: AUTH LOGIN\nS: 334 ", 21845,
                          "AA==\nC: YW15\nS: 334\nC: c2VjcmV0\nS: 235 ok\n");
    struct talk t = talk_class(&sc_simple_class, script, 0, &narrow);

    (void)state;
    assert_int_equal(sc_auth(t.c, &smtp, "LOGIN", &amy), 0);
    assert_int_equal(sc_client_options(t.c)->line_limit, 512);
    assert_int_equal(sc_client_options(t.c)->send_limit, 512);
    talk_over(t);
    sc_buf_free(&(struct sc_buf){.data = script});
    script = repeat("C: AUTH LOGIN\nS: 334 ", 21846, "\nC: *\nS: 501 no\n");
    tries(&smtp, "LOGIN", amy, script, SC_ETOOBIG, NULL);
    sc_buf_free(&(struct sc_buf){.data = script});
}

/* A password of 49,152 times "i\xa6\x9a" is "aaaa" in base64. */
static void responses_have_up_to_64_kib(void **state)
{
    struct sc_sasl_login l = {.user = "amy", .protected_link = 1};
    struct sc_buf password = {0}, text = {0}, script = {0};

    (void)state;
    for (size_t i = 0; i < 65536 / 8; i++)
        assert_int_equal(sc_buf_add(&password, "tanstaaf", 8), 0);
    l.password = password.data;
    assert_int_equal(sc_base64_encode(&text, password.data, password.len), 0);
    assert_int_equal(sc_buf_addf(&script,
                                 "C: AUTH LOGIN\nS: 334\nC: YW15\nS: 334\n"
                                 "C: %s\nS: 235 ok\n",
                                 text.data),
                     0);
    logs_in(&smtp, "LOGIN", l, script.data);
    assert_int_equal(sc_buf_add(&password, "x", 1), 0);
    l.password = password.data;
    tries(&smtp, "LOGIN", l,
          "C: AUTH LOGIN\nS: 334\nC: YW15\nS: 334\nC: *\nS: 501 no\n",
          SC_ETOOBIG, NULL);
    sc_buf_free(&password);
    sc_buf_free(&text);
    sc_buf_free(&script);
}

/* --- statement 31 --- */

static void success_without_the_signature_breaks(void **state)
{
    (void)state;
    scrams(SMTP_SCRAM "S: 235 welcome\n", SC_ECERT, true);
}

static void success_before_the_end_breaks(void **state)
{
    struct talk t = talk_to("C: AUTH LOGIN\nS: 334\nC: YW15\nS: 235 ok\n", 0);

    (void)state;
    scrams("C: AUTH SCRAM-SHA-256 " SCRAM_FIRST "\nS: 235 welcome\n", SC_EPROTO,
           true);
    assert_int_equal(sc_auth(t.c, &smtp, "LOGIN", &amy), SC_EPROTO);
    assert_int_equal(sc_broken(t.c), SC_EPROTO);
    talk_over(t);
}

static void nntp_success_with_a_wrong_signature_breaks(void **state)
{
    struct talk t = talk_to("C: AUTHINFO SASL SCRAM-SHA-256 " SCRAM_FIRST
                            "\nS: 383 " SCRAM_OFFER "\nC: " SCRAM_FINAL
                            "\nS: 283 " SCRAM_WRONG "\n",
                            0);

    (void)state;
    assert_int_equal(scram(t, &nntp), SC_ECERT);
    assert_int_equal(sc_broken(t.c), SC_ECERT);
    talk_over(t);
    tries(&nntp, "PLAIN", amy,
          "C: AUTHINFO SASL PLAIN AGFteQBzZWNyZXQ=\nS: 283 !\n", SC_EPROTO,
          NULL);
}

static void replies_out_of_place_break(void **state)
{
    (void)state;
    tries(&smtp, "PLAIN", amy, "C: AUTH PLAIN AGFteQBzZWNyZXQ=\nS: 250 ok\n",
          SC_EPROTO, NULL);
    tries(&smtp, "PLAIN", amy, "C: AUTH PLAIN AGFteQBzZWNyZXQ=\nS: 354 go\n",
          SC_EPROTO, NULL);
    tries(&smtp, "PLAIN", amy, "C: AUTH PLAIN AGFteQBzZWNyZXQ=\nS.\n", SC_EOF,
          NULL);
}

/* --- statement 32 --- */

static void xoauth2_error_is_answered_and_told(void **state)
{
    (void)state;
    tries(&smtp, "XOAUTH2", amy,
          "C: AUTH XOAUTH2 dXNlcj1hbXkBYXV0aD1CZWFyZXIgdG9rAQE=\n"
          "S: 334 eyJzdGF0dXMiOiI0MDEiLCJzY2hlbWVzIjoiQmVhcmVyIn0=\n"
          "C: \nS: 535 5.7.8 Not accepted\n",
          SC_EREPLY, "535 5.7.8 Not accepted: {\"status\":\"401\"");
}

static void oauthbearer_error_is_answered_and_told(void **state)
{
    (void)state;
    tries(&pop3, "OAUTHBEARER", amy,
          "C: AUTH OAUTHBEARER bixhPWFteSwBYXV0aD1CZWFyZXIgdG9rAQE=\n"
          "S: + eyJzdGF0dXMiOiI0MDEiLCJzY2hlbWVzIjoiQmVhcmVyIn0=\n"
          "C: AQ==\nS: -ERR no\n",
          SC_EREPLY, "\"status\":\"401\"");
}

/* A token in a browser's size does not fit into POP3's 255 bytes. */
static void a_long_token_goes_on_the_second_line(void **state)
{
    static const char a[] = "C: AUTH XOAUTH2\nS: + \nC: "
                            "dXNlcj1hbXkBYXV0aD1CZWFyZXIg";
    struct sc_sasl_login l = amy;
    struct sc_buf script = SC_BUF(0);
    char token[301];

    (void)state;
    memset(token, 0, sizeof token);
    for (size_t i = 0; i < 300; i += 3)
        memcpy(token + i, "i-i", 3);
    l.token = token; /* "i-i" is "aS1p" in base64 */
    sc_buf_addf(&script, "%s", a);
    for (size_t i = 0; i < 300; i += 3)
        sc_buf_addf(&script, "aS1p");
    sc_buf_addf(&script, "AQE=\nS: +OK\n");
    logs_in(&pop3, "XOAUTH2", l, script.data);
    sc_buf_free(&script);
}

static void refusals_are_told_apart(void **state)
{
    static const int codes[] = {432, 454, 500, 504, 530, 534, 535, 538};
    char script[100];

    (void)state;
    for (size_t i = 0; i < sizeof codes / sizeof codes[0]; i++) {
        struct talk t;

        snprintf(script, sizeof script,
                 "C: AUTH PLAIN AGFteQBzZWNyZXQ=\nS: %d no\n"
                 "C: NOOP\nS: 250 ok\n",
                 codes[i]);
        t = talk_to(script, 0);
        assert_int_equal(sc_auth(t.c, &smtp, "PLAIN", &amy), SC_EREPLY);
        assert_int_equal(sc_last_error(t.c)->status, codes[i]);
        sc_writeline(t.c, "NOOP");
        assert_int_equal(sc_expect(t.c, 250, NULL), 250);
        talk_over(t);
    }
}

/* --- statement 22 --- */

struct shown {
    struct sc_buf text;
};

static void show(void *arg, int direction, const char *text, size_t n)
{
    struct sc_buf *b = arg;

    sc_buf_addf(b, "%c%.*s\n", direction, (int)n, text);
}

static void secrets_are_masked_in_traces(void **state)
{
    struct sc_buf shown = {0};
    struct sc_options o = {.trace = show, .trace_arg = &shown};
    struct talk t = talk_class(&sc_simple_class,
                               "C: AUTH LOGIN\nS: 334 VXNlcm5hbWU6\nC: YW15\n"
                               "S: 334 UGFzc3dvcmQ6\nC: c2VjcmV0\n"
                               "S: 535 no\n"
                               "C: AUTH PLAIN AGFteQBzZWNyZXQ=\nS: 535 no\n",
                               0, &o);

    (void)state;
    assert_int_equal(sc_auth(t.c, &smtp, "LOGIN", &amy), SC_EREPLY);
    assert_int_equal(sc_auth(t.c, &smtp, "PLAIN", &amy), SC_EREPLY);
    assert_null(strstr(sc_last_error(t.c)->text, "AGFteQBzZWNyZXQ="));
    talk_over(t);
    assert_non_null(strstr(shown.data, ">AUTH LOGIN\n"));
    assert_non_null(strstr(shown.data, ">***\n"));
    assert_null(strstr(shown.data, "c2VjcmV0"));
    assert_null(strstr(shown.data, "YW15"));
    assert_null(strstr(shown.data, "AGFteQBzZWNyZXQ="));
    sc_buf_free(&shown);
}

/* --- tasks --- */

struct job {
    struct talk t;
    int rc; /* 1: not over */
    int seen;
};

static void scram_job(void *arg)
{
    struct job *j = arg;

    j->rc = scram(j->t, &smtp);
}

static const char slow_scram[] =
    SMTP_SCRAM "S: 334 " SCRAM_LAST "\nC: \nS: 235 ok\n";

static void look(void *arg)
{
    struct job *j = arg;

    j->seen = j->rc;
}

/* A script never waits: nothing else lets the second task run. */
static void others_go_on_during_the_heavy_step(void **state)
{
    struct job j = {talk_to(slow_scram, 0), 1, -1};
    int64_t one = sc_task_go(NULL, scram_job, &j);
    int64_t two = sc_task_go(NULL, look, &j);

    (void)state;
    sc_task_join(one);
    sc_task_join(two);
    assert_int_equal(j.rc, 0);
    assert_int_equal(j.seen, 1);
    talk_over(j.t);
}

static void close_it(void *arg)
{
    struct job *j = arg;

    sc_drop(j->t.c);
}

static void a_client_closed_during_the_heavy_step_says_so(void **state)
{
    struct job j = {talk_to(slow_scram, 0), 1, -1};
    int64_t one = sc_task_go(NULL, scram_job, &j);
    int64_t two = sc_task_go(NULL, close_it, &j);

    (void)state;
    sc_task_join(one);
    sc_task_join(two);
    assert_int_equal(j.rc, SC_ECLOSED);
}

/* OpenSSL keeps something for each thread; libuv's would end after OpenSSL. */
static int end_threads(void **state)
{
    (void)state;
    uv_library_shutdown();
    return 0;
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(smtp_says_plain_at_once),
    cmocka_unit_test(smtp_login_is_asked_twice),
    cmocka_unit_test(pop3_does_cram_md5),
    cmocka_unit_test(nntp_does_plain),
    cmocka_unit_test(smtp_does_scram),
    cmocka_unit_test(nntp_success_brings_the_signature),
    cmocka_unit_test(a_password_is_not_shown_in_clear_unless_allowed),
    cmocka_unit_test(a_name_that_cannot_be_is_refused_before_a_byte_is_sent),
    cmocka_unit_test(bad_base64_is_cancelled),
    cmocka_unit_test(a_mechanism_that_fails_is_cancelled),
    cmocka_unit_test(a_cancel_that_is_not_taken_breaks),
    cmocka_unit_test(a_wrong_signature_is_cancelled),
    cmocka_unit_test(a_server_error_is_a_refusal_with_its_word),
    cmocka_unit_test(an_empty_initial_response_is_an_equals_sign),
    cmocka_unit_test(an_empty_later_response_is_an_empty_line),
    cmocka_unit_test(nntp_says_nothing_with_an_equals_sign),
    cmocka_unit_test(a_long_initial_response_is_sent_after_the_challenge),
    cmocka_unit_test(challenges_have_up_to_64_kib),
    cmocka_unit_test(responses_have_up_to_64_kib),
    cmocka_unit_test(success_without_the_signature_breaks),
    cmocka_unit_test(success_before_the_end_breaks),
    cmocka_unit_test(nntp_success_with_a_wrong_signature_breaks),
    cmocka_unit_test(replies_out_of_place_break),
    cmocka_unit_test(xoauth2_error_is_answered_and_told),
    cmocka_unit_test(oauthbearer_error_is_answered_and_told),
    cmocka_unit_test(a_long_token_goes_on_the_second_line),
    cmocka_unit_test(refusals_are_told_apart),
    cmocka_unit_test(secrets_are_masked_in_traces),
    cmocka_unit_test(others_go_on_during_the_heavy_step),
    cmocka_unit_test(a_client_closed_during_the_heavy_step_says_so),
};

TEST_MAIN_WITH(tests, NULL, end_threads)
