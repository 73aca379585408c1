/* test_postfix_shapes.c - messages of every nasty shape, by chunks, by dots and
 * without extensions: Postfix stores what was meant, byte for byte. Skipped (77)
 * without Postfix or without root. */
#include "main.h"

#include <simpleclient/smtp.h>

#include "postfix.h"

enum { SHAPES = 100, WAYS = 3, ALL = SHAPES * WAYS, BODY_MOST = 200000 };

static struct certs certs;
static struct postfix postfix;
static const int ports[WAYS] = {SMTP, NO_CHUNKS, BARE};

/* --- shapes --- */

/* Made by hand, by number; NUL has its length. */
#define SHAPE(text)                                                            \
    {                                                                          \
        text, sizeof(text) - 1                                                 \
    }
static const struct sc_span shapes[] = {
    SHAPE(""),
    SHAPE("\n"),
    SHAPE("\n\n\n"),
    SHAPE("\r\n"),
    SHAPE("\r"),
    SHAPE("."),
    SHAPE(".\n"),
    SHAPE("..\n"),
    SHAPE("...\n"),
    SHAPE(".\n.\n.\n"),
    SHAPE("..\n.\n..\n"),
    SHAPE("\n.\n\n.\n"),
    SHAPE("a\n.\nb\n"),
    SHAPE("a\r\n.\r\nb\r\n"),
    SHAPE("a\n.\r\nb\n"),
    SHAPE("a\r\n.\nb\n"),
    SHAPE("a\r.\rb\r"),
    SHAPE("a\r.\r\nb"),
    SHAPE("a\n.\rb"),
    SHAPE("a\r\r\nb\n"),
    SHAPE("a\r\r\r\nb\n"),
    SHAPE("a\n\rb\n"),
    SHAPE("\r\r\n\n\r"),
    SHAPE("\r\n\r.\r\n"),
    SHAPE("\r\n.\r\r\n"),
    SHAPE(".\r"),
    SHAPE(".."),
    SHAPE("a."),
    SHAPE("a\n."),
    SHAPE("a\n.."),
    SHAPE("a\r\n."),
    SHAPE(".a\n..a\n...a\n"),
    SHAPE("no end"),
    SHAPE("no end\r"),
    SHAPE("an end\n"),
    SHAPE("two ends\n\n"),
    SHAPE("ends in blanks  \n\t\n"),
    SHAPE(" begins with a blank\n"),
    SHAPE("From joe at the begin of a line\n"),
    SHAPE(">From joe\n"),
    SHAPE("MAIL FROM:<a@b>\nRCPT TO:<c@d>\nDATA\n"),
    SHAPE("\n.\nMAIL FROM:<a@b>\nRCPT TO:<c@d>\nDATA\nx\n.\nQUIT\n"),
    SHAPE("\r\n.\r\nQUIT\r\n"),
    SHAPE("a\n.\r\r\nMAIL FROM:<a@b>\r\n"),
    SHAPE("QUIT\n"),
    SHAPE("BDAT 5 LAST\nabcde"),
    SHAPE("354 go on\n250 ok\n"),
    SHAPE("tab\there\n"),
    SHAPE("\x01\x02\x03\x7f\x1b[2J\n"),
    SHAPE("form feed\fand\vmore\b\a\n"),
};
/* Bytes that only a port with 8BITMIME takes. */
static const struct sc_span wide[] = {
    SHAPE("Gr\xc3\xbc\xc3\x9f"
          "e\n"),
    SHAPE("latin \xfc\xdf\n"),
    SHAPE("\xff\xfe\xfd\n.\xff\n"),
    SHAPE("\x80"),
    SHAPE(".\xc2\x85\n"),
};
enum {
    BY_HAND = sizeof shapes / sizeof shapes[0],
    WIDE = sizeof wide / sizeof wide[0]
};

/* Long ones, by number: lines and dots around the edges of buffers. */
static void add_repeated(struct sc_buf *b, char c, size_t n)
{
    for (size_t i = 0; i < n; i++)
        sc_buf_add(b, &c, 1);
}

static const size_t edges[] = {77,    510,   511,   512,   513,   997,
                               998,   999,   1000,  2047,  2048,  2049,
                               4094,  4095,  4096,  4097,  8191,  8192,
                               16383, 16384, 65534, 65535, 65536, 65537};
enum { EDGES = sizeof edges / sizeof edges[0] };

/* Padding up to the edge, and there a line of one dot. */
static void add_dot_at(struct sc_buf *b, size_t edge)
{
    while (b->len + 60 < edge)
        sc_buf_addf(b, "%058d\r\n", 0);
    add_repeated(b, 'x', edge - b->len - 2);
    sc_buf_add(b, "\r\n.\r\n..\r\n.x\r\n", 13);
}

static void make_body(size_t i, struct sc_buf *b)
{
    b->len = 0;
    sc_buf_add(b, "", 0);
    if (i < BY_HAND) {
        sc_buf_add(b, shapes[i].data, shapes[i].len);
    } else if ((i -= BY_HAND) < WIDE) {
        sc_buf_add(b, wide[i].data, wide[i].len);
    } else if ((i -= WIDE) < EDGES) {
        add_dot_at(b, edges[i]);
    } else { /* a line as long, its last byte a dot without an end */
        add_repeated(b, "x."[i % 2], edges[(i - EDGES) % EDGES]);
        sc_buf_add(b, "\n.", 2);
    }
}

static bool is_wide(size_t i)
{
    return i >= BY_HAND && i < BY_HAND + WIDE;
}

/* --- a message, and what is to be stored --- */

static void make_message(size_t i, size_t way, const struct sc_buf *body,
                         struct sc_buf *m)
{
    *m = (struct sc_buf)SC_BUF(BODY_MOST);
    sc_buf_addf(m,
                "X-Shape: %zu-%zu\nFrom: joe@simple.test\n"
                "Date: Sat, 21 Nov 2026 12:00:00 +0000\n"
                "Message-ID: <%zu@simple.test>\n\n",
                way, i, i);
    sc_buf_add(m, body->data, body->len);
}

/* Maildirs have LF: CRLF, a bare CR and a bare LF are one line's end each, and
 * the last line has one. */
static void as_stored(const struct sc_buf *m, struct sc_buf *to)
{
    *to = (struct sc_buf)SC_BUF(BODY_MOST);
    for (size_t i = 0; i < m->len; i++) {
        bool cr = m->data[i] == '\r';

        sc_buf_add(to, cr ? "\n" : m->data + i, 1);
        if (cr && i + 1 < m->len && m->data[i + 1] == '\n')
            i++;
    }
    if (to->data[to->len - 1] != '\n')
        sc_buf_add(to, "\n", 1);
}

/* --- what was sent --- */

static struct sc_buf message[ALL];
static struct smtp_message envelope[ALL];
static size_t sent;
static const char *const to[] = {"alice@simple.test", NULL};

static void must_be_sent(void *arg, const struct smtp_message *m,
                         const struct smtp_result *r)
{
    size_t i = (size_t)(m - envelope);

    (void)arg;
    if (r->outcome != SMTP_SENT)
        print_message("shape %zu: %s\n", i, r->error.text);
    sent += r->outcome == SMTP_SENT;
}

/* Every second one as a stream that is read once. */
static ssize_t read_some(void *arg, void *buf, size_t n)
{
    struct sc_span *rest = arg;
    size_t some = rest->len < 7 ? rest->len : rest->len / 2 + 1;

    if (some > n)
        some = n;
    memcpy(buf, rest->data, some);
    rest->data += some;
    rest->len -= some;
    return (ssize_t)some;
}

static void send_way(size_t way, size_t *count)
{
    static struct sc_span rest[ALL];
    struct sc_options opt = {.tls.ca_file = certs.ca};
    struct smtp_queue *q = smtp_queue_new(postfix_url(&postfix, ports[way], ""),
                                          &opt, must_be_sent, NULL);
    struct sc_buf body = SC_BUF(BODY_MOST);

    for (size_t i = 0; i < SHAPES; i++) {
        size_t n = way * SHAPES + i;
        struct smtp_message *m = &envelope[n];

        if (ports[way] == BARE && is_wide(i))
            continue;
        make_body(i, &body);
        make_message(i, way, &body, &message[n]);
        rest[n] = (struct sc_span){message[n].data, message[n].len};
        *m = (struct smtp_message){
            .from = "joe@simple.test", .to = to, .source.data = rest[n]};
        if (i % 2) {
            m->source.read = read_some;
            m->source.arg = &rest[n];
        }
        assert_int_equal(smtp_queue_add(q, m), 0);
        ++*count;
    }
    assert_int_equal(smtp_queue_wait(q), 0);
    smtp_queue_free(q);
    sc_buf_free(&body);
}

/* --- what came --- */

/* Everything from our first header on. Returns which one it is. */
static size_t compare(const struct sc_buf *got)
{
    const char *at = strstr(got->data, "\nX-Shape: ");
    size_t n, way, i, left;
    struct sc_buf want;

    assert_non_null(at);
    at++;
    assert_int_equal(sscanf(at, "X-Shape: %zu-%zu", &way, &i), 2);
    n = way * SHAPES + i;
    assert_true(n < ALL);
    left = got->len - (size_t)(at - got->data);
    as_stored(&message[n], &want);
    if (left != want.len || memcmp(at, want.data, want.len) != 0)
        fail_msg("way %zu, shape %zu: %zu bytes, not %zu", way, i, left,
                 want.len);
    sc_buf_free(&want);
    return n;
}

static void every_shape_is_stored_as_it_was_meant(void **state)
{
    static struct maildir_name name[ALL];
    static bool seen[ALL];
    size_t count = 0, found;

    (void)state;
    for (size_t way = 0; way < WAYS; way++)
        send_way(way, &count);
    assert_int_equal(sent, count);
    found = maildir_wait(&postfix.at, "alice", name, count);
    assert_int_equal(found, count);
    for (size_t i = 0; i < found; i++) {
        struct sc_buf got = server_read(&postfix.at, name[i].path);
        size_t n = compare(&got);

        assert_false(seen[n]);
        seen[n] = true;
        sc_buf_free(&got);
    }
}

static void eight_bits_without_8bitmime_are_not_sent(void **state)
{
    struct smtp_result r = {0};
    struct sc_options opt = {.tls.ca_file = certs.ca, .flags = SC_OPT_NO_POOL};

    (void)state;
    for (size_t i = 0; i < WIDE; i++) {
        struct sc_buf text = SC_BUF(1000);
        struct smtp_message m = {
            .from = "joe@simple.test", .to = to, .options = &opt};
        struct sc_span rest;

        sc_buf_addf(&text, "Subject: x\n\n");
        sc_buf_add(&text, wide[i].data, wide[i].len);
        rest = (struct sc_span){text.data, text.len};
        m.source.read = read_some;
        m.source.arg = &rest;
        assert_true(smtp_send(postfix_url(&postfix, BARE, ""), &m, &r) < 0);
        assert_int_equal(r.outcome, SMTP_NOT_SENT);
        sc_buf_free(&text);
    }
    smtp_result_free(&r);
}

static int start(void **state)
{
    (void)state;
    return certs_make(&certs) < 0 ? -1 : postfix_start(&postfix, &certs, NULL);
}

static int stop(void **state)
{
    (void)state;
    for (size_t i = 0; i < ALL; i++)
        sc_buf_free(&message[i]);
    postfix_stop(&postfix);
    certs_remove(&certs);
    return 0;
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(every_shape_is_stored_as_it_was_meant),
    cmocka_unit_test(eight_bits_without_8bitmime_are_not_sent),
};

int main(int argc, char **argv)
{
    bool list = argc > 1 && strcmp(argv[1], "-l") == 0;

    if (!list && !postfix_installed()) {
        puts("no Postfix, or not root");
        return 77;
    }
    return test_main(__FILE__, tests, sizeof tests / sizeof tests[0], argc,
                     argv, start, stop);
}
