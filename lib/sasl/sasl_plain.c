/* sasl_plain.c - the mechanisms that say what they know: PLAIN (RFC 4616),
 * LOGIN (no RFC; draft-murchison-sasl-login), EXTERNAL (RFC 4422 appendix A). */

#include <string.h>

#include "sasl/mechanism.h"

static int too_many(struct sc_sasl *s)
{
    return sc_sasl_fail(s, SC_EPROTO, "a challenge after the last response");
}

/* message = [authzid] NUL authcid NUL passwd */
static int plain_step(struct sc_sasl *s, struct sc_span challenge,
                      struct sc_buf *out)
{
    const struct sc_span v[] = {
        sc_span_of(s->authzid),  {"", 1}, sc_span_of(s->user), {"", 1},
        sc_span_of(s->password),
    };

    (void)challenge;
    if (s->steps > 0)
        return too_many(s);
    s->complete = true;
    return sc_sasl_say(s, out, v, sizeof v / sizeof v[0]);
}

/* What the server asks with is "Username:" and "Password:", or nearly so:
 * clients have never read it. */
static int login_step(struct sc_sasl *s, struct sc_span challenge,
                      struct sc_buf *out)
{
    struct sc_span v = sc_span_of(s->steps == 0 ? s->user : s->password);

    (void)challenge;
    if (s->steps > 1)
        return too_many(s);
    s->complete = s->steps == 1;
    return sc_sasl_say(s, out, &v, 1);
}

static int external_step(struct sc_sasl *s, struct sc_span challenge,
                         struct sc_buf *out)
{
    struct sc_span v = sc_span_of(s->authzid);

    (void)challenge;
    if (s->steps > 0)
        return too_many(s);
    s->complete = true;
    return sc_sasl_say(s, out, &v, 1);
}

const struct sc_sasl_class sc_sasl_plain = {
    .name = "PLAIN",
    .traits = SC_SASL_USER | SC_SASL_PASSWORD | SC_SASL_SHOWS | SC_SASL_ACTS,
    .first = true,
    .step = plain_step,
    .heavy = sc_sasl_never_heavy,
    .succeeded = sc_sasl_complete,
};

const struct sc_sasl_class sc_sasl_login_class = {
    .name = "LOGIN",
    .traits = SC_SASL_USER | SC_SASL_PASSWORD | SC_SASL_SHOWS,
    .first = false,
    .step = login_step,
    .heavy = sc_sasl_never_heavy,
    .succeeded = sc_sasl_complete,
};

const struct sc_sasl_class sc_sasl_external = {
    .name = "EXTERNAL",
    .traits = SC_SASL_ACTS | SC_SASL_NAMED,
    .first = true,
    .step = external_step,
    .heavy = sc_sasl_never_heavy,
    .succeeded = sc_sasl_complete,
};
