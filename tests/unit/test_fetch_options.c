/* test_fetch_options.c - the command line by curl's rules: letters, long names,
 * values, groups, files of options. */

#include "main.h"

#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include <simpleclient/http.h>

#include "fetch/option_table.h"
#include "fetch/options.h"

static struct command k;
static int quiet = -1; /* stderr, put aside */

static int begin(void **state)
{
    int null = open("/dev/null", O_WRONLY);

    (void)state;
    quiet = dup(2);
    dup2(null, 2);
    close(null);
    return 0;
}

static int end(void **state)
{
    (void)state;
    free_command(&k);
    dup2(quiet, 2);
    close(quiet);
    return 0;
}

/* Words as main gets them: they may be written to. */
static char words_of[20][128];

/* Returns what read_command does: -1 is good. */
static int take(const char *const *words)
{
    char *argv[21] = {NULL};
    int n = 0;

    for (; words[n] != NULL; n++) {
        snprintf(words_of[n], sizeof words_of[n], "%s", words[n]);
        argv[n] = words_of[n];
    }
    free_command(&k);
    return read_command(&k, n, argv);
}

#define TAKE(...) take((const char *const[]){"httpget", __VA_ARGS__, NULL})

static void letters_may_stand_together(void **state)
{
    (void)state;
    assert_int_equal(TAKE("-sSLo", "f", "u"), -1);
    assert_true(k.silent && k.show_error && k.first->follow);
    assert_string_equal(k.first->targets[0].output, "f");
    assert_int_equal(TAKE("-if", "u"), -1);
    assert_true(k.first->include && k.first->fail);
}

static void a_value_is_attached_or_the_next_word(void **state)
{
    (void)state;
    assert_int_equal(TAKE("-of", "-m1.5", "u"), -1);
    assert_string_equal(k.first->targets[0].output, "f");
    assert_int_equal(k.first->max_ms, 1500);
    assert_int_equal(TAKE("--max-time", "0.0001", "u"), -1);
    assert_int_equal(k.first->max_ms, 1);
    assert_int_equal(TAKE("u", "-o"), 2);
    assert_int_equal(TAKE("u", "--output"), 2);
}

static void long_names_may_be_cut_short(void **state)
{
    (void)state;
    assert_int_equal(TAKE("--includ", "--INSEC", "u"), -1);
    assert_true(k.first->include && k.first->tls.insecure);
    assert_int_equal(TAKE("--fail", "u"), -1); /* not --fail-early */
    assert_true(k.first->fail && !k.fail_early);
    assert_int_equal(TAKE("--fail-", "u"), 2);
    assert_int_equal(TAKE("--fails", "u"), 2);
}

static void no_turns_a_switch_off(void **state)
{
    (void)state;
    assert_int_equal(TAKE("-L", "--no-location", "u"), -1);
    assert_false(k.first->follow);
    assert_int_equal(TAKE("--no-keepalive", "--no-buffer", "u"), -1);
    assert_true(k.first->no_keepalive && k.first->no_buffer);
    assert_int_equal(TAKE("-N", "u"), -1);
    assert_true(k.first->no_buffer);
    assert_int_equal(TAKE("--compressed", "--no-compressed", "u"), -1);
    assert_false(k.first->flags & HTTP_COMPRESSED);
    assert_int_equal(TAKE("--no-output", "f", "u"), 2);
}

static void options_and_urls_come_in_any_order(void **state)
{
    (void)state;
    assert_int_equal(TAKE("a", "-o", "1", "-i", "b", "-o", "2"), -1);
    assert_int_equal(k.first->ntargets, 2);
    assert_string_equal(k.first->targets[0].url, "a");
    assert_string_equal(k.first->targets[0].output, "1");
    assert_string_equal(k.first->targets[1].url, "b");
    assert_string_equal(k.first->targets[1].output, "2");
    assert_int_equal(TAKE("--", "-a"), -1);
    assert_string_equal(k.first->targets[0].url, "-a");
}

static void next_begins_another_group(void **state)
{
    (void)state;
    assert_int_equal(TAKE("-i", "a", "--next", "-s", "b", "-:", "c"), -1);
    assert_true(k.first->include);
    assert_false(k.first->next->include);
    assert_true(k.silent); /* of the whole program */
    assert_string_equal(k.last->targets[0].url, "c");
    assert_int_equal(TAKE("-i", "--next", "a"), -1); /* there is no group yet */
    assert_true(k.first == k.last && k.first->include);
}

static void sizes_have_units(void **state)
{
    (void)state;
    assert_int_equal(TAKE("--max-filesize", "10k", "--limit-rate", "2M", "u"),
                     -1);
    assert_int_equal(k.first->max_size, 10240);
    assert_int_equal(k.first->limit_rate, 2 << 20);
    assert_int_equal(TAKE("--max-filesize", "10x", "u"), 2);
    assert_int_equal(TAKE("--max-filesize", "k", "u"), 2);
    assert_int_equal(TAKE("--max-filesize", "-1", "u"), 2);
    assert_int_equal(TAKE("--max-filesize", "99999999999P", "u"), 2);
    assert_int_equal(TAKE("--retry", "1e3", "u"), 2);
    assert_int_equal(TAKE("-m", "inf", "u"), 2);
    assert_int_equal(TAKE("-m", "1.2.3", "u"), 2);
}

static void data_is_joined(void **state)
{
    (void)state;
    assert_int_equal(TAKE("-d", "a=b", "--data-raw", "@c", "u"), -1);
    assert_string_equal(k.first->data.data, "a=b&@c");
    assert_int_equal(TAKE("--data-urlencode", "n=a b&c", "u"), -1);
    assert_string_equal(k.first->data.data, "n=a+b%26c");
    assert_int_equal(TAKE("--data-urlencode", "=a=b", "u"), -1);
    assert_string_equal(k.first->data.data, "a%3Db");
    assert_int_equal(TAKE("--json", "[", "--json", "]", "u"), -1);
    assert_string_equal(k.first->data.data, "[]");
    assert_int_equal(TAKE("-d", "", "-d", "x", "u"), -1);
    assert_string_equal(k.first->data.data, "&x");
}

static void a_file_holds_options(void **state)
{
    static const char text[] = "# a comment\n\nurl = \"http://x/\"\n"
                               "header: \"X: a\\\"b\\n\"\n  -o file\n"
                               "--max-time 2\nuser-agent=me # and more\n"
                               "include\nsSk\n-sS\n";
    char name[] = "/tmp/simpleclient-config-XXXXXX";
    int fd = mkstemp(name);

    (void)state;
    assert_true(fd >= 0);
    assert_int_equal(write(fd, text, sizeof text - 1), sizeof text - 1);
    close(fd);
    assert_int_equal(TAKE("-K", name), 2); /* sSk is no long name */
    assert_string_equal(k.first->targets[0].url, "http://x/");
    assert_string_equal(k.first->targets[0].output, "file");
    assert_string_equal(k.first->headers.at[0], "X: a\"b\n");
    assert_string_equal(k.first->agent, "me");
    assert_int_equal(k.first->max_ms, 2000);
    assert_true(k.first->include);
    unlink(name);
    assert_int_equal(TAKE("-K", name), 26);
}

static void a_file_that_names_itself_ends(void **state)
{
    char name[] = "/tmp/simpleclient-config-XXXXXX";
    FILE *f = fdopen(mkstemp(name), "w");

    (void)state;
    assert_non_null(f);
    fprintf(f, "-K %s\n", name);
    fclose(f);
    assert_int_equal(TAKE("-K", name), 2);
    unlink(name);
}

static void a_certificate_has_its_password(void **state)
{
    (void)state;
    assert_int_equal(TAKE("-E", "a\\:b:secret:x", "u"), -1);
    assert_string_equal(k.first->tls.cert, "a:b");
    assert_string_equal(k.first->tls.password, "secret:x");
    assert_int_equal(TAKE("--tls-max", "1.1", "u"), 2);
    assert_int_equal(TAKE("--tlsv1.3", "u"), -1);
    assert_int_equal(k.first->tls_min, 13);
}

static void passwords_do_not_stay_among_the_words(void **state)
{
    (void)state;
    assert_int_equal(TAKE("-u", "joe:secret", "-Ua:b", "--pass", "p", "u"), -1);
    assert_string_equal(k.first->user, "joe:secret");
    assert_string_equal(k.first->proxy_user, "a:b");
    assert_string_equal(words_of[2], "          ");
    assert_string_equal(words_of[3], "-U   ");
    assert_string_equal(words_of[5], " ");
    assert_string_equal(words_of[6], "u");
}

static void cookies_are_text_or_files(void **state)
{
    (void)state;
    assert_int_equal(TAKE("-b", "a=b", "-b", "jar", "u"), -1);
    assert_string_equal(k.first->cookies.data, "a=b");
    assert_string_equal(k.first->cookie_files.at[0], "jar");
    assert_true(k.first->cookie_engine);
    assert_int_equal(TAKE("-b", "a=b", "u"), -1);
    assert_false(k.first->cookie_engine);
}

static void what_contradicts_is_refused(void **state)
{
    (void)state;
    assert_int_equal(TAKE("-d", "x", "-F", "a=b", "u"), 2);
    assert_int_equal(TAKE("-I", "-d", "x", "u"), 2);
    assert_int_equal(TAKE("-I", "-G", "-d", "x", "u"), -1);
    assert_int_equal(TAKE("-iJO", "u"), 2);
    assert_int_equal(TAKE("-C", "5", "-r", "0-4", "u"), 2);
    assert_int_equal(TAKE("-i"), 2);
}

static void what_curl_has_and_we_have_not_is_told(void **state)
{
    (void)state;
    assert_int_equal(TAKE("--http2", "u"), 2);
    assert_int_equal(TAKE("-2", "u"), 2);
    assert_int_equal(TAKE("--ntlm", "u"), 2);
}

/* The names are curl's, so no two may be the same, nor two letters. */
static void the_table_names_each_option_once(void **state)
{
    (void)state;
    for (size_t i = 0; i < option_count; i++)
        for (size_t j = 0; j < i; j++) {
            const struct option_def *a = &option_table[i];
            const struct option_def *b = &option_table[j];

            if (strcmp(a->name, b->name) == 0 ||
                (a->letter != 0 && a->letter == b->letter))
                fail_msg("--%s and --%s", a->name, b->name);
        }
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, begin, end)
static const struct CMUnitTest tests[] = {
    TEST(letters_may_stand_together),
    TEST(a_value_is_attached_or_the_next_word),
    TEST(long_names_may_be_cut_short),
    TEST(no_turns_a_switch_off),
    TEST(options_and_urls_come_in_any_order),
    TEST(next_begins_another_group),
    TEST(sizes_have_units),
    TEST(data_is_joined),
    TEST(a_file_holds_options),
    TEST(a_file_that_names_itself_ends),
    TEST(a_certificate_has_its_password),
    TEST(passwords_do_not_stay_among_the_words),
    TEST(cookies_are_text_or_files),
    TEST(what_contradicts_is_refused),
    TEST(what_curl_has_and_we_have_not_is_told),
    TEST(the_table_names_each_option_once),
};

TEST_MAIN(tests)
