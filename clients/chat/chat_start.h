/* chat_start.h - connected, and inside TLS where that is wished. */
#ifndef CLIENTS_CHAT_START_H
#define CLIENTS_CHAT_START_H

#include <simpleclient/client.h>

#include "chat_options.h"
#include "chat_show.h"

enum { CHAT_MISMATCH = 8 };

/* Connect, and say what --starttls names. Waits. C is to be closed in every
 * case. Returns 0 or an exit code, told. */
int chat_start(const struct chat_options *o, struct chat_show *show,
               SimpleClient **c);
/* Tell what broke C. Returns the exit code. */
int chat_failed(SimpleClient *c);

#endif
