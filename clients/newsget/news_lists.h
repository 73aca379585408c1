/* news_lists.h - groups, and what a server is: with an open client. */
#ifndef CLIENTS_NEWSGET_LISTS_H
#define CLIENTS_NEWSGET_LISTS_H

#include "news_job.h"

/* Print groups: "name TAB first TAB last TAB status TAB description"; those made
 * since --since, if that is given. Waits. Returns the exit code. */
int list_groups(struct news_job *j);
/* Print who the server is and what it can do; nobody logs in. As above. */
int show_server(struct news_job *j);

#endif
