/* url_handle.h - a URL that is open. Private to url/. */
#ifndef SC_URL_HANDLE_H
#define SC_URL_HANDLE_H

#include <simpleclient/scheme.h>

struct url {
    struct uri uri;
    struct url_options opt;
    struct url_request r;
    struct sc_buf final; /* info.url, where the scheme names no other */
    struct sc_error error;
    uint64_t got;
    bool asked, ended;
    bool used; /* of a source, or told of a list: not to be repeated */
    int broken;
};

/* schemes.c: those of this library, NULL-ended. */
extern const struct url_scheme *const url_schemes[];

/* url_scheme.c: the scheme called NAME, and whether as TLS_NAME; or NULL. */
const struct url_scheme *url_scheme_find(const char *name, bool *tls);

/* url_connect with another URI (its host, port and login), and other options. */
int url_connect_as(struct url_request *r, const struct uri *u,
                   const struct sc_options *opt);

/* url.c: parse URL and find its scheme; connect. The steps of url_open for those
 * that list or put. U is zero bytes at first; url_end in every case. Waits. */
int url_begin(struct url *u, const char *url, const struct url_options *opt);
/* Run STEP (open, list, put) on the connection; on one of the pool that was dead
 * once more on a new one. */
int url_do(struct url *u, int (*step)(struct url *u, void *arg), void *arg);
/* Fill in what the scheme has not told of itself. */
int url_complete_info(struct url *u);
int url_end(struct url *u);
/* Note it as the failure of U, unless there is one. Returns RC. */
int url_note(struct url *u, int rc);

#endif
