/* news_job.c - the URL taken apart, passwords, and how far a dialogue came. */

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <simpleclient/uri.h>

#include "../term/secret.h"
#include "../term/transcript.h"
#include "../term/usage.h"
#include "news_job.h"

enum { EXIT_URL = 3, GROUP_MOST = 8192 };

/* --- the dialogue --- */

static bool is(const char *text, size_t n, const char *word)
{
    size_t len = strlen(word);

    return n >= len && strncmp(text, word, len) == 0;
}

/* An sc_trace_fn whose ARG is the job. */
static void watch(void *arg, int direction, const char *text, size_t n)
{
    struct news_job *j = arg;

    if (direction == '>' && is(text, n, "STARTTLS"))
        j->reached = REACHED_TLS;
    else if (direction == '>' &&
             (is(text, n, "AUTHINFO") || is(text, n, "***")))
        j->reached = REACHED_LOGIN;
    else if (direction == '>' && !is(text, n, "CAPABILITIES") &&
             !is(text, n, "MODE READER"))
        j->reached = REACHED_GROUP;
    else if (direction == '<' && j->greeting[0] == '\0')
        sc_span_copy(j->greeting, sizeof j->greeting,
                     (struct sc_span){text, n});
    if (j->o->mail.verbose)
        show_transcript(NULL, direction, text, n);
}

/* --- the URL --- */

static int bad_url(const char *what, const char *url)
{
    fprintf(stderr, "%s: %s: %s\n", program_name, what, url);
    return EXIT_URL;
}

static bool is_scheme(const char *url)
{
    return strncmp(url, "nntp:", 5) == 0 || strncmp(url, "nntps:", 6) == 0;
}

/* Digits that are a number from 1 on, and nothing else; 0: they are not. */
static uint64_t number_of(const char *p, size_t n)
{
    uint64_t out = 0;

    for (size_t i = 0; i < n; i++)
        if (p[i] < '0' || p[i] > '9' || out > (INT64_MAX - 9) / 10)
            return 0;
        else
            out = out * 10 + (uint64_t)(p[i] - '0');
    return out;
}

/* "7", "7-", "7-9". */
static bool take_range(struct news_job *j, const char *text)
{
    const char *dash = strchr(text, '-');
    size_t n = dash != NULL ? (size_t)(dash - text) : strlen(text);

    if ((j->first = number_of(text, n)) == 0)
        return false;
    if (dash == NULL)
        j->last = j->first;
    else if (dash[1] != '\0' &&
             (j->last = number_of(dash + 1, strlen(dash + 1))) < j->first)
        return false;
    return true;
}

/* "/GROUP/7-9". */
static bool take_path(struct news_job *j, const char *path)
{
    size_t n = strcspn(path + (*path == '/'), "/");
    const char *group = path + (*path == '/'), *behind = group + n;

    if (uri_decode((struct sc_span){group, n}, false, &j->group) < 0 ||
        sc_buf_add(&j->group_path, group, n) < 0)
        return false;
    return *behind == '\0' || behind[1] == '\0' ||
           (n > 0 && take_range(j, behind + 1));
}

/* A group's name goes into a newsrc, where a line is a group. */
static int take_url(struct news_job *j, const struct sc_buf *url)
{
    struct uri u = {0};
    struct sc_error e = {0};
    int rc = 0;

    if (uri_parse(&u, url->data, NULL, 0, 0, &e) < 0)
        rc = bad_url("not a URL", e.text);
    else if (!is_scheme(url->data))
        rc = bad_url("not a URL of NNTP", url->data);
    else if (u.query != NULL || u.fragment != NULL || !take_path(j, u.path))
        rc = bad_url("not GROUP, nor GROUP/FIRST-LAST", url->data);
    else if (strpbrk(j->group.data, " \t:!") != NULL)
        rc = bad_url("not the name of a group", j->group.data);
    u.path = "/";
    u.query = u.fragment = NULL;
    if (rc == 0 && uri_build(&u, &j->server) < 0)
        rc = no_memory();
    uri_free(&u);
    return rc;
}

static int split_url(struct news_job *j)
{
    struct sc_buf url = SC_BUF(GROUP_MOST);
    int rc =
        split_login(NULL, "nntp", j->o->url, &url, &j->user, &j->url_password);

    if (rc < 0 && url.data[0] == '/') /* a Unix socket */
        rc = sc_buf_add(&j->server, url.data, url.len) < 0 ? no_memory() : 0;
    else if (rc < 0)
        rc = take_url(j, &url);
    sc_buf_free(&url);
    return rc;
}

/* What stands in the list of processes is made unreadable where it may be a
 * password. */
static int copy_backups(struct news_job *j)
{
    const struct words *w = &j->o->backup;

    if (w->n > 0 && (j->backup = calloc(w->n + 1, sizeof *j->backup)) == NULL)
        return no_memory();
    for (size_t i = 0; i < w->n; i++) {
        if ((j->backup[i] = strdup(w->at[i])) == NULL)
            return no_memory();
        if (strchr(w->at[i], '@') != NULL)
            memset((char *)(uintptr_t)w->at[i], 'x', strlen(w->at[i]));
        if (!is_scheme(j->backup[i]))
            return wrong_use("--backup: not a URL of NNTP");
    }
    return 0;
}

/* Does what is to be done fit the URL? */
static int check_group(const struct news_job *j)
{
    const struct news_options *o = j->o;
    bool elsewhere = o->list || o->serverinfo || o->post;

    if (!elsewhere && j->group.len == 0)
        return bad_url("no group is named (--list lists them)", j->server.data);
    if (o->post && j->group.len > 0)
        return wrong_use("--post: the article names its groups, not the URL");
    if (o->list && j->group.len > 0 && o->wildmat != NULL)
        return wrong_use("--list: a wildmat, or a group in the URL, not both");
    return 0;
}

int make_job(struct news_job *j, const struct news_options *o)
{
    int rc;

    memset(j, 0, sizeof *j);
    j->o = o;
    j->server.limit = j->group.limit = j->group_path.limit = GROUP_MOST;
    j->user.limit = j->url_password.limit = PASSWORD_MOST;
    j->connect = o->mail.connect;
    if (sc_buf_add(&j->group, "", 0) < 0)
        return no_memory();
    if ((rc = split_url(j)) != 0 || (rc = copy_backups(j)) != 0)
        return rc;
    j->connect.user = j->user.len > 0 ? j->user.data : o->user;
    j->connect.trace = watch;
    j->connect.trace_arg = j;
    return check_group(j);
}

static void wipe(struct sc_buf *b)
{
    if (b->data != NULL)
        explicit_bzero(b->data, b->len);
    sc_buf_free(b);
}

void free_job(struct news_job *j)
{
    explicit_bzero(j->password, sizeof j->password);
    wipe(&j->url_password);
    sc_buf_free(&j->server);
    sc_buf_free(&j->user);
    sc_buf_free(&j->group);
    sc_buf_free(&j->group_path);
    for (size_t i = 0; j->backup != NULL && j->backup[i] != NULL; i++)
        free(j->backup[i]);
    free(j->backup);
    for (size_t i = 0; i < j->wanted.n; i++)
        free(j->wanted.id[i]);
    free(j->wanted.id);
    free(j->wanted.number);
    ranges_free(&j->read);
    ranges_free(&j->done);
    nntp_result_free(&j->over);
    nntp_result_free(&j->r);
}

/* --- passwords --- */

static int look(struct news_job *j)
{
    const struct mail_options *m = &j->o->mail;
    int rc;

    if (j->url_password.len > 0) {
        snprintf(j->password, sizeof j->password, "%s", j->url_password.data);
        return 0;
    }
    rc = secret_by_options(m, j->password);
    if (rc != 0 || j->password[0] != '\0' || j->connect.netrc != NULL ||
        j->connect.tls.cert != NULL || j->connect.user == NULL)
        return rc;
    return secret_by_question(j->connect.user, j->server.data, j->password);
}

int find_password(struct news_job *j)
{
    int rc = look(j);

    if (rc != 0 || j->password[0] == '\0')
        return rc;
    if (j->connect.user == NULL && !j->o->mail.bearer)
        return wrong_use("a password, but no user");
    if (j->o->mail.bearer)
        j->connect.token = j->password;
    else
        j->connect.password = j->password;
    return 0;
}

/* --- small things --- */

int job_failed(struct news_job *j, int code, const char *fmt, ...)
{
    va_list ap;

    if (j->failed.code != 0)
        return -1;
    j->failed.code = code;
    va_start(ap, fmt);
    vsnprintf(j->failed.text, sizeof j->failed.text, fmt, ap);
    va_end(ap);
    return -1;
}

static int wanted_room(struct wanted *w)
{
    size_t room = w->room > 0 ? 2 * w->room : 64;
    uint64_t *numbers;
    char **ids;

    if (w->n + 1 < w->room)
        return 0;
    if ((numbers = realloc(w->number, room * sizeof *numbers)) == NULL)
        return -1;
    w->number = numbers;
    if ((ids = realloc(w->id, room * sizeof *ids)) == NULL)
        return -1;
    w->id = ids;
    w->room = room;
    return 0;
}

int wanted_add(struct wanted *w, uint64_t number, struct sc_span id)
{
    if (wanted_room(w) < 0 || (w->id[w->n] = strndup(id.data, id.len)) == NULL)
        return -1;
    w->number[w->n++] = number;
    w->id[w->n] = NULL;
    return 0;
}
