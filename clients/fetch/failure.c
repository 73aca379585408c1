/* failure.c - the library's codes as curl's. Where curl tells more apart than
 * the code does, the phase, who it was, and the words decide. */

#include <string.h>

#include "fetch/failure.h"
#include "fetch/transfer.h"
#include "term/complain.h"

/* CODE 0 is any. The first line that fits counts. */
static const struct {
    int code;
    const char *words; /* in the text */
    int exit_code;
} by_words[] = {
    {0, "cannot read CA file", 77},
    {0, "cannot read certificate file", 58},
    {0, "cannot read key file", 58},
    {0, "cannot read CRL file", 82},
    {SC_EINVAL, "TLS: cipher", 59},
    {SC_EINVAL, ": resolve: \"", 49},
    {0, "neither an address nor an interface", 45},
    {SC_EPROTO, "HTTP/1 status line", 1},
    {SC_EPROTO, "status without three digits", 1},
    {SC_EPROTO, "chunk", 56},
    {SC_EPROTO, "Transfer-Encoding", 61},
    {SC_ETOOBIG, "redirects", 47},
    {SC_ETOOBIG, "codings", 61},
    {SC_EURL, "is not supported", 1},
    {SC_ENOTSUP, "cannot be sent again", 65},
};

static int of_words(const struct sc_error *e)
{
    for (size_t i = 0; i < sizeof by_words / sizeof by_words[0]; i++)
        if ((by_words[i].code == 0 || by_words[i].code == e->code) &&
            strstr(e->text, by_words[i].words) != NULL)
            return by_words[i].exit_code;
    return 0;
}

static int of_proxy(const struct sc_error *e)
{
    if (e->code == SC_ERESOLVE)
        return 5;
    if (e->code == SC_ETIMEDOUT)
        return 28;
    if (e->phase == SC_PHASE_CONNECT)
        return 7;
    if (e->phase == SC_PHASE_GREET && strstr(e->text, "SOCKS") != NULL)
        return 97;
    return e->phase == SC_PHASE_GREET ? 56 : exit_code_of(e);
}

/* The connection died, and nobody knows what the server did. */
static int of_unknown(const struct sc_error *e)
{
    if (strstr(e->text, sc_strerror(SC_EPIPE)) != NULL)
        return 55;
    return strstr(e->text, sc_strerror(SC_ECONNRESET)) != NULL ||
                   e->flags & SC_SEEN
               ? 56
               : 52;
}

int failure_code(const struct sc_error *e)
{
    int code = of_words(e);

    if (code != 0)
        return code;
    if (e->flags & SC_FROM_PROXY && e->code != SC_ECERT)
        return of_proxy(e);
    switch (e->code) {
    case SC_EPIN:
        return 90;
    case SC_EUNKNOWN:
        return of_unknown(e);
    case SC_ESHORT: /* TLS that ended without a word */
        return e->flags & SC_SEEN ? 18 : 52;
    case SC_EACCES: /* a redirect to where it may not lead */
        return 1;
    default:
        return exit_code_of(e);
    }
}
