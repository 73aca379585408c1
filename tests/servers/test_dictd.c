/* test_dictd.c - clients/dict.c against a real dictd with a small database of
 * its own, on a free port, in the foreground; skipped (77) without dictd. */
#include "main.h"

#include "server.h"

int dict_main(int argc, char **argv);
#define main dict_main
#include "../../clients/dict.c"
#undef main

static struct server dictd;
static char where[64];

/* Offsets and lengths of the index are in dictd's base 64, most significant
 * digit first: A is 0, P is 15, N is 13. */
static int make_database(void)
{
    const char *d = dictd.dir;
    char conf[512];

    snprintf(conf, sizeof conf,
             "global {\n listen_to 127.0.0.1\n port %d\n"
             " pid_file \"%s/pid\"\n}\naccess { allow * }\n"
             "database test {\n data \"%s/test.dict\"\n"
             " index \"%s/test.index\"\n}\n",
             dictd.port, d, d, d);
    if (server_write(&dictd, "test.dict",
                     "a small cake.\n"
                     "begins no dot\n"
                     "another cake.\n") < 0 ||
        server_write(&dictd, "test.index",
                     "cake\tA\tO\ncake\tc\tO\ndot\tO\tO\n") < 0)
        return -1;
    return server_write(&dictd, "conf", conf);
}

static int start(void **state)
{
    char conf[128];

    (void)state;
    dictd.port = server_free_port();
    if (server_make_dir(&dictd) < 0 || make_database() < 0)
        return -1;
    snprintf(conf, sizeof conf, "%s/conf", dictd.dir);
    snprintf(where, sizeof where, "127.0.0.1:%d", dictd.port);
    if (server_spawn(&dictd, (const char *const[]){"dictd", "-d", "nodetach",
                                                   "-c", conf, NULL}) < 0)
        return -1;
    return server_wait(&dictd, dictd.port);
}

static int stop(void **state)
{
    (void)state;
    server_end(&dictd, SIGTERM);
    server_remove_dir(&dictd);
    return 0;
}

static int define(const char *word, struct sc_buf *out)
{
    SimpleClient *c = sc_open(&dict_class, where, 0, NULL);
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
    if (!server_installed("dictd"))
        return 77;
    return test_main(__FILE__, tests, sizeof tests / sizeof tests[0], argc,
                     argv, start, stop);
}
