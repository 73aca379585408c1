/* stream_connect.c - a connected stream without a client. It lies here, above
 * stream/, because it takes the defaults that clients take. */
#include "client/conn.h"

#include "client/proxy.h"
#include "core/mem.h"
#include "run/clock.h"
#include "stream/connect.h"

static Stream *wrap_tls(Stream *low, const struct sc_server_name *n,
                        const struct sc_options *opt, int64_t until,
                        struct sc_error *err)
{
    int64_t ms = until - sc_now();
    Stream *s = NULL;

    if (ms > 0)
        s = sc_tls_wrap(low, n->unix_path ? "" : n->host, &opt->tls, ms, err);
    else
        sc_error_set(err, SC_ETIMEDOUT, "%.100s: no time left for TLS",
                     n->host);
    if (s != NULL)
        return s;
    if (err != NULL)
        err->phase = SC_PHASE_TLS;
    sc_stream_close(low);
    return NULL;
}

/* Plain, straight or through the proxy that OPT names: without a class nobody
 * asks the environment. */
static Stream *connect_plain(const struct sc_server_name *n,
                             const struct sc_options *opt, int64_t until,
                             struct sc_error *err)
{
    struct sc_dial_times times;
    struct sc_proxy *p;
    Stream *s;

    if (sc_proxy_choose(&sc_simple_class, n, opt, &p, err) < 0)
        return NULL;
    s = p != NULL ? sc_proxy_dial(p, n, opt, false, until, &times, err)
                  : sc_race(n, opt, until, NULL, err);
    if (s == NULL)
        sc_server_say(n, err);
    sc_proxy_free(p);
    sc_free(p);
    return s;
}

Stream *sc_stream_connect(const char *server, int port,
                          const struct sc_options *opt, struct sc_error *err)
{
    struct sc_server_name n = {.port = port};
    struct sc_options own; /* they may be set anew while this waits */
    int64_t ms, until;
    Stream *s;
    int rc;

    if (sc_server_parse(&n, server, err) < 0)
        return NULL;
    if ((rc = sc_options_copy(&own, opt)) < 0) {
        sc_error_set(err, rc, "%s", sc_strerror(rc));
        return NULL;
    }
    ms = own.connect_ms;
    if (own.total_ms > 0 && own.total_ms < ms)
        ms = own.total_ms;
    until = sc_until(ms);
    s = connect_plain(&n, &own, until, err);
    if (s != NULL && (own.flags & SC_OPT_TLS) != 0)
        s = wrap_tls(s, &n, &own, until, err);
    sc_options_free(&own);
    return s;
}
