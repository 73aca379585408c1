/* http_state.h - what a session keeps; cookies apart (http_cookie.h). */
#ifndef SC_HTTP_STATE_H
#define SC_HTTP_STATE_H

#include <simpleclient/http_session.h>

#include "http/http_auth.h"
#include "http/http_call.h"

/* A server or a proxy: who logs in there, and what it asked for at last. */
struct http_place {
    struct http_place *next;
    char *user, *password; /* of http_session_login, or NULL */
    struct http_auth auth;
    bool tls, proxy;
    char server[HTTP_SERVER_SIZE]; /* "host:port" */
};

struct http_session {
    bool has_options;
    struct sc_options opt;
    struct http_place *places;
    int n_places;             /* without a login */
    struct http_cookies *jar; /* NULL: none wanted */
    struct sc_buf netrc;      /* the file, if has_netrc */
    bool has_netrc;
    bool netrc_optional;
};

/* The place of that name in S (may be NULL), made if MAKE; borrowed until S is
 * freed. NULL: none, or no memory. At most 1,000 without a login are made. */
struct http_place *http_session_place(struct http_session *s, bool tls,
                                      bool proxy, const char *server,
                                      bool make);

#endif
