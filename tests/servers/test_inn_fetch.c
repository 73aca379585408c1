/* test_inn_fetch.c - the call that fetches, with a real INN: by range and by
 * message-id, several connections, COMPRESS, TLS, a second server for what the
 * first lacks. Skipped (77) without INN. */
#include "main.h"

#include <simpleclient/class.h>
#include <simpleclient/nntp.h>

#include "inn_feed.h"

enum { MANY = 3000 };

static struct certs certs;
static struct inn inn, other;
static struct sc_options trusting;

static int start(void **state)
{
    (void)state;
    if (certs_make(&certs) < 0 || inn_start(&inn, &certs) < 0 ||
        inn_start(&other, &certs) < 0)
        return -1;
    trusting.tls.ca_file = certs.ca;
    if (inn_feed(&inn, "local.test", 1, 5) < 0 ||
        inn_feed(&inn, "private.test", 1, 2) < 0 ||
        inn_feed(&other, "local.shapes", 1, 50) < 0)
        return -1;
    return inn_feed(&inn, "local.many", 1, MANY);
}

static int stop(void **state)
{
    (void)state;
    inn_stop(&inn);
    inn_stop(&other);
    certs_remove(&certs);
    return 0;
}

/* GROUP and a range at a port; kept for the next three calls. */
static const char *url(int port, const char *login, const char *what)
{
    static char all[4][300];
    static int next;

    next = (next + 1) % 4;
    snprintf(all[next], sizeof all[next], "%s%s", inn_url(&inn, port, login),
             what);
    return all[next];
}

/* --- overview --- */

struct lines {
    uint64_t n, last;
    bool wrong;
};

static int see(void *arg, const struct nntp_article *a)
{
    struct lines *l = arg;
    char want[60];
    int len = snprintf(want, sizeof want, "article %d", (int)a->number);

    l->n++;
    if (a->number != l->last + 1 || a->subject.len != (size_t)len ||
        memcmp(a->subject.data, want, a->subject.len) != 0)
        l->wrong = true;
    l->last = a->number;
    return 0;
}

static void must_fetch(const char *from, const struct nntp_fetch *how,
                       struct nntp_result *r)
{
    if (nntp_fetch(from, how, r) < 0)
        fail_msg("%s", r->error.text);
}

static void the_overview_of_a_group(void **state)
{
    static const struct {
        const char *range;
        uint64_t first, n;
    } all[] = {{"local.many", 1, MANY},       {"local.many/1-", 1, MANY},
               {"local.many/2999-", 2999, 2}, {"local.many/7", 7, 1},
               {"local.many/11-20", 11, 10},  {"local.many/9999-", 1, 0},
               {"local.empty", 1, 0}};

    (void)state;
    for (size_t i = 0; i < sizeof all / sizeof all[0]; i++)
        for (int port = READER; port <= NNTPS; port++) {
            struct lines l = {.last = all[i].first - 1};
            struct nntp_fetch how = {.what = NNTP_OVER,
                                     .over = see,
                                     .arg = &l,
                                     .options = &trusting};
            struct nntp_result r = {0};

            must_fetch(url(port, "", all[i].range), &how, &r);
            assert_int_equal(l.n, all[i].n);
            assert_int_equal(r.fetched, all[i].n);
            assert_false(l.wrong);
            nntp_result_free(&r);
        }
}

static void the_overview_of_a_private_group(void **state)
{
    struct lines l = {0};
    struct nntp_fetch how = {
        .what = NNTP_OVER, .over = see, .arg = &l, .options = &trusting};
    struct nntp_result r = {0};

    (void)state;
    assert_int_equal(nntp_fetch(url(READER, "", "private.test"), &how, &r),
                     SC_EREPLY);
    assert_int_equal(r.error.status, 480);
    nntp_result_free(&r);
    assert_int_equal(
        nntp_fetch(url(READER, "joe:guess@", "private.test"), &how, &r),
        SC_EREPLY);
    assert_int_equal(r.error.status, 481);
    nntp_result_free(&r);
    assert_int_equal(nntp_fetch(url(READER, "", "none.such"), &how, &r),
                     SC_EREPLY);
    assert_int_equal(r.error.status, 411);
    nntp_result_free(&r);
    must_fetch(url(READER, "joe:secret@", "private.test"), &how, &r);
    assert_int_equal(l.n, 2);
    nntp_result_free(&r);
}

/* --- articles --- */

/* Each article under way has a text of its own. */
struct one {
    struct sc_buf text;
    int begun, ended, rc;
};

struct all {
    struct one one[MANY + 1]; /* by the number in the message-id */
    int n, lost;
};

static struct all all;

/* "<group.17@simple.test>" */
static int number_of(const char *id)
{
    const char *dot = strrchr(id, '@');
    int n = 0;

    while (dot != NULL && dot > id && dot[-1] != '.')
        dot--;
    return dot != NULL && sscanf(dot, "%d@", &n) == 1 ? n : 0;
}

static int begin(void *arg, struct nntp_item *item)
{
    struct all *a = arg;
    int n = item->number > 0 ? (int)item->number : number_of(item->id);

    if (n < 1 || n > MANY)
        return SC_EPROTO;
    item->user = &a->one[n];
    a->one[n].begun++;
    a->one[n].text.len = 0;
    sc_buf_add(&a->one[n].text, "", 0);
    return 0;
}

static int keep(void *arg, const void *p, size_t n)
{
    struct one *o = arg;

    return sc_buf_add(&o->text, p, n);
}

static int end(void *arg, const struct nntp_item *item, int rc)
{
    struct all *a = arg;
    struct one *o = item->user;

    if (item->user == arg) { /* it was never begun */
        a->lost++;
        return rc == SC_EREPLY ? 0 : rc;
    }
    o->ended++;
    o->rc = rc;
    a->n++;
    return 0;
}

static struct nntp_fetch how_to(int what)
{
    for (int i = 0; i <= MANY; i++)
        all.one[i] = (struct one){.text = SC_BUF(9999)};
    all.n = all.lost = 0;
    return (struct nntp_fetch){.what = what,
                               .begin = begin,
                               .sink = keep,
                               .end = end,
                               .arg = &all,
                               .options = &trusting};
}

static void done(void)
{
    for (int i = 0; i <= MANY; i++)
        sc_buf_free(&all.one[i].text);
}

static void assert_bodies(int first, int last)
{
    for (int i = first; i <= last; i++) {
        char want[100];

        snprintf(want, sizeof want,
                 "line one of %d\r\n.dot\r\n..dots\r\n.\r\nend\r\n", i);
        assert_int_equal(all.one[i].begun, 1);
        assert_int_equal(all.one[i].ended, 1);
        assert_int_equal(all.one[i].rc, 0);
        assert_string_equal(all.one[i].text.data, want);
    }
}

static void bodies_of_a_range(int port, unsigned flags, int connections)
{
    struct nntp_fetch how = how_to(NNTP_BODY);
    struct nntp_result r = {0};

    how.flags = flags;
    how.connections = connections;
    must_fetch(url(port, "", "local.many"), &how, &r);
    assert_int_equal(r.fetched, MANY);
    assert_int_equal(r.missing, 0);
    assert_bodies(1, MANY);
    done();
    nntp_result_free(&r);
}

static void thousands_of_articles(void **state)
{
    (void)state;
    bodies_of_a_range(READER, 0, 1);
}

static void thousands_by_several_connections(void **state)
{
    (void)state;
    bodies_of_a_range(READER, 0, 4);
}

static void thousands_compressed_inside_tls(void **state)
{
    (void)state;
    bodies_of_a_range(NNTPS, NNTP_COMPRESS, 1);
    bodies_of_a_range(READER, NNTP_COMPRESS, 2);
}

static void articles_and_heads(void **state)
{
    struct nntp_fetch how = how_to(NNTP_ARTICLE);
    struct nntp_result r = {0};
    size_t n;

    (void)state;
    must_fetch(url(READER, "", "local.many/11-20"), &how, &r);
    assert_int_equal(r.fetched, 10);
    assert_non_null(
        strstr(all.one[15].text.data, "\r\nSubject: article 15\r\n"));
    assert_non_null(
        strstr(all.one[15].text.data, "\r\n\r\nline one of 15\r\n.dot\r\n"));
    n = all.one[15].text.len;
    done();
    nntp_result_free(&r);
    how = how_to(NNTP_HEAD);
    must_fetch(url(READER, "", "local.many/15"), &how, &r);
    assert_null(strstr(all.one[15].text.data, "line one"));
    assert_true(all.one[15].text.len > 100 && all.one[15].text.len < n);
    done();
    nntp_result_free(&r);
}

/* The overview knows of it, the spool has lost it. */
static void what_was_lost_is_left_out(void **state)
{
    struct nntp_fetch how = how_to(NNTP_BODY);
    struct nntp_result r = {0};

    (void)state;
    assert_int_equal(
        unlink(server_path(&inn.at, "spool/articles/local/test/3")), 0);
    must_fetch(url(READER, "", "local.test"), &how, &r);
    assert_int_equal(r.fetched, 4);
    assert_bodies(1, 2);
    assert_bodies(4, 5);
    assert_int_equal(all.one[3].ended, 0);
    done();
    nntp_result_free(&r);
}

/* A 430 between others leaves them in step. */
static void message_ids_and_one_that_is_missing(void **state)
{
    static const char *const ids[] = {
        "<local.many.9@simple.test>", "<none.1@simple.test>",
        "<local.many.8@simple.test>", "<local.many.2999@simple.test>", NULL};
    struct nntp_fetch how = how_to(NNTP_BODY);
    struct nntp_result r = {0};

    (void)state;
    how.ids = ids;
    assert_int_equal(nntp_fetch(url(READER, "", ""), &how, &r), SC_EREPLY);
    assert_int_equal(r.fetched, 3);
    assert_int_equal(r.missing, 1);
    assert_bodies(8, 9);
    assert_bodies(2999, 2999);
    assert_int_equal(all.n, 3);
    assert_int_equal(all.lost, 1);
    done();
    nntp_result_free(&r);
}

static void another_server_has_what_is_missing(void **state)
{
    static const char *const ids[] = {
        "<local.many.9@simple.test>", "<local.shapes.17@simple.test>",
        "<local.many.8@simple.test>", "<local.shapes.50@simple.test>", NULL};
    const char *backups[] = {inn_url(&other, READER, ""), NULL};
    struct nntp_fetch how = how_to(NNTP_BODY);
    struct nntp_result r = {0};

    (void)state;
    how.ids = ids;
    how.backups = backups;
    must_fetch(url(READER, "", ""), &how, &r);
    assert_int_equal(r.fetched, 4);
    assert_int_equal(r.missing, 0);
    assert_bodies(8, 9);
    assert_bodies(17, 17);
    assert_bodies(50, 50);
    done();
    nntp_result_free(&r);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(the_overview_of_a_group),
    cmocka_unit_test(the_overview_of_a_private_group),
    cmocka_unit_test(thousands_of_articles),
    cmocka_unit_test(thousands_by_several_connections),
    cmocka_unit_test(thousands_compressed_inside_tls),
    cmocka_unit_test(articles_and_heads),
    cmocka_unit_test(what_was_lost_is_left_out),
    cmocka_unit_test(message_ids_and_one_that_is_missing),
    cmocka_unit_test(another_server_has_what_is_missing),
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
