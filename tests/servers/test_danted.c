/* test_danted.c - through a real SOCKS server, Dante: versions 4, 4a and 5, by
 * name and by address, refusals; and logins, by a list of users that only this
 * one danted sees (a mount of its own: as root, where that is allowed). Skipped
 * (77) without danted. */
#include "main.h"

#include "behind.h"

static struct server plain, closed;
static struct behind hello, blocked;
static bool logins;

static int write_conf(struct server *s, const char *method)
{
    char conf[1024];

    s->port = server_free_port();
    snprintf(conf, sizeof conf,
             "logoutput: stderr\n"
             "internal: 127.0.0.1 port = %d\nexternal: 127.0.0.1\n"
             "socksmethod: %s\nclientmethod: none\n%s"
             "client pass { from: 127.0.0.0/8 to: 0.0.0.0/0 }\n"
             "socks block { from: 127.0.0.0/8 to: 127.0.0.0/8 port = %d }\n"
             "socks pass { from: 127.0.0.0/8 to: 127.0.0.0/8 }\n",
             s->port, method,
             geteuid() == 0 ? "user.privileged: root\n"
                              "user.unprivileged: nobody\n"
                            : "",
             blocked.port);
    return server_write(s, "conf", conf);
}

static int start_plain(void)
{
    const char *argv[] = {"danted", "-f", NULL, NULL};

    if (server_make_dir(&plain) < 0 || write_conf(&plain, "none") < 0)
        return -1;
    argv[2] = server_path(&plain, "conf");
    return server_spawn(&plain, argv) < 0 ? -1
                                          : server_wait(&plain, plain.port);
}

/* "secret" by crypt(3), SHA-512 with the salt "salt". */
static const char users[] =
    "cp /etc/passwd passwd && cp /etc/shadow shadow && chmod 600 shadow &&\n"
    "echo 'scamy:x:65100:65534::/nonexistent:/bin/false' >>passwd &&\n"
    "echo 'scamy:$6$salt$"
    "egUxKNxDs8kPfh8iPMNcosMhb2eWah6d3R44JDm5Rj/j/"
    "XWR5E33QPd0YmHXoDHOIDR6kL5D3JcQcz0O8FHE00"
    ":19000:0:99999:7:::' >>shadow &&\n"
    "mount --bind passwd /etc/passwd && mount --bind shadow /etc/shadow &&\n"
    "exec danted -f conf\n";

static int start_with_users(void)
{
    char script[1024];
    const char *argv[] = {"unshare", "--mount", "sh", NULL, NULL};

    if (server_make_dir(&closed) < 0 || write_conf(&closed, "username") < 0)
        return -1;
    snprintf(script, sizeof script, "cd %s && %s", closed.dir, users);
    argv[3] = server_path(&closed, "script");
    if (server_write(&closed, "script", script) < 0 ||
        server_spawn(&closed, argv) < 0)
        return -1;
    return server_wait(&closed, closed.port);
}

static int start(void **state)
{
    (void)state;
    if (behind_begin(&hello) < 0 || behind_begin(&blocked) < 0 ||
        start_plain() < 0)
        return -1;
    logins = geteuid() == 0 && server_installed("unshare") &&
             start_with_users() == 0;
    return 0;
}

static int stop(void **state)
{
    (void)state;
    server_end(&plain, SIGTERM);
    server_end(&closed, SIGTERM);
    server_remove_dir(&plain);
    server_remove_dir(&closed);
    behind_end(&hello);
    behind_end(&blocked);
    return 0;
}

static const char *url_of(const struct server *s, const char *before)
{
    static char url[96];

    snprintf(url, sizeof url, "%s127.0.0.1:%d", before, s->port);
    return url;
}

/* Names by SOCKS4a it refuses, curl's too: test_proxy_socks.c has those. */
static void every_version_reaches_the_server(void **state)
{
    static const char *const kinds[] = {"socks4a://", "socks4://", "socks5://",
                                        "socks5h://"};

    (void)state;
    for (size_t i = 0; i < 4; i++) {
        reaches("127.0.0.1", hello.port, url_of(&plain, kinds[i]));
        if (i > 0)
            reaches("localhost", hello.port, url_of(&plain, kinds[i]));
    }
}

static void what_its_rules_forbid_is_refused(void **state)
{
    (void)state;
    fails("127.0.0.1", blocked.port, url_of(&plain, "socks5://"),
          "SOCKS5 failed: not allowed by its rules");
    fails("127.0.0.1", blocked.port, url_of(&plain, "socks4://"),
          "SOCKS4 failed: refused or failed");
}

static void a_server_that_is_not_there_is_told(void **state)
{
    int nobody = server_free_port();

    (void)state;
    fails("127.0.0.1", nobody, url_of(&plain, "socks5h://"),
          "SOCKS5 failed: connection refused");
    fails("127.0.0.1", nobody, url_of(&plain, "socks4a://"),
          "SOCKS4 failed: refused or failed");
}

static void a_password_is_asked_for(void **state)
{
    (void)state;
    if (!logins)
        skip();
    reaches("127.0.0.1", hello.port, url_of(&closed, "socks5://scamy:secret@"));
    fails("127.0.0.1", hello.port, url_of(&closed, "socks5://scamy:wrong@"),
          "SOCKS5 refused the login");
    fails("127.0.0.1", hello.port, url_of(&closed, "socks5://"),
          "SOCKS5 wants a login");
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(every_version_reaches_the_server),
    cmocka_unit_test(what_its_rules_forbid_is_refused),
    cmocka_unit_test(a_server_that_is_not_there_is_told),
    cmocka_unit_test(a_password_is_asked_for),
};

int main(int argc, char **argv)
{
    if (!server_installed("danted"))
        return 77;
    return test_main(__FILE__, tests, sizeof tests / sizeof tests[0], argc,
                     argv, start, stop);
}
