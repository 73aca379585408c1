/* news_report.h - what became of it: one line on stderr, and an exit code. */
#ifndef CLIENTS_NEWSGET_REPORT_H
#define CLIENTS_NEWSGET_REPORT_H

#include "news_job.h"

/* Beside those of complain.c. */
enum news_exit {
    NEWS_URL = 3,      /* no such URL, or no group in it */
    NEWS_ODD = 8,      /* a refusal, or what makes no sense */
    NEWS_SHORT = 18,   /* cut, or parts are missing */
    NEWS_STORE = 23,   /* a place for articles cannot be written */
    NEWS_READ = 26,    /* a file cannot be read */
    NEWS_REFUSED = 55, /* the article that was posted */
    NEWS_DAMAGED = 61, /* no yEnc, or not as it was sent */
    NEWS_NO_TLS = 64,  /* required, and not there */
    NEWS_LOGIN = 67,   /* login refused, or not possible */
    NEWS_NONE = 78,    /* no such group or article */
    NEWS_PARTLY = 90,  /* some articles came, others did not */
    NEWS_UNKNOWN = 91  /* posted, or not: nobody knows */
};

/* Print a line for the failure E; returns the exit code. */
int report_failure(const struct news_job *j, const struct sc_error *e);
/* The same for an open client's call that returned RC; 0 if that is not
 * negative. */
int report_client(const struct news_job *j, NNTPClient *n, int rc);
/* What became of the fetching. */
int report_fetching(const struct news_job *j);

#endif
