/* test_popfetch.c - popfetch as a program (the argument is the folder that it is
 * in), against servers in this one: where messages go, what is deleted, what is
 * told, which exit code. */
#include "main.h"

#include <dirent.h>
#include <pty.h>
#include <signal.h>
#include <sys/stat.h>

#include "certs.h"
#include "pop3_peer.h"
#include "program.h"

static char path[512];
static struct program program = {.path = path};
static struct pop3_peer peer, other;
static struct certs certs;
static struct sc_tls_options server_tls = {.server = 1};
static char dir[64], maildir[96], file[96], state_file[96];

static const char all_caps[] = "UIDL\nTOP\nUSER\nPIPELINING\n";

/* --- the fixture --- */

static int make(void **state)
{
    (void)state;
    if (certs_make(&certs) < 0)
        return -1;
    server_tls.cert = certs.good;
    return 0;
}

static int unmake(void **state)
{
    (void)state;
    program_free(&program);
    certs_remove(&certs);
    return 0;
}

static int start(void **state)
{
    (void)state;
    snprintf(dir, sizeof dir, "/tmp/simpleclient-fetch-XXXXXX");
    if (mkdtemp(dir) == NULL)
        return -1;
    snprintf(maildir, sizeof maildir, "%s/mail", dir);
    snprintf(file, sizeof file, "%s/file", dir);
    snprintf(state_file, sizeof state_file, "%s/state", dir);
    pop3_peer_start(&peer, all_caps);
    pop3_peer_start(&other, all_caps);
    peer.tls = other.tls = &server_tls;
    peer_fill(&peer, 2);
    program.in = sc_span_of("");
    program.in_file = false;
    return 0;
}

static int stop(void **state)
{
    char command[100];

    (void)state;
    pop3_peer_stop(&peer);
    pop3_peer_stop(&other);
    snprintf(command, sizeof command, "rm -r %s", dir);
    return system(command);
}

#define RUN(...)                                                               \
    program_run(&program, (const char *const[]){"popfetch", __VA_ARGS__, NULL})
#define FETCH(...) RUN(peer.url, __VA_ARGS__)
#define FETCH_PLAIN() RUN(peer.url)

static void must(int code)
{
    if (code != 0 || program.err.len > 0)
        fail_msg("exit code %d: %s", code, program.err.data);
}

/* It failed with CODE: one line said why, with WORDS in it. */
static void must_fail(int code, int want, const char *words)
{
    const char *err = program.err.data;

    if (code != want || strncmp(err, "popfetch: ", 10) != 0 ||
        strchr(err, '\n') != err + strlen(err) - 1 ||
        strstr(err, words) == NULL)
        fail_msg("exit code %d, not %d with \"%s\": %s", code, want, words,
                 err);
}

static void write_file(const char *what)
{
    FILE *f = fopen(file, "w");

    assert_non_null(f);
    fputs(what, f);
    fclose(f);
    chmod(file, 0600);
}

static void assert_file(const char *name, const char *what)
{
    char text[1000] = "";
    FILE *f = fopen(name, "r");

    assert_non_null(f);
    assert_true(fread(text, 1, sizeof text - 1, f) > 0);
    fclose(f);
    assert_string_equal(text, what);
}

/* How many messages are in FOLDER of the Maildir. */
static int stored(const char *folder)
{
    char name[120];
    struct dirent *e;
    DIR *d;
    int n = 0;

    snprintf(name, sizeof name, "%s/%s", maildir, folder);
    if ((d = opendir(name)) == NULL)
        return 0;
    while ((e = readdir(d)) != NULL)
        n += e->d_name[0] != '.';
    closedir(d);
    return n;
}

/* --- places --- */

static const char both[] = "Subject: 1\r\n\r\n.dotted\r\n..\r\n"
                           "Subject: 2\r\n\r\n.dotted\r\n..\r\n";

static void messages_go_to_stdout_and_stay(void **state)
{
    (void)state;
    must(FETCH_PLAIN());
    assert_string_equal(program.out.data, both);
    assert_false(peer_saw(&peer, "DELE"));
    assert_true(peer_saw(&peer, "QUIT\n"));
    assert_int_equal(peer_left(&peer), 2);
}

static void a_maildir_takes_them_from_the_server(void **state)
{
    (void)state;
    must(FETCH("--maildir", maildir));
    assert_int_equal(program.out.len, 0);
    assert_int_equal(stored("new"), 2);
    assert_int_equal(peer_left(&peer), 0);
}

static void keep_deletes_nothing(void **state)
{
    (void)state;
    must(FETCH("--maildir", maildir, "--keep"));
    assert_int_equal(stored("new"), 2);
    assert_int_equal(peer_left(&peer), 2);
}

static void an_mbox_gets_them_at_its_end(void **state)
{
    char text[400] = "";
    FILE *f;

    (void)state;
    must(FETCH("--mbox", file));
    assert_int_equal(peer_left(&peer), 0);
    f = fopen(file, "r");
    assert_true(fread(text, 1, sizeof text - 1, f) > 0);
    fclose(f);
    assert_memory_equal(text, "From MAILER-DAEMON ", 19);
    assert_non_null(strstr(text, "\nSubject: 1\n\n.dotted\n..\n\nFrom "));
    assert_non_null(strstr(text, "\nSubject: 2\n\n.dotted\n..\n\n"));
}

static void a_command_gets_each(void **state)
{
    char command[300];

    (void)state;
    snprintf(command, sizeof command, "cat >> %s; echo end >> %s", file, file);
    must(FETCH("--exec", command));
    assert_file(file, "Subject: 1\n\n.dotted\n..\nend\n"
                      "Subject: 2\n\n.dotted\n..\nend\n");
    assert_int_equal(peer_left(&peer), 0);
}

static void what_a_command_does_not_take_stays(void **state)
{
    (void)state;
    must_fail(FETCH("--exec", "grep -q 'Subject: 1'"), 23, "exit 1");
    assert_int_equal(peer_left(&peer), 1);
    assert_false(peer.mail[1].gone);
}

static void a_place_that_cannot_be_written_is_23(void **state)
{
    (void)state;
    must_fail(FETCH("--maildir", "/proc/nowhere"), 23, "/proc/nowhere");
    must_fail(FETCH("--mbox", "/nonexistent/mbox"), 23, "/nonexistent/mbox");
    must_fail(FETCH("--new", "/nonexistent/state"), 23, "/nonexistent/state");
    assert_int_equal(peer_left(&peer), 2);
}

static void headers_alone_delete_nothing(void **state)
{
    (void)state;
    must(FETCH("--headers"));
    assert_string_equal(program.out.data,
                        "Subject: 1\r\n\r\nSubject: 2\r\n\r\n");
    must(FETCH("--headers", "--maildir", maildir));
    assert_int_equal(stored("new"), 2);
    assert_false(peer_saw(&peer, "RETR"));
    assert_int_equal(peer_left(&peer), 2);
}

static void larger_ones_are_left(void **state)
{
    char big[3000];

    (void)state;
    memset(big, 'x', sizeof big);
    snprintf(big + sizeof big - 3, 3, "\r\n");
    peer_add(&peer, "uid-big", big);
    must(FETCH("--max-size", "1k", "--maildir", maildir));
    assert_int_equal(stored("new"), 2);
    assert_int_equal(peer_left(&peer), 1);
    must(FETCH("--max-size", "1M", "--maildir", maildir));
    assert_int_equal(stored("new"), 3);
}

static void a_size_that_was_a_lie_is_63(void **state)
{
    (void)state;
    peer.mail[1].listed = 10;
    must_fail(FETCH("--max-size", "20", "--maildir", maildir), 63, "20 bytes");
    assert_int_equal(stored("new") + stored("tmp"), 0);
    assert_int_equal(peer_left(&peer), 2);
}

/* --- new ones --- */

static void only_new_ones_are_fetched(void **state)
{
    (void)state;
    must(FETCH("--new", state_file));
    assert_string_equal(program.out.data, both);
    must(FETCH("--new", state_file));
    assert_int_equal(program.out.len, 0);
    peer_add(&peer, "uid-3", "three\r\n");
    must(FETCH("--new", state_file));
    assert_string_equal(program.out.data, "three\r\n");
    assert_int_equal(peer_left(&peer), 3);
}

static void a_state_file_is_of_one_account(void **state)
{
    (void)state;
    must(FETCH("--new", state_file));
    must_fail(RUN(other.url, "--new", state_file), 2, state_file);
    write_file("something else\n");
    must_fail(FETCH("--new", file), 26, file);
}

/* --- several accounts --- */

static void fill_large(struct pop3_peer *p, char letter)
{
    char *text = malloc(100003);

    for (int i = 0; i < 100000; i++)
        text[i] = i % 50 == 48 ? '\r' : i % 50 == 49 ? '\n' : letter;
    text[100000] = '\0';
    for (int i = 0; i < 3; i++)
        peer_add(p, letter == 'a' ? "a1\0a2\0a3" + 3 * i : "b1\0b2\0b3" + 3 * i,
                 text);
    free(text);
}

/* Each is whole: six pieces of 100,000 bytes of one letter. */
static void messages_of_two_accounts_do_not_mix(void **state)
{
    int found[256] = {0};

    (void)state;
    fill_large(&peer, 'a');
    fill_large(&other, 'b');
    peer.mail[0].gone = peer.mail[1].gone = true;
    must(RUN(peer.url, other.url));
    assert_int_equal(program.out.len, 600000);
    for (size_t i = 0; i < 600000; i += 100000) {
        const char *p = program.out.data + i;

        for (size_t k = 0; k < 100000; k += 50)
            assert_int_equal(p[k], p[0]);
        found[(unsigned char)p[0]]++;
    }
    assert_int_equal(found['a'], 3);
    assert_int_equal(found['b'], 3);
}

/* The first server greets when the second one was left. */
static void let_go_on(void *arg)
{
    (void)arg;
    while (!peer_saw(&other, "QUIT") && sc_sleep(1) == 0)
        continue;
    peer.busy = false;
}

static void accounts_are_fetched_at_once(void **state)
{
    int64_t task = sc_task_go(NULL, let_go_on, NULL);

    (void)state;
    peer.locks = peer.busy = true;
    peer_fill(&other, 3);
    must(RUN(peer.url, other.url, "--maildir", maildir, "--timeout", "9"));
    assert_int_equal(stored("new"), 5);
    sc_task_join(task);
}

static void one_account_may_be_named_twice(void **state)
{
    (void)state;
    peer.locks = true; /* a second visit waits for the end of the first */
    must(RUN(peer.url, peer.url, "--maildir", maildir));
    assert_int_equal(stored("new"), 2);
    assert_int_equal(peer.connections, 2);
}

static void one_of_several_that_fails_is_90(void **state)
{
    char name[80];

    (void)state;
    peer_says(&other, "PASS", "-ERR [AUTH] no");
    must_fail(RUN(other.url, peer.url, "--maildir", maildir), 90,
              "-ERR [AUTH]");
    snprintf(name, sizeof name, "popfetch: joe@127.0.0.1:%d: pop3",
             sc_listener_port(other.listener));
    assert_memory_equal(program.err.data, name, strlen(name));
    assert_int_equal(peer_left(&peer), 0);
}

static void the_first_failure_counts_where_all_fail(void **state)
{
    (void)state;
    peer_says(&other, "PASS", "-ERR no");
    peer.greeting = "-ERR not now";
    assert_int_equal(RUN(other.url, peer.url), 67);
    assert_int_equal(RUN(peer.url, other.url), 8);
}

static void each_account_has_its_state(void **state)
{
    (void)state;
    peer_fill(&other, 1);
    must(RUN(peer.url, other.url, "--new", state_file, "--new", file));
    must(RUN(peer.url, other.url, "--new", state_file, "--new", file));
    assert_int_equal(program.out.len, 0);
    must_fail(RUN(peer.url, other.url, "--new", file), 2, "--new");
}

static void more_accounts_than_go_at_once(void **state)
{
    const char *argv[164] = {"popfetch", "--maildir", maildir};

    (void)state;
    for (int i = 3; i < 163; i++)
        argv[i] = other.url;
    must(program_run(&program, argv));
    assert_int_equal(other.connections, 160);
}

/* --- failures --- */

static void nobody_there_is_7(void **state)
{
    char url[64];
    struct sc_listener *l = sc_listen("127.0.0.1:0", NULL);

    (void)state;
    snprintf(url, sizeof url, "pop3://a:b@127.0.0.1:%d/", sc_listener_port(l));
    sc_listener_close(l);
    must_fail(RUN(url), 7, "127.0.0.1");
}

static void refusals_have_their_codes(void **state)
{
    static const struct {
        const char *command, *reply;
        int code;
    } all[] = {{"PASS", "-ERR [IN-USE] no", 67},
               {"USER", "-ERR no", 67},
               {"LIST", "-ERR no", 8},
               {"RETR 1", "-ERR no", 90},
               {"RETR", "-ERR no", 8},
               {"DELE 2", "-ERR no", 90},
               {"UIDL", "nonsense", 8},
               {"QUIT", "-ERR no", 91},
               {"RETR 2", "!", 52},
               {"QUIT", "!", 91}};

    (void)state;
    for (size_t i = 0; i < sizeof all / sizeof all[0]; i++) {
        int code;

        stop(NULL);
        start(NULL);
        peer_says(&peer, all[i].command, all[i].reply);
        code = FETCH("--maildir", maildir);
        if (code != all[i].code || program.err.len == 0)
            fail_msg("%s %s: exit code %d: %s", all[i].command, all[i].reply,
                     code, program.err.data);
    }
}

static void a_greeting_may_refuse(void **state)
{
    (void)state;
    peer.greeting = "-ERR come later";
    must_fail(FETCH_PLAIN(), 8, "-ERR come later");
    peer.greeting = "220 smtp.example ESMTP";
    must_fail(FETCH_PLAIN(), 8, "220 smtp");
    peer.greeting = "!";
    must_fail(FETCH_PLAIN(), 52, "");
}

static void silence_is_28(void **state)
{
    (void)state;
    peer_says(&peer, "RETR", "");
    must_fail(FETCH("--timeout", "0.2", "--maildir", maildir), 28, "");
    assert_int_equal(stored("new") + stored("tmp"), 0);
}

/* The next visit ends in the middle of the second message. */
static void cut_next(void)
{
    uint64_t before = peer.sent;

    must(FETCH_PLAIN());
    peer.cut_at =
        peer.sent + (peer.sent - before) - strlen("\r\n.\r\n+OK bye\r\n");
}

static void half_a_message_goes_nowhere(void **state)
{
    (void)state;
    cut_next();
    must_fail(FETCH_PLAIN(), 18, "");
    assert_int_equal(program.out.len, sizeof both / 2);
    assert_memory_equal(program.out.data, both, sizeof both / 2);
    cut_next();
    must_fail(FETCH("--maildir", maildir), 18, "");
    assert_int_equal(stored("new"), 1);
    assert_int_equal(stored("tmp"), 0);
    assert_int_equal(peer_left(&peer), 2);
}

/* What was on its way may be lost with it. */
static void a_reset_is_56(void **state)
{
    (void)state;
    cut_next();
    peer.by_reset = true;
    must_fail(FETCH("--maildir", maildir), 56, "");
    assert_int_equal(stored("tmp"), 0);
    assert_int_equal(peer_left(&peer), 2);
}

static void a_list_of_lies_is_8(void **state)
{
    (void)state;
    snprintf(peer.mail[1].uid, sizeof peer.mail[1].uid, "%s", "uid 2 \x01");
    must_fail(FETCH("--new", state_file), 8, "");
    assert_int_equal(peer_left(&peer), 2);
}

static void a_server_without_uidl_cannot_tell_new_ones(void **state)
{
    (void)state;
    peer.caps = "USER\n";
    peer_says(&peer, "UIDL", "-ERR what?");
    must_fail(FETCH("--new", state_file), 8, "UIDL");
    must(FETCH_PLAIN());
    assert_string_equal(program.out.data, both);
    must_fail(FETCH("--headers"), 8, "TOP");
}

/* --- stdout --- */

static int run_to(int out, const char *const *argv)
{
    int null = open("/dev/null", O_RDWR | O_CLOEXEC), err[2], status;
    pid_t child;

    assert_int_equal(pipe2(err, O_CLOEXEC), 0);
    child = program_spawn(&program, null, out, err[1], argv);
    close(null);
    close(out);
    close(err[1]);
    program_drain(err[0], &program.err);
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFEXITED(status));
    return WEXITSTATUS(status);
}

static void a_broken_pipe_is_23(void **state)
{
    const char *const argv[] = {"popfetch", peer.url, "--new", state_file,
                                NULL};
    int out[2];

    (void)state;
    assert_int_equal(pipe2(out, O_CLOEXEC), 0);
    close(out[0]);
    must_fail(run_to(out[1], argv), 23, "stdout: Broken pipe");
    must(FETCH("--new", state_file)); /* they are still new */
    assert_string_equal(program.out.data, both);
}

static void a_full_disk_is_23(void **state)
{
    const char *const one[] = {"popfetch", peer.url, NULL};
    const char *const two[] = {"popfetch", peer.url, other.url, NULL};

    (void)state;
    must_fail(run_to(open("/dev/full", O_WRONLY | O_CLOEXEC), one), 23,
              "stdout: No space left");
    peer_fill(&other, 1);
    must_fail(run_to(open("/dev/full", O_WRONLY | O_CLOEXEC), two), 23,
              "stdout: No space left");
}

static void a_closed_stdout_is_23(void **state)
{
    static struct program sh = {.path = "/bin/sh"};
    char command[700];
    const char *const argv[] = {"sh", "-c", command, NULL};

    (void)state;
    snprintf(command, sizeof command, "%s %s >&-", path, peer.url);
    assert_int_equal(program_run(&sh, argv), 23);
    assert_non_null(strstr(sh.err.data, "stdout: Bad file"));
    program_free(&sh);
}

/* --- wrong use --- */

static void wrong_use_is_2(void **state)
{
    (void)state;
    must_fail(RUN("--keep"), 2, "no URL");
    must_fail(FETCH("--colour"), 2, "--colour: no such option");
    must_fail(FETCH("-vZ9"), 2, "-Z: no such option");
    must_fail(FETCH("--keep=yes"), 2, "--keep=yes: takes no value");
    must_fail(FETCH("--maildir"), 2, "--maildir: the value is missing");
    must_fail(FETCH("--maildir", "a", "--mbox", "b"), 2, "--mbox");
    must_fail(FETCH("--max-size", "1T"), 2, "1T");
    must_fail(FETCH("--max-size", "-1"), 2, "-1");
    must_fail(FETCH("--max-size", "0"), 2, "0");
    must_fail(FETCH("--max-size", "99999999999999999999"), 2, "9999");
    must_fail(FETCH("--max-size", "9007199254740992G"), 2, "G");
    must_fail(FETCH("--tls", "often"), 2, "often");
    must_fail(FETCH("--timeout", "1s"), 2, "1s");
    must_fail(RUN("pop3s://a:b@c/", "--tls", "never"), 2, "--tls never");
    must_fail(RUN("pop3://127.0.0.1/"), 2, "no user");
    assert_int_equal(peer.connections, 0);
}

static void a_bad_url_is_3(void **state)
{
    (void)state;
    must_fail(RUN("pop3://a b/"), 3, "");
    must_fail(RUN("pop3://a:b%0d%0aDELE@c/"), 3, "");
    must_fail(RUN("http://a:b@127.0.0.1:1/"), 3, "not a URL of POP3");
    must_fail(RUN(peer.url, "pop3://a:99999999/"), 3, "");
    assert_int_equal(peer.connections, 0);
}

static void help_and_version_go_to_stdout(void **state)
{
    (void)state;
    must(RUN("--help"));
    assert_non_null(strstr(program.out.data, "--passwordeval"));
    must(RUN("--version"));
    assert_memory_equal(program.out.data, "popfetch ", 9);
}

/* --- TLS --- */

static void stls_is_used_if_it_is_offered(void **state)
{
    (void)state;
    peer.caps = "STLS\nUIDL\nUSER\n";
    must(FETCH("--cacert", certs.ca));
    assert_true(peer_saw(&peer, "STLS"));
    must(FETCH("--tls", "never"));
    assert_string_equal(program.out.data, both);
}

static void tls_from_the_first_byte(void **state)
{
    char url[100];

    (void)state;
    peer.implicit = true;
    must(FETCH("--tls", "implicit", "--cacert", certs.ca));
    snprintf(url, sizeof url, "pop3s%s", peer.url + 4);
    must(RUN(url, "--cacert", certs.ca));
    assert_string_equal(program.out.data, both);
}

static void tls_that_must_be_and_is_not_is_64(void **state)
{
    (void)state;
    must_fail(FETCH("--tls", "must"), 64, "TLS");
    peer.caps = "STLS\n";
    peer_says(&peer, "STLS", "-ERR not now");
    must_fail(FETCH("--starttls"), 64, "-ERR not now");
    assert_false(peer_saw(&peer, "USER"));
}

static void an_unknown_authority_is_60(void **state)
{
    (void)state;
    peer.caps = "STLS\nUIDL\nUSER\n";
    must_fail(FETCH("--cacert", certs.other_ca), 60, "");
    assert_false(peer_saw(&peer, "USER"));
    must(FETCH("--cacert", certs.other_ca, "--insecure"));
}

/* --- logins --- */

static const char *without_password(const char *user)
{
    static char url[80];

    snprintf(url, sizeof url, "pop3://%s%s127.0.0.1:%d/", user,
             *user != '\0' ? "@" : "", sc_listener_port(peer.listener));
    return url;
}

static void take_logins(void)
{
    peer_says(&peer, "PASS secret", "+OK");
    peer_says(&peer, "PASS", "-ERR [AUTH] wrong");
}

static void a_password_comes_from_a_file(void **state)
{
    (void)state;
    take_logins();
    write_file("secret\nmore\n");
    must(RUN(without_password("amy"), "--password-file", file));
    assert_true(peer_saw(&peer, "USER amy\n"));
    must(RUN(without_password(""), "--password-file", file, "-u", "eve"));
    assert_true(peer_saw(&peer, "USER eve\n"));
    program.in = sc_span_of("secret\n");
    must(RUN(without_password("amy"), "--password-file", "-"));
    must_fail(RUN(without_password("amy"), "--password-file", "/none"), 26,
              "/none");
    must_fail(RUN(without_password(""), "--password-file", file), 2, "no user");
}

static void a_password_comes_from_a_program(void **state)
{
    (void)state;
    take_logins();
    must(RUN(without_password("amy"), "--passwordeval", "echo secret"));
    must_fail(RUN(without_password("amy"), "--passwordeval", "exit 3"), 26,
              "failed");
    must_fail(RUN(without_password("amy"), "--passwordeval", "echo x"), 67,
              "-ERR [AUTH] wrong");
}

static void a_password_comes_from_netrc(void **state)
{
    (void)state;
    take_logins();
    write_file("machine 127.0.0.1 login amy password secret\n");
    must(RUN(without_password(""), "--netrc-file", file));
    assert_true(peer_saw(&peer, "USER amy\n"));
    setenv("NETRC", file, 1);
    must(RUN(without_password("amy"), "--netrc"));
    unsetenv("NETRC");
}

static void one_password_is_not_shown_to_two_servers(void **state)
{
    (void)state;
    must_fail(RUN(without_password("amy"), "pop3://eve@127.0.0.1:1/",
                  "--passwordeval", "echo secret"),
              2, "netrc");
    must(RUN(without_password("amy"), other.url, "--passwordeval",
             "echo secret"));
    assert_true(peer_saw(&peer, "PASS secret"));
}

/* Others may list the words of each program's call. */
static void a_password_in_the_url_is_not_seen_by_others(void **state)
{
    char proc[64], words[2000];
    int null = open("/dev/null", O_RDWR | O_CLOEXEC), fd;
    const char *const argv[] = {"popfetch", peer.url, "--keep", NULL};
    pid_t child;
    ssize_t n;

    (void)state;
    peer_says(&peer, "PASS", "");
    child = program_spawn(&program, null, null, null, argv);
    while (!peer_saw(&peer, "PASS"))
        sc_sleep(1);
    snprintf(proc, sizeof proc, "/proc/%d/cmdline", (int)child);
    fd = open(proc, O_RDONLY | O_CLOEXEC);
    n = read(fd, words, sizeof words);
    assert_true(n > 0);
    assert_null(memmem(words, (size_t)n, "secret", 6));
    assert_non_null(memmem(words, (size_t)n, "--keep", 6));
    close(fd);
    close(null);
    kill(child, SIGKILL);
    waitpid(child, NULL, 0);
}

static void the_dialogue_is_shown_without_secrets(void **state)
{
    (void)state;
    assert_int_equal(FETCH("-v", "--maildir", maildir), 0);
    assert_non_null(strstr(program.err.data, "< +OK ready\n"));
    assert_non_null(strstr(program.err.data, "> ***\n"));
    assert_non_null(strstr(program.err.data, "> RETR 2\n"));
    assert_non_null(strstr(program.err.data,
                           "popfetch: 2 messages, 2 fetched, 0 skipped, 2 "
                           "deleted\n"));
    assert_null(strstr(program.err.data, "secret"));
    assert_int_equal(program.out.len, 0);
}

static void each_line_of_several_dialogues_has_its_name(void **state)
{
    char name[80];

    (void)state;
    assert_int_equal(RUN("-v", peer.url, other.url), 0);
    snprintf(name, sizeof name, "\njoe@127.0.0.1:%d > RETR 1\n",
             sc_listener_port(peer.listener));
    assert_non_null(strstr(program.err.data, name));
    snprintf(name, sizeof name,
             "\npopfetch: joe@127.0.0.1:%d: 0 messages, 0 fetched",
             sc_listener_port(other.listener));
    assert_non_null(strstr(program.err.data, name));
    assert_string_equal(program.out.data, both);
}

/* The server's words do nothing to the terminal. */
static void control_characters_are_not_shown(void **state)
{
    (void)state;
    peer_says(&peer, "PASS", "-ERR \x1b[2J red");
    must_fail(FETCH_PLAIN(), 67, "-ERR ?[2J red");
    assert_int_equal(FETCH("-v"), 67);
    assert_null(strchr(program.err.data, '\x1b'));
    peer.caps = "X-\x1b[2J\n";
    peer.greeting = "+OK \x1b[2J";
    must(FETCH("--serverinfo"));
    assert_null(strchr(program.out.data, '\x1b'));
    assert_non_null(strstr(program.out.data, "greeting: +OK ?[2J\n"));
    assert_non_null(strstr(program.out.data, "\n  X-?[2J\n"));
}

static void the_server_tells_of_itself(void **state)
{
    const char *out;

    (void)state;
    peer.caps = "STLS\n";
    peer.caps_inside = "UIDL\nSASL PLAIN\n";
    must(FETCH("--serverinfo", "--cacert", certs.ca));
    out = program.out.data;
    assert_non_null(strstr(out, "address: 127.0.0.1 port "));
    assert_non_null(strstr(out, "\nTLS: TLSv1.3, "));
    assert_non_null(strstr(out, ", verified\n"));
    assert_non_null(strstr(out, "\ngreeting: +OK ready\n"));
    assert_non_null(strstr(out, "\ncapabilities:\n  UIDL\n  SASL PLAIN\n"));
    assert_false(peer_saw(&peer, "AUTH"));
    assert_false(peer_saw(&peer, "USER"));
    assert_true(peer_saw(&peer, "QUIT"));
    peer.caps = NULL;
    must(RUN("--serverinfo", without_password("")));
    assert_non_null(strstr(program.out.data, "TLS: none\n"));
    assert_non_null(strstr(program.out.data, "there is no CAPA\n"));
}

/* --- signals --- */

static pid_t spawn_quiet(const char *const *argv)
{
    int null = open("/dev/null", O_RDWR | O_CLOEXEC);
    pid_t child = program_spawn(&program, null, null, null, argv);

    close(null);
    return child;
}

/* The program's end, while the servers here go on. */
static int end_of(pid_t child)
{
    int status;

    while (waitpid(child, &status, WNOHANG) == 0)
        sc_sleep(1);
    return status;
}

static void an_interrupt_leaves_nothing_half_done(void **state)
{
    const char *const argv[] = {"popfetch", peer.url,   "--maildir", maildir,
                                "--new",    state_file, NULL};
    int status;
    pid_t child;

    (void)state;
    peer_add(&peer, "uid-endless", "It begins\r\n");
    peer.endless = true;
    child = spawn_quiet(argv);
    while (stored("new") < 2)
        sc_sleep(1);
    kill(child, SIGINT);
    status = end_of(child);
    assert_true(WIFSIGNALED(status));
    assert_int_equal(WTERMSIG(status), SIGINT);
    assert_int_equal(stored("new"), 2);
    assert_int_equal(stored("tmp"), 0);
    assert_int_equal(peer_left(&peer), 3);
    peer.endless = false;
    must(FETCH("--maildir", maildir, "--new", state_file));
    assert_int_equal(stored("new"), 3);
    assert_int_equal(peer_left(&peer), 0);
}

static void an_interrupt_ends_the_wait_for_a_server(void **state)
{
    const char *const argv[] = {"popfetch", peer.url, other.url, NULL};
    int status;
    pid_t child;

    (void)state;
    peer_says(&peer, "LIST", "");
    child = spawn_quiet(argv);
    while (!peer_saw(&peer, "LIST"))
        sc_sleep(1);
    kill(child, SIGTERM);
    status = end_of(child);
    assert_true(WIFSIGNALED(status));
    assert_int_equal(WTERMSIG(status), SIGTERM);
}

/* --- at a terminal --- */

static int at_terminal(const char *const *argv, const char *words,
                       const char *what, struct sc_buf *shown)
{
    int fd, status;
    pid_t child = forkpty(&fd, NULL, NULL, NULL);
    char part[256];
    Stream *s;
    ssize_t n;

    if (child < 0)
        skip(); /* no /dev/pts here */
    if (child == 0) {
        dup2(open("/dev/null", O_RDWR), 1);
        execv(path, (char *const *)argv);
        _exit(127);
    }
    s = sc_stream_fd(fd, NULL);
    sc_buf_add(shown, "", 0);
    while ((n = sc_stream_read(s, part, sizeof part, NULL)) > 0) {
        sc_buf_add(shown, part, (size_t)n);
        if (what != NULL && strstr(shown->data, words) != NULL) {
            sc_stream_write(s, what, strlen(what), NULL);
            what = NULL;
        }
    }
    assert_null(what);
    assert_int_equal(waitpid(child, &status, 0), child);
    sc_stream_close(s);
    return status;
}

static void a_password_is_asked_for_and_not_shown(void **state)
{
    struct sc_buf shown = SC_BUF(10000);
    const char *const argv[] = {"popfetch", without_password("amy"), NULL};

    (void)state;
    take_logins();
    assert_int_equal(
        at_terminal(argv, "Password of amy at ", "secret\n", &shown), 0);
    assert_null(strstr(shown.data, "secret"));
    assert_true(peer_saw(&peer, "PASS secret"));
    sc_buf_free(&shown);
}

static void progress_is_shown_to_a_terminal(void **state)
{
    struct sc_buf shown = SC_BUF(10000);
    const char *const argv[] = {"popfetch", peer.url, "--maildir", maildir,
                                NULL};

    (void)state;
    assert_int_equal(at_terminal(argv, "", NULL, &shown), 0);
    assert_non_null(strstr(shown.data, "messages, "));
    assert_null(strchr(shown.data, '\n'));
    sc_buf_free(&shown);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, start, stop)

static const struct CMUnitTest tests[] = {
    TEST(messages_go_to_stdout_and_stay),
    TEST(a_maildir_takes_them_from_the_server),
    TEST(keep_deletes_nothing),
    TEST(an_mbox_gets_them_at_its_end),
    TEST(a_command_gets_each),
    TEST(what_a_command_does_not_take_stays),
    TEST(a_place_that_cannot_be_written_is_23),
    TEST(headers_alone_delete_nothing),
    TEST(larger_ones_are_left),
    TEST(a_size_that_was_a_lie_is_63),
    TEST(only_new_ones_are_fetched),
    TEST(a_state_file_is_of_one_account),
    TEST(messages_of_two_accounts_do_not_mix),
    TEST(accounts_are_fetched_at_once),
    TEST(one_account_may_be_named_twice),
    TEST(one_of_several_that_fails_is_90),
    TEST(the_first_failure_counts_where_all_fail),
    TEST(each_account_has_its_state),
    TEST(more_accounts_than_go_at_once),
    TEST(nobody_there_is_7),
    TEST(refusals_have_their_codes),
    TEST(a_greeting_may_refuse),
    TEST(silence_is_28),
    TEST(half_a_message_goes_nowhere),
    TEST(a_reset_is_56),
    TEST(a_list_of_lies_is_8),
    TEST(a_server_without_uidl_cannot_tell_new_ones),
    TEST(a_broken_pipe_is_23),
    TEST(a_full_disk_is_23),
    TEST(a_closed_stdout_is_23),
    TEST(wrong_use_is_2),
    TEST(a_bad_url_is_3),
    TEST(help_and_version_go_to_stdout),
    TEST(stls_is_used_if_it_is_offered),
    TEST(tls_from_the_first_byte),
    TEST(tls_that_must_be_and_is_not_is_64),
    TEST(an_unknown_authority_is_60),
    TEST(a_password_comes_from_a_file),
    TEST(a_password_comes_from_a_program),
    TEST(a_password_comes_from_netrc),
    TEST(one_password_is_not_shown_to_two_servers),
    TEST(a_password_in_the_url_is_not_seen_by_others),
    TEST(the_dialogue_is_shown_without_secrets),
    TEST(each_line_of_several_dialogues_has_its_name),
    TEST(control_characters_are_not_shown),
    TEST(the_server_tells_of_itself),
    TEST(an_interrupt_leaves_nothing_half_done),
    TEST(an_interrupt_ends_the_wait_for_a_server),
    TEST(a_password_is_asked_for_and_not_shown),
    TEST(progress_is_shown_to_a_terminal),
};

int main(int argc, char **argv)
{
    if (argc < 2 || argv[1][0] == '-') {
        fprintf(stderr, "usage: %s PROGRAMS [-l | -f PATTERN]\n", argv[0]);
        return 2;
    }
    snprintf(path, sizeof path, "%s/popfetch", argv[1]);
    return test_main(__FILE__, tests, sizeof tests / sizeof tests[0], argc - 1,
                     argv + 1, make, unmake);
}
