/* mail_options.h - options that smtpsend and popfetch share: TLS, the login,
 * time. */
#ifndef CLIENTS_TERM_MAIL_OPTIONS_H
#define CLIENTS_TERM_MAIL_OPTIONS_H

#include <simpleclient/options.h>

#include "option_rows.h"

/* Zero bytes are the defaults. */
struct mail_options {
    const char *password_file, *passwordeval;
    bool bearer; /* the password is a token */
    bool verbose, help, version;
    struct sc_options connect; /* for the library */
};

/* Their rows, which set O. */
struct option_part mail_option_rows(struct mail_options *o);

/* Take user and password out of the URL TEXT: REST gets the URL without them,
 * USER and PASSWORD what there was. A TEXT with a password is made unreadable: it
 * does not stay in the list of processes. Without a scheme it is SCHEME's.
 * OPTION, told with what is wrong, may be NULL. Returns -1: go on; else the exit
 * code, the reason told. */
int split_login(const char *option, const char *scheme, char *text,
                struct sc_buf *rest, struct sc_buf *user,
                struct sc_buf *password);

#endif
