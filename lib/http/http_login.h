/* http_login.h - who logs in at a hop's server and proxy, and how. */
#ifndef SC_HTTP_LOGIN_H
#define SC_HTTP_LOGIN_H

#include "http/http_auth.h"

struct http_call;
struct HTTPClient;

/* The login at one server or proxy, during the requests of one hop. What the
 * session keeps of the place may change at every wait: other calls log in there
 * too. So the name is copied, and a challenge to this call is its own. */
struct http_login {
    const char *user, *password; /* in the copies below; NULL: none */
    unsigned allowed;            /* enum http_auth_scheme */
    unsigned now;                /* with which this request logs in */
    unsigned answered;      /* challenges that were answered, or need not */
    bool at_once;           /* Basic need not be asked for */
    int stale;              /* nonces that were too old */
    struct http_auth *kept; /* of the session's place, or NULL */
    struct http_auth own;   /* the challenge to this call, if there was one */
    struct sc_buf user_text, password_text; /* wiped */
};

/* Find who logs in at the URL of K. Returns 0 or an error, told. */
int http_login_server(struct http_call *k);
/* Choose the scheme of K's next request, and who logs in at the proxy that
 * forwards what is sent to H, if one does. To be called when H is connected;
 * no wait may come between this and http_login_value. Returns 0 or SC_ENOMEM. */
int http_login_bind(struct http_call *k, struct HTTPClient *h);
/* The values of Proxy-Authorization and Authorization, in K's text; NULL: none
 * is sent. */
const char *http_login_proxy_value(struct http_call *k);
const char *http_login_value(struct http_call *k);
/* 1 if the answer, 401 or 407, is a challenge that the next request will
 * answer; 0, or SC_ENOMEM. */
int http_login_challenged(struct http_call *k);
void http_login_free(struct http_login *l);

#endif
