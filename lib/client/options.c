/* options.c - the options: defaults filled in, strings copied, and what makes
 * two of them name the same peer. */
#include "client/conn.h"

#include <string.h>

#include "core/mem.h"
#include "core/text.h"

static struct sc_options defaults; /* sc_set_defaults' */

static const size_t string_at[] = {
    offsetof(struct sc_options, user),
    offsetof(struct sc_options, password),
    offsetof(struct sc_options, local_address),
    offsetof(struct sc_options, tls.host),
    offsetof(struct sc_options, tls.ca_file),
    offsetof(struct sc_options, tls.ca_dir),
    offsetof(struct sc_options, tls.cert),
    offsetof(struct sc_options, tls.key),
    offsetof(struct sc_options, tls.alpn),
    offsetof(struct sc_options, tls.key_log),
};
enum { STRINGS = sizeof string_at / sizeof string_at[0] };

static const char **string_of(const struct sc_options *o, size_t i)
{
    return (const char **)((char *)o + string_at[i]);
}

#define FILL(o, name, value) ((o)->name = (o)->name ? (o)->name : (value))

static void fill(struct sc_options *o)
{
    FILL(o, connect_ms, 10000);
    FILL(o, wait_ms, 30000);
    FILL(o, stall_ms, 30000);
    FILL(o, line_limit, 8 << 10);
    FILL(o, reply_limit, 100 << 10);
    FILL(o, reply_lines, 1000);
    FILL(o, head_limit, 256 << 10);
    FILL(o, head_fields, 500);
    FILL(o, body_limit, 64 << 20);
    FILL(o, ratio_limit, 1000);
}

const struct sc_options *sc_options_or_default(const struct sc_options *o)
{
    return o ? o : &defaults;
}

int sc_options_copy(struct sc_options *out, const struct sc_options *from)
{
    size_t i;
    int rc = 0;

    from = sc_options_or_default(from);
    *out = *from;
    for (i = 0; i < STRINGS; i++) {
        *string_of(out, i) = sc_strdup(*string_of(from, i));
        if (*string_of(from, i) && !*string_of(out, i))
            rc = SC_ENOMEM;
    }
    fill(out);
    if (rc < 0)
        sc_options_free(out);
    return rc;
}

void sc_options_free(struct sc_options *o)
{
    char *s;

    for (size_t i = 0; i < STRINGS; i++) {
        s = (char *)*string_of(o, i);
        if (s)
            sc_wipe(s, strlen(s)); /* one of them is the password */
        sc_free(s);
        *string_of(o, i) = NULL;
    }
}

static bool same_text(const char *a, const char *b)
{
    return a == b || (a && b && strcmp(a, b) == 0);
}

bool sc_options_same_peer(const struct sc_options *a,
                          const struct sc_options *b)
{
    const unsigned peer = SC_OPT_TLS | SC_OPT_IPV4 | SC_OPT_IPV6 |
                          SC_OPT_STRICT_LINES | SC_OPT_NO_GREET;

    if ((a->flags & peer) != (b->flags & peer) || a->resolver != b->resolver ||
        a->tls.flags != b->tls.flags || a->tls.server != b->tls.server ||
        a->tls.min_version != b->tls.min_version)
        return false;
    for (size_t i = 0; i < STRINGS; i++)
        if (!same_text(*string_of(a, i), *string_of(b, i)))
            return false;
    return true;
}

int sc_set_defaults(const struct sc_options *o)
{
    static const struct sc_options none;
    struct sc_options copy;
    int rc;

    if ((rc = sc_options_copy(&copy, o ? o : &none)) < 0)
        return rc;
    sc_options_free(&defaults);
    defaults = copy;
    return 0;
}
