/* netrc.c - logins from a netrc file, in the format of ftp(1): words between
 * white space, whatever the lines. As curl reads it, a word may stand in double
 * quotes, where a backslash escapes ("\n", "\r", "\t", else the character
 * itself); outside of quotes it is a backslash. What is no keyword is passed
 * over. Macros are skipped; who may read the file is not asked. */

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <simpleclient/task.h>

#include "client/netrc.h"
#include "core/mem.h"
#include "core/text.h"

/* One walk over a file. WORD holds secrets: it is reserved whole and wiped. */
struct netrc {
    const char *at, *end;
    int line;
    bool line_begins; /* nothing but blanks before AT on its line */
    struct sc_buf word;
};

/* One entry, its words found so far. */
struct entry {
    bool fits; /* the machine, or "default" */
    struct sc_buf user, password;
};

static void wipe(struct sc_buf *b)
{
    sc_wipe(b->data, b->cap);
    sc_buf_free(b);
}

static void entry_end(struct entry *e)
{
    wipe(&e->user);
    wipe(&e->password);
    *e = (struct entry){0};
}

/* --- words --- */

static bool is_white(char c)
{
    return c == ' ' || (c >= '\t' && c <= '\r');
}

static void next_byte(struct netrc *n)
{
    n->line_begins = *n->at == '\n' || (n->line_begins && is_white(*n->at));
    n->line += *n->at == '\n';
    n->at++;
}

static void skip_white(struct netrc *n)
{
    while (n->at < n->end && is_white(*n->at))
        next_byte(n);
}

static void skip_line(struct netrc *n)
{
    while (n->at < n->end && *n->at != '\n')
        next_byte(n);
}

/* The body of a macro ends with an empty line. */
static void skip_macro(struct netrc *n)
{
    skip_line(n);
    while (n->at < n->end) {
        next_byte(n); /* the line end */
        if (n->at < n->end && *n->at == '\r')
            next_byte(n);
        if (n->at < n->end && *n->at == '\n')
            return;
        skip_line(n);
    }
}

static char unescape(char c)
{
    return c == 'n' ? '\n' : c == 'r' ? '\r' : c == 't' ? '\t' : c;
}

/* A quoted word has no line end in it. */
static bool goes_on(const struct netrc *n)
{
    return n->at < n->end && *n->at != '\n' && *n->at != '\0';
}

static int quoted(struct netrc *n)
{
    int rc = 0;

    for (next_byte(n); rc == 0; next_byte(n)) {
        char c;

        if (!goes_on(n))
            return SC_EPROTO;
        if (*n->at == '"')
            break;
        c = *n->at;
        if (c == '\\') {
            next_byte(n);
            if (!goes_on(n))
                return SC_EPROTO;
            c = unescape(*n->at);
        }
        rc = sc_buf_add(&n->word, &c, 1);
    }
    if (rc == 0)
        next_byte(n);
    return rc;
}

/* Read a word. VALUE: it follows a keyword, so "#" is a comment only where a
 * line begins. Returns 1, 0 at the end, or an error. */
static int next_word(struct netrc *n, bool value)
{
    const char *from;
    int rc;

    n->word.len = 0;
    for (skip_white(n); n->at < n->end && *n->at == '#'; skip_white(n)) {
        if (value && !n->line_begins)
            break;
        skip_line(n);
    }
    if (n->at == n->end)
        return 0;
    if (*n->at == '"')
        return (rc = quoted(n)) < 0 ? rc : 1;
    for (from = n->at; n->at < n->end && !is_white(*n->at); next_byte(n))
        if (*n->at == '\0')
            return SC_EPROTO;
    rc = sc_buf_add(&n->word, from, (size_t)(n->at - from));
    return rc < 0 ? rc : 1;
}

/* --- entries --- */

/* Copy the word after a keyword; the first of its kind counts. */
static int take(struct netrc *n, struct sc_buf *to)
{
    int rc = next_word(n, true);

    if (rc <= 0)
        return rc < 0 ? rc : SC_EPROTO;
    if (to->data != NULL)
        return 0;
    if ((rc = sc_buf_reserve(to, n->word.len)) < 0)
        return rc;
    return sc_buf_add(to, n->word.data, n->word.len);
}

/* What stands behind "machine", "login" and the like. Returns 0 or an error. */
static int keyword(struct netrc *n, struct entry *e)
{
    struct sc_span word = {n->word.data, n->word.len};
    struct sc_buf other = {0};
    int rc = 0;

    if (sc_span_eq_nocase(word, "login") || sc_span_eq_nocase(word, "user"))
        rc = take(n, &e->user);
    else if (sc_span_eq_nocase(word, "password") ||
             sc_span_eq_nocase(word, "passwd"))
        rc = take(n, &e->password);
    else if (sc_span_eq_nocase(word, "account"))
        rc = take(n, &other);
    else if (sc_span_eq_nocase(word, "macdef"))
        skip_macro(n);
    wipe(&other);
    return rc;
}

/* Is it what was asked for? An entry that says nothing is none; one without a
 * login is for every user. */
static bool counts(const struct entry *e, const struct sc_buf *user)
{
    if (!e->fits || (e->user.data == NULL && e->password.data == NULL))
        return false;
    if (user->len == 0 || e->user.data == NULL)
        return true;
    return e->user.len == user->len &&
           memcmp(e->user.data, user->data, user->len) == 0;
}

/* The head of the entry is in WORD: does it speak of HOST? Returns 2: yes, 1:
 * "default", 0: of another, or an error. */
static int entry_head(struct netrc *n, const char *host)
{
    int rc;

    if (sc_span_eq_nocase((struct sc_span){n->word.data, n->word.len},
                          "default"))
        return 1;
    if ((rc = next_word(n, true)) <= 0)
        return rc < 0 ? rc : SC_EPROTO;
    return sc_span_eq_nocase((struct sc_span){n->word.data, n->word.len}, host)
               ? 2
               : 0;
}

static bool begins_entry(const struct netrc *n)
{
    struct sc_span word = {n->word.data, n->word.len};

    return sc_span_eq_nocase(word, "machine") ||
           sc_span_eq_nocase(word, "default");
}

/* Read the words of one entry, up to the head of the next. Returns 1: WORD is
 * that head; 0: the end; or an error. */
static int read_entry(struct netrc *n, struct entry *e)
{
    int rc;

    while ((rc = next_word(n, false)) > 0 && !begins_entry(n))
        if ((rc = keyword(n, e)) < 0)
            return rc;
    return rc;
}

/* Find the entry that counts; a machine ends the search, a default waits. */
static int search(struct netrc *n, const char *host, const struct sc_buf *user,
                  struct entry *found)
{
    struct entry e = {0};
    int rc = read_entry(n, &e); /* what stands before the first entry */

    while (rc > 0) {
        int which = entry_head(n, host);

        entry_end(&e);
        e.fits = which > 0;
        if ((rc = which < 0 ? which : read_entry(n, &e)) < 0)
            break;
        if (counts(&e, user) && (which == 2 || !found->fits)) {
            entry_end(found);
            *found = e;
            e = (struct entry){0};
            if (which == 2)
                return 0;
        }
    }
    entry_end(&e);
    return rc;
}

int sc_netrc_find(struct sc_span text, const char *host, struct sc_buf *user,
                  struct sc_buf *password, int *line)
{
    struct netrc n = {text.data, text.data + text.len, 1, true, {0}};
    struct entry found = {0};
    int rc;

    *line = 0;
    if (text.len > SC_NETRC_LIMIT)
        return SC_ETOOBIG;
    if (text.len == 0)
        return 0;
    if ((rc = sc_buf_reserve(&n.word, text.len)) == 0)
        rc = search(&n, host, user, &found);
    if (rc == 0 && found.fits) {
        password->len = 0;
        if (user->len == 0)
            rc = sc_buf_add(user, found.user.data, found.user.len);
        if (rc == 0)
            rc = sc_buf_add(password, found.password.data, found.password.len);
        rc = rc < 0 ? rc : 1;
    }
    if (rc == SC_EPROTO)
        *line = n.line;
    entry_end(&found);
    wipe(&n.word);
    return rc;
}

/* --- the file --- */

struct reading {
    const char *path;
    struct sc_buf *text;
};

/* Room for N bytes. What must move for it is wiped where it was. */
static int make_room(struct sc_buf *text, size_t n)
{
    struct sc_buf larger = {.limit = text->limit};
    int rc;

    if (text->data != NULL && text->cap - text->len > n)
        return 0;
    if ((rc = sc_buf_reserve(&larger, text->len + n)) < 0)
        return rc;
    sc_buf_add(&larger, text->data, text->len);
    wipe(text);
    *text = larger;
    return 0;
}

static int read_all(int fd, struct sc_buf *text)
{
    struct stat st;
    size_t room = 4096, had = text->len;
    ssize_t n;
    int rc;

    if (fstat(fd, &st) < 0)
        return -errno;
    if (S_ISDIR(st.st_mode))
        return -EISDIR;
    if (st.st_size > SC_NETRC_LIMIT)
        return -EFBIG;
    if (S_ISREG(st.st_mode))
        room = (size_t)st.st_size + 1;
    do {
        if ((rc = make_room(text, room)) < 0)
            return rc;
        room = text->cap - text->len - 1;
        n = read(fd, text->data + text->len, room);
        if (n > 0)
            text->len += (size_t)n;
        text->data[text->len] = '\0';
        room = text->cap - text->len > 1 ? 1 : 4096;
        if (text->len - had > SC_NETRC_LIMIT)
            return -EFBIG;
    } while (n > 0 || (n < 0 && errno == EINTR));
    return n < 0 ? -errno : 0;
}

static int read_file(void *arg)
{
    struct reading *r = arg;
    int fd = open(r->path, O_RDONLY | O_CLOEXEC), rc;

    if (fd < 0)
        return -errno;
    rc = read_all(fd, r->text);
    close(fd);
    return rc;
}

/* The name of the file, owned. NULL with RC: there is none. */
static char *file_name(const char *path, int *rc)
{
    const char *home = getenv("HOME");
    struct sc_buf name = {0};

    if (path == NULL)
        path = getenv("NETRC");
    *rc = -ENOENT;
    if (path != NULL && path[0] != '\0')
        *rc = sc_buf_addf(&name, "%s", path);
    else if (home != NULL && home[0] != '\0')
        *rc = sc_buf_addf(&name, "%s/.netrc", home);
    return name.data;
}

int sc_netrc_read(const char *path, struct sc_buf *text, struct sc_error *err)
{
    struct reading r = {NULL, text};
    int rc;
    char *name = file_name(path, &rc);

    if (rc == 0) {
        r.path = name;
        rc = sc_offload(read_file, &r);
    }
    if (rc < 0)
        sc_error_set(err, rc, "cannot read %s: %s",
                     name != NULL ? name : "~/.netrc", sc_strerror(rc));
    sc_free(name);
    return rc;
}
