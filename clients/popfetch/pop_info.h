/* pop_info.h - --serverinfo. */
#ifndef CLIENTS_POPFETCH_INFO_H
#define CLIENTS_POPFETCH_INFO_H

#include "pop_account.h"

/* Print who each server is and what it can do on stdout; nobody logs in. Waits.
 * Returns the exit code. */
int show_servers(struct pop_account *all, size_t n);

#endif
