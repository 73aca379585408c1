/* fuzz_smtp.c - any bytes as what an SMTP or LMTP server says while a message
 * is sent: it ends, and what is told of each recipient fits the whole. The
 * first byte chooses the class, the source and some flags. */

#include <stdlib.h>

#include <simpleclient/task.h>

#include "fuzz.h"
#include "fuzz_class.h"
#include "smtp/smtp_tx.h"

static const char *const to[] = {"amy@b.example", "bob@b.example",
                                 "j\xc3\xb6@b.example", NULL};
static const struct sc_options options = {
    .hello = "me.example", .line_limit = 512, .reply_lines = 20};

static void must(int holds)
{
    if (!holds)
        abort();
}

static ssize_t give(void *arg, void *buf, size_t n)
{
    size_t *left = arg;

    n = n < *left ? n : *left;
    memset(buf, '\r', n);
    *left -= n;
    return (ssize_t)n;
}

static void check(const struct smtp_result *r, int rc)
{
    size_t sent = 0, unknown = 0;

    for (size_t i = 0; i < r->n; i++) {
        must(r->to[i].rc <= 0);
        must(r->to[i].rc != 0 || r->to[i].code / 100 == 2);
        sent += r->to[i].rc == 0;
        unknown += r->to[i].rc == SC_EUNKNOWN;
    }
    must((rc == 0) == (r->outcome == SMTP_SENT));
    must((sent == r->n) == (r->outcome == SMTP_SENT));
    must((sent == 0 && unknown == 0) == (r->outcome == SMTP_NOT_SENT));
    must((sent == 0 && unknown > 0) == (r->outcome == SMTP_UNKNOWN));
    must(rc == 0 || r->error.text[0] != '\0');
    must((unknown > 0) == (rc == SC_EUNKNOWN));
}

static SMTPClient *client_on(const uint8_t *data, size_t n, size_t piece,
                             bool lmtp)
{
    struct fuzz_stream *f = sc_stream_new(&fuzz_class);

    if (f == NULL)
        return NULL;
    f->data = data;
    f->n = n;
    f->piece = piece;
    return sc_attach(lmtp ? &smtp_lmtp_class.base : &smtp_class.base, &f->base,
                     &options);
}

static void transact(struct smtp_tx *t)
{
    int rc = sc_broken(&t->s->base);

    if (rc == 0)
        rc = smtp_tx_decide(t);
    if (rc < 0) {
        smtp_tx_fail(t, rc, sc_last_error(&t->s->base));
        return;
    }
    smtp_tx_run(t);
    smtp_tx_conclude(t);
}

static void send_it(const uint8_t *data, size_t n, size_t piece)
{
    bool utf8 = data[0] & 1, lmtp = data[0] & 2, slow = data[0] & 4;
    size_t left = 40000;
    struct smtp_message m = {.from = "",
                             .to = utf8 ? to : to + 1,
                             .source.data = SC_SPAN("A: b\n\n.x\r\n\xff"),
                             .flags = data[0] & 8 ? SMTP_ALL_OR_NONE : 0};
    struct smtp_result r = {0};
    struct smtp_tx t = {0};

    if (slow)
        m.source = (struct mail_source){.read = give, .arg = &left};
    if ((t.s = client_on(data + 1, n - 1, piece, lmtp)) == NULL)
        return;
    must(smtp_tx_begin(&t, &m, &r) == 0);
    transact(&t);
    check(&r, smtp_tx_outcome(&t));
    sc_close(&t.s->base);
    sc_run(); /* what was sent aside ends */
    smtp_tx_free(&t);
    smtp_result_free(&r);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    if (n > 0) {
        send_it(data, n, SIZE_MAX);
        send_it(data, n, 1);
    }
    return 0;
}
