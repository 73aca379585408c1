/* complain.c - error codes of the library as curl's exit codes, and the one
 * line that a person gets to see. */

#include <stdio.h>

#include "complain.h"

static const struct {
    int code;
    int exit_code;
} table[] = {
    {SC_EURL, 3},    {SC_ERESOLVE, 6}, {SC_ECONNREFUSED, 7},
    {SC_EPROTO, 8},  {SC_ESHORT, 18},  {SC_EREPLY, 22},
    {SC_ENOMEM, 27}, {SC_EMFILE, 27},  {SC_ETIMEDOUT, 28},
    {SC_ETLS, 35},   {SC_ECERT, 60},   {SC_ETOOBIG, 63},
    {SC_EOF, 52},    {SC_ECODING, 61}, {SC_EINVAL, 43},
    {SC_EPIPE, 55},
};

int exit_code_of(const struct sc_error *e)
{
    /* Nobody there is one failure, whatever the system calls it; what we lack
     * ourselves is another. */
    if (e->phase == SC_PHASE_CONNECT && e->code != SC_ETIMEDOUT &&
        e->code != SC_ERESOLVE && e->code != SC_EURL && e->code != SC_ENOMEM &&
        e->code != SC_EMFILE)
        return 7;
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++)
        if (table[i].code == e->code)
            return table[i].exit_code;
    switch (e->code) {
    case -ENETUNREACH:
    case -EHOSTUNREACH:
    case -ENETDOWN:
    case -EADDRNOTAVAIL:
    case -ENOENT:
    case -EACCES:
        return 7;
    default:
        return 56;
    }
}

int complain(const char *program, const struct sc_error *e)
{
    fprintf(stderr, "%s: %s\n", program,
            e->text[0] != '\0' ? e->text : sc_strerror(e->code));
    return exit_code_of(e);
}

int complain_code(const char *program, int code)
{
    struct sc_error e = {.code = code};

    return complain(program, &e);
}
