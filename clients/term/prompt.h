/* prompt.h - a secret from the person at the terminal. */
#ifndef CLIENTS_TERM_PROMPT_H
#define CLIENTS_TERM_PROMPT_H

#include <stddef.h>

/* Print QUESTION on the terminal of this program (whatever its stdin is) and
 * read one line that is not shown into TO, SIZE bytes, without its end. Waits.
 * Signals that stop or end the program find the terminal as it was. Returns 0;
 * -ENXIO: there is no terminal; -EMSGSIZE: the line is too long; else minus
 * errno. Wipe TO. */
int prompt_secret(const char *question, char *to, size_t size);

#endif
