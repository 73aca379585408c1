/* date.h - dates as people write them on a command line. */
#ifndef CLIENTS_FETCH_DATE_H
#define CLIENTS_FETCH_DATE_H

#include <stdint.h>

/* Seconds since 1970, or -1: "Sun, 06 Nov 1994 08:49:37 GMT", "6 Nov 1994",
 * "1994-11-06 08:49", "19941106", "Nov 6 08:49:37 1994 +0100". Without a zone
 * it is GMT. */
int64_t read_date(const char *text);

#endif
