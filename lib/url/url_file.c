/* url_file.c - file: (RFC 8089): a regular file, from any byte on; the names in a
 * directory. Stored complete or not at all. */

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/mem.h"
#include "core/text.h"
#include "http/http_store.h"
#include "url/url_parts.h"

enum { PIECE = 65536, NAMES_MOST = 256 << 20 };

struct file {
    struct sc_buf path;
    Stream *s;
    struct sc_buf names; /* of a directory */
    size_t at;
};

static int failed(struct url_request *r, int rc)
{
    const struct file *f = r->state;

    return url_fail(r, rc, "file %s: %s", f->path.data, sc_strerror(rc));
}

/* RFC 8089 section 2: no host, or this one. */
static int path_of(struct url_request *r)
{
    struct file *f = r->state;
    const char *host = r->uri->host;
    int rc;

    if (host != NULL && *host != '\0' && strcmp(host, "localhost") != 0 &&
        strcmp(host, "127.0.0.1") != 0)
        return url_fail(r, SC_EURL, "file: on another machine");
    rc = sc_buf_addf(&f->path, "/%s", r->path.data);
    return rc < 0 ? url_fail(r, rc, "file: %s", sc_strerror(rc)) : 0;
}

/* --- a directory --- */

static int by_name(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

/* Its names in order, each in memory of its own. */
struct names {
    char **at;
    size_t n, room;
};

static void names_free(struct names *l)
{
    while (l->n > 0)
        sc_free(l->at[--l->n]);
    sc_free(l->at);
}

static int names_add(struct names *l, const char *name)
{
    size_t room = l->room > 0 ? 2 * l->room : 64;
    char **at;

    if (l->n == l->room) {
        if ((at = sc_realloc(l->at, room * sizeof *at)) == NULL)
            return SC_ENOMEM;
        l->at = at;
        l->room = room;
    }
    if ((l->at[l->n] = sc_strdup(name)) == NULL)
        return SC_ENOMEM;
    l->n++;
    return 0;
}

static int names_read(struct names *l, const char *path)
{
    DIR *d = opendir(path);
    struct dirent *e;
    int rc = 0;

    if (d == NULL)
        return -errno;
    while (rc == 0 && (errno = 0, e = readdir(d)) != NULL) {
        if (strcmp(e->d_name, ".") != 0 && strcmp(e->d_name, "..") != 0)
            rc = names_add(l, e->d_name);
    }
    if (rc == 0 && errno != 0)
        rc = -errno;
    closedir(d);
    if (l->n > 0)
        qsort(l->at, l->n, sizeof *l->at, by_name);
    return rc;
}

/* A name may hold a line end: then the line is not its. */
static int open_directory(struct url_request *r)
{
    struct file *f = r->state;
    struct names l = {0};
    int rc = names_read(&l, f->path.data);

    f->names.limit = NAMES_MOST;
    for (size_t i = 0; i < l.n && rc == 0; i++) {
        if (sc_line_safe(l.at[i], strlen(l.at[i])))
            rc = sc_buf_addf(&f->names, "%s\n", l.at[i]);
    }
    names_free(&l);
    if (rc < 0)
        return failed(r, rc);
    if (r->opt->offset > f->names.len)
        return url_fail(r, SC_EINVAL, "file %s: it ends before that",
                        f->path.data);
    f->at = (size_t)r->opt->offset;
    r->info.directory = true;
    r->info.type = "text/plain";
    r->info.size = (int64_t)(f->names.len - f->at);
    return 0;
}

/* --- reading --- */

static int open_regular(struct url_request *r, const struct stat *st)
{
    struct file *f = r->state;
    uint64_t size = (uint64_t)st->st_size, from = r->opt->offset;
    struct sc_error e = {0};

    if (from > size)
        return url_fail(r, SC_EINVAL, "file %s: it ends before that",
                        f->path.data);
    f->s = sc_stream_file(f->path.data, O_RDONLY, from, size - from, &e);
    if (f->s == NULL)
        return url_fail(r, e.code, "file %s: %s", f->path.data,
                        sc_strerror(e.code));
    r->info.size = (int64_t)(size - from);
    return 0;
}

/* A FIFO without a writer is at its end. */
static int open_other(struct url_request *r)
{
    struct file *f = r->state;
    struct sc_error e = {0};
    int fd;

    if (!(r->opt->flags & URL_ANY_FILE) || r->opt->offset > 0)
        return url_fail(r, SC_EINVAL, "file %s: not a regular file",
                        f->path.data);
    fd = open(f->path.data, O_RDONLY | O_NONBLOCK | O_CLOEXEC | O_NOCTTY);
    if (fd < 0)
        return failed(r, -errno);
    if ((f->s = sc_stream_fd(fd, &e)) != NULL)
        return 0;
    close(fd);
    return failed(r, e.code);
}

static int file_open(struct url_request *r)
{
    struct file *f = r->state;
    struct stat st;
    int rc = path_of(r);

    if (rc < 0)
        return rc;
    if (stat(f->path.data, &st) < 0)
        return failed(r, -errno);
    r->info.mtime = (int64_t)st.st_mtime;
    if (S_ISREG(st.st_mode))
        return open_regular(r, &st);
    if (!S_ISDIR(st.st_mode))
        return open_other(r);
    return r->opt->flags & URL_DIRECTORY ? open_directory(r)
                                         : failed(r, -EISDIR);
}

static ssize_t file_read(struct url_request *r, void *buf, size_t n)
{
    struct file *f = r->state;
    ssize_t got;

    if (f->s != NULL) {
        got = sc_stream_read(f->s, buf, n, NULL);
        return got < 0 ? failed(r, (int)got) : got;
    }
    if (n > f->names.len - f->at)
        n = f->names.len - f->at;
    if (n > 0)
        memcpy(buf, f->names.data + f->at, n);
    f->at += n;
    return (ssize_t)n;
}

/* --- a directory as records --- */

static char kind_of(mode_t mode)
{
    return S_ISREG(mode)   ? 'f'
           : S_ISDIR(mode) ? 'd'
           : S_ISLNK(mode) ? 'l'
                           : '?';
}

static int entry_url(const struct file *f, const char *name, bool folder,
                     struct sc_buf *out)
{
    struct sc_span path = {f->path.data, f->path.len};
    int rc;

    while (path.len > 0 && path.data[path.len - 1] == '/')
        path.len--;
    out->len = 0;
    rc = sc_buf_addf(out, "file://");
    if (rc == 0)
        rc = uri_encode(path, "/", out);
    if (rc == 0)
        rc = sc_buf_add(out, "/", 1);
    if (rc == 0)
        rc = uri_encode(sc_span_of(name), "", out);
    if (rc == 0 && folder)
        rc = sc_buf_add(out, "/", 1);
    return rc;
}

static int one_entry(const struct file *f, int dir, const char *name,
                     int (*fn)(void *arg, const struct url_entry *e), void *arg)
{
    struct url_entry e = {.name = name, .kind = '?', .size = -1, .mtime = -1};
    char target[4096];
    struct sc_buf url = {0};
    struct stat st;
    ssize_t n;
    int rc;

    if (fstatat(dir, name, &st, AT_SYMLINK_NOFOLLOW) == 0) {
        e.kind = kind_of(st.st_mode);
        e.mtime = (int64_t)st.st_mtime;
        e.size = e.kind == 'f' ? (int64_t)st.st_size : -1;
    }
    if (e.kind == 'l' &&
        (n = readlinkat(dir, name, target, sizeof target - 1)) > 0) {
        target[n] = '\0';
        e.target = target;
    }
    rc = entry_url(f, name, e.kind == 'd', &url);
    e.url = url.data;
    e.raw = sc_span_of(name);
    if (rc == 0 && (rc = fn(arg, &e)) > 0)
        rc = 0;
    sc_buf_free(&url);
    return rc;
}

static int file_list(struct url_request *r,
                     int (*fn)(void *arg, const struct url_entry *e), void *arg)
{
    struct file *f = r->state;
    struct names l = {0};
    int rc = path_of(r), dir;

    if (rc < 0)
        return rc;
    dir = open(f->path.data, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    rc = dir < 0 ? -errno : names_read(&l, f->path.data);
    for (size_t i = 0; i < l.n && rc == 0; i++)
        rc = one_entry(f, dir, l.at[i], fn, arg);
    names_free(&l);
    if (dir >= 0)
        close(dir);
    return rc < 0 ? failed(r, rc) : 0;
}

/* --- storing --- */

static int make_folders(char *path)
{
    for (char *slash = strchr(path + 1, '/'); slash != NULL;
         slash = strchr(slash + 1, '/')) {
        *slash = '\0';
        if (mkdir(path, 0777) < 0 && errno != EEXIST) {
            *slash = '/';
            return -errno;
        }
        *slash = '/';
    }
    return 0;
}

static ssize_t source_piece(const struct mail_source *from, char *buf,
                            size_t *at)
{
    ssize_t n;

    if (from->read != NULL)
        return from->read(from->arg, buf, PIECE);
    if (from->fd > 0) {
        n = pread(from->fd, buf, PIECE, (off_t)(from->offset + *at));
        n = n < 0 ? -errno : n;
    } else {
        n = (ssize_t)(from->data.len - *at < PIECE ? from->data.len - *at
                                                   : PIECE);
        if (n > 0)
            memcpy(buf, from->data.data + *at, (size_t)n);
    }
    *at += n > 0 ? (size_t)n : 0;
    return n;
}

static int store(struct http_store *s, const struct mail_source *from)
{
    char *buf = sc_malloc(PIECE);
    size_t at = 0;
    ssize_t n = 0;
    int rc = buf != NULL ? 0 : SC_ENOMEM;

    while (rc == 0 && (n = source_piece(from, buf, &at)) > 0)
        rc = http_store_write(s, buf, (size_t)n);
    sc_free(buf);
    return rc < 0 ? rc : (int)n;
}

static int file_put(struct url_request *r, const struct mail_source *from)
{
    struct file *f = r->state;
    struct http_store s = {.fd = -1};
    int rc = path_of(r);

    if (rc < 0)
        return rc;
    if (r->opt->offset > 0)
        return url_fail(r, SC_ENOTSUP, "file %s: stored from its beginning",
                        f->path.data);
    if (r->opt->flags & URL_MAKE_DIRS)
        rc = make_folders(f->path.data);
    if (rc == 0)
        rc = http_store_find(&s, f->path.data);
    if (rc == 0)
        rc = r->opt->flags & URL_APPEND ? http_store_continue(&s)
                                        : http_store_begin(&s);
    if (rc == 0 && (rc = store(&s, from)) == 0)
        rc = http_store_commit(&s, NULL, 0);
    http_store_close(&s);
    return rc < 0 ? failed(r, rc) : 0;
}

static bool file_close(struct url_request *r)
{
    struct file *f = r->state;

    sc_stream_close(f->s);
    sc_buf_free(&f->path);
    sc_buf_free(&f->names);
    return true;
}

const struct url_scheme url_file = {
    .name = "file",
    .tls_name = NULL,
    .cls = NULL,
    .state_size = sizeof(struct file),
    .raw_path = false,
    .ranges = true,
    .connect = url_no_connect,
    .open = file_open,
    .read = file_read,
    .list = file_list,
    .put = file_put,
    .close = file_close,
};
