/* coding_none.c - no library for codings was built in. */
#include "stream/coding.h"

struct sc_coder *sc_coder_open(int coding, bool encode, struct sc_error *err)
{
    (void)coding;
    (void)encode;
    sc_error_set(err, SC_ENOTSUP, "codings are not built in");
    return NULL;
}
