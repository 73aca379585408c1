/* pop_fetch.c - a task for each account, one that waits for a signal, and one
 * that shows how far all are. */

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>

#include <simpleclient/stream.h>
#include <simpleclient/task.h>

#include "pop_fetch.h"
#include "pop_progress.h"

enum { AT_ONCE = 100 }; /* each has up to five descriptors */

/* --- one account --- */

static int want(void *arg, const struct pop3_message *m)
{
    struct pop_account *a = arg;

    a->progress.messages++;
    a->progress.bytes += m->size;
    if (a->progress.on)
        sc_buf_add(&a->progress.sizes, &m->size, sizeof m->size);
    return 1;
}

static int begin_message(void *arg, const struct pop3_message *m)
{
    struct pop_account *a = arg;

    (void)m;
    aside_reset(&a->aside);
    return 0;
}

static int take_bytes(void *arg, const void *p, size_t n)
{
    struct pop_account *a = arg;

    return aside_add(&a->aside, p, n);
}

static int end_message(void *arg, const struct pop3_message *m, int rc)
{
    struct pop_account *a = arg;

    (void)m;
    if (rc == 0)
        rc = a->stdout_error = aside_write(&a->aside);
    aside_reset(&a->aside);
    return rc;
}

/* Without a place messages go to stdout, and stay where they are. */
static struct pop3_fetch how_of(struct pop_account *a)
{
    const struct pop_options *o = a->o;
    struct pop3_fetch how = {.want = want,
                             .arg = a,
                             .maildir = o->maildir,
                             .mbox = o->mbox,
                             .command = o->command,
                             .state = a->state,
                             .max_size = o->max_size,
                             .options = &a->connect};

    if (o->keep)
        how.flags |= POP3_KEEP;
    if (o->headers)
        how.flags |= POP3_HEADERS;
    if (o->maildir == NULL && o->mbox == NULL && o->command == NULL) {
        how.flags |= POP3_KEEP;
        how.begin = begin_message;
        how.sink = take_bytes;
        how.end = end_message;
    }
    return how;
}

static void fetch_one(void *arg)
{
    struct pop_account *a = arg;
    struct pop3_fetch how = how_of(a);

    pop3_fetch(a->server.data, &how, &a->r);
}

/* --- signals --- */

static int signal_pipe[2];

static void on_signal(int sig)
{
    unsigned char byte = (unsigned char)sig;
    int e = errno;

    if (write(signal_pipe[1], &byte, 1) < 0)
        signal(sig, SIG_DFL); /* the next one ends it */
    errno = e;
}

/* One that is ignored stays so; a second one ends the program at once. */
static void catch_signals(void)
{
    static const int all[] = {SIGINT, SIGTERM, SIGHUP, SIGQUIT};
    struct sigaction mine = {.sa_handler = on_signal,
                             .sa_flags = (int)SA_RESETHAND},
                     old;

    for (size_t i = 0; i < sizeof all / sizeof all[0]; i++)
        if (sigaction(all[i], NULL, &old) == 0 && old.sa_handler != SIG_IGN)
            sigaction(all[i], &mine, NULL);
}

struct watch {
    Stream *signals;
    struct sc_group *group;
    int caught;
};

static void wait_for_signal(void *arg)
{
    struct watch *w = arg;
    struct sc_wait forever = {.until = INT64_MAX};
    unsigned char sig;

    if (sc_stream_read(w->signals, &sig, 1, &forever) == 1) {
        w->caught = sig;
        sc_group_cancel(w->group);
    }
}

/* Without a pipe the first signal just ends the program. */
static Stream *open_signals(void)
{
    Stream *s;

    if (pipe2(signal_pipe, O_CLOEXEC | O_NONBLOCK) < 0)
        return NULL;
    if ((s = sc_stream_fd(signal_pipe[0], NULL)) != NULL)
        catch_signals();
    return s;
}

/* --- all --- */

static void end_task(int64_t task)
{
    if (task <= 0)
        return;
    sc_task_cancel(task);
    sc_task_join(task);
}

static void not_begun(struct pop_account *a, int rc)
{
    a->r.error.code = rc;
}

int fetch_accounts(struct pop_account *all, size_t n)
{
    struct watch w = {.group = sc_group_new(NULL, AT_ONCE)};
    struct pop_progress p = {.all = all, .n = n};
    int64_t watching = 0, showing = 0;
    bool shown = progress_wanted(all[0].o);
    int rc;

    if ((w.signals = open_signals()) != NULL)
        watching = sc_task_go(NULL, wait_for_signal, &w);
    for (size_t i = 0; i < n; i++)
        all[i].progress.on = shown;
    if (shown)
        showing = sc_task_go(NULL, show_progress, &p);
    for (size_t i = 0; i < n; i++)
        if ((rc = sc_group_go(w.group, fetch_one, &all[i])) < 0)
            not_begun(&all[i], rc);
    sc_group_wait(w.group);
    end_task(showing);
    end_task(watching);
    sc_stream_close(w.signals);
    return w.caught;
}
