/* test_httpget.c - httpget and others as programs (the argument is the folder
 * that they are in), against a server in this one: what they print, which file
 * they leave, which exit code. */
#include "main.h"

#include <dirent.h>
#include <fcntl.h>
#include <spawn.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "certs.h"
#include "http_server.h"

extern char **environ;

static const char *programs; /* the folder they are in */
static struct certs certs;
static struct sc_tls_options server_tls = {.server = 1};
static struct http_server plain, secure = {.tls = &server_tls};
static char dir[64];  /* empty at the begin of each test */
static char file[96]; /* "page" in it */

/* What the last program did. */
static struct sc_buf out = SC_BUF(1 << 20), err = SC_BUF(1 << 16);

/* --- the fixture --- */

static int make(void **state)
{
    (void)state;
    return certs_make(&certs);
}

static int unmake(void **state)
{
    (void)state;
    sc_buf_free(&out);
    sc_buf_free(&err);
    certs_remove(&certs);
    return 0;
}

static int start(void **state)
{
    (void)state;
    snprintf(dir, sizeof dir, "/tmp/simpleclient-get-XXXXXX");
    assert_non_null(mkdtemp(dir));
    snprintf(file, sizeof file, "%s/page", dir);
    server_tls.cert = certs.good;
    server_start(&plain, "http");
    server_start(&secure, "https");
    return 0;
}

static int stop(void **state)
{
    (void)state;
    unlink(file);
    rmdir(dir);
    sc_task_cancel(plain.task);
    server_stop(&secure);
    server_stop(&plain);
    return 0;
}

static const char *url(const struct http_server *s, const char *path)
{
    static char text[128];

    snprintf(text, sizeof text, "%s%s", s->base, path);
    return text;
}

/* --- running a program --- */

/* All that comes through FD, which is taken, while the servers' tasks go on. */
static void drain(int fd, struct sc_buf *to)
{
    Stream *s = sc_stream_fd(fd, NULL);
    char part[1024];
    ssize_t n;

    assert_non_null(s);
    sc_buf_free(to);
    assert_int_equal(sc_buf_add(to, "", 0), 0);
    while ((n = sc_stream_read(s, part, sizeof part, NULL)) > 0)
        assert_int_equal(sc_buf_add(to, part, (size_t)n), 0);
    assert_int_equal(n, 0);
    sc_stream_close(s);
}

static pid_t spawn(const char *const *argv, const char *out_to, int out_fd,
                   int err_fd)
{
    posix_spawn_file_actions_t actions;
    pid_t child;

    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, out_fd, 1);
    posix_spawn_file_actions_adddup2(&actions, err_fd, 2);
    if (out_to != NULL)
        posix_spawn_file_actions_addopen(&actions, 1, out_to, O_WRONLY, 0);
    if (posix_spawn(&child, argv[0], &actions, NULL, (char *const *)argv,
                    environ) != 0)
        fail_msg("%s does not start", argv[0]);
    posix_spawn_file_actions_destroy(&actions);
    return child;
}

/* Run it to its end, its stdout going to OUT_TO (NULL: to `out`). Returns its
 * exit code. */
static int run_to(const char *out_to, const char *const *argv)
{
    int o[2], e[2], status;
    pid_t child;

    assert_int_equal(pipe2(o, O_CLOEXEC), 0);
    assert_int_equal(pipe2(e, O_CLOEXEC), 0);
    child = spawn(argv, out_to, o[1], e[1]);
    close(o[1]);
    close(e[1]);
    drain(o[0], &out);
    drain(e[0], &err);
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFEXITED(status));
    return WEXITSTATUS(status);
}

static const char *program(const char *name)
{
    static char path[512];

    snprintf(path, sizeof path, "%s/%s", programs, name);
    return path;
}

#define RUN_TO(out_to, ...)                                                    \
    run_to(out_to, (const char *const[]){program("httpget"), __VA_ARGS__, NULL})
#define RUN(...) RUN_TO(NULL, __VA_ARGS__)

static void assert_one_line_of_complaint(void)
{
    assert_true(err.len > 10);
    assert_memory_equal(err.data, "httpget: ", 9);
    assert_ptr_equal(strchr(err.data, '\n'), err.data + err.len - 1);
}

/* A run that failed with CODE: one line said why, nothing was left. */
static void assert_failed(int rc, int code)
{
    if (rc != code)
        fail_msg("exit %d, not %d: %s", rc, code, err.data);
    assert_one_line_of_complaint();
    assert_int_equal(rmdir(dir), 0); /* only an empty one can go */
    assert_int_equal(mkdir(dir, 0700), 0);
}

static int entries(void)
{
    DIR *d = opendir(dir);
    int n = -2; /* "." and ".." */

    assert_non_null(d);
    while (readdir(d) != NULL)
        n++;
    closedir(d);
    return n;
}

static void assert_file(const char *text)
{
    char got[64] = "";
    FILE *f = fopen(file, "r");

    assert_non_null(f);
    got[fread(got, 1, sizeof got - 1, f)] = '\0';
    fclose(f);
    assert_string_equal(got, text);
    assert_int_equal(entries(), 1);
}

static void put_file(const char *text)
{
    FILE *f = fopen(file, "w");

    assert_non_null(f);
    fputs(text, f);
    fclose(f);
}

/* --- what comes out --- */

static void the_body_goes_to_stdout(void **state)
{
    (void)state;
    assert_int_equal(RUN(url(&plain, "/chunked")), 0);
    assert_string_equal(out.data, "chunked");
    assert_int_equal(err.len, 0);
}

static void the_header_is_printed_on_demand(void **state)
{
    static const char head[] = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n";

    (void)state;
    assert_int_equal(RUN("-I", url(&plain, "/hello")), 0);
    assert_string_equal(out.data, head);
    assert_int_equal(RUN("-i", url(&plain, "/hello")), 0);
    assert_memory_equal(out.data, head, sizeof head - 1);
    assert_string_equal(out.data + sizeof head - 1, "hello");
}

static void a_file_is_written_whole(void **state)
{
    (void)state;
    assert_int_equal(RUN("-o", file, url(&plain, "/hello")), 0);
    assert_int_equal(out.len, 0);
    assert_file("hello");
    assert_int_equal(RUN("--output", file, url(&plain, "/end")), 0);
    assert_file("to the end");
}

static void an_empty_body_is_an_empty_file(void **state)
{
    (void)state;
    put_file("old");
    assert_int_equal(RUN("-o", file, url(&plain, "/empty")), 0);
    assert_file("");
}

static void a_file_keeps_its_mode(void **state)
{
    struct stat st;

    (void)state;
    put_file("old");
    assert_int_equal(chmod(file, 0640), 0);
    assert_int_equal(RUN("-o", file, url(&plain, "/hello")), 0);
    assert_int_equal(stat(file, &st), 0);
    assert_int_equal(st.st_mode & 07777, 0640);
}

static void the_dialogue_is_shown_on_demand(void **state)
{
    (void)state;
    assert_int_equal(RUN("-v", url(&plain, "/hello")), 0);
    assert_string_equal(out.data, "hello");
    assert_non_null(strstr(err.data, "> GET /hello HTTP/1.1\n"));
    assert_non_null(strstr(err.data, "< HTTP/1.1 200 OK\n"));
}

static void help_and_version_are_no_failures(void **state)
{
    (void)state;
    assert_int_equal(RUN("--help"), 0);
    assert_memory_equal(out.data, "usage: httpget", 14);
    assert_int_equal(RUN("-V"), 0);
    assert_memory_equal(out.data, "httpget 0.", 10);
    assert_int_equal(err.len, 0);
}

/* --- TLS --- */

static void an_unknown_certificate_is_exit_60(void **state)
{
    (void)state;
    assert_failed(RUN("-o", file, url(&secure, "/hello")), 60);
    assert_failed(
        RUN("--cacert", certs.other_ca, "-o", file, url(&secure, "/hello")),
        60);
    assert_int_equal(secure.requests, 0);
}

static void a_certificate_is_trusted_when_told_so(void **state)
{
    (void)state;
    assert_int_equal(RUN("--cacert", certs.ca, url(&secure, "/hello")), 0);
    assert_string_equal(out.data, "hello");
    assert_int_equal(RUN("-k", url(&secure, "/hello")), 0);
    assert_string_equal(out.data, "hello");
    assert_int_equal(RUN("--insecure", url(&secure, "/hello")), 0);
}

/* --- what goes wrong --- */

static void wrong_use_is_exit_2_and_one_line(void **state)
{
    const char *good = url(&plain, "/hello");

    (void)state;
    assert_failed(RUN("--no-such-option", good), 2);
    assert_failed(RUN("-x", good), 2);
    assert_failed(RUN("-o"), 2);
    assert_failed(RUN("--http2", good), 2);
    assert_failed(RUN("-i"), 2);
    assert_failed(RUN("-m", "soon", good), 2);
    assert_failed(RUN("-m", "-1", good), 2);
    assert_failed(RUN("--ma", "1", good), 2);
    assert_int_equal(plain.connections, 0);
}

static void a_bad_url_is_exit_3(void **state)
{
    (void)state;
    assert_failed(RUN("-o", file, "http://[::1"), 3);
    assert_failed(RUN("-o", file, "http://a b/"), 3);
    assert_failed(RUN("-o", file, "gopher://127.0.0.1/"), 1);
    assert_failed(RUN("-o", file, ""), 3);
}

/* A label of more than 63 letters: refused without asking any server. */
static void a_name_that_is_not_found_is_exit_6(void **state)
{
    char name[96] = "http://";

    (void)state;
    memset(name + 7, 'a', 70);
    assert_failed(RUN("-o", file, name), 6);
}

static void nobody_there_is_exit_7(void **state)
{
    struct sc_listener *gone = sc_listen("127.0.0.1:0", NULL);
    char text[64];

    (void)state;
    snprintf(text, sizeof text, "http://%s/", sc_listener_name(gone));
    sc_listener_close(gone);
    assert_failed(RUN("-o", file, text), 7);
}

static void no_http_is_exit_1(void **state)
{
    (void)state;
    assert_failed(RUN("-o", file, url(&plain, "/text")), 1);
}

static void a_cut_body_is_exit_18_and_leaves_no_file(void **state)
{
    (void)state;
    assert_failed(RUN("-o", file, url(&plain, "/cut")), 18);
}

static void a_failure_leaves_the_old_file_as_it_was(void **state)
{
    (void)state;
    put_file("old");
    assert_int_equal(RUN("-o", file, url(&plain, "/cut")), 18);
    assert_file("old");
}

static void a_place_that_cannot_be_written_is_exit_23(void **state)
{
    char text[128];

    (void)state;
    snprintf(text, sizeof text, "%s/none/page", dir);
    assert_failed(RUN("-o", text, url(&plain, "/hello")), 23);
    assert_failed(RUN("-o", dir, url(&plain, "/hello")), 23);
}

static void a_full_disk_is_exit_23(void **state)
{
    (void)state;
    assert_failed(RUN("-o", "/dev/full", url(&plain, "/hello")), 23);
    assert_failed(RUN_TO("/dev/full", url(&plain, "/hello")), 23);
    assert_failed(RUN_TO("/dev/full", "-I", url(&plain, "/hello")), 23);
    assert_failed(RUN_TO("/dev/full", "--help"), 23);
}

static void time_running_out_is_exit_28(void **state)
{
    int64_t begin = sc_now();

    (void)state;
    assert_failed(RUN("-m", "0.2", "-o", file, url(&plain, "/silent")), 28);
    assert_in_range(sc_now() - begin, 200, 4500);
    begin = sc_now();
    assert_failed(RUN("--max-time", "0.2", "-o", file, url(&plain, "/drip")),
                  28);
    assert_in_range(sc_now() - begin, 200, 4500);
}

static void an_end_without_a_word_is_exit_52(void **state)
{
    (void)state;
    assert_failed(RUN("-o", file, url(&plain, "/none")), 52);
}

static void a_reset_is_exit_56(void **state)
{
    (void)state;
    assert_failed(RUN("-o", file, url(&plain, "/reset")), 56);
}

static void an_endless_head_is_exit_63(void **state)
{
    (void)state;
    assert_failed(RUN("-o", file, url(&plain, "/head")), 63);
}

/* --- thousand --- */

#define THOUSAND(...)                                                          \
    run_to(NULL, (const char *const[]){program("thousand"), __VA_ARGS__, NULL})

static void two_hundred_urls_come_at_once(void **state)
{
    (void)state;
    assert_int_equal(THOUSAND(url(&plain, "/hello"), "200"), 0);
    assert_memory_equal(out.data, "200 of 200 answers, 1000 bytes, ", 32);
    assert_int_equal(err.len, 0);
    assert_int_equal(plain.requests, 200);
    assert_in_range(plain.connections, 1, 100);
}

static void failures_among_many_are_counted_and_told(void **state)
{
    (void)state;
    assert_int_equal(THOUSAND(url(&plain, "/cut"), "20"), 1);
    assert_memory_equal(out.data, "0 of 20 answers, ", 17);
    assert_memory_equal(err.data, "thousand: ", 10);
    assert_int_equal(THOUSAND(url(&plain, "/hello"), "0"), 2);
}

/* --- usage --- */

static void assert_usage_is_told(const char *name)
{
    char want[32];
    size_t n = (size_t)snprintf(want, sizeof want, "usage: %s ", name);

    assert_int_equal(
        run_to(NULL, (const char *const[]){program(name), "--help", NULL}), 0);
    assert_memory_equal(out.data, want, n);
    assert_int_equal(err.len, 0);
    assert_int_equal(run_to(NULL, (const char *const[]){program(name), "-?",
                                                        "a", "b", "c", NULL}),
                     2);
    assert_int_equal(out.len, 0);
    assert_memory_equal(err.data, want, n);
}

static void usage_asked_for_is_no_failure(void **state)
{
    (void)state;
    assert_usage_is_told("dict");
    assert_usage_is_told("thousand");
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, start, stop)
static const struct CMUnitTest tests[] = {
    TEST(the_body_goes_to_stdout),
    TEST(the_header_is_printed_on_demand),
    TEST(a_file_is_written_whole),
    TEST(an_empty_body_is_an_empty_file),
    TEST(a_file_keeps_its_mode),
    TEST(the_dialogue_is_shown_on_demand),
    TEST(help_and_version_are_no_failures),
    TEST(an_unknown_certificate_is_exit_60),
    TEST(a_certificate_is_trusted_when_told_so),
    TEST(wrong_use_is_exit_2_and_one_line),
    TEST(a_bad_url_is_exit_3),
    TEST(a_name_that_is_not_found_is_exit_6),
    TEST(nobody_there_is_exit_7),
    TEST(no_http_is_exit_1),
    TEST(a_cut_body_is_exit_18_and_leaves_no_file),
    TEST(a_failure_leaves_the_old_file_as_it_was),
    TEST(a_place_that_cannot_be_written_is_exit_23),
    TEST(a_full_disk_is_exit_23),
    TEST(time_running_out_is_exit_28),
    TEST(an_end_without_a_word_is_exit_52),
    TEST(a_reset_is_exit_56),
    TEST(an_endless_head_is_exit_63),
    TEST(two_hundred_urls_come_at_once),
    TEST(failures_among_many_are_counted_and_told),
    TEST(usage_asked_for_is_no_failure),
};

int main(int argc, char **argv)
{
    if (argc < 2 || argv[1][0] == '-') {
        fprintf(stderr, "usage: %s PROGRAMS [-l | -f PATTERN]\n", argv[0]);
        return 2;
    }
    programs = argv[1];
    return test_main(__FILE__, tests, sizeof tests / sizeof tests[0], argc - 1,
                     argv + 1, make, unmake);
}
