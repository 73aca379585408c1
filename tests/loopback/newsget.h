/* newsget.h - newsget as a program, against the server of news_peer.h, which may
 * have articles of the test's own: what tests of it share. */
#ifndef TESTS_LOOPBACK_NEWSGET_H
#define TESTS_LOOPBACK_NEWSGET_H

#include "certs.h"
#include "news_peer.h"
#include "program.h"
#include "scratch.h"

enum { TEXTS_MOST = 300 };

static char path[512];
static struct program program = {.path = path};
static struct news_peer news;
static struct certs certs;
static struct sc_tls_options server_tls = {.server = 1};
static struct scratch scratch;
static char group_url[200]; /* without a login */

/* Article number N is text_of[N], if that is not NULL; its lines end in CRLF. */
static const char *text_of[TEXTS_MOST];
static const char *date_of[TEXTS_MOST], *subject_of[TEXTS_MOST];

/* --- the server --- */

static inline void own_over(struct nntp_visit *v, const char *range)
{
    unsigned long first, last;
    char line[300];

    news_range(&news, range, &first, &last);
    visit_line(v, "224 follows");
    for (unsigned long n = first; n <= last; n++) {
        if (!news_lists(&news, n))
            continue;
        snprintf(line, sizeof line, "%lu\t%s\tme\t%s\t<%lu@peer>\t\t9\t1", n,
                 subject_of[n] != NULL ? subject_of[n] : "subject",
                 date_of[n] != NULL ? date_of[n] : "now", n);
        visit_line(v, line);
    }
    visit_line(v, ".");
}

static inline void own_article(struct nntp_visit *v, char what, unsigned long n)
{
    char line[100];

    snprintf(line, sizeof line, "%d %lu <%lu@peer>", what == 'A' ? 220 : 222, n,
             n);
    visit_line(v, line);
    if (news.dies_at == n && news.dies > 0) {
        news.dies--;
        visit_write(v, text_of[n], strlen(text_of[n]) / 2);
        visit_end(v);
        return;
    }
    visit_text(v, text_of[n]);
    visit_line(v, ".");
}

/* The article was taken, but nobody is told; then nobody is let in. */
static bool post_dies;

static inline void own_post(struct nntp_visit *v)
{
    visit_say(v, "340 go");
    v->p->post.len = 0;
    if (sc_read_dot(v->c, &v->p->post) == 0)
        v->p->posted++;
    v->p->greeting = "!400 closed";
    v->over = true;
}

/* What peer_says comes before all. */
static inline bool own_answer(struct nntp_visit *v, const char *line)
{
    const char *which = strchr(line, ' ');
    unsigned long n =
        which != NULL ? strtoul(which + 1 + (which[1] == '<'), NULL, 10) : 0;

    if (peer_rule(v->p, line) != NULL)
        return false;
    if (post_dies && visit_is(line, "POST"))
        own_post(v);
    else if (visit_is(line, "OVER ") && line[5] != '<' &&
             news.last < TEXTS_MOST)
        own_over(v, line + 5);
    else if ((visit_is(line, "ARTICLE ") || visit_is(line, "BODY ")) &&
             n < TEXTS_MOST && text_of[n] != NULL && news_has(&news, n))
        own_article(v, *line, n);
    else
        return news_answer(v, line);
    return true;
}

/* --- the fixture --- */

static inline int make(void **state)
{
    (void)state;
    if (certs_make(&certs) < 0)
        return -1;
    server_tls.cert = certs.good;
    return 0;
}

static inline int unmake(void **state)
{
    (void)state;
    program_free(&program);
    certs_remove(&certs);
    return 0;
}

/* Articles 1 to 3. */
static inline int start(void **state)
{
    (void)state;
    scratch = scratch_new();
    news_peer_start(&news, 1, 3);
    news.peer.tls = &server_tls;
    news.peer.answer = own_answer;
    post_dies = false;
    memset(text_of, 0, sizeof text_of);
    memset(date_of, 0, sizeof date_of);
    memset(subject_of, 0, sizeof subject_of);
    snprintf(group_url, sizeof group_url, "nntp://127.0.0.1:%d/misc.test",
             sc_listener_port(news.peer.listener));
    program.in = sc_span_of("");
    program.in_file = false;
    return 0;
}

static inline int stop(void **state)
{
    (void)state;
    nntp_peer_stop(&news.peer);
    scratch_free(&scratch);
    return 0;
}

/* The group's URL with TAIL behind it; the server's is "". Kept for three more
 * calls. */
static inline const char *url(const char *login, const char *tail)
{
    static char text[4][300];
    static int next;

    next = (next + 1) % 4;
    snprintf(text[next], sizeof text[next], "nntp://%s127.0.0.1:%d/%s", login,
             sc_listener_port(news.peer.listener), tail);
    return text[next];
}

#define RUN(...)                                                               \
    program_run(&program, (const char *const[]){"newsget", __VA_ARGS__, NULL})
#define GET(...) RUN(group_url, __VA_ARGS__)
#define GET_PLAIN() RUN(group_url)

static inline void must(int code)
{
    if (code != 0 || program.err.len > 0)
        fail_msg("exit code %d: %s", code, program.err.data);
}

/* It failed with CODE: one line said why, with WORDS in it. */
static inline void must_fail(int code, int want, const char *words)
{
    const char *err = program.err.data;

    if (code != want || strncmp(err, "newsget: ", 9) != 0 ||
        strchr(err, '\n') != err + strlen(err) - 1 ||
        strstr(err, words) == NULL)
        fail_msg("exit code %d, not %d with \"%s\": %s", code, want, words,
                 err);
}

static inline void assert_file(const char *name, const char *want)
{
    struct sc_buf b = scratch_read(name);

    assert_string_equal(b.data, want);
    sc_buf_free(&b);
}

static inline bool saw(const char *command)
{
    return peer_saw(&news.peer, command);
}

static inline int newsget_main(const char *file, const struct CMUnitTest *tests,
                               size_t n, int argc, char **argv)
{
    if (argc < 2 || argv[1][0] == '-') {
        fprintf(stderr, "usage: %s PROGRAMS [-l | -f PATTERN]\n", argv[0]);
        return 2;
    }
    snprintf(path, sizeof path, "%s/newsget", argv[1]);
    return test_main(file, tests, n, argc - 1, argv + 1, make, unmake);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, start, stop)

#endif
