/* test_nntp_list.c - OVER, HDR and LIST, and what stands in for them on old
 * servers, against scripts; most are RFC 3977's own examples. Numbers of
 * statements: docs/design/nntp-status.md. */
#include "nntp_seen.h"

/* --- OVER --- */

#define FORMAT                                                                 \
    "C: LIST OVERVIEW.FMT\n"                                                   \
    "S: 215 order of fields\n"                                                 \
    "S: Subject:\n"                                                            \
    "S: From:\n"                                                               \
    "S: Date:\n"                                                               \
    "S: Message-ID:\n"                                                         \
    "S: References:\n"                                                         \
    "S: :bytes\n"                                                              \
    "S: :lines\n"                                                              \
    "S: Xref:full\n"                                                           \
    "S: Distribution:full\n"                                                   \
    "S: .\n"

/* RFC 3977 section 8.3.3, and no format twice. */
static void over_gives_records(void **state)
{
    static const char script[] = NNTP_NEW FORMAT
        "C: OVER 3000234-3000240\n"
        "S: 224 Overview information follows\n"
        "s: 3000234\\tI am just a test article\\t\"Demo User\" "
        "<nobody@example.com>\\t6 Oct 1998 04:38:40 -0500\\t"
        "<45223423@example.com>\\t<45454@example.net>\\t1234\\t17\\t"
        "Xref: news.example.com misc.test:3000363\\tDistribution: local\\r\\n\n"
        "s: 3000235\\t\\t\\t\\t\\t\\t\\t\\r\\n\n"
        "S: .\n"
        "C: OVER <45223423@example.com>\n"
        "S: 224 Overview information follows\n"
        "s: 0\\tone\\tb\\tc\\td\\te\\t5\\t6\\r\\n\n"
        "S: .\n"
        "C: OVER\n"
        "S: 224 Overview information follows\n"
        "S: .\n";

    (void)state;
    for (size_t split = 0; split < 40; split++) {
        struct nntp_talk t = nntp_talk_with(script, split, NULL);

        assert_int_equal(nntp_over(t.n, 3000234, 3000240, see_article, NULL),
                         0);
        assert_seen("3000234 [I am just a test article] [<45454@example.net>] "
                    "1234 17 [news.example.com misc.test:3000363] "
                    "Distribution=local\n"
                    "3000235 [] [] 0 0 [] Distribution=\n");
        assert_int_equal(
            nntp_over_id(t.n, "<45223423@example.com>", see_article, NULL), 0);
        assert_seen("0 [one] [e] 5 6 [] Distribution=\n");
        assert_int_equal(nntp_over(t.n, 0, 0, see_article, NULL), 0);
        assert_seen("");
        nntp_talk_over(t);
    }
}

static void no_article_in_a_range_is_no_error(void **state)
{
    struct nntp_talk t =
        nntp_talk(NNTP_NEW FORMAT "C: OVER 7-9\nS: 423 none in that range\n"
                                  "C: OVER\nS: 420 no current article\n"
                                  "C: OVER 7-9\nS: 412 no newsgroup\n"
                                  "C: OVER <a@b>\nS: 430 no such article\n");

    (void)state;
    assert_int_equal(nntp_over(t.n, 7, 9, see_article, NULL), 0);
    assert_int_equal(nntp_over(t.n, 0, 0, see_article, NULL), 0);
    assert_refused(t, nntp_over(t.n, 7, 9, see_article, NULL), 412);
    assert_refused(t, nntp_over_id(t.n, "<a@b>", see_article, NULL), 430);
    assert_seen("");
    nntp_talk_over(t);
}

/* A server that does not know OVER, and one that says it has none. */
static void xover_stands_in_for_over(void **state)
{
    struct nntp_talk t = nntp_talk(
        NNTP_OLD "C: LIST OVERVIEW.FMT\nS: 503 what?\n"
                 "C: OVER 7-\nS: 500 what?\n"
                 "C: XOVER 7-\nS: 224 follows\n"
                 "s: 7\\ta\\tb\\tc\\td\\te\\t5\\t6\\tXref: h g:7\\r\\n\nS: .\n"
                 "C: XOVER 9-\nS: 420 none\n");

    (void)state;
    assert_int_equal(nntp_over(t.n, 7, 0, see_article, NULL), 0);
    assert_seen("7 [a] [e] 5 6 [h g:7]\n");
    assert_int_equal(nntp_over(t.n, 9, 0, see_article, NULL), 0);
    assert_seen("");
    nntp_talk_over(t);
    t = nntp_talk("S: 200\n" CAPS("S: READER\n") "C: LIST OVERVIEW.FMT\n"
                                                 "S: 500\nC: XOVER 7\n"
                                                 "S: 224\nS: .\n");
    assert_int_equal(nntp_over_id(t.n, "<a@b>", see_article, NULL), SC_ENOTSUP);
    assert_int_equal(nntp_over(t.n, 7, 7, see_article, NULL), 0);
    nntp_talk_over(t);
}

static void an_overview_that_is_cut_is_an_error(void **state)
{
    struct nntp_talk t =
        nntp_talk(NNTP_NEW FORMAT "C: OVER 7-9\nS: 224\n"
                                  "s: 7\\ta\\tb\\tc\\td\\te\\t5\\t6\\r\\n8\n"
                                  "S.\n");

    (void)state;
    assert_int_equal(nntp_over(t.n, 7, 9, see_article, NULL), SC_ESHORT);
    assert_seen("7 [a] [e] 5 6 [] Distribution=\n");
    nntp_talk_over(t);
}

/* Where it was refused for want of a login it was not told that there is none. */
static void a_format_behind_a_login_is_asked_again(void **state)
{
    static const struct sc_options shown = {.flags = SC_OPT_PLAIN_LOGIN};
    struct nntp_talk t = nntp_talk_with(
        NNTP_NEW
        "C: LIST OVERVIEW.FMT\nS: 480 who are you?\n"
        "C: OVER 7\nS: 480 who are you?\n"
        "C: AUTHINFO USER fred\nS: 281 hello\n" CAPS("S: READER\nS: OVER\n")
            FORMAT
        "C: OVER 7\nS: 224\n"
        "s: 7\\ta\\tb\\tc\\td\\te\\t5\\t6\\t\\tDistribution: x\\r\\n\n"
        "S: .\n",
        0, &shown);

    (void)state;
    assert_refused(t, nntp_over(t.n, 7, 7, see_article, NULL), 480);
    assert_int_equal(nntp_authinfo_user(t.n, "fred", "flintstone"), 0);
    assert_int_equal(nntp_over(t.n, 7, 7, see_article, NULL), 0);
    assert_seen("7 [a] [e] 5 6 [] Distribution=x\n");
    nntp_talk_over(t);
}

static void a_format_that_makes_no_sense_leaves_the_seven(void **state)
{
    struct nntp_talk t =
        nntp_talk(NNTP_NEW "C: LIST OVERVIEW.FMT\nS: 215\nS: \nS: .\n"
                           "C: OVER 7\nS: 224\n"
                           "s: 7\\ta\\tb\\tc\\td\\te\\t5\\t6\\r\\n\nS: .\n");

    (void)state;
    assert_int_equal(nntp_over(t.n, 7, 7, see_article, NULL), 0);
    assert_seen("7 [a] [e] 5 6 []\n");
    nntp_talk_over(t);
}

/* --- HDR --- */

/* RFC 3977 section 8.5.3. */
static void hdr_gives_values(void **state)
{
    struct nntp_talk t =
        nntp_talk(NNTP_NEW "C: HDR Subject 3000234-3000238\n"
                           "S: 225 Headers follow\n"
                           "S: 3000234 I am just a test article\n"
                           "S: 3000237 Re: I am just a test article\n"
                           "s: 3000238 \\r\\n\nS: .\n"
                           "C: HDR :bytes\n"
                           "S: 225 Headers follow\nS: 3000234 1234\nS: .\n"
                           "C: HDR Subject <i.am.a.test.article@example.com>\n"
                           "S: 225 Header information follows\n"
                           "S: 0 I am just a test article\nS: .\n"
                           "C: HDR Subject 1-2\nS: 423 none\n"
                           "C: HDR Subject\nS: 420 none\n"
                           "C: HDR Subject <a@b>\nS: 430 none\n"
                           "C: HDR Content-Type\nS: 503 not stored\n");
    struct sc_buf value = {0};

    (void)state;
    assert_int_equal(
        nntp_hdr(t.n, "Subject", 3000234, 3000238, see_value, NULL), 0);
    assert_seen("3000234 [I am just a test article]\n"
                "3000237 [Re: I am just a test article]\n"
                "3000238 []\n");
    assert_int_equal(nntp_hdr(t.n, ":bytes", 0, 0, see_value, NULL), 0);
    assert_seen("3000234 [1234]\n");
    assert_int_equal(nntp_hdr_id(t.n, "Subject",
                                 "<i.am.a.test.article@example.com>", &value),
                     0);
    assert_string_equal(value.data, "I am just a test article");
    assert_int_equal(nntp_hdr(t.n, "Subject", 1, 2, see_value, NULL), 0);
    assert_int_equal(nntp_hdr(t.n, "Subject", 0, 0, see_value, NULL), 0);
    assert_refused(t, nntp_hdr_id(t.n, "Subject", "<a@b>", &value), 430);
    assert_refused(t, nntp_hdr(t.n, "Content-Type", 0, 0, see_value, NULL),
                   503);
    assert_int_equal(nntp_hdr(t.n, "Sub:ject", 1, 2, see_value, NULL),
                     SC_EINVAL);
    assert_seen("");
    sc_buf_free(&value);
    nntp_talk_over(t);
}

/* RFC 2980 section 2.6: 221, and the message-id in front. */
static void xhdr_stands_in_for_hdr(void **state)
{
    struct nntp_talk t =
        nntp_talk(NNTP_OLD "C: HDR :lines 7-9\nS: 500 what?\n"
                           "C: XHDR lines 7-9\nS: 221 follows\nS: 7 17\nS: .\n"
                           "C: XHDR Subject <a@b>\nS: 221 follows\n"
                           "S: <a@b> Re: words\nS: .\n"
                           "C: XHDR Subject 9-\nS: 420 none\n");
    struct sc_buf value = {0};

    (void)state;
    assert_int_equal(nntp_hdr(t.n, ":lines", 7, 9, see_value, NULL), 0);
    assert_seen("7 [17]\n");
    assert_int_equal(nntp_hdr_id(t.n, "Subject", "<a@b>", &value), 0);
    assert_string_equal(value.data, "Re: words");
    assert_int_equal(nntp_hdr(t.n, "Subject", 9, 0, see_value, NULL), 0);
    sc_buf_free(&value);
    nntp_talk_over(t);
}

/* --- LIST --- */

/* RFC 3977 section 7.6, RFC 6048 sections 2.2 and 3.2. */
static void lists_of_groups_give_records(void **state)
{
    struct nntp_talk t = nntp_talk(
        NNTP_NEW "C: LIST ACTIVE misc.*,!misc.x\n"
                 "S: 215 list\nS: misc.test 3002322 3000234 y\n"
                 "S: misc.empty 0000000003 0000000004 m\nS: .\n"
                 "C: LIST ACTIVE.TIMES\n"
                 "S: 215 list\nS: misc.test 930445408 <creatme@isc.org>\n"
                 "S: .\n"
                 "C: LIST NEWSGROUPS misc.*\n"
                 "S: 215 list\ns: misc.test\\tGeneral Usenet testing\\r\\n\n"
                 "S: .\n"
                 "C: LIST COUNTS\n"
                 "S: 215 list\nS: misc.test 3002322 3000234 1234 y\nS: .\n");

    (void)state;
    assert_int_equal(nntp_list_active(t.n, "misc.*,!misc.x", see_group, NULL),
                     0);
    assert_seen("misc.test 0 3000234 3002322 [y] 0 [] []\n"
                "misc.empty 0 4 3 [m] 0 [] []\n");
    assert_int_equal(nntp_list_times(t.n, NULL, see_group, NULL), 0);
    assert_seen("misc.test 0 0 0 [] 930445408 [<creatme@isc.org>] []\n");
    assert_int_equal(nntp_list_newsgroups(t.n, "misc.*", see_group, NULL), 0);
    assert_seen("misc.test 0 0 0 [] 0 [] [General Usenet testing]\n");
    assert_int_equal(nntp_list_counts(t.n, NULL, see_group, NULL), 0);
    assert_seen("misc.test 1234 3000234 3002322 [y] 0 [] []\n");
    nntp_talk_over(t);
}

static void any_list_gives_its_lines(void **state)
{
    struct nntp_talk t = nntp_talk(
        NNTP_NEW "C: LIST DISTRIB.PATS\n"
                 "S: 215 list\nS: 10:local.*:local\nS: ..5:*:world\nS: .\n"
                 "C: LIST HEADERS MSGID\nS: 215 list\nS: :\nS: :bytes\nS: .\n"
                 "C: LIST MOTD\nS: 503 no data\n");

    (void)state;
    assert_int_equal(nntp_list(t.n, "DISTRIB.PATS", NULL, see_line, NULL), 0);
    assert_seen("10:local.*:local|.5:*:world|");
    assert_int_equal(nntp_list(t.n, "HEADERS", "MSGID", see_line, NULL), 0);
    assert_seen(":|:bytes|");
    assert_refused(t, nntp_list(t.n, "MOTD", NULL, see_line, NULL), 503);
    nntp_talk_over(t);
}

/* --- what is not sent --- */

/* What was refused here is no matter of the latest command. */
static void what_is_refused_before_it_is_sent_names_no_command(void **state)
{
    struct nntp_talk t = nntp_talk(NNTP_NEW "C: GROUP a.b\nS: 211 1 7 7 a.b\n");

    (void)state;
    assert_int_equal(nntp_group(t.n, "a.b", NULL), 0);
    assert_int_equal(nntp_group(t.n, "a b", NULL), SC_EINVAL);
    assert_string_equal(
        sc_last_error(&t.n->base)->text,
        "nntp script: a space or control character in the group");
    assert_int_equal(nntp_over(t.n, 9, 7, see_article, NULL), SC_EINVAL);
    assert_string_equal(sc_last_error(&t.n->base)->text,
                        "nntp script: no range: 9-7");
    nntp_talk_over(t);
}

/* RFC 3977 section 3.1: 512 bytes with CRLF; not one more, and not cut. */
static void a_command_has_512_bytes(void **state)
{
    const size_t most = 510 - strlen("HDR  ") - NNTP_ID_MOST;
    char field[300], id[NNTP_ID_MOST + 1], script[1200];
    struct sc_buf out = {0};
    struct nntp_talk t;

    (void)state;
    memset(id, 'i', sizeof id);
    id[0] = '<';
    id[NNTP_ID_MOST - 1] = '>';
    id[NNTP_ID_MOST] = '\0';
    memset(field, 'f', sizeof field);
    field[most] = '\0';
    snprintf(script, sizeof script, NNTP_NEW "C: HDR %s %s\nS: 430 no\n", field,
             id);
    t = nntp_talk(script);
    assert_refused(t, nntp_hdr_id(t.n, field, id, &out), 430);
    field[most] = 'f';
    field[most + 1] = '\0';
    assert_int_equal(nntp_hdr_id(t.n, field, id, &out), SC_EINVAL);
    assert_in_order(t);
    nntp_talk_over(t);
}

#define T(f) cmocka_unit_test_setup_teardown(f, forget, forget)
static const struct CMUnitTest tests[] = {
    T(over_gives_records),
    T(no_article_in_a_range_is_no_error),
    T(xover_stands_in_for_over),
    T(an_overview_that_is_cut_is_an_error),
    T(a_format_behind_a_login_is_asked_again),
    T(a_format_that_makes_no_sense_leaves_the_seven),
    T(hdr_gives_values),
    T(xhdr_stands_in_for_hdr),
    T(lists_of_groups_give_records),
    T(any_list_gives_its_lines),
    T(what_is_refused_before_it_is_sent_names_no_command),
    T(a_command_has_512_bytes),
};

TEST_MAIN(tests)
