/* rbuf.c - read buffers that nobody uses at the moment. Last in, first out:
 * with a thousand clients in turn it is always the same warm one. */
#include "client/conn.h"

#include "core/mem.h"

enum { KEEP = 8 };

struct rbufs {
    struct sc_at_close link;
    struct sc_runtime *rt;
    size_t n;
    char *at[KEEP];
    char *fast; /* one of SC_READ_FAST bytes, or NULL */
};

static void runtime_closes(struct sc_at_close *link)
{
    struct rbufs *p = (struct rbufs *)link;

    *sc_runtime_local(p->rt, SC_LOCAL_RBUFS) = NULL;
    while (p->n > 0)
        sc_free(p->at[--p->n]);
    sc_free(p->fast);
    sc_free(p);
}

static struct rbufs *rbufs_new(struct sc_runtime *rt)
{
    struct rbufs *p;

    if (sc_runtime_check(rt) < 0 || (p = sc_calloc(sizeof *p)) == NULL)
        return NULL;
    p->rt = rt;
    p->link.close = runtime_closes;
    sc_at_close_add(rt, &p->link);
    return p;
}

void sc_rbuf_give(struct sc_conn *k)
{
    void **local = sc_runtime_local(k->rt, SC_LOCAL_RBUFS);
    struct rbufs *p;

    if (k->rb == NULL)
        return;
    if (*local == NULL)
        *local = rbufs_new(k->rt);
    p = *local;
    if (p != NULL && p->n < KEEP && k->rcap == SC_READ_SIZE)
        p->at[p->n++] = k->rb;
    else if (p != NULL && p->fast == NULL && k->rcap == SC_READ_FAST)
        p->fast = k->rb;
    else
        sc_free(k->rb);
    k->rb = NULL;
    k->rcap = k->rpos = k->rend = k->rscan = 0;
}

/* Without memory for the large one the usual one will do. */
static bool take_fast(struct sc_conn *k, struct rbufs *p)
{
    k->rb = p != NULL ? p->fast : NULL;
    if (p != NULL)
        p->fast = NULL;
    if (k->rb == NULL)
        k->rb = sc_malloc(SC_READ_FAST);
    k->rcap = k->rb != NULL ? SC_READ_FAST : 0;
    return k->rb != NULL;
}

void sc_rbuf_take(struct sc_conn *k)
{
    struct rbufs *p = *sc_runtime_local(k->rt, SC_LOCAL_RBUFS);

    if ((k->fast && take_fast(k, p)) || p == NULL || p->n == 0)
        return;
    k->rb = p->at[--p->n];
    k->rcap = SC_READ_SIZE;
}
