/* pop3_fetch.c - a mailbox fetched: what is new is asked for with a full window
 * (RETR), stored, and only then marked (DELE); QUIT removes it. Whatever ends the
 * run early leaves what was not stored on the server, and what was, in the
 * state. */

#include <stdatomic.h>
#include <stdio.h>
#include <string.h>

#include "client/conn.h"
#include "core/mem.h"
#include "pop3/pop3_box.h"
#include "pop3/pop3_state.h"

enum {
    WINDOW = 128,          /* commands in flight */
    DRAIN_MOST = 4 << 20,  /* bytes thrown away to keep the connection */
    HELD_MOST = 256 << 10, /* bytes that wait for others to be synced with */
    HELD_MS = 1000,
    OPEN_MOST = 32, /* files that wait so, in all fetches together */
    ACCOUNT_MOST = 512
};

/* Thousands of mailboxes may be fetched at once: descriptors are few. */
static atomic_int open_files;

struct fetch;

/* A command in flight. */
struct flight {
    struct fetch *f;
    struct pop3_item *item;
    size_t seq;   /* so many were asked for before */
    uint64_t got; /* bytes of it */
    bool large;   /* beyond max_size: thrown away */
    struct sc_answer answer;
};

struct fetch {
    POP3Client *p;
    const struct pop3_fetch *how;
    struct pop3_result *r;
    struct pop3_box box;
    struct pop3_state *state; /* NULL: none is kept */
    struct pop3_target to;
    struct pop3_item *held[POP3_HELD_MOST]; /* as in to.held */
    uint64_t held_bytes;
    int64_t held_until;
    char account[ACCOUNT_MOST];
    struct sc_error why; /* of what is tried; a record of its own would be
                            cleared for each message */
    bool stop;           /* nothing more is asked for */
    uint64_t drained;    /* bytes thrown away */
    size_t asked, settled;
    struct flight flight[WINDOW]; /* numbers SETTLED..ASKED, modulo WINDOW */
};

void pop3_result_free(struct pop3_result *r)
{
    *r = (struct pop3_result){0};
}

/* --- errors --- */

/* The first one is kept. */
static int note(struct fetch *f, int rc, const struct sc_error *e)
{
    if (f->r->error.code == 0) {
        f->r->error = *e;
        f->r->error.code = rc;
    }
    return rc;
}

static int note_client(struct fetch *f, int rc)
{
    return note(f, rc, sc_last_error(&f->p->base));
}

static int note_stop(struct fetch *f, int rc, const struct sc_error *e)
{
    f->stop = true;
    return note(f, rc, e);
}

static void note_refusal(struct fetch *f, const char *verb,
                         const struct flight *s)
{
    note_client(f, pop3_refused(f->p, verb, s->item->number, s->answer.text));
}

/* --- the state --- */

/* "joe@mail.example.org": the same with and without TLS. Joe is whose mailbox
 * it is, not who has logged in. */
static void name_account(struct fetch *f)
{
    const char *other = sc_client_options(&f->p->base)->authzid;
    const char *user = other != NULL && *other ? other : f->p->user;
    const char *host = sc_client_host(&f->p->base);
    int port = sc_client_port(&f->p->base);
    size_t n = sizeof f->account;

    if (port == 0 || port == pop3_class.port || port == pop3_class.tls_port)
        snprintf(f->account, n, "%s@%s", user, host);
    else
        snprintf(f->account, n, "%s@%s:%d", user, host, port);
    f->to.account = f->account;
}

static int open_state(struct fetch *f)
{
    struct sc_error e = {0};

    name_account(f);
    if (f->how->state == NULL)
        return 0;
    f->state = pop3_state_open(f->how->state, f->account, &e);
    return f->state != NULL ? 0 : note(f, e.code, &e);
}

struct found {
    struct pop3_set marks;
    int64_t since;
    int rc;
};

static void add_mark(void *arg, const char *mark, int64_t seconds)
{
    struct found *found = arg;

    if (seconds >= found->since && found->rc == 0)
        pop3_set_add(&found->marks, mark, &found->rc);
}

/* A run was killed: what it has stored and not noted lies in the Maildir. */
static int look_for_stored(struct fetch *f, struct found *found)
{
    int rc;

    if (f->state == NULL || f->how->maildir == NULL ||
        (found->since = pop3_state_since(f->state)) < 0)
        return 0;
    rc = mail_maildir_marks(f->how->maildir, add_mark, found);
    return rc < 0 ? rc : found->rc;
}

/* Returns 1 or 0, or an error. */
static int was_stored(struct fetch *f, struct found *found, const char *uid)
{
    bool known = pop3_state_knows(f->state, uid), lies = false;
    char mark[33];
    int rc = 0;

    if (found->marks.n > 0 && (rc = pop3_mark(f->account, uid, mark)) == 0)
        lies = pop3_set_take(&found->marks, mark);
    if (!known && lies)
        rc = pop3_state_stored(f->state, uid, NULL);
    return rc < 0 ? rc : known || lies;
}

/* --- what is wanted --- */

static int decide(struct fetch *f, struct found *found, struct pop3_item *i)
{
    const struct pop3_fetch *how = f->how;
    struct pop3_message m = pop3_box_message(&f->box, i);
    int rc = 0;

    if (f->state != NULL && *m.uid)
        rc = was_stored(f, found, m.uid);
    if (rc < 0)
        return rc;
    if (rc > 0)
        i->fate = POP3_KNOWN;
    else if (how->max_size != 0 && m.size > how->max_size)
        i->fate = POP3_SKIPPED;
    else if (how->want != NULL && (rc = how->want(how->arg, &m)) == 0)
        i->fate = POP3_SKIPPED;
    f->r->skipped += i->fate != POP3_WANTED;
    return rc < 0 ? rc : 0;
}

static int decide_all(struct fetch *f)
{
    struct found found = {.rc = 0};
    struct sc_error e = {0};
    int rc = look_for_stored(f, &found);

    for (size_t i = 0; i < f->box.n && rc == 0; i++)
        rc = decide(f, &found, &f->box.item[i]);
    pop3_set_free(&found.marks);
    if (rc < 0) {
        sc_error_set(&e, rc, "%s", sc_strerror(rc));
        return note(f, rc, &e);
    }
    f->r->total = f->box.n;
    if (f->state != NULL && (rc = pop3_state_begin(f->state, &e)) < 0)
        note(f, rc, &e);
    return rc;
}

static int refuse(struct fetch *f, const char *what)
{
    sc_fail(&f->p->base, SC_ENOTSUP, "the server has no %s", what);
    return note_client(f, SC_ENOTSUP);
}

/* What has no UID could be stored again and again. */
static void check_uids(struct fetch *f)
{
    for (size_t i = 0; i < f->box.n; i++)
        if (f->box.item[i].uid == 0)
            f->box.wrong = "UIDL does not name a message that LIST names";
}

/* Nobody would see them. */
static bool no_uids_wanted(const struct pop3_fetch *how)
{
    return (how->flags & POP3_HEADERS) && how->state == NULL &&
           how->want == NULL && how->begin == NULL && how->end == NULL;
}

static int read_box(struct fetch *f)
{
    int rc;
    struct sc_error e = {0};

    f->box.no_uids = no_uids_wanted(f->how);
    rc = pop3_box_read(&f->box, f->p);
    if (rc == 0 && f->state != NULL && f->box.has_uids)
        check_uids(f);
    if (rc == 0 && f->box.wrong != NULL)
        rc = SC_EPROTO;
    if (rc < 0 && f->box.wrong != NULL) {
        sc_error_set(&e, rc, "pop3 %s: %s", f->account, f->box.wrong);
        return note(f, rc, &e);
    }
    if (rc < 0)
        return note_client(f, rc);
    if (f->state != NULL && !f->box.has_uids)
        return refuse(f, "UIDL");
    if ((f->how->flags & POP3_HEADERS) && pop3_lacks(f->p, POP3_CAP_TOP))
        return refuse(f, "TOP");
    return decide_all(f);
}

/* --- messages come --- */

static bool is_answered(const struct flight *s)
{
    return s->answer.rc < 0 || s->answer.code != 0;
}

static void stored(struct fetch *f, struct pop3_item *i)
{
    struct pop3_message m = pop3_box_message(&f->box, i);
    bool headers = f->how->flags & POP3_HEADERS;
    int rc;

    i->fate = headers ? POP3_SKIPPED : POP3_STORED;
    f->r->fetched++;
    if (headers || f->state == NULL || *m.uid == '\0')
        return;
    if ((rc = pop3_state_stored(f->state, m.uid, &f->why)) < 0)
        note_stop(f, rc, &f->why);
}

/* Several messages in a Maildir cost the disk little more than one. */
static void flush(struct fetch *f)
{
    size_t n = f->to.nheld, safe;

    if (n == 0)
        return;
    f->held_bytes = 0;
    safe = pop3_target_flush(&f->to, &f->why);
    atomic_fetch_sub(&open_files, (int)n);
    for (size_t i = 0; i < safe; i++)
        stored(f, f->held[i]);
    if (safe < n)
        note_stop(f, f->why.code, &f->why);
}

/* The next message, GOT bytes of it so far, may be slow, or have no end. */
static bool is_held_long(const struct fetch *f, uint64_t got)
{
    return f->held_bytes + got >= HELD_MOST || sc_now() >= f->held_until;
}

static void hold(struct fetch *f, struct flight *s)
{
    f->held[f->to.nheld - 1] = s->item;
    f->held_bytes += s->got;
    if (f->to.nheld == 1)
        f->held_until = sc_now() + HELD_MS;
    if (atomic_fetch_add(&open_files, 1) >= OPEN_MOST ||
        f->to.nheld == POP3_HELD_MOST || is_held_long(f, 0))
        flush(f);
}

/* Files that are held may be one too many. */
static int begin(struct fetch *f, const struct pop3_message *m,
                 struct sc_error *e)
{
    int rc = pop3_target_begin(&f->to, m, e);

    if (rc < 0 && f->to.nheld > 0) {
        flush(f);
        rc = f->stop ? f->r->error.code : pop3_target_begin(&f->to, m, e);
    }
    return rc;
}

/* All of the message has come; one of no bytes was not begun yet. */
static void end_message(struct fetch *f, struct flight *s)
{
    struct pop3_message m = pop3_box_message(&f->box, s->item);
    int rc = 0;

    if (!f->to.begun && s->got == 0)
        rc = begin(f, &m, &f->why);
    if (rc == 0)
        rc = pop3_target_end(&f->to, &m, &f->why);
    if (rc < 0)
        note_stop(f, rc, &f->why);
    else if (f->to.nheld > 0)
        hold(f, s);
    else
        stored(f, s->item);
}

static void settle_one(struct fetch *f, struct flight *s)
{
    struct pop3_message m = pop3_box_message(&f->box, s->item);

    s->item->fate = POP3_FAILED;
    if (s->answer.rc < 0)
        pop3_target_cut(&f->to, &m, s->answer.rc);
    else if (s->answer.code != 200)
        note_refusal(f, f->how->flags & POP3_HEADERS ? "TOP" : "RETR", s);
    else if (!f->stop && !s->large)
        end_message(f, s);
}

/* Those before UPTO whose answers are there. */
static void settle(struct fetch *f, size_t upto)
{
    struct flight *s;

    while (f->settled < upto &&
           is_answered(s = &f->flight[f->settled % WINDOW])) {
        f->settled++;
        settle_one(f, s);
    }
}

/* What is on its way already is thrown away, if it is little: the messages that
 * were stored can be deleted then. Why was noted before. */
static int drain(struct fetch *f, size_t n)
{
    f->drained += n;
    return f->drained <= DRAIN_MOST ? 0 : SC_ETOOBIG;
}

/* LIST has made it smaller. The others do not suffer. */
static int is_too_large(struct fetch *f, struct flight *s,
                        const struct pop3_message *m)
{
    struct sc_error e = {0};

    s->large = true;
    sc_error_set(&e, SC_ETOOBIG, "message %u is larger than %llu bytes",
                 (unsigned)s->item->number,
                 (unsigned long long)f->how->max_size);
    pop3_target_cut(&f->to, m, note(f, SC_ETOOBIG, &e));
    return drain(f, s->got);
}

/* An sc_sink: bytes of one message. Those before it are whole. */
static int take_bytes(void *arg, const void *p, size_t n)
{
    struct flight *s = arg;
    struct fetch *f = s->f;
    struct pop3_message m = pop3_box_message(&f->box, s->item);
    int rc = 0;

    if (s->got == 0)
        settle(f, s->seq);
    if (f->stop || s->large)
        return drain(f, n);
    if (s->got == 0)
        rc = begin(f, &m, &f->why);
    s->got += n;
    if (rc == 0 && f->how->max_size != 0 && s->got > f->how->max_size)
        return is_too_large(f, s, &m);
    if (f->to.nheld > 0 && is_held_long(f, s->got))
        flush(f);
    if (rc == 0)
        rc = f->stop ? f->r->error.code
                     : pop3_target_sink(&f->to, p, n, &f->why);
    if (rc < 0) {
        note_stop(f, rc, &f->why);
        pop3_target_cut(&f->to, &m, rc);
        return drain(f, n);
    }
    return 0;
}

/* --- commands go --- */

static struct flight *next_flight(struct fetch *f, struct pop3_item *i)
{
    struct flight *s = &f->flight[f->asked % WINDOW];

    s->f = f;
    s->item = i;
    s->got = 0;
    s->large = false;
    s->seq = f->asked++;
    return s;
}

/* "TOP 7 0", without a format to interpret for each of thousands. */
static void say(SimpleClient *c, const char *verb, uint32_t number,
                const char *more)
{
    char line[32], *p = line + sizeof line;
    size_t n = strlen(more);

    p -= n;
    memcpy(p, more, n);
    do
        *--p = (char)('0' + number % 10);
    while ((number /= 10) > 0);
    n = strlen(verb);
    p -= n;
    memcpy(p, verb, n);
    sc_writeline_n(c, p, (size_t)(line + sizeof line - p));
}

static void ask_for(struct fetch *f, struct pop3_item *i)
{
    SimpleClient *c = &f->p->base;
    struct flight *s = next_flight(f, i);

    if (f->how->flags & POP3_HEADERS)
        say(c, "TOP ", i->number, " 0");
    else
        say(c, "RETR ", i->number, "");
    sc_await_dot(c, &s->answer, take_bytes, s);
    settle(f, f->asked);
}

static void open_window(struct fetch *f)
{
    bool pipelined = f->p->caps.have & POP3_CAP_PIPELINING;

    sc_window(&f->p->base, pipelined ? WINDOW : 1);
}

static void fetch_all(struct fetch *f)
{
    SimpleClient *c = &f->p->base;
    int rc;

    open_window(f);
    for (size_t i = 0; i < f->box.n && !f->stop && !sc_broken(c); i++)
        if (f->box.item[i].fate == POP3_WANTED)
            ask_for(f, &f->box.item[i]);
    rc = sc_answered(c, NULL);
    settle(f, f->asked);
    flush(f);
    if (rc < 0)
        note_client(f, rc);
}

/* --- and are deleted --- */

static void settle_marks(struct fetch *f)
{
    struct flight *s;

    while (f->settled < f->asked &&
           is_answered(s = &f->flight[f->settled % WINDOW])) {
        f->settled++;
        if (s->answer.rc == 0 && s->answer.code == 200)
            s->item->fate = POP3_MARKED;
        else if (s->answer.rc == 0)
            note_refusal(f, "DELE", s);
    }
}

static bool may_go(const struct fetch *f, const struct pop3_item *i)
{
    return !(f->how->flags & (POP3_KEEP | POP3_HEADERS)) &&
           (i->fate == POP3_STORED || i->fate == POP3_KNOWN);
}

static void mark_all(struct fetch *f)
{
    SimpleClient *c = &f->p->base;
    int rc;

    for (size_t i = 0; i < f->box.n && !sc_broken(c); i++)
        if (may_go(f, &f->box.item[i])) {
            struct flight *s = next_flight(f, &f->box.item[i]);

            say(c, "DELE ", s->item->number, "");
            sc_await(c, &s->answer);
            settle_marks(f);
        }
    rc = sc_answered(c, NULL);
    settle_marks(f);
    if (rc < 0)
        note_client(f, rc);
}

/* --- the end --- */

static void conclude(struct fetch *f, bool gone)
{
    struct pop3_box *b = &f->box;

    for (size_t i = 0; i < b->n; i++) {
        const char *uid = b->uids.data + b->item[i].uid;

        if (b->item[i].fate != POP3_MARKED)
            continue;
        f->r->deleted += gone;
        f->r->undecided += !gone;
        if (f->state == NULL || b->item[i].uid == 0)
            continue;
        if (gone)
            pop3_state_gone(f->state, uid);
        else
            pop3_state_mark(f->state, uid);
    }
}

/* RFC 1939 section 6: what is marked is removed by QUIT, or not at all. */
static void say_goodbye(struct fetch *f)
{
    struct sc_error e = {0};
    int rc = pop3_quit(f->p);

    if (rc < 0)
        note_client(f, rc);
    conclude(f, rc == 0);
    if (f->state != NULL && (rc = pop3_state_end(f->state, &e)) < 0)
        note(f, rc, &e);
}

static void run(struct fetch *f)
{
    int rc = sc_broken(&f->p->base);

    if (rc < 0) {
        note_client(f, rc);
        return;
    }
    if (open_state(f) < 0 || read_box(f) < 0)
        return;
    fetch_all(f);
    mark_all(f);
    say_goodbye(f);
}

int pop3_fetch(const char *url, const struct pop3_fetch *how,
               struct pop3_result *r)
{
    struct fetch *f;

    pop3_result_free(r);
    if (pop3_target_check(how) < 0)
        return sc_error_set(&r->error, SC_EINVAL,
                            "one place to put messages is needed, and no "
                            "empty name");
    if ((f = sc_calloc(sizeof *f)) == NULL)
        return sc_error_set(&r->error, SC_ENOMEM, "%s", sc_strerror(SC_ENOMEM));
    f->how = f->to.how = how;
    f->r = r;
    f->p = pop3_open(url, how->options);
    run(f);
    pop3_close(f->p);
    pop3_state_close(f->state);
    pop3_box_free(&f->box);
    sc_free(f);
    return r->error.code;
}
