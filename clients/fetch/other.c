/* other.c - a URL of FTP, Gopher, mail, news, a file, data, or a scheme that the
 * program has registered: opened, read, written where a body of http would go. */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <simpleclient/task.h>

#include "fetch/heads.h"
#include "fetch/other.h"
#include "fetch/program.h"
#include "fetch/url_text.h"

enum { PIECE = 65536, FIRST_WAIT_MS = 1000, LAST_WAIT_MS = 600000 };

static int fails(struct other *o, int code, const char *what)
{
    snprintf(o->t->error, sizeof o->t->error, "%s", what);
    return code;
}

static int too_big(struct other *o)
{
    return fails(o, 63, "it is larger than --max-filesize allows");
}

/* --- what is asked before --- */

/* FTP tells the time of a file only to those who ask; so does it the size. */
static bool looks_first(const struct other *o)
{
    const struct transfer *t = o->t;

    return t->job.config->head || o->last > 0 ||
           (other_is(o, "ftp") &&
            (t->job.config->remote_time || t->prepared->condition != 0));
}

/* FTP refuses to tell of what there is not. */
static bool is_missing(const struct other *o, const struct url_info *i)
{
    return other_is(o, "ftp") && o->t->job.config->head && !i->directory &&
           i->size < 0 && i->mtime < 0 && o->t->dialogue.answer == 550;
}

static int look(struct other *o)
{
    struct url_options opt = o->url;
    struct ftp_options ftp = o->ftp;
    struct url *u;
    int code = other_hurry(o);

    if (code != 0)
        return code;
    opt.flags |= URL_HEAD;
    opt.offset = opt.count = 0;
    if (opt.ftp != NULL && !o->t->job.config->head) {
        ftp.before = ftp.ready = ftp.after = NULL; /* they are said once */
        opt.ftp = &ftp;
    }
    u = url_open(o->t->url, &opt);
    o->size = url_info(u)->size;
    o->mtime = url_info(u)->mtime;
    if (url_last_error(u)->code != 0)
        code = other_fails(o, url_last_error(u));
    else if (is_missing(o, url_info(u)))
        code = fails(o, 78, "ftp: neither a size nor a time: no such file");
    url_close(u);
    return code;
}

/* -z */
static bool is_unwanted(const struct other *o)
{
    const struct prepared *p = o->t->prepared;

    if (p->condition == 0 || o->mtime < 0)
        return false;
    return p->if_older ? o->mtime > p->condition : o->mtime <= p->condition;
}

/* --- -I, -i, -D --- */

static void add_date(struct sc_buf *b, int64_t mtime)
{
    time_t at = (time_t)mtime;
    struct tm tm;
    char line[64];

    if (mtime < 0 || gmtime_r(&at, &tm) == NULL ||
        strftime(line, sizeof line,
                 "Last-Modified: %a, %d %b %Y %H:%M:%S GMT\r\n", &tm) == 0)
        return;
    add_text(b, line);
}

static void add_size(struct sc_buf *b, int64_t size)
{
    char line[48];

    if (size < 0)
        return;
    snprintf(line, sizeof line, "Content-Length: %lld\r\n", (long long)size);
    add_text(b, line);
    add_text(b, "Accept-ranges: bytes\r\n");
}

/* In curl's order. */
static int show_head(struct other *o, bool body_follows)
{
    struct sc_buf text = {0};
    int rc = 0;

    if (other_is(o, "ftp"))
        add_date(&text, o->mtime);
    add_size(&text, o->size);
    if (!other_is(o, "ftp"))
        add_date(&text, o->mtime);
    if (body_follows)
        add_text(&text, "\r\n");
    if (text.len > 0)
        rc = output_write(&o->t->out, text.data, text.len);
    sc_buf_free(&text);
    return rc < 0 ? fails(o, o->t->out.code, o->t->out.error) : 0;
}

/* --- the body --- */

/* RFC 959 section 3.1.1.1: text comes with CRLF; here lines end in LF. */
static size_t without_cr(char *p, size_t n, bool *cr)
{
    size_t to = 0;

    for (size_t i = 0; i < n; i++) {
        bool second = *cr && p[i] == '\n'; /* its CR went as an LF */

        *cr = p[i] == '\r';
        if (!second)
            p[to++] = *cr ? '\n' : p[i];
    }
    return to;
}

static bool is_text(const struct other *o, const struct url_info *i)
{
    const char *type = strrchr(o->t->url, ';');

    return other_is(o, "ftp") &&
           (i->directory || o->url.flags & URL_ASCII ||
            (type != NULL && strcmp(type, ";type=a") == 0));
}

static int copy(struct other *o, struct url *u)
{
    const int64_t most = o->t->job.config->max_size;
    bool text = is_text(o, url_info(u)), cr = false;
    char *buf = take_memory(PIECE);
    ssize_t n = 0;
    int rc = 0, code = 0;

    while (rc == 0 && code == 0 && (n = url_read(u, buf, PIECE)) > 0) {
        if (text)
            n = (ssize_t)without_cr(buf, (size_t)n, &cr);
        if (most > 0 && o->t->got + (uint64_t)n > (uint64_t)most)
            code = too_big(o);
        else
            rc = transfer_got(o->t, buf, (size_t)n);
    }
    free(buf);
    if (rc < 0)
        return other_fails(o, &(struct sc_error){.code = rc});
    if (n < 0)
        return other_fails(o, url_last_error(u));
    return code;
}

/* It is open: is it wanted? */
static int take(struct other *o, struct url *u)
{
    const struct url_info *i = url_info(u);
    const struct config *c = o->t->job.config;
    int code;

    if (o->mtime < 0)
        o->mtime = i->mtime;
    if (i->size >= 0)
        o->t->meter.to_get = (uint64_t)i->size;
    if (c->max_size > 0 && i->size > c->max_size)
        return too_big(o);
    if (is_unwanted(o)) {
        o->t->out.over = true;
        return 0;
    }
    if (c->include && strcmp(o->scheme, "file") == 0) {
        o->size = i->size;
        if ((code = show_head(o, true)) != 0)
            return code;
    }
    return copy(o, u);
}

static int fetch(struct other *o)
{
    struct url *u;
    int code;

    if (looks_first(o) && (code = look(o)) != 0)
        return code;
    if (o->t->job.config->head)
        return show_head(o, false);
    if (is_unwanted(o)) {
        o->t->out.over = true;
        return 0;
    }
    if (o->last > 0)
        o->url.offset = o->size > o->last ? (uint64_t)(o->size - o->last) : 0;
    if ((code = other_hurry(o)) != 0)
        return code;
    u = url_open(o->t->url, &o->url);
    code = url_last_error(u)->code == 0 ? take(o, u)
                                        : other_fails(o, url_last_error(u));
    url_close(u);
    return code;
}

/* --- again --- */

static bool has_folder(const char *url)
{
    const char *path = url + url_host_end(url);

    return *path == '/' && strchr(path + 1, '/') != NULL;
}

bool other_by_folders(struct other *o, int code)
{
    const struct transfer *t = o->t;

    if (!other_is(o, "ftp") || o->url.ftp != NULL || !has_folder(t->url) ||
        (code != 78 && code != 19 && code != 25) || t->got > 0 || t->sent > 0)
        return false;
    o->t->dialogue.replies.len = 0;
    o->t->error[0] = '\0';
    o->ftp.cwd = FTP_MULTI_CWD;
    o->url.ftp = &o->ftp;
    return true;
}

static int fetch_by_folders(struct other *o)
{
    int code = fetch(o);

    return other_by_folders(o, code) ? fetch(o) : code;
}

/* --retry: what may pass by itself. */
static bool may_pass(const struct other *o, int code)
{
    const struct config *c = o->t->job.config;

    if (code == 23 || code == 3 || code == 1 || o->t->told)
        return false;
    return c->retry_all || code == 28 || code == 6 ||
           (code == 7 && c->retry_refused) ||
           (other_is(o, "ftp") && o->t->dialogue.answer / 100 == 4);
}

static int wait_for(struct other *o, int64_t ms)
{
    const struct transfer *t = o->t;

    if (t->until != INT64_MAX && sc_now() + ms > t->until)
        return -1;
    if (!t->command->silent)
        fprintf(stderr, "%s: %s: once more in %.1f s\n", fetch_program.name,
                t->error, (double)ms / 1000);
    return sc_sleep(ms);
}

static int fetch_with_retries(struct other *o)
{
    const struct config *c = o->t->job.config;
    const int64_t begun = sc_now();
    int64_t ms = c->retry_delay_ms > 0 ? c->retry_delay_ms : FIRST_WAIT_MS;
    int code = fetch_by_folders(o);

    for (int64_t i = 0; i < c->retries && code != 0 && may_pass(o, code); i++) {
        if ((c->retry_max_ms > 0 && sc_now() - begun + ms > c->retry_max_ms) ||
            (o->t->got > 0 && !output_can_restart(&o->t->out)) ||
            wait_for(o, ms) < 0 || output_restart(&o->t->out) < 0)
            break;
        o->t->got = 0;
        o->t->error[0] = '\0';
        code = fetch_by_folders(o);
        if (c->retry_delay_ms == 0 && (ms *= 2) > LAST_WAIT_MS)
            ms = LAST_WAIT_MS;
    }
    return code;
}

/* --- all of it --- */

static int run(struct other *o)
{
    const struct config *c = o->t->job.config;
    int code = other_options(o);

    if (code != 0)
        return code;
    if (c->request != NULL || c->forms.n > 0)
        return fails(o, 2, "-X and -F are for http only");
    if (o->t->command->dry_run)
        return fails(o, 2, "--dry-run is for http only");
    if (other_is(o, "smtp") || other_is(o, "lmtp"))
        return other_mail(o);
    if (o->t->job.upload != NULL)
        return other_put(o);
    return fetch_with_retries(o);
}

static void dump_replies(struct transfer *t)
{
    const char *path = t->job.config->dump_header;
    int rc;

    if (path == NULL || (rc = dump_text(path, &t->dialogue.replies)) == 0 ||
        t->code != 0)
        return;
    snprintf(t->error, sizeof t->error, "cannot write to %.90s: %s", path,
             strerror(-rc));
    t->code = 23;
}

void other_run(struct transfer *t)
{
    struct other o = {.t = t};
    int64_t mtime;

    t->dialogue.keep = t->job.config->dump_header != NULL;
    t->code = run(&o);
    progress_end(&t->meter);
    dump_replies(t);
    mtime = t->job.config->remote_time && o.mtime > 0 ? o.mtime : 0;
    if (t->job.upload != NULL)
        t->out.over = true;
    if (output_close(&t->out, t->code == 0, mtime) < 0 && t->code == 0)
        t->code = fails(&o, 23, t->out.error);
    other_options_free(&o);
}
