/* test_inn_feed.c - a real INN is fed by CHECK and TAKETHIS, many under way, and
 * by IHAVE where it has no streaming. Skipped (77) without INN. */
#include "main.h"

#include <simpleclient/class.h>
#include <simpleclient/nntp.h>

#include "inn.h"

enum { MANY = 2000, ID_MOST = 60 };

static struct certs certs;
static struct inn inn;

static int start(void **state)
{
    (void)state;
    if (certs_make(&certs) < 0)
        return -1;
    return inn_start(&inn, &certs);
}

static int stop(void **state)
{
    (void)state;
    inn_stop(&inn);
    certs_remove(&certs);
    return 0;
}

/* --- articles --- */

struct fed {
    char id[ID_MOST];
    char text[400];
    struct mail_source source;
    int told, outcome; /* told: how often */
};

static struct fed fed[MANY];
static int n_fed;

static struct fed *make(const char *name, int number, const char *group)
{
    struct fed *f = &fed[n_fed++];
    char id[ID_MOST];

    snprintf(id, sizeof id, "<%s.%d@simple.test>", name, number);
    *f = (struct fed){.outcome = -1};
    memcpy(f->id, id, sizeof id);
    snprintf(f->text, sizeof f->text,
             "Path: there!not-for-mail\nFrom: joe@simple.test\n"
             "Newsgroups: %s\nSubject: %s %d\n"
             "Date: Sat, 21 Nov 2026 12:00:00 +0000\nMessage-ID: %s\n\n"
             ".one of %d\n..\n.\nend",
             group, name, number, id, number);
    f->source.data = (struct sc_span){f->text, strlen(f->text)};
    return f;
}

/* The answer is for the article it names: ARG is all of them. */
static void note(void *arg, const char *id, int outcome, int rc,
                 const char *text)
{
    (void)arg;
    (void)rc;
    (void)text;
    for (int i = 0; i < n_fed; i++)
        if (strcmp(fed[i].id, id) == 0) {
            fed[i].told++;
            fed[i].outcome = outcome;
        }
}

static int count(int outcome)
{
    int n = 0;

    for (int i = 0; i < n_fed; i++) {
        assert_int_equal(fed[i].told, 1);
        n += fed[i].outcome == outcome;
    }
    return n;
}

static NNTPClient *must(NNTPClient *n)
{
    if (sc_broken(nntp_base(n)) < 0)
        fail_msg("%s", sc_last_error(nntp_base(n))->text);
    return n;
}

static NNTPClient *transit(void)
{
    return must(nntp_open_transit(inn_url(&inn, TRANSIT, ""), NULL));
}

static NNTPClient *reader(const char *user)
{
    struct sc_options opt = {.user = user,
                             .password = user != NULL ? "secret" : NULL,
                             .starttls = SC_STARTTLS_NEVER};

    return must(nntp_open(inn_url(&inn, READER, ""), &opt));
}

typedef int (*give_fn)(struct nntp_feed *f, const char *id,
                       const struct mail_source *article);

/* Give all that were made. */
static void give(NNTPClient *n, give_fn fn)
{
    struct nntp_feed *f = nntp_feed_new(n, note, NULL);

    assert_non_null(f);
    for (int i = 0; i < n_fed; i++) {
        fed[i].told = 0;
        if (fn(f, fed[i].id, &fed[i].source) < 0)
            fail_msg("%d: %s", i, sc_last_error(nntp_base(n))->text);
    }
    if (nntp_feed_wait(f) < 0)
        fail_msg("%s", sc_last_error(nntp_base(n))->text);
    assert_int_equal(nntp_feed_free(f), 0);
}

static void assert_there(int number)
{
    NNTPClient *n = reader(NULL);
    struct sc_buf got = SC_BUF(9999);
    char want[100];

    snprintf(want, sizeof want, ".one of %d\r\n..\r\n.\r\nend\r\n", number);
    assert_int_equal(nntp_body_id(n, fed[number].id, sc_buf_sink, &got, NULL),
                     0);
    assert_string_equal(got.data, want);
    sc_buf_free(&got);
    nntp_close(n);
}

static void thousands_are_offered_and_taken(void **state)
{
    NNTPClient *n = transit(), *r;
    struct nntp_group g;

    (void)state;
    n_fed = 0;
    for (int i = 0; i < MANY; i++)
        make("offer", i, "local.many");
    give(n, nntp_feed_add);
    assert_int_equal(count(NNTP_FEED_SENT), MANY);
    r = reader(NULL);
    assert_int_equal(nntp_group(r, "local.many", &g), 0);
    assert_int_equal(g.count, MANY);
    assert_there(0);
    assert_there(MANY - 1);
    /* And again: nobody wants them. */
    give(n, nntp_feed_add);
    assert_int_equal(count(NNTP_FEED_UNWANTED), MANY);
    assert_int_equal(nntp_close(n), 0);
    nntp_close(r);
}

static void articles_are_sent_unasked(void **state)
{
    NNTPClient *n = transit();

    (void)state;
    n_fed = 0;
    for (int i = 0; i < 300; i++)
        make("take", i, "local.test");
    give(n, nntp_feed_take);
    assert_int_equal(count(NNTP_FEED_SENT), 300);
    assert_there(299);
    give(n, nntp_feed_take);
    assert_int_equal(count(NNTP_FEED_REJECTED), 300);
    assert_int_equal(nntp_close(n), 0);
}

/* Those between them that are refused do not shift the answers. */
static void each_answer_is_for_its_article(void **state)
{
    NNTPClient *n = transit();

    (void)state;
    n_fed = 0;
    for (int i = 0; i < 600; i++) {
        if (i % 3 == 0) /* INN has it */
            make("take", i / 3, "local.test");
        else /* or does not know the group */
            make("mix", i, i % 3 == 1 ? "local.test" : "none.such");
    }
    give(n, nntp_feed_add);
    for (int i = 0; i < 600; i++) {
        assert_int_equal(fed[i].told, 1);
        assert_int_equal(fed[i].outcome, i % 3 == 0   ? NNTP_FEED_UNWANTED
                                         : i % 3 == 1 ? NNTP_FEED_SENT
                                                      : NNTP_FEED_REJECTED);
    }
    /* The connection is in step. */
    assert_int_equal(nntp_ihave(n, fed[1].id, &fed[1].source), SC_EREPLY);
    assert_int_equal(sc_last_error(nntp_base(n))->status, 435);
    assert_int_equal(nntp_close(n), 0);
}

static void a_server_without_streaming_gets_ihave(void **state)
{
    NNTPClient *n = reader("joe");

    (void)state;
    assert_false(nntp_capabilities(n)->have & NNTP_CAP_STREAMING);
    n_fed = 0;
    for (int i = 0; i < 20; i++)
        make("ihave", i, "local.test");
    give(n, nntp_feed_add);
    assert_int_equal(count(NNTP_FEED_SENT), 20);
    assert_there(19);
    give(n, nntp_feed_add);
    assert_int_equal(count(NNTP_FEED_UNWANTED), 20);
    nntp_close(n);
}

static void what_is_no_message_id_is_not_sent(void **state)
{
    NNTPClient *n = transit();
    struct nntp_feed *f = nntp_feed_new(n, note, NULL);

    (void)state;
    n_fed = 0;
    make("bad", 1, "local.test");
    assert_int_equal(nntp_feed_add(f, "no@brackets", &fed[0].source),
                     SC_EINVAL);
    assert_int_equal(nntp_feed_take(f, "<a b@simple.test>", &fed[0].source),
                     SC_EINVAL);
    assert_int_equal(nntp_feed_add(f, fed[0].id, &fed[0].source), 0);
    assert_int_equal(nntp_feed_free(f), 0);
    assert_int_equal(count(NNTP_FEED_SENT), 1);
    nntp_close(n);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(thousands_are_offered_and_taken),
    cmocka_unit_test(articles_are_sent_unasked),
    cmocka_unit_test(each_answer_is_for_its_article),
    cmocka_unit_test(a_server_without_streaming_gets_ihave),
    cmocka_unit_test(what_is_no_message_id_is_not_sent),
};

int main(int argc, char **argv)
{
    bool list = argc > 1 && strcmp(argv[1], "-l") == 0;

    if (!list && !inn_installed()) {
        puts("no INN, or no namespaces");
        return 77;
    }
    return test_main(__FILE__, tests, sizeof tests / sizeof tests[0], argc,
                     argv, start, stop);
}
