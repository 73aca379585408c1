/* failure.h - which of curl's exit codes a failure is. */
#ifndef CLIENTS_FETCH_FAILURE_H
#define CLIENTS_FETCH_FAILURE_H

#include <simpleclient/error.h>

int failure_code(const struct sc_error *e);

#endif
