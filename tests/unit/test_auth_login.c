/* test_auth_login.c - the login that a client's options tell: theirs, or that of
 * a netrc file. */
#include "talk.h"

#include <stdlib.h>
#include <unistd.h>

#include "client/auth.h"

/* --- the login of the options --- */

static struct talk with(const struct sc_options *o)
{
    return talk_class(&sc_simple_class, "", 0, o);
}

static void no_login_in_the_options_is_none(void **state)
{
    struct talk t = with(NULL);
    struct sc_sasl_login l;

    (void)state;
    assert_int_equal(sc_auth_login_of(t.c, &l), 0);
    assert_null(l.user);
    talk_over(t);
}

static void the_options_tell_the_login(void **state)
{
    const struct sc_options o = {.user = "amy",
                                 .password = "secret",
                                 .token = "tok",
                                 .authzid = "bob",
                                 .mechanisms = "PLAIN",
                                 .flags = SC_OPT_PLAIN_LOGIN};
    struct talk t = with(&o);
    struct sc_sasl_login l;

    (void)state;
    assert_int_equal(sc_auth_login_of(t.c, &l), 1);
    assert_string_equal(l.user, "amy");
    assert_string_equal(l.password, "secret");
    assert_string_equal(l.token, "tok");
    assert_string_equal(l.authzid, "bob");
    assert_string_equal(l.mechanisms, "PLAIN");
    assert_int_equal(l.allow_plain, 1);
    assert_int_equal(l.protected_link, 0); /* a script is no loopback */
    assert_null(l.binding_type);
    talk_over(t);
}

static void each_kind_of_login_counts(void **state)
{
    static const struct sc_options each[] = {
        {.user = "amy"}, {.token = "tok"}, {.mechanisms = "EXTERNAL"}};
    struct sc_sasl_login l;

    (void)state;
    for (size_t i = 0; i < 3; i++) {
        struct talk t = with(&each[i]);

        assert_int_equal(sc_auth_login_of(t.c, &l), 1);
        assert_int_equal(l.allow_plain, 0);
        talk_over(t);
    }
}

/* --- netrc --- */

static char netrc[] = "/tmp/test_auth_XXXXXX";

static int set_up(void **state)
{
    static const char text[] = "machine other login zoe password no\n"
                               "default login amy password secret\n";
    int fd = mkstemp(netrc);

    (void)state;
    if (fd < 0 || write(fd, text, sizeof text - 1) != sizeof text - 1)
        return -1;
    return close(fd);
}

static int tear_down(void **state)
{
    (void)state;
    return unlink(netrc);
}

static void write_netrc(const char *text)
{
    FILE *f = fopen(netrc, "w");

    assert_non_null(f);
    assert_true(fputs(text, f) >= 0);
    assert_int_equal(fclose(f), 0);
}

static void looks_up(struct sc_options o, const char *user,
                     const char *password)
{
    struct talk t = with(&o);
    struct sc_sasl_login l;
    int rc = sc_auth_login_of(t.c, &l);

    assert_int_equal(rc, user != NULL);
    for (int i = 0; user != NULL && i < 2; i++) { /* and once more */
        assert_string_equal(l.user, user);
        if (password == NULL)
            assert_null(l.password);
        else
            assert_string_equal(l.password, password);
        assert_int_equal(sc_auth_login_of(t.c, &l), 1);
    }
    talk_over(t);
}

static void netrc_gives_what_the_options_do_not(void **state)
{
    (void)state;
    looks_up((struct sc_options){.netrc = netrc}, "amy", "secret");
    looks_up((struct sc_options){.netrc = netrc, .user = "amy"}, "amy",
             "secret");
    looks_up((struct sc_options){.netrc = netrc, .user = "bob"}, "bob", NULL);
    looks_up(
        (struct sc_options){.netrc = netrc, .user = "amy", .password = "mine"},
        "amy", "mine");
    looks_up((struct sc_options){.netrc = netrc, .user = "bob", .token = "t"},
             "bob", NULL);
}

static void the_default_netrc_is_found_or_not_there(void **state)
{
    (void)state;
    setenv("NETRC", netrc, 1);
    looks_up((struct sc_options){.netrc = ""}, "amy", "secret");
    looks_up((struct sc_options){.user = NULL}, NULL, NULL);
    setenv("NETRC", "/nonexistent/netrc", 1);
    looks_up((struct sc_options){.netrc = ""}, NULL, NULL);
    unsetenv("NETRC");
}

static void netrc_fails(const char *path, int code, const char *word)
{
    const struct sc_options o = {.netrc = path};
    struct talk t = with(&o);
    struct sc_sasl_login l;

    assert_int_equal(sc_auth_login_of(t.c, &l), code);
    assert_int_equal(sc_broken(t.c), 0);
    assert_non_null(strstr(sc_last_error(t.c)->text, word));
    assert_null(strstr(sc_last_error(t.c)->text, "secret"));
    talk_over(t);
}

static void a_netrc_that_is_no_good_is_told(void **state)
{
    (void)state;
    netrc_fails("/nonexistent/netrc", -ENOENT, "/nonexistent/netrc");
    write_netrc("default login amy\npassword \"secret\n");
    netrc_fails(netrc, SC_EPROTO, "line 2");
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(no_login_in_the_options_is_none),
    cmocka_unit_test(the_options_tell_the_login),
    cmocka_unit_test(each_kind_of_login_counts),
    cmocka_unit_test(netrc_gives_what_the_options_do_not),
    cmocka_unit_test(the_default_netrc_is_found_or_not_there),
    cmocka_unit_test(a_netrc_that_is_no_good_is_told),
};

TEST_MAIN_WITH(tests, set_up, tear_down)
