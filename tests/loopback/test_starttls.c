/* test_starttls.c - from plain text to TLS in the middle of a dialogue
 * (RFC 3207, RFC 2595). The server is a task at the other end of a pair. */
#include "main.h"

#include <simpleclient/class.h>
#include <simpleclient/task.h>

#include "certs.h"

static struct certs certs;

struct server {
    Stream *s;
    const char *ready; /* what it answers to STARTTLS */
    const char *late;  /* and after a moment, or NULL */
    const char *cert;
};

static int read_line(Stream *s, char *to, size_t size)
{
    size_t n = 0;

    while (n + 1 < size && sc_stream_read(s, to + n, 1, NULL) == 1)
        if (to[n++] == '\n')
            break;
    to[n] = '\0';
    return (int)n;
}

static void say(Stream *s, const char *text)
{
    sc_stream_write(s, text, strlen(text), NULL);
}

static void wait_for_input(Stream *s)
{
    int pending = 0;

    for (int i = 0; i < 5000 && !pending; i++) {
        sc_stream_info(s, SC_INFO_PENDING, &pending);
        sc_sleep(1);
    }
}

/* Greet, upgrade, echo lines until the end. */
static void serve(void *arg)
{
    struct server *me = arg;
    struct sc_tls_options opt = {.server = 1, .cert = me->cert};
    char line[100];
    Stream *tls;

    say(me->s, "220 hello\r\n");
    read_line(me->s, line, sizeof line); /* STARTTLS */
    say(me->s, me->ready);
    if (me->late != NULL) {
        wait_for_input(me->s); /* the hello: the client has begun TLS */
        say(me->s, me->late);
    }
    tls = sc_tls_wrap(me->s, NULL, &opt, 5000, NULL);
    if (tls != NULL)
        me->s = tls;
    while (tls != NULL && read_line(tls, line, sizeof line) > 0)
        say(tls, line);
    sc_stream_close(me->s);
}

struct meeting {
    struct server server;
    int64_t task;
    struct sc_options opt;
    SimpleClient *c;
};

/* A class with a scheme: only TLS from the first byte makes it "talks". */
static const struct client_class talk_class = {
    .name = "talk",
    .scheme = "talk",
    .size = sizeof(SimpleClient),
    .greet = sc_client_greet,
    .reply = sc_client_reply,
    .quit = sc_client_quit,
    .cleanup = sc_client_cleanup,
};

static void begin(struct meeting *m, const char *cert, const char *ready,
                  const char *late)
{
    Stream *both[2];

    memset(m, 0, sizeof *m);
    assert_int_equal(sc_stream_pair(both, NULL), 0);
    m->server = (struct server){
        .s = both[0], .ready = ready, .late = late, .cert = cert};
    m->opt.tls.ca_file = certs.ca;
    m->opt.tls.host = "localhost";
    m->task = sc_task_go(NULL, serve, &m->server);
    m->c = sc_attach(&talk_class, both[1], &m->opt);
    assert_int_equal(sc_expect(m->c, 220, NULL), 220);
    assert_false(sc_client_is_tls(m->c));
    sc_writeline(m->c, "STARTTLS");
    assert_int_equal(sc_expect(m->c, 220, NULL), 220);
}

static void end(struct meeting *m)
{
    sc_close(m->c);
    sc_task_join(m->task);
}

static void the_dialogue_goes_on_inside(void **state)
{
    struct meeting m;
    struct sc_span line;

    (void)state;
    begin(&m, certs.good, "220 go\r\n", NULL);
    assert_int_equal(sc_starttls(m.c, NULL), 0);
    assert_true(sc_client_is_tls(m.c));
    sc_writeline(m.c, "EHLO %s", "me");
    assert_int_equal(sc_readline(m.c, &line), 0);
    assert_true(sc_span_eq(line, "EHLO me"));
    end(&m);
}

/* CVE-2011-0411: what came in plain text must not count as said inside. */
static void plaintext_before_tls_is_refused(void **state)
{
    struct meeting m;
    struct sc_span line;

    (void)state;
    begin(&m, certs.good, "220 go\r\n250 injected\r\n", NULL);
    assert_int_equal(sc_starttls(m.c, NULL), SC_EPLAINTEXT);
    assert_int_equal(sc_readline(m.c, &line), SC_EPLAINTEXT);
    end(&m);
}

static void plaintext_that_comes_later_is_not_tls(void **state)
{
    struct meeting m;

    (void)state;
    begin(&m, certs.good, "220 go\r\n", "250 injected\r\n");
    assert_int_equal(sc_starttls(m.c, NULL), SC_ETLS);
    end(&m);
}

static void a_wrong_name_breaks_the_client(void **state)
{
    struct meeting m;

    (void)state;
    begin(&m, certs.wrong, "220 go\r\n", NULL);
    assert_int_equal(sc_starttls(m.c, NULL), SC_ECERT);
    assert_non_null(strstr(sc_last_error(m.c)->text, "hostname mismatch"));
    assert_memory_equal(sc_last_error(m.c)->text, "talk ", 5);
    assert_int_equal(sc_writeline(m.c, "PASS secret"), SC_ECERT);
    end(&m);
}

static int setup(void **state)
{
    (void)state;
    return certs_make(&certs);
}

static int teardown(void **state)
{
    (void)state;
    certs_remove(&certs);
    return 0;
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(the_dialogue_goes_on_inside),
    cmocka_unit_test(plaintext_before_tls_is_refused),
    cmocka_unit_test(plaintext_that_comes_later_is_not_tls),
    cmocka_unit_test(a_wrong_name_breaks_the_client),
};

TEST_MAIN_WITH(tests, setup, teardown)
