/* options.c - the options: defaults filled in, strings copied, and what makes
 * two of them name the same peer. */
#include "client/conn.h"

#include <string.h>

#include <simpleclient/field.h>

#include "core/mem.h"
#include "core/text.h"

static struct sc_options defaults; /* sc_set_defaults' */

/* Strings of the options, and of TLS options wherever those lie. */
static const size_t string_at[] = {
    offsetof(struct sc_options, user),
    offsetof(struct sc_options, password),
    offsetof(struct sc_options, token),
    offsetof(struct sc_options, authzid),
    offsetof(struct sc_options, mechanisms),
    offsetof(struct sc_options, netrc),
    offsetof(struct sc_options, hello),
    offsetof(struct sc_options, local_address),
    offsetof(struct sc_options, unix_socket),
    offsetof(struct sc_options, resolve),
    offsetof(struct sc_options, connect_to),
    offsetof(struct sc_options, proxy),
    offsetof(struct sc_options, no_proxy),
};
static const size_t tls_string_at[] = {
    offsetof(struct sc_tls_options, host),
    offsetof(struct sc_tls_options, ca_file),
    offsetof(struct sc_tls_options, ca_dir),
    offsetof(struct sc_tls_options, cert),
    offsetof(struct sc_tls_options, key),
    offsetof(struct sc_tls_options, alpn),
    offsetof(struct sc_tls_options, key_log),
    offsetof(struct sc_tls_options, key_password),
    offsetof(struct sc_tls_options, ciphers),
    offsetof(struct sc_tls_options, ciphersuites),
    offsetof(struct sc_tls_options, crl_file),
    offsetof(struct sc_tls_options, pins),
};
enum {
    STRINGS = sizeof string_at / sizeof string_at[0],
    TLS_STRINGS = sizeof tls_string_at / sizeof tls_string_at[0]
};

static const char **string_of(const void *o, size_t at)
{
    return (const char **)((char *)(uintptr_t)o + at);
}

/* --- one kind of strings --- */

static void free_strings(void *o, const size_t *at, size_t n)
{
    char *s;

    for (size_t i = 0; i < n; i++) {
        s = (char *)(uintptr_t)*string_of(o, at[i]);
        if (s != NULL)
            sc_wipe(s, strlen(s)); /* some of them are passwords */
        sc_free(s);
        *string_of(o, at[i]) = NULL;
    }
}

/* O is a bitwise copy of FROM: make its strings its own, all of them. */
static int copy_strings(void *o, const void *from, const size_t *at, size_t n)
{
    int rc = 0;

    for (size_t i = 0; i < n; i++) {
        const char *s = *string_of(from, at[i]);

        *string_of(o, at[i]) = sc_strdup(s);
        if (s != NULL && *string_of(o, at[i]) == NULL)
            rc = SC_ENOMEM;
    }
    return rc;
}

static bool same_text(const char *a, const char *b)
{
    return a == b || (a != NULL && b != NULL && strcmp(a, b) == 0);
}

static bool same_strings(const void *a, const void *b, const size_t *at,
                         size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (!same_text(*string_of(a, at[i]), *string_of(b, at[i])))
            return false;
    return true;
}

/* --- what the options of a proxy point to --- */

static int copy_proxy_tls(struct sc_options *o)
{
    const struct sc_tls_options *from = o->proxy_tls;
    struct sc_tls_options *t;

    if (from == NULL)
        return 0;
    o->proxy_tls = t = sc_malloc(sizeof *t);
    if (t == NULL)
        return SC_ENOMEM;
    *t = *from;
    return copy_strings(t, from, tls_string_at, TLS_STRINGS);
}

static int copy_proxy_head(struct sc_options *o)
{
    const struct sc_fields *from = o->proxy_head;
    struct sc_fields *f;
    int rc = 0;

    if (from == NULL)
        return 0;
    o->proxy_head = f = sc_calloc(sizeof *f);
    if (f == NULL)
        return SC_ENOMEM;
    for (size_t i = 0; i < from->n && rc == 0; i++)
        rc = sc_fields_add(f, from->at[i].name, from->at[i].value);
    return rc;
}

static void free_proxy(struct sc_options *o)
{
    struct sc_tls_options *t = (struct sc_tls_options *)(uintptr_t)o->proxy_tls;
    struct sc_fields *f = (struct sc_fields *)(uintptr_t)o->proxy_head;

    if (t != NULL)
        free_strings(t, tls_string_at, TLS_STRINGS);
    sc_free(t);
    if (f != NULL && f->text.data != NULL)
        sc_wipe(f->text.data, f->text.len); /* it may hold a login */
    if (f != NULL)
        sc_fields_free(f);
    sc_free(f);
    o->proxy_tls = NULL;
    o->proxy_head = NULL;
}

static bool same_tls(const struct sc_tls_options *a,
                     const struct sc_tls_options *b)
{
    if (a == NULL || b == NULL)
        return a == b;
    return a->flags == b->flags && a->server == b->server &&
           a->min_version == b->min_version &&
           a->max_version == b->max_version &&
           same_strings(a, b, tls_string_at, TLS_STRINGS);
}

static bool same_fields(const struct sc_fields *a, const struct sc_fields *b)
{
    size_t n = a != NULL ? a->n : 0;

    if (n != (b != NULL ? b->n : 0))
        return false;
    for (size_t i = 0; i < n; i++)
        if (!same_text(a->at[i].name.data, b->at[i].name.data) ||
            !same_text(a->at[i].value.data, b->at[i].value.data))
            return false;
    return true;
}

/* --- the whole --- */

/* A bit of flags in copies: WAIT_DEFAULT was not named. */
enum { WAIT_UNSET = 1 << 30, WAIT_DEFAULT = 30000 };

bool sc_options_wait_unset(const struct sc_options *copy)
{
    return copy->flags & WAIT_UNSET && copy->wait_ms == WAIT_DEFAULT;
}

#define FILL(o, name, value) ((o)->name = (o)->name ? (o)->name : (value))

static void fill(struct sc_options *o)
{
    FILL(o, connect_ms, 10000);
    o->flags |= o->wait_ms == 0 ? WAIT_UNSET : 0;
    FILL(o, wait_ms, WAIT_DEFAULT);
    FILL(o, stall_ms, 30000);
    FILL(o, stall_bytes, SC_STALL_BYTES);
    FILL(o, reply_limit, 100 << 10);
    FILL(o, reply_lines, 1000);
    FILL(o, head_limit, 256 << 10);
    FILL(o, head_fields, 500);
    FILL(o, body_limit, 64 << 20);
    FILL(o, ratio_limit, 1000);
}

/* A class that sends longer lines than others reads them as well (RFC 9110
 * section 2.3). */
void sc_options_line(struct sc_options *o, const struct client_class *cls)
{
    size_t most = 8 << 10;

    FILL(o, line_limit, cls->line_limit > most ? cls->line_limit : most);
}

/* A negative time would never end, or be over at once. */
static bool makes_sense(const struct sc_options *o)
{
    return o->connect_ms >= 0 && o->wait_ms >= 0 && o->stall_ms >= 0 &&
           o->total_ms >= 0 && o->reply_lines >= 0 && o->head_fields >= 0 &&
           o->ratio_limit >= 0 && o->keepalive_s >= 0 &&
           o->starttls >= SC_STARTTLS_MAY && o->starttls <= SC_STARTTLS_NEVER;
}

const struct sc_options *sc_options_or_default(const struct sc_options *o)
{
    return o != NULL ? o : &defaults;
}

int sc_options_copy(struct sc_options *out, const struct sc_options *from)
{
    int rc[4];

    from = sc_options_or_default(from);
    if (!makes_sense(from)) {
        *out = (struct sc_options){0};
        return SC_EINVAL;
    }
    *out = *from;
    rc[0] = copy_strings(out, from, string_at, STRINGS);
    rc[1] = copy_strings(&out->tls, &from->tls, tls_string_at, TLS_STRINGS);
    rc[2] = copy_proxy_tls(out);
    rc[3] = copy_proxy_head(out);
    fill(out);
    for (size_t i = 0; i < 4; i++)
        if (rc[i] < 0) {
            sc_options_free(out);
            return rc[i];
        }
    return 0;
}

void sc_options_free(struct sc_options *o)
{
    free_strings(o, string_at, STRINGS);
    free_strings(&o->tls, tls_string_at, TLS_STRINGS);
    free_proxy(o);
}

/* What only decides about times and limits does not count; whatever chose the
 * address, or asked about it, does. */
bool sc_options_same_peer(const struct sc_options *a,
                          const struct sc_options *b)
{
    const unsigned peer = SC_OPT_TLS | SC_OPT_IPV4 | SC_OPT_IPV6 |
                          SC_OPT_STRICT_LINES | SC_OPT_NO_GREET |
                          SC_OPT_PUBLIC_ONLY | SC_OPT_TUNNEL |
                          SC_OPT_PLAIN_LOGIN;

    if ((a->flags & peer) != (b->flags & peer) || a->resolver != b->resolver ||
        a->allow != b->allow || a->allow_arg != b->allow_arg ||
        a->on_socket != b->on_socket || a->on_socket_arg != b->on_socket_arg ||
        a->keepalive_s != b->keepalive_s || a->proxy_login != b->proxy_login ||
        a->starttls != b->starttls)
        return false;
    return same_strings(a, b, string_at, STRINGS) &&
           same_tls(&a->tls, &b->tls) && same_tls(a->proxy_tls, b->proxy_tls) &&
           same_fields(a->proxy_head, b->proxy_head);
}

int sc_set_defaults(const struct sc_options *o)
{
    static const struct sc_options none;
    struct sc_options copy;
    int rc;

    if ((rc = sc_options_copy(&copy, o != NULL ? o : &none)) < 0)
        return rc;
    sc_options_free(&defaults);
    defaults = copy;
    return 0;
}
