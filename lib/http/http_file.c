/* http_file.c - the body as a stream, its codings undone (RFC 9110 section 8.4),
 * lines of it; and the connection itself, once it is no more HTTP. */

#include <string.h>

#include "client/conn.h"
#include "core/text.h"
#include "http/http_client.h"

enum { CODINGS_MOST = 5, LINE_PIECE = 4096 };

struct http_file {
    Stream base;
    HTTPClient *h;
};

static ssize_t file_read(Stream *s, void *buf, size_t n, struct sc_wait *w)
{
    HTTPClient *h = ((struct http_file *)s)->h;
    ssize_t got = http_body_read(&h->base, &h->body, buf, n);

    if (got == 0)
        http_answer_over(h);
    if (got < 0 && w->err != NULL)
        *w->err = *sc_last_error(&h->base);
    return got;
}

static int file_writev(Stream *s, const struct sc_span *v, size_t n,
                       struct sc_wait *w)
{
    (void)s;
    (void)v;
    (void)n;
    return sc_error_set(w->err, SC_ENOTSUP, "a body is only read");
}

static int file_shutdown(Stream *s, struct sc_wait *w)
{
    return file_writev(s, NULL, 0, w);
}

static int file_info(Stream *s, int what, void *answer)
{
    Stream *below = sc_stream(&((struct http_file *)s)->h->base);

    return below != NULL ? sc_stream_info(below, what, answer) : SC_ENOTSUP;
}

static void file_interrupt(Stream *s, int error)
{
    (void)s; /* its reader waits in the client, whose closing wakes it */
    (void)error;
}

static void file_cleanup(Stream *s)
{
    (void)s;
}

static const struct stream_class http_file_class = {
    .name = "http body",
    .size = sizeof(struct http_file),
    .read = file_read,
    .writev = file_writev,
    .sendfile = sc_stream_copy_file,
    .shutdown = file_shutdown,
    .interrupt = file_interrupt,
    .info = file_info,
    .cleanup = file_cleanup,
};

Stream *http_getfile(HTTPClient *h)
{
    struct http_file *f;

    if (h->stage != HTTP_ANSWER || h->file != NULL)
        return h->file;
    if ((f = sc_stream_new(&http_file_class)) == NULL) {
        sc_break(&h->base, SC_ENOMEM, "no memory for the body");
        return NULL;
    }
    f->h = h;
    h->file = &f->base;
    return h->file;
}

void http_file_drop(HTTPClient *h)
{
    sc_stream_close(h->file);
    h->file = NULL;
    h->text.len = h->text_at = 0;
}

/* --- codings --- */

/* RFC 9110 section 8.4.1 and 18.6. 0: not known to this build. */
static int coding_of(struct sc_span name)
{
    static const struct {
        const char *name;
        int coding;
    } names[] = {{"gzip", SC_CODING_GZIP},
                 {"x-gzip", SC_CODING_GZIP},
                 {"deflate", SC_CODING_HTTP_DEFLATE},
                 {"br", SC_CODING_BR},
                 {"zstd", SC_CODING_ZSTD}};

    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        if (sc_span_eq_nocase(name, names[i].name))
            return sc_coding_known(names[i].coding) ? names[i].coding : 0;
    return 0;
}

/* The codings in the order in which they were applied. Returns how many, or
 * an error. */
static int list_codings(HTTPClient *h, int codings[CODINGS_MOST])
{
    struct sc_span list = {h->codings.data, h->codings.len}, one;
    int n = 0;

    while (http_next_element(&list, &one)) {
        if (one.len == 0 || sc_span_eq_nocase(one, "identity"))
            continue;
        if (n == CODINGS_MOST)
            return sc_break(&h->base, SC_ETOOBIG, "more than %d codings",
                            CODINGS_MOST);
        if ((codings[n++] = coding_of(one)) == 0) {
            h->count.notes |= HTTP_NOTE_CODING_UNKNOWN;
            return sc_fail(&h->base, SC_ENOTSUP, "coding %.*s is not known",
                           (int)(one.len < 40 ? one.len : 40), one.data);
        }
    }
    return n;
}

static int undo(HTTPClient *h, int coding)
{
    const struct sc_options *o = sc_client_options(&h->base);
    struct sc_error e = {0};
    Stream *s;

    if (http_getfile(h) == NULL)
        return SC_ENOMEM;
    s = sc_deflate_wrap(h->file, coding, 0, o->ratio_limit, &e);
    if (s == NULL)
        return sc_break(&h->base, e.code, "%s", e.text);
    h->file = s;
    return 0;
}

int http_decode(HTTPClient *h)
{
    int codings[CODINGS_MOST];
    int n = sc_broken(&h->base), rc = 0;

    if (n < 0)
        return n;
    if (h->stage != HTTP_ANSWER || h->file != NULL)
        return sc_fail(&h->base, SC_EINVAL, "no body to decode yet");
    /* What describes no body (HEAD, 304) is undone by nobody. */
    if (h->codings.len == 0 || h->body.framing == HTTP_NO_BODY)
        return 0;
    n = list_codings(h, codings);
    for (int i = n; i > 0 && rc == 0; i--) /* the last one first */
        rc = undo(h, codings[i - 1]);
    return n < 0 ? n : rc;
}

/* --- lines --- */

/* More of the body into TEXT. Returns 1, 0 at the end, or an error. */
static int more_text(HTTPClient *h)
{
    struct sc_error e = {0};
    struct sc_wait w = {INT64_MAX, &e};
    struct sc_buf *t = &h->text;
    Stream *s = http_getfile(h);
    ssize_t n;
    int rc;

    if (s == NULL)
        return sc_fail(&h->base, SC_EINVAL, "no body to read yet");
    sc_buf_drop(t, h->text_at);
    h->text_at = 0;
    if ((rc = sc_buf_reserve(t, LINE_PIECE)) < 0)
        return sc_break(&h->base, rc, "no memory for a line");
    n = sc_stream_read(s, t->data + t->len, t->cap - t->len - 1, &w);
    if (n < 0)
        return sc_break(&h->base, (int)n, "%s",
                        e.text[0] != '\0' ? e.text : sc_strerror((int)n));
    t->len += (size_t)n;
    return n > 0;
}

/* Lend N bytes that end with LF, or with the body. */
static int lend(HTTPClient *h, size_t n, struct sc_span *line)
{
    const char *p = h->text.data + h->text_at;

    h->text_at += n;
    if (n > 0 && p[n - 1] == '\n' && --n > 0 && p[n - 1] == '\r')
        n--;
    *line = (struct sc_span){p, n};
    return 0;
}

int http_getline(HTTPClient *h, struct sc_span *line)
{
    size_t limit = sc_client_options(&h->base)->line_limit, n, seen = 0;
    const char *p, *lf;
    int rc = sc_broken(&h->base);

    if (rc < 0)
        return rc;
    for (;; seen = n) {
        n = h->text.len - h->text_at;
        p = n > 0 ? h->text.data + h->text_at : "";
        lf = n > seen ? memchr(p + seen, '\n', n - seen) : NULL;
        if (lf != NULL)
            lend(h, (size_t)(lf - p) + 1, line);
        if ((lf != NULL ? line->len : n) > limit + (lf == NULL))
            return sc_break(&h->base, SC_ETOOBIG,
                            "a line of more than %zu bytes came", limit);
        if (lf != NULL)
            return 0;
        if ((rc = more_text(h)) < 0)
            return rc;
        if (rc == 0)
            return n > 0 ? lend(h, n, line) : SC_EOF;
    }
}

/* --- after 101 or CONNECT --- */

Stream *http_detach(HTTPClient *h)
{
    Stream *s;

    if (sc_broken(&h->base) < 0 || h->stage != HTTP_ANSWER || !h->raw)
        return NULL;
    http_file_drop(h);
    if ((s = sc_conn_take_stream(&h->base)) != NULL)
        sc_break(&h->base, SC_ECLOSED, "its stream was taken");
    return s;
}
