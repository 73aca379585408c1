/* transcript.h - the dialogue on stderr, as -v has it. */
#ifndef CLIENTS_TERM_TRANSCRIPT_H
#define CLIENTS_TERM_TRANSCRIPT_H

#include <stddef.h>

/* An sc_trace_fn: "> EHLO me", "< 250 ok", "* TLS". Control characters are shown
 * as "?"; the library has masked what is secret. */
void show_transcript(void *arg, int direction, const char *text, size_t n);

#endif
