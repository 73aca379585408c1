/* upload.h - -T: a file, or stdin, as the body. */
#ifndef CLIENTS_FETCH_UPLOAD_H
#define CLIENTS_FETCH_UPLOAD_H

#include <simpleclient/http.h>
#include <simpleclient/stream.h>

struct upload {
    int fd;
    bool own;       /* FD is ours to close */
    Stream *stream; /* FD as one, if it may let us wait; or NULL */
    int flags;      /* FD's, to be given back; -1: they are untouched */
    int64_t until;  /* waits are over, in ms of sc_now(); 0: never */
    uint64_t from;  /* in bytes of the file */
};

/* Open PATH ("-" and ".": stdin) from FROM on; *SOURCE reads from U. Returns 0,
 * or minus errno. */
int upload_open(struct upload *u, const char *path, uint64_t from,
                struct http_source *source);
void upload_close(struct upload *u);

/* URL with the file's name behind it, if it names a folder; else NULL.
 * Owned. */
char *upload_url(const char *url, const char *path);

#endif
