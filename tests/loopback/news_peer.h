/* news_peer.h - the server of nntp_peer.h with a group as large as one likes:
 * articles FIRST to LAST, each there, or gone from the list, or gone though the
 * list and the overview name it. By message-id (<7@peer>) it has the same ones. It
 * may end a connection within an article. */
#ifndef TESTS_LOOPBACK_NEWS_PEER_H
#define TESTS_LOOPBACK_NEWS_PEER_H

#include "nntp_peer.h"

enum { NEWS_MOST = 2000 };
enum news_state { NEWS_THERE, NEWS_GONE, NEWS_CANCELLED };

struct news_peer {
    struct nntp_peer peer; /* first */
    unsigned first, last;
    unsigned char state[NEWS_MOST + 1];
    bool lists_all;   /* knows no ranges in LISTGROUP */
    bool locked;      /* ARTICLE: 480 before the login, GROUP not */
    unsigned dies_at; /* within this article the connection ends */
    int dies;         /* so many times */
    unsigned cuts;    /* so does each that this divides, once; 0: none */
    bool was_cut[NEWS_MOST + 1];
    int said_400; /* once, to the commands of this connection */
    int served;
};

static inline struct news_peer *news_of(struct nntp_visit *v)
{
    return (struct news_peer *)(void *)v->p;
}

static inline bool news_has(const struct news_peer *p, unsigned long n)
{
    return n >= p->first && n <= p->last && p->state[n] == NEWS_THERE;
}

static inline bool news_lists(const struct news_peer *p, unsigned long n)
{
    return n >= p->first && n <= p->last && p->state[n] != NEWS_GONE;
}

static inline void news_selected(struct nntp_visit *v)
{
    struct news_peer *p = news_of(v);
    unsigned count = 0;
    char line[100];

    for (unsigned i = p->first; i <= p->last; i++)
        count += news_lists(p, i);
    snprintf(line, sizeof line, "211 %u %u %u misc.test", count, p->first,
             p->last);
    visit_line(v, line);
}

/* "7", "7-", "7-9", or nothing. */
static inline void news_range(const struct news_peer *p, const char *text,
                              unsigned long *first, unsigned long *last)
{
    char *end = NULL;

    *first = p->first;
    *last = p->last;
    if (*text == '\0')
        return;
    *first = *last = strtoul(text, &end, 10);
    if (*end == '-')
        *last = end[1] != '\0' ? strtoul(end + 1, NULL, 10) : p->last;
    if (*first < p->first)
        *first = p->first;
    if (*last > p->last)
        *last = p->last;
}

static inline void news_listgroup(struct nntp_visit *v, const char *line)
{
    const char *range = strchr(line + strlen("LISTGROUP "), ' ');
    struct news_peer *p = news_of(v);
    unsigned long first, last;
    char text[20];

    news_range(p, range != NULL && !p->lists_all ? range + 1 : "", &first,
               &last);
    news_selected(v);
    for (unsigned long i = first; i <= last; i++)
        if (news_lists(p, i)) {
            snprintf(text, sizeof text, "%lu", i);
            visit_line(v, text);
        }
    visit_line(v, ".");
}

static inline void news_text(char *to, size_t size, unsigned long n,
                             const char *what)
{
    bool head = *what != 'B', body = *what != 'H';

    snprintf(to, size, "%s%s%s", head ? "Subject: test\r\n" : "",
             head && body ? "\r\n" : "", body ? ".dot\r\n" : "");
    snprintf(to + strlen(to), size - strlen(to), "X: %lu\r\n", n);
}

static inline bool news_is_cut(struct news_peer *p, unsigned long n)
{
    if (p->dies_at == n && p->dies > 0)
        return p->dies-- > 0;
    if (p->cuts == 0 || n % p->cuts != 0 || p->was_cut[n])
        return false;
    return p->was_cut[n] = true;
}

/* LINE: "ARTICLE 7", "BODY <7@peer>". */
static inline void news_article(struct nntp_visit *v, const char *line)
{
    struct news_peer *p = news_of(v);
    const char *which = strchr(line, ' ') + 1;
    bool by_id = *which == '<';
    unsigned long n = strtoul(which + by_id, NULL, 10);
    char text[100];

    if (!news_has(p, n)) {
        visit_line(v, by_id ? "430 none" : "423 none");
        return;
    }
    snprintf(text, sizeof text, "%d %lu <%lu@peer>",
             *line == 'A'   ? 220
             : *line == 'H' ? 221
                            : 222,
             by_id ? 0 : n, n);
    visit_line(v, text);
    news_text(text, sizeof text, n, line);
    visit_text(v, text);
    if (news_is_cut(p, n)) {
        visit_end(v);
        return;
    }
    p->served++;
    visit_line(v, ".");
}

static inline void news_line(struct nntp_visit *v, unsigned long number,
                             unsigned long n)
{
    char line[200];

    snprintf(line, sizeof line, "%lu\tsubject %lu\tme\tnow\t<%lu@peer>\t\t9\t1",
             number, n, n);
    visit_line(v, line);
}

static inline void news_over(struct nntp_visit *v, const char *range)
{
    struct news_peer *p = news_of(v);
    unsigned long first, last, n;

    if (*range == '<') {
        n = strtoul(range + 1, NULL, 10);
        visit_line(v, news_lists(p, n) ? "224 follows" : "430 none");
        if (!news_lists(p, n))
            return;
        news_line(v, 0, n);
    } else {
        news_range(p, range, &first, &last);
        visit_line(v, first <= last ? "224 follows" : "423 none");
        if (first > last)
            return;
        for (n = first; n <= last; n++)
            if (news_lists(p, n))
                news_line(v, n, n);
    }
    visit_line(v, ".");
}

static inline bool news_answer(struct nntp_visit *v, const char *line)
{
    struct news_peer *p = news_of(v);

    if (visit_is(line, "GROUP misc.test")) {
        if ((p->peer.needs_login && !v->in) || p->peer.needs_tls)
            return false;
        news_selected(v);
    } else if (visit_is(line, "LISTGROUP misc.test"))
        news_listgroup(v, line);
    else if (visit_is(line, "OVER "))
        news_over(v, line + 5);
    else if (visit_is(line, "ARTICLE ") || visit_is(line, "HEAD ") ||
             visit_is(line, "BODY ")) {
        if (p->locked && !v->in)
            visit_line(v, "480 log in");
        else if (p->said_400 > 0) {
            p->said_400--;
            visit_say(v, "!400 enough for now");
        } else
            news_article(v, line);
    } else
        return false;
    return true;
}

static inline void news_peer_start(struct news_peer *p, unsigned first,
                                   unsigned last)
{
    assert_true(last <= NEWS_MOST);
    *p = (struct news_peer){.first = first, .last = last};
    nntp_peer_start(&p->peer, "VERSION 2\nREADER\nOVER MSGID\n");
    p->peer.answer = news_answer;
}

#endif
