/* test_fetch_url.c - what is read off a URL without taking it apart, as RFC 3986
 * section 3 divides it, and what people get to see of it. */

#include "main.h"

#include <stdlib.h>

#include "fetch/memory.h"
#include "fetch/url_text.h"

static void shows(const char *url, const char *want)
{
    char *text = url_shown(url);

    assert_string_equal(text, want);
    free(text);
}

static void names(const char *url, const char *want)
{
    char *text = name_of_url(url);

    if (want == NULL)
        assert_null(text);
    else
        assert_string_equal(text, want);
    free(text);
}

static void a_scheme_stands_in_front_of_the_host(void **state)
{
    (void)state;
    assert_int_equal(url_scheme("http://h/"), 7);
    assert_int_equal(url_scheme("h/"), 0);
    assert_int_equal(url_scheme("h/?to=http://x/"), 0);
    assert_int_equal(url_scheme("h?http://x/"), 0);
    assert_int_equal(url_scheme("h/http://x/"), 0);
    assert_int_equal(url_scheme("h:80/"), 0);
    assert_int_equal(url_scheme("http:/h"), 0);
    assert_int_equal(url_scheme(""), 0);
    assert_int_equal(url_host_end("http://h:80/x"), 11);
    assert_int_equal(url_host_end("h?x"), 1);
}

static void no_login_is_shown(void **state)
{
    (void)state;
    shows("http://joe:secret@h:1/x?y#z", "http://h:1/x?y#z");
    shows("joe:secret@h", "h");
    shows("http://joe@h/", "http://h/");
    shows("http://a@b:c@h/", "http://h/");
    shows("http://joe:se/cret@h/", "http://h/");
    shows("http://joe:se?cr#et@h/", "http://h/");
}

static void all_else_is_shown(void **state)
{
    (void)state;
    shows("http://h/joe:x@y", "http://h/joe:x@y");
    shows("http://h:80/?a@b", "http://h:80/?a@b");
    shows("http://[::1]/a@b", "http://[::1]/a@b");
    shows("http://[::1]:80/a@b", "http://[::1]:80/a@b");
    shows("http://h:/a@b", "http://h:/a@b");
    shows("", "");
}

static void a_file_is_called_like_the_last_part_of_the_path(void **state)
{
    (void)state;
    names("http://h/a/b.txt?c/d#e/f", "b.txt");
    names("h/name?to=http://x/other", "name");
    names("http://h/a/", NULL);
    names("http://h", NULL);
    names("http://h?a/b", NULL);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(a_scheme_stands_in_front_of_the_host),
    cmocka_unit_test(no_login_is_shown),
    cmocka_unit_test(all_else_is_shown),
    cmocka_unit_test(a_file_is_called_like_the_last_part_of_the_path),
};

TEST_MAIN(tests)
