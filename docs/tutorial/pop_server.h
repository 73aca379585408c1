/* pop_server.h - the mailbox that chapter 7 reads: a task of the same program, on
 * a free port of 127.0.0.1. It lets everybody in, and has three messages until
 * they are deleted. */
#ifndef TUTORIAL_POP_SERVER_H
#define TUTORIAL_POP_SERVER_H

#include <simpleclient/simpleclient.h>

/* Start it. Returns its URL, "pop3://joe:secret@127.0.0.1:PORT/", or NULL. */
const char *pop_server_start(void);
/* Stop it, and wait until its tasks have ended. */
void pop_server_stop(void);

#endif
