/* test_sasl.c - which mechanism is chosen, and what each of them says: the
 * examples of RFC 2195, RFC 4616, RFC 7628 and Google's XOAUTH2 pages. SCRAM has
 * its own file. */
#include "main.h"

#include <stdlib.h>

#include "core/base64.h"
#include "sasl/mechanism.h"

static const struct sc_sasl_login amy = {
    .user = "amy", .password = "secret", .protected_link = 1};

/* --- helpers --- */

static struct sc_sasl *begin(const char *offered, struct sc_sasl_login l)
{
    struct sc_error err = {0};
    struct sc_sasl *s = sc_sasl_new(offered, &l, &err);

    if (s == NULL)
        fail_msg("%s: %s", offered, err.text);
    return s;
}

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

static struct sc_span span_of(const struct sc_buf *b)
{
    return (struct sc_span){b->data, b->len};
}

/* One step: N bytes of CHALLENGE in, WANT out. */
static void says_n(struct sc_sasl *s, const char *challenge, const char *want,
                   size_t n)
{
    struct sc_buf out = {0};
    int rc = sc_sasl_step(s, sc_span_of(challenge), &out);

    if (rc < 0)
        fail_msg("%d %s", rc, sc_sasl_why(s));
    assert_non_null(out.data);
    assert_int_equal(out.len, n);
    assert_memory_equal(out.data, want, n);
    sc_buf_free(&out);
}

static void says(struct sc_sasl *s, const char *challenge, const char *want)
{
    says_n(s, challenge, want, strlen(want));
}

/* The same, told in base64. */
static void says64(struct sc_sasl *s, const char *challenge, const char *want)
{
    struct sc_buf in = {0}, out = {0}, text = {0};

    assert_int_equal(sc_base64_decode(&in, sc_span_of(challenge)), 0);
    assert_int_equal(sc_sasl_step(s, span_of(&in), &out), 0);
    assert_int_equal(sc_base64_encode(&text, out.data, out.len), 0);
    assert_string_equal(text.data, want);
    sc_buf_free(&in);
    sc_buf_free(&out);
    sc_buf_free(&text);
}

static void fails(struct sc_sasl *s, const char *challenge, int code)
{
    struct sc_buf out = {0};

    assert_int_equal(sc_sasl_step(s, sc_span_of(challenge), &out), code);
    assert_int_equal(out.len, 0);
    assert_true(sc_sasl_why(s)[0] != '\0');
    sc_buf_free(&out);
}

static void ends(struct sc_sasl *s, const char *data, int code)
{
    assert_int_equal(sc_sasl_succeeded(s, sc_span_of(data)), code);
    sc_sasl_free(s);
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

static void
plaintext_mechanisms_in_clear_are_refused_unless_allowed(void **state)
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

/* --- PLAIN, LOGIN, EXTERNAL --- */

/* RFC 4616 section 4 */
static void plain_is_rfc_4616s(void **state)
{
    struct sc_sasl_login l = {
        .user = "tim", .password = "tanstaaftanstaaf", .protected_link = 1};
    struct sc_sasl *s = begin("PLAIN", l);

    (void)state;
    assert_true(sc_sasl_speaks_first(s));
    assert_false(sc_sasl_heavy(s));
    says_n(s, "", "\0tim\0tanstaaftanstaaf", 21);
    ends(s, "", 0);
    l = (struct sc_sasl_login){.user = "Kurt",
                               .password = "xipj3plmq",
                               .authzid = "Ursel",
                               .protected_link = 1};
    s = begin("PLAIN", l);
    says_n(s, "", "Ursel\0Kurt\0xipj3plmq", 20);
    ends(s, "", 0);
}

static void login_answers_whatever_is_asked(void **state)
{
    struct sc_sasl *s = begin("LOGIN", amy);

    (void)state;
    assert_false(sc_sasl_speaks_first(s));
    says(s, "User Name", "amy");
    says(s, "", "secret");
    ends(s, "", 0);
}

static void external_says_whom_to_act_as(void **state)
{
    struct sc_sasl_login l = {.mechanisms = "EXTERNAL"};
    struct sc_sasl *s = begin("EXTERNAL", l);

    (void)state;
    assert_true(sc_sasl_speaks_first(s));
    says(s, "", "");
    ends(s, "", 0);
    l.authzid = "fred@example.com";
    s = begin("EXTERNAL", l);
    says(s, "", "fred@example.com");
    ends(s, "", 0);
}

/* --- CRAM-MD5 --- */

/* RFC 2195 section 2 */
static void cram_md5_is_rfc_2195s(void **state)
{
    struct sc_sasl_login l = {.user = "tim", .password = "tanstaaftanstaaf"};
    struct sc_sasl *s = begin("CRAM-MD5", l);

    (void)state;
    assert_false(sc_sasl_speaks_first(s));
    says64(s, "PDE4OTYuNjk3MTcwOTUyQHBvc3RvZmZpY2UucmVzdG9uLm1jaS5uZXQ+",
           "dGltIGI5MTNhNjAyYzdlZGE3YTQ5NWI0ZTZlNzMzNGQzODkw");
    ends(s, "", 0);
}

static void cram_md5_needs_a_challenge(void **state)
{
    struct sc_sasl *s = begin("CRAM-MD5", amy);

    (void)state;
    fails(s, "", SC_EPROTO);
    ends(s, "", SC_EPROTO);
}

/* --- OAuth 2.0 --- */

static struct sc_sasl_login google(void)
{
    return (struct sc_sasl_login){
        .user = "someuser@example.com",
        .token = "ya29.vF9dft4qmTc2Nvb3RlckBhdHRhdmlzdGEuY29tCg",
        .protected_link = 1};
}

/* The example of Google's "OAuth 2.0 Mechanism". */
static void xoauth2_is_googles(void **state)
{
    struct sc_sasl *s = begin("XOAUTH2", google());

    (void)state;
    assert_true(sc_sasl_speaks_first(s));
    says64(s, "",
           "dXNlcj1zb21ldXNlckBleGFtcGxlLmNvbQFhdXRoPUJlYXJlciB5YTI5LnZGOWRmd"
           "DRxbVRjMk52YjNSbGNrQmhkSFJoZG1semRHRXVZMjl0Q2cBAQ==");
    ends(s, "", 0);
}

/* Statement 32. */
static void xoauth2_error_is_answered_with_nothing_and_kept(void **state)
{
    static const char error[] = "{\"status\":\"400\",\"schemes\":\"Bearer\","
                                "\"scope\":\"https://mail.google.com/\"}\r\n";
    struct sc_sasl *s = begin("XOAUTH2", google());
    struct sc_buf out = {0};

    (void)state;
    assert_string_equal(sc_sasl_said(s), "");
    assert_int_equal(sc_sasl_step(s, sc_span_of(""), &out), 0);
    sc_buf_free(&out);
    says(s, error, "");
    assert_memory_equal(sc_sasl_said(s), error, strlen(error) - 2);
    fails(s, "more", SC_EPROTO);
    ends(s, "", SC_EPROTO);
}

static struct sc_sasl_login rfc7628(void)
{
    return (struct sc_sasl_login){
        .user = "user@example.com",
        .token = "vF9dft4qmTc2Nvb3RlckBhbHRhdmlzdGEuY29tCg==",
        .host = "server.example.com",
        .port = 143,
        .protected_link = 1};
}

static const char rfc7628_first[] =
    "bixhPXVzZXJAZXhhbXBsZS5jb20sAWhvc3Q9c2VydmVyLmV4YW1wbGUuY29tAXBvcnQ9MTQzAW"
    "F1dGg9QmVhcmVyIHZGOWRmdDRxbVRjMk52YjNSbGNrQmhiSFJoZG1semRHRXVZMjl0Q2c9PQE"
    "B";

/* RFC 7628 section 4.1 */
static void oauthbearer_is_rfc_7628s(void **state)
{
    struct sc_sasl *s = begin("OAUTHBEARER", rfc7628());

    (void)state;
    says64(s, "", rfc7628_first);
    ends(s, "", 0);
}

/* RFC 7628 section 4.3 */
static void oauthbearer_error_is_answered_with_control_a(void **state)
{
    struct sc_sasl *s = begin("OAUTHBEARER", rfc7628());

    (void)state;
    says64(s, "", rfc7628_first);
    says64(s,
           "eyJzdGF0dXMiOiJpbnZhbGlkX3Rva2VuIiwic2NvcGUiOiJleGFtcGxlX3Njb3BlIi"
           "wib3BlbmlkLWNvbmZpZ3VyYXRpb24iOiJodHRwczovL2V4YW1wbGUuY29tLy53ZWxs"
           "LWtub3duL29wZW5pZC1jb25maWd1cmF0aW9uIn0=",
           "AQ==");
    assert_string_equal(
        sc_sasl_said(s),
        "{\"status\":\"invalid_token\",\"scope\":\"example_scope\","
        "\"openid-configuration\":\"https://example.com/.well-known/"
        "openid-configuration\"}");
    ends(s, "", SC_EPROTO);
}

static void oauthbearer_leaves_out_what_is_unknown(void **state)
{
    struct sc_sasl_login l = {.token = "t", .protected_link = 1};
    struct sc_sasl *s = begin("OAUTHBEARER", l);

    (void)state;
    says(s, "", "n,,\1auth=Bearer t\1\1");
    ends(s, "", 0);
    l.user = "amy";
    l.authzid = "a=b,c";
    s = begin("OAUTHBEARER", l);
    says(s, "", "n,a=a=3Db=2Cc,\1auth=Bearer t\1\1");
    ends(s, "", 0);
}

/* --- what does not belong to an exchange --- */

static void nothing_comes_before_the_first_response(void **state)
{
    static const char *const names[] = {"PLAIN", "SCRAM-SHA-256", "XOAUTH2",
                                        "OAUTHBEARER"};
    struct sc_sasl_login l = amy;

    (void)state;
    l.token = "t";
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        struct sc_sasl *s = begin(names[i], l);

        fails(s, "hello", SC_EPROTO);
        fails(s, "", SC_EPROTO); /* and it stays so */
        ends(s, "", SC_EPROTO);
    }
}

static void nothing_comes_after_the_last_response(void **state)
{
    struct sc_sasl *s = begin("PLAIN", amy);

    (void)state;
    says_n(s, "", "\0amy\0secret", 11);
    fails(s, "", SC_EPROTO);
    ends(s, "", SC_EPROTO);
    s = begin("LOGIN", amy);
    says(s, "u", "amy");
    says(s, "p", "secret");
    fails(s, "again", SC_EPROTO);
    ends(s, "", SC_EPROTO);
}

/* Statement 31, its second half. */
static void success_before_the_end_is_an_error(void **state)
{
    struct sc_sasl *s = begin("LOGIN", amy);

    (void)state;
    says(s, "u", "amy");
    ends(s, "", SC_EPROTO);
    ends(begin("CRAM-MD5", amy), "", SC_EPROTO);
    ends(begin("PLAIN", amy), "", SC_EPROTO);
    s = begin("PLAIN", amy);
    says_n(s, "", "\0amy\0secret", 11);
    ends(s, "data", SC_EPROTO);
}

/* --- sizes --- */

static char *letters(size_t n)
{
    char *p = malloc(n + 1);

    assert_non_null(p);
    memset(p, 'x', n);
    p[n] = '\0';
    return p;
}

static void tokens_have_up_to_64_kib(void **state)
{
    struct sc_sasl_login l = google();
    char *token = letters(65536);
    size_t rest = strlen("user=someuser@example.com\1auth=Bearer \1\1");
    struct sc_sasl *s;
    struct sc_buf out = {0};

    (void)state;
    l.token = token + rest;
    s = begin("XOAUTH2", l);
    assert_int_equal(sc_sasl_step(s, sc_span_of(""), &out), 0);
    assert_int_equal(out.len, 65536);
    sc_buf_free(&out);
    ends(s, "", 0);
    l.token = token + rest - 1;
    s = begin("XOAUTH2", l);
    fails(s, "", SC_ETOOBIG);
    sc_sasl_free(s);
    free(token);
}

static void challenges_have_up_to_64_kib(void **state)
{
    struct sc_sasl *s = begin("CRAM-MD5", amy);
    char *big = letters(65537);
    struct sc_buf out = {0};

    (void)state;
    fails(s, big, SC_ETOOBIG);
    sc_sasl_free(s);
    s = begin("CRAM-MD5", amy);
    assert_int_equal(sc_sasl_step(s, sc_span_of(big + 1), &out), 0);
    sc_buf_free(&out);
    sc_sasl_free(s);
    free(big);
}

static void a_response_is_appended(void **state)
{
    struct sc_sasl *s = begin("LOGIN", amy);
    struct sc_buf out = {0};

    (void)state;
    assert_int_equal(sc_buf_add(&out, "AUTH ", 5), 0);
    assert_int_equal(sc_sasl_step(s, sc_span_of("?"), &out), 0);
    assert_string_equal(out.data, "AUTH amy");
    sc_buf_free(&out);
    sc_sasl_free(s);
}

/* --- memory --- */

static long left = -1; /* allocations until one fails; < 0: never */
static long live;
static bool watching, out_of_memory;
static int found;

static void *my_malloc(size_t n)
{
    void *p = left >= 0 && left-- == 0 ? NULL : malloc(n);

    live += p != NULL;
    return p;
}

static void *my_realloc(void *p, size_t n)
{
    void *q = left >= 0 && left-- == 0 ? NULL : realloc(p, n);

    live += p == NULL && q != NULL;
    return q;
}

#include <malloc.h>

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
    cmocka_unit_test(plaintext_mechanisms_in_clear_are_refused_unless_allowed),
    cmocka_unit_test(plus_is_picked_when_binding_is_at_hand),
    cmocka_unit_test(a_token_is_used_before_a_password),
    cmocka_unit_test(named_mechanisms_are_tried_in_their_order),
    cmocka_unit_test(external_is_used_only_when_named),
    cmocka_unit_test(another_user_is_acted_for_only_where_it_can_be_said),
    cmocka_unit_test(names_are_utf8_without_control_characters),
    cmocka_unit_test(passwords_and_tokens_have_no_line_ends),
    cmocka_unit_test(plain_is_rfc_4616s),
    cmocka_unit_test(login_answers_whatever_is_asked),
    cmocka_unit_test(external_says_whom_to_act_as),
    cmocka_unit_test(cram_md5_is_rfc_2195s),
    cmocka_unit_test(cram_md5_needs_a_challenge),
    cmocka_unit_test(xoauth2_is_googles),
    cmocka_unit_test(xoauth2_error_is_answered_with_nothing_and_kept),
    cmocka_unit_test(oauthbearer_is_rfc_7628s),
    cmocka_unit_test(oauthbearer_error_is_answered_with_control_a),
    cmocka_unit_test(oauthbearer_leaves_out_what_is_unknown),
    cmocka_unit_test(nothing_comes_before_the_first_response),
    cmocka_unit_test(nothing_comes_after_the_last_response),
    cmocka_unit_test(success_before_the_end_is_an_error),
    cmocka_unit_test(tokens_have_up_to_64_kib),
    cmocka_unit_test(challenges_have_up_to_64_kib),
    cmocka_unit_test(a_response_is_appended),
    cmocka_unit_test(secrets_are_wiped),
    cmocka_unit_test(no_memory_leaves_nothing),
};

TEST_MAIN_WITH(tests, set_up, NULL)
