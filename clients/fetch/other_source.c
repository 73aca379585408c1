/* other_source.c - the file itself where nobody looks at it, which can be sent
 * without being read; else its bytes, counted, with line ends changed. */

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "fetch/other_source.h"
#include "fetch/trace.h"

static ssize_t read_bytes(struct other_source *s, void *buf, size_t n)
{
    ssize_t got;

    if (s->from.read != NULL)
        return s->from.read(s->from.arg, buf, n);
    if (n > s->from.length - s->at)
        n = (size_t)(s->from.length - s->at);
    got = pread(s->from.fd, buf, n, (off_t)(s->from.offset + s->at));
    if (got > 0)
        s->at += (uint64_t)got;
    return got < 0 ? -errno : got;
}

/* Half of BUF is read, so that the CRs find room. */
static ssize_t read_lines(struct other_source *s, char *buf, size_t n)
{
    size_t half = n / 2, lfs = 0;
    ssize_t got;
    char *to;

    if (n < 2) { /* nobody asks so */
        s->failed = SC_EINVAL;
        return SC_EINVAL;
    }
    if ((got = read_bytes(s, buf, half)) <= 0)
        return got;
    for (ssize_t i = 0; i < got; i++)
        lfs += buf[i] == '\n';
    to = buf + got + lfs;
    for (ssize_t i = got; i-- > 0;) {
        *--to = buf[i];
        if (buf[i] == '\n')
            *--to = '\r';
    }
    return got + (ssize_t)lfs;
}

static ssize_t read_some(void *arg, void *buf, size_t n)
{
    struct other_source *s = arg;
    ssize_t got = s->crlf ? read_lines(s, buf, n) : read_bytes(s, buf, n);
    int rc;

    if (got < 0)
        s->failed = (int)got;
    if (got <= 0)
        return got;
    rc = transfer_sent(s->o->t, buf, (size_t)got);
    return rc < 0 ? rc : got;
}

static int rewind_file(void *arg)
{
    struct other_source *s = arg;

    s->at = 0;
    s->o->t->sent = 0;
    return 0;
}

static bool is_watched(const struct other_source *s)
{
    const struct transfer *t = s->o->t;

    return s->crlf || t->meter.on || trace_bodies() ||
           t->job.config->limit_rate > 0;
}

int other_source_open(struct other_source *s, const char *path, uint64_t from)
{
    struct transfer *t = s->o->t;
    int rc;

    s->up.until = t->until;
    if ((rc = upload_open(&s->up, path, from, &s->from)) < 0) {
        snprintf(t->error, sizeof t->error, "cannot read %.150s: %s", path,
                 strerror(-rc));
        return 26;
    }
    if (s->from.read == NULL && !is_watched(s)) {
        s->out.fd = s->from.fd;
        s->out.offset = s->from.offset;
        return 0;
    }
    s->out.read = read_some;
    s->out.arg = s;
    if (s->from.read == NULL)
        s->out.rewind = rewind_file;
    t->meter.to_send = s->from.length;
    return 0;
}

void other_source_close(struct other_source *s)
{
    upload_close(&s->up);
}
