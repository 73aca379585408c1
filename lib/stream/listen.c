/* listen.c - the other side: listen and accept, on TCP and Unix sockets. The
 * descriptor is watched; connections are taken one by one. */
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "core/mem.h"
#include "run/clock.h"
#include "stream/bind.h"
#include "stream/sock.h"
#include "stream/socket.h"

enum {
    IN_A_ROW = 16, /* accepted without a wait, then others have their turn */
    FULL_MS = 20   /* no descriptor left: let others close some */
};

struct sc_listener {
    struct sc_watch *watch;
    int refs; /* the owner, and everyone inside sc_accept */
    bool closed;
    int port;
    int in_a_row;
    dev_t dev; /* of the Unix socket's path, to remove only our own */
    ino_t ino;
    char name[128];
};

/* --- beginning --- */

/* The columns of proc(5)'s net/unix before the path; the state is one. */
static bool is_bound_line(const char *line, const char *path)
{
    char state[4] = "";
    int at = 0;

    sscanf(line, "%*s %*s %*s %*s %*s %3s %*s %n", state, &at);
    return at > 0 && strcmp(state, "01") == 0 && /* not an accepted one */
           strcmp(line + at, path) == 0;
}

/* Somebody may have bound his socket and be about to listen: a connect is
 * refused then as well. Where the system cannot tell, nobody has. */
static bool is_bound(const char *path)
{
    FILE *f = fopen("/proc/net/unix", "re");
    bool found = false;
    char line[256];

    if (f == NULL)
        return false;
    while (!found && fgets(line, sizeof line, f) != NULL) {
        line[strcspn(line, "\n")] = '\0';
        found = is_bound_line(line, path);
    }
    fclose(f);
    return found;
}

static bool refuses(const struct sockaddr_un *at)
{
    int fd = sc_socket(AF_UNIX, SOCK_STREAM);
    bool refused;

    if (fd < 0)
        return false;
    refused = connect(fd, (const struct sockaddr *)at, sizeof *at) < 0 &&
              errno == ECONNREFUSED;
    close(fd);
    return refused;
}

/* Left behind by a program that has ended. */
static bool is_stale(const struct sockaddr_un *at)
{
    struct stat st;

    return lstat(at->sun_path, &st) == 0 && S_ISSOCK(st.st_mode) &&
           refuses(at) && !is_bound(at->sun_path);
}

static int bind_path(const char *path)
{
    struct sockaddr_un at;
    int rc = sc_unix_address(&at, path), fd;

    if (rc < 0 || (fd = sc_socket(AF_UNIX, SOCK_STREAM)) < 0)
        return rc < 0 ? rc : fd;
    rc = bind(fd, (struct sockaddr *)&at, sizeof at) < 0 ? -errno : 0;
    if (rc == -EADDRINUSE && is_stale(&at)) {
        unlink(at.sun_path);
        rc = bind(fd, (struct sockaddr *)&at, sizeof at) < 0 ? -errno : 0;
    }
    if (rc < 0) {
        close(fd);
        return rc;
    }
    return fd;
}

static void name_it(struct sc_listener *l, int fd,
                    const struct sc_server_name *n)
{
    struct sc_peer at = {0};
    struct stat st;

    if (n->unix_path) {
        snprintf(l->name, sizeof l->name, "%.107s", n->host);
        if (lstat(l->name, &st) == 0) {
            l->dev = st.st_dev;
            l->ino = st.st_ino;
        }
        return;
    }
    sc_bound_at(fd, &at);
    l->port = at.port;
    snprintf(l->name, sizeof l->name,
             strchr(at.address, ':') != NULL ? "[%s]:%d" : "%s:%d", at.address,
             at.port);
}

static struct sc_listener *new_listener(int fd, const struct sc_server_name *n,
                                        struct sc_error *err)
{
    struct sc_listener *l = sc_calloc(sizeof *l);

    if (l == NULL) {
        sc_error_set(err, SC_ENOMEM, "no memory to listen");
        return NULL;
    }
    if ((l->watch = sc_watch_new(fd, err)) == NULL) {
        sc_free(l);
        return NULL;
    }
    l->refs = 1;
    name_it(l, fd, n);
    return l;
}

struct sc_listener *sc_listen(const char *where, struct sc_error *err)
{
    struct sc_server_name n = {.port = -1};
    struct sc_listener *l = NULL;
    int fd, rc;

    if (sc_server_parse(&n, where, err) < 0)
        return NULL;
    if (n.port < 0) {
        sc_error_set(err, SC_EINVAL, "%.100s: no port to listen at", where);
        return NULL;
    }
    fd = n.unix_path ? bind_path(n.host) : sc_bind_at(&n, SOCK_STREAM);
    rc = fd < 0 ? fd : listen(fd, SOMAXCONN) < 0 ? -errno : 0;
    if (rc < 0)
        sc_error_set(err, rc, "cannot listen at %.100s: %s", where,
                     sc_strerror(rc));
    else
        l = new_listener(fd, &n, err);
    if (l == NULL && fd >= 0) {
        close(fd);
        if (n.unix_path)
            unlink(n.host); /* ours: bound a moment ago */
    }
    return l;
}

int sc_listener_port(const struct sc_listener *l)
{
    return l->port;
}

const char *sc_listener_name(const struct sc_listener *l)
{
    return l->name;
}

/* --- accepting --- */

static void let_go(struct sc_listener *l)
{
    if (--l->refs > 0)
        return;
    sc_watch_free(l->watch);
    sc_free(l);
}

/* What a connection died of before it was taken is not the listener's. */
static bool of_the_peer(int error)
{
    switch (error) {
    case EINTR:
    case ECONNABORTED:
    case EPROTO:
    case ENETDOWN:
    case ENOPROTOOPT:
    case EHOSTDOWN:
    case ENONET:
    case EHOSTUNREACH:
    case ENETUNREACH:
    case ETIMEDOUT:
        return true;
    default:
        return false;
    }
}

/* The new descriptor, -EAGAIN, or an error. */
static int take_one(struct sc_listener *l)
{
    int fd = sc_watch_fd(l->watch), rc;

    if (fd < 0)
        return fd;
    do {
        rc = accept4(fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
    } while (rc < 0 && of_the_peer(errno));
    if (rc >= 0)
        return rc;
    if (errno == EWOULDBLOCK)
        return -EAGAIN;
    return sc_socket_error(errno);
}

/* Returning at once would make a server's loop spin while its other tasks,
 * who could close something, never run. */
static int no_descriptor(int64_t until)
{
    int64_t left = until - sc_now();
    int rc = 0;

    if (left > 0)
        rc = sc_sleep(left < FULL_MS ? left : FULL_MS);
    return rc < 0 ? rc : SC_EMFILE;
}

static int accept_until(struct sc_listener *l, int64_t until)
{
    bool late = false;
    int rc;

    for (;;) {
        rc = take_one(l);
        if (rc == SC_EMFILE)
            return no_descriptor(until);
        if (rc != -EAGAIN)
            return rc;
        if (late)
            return SC_ETIMEDOUT;
        l->in_a_row = 0;
        rc = sc_watch_wait(l->watch, POLLIN, until);
        late = rc == SC_ETIMEDOUT;
        if (rc < 0 && !late)
            return rc;
    }
}

static int take_turns(struct sc_listener *l)
{
    if (++l->in_a_row < IN_A_ROW)
        return 0;
    l->in_a_row = 0;
    return sc_yield();
}

Stream *sc_accept(struct sc_listener *l, int64_t ms, struct sc_error *err)
{
    int64_t until = sc_until(ms);
    Stream *s = NULL;
    int rc;

    l->refs++;
    rc = take_turns(l);
    if (rc >= 0)
        rc = accept_until(l, until);
    if (rc < 0)
        sc_error_set(err, rc, "accept at %.107s: %s", l->name, sc_strerror(rc));
    else if ((s = sc_sock_new(rc, err)) == NULL)
        close(rc);
    let_go(l);
    return s;
}

static void remove_path(const struct sc_listener *l)
{
    struct stat st;

    if (l->ino != 0 && lstat(l->name, &st) == 0 && st.st_dev == l->dev &&
        st.st_ino == l->ino)
        unlink(l->name);
}

/* In a forked child the descriptor is not ours to be asked: the path, the
 * parent's, stays. */
void sc_listener_close(struct sc_listener *l)
{
    if (l == NULL || l->closed)
        return;
    l->closed = true;
    if (sc_watch_fd(l->watch) >= 0)
        remove_path(l);
    sc_watch_close(l->watch);
    let_go(l);
}
