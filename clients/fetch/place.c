/* place.c - a file that is replaced loses its owner and its other names; where
 * that would be so, it is written to itself, as curl does it always. */

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "fetch/memory.h"
#include "fetch/place.h"
#include "fetch/temporary.h"

enum { MOST_LINKS = 40 };

/* Where the link PATH leads, seen from here; NULL: it is none. */
static char *link_target(const char *path)
{
    const char *slash = strrchr(path, '/');
    char *to = take_memory(PATH_MAX), *whole = NULL;
    ssize_t n = readlink(path, to, PATH_MAX - 1);

    if (n > 0 && (to[0] == '/' || slash == NULL))
        whole = copy_text(to);
    else if (n > 0)
        whole = print_text("%.*s/%s", (int)(slash - path), path, to);
    free(to);
    return whole;
}

/* The file that NAME is, or would be. Owned. */
static char *real_name(const char *name)
{
    char *path = copy_text(name), *next;

    for (int i = 0; i < MOST_LINKS && (next = link_target(path)) != NULL; i++) {
        free(path);
        path = next;
    }
    return path;
}

/* What belongs to another must not become ours. */
static bool give_back(int fd, const struct stat *old)
{
    struct stat st;

    if (fstat(fd, &st) < 0)
        return false;
    if (st.st_uid == old->st_uid && st.st_gid == old->st_gid)
        return true;
    return fchown(fd, old->st_uid, old->st_gid) == 0 &&
           fchmod(fd, old->st_mode & 07777) == 0;
}

static int open_beside(const char *real, const struct stat *old, mode_t mode,
                       char **temporary)
{
    int fd = make_temporary(real, old != NULL ? old->st_mode & 07777 : mode,
                            temporary);

    if (fd < 0 || old == NULL || give_back(fd, old))
        return fd;
    remove_temporary(*temporary);
    *temporary = NULL;
    close(fd);
    errno = EPERM;
    return -1;
}

/* Failures that the file itself would not have. */
static bool is_of_folder(int why)
{
    return why == EACCES || why == EPERM || why == EROFS || why == ENAMETOOLONG;
}

int place_open(const char *name, mode_t mode, bool alone, char **temporary)
{
    char *real = real_name(name);
    struct stat st;
    bool there = stat(real, &st) == 0;
    bool beside = alone || !there || st.st_nlink == 1;
    int fd = -1;

    *temporary = NULL;
    if (beside)
        fd = open_beside(real, there && !alone ? &st : NULL, mode, temporary);
    if (fd < 0 && there && !alone && (!beside || is_of_folder(errno)))
        fd = open(real, O_WRONLY | O_TRUNC | O_CLOEXEC);
    free(real);
    return fd;
}

int place_name(char *temporary, const char *name)
{
    char *real = real_name(name);
    int rc = rename_temporary(temporary, real, true), why = errno;

    free(real);
    errno = why;
    return rc;
}
