/* test_inn_shapes.c - 1,000 articles of every nasty shape, given to a real INN
 * and fetched again: byte for byte what was meant. Skipped (77) without INN. */
#include "main.h"

#include <simpleclient/class.h>
#include <simpleclient/nntp.h>

#include "inn_feed.h"

enum { SHAPES = 1000, KINDS = 20, AT_ONCE = 20 };

static struct certs certs;
static struct inn inn;
static struct sc_buf body = SC_BUF(4 << 20);

static int start(void **state)
{
    (void)state;
    if (certs_make(&certs) < 0)
        return -1;
    return inn_start(&inn, &certs);
}

static int stop(void **state)
{
    (void)state;
    inn_stop(&inn);
    certs_remove(&certs);
    sc_buf_free(&body);
    return 0;
}

/* --- shapes --- */

/* The same numbers each time. */
static uint32_t seed;

static uint32_t draw(uint32_t below)
{
    seed = seed * 1664525 + 1013904223;
    return (seed >> 8) % below;
}

static void fill(const char *p, size_t n, uint32_t times)
{
    while (times-- > 0)
        sc_buf_add(&body, p, n);
}

#define FILL(text, times) fill(text, sizeof(text) - 1, times)

/* A line of N bytes out of LOW..HIGH but CR and LF. */
static void line(uint32_t n, int low, int high, const char *end)
{
    for (uint32_t i = 0; i < n; i++) {
        char c = (char)(low + (int)draw((uint32_t)(high - low + 1)));

        fill(c == '\r' || c == '\n' ? "." : &c, 1, 1);
    }
    fill(end, strlen(end), 1);
}

static const char *any_end(void)
{
    return draw(2) == 0 ? "\r\n" : "\n";
}

static void dots(uint32_t number)
{
    switch (number % 7) {
    case 0:
        FILL(".\n", 1 + draw(9));
        break;
    case 1:
        FILL("..\r\n.\r\n...\r\n", 1 + draw(9));
        break;
    case 2:
        FILL(".", 1 + draw(3000));
        break;
    case 3:
        FILL("\n.\n", 1 + draw(9));
        break;
    case 4:
        FILL(".\r\n\r\n", 2);
        break;
    case 5:
        for (uint32_t i = 0; i < 40; i++)
            line(draw(4), '.', '.', any_end());
        break;
    default:
        FILL("\r\n.", 1 + draw(9));
    }
}

/* So that the Nth byte on the wire is a dot at a line's begin, or near it. */
static void edges(uint32_t number)
{
    static const uint32_t edge[] = {512,  1024,  2048,  4096,
                                    8192, 16384, 32768, 65536};

    line(edge[number % 8] - 20 + draw(40), 'a', 'z', "\r\n");
    FILL(".\r\n..\r\n", 1 + draw(3));
    line(edge[number % 8] - 20 + draw(40), '.', '.', "");
}

static void make_body(int kind, uint32_t number)
{
    static const uint32_t lengths[] = {510,  998,   999,    1000,
                                       1024, 10000, 100000, 300000};

    body.len = 0;
    sc_buf_add(&body, "", 0);
    switch (kind) {
    case 0:
    case 1:
    case 2:
        dots(number);
        break;
    case 3: /* nothing */
        break;
    case 4: /* only line ends */
        line(0, 'a', 'a', any_end());
        FILL("\r\n", draw(20));
        FILL("\n", draw(20));
        break;
    case 5: /* long lines */
        line(lengths[number % 8], ' ', '~', any_end());
        line(lengths[draw(5)], '.', '.', "");
        break;
    case 6: /* 8-bit bytes, in no alphabet */
        for (int i = 0; i < 20; i++)
            line(draw(200), 1, 255, any_end());
        break;
    case 7: /* no line end at the end */
        line(1 + draw(3000), 'a', 'z', "\n");
        line(1 + draw(3000), 'a', 'z', "");
        break;
    case 8: /* spaces, tabs, and nothing else, before line ends */
        for (int i = 0; i < 20; i++)
            line(draw(20), 0x09, ' ', any_end());
        break;
    case 9: /* looks like something else */
        FILL("From joe\n>From amy\n=ybegin\nQUIT\r\n.QUIT\r\n205 bye\n", 2);
        break;
    case 10: /* a header in the body */
        FILL("\n\nSubject: no\nMessage-ID: <no@simple.test>\n\nx\n", 1);
        break;
    case 11: /* control characters, and the end of a file in CP/M */
        FILL("\x1a\x04\x7f\x1b[31m\b\f\v\n", 5);
        break;
    case 12: /* NUL */
        line(draw(100), 0, 3, "\n");
        fill("a\0b\n.\0\n", 7, 3);
        break;
    case 13: /* UTF-8, and cut off in a character */
        FILL("\xc3\xa4\xe2\x82\xac\xf0\x9f\x98\x80\n\xc3", 3);
        break;
    case 14:
        edges(number);
        break;
    case 15:
        FILL("\n", draw(2));
        line(draw(300), '.', '/', "\n");
        break;
    case 16: /* many short lines */
        for (int i = 0; i < 3000; i++)
            line(draw(3), '.', '/', any_end());
        break;
    case 17:
        line(1, '.', '.', "");
        break;
    case 18: /* empty lines at the end */
        line(70, 'a', 'z', "\n");
        FILL("\n", 1 + draw(20));
        break;
    default:
        line(draw(5000), 128, 255, "");
    }
}

/* --- there and back --- */

/* Some of the shapes, one after another; many of these are under way at once, as
 * INN makes a client wait for each answer. */
struct round {
    uint32_t first;
    bool offer; /* by IHAVE to innd; else POST to nnrpd */
    NNTPClient *to, *from;
    struct sc_buf article, meant, got;
    char id[60];
    int refused, taken;
    char wrong[300]; /* the first thing that was */
};

static void empty(struct sc_buf *b)
{
    b->len = 0;
    sc_buf_add(b, "", 0);
}

/* Lines end in CRLF; the last one too (RFC 3977 section 3.1.1). */
static void mean(struct sc_buf *out)
{
    const char *p = body.data;

    empty(out);
    for (size_t i = 0; i < body.len; i++) {
        if (p[i] == '\n' && (i == 0 || p[i - 1] != '\r'))
            sc_buf_add(out, "\r", 1);
        sc_buf_add(out, p + i, 1);
    }
    if (body.len > 0 && p[body.len - 1] != '\n')
        sc_buf_add(out, "\r\n", 2);
}

static void make(struct round *r, uint32_t number)
{
    seed = number;
    make_body((int)(number % KINDS), number / KINDS);
    mean(&r->meant);
    snprintf(r->id, sizeof r->id, "<%c%u@simple.test>", r->offer ? 'i' : 'p',
             number);
    empty(&r->article);
    sc_buf_addf(&r->article,
                "%sFrom: joe@simple.test\r\nNewsgroups: local.shapes\r\n"
                "Subject: shape %u\r\nMessage-ID: %s\r\n"
                "Date: Sat, 21 Nov 2026 12:00:00 +0000\r\n\r\n",
                r->offer ? "Path: there!not-for-mail\r\n" : "", number, r->id);
    sc_buf_add(&r->article, body.data, body.len);
}

/* What was got, or its end (a header grows on its way), is what was meant. */
static bool compare(struct round *r, uint32_t number, bool whole)
{
    size_t skip =
        whole || r->got.len < r->meant.len ? 0 : r->got.len - r->meant.len;
    const char *p = r->got.data + skip;
    size_t n = r->got.len - skip, i = 0;

    while (i < n && i < r->meant.len && p[i] == r->meant.data[i])
        i++;
    if (i == n && i == r->meant.len)
        return true;
    snprintf(r->wrong, sizeof r->wrong,
             "shape %u, kind %u: %zu bytes for %zu, from byte %zu", number,
             number % KINDS, n, r->meant.len, i);
    return false;
}

static bool broken(struct round *r, NNTPClient *n, uint32_t number)
{
    snprintf(r->wrong, sizeof r->wrong, "shape %u, kind %u: %.200s", number,
             number % KINDS, sc_last_error(nntp_base(n))->text);
    return false;
}

static bool fetch(struct round *r, uint32_t number)
{
    empty(&r->got);
    if (nntp_body_id(r->from, r->id, sc_buf_sink, &r->got, NULL) < 0)
        return broken(r, r->from, number);
    if (!compare(r, number, true))
        return false;
    empty(&r->got);
    if (nntp_article_id(r->from, r->id, sc_buf_sink, &r->got, NULL) < 0)
        return broken(r, r->from, number);
    return compare(r, number, false);
}

/* INN takes no NUL (innd says so, nnrpd takes what is before it); nnrpd takes
 * nothing empty. */
static bool is_refused(const struct round *r, uint32_t number)
{
    return r->offer ? number % KINDS == 12 : number % KINDS == 3;
}

static bool there_and_back(struct round *r, uint32_t number)
{
    struct mail_source a;
    int rc;

    make(r, number);
    a = (struct mail_source){.data = {r->article.data, r->article.len}};
    rc = r->offer ? nntp_ihave(r->to, r->id, &a) : nntp_post(r->to, &a, NULL);
    if (is_refused(r, number)) {
        r->refused += rc == SC_EREPLY;
        return rc == SC_EREPLY || broken(r, r->to, number);
    }
    if (rc < 0)
        return broken(r, r->to, number);
    r->taken++;
    return fetch(r, number);
}

static void run_round(void *arg)
{
    struct sc_options opt = {.starttls = SC_STARTTLS_NEVER};
    struct round *r = arg;

    r->from = nntp_open(inn_url(&inn, READER, ""), &opt);
    r->to = r->offer ? nntp_open_transit(inn_url(&inn, TRANSIT, ""), &opt)
                     : r->from;
    for (uint32_t i = r->first; i < SHAPES; i += AT_ONCE)
        if ((r->offer || i % KINDS != 12) && !there_and_back(r, i))
            break;
    if (r->offer)
        nntp_close(r->to);
    nntp_close(r->from);
}

static void all_rounds(bool offer, int refused, int taken)
{
    static struct round all[AT_ONCE];
    struct sc_group *g = sc_group_new(NULL, 0);
    char wrong[300] = "";

    for (uint32_t i = 0; i < AT_ONCE; i++) {
        all[i] = (struct round){.first = i,
                                .offer = offer,
                                .article = SC_BUF(4 << 20),
                                .meant = SC_BUF(4 << 20),
                                .got = SC_BUF(4 << 20)};
        sc_group_go(g, run_round, &all[i]);
    }
    assert_int_equal(sc_group_wait(g), 0);
    for (int i = 0; i < AT_ONCE; i++) {
        sc_buf_free(&all[i].article);
        sc_buf_free(&all[i].meant);
        sc_buf_free(&all[i].got);
        refused -= all[i].refused;
        taken -= all[i].taken;
        if (all[i].wrong[0] != '\0')
            snprintf(wrong, sizeof wrong, "%s", all[i].wrong);
    }
    if (wrong[0] != '\0')
        fail_msg("%s", wrong);
    assert_int_equal(refused, 0);
    assert_int_equal(taken, 0);
}

/* 50 of each kind; of those with NUL none is posted. */
static void each_shape_is_posted_and_fetched(void **state)
{
    (void)state;
    all_rounds(false, 50, 900);
}

static void each_shape_is_offered_and_fetched(void **state)
{
    (void)state;
    all_rounds(true, 50, 950);
}

/* --- all of them, pipelined --- */

static char ids[SHAPES][60];
static const char *id_list[SHAPES + 1];
static uint32_t number_of[SHAPES];

static int begin(void *arg, struct nntp_item *item)
{
    (void)item;
    empty(&((struct round *)arg)->got);
    return 0;
}

static int keep(void *arg, const void *p, size_t n)
{
    return sc_buf_add(&((struct round *)arg)->got, p, n);
}

static int end(void *arg, const struct nntp_item *item, int rc)
{
    struct round *r = arg;

    if (rc < 0)
        return rc;
    make(r, number_of[item->index]);
    r->taken++;
    return compare(r, number_of[item->index], true) ? 0 : SC_EPROTO;
}

static size_t list_ids(void)
{
    size_t n = 0;

    for (uint32_t i = 0; i < SHAPES; i++)
        if (i % KINDS != 12) {
            snprintf(ids[n], sizeof ids[n], "<i%u@simple.test>", i);
            id_list[n] = ids[n];
            number_of[n++] = i;
        }
    id_list[n] = NULL;
    return n;
}

static void all_shapes_are_fetched_by_one_call(void **state)
{
    struct sc_options opt = {.starttls = SC_STARTTLS_NEVER};
    struct round r = {.offer = true,
                      .article = SC_BUF(4 << 20),
                      .meant = SC_BUF(4 << 20),
                      .got = SC_BUF(4 << 20)};
    struct nntp_fetch how = {.what = NNTP_BODY,
                             .begin = begin,
                             .sink = keep,
                             .end = end,
                             .arg = &r,
                             .ids = id_list,
                             .options = &opt};

    (void)state;
    for (unsigned flags = 0; flags <= NNTP_COMPRESS; flags += NNTP_COMPRESS) {
        struct nntp_result result = {0};
        size_t n = list_ids();

        how.flags = flags;
        r.taken = 0;
        if (nntp_fetch(inn_url(&inn, READER, ""), &how, &result) < 0)
            fail_msg("%s: %s", r.wrong, result.error.text);
        assert_int_equal(r.taken, n);
        nntp_result_free(&result);
    }
    sc_buf_free(&r.article);
    sc_buf_free(&r.meant);
    sc_buf_free(&r.got);
}

/* --- what INN has but would not take --- */

static const char held[] =
    "Path: there!not-for-mail\r\nFrom: joe@simple.test\r\n"
    "Newsgroups: local.test\r\nSubject: NUL\r\n"
    "Date: Sat, 21 Nov 2026 12:00:00 +0000\r\n"
    "Message-ID: <nul@simple.test>\r\n\r\n"
    "#\r\n##\r\n\xff#\x80#\x01\r\n.#\r\n#.#\r\n";

/* Each "#" of the only article in local.test becomes NUL. */
static void put_nul_into_the_spool(void)
{
    static const char name[] = "spool/articles/local/test/1";
    struct sc_buf b = server_read(&inn.at, name);

    assert_true(b.len > sizeof held);
    for (size_t i = 0; i < b.len; i++)
        if (b.data[i] == '#')
            b.data[i] = '\0';
    assert_int_equal(server_write_n(&inn.at, name, b.data, b.len), 0);
    sc_buf_free(&b);
}

static void nul_and_eight_bit_bytes_are_fetched_as_they_are(void **state)
{
    static const char want[] =
        "\0\r\n\0\0\r\n\xff\0\x80\0\x01\r\n.\0\r\n\0.\0\r\n";
    struct mail_source a = {.data = {held, sizeof held - 1}};
    struct round r = {.offer = true, .got = SC_BUF(9999)};
    struct sc_options opt = {.starttls = SC_STARTTLS_NEVER};

    (void)state;
    r.to = nntp_open_transit(inn_url(&inn, TRANSIT, ""), &opt);
    assert_int_equal(nntp_ihave(r.to, "<nul@simple.test>", &a), 0);
    put_nul_into_the_spool();
    r.from = nntp_open(inn_url(&inn, READER, ""), &opt);
    assert_int_equal(
        nntp_body_id(r.from, "<nul@simple.test>", sc_buf_sink, &r.got, NULL),
        0);
    assert_int_equal(r.got.len, sizeof want - 1);
    assert_memory_equal(r.got.data, want, sizeof want - 1);
    nntp_close(r.to);
    nntp_close(r.from);
    sc_buf_free(&r.got);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(each_shape_is_posted_and_fetched),
    cmocka_unit_test(each_shape_is_offered_and_fetched),
    cmocka_unit_test(all_shapes_are_fetched_by_one_call),
    cmocka_unit_test(nul_and_eight_bit_bytes_are_fetched_as_they_are),
};

int main(int argc, char **argv)
{
    bool list = argc > 1 && strcmp(argv[1], "-l") == 0;

    if (!list && !inn_installed()) {
        puts("no INN, or no namespaces");
        return 77;
    }
    return test_main(__FILE__, tests, sizeof tests / sizeof tests[0], argc,
                     argv, start, stop);
}
