/* peer_etpan.c - peer_etpan JOB HOST PORT COUNT ... - the mail jobs by libetpan's
 * own functions, one session: S1, S2, S3, P1, P2, P3, N1, N2, N3, N4. */
#include "kit.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>

#include <libetpan/mailpop3.h>
#include <libetpan/mailpop3_socket.h>
#include <libetpan/mailsmtp.h>
#include <libetpan/newsnntp.h>
#include <libetpan/newsnntp_socket.h>

/* MAILSMTP_NO_ERROR, MAILPOP3_NO_ERROR and NEWSNNTP_NO_ERROR are 0. */
static void must(const char *what, int rc)
{
    if (rc == 0)
        return;
    fprintf(stderr, "peer_etpan: %s: %d\n", what, rc);
    exit(1);
}

/* --- SMTP --- */

/* It takes a message only as a whole, in memory. */
static char *map_file(const struct bench_args *a)
{
    int fd = a->file != NULL ? open(a->file, O_RDONLY | O_CLOEXEC) : -1;
    char *text = mmap(NULL, a->count, PROT_READ, MAP_SHARED, fd, 0);

    if (text == MAP_FAILED)
        bench_die("BENCH_FILE");
    return text;
}

static void send_one(mailsmtp *s, const struct bench_args *a, const char *text,
                     size_t size)
{
    char to[64];

    must("MAIL", mailesmtp_mail(s, "sender@bench.example", 0, NULL));
    for (int i = 0; i < a->conns; i++) {
        snprintf(to, sizeof to, "rcpt%d@bench.example", i);
        must("RCPT", mailesmtp_rcpt(s, to, 0, NULL));
    }
    must("DATA", mailsmtp_data(s));
    must("the text", mailsmtp_data_message(s, text, size));
}

static uint64_t send_all(const struct bench_args *a, uint64_t n)
{
    bool file = bench_one_body(a->job);
    size_t size = file ? a->count : a->size;
    char *text = file ? map_file(a) : bench_mail(size);
    mailsmtp *s;

    bench_start();
    if ((s = mailsmtp_new(0, NULL)) == NULL)
        bench_die("mailsmtp_new");
    must("connect", mailsmtp_socket_connect(s, a->host, (uint16_t)a->port));
    must("EHLO", mailesmtp_ehlo(s));
    for (uint64_t i = 0; i < n; i++)
        send_one(s, a, text, size);
    must("QUIT", mailsmtp_quit(s));
    return n * size;
}

/* --- POP3 --- */

static uint64_t take_one(mailpop3 *p, const struct bench_args *a, unsigned i)
{
    size_t size;
    char *text;

    if (a->job[1] == '3') {
        must("TOP", mailpop3_top(p, i, 0, &text, &size));
        mailpop3_top_free(text);
    } else {
        must("RETR", mailpop3_retr(p, i, &text, &size));
        mailpop3_retr_free(text);
    }
    return size;
}

static uint64_t take_all(const struct bench_args *a, uint64_t n)
{
    uint64_t octets = 0;
    carray *list;
    mailpop3 *p;

    bench_start();
    if ((p = mailpop3_new(0, NULL)) == NULL)
        bench_die("mailpop3_new");
    must("connect", mailpop3_socket_connect(p, a->host, (uint16_t)a->port));
    must("USER", mailpop3_user(p, "bench"));
    must("PASS", mailpop3_pass(p, "bench"));
    if (a->job[1] == '1') /* LIST and UIDL */
        must("LIST", mailpop3_list(p, &list));
    for (unsigned i = 1; i <= n; i++)
        octets += take_one(p, a, i);
    must("QUIT", mailpop3_quit(p));
    return octets;
}

/* --- NNTP --- */

/* All fields of all lines, in a list. */
static uint64_t take_overview(newsnntp *p, const struct bench_args *a)
{
    uint64_t octets = 0;
    clist *list;

    must("XOVER", newsnntp_xover_range(p, 1, (uint32_t)a->count, &list));
    if ((uint64_t)clist_count(list) != a->count)
        bench_die("the overview");
    for (clistiter *i = clist_begin(list); i != NULL; i = clist_next(i))
        octets +=
            ((struct newsnntp_xover_resp_item *)clist_content(i))->ovr_size;
    newsnntp_xover_resp_list_free(list);
    return octets;
}

static uint64_t take_article(newsnntp *p, uint32_t number, bool body)
{
    size_t size;
    char *text;

    if (body)
        must("BODY", newsnntp_body(p, number, &text, &size));
    else
        must("ARTICLE", newsnntp_article(p, number, &text, &size));
    newsnntp_article_free(text);
    return size;
}

static uint64_t post_all(newsnntp *p, const struct bench_args *a)
{
    const char *text = bench_mail(a->size);

    for (uint64_t i = 0; i < a->count; i++)
        must("POST", newsnntp_post(p, text, a->size));
    return a->count * a->size;
}

static uint64_t news(const struct bench_args *a)
{
    struct newsnntp_group_info *info;
    uint64_t octets = 0;
    newsnntp *p;

    bench_start();
    if ((p = newsnntp_new(0, NULL)) == NULL)
        bench_die("newsnntp_new");
    must("connect", newsnntp_socket_connect(p, a->host, (uint16_t)a->port));
    must("GROUP", newsnntp_group(p, "bench.test", &info));
    newsnntp_group_free(info);
    if (a->job[1] == '1')
        octets = take_overview(p, a);
    else if (a->job[1] == '3')
        octets = take_article(p, a->job[2] == 'y' ? 2 : 1, true);
    else if (a->job[1] == '4')
        octets = post_all(p, a);
    else
        for (uint32_t i = 1; i <= a->count; i++)
            octets += take_article(p, i, false);
    must("QUIT", newsnntp_quit(p));
    return octets;
}

int main(int argc, char **argv)
{
    struct bench_args a;
    uint64_t n, octets;

    bench_args(argc, argv, &a);
    n = bench_one_body(a.job) ? 1 : a.count;
    if (a.job[0] == 'N')
        octets = news(&a);
    else
        octets = a.job[0] == 'S' ? send_all(&a, n) : take_all(&a, n);
    bench_stop(&a, "libetpan", n, octets);
    return 0;
}
