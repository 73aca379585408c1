/* mail_server.h - the mail server that chapter 6 talks to: a task of the same
 * program, on a free port of 127.0.0.1. It knows everybody but nobody@, throws
 * away what it gets, and hangs up instead of saying that it has a message for
 * lost@. */
#ifndef TUTORIAL_MAIL_SERVER_H
#define TUTORIAL_MAIL_SERVER_H

#include <simpleclient/simpleclient.h>

/* Start it. Returns its URL, "smtp://127.0.0.1:PORT/", or NULL. */
const char *mail_server_start(void);
/* Stop it, and wait until its tasks have ended. */
void mail_server_stop(void);

#endif
