/* test_cyrus_pop3.c - POP3 against a real Cyrus: a second make beside Dovecot.
 * Logins, lists, messages byte for byte, deletion that the next session sees.
 * Skipped (77) where it was not unpacked: `run.sh --servers` does that. */
#include "main.h"

#include <simpleclient/class.h>
#include <simpleclient/pop3.h>
#include <simpleclient/smtp.h>

#include "cyrus.h"
#include "maildir.h"

static struct certs certs;
static struct cyrus cyrus;
static struct pop3_result result;

static int start(void **state)
{
    (void)state;
    if (certs_make(&certs) < 0 || cyrus_start(&cyrus, &certs) < 0)
        return -1;
    return 0;
}

static int stop(void **state)
{
    (void)state;
    pop3_result_free(&result);
    cyrus_stop(&cyrus);
    certs_remove(&certs);
    return 0;
}

static const char *server(const char *scheme, int port)
{
    static char url[64];

    snprintf(url, sizeof url, "%s://localhost:%d/", scheme, cyrus.port[port]);
    return url;
}

static struct sc_options joe(void)
{
    return (struct sc_options){
        .user = "joe", .password = "secret", .tls.ca_file = certs.ca};
}

static POP3Client *open_as(const char *url, struct sc_options opt)
{
    POP3Client *p = pop3_open(url, &opt);

    if (sc_broken(pop3_base(p)) < 0)
        fail_msg("%s", sc_last_error(pop3_base(p))->text);
    return p;
}

/* --- mail comes in --- */

static void note_outcome(void *arg, const struct smtp_message *m,
                         const struct smtp_result *r)
{
    (void)m;
    if (r->outcome != SMTP_SENT)
        fail_msg("%s%s", r->error.text, r->n > 0 ? r->to[0].text : "");
    ++*(int *)arg;
}

/* TEXT has CRLF. Cyrus puts lines of its own before it. */
static void deliver(const char *text, int copies)
{
    static const char *const to[] = {"joe", NULL};
    struct smtp_message m = {
        .from = "me@simple.test", .to = to, .source.data = sc_span_of(text)};
    int sent = 0;
    struct smtp_queue *q =
        smtp_queue_new(cyrus.lmtp, NULL, note_outcome, &sent);

    for (int i = 0; i < copies; i++)
        smtp_queue_add(q, &m);
    smtp_queue_wait(q);
    smtp_queue_free(q);
    assert_int_equal(sent, copies);
}

static uint32_t count_messages(void)
{
    POP3Client *p = open_as(server("pop3", CYRUS_POP3), joe());
    uint32_t messages = 0;
    uint64_t bytes;

    assert_int_equal(pop3_stat(p, &messages, &bytes), 0);
    assert_int_equal(pop3_close(p), 0);
    return messages;
}

static bool ends_with(struct sc_buf b, const char *end)
{
    size_t n = strlen(end);

    return b.len >= n && memcmp(b.data + b.len - n, end, n) == 0;
}

/* --- logins --- */

static void stls_is_used_because_it_is_offered(void **state)
{
    POP3Client *p = open_as(server("pop3", CYRUS_POP3), joe());

    (void)state;
    assert_true(sc_client_is_tls(pop3_base(p)));
    assert_true(pop3_capabilities(p)->have & POP3_CAP_PIPELINING);
    assert_non_null(strstr(pop3_capabilities(p)->implementation, "Cyrus"));
    assert_int_equal(pop3_noop(p), 0);
    assert_int_equal(pop3_close(p), 0);
}

static void pop3s_is_tls_from_the_first_byte(void **state)
{
    POP3Client *p = open_as(server("pop3s", CYRUS_POP3S), joe());

    (void)state;
    assert_true(sc_client_is_tls(pop3_base(p)));
    assert_int_equal(pop3_close(p), 0);
}

static void each_mechanism_logs_in(void **state)
{
    static const char *const all[] = {"PLAIN", "LOGIN", "USER"};
    struct sc_options opt = joe();

    (void)state;
    for (int i = 0; i < 6; i++) {
        opt.mechanisms = all[i / 2];
        opt.starttls = i % 2 ? SC_STARTTLS_MUST : SC_STARTTLS_NEVER;
        assert_int_equal(pop3_close(open_as(server("pop3", CYRUS_POP3), opt)),
                         0);
    }
}

static void a_password_of_words_and_quotes_goes_unchanged(void **state)
{
    struct sc_options opt = joe();

    (void)state;
    opt.user = "amy";
    opt.password = "pass \"word\" of amy";
    opt.mechanisms = "USER";
    pop3_close(open_as(server("pop3", CYRUS_POP3), opt));
}

static void a_wrong_password_is_told(void **state)
{
    static const char *const all[] = {"PLAIN", "USER"};
    struct sc_options opt = joe();

    (void)state;
    opt.password = "wrong";
    for (int i = 0; i < 2; i++) {
        POP3Client *p;

        opt.mechanisms = all[i];
        p = pop3_open(server("pop3", CYRUS_POP3), &opt);
        assert_int_equal(sc_broken(pop3_base(p)), SC_EREPLY);
        assert_string_equal(pop3_response_code(p), "AUTH");
        pop3_close(p);
    }
}

/* --- messages --- */

static int note_size(void *arg, uint32_t number, uint64_t size)
{
    ((uint64_t *)arg)[number == 1] = size;
    return 0;
}

static int note_uid(void *arg, uint32_t number, const char *uid)
{
    assert_int_equal(number, 1);
    assert_true(sc_span_copy(arg, 71, sc_span_of(uid)));
    return 0;
}

static void check_lists(POP3Client *p)
{
    uint64_t sizes[2] = {0}, bytes, size;
    char uid[71] = "", told[71];
    uint32_t messages;

    assert_int_equal(pop3_stat(p, &messages, &bytes), 0);
    assert_int_equal(messages, 1);
    assert_int_equal(pop3_list(p, note_size, sizes), 0);
    assert_int_equal(pop3_list_one(p, 1, &size), 0);
    assert_int_equal(sizes[1], bytes);
    assert_int_equal(size, bytes);
    assert_int_equal(pop3_uidl(p, note_uid, uid), 0);
    assert_int_equal(pop3_uidl_one(p, 1, told), 0);
    assert_string_equal(told, uid);
}

static void check_text(POP3Client *p)
{
    struct sc_buf text = {0};
    uint64_t size = 0;

    assert_int_equal(pop3_list_one(p, 1, &size), 0);
    assert_int_equal(pop3_retr(p, 1, sc_buf_sink, &text), 0);
    assert_int_equal(text.len, size);
    assert_true(ends_with(text, "\r\n\r\n.\r\n..\r\n...end\r\n"));
    text.len = 0;
    assert_int_equal(pop3_top(p, 1, 1, sc_buf_sink, &text), 0);
    assert_true(ends_with(text, "\r\n\r\n.\r\n"));
    sc_buf_free(&text);
}

static void each_command(void **state)
{
    POP3Client *p;

    (void)state;
    deliver("Subject: x\r\n\r\n.\r\n..\r\n...end\r\n", 1);
    p = open_as(server("pop3", CYRUS_POP3), joe());
    check_lists(p);
    check_text(p);
    assert_int_equal(pop3_retr(p, 2, sc_null_sink, NULL), SC_EREPLY);
    assert_int_equal(pop3_dele(p, 1), 0);
    assert_int_equal(pop3_retr(p, 1, sc_null_sink, NULL), SC_EREPLY);
    assert_int_equal(pop3_rset(p), 0);
    check_text(p);
    assert_int_equal(pop3_dele(p, 1), 0);
    assert_int_equal(pop3_quit(p), 0);
    pop3_close(p);
    assert_int_equal(count_messages(), 0);
}

/* RFC 1939 section 6: without QUIT nothing is removed. */
static void a_session_that_is_dropped_deletes_nothing(void **state)
{
    POP3Client *p;

    (void)state;
    deliver("Subject: stays\r\n\r\ntext\r\n", 1);
    p = open_as(server("pop3", CYRUS_POP3), joe());
    assert_int_equal(pop3_dele(p, 1), 0);
    sc_drop(pop3_base(p));
    assert_int_equal(count_messages(), 1);
    p = open_as(server("pop3", CYRUS_POP3), joe());
    assert_int_equal(pop3_dele(p, 1), 0);
    assert_int_equal(pop3_close(p), 0);
    assert_int_equal(count_messages(), 0);
}

static int fetch(struct pop3_fetch how)
{
    struct sc_options opt = joe();

    how.options = &opt;
    return pop3_fetch(server("pop3", CYRUS_POP3), &how, &result);
}

/* More than one window of them, lines that begin with dots, one of 900. */
static void a_mailbox_goes_into_a_maildir(void **state)
{
    static char text[1000], dir[96];
    static struct maildir_name found[160];
    size_t n = (size_t)snprintf(text, sizeof text,
                                "Subject: dots\r\n\r\n.\r\n..\r\n.\r\n");

    (void)state;
    memset(text + n, '.', 900);
    snprintf(text + n + 900, sizeof text - n - 900, "\r\n.last\r\n");
    deliver(text, 150);
    snprintf(dir, sizeof dir, "%s/mail/got", cyrus.at.dir);
    if (fetch((struct pop3_fetch){.maildir = dir}) < 0)
        fail_msg("%s", result.error.text);
    assert_int_equal(result.fetched, 150);
    assert_int_equal(result.deleted, 150);
    assert_int_equal(maildir_list(&cyrus.at, "got", found, 160), 150);
    for (char *cr = text; (cr = strchr(cr, '\r')) != NULL;)
        memmove(cr, cr + 1, strlen(cr));
    for (int i = 0; i < 150; i++) {
        struct sc_buf got = server_read(&cyrus.at, found[i].path);

        assert_true(ends_with(got, strstr(text, "\n\n")));
        sc_buf_free(&got);
    }
    assert_int_equal(count_messages(), 0);
}

static void kept_ones_are_known_by_their_uids(void **state)
{
    char file[96];
    struct pop3_fetch how = {.sink = sc_null_sink, .flags = POP3_KEEP};

    (void)state;
    snprintf(file, sizeof file, "%s/state-of-joe", cyrus.at.dir);
    how.state = file;
    deliver("Subject: kept\r\n\r\ntext\r\n", 3);
    assert_int_equal(fetch(how), 0);
    assert_int_equal(result.fetched, 3);
    deliver("Subject: new\r\n\r\ntext\r\n", 1);
    assert_int_equal(fetch(how), 0);
    assert_int_equal(result.fetched, 1);
    assert_int_equal(result.skipped, 3);
    how.flags = 0;
    assert_int_equal(fetch(how), 0);
    assert_int_equal(result.fetched, 0);
    assert_int_equal(result.deleted, 4);
    assert_int_equal(count_messages(), 0);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(stls_is_used_because_it_is_offered),
    cmocka_unit_test(pop3s_is_tls_from_the_first_byte),
    cmocka_unit_test(each_mechanism_logs_in),
    cmocka_unit_test(a_password_of_words_and_quotes_goes_unchanged),
    cmocka_unit_test(a_wrong_password_is_told),
    cmocka_unit_test(each_command),
    cmocka_unit_test(a_session_that_is_dropped_deletes_nothing),
    cmocka_unit_test(a_mailbox_goes_into_a_maildir),
    cmocka_unit_test(kept_ones_are_known_by_their_uids),
};

int main(int argc, char **argv)
{
    bool list = argc > 1 && strcmp(argv[1], "-l") == 0;

    if (!list && !cyrus_unpacked()) {
        puts("no Cyrus unpacked: tests/run.sh --servers does it");
        return 77;
    }
    return test_main(__FILE__, tests, sizeof tests / sizeof tests[0], argc,
                     argv, start, stop);
}
