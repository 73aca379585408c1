/* news_newsrc.h - a newsrc file: lines "GROUP: 1-100,105", of articles that
 * somebody has read. Other groups' lines, and options, stay as they are. */
#ifndef CLIENTS_NEWSGET_NEWSRC_H
#define CLIENTS_NEWSGET_NEWSRC_H

#include "news_ranges.h"

/* What of GROUP has been read, by the file PATH, is added to R; nothing where
 * there is no such file or line. Returns 0 or an exit code, the reason told. */
int read_newsrc(const char *path, const char *group, struct ranges *r);
/* Add MORE to what has been read: the file is locked, read again, written beside
 * itself, synced and renamed. Waits. Returns as above. */
int mark_newsrc(const char *path, const char *group, const struct ranges *more);

#endif
