/* writeout.h - -w: what is printed when a transfer is done. */
#ifndef CLIENTS_FETCH_WRITEOUT_H
#define CLIENTS_FETCH_WRITEOUT_H

#include "fetch/transfer.h"

/* Print T's format. */
void write_out(struct transfer *t);

#endif
