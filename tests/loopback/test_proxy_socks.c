/* test_proxy_socks.c - SOCKS5 (RFC 1928, RFC 1929), SOCKS4 and 4a: the bytes of
 * both sides, refusals, and proxies that keep to no protocol. */
#include "main.h"

#include "proxy_peer.h"

/* a.test, port 79, by name; and the answer with an address of IPv4. */
#define ASK5                                                                   \
    "\x05\x01\x00\x03\x06"                                                     \
    "a.test"                                                                   \
    "\x00\x4f"
#define DONE5 "\x05\x00\x00\x01\x7f\x00\x00\x01\x04\x38"
#define NONE                                                                   \
    {                                                                          \
        {NULL, 0},                                                             \
        {                                                                      \
            NULL, 0                                                            \
        }                                                                      \
    }

static int answer_names(const char *name, struct sc_addresses *out)
{
    if (strcmp(name, "none.test") == 0)
        return SC_ERESOLVE;
    if (strcmp(name, "six.test") == 0)
        return sc_addresses_add(out, "2001:db8::7");
    if (strcmp(name, "both.test") == 0)
        sc_addresses_add(out, "2001:db8::7");
    return sc_addresses_add(out, "192.0.2.7");
}
static const struct sc_resolver resolver = {answer_names};

static struct visit visit_by(const char *scheme)
{
    return (struct visit){.server = "a.test:79",
                          .scheme = scheme,
                          .opt = {.resolver = &resolver}};
}

static struct proxy proxy_of(const struct stage *stages)
{
    return (struct proxy){.stages = stages};
}

/* --- version 5 --- */

static void a_name_is_left_to_socks5h(void **state)
{
    static const struct stage stages[] = {
        {BYTES("\x05\x01\x00"), BYTES("\x05\x00")},
        {BYTES(ASK5), BYTES(DONE5)},
        NONE};

    (void)state;
    reaches(visit_by("socks5h://"), proxy_of(stages));
}

static void socks5_is_given_the_address(void **state)
{
    static const struct stage four[] = {
        {BYTES("\x05\x01\x00"), BYTES("\x05\x00")},
        {BYTES("\x05\x01\x00\x01\xc0\x00\x02\x07\x00\x4f"), BYTES(DONE5)},
        NONE};
    static const struct stage six[] = {
        {BYTES("\x05\x01\x00"), BYTES("\x05\x00")},
        {BYTES("\x05\x01\x00\x04\x20\x01\x0d\xb8\x00\x00\x00\x00\x00\x00\x00"
               "\x00\x00\x00\x00\x07\x00\x4f"),
         BYTES(DONE5)},
        NONE};
    struct visit v = visit_by("socks5://");

    (void)state;
    reaches(v, proxy_of(four));
    v.server = "six.test:79";
    reaches(v, proxy_of(six));
}

static void a_numeric_server_is_no_name(void **state)
{
    static const struct stage stages[] = {
        {BYTES("\x05\x01\x00"), BYTES("\x05\x00")},
        {BYTES("\x05\x01\x00\x04\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00"
               "\x00\x00\x00\x00\x01\x00\x4f"),
         BYTES(DONE5)},
        NONE};
    struct visit v = visit_by("socks5h://");

    (void)state;
    v.server = "[::1]:79";
    reaches(v, proxy_of(stages));
}

static void a_login_is_given_when_asked_for(void **state)
{
    static const struct stage asked[] = {
        {BYTES("\x05\x02\x00\x02"), BYTES("\x05\x02")},
        {BYTES("\x01\x03"
               "amy"
               "\x03"
               "p@w"),
         BYTES("\x01\x00")},
        {BYTES(ASK5), BYTES(DONE5)},
        NONE};
    static const struct stage not_asked[] = {
        {BYTES("\x05\x02\x00\x02"), BYTES("\x05\x00")},
        {BYTES(ASK5), BYTES(DONE5)},
        NONE};

    (void)state;
    reaches(visit_by("socks5h://amy:p%40w@"), proxy_of(asked));
    reaches(visit_by("socks5h://amy:p%40w@"), proxy_of(not_asked));
}

/* The address of the answer may be of any kind, and the server's first words
 * may come with it. */
static void not_a_byte_too_many_is_read(void **state)
{
    static const struct stage six[] = {
        {BYTES("\x05\x01\x00"), BYTES("\x05\x00")},
        {BYTES(ASK5), BYTES("\x05\x00\x00\x04"
                            "0123456789abcdef"
                            "\x00\x50"
                            "hello\r\n")},
        NONE};
    static const struct stage name[] = {
        {BYTES("\x05\x01\x00"), BYTES("\x05\x00")},
        {BYTES(ASK5), BYTES("\x05\x00\x00\x03\x04"
                            "host"
                            "\x00\x50"
                            "hello\r\n")},
        NONE};
    static const struct stage nameless[] = {
        {BYTES("\x05\x01\x00"), BYTES("\x05\x00")},
        {BYTES(ASK5), BYTES("\x05\x00\x00\x03\x00"
                            "\x00\x50"
                            "hello\r\n")},
        NONE};
    const struct stage *all[] = {six, name, nameless};

    (void)state;
    for (size_t i = 0; i < 3; i++)
        reaches(visit_by("socks5h://"),
                (struct proxy){.stages = all[i], .after = AFTER_HOLD});
}

static void a_refusal_of_socks5_has_words(void **state)
{
    static const struct {
        char code;
        const char *words;
    } all[] = {{1, "general failure"},     {2, "not allowed by its rules"},
               {3, "network unreachable"}, {4, "host unreachable"},
               {5, "connection refused"},  {6, "time to live expired"},
               {7, "no CONNECT"},          {8, "no addresses of this kind"},
               {99, "unknown failure"}};

    (void)state;
    for (size_t i = 0; i < sizeof all / sizeof all[0]; i++) {
        char said[] = DONE5;
        struct stage stages[] = {{BYTES("\x05\x01\x00"), BYTES("\x05\x00")},
                                 {BYTES(ASK5), {said, sizeof said - 1}},
                                 NONE};

        said[1] = all[i].code;
        fails(visit_by("socks5h://"), proxy_of(stages), SC_EREPLY,
              all[i].words);
    }
}

static void a_login_that_is_refused_or_lacking_is_told(void **state)
{
    static const struct stage refused[] = {
        {BYTES("\x05\x02\x00\x02"), BYTES("\x05\x02")},
        {BYTES("\x01\x03"
               "amy"
               "\x00"),
         BYTES("\x01\x01")},
        NONE};
    static const struct stage another[] = {
        {BYTES("\x05\x02\x00\x02"), BYTES("\x05\xff")}, NONE};
    static const struct stage lacking[] = {
        {BYTES("\x05\x01\x00"), BYTES("\x05\xff")}, NONE};

    (void)state;
    fails(visit_by("socks5h://amy@"), proxy_of(refused), SC_EREPLY,
          "refused the login");
    fails(visit_by("socks5h://amy@"), proxy_of(another), SC_EREPLY,
          "wants another login");
    fails(visit_by("socks5h://"), proxy_of(lacking), SC_EREPLY,
          "wants a login");
}

static void what_is_not_socks5_is_told(void **state)
{
    static const struct stage http[] = {
        {BYTES("\x05\x01\x00"), BYTES("HTTP/1.1 400 Bad\r\n\r\n")}, NONE};
    static const struct stage uncalled[] = {
        {BYTES("\x05\x01\x00"), BYTES("\x05\x02")}, NONE};
    static const struct stage unknown[] = {
        {BYTES("\x05\x01\x00"), BYTES("\x05\x01")}, NONE};
    static const struct stage later[] = {
        {BYTES("\x05\x01\x00"), BYTES("\x05\x00")},
        {BYTES(ASK5), BYTES("\x04\x00")},
        NONE};
    static const struct stage kind[] = {
        {BYTES("\x05\x01\x00"), BYTES("\x05\x00")},
        {BYTES(ASK5), BYTES("\x05\x00\x00\x02")},
        NONE};
    const struct stage *all[] = {http, uncalled, unknown, later, kind};

    (void)state;
    for (size_t i = 0; i < 5; i++)
        fails(visit_by("socks5h://"), proxy_of(all[i]), SC_EPROTO, "SOCKS5");
}

static void a_cut_answer_is_told(void **state)
{
    static const struct stage none[] = {{BYTES("\x05\x01\x00"), {NULL, 0}},
                                        NONE};
    static const struct stage half[] = {
        {BYTES("\x05\x01\x00"), BYTES("\x05\x00")},
        {BYTES(ASK5), BYTES("\x05\x00\x00\x01\x7f")},
        NONE};

    (void)state;
    fails(visit_by("socks5h://"), proxy_of(none), SC_EOF, "ended");
    fails(visit_by("socks5h://"), proxy_of(half), SC_ESHORT, "ended");
}

static void silence_ends_in_time(void **state)
{
    static const struct stage none[] = {{BYTES("\x05\x01\x00"), BYTES("\x05")},
                                        NONE};
    struct visit v = visit_by("socks5h://");

    (void)state;
    v.opt.connect_ms = 150;
    fails(v, (struct proxy){.stages = none, .after = AFTER_HOLD}, SC_ETIMEDOUT,
          "");
}

/* --- version 4 --- */

#define DONE4 "\x00\x5a\x00\x00\x00\x00\x00\x00"

static void socks4_is_given_an_address_of_ipv4(void **state)
{
    static const struct stage stages[] = {
        {BYTES("\x04\x01\x00\x4f\xc0\x00\x02\x07"
               "amy"
               "\x00"),
         BYTES(DONE4 "hello\r\n")},
        NONE};
    struct visit v = visit_by("socks4://amy@");

    (void)state;
    v.server = "both.test:79";
    reaches(v, (struct proxy){.stages = stages, .after = AFTER_HOLD});
}

static void socks4a_is_given_the_name(void **state)
{
    static const struct stage stages[] = {
        {BYTES("\x04\x01\x00\x4f\x00\x00\x00\x01\x00"
               "a.test"
               "\x00"),
         BYTES(DONE4)},
        NONE};

    (void)state;
    reaches(visit_by("socks4a://"), proxy_of(stages));
}

static void a_refusal_of_socks4_has_words(void **state)
{
    static const struct {
        char code;
        const char *words;
    } all[] = {{91, "refused or failed"},
               {92, "identd"},
               {93, "another user"},
               {1, "unknown failure"}};

    (void)state;
    for (size_t i = 0; i < sizeof all / sizeof all[0]; i++) {
        char said[] = DONE4;
        struct stage stages[] = {{BYTES("\x04\x01\x00\x4f\xc0\x00\x02\x07\x00"),
                                  {said, sizeof said - 1}},
                                 NONE};

        said[1] = all[i].code;
        fails(visit_by("socks4://"), proxy_of(stages), SC_EREPLY, all[i].words);
        said[0] = 4;
        fails(visit_by("socks4://"), proxy_of(stages), SC_EPROTO, "SOCKS4");
    }
}

/* --- which of both it was --- */

/* No proxy is there; but the server's name comes first. */
static void a_server_without_address_is_not_the_proxys_fault(void **state)
{
    struct visit v = visit_by("");

    (void)state;
    v.opt.proxy = "socks5://127.0.0.1:9";
    v.server = "none.test:79";
    visit_it(&v);
    assert_int_equal(v.rc, SC_ERESOLVE);
    assert_int_equal(v.err.phase, SC_PHASE_RESOLVE);
    assert_false(v.err.flags & SC_FROM_PROXY);
    v.opt.proxy = "socks4://127.0.0.1:9";
    v.server = "[::1]:79";
    visit_it(&v);
    assert_int_equal(v.rc, SC_ERESOLVE);
    v.opt.proxy = "socks5://127.0.0.1:9";
    v.server = "a.test:79";
    v.opt.flags = SC_OPT_PUBLIC_ONLY;
    visit_it(&v);
    assert_int_equal(v.rc, SC_EACCES);
    assert_non_null(strstr(v.err.text, "192.0.2.7: not a public address"));
}

static void names_that_are_too_long_are_refused(void **state)
{
    static char url[700];
    static const struct stage none[] = {NONE};
    struct visit v = visit_by(url);

    (void)state;
    memset(url, 'a', sizeof url - 1);
    memcpy(url, "socks5h://", 10);
    memcpy(url + 300, "@", 2);
    fails(v, (struct proxy){.stages = none, .after = AFTER_HOLD}, SC_EINVAL,
          "255 bytes");
    memcpy(url, "socks4a://", 10);
    fails(v, (struct proxy){.stages = none, .after = AFTER_HOLD}, SC_EINVAL,
          "255 bytes");
}

#define TEST(f) TEST_CLOSING_ALL(f)

static const struct CMUnitTest tests[] = {
    TEST(a_name_is_left_to_socks5h),
    TEST(socks5_is_given_the_address),
    TEST(a_numeric_server_is_no_name),
    TEST(a_login_is_given_when_asked_for),
    TEST(not_a_byte_too_many_is_read),
    TEST(a_refusal_of_socks5_has_words),
    TEST(a_login_that_is_refused_or_lacking_is_told),
    TEST(what_is_not_socks5_is_told),
    TEST(a_cut_answer_is_told),
    TEST(silence_ends_in_time),
    TEST(socks4_is_given_an_address_of_ipv4),
    TEST(socks4a_is_given_the_name),
    TEST(a_refusal_of_socks4_has_words),
    TEST(a_server_without_address_is_not_the_proxys_fault),
    TEST(names_that_are_too_long_are_refused),
};

TEST_MAIN(tests)
