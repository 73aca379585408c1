/* error.h - the codes a program can act on, and one line of text about each
 * failure.
 *
 * Every call of this library that can fail returns a number: 0 or a useful
 * positive one is success, a negative one is one of the codes below (or, for
 * a system error not named here, minus errno). Three kinds of failure:
 *
 *   refused    SC_EREPLY, and SC_ELINE before anything was sent: the client
 *              is in order, go on.
 *   not begun  SC_EBUSY, SC_EWRONGLOOP, SC_EDEADLK, SC_ENOTSUP, SC_EINVAL
 *              (unless said): the call has done nothing, the client is as
 *              before. So is it after SC_EOF of sc_peek.
 *   broken     everything else that a client returns: every later call on it
 *              returns the same code at once. Close it. */
#ifndef SIMPLECLIENT_ERROR_H
#define SIMPLECLIENT_ERROR_H

#include <errno.h>
#include <stddef.h>
#include <stdint.h>

#if defined(__GNUC__)
#define SC_API __attribute__((visibility("default")))
#define SC_PRINTF(f, a) __attribute__((format(printf, f, a)))
#else
#define SC_API
#define SC_PRINTF(f, a)
#endif

#ifdef __cplusplus
extern "C" {
#endif

/* Codes that the system has too keep its numbers (and libuv's). */
enum sc_code {
    SC_OK = 0,
    SC_EOF = -4095,                  /* the peer ended the connection */
    SC_ETIMEDOUT = -ETIMEDOUT,       /* a deadline passed */
    SC_ECANCELED = -ECANCELED,       /* the task was cancelled */
    SC_ENOMEM = -ENOMEM,             /* no memory */
    SC_EINVAL = -EINVAL,             /* an argument makes no sense */
    SC_EBUSY = -EBUSY,               /* another task waits there already */
    SC_EPIPE = -EPIPE,               /* written to a closed connection */
    SC_ECONNREFUSED = -ECONNREFUSED, /* nobody listens there */
    SC_ECONNRESET = -ECONNRESET,     /* the peer cut the connection */
    SC_EPROTO = -EPROTO,             /* the peer broke the protocol */
    SC_EMFILE = -EMFILE,             /* no descriptor left */
    SC_EACCES = -EACCES,             /* not allowed, by options or system */
    SC_ENOTSUP = -EOPNOTSUPP,        /* not built in, or not possible here */

/* Ours: X(name, number, text). */
#define SC_ERRORS(X)                                                           \
    X(SC_EREPLY, -5001, "refused by the server")                               \
    X(SC_EUNKNOWN, -5002, "outcome unknown")                                   \
    X(SC_EWRONGLOOP, -5003, "used from another loop or thread")                \
    X(SC_EDEADLK, -5004, "would wait for itself")                              \
    X(SC_ECLOSED, -5005, "closed")                                             \
    X(SC_ETOOBIG, -5006, "beyond its limit")                                   \
    X(SC_ELINE, -5007, "line refused before sending")                          \
    X(SC_ERESOLVE, -5008, "name not found")                                    \
    X(SC_ETLS, -5009, "TLS failed")                                            \
    X(SC_ECERT, -5010, "certificate not trusted")                              \
    X(SC_EURL, -5011, "bad URL")                                               \
    X(SC_ECODING, -5012, "compressed data is damaged")                         \
    X(SC_ESCRIPT, -5013, "not what the script says")                           \
    X(SC_EFORK, -5014, "used in a forked child")                               \
    X(SC_EPLAINTEXT, -5015, "plaintext left before TLS")                       \
    X(SC_ESHORT, -5016, "ended before its end")                                \
    X(SC_EPIN, -5017, "not the pinned public key")
#define SC_ERROR_ENUM(name, number, text) name = number,
    SC_ERRORS(SC_ERROR_ENUM)
#undef SC_ERROR_ENUM
        SC_ERROR_LAST = -5018 /* one below the last of ours */
};

/* How far a call had come. */
enum sc_phase {
    SC_PHASE_NONE,
    SC_PHASE_RESOLVE,
    SC_PHASE_CONNECT,
    SC_PHASE_TLS,
    SC_PHASE_GREET,
    SC_PHASE_SEND,
    SC_PHASE_RECEIVE,
    SC_PHASE_CLOSE
};

/* Bits of sc_error.flags. */
enum sc_error_flag {
    SC_SENT = 1,       /* something of this request was sent */
    SC_SEEN = 2,       /* something of its answer was seen */
    SC_RETRY_SAFE = 4, /* the server cannot have acted on it */
    /* It was the proxy that failed, or the way to it; PHASE as for a server,
     * SC_PHASE_GREET: the proxy's answer (STATUS: an HTTP proxy's). */
    SC_FROM_PROXY = 8
};

/* The latest failure. TEXT is one line: who, what, the server's words;
 * control characters in it are shown as '?'. Zero bytes: no failure. */
struct sc_error {
    int code;
    short status;        /* the server's reply code, or 0 */
    unsigned char phase; /* enum sc_phase */
    unsigned char flags; /* enum sc_error_flag */
    char text[248];
};

/* The words for CODE, whoever named it; never NULL. Does not wait. */
SC_API const char *sc_strerror(int code);

/* Set E to CODE and a formatted line. E may be NULL. Returns CODE, so that
 * `return sc_error_set(e, SC_EPROTO, "...")` reads well. */
SC_API int sc_error_set(struct sc_error *e, int code, const char *fmt, ...)
    SC_PRINTF(3, 4);

/* The version as "0.1.0", and a line naming the libraries inside. */
SC_API const char *sc_version(void);
SC_API const char *sc_features(void);

/* Replace malloc, realloc and free, once, before any other call. realloc_fn
 * must take NULL. Returns 0, or SC_EBUSY when memory was already taken. */
struct sc_allocator {
    void *(*malloc_fn)(size_t n);
    void *(*realloc_fn)(void *p, size_t n);
    void (*free_fn)(void *p);
};
SC_API int sc_set_allocator(const struct sc_allocator *a);

#ifdef __cplusplus
}
#endif
#endif
