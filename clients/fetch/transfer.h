/* transfer.h - one URL: asked for, written, told about. */
#ifndef CLIENTS_FETCH_TRANSFER_H
#define CLIENTS_FETCH_TRANSFER_H

#include "fetch/output.h"
#include "fetch/progress.h"
#include "fetch/request.h"
#include "fetch/upload.h"
#include "fetch/watch.h"

struct transfer {
    struct http_reply reply; /* its memory serves for the next, too */
    const struct command *command;
    struct prepared *prepared;
    struct job job;
    char *url; /* that is asked for: with -T's name, without dot segments */
    struct http_request request;
    struct sc_fields head; /* the group's, and Content-Range of -T -C */
    struct http_source source;
    struct output out;
    struct upload up;
    struct watch watch; /* of what is sent */
    uint64_t sent;
    struct progress meter;
    char range[32];
    int64_t begun;     /* ms */
    int64_t next_byte; /* --limit-rate: not before this time, in ms */
    int64_t took_us;
    uint64_t got;
    int stop;        /* exit code that the answer's head led to, or 0 */
    bool skip_body;  /* -z: it is not newer */
    bool show_body;  /* a body is to be written */
    int code;        /* curl's exit code, in the end */
    char error[256]; /* one line, or "" */
};

/* Do J, which is taken. Waits. Returns the exit code, told. */
int transfer_run(struct transfer *t, struct job *j, struct prepared *p);
void transfer_free(struct transfer *t);

#endif
