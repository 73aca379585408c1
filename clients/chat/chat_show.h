/* chat_show.h - what the server says, on stdout at once. */
#ifndef CLIENTS_CHAT_SHOW_H
#define CLIENTS_CHAT_SHOW_H

#include <stdbool.h>
#include <stddef.h>

/* Zero bytes: control characters are "?", CRLF and LF end lines. */
struct chat_show {
    bool raw;
    bool cr; /* came last, and is not shown yet */
};

/* Returns 0, or exit code 23: stdout cannot be written. */
int show_bytes(struct chat_show *s, const char *p, size_t n);
/* A line, without its end. */
int show_line(struct chat_show *s, const char *p, size_t n);

#endif
