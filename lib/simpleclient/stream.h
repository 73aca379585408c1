/* stream.h - bytes in, bytes out, stacked: tcp, unix, pipes, TLS, codings,
 * files. And the other side: listen and accept.
 *
 * A wrapping stream owns the stream below it. Streams belong to the loop
 * they were made on (task.h); elsewhere their calls are SC_EWRONGLOOP. One
 * reader and one writer may wait at the same time; a second one in the same
 * direction gets SC_EBUSY. */
#ifndef SIMPLECLIENT_STREAM_H
#define SIMPLECLIENT_STREAM_H

#include <stdio.h>
#include <sys/types.h>

#include <simpleclient/options.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct Stream Stream;

/* Until when a call waits, and where its error text goes. */
struct sc_wait {
    int64_t until;        /* sc_now() + ms; INT64_MAX: until cancelled */
    struct sc_error *err; /* may be NULL */
};

/* Read 1..N bytes into BUF, 0 at the end. Waits. A time-out leaves the
 * stream in order. W may be NULL: 30 s and no text (here and below). */
SC_API ssize_t sc_stream_read(Stream *s, void *buf, size_t n,
                              struct sc_wait *w);
/* Write all N bytes, or all spans, or fail. Waits. An error breaks the
 * stream: how much had left is unknown. Returns 0. */
SC_API int sc_stream_write(Stream *s, const void *p, size_t n,
                           struct sc_wait *w);
SC_API int sc_stream_writev(Stream *s, const struct sc_span *v, size_t n,
                            struct sc_wait *w);
/* Send N bytes of the file FD from OFFSET. Waits. SC_ESHORT: the file ended
 * first. */
SC_API int sc_stream_sendfile(Stream *s, int fd, uint64_t offset, uint64_t n,
                              struct sc_wait *w);
/* Tell the peer that nothing more will be written. Waits. */
SC_API int sc_stream_shutdown(Stream *s, struct sc_wait *w);
/* Close it and all below. Whoever waits in it gets SC_ECLOSED. NULL is
 * allowed. In another thread than the stream's it does nothing. Does not
 * wait. */
SC_API void sc_stream_close(Stream *s);

/* What sc_stream_info can tell; ANSWER's type is named. */
enum sc_info {
    SC_INFO_FD,      /* int: the descriptor below all layers */
    SC_INFO_PEER,    /* struct sc_peer: who is there */
    SC_INFO_LOCAL,   /* struct sc_peer: who we are */
    SC_INFO_TLS,     /* struct sc_tls_info */
    SC_INFO_PENDING, /* int: 1 if bytes, or the end, can be read at once */
    /* unsigned char[32]: what both ends of this TLS connection know, and no
     * other (RFC 9266). SC_ENOTSUP: no TLS; SC_ETLS: TLS 1.2 without an extended
     * master secret (RFC 7627). */
    SC_INFO_TLS_EXPORTER
};
struct sc_peer {
    char address[112]; /* numeric, or the path of a Unix socket */
    int port;          /* 0 for a Unix socket */
    int family;        /* AF_INET, AF_INET6, AF_UNIX, or 0 */
};
struct sc_tls_info {
    char version[16]; /* "TLSv1.3" */
    char cipher[48];
    char alpn[16]; /* what was agreed, or "" */
    char subject[128];
    char issuer[128];
    int resumed;
    int verified;
};
/* Ask the layers from the top. Returns 0, or SC_ENOTSUP: none knows. Does not
 * wait. */
SC_API int sc_stream_info(Stream *s, int what, void *answer);

/* Connect to SERVER ("host:port", "[v6]:port", "/path"); PORT where it names
 * none (create-connection of other toolkits). Many addresses are raced
 * (RFC 8305). TLS if the options say so. Waits. NULL: ERR says why (SC_ERESOLVE,
 * SC_ECONNREFUSED, SC_ETIMEDOUT, SC_ETLS, SC_ECERT ...). OPT and ERR may be
 * NULL; OPT NULL means the defaults, those of sc_set_defaults if set. Owned. */
SC_API Stream *sc_stream_connect(const char *server, int port,
                                 const struct sc_options *opt,
                                 struct sc_error *err);

/* Make a stream of a pipe, tty or connected socket. FD is taken, and made
 * non-blocking. NULL: ERR says why, FD is still yours. */
SC_API Stream *sc_stream_fd(int fd, struct sc_error *err);

/* Two streams connected with each other. Returns 0 or an error. */
SC_API int sc_stream_pair(Stream *both[2], struct sc_error *err);

/* Put TLS on LOW: connect's side, or accept's if OPT->server. LOW is taken;
 * on failure still yours. HOST is verified when OPT names none. Waits, at
 * most MS (0: 30 s). NULL: ERR says why. */
SC_API Stream *sc_tls_wrap(Stream *low, const char *host,
                           const struct sc_tls_options *opt, int64_t ms,
                           struct sc_error *err);

/* Codings of a stream that is read through sc_inflate_wrap or written
 * through it. */
enum sc_coding {
    SC_CODING_GZIP = 1,     /* RFC 1952, several members too */
    SC_CODING_ZLIB,         /* RFC 1950 ("deflate" in HTTP) */
    SC_CODING_DEFLATE,      /* RFC 1951, raw */
    SC_CODING_HTTP_DEFLATE, /* zlib, or raw as some servers send it */
    SC_CODING_BR,           /* RFC 7932, reading only */
    SC_CODING_ZSTD          /* RFC 8878, reading only */
};
/* Decode what is read from LOW and encode what is written to it (each write
 * is flushed). At most SIZE_LIMIT decoded bytes (0: no limit) and RATIO times
 * the encoded ones (0: 1,000): SC_ETOOBIG. Damaged data: SC_ECODING; an end
 * within it: SC_ESHORT. LOW is taken; on failure still yours. */
SC_API Stream *sc_deflate_wrap(Stream *low, int coding, uint64_t size_limit,
                               int ratio, struct sc_error *err);

/* Which codings this build can read: 1 or 0. */
SC_API int sc_coding_known(int coding);

/* S as a stdio FILE, MODE "r", "w" or "r+" (fopencookie): each call waits as
 * sc_stream_read and sc_stream_write do, at most MS (0: 30 s). fclose does not
 * close S, which must live longer. NULL: errno says why (ENOSYS: not on this
 * system). An error that errno has no number for is EIO. */
SC_API FILE *sc_stream_fopen(Stream *s, const char *mode, int64_t ms);

/* A regular file as a stream, from OFFSET, at most N bytes (UINT64_MAX: to
 * its end). Only regular files: SC_EINVAL. FLAGS as in open(2); files opened
 * for writing are made with mode 0666 less the umask. */
SC_API Stream *sc_stream_file(const char *path, int flags, uint64_t offset,
                              uint64_t n, struct sc_error *err);

/* Listen at WHERE: "host:port", "[v6]:port", ":port", "/path" (Unix; an old
 * socket is removed if nobody has it); port 0 takes a free one
 * (create-server of other toolkits). Does not wait: WHERE's host must be
 * numeric, "localhost" or empty (all, both families). Owned. */
struct sc_listener;
SC_API struct sc_listener *sc_listen(const char *where, struct sc_error *err);
/* The port it got, or 0 for a Unix socket; "127.0.0.1:1234" or the path. */
SC_API int sc_listener_port(const struct sc_listener *l);
SC_API const char *sc_listener_name(const struct sc_listener *l);
/* Wait at most MS (negative: until cancelled) for a connection. NULL: ERR
 * says why (SC_ETIMEDOUT, SC_ECANCELED, SC_ECLOSED, SC_EMFILE ...). */
SC_API Stream *sc_accept(struct sc_listener *l, int64_t ms,
                         struct sc_error *err);
/* Close it; whoever waits in sc_accept gets SC_ECLOSED. NULL is allowed. */
SC_API void sc_listener_close(struct sc_listener *l);

/* Close at the end of the block (GCC and clang):
 *     SC_AUTO_STREAM Stream *s = sc_stream_connect(...); */
#if defined(__GNUC__)
static inline void sc_auto_stream_(Stream **s)
{
    sc_stream_close(*s);
}
#define SC_AUTO_STREAM __attribute__((cleanup(sc_auto_stream_)))
#endif

#ifdef __cplusplus
}
#endif
#endif
