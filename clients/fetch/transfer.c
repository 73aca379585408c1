/* transfer.c - one URL as one request of the library: its body goes to the
 * output as it comes, the heads where -i and -D want them; then what went wrong
 * is told in one line, and -w is printed. */

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <simpleclient/task.h>
#include <simpleclient/uri.h>

#include "fetch/dry_run.h"
#include "fetch/failure.h"
#include "fetch/heads.h"
#include "fetch/other.h"
#include "fetch/program.h"
#include "fetch/schemes.h"
#include "fetch/trace.h"
#include "fetch/transfer.h"
#include "fetch/url_text.h"
#include "fetch/writeout.h"

/* --- pace --- */

/* After N bytes more than --limit-rate allows by now, wait. */
static int keep_pace(struct transfer *t, size_t n)
{
    int64_t rate = t->job.config->limit_rate, now;
    int rc;

    if (rate <= 0)
        return 0;
    now = sc_now();
    if (t->next_byte < now - 1000)
        t->next_byte = now;
    t->next_byte += (int64_t)n * 1000 / rate;
    if (t->next_byte <= now)
        return 0;
    if (t->next_byte < t->until)
        return sc_sleep(t->next_byte - now);
    if ((rc = sc_sleep(t->until > now ? t->until - now : 0)) < 0)
        return rc;
    snprintf(t->error, sizeof t->error, "the time of -m is over");
    t->stop = 28;
    return SC_ETIMEDOUT;
}

int transfer_sent(void *arg, const void *p, size_t n)
{
    struct transfer *t = arg;

    t->sent += n;
    trace_data(true, p, n);
    progress_step(&t->meter, t->got, t->sent);
    return keep_pace(t, n);
}

/* --- the answer --- */

int transfer_got(void *arg, const void *p, size_t n)
{
    struct transfer *t = arg;
    int rc;

    if (trace_bodies())
        trace_data(false, p, n);
    t->got += n;
    if (!t->skip_body && (rc = output_write(&t->out, p, n)) < 0)
        return rc;
    if (t->meter.on)
        progress_step(&t->meter, t->got, t->sent);
    return keep_pace(t, n);
}

/* --retry: nothing of the try before is kept. */
static int begin_again(void *arg)
{
    struct transfer *t = arg;

    t->got = 0;
    t->skip_body = false;
    return output_restart(&t->out);
}

static bool is_redirect(const struct http_reply *r)
{
    return (r->status == 301 || r->status == 302 || r->status == 303 ||
            r->status == 307 || r->status == 308) &&
           *http_header(r, "Location", "") != '\0';
}

/* -z, and a server that does not know it. */
static bool is_unwanted(const struct transfer *t, const struct http_reply *r)
{
    const struct prepared *p = t->prepared;
    int64_t at;

    if (p->condition == 0 || r->status != 200)
        return false;
    at = http_date(http_header(r, "Last-Modified", ""));
    if (at < 0)
        return false;
    return p->if_older ? at > p->condition : at <= p->condition;
}

static int show_head(struct transfer *t, const struct http_reply *r)
{
    const struct config *c = t->job.config;
    struct sc_buf text = {0};
    int rc = 0;

    if (c->dump_header != NULL && (rc = dump_head(c->dump_header, r)) < 0) {
        snprintf(t->error, sizeof t->error, "cannot write to %.90s: %s",
                 c->dump_header, strerror(-rc));
        t->stop = 23;
        return rc;
    }
    if (c->include || c->head) {
        head_text(r, &text);
        if (t->out.name == NULL)
            mask_controls(1, text.data, text.len);
        rc = output_write(&t->out, text.data, text.len);
        sc_buf_free(&text);
    }
    return rc;
}

/* The head of the answer whose body may be written. */
static int take_answer(struct transfer *t, const struct http_reply *r)
{
    const char *length;
    int code = output_head(&t->out, r);

    if (code != 0) {
        t->stop = code;
        return SC_EREPLY;
    }
    t->skip_body = is_unwanted(t, r);
    if (t->meter.on &&
        (length = http_header(r, "Content-Length", NULL)) != NULL)
        t->meter.to_get = strtoull(length, NULL, 10);
    if (t->job.config->etag_save != NULL &&
        save_etag(t->job.config->etag_save, r) < 0) {
        snprintf(t->error, sizeof t->error, "cannot write to %.90s: %s",
                 t->job.config->etag_save, strerror(errno));
        t->stop = 23;
        return SC_EPIPE;
    }
    return 0;
}

static int take_head(void *arg, const struct http_reply *r)
{
    struct transfer *t = arg;
    const struct config *c = t->job.config;
    int rc = 0;

    t->got = 0;
    if (t->command->dry_run)
        return 0;
    if (r->status >= 200 &&
        !(is_redirect(r) && !(t->request.flags & HTTP_NO_FOLLOW)))
        rc = take_answer(t, r);
    if (rc == 0 && (c->include || c->head || c->dump_header != NULL))
        rc = show_head(t, r);
    if (rc == 0 && r->status == 101) {
        snprintf(t->error, sizeof t->error,
                 "101: what follows is another protocol");
        t->stop = 8;
        return SC_EPROTO;
    }
    return rc;
}

/* --- before --- */

/* "." and ".." in the path go, as browsers and curl do it. */
static char *without_dots(const char *url)
{
    size_t n = strcspn(url, "?#");
    struct uri u = {0}, to = {0};
    struct sc_buf text = {0};
    char *out = NULL;

    if (memmem(url, n, "/.", 2) == NULL)
        return copy_text(url);
    if (uri_parse(&u, url, "http", 0, 0, NULL) == 0 &&
        uri_resolve(&to, &u, url, 0, NULL) == 0 && to.host != NULL &&
        uri_build(&to, &text) == 0)
        out = copy_text(text.data);
    uri_free(&to);
    uri_free(&u);
    sc_buf_free(&text);
    return out != NULL ? out : copy_text(url);
}

static int fails(struct transfer *t, int code, const char *what,
                 const char *why)
{
    snprintf(t->error, sizeof t->error, "%.180s%s", what, why);
    t->code = code;
    return code;
}

static int bad_scheme(struct transfer *t, const char *what)
{
    char *url = url_shown(t->url);
    int code = fails(t, 1, what, url);

    free(url);
    return code;
}

/* Schemes that are not ours, or not wanted, before anything is opened. */
static int check_scheme(struct transfer *t)
{
    const struct config *c = t->job.config;
    char *scheme = scheme_of_url(t->url);
    bool http = strcmp(scheme, "http") == 0 || strcmp(scheme, "https") == 0;
    int rc = 0;

    /* What is none: let the library say what it is. */
    if (!http && *scheme != '\0' && !fetch_program.all_schemes)
        rc = bad_scheme(t, "the scheme is not supported: ");
    else if (!scheme_allowed(c->protocols, *scheme != '\0' ? scheme : "http"))
        rc = bad_scheme(t, "the scheme is not allowed: ");
    t->other = !http && *scheme != '\0';
    free(scheme);
    return rc;
}

static int check_url(struct transfer *t)
{
    size_t host = url_scheme(t->url);
    int rc = check_scheme(t);

    if (rc != 0 || !t->job.config->no_user_in_url)
        return rc;
    return memchr(t->url + host, '@', url_host_end(t->url) - host) != NULL
               ? fails(t, 67, "a user in the URL is not allowed", "")
               : 0;
}

/* "http://host?x" is "http://host/?x". */
static char *with_path(char *url)
{
    size_t n = url_host_end(url);
    char *with;

    if (url[n] == '/')
        return url;
    with = print_text("%.*s/%s", (int)n, url, url + n);
    free(url);
    return with;
}

/* A scheme that is not told: as --proto-default says, or the host's name. */
static char *with_scheme(const struct transfer *t)
{
    const char *url = t->job.url, *scheme = t->job.config->default_protocol;
    char *has = scheme_of_url(url);

    if (*has == '\0' && scheme == NULL && fetch_program.all_schemes)
        scheme = scheme_of_host(url);
    if (*has != '\0' || url_scheme(url) > 0)
        scheme = NULL;
    free(has);
    return scheme != NULL ? print_text("%s://%s", scheme, url) : copy_text(url);
}

/* A message has no name on its server. */
static bool takes_name(const char *url)
{
    char *scheme = scheme_of_url(url);
    bool takes = strncmp(scheme, "smtp", 4) != 0 &&
                 strcmp(scheme, "lmtp") != 0 && strcmp(scheme, "news") != 0 &&
                 strncmp(scheme, "nntp", 4) != 0;

    free(scheme);
    return takes;
}

static bool has_path(const char *url)
{
    char *scheme = scheme_of_url(url);
    bool has = *scheme == '\0' || url_scheme(url) > 0;

    free(scheme);
    return has;
}

static void make_url(struct transfer *t)
{
    const struct config *c = t->job.config;
    char *url = with_scheme(t), *with_name = NULL;

    if (!has_path(url)) { /* "data:", "news:", "file:" */
        t->url = url;
        return;
    }
    if (t->job.upload != NULL && takes_name(url))
        with_name = upload_url(url, t->job.upload);
    if (with_name != NULL) {
        free(url);
        url = with_name;
    }
    url = with_path(url);
    t->url = c->path_as_is ? copy_text(url) : without_dots(url);
    free(url);
}

static int open_body(struct transfer *t)
{
    const char *path = t->job.upload;
    int code = body_open(&t->body, t->prepared, path, t->until, &t->request);

    if (code == 25)
        return fails(t, code, "-T: HTTP/1.0 has no chunks", "");
    if (code == 26 && path != NULL) {
        snprintf(t->error, sizeof t->error, "cannot read %.150s: %s", path,
                 strerror(errno));
        return t->code = code;
    }
    t->told = code != 0;
    return t->code = code;
}

static void look_at_body(struct transfer *t)
{
    if (!t->meter.on && !trace_bodies() && t->job.config->limit_rate == 0)
        return;
    t->body.watch.seen = transfer_sent;
    t->body.watch.arg = t;
    watch_body(&t->body.watch, &t->request);
    if (t->request.source != NULL)
        t->meter.to_send = t->request.source->length;
}

static int begin(struct transfer *t)
{
    const struct config *c = t->job.config;
    int rc;

    make_url(t);
    t->until = c->max_ms > 0 ? sc_now() + c->max_ms : INT64_MAX;
    t->request = t->prepared->request;
    t->request.url = t->url;
    t->request.sink = transfer_got;
    t->request.sink_arg = t;
    t->request.on_head = take_head;
    t->request.on_head_arg = t;
    if ((rc = check_url(t)) != 0)
        return rc;
    if ((rc = output_open(&t->out, &t->job)) != 0)
        return fails(t, rc, t->out.error, "");
    if (output_can_restart(&t->out))
        t->request.again = begin_again;
    progress_begin(&t->meter, progress_wanted(t->command, t->out.name == NULL),
                   t->command->bar);
    if (t->other)
        return 0;
    if (t->out.from > 0) {
        snprintf(t->range, sizeof t->range, "%llu-",
                 (unsigned long long)t->out.from);
        t->request.range = t->range;
    } else if (c->range != NULL &&
               strspn(c->range, "0123456789") == strlen(c->range)) {
        snprintf(t->range, sizeof t->range, "%.20s-", c->range);
        t->request.range = t->range;
    }
    return open_body(t);
}

/* --- after --- */

/* What an answer that is complete may still be. */
static void judge(struct transfer *t)
{
    const struct http_reply *r = &t->reply;
    const struct config *c = t->job.config;

    if (c->follow && c->max_redirects == 0 && is_redirect(r)) {
        fails(t, 47, "more than 0 redirects", "");
    } else if (c->fail_with_body && r->status >= 400) {
        t->code = 22;
        snprintf(t->error, sizeof t->error, "%.150s: %d %.60s",
                 http_final_url(r), r->status, r->reason);
    }
}

/* Where curl looks at more than the error. */
static int code_of(const struct transfer *t, const struct sc_error *e)
{
    if (t->job.config->fail && e->flags & SC_FROM_PROXY && e->status >= 400)
        return 22;
    if (e->code == SC_ESHORT && t->reply.status / 100 == 1)
        return 52; /* a promise, and no answer */
    return failure_code(e);
}

static void note_failure(struct transfer *t, int rc)
{
    const struct sc_error *e = &t->reply.error;

    if (t->out.error[0] != '\0')
        fails(t, t->stop != 0 ? t->stop : t->out.code, t->out.error, "");
    else if (t->stop != 0)
        t->code = t->stop;
    else if (rc < 0) {
        t->told = rc == SC_ECANCELED; /* --fail-early: another one failed */
        t->code = code_of(t, e);
        snprintf(t->error, sizeof t->error, "%s",
                 e->text[0] != '\0' ? e->text : sc_strerror(rc));
    }
}

static int64_t time_of(const struct transfer *t)
{
    int64_t at;

    if (!t->job.config->remote_time)
        return 0;
    at = http_date(http_header(&t->reply, "Last-Modified", ""));
    return at > 0 ? at : 0;
}

static void finish(struct transfer *t, int rc)
{
    bool keeps;

    if (rc == 0)
        judge(t);
    else
        note_failure(t, rc);
    keeps = t->code == 0 || (t->code == 22 && t->job.config->fail_with_body);
    if (t->command->dry_run)
        t->out.over = true;
    if ((t->skip_body || t->reply.status == 304) && t->code == 0 &&
        !t->out.begun)
        t->out.over = true; /* what there is, is the newest */
    if (output_close(&t->out, keeps, time_of(t)) < 0 && t->code == 0)
        fails(t, 23, t->out.error, "");
}

static void say(const struct transfer *t)
{
    const struct command *k = t->command;

    if (t->code != 0 && !t->told && (!k->silent || k->show_error))
        fprintf(stderr, "%s: %s\n", fetch_program.name,
                t->error[0] != '\0' ? t->error : "failed");
}

int transfer_run(struct transfer *t, struct job *j, struct prepared *p)
{
    int rc = 0;

    memset((char *)t + sizeof t->reply, 0, sizeof *t - sizeof t->reply);
    t->command = p->command;
    t->prepared = p;
    t->job = *j;
    if (t->job.config->write_out != NULL)
        t->begun = sc_now();
    if (begin(t) != 0) {
        http_reply_free(&t->reply); /* nothing of the one before */
    } else if (t->other) {
        http_reply_free(&t->reply);
        other_run(t);
    } else {
        look_at_body(t);
        if (t->command->dry_run)
            dry_run_request(&t->request, &t->dry_url, &t->dry_head);
        rc = http_request(&t->request, &t->reply);
        progress_end(&t->meter);
        finish(t, rc);
    }
    body_close(&t->body);
    say(t);
    if (t->job.config->write_out != NULL && !t->command->dry_run)
        write_out(t);
    sc_fields_free(&t->dry_head);
    free(t->dry_url);
    output_free(&t->out);
    dialogue_free(&t->dialogue);
    free(t->url);
    job_free(&t->job);
    return t->code;
}

void transfer_free(struct transfer *t)
{
    http_reply_free(&t->reply);
}
