/* test_netrc.c - logins from netrc texts: the examples of ftp(1)'s and curl's
 * manuals, quotes, macros, comments, and what is broken. */

#include "main.h"

#include <stdlib.h>

#include "client/netrc.h"

struct login {
    struct sc_buf user, password;
    int line;
};

static int find(struct login *l, const char *text, const char *host,
                const char *user)
{
    sc_buf_free(&l->user);
    sc_buf_free(&l->password);
    if (user != NULL)
        assert_int_equal(sc_buf_add(&l->user, user, strlen(user)), 0);
    return sc_netrc_find(sc_span_of(text), host, &l->user, &l->password,
                         &l->line);
}

static void finds(const char *text, const char *host, const char *user,
                  const char *want_user, const char *want_password)
{
    struct login l = {0};
    int rc = find(&l, text, host, user);

    if (rc != 1)
        fail_msg("%s: %d, line %d", text, rc, l.line);
    assert_string_equal(l.user.data, want_user);
    assert_string_equal(l.password.data, want_password);
    sc_buf_free(&l.user);
    sc_buf_free(&l.password);
}

static void finds_nothing(const char *text, const char *host, const char *user)
{
    struct login l = {0};

    assert_int_equal(find(&l, text, host, user), 0);
    assert_null(l.password.data);
    sc_buf_free(&l.user);
}

static void broken_at(const char *text, int line)
{
    struct login l = {0};

    if (find(&l, text, "h", NULL) != SC_EPROTO)
        fail_msg("accepted: %s", text);
    assert_int_equal(l.line, line);
    sc_buf_free(&l.user);
    sc_buf_free(&l.password);
}

static const char several[] = "machine a.example login amy password one\n"
                              "machine b.example\n\tlogin bob\n\tpassword two\n"
                              "default login anonymous password me@here\n";

static void a_machine_is_found_on_one_line_or_more(void **state)
{
    (void)state;
    finds(several, "a.example", NULL, "amy", "one");
    finds(several, "B.Example", NULL, "bob", "two");
    finds("machine h\r\nlogin\r\njoe\r\npassword\r\nx\r\n", "h", NULL, "joe",
          "x");
    finds("machine h password x login joe", "h", NULL, "joe", "x");
}

static void default_is_for_all_others(void **state)
{
    (void)state;
    finds(several, "c.example", NULL, "anonymous", "me@here");
    finds_nothing("machine a login x password y", "b", NULL);
    finds("default login d password e\nmachine h login j password k", "h", NULL,
          "j", "k");
    finds("default login a password b\ndefault login c password d", "h", NULL,
          "a", "b");
    finds_nothing("", "h", NULL);
}

static void only_entries_of_the_wanted_login_count(void **state)
{
    const char *text = "machine h login amy password one\n"
                       "machine h login bob password two\n"
                       "default login cid password three\n";

    (void)state;
    finds(text, "h", NULL, "amy", "one");
    finds(text, "h", "bob", "bob", "two");
    finds(text, "h", "cid", "cid", "three");
    finds_nothing(text, "h", "dan");
    finds("machine h password x", "h", "amy", "amy", "x");
}

static void an_entry_may_lack_a_part(void **state)
{
    (void)state;
    finds("machine h login amy", "h", NULL, "amy", "");
    finds("machine h password x", "h", NULL, "", "x");
    finds_nothing("machine h account x", "h", NULL);
    finds("machine h login amy account acct password x", "h", NULL, "amy", "x");
}

/* So it is in curl 7.88.1. */
static void the_first_of_a_kind_counts_and_keywords_have_no_case(void **state)
{
    (void)state;
    finds("machine h login amy password x login bob password y", "h", NULL,
          "amy", "x");
    finds("MACHINE h Login amy PASSWORD x", "h", NULL, "amy", "x");
}

static void quoted_words_hold_spaces_and_escapes(void **state)
{
    (void)state;
    finds("machine h login \"amy lee\" password \"a\\\"b\\\\c\\td \\x\"", "h",
          NULL, "amy lee", "a\"b\\c\td x");
    finds("machine \"h\" login a password \"\"", "h", NULL, "a", "");
    finds("machine h login a password p\\n\"q\"", "h", NULL, "a", "p\\n\"q\"");
    finds("machine h login a password \"machine\" account default", "h", NULL,
          "a", "machine");
}

static void comments_and_macros_are_passed_over(void **state)
{
    const char *text = "# machine h login no password no\n"
                       "macdef init\n"
                       "machine h login no password no\n"
                       "\n"
                       "  # and more\n"
                       "machine h # login no\n"
                       "login amy password #1\n"
                       "macdef other\n"
                       "machine h\n";

    (void)state;
    finds(text, "h", NULL, "amy", "#1");
    finds("machine h login amy password\n # no\nx", "h", NULL, "amy", "x");
    finds("macdef x\r\nmachine h login a\r\n\r\nmachine h login b", "h", NULL,
          "b", "");
    finds("machine h login amy macdef m\ncd x\n\npassword y", "h", NULL, "amy",
          "y");
    finds("machine h port 21 login amy password x", "h", NULL, "amy", "x");
}

static void what_has_no_end_is_broken_and_the_line_told(void **state)
{
    struct login l = {0};
    struct sc_span nul = SC_SPAN("machine h\n\0 login a");

    (void)state;
    broken_at("machine", 1);
    broken_at("machine h\nlogin", 2);
    broken_at("\n\nmachine h login a password \"x\n\"", 3);
    broken_at("machine h login \"a\\", 1);
    assert_int_equal(sc_netrc_find(nul, "h", &l.user, &l.password, &l.line),
                     SC_EPROTO);
    assert_int_equal(l.line, 2);
}

static void a_text_has_a_ceiling(void **state)
{
    char *text = malloc(SC_NETRC_LIMIT + 1);
    struct login l = {0};

    (void)state;
    assert_non_null(text);
    memset(text, 'x', SC_NETRC_LIMIT + 1);
    assert_int_equal(sc_netrc_find((struct sc_span){text, SC_NETRC_LIMIT + 1},
                                   "h", &l.user, &l.password, &l.line),
                     SC_ETOOBIG);
    assert_int_equal(sc_netrc_find((struct sc_span){text, SC_NETRC_LIMIT}, "h",
                                   &l.user, &l.password, &l.line),
                     0);
    free(text);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(a_machine_is_found_on_one_line_or_more),
    cmocka_unit_test(default_is_for_all_others),
    cmocka_unit_test(only_entries_of_the_wanted_login_count),
    cmocka_unit_test(an_entry_may_lack_a_part),
    cmocka_unit_test(the_first_of_a_kind_counts_and_keywords_have_no_case),
    cmocka_unit_test(quoted_words_hold_spaces_and_escapes),
    cmocka_unit_test(comments_and_macros_are_passed_over),
    cmocka_unit_test(what_has_no_end_is_broken_and_the_line_told),
    cmocka_unit_test(a_text_has_a_ceiling),
};

TEST_MAIN(tests)
