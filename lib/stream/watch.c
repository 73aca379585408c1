/* watch.c - a descriptor that somebody waits for. Reading stays armed between
 * waits and is dropped only when libuv tells of input that nobody waits for:
 * in request and reply traffic there is no epoll_ctl. The libuv handle is made
 * at the first wait that needs a loop. */
#include "stream/watch.h"

#include "core/mem.h"
#include "run/clock.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <unistd.h>
#include <uv.h>

struct sc_watch {
    uv_poll_t poll;
    struct sc_alarm alarm; /* at the earlier deadline of the two */
    struct sc_at_close link;
    struct sc_runtime *rt;
    struct sc_waiter *reader, *writer;
    int fd;
    int error;
    int refs; /* the owner, libuv, and every callback that may resume */
    int mask; /* what libuv watches for */
    bool has_poll;
    bool always_ready; /* a regular file: epoll refuses it */
    bool both;         /* the writer wakes for input too */
};

static void let_go(struct sc_watch *w)
{
    if (--w->refs > 0)
        return;
    sc_runtime_let_go(w->rt);
    sc_free(w);
}

static void fire(struct sc_alarm *a);
static void runtime_closes(struct sc_at_close *link);

static int make_nonblocking(int fd)
{
    int flags = fcntl(fd, F_GETFL);

    if (flags < 0 ||
        (!(flags & O_NONBLOCK) && fcntl(fd, F_SETFL, flags | O_NONBLOCK) < 0))
        return -errno;
    return 0;
}

struct sc_watch *sc_watch_new(int fd, struct sc_error *err)
{
    struct sc_runtime *rt = sc_runtime_here();
    struct sc_watch *w = rt != NULL ? sc_calloc(sizeof *w) : NULL;
    int rc = rt != NULL ? SC_ENOMEM : sc_runtime_failure();

    if (w == NULL || (rc = make_nonblocking(fd)) < 0) {
        sc_error_set(err, rc, "descriptor %d: %s", fd, sc_strerror(rc));
        sc_free(w);
        return NULL;
    }
    w->rt = rt;
    w->fd = fd;
    w->refs = 1;
    w->alarm.fire = fire;
    w->link.close = runtime_closes;
    sc_runtime_hold(rt);
    sc_at_close_add(rt, &w->link);
    return w;
}

int sc_watch_fd(const struct sc_watch *w)
{
    int rc;

    if (w->error)
        return w->error;
    return (rc = sc_runtime_check(w->rt)) < 0 ? rc : w->fd;
}

/* --- on the loop --- */

static void set_mask(struct sc_watch *w, int mask);

static bool wants_input(const struct sc_watch *w)
{
    return w->reader != NULL || (w->both && w->writer != NULL);
}

static void wake_for_input(struct sc_watch *w)
{
    if (w->reader != NULL)
        sc_wake(w->rt, &w->reader, 0);
    else if (w->both)
        sc_wake(w->rt, &w->writer, 1);
}

/* Resumed tasks may close W: the caller holds a reference. */
static void on_poll(uv_poll_t *poll, int status, int events)
{
    struct sc_watch *w = poll->data;
    struct sc_runtime *rt = w->rt;
    int unwanted = 0;

    sc_runtime_hold(rt);
    sc_enter_callback(rt);
    w->refs++;
    if (status < 0) {
        /* libuv has stopped the handle, and says EBADF for any POLLERR: the
         * system call will tell the truth. */
        w->mask = 0;
        events = UV_READABLE | UV_WRITABLE;
    }
    if (events & UV_READABLE && !wants_input(w))
        unwanted |= UV_READABLE;
    if (events & UV_READABLE)
        wake_for_input(w);
    if (events & UV_WRITABLE && w->writer == NULL)
        unwanted |= UV_WRITABLE;
    if (events & UV_WRITABLE)
        sc_wake(rt, &w->writer, 0);
    if (wants_input(w))
        unwanted &= ~UV_READABLE;
    if (w->writer != NULL)
        unwanted &= ~UV_WRITABLE;
    /* After sc_watch_fail too: what comes then would spin the loop. */
    if (w->mask & unwanted && !uv_is_closing((uv_handle_t *)poll))
        set_mask(w, w->mask & ~unwanted);
    let_go(w);
    sc_leave_callback(rt);
    sc_runtime_let_go(rt);
}

static void set_mask(struct sc_watch *w, int mask)
{
    w->mask = mask;
    if (mask)
        uv_poll_start(&w->poll, mask, on_poll);
    else
        uv_poll_stop(&w->poll);
}

static int need_poll(struct sc_watch *w)
{
    int rc;

    if (w->has_poll || w->always_ready)
        return 0;
    rc = uv_poll_init(sc_runtime_loop(w->rt), &w->poll, w->fd);
    if (rc == UV_EPERM) {
        w->always_ready = true;
        return 0;
    }
    if (rc < 0)
        return rc;
    uv_unref((uv_handle_t *)&w->poll);
    w->poll.data = w;
    w->has_poll = true;
    w->refs++;
    return 0;
}

static void on_closed(uv_handle_t *h)
{
    let_go(h->data);
}

/* --- deadlines: one alarm for both directions --- */

static int64_t until_of(const struct sc_waiter *waiter)
{
    return waiter != NULL ? sc_waiter_until(waiter) : INT64_MAX;
}

static void fire(struct sc_alarm *a)
{
    struct sc_watch *w =
        (struct sc_watch *)((char *)a - offsetof(struct sc_watch, alarm));
    int64_t now = sc_now();

    w->refs++;
    if (until_of(w->reader) <= now)
        sc_wake(w->rt, &w->reader, SC_ETIMEDOUT);
    if (until_of(w->writer) <= now)
        sc_wake(w->rt, &w->writer, SC_ETIMEDOUT);
    sc_alarm_at(w->rt, &w->alarm, until_of(w->reader));
    sc_alarm_at(w->rt, &w->alarm, until_of(w->writer));
    let_go(w);
}

/* --- waiting --- */

static int wait_on_loop(struct sc_watch *w, short event, int64_t until)
{
    int bits = (event & POLLIN ? UV_READABLE : 0) |
               (event & POLLOUT ? UV_WRITABLE : 0);
    int rc = need_poll(w);

    if (rc < 0 || w->always_ready)
        return rc;
    if ((w->mask & bits) != bits) {
        /* Connecting is over when reading begins: one call for both. */
        int keep = w->writer != NULL || event != POLLIN ? w->mask : 0;
        set_mask(w, keep | bits);
    }
    if (event != POLLIN)
        w->both = event & POLLIN;
    sc_alarm_at(w->rt, &w->alarm, until);
    return sc_wait_slot_noted(w->rt, event == POLLIN ? &w->reader : &w->writer,
                              until);
}

int sc_watch_wait(struct sc_watch *w, short event, int64_t until)
{
    int rc = sc_watch_fd(w);

    if (rc < 0)
        return rc;
    if (event == POLLIN ? w->reader != NULL : w->writer != NULL)
        return SC_EBUSY;
    if ((rc = sc_wait_cancelled()) < 0)
        return rc;
    if (until != INT64_MAX && until <= sc_now())
        return SC_ETIMEDOUT;
    w->refs++;
    if (sc_wait_uses_loop(w->rt))
        rc = wait_on_loop(w, event, until);
    else if ((rc = sc_wait_fd(w->fd, event, until)) > 0)
        rc = event != POLLIN && rc & POLLIN;
    if (w->error)
        rc = w->error;
    let_go(w);
    return rc;
}

/* --- ending --- */

void sc_watch_fail(struct sc_watch *w, int error)
{
    if (w->error)
        return;
    w->error = error;
    w->refs++;
    sc_wake(w->rt, &w->reader, error);
    sc_wake(w->rt, &w->writer, error);
    let_go(w);
}

static void leave_loop(struct sc_watch *w)
{
    sc_at_close_remove(&w->link);
    sc_alarm_remove(w->rt, &w->alarm);
    /* In a forked child libuv's epoll descriptor is still the parent's. */
    if (w->has_poll && sc_runtime_check(w->rt) != SC_EFORK &&
        !uv_is_closing((uv_handle_t *)&w->poll))
        uv_close((uv_handle_t *)&w->poll, on_closed);
}

void sc_watch_close(struct sc_watch *w)
{
    int fd = w->fd;

    if (fd < 0)
        return;
    leave_loop(w); /* before close(2): the number may be used again at once */
    w->fd = -1;
    close(fd);
    sc_watch_fail(w, SC_ECLOSED);
    w->error = SC_ECLOSED;
}

static void runtime_closes(struct sc_at_close *link)
{
    sc_watch_close(
        (struct sc_watch *)((char *)link - offsetof(struct sc_watch, link)));
}

void sc_watch_free(struct sc_watch *w)
{
    if (w == NULL)
        return;
    sc_watch_close(w);
    let_go(w);
}

int sc_watch_detach(struct sc_watch *w)
{
    int fd = w->fd;

    leave_loop(w);
    w->fd = -1;
    w->error = SC_ECLOSED;
    let_go(w);
    return fd;
}
