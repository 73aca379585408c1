/* send_message.h - what is sent, from whom, to whom. */
#ifndef CLIENTS_SMTPSEND_MESSAGE_H
#define CLIENTS_SMTPSEND_MESSAGE_H

#include <simpleclient/smtp.h>

#include "send_options.h"

/* Zero bytes are an empty one. */
struct send_message {
    struct smtp_message m;
    char *from;
    char **to; /* NULL-ended */
    size_t n;
    struct mail_composer *composer;
    struct sc_buf text; /* of the composer */
    int fd;             /* of a file on stdin, or 0 */
    int failed;         /* why stdin could not be read: minus errno */
};

/* Addresses alone. Returns 0 or an exit code, told. In every case:
 * free_message. */
int make_envelope(struct send_message *s, const struct send_options *o);
/* The message too: composed, or stdin as it comes. S does not move any more. */
int make_message(struct send_message *s, const struct send_options *o);
void free_message(struct send_message *s);

#endif
