/* pop3_state.c - the file of UIDs that are safe: locked while it is in use,
 * replaced as a whole, added to a line at a time. A line without its end was cut
 * by a crash, and says nothing. */

#include "pop3/pop3_state.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <simpleclient/task.h>

#include "core/mem.h"
#include "core/text.h"
#include "mail/mail_store.h"

enum { FILE_MOST = 512 << 20, PIECE = 65536 };

static const char title[] = "pop3 state 1 ";

struct pop3_state {
    char *path, *account;
    char *next;    /* PATH.new: what replaces it */
    int lock;      /* PATH.lock */
    int fd;        /* PATH, to add to; -1: not begun */
    int64_t since; /* -1: runs have ended in order */
    struct pop3_set set;
    struct sc_buf text; /* of the file */
};

static int fail(const struct pop3_state *s, int rc, struct sc_error *err)
{
    return sc_error_set(err, rc, "state %s: %s", s->path, sc_strerror(rc));
}

/* --- in a thread --- */

static int read_all(int fd, struct sc_buf *to)
{
    ssize_t n = 1;
    int rc = 0;

    to->limit = FILE_MOST;
    while (n > 0 && (rc = sc_buf_reserve(to, PIECE)) == 0) {
        n = read(fd, to->data + to->len, PIECE);
        if (n > 0)
            to->len += (size_t)n;
    }
    return n < 0 ? -errno : rc;
}

static int read_job(void *arg)
{
    struct pop3_state *s = arg;
    int fd = open(s->path, O_RDONLY | O_CLOEXEC | O_NONBLOCK), rc = 0;
    struct stat st;

    if (fd < 0)
        return errno == ENOENT ? 0 : -errno;
    if (fstat(fd, &st) < 0)
        rc = -errno;
    else if (!S_ISREG(st.st_mode)) /* a pipe is not waited for */
        rc = S_ISDIR(st.st_mode) ? -EISDIR : SC_EINVAL;
    else
        rc = read_all(fd, &s->text);
    close(fd);
    return rc;
}

/* The lock file stays: who removes it may remove another's. */
static int lock_job(void *arg)
{
    struct pop3_state *s = arg;
    struct sc_buf name = {0};
    int rc = sc_buf_addf(&name, "%s.lock", s->path);

    if (rc < 0)
        return rc;
    s->lock = open(name.data, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (s->lock < 0)
        rc = -errno;
    else if (flock(s->lock, LOCK_EX | LOCK_NB) < 0)
        rc = errno == EWOULDBLOCK ? SC_EBUSY : -errno;
    sc_buf_free(&name);
    return rc;
}

static int write_text(struct pop3_state *s, int fd)
{
    int rc = mail_write_all(fd, s->text.data, s->text.len);

    if (rc == 0 && fsync(fd) < 0)
        rc = -errno;
    return rc;
}

/* The new file is added to from now on. */
static int replace_job(void *arg)
{
    struct pop3_state *s = arg;
    int flags = O_WRONLY | O_CREAT | O_TRUNC | O_APPEND | O_CLOEXEC, rc;
    int fd = open(s->next, flags, 0600);

    if (fd < 0)
        return -errno;
    rc = write_text(s, fd);
    if (rc == 0 && rename(s->next, s->path) < 0)
        rc = -errno;
    if (rc == 0)
        rc = mail_sync_folder_of(s->path);
    if (rc < 0) {
        unlink(s->next);
        close(fd);
        return rc;
    }
    if (s->fd >= 0)
        close(s->fd);
    s->fd = fd;
    return 0;
}

/* --- reading --- */

static bool is_uid(struct sc_span w)
{
    for (size_t i = 0; i < w.len; i++)
        if ((unsigned char)w.data[i] < 0x21 || (unsigned char)w.data[i] > 0x7e)
            return false;
    return w.len >= 1 && w.len <= 70;
}

static int parse_uid(struct pop3_state *s, struct sc_span uid)
{
    char copy[71];
    int rc = 0;

    if (!is_uid(uid))
        return SC_EPROTO;
    sc_span_copy(copy, sizeof copy, uid);
    pop3_set_add(&s->set, copy, &rc);
    return rc;
}

static int parse_line(struct pop3_state *s, struct sc_span line)
{
    struct sc_span rest = {line.data + 2, line.len - 2};
    uint64_t seconds;

    if (line.len < 3 || line.data[1] != ' ')
        return SC_EPROTO;
    if (line.data[0] == '+' || line.data[0] == '-')
        return parse_uid(s, rest);
    if (line.data[0] != '<' || sc_parse_u64(rest, INT64_MAX, &seconds) < 0)
        return SC_EPROTO;
    s->since = (int64_t)seconds;
    return 0;
}

static int parse_title(struct pop3_state *s, struct sc_span line,
                       struct sc_error *err)
{
    size_t n = sizeof title - 1;

    if (line.len < n || memcmp(line.data, title, n) != 0)
        return sc_error_set(err, SC_EPROTO, "%s is no state file of POP3",
                            s->path);
    line.data += n;
    line.len -= n;
    if (!sc_span_eq(line, s->account))
        return sc_error_set(err, SC_EINVAL, "state %s is of %.*s, not of %s",
                            s->path, (int)line.len, line.data, s->account);
    return 0;
}

static int parse(struct pop3_state *s, struct sc_error *err)
{
    const char *p = s->text.data, *end = p + s->text.len, *lf;
    int rc = 0, lines = 0;

    for (; p < end && rc == 0; p = lf + 1) {
        struct sc_span line = {p, 0};

        lf = memchr(p, '\n', (size_t)(end - p));
        if (lf == NULL && lines == 0) /* ours never lacked it */
            rc = parse_title(s, line, err);
        if (lf == NULL)
            break;
        line.len = (size_t)(lf - p);
        if (lines++ == 0)
            rc = parse_title(s, line, err);
        else if ((rc = parse_line(s, line)) < 0)
            sc_error_set(err, rc, "state %s: line %d makes no sense", s->path,
                         lines);
    }
    return rc;
}

struct pop3_state *pop3_state_open(const char *path, const char *account,
                                   struct sc_error *err)
{
    struct pop3_state *s = sc_calloc(sizeof *s);
    struct sc_buf next = {0};
    int rc = SC_ENOMEM;

    if (s == NULL) {
        sc_error_set(err, rc, "%s", sc_strerror(rc));
        return NULL;
    }
    s->lock = s->fd = -1;
    s->since = -1;
    s->path = sc_strdup(path);
    s->account = sc_strdup(account);
    if (s->path != NULL && s->account != NULL &&
        (rc = sc_buf_addf(&next, "%s.new", path)) == 0) {
        s->next = next.data;
        rc = sc_offload(lock_job, s);
    }
    if (rc == 0)
        rc = sc_offload(read_job, s);
    if (rc < 0)
        sc_error_set(err, rc, "state %s: %s", path,
                     rc == SC_EBUSY ? "in use by another run"
                                    : sc_strerror(rc));
    else
        rc = parse(s, err);
    sc_buf_free(&s->text);
    if (rc == 0)
        return s;
    pop3_state_close(s);
    return NULL;
}

/* --- writing --- */

static int add_copies(struct sc_buf *to, const struct pop3_state *s,
                      const struct pop3_word *w)
{
    int rc = 0;

    for (uint32_t i = 0; i < w->taken && rc == 0; i++)
        rc = sc_buf_addf(to, "%c %s\n", i < w->marked ? '-' : '+',
                         s->set.words.data + w->at);
    return rc;
}

static int compose(struct pop3_state *s, bool begun)
{
    struct sc_buf *to = &s->text;
    int rc;

    to->limit = FILE_MOST;
    rc = sc_buf_addf(to, "%s%s\n", title, s->account);
    if (rc == 0 && begun)
        rc = sc_buf_addf(to, "< %lld\n", (long long)time(NULL));
    for (size_t i = 0; i < s->set.n && rc == 0; i++)
        rc = add_copies(to, s, &s->set.word[i]);
    return rc;
}

static int replace(struct pop3_state *s, bool begun, struct sc_error *err)
{
    int rc = compose(s, begun);

    if (rc == 0)
        rc = sc_offload(replace_job, s);
    sc_buf_free(&s->text);
    return rc < 0 ? fail(s, rc, err) : 0;
}

int pop3_state_begin(struct pop3_state *s, struct sc_error *err)
{
    return replace(s, true, err);
}

int pop3_state_end(struct pop3_state *s, struct sc_error *err)
{
    return replace(s, false, err);
}

/* One write(2): the next run sees all of it, or a line without an end. */
static int append(struct pop3_state *s, const char *uid)
{
    char line[80] = "+ ";
    size_t n = strlen(uid);

    if (n > 70)
        return SC_EINVAL;
    memcpy(line + 2, uid, n);
    line[2 + n] = '\n';
    return mail_write_all(s->fd, line, n + 3);
}

int pop3_state_stored(struct pop3_state *s, const char *uid,
                      struct sc_error *err)
{
    int rc = 0;
    struct pop3_word *w = pop3_set_add(&s->set, uid, &rc);

    if (w != NULL)
        w->taken++;
    if (w != NULL && s->fd >= 0)
        rc = append(s, uid);
    return rc < 0 ? fail(s, rc, err) : 0;
}

/* --- what is known --- */

int64_t pop3_state_since(const struct pop3_state *s)
{
    return s->since;
}

bool pop3_state_knows(struct pop3_state *s, const char *uid)
{
    return pop3_set_take(&s->set, uid);
}

void pop3_state_mark(struct pop3_state *s, const char *uid)
{
    struct pop3_word *w = pop3_set_find(&s->set, uid);

    if (w != NULL && w->marked < w->taken)
        w->marked++;
}

void pop3_state_gone(struct pop3_state *s, const char *uid)
{
    struct pop3_word *w = pop3_set_find(&s->set, uid);

    if (w == NULL || w->taken == 0)
        return;
    w->taken--;
    w->stored--;
    if (w->marked > 0)
        w->marked--;
}

void pop3_state_close(struct pop3_state *s)
{
    if (s == NULL)
        return;
    if (s->fd >= 0)
        close(s->fd);
    if (s->lock >= 0)
        close(s->lock);
    pop3_set_free(&s->set);
    sc_buf_free(&s->text);
    sc_free(s->path);
    sc_free(s->account);
    sc_free(s->next);
    sc_free(s);
}
