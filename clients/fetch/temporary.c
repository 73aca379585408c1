/* temporary.c - names of temporary files in a table that a signal handler can
 * read. */

#include <errno.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "fetch/memory.h"
#include "fetch/temporary.h"

enum { SLOTS = 512 };
static char *volatile slots[SLOTS];

static void remove_all(void)
{
    for (int i = 0; i < SLOTS; i++)
        if (slots[i] != NULL)
            unlink(slots[i]);
}

static void end_by(int sig)
{
    remove_all();
    signal(sig, SIG_DFL);
    raise(sig);
}

void watch_temporaries(void)
{
    static const int signals[] = {
        SIGINT,  SIGTERM, SIGHUP,    SIGQUIT, SIGALRM,   SIGUSR1, SIGUSR2,
        SIGXCPU, SIGPROF, SIGVTALRM, SIGPOLL, SIGSTKFLT, SIGPWR};
    struct sigaction act = {.sa_handler = end_by, .sa_flags = SA_NODEFER}, old;

    for (size_t i = 0; i < sizeof signals / sizeof signals[0]; i++)
        if (sigaction(signals[i], NULL, &old) == 0 &&
            old.sa_handler != SIG_IGN) /* nohup */
            sigaction(signals[i], &act, NULL);
    atexit(remove_all);
}

/* Signals wait while a name and its file come or go together. */
static void hold(sigset_t *old)
{
    sigset_t all;

    sigfillset(&all);
    sigprocmask(SIG_BLOCK, &all, old);
}

static void let(const sigset_t *old)
{
    int kept = errno;

    sigprocmask(SIG_SETMASK, old, NULL);
    errno = kept;
}

static int free_slot(void)
{
    for (int i = 0; i < SLOTS; i++)
        if (slots[i] == NULL)
            return i;
    errno = EMFILE;
    return -1;
}

static void forget(const char *path)
{
    for (int i = 0; i < SLOTS; i++)
        if (slots[i] == path)
            slots[i] = NULL;
}

/* NAME with six letters behind it, cut where the file system would not take so
 * long a name. */
static char *pattern_of(const char *name)
{
    const char *slash = strrchr(name, '/');
    size_t folder = slash != NULL ? (size_t)(slash + 1 - name) : 0;
    size_t n = strlen(name + folder);

    if (n > NAME_MAX - sizeof ".XXXXXX")
        n = NAME_MAX - sizeof ".XXXXXX";
    return print_text("%.*s.XXXXXX", (int)(folder + n), name);
}

int make_temporary(const char *name, mode_t mode, char **path)
{
    int slot = free_slot(), fd;
    sigset_t old;
    char *text;

    if (slot < 0)
        return -1;
    text = pattern_of(name);
    hold(&old);
    if ((fd = mkstemp(text)) >= 0)
        slots[slot] = text;
    let(&old);
    if (fd < 0) {
        free(text);
        return -1;
    }
    fchmod(fd, mode);
    *path = text;
    return fd;
}

int rename_temporary(char *path, const char *to, bool replace)
{
    sigset_t old;
    int rc, why;

    hold(&old);
    rc = replace ? rename(path, to) : link(path, to);
    why = errno;
    if (rc < 0 || !replace)
        unlink(path);
    forget(path);
    let(&old);
    free(path);
    errno = why;
    return rc;
}

void remove_temporary(char *path)
{
    sigset_t old;

    hold(&old);
    unlink(path);
    forget(path);
    let(&old);
    free(path);
}
