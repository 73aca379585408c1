/* program.h - which of the programs over these files this one is: httpget, with
 * http and https; urlget, with every scheme; or one of somebody's own. */
#ifndef CLIENTS_FETCH_PROGRAM_H
#define CLIENTS_FETCH_PROGRAM_H

#include <stdbool.h>

struct fetch_program {
    const char *name; /* in front of complaints, and in User-Agent */
    bool all_schemes;
};

/* httpget, until fetch_main says what it is. */
extern struct fetch_program fetch_program;

/* What main does: read the command line, do all of it, and return the exit code.
 * Schemes that were registered before (url.h) are known. */
int fetch_main(const char *name, bool all_schemes, int argc, char **argv);

#endif
