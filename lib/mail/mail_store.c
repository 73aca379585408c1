/* mail_store.c - a message on its way to the disk: line ends put right, bytes
 * gathered, and all slow work done in a thread. */

#include "mail/mail_store.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <simpleclient/task.h>

#include "core/mem.h"

enum { LOCK_MS = 10000, LOCK_STEP_MS = 50 };

/* --- on the disk, in a thread --- */

int mail_write_all(int fd, const char *p, size_t n)
{
    ssize_t done;

    while (n > 0) {
        done = write(fd, p, n);
        if (done < 0 && errno != EINTR)
            return -errno;
        if (done > 0) {
            p += done;
            n -= (size_t)done;
        }
    }
    return 0;
}

int mail_sync_folder(const char *path)
{
    int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC), rc = 0;

    if (fd < 0)
        return -errno;
    /* Some file systems cannot sync a folder: they say EINVAL. */
    if (fsync(fd) < 0 && errno != EINVAL)
        rc = -errno;
    close(fd);
    return rc;
}

int mail_sync_folder_of(const char *path)
{
    const char *slash = strrchr(path, '/');
    char *folder;
    int rc;

    if (slash == NULL)
        return mail_sync_folder(".");
    if ((folder = sc_strdup(path)) == NULL)
        return SC_ENOMEM;
    folder[slash - path + (slash == path)] = '\0';
    rc = mail_sync_folder(folder);
    sc_free(folder);
    return rc;
}

int mail_open_aside(struct mail_store *s)
{
    const char *folder = getenv("TMPDIR");
    struct sc_buf name = {0};
    int rc = sc_buf_addf(&name, "%s/mail.XXXXXX",
                         folder != NULL && *folder ? folder : "/tmp");

    if (rc < 0)
        return rc;
    s->fd = mkostemp(name.data, O_CLOEXEC);
    if (s->fd < 0)
        rc = -errno;
    else
        unlink(name.data);
    sc_buf_free(&name);
    return rc;
}

static int open_job(void *arg)
{
    struct mail_store *s = arg;

    return s->cls->open(s);
}

static int write_job(void *arg)
{
    struct mail_store *s = arg;
    int rc = s->fd < 0 ? s->cls->open(s) : 0;

    if (rc == 0)
        rc = mail_write_all(s->fd, s->buf, s->n);
    s->n = 0;
    return rc;
}

static int finish_job(void *arg)
{
    struct mail_store *s = arg;

    return s->cls->finish(s);
}

static int drop_job(void *arg)
{
    struct mail_store *s = arg;

    s->cls->drop(s);
    if (s->fd >= 0)
        close(s->fd);
    s->fd = -1;
    return 0;
}

/* --- begin and end --- */

static void store_free(struct mail_store *s)
{
    /* Without memory for a thread it is done here. */
    if (!s->done && sc_offload(drop_job, s) == SC_ENOMEM)
        drop_job(s);
    sc_free(s->where);
    sc_free(s->name);
    sc_free(s->buf);
    sc_free(s);
}

int mail_store_say(const struct mail_store *s, int rc, struct sc_error *err)
{
    return sc_error_set(err, rc, "%s %s: %s", s->cls->name, s->where,
                        s->said[0] != '\0' ? s->said
                        : rc == SC_EBUSY   ? "locked by another program"
                                           : sc_strerror(rc));
}

struct mail_store *mail_store_new(const struct mail_store_class *cls,
                                  const char *where, struct sc_error *err)
{
    struct mail_store *s;

    if (where[strspn(where, " \t\n")] == '\0') {
        sc_error_set(err, SC_EINVAL, "%s: an empty name", cls->name);
        return NULL;
    }
    if ((s = sc_calloc(sizeof *s)) != NULL) {
        s->cls = cls;
        s->fd = -1;
        s->quoting = true;
        s->where = sc_strdup(where);
        s->buf = sc_malloc(MAIL_STORE_PIECE);
    }
    if (s != NULL && s->where != NULL && s->buf != NULL)
        return s;
    if (s != NULL)
        store_free(s);
    sc_error_set(err, SC_ENOMEM, "%s", sc_strerror(SC_ENOMEM));
    return NULL;
}

struct mail_store *mail_store_open(struct mail_store *s, struct sc_error *err)
{
    int rc = sc_offload(open_job, s);

    if (rc == 0)
        return s;
    mail_store_say(s, rc, err);
    store_free(s);
    return NULL;
}

void mail_store_abandon(struct mail_store *s)
{
    if (s != NULL)
        store_free(s);
}

/* Until nobody else has it locked. */
static int finish(struct mail_store *s)
{
    int64_t until = sc_now() + LOCK_MS;
    int rc, slept = 0;

    while ((rc = sc_offload(finish_job, s)) == -EAGAIN && slept == 0 &&
           sc_now() < until)
        slept = sc_sleep(LOCK_STEP_MS);
    if (rc == -EAGAIN)
        return slept < 0 ? slept : SC_EBUSY;
    return rc;
}

int mail_store_complete(struct mail_store *s)
{
    if (s->error == 0)
        s->error = s->cls->sink(s, NULL, 0);
    return s->error;
}

int mail_store_finish(struct mail_store *s, struct sc_error *err)
{
    int rc = mail_store_complete(s);

    if (rc == 0)
        rc = finish(s);
    if (rc < 0)
        mail_store_say(s, rc, err);
    store_free(s);
    return rc;
}

/* --- bytes --- */

int mail_store_put(struct mail_store *s, const char *p, size_t n)
{
    size_t room;
    int rc = 0;

    while (n > 0 && rc == 0) {
        if (s->n == MAIL_STORE_PIECE)
            rc = sc_offload(write_job, s);
        room = MAIL_STORE_PIECE - s->n;
        if (room > n)
            room = n;
        memcpy(s->buf + s->n, p, room);
        s->n += room;
        p += room;
        n -= room;
    }
    return rc;
}

/* Up to the next CR, which is kept unless LF follows. */
static int take(struct mail_store *s, const char **p, const char *end)
{
    const char *cr;
    int rc = 0;

    if (s->cr && **p != '\n')
        rc = s->cls->sink(s, "\r", 1);
    cr = memchr(*p, '\r', (size_t)(end - *p));
    s->cr = cr != NULL;
    if (cr == NULL)
        cr = end;
    if (rc == 0 && cr > *p)
        rc = s->cls->sink(s, *p, (size_t)(cr - *p));
    *p = cr + s->cr;
    return rc;
}

int mail_store_sink(void *arg, const void *data, size_t n)
{
    struct mail_store *s = arg;
    const char *p = data, *end = p + n;

    while (p < end && s->error == 0)
        s->error = take(s, &p, end);
    return s->error;
}
