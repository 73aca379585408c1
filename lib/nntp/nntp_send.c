/* nntp_send.c - one call: one article, and what became of it. A connection that
 * dies behind the final dot leaves that open: the server is asked by Message-ID,
 * which makes sending it again safe, too (RFC 5537 section 3.4.1: one that it has
 * is refused). */

#include <string.h>

#include "client/conn.h"
#include "client/pool.h"
#include "core/text.h"
#include "nntp/nntp_send.h"
#include "run/clock.h"

struct sending {
    const char *url;
    struct sc_options opt; /* strings are the caller's */
    int64_t until;         /* total_ms' end, or INT64_MAX */
    NNTPClient *n;
    struct nntp_draft draft;
    struct nntp_sent *r;
    bool wanted; /* 340 was said */
};

/* --- what is told --- */

static void note_reply(struct nntp_sent *r, const struct sc_reply *from)
{
    r->code = from->code;
    sc_show(r->text, sizeof r->text, from->text.data, from->text.len);
}

/* What the client says of its failure. */
static int note(struct sending *t, int rc)
{
    t->r->error = *sc_last_error(&t->n->base);
    if (t->r->error.code != rc)
        sc_error_set(&t->r->error, rc, "%s", sc_strerror(rc));
    return rc;
}

static int sent(struct sending *t)
{
    t->r->outcome = NNTP_SENT;
    t->r->error = (struct sc_error){0};
    return 0;
}

static int unknown(struct sending *t)
{
    struct sc_error e = *sc_last_error(&t->n->base);

    t->r->outcome = NNTP_UNKNOWN;
    sc_error_set(&t->r->error, SC_EUNKNOWN, "sent, but not answered: %.200s",
                 e.text);
    t->r->error.status = e.status;
    return SC_EUNKNOWN;
}

/* --- the connection --- */

static void open_new(struct sending *t)
{
    if (t->n != NULL)
        sc_drop(&t->n->base);
    if (t->until != INT64_MAX) /* what is left of it; a bit, if none is */
        t->opt.total_ms = t->until > sc_now() ? t->until - sc_now() : 1;
    t->n = nntp_open(t->url, &t->opt);
}

static void give_back(NNTPClient *n)
{
    if (sc_client_options(&n->base)->flags & SC_OPT_NO_POOL)
        nntp_close(n); /* what QUIT brings does not change what was sent */
    else
        sc_pool_give(&n->base);
}

/* --- POST (RFC 3977 section 6.3.1) --- */

/* 400 and 502 here do not tell what became of the article. */
static int hear(struct sending *t)
{
    struct sc_reply r;
    int rc = sc_reply(&t->n->base, &r);

    if (rc < 0)
        return unknown(t);
    note_reply(t->r, &r);
    if (r.code == 240)
        return sent(t);
    if (r.code == 400 || r.code == 502) {
        nntp_gone(t->n, &r);
        return unknown(t);
    }
    if ((rc = sc_refuse(&t->n->base, &r)) != SC_EREPLY)
        return unknown(t);
    return note(t, rc);
}

/* What a login said between is not R any more. */
static int not_wanted(struct sending *t, const struct sc_reply *r, int rc)
{
    const int code = sc_last_error(&t->n->base)->status;

    t->r->code = code;
    if (code != 0 && code == r->code && code != 480 && code != 483)
        note_reply(t->r, r);
    return note(t, rc);
}

static int post(struct sending *t)
{
    const char *made = t->draft.made;
    struct sc_reply r = {0};
    int rc;

    t->wanted = false;
    if ((rc = nntp_demand(t->n, &r, 340, "POST")) < 0)
        return not_wanted(t, &r, rc);
    t->wanted = true;
    if ((rc = sc_write_dot(&t->n->base, made, strlen(made))) < 0 ||
        (rc = nntp_send_article(t->n, &t->draft.rest)) < 0 ||
        (rc = sc_flush(&t->n->base)) < 0)
        return note(t, rc);
    return hear(t);
}

/* --- over an idle connection --- */

/* The server had left it: nothing was begun. */
static bool was_left(struct sending *t)
{
    int rc = sc_broken(&t->n->base);

    return !t->wanted && (rc == SC_EOF || rc == SC_ESHORT || rc == SC_EPIPE ||
                          rc == SC_ECONNRESET || rc == SC_EREPLY);
}

static int post_anywhere(struct sending *t)
{
    SimpleClient *idle = sc_pool_take(&nntp_class, t->url, 0, &t->opt);
    int rc;

    if (idle != NULL) {
        t->n = (NNTPClient *)(void *)idle;
        rc = post(t);
        if (!was_left(t))
            return rc;
    }
    open_new(t);
    return post(t);
}

/* --- what became of it? --- */

/* INN says what innd has said: "441 435 Duplicate". */
static bool is_duplicate(const struct nntp_sent *r)
{
    return r->code == 441 && strncmp(r->text, "435", 3) == 0 &&
           (r->text[3] == ' ' || r->text[3] == '\0');
}

/* Whoever was cancelled, or has no time left, asks nobody. */
static bool may_ask(const struct sending *t)
{
    return sc_broken(&t->n->base) != SC_ECANCELED && sc_now() < t->until;
}

/* Has the server the article? */
static int ask_for_it(struct sending *t)
{
    int rc = nntp_stat_id(t->n, t->r->id, NULL);

    if (rc < 0)
        return rc;
    t->r->code = 223;
    t->r->text[0] = '\0';
    return sent(t);
}

/* The first one may have come all the same: no refusal says that it has not. */
static int post_again(struct sending *t)
{
    int rc;

    if (nntp_draft_rewind(&t->draft) < 0)
        return SC_EUNKNOWN;
    rc = post(t);
    if (rc == 0 || is_duplicate(t->r))
        return sent(t);
    if (rc != SC_EUNKNOWN)
        unknown(t);
    return may_ask(t) && ask_for_it(t) == 0 ? 0 : SC_EUNKNOWN;
}

/* UNKNOWN's error stays unless something is learnt. */
static int ask(struct sending *t)
{
    int rc;

    if (!may_ask(t))
        return SC_EUNKNOWN;
    open_new(t);
    if ((rc = sc_broken(&t->n->base)) == 0)
        rc = ask_for_it(t);
    if (rc == 0)
        return rc;
    if (rc == SC_EREPLY && sc_last_error(&t->n->base)->status == 430 &&
        sc_broken(&t->n->base) == 0)
        return post_again(t);
    return SC_EUNKNOWN;
}

/* --- the call --- */

static int send_it(struct sending *t)
{
    int rc = post_anywhere(t);

    if (rc == SC_EUNKNOWN)
        rc = ask(t);
    give_back(t->n);
    return rc;
}

int nntp_send(const char *url, const struct mail_source *article,
              const struct sc_options *opt, struct nntp_sent *r)
{
    struct sending t = {.url = url, .r = r, .until = INT64_MAX};
    int rc;

    *r = (struct nntp_sent){0};
    t.opt = *sc_options_or_default(opt);
    if (t.opt.total_ms > 0)
        t.until = sc_until(t.opt.total_ms);
    rc = nntp_draft_begin(&t.draft, article, &r->error);
    if (rc == 0) {
        memcpy(r->id, t.draft.id, sizeof r->id);
        rc = send_it(&t);
    }
    nntp_draft_free(&t.draft);
    return rc;
}
