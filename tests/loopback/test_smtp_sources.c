/* test_smtp_sources.c - where a message comes from: memory, files, sources that
 * give a few bytes at a time, fail, or change between two readings; and many
 * tasks that send at once. */
#include "main.h"

#include "smtp_peer.h"

#define ALL "PIPELINING\nCHUNKING\n8BITMIME\nSIZE 100000\nSMTPUTF8\nDSN\n"

static const struct sc_options own = {.hello = "me.example"};
static const char *const bob[] = {"bob@b.example", NULL};
static const char *const all_kinds[] = {ALL, "PIPELINING\n", "CHUNKING\n", ""};

static struct smtp_message to_all(const char *const *to, const char *text)
{
    return (struct smtp_message){.from = "me@a.example",
                                 .to = to,
                                 .source.data = sc_span_of(text),
                                 .options = &own};
}

static void assert_sent(int rc, const struct smtp_result *r)
{
    if (rc != 0 || r->outcome != SMTP_SENT)
        fail_msg("%d: %s", rc, r->error.text);
}

struct dripping {
    const char *text;
    size_t at, each;
    int fail_at; /* read number, or 0 */
    int reads;
    int rewinds;
    const char *then; /* the text of the second reading */
};

static ssize_t drip(void *arg, void *buf, size_t n)
{
    struct dripping *d = arg;
    size_t left = strlen(d->text) - d->at;

    if (++d->reads == d->fail_at)
        return -5;
    n = n < d->each ? n : d->each;
    n = n < left ? n : left;
    memcpy(buf, d->text + d->at, n);
    d->at += n;
    return (ssize_t)n;
}

static int again(void *arg)
{
    struct dripping *d = arg;

    d->at = 0;
    d->rewinds++;
    return 0;
}

static void sources_of_all_kinds_send_the_same(void **state)
{
    static const char text[] = "Subject: x\n\n.a\r\nb\rc\n.";
    static const char sent[] = "Subject: x\r\n\r\n.a\r\nb\r\nc\r\n.\r\n";
    FILE *f = tmpfile();
    struct smtp_result r = {0};
    struct smtp_peer p;

    (void)state;
    fputs("junk", f);
    fputs(text, f);
    fflush(f);
    for (size_t i = 0; i < 4; i++) {
        struct smtp_message m = to_all(bob, text);
        struct dripping d = {.text = text, .each = i + 1};

        smtp_peer_start(&p, all_kinds[i]);
        assert_sent(smtp_send(p.url, &m, &r), &r);
        m.source = (struct mail_source){.fd = fileno(f), .offset = 4};
        assert_sent(smtp_send(p.url, &m, &r), &r);
        m.source = (struct mail_source){.read = drip, .arg = &d};
        assert_sent(smtp_send(p.url, &m, &r), &r);
        d.at = 0;
        m.source.rewind = again;
        assert_sent(smtp_send(p.url, &m, &r), &r);
        assert_int_equal(d.rewinds, 1);
        assert_int_equal(p.taken, 4);
        for (int k = 0; k < 4; k++)
            assert_string_equal(p.message[k].data, sent);
        smtp_result_free(&r);
        smtp_peer_stop(&p);
    }
    fclose(f);
}

static void a_source_that_fails_is_never_half_a_message(void **state)
{
    char *text = malloc(200001);
    struct smtp_result r = {0};
    struct smtp_peer p;

    (void)state;
    memset(text, 'x', 200000);
    memcpy(text, "A: b\n\n", 6);
    text[200000] = '\0';
    for (size_t i = 0; i < 4; i++)
        for (int k = 0; k < 2; k++) {
            struct smtp_message m = to_all(bob, "");
            struct dripping d = {.text = text, .each = 50000, .fail_at = 4};

            m.source = (struct mail_source){.read = drip, .arg = &d};
            if (k == 1) { /* or a byte that the server does not take */
                d.fail_at = 0;
                text[150000] = '\xff';
            }
            smtp_peer_start(&p, all_kinds[i]);
            assert_int_equal(smtp_send(p.url, &m, &r), k == 0   ? -5
                                                       : i == 0 ? 0
                                                                : SC_ENOTSUP);
            if (k == 0 || i > 0) {
                assert_int_equal(r.outcome, SMTP_NOT_SENT);
                assert_int_equal(p.taken, 0);
            }
            text[150000] = 'x';
            smtp_result_free(&r);
            smtp_peer_stop(&p);
        }
    free(text);
}

static void a_large_file_goes_as_it_is(void **state)
{
    FILE *f = tmpfile();
    struct smtp_message m = to_all(bob, "");
    struct smtp_result r = {0};
    struct smtp_peer p;
    size_t n = 0;

    (void)state;
    for (int i = 0; i < 100000; i++)
        n += (size_t)fprintf(f, ".line %d\r\n", i);
    fflush(f);
    m.source.fd = fileno(f);
    for (size_t i = 0; i < 4; i++) {
        smtp_peer_start(&p, i == 0 ? "PIPELINING\nCHUNKING\n" : all_kinds[i]);
        assert_sent(smtp_send(p.url, &m, &r), &r);
        assert_int_equal(p.message[0].len, n);
        assert_memory_equal(p.message[0].data + n - 13, ".line 99999\r\n", 13);
        smtp_result_free(&r);
        smtp_peer_stop(&p);
    }
    fclose(f);
}

/* What was promised by BDAT must not be taken short. */
static int again_changed(void *arg)
{
    struct dripping *d = arg;

    d->at = 0;
    if (d->rewinds++ == 0)
        d->text = d->then;
    return 0;
}

/* Large enough to be under way before its end is known. */
static char *large(size_t n)
{
    char *text = malloc(n + 1);

    memset(text, 'x', n);
    for (size_t i = 70; i < n; i += 72)
        memcpy(text + i, "\r\n", 2);
    memcpy(text + n - 2, "\r\n", 3);
    return text;
}

static void change_the_source(const char *caps, bool lmtp)
{
    static const size_t then[] = {200072, 199928, 2, 300024};
    char *first = large(200000), *second;
    struct smtp_result r = {0};
    struct smtp_peer p;

    for (int i = 0; i < 4; i++) {
        struct smtp_message m = to_all(bob, "");
        struct dripping d = {.each = 10000};

        d.text = first;
        d.then = second = large(then[i]);
        m.source = (struct mail_source){
            .read = drip, .rewind = again_changed, .arg = &d};
        smtp_peer_start(&p, caps);
        if (lmtp)
            smtp_peer_is_lmtp(&p);
        assert_int_equal(smtp_send(p.url, &m, &r), SC_ESHORT);
        assert_int_equal(r.outcome, SMTP_NOT_SENT);
        smtp_peer_settle(&p);
        assert_int_equal(p.taken, 0);
        smtp_result_free(&r);
        smtp_peer_stop(&p);
        free(second);
    }
    free(first);
}

static void a_source_that_changes_is_not_sent(void **state)
{
    (void)state;
    change_the_source("PIPELINING\nCHUNKING\n", false);
    change_the_source("CHUNKING\n", false);
    change_the_source("PIPELINING\n", false);
    change_the_source("", false);
    change_the_source("PIPELINING\n", true);
    change_the_source("PIPELINING\nCHUNKING\n", true);
}

/* --- many at once --- */

enum { TASKS = 200, EACH = 5 };
static struct smtp_peer many;
static int all_sent;

static void send_some(void *arg)
{
    struct smtp_message m = to_all(bob, "hi\r\n");
    struct smtp_result r = {0};

    (void)arg;
    for (int i = 0; i < EACH; i++)
        all_sent += smtp_send(many.url, &m, &r) == 0;
    smtp_result_free(&r);
}

static void hundreds_of_tasks_send_at_once(void **state)
{
    struct sc_group *g;

    (void)state;
    smtp_peer_start(&many, ALL);
    all_sent = 0;
    g = sc_group_new(NULL, 0);
    for (int i = 0; i < TASKS; i++)
        sc_group_go(g, send_some, NULL);
    assert_int_equal(sc_group_wait(g), 0);
    assert_int_equal(all_sent, TASKS * EACH);
    assert_int_equal(many.taken, TASKS * EACH);
    assert_true(many.connections <= TASKS * EACH / 2); /* some were reused */
    smtp_peer_stop(&many);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(sources_of_all_kinds_send_the_same),
    cmocka_unit_test(a_source_that_fails_is_never_half_a_message),
    cmocka_unit_test(a_large_file_goes_as_it_is),
    cmocka_unit_test(a_source_that_changes_is_not_sent),
    cmocka_unit_test(hundreds_of_tasks_send_at_once),
};

TEST_MAIN(tests)
