/* fuzz_cookie.c - any lines as cookies: first a URL, then values of Set-Cookie
 * fields, and all of it as a file. What is kept may be kept, what is sent is one
 * clean line, and a file that was written is read as it was. */

#include <stdlib.h>
#include <string.h>

#include "core/text.h"
#include "fuzz.h"
#include "http/http_cookie.h"

enum { NOW = 1600000000 };

static void must(int holds)
{
    if (!holds)
        abort();
}

static struct sc_span take_line(struct sc_span *rest)
{
    const char *lf = rest->len > 0 ? memchr(rest->data, '\n', rest->len) : NULL;
    struct sc_span line = {rest->data,
                           lf != NULL ? (size_t)(lf - rest->data) : rest->len};
    size_t n = line.len + (lf != NULL);

    rest->data += n;
    rest->len -= n;
    return line;
}

static void check_jar(const struct http_cookies *jar)
{
    must(jar->n <= HTTP_COOKIES_MAX);
    for (size_t i = 0; i < jar->n; i++) {
        const struct http_jar_cookie *c = jar->at[i].cookie;
        struct http_cookie_text text = {.name = sc_span_of(c->name),
                                        .value = sc_span_of(c->value),
                                        .domain = sc_span_of(c->domain),
                                        .path = sc_span_of(c->path),
                                        .subdomains = c->subdomains,
                                        .secure = c->secure};

        must(http_cookie_ok(&text) && text.domain.len > 0);
        must(c->path[0] == '/' && c->expires >= 0);
    }
}

static void check_sent(struct http_cookies *jar, const struct uri *u)
{
    struct sc_buf out = {0};

    if (http_cookies_for_at(jar, u, NOW, &out) == 0 && out.len > 0) {
        must(out.len <= HTTP_COOKIE_FIELD_MAX);
        for (size_t i = 0; i < out.len; i++)
            must((unsigned char)out.data[i] >= ' ' && out.data[i] != 0x7f);
    }
    sc_buf_free(&out);
}

static void check_file(const struct http_cookies *jar)
{
    struct http_cookies *again = http_cookies_new();
    struct sc_buf one = {0}, two = {0};

    must(http_cookies_write(jar, NOW, &one) == 0);
    must(http_cookies_read(again, (struct sc_span){one.data, one.len}, NOW) ==
         (int)jar->n);
    must(http_cookies_write(again, NOW, &two) == 0);
    must(one.len == two.len && memcmp(one.data, two.data, one.len) == 0);
    http_cookies_free(again);
    sc_buf_free(&one);
    sc_buf_free(&two);
}

static void from_server(struct http_cookies *jar, const struct uri *u,
                        struct sc_span rest)
{
    while (rest.len > 0) {
        int rc = http_cookies_set_at(jar, u, take_line(&rest), NOW);

        must(rc == 0 || rc == 1 || rc == SC_EURL);
    }
    check_jar(jar);
    check_sent(jar, u);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    struct sc_span all = {(const char *)data, n}, rest = all;
    struct http_cookies *jar = http_cookies_new();
    char url[256];
    struct uri u;

    if (n == 0)
        all = rest = (struct sc_span){"", 0};
    sc_span_copy(url, sizeof url, take_line(&rest));
    if (uri_parse(&u, url, "http", 0, 0, NULL) == 0) {
        from_server(jar, &u, rest);
        must(http_cookies_read(jar, all, NOW) >= 0);
        check_jar(jar);
        check_sent(jar, &u);
        check_file(jar);
    }
    uri_free(&u);
    http_cookies_free(jar);
    return 0;
}
