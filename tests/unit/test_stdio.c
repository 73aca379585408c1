/* test_stdio.c - a stream behind a FILE: lines read, text written, errors and
 * the end told in stdio's way. */
#include "main.h"

#include <errno.h>

#include <simpleclient/stream.h>

static FILE *reader_of(Stream *both[2], const char *what)
{
    FILE *f;

    assert_int_equal(sc_stream_pair(both, NULL), 0);
    assert_int_equal(sc_stream_write(both[1], what, strlen(what), NULL), 0);
    f = sc_stream_fopen(both[0], "r", 20);
    assert_non_null(f);
    return f;
}

static void lines_are_read_to_the_end(void **state)
{
    Stream *both[2];
    FILE *f = reader_of(both, "one\r\ntwo\n");
    char line[16];

    (void)state;
    sc_stream_close(both[1]);
    assert_string_equal(fgets(line, sizeof line, f), "one\r\n");
    assert_string_equal(fgets(line, sizeof line, f), "two\n");
    assert_null(fgets(line, sizeof line, f));
    assert_true(feof(f) && !ferror(f));
    fclose(f);
    sc_stream_close(both[0]);
}

static void silence_is_an_error(void **state)
{
    Stream *both[2];
    FILE *f = reader_of(both, "x");

    (void)state;
    assert_int_equal(fgetc(f), 'x');
    errno = 0;
    assert_int_equal(fgetc(f), EOF);
    assert_int_equal(errno, ETIMEDOUT);
    assert_true(ferror(f) && !feof(f));
    fclose(f);
    sc_stream_close(both[0]);
    sc_stream_close(both[1]);
}

static void what_is_printed_is_sent(void **state)
{
    Stream *both[2];
    char got[16] = "";
    FILE *f;

    (void)state;
    assert_int_equal(sc_stream_pair(both, NULL), 0);
    f = sc_stream_fopen(both[0], "w", 0);
    assert_true(fprintf(f, "%d green\r\n", 10) > 0);
    assert_int_equal(fflush(f), 0);
    assert_int_equal(sc_stream_read(both[1], got, sizeof got - 1, NULL), 10);
    assert_string_equal(got, "10 green\r\n");
    sc_stream_close(both[1]);
    fputs("lost", f);
    assert_int_equal(fflush(f), EOF);
    assert_int_equal(errno, EPIPE);
    fclose(f);
    sc_stream_close(both[0]);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(lines_are_read_to_the_end),
    cmocka_unit_test(silence_is_an_error),
    cmocka_unit_test(what_is_printed_is_sent),
};

TEST_MAIN(tests)
