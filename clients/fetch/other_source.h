/* other_source.h - the file of -T as a source for url_put and smtp_send. */
#ifndef CLIENTS_FETCH_OTHER_SOURCE_H
#define CLIENTS_FETCH_OTHER_SOURCE_H

#include "fetch/other.h"
#include "fetch/upload.h"

struct other_source {
    struct other *o;
    bool crlf; /* an LF is sent as CRLF */
    struct upload up;
    struct http_source from;
    uint64_t at;
    int failed;
    struct mail_source out;
};

/* Open PATH from FROM on. Returns 0 or 26, the transfer's error set. In every
 * case: other_source_close. */
int other_source_open(struct other_source *s, const char *path, uint64_t from);
void other_source_close(struct other_source *s);

#endif
