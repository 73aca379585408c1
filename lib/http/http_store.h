/* http_store.h - a file that is written complete or not at all: under another
 * name beside it until all is on the disk. */
#ifndef SC_HTTP_STORE_H
#define SC_HTTP_STORE_H

#include <sys/types.h>

#include <simpleclient/buf.h>

/* Zero bytes: nothing found. Owned: http_store_close in every case. */
struct http_store {
    char *path;          /* what PATH leads to */
    char *temp;          /* where it is written for now; NULL: at its place */
    int fd;              /* -1: not open */
    bool found, regular; /* something is there, and it is a file */
    bool made;           /* it was not, and nothing is in it yet */
    mode_t mode;         /* of what is there */
    uid_t owner;
    gid_t group;
    int64_t mtime; /* seconds since 1970 */
    uint64_t size; /* of what is there */
    uint64_t from; /* bytes of it that stay, before those written */
    uint64_t at;   /* bytes in the file */
    int64_t
        until; /* a FIFO is not waited for any longer; 0: as long as usual */
};

/* Look at PATH, through symbolic links. Returns 0 or minus errno. UNTIL
 * stays. */
int http_store_find(struct http_store *s, const char *path);
/* Open it: anew, under a temporary name (what is no regular file: at its
 * place); or to go on behind what was there when it was found. What was opened
 * before is closed, or removed if it had a temporary name. A FIFO waits for its
 * reader. Returns 0, minus errno, SC_ETIMEDOUT or SC_ECANCELED. */
int http_store_begin(struct http_store *s);
int http_store_continue(struct http_store *s);
/* Write N bytes. What is no regular file is waited for. The same results. */
int http_store_write(struct http_store *s, const void *p, size_t n);
/* Forget what was written since it was opened. Returns 0 or minus errno. */
int http_store_again(struct http_store *s);
/* It is complete: check its digest SHA256 (in hex; NULL: none), give it the
 * time MTIME (0: none) and the mode of what was there, sync it, rename it.
 * Waits (offloaded). Returns 0, SC_EPROTO: another digest; or minus errno. It
 * is closed afterwards. */
int http_store_commit(struct http_store *s, const char *sha256, int64_t mtime);
/* Close it, and remove what has a temporary name, or was made for nothing. */
void http_store_close(struct http_store *s);

#endif
