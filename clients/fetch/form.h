/* form.h - -F and --form-string: a form from the words of the command line. */
#ifndef CLIENTS_FETCH_FORM_H
#define CLIENTS_FETCH_FORM_H

#include <simpleclient/http_form.h>

#include "fetch/options.h"

/* The form of C's words; of what is left out, nothing is said if QUIET. NULL:
 * told; *CODE is the exit code. Owned: http_form_free. */
struct http_form *make_form(const struct config *c, bool quiet, int *code);

#endif
