/* test_replay_smtp.c - what smtpsend recorded is served again by replay, and
 * smtpsend does the same (the argument is the folder that the programs are in).
 */
#include "main.h"

#include "certs.h"
#include "smtp_peer.h"
#include "replaying.h"

static char path[512];
static struct program sender = {.path = path};
static struct replaying replay;
static struct certs certs;
static struct sc_tls_options server_tls = {.server = 1};
static struct smtp_peer peer;
static struct scratch scratch;
static char file[400], from[80], to[80];
static const char text[] = "Subject: hi\r\n\r\n.Hello.\r\n";

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
    program_free(&sender);
    certs_remove(&certs);
    scratch_free(&scratch);
    return 0;
}

static int start(void **state)
{
    (void)state;
    server_tls.cert = certs.good;
    smtp_peer_start(&peer, "PIPELINING\nSIZE 1000\nAUTH PLAIN\n");
    peer.tls = &server_tls;
    peer_says(&peer, "AUTH", "235 2.7.0 welcome");
    snprintf(from, sizeof from, "smtp://amy@127.0.0.1:%d",
             sc_listener_port(peer.listener));
    sender.in = sc_span_of(text);
    return 0;
}

static int stop(void **state)
{
    (void)state;
    smtp_peer_stop(&peer);
    return 0;
}

static void begin_replay(const char *cert)
{
    replaying_start(&replay, file, cert);
    snprintf(to, sizeof to, "smtp://amy@127.0.0.1:%d", replay.port);
}

#define SEND(...)                                                              \
    program_run(&sender, (const char *const[]){                                \
                             "smtpsend", "--from", "a@example.org", "--to",    \
                             "b@example.org", __VA_ARGS__, NULL})
#define TWICE(code, cert, ...)                                                 \
    do {                                                                       \
        char *before;                                                          \
                                                                               \
        assert_int_equal(                                                      \
            SEND("--record", file, "--server", from, __VA_ARGS__), code);      \
        before = strdup(sender.out.data);                                      \
        begin_replay(cert);                                                    \
        assert_int_equal(SEND("--server", to, __VA_ARGS__), code);             \
        assert_string_equal(sender.out.data, before);                          \
        free(before);                                                          \
        replaying_done(&replay);                                               \
    } while (0)

static void assert_in_file(const char *part, bool is)
{
    struct sc_buf all = scratch_read(file);

    if ((strstr(all.data, part) != NULL) != is)
        fail_msg("%s%s: %s", part, is ? " is missing" : "", all.data);
    sc_buf_free(&all);
}

static void mail_is_sent_again(void **state)
{
    (void)state;
    TWICE(0, NULL, "--passwordeval", "echo secret", "--tls", "never");
    assert_in_file("C: AUTH", false);
    assert_in_file("C: ***\nS: 235", true);
    assert_in_file("C: ..Hello.\nC: .\n", true);
    assert_in_file("C: QUIT\n", true);
}

static void the_dialogue_goes_on_across_starttls(void **state)
{
    (void)state;
    peer.caps = "STARTTLS\nPIPELINING\n";
    peer.caps_inside = "AUTH PLAIN\n";
    TWICE(0, certs.good, "--cacert", certs.ca, "--starttls", "--passwordeval",
          "echo secret");
    assert_in_file("C: STARTTLS\nS: 220", true);
    assert_in_file("\nT.\nC: EHLO ", true);
}

static void a_refusal_is_one_again(void **state)
{
    (void)state;
    peer_says(&peer, "RCPT TO:<b", "550 5.1.1 nobody");
    TWICE(55, NULL, "--passwordeval", "echo secret", "--tls", "never");
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, start, stop)

static const struct CMUnitTest tests[] = {
    TEST(mail_is_sent_again),
    TEST(the_dialogue_goes_on_across_starttls),
    TEST(a_refusal_is_one_again),
};

int main(int argc, char **argv)
{
    if (argc < 2 || argv[1][0] == '-') {
        fprintf(stderr, "usage: %s PROGRAMS [-l | -f PATTERN]\n", argv[0]);
        return 2;
    }
    snprintf(path, sizeof path, "%s/smtpsend", argv[1]);
    snprintf(replay.path, sizeof replay.path, "%s/replay", argv[1]);
    return test_main(__FILE__, tests, sizeof tests / sizeof tests[0], argc - 1,
                     argv + 1, make, unmake);
}
