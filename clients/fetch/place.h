/* place.h - where a file is written until it is whole: beside the one that it
 * will replace, or in its place where that cannot be. */
#ifndef CLIENTS_FETCH_PLACE_H
#define CLIENTS_FETCH_PLACE_H

#include <stdbool.h>
#include <sys/types.h>

/* Open a temporary file for NAME, of the mode and owner that NAME has, or of
 * MODE if there is none. A symbolic link is followed, into nowhere too. NAME
 * itself is opened, emptied, and *TEMPORARY NULL, if it has several links,
 * cannot get its owner back, or its folder is not ours to write; never if ALONE.
 * Returns a descriptor; negative: errno says why. *TEMPORARY: owned, for
 * place_name or remove_temporary. */
int place_open(const char *name, mode_t mode, bool alone, char **temporary);
/* Put TEMPORARY in NAME's place. Returns 0 or negative: errno says why.
 * TEMPORARY is freed in every case, and the file gone. */
int place_name(char *temporary, const char *name);

#endif
