/* test_http_cookie.c - the jar: the examples of RFC 6265 and of its successor's
 * prefixes, domains, paths, time, limits, and files as curl writes them. */

#include "main.h"

#include <simpleclient/http_session.h>

#include "http/http_cookie.h"

enum { NOW = 1600000000 }; /* Sun, 13 Sep 2020 12:26:40 GMT */

static int set_at(struct http_cookies *jar, const char *url, const char *value,
                  int64_t now)
{
    struct uri u;
    int rc;

    assert_int_equal(uri_parse(&u, url, NULL, 0, 0, NULL), 0);
    rc = http_cookies_set_at(jar, &u, sc_span_of(value), now);
    uri_free(&u);
    return rc;
}

static int set(struct http_cookies *jar, const char *url, const char *value)
{
    return set_at(jar, url, value, NOW);
}

/* What goes to URL at NOW is WANT. */
static void sends_at(struct http_cookies *jar, const char *url,
                     const char *want, int64_t now)
{
    struct sc_buf out = {0};
    struct uri u;

    assert_int_equal(uri_parse(&u, url, NULL, 0, 0, NULL), 0);
    assert_int_equal(sc_buf_reserve(&out, 0), 0);
    assert_int_equal(http_cookies_for_at(jar, &u, now, &out), 0);
    assert_string_equal(out.data, want);
    uri_free(&u);
    sc_buf_free(&out);
}

static void sends(struct http_cookies *jar, const char *url, const char *want)
{
    sends_at(jar, url, want, NOW);
}

static int new_jar(void **state)
{
    *state = http_cookies_new();
    return *state == NULL;
}

static int free_jar(void **state)
{
    http_cookies_free(*state);
    return 0;
}

/* RFC 6265 section 3.1 */
static void the_examples_of_rfc_6265_hold(void **state)
{
    struct http_cookies *jar = *state;

    assert_int_equal(set(jar, "https://www.example.com/",
                         "SID=31d4d96e407aad42; Path=/; Secure; HttpOnly"),
                     1);
    assert_int_equal(set(jar, "https://www.example.com/",
                         "lang=en-US; Path=/; Domain=example.com"),
                     1);
    sends(jar, "https://www.example.com/", "SID=31d4d96e407aad42; lang=en-US");
    sends(jar, "https://example.com/x", "lang=en-US");
    set(jar, "https://www.example.com/",
        "lang=en-US; Path=/; Domain=example.com; "
        "Expires=Wed, 09 Jun 2021 10:18:14 GMT");
    sends_at(jar, "https://example.com/", "lang=en-US", 1623233893);
    sends_at(jar, "https://example.com/", "", 1623233894);
    set(jar, "https://www.example.com/",
        "lang=; Path=/; Domain=example.com; "
        "Expires=Sun, 06 Nov 1994 08:49:37 GMT");
    sends(jar, "https://www.example.com/", "SID=31d4d96e407aad42");
}

static void a_domain_is_for_the_host_and_those_below(void **state)
{
    struct http_cookies *jar = *state;

    assert_int_equal(set(jar, "http://a.example.com/", "host=1"), 1);
    assert_int_equal(
        set(jar, "http://a.example.com/", "all=1; Domain=.Example.COM"), 1);
    sends(jar, "http://a.example.com/", "host=1; all=1");
    sends(jar, "http://A.EXAMPLE.com/", "host=1; all=1");
    sends(jar, "http://b.a.example.com/", "all=1");
    sends(jar, "http://example.com/", "all=1");
    sends(jar, "http://badexample.com/", "");
    sends(jar, "http://example.com.evil.org/", "");
    sends(jar, "http://a.example.com:8080/", "host=1; all=1");
}

static void a_foreign_domain_is_refused(void **state)
{
    struct http_cookies *jar = *state;

    assert_int_equal(
        set(jar, "http://a.example.com/", "x=1; Domain=b.example.com"), 0);
    assert_int_equal(
        set(jar, "http://a.example.com/", "x=1; Domain=example.org"), 0);
    assert_int_equal(
        set(jar, "http://example.com/", "x=1; Domain=a.example.com"), 0);
    assert_int_equal(
        set(jar, "http://badexample.com/", "x=1; Domain=example.com"), 0);
    assert_int_equal(set(jar, "http://a.example.com/", "x=1; Domain=com"), 0);
    assert_int_equal(set(jar, "http://a.example.com/", "x=1; Domain=m"), 0);
    assert_int_equal(jar->n, 0);
    /* empty: as if it were not there */
    assert_int_equal(set(jar, "http://a.example.com/", "x=1; Domain="), 1);
    assert_int_equal(set(jar, "http://a.example.com/", "x=1; Domain=."), 1);
    sends(jar, "http://b.a.example.com/", "");
}

static void a_public_suffix_speaks_for_itself_only(void **state)
{
    struct http_cookies *jar = *state;

    assert_int_equal(set(jar, "http://localhost/", "l=1; Domain=localhost"), 1);
    sends(jar, "http://localhost/", "l=1");
    sends(jar, "http://a.localhost/", "");
    if (strstr(sc_features(), "no-libpsl") != NULL)
        skip();
    assert_int_equal(set(jar, "http://a.co.uk/", "x=1; Domain=co.uk"), 0);
    assert_int_equal(set(jar, "http://a.co.uk./", "x=1; Domain=co.uk."), 0);
    assert_int_equal(
        set(jar, "http://a.b.kawasaki.jp/", "x=1; Domain=b.kawasaki.jp"), 0);
    assert_int_equal(set(jar, "http://a.b.co.uk/", "x=1; Domain=b.co.uk"), 1);
    assert_int_equal(set(jar, "http://github.io/", "x=2; Domain=github.io"), 1);
    sends(jar, "http://github.io/", "x=2");
    sends(jar, "http://me.github.io/", "");
}

static void an_address_has_no_domain_above_it(void **state)
{
    struct http_cookies *jar = *state;

    assert_int_equal(set(jar, "http://10.1.2.3/", "a=1; Domain=10.1.2.3"), 1);
    assert_int_equal(set(jar, "http://10.1.2.3/", "b=1; Domain=2.3"), 0);
    assert_int_equal(set(jar, "http://10.1.2.3/", "b=1; Domain=.2.3"), 0);
    assert_int_equal(set(jar, "http://10.1.2.3./", "b=1; Domain=2.3."), 0);
    assert_int_equal(set(jar, "http://0x7f.1/", "b=1; Domain=1"), 0);
    assert_int_equal(set(jar, "http://[::1]/", "c=1"), 1);
    sends(jar, "http://10.1.2.3/", "a=1");
    sends(jar, "http://9.10.1.2.3/", "");
    sends(jar, "http://[::1]/", "c=1");
}

/* RFC 6265 section 5.1.4 */
static void paths_match_whole_segments(void **state)
{
    struct http_cookies *jar = *state;
    const char *url = "http://example.com/a/b/c?d";

    set(jar, url, "none=1");
    set(jar, url, "root=1; Path=/");
    set(jar, url, "a=1; Path=/a");
    set(jar, url, "slash=1; Path=/a/");
    set(jar, url, "bad=1; Path=a/b");
    set(jar, url, "reset=1; Path=/x; Path=");
    sends(jar, url, "none=1; bad=1; reset=1; slash=1; a=1; root=1");
    sends(jar, "http://example.com/a/b",
          "none=1; bad=1; reset=1; slash=1; "
          "a=1; root=1");
    sends(jar, "http://example.com/a", "a=1; root=1");
    sends(jar, "http://example.com/a/bc", "slash=1; a=1; root=1");
    sends(jar, "http://example.com/ab", "root=1");
    sends(jar, "http://example.com", "root=1");
    set(jar, "http://example.org", "o=1");
    set(jar, "http://example.org/x", "p=1");
    sends(jar, "http://example.org/y/z", "o=1; p=1");
}

static void longer_paths_then_older_cookies_go_first(void **state)
{
    struct http_cookies *jar = *state;
    const char *url = "http://example.com/a/b";

    set(jar, url, "one=1; Path=/");
    set(jar, url, "two=1; Path=/a");
    set(jar, url, "three=1; Path=/");
    set(jar, url, "four=1; Path=/a");
    set(jar, url, "one=2; Path=/"); /* it keeps its place */
    sends(jar, url, "two=1; four=1; one=2; three=1");
}

static void secure_cookies_go_over_tls_or_to_loopback(void **state)
{
    struct http_cookies *jar = *state;

    assert_int_equal(set(jar, "http://example.com/", "x=1; Secure"), 0);
    assert_int_equal(set(jar, "https://example.com/", "s=1; Secure"), 1);
    sends(jar, "https://example.com/", "s=1");
    sends(jar, "http://example.com/", "");
    assert_int_equal(set(jar, "http://127.0.0.1:8080/", "l=1; secure"), 1);
    assert_int_equal(set(jar, "http://localhost/", "l=2; SECURE=no"), 1);
    assert_int_equal(set(jar, "http://[::1]/", "l=3; Secure"), 1);
    sends(jar, "http://127.0.0.1/", "l=1");
    sends(jar, "http://localhost/", "l=2");
    sends(jar, "http://[::1]/", "l=3");
    assert_int_equal(set(jar, "http://128.0.0.1/", "l=4; Secure"), 0);
}

static void a_plain_page_cannot_touch_what_tls_has_set(void **state)
{
    struct http_cookies *jar = *state;

    set(jar, "https://example.com/", "s=1; Secure; Path=/a");
    assert_int_equal(set(jar, "http://example.com/", "s=2; Path=/a"), 0);
    assert_int_equal(set(jar, "http://example.com/", "s=2; Path=/a/b"), 0);
    assert_int_equal(
        set(jar, "http://w.example.com/", "s=2; Path=/a; Domain=example.com"),
        0);
    assert_int_equal(set(jar, "http://example.com/", "s=; Path=/a; Max-Age=0"),
                     0);
    assert_int_equal(set(jar, "http://example.com/", "s=3; Path=/"), 1);
    assert_int_equal(set(jar, "http://example.com/", "t=4; Path=/a"), 1);
    sends(jar, "https://example.com/a", "s=1; t=4; s=3");
}

/* The examples of draft-ietf-httpbis-rfc6265bis, section 4.1.3. */
static void prefixes_of_names_are_kept_to(void **state)
{
    static const char *const bad[] = {
        "__Secure-SID=12345; Domain=site.example",
        "__Host-SID=12345",
        "__Host-SID=12345; Secure",
        "__Host-SID=12345; Domain=site.example",
        "__Host-SID=12345; Domain=site.example; Path=/",
        "__Host-SID=12345; Secure; Domain=site.example; Path=/",
        "__HOST-SID=12345; Secure; Path=/a",
        "__secure-SID=12345",
    };
    struct http_cookies *jar = *state;
    const char *url = "https://site.example/";

    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        if (set(jar, url, bad[i]) != 0)
            fail_msg("accepted: %s", bad[i]);
    assert_int_equal(
        set(jar, url, "__Secure-SID=12345; Domain=site.example; Secure"), 1);
    assert_int_equal(set(jar, url, "__Host-SID=12345; Secure; Path=/"), 1);
    assert_int_equal(
        set(jar, "http://site.example/", "__Host-SID=12345; Secure; Path=/"),
        0);
}

static void max_age_goes_before_expires(void **state)
{
    struct http_cookies *jar = *state;
    const char *url = "http://example.com/";

    set(jar, url, "a=1; Max-Age=10; Expires=Sun, 06 Nov 1994 08:49:37 GMT");
    set(jar, url, "b=1; Expires=Sun, 06 Nov 1994 08:49:37 GMT; max-age=10");
    set(jar, url, "c=1; Expires=Wed, 09 Jun 2021 10:18:14 GMT; Max-Age=x");
    set(jar, url, "d=1; Expires=never");
    set(jar, url, "e=1; Max-Age=99999999999999999999999");
    sends_at(jar, url, "a=1; b=1; c=1; d=1; e=1", NOW + 9);
    sends_at(jar, url, "c=1; d=1; e=1", NOW + 10);
    sends_at(jar, url, "d=1; e=1", 253402300798);
    set(jar, url, "d=2; Max-Age=-1");
    set(jar, url, "e=2; Max-Age=0");
    set(jar, url, "c=2; Expires=Thu, 01 Jan 1970 00:00:00 GMT");
    sends_at(jar, url, "a=1; b=1", NOW);
}

static void what_is_no_cookie_is_refused(void **state)
{
    static const char *const bad[] = {
        "",
        ";",
        "name",
        "name; Path=/",
        "=value",
        " = value",
        "a=\x01",
        "a=b\x7f",
        "a\tb=c",
        "a=b\tc",
        "a=b; Path=/\x1f",
        "a=b\r\nX: y",
        "a=b; x\n",
        "a=b; P=\x02",
    };
    struct sc_span nul = SC_SPAN("a=b\0c");
    struct http_cookies *jar = *state;
    struct uri u;

    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        if (set(jar, "http://example.com/", bad[i]) != 0)
            fail_msg("accepted: %s", bad[i]);
    assert_int_equal(uri_parse(&u, "http://example.com/", 0, 0, 0, NULL), 0);
    assert_int_equal(http_cookies_set_at(jar, &u, nul, NOW), 0);
    assert_int_equal(
        http_cookies_set_at(jar, &u, (struct sc_span){NULL, 0}, NOW), 0);
    uri_free(&u);
    assert_int_equal(set(jar, "ftp://example.com/", "a=b"), SC_EURL);
    assert_int_equal(http_cookies_set(jar, "http://", sc_span_of("a=b")),
                     SC_EURL);
    assert_int_equal(jar->n, 0);
}

static void odd_cookies_are_taken_as_they_are(void **state)
{
    struct http_cookies *jar = *state;
    const char *url = "http://example.com/";

    set(jar, url, " a \t=  b c\t; SameSite=Strict;;;Foo=bar;\tPath = / ");
    set(jar, url, "q=\"x y\"");
    set(jar, url, "e=");
    set(jar, url, "eq=a=b=c");
    set(jar, url, "u=\xc3\xa4");
    sends(jar, "http://example.com/x",
          "a=b c; q=\"x y\"; e=; eq=a=b=c; "
          "u=\xc3\xa4");
}

static void a_cookie_has_at_most_4_kib(void **state)
{
    struct http_cookies *jar = *state;
    char text[5000];

    snprintf(text, sizeof text, "n=%0*d", 4095, 0);
    assert_int_equal(set(jar, "http://example.com/", text), 1);
    snprintf(text, sizeof text, "m=%0*d", 4096, 0);
    assert_int_equal(set(jar, "http://example.com/", text), 0);
    snprintf(text, sizeof text, "o=1; Path=/%0*d", 1024, 0); /* passed over */
    assert_int_equal(set(jar, "http://example.com/", text), 1);
    assert_string_equal(jar->at[1].cookie->path, "/");
}

static void a_domain_has_at_most_150(void **state)
{
    struct http_cookies *jar = *state;
    const char *url = "https://example.com/";
    char text[40];

    set(jar, url, "s=1; Secure; Path=/s");
    for (int i = 0; i < 149; i++) {
        snprintf(text, sizeof text, "n%d=1; Path=/%d", i, i);
        assert_int_equal(set(jar, url, text), 1);
    }
    sends(jar, "https://example.com/0", "n0=1"); /* it has been used */
    set(jar, "http://other.example.org/", "o=1");
    assert_int_equal(set(jar, url, "new=1; Path=/new"), 1);
    assert_int_equal(jar->n, 151);
    sends(jar, "https://example.com/0", "n0=1");
    sends(jar, "https://example.com/1", "");
    sends(jar, "https://example.com/s", "s=1"); /* Secure ones go last */
    sends(jar, "https://example.com/new", "new=1");
    sends(jar, "http://other.example.org/", "o=1");
}

static void a_jar_has_at_most_3000(void **state)
{
    struct http_cookies *jar = *state;
    char url[60];

    for (int i = 0; i < 3000; i++) {
        snprintf(url, sizeof url, "http://h%d.example/", i / 100);
        snprintf(url + 40, 20, "n%d=1", i);
        assert_int_equal(set(jar, url, url + 40), 1);
    }
    assert_int_equal(jar->n, 3000);
    assert_int_equal(set(jar, "http://one.more/", "m=1"), 1);
    assert_int_equal(jar->n, 3000);
    sends(jar, "http://one.more/", "m=1");
    assert_string_equal(jar->at[0].cookie->name, "n1");
}

static void expired_ones_make_room_first(void **state)
{
    struct http_cookies *jar = *state;
    char text[40];

    for (int i = 0; i < 150; i++) {
        snprintf(text, sizeof text, "n%d=1%s", i, i == 70 ? "; Max-Age=5" : "");
        set(jar, "http://example.com/", text);
    }
    set_at(jar, "http://example.com/", "new=1", NOW + 6);
    assert_int_equal(jar->n, 150);
    assert_string_equal(jar->at[0].cookie->name, "n0");
    assert_string_equal(jar->at[70].cookie->name, "n71");
}

static void a_field_has_at_most_8190_bytes(void **state)
{
    struct http_cookies *jar = *state;
    struct sc_buf out = {0};
    char text[4000];

    for (int i = 0; i < 4; i++) {
        snprintf(text, sizeof text, "n%d=%0*d", i, 3000, 0);
        set(jar, "http://example.com/", text);
    }
    assert_int_equal(http_cookies_for(jar, "http://example.com/", &out), 0);
    assert_int_equal(out.len, 2 * 3003 + 2);
    sc_buf_free(&out);
    out.limit = 100;
    assert_int_equal(sc_buf_add(&out, "x", 1), 0);
    assert_int_equal(http_cookies_for(jar, "http://example.com/", &out),
                     SC_ETOOBIG);
    assert_string_equal(out.data, "x");
    sc_buf_free(&out);
}

static void the_jar_is_walked_and_emptied(void **state)
{
    struct http_cookies *jar = *state;
    struct http_cookie c;
    size_t pos = 0;

    http_cookies_set(jar, "https://example.com/a/b",
                     sc_span_of("x=1; Secure; HttpOnly; Domain=example.com"));
    http_cookies_set(jar, "http://example.com/", sc_span_of("y=2; Max-Age=99"));
    assert_int_equal(http_cookies_next(jar, &pos, &c), 1);
    assert_string_equal(c.name, "x");
    assert_string_equal(c.value, "1");
    assert_string_equal(c.domain, "example.com");
    assert_string_equal(c.path, "/a");
    assert_int_equal(c.expires, 0);
    assert_true(c.subdomains && c.secure && c.http_only);
    assert_int_equal(http_cookies_next(jar, &pos, &c), 1);
    assert_false(c.subdomains || c.secure || c.http_only);
    assert_true(c.expires > 0);
    assert_int_equal(http_cookies_next(jar, &pos, &c), 0);
    http_cookies_drop_session(jar);
    assert_int_equal(jar->n, 1);
    http_cookies_clear(jar);
    assert_int_equal(jar->n, 0);
}

/* Written by curl 7.88.1 with -c. */
static const char curls_file[] =
    "# Netscape HTTP Cookie File\n"
    "# https://curl.se/docs/http-cookies.html\n"
    "# This file was generated by libcurl! Edit at your own risk.\n"
    "\n"
    ".foo.example.com\tTRUE\t/dir/\tFALSE\t1795378431\tf\t1\n"
    "www.foo.example.com\tFALSE\t\"/x\"\tFALSE\t0\tq\t\"x y\"\n"
    "www.foo.example.com\tFALSE\t/dir/\tFALSE\t0\tsp\tv v\n"
    "www.foo.example.com\tFALSE\t/\tFALSE\t0\te\t\n"
    "#HttpOnly_www.foo.example.com\tFALSE\t/dir/\tFALSE\t2713910399\tc\t3\n"
    "www.foo.example.com\tFALSE\t/x\tFALSE\t3795278431\tb\t2\n"
    "127.0.0.1\tFALSE\t/dir/\tTRUE\t0\ts\t1\n"
    "one.example.com\tFALSE\tq\tFALSE\t0\ta\t1\n"
    "two.example.com\tFALSE\t\tFALSE\t0\ta\t1\n";

static void a_file_of_curl_is_read(void **state)
{
    struct http_cookies *jar = *state;

    assert_int_equal(http_cookies_read(jar, sc_span_of(curls_file), NOW), 9);
    sends(jar, "http://www.foo.example.com/dir/x", "f=1; sp=v v; c=3; e=");
    sends(jar, "http://foo.example.com/dir/x", "f=1");
    sends(jar, "http://www.foo.example.com/x", "q=\"x y\"; b=2; e=");
    sends(jar, "http://127.0.0.1/dir/", "s=1");
    sends(jar, "http://one.example.com/", "a=1");
    sends(jar, "http://two.example.com/", "a=1");
    assert_true(jar->at[4].cookie->http_only);
    assert_int_equal(jar->at[4].cookie->expires, 2713910399);
    assert_int_equal(http_cookies_read(jar, sc_span_of(curls_file), 1800000000),
                     8);
}

static void a_file_is_written_as_netscapes(void **state)
{
    struct http_cookies *jar = *state;
    struct sc_buf out = {0};

    set(jar, "https://w.example.com/a/", "s=1; Secure; HttpOnly");
    set(jar, "http://w.example.com/a/", "d=; Domain=example.com; Max-Age=9");
    set(jar, "http://w.example.com/a/", "gone=1; Max-Age=5");
    assert_int_equal(http_cookies_write(jar, NOW + 6, &out), 0);
    assert_non_null(strstr(out.data, "# Netscape HTTP Cookie File\n"));
    assert_string_equal(strstr(out.data, "\n\n") + 2,
                        "#HttpOnly_w.example.com\tFALSE\t/a\tTRUE\t0\ts\t1\n"
                        ".example.com\tTRUE\t/a\tFALSE\t1600000009\td\t\n");
    http_cookies_clear(jar);
    assert_int_equal(
        http_cookies_read(jar, (struct sc_span){out.data, out.len}, NOW), 2);
    sends(jar, "https://w.example.com/a", "s=1; d=");
    sc_buf_free(&out);
}

static void lines_of_set_cookie_are_read(void **state)
{
    static const char text[] =
        "HTTP/1.1 200 OK\r\n"
        "Set-Cookie: a=1; Domain=example.com; Path=/x\r\n"
        "set-cookie:b=2;domain=.example.com\r\n"
        "Set-Cookie: nowhere=1\r\n"
        "Set-Cookie: old=1; Domain=example.com; "
        "Max-Age=0\r\n"
        "\r\n";
    struct http_cookies *jar = *state;

    assert_int_equal(http_cookies_read(jar, sc_span_of(text), NOW), 2);
    sends(jar, "http://w.example.com/x", "a=1; b=2");
}

static void what_is_no_cookie_is_skipped_in_a_file(void **state)
{
    static const char text[] =
        "#HttpOnly_\n"
        "# h\tFALSE\t/\tFALSE\t0\tcomment\t1\n"
        "h\tFALSE\t/\tFALSE\t0\n"
        "h\tFALSE\t/\tFALSE\t0\t\tv\n"
        "h\tFALSE\t/\tFALSE\t-1\tn\tv\n"
        "h\tFALSE\t/\tFALSE\t0x1\tn\tv\n"
        "h\tFALSE\t/\tFALSE\t99999999999999999999\tn\tv\n"
        "h\tFALSE\t/\tFALSE\t0\tn\tv\tw\n"
        "h\tFALSE\t/\tFALSE\t0\tn\tv; x=y\n"
        "h\tFALSE\t/\tFALSE\t0\tn\tv\x01\n"
        "h x\tFALSE\t/\tFALSE\t0\tn\tv\n"
        "\tFALSE\t/\tFALSE\t0\tn\tv\n"
        "h\tFALSE\t/\tFALSE\t1\tn\tlong over\n"
        "h\tFALSE\t/\tFALSE\t0\t__Host-n\tv\n"
        "h\tFALSE\t/\tTRUE\t0\t__Host-n\tv\n"
        "last\tFALSE\t/\tFALSE\t0\tn";
    struct http_cookies *jar = *state;

    assert_int_equal(http_cookies_read(jar, sc_span_of(text), NOW), 2);
    assert_string_equal(jar->at[0].cookie->name, "__Host-n");
    sends(jar, "http://last/", "n=");
    assert_int_equal(http_cookies_read(jar, (struct sc_span){NULL, 0}, NOW), 0);
}

#define jar_test(f) cmocka_unit_test_setup_teardown(f, new_jar, free_jar)

static const struct CMUnitTest tests[] = {
    jar_test(the_examples_of_rfc_6265_hold),
    jar_test(a_domain_is_for_the_host_and_those_below),
    jar_test(a_foreign_domain_is_refused),
    jar_test(a_public_suffix_speaks_for_itself_only),
    jar_test(an_address_has_no_domain_above_it),
    jar_test(paths_match_whole_segments),
    jar_test(longer_paths_then_older_cookies_go_first),
    jar_test(secure_cookies_go_over_tls_or_to_loopback),
    jar_test(a_plain_page_cannot_touch_what_tls_has_set),
    jar_test(prefixes_of_names_are_kept_to),
    jar_test(max_age_goes_before_expires),
    jar_test(what_is_no_cookie_is_refused),
    jar_test(odd_cookies_are_taken_as_they_are),
    jar_test(a_cookie_has_at_most_4_kib),
    jar_test(a_domain_has_at_most_150),
    jar_test(a_jar_has_at_most_3000),
    jar_test(expired_ones_make_room_first),
    jar_test(a_field_has_at_most_8190_bytes),
    jar_test(the_jar_is_walked_and_emptied),
    jar_test(a_file_of_curl_is_read),
    jar_test(a_file_is_written_as_netscapes),
    jar_test(lines_of_set_cookie_are_read),
    jar_test(what_is_no_cookie_is_skipped_in_a_file),
};

TEST_MAIN(tests)
