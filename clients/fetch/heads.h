/* heads.h - heads of answers as text: for -i, -I, -D and traces; and what else
 * is kept of them (--etag-save). */
#ifndef CLIENTS_FETCH_HEADS_H
#define CLIENTS_FETCH_HEADS_H

#include <stdio.h>

#include <simpleclient/http.h>

#include "fetch/options.h"

/* Append the head as it came, CRLF and the empty line too. */
void head_text(const struct http_reply *r, struct sc_buf *out);
/* Control characters but CR and LF become '?', if FD is a terminal. */
void mask_controls(int fd, char *p, size_t n);

/* Append R's head to the file PATH ("-": stdout), which is emptied by the
 * program's first call. Returns 0 or negative, errno says why. */
int dump_head(const char *path, const struct http_reply *r);
/* The same with TEXT, which is changed where it must not be shown. */
int dump_text(const char *path, struct sc_buf *text);
/* Write the ETag of R, if it has one, to PATH. Returns 0 or negative. */
int save_etag(const char *path, const struct http_reply *r);
/* "If-None-Match: ..." from the file PATH. Owned. NULL, told: it is not there,
 * and it MUST be. */
char *etag_field(const char *path, bool must);

#endif
