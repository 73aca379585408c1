/* transfer.h - one URL: asked for, written, told about. */
#ifndef CLIENTS_FETCH_TRANSFER_H
#define CLIENTS_FETCH_TRANSFER_H

#include "fetch/body.h"
#include "fetch/dialogue.h"
#include "fetch/output.h"
#include "fetch/progress.h"

struct transfer {
    struct http_reply reply; /* its memory serves for the next, too */
    const struct command *command;
    struct prepared *prepared;
    struct job job;
    char *url; /* that is asked for: with -T's name, without dot segments */
    struct http_request request;
    struct output out;
    struct body body;
    uint64_t sent;
    struct progress meter;
    char range[32];
    char *dry_url; /* --dry-run */
    struct sc_fields dry_head;
    int64_t begun;     /* ms; for -w */
    int64_t until;     /* -m, in ms of sc_now() */
    int64_t next_byte; /* --limit-rate: not before this time, in ms */
    uint64_t got;
    bool other; /* it is no http: other.h; what its server said: */
    struct dialogue dialogue;
    int stop;        /* exit code that the answer's head led to, or 0 */
    bool skip_body;  /* -z: it is not newer */
    bool told;       /* the failure is told already */
    int code;        /* curl's exit code, in the end */
    char error[256]; /* one line, or "" */
};

/* Do J, which is taken. Waits. Returns the exit code, told. */
int transfer_run(struct transfer *t, struct job *j, struct prepared *p);
void transfer_free(struct transfer *t);

/* Bytes of the body came (to be written), or were sent. ARG is a transfer. May
 * wait. Return 0 or negative. */
int transfer_got(void *arg, const void *p, size_t n);
int transfer_sent(void *arg, const void *p, size_t n);

#endif
