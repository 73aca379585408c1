/* test_gophernicus.c - Gopher with Gophernicus, a real server, run as inetd would.
 * Skipped (77) where it is not installed. */
#include "main.h"

#include <grp.h>
#include <pwd.h>

#include <simpleclient/gopher.h>
#include <simpleclient/url.h>

#include "server.h"

static struct server server;
static struct url_reply r;

/* It runs for nobody but nobody. */
static void give_up_root(void)
{
    const struct passwd *nobody = getpwnam("nobody");

    if (getuid() != 0)
        return;
    if (nobody == NULL || setgroups(0, NULL) < 0 ||
        setgid(nobody->pw_gid) < 0 || setuid(nobody->pw_uid) < 0)
        _exit(126);
}

static void serve(int door)
{
    char port[12], root[80];
    int fd;

    prctl(PR_SET_PDEATHSIG, SIGTERM);
    signal(SIGCHLD, SIG_IGN);
    snprintf(port, sizeof port, "%d", server.port);
    snprintf(root, sizeof root, "%s/pub", server.dir);
    while ((fd = accept(door, NULL, NULL)) >= 0) {
        if (fork() == 0) {
            dup2(fd, 0);
            dup2(fd, 1);
            give_up_root();
            execlp("gophernicus", "gophernicus", "-h", "localhost", "-p", port,
                   "-r", root, "-nr", "-nu", "-nt", (char *)NULL);
            _exit(127);
        }
        close(fd);
    }
    _exit(1);
}

static int make_files(void)
{
    if (server_make_dir(&server) < 0 || server_mkdir(&server, "pub") < 0 ||
        server_mkdir(&server, "pub/sub") < 0 ||
        server_write(&server, "pub/hello.txt", "hello\n.dot\n..\nend\n") < 0 ||
        server_write_n(&server, "pub/a.gif", "GIF89a\0.\r\n", 10) < 0)
        return -1;
    return chmod(server_path(&server, "pub"), 0755) < 0 ||
                   chmod(server_path(&server, "pub/sub"), 0755) < 0
               ? -1
               : 0;
}

static int start(void **state)
{
    struct sockaddr_in a = {.sin_family = AF_INET,
                            .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t size = sizeof a;
    int door = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

    (void)state;
    if (make_files() < 0 || bind(door, (struct sockaddr *)&a, size) < 0 ||
        listen(door, 20) < 0 ||
        getsockname(door, (struct sockaddr *)&a, &size) < 0)
        return -1;
    server.port = ntohs(a.sin_port);
    fflush(NULL);
    if ((server.pid = fork()) == 0)
        serve(door);
    close(door);
    return server.pid > 0 ? 0 : -1;
}

static int stop(void **state)
{
    (void)state;
    url_reply_free(&r);
    server_end(&server, SIGTERM);
    server_remove_dir(&server);
    return 0;
}

static int get(const char *path)
{
    char url[200];

    snprintf(url, sizeof url, "gopher://127.0.0.1:%d/%s", server.port, path);
    return url_get(url, NULL, &r);
}

static void a_text_comes(void **state)
{
    (void)state;
    if (get("0/hello.txt") < 0)
        fail_msg("%s", r.error.text);
    /* Dots are stuffed by few; the text is there in every case. */
    assert_non_null(strstr(r.body.data, "hello"));
    assert_non_null(strstr(r.body.data, "end"));
    assert_string_equal(r.type, "text/plain");
}

static void bytes_come_as_they_are(void **state)
{
    (void)state;
    assert_int_equal(get("g/a.gif"), 0);
    assert_int_equal(r.body.len, 10);
    assert_memory_equal(r.body.data, "GIF89a\0.\r\n", 10);
}

static void the_menu_ends_with_its_dot(void **state)
{
    (void)state;
    if (get("") < 0)
        fail_msg("%s", r.error.text);
    assert_true(r.directory);
    assert_non_null(strstr(r.body.data, "/hello.txt"));
}

static int see(void *arg, const struct url_entry *e)
{
    char *names = arg;
    size_t had = strlen(names);

    if (e->kind != 'i')
        snprintf(names + had, 600 - had, "%c %s;", e->kind,
                 e->url != NULL ? strchr(e->url + 9, '/') : "-");
    return 0;
}

static void the_menu_is_a_list(void **state)
{
    char url[80], names[600] = "";
    struct sc_error e = {0};

    (void)state;
    snprintf(url, sizeof url, "gopher://127.0.0.1:%d/", server.port);
    if (url_list(url, NULL, see, names, &e) < 0)
        fail_msg("%s", e.text);
    assert_non_null(strstr(names, "f /0/hello.txt;"));
    assert_non_null(strstr(names, "f /g/a.gif;"));
    assert_non_null(strstr(names, "d /1/sub"));
}

static void what_is_not_there_is_no_menu(void **state)
{
    (void)state;
    assert_int_equal(get("1/none"), SC_ESHORT);
    assert_non_null(strstr(r.body.data, "Error"));
}

static void one_client_asks_often(void **state)
{
    struct sc_buf text = SC_BUF(1 << 16);
    GopherClient *g;
    char url[80];

    (void)state;
    snprintf(url, sizeof url, "127.0.0.1:%d", server.port);
    g = gopher_open(url, NULL);
    for (int i = 0; i < 5; i++) {
        text.len = 0;
        assert_int_equal(gopher_get(g, '9', "/a.gif", NULL, sc_buf_sink, &text),
                         0);
        assert_int_equal(text.len, 10);
    }
    assert_int_equal(gopher_close(g), 0);
    sc_buf_free(&text);
}

int main(int argc, char **argv)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_text_comes),
        cmocka_unit_test(bytes_come_as_they_are),
        cmocka_unit_test(the_menu_ends_with_its_dot),
        cmocka_unit_test(the_menu_is_a_list),
        cmocka_unit_test(what_is_not_there_is_no_menu),
        cmocka_unit_test(one_client_asks_often),
    };
    bool list = argc > 1 && strcmp(argv[1], "-l") == 0;

    if (!list && !server_installed("gophernicus")) {
        puts("no gophernicus (tests/run.sh --servers installs it)");
        return 77;
    }
    return test_main(__FILE__, tests, sizeof tests / sizeof *tests, argc, argv,
                     start, stop);
}
