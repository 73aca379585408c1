/* output.h - where the body of one answer goes: stdout, or a file that appears
 * only when it is complete. */
#ifndef CLIENTS_FETCH_OUTPUT_H
#define CLIENTS_FETCH_OUTPUT_H

#include <stdio.h>

#include <simpleclient/http.h>

#include "fetch/plan.h"

struct output {
    const struct job *job;
    char *name; /* NULL: stdout; with its directory */
    FILE *file;
    char *buffer;
    char *temporary;
    uint64_t from;    /* -C: what was there already */
    bool begun;       /* FILE is open */
    bool append;      /* at the end of what is there, unless it is 200 */
    bool from_server; /* -J: the server named it */
    bool over;        /* nothing more is to be written, nothing renamed */
    bool unfit;       /* what comes is no part of the file: not to be written */
    bool in_place;    /* FILE is the file itself, no temporary one */
    int code;         /* the exit code that goes with ... */
    char error[160];  /* ... why it failed, or "" */
};

/* Find the name out and, with -C, how much there is. Returns 0 or an exit
 * code; error says why. */
int output_open(struct output *o, const struct job *j);
/* The head of the answer that is to be written came: -J, and whether it goes
 * on where the file ends. Returns 0 or an exit code. */
int output_head(struct output *o, const struct http_reply *reply);
/* True if what was written could be taken back: a file, not stdout. */
bool output_can_restart(const struct output *o);
/* Take it back: another try begins. Returns 0 or negative: error says why. */
int output_restart(struct output *o);
/* Write. Returns 0 or negative: error says why. */
int output_write(struct output *o, const void *p, size_t n);
/* All came (GOOD), or not: the file gets its name and the time MTIME (0: as
 * it is), or is removed. Returns 0 or negative. */
int output_close(struct output *o, bool good, int64_t mtime);
void output_free(struct output *o);

#endif
