/* yenc_run.c - yEnc's plain bytes, wherever there are no vector instructions,
 * and at a block's end. */
#include "nntp/yenc.h"

size_t nntp_yenc_run_plain(const uint8_t *p, size_t n, uint8_t *out)
{
    size_t i;

    for (i = 0; i < n && p[i] != '=' && p[i] != '\r' && p[i] != '\n'; i++)
        out[i] = (uint8_t)(p[i] - YENC_SHIFT);
    return i;
}

size_t nntp_yenc_clean_plain(const uint8_t *p, size_t n, uint8_t *out)
{
    size_t i;

    for (i = 0; i < n; i++) {
        out[i] = (uint8_t)(p[i] + YENC_SHIFT);
        if (out[i] == '=' || out[i] == '\r' || out[i] == '\n' || out[i] == '\0')
            break;
    }
    return i;
}
