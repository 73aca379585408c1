/* connect.c - addresses raced (RFC 8305 sections 4 and 5): families in turn,
 * the next one after 250 ms or as soon as one has failed, two under way at
 * most; the first connected wins and the others are closed.
 *
 * One attempt waits on its own watch, which the stream then takes over. Two
 * are put into an epoll descriptor, and that is watched. While addresses are
 * left untried, an attempt has only its share of the time. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <poll.h>
#include <unistd.h>

#include "core/mem.h"
#include "run/clock.h"
#include "stream/connect.h"
#include "stream/outgoing.h"
#include "stream/override.h"
#include "stream/sock.h"
#include "stream/socket.h"

enum {
    HEAD_START_MS = 250, /* RFC 8305 section 8: Connection Attempt Delay */
    CONNECT_MS = 10000,
    LIVE = 2,
    BUSY_MS = 20 /* between tries at a Unix socket whose queue is full */
};

struct attempt {
    int fd;          /* -1: none */
    int64_t give_up; /* while others are untried */
    const struct sc_address *to;
    struct sc_watch *watch; /* owns fd, if not NULL */
};

struct race {
    const struct sc_server_name *name;
    const struct sc_options *opt;
    struct sc_dial_times *times;
    int64_t until;
    struct sc_addresses found, order;
    size_t next;        /* index in order */
    int64_t start_next; /* when its head start is over */
    struct attempt live[LIVE];
    struct sc_watch *both; /* of the epoll descriptor, or NULL */
    struct sc_watch *won;
    int code;       /* of the failure to be reported */
    char said[176]; /* "address: why; ..." */
    unsigned more;  /* failures that did not fit */
};

/* --- failures --- */

/* The lack of a route says less than a refusal, a refusal less than silence. */
static int weight(int code)
{
    switch (code) {
    case 0:
        return 0;
    case -ENETUNREACH:
    case -EHOSTUNREACH:
    case -EADDRNOTAVAIL:
    case -EAFNOSUPPORT:
        return 1;
    case SC_ETIMEDOUT:
        return 3;
    default:
        return 2;
    }
}

static void note_why(struct race *r, const struct sc_address *a, int code,
                     const char *why)
{
    size_t len = strlen(r->said);
    char text[64] = "?";
    int n;

    if (weight(code) > weight(r->code))
        r->code = code;
    sc_address_text(a, text, sizeof text);
    n = snprintf(r->said + len, sizeof r->said - len, "%s%s: %s",
                 len > 0 ? "; " : "", text, why);
    if (n < 0 || (size_t)n >= sizeof r->said - len) {
        r->said[len] = '\0';
        r->more++;
    }
}

static void note(struct race *r, const struct sc_address *a, int code)
{
    note_why(r, a, code, sc_strerror(code));
}

static int report(const struct race *r, struct sc_error *err)
{
    char more[32] = "";

    if (r->more > 0)
        snprintf(more, sizeof more, ", and %u more", r->more);
    return sc_error_set(err, r->code, "%s%s", r->said, more);
}

/* --- one attempt --- */

/* The descriptor, connecting or connected; or an error. */
static int start_connect(const struct race *r, const struct sc_address *a)
{
    struct sockaddr_storage to;
    unsigned len = sc_address_sockaddr(a, r->name->port, &to);
    int fd = sc_outgoing_socket(r->opt, a->family), rc;

    if (fd < 0)
        return fd;
    if (connect(fd, (struct sockaddr *)&to, len) == 0 || errno == EINPROGRESS ||
        errno == EINTR)
        return fd;
    rc = -errno;
    close(fd);
    return rc;
}

static void end_attempt(struct attempt *t)
{
    if (t->watch != NULL)
        sc_watch_free(t->watch);
    else if (t->fd >= 0)
        close(t->fd); /* leaves the epoll descriptor by itself */
    *t = (struct attempt){.fd = -1};
}

static size_t count_live(const struct race *r)
{
    size_t n = 0;

    for (size_t i = 0; i < LIVE; i++)
        n += r->live[i].fd >= 0;
    return n;
}

/* 0: connected; 1: not yet; else why not. */
static int attempt_state(const struct attempt *t)
{
    struct pollfd p = {.fd = t->fd, .events = POLLOUT};
    socklen_t len = sizeof(int);
    int error = 0;

    if (poll(&p, 1, 0) <= 0 || p.revents == 0)
        return 1;
    if (getsockopt(t->fd, SOL_SOCKET, SO_ERROR, &error, &len) < 0)
        error = errno;
    return -error;
}

/* --- the race --- */

static void begin_next(struct race *r)
{
    const struct sc_address *a = &r->order.at[r->next++];
    size_t left = r->order.n - r->next;
    int64_t now = sc_now(), share;
    struct attempt *t = r->live;
    const char *why;
    int fd;

    while (t->fd >= 0)
        t++;
    fd = sc_outgoing_allowed(r->opt, a, r->name->port, NULL, &why);
    if (fd == 0 && (fd = start_connect(r, a)) < 0)
        why = sc_strerror(fd);
    r->start_next = fd < 0 ? now : now + HEAD_START_MS;
    if (fd < 0) {
        note_why(r, a, fd, why);
        if (fd == SC_EMFILE)
            r->next = r->order.n;
        return;
    }
    share = r->until == INT64_MAX ? CONNECT_MS
                                  : (r->until - now) / (int64_t)(left + 1);
    if (share < 2 * HEAD_START_MS)
        share = 2 * HEAD_START_MS;
    *t = (struct attempt){.fd = fd, .to = a, .give_up = now + share};
}

static int win(struct race *r, struct attempt *t, struct sc_error *err)
{
    r->won = t->watch != NULL ? t->watch : sc_watch_new(t->fd, err);
    if (r->won == NULL)
        return err->code;
    *t = (struct attempt){.fd = -1};
    return 1;
}

/* 1: somebody has won; negative: it cannot be watched. */
static int look_at_all(struct race *r, struct sc_error *err)
{
    bool untried = r->next < r->order.n;

    for (struct attempt *t = r->live; t < r->live + LIVE; t++) {
        int rc;

        if (t->fd < 0)
            continue;
        rc = attempt_state(t);
        if (rc == 0)
            return win(r, t, err);
        if (rc == 1 && untried && sc_now() >= t->give_up)
            rc = SC_ETIMEDOUT;
        if (rc < 0) {
            note(r, t->to, rc);
            end_attempt(t);
            r->start_next = INT64_MIN;
        }
    }
    return 0;
}

static int watch_one(struct attempt *t, int64_t until, struct sc_error *err)
{
    if (t->watch == NULL && (t->watch = sc_watch_new(t->fd, err)) == NULL)
        return err->code;
    return sc_watch_wait(t->watch, POLLOUT, until);
}

static int cannot_race(int code, struct sc_error *err)
{
    return sc_error_set(err, code, "cannot wait for a connection: %s",
                        sc_strerror(code));
}

static int open_both(struct race *r, struct sc_error *err)
{
    int fd = epoll_create1(EPOLL_CLOEXEC);

    if (fd < 0)
        return cannot_race(sc_socket_error(errno), err);
    if ((r->both = sc_watch_new(fd, err)) == NULL) {
        close(fd);
        return err->code;
    }
    return 0;
}

static int watch_both(struct race *r, int64_t until, struct sc_error *err)
{
    int rc = r->both == NULL ? open_both(r, err) : 0;

    if (rc < 0)
        return rc;
    for (size_t i = 0; i < LIVE; i++) {
        struct epoll_event e = {.events = EPOLLOUT};

        if (epoll_ctl(sc_watch_fd(r->both), EPOLL_CTL_ADD, r->live[i].fd, &e) <
                0 &&
            errno != EEXIST)
            return cannot_race(-errno, err);
    }
    return sc_watch_wait(r->both, POLLIN, until);
}

static int64_t next_moment(const struct race *r, size_t live)
{
    int64_t t = r->until;

    if (r->next == r->order.n)
        return t;
    if (live < LIVE && r->start_next < t)
        t = r->start_next;
    for (size_t i = 0; i < LIVE; i++)
        if (r->live[i].fd >= 0 && r->live[i].give_up < t)
            t = r->live[i].give_up;
    return t;
}

/* Waits for the next thing to happen. */
static int wait_race(struct race *r, struct sc_error *err)
{
    size_t live = count_live(r);
    int64_t until = next_moment(r, live);
    struct attempt *t = r->live;
    int rc;

    while (t->fd < 0)
        t++;
    rc = live == 1 ? watch_one(t, until, err) : watch_both(r, until, err);
    return rc == SC_ETIMEDOUT && sc_now() < r->until ? 0 : rc;
}

static void start_due(struct race *r)
{
    size_t live = count_live(r);

    while (r->next < r->order.n && live < LIVE &&
           (live == 0 || sc_now() >= r->start_next)) {
        begin_next(r);
        live = count_live(r);
    }
}

static void note_late(struct race *r)
{
    for (struct attempt *t = r->live; t < r->live + LIVE; t++)
        if (t->fd >= 0)
            note(r, t->to, SC_ETIMEDOUT);
    r->more += (unsigned)(r->order.n - r->next);
    r->code = SC_ETIMEDOUT;
}

/* 0: r->won is connected. An error is in ERR. */
static int run_race(struct race *r, struct sc_error *err)
{
    int rc = 0, won;

    for (;;) {
        start_due(r);
        if (count_live(r) == 0)
            return report(r, err);
        /* After a time-out once more: it may be there by now. */
        if ((won = look_at_all(r, err)) != 0)
            return won > 0 ? 0 : won;
        if (rc == SC_ETIMEDOUT) {
            note_late(r);
            return report(r, err);
        }
        if (count_live(r) == 0)
            continue;
        rc = wait_race(r, err);
        if (rc == SC_ECANCELED)
            return sc_error_set(err, rc, "connecting cancelled");
        if (rc < 0 && rc != SC_ETIMEDOUT)
            return err->code == rc ? rc : cannot_race(rc, err);
    }
}

/* --- what is raced --- */

/* RFC 8305 section 4: the first family stays first, then they take turns. */
static void interleave(struct race *r)
{
    const struct sc_addresses *in = &r->found;
    struct sc_addresses *out = &r->order;
    size_t a = 0, b = 0;

    while (out->n < in->n) {
        while (a < in->n && in->at[a].family != in->at[0].family)
            a++;
        if (a < in->n)
            out->at[out->n++] = in->at[a++];
        while (b < in->n && in->at[b].family == in->at[0].family)
            b++;
        if (b < in->n)
            out->at[out->n++] = in->at[b++];
    }
}

static int64_t left_ms(int64_t until)
{
    int64_t now = sc_now();

    if (until == INT64_MAX)
        return CONNECT_MS;
    return until > now ? until - now : 0;
}

int sc_find_addresses(const struct sc_server_name *n,
                      const struct sc_options *opt, int64_t until,
                      struct sc_addresses *out, struct sc_error *err)
{
    int64_t ms = left_ms(until);
    int rc = sc_override_addresses(opt, n, out, err);

    if (rc < 0)
        return rc;
    if (rc > 0)
        return sc_addresses_keep(out, opt, err);
    if (ms == 0)
        return sc_error_set(err, SC_ETIMEDOUT, "no time left");
    return sc_look_up(n->host, opt, ms, out, err);
}

static int find_addresses(struct race *r, struct sc_error *err)
{
    int rc = sc_find_addresses(r->name, r->opt, r->until, &r->found, err);

    if (rc == 0) {
        interleave(r);
        r->times->resolved = sc_now_us();
    } else {
        err->phase = SC_PHASE_RESOLVE;
    }
    return rc;
}

static Stream *stream_of(struct sc_watch *w, struct sc_error *err)
{
    Stream *s = w != NULL ? sc_sock_from_watch(w, err) : NULL;

    if (s == NULL)
        sc_watch_free(w);
    return s;
}

static Stream *race_tcp(struct race *r, struct sc_error *err)
{
    int rc = find_addresses(r, err);

    if (rc < 0)
        return NULL;
    rc = run_race(r, err);
    for (size_t i = 0; i < LIVE; i++)
        end_attempt(&r->live[i]);
    sc_watch_free(r->both);
    if (rc < 0 && rc != SC_ECANCELED)
        sc_resolve_forget(r->name->host);
    if (rc < 0)
        err->phase = SC_PHASE_CONNECT;
    r->times->connected = r->won != NULL ? sc_now_us() : 0;
    return stream_of(r->won, err);
}

/* --- Unix sockets --- */

/* EAGAIN: the listener's queue is full. No readiness tells when it is not. */
static int connect_path(int fd, const char *path, int64_t until)
{
    struct sockaddr_un to;
    int rc = sc_unix_address(&to, path);

    if (rc < 0)
        return rc;
    while (connect(fd, (struct sockaddr *)&to, sizeof to) < 0) {
        int64_t left = left_ms(until);

        if (errno == EINTR)
            continue;
        if (errno != EAGAIN)
            return -errno;
        if (left == 0)
            return SC_ETIMEDOUT;
        if ((rc = sc_sleep(left < BUSY_MS ? left : BUSY_MS)) < 0)
            return rc;
    }
    return 0;
}

static int open_path(const char *path, const struct sc_options *opt,
                     int64_t until, const char **why)
{
    const struct sc_address none = {.family = AF_UNIX};
    int rc = sc_outgoing_allowed(opt, &none, 0, path, why), fd;

    if (rc < 0)
        return rc;
    if ((fd = rc = sc_outgoing_socket(opt, AF_UNIX)) >= 0 &&
        (rc = connect_path(fd, path, until)) < 0)
        close(fd);
    *why = sc_strerror(rc);
    return rc < 0 ? rc : fd;
}

static Stream *connect_unix(const char *path, const struct sc_options *opt,
                            int64_t until, struct sc_dial_times *times,
                            struct sc_error *err)
{
    const char *why;
    int fd = open_path(path, opt, until, &why);
    Stream *s = NULL;

    if (fd >= 0 && (s = sc_sock_new(fd, err)) == NULL)
        close(fd);
    if (fd < 0)
        sc_error_set(err, fd, "%s", why);
    if (fd < 0)
        err->phase = SC_PHASE_CONNECT;
    times->connected = s != NULL ? sc_now_us() : 0;
    return s;
}

static Stream *race_to(const struct sc_server_name *n,
                       const struct sc_options *opt, int64_t until,
                       struct sc_dial_times *times, struct sc_error *err)
{
    struct race *r;
    Stream *s;

    if (n->port <= 0 || n->port > 65535) {
        sc_error_set(err, SC_EINVAL, "no port to connect to");
        return NULL;
    }
    if ((r = sc_calloc(sizeof *r)) == NULL) {
        sc_error_set(err, SC_ENOMEM, "no memory");
        return NULL;
    }
    r->name = n;
    r->opt = opt;
    r->times = times;
    r->until = until;
    for (size_t i = 0; i < LIVE; i++)
        r->live[i].fd = -1;
    s = race_tcp(r, err);
    sc_free(r);
    return s;
}

Stream *sc_race(const struct sc_server_name *n, const struct sc_options *opt,
                int64_t until, struct sc_dial_times *times,
                struct sc_error *err)
{
    static const struct sc_options none;
    struct sc_dial_times unseen;
    struct sc_error unread = {0};
    struct sc_server_name to;
    Stream *s;
    int other;

    opt = opt != NULL ? opt : &none;
    times = times != NULL ? times : &unseen;
    err = err != NULL ? err : &unread;
    err->code = 0;
    *times = (struct sc_dial_times){.begun = sc_now_us()};
    if ((other = sc_override_server(opt, n, &to, err)) < 0 ||
        sc_outgoing_check(opt, err) < 0)
        return NULL;
    s = to.unix_path ? connect_unix(to.host, opt, until, times, err)
                     : race_to(&to, opt, until, times, err);
    if (s == NULL && other > 0)
        sc_server_say(&to, err);
    return s;
}
