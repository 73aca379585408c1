/* test_classes.c - every slot of every class table is filled. */
#include "talk.h"

#include <simpleclient/http.h>
#include <simpleclient/pop3.h>

#include "ftp/ftp_client.h"
#include "gopher/gopher_client.h"
#include "nntp/nntp_client.h"
#include "smtp/smtp_client.h"
#include "url/url_handle.h"

static void check_scheme(const struct url_scheme *s)
{
    assert_non_null(s->name);
    assert_non_null(s->connect);
    assert_non_null(s->open);
    assert_non_null(s->read);
    assert_non_null(s->list);
    assert_non_null(s->put);
    assert_non_null(s->close);
}

static void check_client(const struct client_class *c)
{
    assert_non_null(c->name);
    assert_in_range(c->size, sizeof(SimpleClient), 4096);
    assert_non_null(c->greet);
    assert_non_null(c->reply);
    assert_non_null(c->quit);
    assert_non_null(c->cleanup);
}

static void check_stream(Stream *s)
{
    const struct stream_class *c = s->cls;

    assert_non_null(c->name);
    assert_true(c->size >= sizeof(Stream));
    assert_non_null(c->read);
    assert_non_null(c->writev);
    assert_non_null(c->sendfile);
    assert_non_null(c->shutdown);
    assert_non_null(c->interrupt);
    assert_non_null(c->info);
    assert_non_null(c->cleanup);
}

static void client_classes_are_whole(void **state)
{
    HTTPClient *h = http_open("", NULL); /* fails, and is of its class */
    POP3Client *p = pop3_open("", NULL);

    (void)state;
    check_client(&sc_simple_class);
    check_client(http_base(h)->cls);
    check_client(&smtp_class.base);
    check_client(&smtp_lmtp_class.base);
    check_client(&nntp_class);
    check_client(&nntp_transit_class);
    check_client(&ftp_class);
    check_client(&gopher_class);
    http_close(h);
    check_client(pop3_base(p)->cls);
    pop3_close(p);
}

static void schemes_are_whole(void **state)
{
    (void)state;
    for (int i = 0; url_schemes[i] != NULL; i++)
        check_scheme(url_schemes[i]);
}

static void stream_classes_are_whole(void **state)
{
    Stream *both[2], *s;

    (void)state;
    assert_int_equal(sc_stream_pair(both, NULL), 0);
    check_stream(both[0]);
    check_stream(both[1]);
    sc_stream_close(both[0]);
    s = sc_record_wrap(both[1], sc_null_sink, NULL, NULL);
    check_stream(s);
    sc_stream_close(s);
    s = sc_stream_file("/etc/passwd", 0, 0, UINT64_MAX, NULL);
    check_stream(s);
    sc_stream_close(s);
    s = sc_script_open("S: a\nS: b\n", 0, NULL);
    check_stream(s);
    sc_stream_close(s);
}

static void a_detached_stream_with_unread_bytes_is_whole(void **state)
{
    struct talk t = talk_to("S: a\nS: b\n", 0);
    struct sc_span line;
    char got[8];
    Stream *s;

    (void)state;
    assert_int_equal(sc_readline(t.c, &line), 0);
    s = sc_detach(t.c);
    assert_non_null(s);
    check_stream(s);
    assert_int_equal(sc_stream_read(s, got, sizeof got, NULL), 3);
    assert_memory_equal(got, "b\r\n", 3);
    assert_int_equal(sc_stream_read(s, got, sizeof got, NULL), 0);
    sc_stream_close(s);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(client_classes_are_whole),
    cmocka_unit_test(schemes_are_whole),
    cmocka_unit_test(stream_classes_are_whole),
    cmocka_unit_test(a_detached_stream_with_unread_bytes_is_whole),
};

TEST_MAIN(tests)
