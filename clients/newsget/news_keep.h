/* news_keep.h - a file that is there when it is complete, or not at all, and
 * takes nobody's place. */
#ifndef CLIENTS_NEWSGET_KEEP_H
#define CLIENTS_NEWSGET_KEEP_H

#include <limits.h>
#include <stdint.h>

/* Zero bytes: none. */
struct kept {
    char *path; /* of the temporary file; NULL: none */
    size_t dir; /* so many bytes of it are the folder */
    int fd;     /* 0: not open */
};

/* Begin one in DIR, which is made if it is not there. Returns 0 or minus errno;
 * kept_abandon in every case. */
int kept_begin(struct kept *k, const char *dir);
/* Descriptors are few: it may be closed, and opened again, between writes. */
int kept_open(struct kept *k);
void kept_close(struct kept *k);
/* Write N bytes at OFFSET. */
int kept_write(struct kept *k, const void *p, size_t n, uint64_t offset);
/* Sync it and call it NAME, or NAME.1 and so on where there is one. NAME is made
 * safe: safe_name. Waits, in a thread where it is in a task. */
int kept_finish(struct kept *k, const char *name);
/* Leave nothing of it. */
void kept_abandon(struct kept *k);

/* FROM as the name of a file in a folder: no slash, no dot or dash in front, no
 * control bytes, not empty, not too long. */
enum { SAFE_NAME_MOST = 240 };
void safe_name(char to[SAFE_NAME_MOST], const char *from);

#endif
