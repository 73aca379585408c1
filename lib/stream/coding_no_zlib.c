/* coding_no_zlib.c - what coding_zlib.c has beside its coder, without zlib. */
#include "stream/coding.h"

int sc_crc32(uint32_t *crc, const void *p, size_t n)
{
    (void)crc, (void)p, (void)n;
    return SC_ENOTSUP;
}
