/* pop_options.h - the command line of popfetch. */
#ifndef CLIENTS_POPFETCH_OPTIONS_H
#define CLIENTS_POPFETCH_OPTIONS_H

#include "../term/mail_options.h"

struct pop_options {
    const char *maildir, *mbox, *command; /* at most one */
    struct words state;                   /* none, or one for each URL */
    uint64_t max_size;                    /* 0: none */
    bool keep, headers, serverinfo;
    const char *user;
    struct mail_options mail;
    char **url; /* words of the call */
    size_t n;
};

/* Read the words of the call. Returns -1: go on; else the exit code, the reason
 * told on stderr. In every case: free_pop_options. */
int read_pop_options(struct pop_options *o, int argc, char **argv);
void free_pop_options(struct pop_options *o);

void print_pop_help(struct pop_options *o);

#endif
