/* shown.h - text from elsewhere, harmless to a terminal. */
#ifndef CLIENTS_TERM_SHOWN_H
#define CLIENTS_TERM_SHOWN_H

#include <stdio.h>

/* Print N bytes at P; control characters as "?". */
void put_shown(FILE *to, const char *p, size_t n);

#endif
