/* news_yenc.c - a file comes in parts, each an article: a part is written where it
 * belongs, and counts when its CRC was right; the file gets its name when it is
 * whole. What was good once is not written again. */

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../term/usage.h"
#include "news_article.h"
#include "news_report.h"

/* Bytes of a file that are there, or just coming. */
struct stretch {
    uint64_t begin, end;
    struct yenc_part *coming; /* NULL: they are good */
};

struct yenc_file {
    struct yenc_file *next;
    char name[256];
    uint64_t size, good; /* bytes */
    struct kept at;
    int users; /* parts that are coming */
    bool whole;
    struct stretch *stretch;
    size_t n;
    struct ranges numbers; /* of the articles that brought them */
};

struct yenc_part {
    struct news_job *job;
    struct nntp_yenc_decoder *decoder;
    struct yenc_file *file; /* NULL: not known yet */
    uint64_t at;            /* the next byte's place in the file */
    bool known;             /* its bytes are there already, or coming */
};

static struct yenc_file *files;

/* --- files --- */

static int file_failed(struct news_job *j, int rc)
{
    const char *dir = j->o->dir != NULL ? j->o->dir : ".";

    return rc == 0 ? 0
                   : job_failed(j, NEWS_STORE, "%s: %s", dir, strerror(-rc));
}

static int no_room(struct news_job *j)
{
    return job_failed(j, EXIT_MEMORY, "no memory");
}

static struct yenc_file *find_file(const struct nntp_yenc *y)
{
    for (struct yenc_file *f = files; f != NULL; f = f->next)
        if (f->size == y->size && strcmp(f->name, y->name) == 0)
            return f;
    return NULL;
}

static int new_file(struct news_job *j, const struct nntp_yenc *y,
                    struct yenc_file **out)
{
    struct yenc_file *f = calloc(1, sizeof *f);
    int rc;

    if ((*out = f) == NULL)
        return no_room(j);
    f->next = files;
    files = f;
    memcpy(f->name, y->name, sizeof f->name);
    f->size = y->size;
    rc = kept_begin(&f->at, j->o->dir != NULL ? j->o->dir : ".");
    kept_close(&f->at);
    return file_failed(j, rc);
}

/* Articles that are a file each are files of their own, whatever they are called:
 * the file of one is whole before another is looked for, or is coming. */
static int file_of(struct news_job *j, const struct nntp_yenc *y,
                   struct yenc_file **out)
{
    *out = y->part > 0 ? find_file(y) : NULL;
    return *out != NULL ? 0 : new_file(j, y, out);
}

static void forget(struct yenc_file *f, struct yenc_part *p)
{
    for (size_t i = 0; i < f->n; i++)
        if (f->stretch[i].coming == p)
            f->stretch[i--] = f->stretch[--f->n];
}

static bool is_taken(const struct yenc_file *f, uint64_t begin, uint64_t end)
{
    for (size_t i = 0; i < f->n; i++)
        if (f->stretch[i].begin < end && begin < f->stretch[i].end)
            return true;
    return false;
}

static int take_stretch(struct yenc_part *p, const struct nntp_yenc *y)
{
    struct yenc_file *f = p->file;
    struct stretch *more = realloc(f->stretch, (f->n + 1) * sizeof *more);

    if (more == NULL)
        return no_room(p->job);
    f->stretch = more;
    f->stretch[f->n++] = (struct stretch){y->begin, y->end, p};
    return 0;
}

/* Its header has come. */
static int join(struct yenc_part *p)
{
    const struct nntp_yenc *y = nntp_yenc_info(p->decoder);

    if (file_of(p->job, y, &p->file) < 0)
        return -1;
    p->at = y->begin;
    p->file->users++;
    p->known = p->file->whole || is_taken(p->file, y->begin, y->end);
    if (p->known)
        return 0;
    if (take_stretch(p, y) < 0)
        return -1;
    return file_failed(p->job, kept_open(&p->file->at));
}

static void free_file(struct yenc_file *f)
{
    struct yenc_file **at = &files;

    while (*at != f)
        at = &(*at)->next;
    *at = f->next;
    kept_abandon(&f->at);
    ranges_free(&f->numbers);
    free(f->stretch);
    free(f);
}

/* A file of which nothing has come is none. */
static void leave(struct yenc_part *p)
{
    struct yenc_file *f = p->file;

    if (f == NULL)
        return;
    forget(f, p);
    if (--f->users > 0)
        return;
    kept_close(&f->at);
    if (f->n == 0 && !f->whole)
        free_file(f);
}

/* An sc_sink. */
static int take_decoded(void *arg, const void *data, size_t n)
{
    struct yenc_part *p = arg;
    int rc = p->file == NULL ? join(p) : 0;

    if (rc == 0 && !p->known)
        rc = file_failed(p->job, kept_write(&p->file->at, data, n, p->at));
    p->at += n;
    return rc < 0 ? SC_ECANCELED : 0;
}

/* --- parts --- */

static int yenc_begin(struct article *a)
{
    struct yenc_part *p = calloc(1, sizeof *p);

    if (p == NULL)
        return no_room(a->job);
    p->job = a->job;
    if ((p->decoder = nntp_yenc_decoder_new(take_decoded, p)) == NULL) {
        free(p);
        return no_room(a->job);
    }
    a->part = p;
    return 0;
}

static int yenc_add(struct article *a, const char *p, size_t n)
{
    return nntp_yenc_sink(a->part->decoder, p, n) < 0
               ? job_failed(a->job, EXIT_MEMORY, "no memory")
               : 0;
}

static void yenc_abandon(struct article *a)
{
    leave(a->part);
    nntp_yenc_decoder_free(a->part->decoder);
    free(a->part);
}

static int save(struct news_job *j, struct yenc_file *f)
{
    f->whole = true;
    if (file_failed(j, kept_finish(&f->at, f->name)) < 0)
        return -1;
    j->files++;
    return ranges_add_all(&j->done, &f->numbers) < 0 ? no_room(j) : 0;
}

static void settle(struct yenc_part *p)
{
    struct yenc_file *f = p->file;

    for (size_t i = 0; i < f->n; i++)
        if (f->stretch[i].coming == p) {
            f->stretch[i].coming = NULL;
            f->good += f->stretch[i].end - f->stretch[i].begin;
        }
}

/* It was as it was sent. */
static int good_part(struct article *a)
{
    struct yenc_part *p = a->part;

    if (p->file == NULL && join(p) < 0) /* no bytes at all */
        return -1;
    if (p->file->whole)
        return mark_done(a->job, a->number);
    if (a->number > 0 &&
        ranges_add(&p->file->numbers, a->number, a->number) < 0)
        return no_room(a->job);
    if (!p->known)
        settle(p);
    return p->file->good == p->file->size ? save(a->job, p->file) : 0;
}

static int bad_part(struct article *a, int rc, const struct sc_error *e)
{
    const struct nntp_yenc *y = nntp_yenc_info(a->part->decoder);

    if (rc == SC_ENOTSUP)
        return job_failed(a->job, NEWS_DAMAGED, "%s", e->text);
    if (y->name[0] == '\0' && y->size == 0) { /* a text, just so */
        a->job->plain++;
        return mark_done(a->job, a->number);
    }
    a->job->damaged++;
    fprintf(stderr, "%s: article %" PRIu64 ": %s: %s\n", program_name,
            a->number, y->name, e->text);
    return 0;
}

static int yenc_finish(struct article *a)
{
    struct sc_error e = {0};
    int rc = nntp_yenc_finish(a->part->decoder, &e);

    rc = rc == 0 ? good_part(a) : bad_part(a, rc, &e);
    yenc_abandon(a);
    return rc;
}

const struct place yenc_place = {yenc_begin, yenc_add, yenc_finish,
                                 yenc_abandon};

/* --- the end --- */

static void tell_incomplete(struct news_job *j, const struct yenc_file *f)
{
    j->partial++;
    fprintf(stderr, "%s: %s: not complete: %" PRIu64 " of %" PRIu64 " bytes\n",
            program_name, f->name, f->good, f->size);
}

void end_yenc(struct news_job *j)
{
    struct yenc_file *f;

    while ((f = files) != NULL) {
        if (!f->whole && j->failed.code == 0)
            tell_incomplete(j, f);
        free_file(f);
    }
}
