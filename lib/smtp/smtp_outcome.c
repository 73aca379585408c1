/* smtp_outcome.c - what became of a message: sent, not sent, or unknown, for
 * each recipient, from the answers that came and those that did not. Unknown is
 * only what left with its final dot or last chunk and had no reply. */

#include <stdio.h>
#include <string.h>

#include "smtp/smtp_data.h"
#include "smtp/smtp_tx.h"

/* --- each recipient --- */

/* A 421 ends all that follows it: nothing later was acted on (RFC 5321 section
 * 3.8). */
static const struct sc_answer *closing(const struct smtp_tx *t)
{
    const struct sc_answer *first[] = {&t->rset, &t->mail, &t->data};

    if (t->closed != NULL)
        return t->closed;
    for (size_t i = 0; i < 3; i++)
        if (smtp_refused(first[i]) && first[i]->code == 421)
            return first[i];
    for (size_t i = 0; i < t->n; i++)
        if (smtp_refused(&t->rcpt[i]) && t->rcpt[i].code == 421)
            return &t->rcpt[i];
    return NULL;
}

/* The refusal that stands for all recipients, or NULL. One command at a time,
 * nothing follows a RSET that was refused. */
static const struct sc_answer *refusal_of_all(const struct smtp_tx *t)
{
    const struct sc_answer *a = closing(t);

    if (a != NULL)
        return a;
    if (smtp_refused(&t->rset) && t->mail.rc == 0 && t->mail.code == 0)
        return &t->rset;
    if (smtp_refused(&t->mail))
        return &t->mail;
    if (smtp_refused(&t->data) && t->data.code != 354)
        return &t->data;
    return NULL;
}

static void not_done(struct smtp_status *to, int rc)
{
    to->rc = rc;
    to->code = 0;
    snprintf(to->text, sizeof to->text, "%s", sc_strerror(rc));
}

/* Nobody asked for the message: a recipient was refused, or it was cut. */
static int why_not(const struct smtp_tx *t)
{
    int broken = sc_broken(&t->s->base);

    if (t->failed < 0)
        return t->failed;
    return broken ? broken : SC_ECANCELED;
}

/* R was accepted, or never answered; A is the message's reply. */
static void by_final(const struct smtp_tx *t, const struct sc_answer *r,
                     const struct sc_answer *a, struct smtp_status *to)
{
    if (a == NULL || (a->rc == 0 && a->code == 0))
        not_done(to, why_not(t));
    else if (a->rc < 0)
        not_done(to, a->sent ? SC_EUNKNOWN : a->rc);
    else if (!smtp_taken(a) && a->code < 400)
        not_done(to, SC_EUNKNOWN); /* no reply to a message */
    else
        smtp_status_of(to, smtp_taken(a) && t->n_each == 0 ? r : a);
}

static const struct sc_answer *final_of(const struct smtp_tx *t, size_t *nth)
{
    if (!smtp_class_of(t->s)->each || t->n_each == 0)
        return &t->final;
    return *nth < t->n_each ? &t->each[(*nth)++] : NULL;
}

/* R, which was not refused, or the message: ALL stands before it, but what the
 * server has taken all the same, it has. From whom, if it refused the sender? */
static void conclude_one(const struct smtp_tx *t, const struct sc_answer *all,
                         const struct sc_answer *r, const struct sc_answer *a,
                         struct smtp_status *to)
{
    bool taken = a != NULL && smtp_taken(a) && !smtp_refused(r);

    if (taken && smtp_refused(&t->mail))
        not_done(to, SC_EUNKNOWN);
    else if (all != NULL && !taken)
        smtp_status_of(to, all);
    else
        by_final(t, r, a, to);
}

/* A message's reply ends the transaction, but for a chunk refused (RFC 3030
 * section 2). */
static bool ended_it(const struct smtp_tx *t)
{
    const struct sc_answer *a =
        t->n_each > 0 ? &t->each[t->n_each - 1] : &t->final;

    return smtp_taken(a) || (smtp_refused(a) && !smtp_tx_in_chunks(t));
}

const struct sc_answer *smtp_tx_closing(const struct smtp_tx *t)
{
    const struct sc_answer *a = t->begun ? closing(t) : NULL;

    if (t->begun && a == NULL && smtp_refused(&t->final) &&
        t->final.code == 421)
        a = &t->final;
    for (size_t i = 0; t->begun && a == NULL && i < t->n_each; i++)
        if (smtp_refused(&t->each[i]) && t->each[i].code == 421)
            a = &t->each[i];
    return a;
}

void smtp_tx_conclude(struct smtp_tx *t)
{
    const struct sc_answer *all = refusal_of_all(t), *a;
    size_t nth = 0;

    if (!t->begun) /* smtp_tx_fail has said all */
        return;
    for (size_t i = 0; i < t->n; i++) {
        struct smtp_status *to = &t->r->to[t->who[i]];

        /* Without MAIL each RCPT is refused, too: that is not why. */
        if (smtp_refused(&t->rcpt[i]) && !smtp_refused(&t->mail)) {
            smtp_status_of(to, &t->rcpt[i]);
        } else {
            a = final_of(t, &nth);
            conclude_one(t, all, &t->rcpt[i], a, to);
        }
    }
    nth = 0;
    a = final_of(t, &nth);
    conclude_one(t, all, a, a, &t->r->data);
    if (ended_it(t))
        t->s->begun = false;
}

void smtp_tx_fail(struct smtp_tx *t, int rc, const struct sc_error *e)
{
    struct smtp_status *d = &t->r->data;

    d->rc = rc;
    d->code = e->status;
    d->enhanced[0] = '\0';
    snprintf(d->text, sizeof d->text, "%.*s", (int)sizeof d->text - 1, e->text);
    for (size_t i = 0; i < t->n; i++)
        t->r->to[t->who[i]] = *d;
    t->failed = rc;
    t->begun = false;
    t->r->error = *e;
    t->r->error.code = rc;
}

/* --- who did not fit --- */

/* RFC 5321 section 4.5.3.1.10: 452 to a RCPT after others were accepted asks
 * for another transaction. */
static bool wants_another(const struct smtp_tx *t, size_t i)
{
    const struct smtp_status *st = &t->r->to[t->who[i]];

    return st->rc == SC_EREPLY && t->rcpt[i].code == 452 &&
           (st->enhanced[0] == '\0' || strcmp(st->enhanced, "4.5.3") == 0);
}

size_t smtp_tx_keep_the_rest(struct smtp_tx *t)
{
    size_t kept = 0, sent = 0;

    if (!smtp_text_can_rewind(&t->text) || sc_broken(&t->s->base) ||
        t->s->closing)
        return 0;
    for (size_t i = 0; i < t->n; i++)
        sent += t->r->to[t->who[i]].rc == 0;
    if (sent == 0)
        return 0;
    for (size_t i = 0; i < t->n; i++)
        if (wants_another(t, i))
            t->who[kept++] = t->who[i];
    return t->n = kept;
}

/* --- the message --- */

struct tally {
    size_t sent, unknown;
    size_t refused; /* the first one; N: none */
};

static struct tally tally_of(const struct smtp_result *r)
{
    struct tally y = {.refused = r->n};

    for (size_t i = 0; i < r->n; i++) {
        y.sent += r->to[i].rc == 0;
        y.unknown += r->to[i].rc == SC_EUNKNOWN;
        if (r->to[i].rc == SC_EREPLY && y.refused == r->n)
            y.refused = i;
    }
    return y;
}

static int outcome_of(const struct smtp_result *r, const struct tally *y)
{
    if (y->sent > 0)
        return y->sent == r->n ? SMTP_SENT : SMTP_PARTLY;
    return y->unknown > 0 ? SMTP_UNKNOWN : SMTP_NOT_SENT;
}

static void say_refused(struct smtp_tx *t, const struct smtp_status *st,
                        const char *to)
{
    SimpleClient *c = &t->s->base;

    sc_error_set(&t->r->error, SC_EREPLY, "%s %s:%d: <%s>: %d %s", c->cls->name,
                 sc_client_host(c), sc_client_port(c), to, st->code, st->text);
    t->r->error.status = (short)st->code;
}

/* The first refusal explains the whole. */
static void explain(struct smtp_tx *t, const struct tally *y)
{
    const struct sc_error *e;

    if (t->r->error.code != 0) /* it was never begun */
        return;
    e = sc_last_error(&t->s->base);
    if (y->unknown > 0)
        sc_error_set(&t->r->error, SC_EUNKNOWN, "outcome unknown: %s", e->text);
    else if (y->refused < t->r->n)
        say_refused(t, &t->r->to[y->refused], t->m->to[y->refused]);
    else
        t->r->error = *e;
}

int smtp_tx_outcome(struct smtp_tx *t)
{
    struct tally y = tally_of(t->r);

    t->r->outcome = outcome_of(t->r, &y);
    if (y.sent == t->r->n && t->r->n > 0)
        return 0;
    explain(t, &y);
    return t->r->error.code ? t->r->error.code : SC_EINVAL;
}
