/* route.c - addresses, proxies, TLS, logins and times for one group of URLs. */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <simpleclient/uri.h>

#include "fetch/route.h"
#include "fetch/trace.h"
#include "term/record.h"

/* --- logins --- */

/* The password that is not on the command line, from the terminal. */
static char *ask_password(const char *what, const char *user)
{
    char *prompt = print_text("Password of %s for the %s: ", user, what);
    char *text = getpass(prompt);

    free(prompt);
    return copy_text(text != NULL ? text : "");
}

static void split_login(const char *text, const char *what, char **user,
                        char **password)
{
    const char *colon = strchr(text, ':');

    if (colon == NULL) {
        *user = copy_text(text);
        *password = ask_password(what, text);
        return;
    }
    *user = print_text("%.*s", (int)(colon - text), text);
    *password = copy_text(colon + 1);
}

/* Asked once here, so that it is not asked for each of many URLs. */
static bool is_in_environment(void)
{
    static const char *const names[] = {
        "http_proxy", "https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"};
    const char *value;

    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        if ((value = getenv(names[i])) != NULL && *value != '\0')
            return true;
    return false;
}

/* USER:PASSWORD@ goes into the proxy's URL. */
static void make_proxy(struct prepared *p)
{
    const struct config *c = p->config;
    const char *host = c->proxy, *at;
    char *user = NULL, *password = NULL;
    struct sc_buf text = {0};

    if (c->proxy == NULL || *c->proxy == '\0' || c->proxy_user == NULL) {
        p->options.proxy =
            c->proxy == NULL && !is_in_environment() ? "" : c->proxy;
        return;
    }
    split_login(c->proxy_user, "proxy", &user, &password);
    if ((at = strstr(c->proxy, "://")) != NULL) {
        host = at + 3;
        add_bytes(&text, c->proxy, (size_t)(host - c->proxy));
    }
    if ((at = strrchr(host, '@')) != NULL)
        host = at + 1;
    uri_encode(sc_span_of(user), "", &text);
    add_text(&text, ":");
    uri_encode(sc_span_of(password), "", &text);
    add_text(&text, "@");
    add_text(&text, host);
    p->proxy = copy_text(text.data);
    p->options.proxy = p->proxy;
    sc_buf_free(&text);
    free(user);
    free(password);
}

/* --- TLS --- */

static void make_tls(const struct config *c, const struct tls_config *from,
                     struct sc_tls_options *to)
{
    to->flags = (from->insecure ? SC_TLS_NO_VERIFY : 0) |
                (c->no_session_id ? SC_TLS_NO_RESUME : 0);
    to->ca_file = from->ca_file;
    to->ca_dir = from->ca_dir;
    to->cert = from->cert;
    to->key = from->key;
    to->key_password = from->password;
    to->ciphers = from->ciphers;
    to->ciphersuites = from->suites;
    to->crl_file = from->crl_file;
    to->pins = from->pins;
}

/* --- time --- */

enum { CURL_SLOW_S = 30, RATIO = 2000 }; /* gzip cannot do better than 1,032 */

/* -y without -Y: a byte a second; -Y without -y: for 30 s. */
static void make_stall(const struct config *c, struct sc_options *o)
{
    int64_t s = c->speed_time > 0 ? c->speed_time : CURL_SLOW_S;
    int64_t bytes = c->speed_limit > 0 ? c->speed_limit : 1;

    if (c->speed_time <= 0 && c->speed_limit <= 0)
        return;
    if (s > INT32_MAX / 1000)
        s = INT32_MAX / 1000;
    o->stall_ms = o->wait_ms = (int)(s * 1000);
    o->stall_bytes = (size_t)(bytes * s);
}

static int least(int64_t ms)
{
    return ms > INT32_MAX ? INT32_MAX : (int)ms;
}

/* --limit-rate: so slow that the library would take it for a stall. */
static void allow_slow(const struct config *c, struct sc_options *o)
{
    if (c->limit_rate > 0 && c->limit_rate < 4096 && o->stall_bytes == 0)
        o->stall_bytes = 1;
}

int make_route(struct prepared *p)
{
    const struct config *c = p->config;
    struct sc_options *o = &p->options;

    o->flags = c->options | (c->tunnel ? SC_OPT_TUNNEL : 0);
    if (c->fail)
        o->flags |= SC_OPT_FAIL_STATUS;
    o->connect_ms = least(c->connect_ms);
    o->total_ms = c->max_ms;
    o->local_address = c->interface;
    o->unix_socket = c->unix_socket;
    o->resolve = c->resolve.len > 0 ? c->resolve.data : NULL;
    o->connect_to = c->connect_to.len > 0 ? c->connect_to.data : NULL;
    o->no_proxy = c->no_proxy;
    o->keepalive_s =
        c->no_keepalive || c->keepalive_s < 0 ? 0 : least(c->keepalive_s);
    make_tls(c, &c->tls, &o->tls);
    o->tls.min_version = (int)c->tls_min;
    o->tls.max_version = (int)c->tls_max;
    o->tls.alpn = c->no_alpn ? NULL : "http/1.1";
    make_tls(c, &c->proxy_tls, &p->proxy_tls);
    o->proxy_tls = &p->proxy_tls;
    o->proxy_head = p->proxy_head.n > 0 ? &p->proxy_head : NULL;
    make_proxy(p);
    o->ratio_limit = RATIO;
    make_stall(c, o);
    allow_slow(c, o);
    if (c->user != NULL) {
        split_login(c->user, "server", &p->user, &p->password);
        o->user = p->user;
        o->password = p->password;
    }
    if (trace_wanted())
        o->trace = trace_line;
    if (p->command->trace_secrets)
        o->flags |= SC_OPT_TRACE_SECRETS;
    if (p->command->record != NULL && !p->command->dry_run)
        return record_into(p->command->record, o);
    return 0;
}
