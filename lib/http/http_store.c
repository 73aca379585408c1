/* http_store.c - a file written under a temporary name in the folder where it
 * belongs, synced and renamed, so that a full disk, a crash or a cut transfer
 * leaves what was there. Slow work is done in a thread. */

#include "http/http_store.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <simpleclient/task.h>

#include "core/mem.h"
#include "core/text.h"
#include "http/http_pipe.h"
#include "run/clock.h"
#include "sasl/digest.h"

enum { NAME_MOST = 200, TRIES = 100, PIECE = 65536, LINKS = 8 };

/* --- what is there --- */

static int split_folder(const char *path)
{
    const char *slash = strrchr(path, '/');

    return slash != NULL ? (int)(slash - path) + 1 : 0;
}

/* A link that leads nowhere: where it would lead. */
static int follow(char **path)
{
    char to[1000];
    struct sc_buf next = {0};
    ssize_t n = readlink(*path, to, sizeof to - 1);
    int rc;

    if (n < 0)
        return errno == EINVAL || errno == ENOENT ? 0 : -errno;
    to[n] = '\0';
    rc = sc_buf_addf(&next, "%.*s%s", to[0] == '/' ? 0 : split_folder(*path),
                     *path, to);
    if (rc < 0)
        return rc;
    sc_free(*path);
    *path = next.data;
    return 1;
}

int http_store_find(struct http_store *s, const char *path)
{
    struct stat st;
    char *real = realpath(path, NULL);
    int rc = 1;

    *s = (struct http_store){.fd = -1, .until = s->until};
    s->path = sc_strdup(real != NULL ? real : path);
    free(real);
    if (s->path == NULL)
        return SC_ENOMEM;
    if (stat(s->path, &st) == 0) {
        s->found = true;
        s->regular = S_ISREG(st.st_mode);
        s->mode = st.st_mode & 07777;
        s->owner = st.st_uid;
        s->group = st.st_gid;
        s->mtime = (int64_t)st.st_mtime;
        s->size = s->regular ? (uint64_t)st.st_size : 0;
        return S_ISDIR(st.st_mode) ? -EISDIR : 0;
    }
    if (errno != ENOENT)
        return -errno;
    for (int i = 0; rc == 1; i++)
        rc = i < LINKS ? follow(&s->path) : -ELOOP;
    return rc;
}

/* --- open --- */

static int open_temp(struct http_store *s)
{
    int folder = split_folder(s->path);
    struct sc_buf name = {0};
    unsigned char dice[6];
    char hex[13];
    int rc = -EEXIST;

    for (int i = 0; rc == -EEXIST && i < TRIES; i++) {
        name.len = 0;
        if ((rc = sc_random(dice, sizeof dice)) < 0)
            break;
        sc_hex(hex, dice, sizeof dice);
        rc = sc_buf_addf(&name, "%.*s.%.*s.%s", folder, s->path, NAME_MOST,
                         s->path + folder, hex);
        if (rc < 0)
            break;
        s->fd = open(name.data, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
        rc = s->fd < 0 ? -errno : 0;
    }
    if (rc == 0)
        s->temp = name.data;
    else
        sc_buf_free(&name);
    return rc;
}

static void drop(struct http_store *s)
{
    if (s->fd >= 0)
        close(s->fd);
    if (s->temp != NULL)
        unlink(s->temp);
    else if (s->made && s->at == 0)
        unlink(s->path);
    sc_free(s->temp);
    s->temp = NULL;
    s->fd = -1;
    s->made = false;
}

/* Until when somebody at the other end of a FIFO is waited for. */
static int64_t patience(const struct http_store *s)
{
    int64_t until = sc_until(HTTP_PIPE_MS);

    return s->until > 0 && s->until < until ? s->until : until;
}

int http_store_begin(struct http_store *s)
{
    drop(s);
    s->from = s->at = 0;
    if (!s->found || s->regular) {
        if (s->found && access(s->path, W_OK) < 0)
            return -errno;
        return open_temp(s);
    }
    s->fd = http_pipe_open(s->path, O_WRONLY, patience(s));
    return s->fd < 0 ? s->fd : 0;
}

int http_store_continue(struct http_store *s)
{
    drop(s);
    s->fd = open(s->path, O_RDWR | O_CREAT | O_CLOEXEC, 0666);
    if (s->fd < 0)
        return -errno;
    s->made = !s->found;
    s->from = s->at = s->size;
    return lseek(s->fd, (off_t)s->from, SEEK_SET) < 0 ? -errno : 0;
}

int http_store_write(struct http_store *s, const void *p, size_t n)
{
    const char *at = p;
    ssize_t done;

    while (n > 0) {
        if (s->found && !s->regular)
            done = http_pipe_write(s->fd, at, n, patience(s));
        else if ((done = write(s->fd, at, n)) < 0)
            done = errno != EINTR ? -errno : 0;
        if (done < 0)
            return (int)done;
        if (done > 0) {
            at += done;
            n -= (size_t)done;
            s->at += (uint64_t)done;
        }
    }
    return 0;
}

int http_store_again(struct http_store *s)
{
    if (s->at == s->from)
        return 0;
    if (s->found && !s->regular)
        return SC_ENOTSUP; /* a pipe has it already */
    if (ftruncate(s->fd, (off_t)s->from) < 0 ||
        lseek(s->fd, (off_t)s->from, SEEK_SET) < 0)
        return -errno;
    s->at = s->from;
    return 0;
}

/* --- the end: in a thread --- */

struct ending {
    struct http_store *s;
    const char *sha256;
    int64_t mtime;
};

static int digest_file(int fd, struct sc_digest *d, char *piece)
{
    off_t at = 0;
    ssize_t n;
    int rc = 0;

    while (rc == 0 && (n = pread(fd, piece, PIECE, at)) != 0) {
        if (n < 0 && errno != EINTR)
            return -errno;
        if (n > 0)
            rc = sc_digest_add(d, piece, (size_t)n);
        at += n > 0 ? n : 0;
    }
    return rc;
}

static int check_digest(const struct http_store *s, const char *wanted)
{
    unsigned char digest[SC_DIGEST_MAX];
    char hex[SC_DIGEST_HEX_MAX], *piece = sc_malloc(PIECE);
    struct sc_digest *d = sc_digest_new(SC_DIGEST_SHA256, NULL);
    int rc =
        piece != NULL && d != NULL ? digest_file(s->fd, d, piece) : SC_ENOMEM;

    if (rc == 0 && (rc = sc_digest_end(d, digest)) > 0) {
        sc_hex(hex, digest, (size_t)rc);
        rc = sc_casecmp(hex, wanted) == 0 ? 0 : SC_EPROTO;
    }
    sc_digest_free(d);
    sc_free(piece);
    return rc;
}

/* Whose it is stays if we may say so: a file of root's group may not be. */
static int set_like_before(const struct http_store *s)
{
    if (!s->found || s->temp == NULL)
        return 0;
    if (fchown(s->fd, s->owner, s->group) < 0 && errno != EPERM)
        return -errno;
    return fchmod(s->fd, s->mode) < 0 ? -errno : 0;
}

static int set_time(const struct http_store *s, int64_t mtime)
{
    struct timespec t[2] = {{.tv_nsec = UTIME_OMIT}, {.tv_sec = mtime}};

    if (mtime <= 0)
        return 0;
    return futimens(s->fd, t) < 0 ? -errno : 0;
}

/* A rename is on the disk once the folder is; where that cannot be said, it is
 * not our failure. */
static void sync_folder(const char *path)
{
    struct sc_buf folder = {0};
    int fd = -1, n = split_folder(path);

    if (sc_buf_addf(&folder, "%.*s", n > 0 ? n : 1, n > 0 ? path : ".") == 0)
        fd = open(folder.data, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd >= 0) {
        fsync(fd);
        close(fd);
    }
    sc_buf_free(&folder);
}

static int end_file(void *arg)
{
    const struct ending *e = arg;
    struct http_store *s = e->s;
    int rc = e->sha256 != NULL ? check_digest(s, e->sha256) : 0;

    if (rc < 0 || (rc = set_like_before(s)) < 0 ||
        (rc = set_time(s, e->mtime)) < 0)
        return rc;
    if (fsync(s->fd) < 0 && errno != EINVAL && errno != EROFS)
        return -errno;
    rc = close(s->fd) < 0 ? -errno : 0;
    s->fd = -1;
    s->made = false;
    if (rc == 0 && s->temp != NULL && rename(s->temp, s->path) < 0)
        return -errno;
    if (rc < 0 || s->temp == NULL)
        return rc;
    sync_folder(s->path);
    sc_free(s->temp);
    s->temp = NULL;
    return 0;
}

int http_store_commit(struct http_store *s, const char *sha256, int64_t mtime)
{
    struct ending e = {s, sha256, mtime};

    return sc_offload(end_file, &e);
}

void http_store_close(struct http_store *s)
{
    if (s->path == NULL)
        return;
    drop(s);
    sc_free(s->path);
    *s = (struct http_store){.fd = -1};
}
