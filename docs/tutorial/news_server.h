/* news_server.h - the news server that chapter 8 reads: a task of the same
 * program, on a free port of 127.0.0.1. It has one group, tutorial.test, with
 * three articles and room for a few more. */
#ifndef TUTORIAL_NEWS_SERVER_H
#define TUTORIAL_NEWS_SERVER_H

#include <simpleclient/simpleclient.h>

/* Start it. Returns its URL, "nntp://127.0.0.1:PORT/", or NULL. */
const char *news_server_start(void);
/* Stop it, and wait until its tasks have ended. */
void news_server_stop(void);

#endif
