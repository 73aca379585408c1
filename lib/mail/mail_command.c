/* mail_command.c - a message to the stdin of a command. It is kept in a file
 * without a name until it is whole: a command never sees half of one, and may
 * read as much of it as it likes. */

#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

#include "core/mem.h"
#include "mail/mail_store.h"

extern char **environ;

static int command_sink(struct mail_store *s, const char *p, size_t n)
{
    if (p != NULL)
        return mail_store_put(s, p, n);
    return s->cr ? mail_store_put(s, "\r", 1) : 0;
}

/* Signals as a shell would have them, whatever this thread blocks. */
static int set_attributes(posix_spawnattr_t *a)
{
    sigset_t none, pipes;

    sigemptyset(&none);
    sigemptyset(&pipes);
    sigaddset(&pipes, SIGPIPE);
    posix_spawnattr_setsigmask(a, &none);
    posix_spawnattr_setsigdefault(a, &pipes);
    return posix_spawnattr_setflags(a, POSIX_SPAWN_SETSIGMASK |
                                           POSIX_SPAWN_SETSIGDEF);
}

static int start(const struct mail_store *s, pid_t *pid)
{
    char *argv[] = {"sh", "-c", s->where, NULL};
    posix_spawn_file_actions_t files;
    posix_spawnattr_t attributes;
    int rc;

    if ((rc = posix_spawn_file_actions_init(&files)) != 0)
        return -rc;
    if ((rc = posix_spawnattr_init(&attributes)) == 0) {
        rc = posix_spawn_file_actions_adddup2(&files, s->fd, 0);
        if (rc == 0 && (rc = set_attributes(&attributes)) == 0)
            rc =
                posix_spawn(pid, "/bin/sh", &files, &attributes, argv, environ);
        posix_spawnattr_destroy(&attributes);
    }
    posix_spawn_file_actions_destroy(&files);
    return -rc;
}

static int await_end(struct mail_store *s, pid_t pid)
{
    int status = 0;

    while (waitpid(pid, &status, 0) < 0)
        if (errno != EINTR) /* somebody else has taken it */
            return -errno;
    if (WIFEXITED(status) && WEXITSTATUS(status) == 0)
        return 0;
    if (WIFEXITED(status))
        snprintf(s->said, sizeof s->said, "exit %d", WEXITSTATUS(status));
    else
        snprintf(s->said, sizeof s->said, "signal %d", WTERMSIG(status));
    return -EIO;
}

static int command_finish(struct mail_store *s)
{
    int rc = mail_write_all(s->fd, s->buf, s->n);
    pid_t pid;

    s->n = 0; /* written once, however often it is tried */
    if (rc == 0 && lseek(s->fd, 0, SEEK_SET) < 0)
        rc = -errno;
    if (rc == 0 && (rc = start(s, &pid)) == 0)
        return await_end(s, pid);
    if (rc == -EAGAIN)
        snprintf(s->said, sizeof s->said, "no process to run it");
    return rc;
}

static void command_drop(struct mail_store *s)
{
    (void)s;
}

static const struct mail_store_class command_class = {
    .name = "command",
    .sink = command_sink,
    .open = mail_open_aside,
    .finish = command_finish,
    .drop = command_drop,
};

struct mail_store *mail_command_begin(const char *command, struct sc_error *err)
{
    struct mail_store *s = mail_store_new(&command_class, command, err);

    return s != NULL ? mail_store_open(s, err) : NULL;
}
