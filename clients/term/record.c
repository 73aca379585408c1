/* record.c - the file of --record. Each piece is written at once: what there is
 * when the program is killed can be played. */

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "complain.h"
#include "record.h"

static int file = -1;

static int take_piece(void *arg, const void *p, size_t n)
{
    const char *at = p;
    ssize_t done;

    (void)arg;
    while (n > 0) {
        if ((done = write(file, at, n)) < 0 && errno == EINTR)
            continue;
        if (done < 0)
            return -errno;
        at += done;
        n -= (size_t)done;
    }
    return 0;
}

/* Bodies are in it, and logins may be: whatever the file's mode was. */
static int open_file(const char *path)
{
    struct stat st;
    int fd =
        open(path, O_WRONLY | O_CREAT | O_TRUNC | O_APPEND | O_CLOEXEC, 0600);

    if (fd >= 0 && fstat(fd, &st) == 0 && S_ISREG(st.st_mode) &&
        fchmod(fd, 0600) < 0) {
        close(fd);
        return -1;
    }
    return fd;
}

int record_into(const char *path, struct sc_options *o)
{
    if (file < 0 && (file = open_file(path)) < 0) {
        fprintf(stderr, "%s: cannot write to %s: %s\n",
                program_invocation_short_name, path, strerror(errno));
        return EXIT_WRITE;
    }
    o->record = take_piece;
    return 0;
}
