/* news_seen.h - a caller of nntp_fetch that looks whether it is told the truth:
 * each BEGIN has its END, nothing comes between articles, what is whole is whole,
 * and no article is whole twice. */
#ifndef TESTS_LOOPBACK_NEWS_SEEN_H
#define TESTS_LOOPBACK_NEWS_SEEN_H

#include "news_peer.h"

struct seen_article {
    bool open;
    int whole, cut, missing;
    struct sc_buf text;
};

struct seen {
    struct seen_article article[NEWS_MOST + 1]; /* by number */
    unsigned order[NEWS_MOST + 1];              /* those that are whole */
    int n, open, lines;
    uint64_t sum;     /* of the overview's numbers */
    const char *what; /* "ARTICLE" */
    unsigned fail_at; /* this article's ... */
    const char *fail; /* "begin", "sink", "end" or "over" fails */
    bool waits;       /* each function does, a little */
    bool failed;      /* it has: nothing may begin */
    bool done;        /* nntp_fetch has returned */
};

/* All articles of these peers name their number. */
static inline unsigned seen_number(const struct nntp_item *item)
{
    if (item->number != 0)
        return (unsigned)item->number;
    return (unsigned)strtoul(item->id + 1, NULL, 10);
}

static inline int seen_result(struct seen *s, const char *what, unsigned n)
{
    if (s->waits)
        sc_yield();
    if (s->fail == NULL || n != s->fail_at || strcmp(s->fail, what) != 0)
        return 0;
    s->failed = true;
    return SC_EACCES;
}

/* The article's own: begins with what it needs. */
struct seen_user {
    struct seen *s;
    unsigned n;
};

static inline int seen_begin(void *arg, struct nntp_item *item)
{
    struct seen *s = arg;
    unsigned n = seen_number(item);
    struct seen_article *a = &s->article[n];
    struct seen_user *user;

    assert_in_range(n, 1, NEWS_MOST);
    assert_true(item->user == arg);
    assert_false(a->open || s->failed);
    assert_int_equal(a->whole, 0);
    if (seen_result(s, "begin", n) < 0)
        return SC_EACCES;
    a->open = true;
    a->text.len = 0;
    s->open++;
    user = malloc(sizeof *user);
    *user = (struct seen_user){s, n};
    item->user = user;
    return 0;
}

static inline int seen_sink(void *arg, const void *p, size_t n)
{
    struct seen_user *u = arg;
    struct seen_article *a = &u->s->article[u->n];

    assert_true(a->open);
    assert_true(n > 0);
    if (sc_buf_add(&a->text, p, n) < 0)
        return SC_ENOMEM;
    return seen_result(u->s, "sink", u->n);
}

static inline void seen_whole(struct seen *s, unsigned n)
{
    struct seen_article *a = &s->article[n];
    char text[100];

    news_text(text, sizeof text, n, s->what);
    if (*s->what == '\0')
        assert_int_equal(a->text.len, 0);
    else
        assert_string_equal(a->text.data, text);
    a->whole++;
    s->order[s->n++] = n;
}

static inline int seen_end(void *arg, const struct nntp_item *item, int rc)
{
    struct seen *s = arg;
    unsigned n = seen_number(item);
    struct seen_article *a = &s->article[n];

    assert_true(rc <= 0);
    if (rc == SC_EREPLY && !a->open) {
        assert_true(item->user == arg);
        a->missing++;
        return seen_result(s, "missing", n);
    }
    assert_true(a->open);
    a->open = false;
    s->open--;
    free(item->user);
    if (rc == 0)
        seen_whole(s, n);
    else
        a->cut++;
    return seen_result(s, "end", n);
}

static inline int seen_over(void *arg, const struct nntp_article *a)
{
    struct seen *s = arg;
    char subject[40];

    snprintf(subject, sizeof subject, "subject %lu",
             strtoul(a->message_id.data + 1, NULL, 10));
    assert_int_equal(a->subject.len, strlen(subject));
    assert_memory_equal(a->subject.data, subject, strlen(subject));
    s->lines++;
    s->sum += a->number;
    return seen_result(s, "over", (unsigned)a->number);
}

static inline void seen_free(struct seen *s)
{
    for (size_t i = 0; i <= NEWS_MOST; i++)
        sc_buf_free(&s->article[i].text);
    free(s);
}

/* Zeros, and what nntp_fetch needs of it. */
static inline struct seen *seen_new(struct nntp_fetch *how, int what)
{
    static const char *const words[] = {"", "ARTICLE", "HEAD", "BODY"};
    struct seen *s = calloc(1, sizeof *s);

    s->what = words[what];
    *how = (struct nntp_fetch){.what = what,
                               .over = seen_over,
                               .begin = seen_begin,
                               .sink = seen_sink,
                               .end = seen_end,
                               .arg = s};
    return s;
}

#endif
