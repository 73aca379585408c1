/* recording.c - the record option: a recorder on top of the client's streams,
 * which is lifted while TLS or a coding is put below it, and while the
 * connection is idle in the pool. Without the option nothing of it is there. */
#include "client/conn.h"

#include <stdio.h>
#include <string.h>

#include "stream/recorder.h"

/* Of this thread's connections. */
static _Thread_local int64_t numbers;

static void name_server(const struct sc_conn *k, char *to, size_t size)
{
    const struct sc_server_name *n = k->name;

    if (n == NULL)
        snprintf(to, size, "?");
    else if (n->unix_path || n->port == 0)
        snprintf(to, size, "%s", n->host);
    else
        snprintf(to, size, strchr(n->host, ':') != NULL ? "[%s]:%d" : "%s:%d",
                 n->host, n->port);
    for (; *to != '\0'; to++)
        if ((unsigned char)*to < 0x20 || *to == 0x7f)
            *to = '?';
}

int sc_conn_record(SimpleClient *c)
{
    struct sc_conn *k = c->conn;
    struct sc_recorder *r;
    char where[sizeof k->name->host + 16];

    if (k->opt.record == NULL || k->s == NULL)
        return 0;
    name_server(k, where, sizeof where);
    if (k->record_number == 0)
        k->record_number = ++numbers;
    r = sc_recorder_new(k->opt.record, k->opt.record_arg, k->record_number,
                        where);
    return sc_conn_record_again(c, r, NULL);
}

struct sc_recorder *sc_conn_record_off(struct sc_conn *k)
{
    if (!k->recorded || k->s == NULL)
        return NULL;
    k->recorded = false;
    sc_recorder_finish(sc_recorder_of(k->s));
    return sc_recorder_lift(k->s, &k->s);
}

int sc_conn_record_again(SimpleClient *c, struct sc_recorder *r,
                         const char *mark)
{
    struct sc_conn *k = c->conn;
    Stream *top = r != NULL ? sc_recorder_lay(r, k->s) : NULL;
    struct sc_error e = {0};
    struct sc_wait w = {0, &e};

    if (top == NULL) {
        sc_recorder_free(r);
        return sc_break(c, SC_ENOMEM, "record: no memory");
    }
    k->s = top;
    k->recorded = true;
    sc_recorder_at(r, k->sent_total);
    if (mark != NULL)
        sc_recorder_mark(r, mark);
    return sc_recorder_deliver(r, &w) < 0 ? sc_break(c, e.code, "%s", e.text)
                                          : 0;
}

void sc_conn_record_end(struct sc_conn *k, bool loose)
{
    struct sc_recorder *r = sc_conn_record_off(k);

    if (r != NULL && loose)
        sc_recorder_mark(r, "C~");
    sc_recorder_free(r);
}

void sc_conn_record_secret(struct sc_conn *k)
{
    if (k->recorded && k->s != NULL && !(k->opt.flags & SC_OPT_TRACE_SECRETS))
        sc_recorder_secret(sc_recorder_of(k->s), k->queued_total);
}

void sc_conn_record_unsent(struct sc_conn *k)
{
    if (k->recorded && k->s != NULL)
        sc_recorder_unsaid(sc_recorder_of(k->s), k->queued_total);
}
