/* news_fetch.h - overview or articles of a group. */
#ifndef CLIENTS_NEWSGET_FETCH_H
#define CLIENTS_NEWSGET_FETCH_H

#include "news_job.h"

/* Fetch what J asks for; results and failures are in it. Waits. */
void fetch_news(struct news_job *j);

#endif
