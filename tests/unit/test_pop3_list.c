/* test_pop3_list.c - LIST and UIDL (RFC 1939 sections 5 and 7) against scripts.
 * Numbers of statements: docs/design/pop3-status.md. */
#include "pop3_script.h"

struct seen {
    int n;
    uint32_t number[8];
    uint64_t size[8];
    char uid[8][71];
};

static int see_size(void *arg, uint32_t number, uint64_t size)
{
    struct seen *s = arg;

    assert_true(s->n < 8);
    s->number[s->n] = number;
    s->size[s->n++] = size;
    return 0;
}

static int see_uid(void *arg, uint32_t number, const char *uid)
{
    struct seen *s = arg;

    assert_true(s->n < 8);
    s->number[s->n] = number;
    assert_true(sc_span_copy(s->uid[s->n], sizeof s->uid[0], sc_span_of(uid)));
    s->n++;
    return 0;
}

static void list_has_gaps_and_any_order(void **state)
{
    static const char script[] =
        POP3_OLD "C: LIST\nS: +OK 3 messages\nS: 7 120\nS: 2 200 more\n"
                 "S: 7 18446744073709551615\nS: .\n";

    (void)state;
    for (size_t split = 0; split < 30; split++) {
        struct pop3_talk t = pop3_talk_with(script, split, NULL);
        struct seen s = {0};

        assert_int_equal(pop3_list(t.p, see_size, &s), 0);
        assert_int_equal(s.n, 3);
        assert_int_equal(s.number[0], 7);
        assert_int_equal(s.number[1], 2);
        assert_int_equal(s.size[1], 200);
        assert_true(s.size[2] == UINT64_MAX);
        pop3_talk_over(t);
    }
}

/* RFC 1939 section 7, UIDL. */
static void uidl_gives_all(void **state)
{
    static const char script[] =
        POP3_OLD "C: UIDL\nS: +OK\nS: 1 whqtswO00WBw418f9t5JxYwZ\n"
                 "S: 2 QhdPYR:00WBw1Ph7x7\nS: .\n";

    (void)state;
    for (size_t split = 0; split < 60; split++) {
        struct pop3_talk t = pop3_talk_with(script, split, NULL);
        struct seen s = {0};

        assert_int_equal(pop3_uidl(t.p, see_uid, &s), 0);
        assert_int_equal(s.n, 2);
        assert_string_equal(s.uid[0], "whqtswO00WBw418f9t5JxYwZ");
        assert_string_equal(s.uid[1], "QhdPYR:00WBw1Ph7x7");
        pop3_talk_over(t);
    }
}

static void an_empty_list_is_one(void **state)
{
    struct pop3_talk t = pop3_talk(POP3_OLD "C: LIST\nS: +OK\nS: .\n"
                                            "C: UIDL\nS: +OK\nS: .\n");
    struct seen s = {0};

    (void)state;
    assert_int_equal(pop3_list(t.p, see_size, &s), 0);
    assert_int_equal(pop3_uidl(t.p, see_uid, &s), 0);
    assert_int_equal(s.n, 0);
    pop3_talk_over(t);
}

static int uid_rc(const char *line)
{
    struct sc_span uid;
    uint32_t number;

    return pop3_parse_uid(sc_span_of(line), &number, &uid);
}

static void a_uid_has_1_to_70_visible_characters(void **state)
{
    char line[80] = "1 ";

    (void)state;
    memset(line + 2, '~', 71);
    assert_int_equal(uid_rc(line), SC_EPROTO);
    line[72] = '\0';
    assert_int_equal(uid_rc(line), 0);
    assert_int_equal(uid_rc("1 !"), 0);
    assert_int_equal(uid_rc("1 "), SC_EPROTO);
    assert_int_equal(uid_rc("1"), SC_EPROTO);
    assert_int_equal(uid_rc("1 a b"), SC_EPROTO);
    assert_int_equal(uid_rc("1 a\x7f"), SC_EPROTO);
    assert_int_equal(uid_rc("1 \xc3\xa4"), SC_EPROTO);
    assert_int_equal(uid_rc("1 a\tb"), SC_EPROTO);
}

static void numbers_are_strict(void **state)
{
    static const char *const bad[] = {"",
                                      "1",
                                      "1 ",
                                      "0 5",
                                      "-1 5",
                                      "+1 5",
                                      " 1 5",
                                      "4294967296 5",
                                      "1 -5",
                                      "1 5x",
                                      "x 5",
                                      "1\t5",
                                      "1 18446744073709551616"};
    uint32_t number;
    uint64_t size;

    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        if (pop3_parse_size(sc_span_of(bad[i]), &number, &size) == 0)
            fail_msg("\"%s\" was taken", bad[i]);
    assert_int_equal(
        pop3_parse_size(sc_span_of("4294967295 0"), &number, &size), 0);
    assert_true(number == UINT32_MAX);
}

static void a_line_that_makes_no_sense_breaks(void **state)
{
    struct pop3_talk t = pop3_talk(POP3_OLD "C: LIST\nS: +OK\nS: 1 x\nS: .\n");
    struct seen s = {0};

    (void)state;
    assert_int_equal(pop3_list(t.p, see_size, &s), SC_EPROTO);
    assert_int_equal(sc_broken(&t.p->base), SC_EPROTO);
    sc_drop(&t.p->base);
}

static void a_listed_line_has_a_ceiling(void **state)
{
    struct pop3_lines l = {.line = pop3_uid_line};
    char piece[100];
    int rc = 0;

    (void)state;
    memset(piece, 'a', sizeof piece);
    for (int i = 0; i < 7 && rc == 0; i++)
        rc = pop3_lines_sink(&l, piece, sizeof piece);
    assert_int_equal(rc, SC_EPROTO);
}

static void list_of_one_is_a_single_line(void **state)
{
    struct pop3_talk t = pop3_talk(POP3_OLD "C: LIST 2\nS: +OK 2 200\n"
                                            "C: LIST 3\nS: -ERR no\n"
                                            "C: UIDL 2\nS: +OK 2 QhdPYR\n"
                                            "C: UIDL 2\nS: +OK 3 QhdPYR\n");
    uint64_t size = 0;
    char uid[71];

    (void)state;
    assert_int_equal(pop3_list_one(t.p, 2, &size), 0);
    assert_int_equal(size, 200);
    assert_int_equal(pop3_list_one(t.p, 3, &size), SC_EREPLY);
    assert_int_equal(pop3_list_one(t.p, 0, &size), SC_EINVAL);
    assert_int_equal(pop3_uidl_one(t.p, 2, uid), 0);
    assert_string_equal(uid, "QhdPYR");
    assert_int_equal(pop3_uidl_one(t.p, 2, uid), SC_EPROTO);
    pop3_talk_over(t);
}

static int count_uid(void *arg, uint32_t number, const char *uid)
{
    (void)uid;
    *(uint64_t *)arg += number;
    return 0;
}

/* In pieces of the size of a read buffer, as they come. */
static void a_million_lines_are_read_in_one_pass(void **state)
{
    struct pop3_lines l = {.line = pop3_uid_line, .to.uid = count_uid};
    uint64_t sum = 0, n = 1000000;
    struct sc_buf all = {0};

    (void)state;
    for (unsigned i = 1; i <= n; i++)
        sc_buf_addf(&all, "%u UID%08xabcdef\r\n", i, i);
    l.arg = &sum;
    for (size_t at = 0; at < all.len; at += 4097)
        assert_int_equal(
            pop3_lines_sink(&l, all.data + at,
                            all.len - at < 4097 ? all.len - at : 4097),
            0);
    assert_true(sum == n * (n + 1) / 2);
    sc_buf_free(&all);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(list_has_gaps_and_any_order),
    cmocka_unit_test(uidl_gives_all),
    cmocka_unit_test(an_empty_list_is_one),
    cmocka_unit_test(a_uid_has_1_to_70_visible_characters),
    cmocka_unit_test(numbers_are_strict),
    cmocka_unit_test(a_line_that_makes_no_sense_breaks),
    cmocka_unit_test(a_listed_line_has_a_ceiling),
    cmocka_unit_test(list_of_one_is_a_single_line),
    cmocka_unit_test(a_million_lines_are_read_in_one_pass),
};

TEST_MAIN(tests)
