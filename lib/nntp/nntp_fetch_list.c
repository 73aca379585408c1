/* nntp_fetch_list.c - what a range has: the numbers that LISTGROUP names (RFC 3977
 * section 6.1.2), else all that GROUP says there may be; or the overview itself,
 * which goes on behind the last line after a connection that died. */

#include "nntp/nntp_fetch.h"

int nntp_fetch_select(struct nntp_link *l)
{
    struct nntp_fetching *f = l->f;
    struct nntp_group told;
    int rc = nntp_group(l->n, f->to.group.data, &told);

    if (rc < 0 || f->listed)
        return rc;
    f->r->count = told.count;
    f->r->first = told.first;
    f->r->last = told.last;
    return 0;
}

static bool is_empty(const struct nntp_result *r)
{
    return r->last < r->first;
}

/* Where the range begins: a server may say that its group begins with 0. */
static uint64_t first_of(const struct nntp_fetching *f)
{
    uint64_t first = f->r->first > 0 ? f->r->first : 1;

    return f->to.first > first ? f->to.first : first;
}

/* --- numbers --- */

static int add_number(void *arg, uint64_t number)
{
    struct nntp_fetching *f = arg;

    return nntp_work_add(&f->work, number, 1);
}

static bool is_unknown(const struct nntp_link *l)
{
    int code = sc_last_error(&l->n->base)->status;

    return sc_broken(&l->n->base) == 0 &&
           (code == 500 || code == 501 || code == 503);
}

static bool has_none(const struct nntp_link *l)
{
    int code = sc_last_error(&l->n->base)->status;

    return sc_broken(&l->n->base) == 0 && (code == 420 || code == 423);
}

static int add_all(struct nntp_fetching *f, uint64_t first)
{
    uint64_t last = f->r->last;

    if (f->to.last != 0 && f->to.last < last)
        last = f->to.last;
    return last < first ? 0 : nntp_work_add(&f->work, first, last - first + 1);
}

static int list_numbers(struct nntp_link *l)
{
    struct nntp_fetching *f = l->f;
    uint64_t first = first_of(f);
    int rc;

    nntp_work_clear(&f->work);
    if (is_empty(f->r) || (f->to.last != 0 && f->to.last < first))
        return 0;
    rc = nntp_listgroup(l->n, f->to.group.data, first, f->to.last, add_number,
                        f, NULL);
    f->named = rc == 0;
    if (rc == SC_EREPLY && has_none(l))
        return 0;
    if (rc == SC_EREPLY && is_unknown(l))
        return add_all(f, first);
    return rc;
}

/* --- the overview --- */

static int see_line(void *arg, const struct nntp_article *a)
{
    struct nntp_link *l = arg;
    struct nntp_fetching *f = l->f;
    int rc;

    if (a->number < f->over_next)
        f->disordered = true;
    else
        f->over_next = a->number + 1;
    l->progress = true;
    f->r->fetched++;
    rc = f->how->over(f->how->arg, a);
    return rc < 0 ? nntp_fetch_stopped_by(f, rc) : 0;
}

int nntp_fetch_over(struct nntp_link *l)
{
    struct nntp_fetching *f = l->f;
    uint64_t first = first_of(f);

    if (f->over_next > first)
        first = f->over_next;
    if (is_empty(f->r) || (f->to.last != 0 && f->to.last < first))
        return 0;
    return nntp_over(l->n, first, f->to.last, see_line, l);
}

int nntp_fetch_list(struct nntp_link *l)
{
    struct nntp_fetching *f = l->f;
    int rc = nntp_fetch_is_over(f) ? nntp_fetch_over(l) : list_numbers(l);

    f->listed = rc == 0;
    l->progress = l->progress || rc == 0;
    return rc;
}
