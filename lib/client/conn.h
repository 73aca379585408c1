/* conn.h - what lies behind a SimpleClient: the stream, the read buffer, the
 * write queue, the commands in flight, the latest error. Private to client/
 * and to modules of the library that read bodies (http/). */
#ifndef SC_CLIENT_CONN_H
#define SC_CLIENT_CONN_H

#include <simpleclient/class.h>

#include "run/wait.h"
#include "stream/connect.h"

/* Lend 1..MAX bytes that have come, and take them; waits if nothing has. At
 * the end: 0. VIEW is borrowed until the next call on C. */
ssize_t sc_read_view(SimpleClient *c, size_t max, struct sc_span *view);
/* Read straight into BUF when nothing is buffered (a body), else from the
 * buffer. The stall rule of bodies (options.h, stall_ms) applies. */
ssize_t sc_read_body(SimpleClient *c, void *buf, size_t n);
/* The same for a piece behind which lines follow: through the buffer, unless it
 * is large. */
ssize_t sc_read_chunk(SimpleClient *c, void *buf, size_t n);
/* Greet after all: C was opened with SC_OPT_NO_GREET so that its own fields could
 * be filled before. */
int sc_conn_greet(SimpleClient *c);
/* True if no line, block or command is under way: else the pool must not keep
 * C. */
bool sc_client_idle(const SimpleClient *c);

/* --- private to client/ --- */

enum {
    SC_READ_SIZE = 16384,     /* the read buffer, unless a line is longer */
    SC_READ_FAST = 256 << 10, /* while a body in pieces comes fast */
    SC_QUEUE_BIG = 16384,     /* a queue of this size is sent */
    SC_QUEUE_FULL = 65536,    /* in a block, or while replies are awaited */
    SC_QUEUE_MOST = 1 << 20,  /* while another task is sending */
    SC_WRITE_CHUNK = 65536,   /* each has its own deadline */
    SC_UNANSWERED_FEW = 4096, /* fits into any two TCP buffers */
    SC_STALL_BYTES = 1024,    /* of a body, in each stall_ms */
    SC_QUIT_MS = 5000,
    SC_CLASS_MOST = 4096 /* bytes of one object */
};

/* A command whose reply has not come. */
struct sc_pending {
    struct sc_answer *a; /* kept */
    sc_sink sink;
    void *arg;
    bool dot;
    uint64_t end;       /* queued_total behind its last byte */
    int64_t timeout_ms; /* the sc_timeout in force */
    char command[64];   /* for error texts, as sc_conn.command */
};

struct sc_conn {
    Stream *s;
    struct sc_proxy *proxy; /* on the way to the server, or NULL */
    struct sc_dial_times dialed;
    int connects; /* connections opened by it so far */
    struct sc_runtime *rt;
    int broken; /* 0, or the code */
    int poison; /* 0, or SC_ELINE: a line of this group was refused */
    int refs;   /* the owner, and everyone inside a call that waits */
    bool closed;
    bool stand_in;  /* nothing here is ours to free */
    bool named;     /* by sc_open: sc_reopen knows where to */
    bool forwarded; /* the proxy is given requests, it makes no tunnel */
    bool tls;
    bool recorded;         /* s is a recorder (recording.c) */
    int64_t record_number; /* of this connection in recordings, or 0 */

    bool eof;           /* the stream has ended */
    bool reading;       /* a task waits for input */
    bool writing;       /* a task waits for room */
    bool aside;         /* not in a write: before a read, or the writer task */
    bool writer;        /* the writer task lives, one of REFS is its */
    bool block;         /* inside a dot block, */
    bool part;          /* which is read in parts */
    bool taking;        /* inside the reply of a pending command */
    bool sent;          /* something of this request */
    bool seen;          /* something of its answer */
    bool secret;        /* the next line is */
    bool secret_queued; /* wipe the queue once it is sent */

    bool dot_begun, dot_mid_line, dot_cr; /* the dot block going out */
    uint64_t dot_at;                      /* queued_total where it begins */

    struct sc_dot_in {   /* the dot block coming in */
        bool strict;     /* a line ends in CRLF only */
        bool line_start; /* the next byte begins a line */
        char last;       /* the byte before it */
    } dot_in;

    char *rb; /* bytes that have come: rpos..rend, no LF before rscan */
    size_t rcap, rpos, rend, rscan;
    bool fast; /* the last read of a body filled the buffer */

    char *wb; /* the queue */
    size_t wcap, wn;
    char *flight; /* what the writer task is sending */
    size_t flight_cap, flight_n;
    bool flight_secret;
    struct sc_waiter *written; /* who waits for what is sent aside */
    uint64_t queued_total, sent_total, answered_total;
    uint64_t group_at; /* queued_total where the group in the queue begins */

    struct sc_pending *pending; /* a ring of pending_cap */
    size_t pending_cap, pending_first, npending;
    int window;

    int (*on_input)(SimpleClient *c); /* see sc_conn_on_input */

    int unit;            /* nested: line in reply in head */
    int64_t unit_until;  /* 0: no wait yet */
    int64_t stall_left;  /* 0: a new span of time begins */
    size_t stall_got;    /* bytes in this span */
    int64_t timeout_ms;  /* 0: the options' */
    int64_t deadline;    /* sc_deadline's, or INT64_MAX */
    int64_t total_until; /* total_ms', or INT64_MAX */

    struct sc_buf reply; /* a reply of several lines; a folded field */
    unsigned char phase; /* enum sc_phase while greeting, closing */
    struct sc_error err;
    char command[64];  /* the latest line queued, for error texts */
    const char *about; /* the one in flight whose reply is read, or NULL */
    struct sc_server_name *name;
    struct sc_options opt; /* defaults filled in, strings owned */

    struct sc_conn_login {            /* auth.c: what logins borrow */
        struct sc_buf user, password; /* from netrc */
        unsigned char binding[32];
    } login;

    struct sc_conn_idle { /* in the pool */
        SimpleClient *prev, *next;
        int64_t until;
    } idle;
};

/* True if nobody named wait_ms: 30,000 only stands there. Some commands have
 * times of their own then (RFC 5321 section 4.5.3.2). Copies remember it. */
bool sc_options_wait_unset(const struct sc_options *copy);
/* options.c: OUT is FROM (NULL: sc_set_defaults') with its strings copied and
 * every zero replaced, but that of line_limit. Returns 0, SC_EINVAL (a number
 * below zero) or SC_ENOMEM; OUT is then empty. */
int sc_options_copy(struct sc_options *out, const struct sc_options *from);
/* The limit of lines for clients of CLS, where O names none. */
void sc_options_line(struct sc_options *o, const struct client_class *cls);
void sc_options_free(struct sc_options *o);
/* The options that later calls with NULL use; borrowed. */
const struct sc_options *sc_options_or_default(const struct sc_options *o);
/* True if a connection made with A serves for B. */
bool sc_options_same_peer(const struct sc_options *a,
                          const struct sc_options *b);

/* client_open.c: take SERVER apart into N and O (user, password, SC_OPT_TLS
 * of a URL; strings of O owned). */
int sc_conn_name(const struct client_class *cls, const char *server, int port,
                 struct sc_server_name *n, struct sc_options *o,
                 struct sc_error *err);
/* An object without a stream. CODE says what went wrong when a stand-in
 * came. */
SimpleClient *sc_conn_new(const struct client_class *cls,
                          const struct sc_options *opt);

/* Before every call: broken, wrong loop. */
static inline int sc_conn_check(const struct sc_conn *k)
{
    return k->broken ? k->broken : sc_runtime_check(k->rt);
}
/* True if a task of the user's is inside: not the writer task. */
static inline bool sc_conn_in_use(const struct sc_conn *k)
{
    return k->refs - k->writer > 1;
}
/* client.c: around everything that waits; leave returns RC, or SC_ECLOSED. */
void sc_conn_hold(SimpleClient *c);
int sc_conn_leave(SimpleClient *c, int rc);
void sc_conn_let_go(SimpleClient *c);
/* Give up the stream, owned by the caller, unread bytes first. NULL: no memory,
 * nothing has changed. */
Stream *sc_conn_take_stream(SimpleClient *c);
/* MS (or sc_timeout's) from now, or the earliest deadline. */
int64_t sc_conn_until(const struct sc_conn *k, int64_t ms);
/* True after sc_deadline's or total_ms' end: a peer that never lets a call
 * wait must not go on for ever. */
bool sc_conn_late(const struct sc_conn *k);
/* Break C because the stream said CODE; E has its words, or none. */
int sc_conn_failed(SimpleClient *c, int code, int phase,
                   const struct sc_error *e);
void sc_conn_trace(const struct sc_conn *k, int direction, const char *p,
                   size_t n);
/* Forget all that belongs to the connection, not the object. */
void sc_conn_reset(struct sc_conn *k);
/* As sc_fail and sc_break, with the server's reply code and words. */
/* A reply's CODE as the server has said it: "550", or the class's "-ERR". */
const char *sc_reply_status(const SimpleClient *c, int code, char to[8]);
void sc_conn_say(SimpleClient *c, int code, int status, const char *fmt, ...)
    SC_PRINTF(4, 5);

/* line.c */
int sc_read_begin_slow(SimpleClient *c);
ssize_t sc_conn_fill(SimpleClient *c, bool body);
void sc_unit_begin(struct sc_conn *k);
static inline void sc_unit_end(struct sc_conn *k)
{
    k->unit--;
}
static inline void sc_conn_took(struct sc_conn *k, size_t n)
{
    k->rpos += n;
    k->rscan = k->rpos;
}
/* Before every read: broken, refused, wrong loop, taken by another task. */
static inline int sc_read_begin(SimpleClient *c)
{
    struct sc_conn *k = c->conn;

    /* One branch: this stands before every line. */
    if (k->broken | k->poison | (k->npending != 0) | k->reading | k->block)
        return sc_read_begin_slow(c);
    return sc_runtime_check(k->rt);
}

/* rbuf.c: read buffers that are not in use, a few for each runtime. Give:
 * nothing in it may be unread. Take: K may have none afterwards, too. */
void sc_rbuf_give(struct sc_conn *k);
void sc_rbuf_take(struct sc_conn *k);

/* auth.c: wipe what was kept for logins. */
void sc_auth_forget(struct sc_conn *k);

/* dot.c: sc_write_dot for text whose every line ends in CRLF, cut anywhere: only
 * dots are put right. */
int sc_write_dot_lines(SimpleClient *c, const void *lines, size_t n);

/* queue.c */
int sc_write_begin(SimpleClient *c);
int sc_queue_add(SimpleClient *c, const void *p, size_t n);
/* The refusal of the group; what is unsent is dropped. */
int sc_queue_settle_poison(SimpleClient *c);
/* No dot block is going out any more. */
static inline void sc_dot_forget(struct sc_conn *k)
{
    k->dot_begun = k->dot_mid_line = k->dot_cr = false;
}
void sc_queue_free(struct sc_conn *k);

/* send.c: all that is queued; a flight of a reader or of the writer task is
 * waited for, answers are taken meanwhile. SC_EBUSY: another one writes.
 * SC_EDEADLK: in a callback, and only the loop could end the flight. */
int sc_send_queue(SimpleClient *c);
/* The same from here, and EXTRA behind it; nobody may be sending. */
int sc_send_here(SimpleClient *c, struct sc_span extra);
/* Wait until nobody is sending; errors as sc_send_queue. */
int sc_send_await(SimpleClient *c);
/* Before a read waits: send, or see to it that it is being sent. */
int sc_send_before_read(SimpleClient *c);
/* Wait until the writer task has ended, if one lives. */
int sc_send_writer_ended(SimpleClient *c);

/* pipeline.c */
int sc_pipeline_take(SimpleClient *c);
/* Give CODE to all commands in flight whose end is after FROM. */
void sc_pipeline_settle(struct sc_conn *k, uint64_t from, int code);

/* early.c: while a write waits for room, and when one fails because the peer
 * has gone, FN is asked what came (it uses sc_conn_look): 1: the answer, the
 * write stops and returns 1; 0: nothing yet; negative: nothing, ever. NULL:
 * nobody is asked. After a write returned 1 nothing more can be sent. */
void sc_conn_on_input(SimpleClient *c, int (*fn)(SimpleClient *c));
/* Read what has come into the buffer; wait until UNTIL at most (0: not at all).
 * Returns how many bytes, 0: none in time; SC_EOF or another error, which does
 * not break C. */
ssize_t sc_conn_look(SimpleClient *c, int64_t until);
/* Forget what is queued. */
void sc_conn_drop_unsent(struct sc_conn *k);
/* line.c: room behind rend, taking a buffer if need be. What is lent is over.
 * Returns 0 or SC_ENOMEM. */
int sc_rbuf_space(struct sc_conn *k);

/* recording.c: begin to record if the options say so: there is a stream anew.
 * Returns 0, or breaks C. */
int sc_conn_record(SimpleClient *c);
/* While the stream changes: take the recorder off it, NULL if there is none;
 * and lay it on what is the stream then, with MARK ("T.") or NULL. Returns 0,
 * or breaks C; R is taken. */
struct sc_recorder;
struct sc_recorder *sc_conn_record_off(struct sc_conn *k);
int sc_conn_record_again(SimpleClient *c, struct sc_recorder *r,
                         const char *mark);
/* Record no more; LOOSE: the stream goes on, and how is not told. */
void sc_conn_record_end(struct sc_conn *k, bool loose);
/* The line that is about to be queued is secret; what was queued and not sent is
 * dropped. */
void sc_conn_record_secret(struct sc_conn *k);
void sc_conn_record_unsent(struct sc_conn *k);

/* unread.c: LOW with N bytes in front of it. LOW is taken; NULL: no memory. */
Stream *sc_unread_wrap(Stream *low, const char *p, size_t n);

#endif
