/* output.c - files that are temporary until they are whole; what is no regular
 * file is written to directly. */

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "fetch/output.h"
#include "fetch/output_name.h"
#include "fetch/place.h"
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

/* --- the beginning --- */

static int find_name(struct output *o)
{
    const struct job *j = o->job;
    int rc;

    if (output_name(j, &o->name) < 0) {
        snprintf(o->error, sizeof o->error,
                 "the URL names no file to write to");
        return EXIT_WRITE_ERROR;
    }
    if (o->name == NULL || !j->config->create_dirs ||
        (rc = make_folders(o->name)) == 0)
        return 0;
    fails(o, strerror(-rc));
    return EXIT_WRITE_ERROR;
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
    o->code = EXIT_WRITE_ERROR;
    return (rc = find_name(o)) != 0 ? rc : find_offset(o);
}

/* "bytes *\/1234" of a 416: how long the whole is. */
static bool is_whole(const struct output *o, const struct http_reply *r)
{
    const char *p = http_header(r, "Content-Range", "");

    p = strchr(p, '/');
    return p != NULL && strtoull(p + 1, NULL, 10) == o->from;
}

static int no_range(struct output *o)
{
    snprintf(o->error, sizeof o->error, "cannot go on at byte %llu",
             (unsigned long long)o->from);
    o->over = true;
    return o->code = EXIT_RANGE;
}

static void take_served_name(struct output *o, const struct http_reply *r)
{
    char *name = served_name(o->job, r);

    if (name == NULL)
        return;
    free(o->name);
    o->name = name;
    o->from_server = true;
}

int output_head(struct output *o, const struct http_reply *r)
{
    const struct config *c = o->job->config;

    if (c->remote_header_name && o->job->by_name)
        take_served_name(o, r);
    if (o->from == 0 || c->resume == NULL)
        return 0;
    o->unfit = o->over = false; /* of a login that was asked for */
    o->append = o->name != NULL && r->status != 200;
    if (r->status == 200 && o->name != NULL)
        return 0; /* anew, into a temporary file */
    if (r->status == 416 && is_whole(o, r))
        o->over = true;
    else if (r->status == 416 || r->status == 200)
        return no_range(o);
    else
        o->unfit = r->status != 206;
    return 0;
}

static mode_t new_mode(const struct output *o)
{
    mode_t mask = umask(0);

    umask(mask);
    if (o->job->config->file_mode >= 0)
        return (mode_t)o->job->config->file_mode & ~mask;
    return 0666 & ~mask;
}

static FILE *open_place(struct output *o)
{
    bool alone = !o->job->config->clobber || o->from_server;
    int fd = place_open(o->name, new_mode(o), alone, &o->temporary);

    o->in_place = fd >= 0 && o->temporary == NULL;
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
        o->file = open_place(o);
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

bool output_can_restart(const struct output *o)
{
    struct stat st;

    return o->name != NULL && (stat(o->name, &st) < 0 || S_ISREG(st.st_mode));
}

int output_restart(struct output *o)
{
    int rc = 0;

    if (o->file == stdout || !o->begun)
        return 0;
    if (o->append && o->file != NULL &&
        (fflush(o->file) != 0 ||
         ftruncate(fileno(o->file), (off_t)o->from) < 0))
        rc = fails(o, strerror(errno));
    if (o->file != NULL)
        fclose(o->file);
    if (o->temporary != NULL)
        remove_temporary(o->temporary);
    free(o->buffer);
    o->file = NULL;
    o->temporary = o->buffer = NULL;
    o->begun = o->in_place = o->over = o->unfit = false;
    return rc;
}

int output_write(struct output *o, const void *p, size_t n)
{
    if (o->over)
        return 0;
    if (o->unfit) { /* no part of the file that is there */
        no_range(o);
        return SC_EPIPE;
    }
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
    int rc;

    if (o->temporary == NULL)
        return 0;
    if (!clobber || o->from_server) {
        rc = name_unused(o, !clobber);
    } else {
        rc = place_name(o->temporary, o->name);
        if (rc < 0)
            rc = fails(o, strerror(errno));
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
             (o->append || o->in_place))
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
