/* early.c - answers that come while a request is still on its way (RFC 9112
 * section 9.5): what has come is read into the client's buffer, without
 * breaking anything, while a write waits for room, after one has failed, or
 * when the class asks. */
#include "client/conn.h"

#include "core/mem.h"
#include "stream/sock.h"

static int call_class(void *arg)
{
    SimpleClient *c = arg;

    return c->conn->on_input(c);
}

void sc_conn_on_input(SimpleClient *c, int (*fn)(SimpleClient *c))
{
    struct sc_conn *k = c->conn;

    if (k->broken || k->on_input == fn)
        return;
    k->on_input = fn;
    sc_sock_on_input(k->s, fn != NULL ? call_class : NULL, c);
}

static ssize_t look(SimpleClient *c, int64_t until)
{
    struct sc_conn *k = c->conn;
    struct sc_wait w = {until, NULL};
    ssize_t n;

    sc_conn_hold(c);
    k->reading = true;
    n = sc_stream_read(k->s, k->rb + k->rend, k->rcap - k->rend, &w);
    k->reading = false;
    if (n > 0) {
        k->rend += (size_t)n;
        k->seen = true;
    }
    k->eof = n == 0;
    if (n == 0)
        n = SC_EOF;
    if (n == SC_ETIMEDOUT)
        n = 0;
    until = sc_conn_leave(c, n < 0 ? (int)n : 0);
    return until < 0 ? (ssize_t)until : n;
}

ssize_t sc_conn_look(SimpleClient *c, int64_t until)
{
    struct sc_conn *k = c->conn;
    int rc;

    if (k->broken)
        return k->broken;
    if (k->reading)
        return SC_EBUSY;
    if (k->eof)
        return SC_EOF;
    if ((rc = sc_rbuf_space(k)) < 0)
        return rc;
    return look(c, until);
}

void sc_conn_drop_unsent(struct sc_conn *k)
{
    if (k->secret_queued && k->wb != NULL)
        sc_wipe(k->wb, k->wn);
    k->wn = 0;
    k->secret_queued = false;
    k->queued_total = k->sent_total;
    sc_conn_record_unsent(k);
}
