/* output_name.h - what a file is called: by -o, by the URL (-O), by the server
 * (-J). */
#ifndef CLIENTS_FETCH_OUTPUT_NAME_H
#define CLIENTS_FETCH_OUTPUT_NAME_H

#include <simpleclient/http.h>

#include "fetch/plan.h"

/* The name in J's folder, or NULL: stdout. Owned. Returns 0 or negative: the
 * URL names no file. */
int output_name(const struct job *j, char **name);
/* The name that R's Content-Disposition tells, in J's folder, or NULL. Owned. */
char *served_name(const struct job *j, const struct http_reply *r);
/* Make the folders that NAME stands in. Returns 0 or minus errno. */
int make_folders(const char *name);

#endif
