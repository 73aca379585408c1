/* test_pure_login.c - logins at Pure-FTPd by name and password, in clear and in
 * TLS. Skipped (77) where it was not unpacked, or we are not root. */
#include "main.h"

#include <simpleclient/url.h>

#include "../certs.h"
#include "ftp.h"

static struct server server;
static struct certs certs;

/* joe's home is pub; his password has a space. */
static int start(void **state)
{
    const char *argv[] = {PURE_WITH, "pure-ftpd", "-S", NULL, "-E", "-H",
                          "-4",      "-u",        "1",  "-l", NULL, "-Y",
                          "1",       "-2",        NULL, NULL};
    char command[1000], where[40], users[200];
    const char *dir;

    (void)state;
    if (certs_make(&certs) < 0 || ftp_files_of(&server) < 0 ||
        (server.port = server_free_port()) == 0)
        return -1;
    dir = server.dir;
    snprintf(command, sizeof command,
             "chown -R ftp %s/pub && printf 'se cret\\nse cret\\n' | "
             "%s pure-pw useradd joe -f %s/passwd -F %s/users -m -u ftp "
             "-g nogroup -d %s/pub >/dev/null",
             dir, PURE_WITH, dir, dir, dir);
    if (system(command) != 0)
        return -1;
    snprintf(where, sizeof where, "127.0.0.1,%d", server.port);
    snprintf(users, sizeof users, "puredb:%s/users", dir);
    argv[3] = where;
    argv[10] = users;
    argv[14] = certs.good;
    return server_spawn(&server, argv) < 0 ? -1
                                           : server_wait(&server, server.port);
}

static int stop(void **state)
{
    (void)state;
    ftp_stop(&server);
    certs_remove(&certs);
    return 0;
}

static int get(const char *login, int starttls, struct url_reply *r)
{
    struct sc_options o = {
        .starttls = starttls, .wait_ms = 30000, .tls.ca_file = certs.ca};
    struct url_options how = {.options = &o};
    char url[200];

    snprintf(url, sizeof url, "ftp://%s@localhost:%d/hello.txt", login,
             server.port);
    return url_get(url, &how, r);
}

/* Its hash of a password is made to be slow: seconds for each login. */
static void a_name_and_a_password_log_in(void **state)
{
    struct url_reply r = {0};

    (void)state;
    for (int policy = SC_STARTTLS_MUST; policy <= SC_STARTTLS_NEVER; policy++) {
        if (get("joe:se%20cret", policy, &r) < 0)
            fail_msg("%d: %s", policy, r.error.text);
        assert_string_equal(r.body.data, "hello\r\n");
    }
    url_reply_free(&r);
}

int main(int argc, char **argv)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_name_and_a_password_log_in),
    };
    bool list = argc > 1 && strcmp(argv[1], "-l") == 0;

    if (!list && !pure_installed()) {
        puts("no Pure-FTPd (tests/run.sh --servers unpacks it)");
        return 77;
    }
    return test_main(__FILE__, tests, sizeof tests / sizeof *tests, argc, argv,
                     start, stop);
}
