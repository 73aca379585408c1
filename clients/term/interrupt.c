/* interrupt.c - the handler writes into a pipe, from which a task reads. */

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>

#include <simpleclient/stream.h>

#include "interrupt.h"

static int signal_pipe[2];

static void on_signal(int sig)
{
    unsigned char byte = (unsigned char)sig;
    int e = errno;

    if (write(signal_pipe[1], &byte, 1) < 0)
        signal(sig, SIG_DFL); /* the next one ends it */
    errno = e;
}

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

static void end_task(int64_t task)
{
    if (task <= 0)
        return;
    sc_task_cancel(task);
    sc_task_join(task);
}

int wait_or_interrupt(struct sc_group *g, void (*beside)(void *), void *arg)
{
    struct watch w = {.group = g};
    int64_t watching = 0, other = 0;

    if ((w.signals = open_signals()) != NULL)
        watching = sc_task_go(NULL, wait_for_signal, &w);
    if (beside != NULL)
        other = sc_task_go(NULL, beside, arg);
    sc_group_wait(g);
    end_task(other);
    end_task(watching);
    sc_stream_close(w.signals);
    return w.caught;
}

void die_of(int sig)
{
    signal(sig, SIG_DFL);
    raise(sig);
}
