/* fuzz_smtp_batch.c - any bytes as the server of whole transactions: a batch, single
 * ones, or a dialogue, over SMTP or LMTP. Whatever comes, nobody is said to have
 * got a message whose MAIL, RCPT and last byte had not each a reply of 2xx.
 * Which reply belongs to which command is found out from what was written, by a
 * reader of its own. */

#include <stdlib.h>

#include "fuzz_class.h"
#include "fuzz.h"

#include "smtp/smtp_queue.c" /* a batch on a client that is there already */

enum { MESSAGES = 4, RECIPIENTS = 2, LOG_MOST = 1 << 18 };

/* --- a stream that keeps what was written --- */

static struct sc_buf written = {.limit = LOG_MOST};

static int keep(Stream *s, const struct sc_span *v, size_t n, struct sc_wait *w)
{
    (void)s, (void)w;
    for (size_t i = 0; i < n; i++)
        if (sc_buf_add(&written, v[i].data, v[i].len) < 0)
            abort();
    return 0;
}

static struct stream_class kept_class;

static SMTPClient *talk_to(const uint8_t *data, size_t n, size_t piece,
                           bool lmtp)
{
    static const struct sc_options opt = {.hello = "me.example",
                                          .starttls = SC_STARTTLS_NEVER};
    const struct smtp_class *cls = lmtp ? &smtp_lmtp_class : &smtp_class;
    struct fuzz_stream *f;

    kept_class = fuzz_class;
    kept_class.writev = keep;
    written.len = 0;
    if ((f = sc_stream_new(&kept_class)) == NULL)
        abort();
    f->data = data;
    f->n = n;
    f->piece = piece;
    return sc_attach(&cls->base, &f->base, &opt);
}

/* --- what really happened --- */

/* What the server has said to each part of message I. */
struct fate {
    int mail, rcpt[RECIPIENTS];
    int end[RECIPIENTS]; /* SMTP: the first one stands for all */
};

struct reader {
    const char *in, *in_end;   /* replies */
    const char *log, *log_end; /* commands */
    bool lmtp;
    int now; /* message, or -1 */
    struct fate fate[MESSAGES];
};

static bool take_line(const char **p, const char *end, struct sc_span *line)
{
    const char *lf = memchr(*p, '\n', (size_t)(end - *p));

    if (lf == NULL)
        return false;
    *line = (struct sc_span){*p, (size_t)(lf - *p)};
    *p = lf + 1;
    return true;
}

/* The code of the next reply; 0: there is none as a whole. */
static int next_code(struct reader *r)
{
    struct sc_span line;

    while (take_line(&r->in, r->in_end, &line))
        if (line.len < 4 || line.data[3] != '-')
            return line.len < 3
                       ? -1
                       : (line.data[0] - '0') * 100 +
                             (line.data[1] - '0') * 10 + (line.data[2] - '0');
    r->in = r->in_end;
    return 0;
}

/* One reply, or for LMTP one for each recipient that was accepted. */
static void read_end(struct reader *r)
{
    struct fate *f = &r->fate[r->now < 0 ? 0 : r->now];
    int all;

    if (!r->lmtp) {
        all = next_code(r);
        for (int i = 0; i < RECIPIENTS && r->now >= 0; i++)
            f->end[i] = all;
    } else {
        for (int i = 0; i < RECIPIENTS && r->now >= 0; i++)
            if (f->rcpt[i] / 100 == 2)
                f->end[i] = next_code(r);
    }
    r->now = -1;
}

/* False: the log ends inside it, nothing was asked. */
static bool skip_text(struct reader *r)
{
    struct sc_span line;

    while (take_line(&r->log, r->log_end, &line))
        if (line.len == 2 && memcmp(line.data, ".\r", 2) == 0)
            return true;
    r->log = r->log_end;
    return false;
}

static bool skip_chunk(struct reader *r, const char *size)
{
    size_t n = strtoul(size, NULL, 10), left = (size_t)(r->log_end - r->log);

    r->log += n < left ? n : left;
    return n <= left;
}

static void read_rcpt(struct reader *r, int nth)
{
    int code = next_code(r);

    if (r->now >= 0)
        r->fate[r->now].rcpt[nth] = code;
}

static bool begins(struct sc_span line, const char *with)
{
    size_t n = strlen(with);

    return line.len >= n && memcmp(line.data, with, n) == 0;
}

static void read_command(struct reader *r, struct sc_span line)
{
    bool last = memmem(line.data, line.len, " LAST", 5) != NULL;

    if (begins(line, "MAIL FROM:<m")) {
        r->now = line.data[12] - '0';
        r->fate[r->now].mail = next_code(r);
    } else if (begins(line, "RCPT TO:<r")) {
        read_rcpt(r, line.data[10] - '0');
    } else if (begins(line, "DATA")) {
        if (next_code(r) == 354 && skip_text(r))
            read_end(r);
    } else if (begins(line, "BDAT ")) {
        if (skip_chunk(r, line.data + 5) && last)
            read_end(r);
        else
            next_code(r);
    } else {
        next_code(r);
    }
}

static void read_all(struct reader *r)
{
    struct sc_span line;

    next_code(r); /* the greeting */
    while (take_line(&r->log, r->log_end, &line))
        read_command(r, line);
}

static void must_be_sent(const struct reader *r, size_t i, size_t nth)
{
    const struct fate *f = &r->fate[i];

    if (f->mail / 100 != 2 || f->rcpt[nth] / 100 != 2 || f->end[nth] / 100 != 2)
        abort();
}

/* --- what is said to have happened --- */

struct told {
    bool was;
    int outcome, rc[RECIPIENTS];
};

static struct told told[MESSAGES];
static struct smtp_message message[MESSAGES];

static void note(void *arg, const struct smtp_message *m,
                 const struct smtp_result *r)
{
    struct told *t = &told[m - message];

    (void)arg;
    if (t->was || r->n != RECIPIENTS)
        abort();
    t->was = true;
    t->outcome = r->outcome;
    for (size_t i = 0; i < RECIPIENTS; i++)
        t->rc[i] = r->to[i].rc;
}

static void compare(const struct reader *r)
{
    for (size_t i = 0; i < MESSAGES; i++) {
        int sent = 0;

        for (size_t nth = 0; nth < RECIPIENTS && told[i].was; nth++)
            if (told[i].rc[nth] == 0) {
                must_be_sent(r, i, nth);
                sent++;
            }
        if (told[i].was && (told[i].outcome == SMTP_SENT) != (sent == 2))
            abort();
        if (told[i].was && (told[i].outcome == SMTP_PARTLY) != (sent == 1))
            abort();
    }
}

/* --- the messages --- */

static ssize_t read_once(void *arg, void *buf, size_t n)
{
    int *left = arg;

    if (*left == 0)
        return 0;
    --*left;
    memset(buf, '.', n < 3 ? n : 3);
    return n < 3 ? (ssize_t)n : 3;
}

static void make_messages(unsigned how, int *left)
{
    static const char *const to[] = {"r0@b.test", "r1@b.test", NULL};
    static const char *const from[] = {"m0@a.test", "m1@a.test", "m2@a.test",
                                       "m3@a.test"};
    static const char *const text[] = {"A: b\r\n\r\n.\r\n.x\r\n", "no end",
                                       "S: \xc3\xa9\n\n\xff\r", ""};

    memset(told, 0, sizeof told);
    for (size_t i = 0; i < MESSAGES; i++)
        message[i] = (struct smtp_message){
            .from = from[i], .to = to, .source.data = sc_span_of(text[i])};
    if (how & 1)
        message[1].flags = SMTP_ALL_OR_NONE;
    if (how & 2)
        message[2].source =
            (struct mail_source){.read = read_once, .arg = left};
    if (how & 4)
        message[3].ret = "FULL";
}

/* --- the ways to send --- */

static void send_batch(SMTPClient *s)
{
    /* Nowhere to go to when the client has broken. */
    struct smtp_queue *q = smtp_queue_new("smtp://[", NULL, note, NULL);

    if (q == NULL)
        abort();
    q->s = s;
    for (size_t i = 0; i < MESSAGES; i++)
        smtp_queue_add(q, &message[i]);
    smtp_queue_wait(q);
    for (size_t i = 0; i < MESSAGES; i++)
        if (!told[i].was)
            abort();
    if (q->s != NULL)
        sc_drop(&q->s->base);
    q->s = NULL;
    smtp_queue_free(q);
}

static void send_one(SMTPClient *s, const struct smtp_message *m)
{
    struct smtp_result r = {0};
    struct smtp_tx t = {0};
    int rc = smtp_tx_begin(&t, m, &r);

    t.s = s;
    if (rc == 0 && (rc = sc_broken(&s->base)) == 0)
        rc = smtp_tx_decide(&t);
    if (rc == 0) {
        smtp_tx_run(&t);
        smtp_tx_conclude(&t);
    } else {
        smtp_tx_fail(&t, rc, sc_last_error(&s->base));
    }
    rc = smtp_tx_outcome(&t);
    if ((rc == 0) != (r.outcome == SMTP_SENT))
        abort();
    note(NULL, m, &r);
    smtp_tx_free(&t);
    smtp_result_free(&r);
}

static void send_singly(SMTPClient *s)
{
    for (size_t i = 0; i < MESSAGES && !s->closing; i++)
        send_one(s, &message[i]);
    sc_drop(&s->base);
}

/* A step at a time; only a whole success counts. */
static void converse(SMTPClient *s, bool lmtp)
{
    struct smtp_status st[RECIPIENTS] = {{0}};
    struct told *t = &told[0];
    bool taken[RECIPIENTS] = {false};
    size_t nth = 0;
    int rc = smtp_mail(s, message[0].from, NULL);

    for (size_t i = 0; i < RECIPIENTS && rc >= 0; i++)
        taken[i] = smtp_rcpt(s, message[0].to[i], NULL) >= 0;
    if (rc >= 0 && smtp_has(s, SMTP_EXT_CHUNKING) && !lmtp)
        rc = smtp_bdat(s, "A: b\r\n", 6, true, st, RECIPIENTS);
    else if (rc >= 0)
        rc = smtp_data(s, &message[0].source, st, RECIPIENTS);
    t->was = rc == 0 && (taken[0] || taken[1]);
    for (size_t i = 0; i < RECIPIENTS; i++)
        t->rc[i] = taken[i] ? st[lmtp ? nth++ : 0].rc : SC_EREPLY;
    t->outcome = t->rc[0] == 0 && t->rc[1] == 0   ? SMTP_SENT
                 : t->rc[0] == 0 || t->rc[1] == 0 ? SMTP_PARTLY
                                                  : SMTP_NOT_SENT;
    sc_drop(&s->base);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    struct reader r = {.now = -1};
    int left = 3;
    bool lmtp;
    SMTPClient *s;

    if (n < 2)
        return 0;
    lmtp = data[0] & 1;
    make_messages(data[0] >> 3, &left);
    s = talk_to(data + 2, n - 2, data[1] ? data[1] : SIZE_MAX, lmtp);
    if (data[0] & 2)
        send_batch(s);
    else if (data[0] & 4)
        converse(s, lmtp);
    else
        send_singly(s);
    r.in = (const char *)data + 2;
    r.in_end = r.in + n - 2;
    r.log = written.data != NULL ? written.data : "";
    r.log_end = r.log + written.len;
    r.lmtp = lmtp;
    read_all(&r);
    compare(&r);
    return 0;
}
