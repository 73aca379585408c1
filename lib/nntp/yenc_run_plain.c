/* yenc_run_plain.c - yEnc's plain bytes, on processors without SSE2. */
#include "nntp/yenc.h"

size_t nntp_yenc_run(const uint8_t *p, size_t n, uint8_t *out)
{
    return nntp_yenc_run_plain(p, n, out);
}

size_t nntp_yenc_clean(const uint8_t *p, size_t n, uint8_t *out)
{
    return nntp_yenc_clean_plain(p, n, out);
}
