/* sasl_cram.c - CRAM-MD5 (RFC 2195): the password keys a digest of what the
 * server sends. The server is not authenticated. */

#include "core/mem.h"
#include "sasl/mechanism.h"

static int cram_step(struct sc_sasl *s, struct sc_span challenge,
                     struct sc_buf *out)
{
    unsigned char digest[SC_DIGEST_MAX];
    char hex[SC_DIGEST_HEX_MAX];
    struct sc_span v[3] = {sc_span_of(s->user), {" ", 1}, {hex, 0}};
    int rc;

    if (s->steps > 0)
        return sc_sasl_fail(s, SC_EPROTO,
                            "a challenge after the last response");
    if (challenge.len == 0)
        return sc_sasl_fail(s, SC_EPROTO, "an empty challenge");
    rc = sc_hmac(SC_DIGEST_MD5, sc_span_of(s->password), challenge, digest);
    if (rc < 0)
        return sc_sasl_fail(s, rc, "MD5: %s", sc_strerror(rc));
    sc_hex(hex, digest, (size_t)rc);
    v[2].len = 2 * (size_t)rc;
    rc = sc_sasl_say(s, out, v, 3);
    sc_wipe(hex, sizeof hex);
    sc_wipe(digest, sizeof digest);
    s->complete = true;
    return rc;
}

const struct sc_sasl_class sc_sasl_cram_md5 = {
    .name = "CRAM-MD5",
    .traits = SC_SASL_USER | SC_SASL_PASSWORD,
    .first = false,
    .digest = SC_DIGEST_MD5,
    .step = cram_step,
    .heavy = sc_sasl_never_heavy,
    .succeeded = sc_sasl_complete,
};
