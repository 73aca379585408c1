/* smtp_queue.c - a batch in flight: the pipeline is kept full across messages.
 * With CHUNKING each message is one group, and hundreds are under way; without
 * it, the text of one and the envelope of the next travel together (RFC 2920
 * section 3.1); else one message at a time. */

#include "client/conn.h"
#include "core/mem.h"
#include "smtp/smtp_tx.h"

enum { QUEUE_TX = 512 }; /* messages under way */

/* A transaction and its result; used again while it is warm. */
struct place {
    struct smtp_tx tx;
    struct smtp_result result;
    struct place *next;
};

/* The messages under way are FIRST.. in a ring: those before them are told. */
struct smtp_queue {
    char *url;
    struct sc_options opt;
    smtp_done done;
    void *arg;
    SMTPClient *s;
    SMTPClient *ended; /* what was under way on them is not all told */
    int error;         /* the first */
    bool telling;
    struct smtp_tx *open; /* its text has not been sent */
    size_t first, n;
    struct place *under_way[QUEUE_TX], *free;
};

/* --- making --- */

struct smtp_queue *smtp_queue_new(const char *url, const struct sc_options *opt,
                                  smtp_done done, void *arg)
{
    struct smtp_queue *q = sc_calloc(sizeof *q);

    if (q == NULL)
        return NULL;
    if ((q->error = sc_options_copy(&q->opt, opt)) < 0)
        q->opt.wait_ms = -1; /* no default ones instead: none makes sense */
    q->url = sc_strdup(url != NULL ? url : "");
    q->done = done;
    q->arg = arg;
    if (q->url == NULL || q->error == SC_ENOMEM) {
        smtp_queue_free(q);
        return NULL;
    }
    return q;
}

/* --- waiting --- */

static struct smtp_tx *at(struct smtp_queue *q, size_t i)
{
    return &q->under_way[(q->first + i) % QUEUE_TX]->tx;
}

/* An error that leaves all as it is: one cannot wait here. */
static bool not_here(int rc)
{
    return rc == SC_EDEADLK || rc == SC_EBUSY;
}

/* The text of the message before, when the server waits for it. */
static int send_open(struct smtp_queue *q)
{
    struct smtp_tx *open = q->open;
    int rc;

    if (open == NULL)
        return 0;
    if (not_here(rc = sc_answered(&q->s->base, &open->data)))
        return rc;
    q->open = NULL;
    smtp_tx_send_text(open);
    return 0;
}

/* Everything under way has its answer, or never will. */
static int settle(struct smtp_queue *q)
{
    int rc;

    if (q->s == NULL)
        return 0;
    if ((rc = send_open(q)) < 0 ||
        not_here(rc = sc_answered(&q->s->base, NULL)))
        return rc;
    for (size_t i = 0; i < q->n; i++)
        if (at(q, i)->begun && !smtp_tx_is_over(at(q, i)))
            at(q, i)->failed = rc < 0 ? rc : SC_ECANCELED;
    return rc;
}

/* --- telling --- */

/* What follows a 421 was not acted on: that is certain, though its replies
 * never come. */
static void note_closing(struct smtp_tx *t)
{
    const struct sc_answer *a;

    if (t->s == NULL)
        return;
    if (t->s->last_words.code != 0)
        t->closed = &t->s->last_words;
    else if ((a = smtp_tx_closing(t)) != NULL)
        t->s->last_words = *a;
}

/* In a transaction of their own, when all that is under way is over. */
static void send_the_rest(struct smtp_queue *q, struct smtp_tx *t)
{
    while (t->begun && smtp_tx_keep_the_rest(t) > 0) {
        if (settle(q) < 0 || smtp_text_rewind(&t->text) < 0)
            return;
        smtp_tx_run(t);
        smtp_tx_conclude(t);
    }
}

static void tell_first(struct smtp_queue *q)
{
    struct smtp_tx *t = at(q, 0);
    const struct smtp_message *m = t->m;
    int rc;

    note_closing(t);
    smtp_tx_conclude(t);
    if (t->s != NULL && t->s == q->s)
        send_the_rest(q, t);
    rc = smtp_tx_outcome(t);
    if (rc < 0 && q->error == 0)
        q->error = rc;
    t->m = NULL;
    if (q->done != NULL)
        q->done(q->arg, m, t->r);
    q->under_way[q->first]->next = q->free;
    q->free = q->under_way[q->first];
    q->first = (q->first + 1) % QUEUE_TX;
    q->n--;
}

/* Those whose answers are there; DONE may add more. */
static void tell(struct smtp_queue *q)
{
    if (q->telling)
        return;
    q->telling = true;
    while (q->n > 0 && smtp_tx_is_over(at(q, 0)))
        tell_first(q);
    q->telling = false;
}

/* --- the connection --- */

static int connect_it(struct smtp_queue *q)
{
    if (q->s == NULL)
        q->s = smtp_open(q->url, &q->opt);
    return sc_broken(&q->s->base);
}

static bool is_needed(struct smtp_queue *q, const SMTPClient *s)
{
    for (size_t i = 0; i < q->n; i++)
        if (at(q, i)->s == s)
            return true;
    return false;
}

static void drop_ended(struct smtp_queue *q)
{
    SMTPClient **link = &q->ended, *s;

    while ((s = *link) != NULL)
        if (is_needed(q, s)) {
            link = &s->next;
        } else {
            *link = s->next;
            sc_drop(&s->base);
        }
}

/* What is broken, or was closed by a 421, is told and left; inside DONE it is
 * kept for those that are still to be told. */
static void leave_if_gone(struct smtp_queue *q)
{
    if (q->s == NULL || (sc_broken(&q->s->base) == 0 && !q->s->closing))
        return;
    if (not_here(settle(q)))
        return;
    tell(q);
    if (q->s == NULL) /* DONE has added more */
        return;
    q->s->next = q->ended;
    q->ended = q->s;
    q->s = NULL;
    drop_ended(q);
}

/* --- one more --- */

/* The next free place, with the memory it had. NULL: no memory. */
static struct smtp_tx *next_place(struct smtp_queue *q)
{
    struct place *p = q->free;

    if (p != NULL)
        q->free = p->next;
    else if ((p = sc_calloc(sizeof *p)) == NULL)
        return NULL;
    q->under_way[(q->first + q->n) % QUEUE_TX] = p;
    p->tx.s = NULL;
    p->tx.r = &p->result;
    return &p->tx;
}

static int make_room(struct smtp_queue *q)
{
    size_t i = QUEUE_TX / 2;
    int rc = 0;

    if (q->n < QUEUE_TX)
        return 0;
    if (q->telling)
        return SC_EBUSY;
    while (i > 0 && smtp_tx_is_over(at(q, i))) /* it was not even begun */
        i--;
    if (at(q, i) == q->open && (rc = send_open(q)) < 0)
        return rc;
    if (q->s != NULL)
        rc = sc_answered(&q->s->base, &at(q, i)->final);
    if (not_here(rc))
        return rc;
    leave_if_gone(q);
    tell(q);
    return 0;
}

/* What cannot wait here is not begun. */
static void give_up(struct smtp_tx *t, int rc)
{
    struct sc_error e = {0};

    sc_error_set(&e, rc, "%s", sc_strerror(rc));
    smtp_tx_fail(t, rc, &e);
}

static void send_it(struct smtp_queue *q, struct smtp_tx *t)
{
    int rc = 0;

    if (smtp_tx_fits_one_flight(t)) {
        smtp_tx_send(t);
    } else if (smtp_tx_may_overlap(t)) {
        /* The text of the message before and this envelope leave together. */
        if ((rc = send_open(q)) == 0) {
            smtp_tx_send_envelope(t);
            q->open = t;
        }
    } else if (!not_here(rc = settle(q))) {
        rc = 0;
        smtp_tx_run(t);
    }
    if (rc < 0)
        give_up(t, rc);
}

static int begin(struct smtp_queue *q, struct smtp_tx *t)
{
    int rc = connect_it(q);

    t->s = q->s;
    if (rc == 0)
        rc = smtp_tx_decide(t);
    if (rc < 0)
        smtp_tx_fail(t, rc, sc_last_error(&q->s->base));
    return rc;
}

int smtp_queue_add(struct smtp_queue *q, const struct smtp_message *m)
{
    struct smtp_tx *t;
    int rc;

    leave_if_gone(q);
    if ((rc = make_room(q)) < 0)
        return rc;
    if ((t = next_place(q)) == NULL)
        return SC_ENOMEM;
    rc = smtp_tx_begin(t, m, t->r);
    q->n++;
    if (rc == 0 && (rc = begin(q, t)) == 0)
        send_it(q, t);
    rc = q->s != NULL ? sc_broken(&q->s->base) : 0;
    tell(q);
    return rc;
}

int smtp_queue_wait(struct smtp_queue *q)
{
    int rc;

    while (q->n > 0 && !q->telling) {
        if (not_here(rc = settle(q)))
            return rc;
        tell(q);
    }
    leave_if_gone(q);
    return q->error;
}

int smtp_queue_free(struct smtp_queue *q)
{
    struct place *p;
    int rc;

    if (q == NULL)
        return 0;
    rc = smtp_queue_wait(q);
    if (q->n > 0 && q->s != NULL) { /* it could not wait: cut */
        sc_break(&q->s->base, rc, "%s", sc_strerror(rc));
        settle(q);
        tell(q);
    }
    drop_ended(q);
    smtp_close(q->s); /* a failed QUIT changes nothing */
    while ((p = q->free) != NULL) {
        q->free = p->next;
        smtp_tx_free(&p->tx);
        smtp_result_free(&p->result);
        sc_free(p);
    }
    sc_options_free(&q->opt);
    sc_free(q->url);
    sc_free(q);
    return rc;
}
