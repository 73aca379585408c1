/* nntp_feed.c - many articles in flight on one connection: CHECK and TAKETHIS
 * (RFC 4644), or IHAVE one after another where MODE STREAM is refused. Answers
 * are told apart by the message-id that they name, as they come: the client's
 * class gives them here (nntp_feed_heard). While an article waits for room,
 * answers are taken (sc_await), so neither side waits for the other for ever. */

#include <string.h>

#include "client/conn.h"
#include "core/mem.h"
#include "core/text.h"
#include "nntp/nntp_client.h"

enum { FEED_MOST = 256 }; /* articles under way, wanted ones included */

/* An article: it is in one list at a time. */
struct fed {
    struct fed *next;
    const struct mail_source *article;
    uint64_t asked; /* number of its latest command; 0: it is being sent */
    bool takethis;  /* which is TAKETHIS; else CHECK */
    bool left;      /* all of it may have left */
    int outcome, rc, code;
    char id[NNTP_ID_MOST + 1];
    char text[160];
};

struct fed_list {
    struct fed *first, *last;
};

struct nntp_feed {
    NNTPClient *n;
    nntp_fed done;
    void *arg;
    bool begun, ihave;
    bool inside; /* one of the functions below, or DONE */
    int window;  /* of the client before */
    size_t under_way;
    struct fed_list waiting; /* to be sent */
    struct fed_list out;     /* sent, in order */
    struct fed_list locked;  /* answered by 480 or 483 */
    struct fed_list over;    /* to be told */
    struct fed *free;
    uint64_t asked; /* commands: number N has ANSWER[N % FEED_MOST] */
    struct sc_answer answer[FEED_MOST];
};

/* --- lists --- */

static void push(struct fed_list *l, struct fed *x)
{
    x->next = NULL;
    if (l->first == NULL)
        l->first = x;
    else
        l->last->next = x;
    l->last = x;
}

/* BEFORE is the one in front of it; NULL: the first one goes. */
static struct fed *pull_behind(struct fed_list *l, struct fed *before)
{
    struct fed *x = before != NULL ? before->next : l->first;

    if (x == NULL)
        return NULL;
    if (before != NULL)
        before->next = x->next;
    else
        l->first = x->next;
    if (l->last == x)
        l->last = before;
    return x;
}

static struct fed *pull(struct fed_list *l)
{
    return pull_behind(l, NULL);
}

/* --- what became of them --- */

static void finish(struct nntp_feed *f, struct fed *x, int outcome, int rc)
{
    x->outcome = outcome;
    x->rc = rc;
    push(&f->over, x);
}

static void refused(struct nntp_feed *f, struct fed *x, int outcome)
{
    finish(f, x, outcome, outcome == NNTP_FEED_SENT ? 0 : SC_EREPLY);
}

/* The client is broken, and why is the text for all that were under way. */
static void lost(struct nntp_feed *f, struct fed *x, bool undecided)
{
    const struct sc_error *e = sc_last_error(&f->n->base);

    sc_show(x->text, sizeof x->text, e->text, strlen(e->text));
    finish(f, x, undecided ? NNTP_FEED_UNDECIDED : NNTP_FEED_NOT_SENT,
           sc_broken(&f->n->base));
}

/* Others' answers may have come first, so many that its place is another's. */
static bool may_be_there(const struct nntp_feed *f, const struct fed *x)
{
    if (!x->takethis || x->left || x->asked == 0)
        return x->left;
    return f->asked - x->asked >= FEED_MOST ||
           f->answer[x->asked % FEED_MOST].sent;
}

static void give_up_all(struct nntp_feed *f)
{
    struct fed *x;

    while ((x = pull(&f->out)) != NULL)
        lost(f, x, may_be_there(f, x));
    while ((x = pull(&f->waiting)) != NULL || (x = pull(&f->locked)) != NULL)
        lost(f, x, false);
}

static void tell_one(struct nntp_feed *f, const char *id, int outcome, int rc,
                     const char *text)
{
    if (f->done != NULL)
        f->done(f->arg, id, outcome, rc, text);
}

static void tell(struct nntp_feed *f)
{
    struct fed *x;

    if (sc_broken(&f->n->base))
        give_up_all(f);
    while ((x = pull(&f->over)) != NULL) {
        tell_one(f, x->id, x->outcome, x->rc, x->text);
        x->next = f->free;
        f->free = x;
        f->under_way--;
    }
}

/* --- answers --- */

/* Its answer may come: not in the middle of the article. */
static bool is_sent(const struct nntp_feed *f, const struct fed *x)
{
    return x->asked != 0 || !f->n->base.conn->dot_begun;
}

/* Almost always the first one; some servers answer as they decide. */
static struct fed *pull_named(struct nntp_feed *f, struct sc_span id,
                              bool takethis)
{
    struct fed *before = NULL, *x;

    for (x = f->out.first; x != NULL; before = x, x = x->next)
        if (x->takethis == takethis && strlen(x->id) == id.len &&
            memcmp(x->id, id.data, id.len) == 0 && is_sent(f, x))
            return pull_behind(&f->out, before);
    return NULL;
}

static int out_of_place(struct nntp_feed *f, const struct sc_reply *r)
{
    char shown[200];

    sc_show(shown, sizeof shown, r->text.data, r->text.len);
    return sc_break(&f->n->base, SC_EPROTO,
                    "an answer to nothing that was asked: %03d %s", r->code,
                    shown);
}

/* Refusals of any command (RFC 3977 section 3.2.1) need no message-id. A server
 * that does not know TAKETHIS takes the article for commands. */
static int heard_refusal(struct nntp_feed *f, const struct sc_reply *r)
{
    struct fed *x = f->out.first;

    if (r->code == 400 || r->code == 502)
        return nntp_gone(f->n, r);
    if (r->code < 400 || x == NULL || x->asked == 0 ||
        (x->takethis && r->code >= 500))
        return out_of_place(f, r);
    pull(&f->out);
    sc_show(x->text, sizeof x->text, r->text.data, r->text.len);
    x->code = r->code;
    if (r->code == 480 || r->code == 483)
        push(&f->locked, x);
    else
        refused(f, x, NNTP_FEED_NOT_SENT);
    return 0;
}

/* What a code of RFC 4644 means, or -1; 238: go on. */
static int outcome_of(int code)
{
    switch (code) {
    case 238:
    case 239:
        return NNTP_FEED_SENT;
    case 431:
        return NNTP_FEED_LATER;
    case 438:
        return NNTP_FEED_UNWANTED;
    case 439:
        return NNTP_FEED_REJECTED;
    default:
        return -1;
    }
}

int nntp_feed_heard(struct nntp_feed *f, const struct sc_reply *r)
{
    int outcome = outcome_of(r->code);
    struct sc_span text = r->text;
    struct fed *x;

    if (outcome < 0)
        return heard_refusal(f, r);
    x = pull_named(f, sc_next_word(&text), r->code % 10 == 9);
    if (x == NULL)
        return out_of_place(f, r);
    sc_show(x->text, sizeof x->text, text.data, text.len);
    if (r->code == 238) {
        x->takethis = true;
        push(&f->waiting, x);
    } else {
        refused(f, x, outcome);
    }
    return 0;
}

/* --- commands --- */

/* Its answer may have come before: while its command was sent, others' were
 * taken. */
static int await(struct nntp_feed *f, struct fed *x)
{
    x->asked = ++f->asked;
    return sc_await(&f->n->base, &f->answer[f->asked % FEED_MOST]);
}

static int send_check(struct nntp_feed *f, struct fed *x)
{
    x->asked = 0;
    push(&f->out, x);
    sc_writeline(&f->n->base, "CHECK %s", x->id);
    return await(f, x);
}

/* Its final dot may have left, though the client broke in the middle of it:
 * what was queued behind AT was sent by a task beside us. */
static bool may_have_left(const struct sc_conn *k, uint64_t at)
{
    return !k->dot_begun && k->queued_total > at &&
           k->sent_total == k->queued_total;
}

static int send_takethis(struct nntp_feed *f, struct fed *x)
{
    const struct sc_conn *k = f->n->base.conn;
    uint64_t at;
    int rc;

    sc_writeline(&f->n->base, "TAKETHIS %s", x->id);
    at = k->queued_total;
    x->asked = 0;
    push(&f->out, x);
    if ((rc = nntp_send_article(f->n, x->article)) < 0)
        x->left = may_have_left(k, at);
    else if ((rc = await(f, x)) < 0) /* no memory: it is queued, or gone */
        x->left = true;
    return rc;
}

static int send_all(struct nntp_feed *f)
{
    struct fed *x;
    int rc = sc_broken(&f->n->base);

    while (rc == 0 && (x = pull(&f->waiting)) != NULL)
        rc = x->takethis ? send_takethis(f, x) : send_check(f, x);
    return rc;
}

/* Wait until half of what was asked is answered. */
static int take_half(struct nntp_feed *f)
{
    size_t open = f->n->base.conn->npending;

    if (open == 0)
        return 0;
    return sc_answered(&f->n->base,
                       &f->answer[(f->asked - open / 2) % FEED_MOST]);
}

/* --- 480 and 483 --- */

static bool may_repeat(const struct fed *x)
{
    const struct mail_source *a = x->article;

    if (!x->takethis || a->read == NULL)
        return true;
    return a->rewind != NULL && a->rewind(a->arg) == 0;
}

/* Nothing is in flight: log in, or begin TLS, and ask again. */
static int unlock(struct nntp_feed *f)
{
    NNTPClient *n = f->n;
    struct fed *x = f->locked.first;
    int rc;

    if (x == NULL)
        return 0;
    n->feed = NULL;
    rc = x->code == 480 ? nntp_login_asked(n) : nntp_tls_asked(n);
    n->feed = f;
    if (sc_broken(&n->base))
        return sc_broken(&n->base);
    while ((x = pull(&f->locked)) != NULL)
        if (rc > 0 && may_repeat(x))
            push(&f->waiting, x);
        else
            refused(f, x, NNTP_FEED_NOT_SENT);
    return 0;
}

/* --- waiting --- */

static int drain(struct nntp_feed *f)
{
    int rc;

    do {
        if ((rc = send_all(f)) == 0)
            rc = sc_answered(&f->n->base, NULL);
        if (rc == 0 && f->waiting.first == NULL)
            rc = unlock(f);
    } while (rc == 0 && f->waiting.first != NULL);
    return rc;
}

/* Until there is a place for one more. */
static int make_room(struct nntp_feed *f)
{
    int rc = 0;

    while (rc == 0 && f->under_way == FEED_MOST) {
        if ((rc = send_all(f)) == 0)
            rc = take_half(f);
        if (rc == 0 && f->out.first == NULL)
            rc = drain(f);
        tell(f);
    }
    return rc;
}

/* What comes when nothing is asked is no answer. */
static int hear_the_rest(struct nntp_feed *f)
{
    const struct sc_conn *k = f->n->base.conn;
    struct sc_reply r;
    int rc = 0;

    while (rc == 0 && f->n->feed == f && k->rpos < k->rend)
        rc = sc_reply(&f->n->base, &r);
    return rc;
}

/* --- IHAVE --- */

static int ihave_outcome(const struct sc_error *e)
{
    switch (e->status) {
    case 435:
        return NNTP_FEED_UNWANTED;
    case 436:
        return NNTP_FEED_LATER;
    case 437:
        return NNTP_FEED_REJECTED;
    default:
        return NNTP_FEED_NOT_SENT;
    }
}

static void offer(struct nntp_feed *f, struct fed *x)
{
    const struct sc_conn *k = f->n->base.conn;
    const struct sc_error *e = sc_last_error(&f->n->base);
    uint64_t at = k->queued_total;
    int rc = nntp_ihave(f->n, x->id, x->article);

    if (sc_broken(&f->n->base)) {
        /* 400 instead of the article's answer does not tell. */
        lost(f, x, rc == SC_EUNKNOWN || (rc == SC_EREPLY && k->dot_at > at));
        return;
    }
    x->text[0] = '\0';
    if (rc < 0)
        sc_show(x->text, sizeof x->text, e->text, strlen(e->text));
    finish(f, x, rc == 0 ? NNTP_FEED_SENT : ihave_outcome(e), rc);
}

/* --- articles --- */

/* RFC 4644 section 2.3. */
static int say_mode_stream(struct nntp_feed *f)
{
    struct sc_reply r;
    int code = nntp_ask(f->n, &r, "MODE STREAM");

    if (code < 0)
        return code;
    if (code < 400 && code != 203)
        return sc_refuse(&f->n->base, &r);
    f->begun = true;
    f->ihave = code != 203;
    return 0;
}

/* From the first article until all have their answers, the client's answers are
 * ours. */
static int begin(struct nntp_feed *f)
{
    NNTPClient *n = f->n;
    int rc;

    if (n->feed == f)
        return 0;
    if (n->feed != NULL)
        return nntp_fail(n, SC_EBUSY, "another feed uses the client");
    if (!f->begun && (rc = say_mode_stream(f)) < 0)
        return rc;
    if (f->ihave)
        return 0;
    f->window = n->base.conn->window;
    n->feed = f;
    return sc_window(&n->base, FEED_MOST + 1);
}

static void end(struct nntp_feed *f)
{
    if (f->n->feed != f)
        return;
    f->n->feed = NULL;
    sc_window(&f->n->base, f->window);
}

static struct fed *place(struct nntp_feed *f)
{
    struct fed *x = f->free;

    if (x != NULL)
        f->free = x->next;
    else
        x = sc_malloc(sizeof *x);
    if (x != NULL)
        f->under_way++;
    return x;
}

static int put(struct nntp_feed *f, const char *id,
               const struct mail_source *article, bool takethis)
{
    struct fed *x;
    int rc;

    if ((rc = begin(f)) < 0 || (rc = make_room(f)) < 0)
        return rc;
    if ((x = place(f)) == NULL)
        return nntp_fail(f->n, SC_ENOMEM, "%s", sc_strerror(SC_ENOMEM));
    *x = (struct fed){.article = article, .takethis = takethis};
    sc_span_copy(x->id, sizeof x->id, sc_span_of(id));
    if (f->ihave) {
        offer(f, x);
        return 0;
    }
    push(&f->waiting, x);
    send_all(f);
    return 0;
}

static int add(struct nntp_feed *f, const char *id,
               const struct mail_source *article, bool takethis)
{
    NNTPClient *n = f->n;
    int rc;

    if (f->inside)
        return SC_EBUSY;
    f->inside = true;
    if ((rc = nntp_begin(n)) == 0 && (rc = nntp_check_id(n, id)) == 0)
        rc = put(f, id, article, takethis);
    tell(f);
    if (rc < 0)
        tell_one(f, id != NULL ? id : "", NNTP_FEED_NOT_SENT, rc,
                 sc_last_error(&n->base)->text);
    f->inside = false;
    return rc < 0 ? rc : sc_broken(&n->base);
}

int nntp_feed_add(struct nntp_feed *f, const char *id,
                  const struct mail_source *article)
{
    return add(f, id, article, false);
}

int nntp_feed_take(struct nntp_feed *f, const char *id,
                   const struct mail_source *article)
{
    return add(f, id, article, true);
}

/* --- its life --- */

struct nntp_feed *nntp_feed_new(NNTPClient *n, nntp_fed done, void *arg)
{
    struct nntp_feed *f = sc_calloc(sizeof *f);

    if (f == NULL)
        return NULL;
    f->n = n;
    f->done = done;
    f->arg = arg;
    return f;
}

int nntp_feed_wait(struct nntp_feed *f)
{
    int rc;

    if (f->inside)
        return SC_EBUSY;
    f->inside = true;
    rc = drain(f);
    if (rc == 0)
        rc = hear_the_rest(f);
    tell(f);
    if (f->under_way == 0)
        end(f);
    f->inside = false;
    return rc;
}

int nntp_feed_free(struct nntp_feed *f)
{
    struct fed *x;
    int rc;

    if (f == NULL)
        return 0;
    rc = nntp_feed_wait(f);
    if (f->under_way > 0) { /* one cannot wait here: cut */
        sc_break(&f->n->base, rc, "%s", sc_strerror(rc));
        tell(f);
    }
    end(f);
    while ((x = f->free) != NULL) {
        f->free = x->next;
        sc_free(x);
    }
    sc_free(f);
    return rc;
}
