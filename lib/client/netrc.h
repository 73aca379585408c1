/* netrc.h - logins from a netrc file: machine, default, login, password,
 * account, macdef, comments, quoted words. */
#ifndef SC_CLIENT_NETRC_H
#define SC_CLIENT_NETRC_H

#include <simpleclient/buf.h>

/* Find the login of HOST in TEXT, at most 1 MiB of it. USER: with something in
 * it, only entries of that login count; else it is filled. PASSWORD is filled.
 * The first machine that fits wins, before "default". Returns 1: found, 0: not,
 * SC_EPROTO (LINE says where), SC_ENOMEM. Computes only. */
int sc_netrc_find(struct sc_span text, const char *host, struct sc_buf *user,
                  struct sc_buf *password, int *line);
/* Read the file PATH (NULL: $NETRC, else ~/.netrc) into TEXT. Waits (offloaded
 * in a task). Returns 0 or minus errno. */
int sc_netrc_read(const char *path, struct sc_buf *text, struct sc_error *err);

#endif
