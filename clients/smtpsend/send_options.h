/* send_options.h - the command line of smtpsend. */
#ifndef CLIENTS_SMTPSEND_OPTIONS_H
#define CLIENTS_SMTPSEND_OPTIONS_H

#include "../term/mail_options.h"
#include "../term/password.h"

/* Where --quit-after ends. */
enum stage {
    STAGE_ALL, /* not asked for: a message is sent */
    STAGE_CONNECT,
    STAGE_GREETING,
    STAGE_HELLO,
    STAGE_TLS,
    STAGE_AUTH,
    STAGE_MAIL,
    STAGE_RCPT
};

struct send_options {
    struct sc_buf server; /* without user and password */
    struct sc_buf user, url_password;
    char password[PASSWORD_MOST];
    const char *from;
    struct words to, attach;
    const char *subject, *text;
    int stage; /* enum stage */
    bool serverinfo;
    struct mail_options mail;
};

/* Read the words of the call. Returns -1: go on; else the exit code, the reason
 * told on stderr. In every case: free_send_options. */
int read_send_options(struct send_options *o, int argc, char **argv);
void free_send_options(struct send_options *o);

/* Find the password, asking for it at last. Returns 0 or an exit code, told. */
int find_password(struct send_options *o);

void print_send_help(struct send_options *o);

#endif
