/* password.h - secrets from files and from programs that keep them. */
#ifndef CLIENTS_TERM_PASSWORD_H
#define CLIENTS_TERM_PASSWORD_H

#include <stddef.h>

enum { PASSWORD_MOST = 8192 }; /* bytes with NUL: tokens are long */

/* The first line of the file PATH ("-": stdin), or of what the shell's COMMAND
 * prints, into TO. Waits. Returns 0; -ENODATA: there is none; -EMSGSIZE: it is
 * too long; -ECHILD: the command has failed; else minus errno. */
int password_of_file(const char *path, char to[PASSWORD_MOST]);
int password_of_command(const char *command, char to[PASSWORD_MOST]);

#endif
