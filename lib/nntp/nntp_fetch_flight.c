/* nntp_fetch_flight.c - articles under way: asked for with a full window, given
 * to the caller where they lie, settled in the order of the answers (RFC 3977
 * section 3.5). One that is refused leaves the rest in step. */

#include <stdio.h>
#include <string.h>

#include "core/text.h"
#include "nntp/nntp_fetch.h"

static int expected(const struct nntp_flight *x)
{
    return x->want.look ? 224 : x->link->f->code;
}

static SimpleClient *client_of(const struct nntp_link *l)
{
    return &l->n->base;
}

/* --- what the caller sees --- */

static void end(struct nntp_flight *x, int rc)
{
    struct nntp_fetching *f = x->link->f;
    int told = 0;

    x->begun = false;
    if (f->how->end != NULL)
        told = f->how->end(f->how->arg, &x->item, rc);
    if (told < 0)
        nntp_fetch_stopped_by(f, told);
}

/* "220 7 <a@b>": what of it fits into an answer. */
static void learn_id(struct nntp_flight *x)
{
    const char *id = strchr(x->answer.text, '<');
    struct sc_span span = {id, id != NULL ? strcspn(id, " ") : 0};

    if (x->item.id == x->id && id != NULL && nntp_is_id(span))
        sc_span_copy(x->id, sizeof x->id, span);
}

/* "222 7 <a@b>": what another one's answer would be taken for, if a server loses
 * count. One that names nothing is believed. */
static bool is_another(const struct nntp_flight *x)
{
    struct nntp_ref told;

    if (x->answer.code == 224 ||
        nntp_parse_ref(sc_span_of(x->answer.text), &told) < 0)
        return false;
    if (nntp_fetch_has_range(x->link->f))
        return told.number != 0 && told.number != x->want.number;
    return sc_casecmp(told.id, x->item.id) != 0;
}

/* What was asked for has come? */
static int check_answer(const struct nntp_flight *x)
{
    SimpleClient *c = client_of(x->link);

    if (x->answer.code != expected(x))
        return sc_break(c, SC_EPROTO, "%d is no answer to what was asked",
                        x->answer.code);
    if (is_another(x))
        return sc_break(c, SC_EPROTO, "another article than was asked for: %s",
                        x->answer.text);
    return 0;
}

static int begin(struct nntp_flight *x)
{
    struct nntp_fetching *f = x->link->f;
    int rc = 0;

    learn_id(x);
    if (f->how->begin != NULL)
        rc = f->how->begin(f->how->arg, &x->item);
    if (rc < 0)
        return nntp_fetch_stopped_by(f, rc);
    x->begun = true;
    return 0;
}

/* --- what became of it --- */

static void what_was_said(struct nntp_flight *x, struct sc_error *e)
{
    const struct nntp_link *l = x->link;
    char number[24];

    snprintf(number, sizeof number, "%llu", (unsigned long long)x->want.number);
    sc_error_set(e, SC_EREPLY, "nntp %s: %s: %03d %s",
                 sc_client_host(client_of(l)),
                 *x->item.id != '\0' ? x->item.id : number, x->answer.code,
                 x->answer.text);
    e->status = x->answer.code;
}

/* 451: what had to be taken away; nobody has a number for it. */
static bool says_none(int code)
{
    return code == 420 || code == 423 || code == 430 || code == 451;
}

static void missing(struct nntp_flight *x)
{
    struct nntp_fetching *f = x->link->f;
    bool none = says_none(x->answer.code) || x->want.look;
    struct sc_error e = {0};

    f->work.out--;
    if (nntp_fetch_has_range(f) && !f->named && none)
        return; /* a number that may never have been */
    what_was_said(x, &e);
    if (!none)
        nntp_fetch_note(f, SC_EREPLY, &e);
    nntp_fetch_missing(f, &x->want, &x->item, &e);
}

static void ask_the_next(struct nntp_flight *x, const char *id)
{
    struct nntp_fetching *f = x->link->f;
    struct sc_error e = {0};
    int rc = nntp_work_lacks(&f->work, &x->want, id);

    if (rc < 0) {
        sc_error_set(&e, rc, "too much is missing: %s", sc_strerror(rc));
        nntp_fetch_stop(f, rc, &e);
    }
}

/* Other servers know it by its message-id alone, which the overview may still
 * have. */
static void lacking(struct nntp_flight *x)
{
    struct nntp_fetching *f = x->link->f;

    if (f->server + 1 == f->servers)
        missing(x);
    else if (!nntp_fetch_has_range(f))
        ask_the_next(x, NULL);
    else if (!x->want.look) {
        x->want.look = true;
        nntp_work_give_back(&f->work, &x->want);
    } else if (*x->id != '\0')
        ask_the_next(x, x->id);
    else
        missing(x);
}

/* RFC 3977 section 3.2.1: 400 and, here, 502 end the connection. */
static void gone(struct nntp_flight *x)
{
    struct nntp_link *l = x->link;

    l->gone = true;
    what_was_said(x, &l->error);
    sc_break(client_of(l), SC_EREPLY, "%03d %s", x->answer.code,
             x->answer.text);
    nntp_work_give_back(&l->f->work, &x->want);
}

static void refused(struct nntp_flight *x)
{
    struct nntp_link *l = x->link;
    int code = x->answer.code;

    if (code == 400 || code == 502) {
        gone(x);
        return;
    }
    if (code != 480 && code != 483) {
        l->progress = true;
        lacking(x);
        return;
    }
    if (l->locked == 0)
        what_was_said(x, &l->error);
    l->locked = code;
    nntp_work_give_back(&l->f->work, &x->want);
}

static void whole(struct nntp_flight *x)
{
    struct nntp_fetching *f = x->link->f;

    x->link->progress = true;
    if (x->want.look) {
        lacking(x);
        return;
    }
    f->work.out--;
    if (nntp_fetch_is_over(f)) {
        f->r->fetched += x->found;
        return;
    }
    if (!x->begun && (f->stop || begin(x) < 0))
        return;
    f->r->fetched++;
    end(x, 0);
}

static void cut(struct nntp_flight *x)
{
    if (x->begun)
        end(x, x->answer.rc);
    nntp_work_give_back(&x->link->f->work, &x->want);
}

static void settle_one(struct nntp_flight *x)
{
    int code = x->answer.code;

    nntp_lines_end(&x->lines);
    if (x->answer.rc < 0)
        cut(x);
    else if (code >= 400)
        refused(x);
    else if (x->begun || x->found || check_answer(x) == 0)
        whole(x);
    else
        cut(x);
}

static bool is_answered(const struct nntp_flight *x)
{
    return x->answer.rc < 0 || x->answer.code != 0;
}

/* Those before UPTO whose answers are there. Until the caller has been told, the
 * connection is not idle. */
static void settle(struct nntp_link *l, size_t upto)
{
    struct nntp_flight *x;

    while (l->settled < upto &&
           is_answered(x = &l->flight[l->settled % (size_t)l->window])) {
        settle_one(x);
        l->settled++;
    }
}

/* --- bytes come --- */

/* Before the first of a block: those before it are whole. */
static int first_bytes(struct nntp_flight *x)
{
    struct nntp_link *l = x->link;

    settle(l, x->seq);
    return l->f->stop ? SC_ECANCELED : check_answer(x);
}

/* An sc_sink. */
static int take_bytes(void *arg, const void *p, size_t n)
{
    struct nntp_flight *x = arg;
    struct nntp_fetching *f = x->link->f;
    int rc = 0;

    if (!x->begun && ((rc = first_bytes(x)) < 0 || (rc = begin(x)) < 0))
        return rc;
    if (f->stop)
        return SC_ECANCELED;
    rc = f->how->sink(x->item.user, p, n);
    return rc < 0 ? nntp_fetch_stopped_by(f, rc) : 0;
}

/* A line of the overview, for its message-id or for the caller. */
static int take_line(struct nntp_lines *lines, struct sc_span text)
{
    struct nntp_flight *x = lines->arg;
    struct nntp_fetching *f = x->link->f;
    struct nntp_article a;
    int rc = nntp_over_parse(x->link->n->format, text, &a);

    if (rc < 0)
        return rc;
    x->found = true;
    if (!x->want.look)
        return (rc = f->how->over(f->how->arg, &a)) < 0
                   ? nntp_fetch_stopped_by(f, rc)
                   : 0;
    if (a.number == x->want.number && nntp_is_id(a.message_id))
        sc_span_copy(x->id, sizeof x->id, a.message_id);
    return 0;
}

static int take_lines(void *arg, const void *p, size_t n)
{
    struct nntp_flight *x = arg;
    int rc = 0;

    if (!x->found && (rc = first_bytes(x)) < 0)
        return rc;
    return nntp_lines_sink(&x->lines, p, n);
}

/* --- commands go --- */

static struct nntp_flight *next_flight(struct nntp_link *l,
                                       const struct nntp_want *want)
{
    struct nntp_flight *x = &l->flight[l->asked % (size_t)l->window];
    const char *id = nntp_work_id(&l->f->work, want);

    x->link = l;
    x->seq = l->asked++;
    x->want = *want;
    x->begun = x->found = false;
    x->id[0] = '\0';
    x->item.index = want->index;
    x->item.number = want->number;
    x->item.id = *id != '\0' ? id : x->id;
    x->item.user = l->f->how->arg;
    x->lines.line = take_line;
    x->lines.arg = x;
    return x;
}

static const char *verb_of(const struct nntp_flight *x)
{
    static const char *const verbs[] = {
        [NNTP_OVER] = "OVER",
        [NNTP_ARTICLE] = "ARTICLE",
        [NNTP_HEAD] = "HEAD",
        [NNTP_BODY] = "BODY",
    };

    if (x->want.look)
        return x->link->n->caps.have & NNTP_CAP_OVER ? "OVER" : "XOVER";
    return verbs[x->link->f->how->what];
}

static void ask_for(struct nntp_link *l, const struct nntp_want *want)
{
    struct nntp_flight *x = next_flight(l, want);
    bool lines = want->look || nntp_fetch_is_over(l->f);
    char line[NNTP_LINE_MOST];
    int n;

    if (nntp_fetch_has_range(l->f))
        n = snprintf(line, sizeof line, "%s %llu", verb_of(x),
                     (unsigned long long)want->number);
    else
        n = snprintf(line, sizeof line, "%s %s", verb_of(x), x->item.id);
    sc_writeline_n(client_of(l), line, (size_t)n);
    sc_await_dot(client_of(l), &x->answer, lines ? take_lines : take_bytes, x);
    settle(l, l->asked);
}

/* Where several share the work, none shall be left with most of it. */
static int window_now(const struct nntp_link *l)
{
    uint64_t share = nntp_work_left(&l->f->work);

    if (l->f->living > 1)
        share /= (uint64_t)l->f->living;
    if (share < NNTP_WINDOW_LEAST)
        return NNTP_WINDOW_LEAST;
    return share < (uint64_t)l->window ? (int)share : l->window;
}

static bool may_ask(const struct nntp_link *l)
{
    return !l->f->stop && l->locked == 0 && sc_broken(client_of(l)) == 0;
}

int nntp_flights(struct nntp_link *l)
{
    struct nntp_want want;
    int rc;

    sc_window(client_of(l), l->window);
    while (may_ask(l) && nntp_work_take(&l->f->work, &want)) {
        if (l->f->connections > 1)
            sc_window(client_of(l), window_now(l));
        ask_for(l, &want);
    }
    if (l->f->stop)
        sc_break(client_of(l), SC_ECANCELED, "stopped");
    rc = sc_answered(client_of(l), NULL);
    settle(l, l->asked);
    return l->gone ? SC_EREPLY : rc;
}
