/* prompt.c - a secret from the terminal: echo is off while it is typed, and on
 * again whatever ends that. */

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/select.h>
#include <termios.h>
#include <unistd.h>

#include "prompt.h"

static const int signals[] = {SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGTSTP};
enum { SIGNALS = sizeof signals / sizeof signals[0] };

static volatile sig_atomic_t caught;

static void note(int sig)
{
    caught = sig;
}

/* How signals were before. */
struct signals {
    struct sigaction action[SIGNALS];
    sigset_t mask;
};

/* They come only while pselect waits: none is missed just before a read. */
static void catch_signals(struct signals *old)
{
    struct sigaction mine = {.sa_handler = note};
    sigset_t all;

    caught = 0;
    sigemptyset(&all);
    for (size_t i = 0; i < SIGNALS; i++)
        sigaddset(&all, signals[i]);
    sigprocmask(SIG_BLOCK, &all, &old->mask);
    mine.sa_mask = all;
    for (size_t i = 0; i < SIGNALS; i++)
        sigaction(signals[i], &mine, &old->action[i]);
}

static void release_signals(const struct signals *old)
{
    for (size_t i = 0; i < SIGNALS; i++)
        sigaction(signals[i], &old->action[i], NULL);
    if (caught != 0)
        raise(caught); /* comes when it is unblocked */
    sigprocmask(SIG_SETMASK, &old->mask, NULL);
}

static int say(int fd, const char *text)
{
    size_t n = strlen(text);

    return write(fd, text, n) == (ssize_t)n ? 0 : -EIO;
}

/* One byte of the line that the terminal gives when it is whole. */
static ssize_t read_byte(int fd, const sigset_t *mask, char *c)
{
    fd_set in;

    FD_ZERO(&in);
    FD_SET(fd, &in);
    if (pselect(fd + 1, &in, NULL, NULL, NULL, mask) < 0)
        return -1;
    return read(fd, c, 1);
}

/* What does not fit is read and dropped. */
static int read_secret(int fd, const sigset_t *mask, char *to, size_t size)
{
    size_t n = 0;
    ssize_t got;
    char c;

    while ((got = read_byte(fd, mask, &c)) == 1 && c != '\n') {
        if (n + 1 < size)
            to[n] = c;
        n++;
    }
    to[n < size ? n : size - 1] = '\0';
    if (got < 0)
        return -errno;
    if (got == 0 && n == 0)
        return -ENODATA;
    return n < size ? 0 : -EMSGSIZE;
}

static int ask(int fd, const sigset_t *mask, const char *question, char *to,
               size_t size)
{
    struct termios shown, hidden;
    int rc;

    if (tcgetattr(fd, &shown) < 0)
        return -errno;
    hidden = shown;
    hidden.c_lflag &= ~(tcflag_t)(ECHO | ECHONL);
    if (tcsetattr(fd, TCSAFLUSH, &hidden) < 0)
        return -errno;
    if ((rc = say(fd, question)) == 0)
        rc = read_secret(fd, mask, to, size);
    tcsetattr(fd, TCSAFLUSH, &shown);
    say(fd, "\n");
    return rc;
}

int prompt_secret(const char *question, char *to, size_t size)
{
    struct signals old;
    int fd = open("/dev/tty", O_RDWR | O_NOCTTY | O_CLOEXEC), rc;

    if (fd < 0 || fd >= FD_SETSIZE) {
        if (fd >= 0)
            close(fd);
        return -ENXIO;
    }
    do {
        catch_signals(&old);
        rc = ask(fd, &old.mask, question, to, size);
        release_signals(&old); /* goes on where it only stopped us */
    } while (rc == -EINTR && caught == SIGTSTP);
    close(fd);
    return rc;
}
