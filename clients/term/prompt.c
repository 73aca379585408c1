/* prompt.c - a secret from the terminal: echo is off while it is typed, and on
 * again whatever ends that. */

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
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

static void catch_signals(struct sigaction old[SIGNALS])
{
    struct sigaction mine = {.sa_handler = note}; /* no SA_RESTART */

    caught = 0;
    sigemptyset(&mine.sa_mask);
    for (size_t i = 0; i < SIGNALS; i++)
        sigaction(signals[i], &mine, &old[i]);
}

static void release_signals(const struct sigaction old[SIGNALS])
{
    for (size_t i = 0; i < SIGNALS; i++)
        sigaction(signals[i], &old[i], NULL);
}

static int say(int fd, const char *text)
{
    size_t n = strlen(text);

    return write(fd, text, n) == (ssize_t)n ? 0 : -EIO;
}

/* The terminal gives lines; what does not fit is read and dropped. */
static int read_secret(int fd, char *to, size_t size)
{
    size_t n = 0;
    ssize_t got;
    char c;

    while ((got = read(fd, &c, 1)) == 1 && c != '\n') {
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

static int ask(int fd, const char *question, char *to, size_t size)
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
        rc = read_secret(fd, to, size);
    tcsetattr(fd, TCSAFLUSH, &shown);
    say(fd, "\n");
    return rc;
}

int prompt_secret(const char *question, char *to, size_t size)
{
    struct sigaction old[SIGNALS];
    int fd = open("/dev/tty", O_RDWR | O_NOCTTY | O_CLOEXEC), rc, sig;

    if (fd < 0)
        return -ENXIO;
    do {
        catch_signals(old);
        rc = ask(fd, question, to, size);
        release_signals(old);
        if ((sig = caught) != 0)
            raise(sig); /* returns where it only stopped us */
    } while (sig == SIGTSTP && rc == -EINTR);
    close(fd);
    return rc;
}
