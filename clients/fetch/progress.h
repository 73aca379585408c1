/* progress.h - a meter in curl's columns, or a bar, on stderr. */
#ifndef CLIENTS_FETCH_PROGRESS_H
#define CLIENTS_FETCH_PROGRESS_H

#include "fetch/options.h"

struct progress {
    bool on, bar, begun;
    int64_t start, drawn, speed_at; /* ms of sc_now() */
    uint64_t got, sent;
    uint64_t to_get, to_send; /* UINT64_MAX: unknown */
    uint64_t base;            /* -C: what was there */
    uint64_t speed_got, speed;
};

/* True if a meter is to be shown for output to stdout (or to a file). */
bool progress_wanted(const struct command *k, bool to_stdout);
void progress_begin(struct progress *p, bool on, bool bar);
/* Draws at most five times a second. */
void progress_step(struct progress *p, uint64_t got, uint64_t sent);
void progress_end(struct progress *p);

#endif
