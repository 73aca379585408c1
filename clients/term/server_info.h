/* server_info.h - what --serverinfo tells of whoever is there. */
#ifndef CLIENTS_TERM_SERVER_INFO_H
#define CLIENTS_TERM_SERVER_INFO_H

#include <simpleclient/stream.h>

/* NAME and the N bytes at TEXT on a line of stdout, harmless to a terminal. */
void print_words(const char *name, const char *text, size_t n);
/* The same for each of the lines of TEXT but the first SKIP. */
void print_lines(const char *name, const struct sc_buf *text, int skip);
/* Address, TLS and certificate of the other end of S. */
void print_peer(Stream *s);

#endif
