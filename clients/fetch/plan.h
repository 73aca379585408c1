/* plan.h - what is to be done: one job for each URL that the command line, with
 * its patterns, stands for; made when it is asked for. */
#ifndef CLIENTS_FETCH_PLAN_H
#define CLIENTS_FETCH_PLAN_H

#include "fetch/glob.h"
#include "fetch/options.h"

/* One URL. Owned: job_free. */
struct job {
    struct config *config;
    char *url;
    char *upload;    /* file, "-", or NULL */
    char *output;    /* -o, with its "#1" filled in; or NULL */
    bool by_name;    /* -O */
    bool told;       /* -o or -O was said, "-o -" too */
    unsigned number; /* of its URL on the command line, from 0 */
};

struct plan {
    struct command *command;
    struct config *config; /* at this one ... */
    size_t target;         /* ... at its URL so and so ... */
    struct glob *urls, *uploads;
    uint64_t url, upload; /* ... at this one of its patterns */
    unsigned seen;        /* targets behind it */
    bool begun;
};

/* The next job: 1; none is left: 0; an exit code as a negative number, told:
 * nothing more can be done. */
int plan_next(struct plan *p, struct job *j);
void plan_free(struct plan *p);
void job_free(struct job *j);

#endif
