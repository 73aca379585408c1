/* test_mail_compose.c - whole messages: RFC 2045 section 6.7 and 6.8, RFC 2046
 * section 5.1, RFC 5322 section 3. */
#include "main.h"

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#include <simpleclient/mail.h>

#include "mail/mail_text.h"

static char dir[] = "/tmp/test_mail.XXXXXX";
static char path[64];

static int make_dir(void **state)
{
    (void)state;
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

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(text_is_sent_as_it_needs),
    cmocka_unit_test(long_lines_are_quoted_in_pieces),
    cmocka_unit_test(a_message_has_what_it_must),
    cmocka_unit_test(files_are_encoded_while_they_are_read),
    cmocka_unit_test(a_failure_is_remembered),
};

TEST_MAIN_WITH(tests, make_dir, remove_dir)
