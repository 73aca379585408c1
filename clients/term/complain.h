/* complain.h - one failure, one line on stderr, and curl's exit code for it. */
#ifndef CLIENTS_TERM_COMPLAIN_H
#define CLIENTS_TERM_COMPLAIN_H

#include <simpleclient/error.h>

/* Exit codes, curl's numbers. */
enum exit_code { EXIT_USAGE = 2, EXIT_WRITE = 23 };

/* Print "PROGRAM: text" and return the exit code for E. */
int complain(const char *program, const struct sc_error *e);
/* The same for a code without a record. */
int complain_code(const char *program, int code);
/* curl's exit code for an error code of the library. */
int exit_code_of(const struct sc_error *e);

#endif
