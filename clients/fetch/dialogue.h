/* dialogue.h - what was said and answered on a connection that is not http's: for
 * -v, for -D, for -w, and to tell failures apart that have one code. */
#ifndef CLIENTS_FETCH_DIALOGUE_H
#define CLIENTS_FETCH_DIALOGUE_H

#include <stdbool.h>

#include <simpleclient/buf.h>

/* Zero bytes are an empty one. */
struct dialogue {
    char said[512];        /* the latest command, cut; "": none yet */
    int answer, before;    /* codes of the latest reply, and the one before */
    bool begun;            /* a 1xx or 3xx came after that command */
    bool over;             /* QUIT was said; it and its reply do not count */
    bool keep;             /* replies are wanted, ... */
    struct sc_buf replies; /* ... here, CRLF behind each line */
    unsigned connects;
    uint64_t size; /* of all replies */
};

/* An sc_trace_fn whose ARG is a struct dialogue. Goes on to trace_line. */
void dialogue_line(void *arg, int direction, const char *text, size_t n);
/* True if the latest command was WORD, alone or with something behind it. */
bool dialogue_said(const struct dialogue *d, const char *word);
void dialogue_free(struct dialogue *d);

#endif
