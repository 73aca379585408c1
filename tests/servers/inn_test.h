/* inn_test.h - what tests of reading from INN share: a client, what it said, how
 * it was refused. */
#ifndef TESTS_SERVERS_INN_TEST_H
#define TESTS_SERVERS_INN_TEST_H

#include <simpleclient/class.h>
#include <simpleclient/nntp.h>

#include "inn_feed.h"

static struct certs certs;
static struct inn inn;

static int stop(void **state)
{
    (void)state;
    inn_stop(&inn);
    certs_remove(&certs);
    return 0;
}

static struct sc_buf said = SC_BUF(1 << 20); /* the latest dialogue */

static inline void note(void *arg, int direction, const char *line, size_t n)
{
    (void)arg;
    sc_buf_addf(&said, "%c %.*s\n", direction, (int)n, line);
}

static inline int times_said(const char *what)
{
    int n = 0;

    for (const char *p = said.data; (p = strstr(p, what)) != NULL; p++)
        n++;
    return n;
}

static inline struct sc_options plain(void)
{
    return (struct sc_options){
        .starttls = SC_STARTTLS_NEVER, .trace = note, .tls.ca_file = certs.ca};
}

static inline NNTPClient *must_open(int port, struct sc_options opt)
{
    NNTPClient *n;

    said.len = 0;
    sc_buf_add(&said, "", 0);
    n = nntp_open(inn_url(&inn, port, ""), &opt);
    if (sc_broken(nntp_base(n)) < 0)
        fail_msg("%s\n%s", sc_last_error(nntp_base(n))->text, said.data);
    return n;
}

static inline NNTPClient *open_in(const char *group)
{
    NNTPClient *n = must_open(READER, plain());

    assert_int_equal(nntp_group(n, group, NULL), 0);
    return n;
}

static inline int code_of(NNTPClient *n)
{
    return sc_last_error(nntp_base(n))->status;
}

static inline void assert_refused(NNTPClient *n, int rc, int code)
{
    assert_int_equal(rc, SC_EREPLY);
    assert_int_equal(code_of(n), code);
    assert_int_equal(sc_broken(nntp_base(n)), 0);
}

static inline int inn_main(const char *file, const struct CMUnitTest *tests,
                           size_t n, int argc, char **argv,
                           CMFixtureFunction start)
{
    bool list = argc > 1 && strcmp(argv[1], "-l") == 0;

    if (!list && !inn_installed()) {
        puts("no INN, or no namespaces");
        return 77;
    }
    return test_main(file, tests, n, argc, argv, start, stop);
}

#endif
