/* test_uri.c - URLs: what is taken apart how, what is refused, the resolution
 * table of RFC 3986 section 5.4, and small stacks. */

#include "main.h"

#include <pthread.h>
#include <stdlib.h>

#include <simpleclient/uri.h>

/* S must be refused with a text. */
static void refused(const char *s, const char *scheme, unsigned flags)
{
    struct sc_error e = {0};
    struct uri u;

    if (uri_parse(&u, s, scheme, flags, 0, &e) != SC_EURL)
        fail_msg("accepted: %s", s);
    assert_int_equal(e.code, SC_EURL);
    assert_string_not_equal(e.text, "");
    uri_free(&u);
}

/* S parsed and built again must read WANT. */
static void becomes(const char *s, const char *scheme, unsigned flags,
                    const char *want)
{
    struct sc_error e = {0};
    struct sc_buf b = {0};
    struct uri u;

    if (uri_parse(&u, s, scheme, flags, 0, &e) < 0)
        fail_msg("%s: %s", s, e.text);
    assert_int_equal(uri_build(&u, &b), 0);
    assert_string_equal(b.data, want);
    sc_buf_free(&b);
    uri_free(&u);
}

static void all_parts_are_found(void **state)
{
    struct uri u;

    (void)state;
    assert_int_equal(uri_parse(&u,
                               "HTTP://Amy:p%40ss@Host.Example:81/a/b?q=1#f",
                               NULL, 0, 0, NULL),
                     0);
    assert_string_equal(u.scheme, "http");
    assert_string_equal(u.user, "Amy");
    assert_string_equal(u.password, "p@ss");
    assert_string_equal(u.host, "host.example");
    assert_int_equal(u.port, 81);
    assert_string_equal(u.path, "/a/b");
    assert_string_equal(u.query, "q=1");
    assert_string_equal(u.fragment, "f");
    assert_null(u.zone);
    assert_false(u.ip6);
    uri_free(&u);
}

static void absent_parts_are_null_and_empty_ones_are_not(void **state)
{
    struct uri u;

    (void)state;
    assert_int_equal(uri_parse(&u, "http://h", NULL, 0, 0, NULL), 0);
    assert_null(u.user);
    assert_null(u.password);
    assert_null(u.query);
    assert_null(u.fragment);
    assert_string_equal(u.path, "");
    assert_int_equal(u.port, -1);
    uri_free(&u);
    assert_int_equal(uri_parse(&u, "http://@h:/?#", NULL, 0, 0, NULL), 0);
    assert_string_equal(u.user, "");
    assert_string_equal(u.query, "");
    assert_string_equal(u.fragment, "");
    assert_int_equal(u.port, -1);
    uri_free(&u);
}

static void a_password_may_hold_colons(void **state)
{
    struct uri u;

    (void)state;
    assert_int_equal(uri_parse(&u, "pop3://u:a:b@h/", NULL, 0, 0, NULL), 0);
    assert_string_equal(u.user, "u");
    assert_string_equal(u.password, "a:b");
    uri_free(&u);
}

static void line_ends_in_user_or_password_are_refused(void **state)
{
    (void)state;
    refused("ftp://u%0d%0aDELE@h/", NULL, 0);
    refused("ftp://u:p%0aQUIT@h/", NULL, 0);
    refused("ftp://u:p%00@h/", NULL, URI_STRICT);
}

static void control_characters_and_backslashes_are_refused(void **state)
{
    (void)state;
    refused("http://h/a\r\nHost: evil", NULL, 0);
    refused("http://h/a\tb", NULL, 0);
    refused("http://h\x7f/", NULL, 0);
    refused("http://h\\@evil/", NULL, 0);
    refused("http://h/a\\b", NULL, URI_LOCATION);
}

static void white_space_around_is_dropped(void **state)
{
    (void)state;
    becomes(" \thttp://h/a\r\n", NULL, 0, "http://h/a");
}

static void ports_beyond_65535_are_refused(void **state)
{
    (void)state;
    refused("http://h:99999/", NULL, 0);
    refused("http://h:65536/", NULL, 0);
    refused("http://h:99999999999999999999999/", NULL, 0);
    refused("http://h:8a/", NULL, 0);
    refused("http://h:-1/", NULL, 0);
    becomes("http://h:65535/", NULL, 0, "http://h:65535/");
}

static void a_network_scheme_needs_a_host(void **state)
{
    (void)state;
    refused("http:///x", NULL, 0);
    refused("http://", NULL, 0);
    refused("http:x", NULL, 0);
    refused("http://:80/", NULL, 0);
    refused("http://u@/", NULL, 0);
    refused("/x", "http", 0);
    becomes("file:///x", NULL, 0, "file:///x");
    becomes("news:a@b", NULL, 0, "news:a@b");
}

static void the_default_scheme_stands_in(void **state)
{
    (void)state;
    becomes("localhost:8080/x", "http", 0, "http://localhost:8080/x");
    becomes("localhost:8080", "http", 0, "http://localhost:8080");
    becomes("example.org", "http", 0, "http://example.org");
    becomes("example.org?q", "http", 0, "http://example.org?q");
    becomes("//h/x", "https", 0, "https://h/x");
    becomes("[::1]:8080/", "http", 0, "http://[::1]:8080/");
    becomes("ftp://h/", "http", 0, "ftp://h/");
}

static void a_login_before_a_host_is_no_scheme(void **state)
{
    (void)state;
    becomes("joe:secret@host/x", "http", 0, "http://joe:secret@host/x");
    becomes("joe:secret@host:81?q", "http", 0, "http://joe:secret@host:81?q");
    becomes("mailto:joe@host", NULL, 0, "mailto:joe@host");
    becomes("x:/a@b", "http", 0, "x:/a@b");
    becomes("x:a?b@c", "http", 0, "x:a?b@c");
}

static void strict_knows_no_default_scheme(void **state)
{
    (void)state;
    refused("example.org/x", "http", URI_STRICT);
    refused("example.org/x", NULL, 0);
    becomes("localhost:8080", "http", URI_STRICT, "localhost:8080");
}

static void what_people_write_is_percent_coded(void **state)
{
    (void)state;
    becomes("http://h/a|b{c}^\"<>`?d|[1]#\xc3\xa4", NULL, 0,
            "http://h/a%7Cb%7Bc%7D%5E%22%3C%3E%60?d%7C%5B1%5D#%C3%A4");
    refused("http://h/a|b", NULL, URI_STRICT);
    refused("http://h/\xc3\xa4", NULL, URI_STRICT);
    refused("http://h/%zz", NULL, 0);
    refused("http://h/%", NULL, 0);
}

static void spaces_are_coded_in_a_location_only(void **state)
{
    (void)state;
    becomes("http://h/a b?c d", NULL, URI_LOCATION, "http://h/a%20b?c%20d");
    refused("http://h/a b", NULL, 0);
    refused("http://h x/", NULL, URI_LOCATION);
}

static bool has_idn(void)
{
    return strstr(sc_features(), "no-libidn2") == NULL;
}

#define BUECHER                                                                \
    "b\xc3\xbc"                                                                \
    "cher"

/* RFC 3492 section 7.1 (B) has the second name, UTS 46 section 4 the third. */
static void a_host_beyond_ascii_becomes_what_the_dns_has(void **state)
{
    (void)state;
    if (!has_idn())
        skip();
    becomes("http://u:p@" BUECHER ".example:81/a?b", NULL, 0,
            "http://u:p@xn--bcher-kva.example:81/a?b");
    becomes("http://\xe4\xbb\x96\xe4\xbb\xac\xe4\xb8\xba\xe4\xbb\x80"
            "\xe4\xb9\x88\xe4\xb8\x8d\xe8\xaf\xb4\xe4\xb8\xad\xe6\x96\x87/",
            NULL, 0, "http://xn--ihqwcrb4cv8a8dqg056pqjye/");
    becomes("http://fa\xc3\x9f.de", NULL, 0, "http://xn--fa-hia.de");
    becomes("B\xc3\x9c"
            "CHER.example/\xc3\xbc",
            "http", 0, "http://xn--bcher-kva.example/%C3%BC");
    /* full-width letters, an ideographic full stop */
    becomes("http://\xef\xbd\x81\xe3\x80\x82"
            "example/",
            NULL, 0, "http://a.example/");
}

static void a_host_that_is_no_name_is_refused(void **state)
{
    struct sc_error e = {0};
    struct uri u;
    char label[300];

    (void)state;
    refused("http://" BUECHER ".example/", NULL, URI_STRICT);
    refused("http://u\xc3\xbc@h/", NULL, 0);
    refused("http://\xc3\x28/", NULL, 0);     /* no UTF-8 */
    refused("http://\xed\xa0\x80/", NULL, 0); /* a surrogate */
    refused("http://\xc2\xad/", NULL, 0);     /* nothing is left */
    refused("http://\xef\xbc\x8f/", NULL, 0); /* a wide "/" */
    refused("http://a\xef\xbc\xa0"
            "b/",
            NULL, 0); /* a wide "@" */
    refused("http://a\xe2\x84\x80"
            "b/",
            NULL, 0); /* "a/c" in one sign */
    refused("http://\xef\xbc\x85"
            "41/",
            NULL, 0); /* a wide "%" */
    refused("http://[\xc3\xbc]/", NULL, 0);
    refused("http://\xcc\x80/", NULL, 0); /* it begins with an accent */
    snprintf(label, sizeof label, "http://\xc3\xbc%0*d/", 70, 0);
    refused(label, NULL, 0);
    if (has_idn())
        return;
    assert_int_equal(uri_parse(&u, "http://" BUECHER "/", NULL, 0, 0, &e),
                     SC_EURL);
    assert_non_null(strstr(e.text, "not built in"));
    uri_free(&u);
}

static void odd_hosts_are_refused(void **state)
{
    (void)state;
    refused("http://a@b@c/", NULL, 0);
    refused("http://h%00.evil/", NULL, 0);
    refused("http://ex%61mple/", NULL, 0);
    refused("http://[v1.x]/", NULL, 0);
    refused("http://[::1/", NULL, 0);
    refused("http://[::g]/", NULL, 0);
    refused("http://[1:2:3:4:5:6:7:8:9]/", NULL, 0);
    refused("http://[]/", NULL, 0);
    refused("http://h|x/", NULL, 0);
    refused("http://<h>/", NULL, 0);
}

static void an_ip6_host_loses_its_brackets(void **state)
{
    struct sc_buf b = {0};
    struct uri u;

    (void)state;
    assert_int_equal(
        uri_parse(&u, "http://[FE80::1%25eth0]:81/", NULL, 0, 0, NULL), 0);
    assert_string_equal(u.host, "fe80::1");
    assert_string_equal(u.zone, "eth0");
    assert_true(u.ip6);
    assert_int_equal(uri_build_authority(&u, 80, &b), 0);
    assert_string_equal(b.data, "[fe80::1]:81");
    sc_buf_free(&b);
    uri_free(&u);
}

static void a_bare_zone_is_accepted_unless_strict(void **state)
{
    (void)state;
    becomes("http://[fe80::1%eth0]/", NULL, 0, "http://[fe80::1%25eth0]/");
    refused("http://[fe80::1%eth0]/", NULL, URI_STRICT);
    refused("http://[fe80::1%25]/", NULL, 0);
    refused("http://[fe80::1%25a/b]/", NULL, 0);
    refused("http://[fe80::1%25a%0d]/", NULL, 0);
    refused("http://[x%25eth0]/", NULL, 0);
}

static void errors_do_not_show_the_password(void **state)
{
    struct sc_error e = {0};
    struct uri u;

    (void)state;
    assert_int_equal(uri_parse(&u, "http://amy:sec ret@h/", NULL, 0, 0, &e),
                     SC_EURL);
    assert_null(strstr(e.text, "ret"));
    assert_non_null(strstr(e.text, "character 15"));
    uri_free(&u);
}

struct resolution {
    const char *ref;
    const char *want;
};

/* RFC 3986 sections 5.4.1 and 5.4.2. */
static const struct resolution table[] = {
    {"g:h", "g:h"},
    {"g", "http://a/b/c/g"},
    {"./g", "http://a/b/c/g"},
    {"g/", "http://a/b/c/g/"},
    {"/g", "http://a/g"},
    {"//g", "http://g"},
    {"?y", "http://a/b/c/d;p?y"},
    {"g?y", "http://a/b/c/g?y"},
    {"#s", "http://a/b/c/d;p?q#s"},
    {"g#s", "http://a/b/c/g#s"},
    {"g?y#s", "http://a/b/c/g?y#s"},
    {";x", "http://a/b/c/;x"},
    {"g;x", "http://a/b/c/g;x"},
    {"g;x?y#s", "http://a/b/c/g;x?y#s"},
    {"", "http://a/b/c/d;p?q"},
    {".", "http://a/b/c/"},
    {"./", "http://a/b/c/"},
    {"..", "http://a/b/"},
    {"../", "http://a/b/"},
    {"../g", "http://a/b/g"},
    {"../..", "http://a/"},
    {"../../", "http://a/"},
    {"../../g", "http://a/g"},
    {"../../../g", "http://a/g"},
    {"../../../../g", "http://a/g"},
    {"/./g", "http://a/g"},
    {"/../g", "http://a/g"},
    {"g.", "http://a/b/c/g."},
    {".g", "http://a/b/c/.g"},
    {"g..", "http://a/b/c/g.."},
    {"..g", "http://a/b/c/..g"},
    {"./../g", "http://a/b/g"},
    {"./g/.", "http://a/b/c/g/"},
    {"g/./h", "http://a/b/c/g/h"},
    {"g/../h", "http://a/b/c/h"},
    {"g;x=1/./y", "http://a/b/c/g;x=1/y"},
    {"g;x=1/../y", "http://a/b/c/y"},
    {"g?y/./x", "http://a/b/c/g?y/./x"},
    {"g?y/../x", "http://a/b/c/g?y/../x"},
    {"g#s/./x", "http://a/b/c/g#s/./x"},
    {"g#s/../x", "http://a/b/c/g#s/../x"},
};

static void resolves(const char *from, const char *ref, unsigned flags,
                     const char *want)
{
    struct sc_error e = {0};
    struct sc_buf b = {0};
    struct uri base, out;

    assert_int_equal(uri_parse(&base, from, NULL, flags, 0, NULL), 0);
    if (uri_resolve(&out, &base, ref, flags, &e) < 0)
        fail_msg("%s: %s", ref, e.text);
    assert_int_equal(uri_build(&out, &b), 0);
    assert_string_equal(b.data, want);
    sc_buf_free(&b);
    uri_free(&out);
    uri_free(&base);
}

static void references_resolve_as_in_rfc_3986(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
        resolves("http://a/b/c/d;p?q", table[i].ref, 0, table[i].want);
        resolves("http://a/b/c/d;p?q", table[i].ref, URI_STRICT, table[i].want);
    }
}

static void the_bases_own_scheme_is_ignored_unless_strict(void **state)
{
    (void)state;
    resolves("http://a/b/c/d;p?q", "http:g", URI_STRICT, "http:g");
    resolves("http://a/b/c/d;p?q", "http:g", 0, "http://a/b/c/g");
}

static void a_reference_keeps_user_zone_and_port_of_its_base(void **state)
{
    (void)state;
    resolves("http://u:p%3A@[fe80::1%25e0]:8/x", "y", 0,
             "http://u:p%3A@[fe80::1%25e0]:8/y");
    resolves("http://u:p@h/x", "//other/", 0, "http://other/");
}

static void a_reference_to_an_empty_path_begins_at_the_root(void **state)
{
    (void)state;
    resolves("http://a", "g", 0, "http://a/g");
    resolves("http://a?q", "../g", 0, "http://a/g");
    resolves("x:/a", "/..//evil/", 0, "x:/.//evil/");
}

static void a_bad_reference_is_refused(void **state)
{
    static const char *const bad[] = {"//",          "///x",  "a\\b",
                                      "//h:99999/",  "a b",   "http:a:b",
                                      "//h\r\nX: y", "//h%0a"};
    struct uri base, out;

    (void)state;
    assert_int_equal(uri_parse(&base, "http://a/b", NULL, 0, 0, NULL), 0);
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        struct sc_error e = {0};

        if (uri_resolve(&out, &base, bad[i], 0, &e) != SC_EURL)
            fail_msg("accepted: %s", bad[i]);
        assert_string_not_equal(e.text, "");
        uri_free(&out);
    }
    uri_free(&base);
}

static void a_request_target_is_at_least_a_slash(void **state)
{
    struct sc_buf b = {0};
    struct uri u;

    (void)state;
    assert_int_equal(uri_parse(&u, "http://h?q#f", NULL, 0, 0, NULL), 0);
    assert_int_equal(uri_build_target(&u, &b), 0);
    assert_string_equal(b.data, "/?q");
    sc_buf_free(&b);
    uri_free(&u);
}

static void the_default_port_is_left_out(void **state)
{
    struct sc_buf b = {0};
    struct uri u;

    (void)state;
    assert_int_equal(uri_parse(&u, "http://h:80/", NULL, 0, 0, NULL), 0);
    assert_int_equal(uri_build_authority(&u, uri_default_port("http"), &b), 0);
    assert_string_equal(b.data, "h");
    assert_int_equal(uri_default_port("HTTPS"), 443);
    assert_int_equal(uri_default_port("mailto"), 0);
    assert_int_equal(uri_default_port(NULL), 0);
    sc_buf_free(&b);
    uri_free(&u);
}

static void decoding_refuses_controls_and_halves(void **state)
{
    static const char *const bad[] = {"%", "%a", "%zz", "a%0d", "%00", "%7f"};
    struct sc_buf b = {0};

    (void)state;
    assert_int_equal(sc_buf_add(&b, "x", 1), 0);
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        assert_int_equal(uri_decode(sc_span_of(bad[i]), false, &b), SC_EURL);
    assert_string_equal(b.data, "x");
    assert_int_equal(uri_decode(sc_span_of("%00+%c3"), true, &b), 0);
    assert_int_equal(b.len, 4);
    assert_memory_equal(b.data, "x\0+\xc3", 5);
    sc_buf_free(&b);
}

static void encoding_keeps_what_is_asked(void **state)
{
    struct sc_buf b = {0};

    (void)state;
    assert_int_equal(uri_encode((struct sc_span){"a/b \0\xff~", 7}, "/", &b),
                     0);
    assert_string_equal(b.data, "a/b%20%00%FF~");
    sc_buf_free(&b);
}

static void a_query_is_walked_pair_by_pair(void **state)
{
    struct sc_buf name = {0}, value = {0};
    const char *query = "a=1+2%2B&&c&=x";
    bool has = false;
    size_t pos = 0;

    (void)state;
    assert_int_equal(uri_query_next(query, &pos, &name, &value, &has), 1);
    assert_string_equal(name.data, "a");
    assert_string_equal(value.data, "1 2+");
    assert_true(has);
    name.len = value.len = 0;
    assert_int_equal(uri_query_next(query, &pos, &name, &value, &has), 1);
    assert_string_equal(name.data, "c");
    assert_false(has);
    name.len = value.len = 0;
    assert_int_equal(uri_query_next(query, &pos, &name, &value, &has), 1);
    assert_string_equal(name.data, "");
    assert_string_equal(value.data, "x");
    assert_int_equal(uri_query_next(query, &pos, &name, &value, &has), 0);
    assert_int_equal(uri_query_next(NULL, &pos, &name, &value, &has), 0);
    sc_buf_free(&name);
    sc_buf_free(&value);
}

static void a_query_is_built_in_form_coding(void **state)
{
    struct sc_buf b = {0};

    (void)state;
    assert_int_equal(uri_query_add(&b, "a b", "1&2"), 0);
    assert_int_equal(uri_query_add(&b, "c", "\xc3\xa4"), 0);
    assert_string_equal(b.data, "a+b=1%262&c=%C3%A4");
    sc_buf_free(&b);
}

static void the_first_value_of_a_name_is_found(void **state)
{
    struct sc_buf v = {0};

    (void)state;
    assert_int_equal(uri_query_get("a=1&b+c=x%26y&a=2&d", "a", &v), 1);
    assert_string_equal(v.data, "1");
    v.len = 0;
    assert_int_equal(uri_query_get("a=1&b+c=x%26y&a=2&d", "b c", &v), 1);
    assert_string_equal(v.data, "x&y");
    v.len = 0;
    assert_int_equal(uri_query_get("a=1&d", "d", &v), 1);
    assert_string_equal(v.data, "");
    assert_int_equal(uri_query_get("a=1&d", "D", &v), 0);
    assert_int_equal(uri_query_get(NULL, "a", &v), 0);
    assert_int_equal(uri_query_get("x=%zz&a=1", "a", &v), SC_EURL);
    sc_buf_free(&v);
}

static void query_becomes(const char *query, const char *name,
                          const char *value, const char *want)
{
    struct sc_buf out = {0};

    assert_int_equal(uri_query_set(query, name, value, &out), 0);
    assert_string_equal(out.data, want);
    sc_buf_free(&out);
}

static void a_value_is_set_in_its_place(void **state)
{
    struct sc_buf out = {0};

    (void)state;
    query_becomes("a=1&b=%20&&a=2&c", "a", "x y", "a=x+y&b=%20&c");
    query_becomes("a=1&b=%20&c", "d", "&", "a=1&b=%20&c&d=%26");
    query_becomes("a=1&b=2&a=3", "a", NULL, "b=2");
    query_becomes("a=1", "a", NULL, "");
    query_becomes(NULL, "a", "1", "a=1");
    query_becomes(NULL, "a", NULL, "");
    query_becomes("%61=1&c", "a", "", "a=&c");
    assert_int_equal(uri_query_set("b=1&x=%zz", "a", "1", &out), SC_EURL);
    assert_int_equal(out.len, 0);
    sc_buf_free(&out);
}

static void long_url(char *to, size_t n)
{
    memset(to, 'a', n);
    memcpy(to, "http://h/", 9);
    to[n] = '\0';
}

static void urls_beyond_the_limit_are_refused(void **state)
{
    char *s = malloc(20000);
    struct uri u;

    (void)state;
    long_url(s, 8192);
    assert_int_equal(uri_parse(&u, s, NULL, 0, 0, NULL), 0);
    uri_free(&u);
    long_url(s, 8193);
    refused(s, NULL, 0);
    assert_int_equal(uri_parse(&u, s, NULL, 0, 16384, NULL), 0);
    uri_free(&u);
    memset(s + 9, '|', 4000); /* three times as long once coded */
    s[4009] = '\0';
    refused(s, NULL, 0);
    free(s);
}

static void *parse_long(void *arg)
{
    struct uri u, next;
    int rc = uri_parse(&u, arg, NULL, 0, 0, NULL);

    if (rc == 0) {
        rc = uri_resolve(&next, &u, (char *)arg + 8, 0, NULL);
        uri_free(&next);
    }
    uri_free(&u);
    return rc == 0 ? arg : NULL;
}

static void a_long_url_fits_in_a_small_stack(void **state)
{
    char *s = malloc(8193);
    pthread_attr_t attr;
    pthread_t thread;
    void *result;

    (void)state;
    long_url(s, 8192);
    pthread_attr_init(&attr);
    assert_int_equal(pthread_attr_setstacksize(&attr, 65536), 0);
    assert_int_equal(pthread_create(&thread, &attr, parse_long, s), 0);
    pthread_join(thread, &result);
    pthread_attr_destroy(&attr);
    assert_ptr_equal(result, s);
    free(s);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(all_parts_are_found),
    cmocka_unit_test(absent_parts_are_null_and_empty_ones_are_not),
    cmocka_unit_test(a_password_may_hold_colons),
    cmocka_unit_test(line_ends_in_user_or_password_are_refused),
    cmocka_unit_test(control_characters_and_backslashes_are_refused),
    cmocka_unit_test(white_space_around_is_dropped),
    cmocka_unit_test(ports_beyond_65535_are_refused),
    cmocka_unit_test(a_network_scheme_needs_a_host),
    cmocka_unit_test(the_default_scheme_stands_in),
    cmocka_unit_test(a_login_before_a_host_is_no_scheme),
    cmocka_unit_test(strict_knows_no_default_scheme),
    cmocka_unit_test(what_people_write_is_percent_coded),
    cmocka_unit_test(spaces_are_coded_in_a_location_only),
    cmocka_unit_test(a_host_beyond_ascii_becomes_what_the_dns_has),
    cmocka_unit_test(a_host_that_is_no_name_is_refused),
    cmocka_unit_test(odd_hosts_are_refused),
    cmocka_unit_test(an_ip6_host_loses_its_brackets),
    cmocka_unit_test(a_bare_zone_is_accepted_unless_strict),
    cmocka_unit_test(errors_do_not_show_the_password),
    cmocka_unit_test(references_resolve_as_in_rfc_3986),
    cmocka_unit_test(the_bases_own_scheme_is_ignored_unless_strict),
    cmocka_unit_test(a_reference_keeps_user_zone_and_port_of_its_base),
    cmocka_unit_test(a_reference_to_an_empty_path_begins_at_the_root),
    cmocka_unit_test(a_bad_reference_is_refused),
    cmocka_unit_test(a_request_target_is_at_least_a_slash),
    cmocka_unit_test(the_default_port_is_left_out),
    cmocka_unit_test(decoding_refuses_controls_and_halves),
    cmocka_unit_test(encoding_keeps_what_is_asked),
    cmocka_unit_test(a_query_is_walked_pair_by_pair),
    cmocka_unit_test(a_query_is_built_in_form_coding),
    cmocka_unit_test(the_first_value_of_a_name_is_found),
    cmocka_unit_test(a_value_is_set_in_its_place),
    cmocka_unit_test(urls_beyond_the_limit_are_refused),
    cmocka_unit_test(a_long_url_fits_in_a_small_stack),
};

TEST_MAIN(tests)
