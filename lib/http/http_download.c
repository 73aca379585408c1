/* http_download.c - a URL into a file: complete or not at all, or going on with
 * a part of it that is there already, if the server has the same still (RFC
 * 9110 sections 13.1.5 and 14). */

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "core/mem.h"
#include "http/http_call.h"
#include "http/http_date.h"
#include "http/http_range.h"
#include "http/http_store.h"
#include "run/clock.h"

enum { WORDS_MOST = 65536 };

struct download {
    const struct http_download *how;
    struct http_reply *reply;
    struct http_store store;
    struct http_request q;
    struct sc_fields head;
    char range[32];
    bool asked_part; /* this request asks for the rest */
    bool in_place;   /* what comes is kept, whatever happens */
    bool begun;      /* the answer's first byte was seen */
    int failed;      /* what writing returned, or 0 */
};

static int say(struct download *d, int rc, const char *what)
{
    return sc_error_set(&d->reply->error, rc, "%s: %s", d->how->path, what);
}

/* --- what comes --- */

/* The words of a refusal: to memory, and no more than a person reads. */
static int take_words(struct download *d, const void *p, size_t n)
{
    struct sc_buf *b = &d->reply->body;
    size_t room = b->len < WORDS_MOST ? WORDS_MOST - b->len : 0;
    int rc = sc_buf_add(b, p, n < room ? n : room);

    return rc == 0 && n > room ? SC_EREPLY : rc;
}

/* The whole comes though a part was asked for: it is another file by now. What
 * is there stays until the new one is complete. */
static int begin_anew(struct download *d)
{
    d->in_place = false;
    return http_store_begin(&d->store);
}

static int begin(struct download *d)
{
    if (d->begun)
        return 0;
    d->begun = true;
    if (d->reply->status == 206 && !d->asked_part)
        return SC_EPROTO; /* a part of what? */
    return d->asked_part && d->reply->status != 206 ? begin_anew(d) : 0;
}

static int take(void *arg, const void *p, size_t n)
{
    struct download *d = arg;

    if (d->reply->status / 100 != 2)
        return take_words(d, p, n);
    if ((d->failed = begin(d)) == 0)
        d->failed = http_store_write(&d->store, p, n);
    if (d->failed == 0 && d->how->size > 0 && d->store.at > d->how->size)
        return SC_ESHORT; /* longer than it may be: told at the end */
    return d->failed;
}

/* Another try asks as the first did: for the rest, if that was asked for. */
static int take_again(void *arg)
{
    struct download *d = arg;

    d->begun = false;
    if (!d->asked_part || d->in_place)
        return http_store_again(&d->store);
    d->in_place = true;
    return http_store_continue(&d->store);
}

/* --- the request --- */

/* What tells the server which file the part is of. NULL: nobody knows. */
static const char *validator(const struct download *d,
                             char date[HTTP_DATE_SIZE])
{
    /* A weak tag does not tell byte for byte (RFC 9110 section 13.1.5). */
    if (d->how->validator != NULL)
        return strncmp(d->how->validator, "W/", 2) != 0 ? d->how->validator
                                                        : NULL;
    if (!d->how->keep_time)
        return NULL;
    http_date_format(d->store.mtime, date);
    return date;
}

static int copy_head(struct download *d, const struct sc_fields *from)
{
    int rc = 0;

    for (size_t i = 0; rc == 0 && from != NULL && i < from->n; i++)
        if (!sc_span_eq_nocase(from->at[i].name, "If-Range") &&
            !sc_span_eq_nocase(from->at[i].name, "Range"))
            rc = sc_fields_add(&d->head, from->at[i].name, from->at[i].value);
    return rc;
}

/* Ask for the rest of what is there, if it can be known to be the same. */
static int ask_part(struct download *d)
{
    char date[HTTP_DATE_SIZE];
    const char *same = validator(d, date);
    int rc;

    d->asked_part = false;
    if (!d->how->resume || d->store.size == 0 || same == NULL)
        return 0;
    if ((rc = copy_head(d, d->q.head)) < 0 ||
        (*same != '\0' && (rc = sc_fields_add(&d->head, sc_span_of("If-Range"),
                                              sc_span_of(same))) < 0))
        return say(d, rc, "bad header field");
    snprintf(d->range, sizeof d->range, "%" PRIu64 "-", d->store.size);
    d->q.head = &d->head;
    d->q.range = d->range;
    d->asked_part = true;
    return 0;
}

static int open_store(struct download *d)
{
    int rc = http_store_find(&d->store, d->how->path);

    if (rc == 0 && (rc = ask_part(d)) < 0)
        return rc;
    if (rc < 0)
        return say(d, rc, sc_strerror(rc));
    d->in_place = d->asked_part || (d->how->resume && !d->store.found);
    rc = d->in_place ? http_store_continue(&d->store)
                     : http_store_begin(&d->store);
    return rc < 0 ? say(d, rc, sc_strerror(rc)) : 0;
}

/* --- the end --- */

static int64_t modified(const struct download *d)
{
    const char *date = http_header(d->reply, "Last-Modified", NULL);
    int64_t t = date != NULL && d->how->keep_time
                    ? http_date_parse(sc_span_of(date))
                    : 0;

    return t > 0 ? t : 0;
}

static int check_size(struct download *d)
{
    char what[80];

    if (d->how->size == 0 || d->store.at == d->how->size)
        return 0;
    snprintf(what, sizeof what, "%s than the %" PRIu64 " bytes expected",
             d->store.at > d->how->size ? "more" : "fewer", d->how->size);
    return say(d, SC_ESHORT, what);
}

/* A server may send less of the end than it has. */
static int check_part(struct download *d)
{
    const char *says = http_header(d->reply, "Content-Range", "");
    struct http_range r;

    if (d->reply->status != 206 || http_range_parse(sc_span_of(says), &r) < 0 ||
        r.total == UINT64_MAX || r.total == d->store.at)
        return 0;
    return say(d, SC_ESHORT, "the server sent less than the rest");
}

/* All is there. A wrong digest leaves what was there before, and no more. */
static int complete(struct download *d)
{
    int rc = begin(d);

    if (rc == 0 && ((rc = check_part(d)) < 0 || (rc = check_size(d)) < 0))
        return rc;
    if (rc == 0)
        rc = http_store_commit(&d->store, d->how->sha256, modified(d));
    if (rc == SC_EPROTO) {
        http_store_again(&d->store);
        return say(d, rc, "not the SHA-256 expected");
    }
    return rc < 0 ? say(d, rc, sc_strerror(rc)) : 0;
}

/* RFC 9110 section 15.5.17: nothing is behind our last byte. */
static bool was_complete(const struct download *d)
{
    const char *says = http_header(d->reply, "Content-Range", "");
    struct http_range r;

    return d->asked_part && d->reply->status == 416 &&
           http_range_parse(sc_span_of(says), &r) == 0 && r.first > r.last &&
           r.total == d->store.size;
}

static int refused(struct download *d)
{
    struct http_reply *r = d->reply;

    if (was_complete(d)) {
        r->body.len = 0;
        d->begun = true;
        return complete(d);
    }
    return sc_error_set(&r->error, SC_EREPLY, "%.150s: %d %s",
                        http_final_url(r), r->status, r->reason);
}

/* What came of a cut answer stays, with the time that tells its version. */
static void keep_part(struct download *d)
{
    if (d->in_place && d->store.fd >= 0 && d->store.at > d->store.from)
        http_store_commit(&d->store, NULL, modified(d));
}

static int settle(struct download *d, int rc)
{
    struct http_reply *r = d->reply;

    if (rc < 0 && r->status / 100 == 2 && d->how->size > 0 &&
        d->store.at > d->how->size) {
        rc = check_size(d);
        http_store_again(&d->store);
        return rc;
    }
    if (r->status >= 300 && (rc == 0 || rc == SC_EREPLY))
        return refused(d);
    if (d->failed < 0)
        say(d, d->failed, sc_strerror(d->failed));
    if (rc == 0)
        rc = complete(d);
    if (rc < 0)
        keep_part(d);
    return rc;
}

static int fetch(struct download *d)
{
    int rc;

    d->begun = false;
    d->failed = 0;
    if ((rc = open_store(d)) < 0)
        return rc;
    rc = http_request_again(&d->q, d->reply, take_again, d);
    return settle(d, rc);
}

/* The part is longer than what the server has: it is no part of it. */
static bool wants_whole(const struct download *d, int rc)
{
    return rc == SC_EREPLY && d->asked_part && d->reply->status == 416;
}

static void set_request(struct download *d, const struct http_request *q)
{
    d->q = *q;
    d->q.sink = take;
    d->q.sink_arg = d;
    d->q.range = NULL;
    if (d->how->resume) /* parts are of what is sent, not of what is meant */
        d->q.flags &= ~(unsigned)(HTTP_COMPRESSED | HTTP_DECODE);
}

int http_download_to(const struct http_request *request,
                     const struct http_download *how, struct http_reply *reply)
{
    struct download d = {.how = how, .reply = reply, .store = {.fd = -1}};
    struct http_download whole = *how;
    int64_t total_ms = http_options_of(request)->total_ms;
    int rc;

    http_reply_reset(reply, request->options);
    set_request(&d, request);
    d.store.until = total_ms > 0 ? sc_until(total_ms) : 0;
    if (how->path == NULL || how->path[0] == '\0')
        return sc_error_set(&reply->error, SC_EINVAL, "no file is named");
    rc = fetch(&d);
    if (wants_whole(&d, rc)) {
        http_store_close(&d.store);
        whole.resume = 0;
        d.how = &whole;
        set_request(&d, request);
        rc = fetch(&d);
    }
    http_store_close(&d.store);
    sc_fields_free(&d.head);
    return rc;
}

int http_download(const char *url, const char *path, struct http_reply *reply)
{
    struct http_request q = {.url = url};
    struct http_download how = {.path = path};

    return http_download_to(&q, &how, reply);
}
