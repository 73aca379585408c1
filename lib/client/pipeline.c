/* pipeline.c - commands in flight, and where each reply goes (RFC 2920,
 * RFC 3977 section 3.5): straight down the page, whatever the window. */
#include "client/conn.h"

#include <string.h>

#include "core/mem.h"
#include "core/text.h"

static struct sc_pending *first(struct sc_conn *k)
{
    return &k->pending[k->pending_first];
}

/* pending_cap is a power of 2. */
static size_t in_ring(const struct sc_conn *k, size_t i)
{
    return (k->pending_first + i) & (k->pending_cap - 1);
}

static void pop(struct sc_conn *k)
{
    k->pending_first = in_ring(k, 1);
    k->npending--;
}

static struct sc_pending *nth(struct sc_conn *k, size_t i)
{
    return &k->pending[in_ring(k, i)];
}

void sc_pipeline_settle(struct sc_conn *k, uint64_t from, int code)
{
    struct sc_pending *p;
    size_t kept = 0, i;

    /* Those after FROM are the last ones of the ring. */
    for (i = 0; i < k->npending; i++) {
        p = nth(k, i);
        if (from && p->end <= from) {
            kept++;
            continue;
        }
        p->a->rc = code;
        p->a->sent = p->end <= k->sent_total;
    }
    k->npending = kept;
}

static int grow(SimpleClient *c)
{
    struct sc_conn *k = c->conn;
    size_t cap = k->pending_cap ? k->pending_cap * 2 : 8;
    struct sc_pending *p = sc_malloc(cap * sizeof *p);

    if (p == NULL)
        return sc_break(c, SC_ENOMEM, "%s", sc_strerror(SC_ENOMEM));
    for (size_t i = 0; i < k->npending; i++)
        p[i] = *nth(k, i);
    sc_free(k->pending);
    k->pending = p;
    k->pending_cap = cap;
    k->pending_first = 0;
    return 0;
}

/* The reply of the first command; the client's own deadlines are lent to it. */
static int take_reply(SimpleClient *c, struct sc_pending *p)
{
    struct sc_conn *k = c->conn;
    int64_t timeout = k->timeout_ms;
    struct sc_reply r = {0};
    int rc;

    r.text.data = r.all.data = "";
    k->timeout_ms = p->timeout_ms;
    k->about = p->command;
    sc_unit_begin(k);
    rc = c->cls->reply(c, &r);
    sc_unit_end(k);
    if (rc >= 0) {
        p->a->rc = 0;
        p->a->sent = 1;
        p->a->code = (short)r.code;
        sc_show(p->a->text, sizeof p->a->text, r.text.data, r.text.len);
    }
    if (rc >= 0 && p->dot && r.code / 100 == 2)
        p->a->rc = rc = sc_read_dot_to(c, p->sink, p->arg);
    k->about = NULL;
    if (!k->broken)
        k->timeout_ms = timeout;
    return rc < 0 ? rc : 0;
}

int sc_pipeline_take(SimpleClient *c)
{
    struct sc_conn *k = c->conn;
    struct sc_pending p = *first(k);
    int rc;

    if (k->reading || k->taking)
        return SC_EBUSY;
    if (k->writer && !sc_wait_lets_tasks_go_on(k->rt))
        return SC_EDEADLK;
    sc_conn_hold(c);
    k->taking = true;
    rc = take_reply(c, &p);
    k->taking = false;
    if (rc == 0) {
        k->answered_total = p.end;
        pop(k);
    }
    return sc_conn_leave(c, rc);
}

/* Take answers until at most N are open. */
static int take_down_to(SimpleClient *c, size_t n)
{
    int rc = 0;

    while (rc == 0 && c->conn->npending > n)
        rc = sc_pipeline_take(c);
    return rc;
}

int sc_window(SimpleClient *c, int n)
{
    if (c->conn->broken)
        return c->conn->broken;
    if (n < 1)
        return sc_fail(c, SC_EINVAL, "a window of %d", n);
    c->conn->window = n;
    return 0;
}

/* SINK NULL: no block follows. */
static int await(SimpleClient *c, struct sc_answer *a, sc_sink sink, void *arg)
{
    struct sc_conn *k = c->conn;
    struct sc_pending *p;
    int rc;

    memset(a, 0, sizeof *a);
    if ((a->rc = rc = sc_conn_check(k)) < 0)
        return rc;
    if (k->poison) {
        a->rc = k->poison;
        return 0;
    }
    if (k->npending == k->pending_cap && (a->rc = rc = grow(c)) < 0)
        return rc;
    if (k->npending == 0)
        k->answered_total = k->sent_total;
    p = nth(k, k->npending++);
    *p = (struct sc_pending){
        a, sink, arg, sink != NULL, k->queued_total, k->timeout_ms, ""};
    memcpy(p->command, k->command, sizeof p->command);
    k->group_at = k->queued_total; /* an await ends the group */
    if (k->npending < (size_t)k->window || k->taking)
        return 0;
    return take_down_to(c, (size_t)k->window / 2);
}

int sc_await(SimpleClient *c, struct sc_answer *a)
{
    return await(c, a, NULL, NULL);
}

static int throw_away(void *arg, const void *p, size_t n)
{
    (void)arg;
    (void)p;
    (void)n;
    return 0;
}

int sc_await_dot(SimpleClient *c, struct sc_answer *a, sc_sink sink, void *arg)
{
    return await(c, a, sink != NULL ? sink : throw_away, arg);
}

/* The last command whose answer is A, or NULL. */
static const struct sc_pending *open_one(struct sc_conn *k,
                                         const struct sc_answer *a)
{
    for (size_t i = k->npending; i-- > 0;)
        if (nth(k, i)->a == a)
            return nth(k, i);
    return NULL;
}

/* Take answers until A's is there, and do not look for it among all that are
 * open after each of them. */
static int take_until(SimpleClient *c, const struct sc_answer *a)
{
    struct sc_conn *k = c->conn;
    const struct sc_pending *p = open_one(k, a);
    uint64_t end = p != NULL ? p->end : 0;
    int rc = 0;

    while (p != NULL && (rc = sc_pipeline_take(c)) == 0) {
        /* Somebody may have settled it, or taken it meanwhile. */
        if (k->npending == 0 || first(k)->end > end || a->rc < 0)
            break;
        if (first(k)->end == end)
            p = open_one(k, a);
    }
    return rc;
}

int sc_answered(SimpleClient *c, const struct sc_answer *a)
{
    struct sc_conn *k = c->conn;
    int rc = 0, refused = 0;

    if ((rc = sc_conn_check(k)) < 0)
        return rc;
    if (k->poison && (refused = sc_queue_settle_poison(c)) < 0 && k->broken)
        return k->broken;
    rc = a == NULL ? take_down_to(c, 0) : take_until(c, a);
    return rc < 0 ? rc : refused;
}
