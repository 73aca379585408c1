/* http_pipe.h - files that are no regular ones, and that may keep one waiting:
 * FIFOs, terminals, devices. The task waits, never the loop. */
#ifndef SC_HTTP_PIPE_H
#define SC_HTTP_PIPE_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

enum { HTTP_PIPE_MS = 30000 }; /* without a byte */

/* Open PATH, non-blocking, with FLAGS (O_RDONLY, O_WRONLY); a FIFO to write to
 * waits for its reader until UNTIL. Returns the descriptor (owned), minus
 * errno, SC_ETIMEDOUT or SC_ECANCELED. */
int http_pipe_open(const char *path, int flags, int64_t until);
/* Read up to N bytes. Waits until UNTIL. Returns how many, 0: the end; minus
 * errno, SC_ETIMEDOUT or SC_ECANCELED. */
ssize_t http_pipe_read(int fd, void *buf, size_t n, int64_t until);
/* Write some of N bytes. The same; never a signal: -EPIPE. */
ssize_t http_pipe_write(int fd, const void *p, size_t n, int64_t until);

#endif
