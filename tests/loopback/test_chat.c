/* test_chat.c - chat as a program (the argument is the folder that it is in),
 * against scripts served in this one: by hand, by a script, TLS, and which exit
 * code. */
#include "main.h"

#include <pty.h>
#include <signal.h>

#include <simpleclient/script.h>
#include <simpleclient/task.h>

#include "certs.h"
#include "program.h"
#include "scratch.h"

static char path[512];
static struct program chat = {.path = path};
static struct certs certs;
static struct scratch scratch;
static char file[400];

/* --- the server: one connection of a script --- */

static struct {
    struct sc_listener *listener;
    const char *script;
    struct sc_tls_options tls;
    struct sc_error error;
    int64_t task;
    char name[32];
} server;

static void serve(void *arg)
{
    struct sc_wait w = {sc_now() + 20000, &server.error};
    Stream *s = sc_accept(server.listener, 20000, NULL);

    (void)arg;
    if (s != NULL)
        sc_script_serve(&s, server.script, 0, &server.tls, &w);
    sc_stream_close(s);
}

static void start_server(const char *script)
{
    server.script = script;
    server.tls.cert = certs.good;
    memset(&server.error, 0, sizeof server.error);
    server.listener = sc_listen("127.0.0.1:0", NULL);
    assert_non_null(server.listener);
    snprintf(server.name, sizeof server.name, "127.0.0.1:%d",
             sc_listener_port(server.listener));
    server.task = sc_task_go(NULL, serve, NULL);
    chat.in = sc_span_of("");
}

static void stop_server(void)
{
    assert_int_equal(sc_task_join(server.task), 0);
    sc_listener_close(server.listener);
    if (server.error.code != 0)
        fail_msg("%s", server.error.text);
}

#define CHAT(...)                                                              \
    program_run(&chat, (const char *const[]){"chat", __VA_ARGS__, NULL})

static void must(int code, int want, const char *out)
{
    if (code != want || strcmp(chat.out.data, out) != 0)
        fail_msg("exit code %d, not %d: \"%s\" %s", code, want, chat.out.data,
                 chat.err.data);
}

static void must_say(const char *words)
{
    if (strstr(chat.err.data, words) == NULL)
        fail_msg("no \"%s\": %s", words, chat.err.data);
}

/* --- by hand --- */

static void what_is_typed_is_sent_and_what_comes_is_shown(void **state)
{
    (void)state;
    start_server("S: +OK ready\nC: CAPA\nS: +OK\nS: .\nC: QUIT\nS: +OK\nS.\n");
    chat.in = sc_span_of("CAPA\nQUIT\n");
    must(CHAT(server.name), 0, "+OK ready\n+OK\n.\n+OK\n");
    assert_int_equal(chat.err.len, 0);
    stop_server();
}

static void a_last_line_without_an_end_is_one(void **state)
{
    (void)state;
    start_server("C: a\nC: b\nS: bye\nS.\n");
    chat.in = sc_span_of("a\r\nb");
    must(CHAT(server.name), 0, "bye\n");
    stop_server();
}

static void it_ends_when_nothing_comes_any_more(void **state)
{
    (void)state;
    start_server("S: hi\nC: a\n");
    chat.in = sc_span_of("a\n");
    must(CHAT("--linger", "0.2", server.name), 0, "hi\n");
    stop_server();
}

static void the_input_s_end_may_be_told(void **state)
{
    (void)state;
    start_server("C: a\nC.\nS: b\nS.\n");
    chat.in = sc_span_of("a\n");
    must(CHAT("--half-close", "--linger", "15", server.name), 0, "b\n");
    stop_server();
}

static void control_characters_are_not_shown(void **state)
{
    static const char script[] =
        "s: \\x1b[2Ja\\rb\\x07\\t\\xc3\\xa4\\r\\n\nS.\n";

    (void)state;
    start_server(script);
    must(CHAT(server.name), 0, "?[2Ja?b?\t\xc3\xa4\n");
    stop_server();
    start_server(script);
    must(CHAT("--raw", server.name), 0, "\x1b[2Ja\rb\x07\t\xc3\xa4\r\n");
    stop_server();
}

static void lines_may_end_in_lf(void **state)
{
    (void)state;
    start_server("c: a\\n\ns: b\\n\nS.\n");
    chat.in = sc_span_of("a\n");
    must(CHAT("--lf", server.name), 0, "b\n");
    stop_server();
}

static void a_line_that_is_too_long_is_refused(void **state)
{
    (void)state;
    start_server("C: short\nS: ok\nS.\n");
    chat.in = sc_span_of("much too long\nshort\n");
    must(CHAT("--line-limit", "10", server.name), 26, "");
    must_say("typed line");
    sc_task_join(server.task);
    sc_listener_close(server.listener);
    start_server("C: short\nS: ok\nS.\n");
    chat.in = sc_span_of("nine char\nshort\n");
    must(CHAT("--line-limit", "10", server.name), 0, "ok\n");
    must_say("line refused");
    stop_server();
}

static void the_dialogue_is_told(void **state)
{
    (void)state;
    start_server("C: a\nS: b\nS.\n");
    chat.in = sc_span_of("a\n");
    must(CHAT("-v", server.name), 0, "b\n");
    must_say("* connected\n> a\n");
    stop_server();
}

static void silence_is_28(void **state)
{
    int fd[2];

    (void)state;
    start_server("S: hi\nS~\n");
    assert_int_equal(pipe2(fd, O_CLOEXEC), 0);
    chat.in_fd = fd[0]; /* nobody types, and the input does not end */
    must(CHAT("--timeout", "0.3", server.name), 28, "hi\n");
    close(fd[1]);
    stop_server();
}

static void an_interrupt_ends_it(void **state)
{
    const char *argv[] = {"chat", server.name, NULL};
    int in[2], out[2], status;
    char seen[10] = "";
    pid_t child;
    Stream *s;

    (void)state;
    start_server("S: hi\nS~\n");
    assert_int_equal(pipe2(in, O_CLOEXEC), 0);
    assert_int_equal(pipe2(out, O_CLOEXEC), 0);
    child = program_spawn(&chat, in[0], out[1], 2, argv);
    s = sc_stream_fd(out[0], NULL);
    assert_int_equal(sc_stream_read(s, seen, sizeof seen, NULL), 3);
    kill(child, SIGTERM);
    sc_stream_close(s);
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGTERM);
    close(in[0]);
    close(in[1]);
    close(out[1]);
    stop_server();
}

/* Ctrl-D at the beginning of a line is the end of a terminal's input. */
static void it_works_on_a_terminal(void **state)
{
    const char *argv[] = {"chat", "--linger", "0.1", server.name, NULL};
    int master, slave, status, out[2];
    char seen[40] = "";
    size_t n = 0;
    ssize_t got;
    pid_t child;
    Stream *s;

    (void)state;
    start_server("S: hi\nC: typed\nS: yes\n");
    if (openpty(&master, &slave, NULL, NULL, NULL) < 0)
        skip();
    assert_int_equal(pipe2(out, O_CLOEXEC), 0);
    assert_int_equal(write(master, "typed\n\x04", 7), 7);
    child = program_spawn(&chat, slave, out[1], 2, argv);
    close(out[1]);
    s = sc_stream_fd(out[0], NULL);
    while ((got = sc_stream_read(s, seen + n, sizeof seen - n - 1, NULL)) > 0)
        n += (size_t)got;
    sc_stream_close(s);
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
    assert_string_equal(seen, "hi\nyes\n");
    /* Others that use the terminal still wait for it. */
    assert_int_equal(fcntl(slave, F_GETFL) & O_NONBLOCK, 0);
    close(master);
    close(slave);
    stop_server();
}

/* --- by a script --- */

static const char pop[] = "S: +OK ready\nC: STAT\nS: +OK 2 320\nC: QUIT\n"
                          "S: +OK\nS.\n";

static int play(const char *served, const char *script)
{
    start_server(served);
    scratch_write(file, script);
    return CHAT("--script", file, "--timeout", "10", server.name);
}

static void a_recording_is_a_script(void **state)
{
    (void)state;
    must(play(pop, pop), 0, "+OK ready\n+OK 2 320\n+OK\n");
    stop_server();
    must(play("s: a\\x00b\nc: c\\\\\nS: d\n",
              "# raw\ns: a\\x00b\nc: c\\\\\nS: d"),
         0, "a?bd\n");
    stop_server();
}

static void beginnings_and_later_lines_may_be_expected(void **state)
{
    (void)state;
    must(play(pop, "S: +OK...\nC: STAT\nS: +OK 2 ...\nC: QUIT\nS: ...\nS.\n"),
         0, "+OK ready\n+OK 2 320\n+OK\n");
    stop_server();
    must(play("S: 1\nS: 2\nS: 3\nC: a\nS: 4\n", "E: 3\nC: a\nE: 4...\n"), 0,
         "1\n2\n3\n4\n");
    stop_server();
}

static void another_line_is_8(void **state)
{
    (void)state;
    must(play("S: one\nC~\n", "S: two\n"), 8, "one\n");
    must_say("line 1: expected \"two\", got \"one\"");
    stop_server();
    must(play("S: one\nC~\n", "\nS: one more...\n"), 8, "one\n");
    must_say("line 2: expected \"one more\" or more, got \"one\"");
    stop_server();
    must(play("S: one\nS.\n", "E: two\n"), 8, "one\n");
    must_say("line 1: expected \"two\", got the end");
    stop_server();
    must(play("S: one\nC~\n", "S.\n"), 8, "");
    must_say("line 1: expected the end, got \"one");
    stop_server();
    must(play("s: onE\nC~\n", "s: one\n"), 8, "onE");
    stop_server();
}

static void silence_in_a_script_is_28(void **state)
{
    (void)state;
    start_server("S: a\nS~\n");
    scratch_write(file, "S: a\nS: b\n");
    must(CHAT("-s", file, "--timeout", "0.3", server.name), 28, "a\n");
    must_say("line 2");
    stop_server();
}

static void a_wrong_script_is_2(void **state)
{
    static const char *const wrong[] = {"X: a\n", "c: \\q\n", "s: \\x1\n",
                                        "what\n", "C\n",      "D.\n"};

    (void)state;
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        scratch_write(file, wrong[i]);
        must(CHAT("--script", file, "127.0.0.1:1"), 2, "");
        must_say("line 1 cannot be understood");
    }
    must(CHAT("--script", "/none", "127.0.0.1:1"), 26, "");
}

/* --- TLS --- */

static void tls_from_the_first_byte(void **state)
{
    (void)state;
    start_server("T.\nS: hi\nC: a\nS.\n");
    chat.in = sc_span_of("a\n");
    must(CHAT("--tls", "--cacert", certs.ca, server.name), 0, "hi\n");
    stop_server();
    start_server("S: no TLS\nC~\n");
    must(CHAT("--tls", server.name), 35, "");
    sc_task_join(server.task);
    sc_listener_close(server.listener);
    start_server("T.\nC~\n");
    must(CHAT("--tls", server.name), 60, "");
    sc_task_join(server.task);
    sc_listener_close(server.listener);
}

static void tls_in_the_middle(void **state)
{
    (void)state;
    start_server("S: 220-hi\nS: 220 there\nC: EHLO me\nS: 250-a\nS: 250 b\n"
                 "C: STARTTLS\nS: 220 go\nT.\nC: QUIT\nS: 221 bye\nS.\n");
    chat.in = sc_span_of("QUIT\n");
    must(CHAT("--starttls", "EHLO me", "--starttls", "STARTTLS", "--cacert",
              certs.ca, "-v", server.name),
         0, "220-hi\n220 there\n250-a\n250 b\n220 go\n221 bye\n");
    must_say("* TLS\n> QUIT\n");
    stop_server();
    start_server("S: * OK hi\nC: a STARTTLS\nS: a OK go\nT.\nS.\n");
    must(CHAT("--starttls", "a STARTTLS=a OK", "--cacert", certs.ca,
              server.name),
         0, "* OK hi\na OK go\n");
    stop_server();
    start_server("C: STARTTLS\nS: + go\nT.\nS.\n");
    must(CHAT("--starttls", "STARTTLS", "--no-greeting", "--cacert", certs.ca,
              server.name),
         0, "+ go\n");
    stop_server();
}

static void tls_that_is_refused_is_8(void **state)
{
    (void)state;
    start_server("S: 220 hi\nC: STARTTLS\nS: 454 no\n");
    must(CHAT("--starttls", "STARTTLS", server.name), 8, "220 hi\n454 no\n");
    must_say("STARTTLS: 454 no");
    stop_server();
}

static void a_script_may_begin_tls(void **state)
{
    static const char script[] = "S: hi\nC: STARTTLS\nS: go\nT.\nC: a\nS: b\n";

    (void)state;
    start_server(script);
    scratch_write(file, script);
    must(CHAT("--script", file, "--cacert", certs.ca, server.name), 0,
         "hi\ngo\nb\n");
    stop_server();
}

/* --- the rest --- */

static void a_chat_is_recorded(void **state)
{
    struct sc_buf text;

    (void)state;
    start_server("S: hi\nC: a\nS: b\nS.\n");
    chat.in = sc_span_of("a\n");
    must(CHAT("--record", file, server.name), 0, "hi\nb\n");
    stop_server();
    text = scratch_read(file);
    assert_non_null(strstr(text.data, "\nS: hi\n"));
    assert_non_null(strstr(text.data, "\nC: a\n")); /* before it, or after */
    assert_non_null(strstr(text.data, "\nS: b\nS.\n"));
    sc_buf_free(&text);
}

static void nobody_there_is_7(void **state)
{
    (void)state;
    start_server("S: a\n");
    sc_task_cancel(server.task);
    stop_server();
    must(CHAT(server.name), 7, "");
}

static void a_full_disk_is_23(void **state)
{
    static struct program sh = {.path = "/bin/sh"};
    char command[700];
    const char *const argv[] = {"sh", "-c", command, NULL};

    (void)state;
    start_server("S: +OK ready\nC~\n");
    snprintf(command, sizeof command, "%s %s >/dev/full", path, server.name);
    assert_int_equal(program_run(&sh, argv), 23);
    assert_string_equal(
        sh.err.data, "chat: cannot write to stdout: No space left on device\n");
    program_free(&sh);
    stop_server();
}

static void wrong_use_is_2(void **state)
{
    (void)state;
    chat.in = sc_span_of("");
    assert_int_equal(CHAT("--help"), 0);
    assert_non_null(strstr(chat.out.data, "--starttls"));
    assert_int_equal(CHAT("--version"), 0);
    must(CHAT("127.0.0.1"), 2, "");
    must(CHAT("a:1", "b:2"), 2, "");
    must(CHAT("--tls", "--starttls", "X", "a:1"), 2, "");
    must(CHAT("--timeout", "x", "a:1"), 2, "");
    must(CHAT("--line-limit", "2", "a:1"), 2, "");
    must(CHAT("--nothing", "a:1"), 2, "");
    assert_int_equal(CHAT("-v"), 2);
}

static int make(void **state)
{
    (void)state;
    scratch = scratch_new();
    snprintf(file, sizeof file, "%s", scratch_path(&scratch, "script"));
    return certs_make(&certs);
}

static int unmake(void **state)
{
    (void)state;
    program_free(&chat);
    certs_remove(&certs);
    scratch_free(&scratch);
    return 0;
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(what_is_typed_is_sent_and_what_comes_is_shown),
    cmocka_unit_test(a_last_line_without_an_end_is_one),
    cmocka_unit_test(it_ends_when_nothing_comes_any_more),
    cmocka_unit_test(the_input_s_end_may_be_told),
    cmocka_unit_test(control_characters_are_not_shown),
    cmocka_unit_test(lines_may_end_in_lf),
    cmocka_unit_test(a_line_that_is_too_long_is_refused),
    cmocka_unit_test(the_dialogue_is_told),
    cmocka_unit_test(silence_is_28),
    cmocka_unit_test(an_interrupt_ends_it),
    cmocka_unit_test(it_works_on_a_terminal),
    cmocka_unit_test(a_recording_is_a_script),
    cmocka_unit_test(beginnings_and_later_lines_may_be_expected),
    cmocka_unit_test(another_line_is_8),
    cmocka_unit_test(silence_in_a_script_is_28),
    cmocka_unit_test(a_wrong_script_is_2),
    cmocka_unit_test(tls_from_the_first_byte),
    cmocka_unit_test(tls_in_the_middle),
    cmocka_unit_test(tls_that_is_refused_is_8),
    cmocka_unit_test(a_script_may_begin_tls),
    cmocka_unit_test(a_chat_is_recorded),
    cmocka_unit_test(nobody_there_is_7),
    cmocka_unit_test(a_full_disk_is_23),
    cmocka_unit_test(wrong_use_is_2),
};

int main(int argc, char **argv)
{
    if (argc < 2 || argv[1][0] == '-') {
        fprintf(stderr, "usage: %s PROGRAMS [-l | -f PATTERN]\n", argv[0]);
        return 2;
    }
    snprintf(path, sizeof path, "%s/chat", argv[1]);
    return test_main(__FILE__, tests, sizeof tests / sizeof tests[0], argc - 1,
                     argv + 1, make, unmake);
}
