/* test_connect.c - connecting: where to, refusals, silence, names, cancel,
 * paths. What many addresses do is in test_race.c. */
#include "main.h"

#include <sys/resource.h>

#include <simpleclient/client.h>

#include "dialler.h"
#include "sockets.h"

static void listener_is_reached_and_talked_to(void **state)
{
    struct sc_listener *l = sc_listen("127.0.0.1:0", NULL);
    Stream *s = sc_stream_connect(sc_listener_name(l), 0, NULL, NULL);
    Stream *peer = sc_accept(l, 2000, NULL);
    char text[8];

    (void)state;
    assert_non_null(s);
    assert_non_null(peer);
    assert_int_equal(sc_stream_write(s, "hello", 5, NULL), 0);
    assert_int_equal(sc_stream_read(peer, text, sizeof text, NULL), 5);
    assert_int_equal(sc_stream_write(peer, "you", 3, NULL), 0);
    assert_int_equal(sc_stream_read(s, text, sizeof text, NULL), 3);
    sc_stream_close(s);
    sc_stream_close(peer);
    sc_listener_close(l);
}

static void port_is_taken_from_the_call(void **state)
{
    struct sc_listener *l = sc_listen("[::1]:0", NULL);
    struct job like = {.server = "::1", .port = sc_listener_port(l)}, both[2];

    (void)state;
    connect_both_ways(both, &like);
    check_reached(&both[0], "::1");
    check_reached(&both[1], "::1");
    sc_listener_close(l);
}

static void refusal_names_address_and_reason(void **state)
{
    int deaf = bind4(INADDR_LOOPBACK, 0);
    struct job like = {.server = "127.0.0.1", .port = port_of(deaf)}, both[2];

    (void)state;
    connect_both_ways(both, &like);
    for (int i = 0; i < 2; i++) {
        check_failed(&both[i], SC_ECONNREFUSED, "127.0.0.1: ");
        assert_int_equal(both[i].err.phase, SC_PHASE_CONNECT);
        check_took(&both[i], 0, 1000);
    }
    close(deaf);
}

/* Whoever reports a failure names the server, once, however long it is. */
static void the_server_is_named_once(void **state)
{
    static const char host[] =
        "a-rather-long-host-name-of-more-than-forty-characters.test";
    struct sc_options opt = {.flags = SC_OPT_IPV4, .resolver = &player};
    int deaf = bind4(INADDR_LOOPBACK, 0), port = port_of(deaf);
    struct sc_error err = {0};
    char want[200], other[80];
    SimpleClient *c = sc_connect(host, port, &opt);

    (void)state;
    snprintf(want, sizeof want, "simple %s:%d: 127.0.0.1: %s", host, port,
             sc_strerror(SC_ECONNREFUSED));
    assert_string_equal(sc_last_error(c)->text, want);
    sc_close(c);
    assert_null(sc_stream_connect(host, port, &opt, &err));
    assert_string_equal(err.text, want + strlen("simple "));
    /* The one that was asked for, and the one that was tried. */
    snprintf(other, sizeof other, "::[::1]:%d", port);
    opt = (struct sc_options){.connect_to = other};
    assert_null(sc_stream_connect("b.test", 1, &opt, &err));
    snprintf(want, sizeof want, "b.test:1: [::1]:%d: ::1: %s", port,
             sc_strerror(SC_ECONNREFUSED));
    assert_string_equal(err.text, want);
    close(deaf);
}

static void bad_servers_are_refused(void **state)
{
    static struct job bad[] = {{.server = "", .port = 25},
                               {.server = "127.0.0.1", .port = 0},
                               {.server = "127.0.0.1", .port = 65536},
                               {.server = "127.0.0.1:0", .port = 25},
                               {.server = ":25", .port = 25},
                               {.server = "a b", .port = 25}};

    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        connect_it(&bad[i]);
        check_failed(&bad[i], SC_EINVAL, "");
    }
    assert_null(sc_stream_connect("a b", 25, NULL, NULL));
}

/* --- time --- */

static void silence_ends_in_time(void **state)
{
    struct silent dumb = silent4(INADDR_LOOPBACK, 0);
    struct job like = {.server = "127.0.0.1",
                       .port = dumb.port,
                       .opt.connect_ms = 120},
               both[2];

    (void)state;
    connect_both_ways(both, &like);
    for (int i = 0; i < 2; i++) {
        check_failed(&both[i], SC_ETIMEDOUT, "127.0.0.1");
        check_took(&both[i], 120, 5000);
    }
    silent_end(&dumb);
}

static void silence_inside_tls_ends_in_time(void **state)
{
    struct sc_listener *l = sc_listen("127.0.0.1:0", NULL);
    struct job like = {.server = sc_listener_name(l),
                       .opt = {.flags = SC_OPT_TLS, .connect_ms = 150}},
               both[2];

    (void)state;
    connect_both_ways(both, &like);
    for (int i = 0; i < 2; i++) {
        check_failed(&both[i], SC_ETIMEDOUT, "");
        assert_int_equal(both[i].err.phase, SC_PHASE_TLS);
        check_took(&both[i], 150, 5000);
    }
    sc_listener_close(l);
}

static void slow_name_does_not_outlast_the_deadline(void **state)
{
    struct job like = {.server = "late.test",
                       .port = 9,
                       .opt = {.resolver = &player, .connect_ms = 60}},
               both[2];

    (void)state;
    hold_late_lookups();
    connect_both_ways(both, &like);
    for (int i = 0; i < 2; i++) {
        check_failed(&both[i], SC_ETIMEDOUT, "late.test");
        assert_int_equal(both[i].err.phase, SC_PHASE_RESOLVE);
        check_took(&both[i], 60, 5000);
    }
    end_late_lookups();
}

/* --- names and options --- */

static void unknown_name_is_told(void **state)
{
    struct job j = {.server = "none.test", .port = 9, .opt.resolver = &player};

    (void)state;
    connect_it(&j);
    check_failed(&j, SC_ERESOLVE, "none.test");
}

static void family_flags_are_kept_to(void **state)
{
    int four = bind4(INADDR_LOOPBACK, 0), six = bind6(port_of(four));
    struct job j = {
        .server = "localhost", .port = port_of(four), .opt.flags = SC_OPT_IPV6};

    (void)state;
    listen(four, 5);
    listen(six, 5);
    connect_it(&j);
    check_reached(&j, "::1");
    j.opt.flags = SC_OPT_IPV4;
    connect_it(&j);
    check_reached(&j, "127.0.0.1");
    j.server = "127.0.0.1";
    j.opt.flags = SC_OPT_IPV6;
    connect_it(&j);
    check_failed(&j, SC_ERESOLVE, "127.0.0.1");
    close(four);
    close(six);
}

static void local_address_is_bound(void **state)
{
    struct sc_listener *l = sc_listen("127.0.0.1:0", NULL);
    struct job j = {.server = sc_listener_name(l),
                    .opt.local_address = "127.0.0.9"};

    (void)state;
    connect_it(&j);
    check_reached(&j, "127.0.0.1");
    assert_string_equal(j.local.address, "127.0.0.9");
    j.opt.local_address = "nonsense";
    connect_it(&j);
    check_failed(&j, SC_EINVAL, "");
    j.opt.local_address = "::1";
    connect_it(&j);
    check_failed(&j, -EAFNOSUPPORT, "127.0.0.1");
    sc_listener_close(l);
}

static void without_options_the_defaults_hold(void **state)
{
    struct sc_options defaults = {.flags = SC_OPT_IPV4,
                                  .resolver = &player,
                                  .local_address = "127.0.0.9"};
    struct sc_listener *l = sc_listen("127.0.0.1:0", NULL);
    struct sc_error err = {0};
    struct sc_peer who = {0};
    Stream *s;

    (void)state;
    assert_int_equal(sc_set_defaults(&defaults), 0);
    s = sc_stream_connect("default.test", sc_listener_port(l), NULL, &err);
    if (s == NULL)
        fail_msg("%s", err.text);
    assert_int_equal(sc_stream_info(s, SC_INFO_LOCAL, &who), 0);
    assert_string_equal(who.address, "127.0.0.9");
    sc_stream_close(s);
    defaults.flags = SC_OPT_TLS;
    defaults.total_ms = 100;
    assert_int_equal(sc_set_defaults(&defaults), 0);
    assert_null(sc_stream_connect(sc_listener_name(l), 0, NULL, &err));
    assert_int_equal(err.code, SC_ETIMEDOUT); /* nobody answers in TLS */
    assert_int_equal(err.phase, SC_PHASE_TLS);
    assert_int_equal(sc_set_defaults(NULL), 0);
    sc_listener_close(l);
}

static void failed_connect_forgets_the_name(void **state)
{
    int deaf = bind4(INADDR_LOOPBACK, 0);
    struct job j = {
        .server = "four.test", .port = port_of(deaf), .opt.resolver = &player};

    (void)state;
    atomic_store(&lookups, 0);
    atomic_store(&lookups_ended, 0);
    connect_it(&j);
    connect_it(&j);
    assert_int_equal(atomic_load(&lookups), 2);
    listen(deaf, 5);
    connect_it(&j);
    check_reached(&j, "127.0.0.1");
    connect_it(&j);
    check_reached(&j, "127.0.0.1");
    assert_int_equal(atomic_load(&lookups), 3);
    close(deaf);
}

/* --- cancel --- */

static void check_cancel(struct job *j, int64_t task)
{
    assert_int_equal(sc_task_cancel(task), 0);
    assert_int_equal(sc_run(), 0);
    check_failed(j, SC_ECANCELED, "");
    check_took(j, 0, 5000);
}

static void cancel_ends_a_lookup(void **state)
{
    struct job j = {
        .server = "late-too.test", .port = 9, .opt.resolver = &player};
    int64_t task;

    (void)state;
    hold_late_lookups();
    task = sc_task_go(NULL, connect_it, &j);
    for (int i = 0; i < 5000 && atomic_load(&lookups) == 0; i++)
        sc_sleep(1);
    assert_int_equal(atomic_load(&lookups), 1);
    check_cancel(&j, task);
    end_late_lookups();
}

static void cancel_ends_connecting(void **state)
{
    struct silent dumb = silent4(INADDR_LOOPBACK, 0);
    struct job j = {.server = "127.0.0.1", .port = dumb.port};
    int64_t task = sc_task_go(NULL, connect_it, &j);

    (void)state;
    wait_for_descriptors(3); /* two of the silent host, one that connects */
    check_cancel(&j, task);
    silent_end(&dumb);
}

/* --- Unix sockets --- */

static void path_is_reached_or_refused(void **state)
{
    char path[64];
    struct job like = {.server = path, .port = 80}, both[2];
    struct sc_listener *l;

    (void)state;
    snprintf(path, sizeof path, "/tmp/sc-connect-%d", (int)getpid());
    l = sc_listen(path, NULL);
    connect_both_ways(both, &like);
    check_reached(&both[0], path);
    check_reached(&both[1], path);
    sc_listener_close(l);
    connect_both_ways(both, &like);
    check_failed(&both[0], -ENOENT, path);
    check_failed(&both[1], -ENOENT, path);
}

static void full_path_ends_in_time(void **state)
{
    char path[64];
    struct job like = {.server = path, .opt.connect_ms = 100}, both[2];
    int l, filler;

    (void)state;
    snprintf(path, sizeof path, "/tmp/sc-full-%d", (int)getpid());
    l = bind_path(path);
    assert_int_equal(listen(l, 0), 0);
    filler = dial_path(path); /* its queue holds one */
    connect_both_ways(both, &like);
    for (int i = 0; i < 2; i++) {
        check_failed(&both[i], SC_ETIMEDOUT, path);
        check_took(&both[i], 100, 5000);
    }
    close(l);
    close(filler);
    unlink(path);
}

/* --- descriptors --- */

static void no_descriptor_is_told(void **state)
{
    struct sc_listener *l = sc_listen("127.0.0.1:0", NULL);
    struct job j = {.server = sc_listener_name(l)};
    struct rlimit old, none;
    int next = dup(0);

    (void)state;
    close(next);
    getrlimit(RLIMIT_NOFILE, &old);
    none = old;
    none.rlim_cur = (rlim_t)next;
    setrlimit(RLIMIT_NOFILE, &none);
    connect_it(&j);
    setrlimit(RLIMIT_NOFILE, &old);
    check_failed(&j, SC_EMFILE, "127.0.0.1");
    connect_it(&j);
    check_reached(&j, "127.0.0.1");
    sc_listener_close(l);
}

static const struct CMUnitTest tests[] = {
    TEST_CLOSING_ALL(listener_is_reached_and_talked_to),
    TEST_CLOSING_ALL(port_is_taken_from_the_call),
    TEST_CLOSING_ALL(refusal_names_address_and_reason),
    TEST_CLOSING_ALL(the_server_is_named_once),
    TEST_CLOSING_ALL(bad_servers_are_refused),
    TEST_CLOSING_ALL(silence_ends_in_time),
    TEST_CLOSING_ALL(silence_inside_tls_ends_in_time),
    TEST_CLOSING_ALL(slow_name_does_not_outlast_the_deadline),
    TEST_CLOSING_ALL(unknown_name_is_told),
    TEST_CLOSING_ALL(family_flags_are_kept_to),
    TEST_CLOSING_ALL(local_address_is_bound),
    TEST_CLOSING_ALL(without_options_the_defaults_hold),
    TEST_CLOSING_ALL(failed_connect_forgets_the_name),
    TEST_CLOSING_ALL(cancel_ends_a_lookup),
    TEST_CLOSING_ALL(cancel_ends_connecting),
    TEST_CLOSING_ALL(path_is_reached_or_refused),
    TEST_CLOSING_ALL(full_path_ends_in_time),
    TEST_CLOSING_ALL(no_descriptor_is_told),
};

TEST_MAIN(tests)
