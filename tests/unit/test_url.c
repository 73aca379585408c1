/* test_url.c - URLs that need no connection: data: (RFC 2397), those that are
 * none, schemes that a program registers. */
#include "main.h"

#include <simpleclient/scheme.h>

/* --- data: --- */

static const struct {
    const char *url, *type, *body;
    size_t len;
} good[] = {
    /* RFC 2397 section 4 */
    {"data:,A%20brief%20note", "text/plain;charset=US-ASCII", "A brief note",
     12},
    {"data:text/plain;charset=iso-8859-7,%be%fg%be", NULL, NULL, 0},
    {"data:text/plain;charset=iso-8859-7,%be%ff%be",
     "text/plain;charset=iso-8859-7", "\xbe\xff\xbe", 3},
    {"data:application/vnd-xxx-query,select_vcount,fcol_from_fieldtable/local",
     "application/vnd-xxx-query", "select_vcount,fcol_from_fieldtable/local",
     40},
    {"data:image/gif;base64,R0lGODdhMAAw", "image/gif", "GIF87a0\0000", 9},
    {"DATA:;charset=utf-8,x", "text/plain;charset=utf-8", "x", 1},
    {"data:;base64,aGVsbG8=", "text/plain;charset=US-ASCII", "hello", 5},
    {"data:;BASE64,aGVs%20bG8%3D", "text/plain;charset=US-ASCII", "hello", 5},
    {"data:,", "text/plain;charset=US-ASCII", "", 0},
    {"data:;base64,", "text/plain;charset=US-ASCII", "", 0},
    {"data:,a%00b%0d%0a", "text/plain;charset=US-ASCII", "a\0b\r\n", 5},
    {"data:,a?b&c", "text/plain;charset=US-ASCII", "a?b&c", 5},
    {"data:,a#fragment", "text/plain;charset=US-ASCII", "a", 1},
    /* none */
    {"data:", NULL, NULL, 0},
    {"data:text/plain", NULL, NULL, 0},
    {"data:;base64,a", NULL, NULL, 0},
    {"data:;base64,aGVs=bG8", NULL, NULL, 0},
    {"data:;base64,aGV-", NULL, NULL, 0},
    {"data:,%", NULL, NULL, 0},
    {"data:,%4", NULL, NULL, 0},
    {"data:text/%0d%0aX,y", NULL, NULL, 0},
    {"data:,a\nb", NULL, NULL, 0},
    {"data:#,x", NULL, NULL, 0},
};

static void data_is_in_the_url(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
        struct url_reply r = {0};
        int rc = url_get(good[i].url, NULL, &r);

        if (rc != (good[i].body != NULL ? 0 : SC_EURL))
            fail_msg("%s: %d, %s", good[i].url, rc, r.error.text);
        if (rc == 0) {
            assert_string_equal(r.type, good[i].type);
            assert_int_equal(r.body.len, good[i].len);
            assert_memory_equal(r.body.data, good[i].body, good[i].len);
            assert_int_equal(r.size, good[i].len);
            assert_string_equal(sc_fields_get(&r.fields, "content-type", ""),
                                good[i].type);
        } else {
            assert_null(strpbrk(r.error.text, "\r\n"));
        }
        url_reply_free(&r);
    }
}

static void a_part_of_data(void **state)
{
    struct url_options o = {.offset = 2, .count = 3};
    struct url_reply r = {0};

    (void)state;
    assert_int_equal(url_get("data:,0123456789", &o, &r), 0);
    assert_string_equal(r.body.data, "234");
    assert_int_equal(r.size, 3);
    o.offset = 10;
    assert_int_equal(url_get("data:,0123456789", &o, &r), 0);
    assert_int_equal(r.body.len, 0);
    o.offset = 11;
    assert_int_equal(url_get("data:,0123456789", &o, &r), SC_EINVAL);
    url_reply_free(&r);
}

static void data_byte_by_byte(void **state)
{
    struct url *u = url_open("data:,abc", NULL);
    char c[4] = "";

    (void)state;
    assert_int_equal(url_info(u)->size, 3);
    assert_string_equal(url_info(u)->scheme, "data");
    assert_int_equal(url_read(u, c, 1), 1);
    assert_int_equal(url_read(u, c + 1, 1), 1);
    assert_int_equal(url_read(u, c + 2, 0), SC_EINVAL);
    assert_int_equal(url_read(u, c + 2, 5), 1);
    assert_int_equal(url_read(u, c, 1), 0);
    assert_int_equal(url_read(u, c, 1), 0);
    assert_string_equal(c, "abc");
    assert_int_equal(url_close(u), 0);
}

static void only_what_is_known_of_it(void **state)
{
    const struct url_options o = {.flags = URL_HEAD};
    struct url_reply r = {0};

    (void)state;
    assert_int_equal(url_get("data:,abc", &o, &r), 0);
    assert_int_equal(r.body.len, 0);
    assert_int_equal(r.size, 3);
    url_reply_free(&r);
}

static void memory_has_a_limit(void **state)
{
    struct sc_options opt = {.body_limit = 10};
    const struct url_options o = {.options = &opt};
    struct url_reply r = {0};

    (void)state;
    assert_int_equal(url_get("data:,0", &o, &r), 0);
    assert_int_equal(url_get("data:,0123456789a", &o, &r), SC_ETOOBIG);
    url_reply_free(&r);
}

static int never(void *arg, const struct url_entry *e)
{
    (void)arg;
    (void)e;
    fail();
    return 0;
}

static void data_is_no_list_and_takes_nothing(void **state)
{
    const struct mail_source from = {.data = SC_SPAN("x")};
    struct sc_error e = {0};
    struct url_reply r = {0};

    (void)state;
    assert_int_equal(url_list("data:,x", NULL, never, NULL, &e), SC_ENOTSUP);
    assert_true(e.code == SC_ENOTSUP && e.text[0] != '\0');
    assert_int_equal(url_list("data:,x", NULL, never, NULL, NULL), SC_ENOTSUP);
    assert_int_equal(url_put("data:,x", &from, NULL, &r), SC_ENOTSUP);
    assert_int_equal(url_put("data:,x", &from, NULL, NULL), SC_ENOTSUP);
    url_reply_free(&r);
}

/* --- as a FILE --- */

static void a_url_is_a_file(void **state)
{
    struct sc_error e = {0};
    FILE *f = url_fopen("data:,one%0atwo%0a", NULL, &e);
    char line[20];

    (void)state;
    assert_non_null(f);
    assert_non_null(fgets(line, sizeof line, f));
    assert_string_equal(line, "one\n");
    assert_non_null(fgets(line, sizeof line, f));
    assert_null(fgets(line, sizeof line, f));
    assert_true(feof(f) && !ferror(f));
    assert_int_equal(fclose(f), 0);
    assert_null(url_fopen("data:", NULL, &e));
    assert_int_equal(e.code, SC_EURL);
    assert_null(url_fopen("data:", NULL, NULL));
}

/* --- what is no URL, or of no scheme --- */

static const struct {
    const char *url;
    int code;
} bad[] = {
    {"nosuch://h/", SC_ENOTSUP},
    {"httpx://h/", SC_ENOTSUP},
    {"smtp://h/", SC_ENOTSUP},
    {"http://h:65536/", SC_EURL},
    {"http://h:-1/", SC_EURL},
    {"http://h:8x/", SC_EURL},
    {"ftp://h:99999/", SC_EURL},
    {"http://h\\@evil/", SC_EURL},
    {"ftp://h\\@evil/f", SC_EURL},
    {"http://good@evil@h/", SC_EURL},
    {"http:///x", SC_EURL},
    {"ftp:///x", SC_EURL},
    {"gopher:///x", SC_EURL},
    {"pop3:///1", SC_EURL},
    {"nntp:///g", SC_EURL},
    {"", SC_EURL},
    {"   ", SC_EURL},
    {"http://h/a\rb", SC_EURL},
    {"http://h/a\nb", SC_EURL},
    {"ftp://h/a%0d%0aDELE%20x", SC_EURL},
    {"ftp://h/a%0aDELE", SC_EURL},
    {"ftp://h/a%00b", SC_EURL},
    {"ftp://h/a%1b", SC_EURL},
    {"ftp://h/%0d/x", SC_EURL},
    {"ftp://h/x%7f", SC_EURL},
    {"ftp://h/x%2", SC_EURL},
    {"ftp://u%0d%0aX:p@h/x", SC_EURL},
    {"ftp://u:p%0aX@h/x", SC_EURL},
    {"ftp://h/x;type=z", SC_EURL},
    {"pop3://h/1%0d%0aDELE%201", SC_EURL},
    {"pop3://h/x", SC_EURL},
    {"pop3://h/0", SC_EURL},
    {"pop3://h/4294967296", SC_EURL},
    {"nntp://h/g%0d%0aQUIT", SC_EURL},
    {"nntp://h/g/0", SC_EURL},
    {"nntp://h/g/9-7", SC_EURL},
    {"nntp://h/g/x", SC_EURL},
    {"news:a@b%0aX", SC_EURL},
    {"file:///a%00b", SC_EURL},
    {"file://other.example/a", SC_EURL},
};

/* One line; the test has no network, so that connecting would be another
 * error. */
static void what_is_no_url_is_told_in_one_line(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        struct url *u = url_open(bad[i].url, NULL);
        const struct sc_error *e = url_last_error(u);
        char c;

        if (e->code != bad[i].code)
            fail_msg("%s: %d, %s", bad[i].url, e->code, e->text);
        assert_true(e->text[0] != '\0');
        assert_null(strpbrk(e->text, "\r\n\x1b"));
        assert_int_equal(url_read(u, &c, 1), bad[i].code);
        assert_int_equal(url_info(u)->size, -1);
        assert_int_equal(url_close(u), bad[i].code);
    }
    assert_int_equal(url_close(NULL), 0);
    assert_int_equal(url_close(url_open(NULL, NULL)), SC_EINVAL);
}

static void a_range_only_where_there_are_ranges(void **state)
{
    static const char *const urls[] = {"gopher://h/0x", "pop3://h/1",
                                       "nntp://h/g/1", "news:a@b"};
    const struct url_options o = {.offset = 1};

    (void)state;
    for (size_t i = 0; i < sizeof urls / sizeof *urls; i++)
        if (url_close(url_open(urls[i], &o)) != SC_ENOTSUP)
            fail_msg("%s", urls[i]);
}

/* --- schemes of one's own --- */

static int echo_open(struct url_request *r)
{
    r->info.type = "text/echo";
    r->info.size = 99; /* which is a lie, for paths of another length */
    if (strcmp(r->path.data, "no") == 0)
        return url_fail(r, SC_EACCES, "echo: no");
    if (strcmp(r->path.data, "true") == 0)
        r->info.size = 4;
    return sc_fields_add(&r->fields, sc_span_of("X-Echo"), sc_span_of("yes"));
}

static ssize_t echo_read(struct url_request *r, void *buf, size_t n)
{
    size_t *at = r->state;

    if (n > r->path.len - *at)
        n = r->path.len - *at;
    memcpy(buf, r->path.data + *at, n);
    *at += n;
    return (ssize_t)n;
}

static int closed;

static bool echo_close(struct url_request *r)
{
    (void)r;
    closed++;
    return true;
}

#define ECHO                                                                   \
    {                                                                          \
        .name = "echo", .tls_name = "echos", .state_size = sizeof(size_t),     \
        .connect = url_no_connect, .open = echo_open, .read = echo_read,       \
        .list = url_no_list, .put = url_no_put, .close = echo_close            \
    }
static const struct url_scheme echo = ECHO;

static void a_scheme_of_ones_own(void **state)
{
    struct url_reply r = {0};

    (void)state;
    closed = 0;
    assert_int_equal(url_register(&echo), SC_EBUSY);
    assert_int_equal(url_get("echo:///true", NULL, &r), 0);
    assert_string_equal(r.body.data, "true");
    assert_string_equal(r.type, "text/echo");
    assert_string_equal(sc_fields_get(&r.fields, "X-Echo", ""), "yes");
    assert_int_equal(closed, 1);
    assert_int_equal(url_get("ECHOS:///true", NULL, &r), 0);
    assert_int_equal(url_get("echo:///no", NULL, &r), SC_EACCES);
    assert_string_equal(r.error.text, "echo: no");
    assert_int_equal(closed, 3);
    url_reply_free(&r);
}

/* What a scheme says of the size must come true. */
static void short_data_is_never_success(void **state)
{
    struct url_reply r = {0};

    (void)state;
    assert_int_equal(url_get("echo:///short", NULL, &r), SC_ESHORT);
    assert_string_equal(r.body.data, "short");
    assert_non_null(strstr(r.error.text, "5 of 99"));
    url_reply_free(&r);
}

static void what_is_no_scheme_is_refused(void **state)
{
    static struct url_scheme s[16];
    int n = 0;

    (void)state;
    for (int i = 0; i < 16; i++)
        s[i] = (struct url_scheme)ECHO;
    s[n++].name = NULL;
    s[n++].name = "";
    s[n++].name = "Echo2";
    s[n++].name = "2echo";
    s[n++].name = "ec ho";
    s[n++].tls_name = "ec/ho";
    s[n].name = "same";
    s[n++].tls_name = "same";
    s[n++].connect = NULL;
    s[n++].open = NULL;
    s[n++].read = NULL;
    s[n++].list = NULL;
    s[n++].put = NULL;
    s[n++].close = NULL;
    s[n++].connect = url_connect; /* of no class */
    for (int i = 0; i < n; i++)
        assert_int_equal(url_register(&s[i]), SC_EINVAL);
    assert_int_equal(url_register(NULL), SC_EINVAL);
    s[n] = (struct url_scheme)ECHO;
    s[n].name = "http";
    assert_int_equal(url_register(&s[n]), SC_EBUSY);
    s[n].name = "mine";
    s[n].tls_name = "https";
    assert_int_equal(url_register(&s[n]), SC_EBUSY);
    s[n].tls_name = "echo";
    assert_int_equal(url_register(&s[n]), SC_EBUSY);
}

/* The last test: it fills the table. */
static void there_are_32_of_them(void **state)
{
    static struct url_scheme s[33];
    static char names[33][8];
    struct url_reply r = {0};

    (void)state;
    for (int i = 0; i < 33; i++) {
        s[i] = (struct url_scheme)ECHO;
        snprintf(names[i], sizeof names[i], "e%d", i);
        s[i].name = names[i];
        s[i].tls_name = NULL;
        assert_int_equal(url_register(&s[i]), i < 31 ? 0 : SC_ENOMEM);
    }
    assert_int_equal(url_get("e30:///true", NULL, &r), 0);
    assert_int_equal(url_get("e31:///true", NULL, &r), SC_ENOTSUP);
    url_reply_free(&r);
}

static int make(void **state)
{
    (void)state;
    return url_register(&echo);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(data_is_in_the_url),
    cmocka_unit_test(a_part_of_data),
    cmocka_unit_test(data_byte_by_byte),
    cmocka_unit_test(only_what_is_known_of_it),
    cmocka_unit_test(memory_has_a_limit),
    cmocka_unit_test(data_is_no_list_and_takes_nothing),
    cmocka_unit_test(a_url_is_a_file),
    cmocka_unit_test(what_is_no_url_is_told_in_one_line),
    cmocka_unit_test(a_range_only_where_there_are_ranges),
    cmocka_unit_test(a_scheme_of_ones_own),
    cmocka_unit_test(short_data_is_never_success),
    cmocka_unit_test(what_is_no_scheme_is_refused),
    cmocka_unit_test(there_are_32_of_them),
};

TEST_MAIN_WITH(tests, make, NULL)
