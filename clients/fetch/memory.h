/* memory.h - memory for a program that cannot go on without: when there is
 * none left it says so and exits with curl's 27. */
#ifndef CLIENTS_FETCH_MEMORY_H
#define CLIENTS_FETCH_MEMORY_H

#include <simpleclient/buf.h>

/* Zeroed bytes, grown bytes, a copy of a string (NULL stays NULL). Owned:
 * free(). */
void *take_memory(size_t n);
void *grow_memory(void *p, size_t n);
char *copy_text(const char *s);
/* Put a copy of S in the place of *TO. */
void replace_text(char **to, const char *s);
/* A formatted string. Owned. */
char *print_text(const char *fmt, ...) SC_PRINTF(1, 2);

/* Append, whatever it takes. */
void add_bytes(struct sc_buf *b, const void *p, size_t n);
void add_text(struct sc_buf *b, const char *s);

/* Strings in their order. Zero bytes are none. */
struct text_list {
    char **at;
    size_t n;
};
void text_list_add(struct text_list *l, const char *s);
void text_list_free(struct text_list *l);

#endif
