/* chat_options.h - the command line of chat. */
#ifndef CLIENTS_CHAT_OPTIONS_H
#define CLIENTS_CHAT_OPTIONS_H

#include <stdbool.h>

#include <simpleclient/options.h>

#include "../term/option_rows.h"

/* Zero bytes are the defaults. */
struct chat_options {
    const char *server;
    const char *script;    /* NULL: by hand */
    struct words starttls; /* "CMD" or "CMD=REPLY", in their order */
    bool no_greeting;      /* of the server, before them */
    bool lf;               /* lines end in LF, not CRLF */
    bool raw;              /* show bytes as they are */
    bool half_close;       /* at the end of the input */
    int linger_ms;         /* after it; 0: 1 s */
    int timeout_ms;        /* 0: by hand none, else 30 s */
    bool verbose, help, version;
    struct sc_options connect; /* for the library */
};

/* Returns -1: go on; else the exit code, the reason told. In every case:
 * free_chat_options. */
int read_chat_options(struct chat_options *o, int argc, char **argv);
void print_chat_help(struct chat_options *o);
void free_chat_options(struct chat_options *o);

#endif
