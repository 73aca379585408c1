/* class.h - for authors of protocols and streams: the two class tables.
 *
 * A protocol:                          A stream:
 *     typedef struct DICTClient {          struct rot13 {
 *         SimpleClient base;                   Stream base;
 *         char server[128];                    ...
 *     } DICTClient;                        };
 *
 * Tables are static const, designated, every slot filled: what is inherited is
 * named (.quit = sc_client_quit). Installed, but may change between minor
 * versions. */
#ifndef SIMPLECLIENT_CLASS_H
#define SIMPLECLIENT_CLASS_H

#include <simpleclient/client.h>

#ifdef __cplusplus
extern "C" {
#endif

struct client_class {
    const char *name;   /* "smtp": for errors and traces */
    const char *scheme; /* "smtp" of its URLs, or NULL */
    int port;           /* default port, or 0 */
    int tls_port;       /* port of "<scheme>s", TLS from the first byte, or 0 */
    size_t size;        /* bytes of one object; at most 4,096 */
    size_t line_limit;  /* of a line sent, CRLF included; 0: 8 KiB */
    bool forwards;      /* an HTTP proxy may be given its requests themselves,
                           and the environment is asked for a proxy */
    const char *alpn;   /* "http/1.1": offered in TLS from the first byte where
                           the options name none; NULL: none */
    const char *no;     /* how a refusal begins ("-ERR"), for errors; NULL: with
                            its code of three digits */
    const char *goodbye; /* "QUIT": sent when the pool lets an idle connection
                            go, which waits for no reply; NULL: nothing */

    /* Greeting, capabilities, STARTTLS by policy, login. Runs inside sc_open.
     * Waits. Returns 0 or more, or an error (the client is then broken). */
    int (*greet)(SimpleClient *c);
    /* Read one reply as a code. Waits. As sc_reply. */
    int (*reply)(SimpleClient *c, struct sc_reply *r);
    /* Say goodbye. Waits. Called only on a client in order. */
    int (*quit)(SimpleClient *c);
    /* Release what the subclass holds. Does not wait. */
    void (*cleanup)(SimpleClient *c);
};

/* What a class inherits: no greeting; three-digit replies; nothing said at
 * the end; nothing held. */
SC_API int sc_client_greet(SimpleClient *c);
SC_API int sc_client_reply(SimpleClient *c, struct sc_reply *r);
SC_API int sc_client_quit(SimpleClient *c);
SC_API void sc_client_cleanup(SimpleClient *c);

/* The plain class of sc_connect. */
SC_API extern const struct client_class sc_simple_class;

/* Break C with CODE and a line "<class> <server>: <text>", the class with an s
 * ("https") if TLS began with the first byte; the first break stays. Returns
 * the code C is broken with. */
SC_API int sc_break(SimpleClient *c, int code, const char *fmt, ...)
    SC_PRINTF(3, 4);
/* Note a failure that leaves C in order (SC_EREPLY, SC_EINVAL ...). */
SC_API int sc_fail(SimpleClient *c, int code, const char *fmt, ...)
    SC_PRINTF(3, 4);
/* 0, or the code C is broken with. */
SC_API int sc_broken(const SimpleClient *c);
/* Connect and greet anew where C was connected to (after an orderly end by
 * the peer). Waits. Returns 0 or an error: broken. */
SC_API int sc_reopen(SimpleClient *c);
/* The options in force, defaults filled in. Borrowed until C is closed. */
SC_API const struct sc_options *sc_client_options(const SimpleClient *c);
/* The server as it was named: host (no brackets) and port; a Unix path has
 * port 0. Borrowed until C is closed. */
SC_API const char *sc_client_host(const SimpleClient *c);
SC_API int sc_client_port(const SimpleClient *c);
/* True inside TLS. */
SC_API bool sc_client_is_tls(const SimpleClient *c);

/* --- streams --- */

struct stream_class {
    const char *name; /* "tcp", "tls": for traces and error texts */
    size_t size;      /* bytes of one object of this class */

    /* Read 1..n bytes, or 0 at the end. Waits, at most until w->until. */
    ssize_t (*read)(Stream *s, void *buf, size_t n, struct sc_wait *w);
    /* Write all bytes of all spans or fail. Waits. */
    int (*writev)(Stream *s, const struct sc_span *v, size_t n,
                  struct sc_wait *w);
    /* Send n bytes of a file; sc_stream_copy_file is the plain way. Waits. */
    int (*sendfile)(Stream *s, int fd, uint64_t offset, uint64_t n,
                    struct sc_wait *w);
    /* Tell the peer that nothing more will be written. Waits. */
    int (*shutdown)(Stream *s, struct sc_wait *w);
    /* Wake whoever waits in this stream, with ERROR, and refuse all later
     * calls with it; a wrapper passes it on. SC_ECLOSED is the orderly close:
     * a last word may be tried, without waiting. Does not wait. */
    void (*interrupt)(Stream *s, int error);
    /* Answer what is asked (enum sc_info), or SC_ENOTSUP: sc_stream_info then
     * asks the layer below. Does not wait. */
    int (*info)(Stream *s, int what, void *answer);
    /* Release what this layer holds, not S itself and nothing below. Called
     * once, when nobody is inside any more. Does not wait. */
    void (*cleanup)(Stream *s);
};

/* What every stream begins with. */
struct Stream {
    const struct stream_class *cls;
    Stream *below;      /* owned, or NULL */
    int refs;           /* the owner, and everyone inside a call */
    int closed;         /* 0, or SC_ECLOSED after sc_stream_close */
    const void *thread; /* where it was made */
};

/* Memory for one stream of CLS, zeroed, owned by the caller (one reference).
 * NULL: no memory. */
SC_API void *sc_stream_new(const struct stream_class *cls);
/* Hold S over a call that may wait, and let go of it; the last one to let go
 * runs cleanup, frees S, and closes what is below. */
SC_API void sc_stream_hold(Stream *s);
SC_API void sc_stream_let_go(Stream *s);

/* What a class inherits: forward to the layer below, or copy a file by
 * read(2) and writev. */
SC_API int sc_stream_copy_file(Stream *s, int fd, uint64_t offset, uint64_t n,
                               struct sc_wait *w);
SC_API int sc_stream_below_shutdown(Stream *s, struct sc_wait *w);
SC_API void sc_stream_below_interrupt(Stream *s, int error);
SC_API int sc_stream_no_info(Stream *s, int what, void *answer);

#ifdef __cplusplus
}
#endif
#endif
