/* news_post.h - an article from stdin. */
#ifndef CLIENTS_NEWSGET_POST_H
#define CLIENTS_NEWSGET_POST_H

#include "news_job.h"

/* Post it. Waits. Returns the exit code. */
int post_article(struct news_job *j);

#endif
