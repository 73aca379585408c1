/* scheme.h - for authors of protocols: how one gets into url_open (url.h). A
 * scheme inherits pool, proxy, TLS, deadlines, limits, address policy and traces,
 * for its connection is one of sc_open.
 *
 *     static const struct url_scheme dict_scheme = {
 *         .name = "dict",
 *         .cls = &dict_class,
 *         .connect = url_connect,
 *         .open = dict_url_open, // DEFINE, up to the first line of the block
 *         .read = url_read_dot,  // the block
 *         .list = url_no_list,
 *         .put = url_no_put,
 *         .close = url_close_nothing,
 *     };
 *
 *     url_register(&dict_scheme);
 *
 * Installed, but may change between minor versions. */
#ifndef SIMPLECLIENT_SCHEME_H
#define SIMPLECLIENT_SCHEME_H

#include <simpleclient/class.h>
#include <simpleclient/uri.h>
#include <simpleclient/url.h>

#ifdef __cplusplus
extern "C" {
#endif

/* One URL being opened, read or written. */
struct url_request {
    const struct uri *uri;         /* parsed, checked */
    const struct url_options *opt; /* never NULL */
    const struct url_scheme *scheme;
    bool tls; /* it was asked for by its TLS_NAME */
    /* Of CLS, to the URL's host and port, new or of the pool, greeted; NULL where
     * the scheme has no class. Behind it stand the URL's login and options. A
     * connection of the pool that turns out to be dead before anything came is
     * opened anew, and OPEN called again. */
    SimpleClient *client;
    struct sc_buf path; /* decoded: no control bytes in it; without the first
                           slash */
    bool pooled;        /* CLIENT is from the pool, */
    bool fresh;         /* or must not be, */
    bool own;           /* or must not get there */
    bool whole;         /* nothing of an answer is unread: set when READ returns
                           0, LIST or PUT succeeds; OPEN may set it */
    struct url_info info;    /* OPEN fills in what it knows */
    struct sc_fields fields; /* and more of it, to be seen in info.fields */
    struct sc_error error;   /* of a failure, where CLIENT does not have it */
    void *state;             /* STATE_SIZE bytes, zero at first */
};

struct url_scheme {
    const char *name;     /* "dict", lower case */
    const char *tls_name; /* "dicts": TLS from the first byte; NULL: none */
    const struct client_class *cls; /* or NULL: no connection */
    size_t state_size;
    bool raw_path; /* PATH stays empty: OPEN decodes it itself */
    bool ranges; /* OPEN begins at the options' offset; else that is refused */

    /* Fill in CLIENT: url_connect, or url_no_connect. Waits. */
    int (*connect)(struct url_request *r);
    /* Ask, and read up to the first byte of the answer. Waits. 0 or an error. */
    int (*open)(struct url_request *r);
    /* 1..N bytes, 0 at the end that the protocol tells. Waits. */
    ssize_t (*read)(struct url_request *r, void *buf, size_t n);
    /* Instead of OPEN and READ: each entry to FN. Waits. */
    int (*list)(struct url_request *r,
                int (*fn)(void *arg, const struct url_entry *e), void *arg);
    /* Instead of them: store FROM. Waits. */
    int (*put)(struct url_request *r, const struct mail_source *from);
    /* Release what STATE holds. CLIENT goes to the pool if it is in order, idle,
     * and AGAIN is returned true. Does not wait. */
    bool (*close)(struct url_request *r);
};

/* What a scheme inherits, each for the slot of its name. */
/* CLIENT is one of the pool, or opened, as the URL and the options say. Waits.
 * Returns 0 or an error. */
SC_API int url_connect(struct url_request *r);
/* Nothing: a scheme without CLS. Returns 0. */
SC_API int url_no_connect(struct url_request *r);
/* A dot block, as sc_read_dot_part. */
SC_API ssize_t url_read_dot(struct url_request *r, void *buf, size_t n);
/* All that comes until the peer closes; the connection is not used again. */
SC_API ssize_t url_read_to_end(struct url_request *r, void *buf, size_t n);
/* SC_ENOTSUP, as the next one. */
SC_API int url_no_list(struct url_request *r,
                       int (*fn)(void *arg, const struct url_entry *e),
                       void *arg);
SC_API int url_no_put(struct url_request *r, const struct mail_source *from);
/* Nothing is held. Returns true. */
SC_API bool url_close_nothing(struct url_request *r);
/* Note a failure in R->error. Returns CODE. Does not wait. */
SC_API int url_fail(struct url_request *r, int code, const char *fmt, ...)
    SC_PRINTF(3, 4);

#ifdef __cplusplus
}
#endif
#endif
