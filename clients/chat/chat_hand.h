/* chat_hand.h - by hand: what is typed goes out, what comes is shown, both at the
 * same time. */
#ifndef CLIENTS_CHAT_HAND_H
#define CLIENTS_CHAT_HAND_H

#include "chat_start.h"

/* Until the server ends, or the input does and nothing comes for a while. Waits.
 * Returns 0 or an exit code, told. */
int chat_by_hand(const struct chat_options *o, struct chat_show *show,
                 SimpleClient *c);

#endif
