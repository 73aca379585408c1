/* password.c - the first line of a file or of a program's output. Bytes are read
 * one by one without a buffer: none is left anywhere, and what follows on stdin
 * is the message. */

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "password.h"

static int first_line(int fd, char to[PASSWORD_MOST])
{
    size_t n = 0;
    ssize_t got;
    char c;

    for (;;) {
        while ((got = read(fd, &c, 1)) < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return -errno;
        if (got == 0 || c == '\n')
            break;
        if (n + 1 == PASSWORD_MOST)
            return -EMSGSIZE;
        to[n++] = c;
    }
    if (n > 0 && to[n - 1] == '\r')
        n--;
    to[n] = '\0';
    return n > 0 ? 0 : -ENODATA;
}

int password_of_file(const char *path, char to[PASSWORD_MOST])
{
    int fd, rc;

    if (strcmp(path, "-") == 0)
        return first_line(STDIN_FILENO, to);
    if ((fd = open(path, O_RDONLY | O_CLOEXEC)) < 0)
        return -errno;
    rc = first_line(fd, to);
    close(fd);
    return rc;
}

int password_of_command(const char *command, char to[PASSWORD_MOST])
{
    FILE *f = popen(command, "r");
    int rc;

    if (f == NULL)
        return -errno;
    rc = first_line(fileno(f), to);
    return pclose(f) == 0 ? rc : -ECHILD;
}
