/* news_newsrc.c - two programs may mark articles at the same time: the lock is on
 * the file itself, and is good only while that still has its name. */

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "../term/complain.h"
#include "../term/usage.h"
#include "news_newsrc.h"

enum { LOCK_TRIES = 200, LOCK_PAUSE_MS = 50, FILE_MOST = 64 << 20 };

static int cannot(int exit_code, const char *path, const char *why)
{
    fprintf(stderr, "%s: %s: %s\n", program_name, path, why);
    return exit_code;
}

/* --- its lines --- */

/* Where a line stands in the text, its end without LF. */
struct line {
    size_t start, ranges, end;
    bool found;
};

static bool is_of(const char *p, size_t n, const char *group)
{
    size_t len = strlen(group);

    return n > len && memcmp(p, group, len) == 0 &&
           (p[len] == ':' || p[len] == '!');
}

static struct line find_line(const struct sc_buf *text, const char *group)
{
    struct line l = {.start = 0};
    const char *lf;

    for (; l.start < text->len; l.start = l.end + 1) {
        const char *p = text->data + l.start;

        lf = memchr(p, '\n', text->len - l.start);
        l.end = lf != NULL ? (size_t)(lf - text->data) : text->len;
        if (is_of(p, l.end - l.start, group)) {
            l.ranges = l.start + strlen(group) + 1;
            l.found = true;
            return l;
        }
    }
    return l;
}

static int parse_line(const struct sc_buf *text, const struct line *l,
                      const char *path, const char *group, struct ranges *r)
{
    struct sc_span span = {text->data + l->ranges, l->end - l->ranges};
    int rc = l->found ? ranges_parse(r, span) : 0;
    char why[600];

    if (rc < 0)
        return no_memory();
    snprintf(why, sizeof why, "the line of %s is none of a newsrc", group);
    return rc > 0 ? cannot(EXIT_READ, path, why) : 0;
}

/* --- the file --- */

static int read_all(int fd, struct sc_buf *text)
{
    char piece[16384];
    ssize_t n;
    int rc = sc_buf_add(text, "", 0);

    while (rc == 0 && (n = read(fd, piece, sizeof piece)) != 0) {
        if (n > 0)
            rc = sc_buf_add(text, piece, (size_t)n);
        else if (errno != EINTR)
            return -errno;
    }
    return rc;
}

static const char *words_of(int rc)
{
    return rc == SC_ETOOBIG ? "too large for a newsrc" : strerror(-rc);
}

int read_newsrc(const char *path, const char *group, struct ranges *r)
{
    struct sc_buf text = SC_BUF(FILE_MOST);
    int fd = open(path, O_RDONLY | O_CLOEXEC), rc;
    struct line l;

    if (fd < 0)
        return errno == ENOENT ? 0 : cannot(EXIT_READ, path, strerror(errno));
    if ((rc = read_all(fd, &text)) < 0)
        rc = cannot(EXIT_READ, path, words_of(rc));
    else {
        l = find_line(&text, group);
        rc = parse_line(&text, &l, path, group, r);
    }
    close(fd);
    sc_buf_free(&text);
    return rc;
}

/* --- marking --- */

static bool has_name(int fd, const char *path)
{
    struct stat a, b;

    return fstat(fd, &a) == 0 && stat(path, &b) == 0 && a.st_dev == b.st_dev &&
           a.st_ino == b.st_ino;
}

/* Returns the locked file, or minus errno. */
static int lock(const char *path)
{
    static const struct timespec pause = {0, LOCK_PAUSE_MS * 1000000L};
    int fd;

    for (int i = 0; i < LOCK_TRIES; i++) {
        if ((fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600)) < 0)
            return -errno;
        if (flock(fd, LOCK_EX | LOCK_NB) == 0 && has_name(fd, path))
            return fd;
        close(fd);
        nanosleep(&pause, NULL);
    }
    return -EBUSY;
}

/* TEXT with a new line L. */
static int change(struct sc_buf *out, const struct sc_buf *text,
                  const struct line *l, const char *group,
                  const struct ranges *r)
{
    size_t head = l->found ? l->ranges : text->len;
    int rc = sc_buf_add(out, text->data, head);

    if (rc == 0 && !l->found)
        rc = sc_buf_addf(
            out, "%s%s:", head > 0 && text->data[head - 1] != '\n' ? "\n" : "",
            group);
    if (rc == 0)
        rc = sc_buf_add(out, " ", 1);
    if (rc == 0)
        rc = ranges_print(r, out);
    if (rc == 0 && l->found)
        return sc_buf_add(out, text->data + l->end, text->len - l->end);
    return rc == 0 ? sc_buf_add(out, "\n", 1) : rc;
}

static int write_all(int fd, const struct sc_buf *text)
{
    ssize_t n;

    for (size_t at = 0; at < text->len; at += (size_t)n)
        if ((n = write(fd, text->data + at, text->len - at)) < 0) {
            if (errno != EINTR)
                return -errno;
            n = 0;
        }
    return fsync(fd) < 0 ? -errno : 0;
}

static void sync_folder(const char *path)
{
    char folder[4200];
    char *slash;
    int fd;

    snprintf(folder, sizeof folder, "%s", path);
    slash = strrchr(folder, '/');
    if (slash == NULL)
        snprintf(folder, sizeof folder, ".");
    else
        slash[slash == folder] = '\0';
    if ((fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)) >= 0) {
        fsync(fd);
        close(fd);
    }
}

/* OLD is the file that is replaced: its mode is kept. */
static int replace(const char *path, int old, const struct sc_buf *text)
{
    char name[4200];
    struct stat st;
    int fd, rc;

    if (snprintf(name, sizeof name, "%s.XXXXXX", path) >= (int)sizeof name)
        return -ENAMETOOLONG;
    if ((fd = mkostemp(name, O_CLOEXEC)) < 0)
        return -errno;
    rc = write_all(fd, text);
    if (rc == 0 && (fstat(old, &st) < 0 || fchmod(fd, st.st_mode & 0777) < 0))
        rc = -errno;
    close(fd);
    if (rc == 0 && rename(name, path) < 0)
        rc = -errno;
    if (rc < 0)
        unlink(name);
    else
        sync_folder(path);
    return rc;
}

static int mark(const char *path, int fd, const char *group,
                const struct ranges *more)
{
    struct sc_buf text = SC_BUF(FILE_MOST), out = SC_BUF(FILE_MOST);
    struct ranges all = {NULL, 0, 0};
    struct line l;
    int code = 0, rc = read_all(fd, &text);

    if (rc == 0) {
        l = find_line(&text, group);
        if ((code = parse_line(&text, &l, path, group, &all)) == 0)
            rc = ranges_add_all(&all, more) < 0 ? SC_ENOMEM : 0;
        if (code == 0 && rc == 0)
            rc = change(&out, &text, &l, group, &all);
        if (code == 0 && rc == 0)
            rc = replace(path, fd, &out);
    }
    if (rc < 0)
        code = cannot(EXIT_WRITE, path, words_of(rc));
    ranges_free(&all);
    sc_buf_free(&text);
    sc_buf_free(&out);
    return code;
}

/* A symbolic link stays one. */
int mark_newsrc(const char *path, const char *group, const struct ranges *more)
{
    char *real = realpath(path, NULL);
    int fd, code;

    if (real != NULL)
        path = real;
    fd = lock(path);
    if (fd < 0)
        code =
            cannot(EXIT_WRITE, path,
                   fd == -EBUSY ? "locked by another program" : strerror(-fd));
    else {
        code = mark(path, fd, group, more);
        close(fd);
    }
    free(real);
    return code;
}
