/* http_cookie_file.c - cookies in files: Netscape's format both ways, as curl
 * and wget have it (seven fields with tabs between them, "#HttpOnly_" before a
 * domain), and lines of Set-Cookie, in. */

#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <simpleclient/task.h>

#include "core/mem.h"
#include "core/text.h"
#include "http/http_cookie.h"

enum { FILE_MAX = 32 << 20, FIELDS = 7 };

/* --- lines --- */

static bool skip(struct sc_span *s, const char *text)
{
    size_t n = strlen(text);

    if (s->len < n || !sc_span_eq_nocase((struct sc_span){s->data, n}, text))
        return false;
    s->data += n;
    s->len -= n;
    return true;
}

/* Fields of LINE into AT. Returns how many, or 0 for more than seven. */
static size_t split(struct sc_span line, struct sc_span at[FIELDS])
{
    size_t n = 0;

    for (;;) {
        const char *tab = memchr(line.data, '\t', line.len);
        size_t len = tab != NULL ? (size_t)(tab - line.data) : line.len;

        at[n++] = (struct sc_span){line.data, len};
        if (tab == NULL)
            return n;
        if (n == FIELDS)
            return 0;
        line.data += len + 1;
        line.len -= len + 1;
    }
}

static bool is_true(struct sc_span s)
{
    return sc_span_eq_nocase(s, "TRUE");
}

/* curl writes a path as it came, quoted or none at all; and reads it so. */
static struct sc_span plain_path(struct sc_span s)
{
    if (s.len >= 3 && s.data[0] == '"' && s.data[s.len - 1] == '"') {
        s.data++;
        s.len -= 2;
    }
    return s.len > 0 && s.data[0] == '/' ? s : (struct sc_span){"/", 1};
}

/* A line without its value has six fields, or an empty seventh. */
static bool netscape(struct sc_span line, struct http_cookie_text *c)
{
    struct sc_span at[FIELDS] = {{0}};
    uint64_t expires;
    size_t n;

    *c = (struct http_cookie_text){.http_only = skip(&line, "#HttpOnly_")};
    if (line.len == 0 || line.data[0] == '#')
        return false;
    skip(&line, ".");
    n = split(line, at);
    if (n < FIELDS - 1 || sc_parse_u64(at[4], INT64_MAX, &expires) < 0)
        return false;
    c->domain = at[0];
    c->subdomains = is_true(at[1]);
    c->path = plain_path(at[2]);
    c->secure = is_true(at[3]);
    c->expires = (int64_t)expires;
    c->name = at[5];
    c->value = n == FIELDS ? at[6] : (struct sc_span){NULL, 0};
    return c->domain.len > 0 && http_cookie_ok(c);
}

/* Without a Domain nobody knows where it came from. */
static bool set_cookie(struct sc_span line, int64_t now,
                       struct http_cookie_text *c)
{
    if (http_cookie_parse(sc_trim(line), now, c) < 0 || c->domain.len == 0)
        return false;
    if (c->path.len == 0)
        c->path = (struct sc_span){"/", 1};
    return true;
}

static int read_line(struct http_cookies *jar, struct sc_span line, int64_t now)
{
    struct http_cookie_text c;

    if (line.len > 0 && line.data[line.len - 1] == '\r')
        line.len--;
    if (skip(&line, "Set-Cookie:") ? !set_cookie(line, now, &c)
                                   : !netscape(line, &c))
        return 0;
    if (c.expires != 0 && c.expires <= now)
        return 0;
    return http_cookies_put(jar, &c, now);
}

int http_cookies_read(struct http_cookies *jar, struct sc_span text,
                      int64_t now)
{
    int count = 0, rc = 0;

    while (rc >= 0 && text.len > 0) {
        const char *lf = memchr(text.data, '\n', text.len);
        size_t n = lf != NULL ? (size_t)(lf - text.data) : text.len;

        rc = read_line(jar, (struct sc_span){text.data, n}, now);
        count += rc > 0;
        n += lf != NULL;
        text.data += n;
        text.len -= n;
    }
    return rc < 0 ? rc : count;
}

int http_cookies_write(const struct http_cookies *jar, int64_t now,
                       struct sc_buf *out)
{
    int rc = sc_buf_addf(out, "# Netscape HTTP Cookie File\n"
                              "# Written by simpleclient; it is read by curl "
                              "and wget, too.\n\n");

    for (size_t i = 0; rc == 0 && i < jar->n; i++) {
        const struct http_jar_cookie *c = jar->at[i].cookie;

        if (c->expires != 0 && c->expires <= now)
            continue;
        rc = sc_buf_addf(out, "%s%s%s\t%s\t%s\t%s\t%lld\t%s\t%s\n",
                         c->http_only ? "#HttpOnly_" : "",
                         c->subdomains ? "." : "", c->domain,
                         c->subdomains ? "TRUE" : "FALSE", c->path,
                         c->secure ? "TRUE" : "FALSE", (long long)c->expires,
                         c->name, c->value);
    }
    return rc;
}

/* --- files: what follows runs in a thread of its own --- */

struct job {
    const char *path;
    struct sc_buf text;
};

static int read_all(int fd, struct sc_buf *text)
{
    ssize_t n;
    int rc;

    do {
        if ((rc = sc_buf_reserve(text, 65536)) < 0)
            return rc == SC_ETOOBIG ? -EFBIG : rc;
        n = read(fd, text->data + text->len, 65536);
        if (n > 0)
            text->len += (size_t)n;
    } while (n > 0 || (n < 0 && errno == EINTR));
    return n < 0 ? -errno : 0;
}

static int read_job(void *arg)
{
    struct job *j = arg;
    bool is_stdin = strcmp(j->path, "-") == 0;
    int fd = is_stdin ? 0 : open(j->path, O_RDONLY | O_CLOEXEC), rc;

    if (fd < 0)
        return -errno;
    rc = read_all(fd, &j->text);
    if (!is_stdin)
        close(fd);
    return rc;
}

static int write_all(int fd, const struct sc_buf *text)
{
    for (size_t done = 0; done < text->len;) {
        ssize_t n = write(fd, text->data + done, text->len - done);

        if (n < 0 && errno != EINTR)
            return -errno;
        done += n > 0 ? (size_t)n : 0;
    }
    return 0;
}

/* A device, a pipe: written as it is. */
static int write_special(const char *path, const struct sc_buf *text)
{
    int fd = open(path, O_WRONLY | O_CLOEXEC), rc;

    if (fd < 0)
        return -errno;
    rc = write_all(fd, text);
    if (close(fd) < 0 && rc == 0)
        rc = -errno;
    return rc;
}

/* OLD: what is there, or NULL. Its mode stays; whose it is, if we may. */
static int fill(int fd, const struct sc_buf *text, const struct stat *old)
{
    int rc = write_all(fd, text);

    if (rc == 0 && old != NULL) {
        if (fchown(fd, old->st_uid, old->st_gid) < 0 && errno != EPERM)
            rc = -errno;
        else if (fchmod(fd, old->st_mode & 07777) < 0)
            rc = -errno;
    }
    if (rc == 0 && fsync(fd) < 0)
        rc = -errno;
    if (close(fd) < 0 && rc == 0)
        rc = -errno;
    return rc;
}

static int replace(const char *path, const struct sc_buf *text,
                   const struct stat *old)
{
    struct sc_buf name = {0};
    int rc = sc_buf_addf(&name, "%s.XXXXXX", path);
    int fd = rc == 0 ? mkostemp(name.data, O_CLOEXEC) : -1; /* mode 0600 */

    if (rc == 0 && fd < 0)
        rc = -errno;
    if (fd >= 0 && ((rc = fill(fd, text, old)) < 0 ||
                    (rc = rename(name.data, path) < 0 ? -errno : 0) < 0))
        unlink(name.data);
    sc_buf_free(&name);
    return rc;
}

static int write_job(void *arg)
{
    struct job *j = arg;
    struct stat old, link;
    char *target;
    int rc;

    if (strcmp(j->path, "-") == 0)
        return write_all(1, &j->text);
    if (lstat(j->path, &link) < 0)
        return errno == ENOENT ? replace(j->path, &j->text, NULL) : -errno;
    if (stat(j->path, &old) < 0)
        return -errno; /* a link to nowhere */
    if (!S_ISREG(old.st_mode))
        return write_special(j->path, &j->text);
    if (access(j->path, W_OK) < 0 || (target = realpath(j->path, NULL)) == NULL)
        return -errno;
    rc = replace(target, &j->text, &old);
    free(target);
    return rc;
}

static void job_free(struct job *j)
{
    sc_wipe(j->text.data, j->text.cap);
    sc_buf_free(&j->text);
}

int http_cookies_load(struct http_cookies *jar, const char *path,
                      struct sc_error *err)
{
    struct job j = {path, SC_BUF(FILE_MAX)};
    int rc = sc_offload(read_job, &j);

    if (rc == 0)
        rc = http_cookies_read(jar, (struct sc_span){j.text.data, j.text.len},
                               (int64_t)time(NULL));
    if (rc < 0)
        sc_error_set(err, rc, "cannot read cookies from %s: %s", path,
                     sc_strerror(rc));
    job_free(&j);
    return rc;
}

int http_cookies_save(const struct http_cookies *jar, const char *path,
                      struct sc_error *err)
{
    struct job j = {path, SC_BUF(FILE_MAX)};
    int rc = http_cookies_write(jar, (int64_t)time(NULL), &j.text);

    if (rc == 0)
        rc = sc_offload(write_job, &j);
    if (rc < 0)
        sc_error_set(err, rc, "cannot write cookies to %s: %s", path,
                     sc_strerror(rc));
    job_free(&j);
    return rc;
}
