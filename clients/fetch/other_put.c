/* other_put.c - -T to what is not http: FTP, file:, news. */

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "fetch/other_source.h"

static int fails(struct other *o, int code, const char *what)
{
    snprintf(o->t->error, sizeof o->t->error, "%s", what);
    return code;
}

/* -C -: how much is there already? Nothing, if it cannot be said. */
static int there_already(struct other *o, uint64_t *from)
{
    struct url_options opt = o->url;
    struct ftp_options ftp = o->ftp;
    struct url *u;
    int code = other_hurry(o);

    if (code != 0)
        return code;
    opt.flags = URL_HEAD;
    if (opt.ftp != NULL) {
        ftp.before = ftp.ready = ftp.after = NULL;
        opt.ftp = &ftp;
    }
    u = url_open(o->t->url, &opt);
    *from = 0;
    if (url_last_error(u)->code == 0 && url_info(u)->size > 0)
        *from = (uint64_t)url_info(u)->size;
    url_close(u);
    return 0;
}

static int find_offset(struct other *o, uint64_t *from)
{
    const char *text = o->t->job.config->resume;
    char *end;

    *from = 0;
    if (text == NULL)
        return 0;
    o->url.flags |= URL_APPEND;
    if (strcmp(text, "-") == 0)
        return there_already(o, from);
    errno = 0;
    *from = strtoull(text, &end, 10);
    if (*text < '0' || *text > '9' || *end != '\0' || errno != 0)
        return fails(o, 2, "-C: no number");
    return 0;
}

static int put(struct other *o, struct other_source *s)
{
    struct url_reply reply = {0};
    int code = other_hurry(o);

    if (code != 0)
        return code;
    if (url_put(o->t->url, &s->out, &o->url, &reply) < 0)
        code = s->failed < 0 ? fails(o, 26, "-T: it cannot be read")
                             : other_fails(o, &reply.error);
    else if (s->out.fd > 0)
        o->t->sent = s->up.from + s->from.length;
    url_reply_free(&reply);
    return code;
}

int other_put(struct other *o)
{
    struct other_source s = {.o = o};
    uint64_t from;
    int code = find_offset(o, &from);

    if (code != 0)
        return code;
    s.crlf = o->t->job.config->crlf ||
             (other_is(o, "ftp") && o->url.flags & URL_ASCII);
    if ((code = other_source_open(&s, o->t->job.upload, from)) == 0 &&
        (from == 0 || s.from.length > 0)) { /* else it is all there */
        code = put(o, &s);
        if (other_by_folders(o, code))
            code = put(o, &s);
    }
    other_source_close(&s);
    return code;
}
