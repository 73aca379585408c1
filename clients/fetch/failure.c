/* failure.c - the library's codes as curl's. Where curl says more than the
 * code, the phase, who it was and what had come decide. */

#include <string.h>

#include "fetch/failure.h"
#include "fetch/transfer.h"
#include "term/complain.h"

static int of_proxy(const struct sc_error *e)
{
    if (e->code == SC_ERESOLVE)
        return 5;
    if (e->code == SC_ETIMEDOUT)
        return 28;
    if (e->phase == SC_PHASE_CONNECT)
        return 7;
    if (e->phase == SC_PHASE_GREET && e->status == 0 &&
        strstr(e->text, "SOCKS") != NULL)
        return 97;
    return e->phase == SC_PHASE_GREET ? 56 : exit_code_of(e);
}

/* The connection died, and nobody knows what the server did. */
static int of_unknown(const struct sc_error *e)
{
    if (strstr(e->text, "reset") != NULL || strstr(e->text, "pipe") != NULL)
        return e->phase == SC_PHASE_SEND ? 55 : 56;
    return e->flags & SC_SEEN ? 56 : 52;
}

int failure_code(const struct sc_error *e, const struct transfer *t)
{
    const struct http_reply *r = &t->reply;

    if (e->flags & SC_FROM_PROXY && e->code != SC_ECERT)
        return of_proxy(e);
    switch (e->code) {
    case SC_EPIN:
        return 90;
    case SC_EUNKNOWN:
        return of_unknown(e);
    case SC_EACCES: /* a redirect to where it may not lead */
        return 1;
    case SC_ETOOBIG:
        if (strstr(e->text, "redirects") != NULL)
            return 47;
        return strstr(e->text, "body") != NULL ? 63 : exit_code_of(e);
    case SC_ENOTSUP:
        return r->status != 0 && t->request.source != NULL ? 65
                                                           : exit_code_of(e);
    case SC_EURL:
        return strstr(e->text, "is not supported") != NULL ? 1 : 3;
    default:
        return exit_code_of(e);
    }
}
