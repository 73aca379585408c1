/* test_url_memory.c - every allocation of an ftp: transfer, a list, an upload, a
 * data: and a file: URL fails once: it is told, or done without (leaks are for the
 * sanitizer to find). Only the client's: its server runs in tasks. */
#include "main.h"

#include <stdlib.h>
#include <unistd.h>

#include <simpleclient/url.h>

#include "ftp_peer.h"
#include "gopher_peer.h"

static long left = -1; /* allocations until one fails; negative: none does */

static bool fails(void)
{
    return left >= 0 && sc_task_self() == 0 && left-- == 0;
}

static void *failing_malloc(size_t n)
{
    return fails() ? NULL : malloc(n);
}

static void *failing_realloc(void *p, size_t n)
{
    return fails() ? NULL : realloc(p, n);
}

static int take_over(void **state)
{
    static const struct sc_allocator mine = {failing_malloc, failing_realloc,
                                             free};

    (void)state;
    return sc_set_allocator(&mine);
}

#define TEXT "0123456789abcdef\r\n"

static struct ftp_peer peer;
static const struct sc_options usual = {
    .starttls = SC_STARTTLS_NEVER, .wait_ms = 2000, .flags = SC_OPT_NO_POOL};

/* STEP until all went well twice in a row; what succeeds must be whole. */
static void each_fails(int (*step)(void))
{
    int well = 0;

    for (long n = 0; well < 2; n++) {
        int rc;

        left = n;
        rc = step();
        well = left < 0 ? 0 : well + 1;
        left = -1;
        if (rc < 0 && rc != SC_ENOMEM)
            fail_msg("allocation %ld: %d", n, rc);
        if (well > 0)
            assert_int_equal(rc, 0);
        assert_true(n < 2000);
    }
}

static int get(const char *url, const struct url_options *o, const char *text)
{
    struct url_reply r = {0};
    int rc = url_get(url, o, &r);

    if (rc == 0)
        assert_string_equal(r.body.data, text);
    else
        assert_true(r.error.code == rc && r.error.text[0] != '\0');
    url_reply_free(&r);
    return rc;
}

static int get_file(void)
{
    const struct url_options o = {.options = &usual};

    return get(peer.url, &o, TEXT);
}

static int get_by_ways(void)
{
    static const char *const ready[] = {"NOOP", NULL};
    const struct ftp_options how = {
        .cwd = FTP_MULTI_CWD, .ready = ready, .flags = FTP_ACTIVE};
    const struct url_options o = {.options = &usual, .ftp = &how, .offset = 10};
    char url[100];

    snprintf(url, sizeof url, "%.*s/a/b;type=i", (int)(strlen(peer.url) - 5),
             peer.url);
    return get(url, &o, TEXT + 10);
}

static int entries;

static int see(void *arg, const struct url_entry *e)
{
    (void)arg;
    entries += e->name[0] != '\0';
    return 0;
}

static int list(void)
{
    const struct url_options o = {.options = &usual};
    int rc;

    entries = 0;
    rc = url_list(peer.url, &o, see, NULL, NULL);
    if (rc == 0)
        assert_int_equal(entries, 2);
    return rc;
}

static int put(void)
{
    const struct url_options o = {.options = &usual};
    const struct mail_source from = {.data = SC_SPAN("hello")};
    int rc, whole = peer.whole;

    rc = url_put(peer.url, &from, &o, NULL);
    if (rc == 0)
        assert_int_equal(peer.whole, whole + 1);
    return rc;
}

static int data(void)
{
    return get("data:text/plain;base64,aGVsbG8=", NULL, "hello");
}

static int data_as_file(void)
{
    struct sc_error e = {0};
    char line[20];
    FILE *f = url_fopen("data:,hello", NULL, &e);

    if (f == NULL)
        return e.code;
    assert_string_equal(fgets(line, sizeof line, f), "hello");
    return fclose(f);
}

static void ftp_files_come_or_memory_is_out(void **state)
{
    (void)state;
    ftp_peer_start(&peer, TEXT);
    each_fails(get_file);
    each_fails(get_by_ways);
    peer.features = " MLST type*;\n";
    peer.facts = "type=file; a\r\ntype=dir; b\r\n";
    each_fails(list);
    each_fails(put);
    ftp_peer_stop(&peer);
}

static void what_needs_no_server(void **state)
{
    (void)state;
    each_fails(data);
    each_fails(data_as_file);
}

static struct gopher_peer gopher;

static int get_text(void)
{
    const struct url_options o = {.options = &usual};
    char url[100];

    snprintf(url, sizeof url, "%s0/x", gopher.url);
    return get(url, &o, "one\r\n");
}

static int list_menu(void)
{
    const struct url_options o = {.options = &usual};

    return url_list(gopher.url, &o, see, NULL, NULL);
}

static void gopher_answers_come_or_memory_is_out(void **state)
{
    (void)state;
    gopher_peer_start(&gopher, "one\r\n.\r\n");
    each_fails(get_text);
    gopher.answer = sc_span_of("0a\t/a\texample.org\t70\r\n.\r\n");
    each_fails(list_menu);
    gopher_peer_stop(&gopher);
}

static char path[] = "/tmp/sc-url-memory-XXXXXX", file_url[60];

static int get_path(void)
{
    return get(file_url, NULL, "hello");
}

static int list_path(void)
{
    return url_list("file:///dev/fd", NULL, see, NULL, NULL);
}

static int put_path(void)
{
    const struct mail_source from = {.data = SC_SPAN("hello")};

    return url_put(file_url, &from, NULL, NULL);
}

static void files_come_or_memory_is_out(void **state)
{
    int fd = mkstemp(path);

    (void)state;
    snprintf(file_url, sizeof file_url, "file://%s", path);
    close(fd);
    each_fails(put_path);
    each_fails(get_path);
    each_fails(list_path);
    unlink(path);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(what_needs_no_server),
    cmocka_unit_test(files_come_or_memory_is_out),
    cmocka_unit_test(ftp_files_come_or_memory_is_out),
    cmocka_unit_test(gopher_answers_come_or_memory_is_out),
};

TEST_MAIN_WITH(tests, take_over, NULL)
