/* smtp_data.c - the message on its way: DATA with dots stuffed (RFC 5321
 * section 4.5.2), BDAT in chunks (RFC 3030), and the replies behind it. A
 * message that cannot be sent to its end is cut: a server must never take half
 * of one. */

#include "smtp/smtp_data.h"

#include <string.h>

#include "client/conn.h"

enum { CHUNKS_UNDER_WAY = 4 };

void smtp_status_of(struct smtp_status *to, const struct sc_answer *a)
{
    struct sc_span text = sc_span_of(a->text);

    to->rc = a->rc;
    to->code = a->rc < 0 ? 0 : a->code;
    if (to->rc == 0 && a->code / 100 != 2)
        to->rc = SC_EREPLY;
    to->enhanced[0] = '\0';
    smtp_enhanced_of(to->code, text, to->enhanced);
    sc_span_copy(to->text, sizeof to->text, text);
}

/* --- the text --- */

static int cut(SMTPClient *s, struct smtp_text *t, int rc)
{
    return sc_break(&s->base, rc, "%s: the message was cut, not sent",
                    t->why != NULL ? t->why : sc_strerror(rc));
}

static int changed(SMTPClient *s, struct smtp_text *t)
{
    t->why = "its size has changed";
    return cut(s, t, SC_ESHORT);
}

int smtp_put_dots(SMTPClient *s, struct smtp_text *t, uint64_t size)
{
    bool any = size == (uint64_t)SMTP_ANY_SIZE;
    struct sc_span piece;
    int rc;

    smtp_time(s, SMTP_MS_BLOCK);
    while ((rc = smtp_text_next(t, &piece)) > 0) {
        if (piece.len > size)
            return changed(s, t);
        if ((rc = sc_write_dot_lines(&s->base, piece.data, piece.len)) < 0)
            return rc;
        size -= any ? 0 : piece.len;
    }
    if (rc < 0)
        return cut(s, t, rc);
    if (!any && size > 0)
        return changed(s, t);
    smtp_time(s, SMTP_MS_FINAL);
    return sc_end_dot(&s->base);
}

/* A large file in order leaves without being read; not its last part, before
 * which its end is looked at. */
static int send_file(SMTPClient *s, struct smtp_text *t, uint64_t *left)
{
    const struct mail_source *m = t->src;
    uint64_t n = *left;
    int rc;

    if (!t->clean || m->read != NULL || m->fd <= 0 || n <= 4 * SMTP_PIECE)
        return 0;
    n -= SMTP_PIECE;
    if ((rc = sc_sendfile(&s->base, m->fd, m->offset, n)) < 0)
        return rc;
    t->at += n;
    *left -= n;
    return 0;
}

/* Not by sc_writeline: in a batch of small messages its formatting shows. */
static void put_bdat(SMTPClient *s, uint64_t size)
{
    struct sc_buf *b = &s->line;
    int rc;

    b->len = 0;
    if ((rc = sc_buf_add(b, "BDAT ", 5)) == 0 &&
        (rc = smtp_add_number(b, size)) == 0)
        rc = sc_buf_add(b, " LAST", 5);
    if (rc < 0)
        sc_break(&s->base, rc, "BDAT: %s", sc_strerror(rc));
    else
        sc_writeline_n(&s->base, b->data, b->len);
}

/* A write that takes answers in meanwhile fails with them, too: then all of the
 * message may have left. */
static int put_piece(SMTPClient *s, struct sc_span piece, bool last)
{
    struct sc_conn *k = s->base.conn;
    bool answers = k->npending > 0;
    uint64_t end = k->queued_total + piece.len;
    int rc = sc_write(&s->base, piece.data, piece.len);

    return rc < 0 && last && answers && k->sent_total >= end ? SC_EUNKNOWN : rc;
}

int smtp_put_last_chunk(SMTPClient *s, struct smtp_text *t, uint64_t size)
{
    uint64_t left = size;
    struct sc_span piece;
    int rc;

    smtp_time(s, SMTP_MS_BLOCK);
    put_bdat(s, size);
    if ((rc = send_file(s, t, &left)) < 0)
        return rc;
    while ((rc = smtp_text_next(t, &piece)) > 0) {
        if (piece.len > left || (piece.len == left && !smtp_text_over(t)))
            return changed(s, t);
        if ((rc = put_piece(s, piece, piece.len == left)) < 0)
            return rc;
        left -= piece.len;
    }
    if (rc < 0)
        return cut(s, t, rc);
    if (left > 0)
        return changed(s, t);
    smtp_time(s, SMTP_MS_FINAL);
    return 0;
}

/* True if A has come and is no success. */
static bool is_refusal(const struct sc_answer *a)
{
    return a->rc == 0 && a->code != 0 && a->code / 100 != 2;
}

/* RFC 3030 section 2: after a failure no chunk follows; those on their way are
 * discarded. */
static int put_chunks(SMTPClient *s, struct smtp_text *t,
                      struct sc_answer a[CHUNKS_UNDER_WAY], size_t *n)
{
    SimpleClient *c = &s->base;
    struct sc_answer *next;
    struct sc_span piece;
    int rc;

    while ((rc = smtp_text_next(t, &piece)) > 0) {
        next = &a[*n % CHUNKS_UNDER_WAY];
        if (*n >= CHUNKS_UNDER_WAY && (rc = sc_answered(c, next)) < 0)
            return rc;
        if (is_refusal(next))
            return 1;
        sc_writeline(c, "BDAT %zu", piece.len);
        if ((rc = sc_write(c, piece.data, piece.len)) < 0 ||
            (rc = sc_await(c, next)) < 0)
            return rc;
        ++*n;
    }
    return rc < 0 ? cut(s, t, rc) : 0;
}

int smtp_put_chunks(SMTPClient *s, struct smtp_text *t,
                    struct sc_answer *refused)
{
    struct sc_answer a[CHUNKS_UNDER_WAY] = {{0}};
    size_t n = 0;
    int rc;

    smtp_time(s, SMTP_MS_BLOCK);
    rc = put_chunks(s, t, a, &n);
    if (rc < 0) /* A is ours: nobody may fill it later */
        return sc_break(&s->base, rc, "%s", sc_strerror(rc));
    if (rc >= 0 && (rc = sc_answered(&s->base, NULL)) == 0)
        for (size_t i = n;
             i-- > (n > CHUNKS_UNDER_WAY ? n - CHUNKS_UNDER_WAY : 0);)
            if (is_refusal(&a[i % CHUNKS_UNDER_WAY])) {
                *refused = a[i % CHUNKS_UNDER_WAY];
                rc = 1;
            }
    if (rc != 0)
        return rc;
    sc_writeline(&s->base, "BDAT 0 LAST");
    smtp_time(s, SMTP_MS_FINAL);
    return 0;
}

/* --- on an open client --- */

static int refuse(SMTPClient *s, const struct smtp_status *st)
{
    struct sc_reply r = {.code = st->code, .text = sc_span_of(st->text)};

    return sc_refuse(&s->base, &r);
}

/* The replies behind the message: one, or one for each recipient. N statuses
 * have room for them. */
static int final_replies(SMTPClient *s, struct smtp_status *status, size_t n)
{
    size_t many = smtp_class_of(s)->each ? s->accepted : 1;
    bool lost = false; /* what comes no more, or says nothing */
    int rc = 0, first = 0;

    s->begun = false;
    for (size_t i = 0; i < many; i++) {
        struct smtp_status one;
        struct sc_answer a;

        sc_await(&s->base, &a);
        if ((rc = sc_answered(&s->base, &a)) < 0) /* nobody may fill it later */
            sc_break(&s->base, rc, "%s", sc_strerror(rc));
        smtp_status_of(&one, &a);
        if (one.rc == SC_EREPLY && a.code < 400)
            rc = refuse(s, &one);
        lost |= rc < 0 && a.sent;
        if (lost)
            one = (struct smtp_status){.rc = SC_EUNKNOWN};
        if (i < n)
            status[i] = one;
        if (one.rc == SC_EREPLY && first == 0)
            first = refuse(s, &one);
        else if (one.rc < 0 && one.rc != SC_EREPLY && first != SC_EUNKNOWN)
            first = one.rc;
    }
    return first;
}

/* Why there is no reply to the message: RC, and the reply that came instead.
 * Returns RC. */
static int note(SMTPClient *s, int rc, struct smtp_status *status, size_t n)
{
    const struct sc_error *e = sc_last_error(&s->base);
    int code = rc == e->code ? e->status : 0;

    for (size_t i = 0; i < n; i++) {
        status[i] = (struct smtp_status){.rc = rc, .code = code};
        if (code == 0)
            continue;
        snprintf(status[i].enhanced, sizeof status[i].enhanced, "%s",
                 s->enhanced);
    }
    return rc;
}

static int put_data(SMTPClient *s, const struct mail_source *m)
{
    struct smtp_text text;
    int rc;

    sc_writeline(&s->base, "DATA");
    if ((rc = sc_expect(&s->base, 354, NULL)) < 0)
        return rc;
    s->sending = true;
    sc_conn_hold(&s->base); /* the source may wait */
    smtp_text_init(&text, m, 0);
    rc = smtp_put_dots(s, &text, SMTP_ANY_SIZE);
    smtp_text_free(&text);
    s->sending = false;
    return sc_conn_leave(&s->base, rc);
}

int smtp_data(SMTPClient *s, const struct mail_source *m,
              struct smtp_status *status, size_t n)
{
    int rc;

    if ((rc = smtp_begin(s, SMTP_MS_DATA)) < 0 || (rc = put_data(s, m)) < 0)
        return note(s, rc, status, n);
    return final_replies(s, status, n);
}

static int put_chunk(SMTPClient *s, const void *p, size_t n, bool last)
{
    SimpleClient *c = &s->base;
    int rc = smtp_begin(s, last ? SMTP_MS_FINAL : SMTP_MS_BLOCK);

    if (rc < 0)
        return rc;
    if (!smtp_has(s, SMTP_EXT_CHUNKING))
        return sc_fail(c, SC_ENOTSUP, "the server does not take BDAT");
    sc_writeline(c, "BDAT %zu%s", n, last ? " LAST" : "");
    return sc_write(c, p, n);
}

int smtp_bdat(SMTPClient *s, const void *p, size_t n, bool last,
              struct smtp_status *status, size_t n_status)
{
    int rc = put_chunk(s, p, n, last);

    if (rc < 0)
        return last ? note(s, rc, status, n_status) : rc;
    if (last)
        return final_replies(s, status, n_status);
    rc = sc_expect(&s->base, 2, NULL);
    return rc < 0 ? rc : 0;
}
