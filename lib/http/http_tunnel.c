/* http_tunnel.c - the login at a proxy for a tunnel, where it is not Basic at
 * once: nothing is sent until the proxy asks, and what it asks for is answered
 * if that is allowed (RFC 9110 section 11.7). Each tunnel is asked for anew:
 * no nonce is kept. */

#include "client/proxy.h"
#include "http/http_auth.h"
#include "http/http_call.h"

enum { STALE_MOST = 2 };

/* A second challenge is a refusal, unless only the nonce was too old. */
static int answer(const struct sc_proxy_login *l, const struct sc_proxy *p,
                  const char *target, const struct sc_fields *head, int n,
                  struct sc_buf *out)
{
    struct http_auth a = {0};
    bool stale = false;
    int rc =
        http_auth_challenge(&a, head, "Proxy-Authenticate", l->allowed, &stale);

    if (rc == HTTP_AUTH_NONE || (n > 0 && (!stale || n > STALE_MOST)))
        rc = SC_EREPLY;
    if (rc > 0)
        rc = http_auth_answer(&a, p->user,
                              p->password != NULL ? p->password : "", "CONNECT",
                              target, out);
    http_auth_free(&a);
    return rc;
}

const struct sc_proxy_login *http_tunnel_login(unsigned flags)
{
    static const struct sc_proxy_login digest = {HTTP_AUTH_DIGEST, answer},
                                       any = {HTTP_AUTH_BASIC |
                                                  HTTP_AUTH_DIGEST,
                                              answer};
    bool basic = flags & HTTP_PROXY_BASIC;

    if (flags & HTTP_PROXY_ANY_LOGIN || (basic && flags & HTTP_PROXY_DIGEST))
        return &any;
    return flags & HTTP_PROXY_DIGEST ? &digest : NULL;
}
