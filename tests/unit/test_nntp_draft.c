/* test_nntp_draft.c - the Message-IDs that nntp_send makes: none twice, not even in
 * a child of fork(2), and each one that RFC 5536 section 3.1.3 allows. */
#include "main.h"

#include <sys/wait.h>
#include <unistd.h>

#include "nntp/nntp_send.h"

enum { MANY = 200 };

static void make(char id[NNTP_ID_MOST + 1])
{
    static const char text[] = "Subject: a\r\n\r\nb\r\n";
    const struct mail_source article = {.data = SC_SPAN(text)};
    struct nntp_draft d;
    struct sc_error e;

    assert_int_equal(nntp_draft_begin(&d, &article, &e), 0);
    memcpy(id, d.id, sizeof d.id);
    nntp_draft_free(&d);
}

static void no_name_is_made_twice(void **state)
{
    static char id[MANY][NNTP_ID_MOST + 1];

    (void)state;
    for (int i = 0; i < MANY; i++) {
        make(id[i]);
        assert_true(nntp_is_id(sc_span_of(id[i])));
        assert_non_null(strchr(id[i], '@'));
        for (int k = 0; k < i; k++)
            assert_string_not_equal(id[i], id[k]);
    }
}

/* Both go on from the same memory. */
static void a_child_makes_other_names_than_its_parent(void **state)
{
    char mine[NNTP_ID_MOST + 1], others[NNTP_ID_MOST + 1] = "";
    int ends[2], status;
    pid_t child;

    (void)state;
    make(mine);
    assert_int_equal(pipe(ends), 0);
    if ((child = fork()) == 0) {
        make(others);
        _exit(write(ends[1], others, sizeof others) == sizeof others ? 0 : 1);
    }
    make(mine);
    assert_int_equal(read(ends[0], others, sizeof others), sizeof others);
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
    assert_true(nntp_is_id(sc_span_of(others)));
    assert_string_not_equal(mine, others);
    close(ends[0]);
    close(ends[1]);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(no_name_is_made_twice),
    cmocka_unit_test(a_child_makes_other_names_than_its_parent),
};

TEST_MAIN(tests)
