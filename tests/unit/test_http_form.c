/* test_http_form.c - multipart bodies byte by byte (RFC 7578, RFC 2046 section
 * 5.1.1), from memory and from files, however they are read; and again. */
#include "main.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include <simpleclient/http_form.h>

#define START "multipart/form-data; boundary="

static char dir[] = "/tmp/test_http_form.XXXXXX";
static char path[64];

static void write_file(const char *text)
{
    FILE *f = fopen(path, "w");

    assert_non_null(f);
    fputs(text, f);
    fclose(f);
}

static int make_dir(void **state)
{
    (void)state;
    if (mkdtemp(dir) == NULL)
        return -1;
    snprintf(path, sizeof path, "%s/note.txt", dir);
    return 0;
}

static int remove_dir(void **state)
{
    (void)state;
    unlink(path);
    return rmdir(dir);
}

/* Read S to its end in pieces of at most STEP; returns 0 or the error. */
static int read_all(const struct http_source *s, size_t step,
                    struct sc_buf *out)
{
    char buf[256];
    ssize_t n;

    out->len = 0;
    while ((n = s->read(s->arg, buf, step)) > 0)
        assert_int_equal(sc_buf_add(out, buf, (size_t)n), 0);
    return (int)n;
}

/* EXPECTED has "B" where the boundary stands: "--B\r\n". */
static void assert_body(const struct http_source *s, const char *expected)
{
    const char *boundary = s->type + sizeof START - 1;
    struct sc_buf want = SC_BUF(0), got = SC_BUF(0);

    assert_memory_equal(s->type, START, sizeof START - 1);
    for (const char *p = expected; *p != '\0'; p++) {
        sc_buf_add(&want, p, 1);
        if (p[0] == '-' && p[1] == 'B') {
            sc_buf_add(&want, boundary, strlen(boundary));
            p++;
        }
    }
    for (size_t step = 1; step <= 256; step *= 4) {
        assert_int_equal(s->rewind(s->arg), 0);
        assert_int_equal(read_all(s, step, &got), 0);
        assert_string_equal(got.data, want.data);
        assert_int_equal(got.len, s->length);
    }
    sc_buf_free(&want);
    sc_buf_free(&got);
}

static void texts_and_files_become_parts(void **state)
{
    struct http_form *f = http_form_new();
    struct http_source s;

    (void)state;
    write_file("two\nlines\n");
    assert_int_equal(
        http_form_add(f, &(struct http_part){.name = "who", .text = "joe"}), 0);
    assert_int_equal(
        http_form_add(f, &(struct http_part){.name = "f", .path = path}), 0);
    assert_int_equal(
        http_form_add(f, &(struct http_part){.name = "e", .text = ""}), 0);
    assert_int_equal(http_form_source(f, &s, NULL), 0);
    assert_body(
        &s, "--B\r\nContent-Disposition: form-data; name=\"who\"\r\n\r\njoe\r\n"
            "--B\r\nContent-Disposition: form-data; name=\"f\"; "
            "filename=\"note.txt\"\r\nContent-Type: text/plain\r\n\r\n"
            "two\nlines\n\r\n"
            "--B\r\nContent-Disposition: form-data; name=\"e\"\r\n\r\n\r\n"
            "--B--\r\n");
    http_form_free(f);
}

static void names_cannot_break_out(void **state)
{
    struct http_form *f = http_form_new();
    struct http_source s;

    (void)state;
    http_form_add(f, &(struct http_part){.name = "a\"b\r\nEvil: 1",
                                         .filename = "x\ny",
                                         .type = "text/x",
                                         .bytes = {"\0z", 2}});
    assert_int_equal(http_form_source(f, &s, NULL), 0);
    assert_int_equal(s.length > 0, 1);
    http_form_free(f);
    f = http_form_new();
    http_form_add(f, &(struct http_part){.name = "a\"b\r\nE",
                                         .filename = "x\ny",
                                         .type = "text/x",
                                         .text = "z"});
    assert_int_equal(http_form_source(f, &s, NULL), 0);
    assert_body(&s, "--B\r\nContent-Disposition: form-data; "
                    "name=\"a%22b%0D%0AE\"; filename=\"x%0Ay\"\r\n"
                    "Content-Type: text/x\r\n\r\nz\r\n--B--\r\n");
    http_form_free(f);
}

static void fields_of_a_part_are_sent(void **state)
{
    struct http_form *f = http_form_new();
    struct sc_fields more = {0};
    struct http_source s;

    (void)state;
    assert_int_equal(sc_fields_add(&more, sc_span_of("X-A"), sc_span_of("1")),
                     0);
    http_form_add(f,
                  &(struct http_part){.name = "n", .text = "v", .head = &more});
    assert_int_equal(http_form_source(f, &s, NULL), 0);
    assert_body(&s, "--B\r\nContent-Disposition: form-data; name=\"n\"\r\n"
                    "X-A: 1\r\n\r\nv\r\n--B--\r\n");
    sc_fields_free(&more);
    http_form_free(f);
}

static void a_refused_part_is_remembered(void **state)
{
    static const struct http_part bad[] = {
        {.text = "no name"},
        {.name = "n", .text = "v", .type = "a\r\nb: c"},
        {.name = "n", .text = "v", .path = "/dev/null"},
        {.name = "n", .path = "/no/such/file"},
        {.name = "n", .path = "/"},
    };
    static const int codes[] = {SC_EINVAL, SC_EINVAL, SC_EINVAL, -ENOENT,
                                -EISDIR};

    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        struct http_form *f = http_form_new();
        struct sc_error e = {0};
        struct http_source s;

        assert_int_equal(http_form_add(f, &bad[i]), codes[i]);
        assert_int_equal(
            http_form_add(f, &(struct http_part){.name = "n", .text = "v"}),
            codes[i]);
        assert_int_equal(http_form_source(f, &s, &e), codes[i]);
        assert_int_equal(e.code, codes[i]);
        http_form_free(f);
    }
}

static void a_file_that_changes_its_length_is_an_error(void **state)
{
    struct http_form *f = http_form_new();
    struct sc_buf out = SC_BUF(0);
    struct http_source s;

    (void)state;
    write_file("0123456789");
    http_form_add(f, &(struct http_part){.name = "f", .path = path});
    assert_int_equal(http_form_source(f, &s, NULL), 0);
    write_file("012345678");
    assert_int_equal(read_all(&s, 7, &out), SC_ESHORT);
    write_file("0123456789a");
    s.rewind(s.arg);
    assert_int_equal(read_all(&s, 7, &out), SC_ESHORT);
    write_file("0123456789");
    s.rewind(s.arg);
    assert_int_equal(read_all(&s, 7, &out), 0);
    sc_buf_free(&out);
    http_form_free(f);
}

static void what_is_no_file_is_read_at_once(void **state)
{
    struct http_form *f = http_form_new();
    struct http_source s;

    (void)state;
    http_form_add(f, &(struct http_part){.name = "f", .path = "/dev/null"});
    assert_int_equal(http_form_source(f, &s, NULL), 0);
    assert_body(&s, "--B\r\nContent-Disposition: form-data; name=\"f\"; "
                    "filename=\"null\"\r\nContent-Type: "
                    "application/octet-stream\r\n\r\n\r\n--B--\r\n");
    http_form_free(f);
}

/* curl -F 'f=@x.png;filename=upload' */
static void a_name_that_says_no_type_leaves_it_to_the_file(void **state)
{
    static const char png[] = "/tmp/sc_form_type.png";
    struct http_form *f = http_form_new();
    FILE *file = fopen(png, "w");
    struct http_source s;

    (void)state;
    assert_non_null(file);
    fclose(file);
    http_form_add(
        f, &(struct http_part){.name = "f", .path = png, .filename = "upload"});
    assert_int_equal(http_form_source(f, &s, NULL), 0);
    assert_body(&s, "--B\r\nContent-Disposition: form-data; name=\"f\"; "
                    "filename=\"upload\"\r\nContent-Type: "
                    "image/png\r\n\r\n\r\n--B--\r\n");
    http_form_free(f);
    unlink(png);
}

static void boundaries_differ(void **state)
{
    struct http_form *a = http_form_new(), *b = http_form_new();
    struct http_source s, t;

    (void)state;
    assert_int_equal(http_form_source(a, &s, NULL), 0);
    assert_int_equal(http_form_source(b, &t, NULL), 0);
    assert_string_not_equal(s.type, t.type);
    assert_body(&s, "--B--\r\n");
    http_form_free(a);
    http_form_free(b);
    http_form_free(NULL);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(texts_and_files_become_parts),
    cmocka_unit_test(names_cannot_break_out),
    cmocka_unit_test(fields_of_a_part_are_sent),
    cmocka_unit_test(a_refused_part_is_remembered),
    cmocka_unit_test(a_file_that_changes_its_length_is_an_error),
    cmocka_unit_test(what_is_no_file_is_read_at_once),
    cmocka_unit_test(a_name_that_says_no_type_leaves_it_to_the_file),
    cmocka_unit_test(boundaries_differ),
};

TEST_MAIN_WITH(tests, make_dir, remove_dir)
