/* bench_smtp.c - bench_smtp JOB HOST PORT COUNT [SIZE] [RECIPIENTS] [MODE] - our
 * side of the mail jobs; prints one line of JSON.
 *
 *   S1 S3   COUNT messages of SIZE bytes to RECIPIENTS, by smtp_queue (MODE
 *           send: smtp_send, one after the other)
 *   S2      one message: BENCH_FILE, its first COUNT bytes are all it has
 *   S4      COUNT messages in each of so many sessions (instead of RECIPIENTS),
 *           a task each, all open at once */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <simpleclient/smtp.h>
#include <simpleclient/task.h>

#include "kit.h"

static struct bench_args args;
static char url[128];
static const char **to;
static uint64_t sent;
static int opened;

static void die(const struct sc_error *e)
{
    fprintf(stderr, "bench_smtp: %s\n", e->text);
    exit(1);
}

static void done(void *arg, const struct smtp_message *m,
                 const struct smtp_result *r)
{
    (void)arg, (void)m;
    if (r->outcome != SMTP_SENT)
        die(&r->error);
    sent++;
}

static void batch(const struct smtp_message *m, uint64_t count)
{
    struct smtp_queue *q = smtp_queue_new(url, NULL, done, NULL);

    for (uint64_t i = 0; i < count; i++)
        smtp_queue_add(q, m);
    smtp_queue_free(q);
}

static void one_by_one(const struct smtp_message *m, uint64_t count)
{
    struct smtp_result r = {0};

    while (count-- > 0) {
        if (smtp_send(url, m, &r) < 0)
            die(&r.error);
        sent++;
    }
    smtp_result_free(&r);
}

/* The first message opens the connection; the others go when all are open. */
static void session(void *arg)
{
    struct smtp_queue *q = smtp_queue_new(url, NULL, done, NULL);

    smtp_queue_add(q, arg);
    smtp_queue_wait(q);
    for (opened++; opened < args.conns;)
        sc_yield();
    for (uint64_t i = 1; i < args.count; i++)
        smtp_queue_add(q, arg);
    smtp_queue_free(q);
}

static void sessions(struct smtp_message *m)
{
    struct sc_group *g = sc_group_new(NULL, 0);

    for (int i = 0; i < args.conns; i++)
        sc_group_go(g, session, m);
    if (sc_group_wait(g) < 0)
        bench_die("a task");
}

static void name_recipients(int n)
{
    to = calloc((size_t)n + 1, sizeof *to);
    for (int i = 0; i < n; i++) {
        char *address = malloc(64);

        snprintf(address, 64, "rcpt%d@bench.example", i);
        to[i] = address;
    }
}

static void run(struct smtp_message *m)
{
    if (args.job[1] == '4')
        sessions(m);
    else if (args.job[1] == '2' || strcmp(args.mode, "send") == 0)
        one_by_one(m, args.job[1] == '2' ? 1 : args.count);
    else
        batch(m, args.count);
}

int main(int argc, char **argv)
{
    struct smtp_message m = {.from = "sender@bench.example"};
    bool file;

    bench_args(argc, argv, &args);
    file = args.job[1] == '2';
    snprintf(url, sizeof url, "smtp://%s:%d/", args.host, args.port);
    name_recipients(args.job[1] == '4' ? 1 : args.conns);
    m.to = to;
    if (!file)
        m.source.data = (struct sc_span){bench_mail(args.size), args.size};
    else if (args.file == NULL ||
             (m.source.fd = open(args.file, O_RDONLY | O_CLOEXEC)) < 0)
        bench_die("BENCH_FILE");
    bench_start();
    run(&m);
    bench_stop(&args, "ours", sent, sent * (file ? args.count : args.size));
    return 0;
}
