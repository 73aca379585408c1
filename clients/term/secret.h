/* secret.h - the password: of a file, of a program, or asked for. netrc is the
 * library's to read. */
#ifndef CLIENTS_TERM_SECRET_H
#define CLIENTS_TERM_SECRET_H

#include "mail_options.h"
#include "password.h"

/* By --password-file or --passwordeval, into TO; "": neither is given. Waits.
 * Returns 0, or an exit code, the reason told. */
int secret_by_options(const struct mail_options *o, char to[PASSWORD_MOST]);
/* Of the person at the terminal. Waits. Returns as above. */
int secret_by_question(const char *user, const char *server,
                       char to[PASSWORD_MOST]);

#endif
