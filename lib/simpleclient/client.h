/* client.h - SimpleClient: connect, write a line, read a line; and what line
 * protocols share: dot blocks, replies, pipelining.
 *
 *     SimpleClient *c = sc_connect("mail.example", 25, NULL);
 *     struct sc_span line;
 *
 *     sc_expect(c, 220, NULL);
 *     sc_writeline(c, "EHLO %s", "me.example");
 *     while (sc_readline(c, &line) == 0) ...
 *     sc_close(c);
 *
 * Every call that reads or writes returns a negative code for a failure. The
 * client stays in order where the server said no (SC_EREPLY), where a line was
 * refused before a byte of its group left (SC_ELINE), and where the call could
 * not begin and has done nothing: SC_EBUSY, SC_EWRONGLOOP, SC_EDEADLK,
 * SC_ENOTSUP, SC_EINVAL (unless said), SC_EOF of sc_peek. All else breaks it,
 * and every later call returns the same code. So a group of calls may be
 * checked once, at the read that follows. The text is in sc_last_error(c).
 *
 * One reader and one writer task may share a client. A client that another
 * task closes: the waiting call returns SC_ECLOSED; after that the task may
 * call nothing but sc_last_error on it. */
#ifndef SIMPLECLIENT_CLIENT_H
#define SIMPLECLIENT_CLIENT_H

#include <sys/types.h>

#include <simpleclient/field.h>
#include <simpleclient/options.h>
#include <simpleclient/stream.h>

#ifdef __cplusplus
extern "C" {
#endif

struct client_class; /* class.h */
struct sc_conn;

/* The root class. Subclasses begin with it: `SimpleClient base;`. */
typedef struct SimpleClient {
    const struct client_class *cls;
    struct sc_conn *conn;
} SimpleClient;

/* --- open and close --- */

/* Make an object of class CLS and connect it to SERVER: "host", "host:port",
 * "[v6]:port", "/path" (Unix), or a URL of the class's scheme. PORT 0: the
 * class's. Then greet. Waits. OPT may be NULL. Never NULL: when it fails the
 * client is broken, which sc_last_error and every later call tell. For no
 * memory a stand-in of this thread is returned. Owned; sc_close in every
 * case. */
SC_API void *sc_open(const struct client_class *cls, const char *server,
                     int port, const struct sc_options *opt);

/* sc_open of the plain class: no greeting is read. */
SC_API SimpleClient *sc_connect(const char *server, int port,
                                const struct sc_options *opt);

/* The same on a stream one already has; it greets too. S is taken in every
 * case. */
SC_API void *sc_attach(const struct client_class *cls, Stream *s,
                       const struct sc_options *opt);

/* Give the stream back, owned, unread bytes first, and free the client.
 * Unsent lines are flushed before. Waits. NULL: C was broken (and is freed).*/
SC_API Stream *sc_detach(SimpleClient *c);

/* In order: flush, the class's quit (both at most 5 s), close. Broken,
 * cancelled, or with another task inside: close at once, nothing is sent.
 * Returns what the class's quit returned (an sc_expect in it: the code, 221),
 * or why it was not reached: what C was broken by, the flush's error, SC_ESHORT
 * within a dot block; 0 if quit was skipped for a cancel or another task.
 * C NULL: 0. A task whose call returned SC_ECLOSED may close C once more, which
 * does nothing. */
SC_API int sc_close(SimpleClient *c);
/* Close without quit. NULL is allowed. */
SC_API void sc_drop(SimpleClient *c);

/* Close at the end of the block (GCC and clang):
 *     SC_AUTO_CLIENT SimpleClient *c = sc_connect(...); */
#if defined(__GNUC__)
static inline void sc_auto_client_(SimpleClient **c)
{
    sc_close(*c);
}
#define SC_AUTO_CLIENT __attribute__((cleanup(sc_auto_client_)))
#endif

/* --- write: queued until a read is about to wait, or sc_flush --- */

/* Queue one line; CRLF is added. CR, LF, NUL in it or more than the limit:
 * SC_ELINE, the line and all later ones until the next read or flush are
 * dropped, that read or flush returns SC_ELINE too and what of the group is
 * still unsent is discarded; the client is in order unless part of the group
 * has already gone out. May wait (a full queue is sent). */
SC_API int sc_writeline(SimpleClient *c, const char *fmt, ...) SC_PRINTF(2, 3);
/* The same for N bytes of user data. */
SC_API int sc_writeline_n(SimpleClient *c, const void *p, size_t n);
/* Queue N bytes as they are. Large ones are sent at once. May wait. */
SC_API int sc_write(SimpleClient *c, const void *p, size_t n);
/* Send what is queued, and wait until the system has all that was written
 * before, also what the library itself is sending for commands in flight.
 * SC_EBUSY, in order: another task writes. Waits. */
SC_API int sc_flush(SimpleClient *c);
/* The next line is shown as "***" in traces and errors, and wiped after it
 * was sent. */
SC_API void sc_secret(SimpleClient *c);

/* A dot block (RFC 5321 section 4.5.2): lines end in CRLF on the wire
 * whatever ends them in P (CRLF or LF), lines that begin with a dot get
 * another. May be called again for the next part, cut anywhere; sc_end_dot adds
 * what the last line lacks and the dot. A bare CR is SC_EINVAL: in order if
 * nothing of the block was queued yet, else broken. May wait. */
SC_API int sc_write_dot(SimpleClient *c, const void *p, size_t n);
SC_API int sc_end_dot(SimpleClient *c);
/* Send N bytes of file FD from OFFSET, after what is queued. Waits. */
SC_API int sc_sendfile(SimpleClient *c, int fd, uint64_t offset, uint64_t n);
/* Flush, and tell the peer that nothing more comes. Breaks many servers:
 * only where the protocol says so. Waits. */
SC_API int sc_shutdown(SimpleClient *c);

/* --- read: what is queued is sent first --- */

/* Read one line. LINE: without its CRLF or LF, borrowed until the next call on
 * C, not NUL-terminated; it may hold NUL. Longer than the limit: SC_ETOOBIG,
 * broken. The end between lines: SC_EOF; within one: SC_ESHORT. Waits. */
SC_API int sc_readline(SimpleClient *c, struct sc_span *line);
/* Read 1..N bytes; 0 at the end. N 0: SC_EINVAL, in order. Waits. */
SC_API ssize_t sc_read(SimpleClient *c, void *buf, size_t n);
/* Read N bytes, not fewer: SC_ESHORT. Waits. */
SC_API int sc_read_exact(SimpleClient *c, void *buf, size_t n);
/* Append to OUT until one of STRINGS (NULL-ended) has come, itself included.
 * Returns its index; NULL or none: until the end, returns 0. Waits. */
SC_API int sc_read_until(SimpleClient *c, const char *const *strings,
                         struct sc_buf *out);
/* Look at what has come, without taking it; waits if nothing has. N bytes at
 * least are in VIEW (fewer only at the end; N up to the line limit). VIEW is
 * borrowed until the next call on C. Returns 0; SC_EOF: nothing, ever. */
SC_API int sc_peek(SimpleClient *c, size_t n, struct sc_span *view);

/* Read a dot block and append it to OUT: lines end in CRLF (a lenient LF is
 * kept as it came), dots unstuffed, without the final dot. Waits. SC_ETOOBIG:
 * OUT's ceiling, broken, OUT holds the part before. SC_ESHORT: cut. */
SC_API int sc_read_dot(SimpleClient *c, struct sc_buf *out);
/* The same into a sink, in constant memory, lines of any length. A negative
 * result of SINK stops, breaks the client, and is returned. */
SC_API int sc_read_dot_to(SimpleClient *c, sc_sink sink, void *arg);
/* The same piece by piece: read 1..N bytes of it into BUF; 0 behind the final
 * dot. Until then all other reads are SC_EBUSY, in order, and sc_close closes at
 * once: SC_ESHORT. N 0: SC_EINVAL, in order. Waits. */
SC_API ssize_t sc_read_dot_part(SimpleClient *c, void *buf, size_t n);

/* --- replies --- */

/* A reply: code, then text; "250-" lines go on, "250 " ends (RFC 5321 section
 * 4.2.1), or what the class's reply makes of it. All borrowed until the next
 * call on C. */
struct sc_reply {
    int code;
    int lines;
    struct sc_span text; /* of the last line, without the code */
    struct sc_span all;  /* of all lines, each ended by LF but the last */
};
/* Read one reply. Returns 0; SC_EPROTO: not a reply, broken. Waits. */
SC_API int sc_reply(SimpleClient *c, struct sc_reply *r);
/* Read one reply and compare: CODE 220 is exact, 22 any 220-229, 2 any 2xx. A
 * match returns the code, and TEXT (may be NULL) lends the last line's text.
 * Else 4xx and 5xx: SC_EREPLY, in order; any other: SC_EPROTO, broken. */
SC_API int sc_expect(SimpleClient *c, int code, struct sc_span *text);
/* What sc_expect does with a reply that does not match. Returns SC_EREPLY or
 * SC_EPROTO. Does not wait. */
SC_API int sc_refuse(SimpleClient *c, const struct sc_reply *r);

/* Read "Name: value" lines up to an empty one into F (field.h); folded lines
 * are joined. Limits: head_limit, head_fields. SC_EPROTO: not a field. Waits.*/
SC_API int sc_read_fields(SimpleClient *c, struct sc_fields *f);

/* --- pipelining: the same code with window 1 is the unpipelined one --- */

/* What became of one command. RC: 0, or why no reply came. A refusal is no
 * error: it is in CODE. SENT: 1 if the command has left. */
struct sc_answer {
    int rc;
    short code;
    short sent;
    char text[120]; /* of the last line, cut if longer */
};
/* How many commands may be under way, 1 at first. */
SC_API int sc_window(SimpleClient *c, int n);
/* After a sc_writeline: its reply goes to *A (kept until it came). Waits only
 * when the window is full, until half is free. Every function that awaits
 * ends with sc_answered. Returns 0 or what broke the client; SC_EDEADLK, in
 * order: in a callback of the private loop, while commands begun outside are
 * still being sent by a task of that loop. Those begun inside go on. */
SC_API int sc_await(SimpleClient *c, struct sc_answer *a);
/* The same; after a 2xx reply a dot block follows and goes to SINK (NULL: it is
 * thrown away). */
SC_API int sc_await_dot(SimpleClient *c, struct sc_answer *a, sc_sink sink,
                        void *arg);
/* Wait until *A has come (NULL: all). Returns 0, SC_ELINE (a line of the group
 * was refused: it and what was unsent has rc SC_ELINE), SC_EDEADLK as above
 * or what broke the client. */
SC_API int sc_answered(SimpleClient *c, const struct sc_answer *a);

/* --- the rest --- */

/* Turn this dialogue into TLS (after the server agreed). SC_EPLAINTEXT: bytes
 * came before TLS, broken. OPT NULL: the options' own. Waits. */
SC_API int sc_starttls(SimpleClient *c, const struct sc_tls_options *opt);
/* Each following wait lasts at most MS; 0: the option's again. */
SC_API void sc_timeout(SimpleClient *c, int64_t ms);
/* All following waits together end MS from now; 0 removes it, a negative MS is
 * over already. After that a call that sends or receives fails with
 * SC_ETIMEDOUT even if it need not wait. */
SC_API void sc_deadline(SimpleClient *c, int64_t ms);
/* Show the dialogue to FN (NULL: stop). */
SC_API void sc_trace(SimpleClient *c, sc_trace_fn fn, void *arg);
/* The latest failure; asked for only after one. Borrowed until the next call
 * on C, or its close. Never NULL. */
SC_API const struct sc_error *sc_last_error(const SimpleClient *c);
/* The stream below, borrowed: for sc_stream_info. NULL when broken. */
SC_API Stream *sc_stream(SimpleClient *c);

#ifdef __cplusplus
}
#endif
#endif
