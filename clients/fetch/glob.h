/* glob.h - many URLs in one: {one,two} and [1-10:2]. */
#ifndef CLIENTS_FETCH_GLOB_H
#define CLIENTS_FETCH_GLOB_H

#include "fetch/memory.h"

struct glob;

/* Take PATTERN apart; PLAIN: nothing in it has a meaning. NULL: *WHY is what is
 * wrong, *WHERE the column, from 1. Owned. */
struct glob *glob_open(const char *pattern, bool plain, const char **why,
                       size_t *where);
void glob_free(struct glob *g);
/* How many strings it stands for; 1 if nothing in it varies. */
uint64_t glob_count(const struct glob *g);
bool glob_varies(const struct glob *g);
/* The I-th of them, from 0; the last part varies fastest. Owned. */
char *glob_text(const struct glob *g, uint64_t i);
/* FORMAT with "#1", "#2" ... replaced by what the parts are at I. Owned. */
char *glob_fill(const struct glob *g, uint64_t i, const char *format);

#endif
