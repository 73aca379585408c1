/* test_auth_memory.c - logins and memory: no secret is in what is given back,
 * and each allocation may fail once. */
#include "main.h"

#include <malloc.h>
#include <stdlib.h>
#include <unistd.h>

#include "client/auth.h"
#include "fuzz/fuzz_class.h"
#include "sasl/mechanism.h"

/* --- an allocator that looks at what it gets back --- */

static long left = -1; /* allocations until one fails; < 0: never */
static long live;

/* The password "tanstaaftanstaaf" in each of the shapes it takes. */
static const char *const secrets[] = {
    "tanstaaf",                    /* as it is */
    "dGFuc3RhYWZ0YW5zdGFhZg",      /* LOGIN's line */
    "dGltAHRhbnN0YWFmdGFuc3RhYWY", /* PLAIN's, "\0tim\0" in front */
    "user=tim\1",                  /* XOAUTH2's response */
    "dXNlcj10aW0BYXV0aD1",         /* its line */
};
static const char *found; /* the first that was seen */

static void look_at(const void *p)
{
    const size_t n = malloc_usable_size((void *)(uintptr_t)p);

    for (size_t i = 0; i < sizeof secrets / sizeof secrets[0]; i++)
        if (memmem(p, n, secrets[i], strlen(secrets[i])) != NULL && !found)
            found = secrets[i];
}

static bool out_of_memory(void)
{
    return left >= 0 && left-- == 0;
}

/* Zeroed, since all of it is looked at later. */
static void *my_malloc(size_t n)
{
    void *p = out_of_memory() ? NULL : calloc(1, n);

    live += p != NULL;
    return p;
}

/* Always moves, so that what is left behind can be seen. */
static void *my_realloc(void *p, size_t n)
{
    size_t had = p != NULL ? malloc_usable_size(p) : 0;
    void *q = out_of_memory() ? NULL : calloc(1, n);

    if (q == NULL)
        return NULL;
    if (p != NULL) {
        memcpy(q, p, had < n ? had : n);
        look_at(p);
        free(p);
    }
    live += p == NULL;
    return q;
}

static void my_free(void *p)
{
    if (p != NULL)
        look_at(p);
    live -= p != NULL;
    free(p);
}

static int set_up(void **state)
{
    static const struct sc_allocator mine = {my_malloc, my_realloc, my_free};

    (void)state;
    return sc_set_allocator(&mine);
}

/* --- logins against a server that only talks --- */

static const struct sc_options options = {.user = "tim",
                                          .password = "tanstaaftanstaaf",
                                          .token = "tanstaaf",
                                          .flags = SC_OPT_PLAIN_LOGIN};

static int log_in(const char *mechanism, const char *server)
{
    static const struct sc_auth_words words = {"AUTH", 512, 334, 235, 0, NULL};
    SimpleClient *c = fuzz_client((const uint8_t *)server, strlen(server),
                                  SIZE_MAX, &options);
    struct sc_sasl_login l;
    int rc;

    if (c == NULL)
        return SC_ENOMEM;
    rc = sc_auth_login_of(c, &l);
    l.mechanisms = mechanism;
    if (rc > 0)
        rc = sc_auth(c, &words, mechanism, &l);
    sc_drop(c);
    return rc;
}

/* RFC 7677's exchange. */
static int scram(void)
{
    static const char server[] =
        "334 cj1yT3ByTkdmd0ViZVJXZ2JORWtxTyVodllEcFdVYTJSYVRDQWZ1eEZJbGopaE5sR"
        "iRrMCxzPVcyMlphSjBTTlk3c29Fc1VFamI2Z1E9PSxpPTQwOTY=\r\n"
        "334 dj02cnJpVFJCaTIzV3BSUi93dHVwK21NaFVaVW4vZEI1bkxUSlJzamw5NUc0PQ=="
        "\r\n235 ok\r\n";
    static const struct sc_auth_words words = {"AUTH", 512, 334, 235, 0, NULL};
    const struct sc_sasl_login l = {.user = "user", .password = "pencil"};
    SimpleClient *c =
        fuzz_client((const uint8_t *)server, strlen(server), SIZE_MAX, NULL);
    struct sc_sasl *s = c ? sc_sasl_new("SCRAM-SHA-256", &l, NULL) : NULL;
    int rc = SC_ENOMEM;

    if (s != NULL) {
        sc_scram_fix_nonce(s, "rOprNGfwEbeRWgbNEkqO");
        rc = sc_auth_exchange(c, &words, s);
    }
    sc_drop(c);
    return rc;
}

static int plain(void)
{
    return log_in("PLAIN", "235 ok\r\n");
}

static int login(void)
{
    return log_in("LOGIN", "334 VXNlcm5hbWU6\r\n334 UGFzc3dvcmQ6\r\n"
                           "235 ok\r\n");
}

static int cram(void)
{
    return log_in("CRAM-MD5", "334 PDFAaD4=\r\n235 ok\r\n");
}

static int xoauth2(void)
{
    return log_in("XOAUTH2", "235 ok\r\n");
}

static int oauthbearer(void)
{
    return log_in("OAUTHBEARER", "235 ok\r\n");
}

static int (*const each[])(void) = {plain, login,   cram,
                                    scram, xoauth2, oauthbearer};
enum { EACH = sizeof each / sizeof each[0] };

static void no_secret_is_left_in_memory(void **state)
{
    (void)state;
    for (size_t i = 0; i < EACH; i++) {
        found = NULL;
        assert_int_equal(each[i](), 0);
        if (found != NULL)
            fail_msg("%zu leaves %s", i, found);
    }
}

/* A server that goes on as if nothing were may break the client, too. */
static void fail_at_each(int (*try)(void))
{
    int rc = -1;

    for (long n = 0; rc != 0 && n < 200; n++) {
        long before = live;

        left = n;
        found = NULL;
        rc = try();
        left = -1;
        assert_true(rc == 0 || rc == SC_ENOMEM || rc == SC_EPROTO ||
                    rc == SC_EOF);
        assert_int_equal(live, before);
        assert_null(found);
    }
    assert_int_equal(rc, 0);
}

static void no_memory_leaves_nothing(void **state)
{
    (void)state;
    for (size_t i = 0; i < EACH; i++)
        fail_at_each(each[i]);
}

/* --- netrc --- */

static char netrc[] = "/tmp/test_auth_memory_XXXXXX";

static int look_up(void)
{
    const struct sc_options o = {.netrc = netrc};
    SimpleClient *c = fuzz_client((const uint8_t *)"", 0, 1, &o);
    struct sc_sasl_login l = {.user = NULL};
    int rc = c ? sc_auth_login_of(c, &l) : SC_ENOMEM;

    if (rc == 1)
        assert_string_equal(l.password, "tanstaaftanstaaf");
    sc_drop(c);
    return rc < 0 ? rc : !rc;
}

static void netrc_leaves_nothing(void **state)
{
    static const char text[] = "default login tim password tanstaaftanstaaf\n";
    int fd = mkstemp(netrc);

    (void)state;
    assert_int_equal(write(fd, text, sizeof text - 1), sizeof text - 1);
    close(fd);
    found = NULL;
    assert_int_equal(look_up(), 0);
    assert_null(found);
    fail_at_each(look_up);
    unlink(netrc);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(no_secret_is_left_in_memory),
    cmocka_unit_test(no_memory_leaves_nothing),
    cmocka_unit_test(netrc_leaves_nothing),
};

TEST_MAIN_WITH(tests, set_up, NULL)
