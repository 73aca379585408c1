/* news_options.h - the command line of newsget. */
#ifndef CLIENTS_NEWSGET_OPTIONS_H
#define CLIENTS_NEWSGET_OPTIONS_H

#include <stdint.h>

#include "../term/mail_options.h"

struct news_options {
    bool articles, list, post, yenc, compress, serverinfo;
    int64_t since; /* seconds since 1970; 0: not said */
    const char *newsrc, *mbox, *dir;
    int connections;
    struct words backup;
    const char *user;
    const char *wildmat; /* of --list, or NULL */
    struct mail_options mail;
    char *url; /* a word of the call */
};

/* Read the words of the call. Returns -1: go on; else the exit code, the reason
 * told on stderr. In every case: free_news_options. */
int read_news_options(struct news_options *o, int argc, char **argv);
void free_news_options(struct news_options *o);

void print_news_help(struct news_options *o);

#endif
