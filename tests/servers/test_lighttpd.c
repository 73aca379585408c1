/* test_lighttpd.c - the same calls against a server of another make: Digest by
 * MD5 and SHA-256, uploads of unknown length to a CGI script, 100 (Continue),
 * HTTP/1.0. Skipped (77) without lighttpd. */
#include "main.h"

#include <simpleclient/http_session.h>
#include <simpleclient/httplib.h>

#include "server.h"

static struct server lighttpd;
static struct sc_listener *behind; /* where /talk leads to */
static struct http_reply reply;

static const char conf[] =
    "server.document-root = \"%s/root\"\n"
    "server.bind = \"127.0.0.1\"\n"
    "server.port = %d\n"
    "server.errorlog = \"%s/error\"\n"
    "server.upload-dirs = ( \"%s\" )\n"
    "server.modules = ( \"mod_auth\", \"mod_authn_file\", \"mod_cgi\","
    " \"mod_wstunnel\" )\n"
    "wstunnel.server = ( \"/talk\" => (("
    " \"host\" => \"127.0.0.1\", \"port\" => \"%d\" )) )\n"
    "auth.backend = \"htdigest\"\n"
    "auth.backend.htdigest.userfile = \"%s/htdigest\"\n"
    "auth.require = (\n"
    " \"/md5/\" => (\"method\" => \"digest\", \"algorithm\" => \"MD5\","
    "  \"realm\" => \"old\", \"require\" => \"valid-user\" ),\n"
    " \"/sha/\" => (\"method\" => \"digest\", \"algorithm\" => \"SHA-256\","
    "  \"realm\" => \"new\", \"require\" => \"valid-user\" ) )\n"
    "cgi.assign = ( \".cgi\" => \"/bin/sh\" )\n"
    "server.max-request-size = 20000\n";

/* What came, as others count it. */
static const char script[] = "#!/bin/sh\n"
                             "printf 'Content-Type: text/plain\\r\\n\\r\\n'\n"
                             "echo \"$REQUEST_METHOD $SERVER_PROTOCOL"
                             " $(sha256sum | cut -d' ' -f1)\"\n";

/* joe's password is secret: by md5sum and sha256sum of joe:REALM:secret. */
static int make_htdigest(void)
{
    char command[400];

    snprintf(command, sizeof command,
             "{ printf 'joe:old:'; printf joe:old:secret | md5sum | cut -c1-32;"
             " printf 'joe:new:'; printf joe:new:secret | sha256sum |"
             " cut -c1-64; } >%s/htdigest",
             lighttpd.dir);
    return system(command);
}

static int start(void **state)
{
    const char *d = lighttpd.dir;
    char text[2000], path[128];

    (void)state;
    lighttpd.port = server_free_port();
    if ((behind = sc_listen("127.0.0.1:0", NULL)) == NULL ||
        server_make_dir(&lighttpd) < 0 || server_mkdir(&lighttpd, "root") < 0 ||
        server_mkdir(&lighttpd, "root/md5") < 0 ||
        server_mkdir(&lighttpd, "root/sha") < 0 || make_htdigest() != 0)
        return -1;
    snprintf(text, sizeof text, conf, d, lighttpd.port, d, d,
             sc_listener_port(behind), d);
    snprintf(path, sizeof path, "%s/conf", d);
    if (server_write(&lighttpd, "conf", text) < 0 ||
        server_write(&lighttpd, "root/md5/a", "by MD5") < 0 ||
        server_write(&lighttpd, "root/sha/a", "by SHA-256") < 0 ||
        server_write(&lighttpd, "root/what.cgi", script) < 0 ||
        server_spawn(&lighttpd, (const char *const[]){"lighttpd", "-D", "-f",
                                                      path, NULL}) < 0)
        return -1;
    return server_wait(&lighttpd, lighttpd.port);
}

static int stop(void **state)
{
    (void)state;
    http_reply_free(&reply);
    server_end(&lighttpd, SIGTERM);
    sc_listener_close(behind);
    server_remove_dir(&lighttpd);
    return 0;
}

/* LOGIN: "joe:secret@" or "". */
static const char *url(const char *login, const char *path)
{
    static char text[160];

    snprintf(text, sizeof text, "http://%s127.0.0.1:%d%s", login, lighttpd.port,
             path);
    return text;
}

static void ask(struct http_request q, const char *login, const char *path,
                int status)
{
    q.url = url(login, path);
    if (http_request(&q, &reply) < 0)
        fail_msg("%s: %s", path, reply.error.text);
    assert_int_equal(reply.status, status);
}

static void digest_opens(const char *path, const char *body)
{
    struct http_request digest = {.flags = HTTP_DIGEST};

    ask((struct http_request){0}, "", path, 401);
    ask(digest, "joe:secret@", path, 200);
    assert_string_equal(reply.body.data, body);
    assert_int_equal(reply.nhops, 2);
    assert_int_equal(reply.hops[0].status, 401);
    ask(digest, "joe:wrong@", path, 401);
    ask(digest, "amy:secret@", path, 401);
}

static void lighttpd_wants_a_digest_by_md5(void **state)
{
    (void)state;
    digest_opens("/md5/a", "by MD5");
}

static void lighttpd_wants_a_digest_by_sha_256(void **state)
{
    (void)state;
    digest_opens("/sha/a", "by SHA-256");
    assert_non_null(
        strstr(http_header(&reply, "www-authenticate", ""), "SHA-256"));
}

static void a_digest_is_chosen_among_all(void **state)
{
    (void)state;
    ask((struct http_request){.flags = HTTP_ANY_LOGIN}, "joe:secret@", "/md5/a",
        200);
    ask((struct http_request){.flags = HTTP_ANY_LOGIN}, "joe:secret@", "/sha/a",
        200);
}

/* RFC 7616 section 3.3: the next request goes with the nonce that is known. */
static void a_session_logs_in_once(void **state)
{
    struct http_session *s = http_session_new(NULL);
    struct http_request q = {.session = s, .flags = HTTP_DIGEST};

    (void)state;
    assert_int_equal(http_session_login(s, url("", "/"), "joe", "secret"), 0);
    ask(q, "", "/sha/a", 200);
    assert_int_equal(reply.nhops, 2);
    for (int i = 0; i < 5; i++) {
        ask(q, "", "/sha/a", 200);
        assert_int_equal(reply.nhops, 1);
    }
    http_session_free(s);
}

static void digest_and_query(void **state)
{
    (void)state;
    ask((struct http_request){.flags = HTTP_DIGEST}, "joe:secret@",
        "/sha/a?x=%20,%22y", 200);
    ask((struct http_request){.flags = HTTP_DIGEST, .method = "HEAD"},
        "joe:secret@", "/sha/a", 200);
}

/* --- uploads --- */

enum { LONG = 3000001 };

static ssize_t give_a(void *arg, void *buf, size_t n)
{
    size_t *left = arg;

    n = n > *left ? *left : n;
    memset(buf, 'a', n);
    *left -= n;
    return (ssize_t)n;
}

/* What sha256sum says of N times 'a'. */
static void expect_sum(const char *method, long n)
{
    char command[120], want[120], sum[65] = "";
    FILE *f;

    snprintf(command, sizeof command,
             "head -c %ld /dev/zero | tr '\\0' a |"
             " sha256sum",
             n);
    f = popen(command, "r");
    assert_int_equal(fread(sum, 1, 64, f), 64);
    pclose(f);
    snprintf(want, sizeof want, "%s HTTP/1.1 %s\n", method, sum);
    assert_string_equal(reply.body.data, want);
}

static int interim;
static int see_interim(void *arg, const struct http_reply *r)
{
    (void)arg;
    interim += r->status == 100;
    return 0;
}

static void upload(uint64_t length, unsigned flags)
{
    size_t left = LONG;
    struct http_source from = {.length = length, .read = give_a, .arg = &left};
    struct http_request q = {.source = &from,
                             .flags = flags,
                             .expect_ms = 20000,
                             .on_head = see_interim};

    interim = 0;
    ask(q, "", "/what.cgi", 200);
    expect_sum("POST", LONG);
}

static void lighttpd_says_continue(void **state)
{
    (void)state;
    upload(LONG, HTTP_EXPECT);
    assert_int_equal(interim, 1);
    upload(LONG, HTTP_NO_EXPECT);
    assert_int_equal(interim, 0);
}

static void lighttpd_takes_a_body_of_unknown_length(void **state)
{
    (void)state;
    upload(HTTP_UNKNOWN, HTTP_EXPECT);
    assert_int_equal(interim, 1);
    upload(HTTP_UNKNOWN, HTTP_NO_EXPECT);
}

static void lighttpd_takes_an_empty_body(void **state)
{
    (void)state;
    assert_int_equal(
        http_post(url("", "/what.cgi"), NULL, (struct sc_span){0}, &reply), 0);
    assert_int_equal(reply.status, 200);
    expect_sum("POST", 0);
}

static void lighttpd_refuses_a_body_beyond_its_limit(void **state)
{
    size_t left = 30 << 20;
    struct http_source from = {.length = left, .read = give_a, .arg = &left};

    (void)state;
    ask((struct http_request){.source = &from}, "", "/what.cgi", 413);
    assert_int_equal(left, 30 << 20);
    ask((struct http_request){.source = &from, .flags = HTTP_NO_EXPECT}, "",
        "/what.cgi", 413);
}

/* --- the old version --- */

static void lighttpd_answers_http_1_0(void **state)
{
    (void)state;
    ask((struct http_request){.flags = HTTP_VERSION_10}, "", "/what.cgi", 200);
    assert_int_equal(reply.version, 10);
    assert_string_equal(http_header(&reply, "transfer-encoding", ""), "");
    assert_non_null(strstr(reply.body.data, "GET HTTP/1.0 "));
}

/* --- in steps --- */

static HTTPClient *open_it(void)
{
    char where[64];

    snprintf(where, sizeof where, "127.0.0.1:%d", lighttpd.port);
    return http_open(where, NULL);
}

static void steps_wait_for_the_word(void **state)
{
    HTTPClient *h = open_it();
    struct sc_span line;

    (void)state;
    for (int i = 0; i < 2; i++) {
        http_putrequest(h, "POST", "/what.cgi");
        http_putheader(h, "Transfer-Encoding", "chunked");
        http_putheader(h, "Expect", "100-continue");
        http_endheaders(h);
        assert_int_equal(http_await_continue(h, 20000), 1);
        http_send(h, "aaaa", 4);
        http_send(h, "aaaaaa", 6);
        assert_int_equal(http_getreply(h, &reply), 0);
        assert_int_equal(reply.status, 200);
        assert_int_equal(http_getline(h, &line), 0);
        reply.body.len = 0;
        sc_buf_add(&reply.body, line.data, line.len);
        sc_buf_add(&reply.body, "\n", 1);
        expect_sum("POST", 10);
        assert_int_equal(http_getline(h, &line), SC_EOF);
    }
    assert_int_equal(http_close(h), 0);
}

static void answer_behind(void *arg)
{
    Stream *s = sc_accept(behind, 10000, NULL);
    char text[10];
    ssize_t n = s != NULL ? sc_stream_read(s, text, sizeof text, NULL) : -1;

    *(bool *)arg = n == 2 && memcmp(text, "hi", 2) == 0;
    if (n > 0)
        sc_stream_write(s, "yo", 2, NULL);
    sc_stream_close(s);
}

/* RFC 6455 section 1.3 has the key and what follows from it; section 5.7 the
 * frames. The mask is of zeros. */
static void lighttpd_switches_to_another_protocol(void **state)
{
    HTTPClient *h = open_it();
    bool heard = false;
    int64_t task = sc_task_go(NULL, answer_behind, &heard);
    char frame[16] = "";
    size_t got = 0;
    Stream *s;

    (void)state;
    http_putrequest(h, "GET", "/talk");
    http_putheader(h, "Connection", "Upgrade");
    http_putheader(h, "Upgrade", "websocket");
    http_putheader(h, "Sec-WebSocket-Version", "13");
    http_putheader(h, "Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ==");
    http_endheaders(h);
    if (http_getreply(h, &reply) < 0)
        fail_msg("%s", sc_last_error(http_base(h))->text);
    assert_int_equal(reply.status, 101);
    assert_string_equal(http_header(&reply, "Sec-WebSocket-Accept", ""),
                        "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
    assert_non_null(s = http_detach(h));
    assert_int_equal(sc_stream_write(s, "\x82\x82\0\0\0\0hi", 8, NULL), 0);
    while (got < 4) {
        ssize_t n = sc_stream_read(s, frame + got, sizeof frame - got, NULL);

        assert_true(n > 0);
        got += (size_t)n;
    }
    assert_memory_equal(frame + 1, "\2yo", 3);
    sc_stream_close(s);
    http_close(h);
    sc_task_join(task);
    assert_true(heard);
}

/* --- curl opens the same --- */

static void curl_is_answered_the_same(void **state)
{
    char command[300], said[100] = "";
    FILE *f;

    (void)state;
    if (!server_installed("curl"))
        skip();
    snprintf(command, sizeof command, "curl -sq --digest -u joe:secret %s",
             url("", "/sha/a"));
    f = popen(command, "r");
    assert_true(fread(said, 1, sizeof said - 1, f) > 0);
    pclose(f);
    assert_string_equal(said, "by SHA-256");
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(lighttpd_wants_a_digest_by_md5),
    cmocka_unit_test(lighttpd_wants_a_digest_by_sha_256),
    cmocka_unit_test(a_digest_is_chosen_among_all),
    cmocka_unit_test(a_session_logs_in_once),
    cmocka_unit_test(digest_and_query),
    cmocka_unit_test(lighttpd_says_continue),
    cmocka_unit_test(lighttpd_takes_a_body_of_unknown_length),
    cmocka_unit_test(lighttpd_takes_an_empty_body),
    cmocka_unit_test(lighttpd_refuses_a_body_beyond_its_limit),
    cmocka_unit_test(lighttpd_answers_http_1_0),
    cmocka_unit_test(steps_wait_for_the_word),
    cmocka_unit_test(lighttpd_switches_to_another_protocol),
    cmocka_unit_test(curl_is_answered_the_same),
};

int main(int argc, char **argv)
{
    if (!server_installed("lighttpd"))
        return 77;
    return test_main(__FILE__, tests, sizeof tests / sizeof tests[0], argc,
                     argv, start, stop);
}
