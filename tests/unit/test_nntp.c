/* test_nntp.c - the greeting, replies, what the server can do, MODE READER, what
 * ends a connection, and what may stand in a command, against scripts. Numbers of
 * statements: docs/design/nntp-status.md. */
#include "nntp_script.h"

/* --- the greeting --- */

struct greeting {
    const char *script;
    int code, status;
};

static void each_greeting_has_its_error(void **state)
{
    static const struct greeting all[] = {
        {NNTP_NEW, 0, 0},
        {"S: 200\n" CAPS("S: READER\n"), 0, 0},
        {"S: 201 no posting\n" CAPS("S: READER\n"), 0, 0},
        {"S: 400 later\n", SC_EREPLY, 400},
        {"S: 502 not you\n", SC_EREPLY, 502},
        {"S: 480 log in\n", SC_EREPLY, 480},
        {"S: 100 help\n", SC_EPROTO, 0},
        {"S: 203 streaming\n", SC_EPROTO, 0},
        {"S: 340 go on\n", SC_EPROTO, 0},
        {"S: 600 no\n", SC_EPROTO, 0},
        {"S: 020 no\n", SC_EPROTO, 0},
        {"S: 20\n", SC_EPROTO, 0},
        {"S: 2000\n", SC_EPROTO, 0},
        {"S: 200-more\n", SC_EPROTO, 0},
        {"S: +OK\n", SC_EPROTO, 0},
        {"S: \n", SC_EPROTO, 0},
        {"S~\n", SC_ETIMEDOUT, 0},
        {"S.\n", SC_EOF, 0},
        {"s: 200 ne\nS.\n", SC_ESHORT, 0},
        {"S!\n", SC_ECONNRESET, 0},
        {"S: 200\nC: CAPABILITIES\nS: 101\nS: READER\nS.\n", SC_ESHORT, 0},
        {"S: 200\nC: CAPABILITIES\nS: 400 bye\n", SC_EREPLY, 400},
    };

    (void)state;
    for (size_t i = 0; i < sizeof all / sizeof all[0]; i++) {
        struct nntp_talk t = nntp_talk(all[i].script);
        const struct sc_error *e = sc_last_error(&t.n->base);

        if (sc_broken(&t.n->base) != all[i].code ||
            (all[i].code != 0 && e->status != all[i].status))
            fail_msg("%s: %d %s", all[i].script, sc_broken(&t.n->base),
                     e->text);
        nntp_talk_over(t);
    }
}

static void a_greeting_that_ends_tells_its_words(void **state)
{
    struct nntp_talk t = nntp_talk("S: 400 try again at four\n");

    (void)state;
    assert_words(t, "400 try again at four");
    assert_int_equal(sc_last_error(&t.n->base)->phase, SC_PHASE_GREET);
    nntp_talk_over(t);
}

static void the_greeting_tells_whether_one_may_post(void **state)
{
    static const struct {
        const char *script;
        bool posting;
    } all[] = {
        {"S: 200 news\n" CAPS("S: READER\n"), true},
        {"S: 201 news\n" CAPS("S: READER\n"), false},
        {"S: 200 news\n" CAPS("S: MODE-READER\n") "C: MODE READER\nS: 201 "
                                                  "no\n" CAPS("S: READER\n"),
         false},
        {"S: 201 news\n" CAPS("S: MODE-READER\n") "C: MODE READER\nS: 200 "
                                                  "yes\n" CAPS("S: READER\n"),
         true},
    };

    (void)state;
    for (size_t i = 0; i < sizeof all / sizeof all[0]; i++) {
        struct nntp_talk t = nntp_talk(all[i].script);

        assert_in_order(t);
        assert_int_equal(nntp_capabilities(t.n)->posting, all[i].posting);
        nntp_talk_over(t);
    }
}

/* --- CAPABILITIES --- */

/* RFC 3977 section 5.2.3, with the labels of RFC 4642, 4643, 6048, 8054. */
static void capabilities_teach_what_the_server_can_do(void **state)
{
    static const char script[] =
        "S: 200 news\n"
        "C: CAPABILITIES\n"
        "S: 101 Capability list:\n"
        "S: VERSION 2 3\n"
        "S: reader\n"
        "S: IHAVE\n"
        "S: POST\n"
        "S: NEWNEWS\n"
        "s: LIST  ACTIVE\\tNEWSGROUPS ACTIVE.TIMES OVERVIEW.FMT \\r\\n\n"
        "S: IMPLEMENTATION INN 4.2 2004-12-25\n"
        "S: OVER MSGID\n"
        "S: HDR\n"
        "S: STREAMING\n"
        "S: AUTHINFO USER SASL\n"
        "S: SASL PLAIN SCRAM-SHA-1\n"
        "S: COMPRESS GZIP DEFLATE\n"
        "S: XSECRET DEFLATE STARTTLS\n"
        "S: \n"
        "S: .\n";

    (void)state;
    for (size_t split = 0; split < 40; split++) {
        struct nntp_talk t = nntp_talk_with(script, split, NULL);
        const struct nntp_caps *caps = nntp_capabilities(t.n);

        assert_in_order(t);
        assert_int_equal(
            caps->have, NNTP_CAP_CAPABILITIES | NNTP_CAP_READER |
                            NNTP_CAP_IHAVE | NNTP_CAP_POST | NNTP_CAP_NEWNEWS |
                            NNTP_CAP_LIST | NNTP_CAP_OVER |
                            NNTP_CAP_OVER_MSGID | NNTP_CAP_HDR |
                            NNTP_CAP_STREAMING | NNTP_CAP_AUTHINFO_USER |
                            NNTP_CAP_AUTHINFO_SASL | NNTP_CAP_COMPRESS_DEFLATE);
        assert_int_equal(caps->version, 3);
        assert_string_equal(caps->sasl, "PLAIN SCRAM-SHA-1");
        assert_string_equal(caps->list,
                            "ACTIVE NEWSGROUPS ACTIVE.TIMES OVERVIEW.FMT");
        assert_string_equal(caps->implementation, "INN 4.2 2004-12-25");
        assert_non_null(strstr(caps->all.data, "VERSION 2 3\nreader\nIHAVE\n"));
        nntp_talk_over(t);
    }
}

static void arguments_say_what_is_offered(void **state)
{
    struct nntp_talk t = nntp_talk(
        "S: 200\n" CAPS("S: READER\nS: AUTHINFO\nS: OVER\nS: COMPRESS LZ4\n"));

    (void)state;
    assert_int_equal(nntp_capabilities(t.n)->have,
                     NNTP_CAP_CAPABILITIES | NNTP_CAP_READER | NNTP_CAP_OVER);
    nntp_talk_over(t);
}

static void capabilities_have_a_ceiling(void **state)
{
    struct sc_options opt = {.reply_limit = 20};
    struct nntp_talk t = nntp_talk_with(NNTP_NEW, 0, &opt);

    (void)state;
    assert_int_equal(sc_broken(&t.n->base), SC_ETOOBIG);
    sc_drop(&t.n->base); /* the rest is not read */
}

/* Those from before RFC 3977 say 500, and some 502 or 480. */
static void a_server_without_capabilities_goes_on(void **state)
{
    static const char *const all[] = {"500 What?", "501 huh", "502 no",
                                      "480 log in", "503 not now"};
    char script[300];

    (void)state;
    for (size_t i = 0; i < sizeof all / sizeof all[0]; i++) {
        struct nntp_talk t;

        snprintf(script, sizeof script,
                 "S: 200 news\nC: CAPABILITIES\nS: %s\n"
                 "C: MODE READER\nS: 201 read\nC: CAPABILITIES\nS: %s\n",
                 all[i], all[i]);
        t = nntp_talk(script);
        assert_in_order(t);
        assert_int_equal(nntp_capabilities(t.n)->have, 0);
        nntp_talk_over(t);
    }
}

static void capabilities_asked_by_the_caller_may_be_refused(void **state)
{
    struct nntp_talk t = nntp_talk(NNTP_NEW CAPS(
        "S: READER\nS: POST\n") "C: CAPABILITIES\nS: 503 not now\n");

    (void)state;
    assert_int_equal(nntp_ask_capabilities(t.n), 0);
    assert_true(nntp_capabilities(t.n)->have & NNTP_CAP_POST);
    assert_refused(t, nntp_ask_capabilities(t.n), 503);
    assert_int_equal(nntp_capabilities(t.n)->have, 0); /* forgotten */
    nntp_talk_over(t);
}

/* --- MODE READER --- */

/* RFC 3977 section 5.3. */
static void mode_reader_is_said_only_where_it_is_needed(void **state)
{
    (void)state;
    nntp_play("S: 200\n" CAPS("S: READER\n"), NULL, 0);
    nntp_play("S: 200\n" CAPS("S: READER\nS: MODE-READER\n"), NULL, 0);
    nntp_play("S: 200\n" CAPS("S: IHAVE\n"), NULL, 0);
    nntp_play("S: 200\n" CAPS(
                  "S: IHAVE\nS: MODE-READER\n") "C: MODE READER\nS: 200 "
                                                "now\n" CAPS("S: READER\n"),
              NULL, 0);
    nntp_play(NNTP_OLD, NULL, 0);
}

static void mode_reader_may_be_unknown_to_old_servers(void **state)
{
    (void)state;
    nntp_play("S: 200\nC: CAPABILITIES\nS: 500\nC: MODE READER\nS: 500\n"
              "C: CAPABILITIES\nS: 500\n",
              NULL, 0);
    nntp_play("S: 200\n" CAPS("S: MODE-READER\n") "C: MODE READER\nS: 500\n",
              NULL, SC_EREPLY);
    nntp_play("S: 200\n" CAPS("S: MODE-READER\n") "C: MODE READER\nS: 502\n",
              NULL, SC_EREPLY);
}

static void a_feed_says_no_mode_reader(void **state)
{
    static const char *const all[] = {
        "S: 200\n" CAPS("S: IHAVE\nS: MODE-READER\n"),
        "S: 200\nC: CAPABILITIES\nS: 500\n"};

    (void)state;
    for (size_t i = 0; i < 2; i++) {
        struct nntp_talk t = nntp_talk_as(&nntp_transit_class, all[i], 0, NULL);

        assert_in_order(t);
        nntp_talk_over(t);
    }
}

static void the_caller_may_say_mode_reader(void **state)
{
    struct nntp_talk t = nntp_talk_as(
        &nntp_transit_class,
        "S: 200\n" CAPS("S: MODE-READER\n") "C: MODE READER\nS: 201 now\n" CAPS(
            "S: READER\n") "C: MODE READER\nS: 500\n",
        0, NULL);

    (void)state;
    assert_int_equal(nntp_mode_reader(t.n), 0);
    assert_false(nntp_capabilities(t.n)->posting);
    assert_true(nntp_capabilities(t.n)->have & NNTP_CAP_READER);
    assert_refused(t, nntp_mode_reader(t.n), 500);
    nntp_talk_over(t);
}

/* --- replies --- */

static void a_refusal_leaves_the_client_in_order(void **state)
{
    struct nntp_talk t = nntp_talk(NNTP_NEW "C: GROUP example.is.sob.bradner\n"
                                            "S: 411 no such group\n"
                                            "C: DATE\n"
                                            "S: 111 19990623135624\n");
    int64_t now = 0;

    (void)state;
    assert_refused(t, nntp_group(t.n, "example.is.sob.bradner", NULL), 411);
    assert_words(t, "GROUP example.is.sob.bradner: 411 no such group");
    assert_int_equal(nntp_date(t.n, &now), 0);
    assert_int_equal(now, 930146184); /* date -u -d '1999-06-23 13:56:24' */
    nntp_talk_over(t);
}

/* RFC 3977 section 3.2 has no replies of several lines. */
static void a_reply_is_one_line(void **state)
{
    struct nntp_talk t = nntp_talk(NNTP_NEW "C: DATE\nS: 111-first\n");
    int64_t now;

    (void)state;
    assert_int_equal(nntp_date(t.n, &now), SC_EPROTO);
    assert_int_equal(sc_broken(&t.n->base), SC_EPROTO);
    nntp_talk_over(t);
}

static void a_reply_beyond_the_limit_breaks(void **state)
{
    struct sc_options opt = {.line_limit = 30};
    struct nntp_talk t =
        nntp_talk_with("S: 200 78901234567890123456789012345\n", 1, &opt);

    (void)state;
    assert_int_equal(sc_broken(&t.n->base), SC_ETOOBIG);
    sc_drop(&t.n->base);
}

static void status_400_ends_the_connection(void **state)
{
    struct nntp_talk t = nntp_talk(NNTP_NEW "C: NEXT\nS: 400 idle too long\n");

    (void)state;
    assert_int_equal(nntp_next(t.n, NULL), SC_EREPLY);
    assert_int_equal(sc_broken(&t.n->base), SC_EREPLY);
    assert_int_equal(sc_last_error(&t.n->base)->status, 400);
    assert_words(t, "NEXT: 400 idle too long");
    assert_int_equal(nntp_last(t.n, NULL), SC_EREPLY); /* nothing is sent */
    assert_int_equal(nntp_quit(t.n), SC_EREPLY);
    nntp_talk_over(t);
}

static void status_502_ends_the_connection(void **state)
{
    struct nntp_talk t = nntp_talk(NNTP_NEW "C: GROUP a.b\nS: 502 go away\n");

    (void)state;
    assert_int_equal(nntp_group(t.n, "a.b", NULL), SC_EREPLY);
    assert_int_equal(sc_broken(&t.n->base), SC_EREPLY);
    assert_int_equal(sc_last_error(&t.n->base)->status, 502);
    nntp_talk_over(t);
}

/* Said before it was asked: it is there when something is. */
static void status_400_unasked_is_told_at_the_next_command(void **state)
{
    struct nntp_talk t = nntp_talk(NNTP_NEW "S: 400 going down\nC: DATE\nS.\n");
    int64_t now;

    (void)state;
    assert_int_equal(nntp_date(t.n, &now), SC_EREPLY);
    assert_int_equal(sc_last_error(&t.n->base)->status, 400);
    sc_drop(&t.n->base);
}

static void the_end_between_commands_is_told(void **state)
{
    struct nntp_talk t = nntp_talk(NNTP_NEW "C: NEXT\nS.\n");

    (void)state;
    assert_int_equal(nntp_next(t.n, NULL), SC_EOF);
    assert_int_equal(nntp_next(t.n, NULL), SC_EOF);
    nntp_talk_over(t);
}

static void a_code_that_does_not_belong_breaks(void **state)
{
    static const char *const all[] = {"381 more", "281 in", "111 now",
                                      "340 send", "222 body"};
    char script[400];

    (void)state;
    for (size_t i = 0; i < sizeof all / sizeof all[0]; i++) {
        struct nntp_talk t;

        snprintf(script, sizeof script, NNTP_NEW "C: GROUP a.b\nS: %s\n",
                 all[i]);
        t = nntp_talk(script);
        assert_int_equal(nntp_group(t.n, "a.b", NULL), SC_EPROTO);
        assert_int_equal(sc_broken(&t.n->base), SC_EPROTO);
        nntp_talk_over(t);
    }
}

/* --- QUIT --- */

static void quit_is_said_once(void **state)
{
    struct nntp_talk t = nntp_talk(NNTP_NEW "C: QUIT\nS: 205 bye\n");

    (void)state;
    assert_int_equal(nntp_quit(t.n), 0);
    assert_int_equal(nntp_quit(t.n), 0);
    assert_int_equal(nntp_close(t.n), 0);
}

static void the_end_instead_of_205_is_tolerated(void **state)
{
    static const char *const all[] = {"S.\n", "S!\n", "s: 205 by\nS.\n"};
    char script[400];

    (void)state;
    for (size_t i = 0; i < sizeof all / sizeof all[0]; i++)
        for (int early = 0; early < 2; early++) {
            struct nntp_talk t;

            snprintf(script, sizeof script, NNTP_NEW "C: QUIT\n%s", all[i]);
            t = nntp_talk(script);
            if (early)
                assert_int_equal(nntp_quit(t.n), 0);
            assert_int_equal(nntp_close(t.n), 0);
        }
}

static void a_silent_server_at_quit_is_told(void **state)
{
    struct nntp_talk t = nntp_talk(NNTP_NEW "C: QUIT\nS~\n");

    (void)state;
    assert_int_equal(nntp_close(t.n), SC_ETIMEDOUT);
    assert_int_equal(nntp_close(NULL), 0);
}

/* --- what may stand in a command --- */

static int none_group(void *arg, const struct nntp_group *g)
{
    (void)arg;
    (void)g;
    return 0;
}

static int none_number(void *arg, uint64_t number)
{
    (void)arg;
    (void)number;
    return 0;
}

static int none_line(void *arg, struct sc_span line)
{
    (void)arg;
    (void)line;
    return 0;
}

static int none_article(void *arg, const struct nntp_article *a)
{
    (void)arg;
    (void)a;
    return 0;
}

static int none_value(void *arg, uint64_t number, struct sc_span value)
{
    (void)arg;
    (void)number;
    (void)value;
    return 0;
}

static void assert_word_refused(NNTPClient *n, const char *word)
{
    assert_int_equal(nntp_group(n, word, NULL), SC_EINVAL);
    assert_int_equal(nntp_listgroup(n, word, 0, 0, none_number, NULL, NULL),
                     SC_EINVAL);
    assert_int_equal(nntp_newnews(n, word, 0, none_line, NULL), SC_EINVAL);
    assert_int_equal(nntp_list_active(n, word, none_group, NULL), SC_EINVAL);
    assert_int_equal(nntp_list(n, word, NULL, none_line, NULL), SC_EINVAL);
    assert_int_equal(nntp_list(n, "HEADERS", word, none_line, NULL), SC_EINVAL);
    assert_int_equal(nntp_hdr(n, word, 1, 2, none_value, NULL), SC_EINVAL);
}

static void a_space_or_line_break_is_refused_before_a_byte_leaves(void **state)
{
    static const char *const bad[] = {"a.b\r\nQUIT", "a.b\n", "a.b\r",   "a b",
                                      "a.b\t",       "",      "a\x7f.b", " a"};
    struct nntp_talk t = nntp_talk(NNTP_NEW "C: NEXT\nS: 421 no\n");
    char word[NNTP_NAME_MOST + 2];

    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        assert_word_refused(t.n, bad[i]);
        assert_in_order(t);
    }
    memset(word, 'a', sizeof word);
    word[NNTP_NAME_MOST + 1] = '\0';
    assert_word_refused(t.n, word);
    assert_refused(t, nntp_next(t.n, NULL), 421);
    nntp_talk_over(t);
}

static void assert_id_refused(NNTPClient *n, const char *id)
{
    struct mail_source article = {.data = SC_SPAN("A: b\r\n\r\nc\r\n")};
    struct sc_buf out = {0};

    assert_int_equal(nntp_article_id(n, id, sc_null_sink, NULL, NULL),
                     SC_EINVAL);
    assert_int_equal(nntp_head_id(n, id, sc_null_sink, NULL, NULL), SC_EINVAL);
    assert_int_equal(nntp_body_id(n, id, sc_null_sink, NULL, NULL), SC_EINVAL);
    assert_int_equal(nntp_stat_id(n, id, NULL), SC_EINVAL);
    assert_int_equal(nntp_over_id(n, id, none_article, NULL), SC_EINVAL);
    assert_int_equal(nntp_hdr_id(n, "Subject", id, &out), SC_EINVAL);
    assert_int_equal(nntp_ihave(n, id, &article), SC_EINVAL);
}

static void a_message_id_has_brackets_and_250_bytes(void **state)
{
    static const char *const bad[] = {
        "a@b",   "<a@b",      "a@b>",  "<>",           "",  "<a b>",
        "<a>b>", "<a@b>\r\n", "<a\n>", "<a@\xc3\xb6>", "<", ">"};
    struct nntp_talk t = nntp_talk(NNTP_NEW "C: NEXT\nS: 421 no\n");
    char id[NNTP_ID_MOST + 2];

    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        assert_id_refused(t.n, bad[i]);
    memset(id, 'a', sizeof id);
    id[0] = '<';
    id[NNTP_ID_MOST] = '>';
    id[NNTP_ID_MOST + 1] = '\0';
    assert_id_refused(t.n, id);
    assert_refused(t, nntp_next(t.n, NULL), 421);
    nntp_talk_over(t);
}

/* The longest command that there is, 512 bytes with its CRLF. */
static void a_name_that_fits_goes(void **state)
{
    char name[NNTP_NAME_MOST + 1], script[2000];
    struct nntp_talk t;

    (void)state;
    memset(name, 'a', sizeof name);
    name[NNTP_NAME_MOST] = '\0';
    snprintf(script, sizeof script,
             NNTP_NEW
             "C: LISTGROUP %s 1000000000000000000-9223372036854775807\n"
             "S: 411 no\n",
             name);
    t = nntp_talk(script);
    assert_refused(t,
                   nntp_listgroup(t.n, name, 1000000000000000000u, INT64_MAX,
                                  none_number, NULL, NULL),
                   411);
    nntp_talk_over(t);
}

static void ranges_make_sense_or_are_refused(void **state)
{
    static const struct {
        uint64_t first, last;
        const char *text; /* NULL: refused */
    } all[] = {
        {0, 0, ""},
        {7, 0, "7-"},
        {7, 7, "7"},
        {7, 9, "7-9"},
        {INT64_MAX, INT64_MAX, "9223372036854775807"},
        {9, 7, NULL},
        {0, 7, NULL},
        {UINT64_MAX, 0, NULL},
        {1, UINT64_MAX, NULL},
    };
    struct nntp_talk t = nntp_talk(NNTP_NEW);
    char out[48];

    (void)state;
    for (size_t i = 0; i < sizeof all / sizeof all[0]; i++) {
        int rc = nntp_range(t.n, out, all[i].first, all[i].last);

        assert_int_equal(rc, all[i].text != NULL ? 0 : SC_EINVAL);
        if (rc == 0)
            assert_string_equal(out, all[i].text);
    }
    nntp_talk_over(t);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(each_greeting_has_its_error),
    cmocka_unit_test(a_greeting_that_ends_tells_its_words),
    cmocka_unit_test(the_greeting_tells_whether_one_may_post),
    cmocka_unit_test(capabilities_teach_what_the_server_can_do),
    cmocka_unit_test(arguments_say_what_is_offered),
    cmocka_unit_test(capabilities_have_a_ceiling),
    cmocka_unit_test(a_server_without_capabilities_goes_on),
    cmocka_unit_test(capabilities_asked_by_the_caller_may_be_refused),
    cmocka_unit_test(mode_reader_is_said_only_where_it_is_needed),
    cmocka_unit_test(mode_reader_may_be_unknown_to_old_servers),
    cmocka_unit_test(a_feed_says_no_mode_reader),
    cmocka_unit_test(the_caller_may_say_mode_reader),
    cmocka_unit_test(a_refusal_leaves_the_client_in_order),
    cmocka_unit_test(a_reply_is_one_line),
    cmocka_unit_test(a_reply_beyond_the_limit_breaks),
    cmocka_unit_test(status_400_ends_the_connection),
    cmocka_unit_test(status_502_ends_the_connection),
    cmocka_unit_test(status_400_unasked_is_told_at_the_next_command),
    cmocka_unit_test(the_end_between_commands_is_told),
    cmocka_unit_test(a_code_that_does_not_belong_breaks),
    cmocka_unit_test(quit_is_said_once),
    cmocka_unit_test(the_end_instead_of_205_is_tolerated),
    cmocka_unit_test(a_silent_server_at_quit_is_told),
    cmocka_unit_test(a_space_or_line_break_is_refused_before_a_byte_leaves),
    cmocka_unit_test(a_message_id_has_brackets_and_250_bytes),
    cmocka_unit_test(a_name_that_fits_goes),
    cmocka_unit_test(ranges_make_sense_or_are_refused),
};

TEST_MAIN(tests)
