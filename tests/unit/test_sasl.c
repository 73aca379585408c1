/* test_sasl.c - which mechanism is chosen, what a login may hold, and that no
 * secret is left in memory. */
#include "sasl_steps.h"

#include <malloc.h>
#include <stdlib.h>

static const struct sc_sasl_login amy = {
    .user = "amy", .password = "secret", .protected_link = 1};

static void chosen(const char *offered, struct sc_sasl_login l,
                   const char *name)
{
    struct sc_sasl *s = begin(offered, l);

    assert_string_equal(sc_sasl_name(s), name);
    sc_sasl_free(s);
}

static void none(const char *offered, struct sc_sasl_login l, int code)
{
    struct sc_error err = {0};

    assert_null(sc_sasl_new(offered, &l, &err));
    if (err.code != code)
        fail_msg("%s: %d, not %d: %s", offered, err.code, code, err.text);
    assert_true(err.text[0] != '\0');
    assert_null(strstr(err.text, "secret"));
}

/* --- the classes --- */

static void every_slot_is_filled(void **state)
{
    size_t n = 0;

    (void)state;
    for (; sc_sasl_classes[n] != NULL; n++) {
        const struct sc_sasl_class *c = sc_sasl_classes[n];

        assert_non_null(c->name);
        assert_non_null(c->step);
        assert_non_null(c->heavy);
        assert_non_null(c->succeeded);
    }
    assert_int_equal(n, 11);
}

/* --- the choice (statement 28) --- */

static void the_strongest_common_mechanism_is_picked(void **state)
{
    struct sc_sasl_login clear = amy;

    (void)state;
    clear.protected_link = 0;
    chosen("PLAIN LOGIN CRAM-MD5 SCRAM-SHA-1 SCRAM-SHA-256", amy,
           "SCRAM-SHA-256");
    chosen("PLAIN LOGIN CRAM-MD5 SCRAM-SHA-1", amy, "SCRAM-SHA-1");
    chosen("login plain cram-md5", amy, "PLAIN");
    chosen("LOGIN CRAM-MD5", amy, "LOGIN");
    chosen("GSSAPI NTLM CRAM-MD5", amy, "CRAM-MD5");
    chosen("PLAIN LOGIN CRAM-MD5", clear, "CRAM-MD5");
    chosen("  PLAIN\tLOGIN  ", amy, "PLAIN");
}

static void no_word_is_mistaken_for_a_mechanism(void **state)
{
    (void)state;
    none("PLAINTEXT SCRAM-SHA-256X XPLAIN", amy, SC_ENOTSUP);
    none("DIGEST-MD5 NTLM GSSAPI", amy, SC_ENOTSUP);
    none("", amy, SC_ENOTSUP);
    none("  ", amy, SC_ENOTSUP);
    none(NULL, amy, SC_ENOTSUP);
}

static void plain_text_in_clear_is_refused_unless_allowed(void **state)
{
    struct sc_sasl_login l = amy;

    (void)state;
    l.protected_link = 0;
    none("PLAIN LOGIN", l, SC_EPLAINTEXT);
    none("PLAIN", l, SC_EPLAINTEXT);
    none("LOGIN GSSAPI", l, SC_EPLAINTEXT);
    l.mechanisms = "PLAIN";
    none("PLAIN SCRAM-SHA-256", l, SC_EPLAINTEXT);
    l.mechanisms = NULL;
    l.token = "t";
    none("XOAUTH2 OAUTHBEARER", l, SC_EPLAINTEXT);
    chosen("XOAUTH2 SCRAM-SHA-1", l, "SCRAM-SHA-1");
    l.allow_plain = 1;
    chosen("XOAUTH2 OAUTHBEARER", l, "OAUTHBEARER");
    chosen("LOGIN PLAIN", l, "PLAIN");
}

static void plus_is_picked_when_binding_is_at_hand(void **state)
{
    static const char all[] = "SCRAM-SHA-1 SCRAM-SHA-256 PLAIN "
                              "SCRAM-SHA-1-PLUS SCRAM-SHA-256-PLUS";
    struct sc_sasl_login l = amy;

    (void)state;
    chosen(all, l, "SCRAM-SHA-256");
    l.binding_type = "tls-exporter";
    chosen(all, l, "SCRAM-SHA-256"); /* no data */
    l.binding = (struct sc_span){"\0\1\2", 3};
    chosen(all, l, "SCRAM-SHA-256-PLUS");
    chosen("SCRAM-SHA-256 SCRAM-SHA-1-PLUS", l, "SCRAM-SHA-1-PLUS");
    l.binding_type = NULL;
    chosen(all, l, "SCRAM-SHA-256");
}

static void a_token_is_used_before_a_password(void **state)
{
    static const char all[] = "PLAIN SCRAM-SHA-256 XOAUTH2 OAUTHBEARER";
    struct sc_sasl_login l = amy;

    (void)state;
    chosen(all, l, "SCRAM-SHA-256");
    l.token = "t";
    chosen(all, l, "OAUTHBEARER");
    chosen("PLAIN XOAUTH2", l, "XOAUTH2");
    chosen("PLAIN", l, "PLAIN");
    l.password = NULL;
    none("PLAIN SCRAM-SHA-256", l, SC_ENOTSUP);
    l.user = NULL;
    none("XOAUTH2", l, SC_ENOTSUP);
    chosen("OAUTHBEARER", l, "OAUTHBEARER");
}

static void named_mechanisms_are_tried_in_their_order(void **state)
{
    struct sc_sasl_login l = amy;

    (void)state;
    l.mechanisms = "NTLM LOGIN plain SCRAM-SHA-256";
    chosen("SCRAM-SHA-256 PLAIN LOGIN", l, "LOGIN");
    chosen("SCRAM-SHA-256 PLAIN", l, "PLAIN");
    none("CRAM-MD5", l, SC_ENOTSUP);
    l.mechanisms = "";
    none("PLAIN", l, SC_ENOTSUP);
    l.mechanisms = "SCRAM-SHA-1-PLUS";
    none("SCRAM-SHA-1-PLUS", l, SC_ENOTSUP); /* nothing to bind to */
}

static void external_is_used_only_when_named(void **state)
{
    struct sc_sasl_login l = {.protected_link = 1};

    (void)state;
    none("EXTERNAL", l, SC_ENOTSUP);
    chosen("EXTERNAL PLAIN", amy, "PLAIN");
    l.mechanisms = "EXTERNAL";
    chosen("EXTERNAL PLAIN", l, "EXTERNAL");
}

static void another_user_is_acted_for_only_where_it_can_be_said(void **state)
{
    struct sc_sasl_login l = amy;

    (void)state;
    l.authzid = "bob";
    chosen("CRAM-MD5 LOGIN PLAIN", l, "PLAIN");
    none("CRAM-MD5 LOGIN", l, SC_ENOTSUP);
    l.authzid = "amy";
    chosen("LOGIN", l, "LOGIN");
    l.authzid = "";
    chosen("LOGIN", l, "LOGIN");
}

/* --- what may not be in a login (statement 19) --- */

static void with_user(const char *user)
{
    struct sc_sasl_login l = amy;

    l.user = user;
    none("PLAIN", l, SC_EINVAL);
    l.user = "amy";
    l.authzid = user;
    if (user[0] != '\0')
        none("PLAIN", l, SC_EINVAL);
}

static void names_are_utf8_without_control_characters(void **state)
{
    struct sc_sasl_login l = amy;

    (void)state;
    with_user("");
    with_user("a\rb");
    with_user("a\nb");
    with_user("a\1b");
    with_user("a\x7f");
    with_user("\xc2\x85");         /* NEL */
    with_user("a\xff");            /* not UTF-8 */
    with_user("\xc0\xaf");         /* too long a form */
    with_user("\xed\xa0\x80");     /* half of a pair */
    with_user("\xf4\x90\x80\x80"); /* beyond Unicode */
    with_user("\xe2\x82");         /* cut */
    l.user = "J\xc3\xb6rg \xe2\x82\xac \xf0\x9f\x98\x80";
    chosen("PLAIN", l, "PLAIN");
}

static void passwords_and_tokens_have_no_line_ends(void **state)
{
    struct sc_sasl_login l = amy;

    (void)state;
    l.password = "a\r\nb";
    none("PLAIN", l, SC_EINVAL);
    l.password = "a\tb";
    none("PLAIN", l, SC_EINVAL);
    l.password = " \"spaces\" ";
    chosen("PLAIN", l, "PLAIN");
    l.password = "latin-1 \xe9";
    chosen("PLAIN", l, "PLAIN");
    none("SCRAM-SHA-256", l, SC_EINVAL);
    l.token = "a b";
    none("XOAUTH2", l, SC_EINVAL);
    l.token = "a\1b";
    none("XOAUTH2", l, SC_EINVAL);
    l.token = "";
    none("XOAUTH2", l, SC_EINVAL);
    l.token = "t";
    l.host = "h\1x";
    none("OAUTHBEARER", l, SC_EINVAL);
}

/* --- memory --- */

static long left = -1; /* allocations until one fails; < 0: never */
static long live;
static bool watching, out_of_memory;
static int found;

/* Zeroed, since all of it is looked at later. */
static void *my_malloc(size_t n)
{
    void *p = left >= 0 && left-- == 0 ? NULL : calloc(1, n);

    live += p != NULL;
    return p;
}

/* Always moves. */
static void *my_realloc(void *p, size_t n)
{
    const size_t had = p != NULL ? malloc_usable_size(p) : 0;
    void *q = my_malloc(n);

    if (q == NULL || p == NULL)
        return q;
    memcpy(q, p, had < n ? had : n);
    live--;
    free(p);
    return q;
}

/* The test's password must not be in what is given back. */
static void my_free(void *p)
{
    if (p != NULL && watching &&
        memmem(p, malloc_usable_size(p), "tanstaaf", 8) != NULL)
        found++;
    live -= p != NULL;
    free(p);
}

static int set_up(void **state)
{
    static const struct sc_allocator mine = {my_malloc, my_realloc, my_free};

    (void)state;
    return sc_set_allocator(&mine);
}

static void run(const char *name, const char *challenge)
{
    struct sc_sasl_login l = {.user = "tanstaaf",
                              .password = "tanstaaftanstaaf",
                              .token = "tanstaaf.tanstaaf",
                              .protected_link = 1,
                              .mechanisms = name};
    struct sc_error err = {0};
    struct sc_sasl *s = sc_sasl_new(name, &l, &err);
    struct sc_buf out = {0};
    int rc = s == NULL ? err.code : 0;

    if (s != NULL)
        sc_scram_fix_nonce(s, "x");
    if (s != NULL && sc_sasl_speaks_first(s))
        rc = sc_sasl_step(s, sc_span_of(""), &out);
    if (rc == 0 && challenge != NULL)
        rc = sc_sasl_step(s, sc_span_of(challenge), &out);
    if (left == -1 && out_of_memory)
        assert_int_equal(rc, SC_ENOMEM);
    if (out.data != NULL)
        memset(out.data, 0, out.cap); /* ours to wipe */
    sc_buf_free(&out);
    sc_sasl_free(s);
}

static const struct {
    const char *name, *challenge;
} each[] = {
    {"PLAIN", NULL},       {"LOGIN", "Username:"},
    {"CRAM-MD5", "<1@h>"}, {"SCRAM-SHA-256", "r=xy,s=QSXCR+Q6sek8bf92,i=4096"},
    {"XOAUTH2", "{}"},     {"OAUTHBEARER", "{}"},
};
enum { EACH = sizeof each / sizeof each[0] };

static void secrets_are_wiped(void **state)
{
    (void)state;
    watching = true;
    found = 0;
    for (size_t i = 0; i < EACH; i++) {
        run(each[i].name, each[i].challenge);
        if (found)
            fail_msg("%s leaves a secret behind", each[i].name);
    }
    watching = false;
}

static void no_memory_leaves_nothing(void **state)
{
    (void)state;
    for (size_t i = 0; i < EACH; i++)
        for (long n = 0; n < 30; n++) {
            long before = live;

            left = n;
            out_of_memory = true;
            run(each[i].name, each[i].challenge);
            out_of_memory = false;
            left = -1;
            assert_int_equal(live, before);
        }
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(every_slot_is_filled),
    cmocka_unit_test(the_strongest_common_mechanism_is_picked),
    cmocka_unit_test(no_word_is_mistaken_for_a_mechanism),
    cmocka_unit_test(plain_text_in_clear_is_refused_unless_allowed),
    cmocka_unit_test(plus_is_picked_when_binding_is_at_hand),
    cmocka_unit_test(a_token_is_used_before_a_password),
    cmocka_unit_test(named_mechanisms_are_tried_in_their_order),
    cmocka_unit_test(external_is_used_only_when_named),
    cmocka_unit_test(another_user_is_acted_for_only_where_it_can_be_said),
    cmocka_unit_test(names_are_utf8_without_control_characters),
    cmocka_unit_test(passwords_and_tokens_have_no_line_ends),
    cmocka_unit_test(secrets_are_wiped),
    cmocka_unit_test(no_memory_leaves_nothing),
};

TEST_MAIN_WITH(tests, set_up, NULL)
