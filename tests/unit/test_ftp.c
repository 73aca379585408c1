/* test_ftp.c - the dialogue of FTP without data, against scripts: replies, the
 * login, commands (RFC 959, RFC 2389, RFC 3659). Data: loopback/test_ftp_data.c. */
#include "talk.h"

#include "client/conn.h"
#include "ftp/ftp_client.h"

#define READY                                                                  \
    "S: 220 ready\n"                                                           \
    "C: USER anonymous\n"                                                      \
    "S: 331 Guest login ok, send your e-mail address as password.\n"           \
    "C: PASS ftp@example.com\n"                                                \
    "S: 230 Guest login ok\n"

static const struct sc_options clear = {.starttls = SC_STARTTLS_NEVER};

static FTPClient *ftp_of(struct talk t)
{
    return (FTPClient *)t.c;
}

static struct talk ftp_talk(const char *script, size_t split)
{
    return talk_class(&ftp_class, script, split, &clear);
}

static void assert_refused(struct talk t, const char *text)
{
    assert_int_equal(sc_broken(t.c), 0);
    assert_int_equal(sc_last_error(t.c)->code, SC_EREPLY);
    if (strstr(sc_last_error(t.c)->text, text) == NULL)
        fail_msg("\"%s\" is not in \"%s\"", text, sc_last_error(t.c)->text);
}

static void assert_opened_with(const char *script, int code)
{
    struct talk t = ftp_talk(script, 0);

    assert_int_equal(sc_broken(t.c), code);
    sc_close(t.c);
}

/* --- replies --- */

/* RFC 959 section 4.2: lines between may begin with digits, even with the code. */
static void replies_of_many_lines_end_with_their_code(void **state)
{
    static const char script[] = READY "C: SITE HELP\n"
                                       "S: 214-First\n"
                                       "S:  214 spaces first\n"
                                       "S: 234 another code\n"
                                       "S: 214-and again\n"
                                       "S:\n"
                                       "S: 214 The last\n"
                                       "C: NOOP\nS: 200\n"
                                       "C: QUIT\nS: 221 Bye\n";

    (void)state;
    for (size_t split = 0; split < 40; split++) {
        struct talk t = ftp_talk(script, split);
        struct sc_buf out = {0};

        assert_int_equal(ftp_site(ftp_of(t), "HELP", &out), 0);
        assert_string_equal(out.data, "First\n 214 spaces first\n"
                                      "234 another code\n214-and again\n\n"
                                      "The last");
        assert_int_equal(ftp_noop(ftp_of(t)), 0);
        assert_int_equal(ftp_quit(ftp_of(t)), 0);
        sc_buf_free(&out);
        talk_over(t);
    }
}

static void a_reply_without_end_has_a_limit(void **state)
{
    struct sc_options opt = clear;
    struct talk t;

    (void)state;
    opt.reply_lines = 5;
    t = talk_class(&ftp_class,
                   "S: 220-a\nS: b\nS: c\nS: d\nS: e\nS: f\nS: g\nS: 220 h\n",
                   0, &opt);
    assert_int_equal(sc_broken(t.c), SC_ETOOBIG);
    sc_close(t.c);
    opt.reply_lines = 0;
    opt.reply_limit = 20;
    t = talk_class(&ftp_class, "S: 220-0123456789\nS: 0123456789\nS: 220 h\n",
                   0, &opt);
    assert_int_equal(sc_broken(t.c), SC_ETOOBIG);
    sc_close(t.c);
}

static void what_is_no_reply_breaks(void **state)
{
    (void)state;
    assert_opened_with("S: hello\n", SC_EPROTO);
    assert_opened_with("S: 22\n", SC_EPROTO);
    assert_opened_with("S: 620 x\n", SC_EPROTO);
    assert_opened_with("S: 220x\n", SC_EPROTO);
    assert_opened_with("S: 220-x\nS.\n", SC_EOF);
    assert_opened_with("S.\n", SC_EOF);
}

static void each_greeting_has_its_error(void **state)
{
    (void)state;
    assert_opened_with("S: 421 too many\n", SC_EREPLY);
    assert_opened_with("S: 530 go away\n", SC_EREPLY);
    assert_opened_with("S: 331 what\n", SC_EPROTO);
    assert_opened_with("S: 120 in a minute\n" READY, 0);
}

static void a_421_ends_it_at_any_time(void **state)
{
    struct talk t = ftp_talk(READY "C: NOOP\nS: 421 idle too long\n", 0);

    (void)state;
    assert_int_equal(ftp_noop(ftp_of(t)), SC_EREPLY);
    assert_int_equal(sc_broken(t.c), SC_EREPLY);
    assert_non_null(strstr(sc_last_error(t.c)->text, "421 idle too long"));
    assert_int_equal(ftp_noop(ftp_of(t)), SC_EREPLY);
    talk_over(t);
}

/* --- the login --- */

static struct talk login(const char *script, const struct ftp_options *how,
                         unsigned flags)
{
    struct sc_options opt = clear;
    struct talk t;

    opt.user = "joe";
    opt.password = "se cret";
    opt.flags = flags | SC_OPT_NO_GREET;
    t = talk_class(&ftp_class, script, 0, &opt);
    ftp_of(t)->how = how;
    sc_conn_greet(t.c);
    return t;
}

static const struct ftp_options usual;

static void user_and_password(void **state)
{
    struct talk t = login("S: 220 x\nC: USER joe\nS: 331 x\nC: PASS se cret\n"
                          "S: 230 x\n",
                          &usual, SC_OPT_PLAIN_LOGIN);

    (void)state;
    assert_int_equal(sc_broken(t.c), 0);
    talk_over(t);
    t = login("S: 220 x\nC: USER joe\nS: 230 at once\n", &usual,
              SC_OPT_PLAIN_LOGIN);
    assert_int_equal(sc_broken(t.c), 0);
    talk_over(t);
    t = login("S: 220 x\nC: USER joe\nS: 331 x\nC: PASS se cret\n"
              "S: 530 Login incorrect.\n",
              &usual, SC_OPT_PLAIN_LOGIN);
    assert_int_equal(sc_broken(t.c), SC_EREPLY);
    assert_null(strstr(sc_last_error(t.c)->text, "cret"));
    talk_over(t);
}

static void an_account_is_told_only_if_there_is_one(void **state)
{
    static const struct ftp_options with = {.account = "acme"};
    struct talk t =
        login("S: 220 x\nC: USER joe\nS: 331 x\nC: PASS se cret\nS: 332 x\n"
              "C: ACCT acme\nS: 230 x\n",
              &with, SC_OPT_PLAIN_LOGIN);

    (void)state;
    assert_int_equal(sc_broken(t.c), 0);
    talk_over(t);
    t = login("S: 220 x\nC: USER joe\nS: 332 x\n", &usual, SC_OPT_PLAIN_LOGIN);
    assert_int_equal(sc_broken(t.c), SC_EPROTO);
    talk_over(t);
}

static void another_command_where_user_fails(void **state)
{
    static const struct ftp_options how = {.alternative = "SITE AUTH"};
    struct talk t = login("S: 220 x\nC: USER joe\nS: 530 x\nC: SITE AUTH\n"
                          "S: 232 x\n",
                          &how, SC_OPT_PLAIN_LOGIN);

    (void)state;
    assert_int_equal(sc_broken(t.c), 0);
    talk_over(t);
}

static void commands_before_all_else(void **state)
{
    static const char *const before[] = {"SITE UMASK 022", "*NOPE", NULL};
    static const char *const bad[] = {"NOOP\r\nDELE x", NULL};
    static const struct ftp_options how = {.before = before};
    static const struct ftp_options hostile = {.before = bad};
    static const char script[] =
        "S: 220 x\nC: USER joe\nS: 331 x\nC: PASS se cret\nS: 230 x\n";
    struct sc_buf text = {0};
    struct talk t;

    (void)state;
    sc_buf_addf(&text, "%sC: SITE UMASK 022\nS: 200 x\nC: NOPE\nS: 502 x\n",
                script);
    t = login(text.data, &how, SC_OPT_PLAIN_LOGIN);
    assert_int_equal(sc_broken(t.c), 0);
    talk_over(t);
    t = login(script, &hostile, SC_OPT_PLAIN_LOGIN);
    assert_int_equal(sc_broken(t.c), SC_EINVAL);
    talk_over(t);
    sc_buf_free(&text);
}

static void a_login_with_a_line_break_is_not_said(void **state)
{
    struct talk t = ftp_talk(READY, 0);

    (void)state;
    assert_int_equal(ftp_login(ftp_of(t), "a\r\nDELE b", "x"), SC_EINVAL);
    assert_int_equal(ftp_login(ftp_of(t), "a", "x\nDELE b"), SC_EINVAL);
    assert_int_equal(ftp_login(ftp_of(t), "", "x"), SC_EINVAL);
    talk_over(t);
}

/* --- commands --- */

static int take_entry(void *arg, const struct ftp_entry *e)
{
    assert_span(e->name, "/pub/x");
    *(int64_t *)arg = e->size;
    return 0;
}

static void one_command_and_its_reply_each(void **state)
{
    static const char script[] =
        READY "C: PWD\nS: 257 \"/a \"\"b\"\" c\" is the folder\n"
              "C: CWD x\nS: 250 x\nC: CDUP\nS: 200 x\n"
              "C: SIZE f\nS: 213 18446744073709551\n"
              "C: MDTM f\nS: 213 19990929003355.237\n"
              "C: MLST f\nS: 250- Listing f\nS:  Type=file;size=7; /pub/x\nS: "
              "250 End\n"
              "C: RNFR a\nS: 350 x\nC: RNTO b\nS: 250 x\n"
              "C: MKD d\nS: 257 x\nC: RMD d\nS: 250 x\nC: DELE f\nS: 550 no\n"
              "C: OPTS UTF8 ON\nS: 200 x\n";
    struct talk t = ftp_talk(script, 0);
    FTPClient *f = ftp_of(t);
    struct sc_buf path = {0};
    uint64_t size;
    int64_t time, listed = 0;

    (void)state;
    assert_int_equal(ftp_pwd(f, &path), 0);
    assert_string_equal(path.data, "/a \"b\" c");
    assert_int_equal(ftp_cwd(f, "x"), 0);
    assert_int_equal(ftp_cdup(f), 0);
    assert_int_equal(ftp_size(f, "f", &size), 0);
    assert_true(size == 18446744073709551u);
    assert_int_equal(ftp_mdtm(f, "f", &time), 0);
    assert_int_equal(time, 938565235); /* RFC 3659 section 3.4 */
    assert_int_equal(ftp_mlst(f, "f", take_entry, &listed), 0);
    assert_int_equal(listed, 7);
    assert_int_equal(ftp_rename(f, "a", "b"), 0);
    assert_int_equal(ftp_mkd(f, "d"), 0);
    assert_int_equal(ftp_rmd(f, "d"), 0);
    assert_int_equal(ftp_dele(f, "f"), SC_EREPLY);
    assert_refused(t, "550 no");
    assert_int_equal(ftp_opts(f, "UTF8 ON"), 0);
    sc_buf_free(&path);
    talk_over(t);
}

static void paths_with_line_breaks_are_not_said(void **state)
{
    struct talk t = ftp_talk(READY, 0);
    FTPClient *f = ftp_of(t);
    static const char *const bad[] = {"a\r\nDELE b", "a\nb", "\r", "", NULL};
    uint64_t size;
    int64_t time;

    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        assert_int_equal(ftp_cwd(f, bad[i]), SC_EINVAL);
        assert_int_equal(ftp_size(f, bad[i], &size), SC_EINVAL);
        assert_int_equal(ftp_mdtm(f, bad[i], &time), SC_EINVAL);
        assert_int_equal(ftp_dele(f, bad[i]), SC_EINVAL);
        assert_int_equal(ftp_rename(f, "a", bad[i]), SC_EINVAL);
        assert_int_equal(ftp_site(f, bad[i], NULL), SC_EINVAL);
        assert_null(ftp_retr(f, bad[i], 0));
        assert_int_equal(ftp_done(f, NULL), SC_EINVAL);
    }
    talk_over(t);
}

/* RFC 2389 section 3.2. */
static void features(void **state)
{
    struct talk t = ftp_talk(READY "C: FEAT\n"
                                   "S: 211-Extensions supported:\n"
                                   "S:  MLST size*;create;modify*;perm\n"
                                   "S:  SIZE\n"
                                   "S:  REST STREAM\n"
                                   "S:  AUTH SSL;TLS\n"
                                   "S:  rest\n"
                                   "S: 211 END\n"
                                   "C: FEAT\nS: 500 what\n",
                             0);
    FTPClient *f = ftp_of(t);

    (void)state;
    assert_int_equal(ftp_feat(f), 0);
    assert_int_equal(ftp_features(f), FTP_FEAT | FTP_FEAT_MLST | FTP_FEAT_SIZE |
                                          FTP_FEAT_REST_STREAM |
                                          FTP_FEAT_AUTH_TLS);
    assert_int_equal(ftp_feat(f), SC_EREPLY);
    assert_int_equal(ftp_features(f), 0);
    talk_over(t);
}

static void answers_that_make_no_sense_break(void **state)
{
    uint64_t size;
    int64_t time;
    struct talk t = ftp_talk(READY "C: SIZE f\nS: 213 12x\n", 0);

    (void)state;
    assert_int_equal(ftp_size(ftp_of(t), "f", &size), SC_EPROTO);
    assert_int_equal(sc_broken(t.c), SC_EPROTO);
    sc_close(t.c);
    t = ftp_talk(READY "C: MDTM f\nS: 213 today\n", 0);
    assert_int_equal(ftp_mdtm(ftp_of(t), "f", &time), SC_EPROTO);
    sc_close(t.c);
    t = ftp_talk(READY "C: NOOP\nS: 331 what\n", 0);
    assert_int_equal(ftp_noop(ftp_of(t)), SC_EPROTO);
    sc_close(t.c);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(replies_of_many_lines_end_with_their_code),
    cmocka_unit_test(a_reply_without_end_has_a_limit),
    cmocka_unit_test(what_is_no_reply_breaks),
    cmocka_unit_test(each_greeting_has_its_error),
    cmocka_unit_test(a_421_ends_it_at_any_time),
    cmocka_unit_test(user_and_password),
    cmocka_unit_test(an_account_is_told_only_if_there_is_one),
    cmocka_unit_test(another_command_where_user_fails),
    cmocka_unit_test(commands_before_all_else),
    cmocka_unit_test(a_login_with_a_line_break_is_not_said),
    cmocka_unit_test(one_command_and_its_reply_each),
    cmocka_unit_test(paths_with_line_breaks_are_not_said),
    cmocka_unit_test(features),
    cmocka_unit_test(answers_that_make_no_sense_break),
};

TEST_MAIN(tests)
