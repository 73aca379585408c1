/* temporary.h - files under temporary names, removed however the program ends
 * (but by SIGKILL). */
#ifndef CLIENTS_FETCH_TEMPORARY_H
#define CLIENTS_FETCH_TEMPORARY_H

#include <stdbool.h>
#include <sys/types.h>

/* Remove what is left at exit, and on signals that end a program (SIGINT,
 * SIGTERM, SIGHUP, SIGQUIT ...), which then do so as ever. Once. */
void watch_temporaries(void);
/* Make a file beside NAME, called like it. Returns its descriptor, *PATH its name (owned);
 * negative: errno says why. */
int make_temporary(const char *name, mode_t mode, char **path);
/* Give it the name TO; REPLACE: what was there goes, else errno is EEXIST.
 * Returns 0 or negative. PATH is freed in every case, and the file gone. */
int rename_temporary(char *path, const char *to, bool replace);
void remove_temporary(char *path);

#endif
