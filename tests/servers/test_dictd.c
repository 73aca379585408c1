/* test_dictd.c - clients/dict.c against a real dictd with a small database of
 * its own, on a free port, in the foreground; skipped (77) without dictd. */
#include "main.h"

#include <netinet/in.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <simpleclient/task.h>

int dict_main(int argc, char **argv);
#define main dict_main
#include "../../clients/dict.c"
#undef main

#define DICTD "/usr/sbin/dictd"

static char dir[] = "/tmp/sc-dictd-XXXXXX";
static char server[64];
static pid_t pid;

static void path_of(char *to, size_t size, const char *name)
{
    snprintf(to, size, "%s/%s", dir, name);
}

static int write_file(const char *name, const char *text)
{
    char path[128];
    FILE *f;

    path_of(path, sizeof path, name);
    if ((f = fopen(path, "w")) == NULL)
        return -1;
    fputs(text, f);
    return fclose(f);
}

static int free_port(void)
{
    struct sockaddr_in a = {.sin_family = AF_INET,
                            .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t size = sizeof a;
    int fd = socket(AF_INET, SOCK_STREAM, 0);

    if (bind(fd, (struct sockaddr *)&a, size) < 0 ||
        getsockname(fd, (struct sockaddr *)&a, &size) < 0)
        a.sin_port = 0;
    close(fd);
    return ntohs(a.sin_port);
}

/* Offsets and lengths of the index are in dictd's base 64, most significant
 * digit first: A is 0, P is 15, N is 13. */
static int make_database(int port)
{
    char conf[512];

    snprintf(conf, sizeof conf,
             "global {\n listen_to 127.0.0.1\n port %d\n"
             " pid_file \"%s/pid\"\n}\naccess { allow * }\n"
             "database test {\n data \"%s/test.dict\"\n"
             " index \"%s/test.index\"\n}\n",
             port, dir, dir, dir);
    if (write_file("test.dict", "a small cake.\n"
                                "begins no dot\n"
                                "another cake.\n") < 0 ||
        write_file("test.index", "cake\tA\tO\ncake\tc\tO\ndot\tO\tO\n") < 0)
        return -1;
    return write_file("conf", conf);
}

static int wait_for_it(void)
{
    for (int i = 0; i < 100; i++) {
        SimpleClient *c = sc_open(&dict_class, server, 0, NULL);
        int rc = sc_close(c);

        if (rc >= 0)
            return 0;
        usleep(50000);
        if (waitpid(pid, NULL, WNOHANG) == pid)
            return -1;
    }
    return -1;
}

static int start(void **state)
{
    char conf[128];
    int port = free_port();

    (void)state;
    if (mkdtemp(dir) == NULL || chmod(dir, 0777) < 0 || port == 0 ||
        make_database(port) < 0)
        return -1;
    path_of(conf, sizeof conf, "conf");
    snprintf(server, sizeof server, "127.0.0.1:%d", port);
    if ((pid = fork()) == 0) {
        if (freopen("/dev/null", "w", stdout) != NULL &&
            freopen("/dev/null", "w", stderr) != NULL)
            execl(DICTD, "dictd", "-d", "nodetach", "-c", conf, (char *)NULL);
        _exit(127);
    }
    return pid > 0 ? wait_for_it() : -1;
}

static int stop(void **state)
{
    static const char *const names[] = {"conf", "pid", "test.dict",
                                        "test.index"};
    char path[128];

    (void)state;
    if (pid > 0) {
        kill(pid, SIGTERM);
        waitpid(pid, NULL, 0);
    }
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        path_of(path, sizeof path, names[i]);
        unlink(path);
    }
    rmdir(dir);
    return 0;
}

static int define(const char *word, struct sc_buf *out)
{
    SimpleClient *c = sc_open(&dict_class, server, 0, NULL);
    int found = dict_define(c, word, out), rc;

    if (found < 0)
        print_message("%s\n", sc_last_error(c)->text);
    rc = sc_close(c);
    return found < 0 ? found : rc < 0 ? rc : found;
}

static void dictd_defines_a_word_twice(void **state)
{
    struct sc_buf out = SC_BUF(10000);

    (void)state;
    assert_int_equal(define("cake", &out), 2);
    assert_non_null(strstr(out.data, "a small cake."));
    assert_non_null(strstr(out.data, "another cake."));
    sc_buf_free(&out);
}

static void dictd_knows_no_such_word(void **state)
{
    struct sc_buf out = SC_BUF(10000);

    (void)state;
    assert_int_equal(define("xyzzy", &out), 0);
    sc_buf_free(&out);
}

static void ask(void *arg)
{
    struct sc_buf out = SC_BUF(10000);

    *(int *)arg = define("cake", &out);
    sc_buf_free(&out);
}

static void twenty_tasks_ask_dictd_at_once(void **state)
{
    struct sc_group *g = sc_group_new(NULL, 0);
    int found[20];

    (void)state;
    for (int i = 0; i < 20; i++)
        sc_group_go(g, ask, &found[i]);
    assert_int_equal(sc_group_wait(g), 0);
    for (int i = 0; i < 20; i++)
        assert_int_equal(found[i], 2);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(dictd_defines_a_word_twice),
    cmocka_unit_test(dictd_knows_no_such_word),
    cmocka_unit_test(twenty_tasks_ask_dictd_at_once),
};

int main(int argc, char **argv)
{
    if (access(DICTD, X_OK) != 0)
        return 77;
    return test_main(__FILE__, tests, sizeof tests / sizeof tests[0], argc,
                     argv, start, stop);
}
