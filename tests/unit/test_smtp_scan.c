/* test_smtp_scan.c - what is counted in a text, at every length, offset and
 * split: beside a count of one byte after the other. */
#include "main.h"

#include <stdlib.h>
#include <string.h>

#include "smtp/smtp_scan.h"

enum { MOST = 700 };

typedef void (*count_fn)(struct smtp_counts *c, const char *p, size_t n);

static void one_by_one(struct smtp_counts *c, const char *p, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        c->bytes++;
        c->cr += p[i] == '\r';
        c->lf += p[i] == '\n';
        c->pairs += c->last == '\r' && p[i] == '\n';
        c->high |= (unsigned char)p[i] > 127;
        c->nul |= p[i] == '\0';
        c->last = p[i];
    }
}

static void assert_same(const struct smtp_counts *got,
                        const struct smtp_counts *want)
{
    assert_int_equal(got->bytes, want->bytes);
    assert_int_equal(got->cr, want->cr);
    assert_int_equal(got->lf, want->lf);
    assert_int_equal(got->pairs, want->pairs);
    assert_int_equal(got->high, want->high);
    assert_int_equal(got->nul, want->nul);
    assert_int_equal(got->last, want->last);
}

/* The text as one part, and cut at AT; it ends where its memory does. */
static void check(count_fn count, const char *text, size_t n, size_t at)
{
    struct smtp_counts want = {0}, whole = {0}, parts = {0};
    char *copy = malloc(n + 1);

    memcpy(copy + 1, text, n);
    one_by_one(&want, text, n);
    count(&whole, copy + 1, n);
    assert_same(&whole, &want);
    count(&parts, copy + 1, at);
    count(&parts, copy + 1 + at, n - at);
    assert_same(&parts, &want);
    free(copy);
}

/* LETTERS: the first is the most frequent. */
static void check_texts(count_fn count, const char *letters, size_t n_letters)
{
    char text[MOST];

    srand(1);
    for (size_t n = 0; n < MOST; n++)
        for (int density = 1; density <= 64; density *= 8) {
            for (size_t i = 0; i < n; i++)
                text[i] = rand() % density == 0
                              ? letters[(size_t)rand() % n_letters]
                              : letters[0];
            check(count, text, n, n > 0 ? (size_t)rand() % n : 0);
        }
}

static void check_all(count_fn count)
{
    check_texts(count, "x\r\n", 3);
    check_texts(count, "\r\n", 2);
    check_texts(count, "x\x80", 2);
    check_texts(count, "x\0\r\n\xff", 5);
}

static void what_is_counted_is_there(void **state)
{
    (void)state;
    check_all(smtp_count);
}

static void it_is_the_same_without_wide_registers(void **state)
{
    (void)state;
    check_all(smtp_count_plain);
}

/* More than a byte can count in each column. */
static void a_long_text_is_counted(void **state)
{
    static const size_t sizes[] = {8159, 8160, 8161, 8192, 16353, 40000};
    char *text = malloc(40000);

    (void)state;
    for (size_t i = 0; i < 40000; i++)
        text[i] = i % 2 ? '\n' : '\r';
    for (size_t i = 0; i < 6; i++)
        check(smtp_count, text, sizes[i], 31);
    memset(text, '\n', 40000);
    for (size_t i = 0; i < 6; i++)
        check(smtp_count, text, sizes[i], 8159);
    free(text);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(what_is_counted_is_there),
    cmocka_unit_test(it_is_the_same_without_wide_registers),
    cmocka_unit_test(a_long_text_is_counted),
};

TEST_MAIN(tests)
