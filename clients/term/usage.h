/* usage.h - wrong use of a program, told in one line. */
#ifndef CLIENTS_TERM_USAGE_H
#define CLIENTS_TERM_USAGE_H

#include <simpleclient/error.h>

enum { EXIT_READ = 26, EXIT_MEMORY = 27, EXIT_LOGIN = 67 };

/* What lines on stderr begin with; each main has its own. */
extern const char program_name[];

/* Say what is wrong with the use of the program. Returns 2. */
int wrong_use(const char *fmt, ...) SC_PRINTF(1, 2);
/* Say that there is no memory. Returns 27. */
int no_memory(void);

#endif
