/* memory.c - memory, or the end of the program. */

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fetch/memory.h"
#include "fetch/program.h"

static void *there(void *p)
{
    if (p != NULL)
        return p;
    fprintf(stderr, "%s: no memory\n", fetch_program.name);
    exit(27);
}

void *take_memory(size_t n)
{
    return there(calloc(1, n > 0 ? n : 1));
}

void *grow_memory(void *p, size_t n)
{
    return there(realloc(p, n > 0 ? n : 1));
}

char *copy_text(const char *s)
{
    return s != NULL ? there(strdup(s)) : NULL;
}

void replace_text(char **to, const char *s)
{
    char *copy = copy_text(s);

    free(*to);
    *to = copy;
}

char *print_text(const char *fmt, ...)
{
    va_list ap;
    char *s = NULL;
    int n;

    va_start(ap, fmt);
    n = vasprintf(&s, fmt, ap);
    va_end(ap);
    return there(n < 0 ? NULL : s);
}

void add_bytes(struct sc_buf *b, const void *p, size_t n)
{
    if (sc_buf_add(b, p, n) < 0)
        there(NULL);
}

void add_text(struct sc_buf *b, const char *s)
{
    add_bytes(b, s, strlen(s));
}

void text_list_add(struct text_list *l, const char *s)
{
    l->at = grow_memory(l->at, (l->n + 1) * sizeof *l->at);
    l->at[l->n++] = copy_text(s);
}

void text_list_free(struct text_list *l)
{
    for (size_t i = 0; i < l->n; i++)
        free(l->at[i]);
    free(l->at);
    *l = (struct text_list){NULL, 0};
}
