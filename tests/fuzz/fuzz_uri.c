/* fuzz_uri.c - any text as a URL: what is parsed must build, and what was
 * built must parse to the same. */

#include <stdlib.h>
#include <string.h>

#include "fuzz.h"

#include <simpleclient/uri.h>

static void must(int holds)
{
    if (!holds)
        abort();
}

static int same(const char *a, const char *b)
{
    return a == b || (a != NULL && b != NULL && strcmp(a, b) == 0);
}

static void round_trip(const struct uri *u, unsigned flags)
{
    struct sc_buf text = {0};
    struct uri again;

    must(uri_build(u, &text) == 0);
    must(uri_parse(&again, text.data, NULL, flags, 65536, NULL) == 0);
    must(same(u->scheme, again.scheme) && same(u->host, again.host));
    must(same(u->user, again.user) && same(u->password, again.password));
    must(same(u->zone, again.zone) && u->port == again.port);
    must(same(u->query, again.query) && same(u->fragment, again.fragment));
    must(u->host == NULL || same(u->path, again.path));
    uri_free(&again);
    sc_buf_free(&text);
}

static void walk_query(const char *query)
{
    struct sc_buf name = {0}, value = {0};
    size_t pos = 0;
    bool has;

    while (uri_query_next(query, &pos, &name, &value, &has) == 1)
        continue;
    sc_buf_free(&name);
    sc_buf_free(&value);
}

static void resolve(const struct uri *base, const char *ref, unsigned flags)
{
    struct sc_buf target = {0};
    struct uri out;

    if (uri_resolve(&out, base, ref, flags, NULL) == 0) {
        round_trip(&out, flags);
        must(uri_build_target(&out, &target) == 0);
        must(target.data[0] == '/' && strpbrk(target.data, "\r\n ") == NULL);
    }
    uri_free(&out);
    sc_buf_free(&target);
}

static void parse_as(const char *s, const char *scheme, unsigned flags)
{
    struct sc_error e = {0};
    struct uri u, base;

    if (uri_parse(&u, s, scheme, flags, 0, &e) == 0) {
        round_trip(&u, flags);
        walk_query(u.query);
    } else {
        must(e.code != 0 && e.text[0] != '\0');
    }
    uri_free(&u);
    must(uri_parse(&base, "http://a/b/c/d;p?q", NULL, 0, 0, NULL) == 0);
    resolve(&base, s, flags);
    uri_free(&base);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    char *s = malloc(n + 1);

    if (s == NULL)
        return 0;
    if (n > 0)
        memcpy(s, data, n);
    s[n] = '\0';
    parse_as(s, NULL, 0);
    parse_as(s, "http", URI_LOCATION);
    parse_as(s, NULL, URI_STRICT);
    parse_as(s, NULL, URI_RELATIVE);
    free(s);
    return 0;
}
