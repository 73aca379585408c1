/* test_dovecot_popfetch.c - popfetch as a program (the argument is the folder
 * that it is in) with a real Dovecot: two mailboxes, TLS, logins, what is new.
 * Skipped (77) without Dovecot. */
#include "main.h"

#include "../loopback/program.h"
#include "dovecot.h"

static char path[512];
static struct program program = {.path = path};
static struct certs certs;
static struct dovecot dovecot;

static const char text[] = "Subject: greetings\n\n.Hello.\n.\n..\n";
static const char wire[] = "Subject: greetings\r\n\r\n.Hello.\r\n.\r\n..\r\n";

/* --- the fixture --- */

static int start(void **state)
{
    (void)state;
    return certs_make(&certs) < 0 ? -1 : dovecot_start(&dovecot, &certs);
}

static int stop(void **state)
{
    (void)state;
    program_free(&program);
    dovecot_stop(&dovecot);
    certs_remove(&certs);
    return 0;
}

/* A Maildir that others may change: Dovecot is nobody. */
static void make_mailbox(const char *user)
{
    static const char *const folders[] = {"", "/new", "/cur", "/tmp"};
    char name[80];

    for (int i = 0; i < 4; i++) {
        snprintf(name, sizeof name, "mail/%s%s", user, folders[i]);
        if (access(server_path(&dovecot.at, name), F_OK) < 0)
            assert_int_equal(server_mkdir(&dovecot.at, name), 0);
    }
}

static void put(const char *user, int n)
{
    static int number;
    char name[80];

    for (int i = 0; i < n; i++) {
        number++;
        snprintf(name, sizeof name, "mail/%s/new/17%08d.M%d.here", user, number,
                 number);
        assert_int_equal(server_write(&dovecot.at, name, text), 0);
    }
}

/* A session that is over for us may still write its index. */
static int remove_mailbox(const char *user)
{
    char command[300];
    int rc = -1;

    snprintf(command, sizeof command, "rm -rf %s/mail/%s 2>&1", dovecot.at.dir,
             user);
    for (int i = 0; i < 100 && (rc = system(command)) != 0; i++)
        usleep(50000);
    return rc;
}

/* Two messages for joe, one for amy, nothing anywhere else. */
static int fill(void **state)
{
    static const char *const users[] = {"joe", "amy"};
    char name[300];

    (void)state;
    for (int i = 0; i < 2; i++) {
        if (remove_mailbox(users[i]) != 0)
            return -1;
        make_mailbox(users[i]);
        put(users[i], 2 - i);
    }
    snprintf(name, sizeof name, "rm -rf %s/mail/got %s/state.*", dovecot.at.dir,
             dovecot.at.dir);
    return system(name);
}

/* --- the program --- */

static const char *url(enum dovecot_port port, const char *login)
{
    static char text_of[4][128];
    static int next;

    next = (next + 1) % 4;
    snprintf(text_of[next], sizeof text_of[next], "%s://%s@localhost:%d/",
             port == POP3S ? "pop3s" : "pop3", login, dovecot.port[port]);
    return text_of[next];
}

#define JOE url(POP3, "joe:secret")
#define AMY url(POP3S, "amy:pass%20%22word%22%20of%20amy")

#define FETCH(...)                                                             \
    program_run(&program, (const char *const[]){"popfetch", "--cacert",        \
                                                certs.ca, __VA_ARGS__, NULL})

static void must(int code)
{
    if (code != 0 || program.err.len > 0)
        fail_msg("exit code %d: %s", code, program.err.data);
}

static void must_fail(int code, int want, const char *words)
{
    if (code != want || strstr(program.err.data, words) == NULL)
        fail_msg("exit code %d, not %d with \"%s\": %s", code, want, words,
                 program.err.data);
}

/* So many messages are on stdout, byte for byte. */
static void assert_out(size_t n)
{
    assert_int_equal(program.out.len, n * (sizeof wire - 1));
    for (size_t i = 0; i < n; i++)
        assert_memory_equal(program.out.data + i * (sizeof wire - 1), wire,
                            sizeof wire - 1);
}

static size_t got(void)
{
    struct maildir_name name[10];

    return maildir_list(&dovecot.at, "got", name, 10);
}

/* --- tests --- */

static void messages_come_byte_for_byte_and_stay(void **state)
{
    (void)state;
    must(FETCH(JOE));
    assert_out(2);
    must(FETCH(JOE, AMY));
    assert_out(3);
}

static void two_mailboxes_go_into_one_maildir(void **state)
{
    const char *dir = server_path(&dovecot.at, "mail/got");
    struct sc_buf one;

    (void)state;
    must(FETCH("--maildir", dir, JOE, AMY));
    assert_int_equal(got(), 3);
    one = maildir_take(&dovecot.at, "got");
    assert_string_equal(one.data, text);
    sc_buf_free(&one);
    must(FETCH(JOE, AMY));
    assert_out(0);
}

static void new_ones_are_told_from_old_ones(void **state)
{
    char joe[200], amy[200];

    (void)state;
    snprintf(joe, sizeof joe, "%s/state.joe", dovecot.at.dir);
    snprintf(amy, sizeof amy, "%s/state.amy", dovecot.at.dir);
    must(FETCH("--new", joe, "--new", amy, JOE, AMY));
    assert_out(3);
    put("amy", 1);
    must(FETCH("--new", joe, "--new", amy, JOE, AMY));
    assert_out(1);
    must(FETCH("--new", joe, "--exec", "exit 1", JOE)); /* none is new */
    must(FETCH(JOE));
    assert_out(0); /* but all are stored, and so they went */
}

static void headers_alone_are_fetched(void **state)
{
    (void)state;
    must(FETCH("--headers", JOE));
    assert_string_equal(program.out.data, "Subject: greetings\r\n\r\n"
                                          "Subject: greetings\r\n\r\n");
}

static void each_login_works(void **state)
{
    static const char *const all[] = {"PLAIN",       "LOGIN", "CRAM-MD5",
                                      "SCRAM-SHA-1", "USER",  "SCRAM-SHA-256"};
    struct sc_buf token = dovecot_token("joe", 600);

    (void)state;
    for (size_t i = 0; i < sizeof all / sizeof all[0]; i++) {
        must(FETCH("--auth", all[i], "--starttls", JOE));
        assert_out(2);
    }
    must(FETCH("--auth", "APOP", "--tls", "never", JOE));
    server_write(&dovecot.at, "token", token.data);
    must(FETCH("--bearer", "--password-file", server_path(&dovecot.at, "token"),
               url(POP3, "joe")));
    assert_out(2);
    must(FETCH("--passwordeval", "echo secret", url(POP3, "joe")));
    assert_out(2);
    sc_buf_free(&token);
}

static void a_wrong_password_is_67(void **state)
{
    (void)state;
    must_fail(FETCH(url(POP3, "joe:wrong")), 67, "[AUTH]");
    must_fail(FETCH(url(POP3, "joe:wrong"), AMY), 90, "joe@localhost:");
    assert_out(1);
}

static void the_server_shows_what_it_has(void **state)
{
    (void)state;
    must(FETCH("--serverinfo", url(POP3, "joe")));
    assert_non_null(strstr(program.out.data, "TLS: TLSv1.3"));
    assert_non_null(strstr(program.out.data, "greeting: +OK"));
    assert_non_null(strstr(program.out.data, "\n  PIPELINING\n"));
    assert_non_null(strstr(program.out.data, "\n  SASL PLAIN LOGIN"));
    must_fail(
        program_run(&program, (const char *const[]){"popfetch", "--serverinfo",
                                                    url(POP3S, "joe"), NULL}),
        60, "certificate");
}

#define TEST(name) cmocka_unit_test_setup(name, fill)

static const struct CMUnitTest tests[] = {
    TEST(messages_come_byte_for_byte_and_stay),
    TEST(two_mailboxes_go_into_one_maildir),
    TEST(new_ones_are_told_from_old_ones),
    TEST(headers_alone_are_fetched),
    TEST(each_login_works),
    TEST(a_wrong_password_is_67),
    TEST(the_server_shows_what_it_has),
};

int main(int argc, char **argv)
{
    if (argc < 2 || argv[1][0] == '-') {
        fprintf(stderr, "usage: %s PROGRAMS [-l | -f PATTERN]\n", argv[0]);
        return 2;
    }
    snprintf(path, sizeof path, "%s/popfetch", argv[1]);
    if (argc == 2 && !dovecot_installed()) {
        puts("no Dovecot with LMTP and POP3");
        return 77;
    }
    return test_main(__FILE__, tests, sizeof tests / sizeof tests[0], argc - 1,
                     argv + 1, start, stop);
}
