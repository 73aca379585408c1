/* bench_pop3.c - bench_pop3 JOB HOST PORT COUNT [SIZE] [SESSIONS] [MODE] - our side
 * of the POP3 jobs; prints one line of JSON.
 *
 *   P1   pop3_fetch of COUNT messages into a sink (LIST, UIDL, RETR; MODE retr:
 *        pop3_uidl, then pop3_retr, one after the other)
 *   P2   the same of one message
 *   P3   headers only: TOP n 0 (MODE top: pop3_top, one after the other)
 *   P4   COUNT messages of each of so many mailboxes, a task each, all of them
 *        open at once
 *   P5   COUNT messages into the Maildir BENCH_FILE, and DELE */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <simpleclient/pop3.h>
#include <simpleclient/task.h>

#include "kit.h"

static struct bench_args args;
static char url[128];
static uint64_t got, bytes;
static int opened;

static _Noreturn void die(const struct sc_error *e)
{
    fprintf(stderr, "bench_pop3: %s\n", e->text);
    exit(1);
}

static int count_bytes(void *arg, const void *p, size_t n)
{
    (void)arg, (void)p;
    bytes += n;
    return 0;
}

static void fetch(const struct pop3_fetch *how)
{
    struct pop3_result r = {0};

    if (pop3_fetch(url, how, &r) < 0)
        die(&r.error);
    got += r.fetched;
    pop3_result_free(&r);
}

/* An answer for each UID, so that there must be some. */
static int want(void *arg, const struct pop3_message *m)
{
    (void)arg;
    return m->uid[0] != '\0';
}

/* --- a command at a time --- */

static int count_uid(void *arg, uint32_t number, const char *uid)
{
    (void)number, (void)uid;
    ++*(uint64_t *)arg;
    return 0;
}

static void one_by_one(bool headers)
{
    POP3Client *p = pop3_open(url, NULL);
    uint64_t uids = 0;
    uint64_t n = args.job[1] == '2' ? 1 : args.count;
    int rc = headers ? 0 : pop3_uidl(p, count_uid, &uids);

    for (uint32_t i = 1; i <= n && rc == 0; i++, got++)
        rc = headers ? pop3_top(p, i, 0, count_bytes, NULL)
                     : pop3_retr(p, i, count_bytes, NULL);
    if (rc < 0)
        die(sc_last_error(pop3_base(p)));
    pop3_close(p);
}

/* --- many at once --- */

/* Nobody goes on before all have read their lists. */
static int wait_for_all(void *arg, const struct pop3_message *m)
{
    (void)arg;
    if (m->number != 1)
        return 1;
    for (opened++; opened < args.conns;)
        if (sc_yield() < 0)
            return -1;
    return 1;
}

static void session(void *arg)
{
    (void)arg;
    fetch(&(struct pop3_fetch){
        .sink = count_bytes, .flags = POP3_KEEP, .want = wait_for_all});
}

static void sessions(void)
{
    struct sc_group *g = sc_group_new(NULL, 0);

    for (int i = 0; i < args.conns; i++)
        sc_group_go(g, session, NULL);
    if (sc_group_wait(g) < 0)
        bench_die("a task");
}

static void run(void)
{
    struct pop3_fetch how = {
        .sink = count_bytes, .flags = POP3_KEEP, .want = want};

    if (args.job[1] == '4') {
        sessions();
        return;
    }
    if (*args.mode) {
        one_by_one(args.job[1] == '3');
        return;
    }
    if (args.job[1] == '3')
        how = (struct pop3_fetch){.sink = count_bytes, .flags = POP3_HEADERS};
    if (args.job[1] == '5')
        how = (struct pop3_fetch){.maildir = args.file};
    fetch(&how);
}

int main(int argc, char **argv)
{
    bench_args(argc, argv, &args);
    snprintf(url, sizeof url, "pop3://bench:bench@%s:%d/", args.host,
             args.port);
    if (args.job[1] == '5' && args.file == NULL)
        bench_die("BENCH_FILE");
    bench_start();
    run();
    bench_stop(&args, *args.mode ? args.mode : "ours", got, bytes);
    return 0;
}
