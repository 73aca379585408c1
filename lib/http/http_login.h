/* http_login.h - who logs in at a hop's server and proxy, and how. */
#ifndef SC_HTTP_LOGIN_H
#define SC_HTTP_LOGIN_H

#include "http/http_auth.h"

struct http_call;
struct HTTPClient;

/* The login at one server or proxy, during the requests of one hop. */
struct http_login {
    const char *user, *password; /* NULL: none */
    unsigned allowed;            /* enum http_auth_scheme */
    unsigned now;                /* with which this request logs in */
    unsigned answered;      /* challenges that were answered, or need not */
    int stale;              /* nonces that were too old */
    struct http_auth *auth; /* that answers: KEPT, or OWN */
    struct http_auth *kept; /* of the session, or OWN */
    struct http_auth own;
    struct sc_buf user_text, password_text; /* of netrc */
};

/* Find who logs in at the URL of K. Returns 0 or an error, told. */
int http_login_server(struct http_call *k);
/* The same for the proxy that forwards what is sent to H, if one does. */
void http_login_proxy(struct http_call *k, struct HTTPClient *h);
/* The values of Proxy-Authorization and Authorization, in K's text; NULL: none
 * is sent. */
const char *http_login_proxy_value(struct http_call *k);
const char *http_login_value(struct http_call *k);
/* 1 if the answer, 401 or 407, is a challenge that the next request will
 * answer; 0, or SC_ENOMEM. */
int http_login_challenged(struct http_call *k);
void http_login_free(struct http_login *l);

#endif
