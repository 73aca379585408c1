/* bench_nntp.c - bench_nntp JOB HOST PORT COUNT [SIZE] [CONNS] [MODE] - our side
 * of the NNTP jobs; prints one line of JSON.
 *
 *   N1   nntp_fetch of COUNT articles' overview, each a record
 *   N2   nntp_fetch of COUNT articles into a sink (MODE article: nntp_article, one
 *        after the other; tls; deflate)
 *   N3   nntp_fetch of one body; N3y: through the yEnc decoder
 *   N4   nntp_post of COUNT articles of SIZE bytes (MODE send: nntp_send) */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <simpleclient/nntp.h>

#include "kit.h"

static struct bench_args args;
static struct sc_options opt;
static uint64_t got, bytes;

static _Noreturn void die(const struct sc_error *e)
{
    fprintf(stderr, "bench_nntp: %s\n", e->text);
    exit(1);
}

static bool mode(const char *name)
{
    return strcmp(args.mode, name) == 0;
}

static const char *url(const char *path)
{
    static char text[128];

    snprintf(text, sizeof text, "nntp%s://%s:%d/%s", mode("tls") ? "s" : "",
             args.host, args.port, path);
    return text;
}

static int count_bytes(void *arg, const void *p, size_t n)
{
    (void)arg, (void)p;
    bytes += n;
    return 0;
}

/* All of them are there, so all are looked at. */
static int count_fields(void *arg, const struct nntp_article *a)
{
    (void)arg;
    if (a->number != got + 1 || a->message_id.len == 0 || a->xref.len == 0)
        bench_die("a record");
    got++;
    bytes += a->subject.len + a->from.len + a->date.len + a->message_id.len +
             a->references.len + a->bytes + a->lines + a->xref.len;
    return 0;
}

static void fetch(const char *path, struct nntp_fetch how)
{
    struct nntp_result r = {0};

    how.options = &opt;
    how.flags = mode("deflate") ? NNTP_COMPRESS : 0;
    if (nntp_fetch(url(path), &how, &r) < 0)
        die(&r.error);
    got = r.fetched;
    nntp_result_free(&r);
}

static void fetch_yenc(void)
{
    struct nntp_yenc_decoder *d = nntp_yenc_decoder_new(count_bytes, NULL);
    struct sc_error e;

    if (d == NULL)
        bench_die("a decoder");
    fetch("bench.test/2", (struct nntp_fetch){.what = NNTP_BODY,
                                              .sink = nntp_yenc_sink,
                                              .arg = d});
    if (nntp_yenc_finish(d, &e) < 0)
        die(&e);
    nntp_yenc_decoder_free(d);
}

/* --- a command at a time --- */

static void one_by_one(NNTPClient *n)
{
    int rc = nntp_group(n, "bench.test", NULL);

    for (; rc == 0 && got < args.count; got++)
        rc = nntp_article(n, got + 1, count_bytes, NULL, NULL);
    if (rc < 0)
        die(sc_last_error(nntp_base(n)));
    nntp_close(n);
}

static struct mail_source article(void)
{
    return (struct mail_source){.data = {bench_mail(args.size), args.size}};
}

static void post_all(NNTPClient *n)
{
    struct mail_source a = article();
    int rc = nntp_group(n, "bench.test", NULL);

    for (; rc == 0 && got < args.count; got++)
        rc = nntp_post(n, &a, NULL);
    if (rc < 0)
        die(sc_last_error(nntp_base(n)));
    bytes = got * args.size;
    nntp_close(n);
}

static void send_all(void)
{
    struct mail_source a = article();
    const char *server = url("");
    struct nntp_sent r;

    for (; got < args.count; got++)
        if (nntp_send(server, &a, &opt, &r) < 0)
            die(&r.error);
    bytes = got * args.size;
}

static void run(void)
{
    switch (args.job[1]) {
    case '1':
        fetch("bench.test/",
              (struct nntp_fetch){.what = NNTP_OVER, .over = count_fields});
        return;
    case '2':
        if (mode("article"))
            one_by_one(nntp_open(url(""), &opt));
        else
            fetch("bench.test/", (struct nntp_fetch){.what = NNTP_ARTICLE,
                                                     .sink = count_bytes});
        return;
    case '3':
        if (args.job[2] == 'y')
            fetch_yenc();
        else
            fetch("bench.test/1",
                  (struct nntp_fetch){.what = NNTP_BODY, .sink = count_bytes});
        return;
    }
    if (mode("send"))
        send_all();
    else
        post_all(nntp_open(url(""), &opt));
}

int main(int argc, char **argv)
{
    bench_args(argc, argv, &args);
    opt.tls.ca_file = args.ca;
    bench_start();
    run();
    bench_stop(&args, *args.mode ? args.mode : "ours", got, bytes);
    return 0;
}
