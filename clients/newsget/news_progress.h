/* news_progress.h - how far it is: a line on stderr, drawn anew. */
#ifndef CLIENTS_NEWSGET_PROGRESS_H
#define CLIENTS_NEWSGET_PROGRESS_H

#include "news_job.h"

/* Is stderr a terminal that nothing else is shown on? */
bool progress_wanted(const struct news_options *o);
/* A task: draws every fifth of a second until it is cancelled, then leaves no
 * trace. ARG: the job. */
void show_progress(void *arg);

#endif
