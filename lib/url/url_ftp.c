/* url_ftp.c - ftp: and ftps: (RFC 1738 section 3.2): the path's parts, ";type=",
 * one transfer, and the connection is for the next. */

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "client/conn.h"
#include "core/mem.h"
#include "core/media_type.h"
#include "core/text.h"
#include "ftp/ftp_client.h"
#include "url/url_parts.h"

enum { PARTS_MOST = 256, PIECE = 65536, FILE_PIECE = 1 << 20 };

struct ftp {
    struct sc_buf text;           /* the parts, a NUL behind each */
    const char *part[PARTS_MOST]; /* folders; the last is the file, or "" */
    size_t parts;
    struct sc_buf path; /* of the file, or folder, as it is said */
    char type;          /* of ";type=", or 0 */
    bool folder;
    Stream *data;
    SimpleClient *body; /* reads DATA with the limits of bodies */
};

static const struct ftp_options usual;

static const struct ftp_options *how_of(const struct url_request *r)
{
    return r->opt->ftp != NULL ? r->opt->ftp : &usual;
}

static FTPClient *client_of(const struct url_request *r)
{
    return (FTPClient *)r->client;
}

/* --- the URL --- */

/* ";type=a" behind all else; it goes. */
static struct sc_span cut_type(struct ftp *x, struct sc_span path)
{
    static const char word[] = ";type=";
    const size_t n = sizeof word - 1;

    if (path.len > n &&
        sc_span_eq_nocase((struct sc_span){path.data + path.len - n - 1, n},
                          word)) {
        x->type = (char)sc_lower(path.data[path.len - 1]);
        path.len -= n + 1;
    }
    return path;
}

/* Each part is decoded alone: "%2F" in one is no border. */
static int split(struct ftp *x, struct sc_span path)
{
    const char *p = path.data, *end = p + path.len, *slash;
    size_t at[PARTS_MOST];
    int rc = 0;

    do {
        if (x->parts == PARTS_MOST)
            return SC_ETOOBIG;
        if ((slash = memchr(p, '/', (size_t)(end - p))) == NULL)
            slash = end;
        at[x->parts++] = x->text.len;
        rc = uri_decode((struct sc_span){p, (size_t)(slash - p)}, false,
                        &x->text);
        if (rc == 0)
            rc = sc_buf_add(&x->text, "", 1);
        p = slash + 1;
    } while (rc == 0 && slash < end);
    for (size_t i = 0; i < x->parts && rc == 0; i++)
        x->part[i] = x->text.data + at[i];
    return rc;
}

/* "a/b/name"; "%2Fetc/name" is absolute. Empty parts in the middle are none, but
 * for the first, which is the root (curl). */
static int join(struct ftp *x, size_t n)
{
    int rc = sc_buf_add(&x->path, "", 0);

    x->path.len = 0;
    for (size_t i = 0; i < n && rc == 0; i++) {
        const char *part = x->part[i];

        if (*part == '\0' && (i > 0 || n == 1))
            continue;
        if (x->path.len > 0 && x->path.data[x->path.len - 1] != '/')
            rc = sc_buf_add(&x->path, "/", 1);
        if (rc == 0)
            rc = sc_buf_addf(&x->path, "%s", *part == '\0' ? "/" : part);
    }
    return rc;
}

static int split_all(struct ftp *x, struct sc_span path)
{
    struct sc_span rest = cut_type(x, path);

    if (x->type != '\0' && strchr("aid", x->type) == NULL)
        return SC_EINVAL;
    return split(x, rest);
}

/* RFC 1738 knows no query: a '?' is one of the path's. */
static int take_apart(struct url_request *r)
{
    struct ftp *x = r->state;
    const char *path = r->uri->path, *query = r->uri->query;
    struct sc_buf all = {0};
    int rc;

    if (x->parts > 0)
        return 0; /* it was, for the connection that was dead */
    rc = sc_buf_addf(&all, "%s%s%s", path + (*path == '/'),
                     query != NULL ? "?" : "", query != NULL ? query : "");
    if (rc == 0)
        rc = split_all(x, (struct sc_span){all.data, all.len});
    sc_buf_free(&all);
    if (rc == SC_EINVAL)
        return url_fail(r, SC_EURL, "ftp: ;type= is a, i or d");
    if (rc < 0)
        return url_fail(r, rc, "ftp: a control byte, or too much, in the path");
    x->folder = x->part[x->parts - 1][0] == '\0' || x->type == 'd';
    return 0;
}

/* --- the connection --- */

/* Nothing in it changes what the next one finds. */
static bool leaves_no_trace(const struct ftp_options *how)
{
    return !(how->flags & FTP_CLEAR_DATA) && how->account == NULL &&
           how->alternative == NULL && how->before == NULL &&
           how->ready == NULL && how->after == NULL && how->cwd == FTP_NO_CWD;
}

/* One that the pool knows nothing of. */
static int connect_own(struct url_request *r)
{
    struct sc_options o = *sc_options_or_default(r->opt->options);
    struct sc_buf server = {0};
    struct uri u = *r->uri;
    int rc;

    u.path = "/";
    u.query = u.fragment = NULL;
    r->own = true;
    if (u.host == NULL || *u.host == '\0')
        return url_fail(r, SC_EURL, "ftp: no host in the URL");
    if ((rc = uri_build(&u, &server)) < 0)
        return url_fail(r, rc, "ftp: %s", sc_strerror(rc));
    if (r->uri->user != NULL)
        o.netrc = NULL;
    r->client = ftp_base(ftp_open(server.data, r->opt->ftp, &o));
    sc_wipe(server.data, server.cap);
    sc_buf_free(&server);
    return sc_broken(r->client);
}

static int ftp_connect(struct url_request *r)
{
    int rc = take_apart(r);

    if (rc == 0 && !leaves_no_trace(how_of(r)))
        return connect_own(r);
    if (rc == 0)
        rc = url_connect(r);
    if (rc == 0)
        client_of(r)->how = how_of(r);
    return rc;
}

static int step_into(struct url_request *r, const char *folder)
{
    FTPClient *f = client_of(r);
    int rc = ftp_cwd(f, folder);

    if (rc != SC_EREPLY || !(r->opt->flags & URL_MAKE_DIRS))
        return rc;
    rc = ftp_mkd(f, folder);
    return rc < 0 && rc != SC_EREPLY ? rc : ftp_cwd(f, folder);
}

/* To where the file is, and what is left of the path is its name. */
static int go_there(struct url_request *r)
{
    struct ftp *x = r->state;
    const struct ftp_options *how = how_of(r);
    size_t folders = x->folder && x->type == 'd' ? x->parts : x->parts - 1;
    int rc = 0;

    if (how->cwd == FTP_NO_CWD) {
        rc = join(x, x->parts);
        return rc < 0 ? url_fail(r, rc, "ftp: %s", sc_strerror(rc))
                      : ftp_say_all(client_of(r), how->ready);
    }
    if (how->cwd == FTP_SINGLE_CWD) {
        if ((rc = join(x, folders)) == 0 && x->path.len > 0)
            rc = step_into(r, x->path.data);
    }
    for (size_t i = 0; how->cwd == FTP_MULTI_CWD && rc == 0 && i < folders;
         i++) {
        if (*x->part[i] != '\0' || i == 0)
            rc = step_into(r, *x->part[i] != '\0' ? x->part[i] : "/");
    }
    x->path.len = 0;
    if (rc == 0 && (rc = sc_buf_add(&x->path, "", 0)) == 0 && !x->folder)
        rc = sc_buf_addf(&x->path, "%s", x->part[x->parts - 1]);
    return rc < 0 ? rc : ftp_say_all(client_of(r), how->ready);
}

static int set_type(struct url_request *r)
{
    const struct ftp *x = r->state;
    FTPClient *f = client_of(r);

    f->wish = x->type == 'a' || r->opt->flags & URL_ASCII ? 'A' : 'I';
    return 0;
}

/* --- reading --- */

/* The size, unless this server's 150 tells it anyway; a refusal is none. */
static int ask_size(struct url_request *r, uint64_t *size, bool *known)
{
    const struct ftp *x = r->state;
    FTPClient *f = client_of(r);
    int rc;

    *known = false;
    if (f->wish == 'A' ||
        (f->tells && r->opt->offset == 0 && !(r->opt->flags & URL_HEAD)))
        return 0;
    if (f->type != 'I' && (rc = ftp_type_now(f, 'I')) < 0)
        return rc; /* RFC 3659 section 4: of this type */
    rc = ftp_size(f, x->path.data, size);
    *known = rc == 0;
    return rc == SC_EREPLY ? 0 : rc;
}

static int ask_time(struct url_request *r)
{
    const struct ftp *x = r->state;
    int rc = 0;

    if (r->opt->flags & URL_HEAD)
        rc = ftp_mdtm(client_of(r), x->path.data, &r->info.mtime);
    return rc == SC_EREPLY ? 0 : rc;
}

static int begin_body(struct url_request *r, Stream *data)
{
    struct ftp *x = r->state;

    if (data == NULL)
        return ftp_done(client_of(r), NULL);
    x->data = data;
    x->body = ftp_body(client_of(r), data);
    return sc_broken(x->body) ? url_fail(r, sc_broken(x->body), "ftp: %s",
                                         sc_last_error(x->body)->text)
                              : 0;
}

/* Many servers take what begins with "-" for options of LIST. */
static int folder_path(struct url_request *r, const char **path)
{
    struct ftp *x = r->state;
    int rc = 0;

    if (x->path.len > 0 && x->path.data[0] == '-') {
        rc = sc_buf_add(&x->path, "./", 2);
        if (rc == 0) {
            memmove(x->path.data + 2, x->path.data, x->path.len - 2);
            memcpy(x->path.data, "./", 2);
        }
    }
    *path = x->path.len > 0 ? x->path.data : NULL;
    return rc < 0 ? url_fail(r, rc, "ftp: %s", sc_strerror(rc)) : 0;
}

static int open_folder(struct url_request *r)
{
    FTPClient *f = client_of(r);
    const char *path;
    int rc = folder_path(r, &path);

    r->info.directory = true;
    r->info.type = "text/plain";
    if (r->opt->offset > 0)
        return url_fail(r, SC_ENOTSUP, "ftp: a list begins at its beginning");
    if (rc < 0)
        return rc;
    if (r->opt->flags & URL_HEAD) {
        r->whole = r->own = true; /* it is somewhere else now */
        return path != NULL ? ftp_cwd(f, path) : 0;
    }
    return begin_body(r, r->opt->flags & URL_NAMES ? ftp_nlst(f, path)
                                                   : ftp_list(f, path));
}

static int open_file(struct url_request *r)
{
    struct ftp *x = r->state;
    FTPClient *f = client_of(r);
    uint64_t size = 0;
    bool known;
    int rc;

    if ((rc = ask_time(r)) < 0 || (rc = ask_size(r, &size, &known)) < 0)
        return rc;
    if (known && r->opt->offset > size)
        return url_fail(r, SC_EINVAL, "ftp: it ends before that");
    if (known)
        r->info.size = (int64_t)(size - r->opt->offset);
    r->whole = r->opt->flags & URL_HEAD;
    if (r->whole)
        return 0;
    rc = begin_body(r, ftp_retr(f, x->path.data, r->opt->offset));
    if (rc == 0 && r->opt->offset == 0) {
        f->tells = f->tells ? f->told >= 0 : known && f->told == (int64_t)size;
        if (!known && f->tells)
            r->info.size = f->told;
    }
    return rc;
}

static int ftp_url_open(struct url_request *r)
{
    const struct ftp *x = r->state;
    int rc;

    if ((rc = set_type(r)) < 0 || (rc = go_there(r)) < 0)
        return rc;
    return x->folder ? open_folder(r) : open_file(r);
}

/* The data has ended: has the server sent it all? */
static int finish(struct url_request *r)
{
    struct ftp *x = r->state;
    FTPClient *f = client_of(r);
    int rc;

    sc_drop(x->body);
    x->body = NULL;
    rc = ftp_done(f, x->data);
    x->data = NULL;
    return rc < 0 ? rc : ftp_say_all(f, how_of(r)->after);
}

static ssize_t ftp_url_read(struct url_request *r, void *buf, size_t n)
{
    struct ftp *x = r->state;
    ssize_t got;

    if (x->body == NULL)
        return 0;
    got = sc_read_body(x->body, buf, n);
    if (got == 0)
        return finish(r);
    if (got < 0)
        url_fail(r, (int)got, "%s", sc_last_error(x->body)->text);
    return got;
}

/* --- a folder as records --- */

struct listing {
    int (*fn)(void *arg, const struct url_entry *e);
    void *arg;
    struct sc_buf base, url, name, target;
};

/* A name with a slash in it would be somewhere else. */
static int one_file(void *arg, const struct ftp_entry *f)
{
    struct listing *l = arg;
    struct url_entry e = {
        .kind = f->kind, .size = f->size, .mtime = f->mtime, .raw = f->raw};
    int rc;

    if (f->kind == 'c' || f->kind == 'p')
        return 0;
    l->url.len = l->name.len = l->target.len = 0;
    if ((rc = sc_buf_add(&l->name, f->name.data, f->name.len)) < 0 ||
        (rc = sc_buf_add(&l->target, f->target.data, f->target.len)) < 0)
        return rc;
    e.name = l->name.data;
    e.target = f->target.len > 0 ? l->target.data : NULL;
    if (f->name.len > 0 && memchr(f->name.data, '/', f->name.len) == NULL &&
        !sc_span_eq(f->name, ".") && !sc_span_eq(f->name, "..")) {
        rc = sc_buf_add(&l->url, l->base.data, l->base.len);
        if (rc == 0)
            rc = uri_encode(f->name, "", &l->url);
        if (rc == 0 && f->kind == 'd')
            rc = sc_buf_add(&l->url, "/", 1);
        e.url = l->url.data;
    }
    return rc < 0 ? rc : l->fn(l->arg, &e);
}

/* The folder's URL with a slash behind it, for its files. */
static int base_of(struct url_request *r, struct sc_buf *out)
{
    struct uri u = *r->uri;
    int rc;

    u.user = u.password = NULL;
    if ((rc = uri_build(&u, out)) == 0 && out->data[out->len - 1] != '/')
        rc = sc_buf_add(out, "/", 1);
    return rc;
}

static int ftp_url_list(struct url_request *r,
                        int (*fn)(void *arg, const struct url_entry *e),
                        void *arg)
{
    struct ftp *x = r->state;
    struct listing l = {.fn = fn, .arg = arg};
    const char *path;
    int rc;

    x->folder = true;
    if (x->part[x->parts - 1][0] != '\0')
        x->type = 'd'; /* its last part is a folder too */
    if ((rc = go_there(r)) == 0 && (rc = folder_path(r, &path)) == 0 &&
        (rc = base_of(r, &l.base)) == 0)
        rc = ftp_files(client_of(r), path, one_file, &l);
    sc_buf_free(&l.base);
    sc_buf_free(&l.url);
    sc_buf_free(&l.name);
    sc_buf_free(&l.target);
    return rc;
}

/* --- storing --- */

/* Piece by piece: each has its own time. */
static struct sc_wait wait_of(FTPClient *f)
{
    const struct sc_options *o = sc_client_options(&f->base);

    return (struct sc_wait){sc_conn_until(f->base.conn, o->stall_ms), NULL};
}

static int send_file(FTPClient *f, Stream *data, int fd, uint64_t at)
{
    struct sc_wait w;
    struct stat st;
    uint64_t left, n;
    int rc = 0;

    if (fstat(fd, &st) < 0)
        return -errno;
    left = (uint64_t)st.st_size > at ? (uint64_t)st.st_size - at : 0;
    for (; rc == 0 && left > 0; at += n, left -= n) {
        n = left < FILE_PIECE ? left : FILE_PIECE;
        w = wait_of(f);
        rc = sc_stream_sendfile(data, fd, at, n, &w);
    }
    return rc;
}

static int send_memory(FTPClient *f, Stream *data, struct sc_span bytes)
{
    struct sc_wait w;
    size_t n;
    int rc = 0;

    for (; rc == 0 && bytes.len > 0; bytes.data += n, bytes.len -= n) {
        n = bytes.len < FILE_PIECE ? bytes.len : FILE_PIECE;
        w = wait_of(f);
        rc = sc_stream_write(data, bytes.data, n, &w);
    }
    return rc;
}

static int send_source(FTPClient *f, Stream *data,
                       const struct mail_source *from)
{
    struct sc_wait w;
    char *buf;
    ssize_t n = 0;
    int rc = 0;

    if (from->read == NULL && from->fd > 0)
        return send_file(f, data, from->fd, from->offset);
    if (from->read == NULL)
        return send_memory(f, data, from->data);
    if ((buf = sc_malloc(PIECE)) == NULL)
        return SC_ENOMEM;
    while (rc == 0 && (n = from->read(from->arg, buf, PIECE)) > 0) {
        w = wait_of(f);
        rc = sc_stream_write(data, buf, (size_t)n, &w);
    }
    sc_free(buf);
    return rc < 0 ? rc : (int)n;
}

static int ftp_url_put(struct url_request *r, const struct mail_source *from)
{
    struct ftp *x = r->state;
    FTPClient *f = client_of(r);
    Stream *data;
    int rc, done;

    if (x->folder)
        return url_fail(r, SC_EURL, "ftp: no name to store it under");
    if ((rc = set_type(r)) < 0 || (rc = go_there(r)) < 0)
        return rc;
    data = r->opt->flags & URL_APPEND
               ? ftp_appe(f, x->path.data)
               : ftp_stor(f, x->path.data, r->opt->offset);
    if (data == NULL)
        return ftp_done(f, NULL);
    if ((rc = send_source(f, data, from)) < 0 && !ftp_data_failed(data)) {
        sc_stream_close(data); /* which is not the end of a file */
        r->own = true;
        return url_fail(r, rc, "ftp: what is to be stored: %s",
                        sc_strerror(rc));
    }
    done = ftp_done(f, data); /* the server may say why it took no more */
    return done < 0 ? done : ftp_say_all(f, how_of(r)->after);
}

static bool ftp_url_close(struct url_request *r)
{
    struct ftp *x = r->state;

    if (r->client != NULL && !sc_broken(r->client))
        client_of(r)->how = &usual; /* the caller's goes */
    sc_drop(x->body);
    if (x->data != NULL)
        sc_stream_close(x->data);
    sc_buf_free(&x->text);
    sc_buf_free(&x->path);
    return true;
}

const struct url_scheme url_ftp = {
    .name = "ftp",
    .tls_name = "ftps",
    .cls = &ftp_class,
    .state_size = sizeof(struct ftp),
    .raw_path = true,
    .ranges = true,
    .connect = ftp_connect,
    .open = ftp_url_open,
    .read = ftp_url_read,
    .list = ftp_url_list,
    .put = ftp_url_put,
    .close = ftp_url_close,
};
