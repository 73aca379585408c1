/* chat_play.h - a script as the client's side of a dialogue. */
#ifndef CLIENTS_CHAT_PLAY_H
#define CLIENTS_CHAT_PLAY_H

#include "chat_script.h"
#include "chat_start.h"

/* Say and expect what S has. Waits. Returns 0; 8, told: something else came; or
 * another exit code, told. */
int chat_play(const struct chat_options *o, struct chat_show *show,
              SimpleClient *c, const struct chat_script *s);

#endif
