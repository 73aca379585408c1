/* server.h - the server that the tutorial's programs talk to: a task of the
 * same program, on a free port of 127.0.0.1. */
#ifndef TUTORIAL_SERVER_H
#define TUTORIAL_SERVER_H

#include <simpleclient/simpleclient.h>

/* Start it. Returns where it listens, "127.0.0.1:PORT", or NULL. */
const char *server_start(void);
/* Stop it, and wait until its tasks have ended. */
void server_stop(void);

#endif
