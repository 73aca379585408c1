/* tls_meeting.h - two sides of TLS meet over a pair of streams: one task is the
 * server, one the client. What test_tls and test_tls_talk share. */
#ifndef TESTS_LOOPBACK_TLS_MEETING_H
#define TESTS_LOOPBACK_TLS_MEETING_H

#include <simpleclient/class.h>
#include <simpleclient/task.h>

#include "certs.h"
#include "stream/tls_context.h"

static struct certs certs;

/* One side of a meeting: what it is given, and what came of it. */
struct side {
    Stream *low;
    const char *host;
    struct sc_tls_options opt;
    void (*talk)(struct side *me, Stream *s); /* NULL: only shake hands */
    int64_t ms;
    int rc; /* of the wrap, then of talk */
    struct sc_error err;
    struct sc_tls_info info;
};

static inline void side_run(void *arg)
{
    struct side *me = arg;
    Stream *s = sc_tls_wrap(me->low, me->host, &me->opt, me->ms ? me->ms : 5000,
                            &me->err);

    me->rc = s ? 0 : me->err.code;
    if (s == NULL) {
        sc_stream_close(me->low);
        return;
    }
    sc_stream_info(s, SC_INFO_TLS, &me->info);
    if (me->talk)
        me->talk(me, s);
    sc_stream_close(s);
}

/* Let both meet over a pair; SERVER may be anything that runs. */
static inline void meet(void (*server_run)(void *), struct side *server,
                        struct side *client)
{
    Stream *both[2];
    int64_t tasks[2];

    assert_int_equal(sc_stream_pair(both, NULL), 0);
    server->low = both[0];
    client->low = both[1];
    tasks[0] = sc_task_go(NULL, server_run, server);
    tasks[1] = sc_task_go(NULL, side_run, client);
    sc_task_join(tasks[0]);
    sc_task_join(tasks[1]);
}

static inline struct side server_with(const char *cert)
{
    return (struct side){.opt = {.server = 1, .cert = cert}};
}

static inline struct side client_of(const char *host)
{
    return (struct side){.host = host, .opt = {.ca_file = certs.ca}};
}

/* --- what the sides say --- */

static inline void read_to_end(struct side *me, Stream *s)
{
    char buf[512];
    struct sc_wait w = {sc_now() + 5000, &me->err};
    ssize_t n;

    do
        n = sc_stream_read(s, buf, sizeof buf, &w);
    while (n > 0);
    me->rc = (int)n;
}

static inline void say_hello(struct side *me, Stream *s)
{
    struct sc_wait w = {sc_now() + 5000, &me->err};
    char buf[6];

    me->rc = sc_stream_write(s, "hello\n", 6, &w);
    if (me->rc == 0)
        me->rc = sc_stream_read(s, buf, sizeof buf, &w) > 0 ? 0 : me->err.code;
}

static inline void echo(struct side *me, Stream *s)
{
    struct sc_wait w = {sc_now() + 5000, &me->err};
    char buf[512];
    ssize_t n;

    while ((n = sc_stream_read(s, buf, sizeof buf, &w)) > 0)
        if ((n = sc_stream_write(s, buf, (size_t)n, &w)) < 0)
            break;
    me->rc = (int)n;
}

static inline int verdict_on(const char *cert, struct side *client)
{
    struct side server = server_with(cert);

    server.talk = read_to_end;
    meet(side_run, &server, client);
    return client->rc;
}

static inline int certs_up(void **state)
{
    (void)state;
    return certs_make(&certs);
}

static inline int certs_down(void **state)
{
    (void)state;
    sc_tls_session_forget();
    sc_tls_context_forget();
    certs_remove(&certs);
    return 0;
}

#endif
