/* pop_fetch.h - all accounts at once. */
#ifndef CLIENTS_POPFETCH_FETCH_H
#define CLIENTS_POPFETCH_FETCH_H

#include "pop_account.h"

/* Fetch all N mailboxes, as their options say; results are in each R. Waits.
 * Returns 0, or the signal that has ended it before it was done. */
int fetch_accounts(struct pop_account *all, size_t n);

#endif
