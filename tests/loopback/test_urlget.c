/* test_urlget.c - urlget as a program (the arguments are the folder that it is in,
 * and a program with one scheme more), against an FTP server in this one: what it
 * prints, which file it leaves, which exit code. */
#include "main.h"

#include <signal.h>
#include <sys/stat.h>

#include "ftp_peer.h"
#include "program.h"
#include "scratch.h"

static char path[512];
static const char *folder, *own_program;
static struct program program = {.path = path};
static struct ftp_peer peer;
static struct scratch scratch;
static char file[400], out_file[400];

/* --- the fixture --- */

static int start(void **state)
{
    (void)state;
    snprintf(path, sizeof path, "%s/urlget", folder);
    scratch = scratch_new();
    snprintf(file, sizeof file, "file://%s/a", scratch.dir);
    snprintf(out_file, sizeof out_file, "%s/out", scratch.dir);
    scratch_write(scratch_path(&scratch, "a"), "hello world\n");
    ftp_peer_start(&peer, "0123456789");
    program.in = sc_span_of("");
    return 0;
}

static int stop(void **state)
{
    (void)state;
    ftp_peer_stop(&peer);
    scratch_free(&scratch);
    program_free(&program);
    return 0;
}

#define RUN(...)                                                               \
    program_run(&program, (const char *const[]){"urlget", __VA_ARGS__, NULL})

static void must_print(int code, const char *text)
{
    if (code != 0 || program.err.len > 0)
        fail_msg("exit code %d: %s", code, program.err.data);
    assert_string_equal(program.out.data, text);
}

/* Only "a" is there, nothing was printed, one line says why. */
static void must_fail(int code, int want)
{
    const char *end;

    if (code != want)
        fail_msg("exit code %d, not %d: %s", code, want, program.err.data);
    assert_int_equal(program.out.len, 0);
    assert_memory_equal(program.err.data, "urlget: ", 8);
    end = strchr(program.err.data, '\n');
    assert_ptr_equal(end, program.err.data + program.err.len - 1);
    assert_int_equal(scratch_count(scratch.dir, NULL), 1);
}

/* --- what needs no server --- */

static void a_file_is_printed(void **state)
{
    (void)state;
    must_print(RUN(file), "hello world\n");
    must_print(RUN("-r", "6-8", file), "wor");
    must_print(RUN("-r", "-4", file), "rld\n");
    must_print(RUN("-C", "6", file), "world\n");
}

/* RFC 2397 section 4, and the same in base64. */
static void data_is_decoded(void **state)
{
    (void)state;
    must_print(RUN("data:,A%20brief%20note"), "A brief note");
    must_print(RUN("data:text/plain;base64,QSBicmllZiBub3Rl"), "A brief note");
    must_fail(RUN("data:text/plain;base64,!"), 3);
    must_fail(RUN("data:nothing"), 3);
}

static void an_unknown_scheme_is_told(void **state)
{
    (void)state;
    must_fail(RUN("foo://127.0.0.1/"), 1);
    must_fail(RUN("-o", out_file, "foo://127.0.0.1/"), 1);
    must_fail(RUN("--proto", "=https", file), 1);
    must_fail(RUN("--proto", "-file", file), 1);
}

static void a_bad_url_is_told(void **state)
{
    (void)state;
    must_fail(RUN("ftp://127.0.0.1:99999/"), 3);
    must_fail(RUN("file://example.org/etc/passwd"), 3);
    must_fail(RUN("gopher://127.0.0.1/0a%0d%0ab"), 3);
    must_fail(RUN("pop3://127.0.0.1/x"), 3);
}

static void what_is_not_there_is_told(void **state)
{
    char url[500];

    (void)state;
    snprintf(url, sizeof url, "%s-nix", file);
    must_fail(RUN(url), 37);
    must_fail(RUN("-o", out_file, url), 37);
    must_fail(RUN("-C", "100", "-o", out_file, file), 36);
    must_fail(RUN("--max-filesize", "5", "-o", out_file, file), 63);
}

static void options_that_are_missing_are_usage(void **state)
{
    (void)state;
    must_fail(RUN("--krb", "private", file), 2);
    must_fail(RUN("--ftp-ssl-ccc", file), 2);
    must_fail(RUN("-X", "NLST", file), 2);
    must_fail(RUN("--dry-run", file), 2);
    must_fail(RUN("--nonsense", file), 2);
}

static void globs_are_patterns_unless_off(void **state)
{
    (void)state;
    must_print(RUN("data:,{a,b,c}"), "abc");
    must_print(RUN("data:,[1-4]"), "1234");
    must_print(RUN("-g", "data:,{a}%5B1%5D"), "{a}[1]");
    must_fail(RUN("data:,{a"), 3);
}

static void many_come_at_once(void **state)
{
    char name[400], pattern[400];
    struct sc_buf text;

    (void)state;
    snprintf(pattern, sizeof pattern, "%s/#1", scratch.dir);
    must_print(RUN("-Z", "-o", pattern, "data:,x[100-149]"), "");
    assert_int_equal(scratch_count(scratch.dir, NULL), 51);
    snprintf(name, sizeof name, "%s/149", scratch.dir);
    text = scratch_read(name);
    assert_string_equal(text.data, "x149");
    sc_buf_free(&text);
}

static void a_file_is_stored_whole(void **state)
{
    char from[400], to[500];
    struct sc_buf text;

    (void)state;
    snprintf(from, sizeof from, "%s/a", scratch.dir);
    snprintf(to, sizeof to, "%s-copy", file);
    must_print(RUN("-T", from, to), "");
    text = scratch_read(to + strlen("file://"));
    assert_string_equal(text.data, "hello world\n");
    sc_buf_free(&text);
    program.in = sc_span_of("from stdin");
    must_print(RUN("-T", "-", to), "");
    must_print(RUN(to), "from stdin");
}

static void nothing_can_be_stored_in_data(void **state)
{
    char from[400];

    (void)state;
    snprintf(from, sizeof from, "%s/a", scratch.dir);
    must_fail(RUN("-T", from, "data:,x"), 25);
    must_fail(RUN("-T", out_file, file), 26);
}

static void a_programs_own_scheme_is_one_like_others(void **state)
{
    (void)state;
    snprintf(path, sizeof path, "%s", own_program);
    must_print(RUN("twice://abc"), "abcabc");
    must_print(RUN("TWICE://x", "data:,y"), "xxy");
    must_print(RUN("-s", "-w", "%{size_download}", "twice://abc"), "abcabc6");
    assert_int_equal(RUN("-r", "1-2", "twice://abc"), 33);
    assert_int_equal(RUN("-T", "/etc/hostname", "twice://abc"), 25);
    assert_int_equal(RUN("thrice://abc"), 1);
    assert_memory_equal(program.err.data, "twiceget: ", 10);
}

static void httpget_has_http_only(void **state)
{
    (void)state;
    snprintf(path, sizeof path, "%s/httpget", folder);
    assert_int_equal(RUN(file), 1);
    assert_int_equal(RUN(peer.url), 1);
    assert_int_equal(RUN("data:,x"), 1);
    assert_int_equal(peer.connections, 0);
}

static void the_help_tells_what_there_is(void **state)
{
    (void)state;
    assert_int_equal(RUN("--help"), 0);
    assert_memory_equal(program.out.data, "usage: urlget", 13);
    assert_non_null(strstr(program.out.data, "--quote COMMAND"));
    assert_int_equal(RUN("-V"), 0);
    assert_non_null(strstr(program.out.data, " gophers "));
    snprintf(path, sizeof path, "%s/httpget", folder);
    assert_int_equal(RUN("--help"), 0);
    assert_null(strstr(program.out.data, "--quote"));
}

/* --- FTP --- */

static void a_file_is_fetched(void **state)
{
    (void)state;
    must_print(RUN(peer.url), "0123456789");
    must_print(RUN("-r", "2-5", peer.url), "2345");
    must_print(RUN("-w", "%{scheme} %{http_code}", "-o", "/dev/null", peer.url),
               "FTP 226");
}

static void a_connection_is_used_again(void **state)
{
    (void)state;
    must_print(RUN(peer.url, peer.url, peer.url),
               "012345678901234567890123456789");
    assert_int_equal(peer.connections, 1);
}

static void a_line_break_is_not_sent(void **state)
{
    char url[200];

    (void)state;
    snprintf(url, sizeof url, "%s%%0d%%0aDELE%%20x", peer.url);
    must_fail(RUN(url), 3);
    must_fail(RUN("-Q", "NOOP\r\nDELE x", "-o", out_file, peer.url), 43);
    assert_false(peer_saw(&peer, "DELE"));
}

static void short_data_leaves_no_file(void **state)
{
    (void)state;
    peer.cut_data = 4;
    must_fail(RUN("-o", out_file, peer.url), 18);
    peer.resets = true;
    must_fail(RUN("-o", out_file, peer.url), 56);
}

static void data_without_226_leaves_no_file(void **state)
{
    (void)state;
    peer.end = "451 the disk";
    must_fail(RUN("-o", out_file, peer.url), 18);
}

static void what_takes_too_long_leaves_no_file(void **state)
{
    (void)state;
    peer.stalls = true;
    must_fail(RUN("-m", "0.3", "-o", out_file, peer.url), 28);
}

static void what_is_endless_ends_at_its_limit(void **state)
{
    (void)state;
    peer.endless = true;
    peer.size_unknown = true;
    peer_says(&peer, "SIZE", "550 no");
    must_fail(RUN("--max-filesize", "100k", "-o", out_file, peer.url), 63);
}

static void a_file_of_before_stays_after_a_failure(void **state)
{
    struct sc_buf text;

    (void)state;
    scratch_write(out_file, "before");
    peer.cut_data = 4;
    assert_int_equal(RUN("-o", out_file, peer.url), 18);
    text = scratch_read(out_file);
    assert_string_equal(text.data, "before");
    sc_buf_free(&text);
    assert_int_equal(scratch_count(scratch.dir, NULL), 2);
}

static void wait_for_two_files(void)
{
    int64_t until = sc_now() + 10000;

    while (scratch_count(scratch.dir, NULL) < 2) {
        assert_true(sc_now() < until);
        sc_sleep(1);
    }
}

static void killed_in_the_middle_it_leaves_nothing(void **state)
{
    const char *argv[] = {"urlget", "-o", out_file, peer.url, NULL};
    int null = open("/dev/null", O_RDWR | O_CLOEXEC), status;
    pid_t child;

    (void)state;
    peer.endless = true;
    child = program_spawn(&program, null, null, null, argv);
    wait_for_two_files();
    assert_int_not_equal(access(out_file, F_OK), 0);
    kill(child, SIGTERM);
    while (waitpid(child, &status, WNOHANG) == 0)
        sc_sleep(1);
    close(null);
    assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGTERM);
    assert_int_equal(scratch_count(scratch.dir, NULL), 1);
}

static void refusals_have_codes_of_their_own(void **state)
{
    (void)state;
    peer_says(&peer, "RETR", "550 no such file");
    must_fail(RUN("-o", out_file, peer.url), 78);
    peer.n_rules = 0;
    peer_says(&peer, "USER", "530 no");
    must_fail(RUN(peer.url), 67);
    peer.n_rules = 0;
    must_fail(RUN("--ssl-reqd", peer.url), 64);
}

static int times_said(const char *verb)
{
    const char *at = peer.log.data;
    int n = 0;

    for (; (at = strstr(at, verb)) != NULL; at++)
        n++;
    return n;
}

static void what_passes_is_asked_for_again(void **state)
{
    (void)state;
    peer_says(&peer, "RETR", "450 busy");
    assert_int_equal(
        RUN("-s", "--retry", "2", "--retry-delay", "0.01", peer.url), 19);
    assert_int_equal(program.err.len, 0);
    assert_int_equal(times_said("RETR"), 3);
}

static void what_stays_is_not_asked_for_again(void **state)
{
    (void)state;
    peer_says(&peer, "RETR", "550 never");
    assert_int_equal(
        RUN("-s", "--retry", "2", "--retry-delay", "0.01", peer.url), 78);
    assert_int_equal(times_said("RETR"), 1);
}

static void quoted_commands_stand_where_they_belong(void **state)
{
    const char *first, *ready, *retr, *last;

    (void)state;
    peer_says(&peer, "SITE", "200 ok");
    must_print(RUN("-Q", "SITE 1", "-Q", "-SITE 3", "-Q", "+SITE 2", peer.url),
               "0123456789");
    first = strstr(peer.log.data, "SITE 1");
    ready = strstr(peer.log.data, "SITE 2");
    retr = strstr(peer.log.data, "RETR");
    last = strstr(peer.log.data, "SITE 3");
    assert_true(first != NULL && first < ready && ready < retr && retr < last);
}

static void a_file_is_sent(void **state)
{
    (void)state;
    program.in = sc_span_of("one\ntwo\n");
    must_print(RUN("--crlf", "-T", "-", peer.url), "");
    assert_int_equal(sc_buf_add(&peer.stored, "", 0), 0);
    assert_string_equal(peer.stored.data, "one\r\ntwo\r\n");
}

static void files_are_sent_on_one_connection(void **state)
{
    char from[400], to[100];

    (void)state;
    scratch_write(scratch_path(&scratch, "b"), "more\n");
    snprintf(from, sizeof from, "%s/{a,b}", scratch.dir);
    snprintf(to, sizeof to, "%.*s", (int)(strlen(peer.url) - 4), peer.url);
    must_print(RUN("-T", from, to), "");
    assert_int_equal(peer.connections, 1);
    assert_true(peer_saw(&peer, "STOR a") && peer_saw(&peer, "STOR b"));
}

/* RETR with the whole path, then as RFC 1738 section 3.2.2 has it. */
static void a_refused_path_is_gone_step_by_step(void **state)
{
    char url[100];

    (void)state;
    snprintf(url, sizeof url, "%.*sfolder/file", (int)(strlen(peer.url) - 4),
             peer.url);
    peer_says(&peer, "RETR folder/file", "550 no paths here");
    peer_says(&peer, "CWD folder", "250 there");
    must_print(RUN(url), "0123456789");
    peer.n_rules = 1;
    peer_says(&peer, "CWD folder", "550 no such folder");
    must_fail(RUN(url), 9);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, start, stop)
static const struct CMUnitTest tests[] = {
    TEST(a_file_is_printed),
    TEST(data_is_decoded),
    TEST(an_unknown_scheme_is_told),
    TEST(a_bad_url_is_told),
    TEST(what_is_not_there_is_told),
    TEST(options_that_are_missing_are_usage),
    TEST(globs_are_patterns_unless_off),
    TEST(many_come_at_once),
    TEST(a_file_is_stored_whole),
    TEST(nothing_can_be_stored_in_data),
    TEST(a_programs_own_scheme_is_one_like_others),
    TEST(httpget_has_http_only),
    TEST(the_help_tells_what_there_is),
    TEST(a_file_is_fetched),
    TEST(a_connection_is_used_again),
    TEST(a_line_break_is_not_sent),
    TEST(short_data_leaves_no_file),
    TEST(data_without_226_leaves_no_file),
    TEST(what_takes_too_long_leaves_no_file),
    TEST(what_is_endless_ends_at_its_limit),
    TEST(a_file_of_before_stays_after_a_failure),
    TEST(killed_in_the_middle_it_leaves_nothing),
    TEST(refusals_have_codes_of_their_own),
    TEST(what_passes_is_asked_for_again),
    TEST(what_stays_is_not_asked_for_again),
    TEST(quoted_commands_stand_where_they_belong),
    TEST(a_file_is_sent),
    TEST(files_are_sent_on_one_connection),
    TEST(a_refused_path_is_gone_step_by_step),
};

int main(int argc, char **argv)
{
    if (argc < 3)
        return 2;
    folder = argv[1];
    own_program = argv[2];
    return test_main(__FILE__, tests, sizeof tests / sizeof tests[0], argc - 2,
                     argv + 2, NULL, NULL);
}
