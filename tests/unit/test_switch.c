/* test_switch.c - switching between stacks: what must survive it. */
#include "main.h"

#include <stdlib.h>

#include "run/switch.h"

#define STACK (64 * 1024)

static struct sc_context home, guest;
static char *stack;
static int visits;
static double carried;

static void count_visits(void *arg)
{
    double x = *(double *)arg;

    for (;;) {
        visits++;
        carried = x *= 2;
        sc_switch(&guest, &home);
    }
}

static int set_up(void **state)
{
    (void)state;
    visits = 0;
    stack = malloc(STACK);
    return stack != NULL ? 0 : -1;
}

static int tear_down(void **state)
{
    (void)state;
    sc_switch_fini(&guest);
    free(stack);
    return 0;
}

static void control_goes_there_and_back(void **state)
{
    double one = 1;

    (void)state;
    sc_switch_init(&guest, stack, STACK, count_visits, &one);
    assert_int_equal(visits, 0);
    for (int i = 1; i <= 10; i++) {
        sc_switch(&home, &guest);
        assert_int_equal(visits, i);
    }
    assert_true(carried == 1024.0); /* its locals lived on */
}

static void end_at_once(void *arg)
{
    *(int *)arg += 1;
    sc_switch_last(&guest, &home);
}

static void a_stack_may_be_used_again(void **state)
{
    int n = 0;

    (void)state;
    for (int i = 0; i < 100; i++) {
        sc_switch_init(&guest, stack, STACK, end_at_once, &n);
        sc_switch(&home, &guest);
        sc_switch_fini(&guest);
    }
    assert_int_equal(n, 100);
}

static void look_at_alignment(void *arg)
{
    _Alignas(16) char here[16];

    *(uintptr_t *)arg = (uintptr_t)here % 16;
    sc_switch_last(&guest, &home);
}

static void the_stack_is_aligned_for_any_code(void **state)
{
    uintptr_t rest = 1;

    (void)state;
    sc_switch_init(&guest, stack, STACK - 24, look_at_alignment, &rest);
    sc_switch(&home, &guest);
    assert_int_equal(rest, 0);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)
static const struct CMUnitTest tests[] = {
    TEST(control_goes_there_and_back),
    TEST(a_stack_may_be_used_again),
    TEST(the_stack_is_aligned_for_any_code),
};

TEST_MAIN(tests)
