/* record.h - --record FILE: the dialogue as a script, which replay plays. */
#ifndef CLIENTS_TERM_RECORD_H
#define CLIENTS_TERM_RECORD_H

#include <simpleclient/options.h>

/* Let clients with O record into PATH, which is emptied and made readable for
 * its owner only; a program has one. It holds whole lines at any time. Returns
 * 0, or exit code 23, told. */
int record_into(const char *path, struct sc_options *o);

#endif
