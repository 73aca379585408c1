/* other.h - a URL whose scheme is not http or https: fetched by url_open, stored
 * by url_put. Only urlget has them. */
#ifndef CLIENTS_FETCH_OTHER_H
#define CLIENTS_FETCH_OTHER_H

#include <simpleclient/url.h>

#include "fetch/transfer.h"

/* What the options come to for one URL. Zero bytes are none. */
struct other {
    struct transfer *t;
    char scheme[16];
    struct url_options url;
    struct ftp_options ftp;
    struct sc_options options;
    const char **before, **ready, **after; /* of -Q */
    char *mechanisms, *proxy, *hello;
    int64_t last;        /* -r -N: the last N bytes, or 0 */
    int64_t size, mtime; /* of what was asked for; -1: not known */
};

/* Fetch or store T's URL, which is checked; the output is open. The result is in
 * T: code, error. Waits. */
void other_run(struct transfer *t);

/* other_options.c. Returns 0 or an exit code, t->error set. */
int other_options(struct other *o);
void other_options_free(struct other *o);
/* What -m leaves for the next call. Returns 0 or 28, t->error set. */
int other_hurry(struct other *o);
/* True if O is of SCHEME, or of SCHEME with an "s" behind it. */
bool other_is(const struct other *o, const char *scheme);

/* The whole path at once was refused (CODE): RFC 1738 goes from folder to folder,
 * and then it is told which of them is missing. True: try so. */
bool other_by_folders(struct other *o, int code);

/* other_put.c: -T. Returns an exit code, t->error set. */
int other_put(struct other *o);

/* other_mail.c: smtp, smtps, lmtp. The same. */
int other_mail(struct other *o);

/* other_code.c: curl's exit code for E. */
int other_code(const struct other *o, const struct sc_error *e);
/* Note E as the failure of the transfer; returns its exit code. */
int other_fails(struct other *o, const struct sc_error *e);

#endif
