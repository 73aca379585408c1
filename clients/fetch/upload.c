/* upload.c - a regular file is sent with its length, everything else in chunks
 * until it ends. */

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <simpleclient/uri.h>

#include "fetch/memory.h"
#include "fetch/upload.h"
#include "fetch/url_text.h"

/* Nobody else can go on while read(2) waits. */
static ssize_t read_stream(void *arg, void *buf, size_t n)
{
    const struct upload *u = arg;
    struct sc_wait w = {.until = u->until > 0 ? u->until : INT64_MAX};

    return sc_stream_read(u->stream, buf, n, &w);
}

static ssize_t read_some(void *arg, void *buf, size_t n)
{
    const struct upload *u = arg;
    ssize_t got;

    do
        got = read(u->fd, buf, n);
    while (got < 0 && errno == EINTR);
    return got < 0 ? -errno : got;
}

static int open_path(struct upload *u, const char *path)
{
    u->own = strcmp(path, "-") != 0 && strcmp(path, ".") != 0;
    u->fd = u->own ? open(path, O_RDONLY | O_CLOEXEC) : STDIN_FILENO;
    return u->fd < 0 ? -errno : 0;
}

/* Who shares stdin with us does not expect it to be non-blocking: opened anew
 * it is ours alone; where that cannot be (a socket), it gets its flags back. */
static Stream *open_stream(struct upload *u)
{
    char *path = print_text("/proc/self/fd/%d", u->fd);
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    Stream *s;

    free(path);
    u->flags = -1;
    if (fd < 0) {
        u->flags = fcntl(u->fd, F_GETFL);
        fd = fcntl(u->fd, F_DUPFD_CLOEXEC, STDERR_FILENO + 1);
    }
    if (fd < 0)
        return NULL;
    if ((s = sc_stream_fd(fd, NULL)) == NULL)
        close(fd);
    return s;
}

int upload_open(struct upload *u, const char *path, uint64_t from,
                struct http_source *s)
{
    struct stat st;
    int rc = open_path(u, path);

    if (rc < 0)
        return rc;
    if (fstat(u->fd, &st) < 0)
        return -errno;
    if (S_ISDIR(st.st_mode))
        return -EISDIR;
    *s = (struct http_source){
        .length = HTTP_UNKNOWN, .read = read_some, .arg = u};
    if (!S_ISREG(st.st_mode) && (u->stream = open_stream(u)) != NULL)
        s->read = read_stream;
    if (!u->own || !S_ISREG(st.st_mode))
        return 0;
    u->from = from < (uint64_t)st.st_size ? from : (uint64_t)st.st_size;
    s->length = (uint64_t)st.st_size - u->from;
    s->read = NULL;
    s->fd = u->fd;
    s->offset = u->from;
    return 0;
}

void upload_close(struct upload *u)
{
    sc_stream_close(u->stream);
    if (u->stream != NULL && u->flags >= 0)
        fcntl(u->fd, F_SETFL, u->flags);
    if (u->own)
        close(u->fd);
    u->own = false;
    u->stream = NULL;
}

char *upload_url(const char *url, const char *path)
{
    const char *slash = strrchr(path, '/');
    const char *name = slash != NULL ? slash + 1 : path;
    size_t n = strcspn(url, "?#");
    struct sc_buf out = {0};
    char *text;
    bool bare = url[url_host_end(url)] != '/';

    if (strcmp(path, "-") == 0 || strcmp(path, ".") == 0 ||
        (!bare && url[n - 1] != '/'))
        return NULL;
    add_bytes(&out, url, n);
    if (bare)
        add_text(&out, "/");
    if (uri_encode(sc_span_of(name), "", &out) < 0)
        add_bytes(&out, NULL, SIZE_MAX);
    add_text(&out, url + n);
    text = copy_text(out.data);
    sc_buf_free(&out);
    return text;
}
