/* netrc.h - logins from a netrc file: machine, default, login, password,
 * account, macdef, comments, quoted words. */
#ifndef SC_CLIENT_NETRC_H
#define SC_CLIENT_NETRC_H

#include <simpleclient/buf.h>

enum { SC_NETRC_LIMIT = 1 << 20 }; /* bytes of a file */

/* Find the login of HOST (ASCII case ignored) in TEXT. USER: with something in
 * it, only entries of that login, or of none, count; else it is filled. PASSWORD is filled,
 * and empty if the entry has none. The first machine that fits wins, before
 * "default". Returns 1: found; 0: not, USER and PASSWORD are as they were;
 * SC_EPROTO (a word without its end, a keyword without its word, NUL: LINE, from
 * 1, says where), SC_ETOOBIG (TEXT is above SC_NETRC_LIMIT), SC_ENOMEM. Computes
 * only. Wipe what is not needed any more. */
int sc_netrc_find(struct sc_span text, const char *host, struct sc_buf *user,
                  struct sc_buf *password, int *line);
/* Append the file PATH (NULL: $NETRC, else ~/.netrc) to TEXT. Waits (offloaded
 * in a task). Returns 0 or minus errno (-ENOENT too where there is no $HOME,
 * -EFBIG above SC_NETRC_LIMIT); ERR names the file. */
int sc_netrc_read(const char *path, struct sc_buf *text, struct sc_error *err);

#endif
