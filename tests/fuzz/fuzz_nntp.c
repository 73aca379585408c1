/* fuzz_nntp.c - any bytes as all that an NNTP server says in a session, whole and
 * byte by byte: it ends, what is told fits its limits, and it is the same wherever
 * it is cut. The first byte chooses the class, a login and compression. */

#include <stdlib.h>
#include <string.h>

#include "fuzz.h"
#include "fuzz_class.h"
#include "nntp/nntp_client.h"

enum { TRANSIT = 1, LOGIN = 2, COMPRESS = 4, STEPS = 16 };

struct seen {
    int rc[STEPS];
    size_t n;
    uint64_t sum, lines;
};

static void must(int holds)
{
    if (!holds)
        abort();
}

static void add(struct seen *s, struct sc_span text)
{
    for (size_t i = 0; i < text.len; i++)
        s->sum = s->sum * 31 + (unsigned char)text.data[i];
}

static void step(struct seen *s, int rc)
{
    must(s->n < STEPS);
    s->rc[s->n++] = rc;
}

static int see_bytes(void *arg, const void *p, size_t n)
{
    add(arg, (struct sc_span){p, n});
    return 0;
}

static int see_number(void *arg, uint64_t number)
{
    struct seen *s = arg;

    must(number <= INT64_MAX);
    s->sum = s->sum * 31 + number;
    s->lines++;
    return 0;
}

static int see_line(void *arg, struct sc_span line)
{
    struct seen *s = arg;

    must(memchr(line.data, '\n', line.len) == NULL);
    add(s, line);
    s->lines++;
    return 0;
}

static int see_group(void *arg, const struct nntp_group *g)
{
    must(g->first <= INT64_MAX && g->last <= INT64_MAX);
    add(arg, g->description);
    return see_line(arg, g->name);
}

static int see_article(void *arg, const struct nntp_article *a)
{
    must(a->number <= INT64_MAX && a->n_more <= NNTP_OVER_MORE);
    for (size_t i = 0; i < a->n_more; i++)
        add(arg, a->more[i].value);
    add(arg, a->xref);
    return see_line(arg, a->subject);
}

static int see_value(void *arg, uint64_t number, struct sc_span value)
{
    see_number(arg, number);
    return see_line(arg, value);
}

static void see_ref(struct seen *s, const struct nntp_ref *r)
{
    must(r->number <= INT64_MAX && strlen(r->id) <= NNTP_ID_MOST);
    add(s, sc_span_of(r->id));
}

static void read_news(NNTPClient *n, struct seen *s)
{
    struct nntp_group g = {0};
    struct nntp_ref r = {0};
    struct sc_buf value = SC_BUF(1000);
    int64_t now;

    step(s, nntp_group(n, "a.b", &g));
    step(s, nntp_over(n, 1, 0, see_article, s));
    step(s, nntp_article(n, 1, see_bytes, s, &r));
    see_ref(s, &r);
    step(s, nntp_next(n, &r));
    see_ref(s, &r);
    step(s, nntp_listgroup(n, NULL, 0, 0, see_number, s, &g));
    step(s, nntp_hdr(n, ":bytes", 1, 2, see_value, s));
    step(s, nntp_hdr_id(n, "Subject", "<a@b>", &value));
    step(s, nntp_list_active(n, NULL, see_group, s));
    step(s, nntp_newnews(n, "*", 0, see_line, s));
    step(s, nntp_date(n, &now));
    sc_buf_free(&value);
}

static void send_news(NNTPClient *n, struct seen *s)
{
    static const struct mail_source article = {.data = SC_SPAN("A: b\n\nc\n")};
    struct nntp_ref r = {0};

    step(s, nntp_post(n, &article, &r));
    see_ref(s, &r);
    step(s, nntp_ihave(n, "<a@b>", &article));
}

static NNTPClient *open_on(const uint8_t *data, size_t n, size_t piece,
                           unsigned how)
{
    const struct sc_options options = {.line_limit = 512,
                                       .reply_limit = 2048,
                                       .starttls = SC_STARTTLS_NEVER,
                                       .user = how & LOGIN ? "joe" : NULL,
                                       .password = how & LOGIN ? "x" : NULL,
                                       .flags = SC_OPT_PLAIN_LOGIN};
    struct fuzz_stream *f = sc_stream_new(&fuzz_class);

    if (f == NULL)
        return NULL;
    f->data = data;
    f->n = n;
    f->piece = piece;
    return sc_attach(how & TRANSIT ? &nntp_transit_class : &nntp_class,
                     &f->base, &options);
}

/* Once broken, no command finds it in order. */
static void check(NNTPClient *n, const struct seen *s)
{
    const struct nntp_caps *caps = nntp_capabilities(n);
    int broken = sc_broken(nntp_base(n));

    must(strlen(caps->sasl) < sizeof caps->sasl);
    must(strlen(caps->list) < sizeof caps->list);
    must(caps->all.len <= 2048);
    must(broken <= 0);
    for (size_t i = 0; i < s->n; i++)
        must(s->rc[i] <= 0);
    if (broken != 0)
        must(nntp_next(n, NULL) == broken);
}

static void talk(const uint8_t *data, size_t n, size_t piece, unsigned how,
                 struct seen *s)
{
    NNTPClient *c = open_on(data, n, piece, how);

    if (c == NULL)
        return;
    step(s, sc_broken(nntp_base(c)));
    if (how & COMPRESS)
        step(s, nntp_compress(c));
    read_news(c, s);
    send_news(c, s);
    check(c, s);
    sc_drop(nntp_base(c));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    struct seen whole = {.n = 0}, pieces = {.n = 0};
    unsigned how = n > 0 ? data[0] : 0;

    if (n == 0)
        return 0;
    talk(data + 1, n - 1, SIZE_MAX, how, &whole);
    talk(data + 1, n - 1, 1, how, &pieces);
    /* Compressed, the ratio is looked at between pieces. */
    if (!(how & COMPRESS) &&
        (memcmp(whole.rc, pieces.rc, sizeof whole.rc) != 0 ||
         whole.lines != pieces.lines))
        abort();
    return 0;
}
