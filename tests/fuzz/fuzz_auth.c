/* fuzz_auth.c - any lines as what a server says during a login: it ends, in
 * order or broken, and the error has words. The first byte chooses mechanism and
 * protocol. */

#include <stdlib.h>

#include "client/auth.h"
#include "core/text.h"
#include "fuzz.h"
#include "fuzz_class.h"
#include "sasl/mechanism.h"

static const struct sc_auth_words words[] = {
    {"AUTH", 512, 334, 235, 0, ""},
    {"AUTHINFO SASL", 512, 383, 281, 283, "="},
    {"AUTH", 20, 334, 235, 0, ""},
};

static void must(int holds)
{
    if (!holds)
        abort();
}

static struct sc_sasl *begin(unsigned which)
{
    const struct sc_sasl_class *c = sc_sasl_classes[which];
    const struct sc_sasl_login l = {
        .user = "user",
        .password = "pencil",
        .token = "token",
        .mechanisms = c->name,
        .protected_link = 1,
        .binding_type = c->traits & SC_SASL_BINDING ? "tls-exporter" : NULL,
        .binding = {"\0\1\2\3\4\5\6\7", 8},
    };
    struct sc_sasl *s = sc_sasl_new(c->name, &l, NULL);

    must(s != NULL);
    sc_scram_fix_nonce(s, "rOprNGfwEbeRWgbNEkqO");
    return s;
}

static void log_in(const uint8_t *data, size_t n, size_t piece)
{
    SimpleClient *c = fuzz_client(data + 1, n - 1, piece, NULL);
    unsigned mechanism = data[0] % 11, protocol = data[0] / 11 % 3;
    int rc;

    if (c == NULL)
        return;
    rc = sc_auth_exchange(c, &words[protocol], begin(mechanism));
    must(rc <= 0);
    must(rc == 0 || sc_last_error(c)->text[0] != '\0');
    must(sc_broken(c) == 0 || sc_broken(c) == rc);
    must(sc_client_options(c)->line_limit == 8 << 10);
    sc_drop(c);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    if (n > 0) {
        log_in(data, n, SIZE_MAX);
        log_in(data, n, 1);
    }
    return 0;
}
