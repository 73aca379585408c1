/* test_inn_killed.c - articles on their way to a real INN that is cut off, stopped
 * or killed, by nntp_send and by TAKETHIS: what is told of each is what INN has.
 * Skipped (77) without INN. */
#include "main.h"

#include <simpleclient/task.h>

#include "inn_test.h"

#define FROM "From: joe@simple.test\r\nSubject: a test\r\n"

enum { MANY = 1000 };

static int start(void **state)
{
    (void)state;
    if (certs_make(&certs) < 0)
        return -1;
    return inn_start(&inn, &certs);
}

/* --- articles --- */

static char id_of[MANY][64], article_of[MANY][4000];
static struct mail_source source_of[MANY];

/* The article <NAME.NUMBER@simple.test>, of so many lines more. */
static void make(int i, const char *name, const char *group, int lines)
{
    time_t now = time(NULL);
    char date[60], *p = article_of[i];
    struct tm tm;
    int n;

    gmtime_r(&now, &tm);
    strftime(date, sizeof date, "%a, %d %b %Y %H:%M:%S +0000", &tm);
    snprintf(id_of[i], sizeof id_of[i], "<%s.%d@simple.test>", name, i);
    n = snprintf(p, sizeof article_of[i],
                 "Path: there!not-for-mail\n" FROM "Newsgroups: %s\n"
                 "Date: %s\nMessage-ID: %s\n\nbody\n.\n..dots\n",
                 group, date, id_of[i]);
    while (lines-- > 0)
        n += snprintf(p + n, sizeof article_of[i] - (size_t)n, ".%060d\n", n);
    source_of[i] = (struct mail_source){.data = {p, (size_t)n}};
}

/* What nnrpd shows of it. */
static bool has(NNTPClient *n, const char *id)
{
    int rc = nntp_stat_id(n, id, NULL);

    if (rc < 0 && (rc != SC_EREPLY || code_of(n) != 430))
        fail_msg("%s", sc_last_error(nntp_base(n))->text);
    return rc == 0;
}

/* --- the feed --- */

static int told, outcome_of[MANY];

static void done(void *arg, const char *id, int outcome, int rc,
                 const char *text)
{
    const char *dot = strchr(id, '.');

    (void)arg;
    (void)rc;
    (void)text;
    assert_non_null(dot);
    assert_in_range(strtol(dot + 1, NULL, 10), 0, MANY - 1);
    outcome_of[strtol(dot + 1, NULL, 10)] = outcome;
    told++;
}

static NNTPClient *transit(void)
{
    NNTPClient *n;
    struct sc_options opt = plain();

    told = 0;
    memset(outcome_of, -1, sizeof outcome_of);
    said.len = 0;
    sc_buf_add(&said, "", 0);
    n = nntp_open_transit(inn_url(&inn, TRANSIT, ""), &opt);
    if (sc_broken(nntp_base(n)) < 0)
        fail_msg("%s", sc_last_error(nntp_base(n))->text);
    return n;
}

/* --- the server dies --- */

/* Between client and server: the first connection ends when so many bytes have
 * passed, up to the server or down from it, and nnrpd's process is killed. */
struct way {
    struct sc_listener *listener;
    uint64_t up_most, down_most; /* 0: any */
    uint64_t up, down;
    int64_t task;
    int connections;
    char url[80];
};

struct passage {
    struct way *w;
    Stream *client, *server;
};

static void kill_nnrpd(void)
{
    char path[80], pids[400] = "", *p = pids;
    FILE *f;

    snprintf(path, sizeof path, "/proc/%d/task/%d/children",
             (int)inn.process[READER].pid, (int)inn.process[READER].pid);
    if ((f = fopen(path, "r")) == NULL)
        return;
    if (fgets(pids, sizeof pids, f) != NULL)
        for (long pid; (pid = strtol(p, &p, 10)) > 0;)
            kill((pid_t)pid, SIGKILL);
    fclose(f);
}

/* How many of N bytes may pass; 0: it ends here. */
static size_t may_pass(size_t n, uint64_t *passed, uint64_t most)
{
    if (most != 0 && *passed + n > most)
        n = (size_t)(most - *passed);
    *passed += n;
    return n;
}

static void carry_up(void *arg)
{
    struct passage *g = arg;
    char piece[4096];
    ssize_t got;
    size_t n;

    while ((got = sc_stream_read(g->client, piece, sizeof piece, NULL)) > 0) {
        n = may_pass((size_t)got, &g->w->up, g->w->up_most);
        if (n > 0 && sc_stream_write(g->server, piece, n, NULL) < 0)
            return;
        if (n < (size_t)got)
            kill_nnrpd();
    }
    sc_stream_shutdown(g->server, NULL);
}

static void carry_down(struct passage *g)
{
    char piece[4096];
    ssize_t got;
    size_t n;

    while ((got = sc_stream_read(g->server, piece, sizeof piece, NULL)) > 0) {
        n = may_pass((size_t)got, &g->w->down, g->w->down_most);
        if (n > 0 && sc_stream_write(g->client, piece, n, NULL) < 0)
            return;
        if (n < (size_t)got) {
            kill_nnrpd();
            return;
        }
    }
}

static void pass(void *arg)
{
    struct passage *g = arg;
    struct way *w = g->w;
    SimpleClient *c = sc_connect("127.0.0.1", inn.port[READER], NULL);
    int64_t up;

    if (w->connections++ > 0)
        w->up_most = w->down_most = 0;
    if ((g->server = sc_detach(c)) != NULL) {
        up = sc_task_go(NULL, carry_up, g);
        carry_down(g);
        sc_task_cancel(up);
        sc_task_join(up);
        sc_stream_close(g->server);
    }
    sc_stream_close(g->client);
    free(g);
}

static void let_pass(void *arg)
{
    struct way *w = arg;
    struct sc_group *group = sc_group_new(NULL, 0);
    struct passage *g;
    Stream *s;

    while ((s = sc_accept(w->listener, -1, NULL)) != NULL) {
        g = calloc(1, sizeof *g);
        g->w = w;
        g->client = s;
        sc_group_go(group, pass, g);
    }
    sc_group_cancel(group);
    sc_group_wait(group);
}

static void way_open(struct way *w)
{
    w->listener = sc_listen("127.0.0.1:0", NULL);
    assert_non_null(w->listener);
    snprintf(w->url, sizeof w->url, "nntp://127.0.0.1:%d/",
             sc_listener_port(w->listener));
    w->task = sc_task_go(NULL, let_pass, w);
}

static void way_close(struct way *w)
{
    sc_task_cancel(w->task);
    sc_task_join(w->task);
    sc_listener_close(w->listener);
}

static int sent_by[3]; /* outcomes */

/* Returns false when nothing was cut. */
static bool send_over(struct way *w, int number)
{
    struct sc_options opt = plain();
    struct nntp_sent r;
    NNTPClient *n;
    bool there, cut;
    int rc;

    make(number, w->up_most ? "up" : "down", "local.test", 0);
    memmove(article_of[number], strchr(article_of[number], '\n') + 1,
            strlen(strchr(article_of[number], '\n'))); /* no Path: a post */
    source_of[number].data.len = strlen(article_of[number]);
    way_open(w);
    opt.flags |= SC_OPT_NO_POOL;
    rc = nntp_send(w->url, &source_of[number], &opt, &r);
    cut = w->connections > 1 || rc < 0;
    way_close(w);
    n = must_open(READER, plain());
    there = has(n, id_of[number]);
    nntp_close(n);
    sent_by[r.outcome]++;
    if (r.outcome != NNTP_UNKNOWN)
        assert_int_equal(there, r.outcome == NNTP_SENT);
    if (!cut)
        assert_int_equal(rc, 0);
    return cut;
}

static void what_is_told_of_a_killed_server_is_true(void **state)
{
    uint64_t at;
    int number = 0;

    (void)state;
    memset(sent_by, 0, sizeof sent_by);
    for (at = 1;; at += 31) { /* what the server says */
        struct way w = {.down_most = at};

        if (!send_over(&w, number++))
            break;
    }
    assert_in_range(at, 200, 5000);
    assert_true(sent_by[NNTP_NOT_SENT] > 0);
    for (at = 1;; at += 17) { /* what it hears */
        struct way w = {.up_most = at};

        if (!send_over(&w, number++))
            break;
    }
    assert_in_range(at, 100, 5000);
    assert_true(sent_by[NNTP_SENT] > 2); /* asked for, and sent again */
}

/* innd stands still: nnrpd waits for it with the article, and nobody knows. */
static void an_outcome_that_nobody_knows_is_told_as_such(void **state)
{
    struct sc_options opt = plain();
    struct nntp_sent r;

    (void)state;
    make(0, "still", "local.test", 0);
    opt.wait_ms = 300;
    opt.flags |= SC_OPT_NO_POOL;
    kill(inn.process[TRANSIT].pid, SIGSTOP);
    assert_int_equal(nntp_send(inn_url(&inn, READER, ""),
                               &(struct mail_source){
                                   .data = SC_SPAN(FROM "Newsgroups: local.test"
                                                        "\n\nStill.\n")},
                               &opt, &r),
                     SC_EUNKNOWN);
    kill(inn.process[TRANSIT].pid, SIGCONT);
    assert_int_equal(r.outcome, NNTP_UNKNOWN);
    assert_int_equal(r.error.code, SC_EUNKNOWN);
    assert_true(r.id[0] == '<');
}

/* The last test: it is not started again. */
static void what_was_on_its_way_to_a_killed_server_is_undecided(void **state)
{
    NNTPClient *n = transit();
    struct nntp_feed *f = nntp_feed_new(n, done, NULL);
    int of[6] = {0};

    (void)state;
    for (int i = 0; i < MANY; i++) {
        make(i, "k", "local.many", 30);
        if (i == MANY / 2)
            kill(inn.process[TRANSIT].pid, SIGKILL);
        nntp_feed_take(f, id_of[i], &source_of[i]);
    }
    assert_true(nntp_feed_wait(f) < 0);
    nntp_feed_free(f);
    nntp_close(n);
    assert_int_equal(told, MANY);
    for (int i = 0; i < MANY; i++)
        of[outcome_of[i]]++;
    assert_true(of[NNTP_FEED_SENT] > 0);
    assert_true(of[NNTP_FEED_NOT_SENT] > 0);
    assert_int_equal(of[NNTP_FEED_SENT] + of[NNTP_FEED_NOT_SENT] +
                         of[NNTP_FEED_UNDECIDED],
                     MANY);
    n = must_open(READER, plain());
    for (int i = 0; i < MANY; i++) /* readers need no innd */
        if (outcome_of[i] != NNTP_FEED_UNDECIDED)
            assert_int_equal(has(n, id_of[i]), outcome_of[i] == NNTP_FEED_SENT);
    nntp_close(n);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(what_is_told_of_a_killed_server_is_true),
    cmocka_unit_test(an_outcome_that_nobody_knows_is_told_as_such),
    cmocka_unit_test(what_was_on_its_way_to_a_killed_server_is_undecided),
};

int main(int argc, char **argv)
{
    return inn_main(__FILE__, tests, sizeof tests / sizeof tests[0], argc, argv,
                    start);
}
