/* test_smtpsend.c - smtpsend as a program (the argument is the folder that it is
 * in), against a server in this one: what arrives, what is told, which exit
 * code. */
#include "main.h"

#include <pty.h>
#include <signal.h>
#include <sys/stat.h>

#include "certs.h"
#include "program.h"
#include "smtp_peer.h"

static char path[512];
static struct program program = {.path = path};
static struct smtp_peer peer;
static struct certs certs;
static struct sc_tls_options server_tls = {.server = 1};
static char dir[64], file[96];

static const char text[] = "Subject: hi\r\n\r\n.Hello.\r\n";

/* --- the fixture --- */

static int make(void **state)
{
    (void)state;
    snprintf(dir, sizeof dir, "/tmp/simpleclient-send-XXXXXX");
    if (certs_make(&certs) < 0 || mkdtemp(dir) == NULL)
        return -1;
    snprintf(file, sizeof file, "%s/file", dir);
    server_tls.cert = certs.good;
    return 0;
}

static int unmake(void **state)
{
    (void)state;
    unlink(file);
    rmdir(dir);
    program_free(&program);
    certs_remove(&certs);
    return 0;
}

static int start(void **state)
{
    (void)state;
    smtp_peer_start(&peer, "PIPELINING\nSIZE 1000\nAUTH PLAIN\n");
    peer.tls = &server_tls;
    program.in = (struct sc_span){text, sizeof text - 1};
    program.in_file = false;
    program.in_fd = 0;
    return 0;
}

static int stop(void **state)
{
    (void)state;
    smtp_peer_stop(&peer);
    return 0;
}

#define RUN(...)                                                               \
    program_run(&program, (const char *const[]){"smtpsend", __VA_ARGS__, NULL})
#define SEND(...)                                                              \
    RUN("--server", peer.url, "--from", "me@a.example", "--to",                \
        "joe@b.example", __VA_ARGS__)
/* SEND without more. */
#define SEND_PLAIN() SEND("-4")

static void must(int code)
{
    if (code != 0)
        fail_msg("exit code %d: %s", code, program.err.data);
    assert_int_equal(program.out.len, 0);
}

/* It failed with CODE: one line said why, with WORDS in it. */
static void must_fail(int code, int want, const char *words)
{
    const char *err = program.err.data;

    if (code != want || strncmp(err, "smtpsend: ", 10) != 0 ||
        strchr(err, '\n') != err + strlen(err) - 1 ||
        strstr(err, words) == NULL)
        fail_msg("exit code %d, not %d with \"%s\": %s", code, want, words,
                 err);
    assert_int_equal(program.out.len, 0);
}

static void write_file(const char *what)
{
    FILE *f = fopen(file, "w");

    assert_non_null(f);
    fputs(what, f);
    fclose(f);
    chmod(file, 0600);
}

static void assert_arrived(const char *what)
{
    assert_int_equal(peer.taken, 1);
    assert_string_equal(peer.message[0].data, what);
}

/* --- messages --- */

static void a_message_on_stdin_is_sent(void **state)
{
    (void)state;
    must(SEND_PLAIN());
    assert_string_equal(program.err.data, "");
    assert_arrived("Subject: hi\r\n\r\n.Hello.\r\n");
    assert_true(peer_saw(&peer, "MAIL FROM:<me@a.example>"));
    assert_true(peer_saw(&peer, "RCPT TO:<joe@b.example>\n"));
    assert_true(peer_saw(&peer, "QUIT\n"));
}

/* A message that cannot be read is not an empty one. */
static void a_closed_stdin_is_26(void **state)
{
    static struct program sh = {.path = "/bin/sh"};
    char command[700];
    const char *const argv[] = {"sh", "-c", command, NULL};

    (void)state;
    snprintf(command, sizeof command,
             "%s --server %s --from a@b.example --to c@d.example <&-",
             program.path, peer.url);
    assert_int_equal(program_run(&sh, argv), 26);
    assert_non_null(strstr(sh.err.data, "stdin: Bad file"));
    assert_int_equal(peer.taken, 0);
    program_free(&sh);
}

/* A file's size is known beforehand. */
static void a_file_on_stdin_is_looked_through(void **state)
{
    (void)state;
    program.in_file = true;
    must(SEND_PLAIN());
    assert_arrived("Subject: hi\r\n\r\n.Hello.\r\n");
    assert_true(peer_saw(&peer, "MAIL FROM:<me@a.example> SIZE=24\n"));
}

static void names_stand_before_addresses(void **state)
{
    (void)state;
    must(RUN("--server", peer.url, "--from", "Me <me@a.example>", "--to",
             "\"Joe, B.\" <joe@b.example>, amy@b.example", "--to",
             "eve@b.example"));
    assert_true(peer_saw(&peer, "MAIL FROM:<me@a.example>"));
    assert_true(peer_saw(&peer, "RCPT TO:<joe@b.example>\n"
                                "RCPT TO:<amy@b.example>\n"
                                "RCPT TO:<eve@b.example>\n"));
}

static void the_null_sender_is_empty(void **state)
{
    (void)state;
    must(RUN("-s", peer.url, "-f", "", "-t", "joe@b.example"));
    assert_true(peer_saw(&peer, "MAIL FROM:<>"));
}

static void lmtp_is_spoken(void **state)
{
    (void)state;
    smtp_peer_is_lmtp(&peer);
    must(SEND("--to", "amy@b.example"));
    assert_true(peer_saw(&peer, "LHLO"));
    assert_arrived("Subject: hi\r\n\r\n.Hello.\r\n");
}

static const char *has(const char *what)
{
    const char *at = strstr(peer.message[0].data, what);

    if (at == NULL)
        fail_msg("no %s in\n%s", what, peer.message[0].data);
    return at;
}

static void a_message_is_composed(void **state)
{
    (void)state;
    must(SEND("--subject",
              "Gr\xc3\xbc\xc3\x9f"
              "e",
              "--text", "Hello.\n"));
    has("From: me@a.example\r\n");
    has("To: joe@b.example\r\n");
    has("Subject: =?UTF-8?");
    has("Date: ");
    has("Message-ID: <");
    has("\r\n\r\nHello.\r\n");
}

static void a_subject_alone_takes_the_text_from_stdin(void **state)
{
    (void)state;
    program.in = sc_span_of("Line one\n.\nLine three\n");
    must(SEND("--subject", "hi"));
    has("Subject: hi\r\n");
    has("\r\n\r\nLine one\r\n.\r\nLine three\r\n");
}

static void files_are_attached(void **state)
{
    (void)state;
    write_file("what is attached");
    must(SEND("--text", "see there", "--attach", file));
    has("Content-Type: multipart/mixed;");
    has("see there");
    has("filename=\"file\"");
    has("d2hhdCBpcyBhdHRhY2hlZA=="); /* base64, RFC 4648 */
}

/* --- refusals --- */

static void a_refused_recipient_among_others_is_90(void **state)
{
    (void)state;
    peer_says(&peer, "RCPT TO:<joe", "550 5.1.1 no such user");
    assert_int_equal(SEND("--to", "amy@b.example"), 90);
    assert_string_equal(program.err.data,
                        "smtpsend: <joe@b.example>: 550 5.1.1 no such user\n"
                        "smtpsend: <amy@b.example>: 250 2.1.5 ok\n");
    assert_int_equal(peer.taken, 1);
}

static void refused_for_all_is_55(void **state)
{
    (void)state;
    peer_says(&peer, "RCPT", "550 5.1.1 no such user");
    must_fail(SEND_PLAIN(), 55, "550 5.1.1 no such user");
    assert_int_equal(peer.taken, 0);
    must_fail(SEND("--to", "amy@b.example"), 55, "550 5.1.1 no such user");
}

static void each_stage_may_refuse(void **state)
{
    static const struct {
        const char *command, *reply;
        int code;
    } all[] = {{"(greeting)", "554 5.3.2 no", 8},
               {"MAIL", "451 4.3.0 no", 55},
               {"DATA", "554 5.3.2 no", 55},
               {"(dot)", "552 5.3.4 no", 55},
               {"MAIL", "!421 4.3.2 no", 55}};

    (void)state;
    for (size_t i = 0; i < sizeof all / sizeof all[0]; i++) {
        stop(NULL);
        start(NULL);
        peer_says(&peer, all[i].command, all[i].reply);
        must_fail(SEND_PLAIN(), all[i].code, " no");
        assert_int_equal(peer.taken, 0);
    }
}

static void a_refused_hello_is_9(void **state)
{
    (void)state;
    peer_says(&peer, "EHLO", "550 who");
    peer_says(&peer, "HELO", "550 are you");
    must_fail(SEND_PLAIN(), 9, "550 are you");
}

static void a_lost_connection_behind_the_dot_is_91(void **state)
{
    (void)state;
    peer_says(&peer, "(dot)", "!");
    must_fail(SEND_PLAIN(), 91, "unknown");
    must_fail(SEND("--to", "amy@b.example"), 91, "unknown");
}

static void what_is_too_large_is_63(void **state)
{
    static char large[2000];

    (void)state;
    memset(large, 'x', sizeof large);
    program.in = (struct sc_span){large, sizeof large};
    program.in_file = true;
    must_fail(SEND_PLAIN(), 63, "1000");
    assert_false(peer_saw(&peer, "MAIL"));
}

static void what_the_server_cannot_do_is_55(void **state)
{
    (void)state;
    program.in = sc_span_of("Subject: x\n\n\xfc\n");
    program.in_file = true;
    must_fail(SEND_PLAIN(), 55, "8BITMIME");
    assert_false(peer_saw(&peer, "MAIL"));
}

/* --- before and beside SMTP --- */

static void wrong_use_is_2(void **state)
{
    (void)state;
    must_fail(RUN("--from", "a@b", "--to", "c@d"), 2, "--server");
    must_fail(RUN("-s", peer.url, "--to", "c@d"), 2, "--from");
    must_fail(RUN("-s", peer.url, "--from", "a@b"), 2, "--to");
    must_fail(SEND("--colour"), 2, "--colour: no such option");
    must_fail(SEND("--cacert"), 2, "--cacert: the value is missing");
    must_fail(SEND("more"), 2, "more: not an option");
    must_fail(SEND("--tls", "often"), 2, "often");
    must_fail(SEND("--timeout", "1s"), 2, "1s");
    must_fail(SEND("--timeout", "99999999999"), 2, "99999999999");
    must_fail(SEND("--quit-after", "lunch"), 2, "lunch");
    must_fail(
        RUN("-s", "smtps://a", "--tls", "never", "-f", "a@b", "-t", "c@d"), 2,
        "--tls never");
    assert_int_equal(peer.connections, 0);
}

static void an_address_that_cannot_be_is_2(void **state)
{
    (void)state;
    must_fail(SEND("--to", "joe@b.example\r\nDATA"), 2, "");
    must_fail(SEND("--to", "joe@b.example> SIZE=1"), 2, "");
    must_fail(SEND("--to", "Joe <joe"), 2, "--to");
    must_fail(SEND("--from", "a@b, c@d"), 2, "--from");
    must_fail(SEND("--hello", "me you"), 2, "hello");
    assert_int_equal(peer.connections, 0);
}

static void a_bad_url_is_3(void **state)
{
    (void)state;
    must_fail(RUN("-s", "smtp://a b/", "-f", "a@b", "-t", "c@d"), 3, "");
}

static void nobody_there_is_7(void **state)
{
    char url[64];
    struct sc_listener *l = sc_listen("127.0.0.1:0", NULL);

    (void)state;
    snprintf(url, sizeof url, "smtp://127.0.0.1:%d/", sc_listener_port(l));
    sc_listener_close(l);
    must_fail(RUN("-s", url, "-f", "a@b", "-t", "c@d"), 7, "127.0.0.1");
}

static void silence_is_28(void **state)
{
    (void)state;
    peer_says(&peer, "MAIL", "");
    must_fail(SEND("--timeout", "0.2"), 28, "");
}

static void what_cannot_be_read_is_26(void **state)
{
    (void)state;
    must_fail(SEND("--attach", "/nonexistent/file", "--text", "x"), 26,
              "/nonexistent/file");
    program.in_fd = open("/", O_RDONLY | O_CLOEXEC);
    must_fail(SEND_PLAIN(), 26, "stdin");
    must_fail(SEND("-u", "amy", "--password-file", "/nonexistent/file"), 26,
              "/nonexistent/file");
    assert_int_equal(peer.taken, 0);
}

/* --- TLS --- */

static void use_tls(void)
{
    peer.caps = "STARTTLS\nAUTH PLAIN\n";
    memmove(strstr(peer.url, "127.0.0.1"), "127.0.0.1", 9);
}

static void starttls_is_used_if_it_is_offered(void **state)
{
    (void)state;
    use_tls();
    must(SEND("--cacert", certs.ca));
    assert_true(peer_saw(&peer, "STARTTLS"));
    assert_int_equal(peer.taken, 1);
}

static void tls_never_is_never(void **state)
{
    (void)state;
    use_tls();
    must(SEND("--tls", "never"));
    assert_false(peer_saw(&peer, "STARTTLS"));
}

static void tls_from_the_first_byte(void **state)
{
    char url[80];

    (void)state;
    peer.implicit = true;
    must(SEND("--tls", "implicit", "--cacert", certs.ca));
    snprintf(url, sizeof url, "smtps%s", peer.url + 4);
    must(RUN("-s", url, "-f", "a@b", "-t", "c@d", "--cacert", certs.ca));
    assert_int_equal(peer.taken, 2);
}

static void tls_that_must_be_and_is_not_is_64(void **state)
{
    (void)state;
    must_fail(SEND("--tls", "must"), 64, "TLS");
    must_fail(SEND("--starttls"), 64, "TLS");
    peer.caps = "STARTTLS\n";
    peer_says(&peer, "STARTTLS", "454 4.7.0 not now");
    must_fail(SEND("--starttls"), 64, "454 4.7.0 not now");
    assert_false(peer_saw(&peer, "MAIL"));
}

static void an_unknown_authority_is_60(void **state)
{
    (void)state;
    use_tls();
    must_fail(SEND("--cacert", certs.other_ca), 60, "");
    assert_false(peer_saw(&peer, "MAIL"));
    must(SEND("--cacert", certs.other_ca, "--insecure"));
}

/* --- logins --- */

/* RFC 4616: NUL amy NUL secret. */
static const char login[] = "AUTH PLAIN AGFteQBzZWNyZXQ=\n";

static void assert_logged_in(int code)
{
    must(code);
    assert_true(peer_saw(&peer, login));
}

static void take_logins(void)
{
    peer_says(&peer, "AUTH PLAIN AGFteQBzZWNyZXQ=", "235 2.7.0 welcome");
    peer_says(&peer, "AUTH", "535 5.7.8 no");
}

static void a_password_comes_from_a_file(void **state)
{
    (void)state;
    take_logins();
    write_file("secret\nmore\n");
    assert_logged_in(SEND("--user", "amy", "--password-file", file));
}

static void a_password_comes_from_a_program(void **state)
{
    (void)state;
    take_logins();
    assert_logged_in(SEND("--user", "amy", "--passwordeval", "echo secret"));
    must_fail(SEND("--user", "amy", "--passwordeval", "echo x; exit 3"), 26,
              "failed");
}

/* What follows it is the message. */
static void a_password_may_stand_before_the_message(void **state)
{
    (void)state;
    take_logins();
    program.in = sc_span_of("secret\nSubject: hi\n\nHello.\n");
    assert_logged_in(SEND("--user", "amy", "--password-file", "-"));
    assert_arrived("Subject: hi\r\n\r\nHello.\r\n");
}

static void a_password_comes_from_netrc(void **state)
{
    (void)state;
    take_logins();
    write_file("machine 127.0.0.1 login amy password secret\n");
    assert_logged_in(SEND("--netrc-file", file));
    setenv("NETRC", file, 1);
    assert_logged_in(SEND("--netrc", "-u", "amy"));
    unsetenv("NETRC");
}

static void a_login_may_stand_in_the_url(void **state)
{
    char url[100];

    (void)state;
    take_logins();
    snprintf(url, sizeof url, "smtp://amy:secret@%s", peer.url + 7);
    assert_logged_in(RUN("-s", url, "-f", "a@b", "-t", "c@d"));
}

/* Others may list the words of each program's call. */
static void a_password_in_the_url_is_not_seen_by_others(void **state)
{
    char url[100], proc[64], words[2000];
    int null = open("/dev/null", O_RDWR | O_CLOEXEC), fd;
    const char *const argv[] = {"smtpsend", "-s", url,   "-f",
                                "a@b",      "-t", "c@d", NULL};
    pid_t child;
    ssize_t n;

    (void)state;
    peer_says(&peer, "AUTH", "");
    snprintf(url, sizeof url, "smtp://amy:secret@%s", peer.url + 7);
    child = program_spawn(&program, null, null, null, argv);
    while (!peer_saw(&peer, "AUTH"))
        sc_sleep(1);
    snprintf(proc, sizeof proc, "/proc/%d/cmdline", (int)child);
    fd = open(proc, O_RDONLY | O_CLOEXEC);
    n = read(fd, words, sizeof words);
    assert_true(n > 0);
    assert_null(memmem(words, (size_t)n, "secret", 6));
    assert_non_null(memmem(words, (size_t)n, "c@d", 3));
    close(fd);
    close(null);
    kill(child, SIGKILL);
    waitpid(child, NULL, 0);
}

/* The server's words do nothing to the terminal. */
static void control_characters_are_not_shown(void **state)
{
    (void)state;
    peer_says(&peer, "RCPT TO:<joe", "550 \x1b[2J red");
    assert_int_equal(SEND("--to", "amy@b.example"), 90);
    assert_null(strchr(program.err.data, '\x1b'));
    peer.caps = "X-\x1b[2J\n";
    assert_int_equal(SEND("--serverinfo"), 0);
    assert_null(strchr(program.out.data, '\x1b'));
    assert_non_null(strstr(program.out.data, "\n  X-?[2J\n"));
    assert_int_equal(SEND("-v"), 55);
    assert_null(strchr(program.err.data, '\x1b'));
}

static void a_refused_login_is_67(void **state)
{
    (void)state;
    take_logins();
    must_fail(SEND("-u", "amy", "--passwordeval", "echo wrong"), 67,
              "535 5.7.8 no");
    assert_null(strstr(program.err.data, "wrong"));
    must_fail(SEND("-u", "amy", "--passwordeval", "echo x", "--auth", "LOGIN"),
              67, "");
    assert_false(peer_saw(&peer, "MAIL"));
}

static void the_dialogue_is_shown_without_secrets(void **state)
{
    (void)state;
    take_logins();
    assert_int_equal(SEND("-v", "-u", "amy", "--passwordeval", "echo secret"),
                     0);
    assert_non_null(strstr(program.err.data, "< 220 peer\n"));
    assert_non_null(strstr(program.err.data, "***"));
    assert_non_null(strstr(program.err.data, "> MAIL FROM:<me@a.example>"));
    assert_non_null(
        strstr(program.err.data, "smtpsend: <joe@b.example>: 250 2.1.5 ok\n"));
    assert_null(strstr(program.err.data, "AGFteQBzZWNyZXQ"));
    assert_int_equal(program.out.len, 0);
}

/* --- at a terminal --- */

struct terminal {
    int fd;
    pid_t child;
    struct sc_buf shown;
};

static void open_terminal(struct terminal *t, const char *const *argv)
{
    *t = (struct terminal){.shown = SC_BUF(10000)};
    sc_buf_add(&t->shown, "", 0);
    t->child = forkpty(&t->fd, NULL, NULL, NULL);
    if (t->child < 0)
        skip(); /* no /dev/pts here */
    if (t->child == 0) {
        int null = open("/dev/null", O_RDWR);

        dup2(null, 0); /* the message is not typed */
        execv(path, (char *const *)argv);
        _exit(127);
    }
}

/* Type WHAT, once the terminal has shown WORDS, and wait for the end. */
static int answer(struct terminal *t, const char *words, const char *what)
{
    Stream *s = sc_stream_fd(t->fd, NULL);
    char part[256];
    ssize_t n;
    int status;

    while ((n = sc_stream_read(s, part, sizeof part, NULL)) > 0) {
        sc_buf_add(&t->shown, part, (size_t)n);
        if (what != NULL && strstr(t->shown.data, words) != NULL) {
            sc_stream_write(s, what, strlen(what), NULL);
            what = NULL;
        }
    }
    assert_null(what);
    assert_int_equal(waitpid(t->child, &status, 0), t->child);
    sc_stream_close(s);
    return status;
}

static void a_password_is_asked_for_and_not_shown(void **state)
{
    struct terminal t;
    int status;

    (void)state;
    take_logins();
    open_terminal(&t,
                  (const char *const[]){"smtpsend", "-s", peer.url, "-f", "a@b",
                                        "-t", "c@d", "-u", "amy", NULL});
    status = answer(&t, "Password of amy at ", "secret\n");
    assert_int_equal(status, 0);
    assert_null(strstr(t.shown.data, "secret"));
    assert_true(peer_saw(&peer, login));
    sc_buf_free(&t.shown);
}

static void an_interrupt_ends_the_question(void **state)
{
    struct terminal t;
    int status;

    (void)state;
    open_terminal(&t,
                  (const char *const[]){"smtpsend", "-s", peer.url, "-f", "a@b",
                                        "-t", "c@d", "-u", "amy", NULL});
    status = answer(&t, "Password of amy at ", "\x03");
    assert_true(WIFSIGNALED(status));
    assert_int_equal(WTERMSIG(status), SIGINT);
    assert_int_equal(peer.connections, 0);
    sc_buf_free(&t.shown);
}

/* --- no message --- */

static void the_server_tells_of_itself(void **state)
{
    const char *out;

    (void)state;
    peer.caps = "PIPELINING\nSIZE 1000\nSTARTTLS\n";
    peer.caps_inside = "AUTH PLAIN\n";
    assert_int_equal(RUN("-s", peer.url, "--serverinfo", "--cacert", certs.ca),
                     0);
    out = program.out.data;
    assert_non_null(strstr(out, "address: 127.0.0.1 port "));
    assert_non_null(strstr(out, "name: peer\n"));
    assert_non_null(strstr(out, "TLS: TLSv1.3, "));
    assert_non_null(strstr(out, ", verified\n"));
    assert_non_null(strstr(out, "\nextensions:\n  AUTH PLAIN\n  X-LAST\n"));
    assert_string_equal(program.err.data, "");
    assert_false(peer_saw(&peer, "MAIL"));
    assert_true(peer_saw(&peer, "QUIT"));
}

static void each_stage_may_be_the_last(void **state)
{
    static const struct {
        const char *stage, *last, *never;
    } all[] = {{"greeting", "QUIT", "EHLO"}, {"hello", "EHLO", "STARTTLS"},
               {"tls", "STARTTLS", "AUTH"},  {"auth", "AUTH", "MAIL"},
               {"mail", "MAIL", "RCPT"},     {"rcpt", "RCPT", "DATA"}};

    (void)state;
    for (size_t i = 0; i < sizeof all / sizeof all[0]; i++) {
        stop(NULL);
        start(NULL);
        use_tls();
        take_logins();
        must(SEND("--quit-after", all[i].stage, "--cacert", certs.ca, "-u",
                  "amy", "--passwordeval", "echo secret"));
        assert_true(peer_saw(&peer, all[i].last));
        assert_false(peer_saw(&peer, all[i].never));
        assert_true(peer_saw(&peer, "QUIT\n"));
    }
}

static void a_stage_that_fails_says_so(void **state)
{
    (void)state;
    must(RUN("-s", peer.url, "--quit-after", "connect"));
    peer_says(&peer, "RCPT TO:<joe", "550 5.1.1 no such user");
    must_fail(SEND("--quit-after", "rcpt"), 55, "550 5.1.1 no such user");
    must_fail(SEND("--quit-after", "rcpt", "--to", "amy@b.example"), 90,
              "550 5.1.1 no such user");
    peer_says(&peer, "MAIL", "451 4.3.0 later");
    must_fail(SEND("--quit-after", "mail"), 55, "451 4.3.0 later");
    peer_says(&peer, "(greeting)", "554 5.3.2 no");
    must_fail(SEND("--quit-after", "greeting"), 8, "554 5.3.2 no");
}

static void help_and_version_go_to_stdout(void **state)
{
    (void)state;
    assert_int_equal(RUN("--help"), 0);
    assert_non_null(strstr(program.out.data, "--passwordeval"));
    assert_int_equal(RUN("--version"), 0);
    assert_memory_equal(program.out.data, "smtpsend ", 9);
    assert_int_equal(program.err.len, 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, start, stop)

static const struct CMUnitTest tests[] = {
    TEST(a_message_on_stdin_is_sent),
    TEST(a_file_on_stdin_is_looked_through),
    TEST(names_stand_before_addresses),
    TEST(the_null_sender_is_empty),
    TEST(lmtp_is_spoken),
    TEST(a_message_is_composed),
    TEST(a_subject_alone_takes_the_text_from_stdin),
    TEST(files_are_attached),
    TEST(a_refused_recipient_among_others_is_90),
    TEST(refused_for_all_is_55),
    TEST(each_stage_may_refuse),
    TEST(a_refused_hello_is_9),
    TEST(a_lost_connection_behind_the_dot_is_91),
    TEST(what_is_too_large_is_63),
    TEST(what_the_server_cannot_do_is_55),
    TEST(wrong_use_is_2),
    TEST(an_address_that_cannot_be_is_2),
    TEST(a_bad_url_is_3),
    TEST(nobody_there_is_7),
    TEST(silence_is_28),
    TEST(what_cannot_be_read_is_26),
    TEST(a_closed_stdin_is_26),
    TEST(starttls_is_used_if_it_is_offered),
    TEST(tls_never_is_never),
    TEST(tls_from_the_first_byte),
    TEST(tls_that_must_be_and_is_not_is_64),
    TEST(an_unknown_authority_is_60),
    TEST(a_password_comes_from_a_file),
    TEST(a_password_comes_from_a_program),
    TEST(a_password_may_stand_before_the_message),
    TEST(a_password_comes_from_netrc),
    TEST(a_login_may_stand_in_the_url),
    TEST(a_password_in_the_url_is_not_seen_by_others),
    TEST(control_characters_are_not_shown),
    TEST(a_refused_login_is_67),
    TEST(the_dialogue_is_shown_without_secrets),
    TEST(a_password_is_asked_for_and_not_shown),
    TEST(an_interrupt_ends_the_question),
    TEST(the_server_tells_of_itself),
    TEST(each_stage_may_be_the_last),
    TEST(a_stage_that_fails_says_so),
    TEST(help_and_version_go_to_stdout),
};

int main(int argc, char **argv)
{
    if (argc < 2 || argv[1][0] == '-') {
        fprintf(stderr, "usage: %s PROGRAMS [-l | -f PATTERN]\n", argv[0]);
        return 2;
    }
    snprintf(path, sizeof path, "%s/smtpsend", argv[1]);
    return test_main(__FILE__, tests, sizeof tests / sizeof tests[0], argc - 1,
                     argv + 1, make, unmake);
}
