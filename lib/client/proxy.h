/* proxy.h - the way to a server through a proxy: which one, and the tunnel
 * (HTTP CONNECT: RFC 9110 section 9.3.6; SOCKS5: RFC 1928 and 1929; SOCKS4,
 * 4a). */
#ifndef SC_CLIENT_PROXY_H
#define SC_CLIENT_PROXY_H

#include <simpleclient/class.h>

#include "stream/connect.h"

enum sc_proxy_kind {
    SC_PROXY_NONE,
    SC_PROXY_HTTP,
    SC_PROXY_HTTPS,
    SC_PROXY_SOCKS4,
    SC_PROXY_SOCKS4A,
    SC_PROXY_SOCKS5,
    SC_PROXY_SOCKS5H
};

struct sc_proxy {
    enum sc_proxy_kind kind;
    struct sc_server_name at;
    char *user; /* decoded, or NULL */
    char *password;
};

/* Append the proxy that the environment names for URLs of SCHEME: http_proxy
 * (lower case only), https_proxy, HTTPS_PROXY, ..., all_proxy, ALL_PROXY. None:
 * OUT stays empty. Returns 0 or SC_ENOMEM. Does not wait. */
int sc_proxy_of_environment(const char *scheme, struct sc_buf *out);
/* True if LIST ("localhost,.example.org,10.0.0.0/8", "*"; NULL: $no_proxy or
 * $NO_PROXY) says that HOST is reached directly. */
bool sc_proxy_bypassed(const char *list, const char *host);

/* Take URL (options.h, proxy) apart. Returns 0, SC_EURL or SC_ENOMEM; a login is
 * not in ERR's text. sc_proxy_free in every case: P is empty then. */
int sc_proxy_parse(struct sc_proxy *p, const char *url, struct sc_error *err);
void sc_proxy_free(struct sc_proxy *p);

/* *OUT is the proxy (owned: sc_proxy_free, sc_free) through which clients of
 * CLS reach N, or NULL: none. Returns as sc_proxy_parse. Does not wait. */
int sc_proxy_choose(const struct client_class *cls,
                    const struct sc_server_name *n, const struct sc_options *o,
                    struct sc_proxy **out, struct sc_error *err);
/* True if both are none, or the same with the same login. */
bool sc_proxy_same(const struct sc_proxy *a, const struct sc_proxy *b);
/* True if P can be given N's requests themselves, as O has it. */
bool sc_proxy_forwards(const struct sc_proxy *p, const struct client_class *cls,
                       const struct sc_server_name *n,
                       const struct sc_options *o);

/* Connect to P, and through it to N unless FORWARDED, until UNTIL; TIMES is
 * filled as by sc_race. No TLS with N yet. Waits. NULL: ERR says why, and its
 * text begins with "proxy". */
Stream *sc_proxy_dial(const struct sc_proxy *p, const struct sc_server_name *n,
                      const struct sc_options *o, bool forwarded, int64_t until,
                      struct sc_dial_times *times, struct sc_error *err);

/* How http logs in for a tunnel, instead of by Basic at once (sc_options): an
 * object of http's that lives for ever. */
struct sc_proxy_login {
    unsigned allowed; /* enum http_auth_scheme */
    /* Append the value of Proxy-Authorization to OUT that answers HEAD, the
     * N-th 407 (from 0) to a CONNECT to TARGET. Returns 0; SC_EREPLY: there is
     * nothing to answer; or an error. Does not wait. */
    int (*answer)(const struct sc_proxy_login *l, const struct sc_proxy *p,
                  const char *target, const struct sc_fields *head, int n,
                  struct sc_buf *out);
};

/* --- private to client/proxy*.c --- */

/* What has been tried so far. Zero bytes: nothing. */
struct sc_proxy_try {
    int answered;        /* challenges */
    struct sc_buf login; /* the answer to the latest one; wiped */
};
void sc_proxy_try_free(struct sc_proxy_try *t);
/* Ask once more, over a new connection. */
enum { SC_PROXY_AGAIN = 1 };

/* What a proxy is to connect to: an address if it is known here. */
struct sc_proxy_target {
    struct sc_server_name name;
    bool numeric;
    struct sc_address address;
};
/* Ask the proxy P for a tunnel over *S. An HTTP proxy's words may be followed
 * by the server's: *S is then another stream with those in front. Waits.
 * Return 0, SC_PROXY_AGAIN (HTTP: T has a login to try) or an error; *S is
 * still the caller's. */
int sc_proxy_http(const struct sc_proxy *p, Stream **s,
                  const struct sc_proxy_target *to, const struct sc_options *o,
                  struct sc_proxy_try *t, struct sc_wait *w);
int sc_proxy_socks4(const struct sc_proxy *p, Stream *s,
                    const struct sc_proxy_target *to, struct sc_wait *w);
int sc_proxy_socks5(const struct sc_proxy *p, Stream *s,
                    const struct sc_proxy_target *to, struct sc_wait *w);

/* --- of a client --- */

/* True if C talks to a proxy that forwards its requests (http through an HTTP
 * proxy without a tunnel): targets are absolute then. */
bool sc_client_forwarded(const SimpleClient *c);
/* The proxy's login as options or the proxy's URL gave it, decoded, or NULL. */
const char *sc_client_proxy_user(const SimpleClient *c);
const char *sc_client_proxy_password(const SimpleClient *c);

#endif
