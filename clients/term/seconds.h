/* seconds.h - times on a command line. */
#ifndef CLIENTS_TERM_SECONDS_H
#define CLIENTS_TERM_SECONDS_H

/* "5" or "0.5", up to a day, as milliseconds; -1: it is no such time. */
int read_seconds(const char *text);

#endif
