/* smtp_tx.c - one transaction in as few flights as the server allows (RFC 2920
 * section 3.1, RFC 3030 section 4.2): with PIPELINING and CHUNKING one, with
 * PIPELINING two, else a command at a time. Straight down the page: the same
 * lines with a window of 1 are the dialogue of RFC 821. */

#include "smtp/smtp_tx.h"

#include <string.h>

#include "core/mem.h"
#include "smtp/smtp_data.h"

/* --- memory --- */

static int grow(struct smtp_tx *t, size_t n)
{
    void *who, *rcpt, *to;

    if (n <= t->cap)
        return 0;
    if ((who = sc_realloc(t->who, n * sizeof *t->who)) != NULL)
        t->who = who;
    if ((rcpt = sc_realloc(t->rcpt, n * sizeof *t->rcpt)) != NULL)
        t->rcpt = rcpt;
    if ((to = sc_realloc(t->r->to, n * sizeof *t->r->to)) != NULL)
        t->r->to = to;
    if (who == NULL || rcpt == NULL || to == NULL)
        return SC_ENOMEM;
    t->cap = n;
    return 0;
}

/* LMTP, before the message leaves: room for the replies behind it. */
static int grow_each(struct smtp_tx *t, size_t n)
{
    struct sc_answer *each;

    if (n <= t->each_cap || !smtp_class_of(t->s)->each)
        return 0;
    if ((each = sc_realloc(t->each, n * sizeof *each)) == NULL)
        return sc_break(&t->s->base, SC_ENOMEM, "%s", sc_strerror(SC_ENOMEM));
    t->each = each;
    t->each_cap = n;
    return 0;
}

void smtp_tx_free(struct smtp_tx *t)
{
    smtp_text_free(&t->text);
    sc_free(t->who);
    sc_free(t->rcpt);
    sc_free(t->each);
    *t = (struct smtp_tx){0};
}

static void reset_result(struct smtp_result *r, size_t n)
{
    r->outcome = SMTP_NOT_SENT;
    r->n = n;
    r->round_trips = 0;
    r->data = (struct smtp_status){0};
    r->error.code = r->error.status = 0;
    r->error.text[0] = '\0';
    memset(r->to, 0, n * sizeof *r->to);
}

int smtp_tx_begin(struct smtp_tx *t, const struct smtp_message *m,
                  struct smtp_result *r)
{
    struct sc_error e = {0};
    size_t n = 0;
    int rc;

    t->m = m;
    t->r = r;
    t->failed = 0;
    t->begun = t->ended = false;
    t->closed = NULL;
    smtp_text_free(&t->text);
    smtp_text_init(&t->text, &m->source, m->flags);
    while (m->to != NULL && m->to[n] != NULL)
        n++;
    if ((rc = grow(t, n > 0 ? n : 1)) < 0) {
        t->n = r->n = 0;
        t->failed = rc;
        return sc_error_set(&r->error, rc, "%s", sc_strerror(rc));
    }
    t->n = n;
    for (size_t i = 0; i < n; i++)
        t->who[i] = i;
    reset_result(r, n);
    if ((rc = smtp_check_message(m, &e)) == 0 &&
        (rc = smtp_text_scan(&t->text, &t->scan)) < 0)
        sc_error_set(&e, rc, "the message: %s",
                     t->text.why != NULL ? t->text.why : sc_strerror(rc));
    if (rc < 0)
        smtp_tx_fail(t, rc, &e);
    return rc;
}

/* --- asking --- */

static bool pipelined(const struct smtp_tx *t)
{
    return smtp_has(t->s, SMTP_EXT_PIPELINING);
}

/* A reply is awaited for what was queued last. */
static void ask(struct smtp_tx *t, struct sc_answer *a)
{
    sc_await(&t->s->base, a);
    if (pipelined(t))
        t->waits = true;
    else
        t->r->round_trips++;
}

static int settle(struct smtp_tx *t)
{
    if (t->waits)
        t->r->round_trips++;
    t->waits = false;
    return sc_answered(&t->s->base, NULL);
}

/* Its text matters only with a code. */
static void forget(struct sc_answer *a)
{
    a->rc = a->code = a->sent = 0;
    a->text[0] = '\0';
}

static void forget_answers(struct smtp_tx *t)
{
    forget(&t->rset);
    forget(&t->mail);
    forget(&t->data);
    forget(&t->final);
    for (size_t i = 0; i < t->n; i++)
        forget(&t->rcpt[i]);
    t->n_each = 0;
    t->begun = true;
    t->ended = false;
}

/* --- the envelope --- */

/* One command at a time, one knows when to stop. */
static bool goes_on(const struct smtp_tx *t, const struct sc_answer *last)
{
    return pipelined(t) || (smtp_taken(last) && !t->s->closing);
}

/* What an open transaction has left is cleared; in a flight one cannot know
 * whether there is any. */
static bool put_rset(struct smtp_tx *t)
{
    SMTPClient *s = t->s;

    if (!s->begun && !(s->used && pipelined(t)))
        return true;
    sc_writeline_n(&s->base, "RSET", 4);
    ask(t, &t->rset);
    return goes_on(t, &t->rset);
}

/* Returns true if the next stage may be sent. */
static bool put_envelope(struct smtp_tx *t)
{
    bool any = pipelined(t);

    forget_answers(t);
    sc_window(&t->s->base, pipelined(t) ? SMTP_WINDOW : 1);
    smtp_time(t->s, SMTP_MS_COMMAND);
    if (!put_rset(t))
        return false;
    t->s->used = t->s->begun = true;
    smtp_put_mail(t);
    ask(t, &t->mail);
    if (!goes_on(t, &t->mail))
        return false;
    for (size_t i = 0; i < t->n && !t->s->closing; i++) {
        smtp_put_rcpt(t, t->who[i]);
        ask(t, &t->rcpt[i]);
        any |= smtp_taken(&t->rcpt[i]);
    }
    return any && !t->s->closing;
}

static size_t count_accepted(const struct smtp_tx *t)
{
    size_t n = 0;

    for (size_t i = 0; i < t->n; i++)
        n += smtp_taken(&t->rcpt[i]);
    return n;
}

/* After the envelope's answers: may the message follow? */
static bool is_wanted(struct smtp_tx *t)
{
    size_t n = count_accepted(t);
    bool all = t->m->flags & SMTP_ALL_OR_NONE;

    return smtp_taken(&t->mail) && n > 0 && (!all || n == t->n) &&
           !t->s->closing;
}

/* --- the message --- */

/* The reply behind it; LMTP has one for each that was accepted. */
static void ask_final(struct smtp_tx *t)
{
    size_t n = count_accepted(t);

    t->ended = true;
    if (!smtp_class_of(t->s)->each) {
        ask(t, &t->final);
        return;
    }
    for (t->n_each = 0; t->n_each < n; t->n_each++)
        ask(t, &t->each[t->n_each]);
}

static void put_chunks(struct smtp_tx *t)
{
    int rc = grow_each(t, count_accepted(t));

    if (rc == 0 && t->scan.whole)
        rc = smtp_put_last_chunk(t->s, &t->text, t->scan.size);
    else if (rc == 0)
        rc = smtp_put_chunks(t->s, &t->text, &t->final);
    if (rc == 0)
        ask_final(t);
    t->failed = rc < 0 ? rc : 0;
    t->ended |= rc > 0;
}

/* 354 although nobody was accepted: an empty text, whose reply says nothing
 * (RFC 2920 section 3.1). LMTP forbids it (RFC 2033 section 4.2): nobody knows
 * how many replies there would be. */
static void put_nothing(struct smtp_tx *t)
{
    struct sc_answer ignored;

    if (smtp_class_of(t->s)->each) {
        t->failed = sc_break(&t->s->base, SC_EPROTO,
                             "354, although no recipient was accepted");
        return;
    }
    sc_end_dot(&t->s->base);
    ask(t, &ignored);
    if ((t->failed = settle(t)) < 0) /* IGNORED is ours: none may come later */
        sc_break(&t->s->base, t->failed, "%s", sc_strerror(t->failed));
}

static void put_text(struct smtp_tx *t)
{
    uint64_t size = t->scan.whole ? t->scan.size : (uint64_t)SMTP_ANY_SIZE;
    size_t n = count_accepted(t);
    bool no_sender = smtp_refused(&t->mail) && n > 0;

    /* The server is out of step. */
    if (smtp_taken(&t->data) || (no_sender && t->data.code == 354))
        t->failed = sc_break(&t->s->base, SC_EPROTO, "DATA: %d %s",
                             t->data.code, t->data.text);
    if (t->failed < 0 || t->data.rc < 0 || t->data.code != 354)
        return;
    if (n == 0) {
        put_nothing(t);
        return;
    }
    if ((t->failed = grow_each(t, n)) == 0 &&
        (t->failed = smtp_put_dots(t->s, &t->text, size)) == 0)
        ask_final(t);
}

static void put_data(struct smtp_tx *t)
{
    smtp_time(t->s, SMTP_MS_DATA);
    sc_writeline_n(&t->s->base, "DATA", 4);
    ask(t, &t->data);
}

/* --- the whole --- */

bool smtp_tx_fits_one_flight(const struct smtp_tx *t)
{
    return pipelined(t) && smtp_tx_in_chunks(t) && t->scan.whole &&
           t->scan.size <= SMTP_FLIGHT_MOST &&
           !(t->m->flags & SMTP_ALL_OR_NONE) && !smtp_class_of(t->s)->each;
}

bool smtp_tx_may_overlap(const struct smtp_tx *t)
{
    return pipelined(t) && !smtp_tx_in_chunks(t) && t->scan.whole &&
           !(t->m->flags & SMTP_ALL_OR_NONE) && !smtp_class_of(t->s)->each;
}

void smtp_tx_send(struct smtp_tx *t)
{
    put_envelope(t);
    put_chunks(t);
}

void smtp_tx_send_envelope(struct smtp_tx *t)
{
    if (put_envelope(t))
        put_data(t);
}

/* Nothing more is to come. */
static void give_up(struct smtp_tx *t)
{
    int broken = sc_broken(&t->s->base);

    if (!t->ended && t->failed == 0)
        t->failed = broken ? broken : SC_ECANCELED;
}

void smtp_tx_send_text(struct smtp_tx *t)
{
    put_text(t);
    give_up(t);
}

static void run_in_two_flights(struct smtp_tx *t)
{
    bool all = t->m->flags & SMTP_ALL_OR_NONE, chunks = smtp_tx_in_chunks(t);

    if (!put_envelope(t))
        return;
    if ((chunks || all) && (settle(t) < 0 || !is_wanted(t)))
        return;
    if (chunks) {
        put_chunks(t);
    } else {
        put_data(t);
        if (settle(t) < 0)
            return;
        put_text(t);
    }
}

/* The last answers are waited for, too: also of an envelope given up. */
void smtp_tx_run(struct smtp_tx *t)
{
    if (smtp_tx_fits_one_flight(t))
        smtp_tx_send(t);
    else
        run_in_two_flights(t);
    settle(t);
    give_up(t);
}

/* The last thing that was asked. */
static const struct sc_answer *last_asked(const struct smtp_tx *t)
{
    return t->n_each > 0 ? &t->each[t->n_each - 1] : &t->final;
}

bool smtp_tx_is_over(const struct smtp_tx *t)
{
    const struct sc_answer *a = last_asked(t);

    return t->failed != 0 || (t->ended && (a->rc < 0 || a->code != 0));
}
