/* news_server.c - NNTP as a server speaks it, just enough for the tutorial. */
#include "news_server.h"

#include <simpleclient/class.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { ARTICLES_MOST = 10 };

static struct sc_buf article[ARTICLES_MOST]; /* lines end in CRLF */
static int n_articles;
static struct sc_listener *listener;

static void add(const char *subject, int number, const char *text)
{
    sc_buf_addf(&article[n_articles++],
                "From: ann@news.example\r\nNewsgroups: tutorial.test\r\n"
                "Subject: %s\r\nDate: Sat, 21 Nov 2026 12:0%d:00 +0000\r\n"
                "Message-ID: <%d@news.example>\r\n\r\n%s\r\n",
                subject, number, number, text);
}

static bool begins(struct sc_span line, const char *with)
{
    size_t n = strlen(with);

    return line.len >= n && memcmp(line.data, with, n) == 0;
}

/* The value of the header field NAME ("From: "), or "". */
static struct sc_span field(const struct sc_buf *a, const char *name)
{
    const char *p = strstr(a->data, name);
    struct sc_span out = {"", 0};

    if (p != NULL) {
        out.data = p + strlen(name);
        out.len = strcspn(out.data, "\r\n");
    }
    return out;
}

static int say_lines(SimpleClient *c, const char *const *lines)
{
    for (; *lines != NULL; lines++)
        sc_writeline(c, "%s", *lines);
    return sc_writeline(c, ".");
}

static int say_capabilities(SimpleClient *c)
{
    static const char *const all[] = {
        "101 capabilities", "VERSION 2", "READER", "POST", "OVER",
        "LIST ACTIVE",      NULL};

    return say_lines(c, all);
}

static int say_list(SimpleClient *c, struct sc_span line)
{
    if (!begins(line, "LIST ACTIVE"))
        return sc_writeline(c, "503 no such list");
    sc_writeline(c, "215 groups");
    sc_writeline(c, "tutorial.test %d 1 y", n_articles);
    return sc_writeline(c, ".");
}

static int say_group(SimpleClient *c, struct sc_span line)
{
    if (memmem(line.data, line.len, " tutorial.test", 14) == NULL)
        return sc_writeline(c, "411 no such group");
    sc_writeline(c, "211 %d 1 %d tutorial.test", n_articles, n_articles);
    if (begins(line, "GROUP"))
        return 0;
    for (int i = 1; i <= n_articles; i++) /* LISTGROUP */
        sc_writeline(c, "%d", i);
    return sc_writeline(c, ".");
}

/* "OVER 2-": from where on; a range's end is left to the reader. */
static int first_of(struct sc_span line)
{
    const char *space = memchr(line.data, ' ', line.len);
    long n = space != NULL ? strtol(space, NULL, 10) : 1;

    return n < 1 ? 1 : n > ARTICLES_MOST ? ARTICLES_MOST : (int)n;
}

static int say_overview(SimpleClient *c, struct sc_span line)
{
    sc_writeline(c, "224 overview");
    for (int i = first_of(line); i <= n_articles; i++) {
        const struct sc_buf *a = &article[i - 1];
        struct sc_span subject = field(a, "Subject: ");
        struct sc_span from = field(a, "From: "), date = field(a, "Date: ");
        struct sc_span id = field(a, "Message-ID: ");

        sc_writeline(c, "%d\t%.*s\t%.*s\t%.*s\t%.*s\t\t%zu\t1", i,
                     (int)subject.len, subject.data, (int)from.len, from.data,
                     (int)date.len, date.data, (int)id.len, id.data, a->len);
    }
    return sc_writeline(c, ".");
}

static int say_article(SimpleClient *c, struct sc_span line)
{
    int n = first_of(line);
    struct sc_span id;

    if (n > n_articles)
        return sc_writeline(c, "423 no such article");
    id = field(&article[n - 1], "Message-ID: ");
    sc_writeline(c, "220 %d %.*s", n, (int)id.len, id.data);
    sc_write_dot(c, article[n - 1].data, article[n - 1].len);
    return sc_end_dot(c);
}

static int take_article(SimpleClient *c)
{
    struct sc_buf *a = &article[n_articles];
    int rc;

    if (n_articles == ARTICLES_MOST)
        return sc_writeline(c, "440 no room");
    sc_writeline(c, "340 send it");
    if ((rc = sc_read_dot(c, a)) < 0)
        return rc;
    n_articles++;
    return sc_writeline(c, "240 thank you");
}

/* One command; returns 0 if another may follow. */
static int answer(SimpleClient *c)
{
    struct sc_span line;
    int rc = sc_readline(c, &line);

    if (rc < 0)
        return rc;
    if (begins(line, "CAPABILITIES"))
        return say_capabilities(c);
    if (begins(line, "LIST "))
        return say_list(c, line);
    if (begins(line, "GROUP ") || begins(line, "LISTGROUP "))
        return say_group(c, line);
    if (begins(line, "OVER"))
        return say_overview(c, line);
    if (begins(line, "ARTICLE "))
        return say_article(c, line);
    if (begins(line, "POST"))
        return take_article(c);
    if (!begins(line, "QUIT"))
        return sc_writeline(c, "500 what?");
    sc_writeline(c, "205 bye");
    return SC_EOF;
}

static void serve_one(void *arg)
{
    SimpleClient *c = sc_attach(&sc_simple_class, arg, NULL);

    sc_writeline(c, "200 tutorial.example");
    while (answer(c) == 0)
        ;
    sc_flush(c);
    sc_close(c);
}

static void serve(void *arg)
{
    struct sc_group *g = sc_group_new(NULL, 0);
    Stream *s;

    while ((s = sc_accept(arg, -1, NULL)) != NULL)
        if (sc_group_go(g, serve_one, s) < 0)
            sc_stream_close(s);
    sc_group_cancel(g);
    sc_group_wait(g);
}

const char *news_server_start(void)
{
    static char url[128];
    struct sc_error err = {0};

    add("hello", 1, "Is anybody here?");
    add("re: hello", 2, "I am.\r\n.signed with a dot");
    add("bye", 3, "Good night.");
    listener = sc_listen("127.0.0.1:0", &err);
    if (listener == NULL) {
        fprintf(stderr, "%s\n", err.text);
        return NULL;
    }
    sc_task_go(NULL, serve, listener);
    snprintf(url, sizeof url, "nntp://%s/", sc_listener_name(listener));
    return url;
}

void news_server_stop(void)
{
    sc_listener_close(listener);
    sc_run();
    while (n_articles > 0)
        sc_buf_free(&article[--n_articles]);
}
