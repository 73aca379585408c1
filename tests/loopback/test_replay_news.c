/* test_replay_news.c - what newsget recorded is served again by replay, and
 * newsget does the same, compressed and inside TLS (the argument is the folder
 * that the programs are in). */
#include "main.h"

#include "newsget.h"
#include "replaying.h"

static struct replaying replay;
static char recording[400];

static void begin_replay(const char *cert)
{
    replaying_start(&replay, recording, cert);
    snprintf(group_url, sizeof group_url, "nntp://127.0.0.1:%d/misc.test",
             replay.port);
}

/* Record, replay, compare: what was printed, and the exit code. */
#define TWICE(code, cert, ...)                                                 \
    do {                                                                       \
        char *before;                                                          \
                                                                               \
        snprintf(recording, sizeof recording, "%s",                            \
                 scratch_path(&scratch, "recording"));                         \
        assert_int_equal(GET("--record", recording, __VA_ARGS__), code);       \
        before = strdup(program.out.data);                                     \
        begin_replay(cert);                                                    \
        assert_int_equal(GET(__VA_ARGS__), code);                              \
        assert_string_equal(program.out.data, before);                         \
        free(before);                                                          \
        replaying_done(&replay);                                               \
    } while (0)

static void assert_recorded(const char *text)
{
    struct sc_buf all = scratch_read(recording);

    if (strstr(all.data, text) == NULL)
        fail_msg("%s is missing: %s", text, all.data);
    sc_buf_free(&all);
}

static void an_overview_comes_again(void **state)
{
    (void)state;
    TWICE(0, NULL, "--tls", "never");
    assert_recorded("C: GROUP misc.test\n");
}

static void a_compressed_dialogue_is_readable(void **state)
{
    (void)state;
    if (!sc_coding_known(SC_CODING_DEFLATE))
        skip();
    news.peer.caps = "VERSION 2\nREADER\nOVER\nCOMPRESS DEFLATE\n";
    TWICE(0, NULL, "--compress", "-c", "1");
    assert_recorded("\nD.\nC: CAPABILITIES\n");
    assert_recorded("S: 1\tsubject");
}

static void one_inside_tls_is_readable_too(void **state)
{
    (void)state;
    news.peer.caps = "VERSION 2\nREADER\nOVER\nSTARTTLS\n";
    TWICE(0, certs.good, "--starttls", "--cacert", certs.ca, "-c", "1");
    assert_recorded("C: STARTTLS\n");
    assert_recorded("\nT.\n");
}

static const struct CMUnitTest tests[] = {
    TEST(an_overview_comes_again),
    TEST(a_compressed_dialogue_is_readable),
    TEST(one_inside_tls_is_readable_too),
};

int main(int argc, char **argv)
{
    if (argc > 1)
        snprintf(replay.path, sizeof replay.path, "%s/replay", argv[1]);
    return newsget_main(__FILE__, tests, sizeof tests / sizeof tests[0], argc,
                        argv);
}
