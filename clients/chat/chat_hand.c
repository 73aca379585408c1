/* chat_hand.c - two tasks share the client: one waits for the server, the other
 * for the terminal. Who ends first ends the other. */

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <simpleclient/class.h>
#include <simpleclient/task.h>

#include "../term/complain.h"
#include "../term/interrupt.h"
#include "../term/usage.h"
#include "chat_hand.h"

enum { LINGER_MS = 1000, PIECE = 1024, YEAR_DAYS = 366 };
static const int64_t no_limit = INT64_C(86400000) * YEAR_DAYS;

struct hand {
    const struct chat_options *o;
    struct chat_show *show;
    SimpleClient *c;
    struct sc_group *group;
    struct sc_buf line; /* typed, not whole yet */
    int64_t heard;      /* when something came last */
    bool over;          /* nobody is to say why it ends */
    int code;
};

static void end(struct hand *h, int code)
{
    if (!h->over)
        h->code = code;
    h->over = true;
    sc_group_cancel(h->group);
}

/* --- the server --- */

static void listen_to_server(void *arg)
{
    struct hand *h = arg;
    char piece[PIECE];
    ssize_t n;
    int code = 0;

    sc_timeout(h->c, h->o->timeout_ms > 0 ? h->o->timeout_ms : no_limit);
    while (code == 0 && (n = sc_read(h->c, piece, sizeof piece)) > 0) {
        h->heard = sc_now();
        code = show_bytes(h->show, piece, (size_t)n);
    }
    if (h->over)
        return;
    end(h, code == 0 && n < 0 ? chat_failed(h->c) : code);
}

/* --- the terminal --- */

/* A refused line is told, and the next one may be better. */
static int send_line(struct hand *h, const char *p, size_t n)
{
    int rc;

    if (n > 0 && p[n - 1] == '\r')
        n--;
    sc_writeline_n(h->c, p, n);
    rc = sc_flush(h->c);
    if (rc == SC_ELINE && sc_broken(h->c) == 0) {
        chat_failed(h->c);
        rc = 0;
    }
    return rc;
}

static int send_lf(struct hand *h, const char *p, size_t n)
{
    sc_write(h->c, p, n);
    sc_write(h->c, "\n", 1);
    return sc_flush(h->c);
}

static int say(struct hand *h)
{
    int rc = h->o->lf ? send_lf(h, h->line.data, h->line.len)
                      : send_line(h, h->line.data, h->line.len);

    h->line.len = 0;
    return rc;
}

/* What was typed, in whole lines. */
static int typed(struct hand *h, const char *p, size_t n)
{
    const char *lf;
    size_t part;
    int rc = 0;

    while (n > 0 && rc == 0) {
        lf = memchr(p, '\n', n);
        part = lf != NULL ? (size_t)(lf - p) : n;
        if ((rc = sc_buf_add(&h->line, p, part)) == 0 && lf != NULL)
            rc = say(h);
        part += lf != NULL;
        p += part;
        n -= part;
    }
    return rc;
}

/* A descriptor of our own: others that share the terminal would not like it to
 * become non-blocking. A file, /dev/null too, never lets wait: -1, and read as it
 * is. */
static Stream *open_input(void)
{
    int fd = open("/dev/stdin", O_RDONLY | O_CLOEXEC | O_NOCTTY);
    Stream *s;

    if (fd < 0)
        fd = fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 3);
    if (fd < 0)
        return NULL;
    if ((s = sc_stream_fd(fd, NULL)) == NULL)
        close(fd);
    return s;
}

static ssize_t read_input(Stream *s, char *buf, size_t n)
{
    struct sc_wait forever = {.until = INT64_MAX};
    ssize_t got;

    if (s != NULL)
        return sc_stream_read(s, buf, n, &forever);
    do
        got = read(STDIN_FILENO, buf, n);
    while (got < 0 && errno == EINTR);
    return got < 0 ? -errno : got;
}

static void linger(struct hand *h)
{
    int64_t ms = h->o->linger_ms > 0 ? h->o->linger_ms : LINGER_MS, left = ms;

    h->heard = sc_now();
    if (h->o->half_close && sc_shutdown(h->c) < 0)
        return;
    while (!h->over && left > 0 && sc_sleep(left) == 0)
        left = h->heard + ms - sc_now();
    if (!h->over)
        end(h, 0);
}

static void read_terminal(void *arg)
{
    struct hand *h = arg;
    Stream *s = open_input();
    char piece[PIECE];
    ssize_t n;
    int rc = 0;

    while (rc == 0 && (n = read_input(s, piece, sizeof piece)) > 0)
        rc = typed(h, piece, (size_t)n);
    if (rc == 0 && h->line.len > 0)
        rc = say(h);
    sc_stream_close(s);
    if (rc == SC_ETOOBIG || rc == SC_ENOMEM)
        fprintf(stderr, "%s: a typed line: %s\n", program_name,
                sc_strerror(rc));
    if (rc == SC_ETOOBIG || rc == SC_ENOMEM)
        end(h, EXIT_READ);
    else if (rc == 0 && !h->over)
        linger(h);
}

int chat_by_hand(const struct chat_options *o, struct chat_show *show,
                 SimpleClient *c)
{
    struct hand h = {.o = o, .show = show, .c = c};
    int caught;

    h.line.limit = sc_client_options(c)->line_limit;
    if ((h.group = sc_group_new(NULL, 0)) == NULL)
        return no_memory();
    sc_group_go(h.group, listen_to_server, &h);
    sc_group_go(h.group, read_terminal, &h);
    caught = wait_or_interrupt(h.group, NULL, NULL);
    sc_buf_free(&h.line);
    if (caught != 0) {
        sc_drop(c);
        die_of(caught);
    }
    return h.code;
}
