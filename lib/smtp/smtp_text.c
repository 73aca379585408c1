/* smtp_text.c - a message a piece at a time: bare CR and LF become CRLF, the
 * last line gets its end (RFC 5321 section 2.3.8), whatever the source and
 * wherever its pieces are cut. What was found in order is lent as it lies. */

#include "smtp/smtp_text.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include <simpleclient/smtp.h>

#include "core/mem.h"

void smtp_text_init(struct smtp_text *t, const struct mail_source *src,
                    unsigned flags)
{
    *t = (struct smtp_text){.src = src,
                            .strict = flags & SMTP_STRICT,
                            .binary = flags & SMTP_BINARY,
                            .head = SC_BUF(SMTP_HEAD_MOST + SMTP_PIECE)};
}

void smtp_text_free(struct smtp_text *t)
{
    sc_buf_free(&t->head);
    sc_free(t->raw);
    sc_free(t->out);
    t->raw = t->out = NULL;
}

static int wrong(struct smtp_text *t, int code, const char *why)
{
    t->why = why;
    return code;
}

static int failed(struct smtp_text *t, ssize_t rc)
{
    return wrong(t, (int)rc, "the message could not be read");
}

/* --- bytes as they lie --- */

static int room(struct smtp_text *t)
{
    if (t->raw == NULL && (t->raw = sc_malloc(SMTP_PIECE)) == NULL)
        return failed(t, SC_ENOMEM);
    return 0;
}

static ssize_t read_file(struct smtp_text *t, char *to, size_t n)
{
    ssize_t got;

    do
        got = pread(t->src->fd, to, n, (off_t)(t->src->offset + t->at));
    while (got < 0 && errno == EINTR);
    if (got > 0)
        t->at += (uint64_t)got;
    return got < 0 ? -errno : got;
}

/* A source that gives a line at a time still makes large pieces. */
static ssize_t read_source(struct smtp_text *t, char *to, size_t n)
{
    size_t have = 0;
    ssize_t got;

    while (have < n && !t->ended) {
        got = t->src->read(t->src->arg, to + have, n - have);
        if (got < 0 || (size_t)got > n - have)
            return got < 0 ? got : SC_EINVAL;
        t->ended = got == 0;
        have += (size_t)got;
    }
    return (ssize_t)have;
}

static bool in_memory(const struct smtp_text *t)
{
    return t->src->read == NULL && t->src->fd <= 0;
}

static int lend_memory(struct smtp_text *t, struct sc_span *piece, bool all)
{
    size_t left = t->src->data.len - (size_t)t->at;

    piece->data = t->src->data.data + t->at;
    piece->len = all || left < SMTP_PIECE ? left : SMTP_PIECE;
    t->at += piece->len;
    return piece->len > 0;
}

/* What was read ahead comes first. */
static int lend_head(struct smtp_text *t, struct sc_span *piece)
{
    size_t left = t->head.len - t->head_at;

    piece->data = t->head.data + t->head_at;
    piece->len = left < SMTP_PIECE ? left : SMTP_PIECE;
    t->head_at += piece->len;
    return 1;
}

/* ALL: memory may be lent in one piece. */
static int next_raw(struct smtp_text *t, struct sc_span *piece, bool all)
{
    ssize_t got;
    int rc;

    if (in_memory(t))
        return lend_memory(t, piece, all);
    if (t->head_at < t->head.len)
        return lend_head(t, piece);
    if ((rc = room(t)) < 0)
        return rc;
    got = t->src->read != NULL ? read_source(t, t->raw, SMTP_PIECE)
                               : read_file(t, t->raw, SMTP_PIECE);
    t->past |= got > 0;
    if (got < 0)
        return failed(t, got);
    piece->data = t->raw;
    piece->len = (size_t)got;
    return got > 0;
}

/* May it be read as often as one likes? */
static bool is_lasting(const struct smtp_text *t)
{
    return t->src->read == NULL || t->src->rewind != NULL;
}

bool smtp_text_can_rewind(const struct smtp_text *t)
{
    return is_lasting(t) || !t->past;
}

int smtp_text_rewind(struct smtp_text *t)
{
    int rc = smtp_text_can_rewind(t) ? 0 : SC_ENOTSUP;

    if (t->src->read != NULL && t->src->rewind != NULL)
        rc = t->src->rewind(t->src->arg);
    if (rc < 0)
        return failed(t, rc);
    if (is_lasting(t)) {
        t->at = t->head.len = 0;
        t->ended = false;
    }
    t->head_at = 0;
    t->cr = t->mid = false;
    t->line = 0;
    return 0;
}

bool smtp_text_over(struct smtp_text *t)
{
    ssize_t got;
    char byte;

    if (t->cr || t->head_at < t->head.len || (t->mid && !t->clean))
        return false;
    if (in_memory(t))
        return t->at == t->src->data.len;
    got = t->src->read != NULL ? read_source(t, &byte, 1)
                               : read_file(t, &byte, 1);
    t->past |= got > 0;
    return got == 0;
}

/* --- the lines put right --- */

static bool has_high(struct sc_span s)
{
    for (size_t i = 0; i < s.len; i++)
        if (s.data[i] & 0x80)
            return true;
    return false;
}

static int check(struct smtp_text *t, struct sc_span in)
{
    if (memchr(in.data, '\0', in.len) != NULL)
        return wrong(t, SC_EINVAL, "a NUL in the message");
    if (t->seven && has_high(in))
        return wrong(t, SC_ENOTSUP,
                     "the message has bytes above 127, which the server does "
                     "not take");
    return 0;
}

static int long_line(struct smtp_text *t, size_t n)
{
    t->line += n;
    if (t->strict && t->line > SMTP_TEXT_LINE_MOST)
        return wrong(t, SC_EINVAL, "a line of more than 998 bytes");
    return 0;
}

static char *put_end(struct smtp_text *t, char *to)
{
    *to++ = '\r';
    *to++ = '\n';
    t->cr = t->mid = false;
    t->line = 0;
    return to;
}

/* The run of IN from P that has neither CR nor LF. */
static size_t run(const char *p, const char *end)
{
    const char *lf = memchr(p, '\n', (size_t)(end - p)), *cr;

    if (lf != NULL)
        end = lf;
    cr = memchr(p, '\r', (size_t)(end - p));
    return (size_t)((cr != NULL ? cr : end) - p);
}

static int bare(struct smtp_text *t)
{
    return wrong(t, SC_EINVAL, "a bare CR or LF in the message");
}

/* One byte that ends a line, or half of it does. */
static int take_end(struct smtp_text *t, char byte, char **to)
{
    if (byte == '\n') {
        if (!t->cr && t->strict)
            return bare(t);
        *to = put_end(t, *to);
        return 0;
    }
    if (t->cr && t->strict)
        return bare(t);
    if (t->cr)
        *to = put_end(t, *to);
    t->cr = true;
    return 0;
}

static int take_run(struct smtp_text *t, const char *p, size_t n, char **to)
{
    if (n == 0)
        return 0;
    if (t->cr && t->strict)
        return bare(t);
    if (t->cr)
        *to = put_end(t, *to);
    memcpy(*to, p, n);
    *to += n;
    t->mid = true;
    return long_line(t, n);
}

/* OUT has room for all of IN twice, and an end. */
static int put_right(struct smtp_text *t, struct sc_span in,
                     struct sc_span *piece)
{
    const char *p = in.data, *end = p + in.len;
    char *to;
    size_t n;
    int rc;

    if (t->out == NULL && (t->out = sc_malloc(2 * SMTP_PIECE + 2)) == NULL)
        return failed(t, SC_ENOMEM);
    to = t->out;
    while (p < end) {
        n = run(p, end);
        if ((rc = take_run(t, p, n, &to)) < 0)
            return rc;
        p += n;
        if (p < end && (rc = take_end(t, *p++, &to)) < 0)
            return rc;
    }
    piece->data = t->out;
    piece->len = (size_t)(to - t->out);
    return 1;
}

/* The end that the last line lacks. */
static int last_end(struct smtp_text *t, struct sc_span *piece)
{
    if (!t->cr && !t->mid)
        return 0;
    if (t->cr && t->strict)
        return bare(t);
    t->cr = t->mid = false;
    piece->data = "\r\n";
    piece->len = 2;
    return 1;
}

int smtp_text_next(struct smtp_text *t, struct sc_span *piece)
{
    struct sc_span in;
    int rc;

    if (t->clean || t->binary)
        return next_raw(t, piece, true);
    do {
        if ((rc = next_raw(t, &in, false)) < 0)
            return rc;
        if (rc == 0)
            return last_end(t, piece);
        if ((rc = check(t, in)) == 0)
            rc = put_right(t, in, piece);
    } while (rc == 1 && piece->len == 0);
    return rc;
}

/* --- looking at it first --- */

/* Bytes up to the first empty line, or all. */
static size_t head_of(const char *p, size_t n)
{
    const char *at = p, *end = p + n, *lf;

    while ((lf = memchr(at, '\n', (size_t)(end - at))) != NULL) {
        if (lf == at || (lf == at + 1 && *at == '\r'))
            return (size_t)(lf + 1 - p);
        at = lf + 1;
    }
    return n;
}

struct look {
    struct smtp_counts counts;
    struct sc_buf head; /* of a text that comes in pieces */
    bool head_over, high_head;
};

static void look_at_head(struct look *l, const char *p, size_t n, bool more)
{
    size_t head = head_of(p, n);

    l->high_head = has_high((struct sc_span){p, head});
    l->head_over = !more || head < n;
}

/* Headers are looked at whole, up to SMTP_HEAD_MOST. */
static int look_at(struct look *l, struct sc_span in, bool more)
{
    size_t most = SMTP_HEAD_MOST;
    int rc;

    smtp_count(&l->counts, in.data, in.len);
    if (l->head_over)
        return 0;
    if (!more) {
        if (l->counts.high)
            look_at_head(l, in.data, in.len, false);
        return 0;
    }
    if ((rc = sc_buf_add(&l->head, in.data, in.len)) < 0)
        return rc;
    look_at_head(l, l->head.data, l->head.len, l->head.len < most);
    return 0;
}

static void conclude(const struct look *l, struct smtp_scan *scan)
{
    const struct smtp_counts *c = &l->counts;
    bool ended = c->bytes == 0 || c->last == '\n' || c->last == '\r';

    /* Each CR and each LF ends a line, a pair ends one. */
    scan->size = c->bytes + c->cr + c->lf - 2 * c->pairs + (ended ? 0 : 2);
    scan->clean = c->cr == c->pairs && c->lf == c->pairs && ended;
    scan->high = c->high;
    scan->high_head = l->high_head;
    scan->nul = c->nul;
}

static int look_at_all(struct smtp_text *t, struct look *l)
{
    struct sc_span in;
    int rc;

    while ((rc = next_raw(t, &in, true)) > 0)
        if ((rc = look_at(l, in, !in_memory(t))) < 0)
            return failed(t, rc);
    return rc < 0 ? rc : smtp_text_rewind(t);
}

/* Read ahead until the head is there; it is sent first. */
static int look_ahead(struct smtp_text *t, struct look *l)
{
    struct sc_span in = {"", 0};
    ssize_t got;
    int rc = 0;

    while (!l->head_over && !t->ended && rc == 0) {
        if ((rc = sc_buf_reserve(&t->head, SMTP_PIECE)) < 0)
            break;
        got = read_source(t, t->head.data + t->head.len, SMTP_PIECE);
        if (got < 0)
            return failed(t, got);
        in.data = t->head.data + t->head.len;
        in.len = (size_t)got;
        t->head.len += in.len;
        smtp_count(&l->counts, in.data, in.len);
        look_at_head(l, t->head.data, t->head.len,
                     t->head.len < SMTP_HEAD_MOST);
    }
    return rc < 0 ? failed(t, rc) : 0;
}

/* Strict: each line is checked as it will be when it is sent. */
static int look_strictly(struct smtp_text *t)
{
    struct sc_span piece;
    int rc;

    while ((rc = smtp_text_next(t, &piece)) > 0)
        continue;
    return rc < 0 ? rc : smtp_text_rewind(t);
}

static int look(struct smtp_text *t, struct look *l, struct smtp_scan *scan)
{
    int rc;

    scan->whole = is_lasting(t);
    rc = scan->whole ? look_at_all(t, l) : look_ahead(t, l);
    if (rc < 0)
        return rc;
    scan->whole |= t->ended;
    conclude(l, scan);
    if (t->binary)
        scan->size = l->counts.bytes;
    else if (scan->nul)
        return wrong(t, SC_EINVAL, "a NUL in the message");
    if (t->strict && !t->binary && is_lasting(t) && (rc = look_strictly(t)) < 0)
        return rc;
    t->clean = scan->whole && scan->clean;
    return 0;
}

int smtp_text_scan(struct smtp_text *t, struct smtp_scan *scan)
{
    struct look l = {.head = SC_BUF(SMTP_HEAD_MOST + SMTP_PIECE)};
    int rc;

    *scan = (struct smtp_scan){0};
    rc = look(t, &l, scan);
    sc_buf_free(&l.head);
    return rc;
}
