/* test_mail_compose.c - whole messages: RFC 2045 section 6.7 and 6.8, RFC 2046
 * section 5.1, RFC 5322 section 3. */
#include "main.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <simpleclient/mail.h>

#include "mail/mail_text.h"

static char dir[] = "/tmp/test_mail.XXXXXX";
static char path[64];

static void *failing_malloc(size_t n);
static void *failing_realloc(void *p, size_t n);

static int make_dir(void **state)
{
    static const struct sc_allocator mine = {failing_malloc, failing_realloc,
                                             free};

    (void)state;
    sc_set_allocator(&mine);
    if (mkdtemp(dir) == NULL)
        return -1;
    snprintf(path, sizeof path, "%s/note.bin", dir);
    return 0;
}

static int remove_dir(void **state)
{
    (void)state;
    unlink(path);
    return rmdir(dir);
}

static void write_file(const char *p, size_t n)
{
    FILE *f = fopen(path, "w");

    assert_non_null(f);
    assert_int_equal(fwrite(p, 1, n, f), n);
    fclose(f);
}

static int read_all(const struct mail_source *s, size_t step, struct sc_buf *to)
{
    char piece[100];
    ssize_t n;

    to->len = 0;
    while ((n = s->read(s->arg, piece, step)) > 0)
        assert_int_equal(sc_buf_add(to, piece, (size_t)n), 0);
    return (int)n;
}

static void assert_encoded(const char *text, enum mail_encoding how,
                           const char *expected)
{
    struct sc_buf out = SC_BUF(0);
    struct sc_span s = sc_span_of(text);

    assert_int_equal(mail_encoding_of(s), how);
    assert_int_equal(mail_encode_text(&out, s, how), 0);
    assert_string_equal(out.data, expected);
    sc_buf_free(&out);
}

static void text_is_sent_as_it_needs(void **state)
{
    (void)state;
    assert_encoded("a\nb\r\nc", MAIL_7BIT, "a\r\nb\r\nc\r\n");
    assert_encoded("a = b \xc3\xa4 \n.\n", MAIL_QUOTED_PRINTABLE,
                   "a =3D b =C3=A4=20\r\n.\r\n");
    assert_encoded("\xc3\xa4\xc3\xa4", MAIL_BASE64, "w6TDpA0K\r\n");
    assert_encoded("a\rb", MAIL_7BIT, "a\r\nb\r\n");
}

static void long_lines_are_quoted_in_pieces(void **state)
{
    char text[1500];
    struct sc_buf out = SC_BUF(0);
    struct sc_span s = {text, sizeof text};
    size_t total = 0;

    (void)state;
    memset(text, 'x', sizeof text);
    assert_int_equal(mail_encoding_of(s), MAIL_QUOTED_PRINTABLE);
    assert_int_equal(mail_encode_text(&out, s, MAIL_QUOTED_PRINTABLE), 0);
    for (const char *p = out.data, *e; (e = strstr(p, "\r\n")); p = e + 2) {
        assert_true(e - p <= 76);
        total += (size_t)(e - p) - (e[-1] == '=');
    }
    assert_int_equal(total, sizeof text);
    sc_buf_free(&out);
}

static void a_message_has_what_it_must(void **state)
{
    struct mail_composer *m = mail_composer_new();
    struct sc_buf all = SC_BUF(0);
    struct mail_source s;
    char *body;

    (void)state;
    assert_int_equal(mail_set(m, "From", "Joe <joe@example.org>"), 0);
    assert_int_equal(mail_set(m, "To", "a@b.c"), 0);
    assert_int_equal(mail_set(m, "to", "d@e.f"), 0); /* again: replaced */
    assert_int_equal(mail_set(m, "Bcc", "secret@e.f"), 0);
    assert_int_equal(mail_set(m, "Date", "Sat, 21 Nov 2026 17:25:00 +0000"), 0);
    assert_int_equal(mail_text(m, "Hello\n.\n"), 0);
    assert_int_equal(mail_composed(m, &s, NULL), 0);
    assert_int_equal(read_all(&s, sizeof "x", &all), 0);
    assert_non_null(strstr(all.data, "From: Joe <joe@example.org>\r\n"));
    assert_non_null(strstr(all.data, "to: d@e.f\r\n"));
    assert_null(strstr(all.data, "a@b.c"));
    assert_null(strstr(all.data, "secret"));
    assert_non_null(
        strstr(all.data, "Date: Sat, 21 Nov 2026 17:25:00 +0000\r\n"));
    assert_non_null(strstr(all.data, "@example.org>\r\n"));
    assert_non_null(strstr(all.data, "MIME-Version: 1.0\r\n"));
    body = strstr(all.data, "\r\n\r\n");
    assert_string_equal(body, "\r\n\r\nHello\r\n.\r\n");
    sc_buf_free(&all);
    mail_composer_free(m);
}

static void files_are_encoded_while_they_are_read(void **state)
{
    struct mail_composer *m = mail_composer_new();
    struct sc_buf all = SC_BUF(0), again = SC_BUF(0);
    struct mail_source s;
    char bytes[2000];

    (void)state;
    for (size_t i = 0; i < sizeof bytes; i++)
        bytes[i] = (char)i;
    write_file(bytes, sizeof bytes);
    mail_set(m, "From", "a@b.c");
    mail_text(m, "See the file.\n");
    assert_int_equal(mail_attach(m, path, NULL, NULL), 0);
    assert_int_equal(mail_attach(m, path, "b.txt", "text/x"), 0);
    assert_int_equal(mail_composed(m, &s, NULL), 0);
    assert_int_equal(read_all(&s, 100, &all), 0);
    assert_int_equal(s.rewind(s.arg), 0);
    assert_int_equal(read_all(&s, 7, &again), 0);
    assert_string_equal(all.data, again.data);
    assert_non_null(strstr(all.data, "Content-Type: multipart/mixed;\r\n"));
    assert_non_null(strstr(all.data, "\r\n name=\"note.bin\"\r\n"));
    assert_non_null(strstr(all.data, "\r\n filename=\"b.txt\"\r\n"));
    /* The first line of base64 of 0, 1, 2 ... (57 bytes), and its end. */
    assert_non_null(strstr(
        all.data, "\r\n\r\nAAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8gISIj"
                  "JCUmJygpKissLS4vMDEyMzQ1Njc4\r\n"));
    assert_non_null(strstr(all.data, "--\r\n"));
    write_file(bytes, 10);
    s.rewind(s.arg);
    assert_int_equal(read_all(&s, 100, &all), SC_ESHORT);
    sc_buf_free(&all);
    sc_buf_free(&again);
    mail_composer_free(m);
}

static void a_failure_is_remembered(void **state)
{
    struct mail_composer *m = mail_composer_new();
    struct mail_source s;
    struct sc_error e = {0};

    (void)state;
    assert_int_equal(mail_set(m, "Sub ject", "x"), SC_EINVAL);
    assert_int_equal(mail_text(m, "x"), SC_EINVAL);
    assert_int_equal(mail_composed(m, &s, &e), SC_EINVAL);
    assert_int_equal(e.code, SC_EINVAL);
    mail_composer_free(m);
    m = mail_composer_new();
    assert_int_equal(mail_set(m, "Subject", "a\r\nBcc: x@y.z"), SC_EINVAL);
    mail_composer_free(m);
    m = mail_composer_new();
    assert_int_equal(mail_attach(m, "/no/such/file", NULL, NULL), -ENOENT);
    mail_composer_free(m);
    m = mail_composer_new();
    assert_int_equal(mail_attach(m, "/", NULL, NULL), -EISDIR);
    mail_composer_free(m);
    mail_composer_free(NULL);
}

/* RFC 3629 section 4; Latin-1 must not be sent as UTF-8. */
static void what_is_no_utf8_is_refused(void **state)
{
    static const char *const good[] = {"",
                                       "a",
                                       "\xc2\x80",
                                       "\xdf\xbf",
                                       "\xe0\xa0\x80",
                                       "\xed\x9f\xbf",
                                       "\xee\x80\x80",
                                       "\xf0\x90\x80\x80",
                                       "\xf4\x8f\xbf\xbf"};
    static const char *const bad[] = {"Gr\xfc\xdf"
                                      "e",
                                      "\x80",
                                      "\xc3",
                                      "\xc0\x80",
                                      "\xc1\xbf",
                                      "\xe0\x9f\xbf",
                                      "\xe2\x82",
                                      "\xed\xa0\x80",
                                      "\xf0\x8f\xbf\xbf",
                                      "\xf0\x90\x80",
                                      "\xf4\x90\x80\x80",
                                      "\xf5\x80\x80\x80",
                                      "\xff",
                                      "\xc3\xa4\xa4"};

    (void)state;
    write_file("x", 1);
    for (size_t i = 0; i < sizeof good / sizeof good[0]; i++)
        assert_true(mail_is_utf8(sc_span_of(good[i])));
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        struct mail_composer *m[4];
        struct mail_source s;
        struct sc_error e = {0};

        for (int k = 0; k < 4; k++)
            m[k] = mail_composer_new();
        assert_int_equal(mail_text(m[0], bad[i]), SC_EINVAL);
        assert_int_equal(mail_set(m[1], "Subject", bad[i]), SC_EINVAL);
        assert_int_equal(mail_attach(m[2], path, bad[i], NULL), SC_EINVAL);
        assert_int_equal(mail_set(m[3], "X-Other", bad[i]), SC_EINVAL);
        assert_int_equal(mail_composed(m[0], &s, &e), SC_EINVAL);
        assert_non_null(strstr(e.text, "UTF-8"));
        for (int k = 0; k < 4; k++)
            mail_composer_free(m[k]);
    }
}

/* The CRLF before a boundary belongs to it (RFC 2046 section 5.1.1): the text
 * keeps its own. */
static void the_text_ends_as_it_did_before_files(void **state)
{
    static const char *const texts[] = {"patch\n", "one = \xc3\xa4 two three\n",
                                        ""};
    static const char *const ends[] = {
        "\r\n\r\npatch\r\n\r\n--", "\r\n\r\none =3D =C3=A4 two three\r\n\r\n--",
        "7bit\r\n\r\n\r\n--"};

    (void)state;
    write_file("x", 1);
    for (int i = 0; i < 3; i++) {
        struct mail_composer *m = mail_composer_new();
        struct sc_buf all = SC_BUF(0);
        struct mail_source s;

        mail_set(m, "From", "a@b.c");
        mail_text(m, texts[i]);
        mail_attach(m, path, NULL, NULL);
        assert_int_equal(mail_composed(m, &s, NULL), 0);
        assert_int_equal(read_all(&s, 100, &all), 0);
        if (strstr(all.data, ends[i]) == NULL)
            fail_msg("%s", all.data);
        sc_buf_free(&all);
        mail_composer_free(m);
    }
}

/* RFC 2045 section 6.4: base64 is not for messages and parts. */
static void messages_are_not_attached_in_base64(void **state)
{
    static const char *const bad[] = {
        "message/rfc822", "Message/Partial", "multipart/mixed; boundary=x",
        "text",           "/plain",          "text/",
        "te xt/plain"};

    (void)state;
    write_file("x", 1);
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        struct mail_composer *m = mail_composer_new();

        assert_int_equal(mail_attach(m, path, NULL, bad[i]), SC_EINVAL);
        mail_composer_free(m);
    }
}

/* What has taken a file's place is not waited for, nor sent. */
static void a_file_that_is_none_any_more_is_an_error(void **state)
{
    struct mail_composer *m = mail_composer_new();
    struct sc_buf all = SC_BUF(0);
    struct mail_source s;

    (void)state;
    write_file("", 0);
    mail_set(m, "From", "a@b.c");
    assert_int_equal(mail_attach(m, path, NULL, NULL), 0);
    write_file("more", 4);
    mail_attach(m, path, NULL, NULL);
    assert_int_equal(mail_composed(m, &s, NULL), 0);
    unlink(path);
    assert_int_equal(read_all(&s, 100, &all), -ENOENT);
    s.rewind(s.arg);
    assert_int_equal(mkfifo(path, 0600), 0);
    assert_int_equal(read_all(&s, 100, &all), SC_ESHORT);
    unlink(path);
    sc_buf_free(&all);
    mail_composer_free(m);
}

static long left = -1; /* allocations until one fails; < 0: none will */

static void *failing_realloc(void *p, size_t n)
{
    return left >= 0 && left-- == 0 ? NULL : realloc(p, n);
}

static void *failing_malloc(size_t n)
{
    return failing_realloc(NULL, n);
}

/* Returns 0 or SC_ENOMEM. */
static int compose_all(struct sc_buf *all)
{
    struct mail_composer *m = mail_composer_new();
    struct mail_source s;
    int rc = SC_ENOMEM;

    if (m == NULL)
        return rc;
    mail_set(m, "From", "\"J. \xc3\xb6rg\" <a@b.c>, \"d.e\" <f@g.h>");
    mail_set(m, "Subject",
             "on Gr\xc3\xbc\xc3\x9f"
             "e now");
    mail_text(m, "\xc3\xa4\xc3\xb6\xc3\xbc");
    for (int i = 0; i < 5; i++)
        mail_attach(m, path, "\xc3\xa4.txt", NULL);
    if ((rc = mail_composed(m, &s, NULL)) == 0)
        rc = read_all(&s, 100, all);
    mail_composer_free(m);
    return rc;
}

static void each_allocation_may_fail(void **state)
{
    struct sc_buf all = SC_BUF(0);
    int rc = SC_ENOMEM, n = 0;

    (void)state;
    write_file("0123456789", 10);
    assert_int_equal(sc_buf_reserve(&all, 10000), 0);
    for (; rc != 0; n++) {
        left = n;
        rc = compose_all(&all);
        if (rc != 0 && rc != SC_ENOMEM)
            fail_msg("at %d: %s", n, sc_strerror(rc));
        assert_true(n < 1000);
    }
    left = -1;
    assert_true(n > 20);
    assert_non_null(strstr(all.data, "MDEyMzQ1Njc4OQ==\r\n"));
    sc_buf_free(&all);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(text_is_sent_as_it_needs),
    cmocka_unit_test(long_lines_are_quoted_in_pieces),
    cmocka_unit_test(a_message_has_what_it_must),
    cmocka_unit_test(files_are_encoded_while_they_are_read),
    cmocka_unit_test(a_failure_is_remembered),
    cmocka_unit_test(what_is_no_utf8_is_refused),
    cmocka_unit_test(the_text_ends_as_it_did_before_files),
    cmocka_unit_test(messages_are_not_attached_in_base64),
    cmocka_unit_test(a_file_that_is_none_any_more_is_an_error),
    cmocka_unit_test(each_allocation_may_fail),
};

TEST_MAIN_WITH(tests, make_dir, remove_dir)
