/* trace.h - what -v, --trace and --trace-ascii show. One for the program. */
#ifndef CLIENTS_FETCH_TRACE_H
#define CLIENTS_FETCH_TRACE_H

#include "fetch/options.h"

/* Open the file, if there is one. Returns 0 or an exit code, told. */
int trace_open(const struct command *k);
void trace_close(void);
bool trace_wanted(void);
/* True if the bytes of bodies are wanted, too. */
bool trace_bodies(void);

/* An sc_trace_fn. */
void trace_line(void *arg, int direction, const char *text, size_t n);
/* Bytes of a body. SENT: ours. */
void trace_data(bool sent, const void *p, size_t n);

#endif
