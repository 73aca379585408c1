/* output.c - files by name, by URL, by the server's word; temporary until they
 * are whole; what is no regular file is written to directly. */

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>

#include "fetch/output.h"
#include "fetch/temporary.h"

enum {
    EXIT_WRITE_ERROR = 23,
    EXIT_RANGE = 33,
    CLOBBER_TRIES = 100,
    BUFFER = 65536
};

static int fails(struct output *o, const char *why)
{
    if (o->error[0] == '\0')
        snprintf(o->error, sizeof o->error, "cannot write to %.90s: %s",
                 o->name != NULL ? o->name : "stdout", why);
    return SC_EPIPE;
}

/* --- names --- */

char *name_of_url(const char *url)
{
    const char *p = strstr(url, "://"), *end, *slash;

    p = p != NULL ? p + 3 : url;
    end = p + strcspn(p, "?#");
    if ((p = memchr(p, '/', (size_t)(end - p))) == NULL)
        return NULL;
    slash = memrchr(p, '/', (size_t)(end - p));
    return slash + 1 < end
               ? print_text("%.*s", (int)(end - slash - 1), slash + 1)
               : NULL;
}

/* "a/b/../c" would leave the folder; only the last part counts. */
static const char *last_part(const char *name)
{
    const char *slash = strrchr(name, '/'), *back;

    name = slash != NULL ? slash + 1 : name;
    back = strrchr(name, '\\');
    return back != NULL ? back + 1 : name;
}

static void in_directory(struct output *o, const char *name)
{
    const char *dir = o->job->config->output_dir;

    free(o->name);
    o->name = dir != NULL && name[0] != '/' ? print_text("%s/%s", dir, name)
                                            : copy_text(name);
}

/* filename=x or "x" of a Content-Disposition (RFC 6266). */
static char *disposed_name(const char *p)
{
    char *name, *to;
    char stop = ';';

    while ((p = strchr(p, ';')) != NULL) {
        p += 1 + strspn(p + 1, " \t");
        if (strncasecmp(p, "filename=", 9) == 0)
            break;
    }
    if (p == NULL)
        return NULL;
    p += 9;
    if (*p == '"' || *p == '\'')
        stop = *p++;
    name = to = copy_text(p);
    for (; *p != '\0' && *p != stop; p++) {
        if (*p == '\\' && stop == '"' && p[1] != '\0')
            p++;
        *to++ = *p;
    }
    *to = '\0';
    return name;
}

static void take_server_name(struct output *o, const struct http_reply *r)
{
    const char *head = http_header(r, "Content-Disposition", NULL);
    char *name = head != NULL ? disposed_name(head) : NULL;
    const char *last = name != NULL ? last_part(name) : "";

    if (*last != '\0' && strcmp(last, ".") != 0 && strcmp(last, "..") != 0) {
        in_directory(o, last);
        o->from_server = true;
    }
    free(name);
}

static int make_directories(struct output *o)
{
    char *path = copy_text(o->name);
    int rc = 0;

    for (char *p = path + 1; (p = strchr(p, '/')) != NULL && rc == 0; p++) {
        *p = '\0';
        if (mkdir(path, 0750) < 0 && errno != EEXIST && errno != EISDIR)
            rc = fails(o, strerror(errno));
        *p = '/';
    }
    free(path);
    return rc;
}

/* --- the beginning --- */

static int find_name(struct output *o)
{
    const struct job *j = o->job;
    char *name;

    if (j->output != NULL) {
        in_directory(o, j->output);
    } else if (j->by_name) {
        if ((name = name_of_url(j->url)) == NULL) {
            snprintf(o->error, sizeof o->error,
                     "the URL names no file to write to");
            return EXIT_WRITE_ERROR;
        }
        in_directory(o, name);
        free(name);
    }
    if (o->name != NULL && j->config->create_dirs && make_directories(o) < 0)
        return EXIT_WRITE_ERROR;
    return 0;
}

static int find_offset(struct output *o)
{
    const char *text = o->job->config->resume;
    struct stat st;
    char *end;

    if (text == NULL || o->job->upload != NULL)
        return 0;
    if (strcmp(text, "-") == 0) {
        if (o->name != NULL && stat(o->name, &st) == 0 && S_ISREG(st.st_mode))
            o->from = (uint64_t)st.st_size;
    } else {
        errno = 0;
        o->from = strtoull(text, &end, 10);
        if (*text < '0' || *text > '9' || *end != '\0' || errno != 0) {
            snprintf(o->error, sizeof o->error, "-C '%.60s' is no number",
                     text);
            return 2;
        }
    }
    o->append = o->name != NULL;
    return 0;
}

int output_open(struct output *o, const struct job *j)
{
    int rc;

    memset(o, 0, sizeof *o);
    o->job = j;
    return (rc = find_name(o)) != 0 ? rc : find_offset(o);
}

/* "bytes *\/1234" of a 416: how long the whole is. */
static bool is_whole(const struct output *o, const struct http_reply *r)
{
    const char *p = http_header(r, "Content-Range", "");

    p = strchr(p, '/');
    return p != NULL && strtoull(p + 1, NULL, 10) == o->from;
}

int output_head(struct output *o, const struct http_reply *r)
{
    const struct config *c = o->job->config;

    if (c->remote_header_name && o->job->by_name)
        take_server_name(o, r);
    if (o->from == 0 || c->resume == NULL)
        return 0;
    if (r->status == 416) {
        o->over = true;
        if (is_whole(o, r))
            return 0;
    } else if (r->status != 200) {
        return 0;
    } else if (o->name != NULL) {
        o->append = false; /* anew, into a temporary file */
        o->from = 0;
        return 0;
    }
    snprintf(o->error, sizeof o->error, "cannot go on at byte %llu",
             (unsigned long long)o->from);
    o->over = true;
    return EXIT_RANGE;
}

static mode_t new_mode(const struct output *o)
{
    mode_t mask = umask(0);

    umask(mask);
    if (o->job->config->file_mode >= 0)
        return (mode_t)o->job->config->file_mode & ~mask;
    return 0666 & ~mask;
}

static FILE *open_beside(struct output *o, const struct stat *st)
{
    char *real = realpath(o->name, NULL);
    int fd = make_temporary(real != NULL ? real : o->name,
                            st != NULL ? st->st_mode & 07777 : new_mode(o),
                            &o->temporary);

    free(real);
    return fd >= 0 ? fdopen(fd, "wb") : NULL;
}

static FILE *open_append(struct output *o)
{
    int fd =
        open(o->name, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, new_mode(o));

    return fd >= 0 ? fdopen(fd, "ab") : NULL;
}

static int begin(struct output *o)
{
    struct stat st;
    bool there;

    o->begun = true;
    if (o->name == NULL) {
        o->file = stdout;
        return 0;
    }
    there = stat(o->name, &st) == 0;
    if (there && access(o->name, W_OK) < 0) /* renaming would not ask */
        return fails(o, strerror(errno));
    if (there && !S_ISREG(st.st_mode))
        o->file = fopen(o->name, "wb");
    else if (o->append)
        o->file = open_append(o);
    else
        o->file = open_beside(o, there ? &st : NULL);
    if (o->file == NULL)
        return fails(o, strerror(errno));
    o->buffer = grow_memory(NULL, BUFFER);
    setvbuf(o->file, o->buffer, _IOFBF, BUFFER);
    return 0;
}

/* Text goes to a terminal, other bytes only if they were sent there by name. */
static bool is_binary_on_terminal(const struct output *o, const void *p,
                                  size_t n)
{
    static int terminal = -1;

    if (o->file != stdout || o->job->told)
        return false;
    if (terminal < 0)
        terminal = isatty(STDOUT_FILENO);
    return terminal && memchr(p, '\0', n) != NULL;
}

int output_write(struct output *o, const void *p, size_t n)
{
    if (o->over)
        return 0;
    if (!o->begun && begin(o) < 0)
        return SC_EPIPE;
    if (o->file == NULL)
        return SC_EPIPE;
    if (is_binary_on_terminal(o, p, n))
        return fails(o, "binary data on a terminal; '-o -' if it is wanted");
    if (fwrite(p, 1, n, o->file) != n ||
        (o->job->config->no_buffer && fflush(o->file) != 0))
        return fails(o, strerror(errno));
    return 0;
}

/* --- the end --- */

/* Without clobbering: NAME, NAME.1, NAME.2 ... whichever is free. */
static int name_unused(struct output *o, bool tries)
{
    char *name = copy_text(o->name);
    int rc, i = 0;

    while ((rc = link(o->temporary, name)) < 0 && errno == EEXIST && tries &&
           i++ < CLOBBER_TRIES) {
        free(name);
        name = print_text("%s.%d", o->name, i);
    }
    if (rc < 0)
        fails(o, strerror(errno));
    free(o->name);
    o->name = name;
    remove_temporary(o->temporary);
    return rc < 0 ? SC_EPIPE : 0;
}

static int give_name(struct output *o)
{
    bool clobber = o->job->config->clobber;
    char *real;
    int rc;

    if (o->temporary == NULL)
        return 0;
    if (!clobber || o->from_server) {
        rc = name_unused(o, !clobber);
    } else {
        real = realpath(o->name, NULL);
        rc =
            rename_temporary(o->temporary, real != NULL ? real : o->name, true);
        if (rc < 0)
            rc = fails(o, strerror(errno));
        free(real);
    }
    o->temporary = NULL;
    return rc;
}

static void set_time(const struct output *o, int64_t mtime)
{
    struct timespec t[2] = {{mtime, 0}, {mtime, 0}};

    if (mtime > 0 && o->name != NULL)
        futimens(fileno(o->file), t);
}

static int close_file(struct output *o, bool good, int64_t mtime)
{
    int rc = 0;

    if (o->file == NULL)
        return good ? SC_EPIPE : 0;
    if (o->file == stdout) { /* main flushes and checks it */
        o->file = NULL;
        return 0;
    }
    if (fflush(o->file) != 0)
        rc = fails(o, strerror(errno));
    if (good && rc == 0)
        set_time(o, mtime);
    if (fclose(o->file) != 0 && rc == 0)
        rc = fails(o, strerror(errno));
    o->file = NULL;
    return rc;
}

int output_close(struct output *o, bool good, int64_t mtime)
{
    int rc = 0;

    if (o->over)
        good = good && o->begun;
    else if (good && !o->begun)
        rc = begin(o);
    if (o->begun && rc == 0)
        rc = close_file(o, good, mtime);
    if (good && rc == 0)
        return give_name(o);
    if (o->temporary != NULL)
        remove_temporary(o->temporary);
    else if (o->begun && o->name != NULL && o->job->config->remove_on_error &&
             o->append)
        unlink(o->name);
    o->temporary = NULL;
    return rc;
}

void output_free(struct output *o)
{
    free(o->name);
    free(o->buffer);
    o->name = o->buffer = NULL;
}
