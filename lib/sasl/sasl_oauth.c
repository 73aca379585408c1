/* sasl_oauth.c - OAuth 2.0 bearer tokens: OAUTHBEARER (RFC 7628) and its
 * forerunner XOAUTH2 (Google's and Microsoft's documents). A server that
 * refuses says why in a challenge, and waits for an answer before it says no
 * (RFC 7628 section 3.2.3). Getting tokens is left out. */

#include <string.h>

#include "core/text.h"
#include "sasl/mechanism.h"

/* The answer to an error: the login is over, the dialogue is not. */
static int refused(struct sc_sasl *s, struct sc_span challenge,
                   struct sc_buf *out, struct sc_span answer)
{
    int rc;

    if (!s->complete)
        return sc_sasl_fail(s, SC_EPROTO,
                            "a challenge after the last response");
    s->complete = false;
    if ((rc = sc_sasl_note(s, challenge)) < 0)
        return rc;
    return sc_sasl_say(s, out, &answer, 1);
}

static int xoauth2_step(struct sc_sasl *s, struct sc_span challenge,
                        struct sc_buf *out)
{
    const struct sc_span nothing = {"", 0};
    const struct sc_span v[] = {
        SC_SPAN("user="),     sc_span_of(s->user), SC_SPAN("\1auth=Bearer "),
        sc_span_of(s->token), SC_SPAN("\1\1"),
    };

    if (s->steps > 0)
        return refused(s, challenge, out, nothing);
    s->complete = true;
    return sc_sasl_say(s, out, v, sizeof v / sizeof v[0]);
}

/* gs2-header kvsep *kvpair kvsep (RFC 7628 section 3.1), up to the token. */
static int bearer_head(const struct sc_sasl *s, struct sc_buf *head)
{
    const char *name = s->authzid != NULL ? s->authzid : s->user;
    int rc = sc_buf_addf(head, "n,%s", name != NULL ? "a=" : "");

    if (rc == 0 && name != NULL)
        rc = sc_sasl_name_add(head, name);
    if (rc == 0)
        rc = sc_buf_addf(head, ",\1");
    if (rc == 0 && s->host != NULL)
        rc = sc_buf_addf(head, "host=%s\1", s->host);
    if (rc == 0 && s->port > 0)
        rc = sc_buf_addf(head, "port=%d\1", s->port);
    return rc;
}

static int bearer_step(struct sc_sasl *s, struct sc_span challenge,
                       struct sc_buf *out)
{
    const struct sc_span kvsep = {"\1", 1};
    struct sc_buf head = SC_BUF(SC_SASL_TOKEN_MAX);
    struct sc_span v[] = {
        {NULL, 0},
        SC_SPAN("auth=Bearer "),
        sc_span_of(s->token),
        SC_SPAN("\1\1"),
    };
    int rc;

    if (s->steps > 0)
        return refused(s, challenge, out, kvsep);
    s->complete = true;
    rc = bearer_head(s, &head);
    v[0] = (struct sc_span){head.data, head.len};
    if (rc == 0)
        rc = sc_sasl_say(s, out, v, sizeof v / sizeof v[0]);
    else
        sc_sasl_fail(s, rc, "%s", sc_strerror(rc));
    sc_sasl_wipe(&head);
    return rc;
}

const struct sc_sasl_class sc_sasl_xoauth2 = {
    .name = "XOAUTH2",
    .traits = SC_SASL_USER | SC_SASL_TOKEN | SC_SASL_SHOWS,
    .first = true,
    .step = xoauth2_step,
    .heavy = sc_sasl_never_heavy,
    .succeeded = sc_sasl_complete,
};

const struct sc_sasl_class sc_sasl_oauthbearer = {
    .name = "OAUTHBEARER",
    .traits = SC_SASL_TOKEN | SC_SASL_SHOWS | SC_SASL_ACTS,
    .first = true,
    .step = bearer_step,
    .heavy = sc_sasl_never_heavy,
    .succeeded = sc_sasl_complete,
};
