/* pop_progress.h - how far all accounts are: a line on stderr, drawn anew. */
#ifndef CLIENTS_POPFETCH_PROGRESS_H
#define CLIENTS_POPFETCH_PROGRESS_H

#include "pop_account.h"

struct pop_progress {
    struct pop_account *all;
    size_t n;
};

/* Is stderr a terminal that nothing else is shown on? */
bool progress_wanted(const struct pop_options *o);
/* A task: draws every fifth of a second until it is cancelled, then leaves no
 * trace. ARG: a struct pop_progress. */
void show_progress(void *arg);

#endif
