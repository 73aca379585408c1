/* maildir.c - a message into a Maildir: written to tmp/, synced, moved to new/,
 * which is synced too. Who looks into new/ sees whole messages only, and none is
 * lost once mail_store_finish has returned. */

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <simpleclient/task.h>

#include "core/mem.h"
#include "core/text.h"
#include "mail/mail_store.h"

/* A letter alone is another's: ",U=" is isync's, ",S=" is Dovecot's. */
static const char mark_sign[] = ",POP3=";

/* DIR/FOLDER/NAME, or NULL. Owned. */
static char *path_of(const char *dir, const char *folder, const char *name)
{
    struct sc_buf b = {0};

    if (sc_buf_addf(&b, "%s/%s%s%s", dir, folder, *name ? "/" : "", name) < 0)
        return NULL;
    return b.data;
}

/* --- its name --- */

/* What separates fields in a name is written in octal, as is customary. */
static void host_name(char to[300])
{
    char host[64];
    size_t n = 0;

    if (gethostname(host, sizeof host) < 0 || host[0] == '\0')
        snprintf(host, sizeof host, "localhost");
    host[sizeof host - 1] = '\0';
    for (const char *p = host; *p; p++) {
        if (strchr("/:,", *p) != NULL)
            n += (size_t)snprintf(to + n, 5, "\\%03o", (unsigned char)*p);
        else
            to[n++] = *p;
    }
    to[n] = '\0';
}

/* Nobody else has it: the second, the process, 64 random bits, the host. */
static int make_name(struct mail_store *s, const char *mark)
{
    struct sc_buf b = {0};
    unsigned char dice[8];
    struct timespec now;
    char host[300];
    int rc;

    if (getrandom(dice, sizeof dice, 0) != (ssize_t)sizeof dice)
        return -errno;
    clock_gettime(CLOCK_REALTIME, &now);
    host_name(host);
    rc = sc_buf_addf(&b, "%lld.M%06ldP%ldR", (long long)now.tv_sec,
                     now.tv_nsec / 1000, (long)getpid());
    for (size_t i = 0; i < sizeof dice && rc == 0; i++)
        rc = sc_buf_addf(&b, "%02x", dice[i]);
    if (rc == 0)
        rc = sc_buf_addf(&b, ".%s%s%s", host, mark != NULL ? mark_sign : "",
                         mark != NULL ? mark : "");
    s->name = b.data;
    return rc;
}

/* --- in a thread --- */

static int make_folder(const char *dir, const char *folder)
{
    char *path = path_of(dir, folder, "");
    int rc = 0;

    if (path == NULL)
        return SC_ENOMEM;
    if (mkdir(path, 0700) < 0 && errno != EEXIST)
        rc = -errno;
    sc_free(path);
    return rc;
}

static int make_maildir(const char *dir)
{
    int rc = 0;

    if (mkdir(dir, 0700) == 0)
        rc = mail_sync_folder_of(dir);
    else if (errno != EEXIST)
        return -errno;
    if (rc == 0 && (rc = make_folder(dir, "tmp")) == 0 &&
        (rc = make_folder(dir, "new")) == 0 &&
        (rc = make_folder(dir, "cur")) == 0)
        rc = mail_sync_folder(dir);
    return rc;
}

static int open_file(struct mail_store *s)
{
    char *path = path_of(s->where, "tmp", s->name);
    int rc;

    if (path == NULL)
        return SC_ENOMEM;
    s->fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    rc = s->fd < 0 ? -errno : 0;
    sc_free(path);
    return rc;
}

static bool has_folder(const char *dir, const char *folder)
{
    char *path = path_of(dir, folder, "");
    bool has = path != NULL && access(path, F_OK) == 0;

    sc_free(path);
    return has;
}

static int maildir_open(struct mail_store *s)
{
    const char *dir = s->where;
    int rc = 0;

    if (!has_folder(dir, "tmp") || !has_folder(dir, "new") ||
        !has_folder(dir, "cur"))
        rc = make_maildir(dir);
    return rc < 0 ? rc : open_file(s);
}

/* --- safe --- */

static int write_out(struct mail_store *s)
{
    int rc = mail_write_all(s->fd, s->buf, s->n);

    s->n = 0;
#ifdef SYNC_FILE_RANGE_WRITE
    /* What several files wait for is then one commit of the file system. */
    if (rc == 0)
        sync_file_range(s->fd, 0, 0, SYNC_FILE_RANGE_WRITE);
#endif
    return rc;
}

static int sync_file(struct mail_store *s)
{
    int rc = fsync(s->fd) < 0 ? -errno : 0;

    if (close(s->fd) < 0 && rc == 0)
        rc = -errno;
    s->fd = -1;
    return rc;
}

static int move_to_new(struct mail_store *s)
{
    char *from = path_of(s->where, "tmp", s->name);
    char *to = path_of(s->where, "new", s->name);
    int rc = from != NULL && to != NULL ? 0 : SC_ENOMEM;

    if (rc == 0 && rename(from, to) < 0)
        rc = -errno;
    sc_free(from);
    sc_free(to);
    return rc;
}

/* Nobody knows whether it would be there tomorrow. */
static void take_back(struct mail_store *s)
{
    char *path = path_of(s->where, "new", s->name);

    if (path != NULL)
        unlink(path);
    sc_free(path);
}

static int sync_new(struct mail_store *s)
{
    char *path = path_of(s->where, "new", "");
    int rc = path != NULL ? mail_sync_folder(path) : SC_ENOMEM;

    sc_free(path);
    return rc;
}

struct batch {
    struct mail_store *const *s;
    size_t n; /* those that may still become safe, the first ones of S */
    int rc;   /* why the next one cannot */
};

static void each(struct batch *b, int (*step)(struct mail_store *s))
{
    int rc;

    for (size_t i = 0; i < b->n; i++)
        if ((rc = step(b->s[i])) < 0) {
            b->rc = rc;
            b->n = i;
        }
}

static int make_safe(void *arg)
{
    struct batch *b = arg;
    int rc;

    each(b, write_out);
    each(b, sync_file);
    each(b, move_to_new);
    if (b->n > 0 && (rc = sync_new(b->s[0])) < 0) {
        for (size_t i = 0; i < b->n; i++)
            take_back(b->s[i]);
        b->rc = rc;
        b->n = 0;
    }
    for (size_t i = 0; i < b->n; i++)
        b->s[i]->done = true;
    return b->rc;
}

static int maildir_finish(struct mail_store *s)
{
    struct mail_store *const one[] = {s};
    struct batch b = {one, 1, 0};

    return make_safe(&b);
}

size_t mail_maildir_finish_all(struct mail_store *const *s, size_t n,
                               struct sc_error *err)
{
    struct batch b = {s, 0, 0};
    size_t safe = 0;
    int rc;

    while (b.n < n && (b.rc = mail_store_complete(s[b.n])) == 0)
        b.n++;
    if (b.n > 0 && (rc = sc_offload(make_safe, &b)) < 0)
        b.rc = rc;
    while (safe < n && s[safe]->done)
        safe++;
    if (safe < n)
        mail_store_say(s[safe], b.rc, err);
    for (size_t i = 0; i < n; i++)
        mail_store_abandon(s[i]);
    return safe;
}

static void maildir_drop(struct mail_store *s)
{
    char *path = s->name != NULL ? path_of(s->where, "tmp", s->name) : NULL;

    if (path != NULL)
        unlink(path);
    sc_free(path);
}

/* --- the class --- */

/* No bytes: the end, where a CR alone may be left. */
static int maildir_sink(struct mail_store *s, const char *p, size_t n)
{
    if (p != NULL)
        return mail_store_put(s, p, n);
    return s->cr ? mail_store_put(s, "\r", 1) : 0;
}

static const struct mail_store_class maildir_class = {
    .name = "Maildir",
    .sink = maildir_sink,
    .open = maildir_open,
    .finish = maildir_finish,
    .drop = maildir_drop,
};

struct mail_store *mail_maildir_begin_marked(const char *dir, const char *mark,
                                             struct sc_error *err)
{
    struct mail_store *s = mail_store_new(&maildir_class, dir, err);
    int rc;

    if (s == NULL)
        return NULL;
    if ((rc = make_name(s, mark)) < 0) {
        sc_error_set(err, rc, "Maildir %s: %s", dir, sc_strerror(rc));
        mail_store_abandon(s);
        return NULL;
    }
    return mail_store_open(s, err);
}

struct mail_store *mail_maildir_begin(const char *dir, struct sc_error *err)
{
    return mail_maildir_begin_marked(dir, NULL, err);
}

/* --- what is there --- */

struct looking {
    const char *dir;
    void (*fn)(void *arg, const char *mark, int64_t seconds);
    void *arg;
};

static void look_at(const struct looking *l, const char *name)
{
    const char *at = strstr(name, mark_sign);
    char mark[MAIL_MARK_MOST + 1];
    struct sc_span s, first = {name, strcspn(name, ".")};
    uint64_t seconds;

    if (at == NULL || sc_parse_u64(first, INT64_MAX, &seconds) < 0)
        return;
    s.data = at + sizeof mark_sign - 1;
    s.len = strcspn(s.data, ",:");
    if (sc_span_copy(mark, sizeof mark, s))
        l->fn(l->arg, mark, (int64_t)seconds);
}

static int look_into(const struct looking *l, const char *folder)
{
    char *path = path_of(l->dir, folder, "");
    struct dirent *e;
    DIR *d;
    int rc;

    if (path == NULL)
        return SC_ENOMEM;
    d = opendir(path);
    rc = d != NULL || errno == ENOENT ? 0 : -errno;
    sc_free(path);
    if (d == NULL)
        return rc;
    for (errno = 0; (e = readdir(d)) != NULL; errno = 0)
        look_at(l, e->d_name);
    rc = -errno;
    closedir(d);
    return rc;
}

/* What has moved the files there may not have synced them. */
static int sync_and_look(const struct looking *l, const char *folder)
{
    char *path = path_of(l->dir, folder, "");
    int rc = path != NULL ? mail_sync_folder(path) : SC_ENOMEM;

    sc_free(path);
    return rc == 0 ? look_into(l, folder) : rc == -ENOENT ? 0 : rc;
}

static int look(void *arg)
{
    int rc = sync_and_look(arg, "new");

    return rc < 0 ? rc : sync_and_look(arg, "cur");
}

int mail_maildir_marks(const char *dir,
                       void (*fn)(void *arg, const char *mark, int64_t seconds),
                       void *arg)
{
    struct looking l = {dir, fn, arg};

    return sc_offload(look, &l);
}
