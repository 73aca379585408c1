/* test_nntp_post.c - POST and IHAVE, where articles come from, and COMPRESS that
 * is not to be had, against scripts; some are RFC 3977's own examples. Numbers of
 * statements: docs/design/nntp-status.md. */
#include "nntp_script.h"

/* --- POST, IHAVE --- */

#define ARTICLE                                                                \
    "From: \"Demo User\" <nobody@example.net>\n"                               \
    "Newsgroups: misc.test\n"                                                  \
    "\n"                                                                       \
    ".dotted\n"                                                                \
    "end"
#define ARTICLE_SENT                                                           \
    "C: From: \"Demo User\" <nobody@example.net>\n"                            \
    "C: Newsgroups: misc.test\n"                                               \
    "C: \n"                                                                    \
    "C: ..dotted\n"                                                            \
    "C: end\n"                                                                 \
    "C: .\n"

static const struct mail_source article = {.data = SC_SPAN(ARTICLE)};

/* RFC 3977 section 6.3.1.3. */
static void post_sends_an_article(void **state)
{
    struct nntp_talk t = nntp_talk(
        NNTP_NEW
        "C: POST\n"
        "S: 340 Input article\n" ARTICLE_SENT "S: 240 Article received OK\n"
        "C: POST\n"
        "S: 340 Ok, recommended message-ID <u1$2@news.example>\n" ARTICLE_SENT
        "S: 240 Article received <u1$2@news.example>\n");
    struct nntp_ref r = {.number = 7, .id = "x"};

    (void)state;
    assert_int_equal(nntp_post(t.n, &article, &r), 0);
    assert_string_equal(r.id, "");
    assert_int_equal(nntp_post(t.n, &article, &r), 0);
    assert_string_equal(r.id, "<u1$2@news.example>");
    assert_int_equal(r.number, 0);
    nntp_talk_over(t);
}

static void post_that_is_refused_is_told(void **state)
{
    struct nntp_talk t =
        nntp_talk(NNTP_NEW "C: POST\nS: 440 Posting not permitted\n"
                           "C: POST\nS: 340 go\n" ARTICLE_SENT
                           "S: 441 no Subject header\n"
                           "C: POST\nS: 340 go\n" ARTICLE_SENT "S: 240 ok\n");

    (void)state;
    assert_refused(t, nntp_post(t.n, &article, NULL), 440);
    assert_refused(t, nntp_post(t.n, &article, NULL), 441);
    assert_words(t, "441 no Subject header");
    assert_int_equal(nntp_post(t.n, &article, NULL), 0);
    nntp_talk_over(t);
}

static void a_connection_that_dies_behind_the_dot_leaves_it_open(void **state)
{
    static const struct {
        const char *end;
        int rc;
    } all[] = {
        {"S.\n", SC_EUNKNOWN},         {"S!\n", SC_EUNKNOWN},
        {"S~\n", SC_EUNKNOWN},         {"s: 24\nS.\n", SC_EUNKNOWN},
        {"S: thanks\n", SC_EUNKNOWN},  {"S: 250 ok\n", SC_EUNKNOWN},
        {"S: 400 bye\n", SC_EUNKNOWN}, {"S: 502 no\n", SC_EUNKNOWN},
    };
    char script[700];

    (void)state;
    for (size_t i = 0; i < sizeof all / sizeof all[0]; i++) {
        struct nntp_talk t;

        snprintf(script, sizeof script,
                 NNTP_NEW "C: POST\nS: 340\n" ARTICLE_SENT "%s", all[i].end);
        t = nntp_talk(script);
        assert_int_equal(nntp_post(t.n, &article, NULL), all[i].rc);
        assert_int_not_equal(sc_broken(&t.n->base), 0);
        nntp_talk_over(t);
    }
}

/* What came before the article had left is no answer to be sure of. */
static void all_of_an_article_leaves_before_its_answer_is_read(void **state)
{
    struct nntp_talk t =
        nntp_talk(NNTP_NEW "C: POST\nS: 340\nS: thanks\n" ARTICLE_SENT);

    (void)state;
    assert_int_equal(nntp_post(t.n, &article, NULL), SC_EUNKNOWN);
    nntp_talk_over(t);
}

static void a_connection_that_dies_before_the_article_is_no_doubt(void **state)
{
    struct nntp_talk t = nntp_talk(NNTP_NEW "C: POST\nS.\n");

    (void)state;
    assert_int_equal(nntp_post(t.n, &article, NULL), SC_EOF);
    nntp_talk_over(t);
}

/* RFC 3977 section 6.3.2.3. */
static void ihave_offers_and_sends_what_is_wanted(void **state)
{
    struct nntp_talk t = nntp_talk_as(
        &nntp_transit_class,
        "S: 200\n" CAPS("S: IHAVE\n") "C: IHAVE <i.am.an.article@example.com>\n"
                                      "S: 335 Send it\n" ARTICLE_SENT
                                      "S: 235 Article transferred OK\n"
                                      "C: IHAVE <i.am.an.article@example.com>\n"
                                      "S: 435 Duplicate\n"
                                      "C: IHAVE <i.am.an.article@example.com>\n"
                                      "S: 436 Retry later\n"
                                      "C: IHAVE <i.am.an.article@example.com>\n"
                                      "S: 335 Send it\n" ARTICLE_SENT
                                      "S: 436 Transfer failed\n"
                                      "C: IHAVE <i.am.an.article@example.com>\n"
                                      "S: 335 Send it\n" ARTICLE_SENT
                                      "S: 437 Article rejected\n"
                                      "C: IHAVE <i.am.an.article@example.com>\n"
                                      "S: 335 Send it\n" ARTICLE_SENT "S.\n",
        0, NULL);
    const char *id = "<i.am.an.article@example.com>";

    (void)state;
    assert_int_equal(nntp_ihave(t.n, id, &article), 0);
    assert_refused(t, nntp_ihave(t.n, id, &article), 435);
    assert_refused(t, nntp_ihave(t.n, id, &article), 436);
    assert_refused(t, nntp_ihave(t.n, id, &article), 436);
    assert_refused(t, nntp_ihave(t.n, id, &article), 437);
    assert_int_equal(nntp_ihave(t.n, id, &article), SC_EUNKNOWN);
    nntp_talk_over(t);
}

/* --- where articles come from --- */

struct pieces {
    const char *text;
    size_t at, n, piece;
    int fail; /* at the end */
};

static ssize_t read_pieces(void *arg, void *buf, size_t n)
{
    struct pieces *p = arg;

    if (p->at == p->n)
        return p->fail;
    if (n > p->piece)
        n = p->piece;
    if (n > p->n - p->at)
        n = p->n - p->at;
    memcpy(buf, p->text + p->at, n);
    p->at += n;
    return (ssize_t)n;
}

/* Wherever it is cut; statement 12. */
static void an_article_comes_in_pieces(void **state)
{
    static const char text[] = ".a\r\n..\r\n.\n\r\n.\r\n";

    (void)state;
    for (size_t piece = 1; piece < sizeof text; piece++) {
        struct pieces p = {.text = text, .n = sizeof text - 1, .piece = piece};
        struct mail_source a = {.read = read_pieces, .arg = &p};
        struct nntp_talk t =
            nntp_talk(NNTP_NEW "C: POST\nS: 340\n"
                               "C: ..a\nC: ...\nC: ..\nC: \nC: ..\nC: .\n"
                               "S: 240\n");

        assert_int_equal(nntp_post(t.n, &a, NULL), 0);
        nntp_talk_over(t);
    }
}

static void an_article_comes_from_a_file(void **state)
{
    FILE *f = tmpfile();
    struct mail_source a = {.offset = 5};
    struct nntp_talk t =
        nntp_talk(NNTP_NEW "C: POST\nS: 340\n" ARTICLE_SENT "S: 240\n");

    (void)state;
    assert_non_null(f);
    fputs("left " ARTICLE, f);
    fflush(f);
    a.fd = fileno(f);
    assert_int_equal(nntp_post(t.n, &a, NULL), 0);
    fclose(f);
    nntp_talk_over(t);
}

/* Never half an article that is ended by a dot. */
static void a_source_that_fails_breaks_the_connection(void **state)
{
    struct pieces p = {
        .text = ARTICLE, .n = sizeof ARTICLE - 1, .piece = 7, .fail = -EIO};
    struct mail_source a = {.read = read_pieces, .arg = &p};
    struct nntp_talk t = nntp_talk(NNTP_NEW "C: POST\nS: 340\n");

    (void)state;
    assert_int_equal(nntp_post(t.n, &a, NULL), -EIO);
    assert_int_equal(sc_broken(&t.n->base), -EIO);
    assert_words(t, "the article was cut, not sent");
    nntp_talk_over(t);
}

static void a_bare_cr_breaks_the_connection(void **state)
{
    static const struct mail_source bad[] = {
        {.data = SC_SPAN("A: b\r\n\r\nc\rd\r\n")}, {.data = SC_SPAN("A: b\r")}};

    (void)state;
    for (int i = 0; i < 2; i++) {
        struct nntp_talk t = nntp_talk(NNTP_NEW "C: POST\nS: 340\n");

        assert_int_equal(nntp_post(t.n, &bad[i], NULL), SC_EINVAL);
        assert_int_equal(sc_broken(&t.n->base), SC_EINVAL);
        nntp_talk_over(t);
    }
}

/* --- COMPRESS (RFC 8054) --- */

static void compress_that_is_not_offered_is_not_asked_for(void **state)
{
    struct nntp_talk t = nntp_talk(NNTP_NEW);

    (void)state;
    assert_int_equal(nntp_compress(t.n), SC_ENOTSUP);
    assert_in_order(t);
    nntp_talk_over(t);
}

/* Section 2.2.2: 403 and 502 leave all as it was. */
static void compress_that_is_refused_leaves_it_plain(void **state)
{
    struct nntp_talk t = nntp_talk("S: 200\n" CAPS(
        "S: READER\nS: COMPRESS DEFLATE\n") "C: COMPRESS DEFLATE\nS: 403 "
                                            "unable to activate\n"
                                            "C: COMPRESS DEFLATE\nS: 502 not "
                                            "in this state\n"
                                            "C: NEXT\nS: 421 no\n");

    (void)state;
    if (!sc_coding_known(SC_CODING_DEFLATE))
        skip();
    assert_refused(t, nntp_compress(t.n), 403);
    assert_refused(t, nntp_compress(t.n), 502);
    assert_refused(t, nntp_next(t.n, NULL), 421);
    nntp_talk_over(t);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(post_sends_an_article),
    cmocka_unit_test(post_that_is_refused_is_told),
    cmocka_unit_test(a_connection_that_dies_behind_the_dot_leaves_it_open),
    cmocka_unit_test(all_of_an_article_leaves_before_its_answer_is_read),
    cmocka_unit_test(a_connection_that_dies_before_the_article_is_no_doubt),
    cmocka_unit_test(ihave_offers_and_sends_what_is_wanted),
    cmocka_unit_test(an_article_comes_in_pieces),
    cmocka_unit_test(an_article_comes_from_a_file),
    cmocka_unit_test(a_source_that_fails_breaks_the_connection),
    cmocka_unit_test(a_bare_cr_breaks_the_connection),
    cmocka_unit_test(compress_that_is_not_offered_is_not_asked_for),
    cmocka_unit_test(compress_that_is_refused_leaves_it_plain),
};

TEST_MAIN(tests)
