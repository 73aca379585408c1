/* proxy.h - the way to a server through a proxy: which one, and the tunnel
 * (HTTP CONNECT: RFC 9110 section 9.3.6; SOCKS5: RFC 1928 and 1929; SOCKS4,
 * 4a). */
#ifndef SC_CLIENT_PROXY_H
#define SC_CLIENT_PROXY_H

#include <simpleclient/class.h>

enum sc_proxy_kind {
    SC_PROXY_NONE,
    SC_PROXY_HTTP,
    SC_PROXY_HTTPS,
    SC_PROXY_SOCKS4,
    SC_PROXY_SOCKS4A,
    SC_PROXY_SOCKS5,
    SC_PROXY_SOCKS5H
};

/* Append the proxy that the environment names for URLs of SCHEME: http_proxy
 * (lower case only), https_proxy, HTTPS_PROXY, ..., all_proxy, ALL_PROXY. None:
 * OUT stays empty. Returns 0 or SC_ENOMEM. Does not wait. */
int sc_proxy_of_environment(const char *scheme, struct sc_buf *out);
/* True if LIST ("localhost,.example.org,10.0.0.0/8", "*"; NULL: $no_proxy or
 * $NO_PROXY) says that HOST is reached directly. */
bool sc_proxy_bypassed(const char *list, const char *host);

/* True if C talks to a proxy that forwards its requests (http through an HTTP
 * proxy without a tunnel): targets are absolute then. */
bool sc_client_forwarded(const SimpleClient *c);
/* The proxy's login as options or the proxy's URL gave it, decoded, or NULL. */
const char *sc_client_proxy_user(const SimpleClient *c);
const char *sc_client_proxy_password(const SimpleClient *c);

#endif
