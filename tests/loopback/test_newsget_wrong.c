/* test_newsget_wrong.c - newsget when something is wrong, and who may read: exit
 * codes, wrong use, TLS, logins, secrets, signals, a terminal. */
#include "main.h"

#include <pty.h>
#include <signal.h>
#include <sys/wait.h>

#include "newsget.h"

static const char *file(const char *name)
{
    return scratch_path(&scratch, name);
}

/* --- failures --- */

static void nobody_there_is_7(void **state)
{
    char there[64];
    struct sc_listener *l = sc_listen("127.0.0.1:0", NULL);

    (void)state;
    snprintf(there, sizeof there, "nntp://127.0.0.1:%d/x", sc_listener_port(l));
    sc_listener_close(l);
    must_fail(RUN(there), 7, "127.0.0.1");
    must_fail(RUN(there, "-a", "-c", "3"), 7, "127.0.0.1");
    must_fail(RUN("--serverinfo", there), 7, "127.0.0.1");
}

static void refusals_have_their_codes(void **state)
{
    static const struct {
        const char *command, *reply;
        int overview, articles;
    } all[] = {{"GROUP", "411 no such group", 78, 78},
               {"GROUP", "480 log in", 67, 67},
               {"GROUP", "483 in clear?", 64, 64},
               {"GROUP", "502 not for you", 8, 8},
               {"GROUP", "403 broken", 8, 8},
               {"GROUP", "211 nonsense", 8, 8},
               {"GROUP", "!", 52, 52},
               {"OVER", "503 no overview", 8, 0},
               {"OVER", "224 follows\r\nnonsense\r\n.", 8, 0},
               {"OVER", "!224 follows\r\n1\ta\tb\tc\t<d@e>\t\t1\t1", 18, 0},
               {"ARTICLE", "!220 1 <1@peer>\r\nSubject: x", 0, 18},
               {"ARTICLE", "999 what?", 0, 8},
               {"CAPABILITIES", "!", 52, 52},
               {"MODE READER", "502 no", 0, 0}};

    (void)state;
    for (size_t i = 0; i < sizeof all / sizeof all[0]; i++)
        for (int articles = 0; articles < 2; articles++) {
            int want = articles ? all[i].articles : all[i].overview, code;

            stop(NULL);
            start(NULL);
            peer_says(&news.peer, all[i].command, all[i].reply);
            peer_says(&news.peer, "STARTTLS", "580 not now");
            code = articles ? GET("-a", "--timeout", "5") : GET_PLAIN();
            if (code != want || (program.err.len > 0) != (want > 0))
                fail_msg("%s %s, %d: exit code %d: %s", all[i].command,
                         all[i].reply, articles, code, program.err.data);
        }
}

static void a_greeting_may_refuse(void **state)
{
    (void)state;
    news.peer.greeting = "502 not for you";
    must_fail(GET_PLAIN(), 8, "502 not for you");
    news.peer.greeting = "220 smtp.example ESMTP";
    must_fail(GET_PLAIN(), 8, "220 smtp");
    news.peer.greeting = "!";
    must_fail(GET("--timeout", "5"), 52, "");
}

static void silence_is_28(void **state)
{
    (void)state;
    peer_says(&news.peer, "GROUP", "");
    must_fail(GET("--timeout", "0.1"), 28, "");
    must_fail(GET("--timeout", "0.1", "--dir", file("d")), 28, "");
    assert_int_equal(access(file("d"), F_OK), -1);
}

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

static void a_stdout_that_takes_nothing_is_23(void **state)
{
    const char *const over[] = {"newsget", group_url, NULL};
    const char *const all[] = {"newsget",  group_url,  "-a",
                               "--newsrc", file("rc"), NULL};
    int out[2];

    (void)state;
    for (int i = 0; i < 2; i++) {
        assert_int_equal(pipe2(out, O_CLOEXEC), 0);
        close(out[0]);
        must_fail(run_to(out[1], i == 0 ? over : all), 23,
                  "stdout: Broken pipe");
        must_fail(run_to(open("/dev/full", O_WRONLY | O_CLOEXEC),
                         i == 0 ? over : all),
                  23, "stdout: No space left");
    }
    assert_int_equal(access(file("rc"), F_OK), -1); /* nothing is read */
}

static void a_place_that_cannot_be_written_is_23(void **state)
{
    (void)state;
    must_fail(GET("--dir", "/proc/nowhere"), 23, "/proc/nowhere");
    must_fail(GET("--dir", "/proc"), 23, "/proc");
    must_fail(GET("--mbox", "/nonexistent/mbox", "--newsrc", file("rc")), 23,
              "/nonexistent/mbox");
    assert_int_equal(access(file("rc"), F_OK), -1);
}

/* --- wrong use --- */

static void wrong_use_is_2(void **state)
{
    (void)state;
    must_fail(RUN("-a"), 2, "no URL");
    must_fail(RUN(group_url, group_url), 2, "one URL");
    must_fail(GET("--colour"), 2, "--colour: no such option");
    must_fail(GET("--mbox"), 2, "--mbox: the value is missing");
    must_fail(GET("--mbox", "a", "--dir", "b"), 2, "--mbox");
    must_fail(GET("--mbox", "a", "--yenc"), 2, "--yenc");
    must_fail(GET("--list", "-a"), 2, "--list");
    must_fail(GET("--post", "-a"), 2, "--post");
    must_fail(GET("--post", "--list"), 2, "--post");
    must_fail(RUN("--list", "*", group_url), 2, "wildmat");
    must_fail(GET("--since", "yesterday"), 2, "yesterday");
    must_fail(GET("--since", "3y"), 2, "3y");
    must_fail(GET("--since", "99999999999999999999d"), 2, "999");
    must_fail(GET("--connections", "0"), 2, "0");
    must_fail(GET("--connections", "101"), 2, "101");
    must_fail(GET("--connections", "4x"), 2, "4x");
    must_fail(RUN("nntps://c/x", "--tls", "never"), 2, "--tls never");
    assert_int_equal(news.peer.connections, 0);
}

static void a_bad_url_is_3(void **state)
{
    static const char *const tails[] = {"misc.test/0",
                                        "misc.test/x",
                                        "misc.test/3-2",
                                        "misc.test/1-x",
                                        "misc.test/1/2",
                                        "misc.test?x",
                                        "misc%20test",
                                        "misc.test/1-2-3",
                                        "misc%0d%0aQUIT",
                                        "misc.test/-5",
                                        "a%3a",
                                        "misc.test#1",
                                        "",
                                        "misc.test/18446744073709551617"};

    (void)state;
    for (size_t i = 0; i < sizeof tails / sizeof tails[0]; i++) {
        must_fail(RUN(url("", tails[i])), 3, "");
        must_fail(RUN(url("", tails[i]), "-a"), 3, "");
    }
    must_fail(RUN("http://127.0.0.1:1/x"), 3, "not a URL of NNTP");
    must_fail(RUN("nntp://a b/x"), 3, "");
    must_fail(RUN("nntp://a:99999999/x"), 3, "");
    assert_int_equal(news.peer.connections, 0);
}

static void help_and_version_go_to_stdout(void **state)
{
    (void)state;
    must(RUN("--help"));
    assert_non_null(strstr(program.out.data, "--passwordeval"));
    must(RUN("--version"));
    assert_memory_equal(program.out.data, "newsget ", 8);
}

/* --- TLS --- */

static void starttls_is_used_if_it_is_offered(void **state)
{
    (void)state;
    news.peer.caps = "VERSION 2\nREADER\nOVER\nSTARTTLS\n";
    must(GET("--cacert", certs.ca));
    assert_true(saw("STARTTLS\n"));
    must_fail(GET("--cacert", certs.other_ca), 60, "");
    must(GET("--cacert", certs.other_ca, "--insecure"));
    must(GET("--tls", "never"));
}

static void tls_from_the_first_byte(void **state)
{
    char tls_url[220];

    (void)state;
    news.peer.implicit = true;
    must(GET("--tls", "implicit", "--cacert", certs.ca));
    snprintf(tls_url, sizeof tls_url, "nntps%s", group_url + 4);
    must(RUN(tls_url, "--cacert", certs.ca));
}

static void tls_that_must_be_and_is_not_is_64(void **state)
{
    (void)state;
    must_fail(GET("--tls", "must"), 64, "TLS");
    news.peer.caps = "VERSION 2\nREADER\nOVER\nSTARTTLS\n";
    peer_says(&news.peer, "STARTTLS", "580 not now");
    must_fail(GET("--starttls"), 64, "580 not now");
    assert_false(saw("GROUP"));
}

/* --- logins --- */

static void a_login_is_asked_for_by_the_server(void **state)
{
    (void)state;
    news.peer.needs_login = true;
    must_fail(GET_PLAIN(), 67, "480");
    must(RUN(url("joe:secret@", "misc.test")));
    assert_true(saw("AUTHINFO PASS secret\n"));
    must_fail(RUN(url("joe:wrong@", "misc.test")), 67, "481");
    must_fail(RUN(url("joe:wrong@", "misc.test"), "-a", "-c", "3"), 67, "481");
}

static void a_password_comes_from_a_file(void **state)
{
    (void)state;
    news.peer.needs_login = true;
    scratch_write(file("p"), "secret\nmore\n");
    must(GET("-u", "joe", "--password-file", file("p")));
    program.in = sc_span_of("secret\n");
    must(RUN(url("joe@", "misc.test"), "--password-file", "-"));
    must_fail(GET("-u", "joe", "--password-file", "/none"), 26, "/none");
    must_fail(GET("--password-file", file("p")), 2, "no user");
    must(GET("-u", "joe", "--passwordeval", "echo secret"));
    must_fail(GET("-u", "joe", "--passwordeval", "exit 3"), 26, "failed");
    must_fail(GET("-u", "joe", "--passwordeval", "echo x"), 67, "481");
}

static void a_password_comes_from_netrc(void **state)
{
    (void)state;
    news.peer.needs_login = true;
    scratch_write(file("rc"), "machine 127.0.0.1 login joe password secret\n");
    chmod(file("rc"), 0600);
    must(GET("--netrc-file", file("rc")));
    setenv("NETRC", file("rc"), 1);
    must(GET("--netrc"));
    unsetenv("NETRC");
}

/* Others may list the words of each program's call. */
static void passwords_in_urls_are_not_seen_by_others(void **state)
{
    char proc[64], words[2000];
    int null = open("/dev/null", O_RDWR | O_CLOEXEC), fd;
    const char *const argv[] = {"newsget",    url("joe:secret@", "misc.test"),
                                "--backup",   "nntp://joe:secret@127.0.0.1:1/",
                                "--articles", NULL};
    pid_t child;
    ssize_t n;

    (void)state;
    peer_says(&news.peer, "GROUP", "");
    child = program_spawn(&program, null, null, null, argv);
    while (!saw("GROUP"))
        sc_sleep(1);
    snprintf(proc, sizeof proc, "/proc/%d/cmdline", (int)child);
    fd = open(proc, O_RDONLY | O_CLOEXEC);
    n = read(fd, words, sizeof words);
    assert_true(n > 0);
    assert_null(memmem(words, (size_t)n, "secret", 6));
    assert_non_null(memmem(words, (size_t)n, "--articles", 10));
    close(fd);
    close(null);
    kill(child, SIGKILL);
    waitpid(child, NULL, 0);
}

static void the_dialogue_is_shown_without_secrets(void **state)
{
    (void)state;
    news.peer.needs_login = true;
    assert_int_equal(RUN("-v", "-a", url("joe:secret@", "misc.test")), 0);
    assert_non_null(strstr(program.err.data, "< 200 news\n"));
    assert_non_null(strstr(program.err.data, "> ***\n"));
    assert_non_null(strstr(program.err.data, "> ARTICLE 2\n"));
    assert_non_null(
        strstr(program.err.data, "newsget: 3 articles, 0 missing\n"));
    assert_null(strstr(program.err.data, "secret"));
}

static void the_server_tells_of_itself(void **state)
{
    const char *out;

    (void)state;
    news.peer.caps = "VERSION 2\nSTARTTLS\n";
    news.peer.caps_inside = "VERSION 2\nREADER\nX-\x1b[2J\n";
    news.peer.greeting = "201 \x1b[2J";
    must(RUN("--serverinfo", "--cacert", certs.ca, url("joe:secret@", "")));
    out = program.out.data;
    assert_non_null(strstr(out, "address: 127.0.0.1 port "));
    assert_non_null(strstr(out, "\nTLS: TLSv1.3, "));
    assert_non_null(strstr(out, "\ngreeting: 201 ?[2J\n"));
    assert_non_null(strstr(out, "\nposting: no\n"));
    assert_non_null(
        strstr(out, "\ncapabilities:\n  VERSION 2\n  READER\n  X-?[2J\n"));
    assert_null(strchr(out, '\x1b'));
    assert_false(saw("AUTHINFO"));
    assert_true(saw("QUIT"));
}

/* --- signals --- */

static int end_of(pid_t child)
{
    int status;

    while (waitpid(child, &status, WNOHANG) == 0)
        sc_sleep(1);
    return status;
}

static int everything(const char *folder)
{
    struct dirent *e;
    DIR *d = opendir(folder);
    int n = -2;

    assert_non_null(d);
    while ((e = readdir(d)) != NULL)
        n++;
    closedir(d);
    return n;
}

static void an_interrupt_leaves_nothing_half_done(void **state)
{
    char d[200], rc[200];
    const char *const argv[] = {"newsget",  group_url, "--dir", d,
                                "--newsrc", rc,        NULL};
    int null = open("/dev/null", O_RDWR | O_CLOEXEC), status;
    pid_t child;

    (void)state;
    snprintf(d, sizeof d, "%s/d", scratch.dir);
    snprintf(rc, sizeof rc, "%s/rc", scratch.dir);
    news.dies_at = 3;
    news.dies = 1;
    news.peer.cut = PEER_SILENCE;
    child = program_spawn(&program, null, null, null, argv);
    while (access(file("d/2"), F_OK) < 0 || everything(d) < 3)
        sc_sleep(1);
    kill(child, SIGINT);
    status = end_of(child);
    assert_true(WIFSIGNALED(status));
    assert_int_equal(WTERMSIG(status), SIGINT);
    assert_int_equal(everything(d), 2);
    assert_file(rc, "misc.test: 1-2\n");
    close(null);
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
    const char *const argv[] = {"newsget", url("joe@", "misc.test"), NULL};

    (void)state;
    news.peer.needs_login = true;
    assert_int_equal(
        at_terminal(argv, "Password of joe at ", "secret\n", &shown), 0);
    assert_null(strstr(shown.data, "secret"));
    assert_true(saw("PASS secret"));
    sc_buf_free(&shown);
}

static void progress_is_shown_to_a_terminal(void **state)
{
    struct sc_buf shown = SC_BUF(10000);
    const char *const argv[] = {"newsget", group_url, "-a", NULL};

    (void)state;
    assert_int_equal(at_terminal(argv, "", NULL, &shown), 0);
    assert_non_null(strstr(shown.data, " articles"));
    assert_null(strchr(shown.data, '\n'));
    sc_buf_free(&shown);
}

static const struct CMUnitTest tests[] = {
    TEST(nobody_there_is_7),
    TEST(refusals_have_their_codes),
    TEST(a_greeting_may_refuse),
    TEST(silence_is_28),
    TEST(a_stdout_that_takes_nothing_is_23),
    TEST(a_place_that_cannot_be_written_is_23),
    TEST(wrong_use_is_2),
    TEST(a_bad_url_is_3),
    TEST(help_and_version_go_to_stdout),
    TEST(starttls_is_used_if_it_is_offered),
    TEST(tls_from_the_first_byte),
    TEST(tls_that_must_be_and_is_not_is_64),
    TEST(a_login_is_asked_for_by_the_server),
    TEST(a_password_comes_from_a_file),
    TEST(a_password_comes_from_netrc),
    TEST(passwords_in_urls_are_not_seen_by_others),
    TEST(the_dialogue_is_shown_without_secrets),
    TEST(the_server_tells_of_itself),
    TEST(an_interrupt_leaves_nothing_half_done),
    TEST(a_password_is_asked_for_and_not_shown),
    TEST(progress_is_shown_to_a_terminal),
};

int main(int argc, char **argv)
{
    return newsget_main(__FILE__, tests, sizeof tests / sizeof tests[0], argc,
                        argv);
}
