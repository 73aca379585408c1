/* news_article.c - stdout, an mbox, a folder of files. Each article is whole
 * before anybody sees it. */

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "../term/usage.h"
#include "news_article.h"
#include "news_report.h"

int mark_done(struct news_job *j, uint64_t n)
{
    if (n > 0 && ranges_add(&j->done, n, n) < 0)
        return job_failed(j, EXIT_MEMORY, "no memory");
    return 0;
}

/* --- lines --- */

typedef int (*take_lines)(struct article *a, const char *p, size_t n);

static int add_lines(struct article *a, const char *p, size_t n,
                     take_lines take)
{
    char out[LINES_ROOM];
    size_t piece;
    int rc = 0;

    for (; n > 0 && rc == 0; p += piece, n -= piece) {
        piece = n < LINES_PIECE ? n : LINES_PIECE;
        rc = take(a, out, lines_add(&a->lines, p, piece, out));
    }
    return rc;
}

static int end_lines(struct article *a, take_lines take)
{
    char out[16];

    return take(a, out, lines_end(&a->lines, out));
}

/* --- stdout: an mbox --- */

static int stdout_failed(struct article *a, int rc)
{
    return rc == 0 ? 0
                   : job_failed(a->job, NEWS_STORE,
                                "cannot write to stdout: %s", strerror(-rc));
}

static int stdout_take(struct article *a, const char *p, size_t n)
{
    int rc = aside_add(&a->aside, p, n);

    return rc == 0 ? 0
                   : job_failed(a->job, NEWS_STORE,
                                "cannot keep an article: %s", strerror(-rc));
}

static int stdout_begin(struct article *a)
{
    time_t now = time(NULL);
    struct tm tm;
    char line[80];
    size_t n;

    gmtime_r(&now, &tm);
    n = strftime(line, sizeof line, "From MAILER-DAEMON %a %b %e %T %Y\n", &tm);
    a->lines.quoted = true;
    return stdout_take(a, line, n);
}

static int stdout_add(struct article *a, const char *p, size_t n)
{
    return add_lines(a, p, n, stdout_take);
}

static void stdout_abandon(struct article *a)
{
    aside_free(&a->aside);
}

static int stdout_finish(struct article *a)
{
    int rc = end_lines(a, stdout_take);

    if (rc == 0)
        rc = stdout_take(a, "\n", 1);
    if (rc == 0)
        rc = stdout_failed(a, aside_write(&a->aside));
    stdout_abandon(a);
    return rc == 0 ? mark_done(a->job, a->number) : rc;
}

static const struct place stdout_place = {stdout_begin, stdout_add,
                                          stdout_finish, stdout_abandon};

/* --- an mbox --- */

static int mbox_failed(struct article *a, int rc, const struct sc_error *e)
{
    if (rc == 0)
        return 0;
    return job_failed(a->job, NEWS_STORE, "%s",
                      e->text[0] != '\0' ? e->text : sc_strerror(rc));
}

static int mbox_begin(struct article *a)
{
    struct sc_error e = {0};

    a->store = mail_mbox_begin(a->job->o->mbox, NULL, &e);
    return a->store != NULL ? 0 : mbox_failed(a, SC_ENOMEM, &e);
}

/* What goes wrong is told at the end. */
static int mbox_add(struct article *a, const char *p, size_t n)
{
    mail_store_sink(a->store, p, n);
    return 0;
}

static int mbox_finish(struct article *a)
{
    struct sc_error e = {0};
    int rc = mail_store_finish(a->store, &e);

    return rc == 0 ? mark_done(a->job, a->number) : mbox_failed(a, rc, &e);
}

static void mbox_abandon(struct article *a)
{
    mail_store_abandon(a->store);
}

static const struct place mbox_place = {mbox_begin, mbox_add, mbox_finish,
                                        mbox_abandon};

/* --- files, named by their numbers --- */

static int dir_failed(struct article *a, int rc)
{
    return rc == 0 ? 0
                   : job_failed(a->job, NEWS_STORE, "%s: %s", a->job->o->dir,
                                strerror(-rc));
}

static int dir_begin(struct article *a)
{
    int rc = dir_failed(a, kept_begin(&a->file, a->job->o->dir));

    if (rc < 0)
        kept_abandon(&a->file);
    return rc;
}

static int dir_take(struct article *a, const char *p, size_t n)
{
    int rc = kept_write(&a->file, p, n, a->size);

    a->size += n;
    return dir_failed(a, rc);
}

static int dir_add(struct article *a, const char *p, size_t n)
{
    return add_lines(a, p, n, dir_take);
}

static int dir_finish(struct article *a)
{
    char name[24];
    int rc = end_lines(a, dir_take);

    snprintf(name, sizeof name, "%" PRIu64, a->number);
    if (rc == 0)
        rc = dir_failed(a, kept_finish(&a->file, name));
    kept_abandon(&a->file);
    return rc == 0 ? mark_done(a->job, a->number) : rc;
}

static void dir_abandon(struct article *a)
{
    kept_abandon(&a->file);
}

static const struct place dir_place = {dir_begin, dir_add, dir_finish,
                                       dir_abandon};

/* --- the calls of nntp_fetch --- */

static const struct place *place_of(const struct news_options *o)
{
    if (o->yenc)
        return &yenc_place;
    if (o->mbox != NULL)
        return &mbox_place;
    return o->dir != NULL ? &dir_place : &stdout_place;
}

/* Asked for by its message-id it has the number that the overview told. */
static uint64_t number_of(const struct news_job *j,
                          const struct nntp_item *item)
{
    if (item->number == 0 && item->index < j->wanted.n)
        return j->wanted.number[item->index];
    return item->number;
}

static int begin(void *arg, struct nntp_item *item)
{
    struct news_job *j = arg;
    struct article *a = calloc(1, sizeof *a);

    if (a == NULL)
        return job_failed(j, EXIT_MEMORY, "no memory");
    a->job = j;
    a->number = number_of(j, item);
    a->lines.start = true;
    if (place_of(j->o)->begin(a) < 0) {
        free(a);
        return SC_ECANCELED;
    }
    item->user = a;
    return 0;
}

static int take(void *arg, const void *p, size_t n)
{
    struct article *a = arg;

    return place_of(a->job->o)->add(a, p, n) < 0 ? SC_ECANCELED : 0;
}

static int end(void *arg, const struct nntp_item *item, int rc)
{
    struct news_job *j = arg;
    struct article *a = item->user;

    if (item->user == arg || a == NULL) /* nobody has it, or ever will */
        return j->r.error.code == 0 && mark_done(j, number_of(j, item)) < 0
                   ? SC_ECANCELED
                   : 0;
    if (rc < 0) {
        place_of(j->o)->abandon(a);
        rc = 0;
    } else
        rc = place_of(j->o)->finish(a) < 0 ? SC_ECANCELED : 0;
    free(a);
    return rc;
}

void set_article_calls(struct nntp_fetch *how, struct news_job *j)
{
    how->what = j->o->yenc ? NNTP_BODY : NNTP_ARTICLE;
    how->begin = begin;
    how->sink = take;
    how->end = end;
    how->arg = j;
}

void end_articles(struct news_job *j)
{
    if (j->o->yenc)
        end_yenc(j);
}
