/* mem.h - the allocator. All memory of the library comes from here. */
#ifndef SC_CORE_MEM_H
#define SC_CORE_MEM_H

#include <simpleclient/error.h>

void *sc_malloc(size_t n);
void *sc_calloc(size_t n); /* zeroed */
void *sc_realloc(void *p, size_t n);
void sc_free(void *p);
char *sc_strdup(const char *s); /* NULL stays NULL */
/* Wipe before freeing: not optimised away. */
void sc_wipe(void *p, size_t n);

#endif
