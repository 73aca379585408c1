/* mbox.c - a message to the end of an mbox (RFC 4155, quoted as mboxrd does):
 * kept aside until it is whole, then appended under a dot-lock and fcntl's lock
 * and synced. What cannot be finished is cut off again. */

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "core/mem.h"
#include "mail/mail_store.h"

enum { STALE_S = 300 };

/* --- lines --- */

static const char from_word[] = "From ";

/* What was held back at the beginning of a line. */
static int let_go(struct mail_store *s, bool quote)
{
    int rc = quote ? mail_store_put(s, ">", 1) : 0;

    for (; s->gt > 0 && rc == 0; s->gt--)
        rc = mail_store_put(s, ">", 1);
    if (rc == 0)
        rc = mail_store_put(s, from_word, s->from);
    s->from = 0;
    s->quoting = false;
    return rc;
}

/* One byte where a line begins. Returns 1 if it was held back. */
static int begin_line(struct mail_store *s, char byte)
{
    int rc;

    if (byte == '>' && s->from == 0) {
        s->gt++;
        return 1;
    }
    if (byte != from_word[s->from])
        return let_go(s, false);
    if (++s->from < sizeof from_word - 1)
        return 1;
    rc = let_go(s, true);
    return rc < 0 ? rc : 1;
}

static int mbox_end(struct mail_store *s)
{
    int rc = s->quoting ? let_go(s, false) : 0;

    if (rc == 0 && s->cr)
        rc = mail_store_put(s, "\r", 1);
    if (rc == 0 && (s->mid || s->cr))
        rc = mail_store_put(s, "\n", 1);
    return rc < 0 ? rc : mail_store_put(s, "\n", 1);
}

/* No bytes: the end. */
static int mbox_sink(struct mail_store *s, const char *p, size_t n)
{
    const char *end = p + n, *lf;
    int rc = 0;

    if (p == NULL)
        return mbox_end(s);
    while (p < end && rc >= 0) {
        s->mid = true;
        if (s->quoting && (rc = begin_line(s, *p)) != 0) {
            p++;
            continue;
        }
        lf = memchr(p, '\n', (size_t)(end - p));
        n = (size_t)((lf != NULL ? lf + 1 : end) - p);
        rc = mail_store_put(s, p, n);
        s->quoting = lf != NULL;
        s->mid = lf == NULL;
        p += n;
    }
    return rc < 0 ? rc : 0;
}

/* --- kept aside --- */

static bool is_forbidden(int error)
{
    return error == EACCES || error == EPERM || error == EROFS;
}

static char *beside(const char *path, const char *end)
{
    struct sc_buf b = {0};

    return sc_buf_addf(&b, "%s%s", path, end) < 0 ? NULL : b.data;
}

/* A file that has no name, or loses it at once; elsewhere where the folder
 * forbids it (/var/mail). */
static int open_aside(struct mail_store *s)
{
    char *name = beside(s->where, ".XXXXXX");
    int rc = 0;

    if (name == NULL)
        return SC_ENOMEM;
    s->fd = mkostemp(name, O_CLOEXEC);
    if (s->fd < 0)
        rc = -errno;
    else
        unlink(name);
    sc_free(name);
    return is_forbidden(-rc) ? mail_open_aside(s) : rc;
}

/* --- the lock --- */

static bool is_stale(const char *path)
{
    struct stat st;

    return lstat(path, &st) == 0 && time(NULL) - st.st_mtime > STALE_S;
}

/* 1: made; 0: the folder forbids it; -EAGAIN: somebody else has it. */
static int dot_lock(const char *path)
{
    int fd;

    if (is_stale(path))
        unlink(path);
    fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (fd >= 0) {
        close(fd);
        return 1;
    }
    if (is_forbidden(errno))
        return 0;
    return errno == EEXIST ? -EAGAIN : -errno;
}

static int file_lock(int fd)
{
    struct flock lock = {.l_type = F_WRLCK, .l_whence = SEEK_SET};

#ifdef F_OFD_SETLK /* a task of this process is another one, too */
    if (fcntl(fd, F_OFD_SETLK, &lock) == 0)
        return 0;
    if (errno != EINVAL)
        return errno == EACCES ? -EAGAIN : -errno;
#endif
    if (fcntl(fd, F_SETLK, &lock) == 0)
        return 0;
    return errno == EACCES ? -EAGAIN : -errno;
}

/* --- appending --- */

/* The message before may lack its last line's end, or the empty line. */
static int end_the_last(int fd, off_t size)
{
    char last[2] = "\n\n";
    off_t n = size < 2 ? size : 2;
    int lf = 0;

    if (size == 0)
        return 0;
    if (pread(fd, last + 2 - n, (size_t)n, size - n) != n)
        return -EIO;
    if (last[1] != '\n')
        lf = 2;
    else if (n == 2 && last[0] != '\n')
        lf = 1;
    return mail_write_all(fd, "\n\n", (size_t)lf);
}

/* What was kept aside; the buffer is of use once more. */
static int copy(struct mail_store *s, int to)
{
    int rc = mail_write_all(s->fd, s->buf, s->n);
    off_t at = 0;
    ssize_t n;

    s->n = 0;
    while (rc == 0 && (n = pread(s->fd, s->buf, MAIL_STORE_PIECE, at)) != 0) {
        if (n < 0)
            return -errno;
        at += n;
        rc = mail_write_all(to, s->buf, (size_t)n);
    }
    return rc;
}

static int append(struct mail_store *s, int fd)
{
    off_t size = lseek(fd, 0, SEEK_END);
    int rc = size < 0 ? -errno : end_the_last(fd, size);

    if (rc == 0)
        rc = mail_write_all(fd, s->name, strlen(s->name));
    if (rc == 0)
        rc = s->fd >= 0 ? copy(s, fd) : mail_write_all(fd, s->buf, s->n);
    if (rc == 0 && fsync(fd) < 0)
        rc = -errno;
    if (rc < 0 && size >= 0 && ftruncate(fd, size) == 0)
        fsync(fd);
    return rc;
}

/* Nothing may fail behind the last fsync: it would be there, and not known. */
static int append_locked(struct mail_store *s)
{
    bool is_new = access(s->where, F_OK) < 0;
    int fd = open(s->where, O_RDWR | O_APPEND | O_CREAT | O_CLOEXEC, 0600), rc;

    if (fd < 0)
        return -errno;
    rc = file_lock(fd);
    if (rc == 0 && is_new)
        rc = mail_sync_folder_of(s->where);
    if (rc == 0)
        rc = append(s, fd);
    close(fd);
    return rc;
}

static int mbox_finish(struct mail_store *s)
{
    char *lock = beside(s->where, ".lock");
    int mine, rc;

    if (lock == NULL)
        return SC_ENOMEM;
    rc = mine = dot_lock(lock);
    if (rc >= 0)
        rc = append_locked(s);
    if (mine == 1)
        unlink(lock);
    sc_free(lock);
    return rc;
}

/* --- the class --- */

/* Can it be written at all? */
static int mbox_try(struct mail_store *s)
{
    struct stat st;
    int fd, rc = 0;

    if (stat(s->where, &st) < 0)
        return errno == ENOENT ? 0 : -errno;
    if (!S_ISREG(st.st_mode))
        return S_ISDIR(st.st_mode) ? -EISDIR : -EINVAL;
    fd = open(s->where, O_RDWR | O_CLOEXEC);
    if (fd < 0)
        return -errno;
    close(fd);
    return rc;
}

/* First to see whether FILE can be, then for what memory does not hold. */
static int mbox_open(struct mail_store *s)
{
    return s->n == 0 ? mbox_try(s) : open_aside(s);
}

static void mbox_drop(struct mail_store *s)
{
    (void)s;
}

static const struct mail_store_class mbox_class = {
    .name = "mbox",
    .sink = mbox_sink,
    .open = mbox_open,
    .finish = mbox_finish,
    .drop = mbox_drop,
};

static bool is_word(const char *sender)
{
    for (; *sender; sender++)
        if ((unsigned char)*sender <= ' ' || *sender == 0x7f)
            return false;
    return true;
}

/* RFC 4155: the time is asctime's, in UTC. */
static int make_from(struct mail_store *s, const char *sender)
{
    struct sc_buf b = {0};
    time_t now = time(NULL);
    char when[32];
    struct tm tm;
    int rc;

    if (sender == NULL || *sender == '\0' || !is_word(sender))
        sender = "MAILER-DAEMON";
    gmtime_r(&now, &tm);
    asctime_r(&tm, when);
    rc = sc_buf_addf(&b, "From %s %s", sender, when);
    s->name = b.data;
    return rc;
}

struct mail_store *mail_mbox_begin(const char *file, const char *sender,
                                   struct sc_error *err)
{
    struct mail_store *s = mail_store_new(&mbox_class, file, err);
    int rc;

    if (s == NULL)
        return NULL;
    if ((rc = make_from(s, sender)) < 0) {
        sc_error_set(err, rc, "mbox %s: %s", file, sc_strerror(rc));
        mail_store_abandon(s);
        return NULL;
    }
    return mail_store_open(s, err);
}
