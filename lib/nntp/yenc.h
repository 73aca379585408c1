/* yenc.h - the bytes of yEnc (yenc.org, draft 1.3) that stand for themselves,
 * many at a time. Private to nntp/ and its tests. */
#ifndef SC_NNTP_YENC_H
#define SC_NNTP_YENC_H

#include <stddef.h>
#include <stdint.h>

enum {
    YENC_SHIFT = 42,
    YENC_ESCAPE_SHIFT = 64, /* behind '=' */
    YENC_LINE = 128
};

/* Decode the N bytes of P up to the first '=', CR or LF. Returns how many; all
 * of the N at OUT may be written. */
size_t nntp_yenc_run(const uint8_t *p, size_t n, uint8_t *out);
/* Encode bytes of P up to the first that would be NUL, LF, CR or '='. The
 * same. */
size_t nntp_yenc_clean(const uint8_t *p, size_t n, uint8_t *out);
/* The same without vector instructions; for tests. */
size_t nntp_yenc_run_plain(const uint8_t *p, size_t n, uint8_t *out);
size_t nntp_yenc_clean_plain(const uint8_t *p, size_t n, uint8_t *out);

#endif
