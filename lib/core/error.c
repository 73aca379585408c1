/* error.c - the words for codes, and the one line kept about a failure. The
 * peer's text may stand in that line, so control bytes never do. */

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "core/text.h"

/* Both come from the build; a bare compile still tells something true. */
#ifndef SC_VERSION
#define SC_VERSION "unknown"
#endif
#ifndef SC_FEATURES
#define SC_FEATURES "unknown"
#endif

#define SC_ERROR_TEXT(name, number, text) {name, text},
static const struct {
    int code;
    const char *text;
} words[] = {{SC_OK, "no error"},
             {SC_EOF, "the peer ended the connection"},
             {SC_ETIMEDOUT, "timed out"},
             {SC_ECANCELED, "cancelled"},
             {SC_ENOMEM, "no memory"},
             {SC_EINVAL, "an argument makes no sense"},
             {SC_EBUSY, "another task waits there already"},
             {SC_EPIPE, "written to a closed connection"},
             {SC_ECONNREFUSED, "nobody listens there"},
             {SC_ECONNRESET, "the peer cut the connection"},
             {SC_EPROTO, "the peer broke the protocol"},
             {SC_EMFILE, "no descriptor left"},
             {SC_EACCES, "permission denied"},
             {SC_ENOTSUP, "not built in, or not possible here"},
             SC_ERRORS(SC_ERROR_TEXT)};

/* strerror is thread-safe in glibc (since 2.32) and musl. */
const char *sc_strerror(int code)
{
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
        if (words[i].code == code)
            return words[i].text;
    if (code < 0 && code > -4095)
        return strerror(-code);
    return "unknown error";
}

/* Formatted aside first: an argument may be E's own text. */
int sc_error_set(struct sc_error *e, int code, const char *fmt, ...)
{
    char text[sizeof e->text];
    int saved = errno;
    va_list ap;
    int n;

    if (e == NULL)
        return code;
    va_start(ap, fmt);
    n = vsnprintf(text, sizeof text, fmt, ap);
    va_end(ap);
    if (n < 0)
        n = 0;
    if ((size_t)n >= sizeof text)
        n = sizeof text - 1;
    e->code = code;
    sc_show(e->text, sizeof e->text, text, (size_t)n);
    errno = saved;
    return code;
}

const char *sc_version(void)
{
    return SC_VERSION;
}

const char *sc_features(void)
{
    return SC_FEATURES;
}
