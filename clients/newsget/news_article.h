/* news_article.h - articles under way, and the places that they go to. */
#ifndef CLIENTS_NEWSGET_ARTICLE_H
#define CLIENTS_NEWSGET_ARTICLE_H

#include <simpleclient/mail.h>

#include "../term/aside.h"
#include "news_job.h"
#include "news_keep.h"
#include "news_lines.h"

struct yenc_part;

/* One that is under way; several may be, where there are several connections. */
struct article {
    struct news_job *job;
    uint64_t number;
    struct lines lines;
    struct aside aside;       /* of stdout */
    struct mail_store *store; /* of an mbox */
    struct kept file;         /* of a folder */
    uint64_t size;            /* so much of it is written */
    struct yenc_part *part;   /* of a yEnc file */
};

/* All return 0; or -1, job_failed was called. After a begin that succeeded either
 * finish or abandon is called, once. Finish marks what is safe (job->done). */
struct place {
    int (*begin)(struct article *a);
    int (*add)(struct article *a, const char *p, size_t n);
    int (*finish)(struct article *a);
    void (*abandon)(struct article *a);
};
extern const struct place yenc_place; /* news_yenc.c */

/* Let HOW fetch articles, each to the place that the options name. */
void set_article_calls(struct nntp_fetch *how, struct news_job *j);
/* All that will come has come: yEnc files that lack parts are dropped, and told. */
void end_articles(struct news_job *j);
/* Number N (0: none is known) is safe. */
int mark_done(struct news_job *j, uint64_t n);

/* news_yenc.c */
void end_yenc(struct news_job *j);

#endif
