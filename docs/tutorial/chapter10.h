/* chapter10.h - FORTUNE: a protocol made up for the tutorial, and its scheme. */
#ifndef TUTORIAL_CHAPTER10_H
#define TUTORIAL_CHAPTER10_H

#include <simpleclient/scheme.h>

extern const struct client_class fortune_class;
extern const struct url_scheme fortune_scheme;

/* Append what there is about TOPIC to OUT. SC_EREPLY: nothing. */
int fortune_about(SimpleClient *c, const char *topic, struct sc_buf *out);

#endif
