/* aside.h - a message is kept aside until it is whole, then it is written to
 * stdout in one go: no half of one is ever there, and those of several accounts
 * do not mix. */
#ifndef CLIENTS_TERM_ASIDE_H
#define CLIENTS_TERM_ASIDE_H

#include <stddef.h>

/* Zero bytes are an empty one. */
struct aside {
    char *buf; /* ASIDE_PIECE bytes, or NULL */
    size_t n;  /* bytes in it; those before are in FD */
    int fd;    /* a file without a name, if not 0 */
};

/* Forget what came. */
void aside_reset(struct aside *a);
/* Append. Waits for the disk, beyond 64 KiB. Returns 0 or minus errno. */
int aside_add(struct aside *a, const void *p, size_t n);
/* Write all to stdout; those who come at the same time wait for each other.
 * Waits, in a thread where it is in a task. Returns 0 or minus errno. */
int aside_write(struct aside *a);
void aside_free(struct aside *a);

#endif
