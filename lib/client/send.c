/* send.c - how the queue leaves: from the call that writes, from a read that is
 * about to wait, or by a task of our own while answers come in. One of them at
 * a time; a write waits for the other two. Files and the end go out here too.
 */
#include "client/conn.h"

#include <poll.h>
#include <string.h>

#include "core/mem.h"
#include "core/text.h"
#include "stream/sock.h"

enum { FILE_PART = 256 << 10 }; /* of a file that is copied */

/* Rule 16: after EPIPE the peer's last words may explain it. */
static void last_words(struct sc_conn *k, struct sc_error *err)
{
    struct sc_wait w = {0, NULL}; /* long ago: what is there, is there */
    char words[200];
    ssize_t n;

    if (k->reading || k->eof)
        return;
    n = sc_stream_read(k->s, words, sizeof words, &w);
    if (n <= 0)
        return;
    for (ssize_t i = 0; i < n; i++)
        if (words[i] == '\n' || words[i] == '\r')
            n = i;
    err->text[0] = '\0';
    sc_show(err->text, sizeof err->text, words, (size_t)n);
}

static int write_failed(SimpleClient *c, int rc, struct sc_error *err)
{
    struct sc_conn *k = c->conn;

    if ((rc == SC_EPIPE || rc == SC_ECONNRESET) && !k->closed) {
        if (k->on_input != NULL && !k->reading && k->on_input(c) > 0)
            return 1;
        last_words(k, err);
    }
    return sc_conn_failed(c, rc, SC_PHASE_SEND, err);
}

/* After the deadline nothing is sent, room for it or not. */
static int in_time(SimpleClient *c)
{
    if (sc_conn_late(c->conn))
        return sc_conn_failed(c, SC_ETIMEDOUT, SC_PHASE_SEND, NULL);
    return 0;
}

static int take_queue(SimpleClient *c)
{
    struct sc_conn *k = c->conn;
    int rc = in_time(c);

    if (rc < 0)
        return rc;
    k->flight = k->wb;
    k->flight_cap = k->wcap;
    k->flight_n = k->wn;
    k->flight_secret = k->secret_queued;
    k->wb = NULL;
    k->wcap = k->wn = 0;
    k->secret_queued = false;
    k->writing = k->sent = true;
    k->sent_total = k->queued_total;
    return 0;
}

static void give_queue_back(struct sc_conn *k)
{
    k->writing = false;
    if (k->flight_secret)
        sc_wipe(k->flight, k->flight_n);
    if (k->wb == NULL) {
        k->wb = k->flight;
        k->wcap = k->flight_cap;
    } else {
        sc_free(k->flight);
    }
    k->flight = NULL;
}

static int write_spans(SimpleClient *c, const struct sc_span *v, size_t n,
                       struct sc_error *err)
{
    struct sc_conn *k = c->conn;
    struct sc_wait w = {sc_conn_until(k, k->opt.stall_ms), err};

    err->text[0] = '\0';
    err->status = 0;
    return sc_stream_writev(k->s, v, n, &w);
}

/* Send what is in flight and EXTRA; the caller holds C. */
static int send_flight(SimpleClient *c, struct sc_span extra)
{
    struct sc_conn *k = c->conn;
    struct sc_span v[2] = {{k->flight, k->flight_n}, extra};
    size_t from = k->flight_n == 0, n = (extra.len ? 2u : 1u) - from;
    struct sc_error err;
    int rc = write_spans(c, v + from, n, &err);

    give_queue_back(k);
    if (rc < 0)
        return write_failed(c, rc, &err);
    return k->broken;
}

int sc_send_here(SimpleClient *c, struct sc_span extra)
{
    struct sc_conn *k = c->conn;
    int rc;

    sc_conn_hold(c);
    do {
        if ((rc = take_queue(c)) < 0)
            break;
        rc = send_flight(c, extra);
        extra.len = 0;
        /* A reader that came meanwhile has left its lines to us. */
    } while (rc == 0 && k->wn && k->reading);
    return sc_conn_leave(c, rc);
}

/* --- sending while answers come in: two full TCP buffers would never drain
 * if we only wrote --- */

static void aside_over(struct sc_conn *k, int rc)
{
    k->aside = false;
    if (k->written != NULL)
        sc_wake(k->rt, &k->written, rc < 0 ? rc : 0);
}

static void writer_task(void *arg)
{
    SimpleClient *c = arg;
    struct sc_conn *k = c->conn;
    struct sc_span nothing = {NULL, 0};
    int rc = k->broken;

    if (rc < 0)
        give_queue_back(k);
    else
        rc = send_flight(c, nothing);
    while (rc == 0 && k->wn && k->reading && (rc = take_queue(c)) == 0)
        rc = send_flight(c, nothing);
    k->writer = false;
    aside_over(k, rc);
    sc_conn_let_go(c);
}

static bool needs_writer_task(const struct sc_conn *k)
{
    return k->npending &&
           k->queued_total - k->answered_total > SC_UNANSWERED_FEW;
}

static int start_writer(SimpleClient *c)
{
    struct sc_conn *k = c->conn;
    struct sc_span nothing = {NULL, 0};
    int rc;

    sc_conn_hold(c);
    if ((rc = take_queue(c)) < 0)
        return sc_conn_leave(c, rc);
    if (sc_task_go(sc_runtime_loop(k->rt), writer_task, c) < 0)
        return sc_conn_leave(c, send_flight(c, nothing));
    k->writer = k->aside = true;
    return 0;
}

/* --- the same where no task can go on: in a callback of the private loop the
 * caller itself writes when there is room, and reads when there is input --- */

static bool has_input(const struct sc_conn *k)
{
    int yes = 0;

    return sc_stream_info(k->s, SC_INFO_PENDING, &yes) == 0 && yes;
}

/* So little that it fits where poll(2) has found room. */
static int send_piece(SimpleClient *c)
{
    struct sc_conn *k = c->conn;
    size_t n = k->wn < SC_UNANSWERED_FEW ? k->wn : SC_UNANSWERED_FEW;
    struct sc_span piece = {k->wb, n};
    struct sc_error err;
    int rc;

    k->sent = true;
    k->sent_total += n;
    rc = write_spans(c, &piece, 1, &err);
    k->wn -= n;
    memmove(k->wb, k->wb + n, k->wn);
    if (k->secret_queued)
        sc_wipe(k->wb + k->wn, n);
    k->secret_queued &= k->wn > 0;
    return rc < 0 ? write_failed(c, rc, &err) : 0;
}

/* Send until all is sent or input has come. */
static int send_by_poll(SimpleClient *c)
{
    struct sc_conn *k = c->conn;
    int64_t until = sc_conn_until(k, k->opt.stall_ms);
    int fd, rc = 0;

    if (sc_stream_info(k->s, SC_INFO_FD, &fd) < 0)
        return sc_send_here(c, (struct sc_span){NULL, 0});
    while (rc == 0 && k->wn && !has_input(k)) {
        if ((rc = in_time(c)) < 0)
            return rc;
        rc = sc_wait_fd(fd, POLLIN | POLLOUT, until);
        if (rc < 0)
            return sc_conn_failed(c, rc, SC_PHASE_SEND, NULL);
        rc = rc & ~POLLIN ? send_piece(c) : 0;
    }
    return rc;
}

static int send_beside(SimpleClient *c)
{
    return sc_wait_lets_tasks_go_on(c->conn->rt) ? start_writer(c)
                                                 : send_by_poll(c);
}

/* --- whoever writes waits for what is sent aside --- */

static bool may_take(const struct sc_conn *k)
{
    return k->npending && !k->taking && !k->reading;
}

/* Whoever sends has a deadline of its own for each flight, and wakes us. */
static int wait_written(SimpleClient *c)
{
    struct sc_conn *k = c->conn;
    int64_t until = k->deadline < k->total_until ? k->deadline : k->total_until;
    int rc = sc_wait_slot(k->rt, &k->written, until);

    /* A second writer, or a callback: nothing has happened. */
    if (rc == 0 || rc == SC_EBUSY || rc == SC_EDEADLK)
        return rc;
    return sc_conn_failed(c, rc, SC_PHASE_SEND, NULL);
}

/* Until nobody writes: take answers while somebody does, or wait. */
int sc_send_await(SimpleClient *c)
{
    struct sc_conn *k = c->conn;
    int rc = 0;

    sc_conn_hold(c);
    while (rc == 0 && k->writing) {
        if (!k->aside)
            rc = SC_EBUSY;
        else
            rc = may_take(k) ? sc_pipeline_take(c) : wait_written(c);
        if (rc == 0)
            rc = k->broken;
    }
    return sc_conn_leave(c, rc);
}

int sc_send_writer_ended(SimpleClient *c)
{
    struct sc_conn *k = c->conn;
    int rc = 0;

    sc_conn_hold(c);
    while (rc == 0 && k->writer) {
        rc = sc_wait_slot(k->rt, &k->written, INT64_MAX);
        if (rc == k->broken)
            rc = 0; /* what ended it is known */
    }
    return sc_conn_leave(c, rc);
}

static int send_aside(SimpleClient *c)
{
    struct sc_conn *k = c->conn;
    int rc = send_beside(c);

    while (rc == 0 && k->wn && !k->writing && may_take(k))
        if ((rc = sc_pipeline_take(c)) == 0 && k->wn && !k->writing)
            rc = send_beside(c);
    if (rc == 0 && k->wn && !k->writing)
        rc = sc_send_here(c, (struct sc_span){NULL, 0});
    return rc < 0 ? rc : sc_send_await(c);
}

int sc_send_queue(SimpleClient *c)
{
    struct sc_conn *k = c->conn;
    int rc;

    if (k->writing && (rc = sc_send_await(c)) < 0)
        return rc;
    if (k->wn == 0)
        return 0;
    return needs_writer_task(k) && !k->reading
               ? send_aside(c)
               : sc_send_here(c, (struct sc_span){NULL, 0});
}

int sc_send_before_read(SimpleClient *c)
{
    struct sc_conn *k = c->conn;
    int rc;

    k->group_at = k->queued_total; /* a read ends the group */
    if (k->wn == 0 || k->writing)
        return 0; /* a waiting writer sends the rest too */
    if (needs_writer_task(k))
        return send_beside(c);
    k->aside = true;
    rc = sc_send_here(c, (struct sc_span){NULL, 0});
    aside_over(k, rc);
    return rc;
}

/* --- files, the end --- */

/* Returns how many of N bytes were sent: some of them. */
static ssize_t send_file_part(struct sc_conn *k, int fd, uint64_t offset,
                              uint64_t n, struct sc_error *err)
{
    struct sc_wait w = {sc_conn_until(k, k->opt.stall_ms), err};
    ssize_t sent = sc_sock_sendfile(k->s, fd, offset, n, &w);
    int rc;

    if (sent != SC_ENOTSUP)
        return sent;
    n = n < FILE_PART ? n : FILE_PART;
    rc = sc_stream_sendfile(k->s, fd, offset, n, &w);
    return rc < 0 ? rc : (ssize_t)n;
}

int sc_sendfile(SimpleClient *c, int fd, uint64_t offset, uint64_t n)
{
    struct sc_conn *k = c->conn;
    struct sc_error err = {0};
    ssize_t sent;
    int rc;

    if ((rc = sc_flush(c)) < 0 || (rc = in_time(c)) < 0)
        return rc;
    sc_conn_hold(c);
    k->writing = k->sent = true;
    while (n > 0 && (rc = in_time(c)) == 0) {
        sent = send_file_part(k, fd, offset, n, &err);
        rc = sent < 0 ? (int)sent : k->broken;
        if (rc < 0)
            break;
        offset += (uint64_t)sent;
        n -= (uint64_t)sent;
    }
    k->writing = false;
    if (rc == 0 && k->wn && k->reading) /* a reader left its lines to us */
        rc = sc_send_here(c, (struct sc_span){NULL, 0});
    if (rc < 0)
        rc = write_failed(c, rc, &err);
    return sc_conn_leave(c, rc);
}

int sc_shutdown(SimpleClient *c)
{
    struct sc_conn *k = c->conn;
    struct sc_error err = {0};
    struct sc_wait w = {0, &err};
    int rc;

    if ((rc = sc_flush(c)) < 0 || (rc = in_time(c)) < 0)
        return rc;
    w.until = sc_conn_until(k, k->opt.stall_ms);
    sc_conn_hold(c);
    k->writing = true;
    rc = sc_stream_shutdown(k->s, &w);
    k->writing = false;
    if (rc < 0)
        rc = write_failed(c, rc, &err);
    return sc_conn_leave(c, rc);
}
