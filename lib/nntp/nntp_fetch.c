/* nntp_fetch.c - overview or articles of a range, or articles by message-id, in
 * one call: from one server, and what it lacks from the next. */

#include <string.h>

#include "client/conn.h"
#include "core/mem.h"
#include "nntp/nntp_fetch.h"
#include "run/clock.h"

void nntp_result_free(struct nntp_result *r)
{
    *r = (struct nntp_result){0};
}

/* --- errors --- */

int nntp_fetch_note(struct nntp_fetching *f, int rc, const struct sc_error *e)
{
    if (f->r->error.code == 0) {
        f->r->error = *e;
        f->r->error.code = rc;
    }
    return rc;
}

int nntp_fetch_stop(struct nntp_fetching *f, int rc, const struct sc_error *e)
{
    nntp_fetch_note(f, rc, e);
    if (!f->stop) {
        f->stop = true;
        nntp_links_cancel(f, true);
    }
    return rc;
}

int nntp_fetch_stopped_by(struct nntp_fetching *f, int rc)
{
    struct sc_error e = {0};

    sc_error_set(&e, rc, "nntp: what came was not taken: %s", sc_strerror(rc));
    return nntp_fetch_stop(f, rc, &e);
}

void nntp_fetch_missing(struct nntp_fetching *f, const struct nntp_want *x,
                        const struct nntp_item *item, const struct sc_error *e)
{
    int rc = 0;

    f->r->missing++;
    if (x->unsure)
        nntp_fetch_note(f, f->down.code, &f->down);
    if (f->none.code == 0)
        f->none = *e;
    if (!nntp_fetch_is_over(f) && f->how->end != NULL)
        rc = f->how->end(f->how->arg, item, SC_EREPLY);
    if (rc < 0)
        nntp_fetch_stopped_by(f, rc);
}

/* --- what is asked --- */

static int check_ids(const char *const *ids)
{
    for (; *ids != NULL; ids++)
        if (!nntp_is_id(sc_span_of(*ids)))
            return SC_EINVAL;
    return 0;
}

static const char *what_is_wrong(const struct nntp_fetch *how)
{
    if (how->what < NNTP_OVER || how->what > NNTP_BODY)
        return "it is not said what to fetch";
    if (how->what == NNTP_OVER ? how->over == NULL : how->sink == NULL)
        return "there is no place to put it";
    if (how->connections < 0 || how->connections > NNTP_CONNECTIONS_MOST)
        return "no such number of connections";
    if (how->ids != NULL && check_ids(how->ids) < 0)
        return "no message-id: <...> is one";
    return NULL;
}

static int parse(struct nntp_fetching *f, const char *url)
{
    struct sc_error *e = &f->r->error;
    int rc = nntp_target_of(&f->to, url, e);
    bool group = f->to.group.len > 0;

    if (rc < 0)
        return rc;
    if (f->how->ids != NULL && group)
        return sc_error_set(e, SC_EURL, "a group, and message-ids");
    if (f->how->ids == NULL && !group)
        return sc_error_set(e, SC_EURL, "no group is named");
    return 0;
}

static int prepare(struct nntp_fetching *f, const char *url)
{
    static const int codes[] = {224, 220, 221, 222};
    const struct nntp_fetch *how = f->how;
    size_t window;

    f->url = url;
    f->opt = *sc_options_or_default(how->options);
    f->until = f->opt.total_ms > 0 ? sc_until(f->opt.total_ms) : INT64_MAX;
    f->code = codes[how->what];
    f->connections = how->connections > 0 ? how->connections : 1;
    if (nntp_fetch_is_over(f) && how->ids == NULL)
        f->connections = 1;
    for (f->servers = 1; how->backups != NULL; f->servers++)
        if (how->backups[f->servers - 1] == NULL)
            break;
    f->work.ids = how->ids;
    for (; how->ids != NULL && how->ids[f->work.n_ids] != NULL; f->work.n_ids++)
        f->work.fresh++;
    f->listed = f->named = how->ids != NULL;
    window = f->connections > 1 ? NNTP_WINDOW_SHARED : NNTP_WINDOW;
    f->link = sc_calloc((size_t)f->connections * sizeof(struct nntp_link *));
    if (f->link == NULL)
        return SC_ENOMEM;
    return nntp_work_reserve(&f->work, (size_t)f->connections * window);
}

/* --- one server after another --- */

/* What could not be asked for here: the next one, if there is one. */
static void pass_by(struct nntp_fetching *f)
{
    struct nntp_want x;
    struct nntp_item item;
    int rc;

    f->stop = f->passed_by = false;
    while (!f->stop && nntp_work_take(&f->work, &x)) {
        x.unsure = true;
        item = (struct nntp_item){x.index, x.number, nntp_work_id(&f->work, &x),
                                  f->how->arg};
        if (f->server + 1 == f->servers) {
            f->work.out--;
            nntp_fetch_missing(f, &x, &item, &f->down);
        } else if ((rc = nntp_work_lacks(&f->work, &x, NULL)) < 0)
            nntp_fetch_stopped_by(f, rc);
    }
}

/* A short success would be the worst of all. */
static void check_end(struct nntp_fetching *f)
{
    struct sc_error e = {0};

    if (f->stop || (nntp_work_left(&f->work) == 0 && f->work.out == 0))
        return;
    sc_error_set(&e, SC_ESHORT, "not all of it was fetched");
    nntp_fetch_stop(f, SC_ESHORT, &e);
}

/* Logins belong to the server that they were meant for: another has those of its
 * URL and of netrc. */
static void turn_to(struct nntp_fetching *f, size_t server)
{
    f->server = server;
    f->url = f->how->backups[server - 1];
    f->opt.user = f->opt.password = f->opt.token = f->opt.authzid = NULL;
    f->opt.tls.host = NULL;
    nntp_work_turn(&f->work);
}

static void run(struct nntp_fetching *f)
{
    if (f->listed && f->work.fresh == 0)
        return;
    nntp_links_run(f);
    check_end(f);
    for (size_t i = 1; !f->stop && f->work.lacking.len > 0; i++) {
        turn_to(f, i);
        nntp_links_run(f);
        if (f->passed_by)
            pass_by(f);
        check_end(f);
    }
    if (f->work.ids != NULL && f->r->missing > 0)
        nntp_fetch_note(f, SC_EREPLY, &f->none);
}

static void free_fetching(struct nntp_fetching *f)
{
    nntp_work_free(&f->work);
    sc_buf_free(&f->to.group);
    sc_free(f->link);
    sc_free(f);
}

int nntp_fetch(const char *url, const struct nntp_fetch *how,
               struct nntp_result *r)
{
    const char *wrong = what_is_wrong(how);
    struct nntp_fetching *f;
    int rc;

    nntp_result_free(r);
    if (wrong != NULL)
        return sc_error_set(&r->error, SC_EINVAL, "%s", wrong);
    if ((f = sc_calloc(sizeof *f)) == NULL)
        return sc_error_set(&r->error, SC_ENOMEM, "%s", sc_strerror(SC_ENOMEM));
    f->how = how;
    f->r = r;
    if ((rc = parse(f, url)) == 0) {
        if ((rc = prepare(f, url)) == 0)
            run(f);
        else
            sc_error_set(&r->error, rc, "%s", sc_strerror(rc));
    }
    free_fetching(f);
    return r->error.code;
}
