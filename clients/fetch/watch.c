/* watch.c - a source that reads from another one, from a file, or from
 * memory. */

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "fetch/watch.h"

static ssize_t read_memory(struct watch *w, void *buf, size_t n)
{
    size_t left = w->body.len - (size_t)w->at;

    if (n > left)
        n = left;
    if (n > 0)
        memcpy(buf, w->body.data + w->at, n);
    return (ssize_t)n;
}

static ssize_t read_file(struct watch *w, void *buf, size_t n)
{
    const struct http_source *s = &w->source;
    ssize_t got;

    if (n > s->length - w->at)
        n = (size_t)(s->length - w->at);
    got = pread(s->fd, buf, n, (off_t)(s->offset + w->at));
    return got < 0 ? -errno : got;
}

static ssize_t read_watched(void *arg, void *buf, size_t n)
{
    struct watch *w = arg;
    ssize_t got;
    int rc;

    if (w->source.read != NULL)
        got = w->source.read(w->source.arg, buf, n);
    else
        got = w->body.data != NULL ? read_memory(w, buf, n)
                                   : read_file(w, buf, n);
    if (got <= 0)
        return got;
    w->at += (uint64_t)got;
    return (rc = w->seen(w->arg, buf, (size_t)got)) < 0 ? rc : got;
}

static int rewind_watched(void *arg)
{
    struct watch *w = arg;

    w->at = 0;
    return w->source.read != NULL ? w->source.rewind(w->source.arg) : 0;
}

void watch_body(struct watch *w, struct http_request *q)
{
    w->at = 0;
    w->body = q->body;
    if (q->source != NULL)
        w->source = *q->source;
    else if (q->body.len > 0)
        w->source =
            (struct http_source){.length = q->body.len, .type = q->type};
    else
        return;
    if (q->source != NULL)
        w->body = (struct sc_span){NULL, 0};
    w->out = (struct http_source){.length = w->source.length,
                                  .read = read_watched,
                                  .arg = w,
                                  .type = w->source.type};
    if (w->source.read == NULL || w->source.rewind != NULL)
        w->out.rewind = rewind_watched;
    q->source = &w->out;
    q->body = (struct sc_span){NULL, 0};
}
