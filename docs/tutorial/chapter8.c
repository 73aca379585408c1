/* chapter8.c - reading news: which groups there are, what is in one, whole
 * articles; and an article of one's own. */
#include "news_server.h"

#include <simpleclient/nntp.h>

#include <stdio.h>
#include <string.h>

/* Which groups are there? */
static int print_group(void *arg, const struct nntp_group *g)
{
    (void)arg;
    printf("%.*s: %u to %u\n", (int)g->name.len, g->name.data,
           (unsigned)g->first, (unsigned)g->last);
    return 0;
}

static int list(const char *server)
{
    NNTPClient *n = nntp_open(server, NULL);
    int rc = nntp_list_active(n, "tutorial.*", print_group, NULL);

    if (rc < 0) /* if open failed, its error */
        fprintf(stderr, "%s\n", sc_last_error(nntp_base(n))->text);
    nntp_close(n);
    return rc;
}

/* A line for each article: what a reader shows first. */
static int print_line(void *arg, const struct nntp_article *a)
{
    (void)arg;
    printf("  %u %.*s, %u bytes\n", (unsigned)a->number, (int)a->subject.len,
           a->subject.data, (unsigned)a->bytes);
    return 0;
}

static int look(const char *group)
{
    struct nntp_fetch how = {.what = NNTP_OVER, .over = print_line};
    struct nntp_result r = {0};
    int rc = nntp_fetch(group, &how, &r);

    if (rc < 0)
        fprintf(stderr, "%s\n", r.error.text);
    nntp_result_free(&r);
    return rc;
}

/* An article begins, its bytes come, it ends. With several connections several
 * are under way, and USER tells them apart; here is one. */
static int begin(void *arg, struct nntp_item *item)
{
    struct sc_buf *text = arg;

    (void)item;
    text->len = 0;
    return 0;
}

static int end(void *arg, const struct nntp_item *item, int rc)
{
    const struct sc_buf *text = arg;
    const char *body;

    if (rc < 0)
        return 0; /* cut, or gone: what came is worth nothing */
    body = text->len > 0 ? strstr(text->data, "\r\n\r\n") : NULL;
    printf("  %u: %s", (unsigned)item->number,
           body != NULL ? body + 4 : "no text\n");
    return 0;
}

static int read_some(const char *range)
{
    struct sc_buf text = SC_BUF(1 << 20);
    struct nntp_fetch how = {.what = NNTP_ARTICLE,
                             .begin = begin,
                             .sink = sc_buf_sink,
                             .end = end,
                             .arg = &text};
    struct nntp_result r = {0};
    int rc = nntp_fetch(range, &how, &r);

    if (rc < 0)
        fprintf(stderr, "%s\n", r.error.text);
    else
        printf("%u fetched, %u missing\n", (unsigned)r.fetched,
               (unsigned)r.missing);
    nntp_result_free(&r);
    sc_buf_free(&text);
    return rc;
}

static int post(const char *server)
{
    struct mail_source article = {
        .data = SC_SPAN("From: joe@a.example\nNewsgroups: tutorial.test\n"
                        "Subject: good morning\nMessage-ID: <4@a.example>\n\n"
                        "Slept well?\n")};
    struct nntp_sent sent = {0};
    int rc = nntp_send(server, &article, NULL, &sent);

    if (rc < 0)
        fprintf(stderr, "%s\n", sent.error.text);
    else
        printf("posted %s: %d %s\n", sent.id, sent.code, sent.text);
    return rc;
}

int main(void)
{
    const char *server = news_server_start();
    char group[200], range[200];
    int rc = SC_EINVAL;

    if (server != NULL) {
        snprintf(group, sizeof group, "%stutorial.test", server);
        snprintf(range, sizeof range, "%stutorial.test/2-", server);
        if ((rc = list(server)) == 0 && (rc = look(group)) == 0 &&
            (rc = post(server)) == 0)
            rc = read_some(range);
    }
    news_server_stop();
    return rc != 0;
}
