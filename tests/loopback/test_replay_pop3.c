/* test_replay_pop3.c - what popfetch recorded is served again by replay, and
 * popfetch does the same (the argument is the folder that the programs are in).
 */
#include "main.h"

#include "certs.h"
#include "pop3_peer.h"
#include "replaying.h"

static char path[512];
static struct program fetch = {.path = path};
static struct replaying replay;
static struct certs certs;
static struct sc_tls_options server_tls = {.server = 1};
static struct pop3_peer peer;
static struct scratch scratch;
static char file[400], to[80];

static int make(void **state)
{
    (void)state;
    scratch = scratch_new();
    snprintf(file, sizeof file, "%s", scratch_path(&scratch, "recording"));
    return certs_make(&certs);
}

static int unmake(void **state)
{
    (void)state;
    program_free(&fetch);
    certs_remove(&certs);
    scratch_free(&scratch);
    return 0;
}

static int start(void **state)
{
    (void)state;
    server_tls.cert = certs.good;
    pop3_peer_start(&peer, "UIDL\nTOP\nUSER\nPIPELINING\nSTLS\n");
    peer.tls = &server_tls;
    peer_fill(&peer, 3);
    return 0;
}

static int stop(void **state)
{
    (void)state;
    pop3_peer_stop(&peer);
    return 0;
}

static void begin_replay(const char *cert)
{
    replaying_start(&replay, file, cert);
    snprintf(to, sizeof to, "pop3://joe:secret@127.0.0.1:%d/", replay.port);
}

#define FETCH(...)                                                             \
    program_run(&fetch, (const char *const[]){"popfetch", __VA_ARGS__, NULL})
#define TWICE(code, cert, ...)                                                 \
    do {                                                                       \
        char *before;                                                          \
                                                                               \
        assert_int_equal(FETCH("--record", file, peer.url, __VA_ARGS__),       \
                         code);                                                \
        before = strdup(fetch.out.data);                                       \
        begin_replay(cert);                                                    \
        assert_int_equal(FETCH(to, __VA_ARGS__), code);                        \
        assert_string_equal(fetch.out.data, before);                           \
        free(before);                                                          \
        replaying_done(&replay);                                               \
    } while (0)

static void assert_in_file(const char *text, bool is)
{
    struct sc_buf all = scratch_read(file);

    if ((strstr(all.data, text) != NULL) != is)
        fail_msg("%s%s: %s", text, is ? " is missing" : "", all.data);
    sc_buf_free(&all);
}

static void mail_is_fetched_again(void **state)
{
    (void)state;
    TWICE(0, NULL, "--tls", "never");
    assert_non_null(strstr(fetch.out.data, "Subject: 3"));
    assert_in_file("C: USER joe\nS: +OK\nC: ***\n", true);
    assert_in_file("secret", false);
    assert_in_file("T.", false);
}

static void the_dialogue_goes_on_across_stls(void **state)
{
    (void)state;
    TWICE(0, certs.good, "--cacert", certs.ca, "--tls", "must");
    assert_in_file("C: STLS\nS: +OK", true);
    assert_in_file("\nT.\nC: CAPA\n", true);
    assert_in_file("S: ..dotted\n", true);
}

static void a_failed_login_fails_again(void **state)
{
    (void)state;
    peer_says(&peer, "PASS", "-ERR no");
    TWICE(67, NULL, "--tls", "never");
}

static void a_connection_that_dies_dies_again(void **state)
{
    (void)state;
    peer_says(&peer, "RETR 2", "!");
    TWICE(52, NULL, "--tls", "never");
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, start, stop)

static const struct CMUnitTest tests[] = {
    TEST(mail_is_fetched_again),
    TEST(the_dialogue_goes_on_across_stls),
    TEST(a_failed_login_fails_again),
    TEST(a_connection_that_dies_dies_again),
};

int main(int argc, char **argv)
{
    if (argc < 2 || argv[1][0] == '-') {
        fprintf(stderr, "usage: %s PROGRAMS [-l | -f PATTERN]\n", argv[0]);
        return 2;
    }
    snprintf(path, sizeof path, "%s/popfetch", argv[1]);
    snprintf(replay.path, sizeof replay.path, "%s/replay", argv[1]);
    return test_main(__FILE__, tests, sizeof tests / sizeof tests[0], argc - 1,
                     argv + 1, make, unmake);
}
