/* proxy_dial.c - the way through a proxy: connect to it, TLS with it if it is
 * an https one, then ask for the server by name or address. The options about
 * the server's address are not the proxy's: which proxy may be used is the
 * program's choice already. */
#include "client/proxy.h"

#include <stdio.h>
#include <string.h>

#include "core/mem.h"
#include "run/clock.h"
#include "run/wait.h"
#include "stream/outgoing.h"
#include "stream/override.h"

/* --- errors --- */

/* "proxy HOST:PORT: ..." */
static void name_proxy(struct sc_error *err, const struct sc_proxy *p)
{
    sc_server_say(&p->at, err);
    sc_error_set(err, err->code, "proxy %s", err->text);
    err->flags |= SC_FROM_PROXY;
}

/* --- what the proxy is to connect to --- */

/* "address: why; ...", as connecting says it. */
static void add_refusal(char *said, size_t size, const struct sc_address *a,
                        const char *why)
{
    size_t len = strlen(said);
    char text[64] = "?";
    int n;

    sc_address_text(a, text, sizeof text);
    n = snprintf(said + len, size - len, "%s%s: %s", len > 0 ? "; " : "", text,
                 why);
    if (n >= 0 && (size_t)n + 6 < size - len)
        return;
    said[len] = '\0';
    if (len > 3 && len + 6 < size && strcmp(said + len - 3, "...") != 0)
        snprintf(said + len, size - len, "; ...");
}

/* The first one that is allowed. */
static int pick(struct sc_proxy_target *to, const struct sc_addresses *found,
                const struct sc_options *o, struct sc_error *err)
{
    char said[176] = "";
    const char *why;
    int rc = SC_ERESOLVE;

    for (size_t i = 0; i < found->n; i++) {
        to->address = found->at[i];
        rc = sc_outgoing_allowed(o, &to->address, to->name.port, NULL, &why);
        if (rc == 0) {
            to->numeric = true;
            return 0;
        }
        add_refusal(said, sizeof said, &to->address, why);
    }
    return sc_error_set(err, rc, "%.60s: %s", to->name.host, said);
}

static int look_up(struct sc_proxy_target *to, const struct sc_options *o,
                   int64_t until, struct sc_error *err)
{
    struct sc_addresses *found = sc_calloc(sizeof *found);
    int rc = found != NULL ? sc_find_addresses(&to->name, o, until, found, err)
                           : sc_error_set(err, SC_ENOMEM, "no memory");

    if (rc == 0)
        rc = pick(to, found, o, err);
    else if (err != NULL)
        err->phase = SC_PHASE_RESOLVE;
    sc_free(found);
    return rc;
}

/* Names are left to the proxy, but for the kinds that know none, and where
 * addresses are to be checked. */
static int aim(struct sc_proxy_target *to, const struct sc_proxy *p,
               const struct sc_server_name *n, const struct sc_options *o,
               int64_t until, struct sc_error *err)
{
    struct sc_options four = *o;
    bool check = o->allow != NULL || o->flags & SC_OPT_PUBLIC_ONLY;
    int rc;

    memset(to, 0, sizeof *to);
    if ((rc = sc_override_server(o, n, &to->name, err)) < 0)
        return rc;
    if (p->kind == SC_PROXY_SOCKS4) {
        four.flags = (four.flags & ~(unsigned)SC_OPT_IPV6) | SC_OPT_IPV4;
        return look_up(to, &four, until, err);
    }
    if (check || p->kind == SC_PROXY_SOCKS5)
        return look_up(to, o, until, err);
    to->numeric = sc_address_parse(&to->address, to->name.host) == 0;
    return 0;
}

/* --- step by step --- */

static Stream *connect_proxy(const struct sc_proxy *p,
                             const struct sc_options *o, int64_t until,
                             struct sc_dial_times *times, struct sc_error *err)
{
    struct sc_options way = *o;

    way.flags &= ~(unsigned)SC_OPT_PUBLIC_ONLY;
    way.allow = NULL;
    way.unix_socket = way.connect_to = NULL;
    return sc_race(&p->at, &way, until, times, err);
}

static Stream *secure_proxy(const struct sc_proxy *p, Stream *low,
                            const struct sc_options *o, int64_t until,
                            struct sc_error *err)
{
    struct sc_tls_options tls = {0};
    int64_t ms = until - sc_now();
    Stream *s;

    if (o->proxy_tls != NULL)
        tls = *o->proxy_tls;
    if (tls.alpn == NULL)
        tls.alpn = "http/1.1";
    if ((s = sc_tls_wrap(low, p->at.host, &tls, ms > 0 ? ms : 1, err)) == NULL)
        sc_stream_close(low);
    return s;
}

static int tunnel(const struct sc_proxy *p, Stream **s,
                  const struct sc_proxy_target *to, const struct sc_options *o,
                  struct sc_proxy_try *t, struct sc_wait *w)
{
    switch (p->kind) {
    case SC_PROXY_HTTP:
    case SC_PROXY_HTTPS:
        return sc_proxy_http(p, s, to, o, t, w);
    case SC_PROXY_SOCKS4:
    case SC_PROXY_SOCKS4A:
        return sc_proxy_socks4(p, *s, to, w);
    default:
        return sc_proxy_socks5(p, *s, to, w);
    }
}

/* Returns 0, SC_PROXY_AGAIN or an error; *S is NULL then. */
static int dial_once(const struct sc_proxy *p, const struct sc_proxy_target *to,
                     const struct sc_options *o, struct sc_proxy_try *t,
                     struct sc_dial_times *times, struct sc_wait *w, Stream **s)
{
    int rc;

    *s = connect_proxy(p, o, w->until, times, w->err);
    if (*s != NULL && p->kind == SC_PROXY_HTTPS)
        *s = secure_proxy(p, *s, o, w->until, w->err);
    if (*s == NULL || to == NULL)
        return *s != NULL ? 0 : w->err->code;
    if ((rc = tunnel(p, s, to, o, t, w)) == 0)
        return 0;
    w->err->phase = SC_PHASE_GREET;
    sc_stream_close(*s);
    *s = NULL;
    return rc;
}

static Stream *dial(const struct sc_proxy *p, const struct sc_proxy_target *to,
                    const struct sc_options *o, int64_t until,
                    struct sc_dial_times *times, struct sc_error *err)
{
    struct sc_wait w = {until, err};
    struct sc_proxy_try t = {0};
    Stream *s;
    int rc;

    do
        rc = dial_once(p, to, o, &t, times, &w, &s);
    while (rc == SC_PROXY_AGAIN);
    sc_proxy_try_free(&t);
    return s;
}

/* The server's name is looked up first: the proxy need not wait for it. */
Stream *sc_proxy_dial(const struct sc_proxy *p, const struct sc_server_name *n,
                      const struct sc_options *o, bool forwarded, int64_t until,
                      struct sc_dial_times *times, struct sc_error *err)
{
    struct sc_proxy_target to;
    struct sc_error why = {0};
    int64_t begun = sc_now_us();
    Stream *s = NULL;
    int rc = forwarded ? 0 : aim(&to, p, n, o, until, &why);

    if (rc == 0) {
        s = dial(p, forwarded ? NULL : &to, o, until, times, &why);
        times->begun = begun;
        if (s == NULL)
            name_proxy(&why, p);
    }
    if (s == NULL && err != NULL)
        *err = why;
    return s;
}
