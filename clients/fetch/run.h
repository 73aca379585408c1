/* run.h - all URLs, one after the other or many at once. */
#ifndef CLIENTS_FETCH_RUN_H
#define CLIENTS_FETCH_RUN_H

#include "fetch/options.h"

/* Returns the program's exit code. */
int run_command(struct command *k);

#endif
