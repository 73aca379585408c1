/* test_dovecot_pop3.c - POP3 against a real Dovecot: each way to log in, TLS,
 * messages byte for byte, thousands of them. Skipped (77) without Dovecot. */
#include "main.h"

#include <simpleclient/class.h>
#include <simpleclient/pop3.h>

#include "dovecot.h"

static struct certs certs;
static struct dovecot dovecot;
static struct pop3_result result;

static int start(void **state)
{
    (void)state;
    if (certs_make(&certs) < 0 || dovecot_start(&dovecot, &certs) < 0)
        return -1;
    return 0;
}

static int stop(void **state)
{
    (void)state;
    pop3_result_free(&result);
    dovecot_stop(&dovecot);
    certs_remove(&certs);
    return 0;
}

/* A Maildir that others may change: Dovecot is nobody. */
static void make_mailbox(const char *user)
{
    static const char *const folders[] = {"", "/new", "/cur", "/tmp"};
    char name[80];

    for (int i = 0; i < 4; i++) {
        snprintf(name, sizeof name, "mail/%s%s", user, folders[i]);
        if (access(server_path(&dovecot.at, name), F_OK) < 0)
            assert_int_equal(server_mkdir(&dovecot.at, name), 0);
    }
}

static void put(const char *user, int number, const char *text)
{
    char name[80];

    snprintf(name, sizeof name, "mail/%s/new/17%08d.M%d.here", user, number,
             number);
    assert_int_equal(server_write(&dovecot.at, name, text), 0);
}

static const char *server(const char *scheme, int port)
{
    static char url[64];

    snprintf(url, sizeof url, "%s://localhost:%d/", scheme, port);
    return url;
}

static struct sc_options joe(void)
{
    return (struct sc_options){
        .user = "joe", .password = "secret", .tls.ca_file = certs.ca};
}

static POP3Client *open_as(const char *scheme, int port, struct sc_options opt)
{
    POP3Client *p = pop3_open(server(scheme, port), &opt);

    if (sc_broken(pop3_base(p)) < 0)
        fail_msg("%s", sc_last_error(pop3_base(p))->text);
    return p;
}

/* --- logins --- */

static void stls_is_used_because_it_is_offered(void **state)
{
    POP3Client *p = open_as("pop3", dovecot.port[POP3], joe());

    (void)state;
    assert_true(sc_client_is_tls(pop3_base(p)));
    assert_true(pop3_capabilities(p)->have & POP3_CAP_PIPELINING);
    assert_int_equal(pop3_noop(p), 0);
    assert_int_equal(pop3_close(p), 0);
}

static void pop3s_is_tls_from_the_first_byte(void **state)
{
    POP3Client *p = open_as("pop3s", dovecot.port[POP3S], joe());

    (void)state;
    assert_true(sc_client_is_tls(pop3_base(p)));
    assert_int_equal(pop3_close(p), 0);
}

static void each_mechanism_logs_in(void **state)
{
    static const char *const all[] = {
        "PLAIN", "LOGIN", "CRAM-MD5", "SCRAM-SHA-1", "SCRAM-SHA-256", "USER"};
    struct sc_options opt = joe();

    (void)state;
    for (int tls = 0; tls < 2; tls++)
        for (size_t i = 0; i < sizeof all / sizeof all[0]; i++) {
            opt.mechanisms = all[i];
            opt.starttls = tls ? SC_STARTTLS_MUST : SC_STARTTLS_NEVER;
            pop3_close(open_as("pop3", dovecot.port[POP3], opt));
        }
}

static void bearer_tokens_log_in(void **state)
{
    static const char *const all[] = {"OAUTHBEARER", "XOAUTH2"};
    struct sc_buf token = dovecot_token("joe", 600);
    struct sc_options opt = joe();

    (void)state;
    opt.password = NULL;
    opt.token = token.data;
    for (int i = 0; i < 2; i++) {
        opt.mechanisms = all[i];
        pop3_close(open_as("pop3", dovecot.port[POP3], opt));
    }
    sc_buf_free(&token);
}

static void apop_logs_in(void **state)
{
    struct sc_options opt = joe();

    (void)state;
    opt.mechanisms = "APOP";
    opt.starttls = SC_STARTTLS_NEVER;
    pop3_close(open_as("pop3", dovecot.port[POP3], opt));
}

static void a_password_of_words_and_quotes_goes_unchanged(void **state)
{
    struct sc_options opt = joe();

    (void)state;
    opt.user = "amy";
    opt.password = "pass \"word\" of amy";
    opt.mechanisms = "USER";
    pop3_close(open_as("pop3", dovecot.port[POP3], opt));
}

static POP3Client *open_where_clear_is_refused(struct sc_options opt)
{
    char url[64];

    snprintf(url, sizeof url, "pop3://127.0.0.2:%d/", dovecot.port[POP3]);
    return pop3_open(url, &opt);
}

/* disable_plaintext_auth: it is told, and what does not show the password logs
 * in. */
static void a_password_in_clear_is_refused(void **state)
{
    static const char *const all[] = {"USER", NULL, "SCRAM-SHA-256"};
    struct sc_options opt = joe();

    (void)state;
    opt.starttls = SC_STARTTLS_NEVER;
    for (size_t i = 0; i < 3; i++) {
        POP3Client *p;

        opt.mechanisms = all[i];
        p = open_where_clear_is_refused(opt);
        if (i > 0)
            assert_int_equal(sc_broken(pop3_base(p)), 0);
        else if (sc_broken(pop3_base(p)) != SC_EREPLY ||
                 strstr(sc_last_error(pop3_base(p))->text,
                        "-ERR [AUTH] Plaintext auth") == NULL)
            fail_msg("%s", sc_last_error(pop3_base(p))->text);
        pop3_close(p);
    }
}

/* PLAIN is not even offered; in TLS it is. */
static void a_mechanism_in_clear_is_not_offered(void **state)
{
    struct sc_options opt = joe();
    POP3Client *p;

    (void)state;
    opt.starttls = SC_STARTTLS_NEVER;
    opt.mechanisms = "PLAIN";
    p = open_where_clear_is_refused(opt);
    assert_int_equal(sc_broken(pop3_base(p)), SC_ENOTSUP);
    pop3_close(p);
    opt.starttls = SC_STARTTLS_MUST;
    opt.tls.host = "localhost";
    p = open_where_clear_is_refused(opt);
    if (sc_broken(pop3_base(p)) < 0)
        fail_msg("%s", sc_last_error(pop3_base(p))->text);
    assert_int_equal(pop3_noop(p), 0);
    pop3_close(p);
}

static void a_wrong_password_is_told(void **state)
{
    static const char *const all[] = {"PLAIN", "SCRAM-SHA-256", "USER"};
    struct sc_options opt = joe();

    (void)state;
    opt.password = "wrong";
    for (size_t i = 0; i < sizeof all / sizeof all[0]; i++) {
        POP3Client *p;

        opt.mechanisms = all[i];
        p = pop3_open(server("pop3", dovecot.port[POP3]), &opt);
        assert_int_equal(sc_broken(pop3_base(p)), SC_EREPLY);
        assert_string_equal(pop3_response_code(p), "AUTH");
        pop3_close(p);
    }
}

static void what_is_known_of_the_server_is_asked_again(void **state)
{
    struct sc_options opt = joe();
    POP3Client *p;

    (void)state;
    opt.user = NULL;
    p = open_as("pop3", dovecot.port[POP3], opt);
    assert_false(pop3_capabilities(p)->have & POP3_CAP_STLS); /* in TLS */
    assert_true(pop3_capabilities(p)->have & POP3_CAP_SASL);
    assert_int_equal(pop3_user(p, "joe", "secret"), 0);
    assert_false(pop3_capabilities(p)->have & POP3_CAP_SASL);
    pop3_close(p);
}

/* --- messages --- */

static void check_one(POP3Client *p, const char *uid)
{
    struct sc_buf text = {0};
    uint64_t size = 0;
    char told[71];

    assert_int_equal(pop3_list_one(p, 1, &size), 0);
    assert_int_equal(pop3_uidl_one(p, 1, told), 0);
    assert_string_equal(told, uid);
    assert_int_equal(pop3_retr(p, 1, sc_buf_sink, &text), 0);
    assert_int_equal(text.len, size);
    assert_string_equal(text.data, "Subject: x\r\n\r\n.\r\n..\r\n...end\r\n");
    text.len = 0;
    assert_int_equal(pop3_top(p, 1, 1, sc_buf_sink, &text), 0);
    assert_string_equal(text.data, "Subject: x\r\n\r\n.\r\n");
    sc_buf_free(&text);
}

static int note_uid(void *arg, uint32_t number, const char *uid)
{
    assert_int_equal(number, 1);
    assert_true(sc_span_copy(arg, 71, sc_span_of(uid)));
    return 0;
}

static void each_command(void **state)
{
    uint32_t messages;
    uint64_t bytes;
    char uid[71] = "";
    POP3Client *p;

    (void)state;
    make_mailbox("joe");
    put("joe", 1, "Subject: x\n\n.\n..\n...end\n");
    p = open_as("pop3", dovecot.port[POP3], joe());
    assert_int_equal(pop3_stat(p, &messages, &bytes), 0);
    assert_int_equal(messages, 1);
    assert_int_equal(pop3_uidl(p, note_uid, uid), 0);
    check_one(p, uid);
    assert_int_equal(pop3_retr(p, 2, sc_null_sink, NULL), SC_EREPLY);
    assert_int_equal(pop3_dele(p, 1), 0);
    assert_int_equal(pop3_retr(p, 1, sc_null_sink, NULL), SC_EREPLY);
    assert_int_equal(pop3_rset(p), 0);
    check_one(p, uid);
    assert_int_equal(pop3_utf8(p), SC_ENOTSUP);
    assert_int_equal(pop3_dele(p, 1), 0);
    assert_int_equal(pop3_quit(p), 0);
    pop3_close(p);
    p = open_as("pop3", dovecot.port[POP3], joe());
    assert_int_equal(pop3_stat(p, &messages, &bytes), 0);
    assert_int_equal(messages, 0);
    pop3_close(p);
}

static int fetch(struct pop3_fetch how)
{
    struct sc_options opt = joe();

    how.options = &opt;
    return pop3_fetch(server("pop3", dovecot.port[POP3]), &how, &result);
}

/* Lines that begin with dots, a long one, one without an end. */
static void dotted_messages_come_byte_for_byte(void **state)
{
    static const char first[] = "Subject: dots\n\n.\n..\n.\r.x\n";
    static const char last[] = "\n.\n\nlast\n";
    static char text[60000];
    struct sc_buf got;
    char dir[200], name[300];
    struct maildir_name found[4];

    (void)state;
    make_mailbox("joe");
    memcpy(text, first, sizeof first);
    memset(text + 24, '.', 50000);
    memcpy(text + 50024, last, sizeof last);
    put("joe", 2, text);
    snprintf(dir, sizeof dir, "%s/mail/got", dovecot.at.dir);
    if (fetch((struct pop3_fetch){.maildir = dir}) < 0)
        fail_msg("%s", result.error.text);
    assert_int_equal(result.deleted, 1);
    assert_int_equal(maildir_list(&dovecot.at, "got", found, 4), 1);
    snprintf(name, sizeof name, "%s", found[0].path);
    got = server_read(&dovecot.at, name);
    assert_string_equal(got.data, text);
    sc_buf_free(&got);
}

struct counts {
    uint64_t bytes, ended;
};

static int count_bytes(void *arg, const void *p, size_t n)
{
    (void)p;
    ((struct counts *)arg)->bytes += n;
    return 0;
}

static int count_ends(void *arg, const struct pop3_message *m, int rc)
{
    (void)m;
    ((struct counts *)arg)->ended += rc == 0;
    return 0;
}

static void ten_thousand_messages_are_fetched(void **state)
{
    struct counts counts = {0};
    struct pop3_fetch how = {
        .sink = count_bytes, .end = count_ends, .arg = &counts};
    char text[100];
    uint64_t want = 0;

    (void)state;
    make_mailbox("joe");
    for (int i = 0; i < 10000; i++) {
        want += (uint64_t)snprintf(text, sizeof text,
                                   "Subject: %d\n\n.line\n..\n", i);
        put("joe", 1000 + i, text);
    }
    if (fetch(how) < 0)
        fail_msg("%s", result.error.text);
    assert_int_equal(counts.ended, 10000);
    assert_int_equal(counts.bytes, want + 4 * 10000); /* CRLF */
    assert_int_equal(result.deleted, 10000);
    if (fetch(how) < 0)
        fail_msg("%s", result.error.text);
    assert_int_equal(result.total, 0);
}

struct flight {
    int ahead, most; /* commands sent since the latest line that came */
};

static void watch(void *arg, int direction, const char *text, size_t n)
{
    struct flight *f = arg;

    if (direction == '<')
        f->ahead = 0;
    else if (direction == '>' && n > 4 && memcmp(text, "RETR", 4) == 0)
        f->ahead++;
    if (f->ahead > f->most)
        f->most = f->ahead;
}

static void messages_are_asked_for_ahead(void **state)
{
    struct pop3_fetch how = {.sink = sc_null_sink};
    struct sc_options opt = joe();
    struct flight f = {0};

    (void)state;
    make_mailbox("joe");
    for (int i = 0; i < 300; i++)
        put("joe", 30000 + i, "Subject: x\n\ntext\n");
    opt.trace = watch;
    opt.trace_arg = &f;
    how.options = &opt;
    if (pop3_fetch(server("pop3", dovecot.port[POP3]), &how, &result) < 0)
        fail_msg("%s", result.error.text);
    assert_int_equal(result.deleted, 300);
    assert_true(f.most >= 60);
}

static void kept_ones_are_known_by_their_uids(void **state)
{
    char file[200];
    struct pop3_fetch how = {.sink = sc_null_sink, .flags = POP3_KEEP};

    (void)state;
    make_mailbox("joe");
    snprintf(file, sizeof file, "%s/state-of-joe", dovecot.at.dir);
    how.state = file;
    for (int i = 0; i < 3; i++)
        put("joe", 20000 + i, "Subject: kept\n\ntext\n");
    assert_int_equal(fetch(how), 0);
    assert_int_equal(result.fetched, 3);
    put("joe", 20003, "Subject: new\n\ntext\n");
    assert_int_equal(fetch(how), 0);
    assert_int_equal(result.fetched, 1);
    assert_int_equal(result.skipped, 3);
    how.flags = 0;
    assert_int_equal(fetch(how), 0);
    assert_int_equal(result.fetched, 0);
    assert_int_equal(result.deleted, 4);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(stls_is_used_because_it_is_offered),
    cmocka_unit_test(pop3s_is_tls_from_the_first_byte),
    cmocka_unit_test(each_mechanism_logs_in),
    cmocka_unit_test(bearer_tokens_log_in),
    cmocka_unit_test(apop_logs_in),
    cmocka_unit_test(a_password_of_words_and_quotes_goes_unchanged),
    cmocka_unit_test(a_password_in_clear_is_refused),
    cmocka_unit_test(a_mechanism_in_clear_is_not_offered),
    cmocka_unit_test(a_wrong_password_is_told),
    cmocka_unit_test(what_is_known_of_the_server_is_asked_again),
    cmocka_unit_test(each_command),
    cmocka_unit_test(dotted_messages_come_byte_for_byte),
    cmocka_unit_test(ten_thousand_messages_are_fetched),
    cmocka_unit_test(messages_are_asked_for_ahead),
    cmocka_unit_test(kept_ones_are_known_by_their_uids),
};

int main(int argc, char **argv)
{
    bool list = argc > 1 && strcmp(argv[1], "-l") == 0;

    if (!list && !dovecot_installed()) {
        puts("no Dovecot with LMTP and POP3");
        return 77;
    }
    return test_main(__FILE__, tests, sizeof tests / sizeof tests[0], argc,
                     argv, start, stop);
}
