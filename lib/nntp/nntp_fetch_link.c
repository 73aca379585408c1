/* nntp_fetch_link.c - the connections of nntp_fetch: opened, used until nothing is
 * left, and opened again when they die; one that the server has no room for
 * waits, longer each time, and leaves its work to the others. One is enough to go
 * on: the last one's error is the fetch's. */

#include <string.h>

#include "client/conn.h"
#include "core/mem.h"
#include "core/text.h"
#include "nntp/nntp_fetch.h"
#include "sasl/digest.h"

int64_t nntp_fetch_pause_ms = 500;

/* --- who goes on --- */

static bool is_late(const struct nntp_fetching *f)
{
    return f->until != INT64_MAX && sc_now() >= f->until;
}

static bool has_work(const struct nntp_fetching *f)
{
    return !f->listed || nntp_work_left(&f->work) > 0;
}

/* Others hold articles: some come back, or the end does. */
static bool others_are_at_work(const struct nntp_link *l)
{
    return l->f->work.out > 0;
}

void nntp_links_cancel(struct nntp_fetching *f, bool all)
{
    for (int i = 0; i < f->links; i++) {
        struct nntp_link *x = f->link[i];

        if (x->task != 0 && x->task != sc_task_self() && !x->leaving &&
            (all || x->asked == x->settled))
            sc_task_cancel(x->task);
    }
}

/* Nobody needs the connections that are still being opened, or waited for. */
static void look_for_end(struct nntp_fetching *f)
{
    if (f->done || has_work(f) || f->work.out > 0)
        return;
    f->done = true;
    nntp_links_cancel(f, false);
}

/* --- a connection --- */

static int open_link(struct nntp_link *l)
{
    struct sc_options opt = l->f->opt;

    if (l->f->until != INT64_MAX) {
        opt.total_ms = l->f->until - sc_now();
        if (opt.total_ms <= 0)
            opt.total_ms = 1;
    }
    l->n = nntp_open(l->f->url, &opt);
    return sc_broken(&l->n->base);
}

static int compress(struct nntp_link *l)
{
    const unsigned want = NNTP_CAP_COMPRESS_DEFLATE;

    if ((l->f->how->flags & NNTP_COMPRESS) && (l->n->caps.have & want))
        nntp_compress(l->n); /* refused: it goes on as it was */
    return sc_broken(&l->n->base);
}

/* Lines of the overview are asked for by message-id. */
static int prepare_over(struct nntp_link *l)
{
    if (nntp_lacks(l->n, NNTP_CAP_OVER_MSGID))
        return nntp_fail(l->n, SC_ENOTSUP,
                         "the server has no OVER by message-id");
    return nntp_ask_format(l->n);
}

static int prepare(struct nntp_link *l)
{
    struct nntp_fetching *f = l->f;
    int rc = nntp_fetch_has_range(f) ? nntp_fetch_select(l) : 0;

    if (rc == 0)
        rc = compress(l);
    if (rc == 0 && f->work.ids != NULL && nntp_fetch_is_over(f))
        rc = prepare_over(l);
    if (rc == 0 && !f->listed)
        rc = nntp_fetch_list(l);
    return rc;
}

/* 480 or 483 came in the middle: log in, or begin TLS, once. */
static int unlock(struct nntp_link *l)
{
    int code = l->locked, rc = 0;

    l->locked = 0;
    if (l->unlocked != code)
        rc = code == 480 ? nntp_login_asked(l->n) : nntp_tls_asked(l->n);
    l->unlocked = code;
    if (rc == 0)
        return SC_EREPLY; /* what was said stands in ERROR */
    l->error = (struct sc_error){0};
    if (rc < 0)
        return rc;
    return nntp_fetch_has_range(l->f) ? nntp_fetch_select(l) : 0;
}

static void start_others(struct nntp_link *l);

static int use(struct nntp_link *l)
{
    struct nntp_fetching *f = l->f;
    int rc = prepare(l);

    if (rc == 0)
        start_others(l);
    while (rc == 0 && !f->stop && nntp_work_left(&f->work) > 0) {
        rc = nntp_flights(l);
        if (rc == 0 && l->locked != 0)
            rc = unlock(l);
    }
    return rc;
}

static void close_link(struct nntp_link *l, int rc)
{
    struct nntp_fetching *f = l->f;

    look_for_end(f);
    l->leaving = true;
    if (rc == 0 && !f->stop)
        nntp_close(l->n);
    else
        sc_drop(&l->n->base);
    l->leaving = false;
    l->n = NULL;
}

static int live(struct nntp_link *l)
{
    int rc;

    l->error = (struct sc_error){0};
    l->progress = l->gone = false;
    l->locked = l->unlocked = 0;
    l->asked = l->settled = 0;
    if ((rc = open_link(l)) == 0) {
        l->f->accepted = true;
        rc = use(l);
    }
    if (rc < 0 && (rc != SC_EREPLY || l->error.code == 0))
        l->error = *sc_last_error(&l->n->base);
    l->error.code = rc;
    close_link(l, rc);
    return rc;
}

/* --- after it --- */

/* Nobody has a code of its own for it. */
static bool says_too_many(const char *text)
{
    static const char words[] = "too many";

    for (; *text != '\0'; text++) {
        size_t i = 0;

        while (words[i] != '\0' && sc_lower((unsigned char)text[i]) == words[i])
            i++;
        if (words[i] == '\0')
            return true;
    }
    return false;
}

/* A server that has taken none of ours means something else, unless it says
 * so. */
static bool is_full(const struct nntp_link *l, int rc)
{
    int code = l->error.status;

    if (rc != SC_EREPLY)
        return false;
    return says_too_many(l->error.text) ||
           (l->f->accepted && (code == 400 || code == 502));
}

static bool has_died(int rc)
{
    return rc == SC_EOF || rc == SC_ESHORT || rc == SC_ECONNRESET ||
           rc == SC_EPIPE || rc == SC_ECONNREFUSED;
}

/* Is it worth while to open another one? */
static bool goes_on(struct nntp_link *l, int rc)
{
    struct nntp_fetching *f = l->f;

    if (f->stop || f->disordered || is_late(f) || !has_work(f))
        return false;
    if (l->progress)
        l->tries = 0;
    l->tries++;
    if (is_full(l, rc))
        return others_are_at_work(l) || l->tries < NNTP_REFUSALS;
    if (rc == SC_ETIMEDOUT) /* silence is not waited for twice */
        return l->progress;
    return f->accepted && has_died(rc) && l->tries < NNTP_TRIES;
}

/* Twice as long each time, and not all at once: half of it is chance. */
static int64_t pause_of(int tries)
{
    int64_t ms = nntp_fetch_pause_ms;
    uint32_t chance = 0;

    for (; tries > 1 && ms < NNTP_PAUSE_MOST; tries--)
        ms *= 2;
    if (ms > NNTP_PAUSE_MOST)
        ms = NNTP_PAUSE_MOST;
    sc_random(&chance, sizeof chance);
    return ms / 2 + (int64_t)(chance % (uint64_t)(ms / 2 + 1));
}

/* What died is opened again at once; what was refused is given time for the old
 * connections to end. */
static int wait_a_while(struct nntp_link *l, int rc)
{
    int64_t ms = pause_of(l->tries), left = l->f->until - sc_now();

    if (l->tries == 1 && !is_full(l, rc))
        return 0;
    rc = sc_sleep(ms < left ? ms : left);
    if (rc < 0)
        sc_error_set(&l->error, rc, "%s", sc_strerror(rc));
    return rc;
}

/* It cannot be mended by any other connection. */
static bool is_fatal(const struct nntp_fetching *f, int rc)
{
    return rc == SC_ECANCELED || rc == SC_ENOMEM || rc == SC_EDEADLK ||
           is_late(f);
}

/* A server that only was to be asked for the rest is left out. */
static void failed(struct nntp_link *l, int rc)
{
    struct nntp_fetching *f = l->f;

    if (f->server == 0 || is_fatal(f, rc)) {
        nntp_fetch_stop(f, rc, &l->error);
        return;
    }
    f->down = l->error;
    f->stop = f->passed_by = true;
}

static void leave(struct nntp_link *l, int rc)
{
    struct nntp_fetching *f = l->f;

    f->living--;
    if (rc < 0 && !f->stop && !f->done &&
        (is_fatal(f, rc) || (f->living == 0 && has_work(f))))
        failed(l, rc);
    look_for_end(f);
}

static void run(void *arg)
{
    struct nntp_link *l = arg;
    struct nntp_fetching *f = l->f;
    int rc = 0;

    l->task = sc_task_self();
    while (!f->stop && has_work(f)) {
        rc = live(l);
        if (rc < 0 && (!goes_on(l, rc) || (rc = wait_a_while(l, rc)) < 0))
            break;
    }
    leave(l, rc);
}

/* --- all of them --- */

static struct nntp_link *new_link(struct nntp_fetching *f)
{
    struct nntp_link *l = sc_calloc(sizeof *l);

    if (l == NULL)
        return NULL;
    l->f = f;
    l->window = f->connections > 1 ? NNTP_WINDOW_SHARED : NNTP_WINDOW;
    l->flight = sc_calloc((size_t)l->window * sizeof *l->flight);
    if (l->flight == NULL) {
        sc_free(l);
        return NULL;
    }
    f->link[f->links++] = l;
    return l;
}

static int start(struct nntp_fetching *f)
{
    struct nntp_link *l = new_link(f);
    int rc = SC_ENOMEM;

    if (l == NULL)
        return rc;
    f->living++;
    if (f->group == NULL)
        run(l);
    else if ((rc = sc_group_go(f->group, run, l)) < 0)
        f->living--;
    return f->group == NULL ? 0 : rc;
}

/* The first one knows what there is. Fewer than were asked for will do. */
static void start_others(struct nntp_link *l)
{
    struct nntp_fetching *f = l->f;

    if (f->group == NULL || f->links > 1)
        return;
    while (f->links < f->connections &&
           (uint64_t)f->links < nntp_work_left(&f->work))
        if (start(f) < 0)
            return;
}

static void free_links(struct nntp_fetching *f)
{
    for (int i = 0; i < f->links; i++) {
        sc_free(f->link[i]->flight);
        sc_free(f->link[i]);
    }
    f->links = f->living = 0;
}

/* Where no task can go on meanwhile, one connection does it. */
static struct sc_group *group_for(const struct nntp_fetching *f)
{
    struct sc_runtime *rt = sc_runtime_here();

    if (f->connections < 2 || rt == NULL || !sc_wait_lets_tasks_go_on(rt))
        return NULL;
    return sc_group_new(NULL, 0);
}

void nntp_links_run(struct nntp_fetching *f)
{
    struct sc_error e = {0};
    int rc, waited = 0;

    f->accepted = f->done = false;
    f->group = group_for(f);
    rc = start(f);
    if (f->group != NULL)
        waited = sc_group_wait(f->group);
    f->group = NULL;
    free_links(f);
    if (waited == SC_ECANCELED)
        rc = waited;
    if (rc < 0)
        nntp_fetch_stop(f, rc,
                        (sc_error_set(&e, rc, "%s", sc_strerror(rc)), &e));
}
