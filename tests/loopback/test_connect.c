/* test_connect.c - connecting: raced addresses, refusals, silence, cancel. A
 * listener whose queue is full stands for a host that does not answer. */
#include "main.h"

#include <arpa/inet.h>
#include <dirent.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdatomic.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <simpleclient/stream.h>
#include <simpleclient/task.h>
#include <simpleclient/udp.h>

static int open_descriptors(void)
{
    DIR *d = opendir("/proc/self/fd");
    int n = 0;

    while (readdir(d) != NULL)
        n++;
    closedir(d);
    return n;
}

/* --- names of the test --- */

static atomic_int calls, ended;

static int answer(const char *name, struct sc_addresses *out)
{
    if (strncmp(name, "late", 4) == 0)
        usleep(500000);
    if (strcmp(name, "none.test") == 0)
        return SC_ERESOLVE;
    if (strcmp(name, "six.test") != 0)
        sc_addresses_add(out, "127.0.0.1");
    if (strcmp(name, "three.test") == 0) {
        sc_addresses_add(out, "127.0.0.2");
        sc_addresses_add(out, "127.0.0.3");
    }
    for (int i = 10; strcmp(name, "many.test") == 0 && i < 40; i++) {
        char text[32];

        snprintf(text, sizeof text, "127.0.1.%d", i);
        sc_addresses_add(out, text);
    }
    if (strcmp(name, "four.test") != 0)
        sc_addresses_add(out, "::1");
    return 0;
}

static int play(const char *name, struct sc_addresses *out)
{
    int rc;

    atomic_fetch_add(&calls, 1);
    rc = answer(name, out);
    atomic_fetch_add(&ended, 1);
    return rc;
}

/* Lookups that nobody waits for any more go on in their threads. */
static void wait_for_late_lookups(void)
{
    for (int i = 0; i < 5000 && atomic_load(&ended) < atomic_load(&calls); i++)
        sc_sleep(1);
    assert_int_equal(atomic_load(&ended), atomic_load(&calls));
}
static const struct sc_resolver player = {play};

/* --- listeners of the test --- */

static int port_of(int fd)
{
    struct sockaddr_storage sa;
    socklen_t len = sizeof sa;

    getsockname(fd, (struct sockaddr *)&sa, &len);
    return ntohs(((struct sockaddr_in *)&sa)->sin_port);
}

static int bind4(uint32_t host, int port)
{
    struct sockaddr_in at = {.sin_family = AF_INET, .sin_port = htons(port)};
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0), on = 1;

    at.sin_addr.s_addr = htonl(host);
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    assert_int_equal(bind(fd, (struct sockaddr *)&at, sizeof at), 0);
    return fd;
}

static int bind6(int port)
{
    struct sockaddr_in6 at = {.sin6_family = AF_INET6,
                              .sin6_port = htons(port),
                              .sin6_addr = IN6ADDR_LOOPBACK_INIT};
    int fd = socket(AF_INET6, SOCK_STREAM | SOCK_NONBLOCK, 0), on = 1;

    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof on);
    assert_int_equal(bind(fd, (struct sockaddr *)&at, sizeof at), 0);
    return fd;
}

/* Bound, not listening: the port refuses, and nobody else can take it. */
static int deaf4(void)
{
    return bind4(INADDR_LOOPBACK, 0);
}

/* A full queue: later connects get no answer. */
struct silent {
    int fd[4]; /* the listener, and those that fill it */
    int port;
};

static struct silent silent4(uint32_t host, int port)
{
    struct silent s = {.fd = {bind4(host, port)}};
    struct sockaddr_in to = {.sin_family = AF_INET};

    s.port = port_of(s.fd[0]);
    listen(s.fd[0], 0);
    to.sin_port = htons(s.port);
    to.sin_addr.s_addr = htonl(host);
    for (int i = 1; i < 4; i++) {
        s.fd[i] = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
        connect(s.fd[i], (struct sockaddr *)&to, sizeof to);
    }
    usleep(20000);
    return s;
}

static void silent_end(struct silent *s)
{
    for (int i = 0; i < 4; i++)
        close(s->fd[i]);
}

/* --- one connect, here or in a task --- */

struct job {
    const char *server;
    int port;
    struct sc_options opt;
    Stream *s;
    struct sc_error err;
    int64_t took;
};

static void connect_it(void *arg)
{
    struct job *j = arg;
    int64_t begun = sc_now();

    j->s = sc_stream_connect(j->server, j->port, &j->opt, &j->err);
    j->took = sc_now() - begun;
}

static void connect_in_task(struct job *j)
{
    assert_true(sc_task_go(NULL, connect_it, j) > 0);
    assert_int_equal(sc_run(), 0);
}

typedef void way(struct job *j);

static void connect_here(struct job *j)
{
    connect_it(j);
}

static way *const ways[] = {connect_here, connect_in_task};

static void check_reached(struct job *j, const char *address)
{
    struct sc_peer who = {0};

    if (j->s == NULL)
        fail_msg("%s", j->err.text);
    assert_int_equal(sc_stream_info(j->s, SC_INFO_PEER, &who), 0);
    assert_string_equal(who.address, address);
    sc_stream_close(j->s);
}

static void check_failed(struct job *j, int code, const char *words)
{
    assert_null(j->s);
    if (j->err.code != code || strstr(j->err.text, words) == NULL)
        fail_msg("%d: %s", j->err.code, j->err.text);
}

/* --- the tests --- */

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

    (void)state;
    for (int i = 0; i < 2; i++) {
        struct job j = {.server = "::1", .port = sc_listener_port(l)};

        ways[i](&j);
        check_reached(&j, "::1");
    }
    sc_listener_close(l);
}

static void refusal_names_address_and_reason(void **state)
{
    int deaf = deaf4();

    (void)state;
    for (int i = 0; i < 2; i++) {
        struct job j = {.server = "127.0.0.1", .port = port_of(deaf)};

        ways[i](&j);
        check_failed(&j, SC_ECONNREFUSED, "127.0.0.1: ");
        assert_int_equal(j.err.phase, SC_PHASE_CONNECT);
        assert_true(j.took < 1000);
    }
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

static void first_address_dead_second_wins(void **state)
{
    int deaf = deaf4(), alive = bind6(port_of(deaf));

    (void)state;
    listen(alive, 5);
    for (int i = 0; i < 2; i++) {
        struct job j = {.server = "two.test",
                        .port = port_of(deaf),
                        .opt.resolver = &player};

        ways[i](&j);
        check_reached(&j, "::1");
        assert_true(j.took < 200); /* no head start for the dead */
    }
    close(deaf);
    close(alive);
}

static void first_address_silent_second_wins_after_its_head_start(void **state)
{
    struct silent dumb = silent4(INADDR_LOOPBACK, 0);
    int alive = bind6(dumb.port);

    (void)state;
    listen(alive, 5);
    for (int i = 0; i < 2; i++) {
        struct job j = {
            .server = "two.test", .port = dumb.port, .opt.resolver = &player};

        ways[i](&j);
        check_reached(&j, "::1");
        assert_true(j.took >= 250 && j.took < 2000);
    }
    silent_end(&dumb);
    close(alive);
}

/* Both addresses silent at first; the first one's queue is emptied then. */
static void late_first_address_can_still_win(void **state)
{
    struct silent dumb = silent4(INADDR_LOOPBACK, 0);
    struct silent also = silent4(INADDR_LOOPBACK + 1, dumb.port);
    struct job j = {.server = "three.test",
                    .port = dumb.port,
                    .opt = {.resolver = &player, .flags = SC_OPT_IPV4}};
    int taken;

    (void)state;
    sc_task_go(NULL, connect_it, &j);
    sc_sleep(400);
    for (int i = 1; i < 4; i++) { /* or these would come first */
        close(dumb.fd[i]);
        dumb.fd[i] = -1;
    }
    while ((taken = accept(dumb.fd[0], NULL, NULL)) >= 0)
        close(taken);
    sc_run();
    /* 127.0.0.3 refuses, whenever its turn comes. */
    check_reached(&j, "127.0.0.1");
    silent_end(&dumb);
    silent_end(&also);
}

static void third_address_has_its_turn_after_two_silent_ones(void **state)
{
    struct silent a = silent4(INADDR_LOOPBACK, 0);
    struct silent b = silent4(INADDR_LOOPBACK + 1, a.port);
    int alive = bind4(INADDR_LOOPBACK + 2, a.port);

    (void)state;
    listen(alive, 5);
    for (int i = 0; i < 2; i++) {
        struct job j = {.server = "three.test",
                        .port = a.port,
                        .opt = {.resolver = &player,
                                .flags = SC_OPT_IPV4,
                                .connect_ms = 1800}};

        ways[i](&j);
        check_reached(&j, "127.0.0.3");
        assert_true(j.took < 1800);
    }
    silent_end(&a);
    silent_end(&b);
    close(alive);
}

static void silence_ends_in_time(void **state)
{
    struct silent dumb = silent4(INADDR_LOOPBACK, 0);

    (void)state;
    for (int i = 0; i < 2; i++) {
        struct job j = {
            .server = "127.0.0.1", .port = dumb.port, .opt.connect_ms = 120};

        ways[i](&j);
        check_failed(&j, SC_ETIMEDOUT, "127.0.0.1");
        assert_true(j.took >= 120 && j.took < 5000);
    }
    silent_end(&dumb);
}

static void silence_outweighs_a_refusal(void **state)
{
    struct silent dumb = silent4(INADDR_LOOPBACK, 0);
    int deaf = bind6(dumb.port);

    (void)state;
    for (int i = 0; i < 2; i++) {
        struct job j = {.server = "two.test",
                        .port = dumb.port,
                        .opt = {.resolver = &player, .connect_ms = 400}};

        ways[i](&j);
        check_failed(&j, SC_ETIMEDOUT, "127.0.0.1: ");
        assert_non_null(strstr(j.err.text, "::1: "));
        assert_true(j.took >= 400 && j.took < 5000);
    }
    silent_end(&dumb);
    close(deaf);
}

static void silence_inside_tls_ends_in_time(void **state)
{
    struct sc_listener *l = sc_listen("127.0.0.1:0", NULL);

    (void)state;
    for (int i = 0; i < 2; i++) {
        struct job j = {.server = sc_listener_name(l),
                        .opt = {.flags = SC_OPT_TLS, .connect_ms = 150}};

        ways[i](&j);
        check_failed(&j, SC_ETIMEDOUT, "");
        assert_int_equal(j.err.phase, SC_PHASE_TLS);
        assert_true(j.took >= 150 && j.took < 5000);
    }
    sc_listener_close(l);
}

static void slow_name_does_not_outlast_the_deadline(void **state)
{
    (void)state;
    for (int i = 0; i < 2; i++) {
        struct job j = {.server = "late.test",
                        .port = 9,
                        .opt = {.resolver = &player, .connect_ms = 60}};

        ways[i](&j);
        check_failed(&j, SC_ETIMEDOUT, "late.test");
        assert_int_equal(j.err.phase, SC_PHASE_RESOLVE);
        assert_true(j.took >= 60 && j.took < 400);
    }
    wait_for_late_lookups();
}

static void unknown_name_is_told(void **state)
{
    struct job j = {.server = "none.test", .port = 9, .opt.resolver = &player};

    (void)state;
    connect_it(&j);
    check_failed(&j, SC_ERESOLVE, "none.test");
}

static void every_address_is_named_or_counted(void **state)
{
    int deaf = deaf4();
    struct job two = {
        .server = "two.test", .port = port_of(deaf), .opt.resolver = &player};
    struct job many = two;

    (void)state;
    connect_it(&two);
    check_failed(&two, SC_ECONNREFUSED, "127.0.0.1: ");
    assert_non_null(strstr(two.err.text, "::1: "));
    many.server = "many.test";
    connect_it(&many);
    check_failed(&many, SC_ECONNREFUSED, " more");
    close(deaf);
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
    struct sc_peer who = {0};

    (void)state;
    connect_it(&j);
    assert_non_null(j.s);
    assert_int_equal(sc_stream_info(j.s, SC_INFO_LOCAL, &who), 0);
    assert_string_equal(who.address, "127.0.0.9");
    sc_stream_close(j.s);
    j.opt.local_address = "nonsense";
    connect_it(&j);
    check_failed(&j, SC_EINVAL, "");
    j.opt.local_address = "::1";
    connect_it(&j);
    check_failed(&j, -EAFNOSUPPORT, "127.0.0.1");
    sc_listener_close(l);
}

static void failed_connect_forgets_the_name(void **state)
{
    int deaf = deaf4();
    struct job j = {
        .server = "four.test", .port = port_of(deaf), .opt.resolver = &player};

    (void)state;
    atomic_store(&calls, 0);
    atomic_store(&ended, 0);
    connect_it(&j);
    connect_it(&j);
    assert_int_equal(atomic_load(&calls), 2);
    listen(deaf, 5);
    connect_it(&j);
    check_reached(&j, "127.0.0.1");
    connect_it(&j);
    check_reached(&j, "127.0.0.1");
    assert_int_equal(atomic_load(&calls), 3);
    close(deaf);
}

/* --- cancel --- */

static void check_cancel(struct job *j)
{
    int64_t task = sc_task_go(NULL, connect_it, j);

    sc_sleep(60);
    assert_int_equal(sc_task_cancel(task), 0);
    assert_int_equal(sc_run(), 0);
    check_failed(j, SC_ECANCELED, "");
    assert_true(j->took < 1000);
}

static void cancel_ends_a_lookup(void **state)
{
    struct job j = {
        .server = "late-too.test", .port = 9, .opt.resolver = &player};

    (void)state;
    check_cancel(&j);
    wait_for_late_lookups();
}

static void cancel_ends_connecting(void **state)
{
    struct silent dumb = silent4(INADDR_LOOPBACK, 0);
    struct job j = {.server = "127.0.0.1", .port = dumb.port};

    (void)state;
    check_cancel(&j);
    silent_end(&dumb);
}

static void cancel_ends_a_race(void **state)
{
    struct silent a = silent4(INADDR_LOOPBACK, 0);
    struct silent b = silent4(INADDR_LOOPBACK + 1, a.port);
    struct job j = {.server = "three.test",
                    .port = a.port,
                    .opt = {.resolver = &player, .flags = SC_OPT_IPV4}};
    int64_t task = sc_task_go(NULL, connect_it, &j);

    (void)state;
    sc_sleep(350);
    sc_task_cancel(task);
    assert_int_equal(sc_run(), 0);
    check_failed(&j, SC_ECANCELED, "");
    silent_end(&a);
    silent_end(&b);
}

/* --- Unix sockets --- */

static void path_is_reached_or_refused(void **state)
{
    char path[64];
    struct sc_listener *l;

    (void)state;
    snprintf(path, sizeof path, "/tmp/sc-connect-%d", (int)getpid());
    l = sc_listen(path, NULL);
    for (int i = 0; i < 2; i++) {
        struct job j = {.server = path, .port = 80};

        ways[i](&j);
        check_reached(&j, path);
    }
    sc_listener_close(l);
    for (int i = 0; i < 2; i++) {
        struct job j = {.server = path};

        ways[i](&j);
        check_failed(&j, -ENOENT, path);
    }
}

static void full_path_ends_in_time(void **state)
{
    struct sockaddr_un at = {.sun_family = AF_UNIX};
    int l = socket(AF_UNIX, SOCK_STREAM, 0), fill[2];

    (void)state;
    snprintf(at.sun_path, sizeof at.sun_path, "/tmp/sc-full-%d", getpid());
    assert_int_equal(bind(l, (struct sockaddr *)&at, sizeof at), 0);
    listen(l, 0);
    for (int i = 0; i < 2; i++) {
        fill[i] = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0);
        connect(fill[i], (struct sockaddr *)&at, sizeof at);
    }
    for (int i = 0; i < 2; i++) {
        struct job j = {.server = at.sun_path, .opt.connect_ms = 100};

        ways[i](&j);
        check_failed(&j, SC_ETIMEDOUT, at.sun_path);
        assert_true(j.took >= 100 && j.took < 5000);
    }
    close(l);
    close(fill[0]);
    close(fill[1]);
    unlink(at.sun_path);
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

static void no_descriptor_is_left(void **state)
{
    int before = open_descriptors();

    (void)state;
    listener_is_reached_and_talked_to(state);
    refusal_names_address_and_reason(state);
    first_address_dead_second_wins(state);
    first_address_silent_second_wins_after_its_head_start(state);
    silence_inside_tls_ends_in_time(state);
    local_address_is_bound(state);
    cancel_ends_connecting(state);
    cancel_ends_a_race(state);
    path_is_reached_or_refused(state);
    full_path_ends_in_time(state);
    no_descriptor_is_told(state);
    assert_int_equal(open_descriptors(), before);
}

static int first_loop(void **state)
{
    (void)state;
    return sc_loop() == NULL; /* its descriptors are there from now on */
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(listener_is_reached_and_talked_to),
    cmocka_unit_test(port_is_taken_from_the_call),
    cmocka_unit_test(refusal_names_address_and_reason),
    cmocka_unit_test(bad_servers_are_refused),
    cmocka_unit_test(first_address_dead_second_wins),
    cmocka_unit_test(first_address_silent_second_wins_after_its_head_start),
    cmocka_unit_test(late_first_address_can_still_win),
    cmocka_unit_test(third_address_has_its_turn_after_two_silent_ones),
    cmocka_unit_test(silence_ends_in_time),
    cmocka_unit_test(silence_outweighs_a_refusal),
    cmocka_unit_test(silence_inside_tls_ends_in_time),
    cmocka_unit_test(slow_name_does_not_outlast_the_deadline),
    cmocka_unit_test(unknown_name_is_told),
    cmocka_unit_test(every_address_is_named_or_counted),
    cmocka_unit_test(family_flags_are_kept_to),
    cmocka_unit_test(local_address_is_bound),
    cmocka_unit_test(failed_connect_forgets_the_name),
    cmocka_unit_test(cancel_ends_a_lookup),
    cmocka_unit_test(cancel_ends_connecting),
    cmocka_unit_test(cancel_ends_a_race),
    cmocka_unit_test(path_is_reached_or_refused),
    cmocka_unit_test(full_path_ends_in_time),
    cmocka_unit_test(no_descriptor_is_told),
    cmocka_unit_test(no_descriptor_is_left),
};

TEST_MAIN_WITH(tests, first_loop, NULL)
