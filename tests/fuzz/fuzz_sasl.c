/* fuzz_sasl.c - any lines as the challenges of any mechanism, the last one as
 * the data that comes with success: no SCRAM ends well without a signature that
 * holds, a failure stays, and responses are never too long. The first byte
 * chooses the mechanism. */

#include <stdlib.h>
#include <string.h>

#include "core/mem.h"
#include "core/text.h"
#include "fuzz.h"
#include "sasl/mechanism.h"

enum { CHALLENGES = 6 };

static void must(int holds)
{
    if (!holds)
        abort();
}

/* What the RFCs' servers end with: nothing else fits our nonces. */
static const char *const signatures[] = {
    "v=rmF9pqV8S7suAoZWja4dJRkFsKQ=",
    "v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=",
    "v=8dbpxwe4DaC4ESpY8u6aAvFeP2ks9+LClF/ADCxyWOE=",
};

static bool has_signature(struct sc_span all)
{
    for (size_t i = 0; i < sizeof signatures / sizeof signatures[0]; i++)
        if (memmem(all.data, all.len, signatures[i], strlen(signatures[i])))
            return true;
    return false;
}

static struct sc_sasl *begin(unsigned which)
{
    const struct sc_sasl_class *c = sc_sasl_classes[which];
    const bool sha1 = strstr(c->name, "SHA-1") != NULL;
    const struct sc_sasl_login l = {
        .user = "user",
        .password = "pencil",
        .token = "token",
        .host = "h",
        .port = 25,
        .mechanisms = c->name,
        .protected_link = 1,
        .binding_type = c->traits & SC_SASL_BINDING ? "tls-exporter" : NULL,
        .binding = {"\0\1\2\3\4\5\6\7", 8},
    };
    struct sc_sasl *s = sc_sasl_new(c->name, &l, NULL);

    must(s != NULL && strcmp(sc_sasl_name(s), c->name) == 0);
    sc_scram_fix_nonce(s, sha1 ? "fyko+d2lbbFgONRv9qkxdawL"
                               : "rOprNGfwEbeRWgbNEkqO");
    return s;
}

/* A number of rounds that would only take time. */
static bool is_slow(struct sc_span s)
{
    const char *i = memmem(s.data, s.len, ",i=", 3);

    return i != NULL && s.data + s.len - i > 8 && sc_is_digit(i[7]);
}

static int take(struct sc_sasl *s, struct sc_span challenge)
{
    struct sc_buf out = {0};
    int rc = sc_sasl_step(s, challenge, &out);

    must(rc == 0 || rc == SC_EPROTO || rc == SC_EREPLY || rc == SC_ECERT ||
         rc == SC_ETOOBIG);
    must(rc == 0 || (out.len == 0 && sc_sasl_why(s)[0] != '\0'));
    must(out.len <= SC_SASL_TOKEN_MAX);
    sc_buf_free(&out);
    return rc;
}

static int finish(struct sc_sasl *s, struct sc_span data, struct sc_span all,
                  int failed)
{
    int rc = sc_sasl_succeeded(s, data);
    const char *said = sc_sasl_said(s);

    must(failed == 0 || rc == failed);
    must(rc == 0 || sc_sasl_why(s)[0] != '\0');
    if (rc == 0 && strncmp(sc_sasl_name(s), "SCRAM", 5) == 0)
        must(has_signature(all));
    for (; *said != '\0'; said++)
        must((unsigned char)*said >= ' ' && *said != 0x7f);
    return rc;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    struct sc_span all = {(const char *)data + 1, n - 1}, rest = all;
    struct sc_sasl *s;
    int rc = 0;

    if (n == 0 || is_slow(all))
        return 0;
    s = begin(data[0] % 11);
    if (sc_sasl_speaks_first(s))
        rc = take(s, (struct sc_span){"", 0});
    for (int i = 0; i < CHALLENGES; i++) {
        const char *lf = memchr(rest.data, '\n', rest.len);
        size_t len = lf != NULL ? (size_t)(lf - rest.data) : rest.len;

        if (lf == NULL)
            break;
        must(rc == 0 || take(s, rest) == rc);
        rc = take(s, (struct sc_span){rest.data, len});
        rest.data += len + 1;
        rest.len -= len + 1;
    }
    finish(s, rest, all, rc);
    sc_sasl_free(s);
    return 0;
}
