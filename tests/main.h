/* main.h - what every test program begins with. One cmocka group a program;
 * `-l` lists its tests, `-f PATTERN` runs some. */
#ifndef TESTS_MAIN_H
#define TESTS_MAIN_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static inline int test_main(const char *name, const struct CMUnitTest *tests,
                            size_t n, int argc, char **argv,
                            CMFixtureFunction setup, CMFixtureFunction teardown)
{
    if (argc > 1 && strcmp(argv[1], "-l") == 0) {
        for (size_t i = 0; i < n; i++)
            puts(tests[i].name);
        return 0;
    }
    if (argc > 2 && strcmp(argv[1], "-f") == 0)
        cmocka_set_test_filter(argv[2]);
    /* The exit code is a failure count modulo 256: never return it as is. */
    return _cmocka_run_group_tests(name, tests, n, setup, teardown) != 0;
}

/* TEST_MAIN(tests) or TEST_MAIN_WITH(tests, setup, teardown) ends a file. */
#define TEST_MAIN_WITH(tests, setup, teardown)                                 \
    int main(int argc, char **argv)                                            \
    {                                                                          \
        return test_main(__FILE__, tests, sizeof(tests) / sizeof((tests)[0]),  \
                         argc, argv, setup, teardown);                         \
    }
#define TEST_MAIN(tests) TEST_MAIN_WITH(tests, NULL, NULL)

#endif
