/* fuzz_head.c - any bytes as the answer to a request: what is taken is clean,
 * and it is the same however the bytes are cut. The first byte says what was
 * asked, and how. */

#include <stdlib.h>

#include "fuzz_class.h"
#include "fuzz.h"
#include "http/http_client.h"

enum {
    HEAD = 1,
    CONNECT = 2,
    UPGRADE = 4,
    LENIENT = 8,
    DECODE = 16,
    BODY = 32
};

struct outcome {
    int rc, status, read_rc;
    unsigned notes;
    size_t fields, body;
    uint32_t sum; /* of the body */
    bool reusable;
};

static void must(int holds)
{
    if (!holds)
        abort();
}

static HTTPClient *client(const uint8_t *data, size_t n, size_t piece)
{
    static const struct sc_options opt = {
        .line_limit = 512, .head_limit = 4096, .head_fields = 30};
    struct fuzz_stream *f = sc_stream_new(&fuzz_class);

    if (f == NULL)
        return NULL;
    f->data = data;
    f->n = n;
    f->piece = piece;
    return sc_attach(&http_class, &f->base, &opt);
}

static void ask(HTTPClient *h, int how)
{
    h->lenient = how & LENIENT;
    http_putrequest(h,
                    how & HEAD      ? "HEAD"
                    : how & CONNECT ? "CONNECT"
                                    : "POST",
                    "/");
    if (how & UPGRADE)
        http_putheader(h, "Upgrade", "x");
    if (how & BODY)
        http_putheader(h, "Content-Length", "300000");
    http_endheaders(h);
}

/* The client's stream takes all that is written: only looking between the
 * pieces finds an answer. */
static void send_body(HTTPClient *h)
{
    char *zeros = calloc(1, 300000);

    must(zeros != NULL);
    http_send(h, zeros, 300000);
    free(zeros);
}

static void check(const struct http_reply *r)
{
    must(r->status >= 100 && r->status <= 999);
    must(r->version == 10 || r->version == 11);
    must(memchr(r->reason, '\0', sizeof r->reason) != NULL);
    for (size_t i = 0; i < r->head.n; i++) {
        const struct sc_field *f = &r->head.at[i];

        must(f->name.len > 0 && strlen(f->name.data) == f->name.len);
        must(strlen(f->value.data) == f->value.len);
        must(strpbrk(f->value.data, "\r\n") == NULL);
    }
}

static void read_body(HTTPClient *h, int how, struct outcome *o)
{
    unsigned char buf[200];
    Stream *s;
    ssize_t n;

    if (how & DECODE)
        http_decode(h);
    if ((s = http_getfile(h)) == NULL)
        return;
    while ((n = sc_stream_read(s, buf, sizeof buf, NULL)) > 0) {
        for (ssize_t i = 0; i < n; i++)
            o->sum = o->sum * 31 + buf[i];
        o->body += (size_t)n;
        must(o->body < 10000000);
    }
    o->read_rc = (int)n;
}

static struct outcome play(const uint8_t *data, size_t n, size_t piece, int how)
{
    HTTPClient *h = client(data, n, piece);
    struct http_reply r = {0};
    struct outcome o = {0};

    must(h != NULL);
    ask(h, how);
    if (how & BODY)
        send_body(h);
    o.rc = http_getreply(h, &r);
    if (o.rc == 0) {
        check(&r);
        o.status = r.status;
        o.notes = r.notes & ~(unsigned)HTTP_NOTE_UNASKED_BODY;
        o.fields = r.head.n;
        read_body(h, how, &o);
        o.reusable = http_reusable(h);
    } else {
        must(o.rc < 0 && r.error.code == o.rc && r.error.text[0] != '\0');
    }
    http_reply_free(&r);
    http_close(h);
    return o;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    struct outcome a, b;
    int how;

    if (n == 0)
        return 0;
    how = data[0];
    a = play(data + 1, n - 1, SIZE_MAX, how);
    b = play(data + 1, n - 1, 1, how);
    must(a.rc == b.rc && a.status == b.status && a.fields == b.fields);
    must(a.notes == b.notes && a.read_rc == b.read_rc);
    if (a.read_rc == 0) /* damaged codings may give less in small pieces */
        must(a.body == b.body && a.sum == b.sum);
    return 0;
}
