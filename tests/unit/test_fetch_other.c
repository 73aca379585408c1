/* test_fetch_other.c - the command line of urlget: options of FTP and mail, which
 * httpget has not; schemes that a URL has, or is meant to have. */

#include "main.h"

#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include <simpleclient/url.h>

#include "fetch/dialogue.h"
#include "fetch/option_table.h"
#include "fetch/options.h"
#include "fetch/other.h"
#include "fetch/program.h"
#include "fetch/schemes.h"

static struct command k;
static int quiet = -1; /* stderr, put aside */

static int begin(void **state)
{
    int null = open("/dev/null", O_WRONLY);

    (void)state;
    fetch_program = (struct fetch_program){"urlget", true};
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

/* Returns what read_command does: -1 is good. */
static int take(const char *const *words)
{
    static char words_of[20][128]; /* they may be written to */
    char *argv[21] = {NULL};
    int n = 0;

    for (; words[n] != NULL; n++) {
        snprintf(words_of[n], sizeof words_of[n], "%s", words[n]);
        argv[n] = words_of[n];
    }
    free_command(&k);
    return read_command(&k, n, argv);
}

#define TAKE(...) take((const char *const[]){"urlget", __VA_ARGS__, NULL})

static void ftp_has_its_switches(void **state)
{
    (void)state;
    assert_int_equal(TAKE("-alB", "--ftp-create-dirs", "u"), -1);
    assert_int_equal(k.first->url_flags,
                     URL_APPEND | URL_NAMES | URL_ASCII | URL_MAKE_DIRS);
    assert_int_equal(TAKE("--disable-epsv", "--disable-eprt", "u"), -1);
    assert_int_equal(k.first->ftp_flags, FTP_NO_EPSV | FTP_NO_EPRT);
    assert_int_equal(TAKE("-B", "--no-use-ascii", "u"), -1);
    assert_int_equal(k.first->url_flags, 0);
}

static void commands_are_kept_in_their_order(void **state)
{
    (void)state;
    assert_int_equal(
        TAKE("-Q", "-DELE a", "-Q+NOOP", "--quote", "*SITE x", "u"), -1);
    assert_int_equal(k.first->quotes.n, 3);
    assert_string_equal(k.first->quotes.at[0], "-DELE a");
    assert_string_equal(k.first->quotes.at[1], "+NOOP");
    assert_string_equal(k.first->quotes.at[2], "*SITE x");
}

static void the_later_of_pasv_and_port_counts(void **state)
{
    (void)state;
    assert_int_equal(TAKE("-P", "-", "u"), -1);
    assert_int_equal(k.first->ftp_flags, FTP_ACTIVE);
    assert_string_equal(k.first->ftp_port, "-");
    assert_int_equal(TAKE("-P", "-", "--ftp-pasv", "u"), -1);
    assert_int_equal(k.first->ftp_flags, 0);
    assert_int_equal(TAKE("-P"), 2);
}

static void a_method_of_changing_folders_has_a_name(void **state)
{
    (void)state;
    assert_int_equal(TAKE("u"), -1);
    assert_int_equal(k.first->ftp_method, -1);
    assert_int_equal(TAKE("--ftp-method", "nocwd", "u"), -1);
    assert_int_equal(k.first->ftp_method, FTP_NO_CWD);
    assert_int_equal(TAKE("--ftp-method", "multicwd", "u"), -1);
    assert_int_equal(k.first->ftp_method, FTP_MULTI_CWD);
    assert_int_equal(TAKE("--ftp-method", "singlecwd", "u"), -1);
    assert_int_equal(k.first->ftp_method, FTP_SINGLE_CWD);
    assert_int_equal(TAKE("--ftp-method", "x", "u"), -1); /* as in curl */
    assert_int_equal(k.first->ftp_method, -1);
}

static void tls_is_not_begun_unless_asked_for(void **state)
{
    (void)state;
    assert_int_equal(TAKE("u"), -1);
    assert_int_equal(k.first->starttls, SC_STARTTLS_NEVER);
    assert_int_equal(TAKE("--ssl", "u"), -1);
    assert_int_equal(k.first->starttls, SC_STARTTLS_MAY);
    assert_int_equal(TAKE("--ftp-ssl-reqd", "u"), -1);
    assert_int_equal(k.first->starttls, SC_STARTTLS_MUST);
    assert_int_equal(TAKE("--ftp-ssl-control", "u"), -1);
    assert_int_equal(k.first->starttls, SC_STARTTLS_MUST);
    assert_int_equal(k.first->ftp_flags, FTP_CLEAR_DATA);
}

static void mail_has_a_sender_and_recipients(void **state)
{
    (void)state;
    assert_int_equal(TAKE("--mail-from", "a@b", "--mail-rcpt", "c@d",
                          "--mail-rcpt", "e@f", "--mail-auth", "<>", "--crlf",
                          "--mail-rcpt-allowfails", "u"),
                     -1);
    assert_string_equal(k.first->mail_from, "a@b");
    assert_int_equal(k.first->mail_rcpt.n, 2);
    assert_string_equal(k.first->mail_rcpt.at[1], "e@f");
    assert_string_equal(k.first->mail_auth, "<>");
    assert_true(k.first->crlf && k.first->rcpt_allowfails);
    assert_int_equal(TAKE("--login-options", "AUTH=PLAIN", "--sasl-authzid",
                          "x", "--sasl-ir", "u"),
                     -1);
    assert_string_equal(k.first->login_options, "AUTH=PLAIN");
    assert_string_equal(k.first->authzid, "x");
}

static void what_curl_has_and_urlget_has_not_is_told(void **state)
{
    (void)state;
    assert_int_equal(TAKE("--ftp-ssl-ccc", "u"), 2);
    assert_int_equal(TAKE("--ftp-pret", "u"), 2);
    assert_int_equal(TAKE("--krb", "x", "u"), 2);
    assert_int_equal(TAKE("--tftp-blksize", "512", "u"), 2);
}

static void httpget_has_none_of_them(void **state)
{
    (void)state;
    fetch_program = (struct fetch_program){"httpget", false};
    assert_int_equal(TAKE("-a", "u"), 2);
    assert_int_equal(TAKE("-Q", "NOOP", "u"), 2);
    assert_int_equal(TAKE("--mail-from", "a@b", "u"), 2);
    assert_int_equal(TAKE("--allow-plain", "u"), 2);
    assert_int_equal(TAKE("-B", "--ssl", "--disable-epsv", "u"), -1);
    assert_int_equal(k.first->url_flags, 0);
    assert_int_equal(k.first->starttls, SC_STARTTLS_NEVER);
}

/* --- schemes --- */

static void has_scheme(const char *url, const char *want)
{
    char *scheme = scheme_of_url(url);

    assert_string_equal(scheme, want);
    free(scheme);
}

static void a_scheme_is_told_or_not(void **state)
{
    (void)state;
    has_scheme("FTP://h/", "ftp");
    has_scheme("my+proto://h", "my+proto");
    has_scheme("data:,x", "data");
    has_scheme("news:a@b", "news");
    has_scheme("file:/etc/motd", "file");
    has_scheme("h:80/", "");
    has_scheme("h/ftp://x", "");
    has_scheme("database:80", "");
    has_scheme("1ftp://x", "");
    has_scheme("", "");
}

/* curl(1): "If you provide a URL without a leading protocol:// scheme, curl
 * guesses what protocol you want." */
static void a_host_may_name_it(void **state)
{
    (void)state;
    assert_string_equal(scheme_of_host("ftp.example.org/x"), "ftp");
    assert_string_equal(scheme_of_host("FTP.example.org"), "ftp");
    assert_string_equal(scheme_of_host("joe:x@pop3.example.org"), "pop3");
    assert_string_equal(scheme_of_host("smtp.example.org:587"), "smtp");
    assert_null(scheme_of_host("www.example.org/ftp.x"));
    assert_null(scheme_of_host("ftpx.example.org"));
    assert_null(scheme_of_host("ftp"));
}

/* curl(1), --proto. */
static void a_list_says_which_may_be_used(void **state)
{
    (void)state;
    assert_true(scheme_allowed(NULL, "ftp"));
    assert_true(scheme_allowed("-ftps", "ftp"));
    assert_false(scheme_allowed("-ftp", "ftp"));
    assert_false(scheme_allowed("=http,https", "ftp"));
    assert_true(scheme_allowed("-all,https,+ftp", "ftp"));
    assert_false(scheme_allowed("-all,https,+ftp", "http"));
    assert_true(scheme_allowed("=FTP", "ftp"));
}

/* --- what was said --- */

static void say(struct dialogue *d, int direction, const char *text)
{
    dialogue_line(d, direction, text, strlen(text));
}

static void the_latest_command_and_its_answer_are_known(void **state)
{
    struct dialogue d = {.keep = true};

    (void)state;
    say(&d, '*', "connected");
    say(&d, '<', "220 hello");
    assert_string_equal(d.said, "");
    say(&d, '>', "RETR a");
    assert_false(d.begun);
    say(&d, '<', "150 here");
    assert_true(d.begun && dialogue_said(&d, "retr"));
    assert_false(dialogue_said(&d, "RET"));
    say(&d, '<', "226 done");
    assert_int_equal(d.answer, 226);
    assert_true(d.begun);
    say(&d, '>', "SIZE b");
    assert_false(d.begun);
    say(&d, '<', "550 no");
    assert_int_equal(d.before, 226);
    say(&d, '>', "QUIT"); /* of no interest */
    say(&d, '<', "221 bye");
    assert_true(dialogue_said(&d, "SIZE"));
    assert_int_equal(d.answer, 550);
    assert_int_equal(d.connects, 1);
    assert_string_equal(d.replies.data,
                        "220 hello\r\n150 here\r\n226 done\r\n550 no\r\n");
    assert_int_equal(d.size, d.replies.len);
    dialogue_free(&d);
}

/* --- exit codes: those of curl 7.88 for the same answer --- */

static int code_of(const char *scheme, const char *dialogue, int code,
                   const char *text)
{
    struct config config = {0};
    struct transfer t = {.job = {.config = &config}};
    struct other o = {.t = &t};
    struct sc_error e = {.code = code};
    size_t n;

    snprintf(o.scheme, sizeof o.scheme, "%s", scheme);
    snprintf(e.text, sizeof e.text, "%s", text);
    for (; *dialogue != '\0'; dialogue += n + (dialogue[n] == '\n')) {
        n = strcspn(dialogue, "\n");
        dialogue_line(&t.dialogue, dialogue[0], dialogue + 2, n - 2);
    }
    e.status = (short)t.dialogue.answer;
    return other_code(&o, &e);
}

static int refused(const char *scheme, const char *dialogue)
{
    return code_of(scheme, dialogue, SC_EREPLY, "no");
}

static void what_ftp_refused_has_a_code(void **state)
{
    static const struct {
        const char *dialogue;
        int want;
    } rows[] = {
        {"< 530 no", 8},
        {"< 421 busy", 28},
        {"> USER joe\n< 530 no", 67},
        {"> USER joe\n< 331 and\n> ***\n< 530 no", 67},
        {"> ***\n< 332 account\n> ***\n< 530 no", 11},
        {"> AUTH TLS\n< 500 no", 64},
        {"> CWD a\n< 550 no", 9},
        {"> MKD a\n< 550 no", 9},
        {"> TYPE A\n< 500 no", 17},
        {"> PASV\n< 500 no", 13},
        {"> PORT 1,2\n< 500 no", 30},
        {"> REST 5\n< 500 no", 31},
        {"> RETR a\n< 550 no", 78},
        {"> RETR a\n< 451 no", 19},
        {"> RETR a\n< 150 yes\n< 451 no", 18},
        {"> RETR a\n< 421 over", 28},
        {"> LIST\n< 500 no", 19},
        {"> STOR a\n< 553 no", 25},
        {"> STOR a\n< 150 yes\n< 552 full", 70},
        {"> STOR a\n< 150 yes\n< 451 no", 18},
        {"> APPE a\n< 553 no", 25},
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        int code = refused("ftp", rows[i].dialogue);

        if (code != rows[i].want || refused("ftps", rows[i].dialogue) != code)
            fail_msg("%s: %d", rows[i].dialogue, code);
    }
}

static void what_mail_and_news_refused_has_a_code(void **state)
{
    (void)state;
    assert_int_equal(refused("smtp", "< 554 no"), 8);
    assert_int_equal(refused("smtp", "> EHLO x\n< 500 no"), 9);
    assert_int_equal(refused("smtps", "> ***\n< 535 no"), 67);
    assert_int_equal(refused("smtp", "> STARTTLS\n< 454 no"), 64);
    assert_int_equal(refused("smtp", "> MAIL FROM:<>\n< 550 no"), 55);
    assert_int_equal(refused("lmtp", "> RCPT TO:<a@b>\n< 550 no"), 55);
    assert_int_equal(refused("smtp", "> DATA\n< 554 no"), 55);
    assert_int_equal(refused("smtp", "> DATA\n< 354 go\n> .\n< 554 no"), 8);
    assert_int_equal(refused("pop3", "> PASS ***\n< -ERR no"), 67);
    assert_int_equal(refused("pop3s", "> RETR 7\n< -ERR no"), 8);
    assert_int_equal(refused("nntp", "> ARTICLE 7\n< 423 no"), 78);
}

static void other_failures_have_codes_of_their_own(void **state)
{
    const char *in = "> RETR a\n< 150 yes";

    (void)state;
    assert_int_equal(code_of("foo", "", SC_ENOTSUP, "unknown scheme \"foo\""),
                     1);
    assert_int_equal(code_of("ftp", "", SC_EURL, "x"), 3);
    assert_int_equal(code_of("ftp", in, SC_ESHORT, "x"), 18);
    assert_int_equal(code_of("ftp", in, SC_ETIMEDOUT, "x"), 28);
    assert_int_equal(code_of("ftp", in, SC_EOF, "x"), 56);
    assert_int_equal(code_of("ftp", in, SC_EINVAL, "it ends before that"), 36);
    assert_int_equal(code_of("ftp", "", SC_EPROTO, "EPSV: no port in it"), 13);
    assert_int_equal(code_of("ftp", "", SC_EPROTO, "PASV: no port in it"), 14);
    assert_int_equal(code_of("ftp", "> USER joe", SC_EPLAINTEXT, "x"), 67);
    assert_int_equal(code_of("ftp", "> AUTH TLS", SC_EPLAINTEXT, "x"), 8);
    assert_int_equal(code_of("smtp", "", SC_EPLAINTEXT, "x"), 67);
    assert_int_equal(code_of("file", "", -ENOENT, "x"), 37);
    assert_int_equal(code_of("file", "", SC_EURL, "x"), 3);
    assert_int_equal(code_of("pop3", "", SC_ECERT, "x"), 60);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, begin, end)
static const struct CMUnitTest tests[] = {
    TEST(ftp_has_its_switches),
    TEST(commands_are_kept_in_their_order),
    TEST(the_later_of_pasv_and_port_counts),
    TEST(a_method_of_changing_folders_has_a_name),
    TEST(tls_is_not_begun_unless_asked_for),
    TEST(mail_has_a_sender_and_recipients),
    TEST(what_curl_has_and_urlget_has_not_is_told),
    TEST(httpget_has_none_of_them),
    TEST(a_scheme_is_told_or_not),
    TEST(a_host_may_name_it),
    TEST(a_list_says_which_may_be_used),
    TEST(the_latest_command_and_its_answer_are_known),
    TEST(what_ftp_refused_has_a_code),
    TEST(what_mail_and_news_refused_has_a_code),
    TEST(other_failures_have_codes_of_their_own),
};

TEST_MAIN(tests)
