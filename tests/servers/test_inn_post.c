/* test_inn_post.c - articles given to a real INN: POST, IHAVE, and what it
 * refuses. Skipped (77) without INN. */
#include "main.h"

#include <simpleclient/class.h>
#include <simpleclient/nntp.h>

#include "inn_feed.h"

static struct certs certs;
static struct inn inn;

static int start(void **state)
{
    (void)state;
    if (certs_make(&certs) < 0)
        return -1;
    return inn_start(&inn, &certs);
}

static int stop(void **state)
{
    (void)state;
    inn_stop(&inn);
    certs_remove(&certs);
    return 0;
}

static NNTPClient *must(NNTPClient *n)
{
    if (sc_broken(nntp_base(n)) < 0)
        fail_msg("%s", sc_last_error(nntp_base(n))->text);
    return n;
}

static NNTPClient *reader(const char *user)
{
    struct sc_options opt = {.user = user,
                             .password = user != NULL ? "secret" : NULL,
                             .starttls = SC_STARTTLS_NEVER};

    return must(nntp_open(inn_url(&inn, READER, ""), &opt));
}

static NNTPClient *transit(void)
{
    return must(nntp_open_transit(inn_url(&inn, TRANSIT, ""), NULL));
}

static struct mail_source text(const char *p)
{
    return (struct mail_source){.data = {p, strlen(p)}};
}

static void assert_ok(NNTPClient *n, int rc)
{
    if (rc < 0)
        fail_msg("%s", sc_last_error(nntp_base(n))->text);
}

static void assert_refused(NNTPClient *n, int rc, int code, const char *why)
{
    const struct sc_error *e = sc_last_error(nntp_base(n));

    assert_int_equal(rc, SC_EREPLY);
    if (e->status != code || strstr(e->text, why) == NULL)
        fail_msg("%d %s", e->status, e->text);
    assert_int_equal(sc_broken(nntp_base(n)), 0);
}

static void assert_body(NNTPClient *n, const char *id, const char *want)
{
    struct sc_buf got = SC_BUF(1 << 20);

    assert_ok(n, nntp_body_id(n, id, sc_buf_sink, &got, NULL));
    assert_string_equal(got.data, want);
    sc_buf_free(&got);
}

/* --- POST --- */

#define FROM "From: joe@simple.test\r\nSubject: a test\r\n"

static void an_article_is_posted(void **state)
{
    struct mail_source a =
        text(FROM "Newsgroups: local.test\r\nMessage-ID: <p1@simple.test>\r\n"
                  "\r\nHello.\r\n.\r\n..two\r\nend\r\n");
    NNTPClient *n = reader(NULL);

    (void)state;
    assert_ok(n, nntp_post(n, &a, NULL));
    assert_body(n, "<p1@simple.test>", "Hello.\r\n.\r\n..two\r\nend\r\n");
    assert_int_equal(nntp_close(n), 0);
}

static void the_suggested_message_id_is_told_and_used(void **state)
{
    struct mail_source a =
        text(FROM "Newsgroups: local.test\n\nWithout an id.\n");
    NNTPClient *n = reader(NULL);
    struct nntp_ref ref;

    (void)state;
    assert_ok(n, nntp_post(n, &a, &ref));
    assert_non_null(strstr(ref.id, "@"));
    assert_int_equal(ref.id[0], '<');
    assert_body(n, ref.id, "Without an id.\r\n");
    nntp_close(n);
}

struct letters {
    uint64_t left;
};

/* Lines of 64 bytes, 13 at a time: their ends fall everywhere. */
static ssize_t give_letters(void *arg, void *buf, size_t n)
{
    static const char head[] =
        FROM "Newsgroups: local.test\nMessage-ID: <long@simple.test>\n\n";
    struct letters *l = arg;
    const uint64_t all = sizeof head - 1 + 64000;
    char *to = buf;
    size_t i;

    for (i = 0; i < n && i < 13 && l->left > 0; i++, l->left--) {
        uint64_t at = all - l->left;

        if (at < sizeof head - 1)
            to[i] = head[at];
        else
            to[i] = (at - (sizeof head - 1)) % 64 == 63 ? '\n' : '.';
    }
    return (ssize_t)i;
}

static void an_article_is_posted_from_a_function(void **state)
{
    struct letters l = {strlen(FROM "Newsgroups: local.test\n"
                                    "Message-ID: <long@simple.test>\n\n") +
                        64000};
    struct mail_source a = {.read = give_letters, .arg = &l};
    NNTPClient *n = reader(NULL);
    struct sc_buf got = SC_BUF(1 << 20);

    (void)state;
    assert_ok(n, nntp_post(n, &a, NULL));
    assert_ok(n,
              nntp_body_id(n, "<long@simple.test>", sc_buf_sink, &got, NULL));
    assert_int_equal(got.len, 65000);
    for (size_t i = 0; i < got.len; i++)
        assert_int_equal(got.data[i], i % 65 == 63   ? '\r'
                                      : i % 65 == 64 ? '\n'
                                                     : '.');
    sc_buf_free(&got);
    nntp_close(n);
}

static void an_article_is_posted_from_a_file(void **state)
{
    static const char article[] =
        "this is skipped\n" FROM "Newsgroups: local.test\n"
        "Message-ID: <file@simple.test>\n\n.line\n";
    NNTPClient *n = reader(NULL);
    struct mail_source a = {.offset = 16};

    (void)state;
    assert_int_equal(server_write(&inn.at, "tmp/article", article), 0);
    a.fd = open(server_path(&inn.at, "tmp/article"), O_RDONLY);
    assert_ok(n, nntp_post(n, &a, NULL));
    close(a.fd);
    assert_body(n, "<file@simple.test>", ".line\r\n");
    nntp_close(n);
}

static void what_cannot_be_posted_is_441(void **state)
{
    static const struct {
        const char *article, *why;
    } all[] = {
        {FROM "\nNo group.\n", "Newsgroups"},
        {"Subject: x\nNewsgroups: local.test\n\nNobody.\n", "From"},
        {FROM "Newsgroups: local.closed\n\nNo posts there.\n", ""},
        {FROM "Newsgroups: none.such\n\nNo such group.\n", ""},
    };
    NNTPClient *n = reader(NULL);
    struct mail_source good = text(FROM "Newsgroups: local.test\n\nFine.\n");

    (void)state;
    for (size_t i = 0; i < sizeof all / sizeof all[0]; i++) {
        struct mail_source a = text(all[i].article);

        assert_refused(n, nntp_post(n, &a, NULL), 441, all[i].why);
    }
    assert_ok(n, nntp_post(n, &good, NULL));
    nntp_close(n);
}

static void the_same_message_id_is_not_taken_twice(void **state)
{
    struct mail_source a =
        text(FROM "Newsgroups: local.test\nMessage-ID: <twice@simple.test>\n"
                  "\nOnce.\n");
    NNTPClient *n = reader(NULL);

    (void)state;
    assert_ok(n, nntp_post(n, &a, NULL));
    assert_refused(n, nntp_post(n, &a, NULL), 441, "435");
    nntp_close(n);
}

static void who_may_not_post_is_told_440(void **state)
{
    struct mail_source a =
        text(FROM "Newsgroups: local.test\nMessage-ID: <mute@simple.test>\n"
                  "\nUnheard.\n");
    NNTPClient *n = reader("max");

    (void)state;
    assert_refused(n, nntp_post(n, &a, NULL), 440, "");
    assert_int_equal(nntp_stat_id(n, "<mute@simple.test>", NULL), SC_EREPLY);
    nntp_close(n);
}

/* INN sends it to the moderator and says 240. */
static void a_moderated_group_gets_nothing_unseen(void **state)
{
    struct mail_source a =
        text(FROM "Newsgroups: local.mod\nMessage-ID: <mod@simple.test>\n"
                  "\nMay I?\n");
    struct mail_source approved =
        text(FROM "Newsgroups: local.mod\nMessage-ID: <yes@simple.test>\n"
                  "Approved: moderator@simple.test\n\nYou may.\n");
    NNTPClient *n = reader(NULL);
    struct nntp_group g;

    (void)state;
    assert_ok(n, nntp_post(n, &a, NULL));
    assert_ok(n, nntp_group(n, "local.mod", &g));
    assert_int_equal(g.count, 0);
    assert_refused(n, nntp_post(n, &approved, NULL), 441, "");
    nntp_close(n);
}

/* --- IHAVE --- */

#define PATHED(id)                                                             \
    "Path: there!not-for-mail\r\n" FROM "Newsgroups: local.test\r\n"           \
    "Date: Sat, 21 Nov 2026 12:00:00 +0000\r\nMessage-ID: " id "\r\n\r\n"

static void an_article_is_offered_and_taken(void **state)
{
    struct mail_source a = text(PATHED("<i1@simple.test>") "Taken.\n..\n");
    NNTPClient *n = transit(), *r = reader(NULL);

    (void)state;
    assert_ok(n, nntp_ihave(n, "<i1@simple.test>", &a));
    assert_body(r, "<i1@simple.test>", "Taken.\r\n..\r\n");
    assert_refused(n, nntp_ihave(n, "<i1@simple.test>", &a), 435, "");
    assert_int_equal(nntp_close(n), 0);
    nntp_close(r);
}

static void an_article_that_is_none_is_437(void **state)
{
    struct mail_source bad = text("Subject: x\n\nNo article.\n");
    struct mail_source other =
        text("Path: there!not-for-mail\n" FROM "Newsgroups: none.such\n"
             "Date: Sat, 21 Nov 2026 12:00:00 +0000\n"
             "Message-ID: <o@simple.test>\n\nNobody reads this.\n");
    struct mail_source good = text(PATHED("<i2@simple.test>") "Good.\n");
    NNTPClient *n = transit();

    (void)state;
    assert_refused(n, nntp_ihave(n, "<b@simple.test>", &bad), 437, "");
    assert_refused(n, nntp_ihave(n, "<o@simple.test>", &other), 437,
                   "none.such");
    assert_ok(n, nntp_ihave(n, "<i2@simple.test>", &good));
    nntp_close(n);
}

static void a_reader_may_offer_after_a_login(void **state)
{
    struct mail_source a = text(PATHED("<i3@simple.test>") "Through nnrpd.\n");
    NNTPClient *n = reader(NULL);

    (void)state;
    assert_int_equal(nntp_ihave(n, "<i3@simple.test>", &a), SC_EREPLY);
    nntp_close(n);
    n = reader("joe");
    assert_true(nntp_capabilities(n)->have & NNTP_CAP_IHAVE);
    assert_ok(n, nntp_ihave(n, "<i3@simple.test>", &a));
    assert_body(n, "<i3@simple.test>", "Through nnrpd.\r\n");
    nntp_close(n);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(an_article_is_posted),
    cmocka_unit_test(the_suggested_message_id_is_told_and_used),
    cmocka_unit_test(an_article_is_posted_from_a_function),
    cmocka_unit_test(an_article_is_posted_from_a_file),
    cmocka_unit_test(what_cannot_be_posted_is_441),
    cmocka_unit_test(the_same_message_id_is_not_taken_twice),
    cmocka_unit_test(who_may_not_post_is_told_440),
    cmocka_unit_test(a_moderated_group_gets_nothing_unseen),
    cmocka_unit_test(an_article_is_offered_and_taken),
    cmocka_unit_test(an_article_that_is_none_is_437),
    cmocka_unit_test(a_reader_may_offer_after_a_login),
};

int main(int argc, char **argv)
{
    bool list = argc > 1 && strcmp(argv[1], "-l") == 0;

    if (!list && !inn_installed()) {
        puts("no INN, or no namespaces");
        return 77;
    }
    return test_main(__FILE__, tests, sizeof tests / sizeof tests[0], argc,
                     argv, start, stop);
}
