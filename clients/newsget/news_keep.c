/* news_keep.c - written under another name, then linked: link(2) replaces
 * nothing. */

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <simpleclient/task.h>

#include "news_keep.h"

enum { NAMES_MOST = 100000, PATH_MORE = SAFE_NAME_MOST + 16 };

void safe_name(char to[SAFE_NAME_MOST], const char *from)
{
    size_t n = 0;

    for (; *from != '\0' && n + 1 < SAFE_NAME_MOST; from++, n++)
        if ((unsigned char)*from < ' ' || *from == 0x7f)
            to[n] = '?';
        else
            to[n] = *from == '/' || (n == 0 && strchr(".-", *from) != NULL)
                        ? '_'
                        : *from;
    to[n] = '\0';
    if (n == 0)
        snprintf(to, SAFE_NAME_MOST, "unnamed");
}

int kept_begin(struct kept *k, const char *dir)
{
    mode_t mask = umask(0);
    size_t n = strlen(dir);

    umask(mask);
    *k = (struct kept){.dir = n};
    if (mkdir(dir, 0777) < 0 && errno != EEXIST)
        return -errno;
    if ((k->path = malloc(n + PATH_MORE)) == NULL)
        return -ENOMEM;
    snprintf(k->path, n + PATH_MORE, "%s/.newsget.XXXXXX", dir);
    if ((k->fd = mkostemp(k->path, O_CLOEXEC)) < 0) {
        k->fd = 0;
        free(k->path);
        k->path = NULL;
        return -errno;
    }
    return fchmod(k->fd, 0666 & ~mask) < 0 ? -errno : 0;
}

int kept_open(struct kept *k)
{
    if (k->fd == 0 && (k->fd = open(k->path, O_WRONLY | O_CLOEXEC)) < 0) {
        k->fd = 0;
        return -errno;
    }
    return 0;
}

void kept_close(struct kept *k)
{
    if (k->fd != 0)
        close(k->fd);
    k->fd = 0;
}

int kept_write(struct kept *k, const void *data, size_t n, uint64_t offset)
{
    const char *p = data;
    ssize_t done;

    if (offset > (uint64_t)INT64_MAX - n)
        return -EFBIG;
    while (n > 0) {
        if ((done = pwrite(k->fd, p, n, (off_t)offset)) < 0) {
            if (errno != EINTR)
                return -errno;
            continue;
        }
        p += done;
        n -= (size_t)done;
        offset += (uint64_t)done;
    }
    return 0;
}

/* --- its name --- */

struct naming {
    struct kept *k;
    const char *name;
};

/* File systems without hard links: the name is taken first. */
static int take_name(const char *from, const char *to)
{
    int fd;

    if (link(from, to) == 0)
        return unlink(from) < 0 ? -errno : 0;
    if (errno != EPERM && errno != ENOTSUP && errno != EMLINK)
        return -errno;
    if ((fd = open(to, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600)) < 0)
        return -errno;
    close(fd);
    return rename(from, to) < 0 ? -errno : 0;
}

static int name_it(struct kept *k, const char *name)
{
    size_t size = k->dir + PATH_MORE;
    char *to = malloc(size), safe[SAFE_NAME_MOST];
    int rc = -EEXIST;

    if (to == NULL)
        return -ENOMEM;
    safe_name(safe, name);
    for (int i = 0; rc == -EEXIST && i < NAMES_MOST; i++) {
        int n = snprintf(to, size, "%.*s/%s", (int)k->dir, k->path, safe);

        if (i > 0)
            snprintf(to + n, size - (size_t)n, ".%d", i);
        rc = take_name(k->path, to);
    }
    free(to);
    return rc;
}

static int sync_folder(const struct kept *k)
{
    char *folder = strndup(k->path, k->dir);
    int fd = folder != NULL ? open(folder, O_RDONLY | O_CLOEXEC) : -1;
    int rc = fd >= 0 && fsync(fd) < 0 && errno != EINVAL ? -errno : 0;

    if (fd >= 0)
        close(fd);
    free(folder);
    return rc;
}

static int finish(void *arg)
{
    struct naming *x = arg;
    struct kept *k = x->k;
    int rc = kept_open(k);

    if (rc == 0 && fsync(k->fd) < 0 && errno != EINVAL)
        rc = -errno;
    kept_close(k);
    if (rc == 0)
        rc = name_it(k, x->name);
    if (rc == 0)
        rc = sync_folder(k);
    if (rc == 0) {
        free(k->path);
        k->path = NULL;
    }
    return rc;
}

int kept_finish(struct kept *k, const char *name)
{
    struct naming x = {k, name};
    int rc = sc_offload(finish, &x);

    kept_abandon(k);
    return rc;
}

void kept_abandon(struct kept *k)
{
    kept_close(k);
    if (k->path != NULL)
        unlink(k->path);
    free(k->path);
    k->path = NULL;
}
