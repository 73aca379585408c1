/* test_replay.c - what httpget recorded is served again by replay, and httpget
 * does the same; and what replay says where it does not (the argument is the
 * folder that the programs are in). */
#include "main.h"

#include "certs.h"
#include "http_server.h"
#include "replaying.h"

static char path[512];
static struct program get = {.path = path};
static struct replaying replay;
static struct certs certs;
static struct sc_tls_options server_tls = {.server = 1};
static struct http_server plain, secure = {.tls = &server_tls};
static struct scratch scratch;
static char file[400], to[32];

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
    program_free(&get);
    certs_remove(&certs);
    scratch_free(&scratch);
    return 0;
}

static int start(void **state)
{
    (void)state;
    server_tls.cert = certs.good;
    server_start(&plain, "http");
    server_start(&secure, "https");
    return 0;
}

static int stop(void **state)
{
    (void)state;
    sc_task_cancel(plain.task); /* server_stop waits for all tasks */
    server_stop(&secure);
    server_stop(&plain);
    return 0;
}

static const char *url(const struct http_server *s, const char *where)
{
    static char text[4][100];
    static int next;

    next = (next + 1) % 4;
    snprintf(text[next], sizeof text[next], "%s%s", s->base, where);
    return text[next];
}

static void begin_replay(const char *cert)
{
    replaying_start(&replay, file, cert);
    snprintf(to, sizeof to, "::127.0.0.1:%d", replay.port);
}

#define GET(...)                                                               \
    program_run(&get, (const char *const[]){"httpget", "-s", __VA_ARGS__, NULL})
/* Record, replay, compare: what was printed, and the exit code CODE. */
#define TWICE(code, cert, ...)                                                 \
    do {                                                                       \
        char *before;                                                          \
                                                                               \
        assert_int_equal(GET("--record", file, __VA_ARGS__), code);            \
        before = strdup(get.out.data);                                         \
        begin_replay(cert);                                                    \
        assert_int_equal(GET("--connect-to", to, __VA_ARGS__), code);          \
        assert_string_equal(get.out.data, before);                             \
        free(before);                                                          \
        replaying_done(&replay);                                               \
    } while (0)

static void pages_are_served_again(void **state)
{
    (void)state;
    TWICE(0, NULL, url(&plain, "/hello"));
    assert_string_equal(get.out.data, "hello");
    TWICE(0, NULL, "-i", url(&plain, "/chunked"), url(&plain, "/empty"),
          url(&plain, "/hello"));
    TWICE(0, NULL, "-I", url(&plain, "/hello"));
    TWICE(0, NULL, url(&plain, "/end"), url(&plain, "/leave"));
}

static void failures_fail_again(void **state)
{
    (void)state;
    TWICE(18, NULL, url(&plain, "/cut"));
    TWICE(52, NULL, url(&plain, "/none"));
    TWICE(1, NULL, url(&plain, "/text"));
    TWICE(56, NULL, url(&plain, "/reset"));
}

static void a_dialogue_inside_tls_is_readable(void **state)
{
    struct sc_buf text;

    (void)state;
    TWICE(0, certs.good, "--cacert", certs.ca, url(&secure, "/hello"),
          url(&secure, "/chunked"));
    text = scratch_read(file);
    assert_non_null(strstr(text.data, "\nT.\nC: GET /hello HTTP/1.1\n"));
    assert_non_null(strstr(text.data, "\ns: hello"));
    sc_buf_free(&text);
}

static void a_login_is_stars_and_any_login_is_taken(void **state)
{
    struct sc_buf text;

    (void)state;
    TWICE(0, NULL, "-u", "amy:hunter2", url(&plain, "/hello"));
    text = scratch_read(file);
    assert_non_null(strstr(text.data, "\nC: ***\n"));
    assert_null(strstr(text.data, "Basic"));
    sc_buf_free(&text);
    begin_replay(NULL);
    assert_int_equal(
        GET("--connect-to", to, "-u", "eve:x", url(&plain, "/hello")), 0);
    replaying_done(&replay);
}

static void the_file_is_for_its_owner(void **state)
{
    struct stat st;

    (void)state;
    scratch_write(file, "old, and longer than what is to come: ");
    chmod(file, 0644);
    assert_int_equal(GET("--record", file, url(&plain, "/empty")), 0);
    assert_int_equal(stat(file, &st), 0);
    assert_int_equal(st.st_mode & 0777, 0600);
    assert_int_equal(GET("--record", "/none/x", url(&plain, "/empty")), 23);
    assert_int_equal(GET("--dry-run", "--record", scratch_path(&scratch, "no"),
                         url(&plain, "/empty")),
                     0);
    assert_int_equal(access(scratch_path(&scratch, "no"), F_OK), -1);
}

static void must_differ(const char *why)
{
    assert_int_equal(replaying_stop(&replay), 1);
    if (strstr(replay.said.data, why) == NULL)
        fail_msg("%s", replay.said.data);
    sc_buf_free(&replay.said);
}

static void a_difference_is_told(void **state)
{
    (void)state;
    assert_int_equal(GET("--record", file, url(&plain, "/hello")), 0);
    begin_replay(NULL);
    assert_int_not_equal(GET("--connect-to", to, url(&plain, "/other")), 0);
    must_differ("connection 1: script line 2: expected \"GET /hello "
                "HTTP/1.1\\r\\n\", got \"GET /other");
    begin_replay(NULL);
    assert_int_not_equal(
        GET("--connect-to", to, "-H", "A: b", url(&plain, "/hello")), 0);
    must_differ("got \"A: b");
    begin_replay(NULL);
    assert_int_not_equal(
        GET("--connect-to", to, url(&plain, "/hello"), url(&plain, "/hello")),
        0);
    must_differ("expected no more, got \"GET /hello");
}

static void tls_needs_a_certificate(void **state)
{
    (void)state;
    assert_int_equal(
        GET("--record", file, "--cacert", certs.ca, url(&secure, "/hello")), 0);
    begin_replay(NULL);
    assert_int_not_equal(
        GET("--connect-to", to, "--cacert", certs.ca, url(&secure, "/hello")),
        0); /* 35 or 56 */
    must_differ("line 2: TLS, and no certificate");
}

/* Replay as a program of its own. */
#define REPLAY(...)                                                            \
    program_run(&self, (const char *const[]){"replay", __VA_ARGS__, NULL})

static void wrong_use_is_told(void **state)
{
    struct program self = {.path = replay.path};

    (void)state;
    assert_int_equal(REPLAY("--help"), 0);
    assert_int_equal(REPLAY("--version"), 0);
    assert_int_equal(REPLAY("/none/none"), 26);
    assert_int_equal(REPLAY("a", "b"), 2);
    assert_int_equal(REPLAY("--port", "0", "a"), 2);
    assert_int_equal(REPLAY("--port", "65536", "a"), 2);
    assert_int_equal(REPLAY("--timeout", "-1", "a"), 2);
    scratch_write(file, "");
    assert_int_equal(REPLAY(file), 26);
    scratch_write(file, "S: a\nwhat?\n");
    assert_int_equal(REPLAY(file), 26);
    assert_non_null(strstr(self.err.data, "line 2"));
    program_free(&self);
}

static void nobody_comes(void **state)
{
    struct program self = {.path = replay.path};

    (void)state;
    scratch_write(file, "S: a\n");
    assert_int_equal(REPLAY("--once", "--timeout", "0.05", file), 1);
    assert_non_null(strstr(self.err.data, "connection 1: nobody has called"));
    program_free(&self);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, start, stop)

static const struct CMUnitTest tests[] = {
    TEST(pages_are_served_again),
    TEST(failures_fail_again),
    TEST(a_dialogue_inside_tls_is_readable),
    TEST(a_login_is_stars_and_any_login_is_taken),
    TEST(the_file_is_for_its_owner),
    TEST(a_difference_is_told),
    TEST(tls_needs_a_certificate),
    cmocka_unit_test(wrong_use_is_told),
    cmocka_unit_test(nobody_comes),
};

int main(int argc, char **argv)
{
    if (argc < 2 || argv[1][0] == '-') {
        fprintf(stderr, "usage: %s PROGRAMS [-l | -f PATTERN]\n", argv[0]);
        return 2;
    }
    snprintf(path, sizeof path, "%s/httpget", argv[1]);
    snprintf(replay.path, sizeof replay.path, "%s/replay", argv[1]);
    return test_main(__FILE__, tests, sizeof tests / sizeof tests[0], argc - 1,
                     argv + 1, make, unmake);
}
