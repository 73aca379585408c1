/* send_talk.h - a dialogue that ends before any message. */
#ifndef CLIENTS_SMTPSEND_TALK_H
#define CLIENTS_SMTPSEND_TALK_H

#include "send_message.h"

/* Print what the server can do and who it is on stdout. Returns the exit code. */
int show_server(const struct send_options *o);
/* Go as far as --quit-after says. Returns the exit code. */
int quit_after(const struct send_message *s, const struct send_options *o);

#endif
