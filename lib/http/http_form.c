/* http_form.c - multipart/form-data (RFC 7578, RFC 2046 section 5.1): parts as
 * they are added, and read out as one body whose length is known before. Names
 * are escaped as browsers do (WHATWG, "multipart form data"). */

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include <simpleclient/http_form.h>

#include "core/media_type.h"
#include "core/mem.h"
#include "core/text.h"
#include "http/http_pipe.h"
#include "run/clock.h"

enum { PARTS_MOST = 10000 };
#define MEMORY_MOST ((size_t)64 << 20)
#define BOUNDARY "------------------------" /* and 16 hex digits */

struct part {
    struct sc_buf head;  /* "--boundary CRLF fields CRLF" */
    struct sc_buf bytes; /* unless it is a file */
    char *path;          /* the file, or NULL */
    uint64_t size;
};

/* A body is read head, bytes, CRLF, part by part, and the tail in the end. */
enum piece { PIECE_HEAD, PIECE_BYTES, PIECE_CRLF, PIECE_TAIL, PIECE_END };

struct http_form {
    struct part *part;
    size_t n, room;
    struct sc_error failed; /* of an earlier call */
    char type[96];          /* "multipart/form-data; boundary=..." */
    const char *boundary;   /* in it */
    char tail[64];

    size_t at; /* the part being read */
    enum piece piece;
    uint64_t done; /* of the piece */
    int fd;        /* of the part's file, or -1 */
};

static int make_boundary(struct http_form *f)
{
    static const char hex[] = "0123456789abcdef";
    static const char start[] = "multipart/form-data; boundary=" BOUNDARY;
    unsigned char random[8];
    char *p = f->type + sizeof start - 1;

    if (getrandom(random, sizeof random, 0) != (ssize_t)sizeof random)
        return -errno;
    memcpy(f->type, start, sizeof start);
    for (size_t i = 0; i < sizeof random; i++) {
        *p++ = hex[random[i] >> 4];
        *p++ = hex[random[i] & 15];
    }
    *p = '\0';
    f->boundary = f->type + sizeof start - sizeof BOUNDARY;
    snprintf(f->tail, sizeof f->tail, "--%s--\r\n", f->boundary);
    return 0;
}

struct http_form *http_form_new(void)
{
    struct http_form *f = sc_calloc(sizeof *f);

    if (f != NULL && make_boundary(f) < 0) {
        sc_free(f);
        return NULL;
    }
    if (f != NULL)
        f->fd = -1;
    return f;
}

static void close_file(struct http_form *f)
{
    if (f->fd >= 0)
        close(f->fd);
    f->fd = -1;
}

static void free_part(struct part *p)
{
    sc_buf_free(&p->head);
    sc_buf_free(&p->bytes);
    sc_free(p->path);
}

void http_form_free(struct http_form *f)
{
    if (f == NULL)
        return;
    close_file(f);
    for (size_t i = 0; i < f->n; i++)
        free_part(&f->part[i]);
    sc_free(f->part);
    sc_free(f);
}

/* --- a part's head --- */

static int add_text(struct sc_buf *out, const char *s)
{
    return sc_buf_add(out, s, strlen(s));
}

/* Append ` NAME="VALUE"`: a quote, CR and LF as %22, %0D and %0A. */
static int add_quoted(struct sc_buf *out, const char *name, const char *value)
{
    int rc = sc_buf_addf(out, "; %s=\"", name);

    for (; rc == 0 && *value != '\0'; value++) {
        if (*value == '"' || *value == '\r' || *value == '\n')
            rc = sc_buf_addf(out, "%%%02X", (unsigned)*value);
        else
            rc = sc_buf_add(out, value, 1);
    }
    return rc < 0 ? rc : sc_buf_add(out, "\"", 1);
}

static int add_fields(struct sc_buf *out, const struct sc_fields *more)
{
    int rc = 0;

    for (size_t i = 0; more != NULL && i < more->n && rc == 0; i++)
        rc = sc_buf_addf(out, "%s: %s\r\n", more->at[i].name.data,
                         more->at[i].value.data);
    return rc;
}

/* By the name told; if that says nothing, by the file's own. */
static const char *type_of(const char *filename, const char *path)
{
    const char *unknown = sc_media_type("");
    const char *type = sc_media_type(filename);

    return strcmp(type, unknown) != 0 ? type : sc_media_type(path);
}

static int make_head(const struct http_form *f, const struct http_part *p,
                     struct sc_buf *out)
{
    const char *filename = p->filename, *type = p->type;
    int rc;

    if (filename == NULL && p->path != NULL)
        filename = sc_last_part(p->path);
    if (type == NULL && p->path != NULL)
        type = type_of(filename, p->path);
    if ((rc = sc_buf_addf(out, "--%s\r\nContent-Disposition: form-data",
                          f->boundary)) < 0 ||
        (rc = add_quoted(out, "name", p->name)) < 0 ||
        (filename != NULL &&
         (rc = add_quoted(out, "filename", filename)) < 0) ||
        (rc = add_text(out, "\r\n")) < 0 ||
        (type != NULL &&
         (rc = sc_buf_addf(out, "Content-Type: %s\r\n", type)) < 0) ||
        (rc = add_fields(out, p->head)) < 0)
        return rc;
    return add_text(out, "\r\n");
}

/* --- what is in a part --- */

static int read_all(int fd, struct sc_buf *out)
{
    ssize_t n;
    int rc;

    out->limit = MEMORY_MOST;
    do {
        if ((rc = sc_buf_reserve(out, 65536)) < 0)
            return rc;
        n = http_pipe_read(fd, out->data + out->len, 65536,
                           sc_until(HTTP_PIPE_MS));
        if (n < 0)
            return (int)n;
        out->len += (size_t)n;
    } while (n > 0);
    return 0;
}

/* A regular file is read when it is sent; anything else only once, now. */
static int take_file(struct part *to, const char *path)
{
    bool in = strcmp(path, "-") == 0;
    int fd = in ? STDIN_FILENO : http_pipe_open(path, O_RDONLY, 0), rc = 0;
    struct stat st;

    if (fd < 0)
        return fd;
    if (fstat(fd, &st) < 0)
        rc = -errno;
    else if (S_ISDIR(st.st_mode))
        rc = -EISDIR;
    else if (in || !S_ISREG(st.st_mode))
        rc = read_all(fd, &to->bytes);
    else if ((to->path = sc_strdup(path)) == NULL)
        rc = SC_ENOMEM;
    to->size = to->path != NULL ? (uint64_t)st.st_size : to->bytes.len;
    if (!in)
        close(fd);
    return rc;
}

static int take_bytes(struct part *to, const struct http_part *p)
{
    struct sc_span s = p->text != NULL ? sc_span_of(p->text) : p->bytes;
    int rc;

    if (p->path != NULL)
        return take_file(to, p->path);
    rc = sc_buf_add(&to->bytes, s.data != NULL ? s.data : "", s.len);
    to->size = s.len;
    return rc;
}

static bool is_value(const char *s)
{
    return s == NULL || sc_line_safe(s, strlen(s));
}

static int check(const struct http_form *f, const struct http_part *p)
{
    int ways = (p->text != NULL) + (p->bytes.data != NULL) + (p->path != NULL);

    return p->name != NULL && ways <= 1 && is_value(p->type) &&
                   f->n < PARTS_MOST
               ? 0
               : SC_EINVAL;
}

static int grow(struct http_form *f)
{
    size_t room = f->room > 0 ? f->room * 2 : 8;
    struct part *bigger;

    if (f->n < f->room)
        return 0;
    if ((bigger = sc_realloc(f->part, room * sizeof *bigger)) == NULL)
        return SC_ENOMEM;
    f->part = bigger;
    f->room = room;
    return 0;
}

int http_form_add(struct http_form *f, const struct http_part *part)
{
    struct part made = {0};
    int rc;

    if (f->failed.code < 0)
        return f->failed.code;
    if ((rc = check(f, part)) < 0 || (rc = grow(f)) < 0 ||
        (rc = make_head(f, part, &made.head)) < 0 ||
        (rc = take_bytes(&made, part)) < 0) {
        free_part(&made);
        return sc_error_set(&f->failed, rc, "form: %s: %s",
                            part->path != NULL   ? part->path
                            : part->name != NULL ? part->name
                                                 : "a part",
                            sc_strerror(rc));
    }
    f->part[f->n++] = made;
    return 0;
}

/* --- the body --- */

static struct sc_span piece_of(const struct http_form *f)
{
    const struct part *p = f->at < f->n ? &f->part[f->at] : NULL;

    switch (f->piece) {
    case PIECE_HEAD:
        return (struct sc_span){p->head.data, p->head.len};
    case PIECE_BYTES:
        return (struct sc_span){p->bytes.data, p->bytes.len};
    case PIECE_CRLF:
        return (struct sc_span){"\r\n", 2};
    default:
        return sc_span_of(f->tail);
    }
}

static void next_piece(struct http_form *f)
{
    f->done = 0;
    if (f->piece == PIECE_CRLF && ++f->at < f->n)
        f->piece = PIECE_HEAD;
    else
        f->piece++;
}

/* The file must be as long as it was: the length is promised already. */
static int open_part(struct http_form *f, const struct part *p)
{
    struct stat st;

    f->fd = http_pipe_open(p->path, O_RDONLY, 0);
    if (f->fd < 0)
        return f->fd;
    if (fstat(f->fd, &st) < 0)
        return -errno;
    return S_ISREG(st.st_mode) && (uint64_t)st.st_size == p->size ? 0
                                                                  : SC_ESHORT;
}

static ssize_t read_part(struct http_form *f, void *buf, size_t n)
{
    const struct part *p = &f->part[f->at];
    ssize_t got;
    int rc;

    if (f->fd < 0 && (rc = open_part(f, p)) < 0)
        return rc;
    if (n > p->size - f->done)
        n = (size_t)(p->size - f->done);
    do
        got = n > 0 ? pread(f->fd, buf, n, (off_t)f->done) : 0;
    while (got < 0 && errno == EINTR);
    if (got < 0)
        return -errno;
    if (got == 0 && n > 0)
        return SC_ESHORT;
    if (got == 0)
        close_file(f);
    return got;
}

static ssize_t read_memory(const struct http_form *f, void *buf, size_t n)
{
    struct sc_span s = piece_of(f);

    if (n > s.len - f->done)
        n = (size_t)(s.len - f->done);
    if (n > 0)
        memcpy(buf, s.data + f->done, n);
    return (ssize_t)n;
}

static ssize_t form_read(void *arg, void *buf, size_t n)
{
    struct http_form *f = arg;
    size_t total = 0;
    ssize_t got;

    while (total < n && f->piece != PIECE_END) {
        bool file = f->piece == PIECE_BYTES && f->part[f->at].path != NULL;

        got = file ? read_part(f, (char *)buf + total, n - total)
                   : read_memory(f, (char *)buf + total, n - total);
        if (got < 0)
            return got;
        if (got == 0)
            next_piece(f);
        f->done += (uint64_t)got;
        total += (size_t)got;
    }
    return (ssize_t)total;
}

static int form_rewind(void *arg)
{
    struct http_form *f = arg;

    close_file(f);
    f->at = 0;
    f->done = 0;
    f->piece = f->n > 0 ? PIECE_HEAD : PIECE_TAIL;
    return 0;
}

int http_form_source(struct http_form *f, struct http_source *out,
                     struct sc_error *err)
{
    uint64_t length = strlen(f->tail);

    if (f->failed.code < 0) {
        if (err != NULL)
            *err = f->failed;
        return f->failed.code;
    }
    for (size_t i = 0; i < f->n; i++)
        length += f->part[i].head.len + f->part[i].size + 2;
    form_rewind(f);
    *out = (struct http_source){.length = length,
                                .read = form_read,
                                .rewind = form_rewind,
                                .arg = f,
                                .fd = -1,
                                .type = f->type};
    return 0;
}
