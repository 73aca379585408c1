/* pool.c - idle connections, kept in one list per runtime, the latest first.
 * One that has something to read is not idle: it has ended, or would answer
 * the wrong question. */
#include "client/pool.h"

#include <stdio.h>
#include <string.h>

#include "client/conn.h"
#include "client/proxy.h"
#include "core/mem.h"
#include "run/clock.h"

enum { PER_HOST = 6, IN_ALL = 64 };

int64_t sc_pool_keep_ms = 60000;

struct pool {
    struct sc_runtime *rt;
    SimpleClient *first;
    int n;
    struct sc_alarm alarm;
    struct sc_at_close at_close;
};

#define POOL_OF(p, member)                                                     \
    ((struct pool *)(void *)((char *)(p)-offsetof(struct pool, member)))

static struct sc_conn_idle *idle(SimpleClient *c)
{
    return &c->conn->idle;
}

static void unlink_client(struct pool *p, SimpleClient *c)
{
    struct sc_conn_idle *i = idle(c);

    if (i->prev != NULL)
        idle(i->prev)->next = i->next;
    else
        p->first = i->next;
    if (i->next != NULL)
        idle(i->next)->prev = i->prev;
    i->prev = i->next = NULL;
    p->n--;
}

static void link_client(struct pool *p, SimpleClient *c)
{
    struct sc_conn_idle *i = idle(c);

    i->prev = NULL;
    i->next = p->first;
    if (p->first != NULL)
        idle(p->first)->prev = c;
    p->first = c;
    p->n++;
}

static bool has_unread(SimpleClient *c)
{
    int pending = 0;

    return sc_stream_info(c->conn->s, SC_INFO_PENDING, &pending) == 0 &&
           pending;
}

/* What a server wants to hear at the end (RFC 5321 section 4.1.1.10) fits into
 * the buffer of an idle connection. */
static void let_go(SimpleClient *c)
{
    struct sc_wait now = {0, NULL};
    char line[16];
    int n;

    if (c->cls->goodbye != NULL && !has_unread(c)) {
        n = snprintf(line, sizeof line, "%s\r\n", c->cls->goodbye);
        sc_stream_write(c->conn->s, line, (size_t)n, &now);
    }
    sc_drop(c);
}

/* Drop what is over its time; returns when the next one is. */
static int64_t purge(struct pool *p, int64_t now)
{
    int64_t next = INT64_MAX;
    SimpleClient *c = p->first;

    while (c != NULL) {
        if (idle(c)->until <= now) {
            unlink_client(p, c);
            let_go(c);
            c = p->first; /* a stream of the program's may do anything */
            continue;
        }
        if (idle(c)->until < next)
            next = idle(c)->until;
        c = idle(c)->next;
    }
    return next;
}

static void fire(struct sc_alarm *a)
{
    struct pool *p = POOL_OF(a, alarm);
    int64_t next = purge(p, sc_now());

    if (p->first != NULL)
        sc_alarm_at(p->rt, a, next);
}

static void close_pool(struct sc_at_close *link)
{
    struct pool *p = POOL_OF(link, at_close);

    *sc_runtime_local(p->rt, SC_LOCAL_POOL) = NULL;
    sc_alarm_remove(p->rt, &p->alarm);
    purge(p, INT64_MAX);
    sc_free(p);
}

static struct pool *pool_of(struct sc_runtime *rt, bool make)
{
    void **slot = rt != NULL ? sc_runtime_local(rt, SC_LOCAL_POOL) : NULL;
    struct pool *p;

    if (slot == NULL || *slot != NULL || !make)
        return slot != NULL ? *slot : NULL;
    if ((p = sc_calloc(sizeof *p)) == NULL)
        return NULL;
    p->rt = rt;
    p->alarm.fire = fire;
    p->at_close.close = close_pool;
    sc_at_close_add(rt, &p->at_close);
    *slot = p;
    return p;
}

static bool same_host(const SimpleClient *a, const struct client_class *cls,
                      const struct sc_server_name *n)
{
    const struct sc_server_name *m = a->conn->name;

    return a->cls == cls && m->port == n->port &&
           m->unix_path == n->unix_path && strcmp(m->host, n->host) == 0;
}

static SimpleClient *find(struct pool *p, const struct client_class *cls,
                          const struct sc_server_name *n,
                          const struct sc_options *o)
{
    struct sc_proxy *proxy; /* the environment's may be another by now */
    SimpleClient *c;

    if (sc_proxy_choose(cls, n, o, &proxy, NULL) < 0)
        return NULL;
    for (c = p->first; c != NULL; c = idle(c)->next)
        if (same_host(c, cls, n) && sc_options_same_peer(&c->conn->opt, o) &&
            sc_proxy_same(c->conn->proxy, proxy))
            break;
    sc_proxy_free(proxy);
    sc_free(proxy);
    return c;
}

/* The new owner's times, limits, trace and recording; the peer is the same. O
 * is taken. Returns 0, or C is broken. */
static int dress(SimpleClient *c, struct sc_options *o)
{
    struct sc_conn *k = c->conn;

    sc_options_free(&k->opt);
    k->opt = *o;
    sc_options_line(&k->opt, c->cls);
    k->timeout_ms = 0;
    k->deadline = INT64_MAX;
    k->total_until = o->total_ms > 0 ? sc_until(o->total_ms) : INT64_MAX;
    k->window = 1;
    k->sent = k->seen = false;
    k->stall_left = 0;
    k->command[0] = '\0';
    return sc_conn_record(c);
}

SimpleClient *sc_pool_take(const struct client_class *cls, const char *server,
                           int port, const struct sc_options *opt)
{
    struct pool *p = pool_of(sc_runtime_here(), false);
    struct sc_server_name name;
    struct sc_options o;
    SimpleClient *c;

    if (p == NULL || p->first == NULL || sc_options_copy(&o, opt) < 0)
        return NULL;
    if (o.flags & SC_OPT_NO_POOL ||
        sc_conn_name(cls, server, port, &name, &o, NULL) < 0) {
        sc_options_free(&o);
        return NULL;
    }
    purge(p, sc_now());
    while ((c = find(p, cls, &name, &o)) != NULL) {
        unlink_client(p, c);
        if (!has_unread(c)) {
            if (dress(c, &o) == 0)
                return c;
            sc_drop(c);
            return NULL;
        }
        sc_drop(c);
    }
    sc_options_free(&o);
    return NULL;
}

/* What comes unasked is looked for when it is taken out again. */
static bool can_be_kept(SimpleClient *c)
{
    const struct sc_conn *k = c->conn;

    return sc_client_idle(c) && k->named && !k->stand_in && k->s != NULL &&
           !(k->opt.flags & SC_OPT_NO_POOL) && sc_runtime_check(k->rt) == 0;
}

/* Make room for one more to the host of C: the longest idle one goes. */
static void make_place(struct pool *p, const SimpleClient *c)
{
    SimpleClient *i, *last = NULL, *last_same = NULL;
    int same = 0;

    for (i = p->first; i != NULL; i = idle(i)->next) {
        last = i;
        if (same_host(i, c->cls, c->conn->name)) {
            last_same = i;
            same++;
        }
    }
    if (same >= PER_HOST)
        last = last_same;
    else if (p->n < IN_ALL)
        return;
    unlink_client(p, last);
    let_go(last);
}

void sc_pool_give(SimpleClient *c)
{
    struct sc_conn *k = c != NULL ? c->conn : NULL;
    struct pool *p;

    if (k == NULL || !can_be_kept(c) || (p = pool_of(k->rt, true)) == NULL) {
        sc_drop(c);
        return;
    }
    make_place(p, c);
    k->opt.trace = NULL; /* its owner may be gone, and the recording's */
    sc_conn_record_end(k, c->cls->goodbye != NULL);
    k->opt.record = NULL;
    idle(c)->until = sc_until(sc_pool_keep_ms);
    link_client(p, c);
    sc_alarm_at(p->rt, &p->alarm, idle(c)->until);
}
