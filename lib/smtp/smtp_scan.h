/* smtp_scan.h - what smtp_scan.c and its tests share. Private to smtp/. */
#ifndef SC_SMTP_SCAN_H
#define SC_SMTP_SCAN_H

#include "smtp/smtp_text.h"

/* smtp_count without vector instructions beyond the compiler's own. */
void smtp_count_plain(struct smtp_counts *c, const char *p, size_t n);

/* smtp_scan_avx2.c: count cr, lf, pairs, high and nul in whole blocks of P..END.
 * Returns where the rest begins: P on other processors. */
const char *smtp_count_wide(struct smtp_counts *c, const char *p,
                            const char *end);

#endif
