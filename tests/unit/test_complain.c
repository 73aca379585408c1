/* test_complain.c - exit codes of the programs: curl's numbers. */
#include "main.h"

#include "../../clients/term/complain.c"

static void check(int code, int phase, int want)
{
    struct sc_error e = {.code = code, .phase = (unsigned char)phase};

    assert_int_equal(exit_code_of(&e), want);
}

static void nobody_there_is_one_failure(void **state)
{
    (void)state;
    check(SC_ECONNREFUSED, SC_PHASE_CONNECT, 7);
    check(SC_ECONNREFUSED, SC_PHASE_NONE, 7);
    check(-ENETUNREACH, SC_PHASE_CONNECT, 7);
    check(-EHOSTUNREACH, SC_PHASE_NONE, 7);
    check(SC_ECONNRESET, SC_PHASE_CONNECT, 7);
}

/* Whoever it was that did not answer. */
static void what_is_lacking_here_is_another(void **state)
{
    (void)state;
    check(SC_ENOMEM, SC_PHASE_CONNECT, 27);
    check(SC_EMFILE, SC_PHASE_CONNECT, 27);
    check(SC_EMFILE, SC_PHASE_NONE, 27);
    check(SC_ETIMEDOUT, SC_PHASE_CONNECT, 28);
    check(SC_ERESOLVE, SC_PHASE_RESOLVE, 6);
    check(SC_EURL, SC_PHASE_CONNECT, 3);
}

static void all_else_has_failed_to_be_received(void **state)
{
    (void)state;
    check(SC_ECONNRESET, SC_PHASE_RECEIVE, 56);
    check(-EIO, SC_PHASE_NONE, 56);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(nobody_there_is_one_failure),
    cmocka_unit_test(what_is_lacking_here_is_another),
    cmocka_unit_test(all_else_has_failed_to_be_received),
};

TEST_MAIN(tests)
