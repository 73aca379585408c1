/* failure.h - which of curl's exit codes a failure is. */
#ifndef CLIENTS_FETCH_FAILURE_H
#define CLIENTS_FETCH_FAILURE_H

#include <simpleclient/error.h>

struct transfer;
int failure_code(const struct sc_error *e, const struct transfer *t);

#endif
