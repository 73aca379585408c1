/* test_race.c - many addresses raced (RFC 8305): the dead, the silent and the
 * late among them. */
#include "main.h"

#include "dialler.h"
#include "sockets.h"

/* The port is deaf or silent at 127.0.0.1. */
static struct job to_name(const char *name, int port)
{
    return (struct job){.server = name, .port = port, .opt.resolver = &player};
}

static void first_address_dead_second_wins(void **state)
{
    int deaf = bind4(INADDR_LOOPBACK, 0), alive = bind6(port_of(deaf));
    struct job like = to_name("two.test", port_of(deaf)), both[2];

    (void)state;
    listen(alive, 5);
    connect_both_ways(both, &like);
    for (int i = 0; i < 2; i++) {
        check_reached(&both[i], "::1");
        check_took(&both[i], 0, 200); /* no head start for the dead */
    }
    close(deaf);
    close(alive);
}

static void first_address_silent_second_wins_after_its_head_start(void **state)
{
    struct silent dumb = silent4(INADDR_LOOPBACK, 0);
    int alive = bind6(dumb.port);
    struct job like = to_name("two.test", dumb.port), both[2];

    (void)state;
    listen(alive, 5);
    connect_both_ways(both, &like);
    for (int i = 0; i < 2; i++) {
        check_reached(&both[i], "::1");
        check_took(&both[i], 250, 2000);
    }
    silent_end(&dumb);
    close(alive);
}

enum { SILENT = 4, RACING = 3 }; /* descriptors: two hosts; two and an epoll */

/* Both addresses silent at first; the first one answers when asked again. */
static void late_first_address_can_still_win(void **state)
{
    struct silent dumb = silent4(INADDR_LOOPBACK, 0);
    struct silent also = silent4(INADDR_LOOPBACK + 1, dumb.port);
    struct job j = to_name("three.test", dumb.port);

    (void)state;
    j.opt.flags = SC_OPT_IPV4;
    sc_task_go(NULL, connect_it, &j);
    wait_for_descriptors(SILENT + RACING);
    silent_answer(&dumb);
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
    struct job like = to_name("three.test", a.port), both[2];

    (void)state;
    listen(alive, 5);
    like.opt.flags = SC_OPT_IPV4;
    like.opt.connect_ms = 1800;
    connect_both_ways(both, &like);
    for (int i = 0; i < 2; i++) {
        check_reached(&both[i], "127.0.0.3");
        check_took(&both[i], 500, 1800);
    }
    silent_end(&a);
    silent_end(&b);
    close(alive);
}

static void silence_outweighs_a_refusal(void **state)
{
    struct silent dumb = silent4(INADDR_LOOPBACK, 0);
    int deaf = bind6(dumb.port);
    struct job like = to_name("two.test", dumb.port), both[2];

    (void)state;
    like.opt.connect_ms = 300;
    connect_both_ways(both, &like);
    for (int i = 0; i < 2; i++) {
        check_failed(&both[i], SC_ETIMEDOUT, "127.0.0.1: ");
        assert_non_null(strstr(both[i].err.text, "::1: "));
        check_took(&both[i], 300, 5000);
    }
    silent_end(&dumb);
    close(deaf);
}

static void every_address_is_named_or_counted(void **state)
{
    int deaf = bind4(INADDR_LOOPBACK, 0);
    struct job two = to_name("two.test", port_of(deaf));
    struct job many = to_name("many.test", port_of(deaf));

    (void)state;
    connect_it(&two);
    check_failed(&two, SC_ECONNREFUSED, "127.0.0.1: ");
    assert_non_null(strstr(two.err.text, "::1: "));
    connect_it(&many);
    check_failed(&many, SC_ECONNREFUSED, " more");
    close(deaf);
}

static void cancel_ends_a_race(void **state)
{
    struct silent a = silent4(INADDR_LOOPBACK, 0);
    struct silent b = silent4(INADDR_LOOPBACK + 1, a.port);
    struct job j = to_name("three.test", a.port);
    int64_t task;

    (void)state;
    j.opt.flags = SC_OPT_IPV4;
    task = sc_task_go(NULL, connect_it, &j);
    wait_for_descriptors(SILENT + RACING);
    sc_task_cancel(task);
    assert_int_equal(sc_run(), 0);
    check_failed(&j, SC_ECANCELED, "");
    silent_end(&a);
    silent_end(&b);
}

static const struct CMUnitTest tests[] = {
    TEST_CLOSING_ALL(first_address_dead_second_wins),
    TEST_CLOSING_ALL(first_address_silent_second_wins_after_its_head_start),
    TEST_CLOSING_ALL(late_first_address_can_still_win),
    TEST_CLOSING_ALL(third_address_has_its_turn_after_two_silent_ones),
    TEST_CLOSING_ALL(silence_outweighs_a_refusal),
    TEST_CLOSING_ALL(every_address_is_named_or_counted),
    TEST_CLOSING_ALL(cancel_ends_a_race),
};

TEST_MAIN(tests)
