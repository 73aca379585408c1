/* test_stream.c - what every stream class promises to one who reads and writes,
 * asked of all of them in every way (stream_kinds.h). */
#include "main.h"

#include <fcntl.h>

#include "stream_kinds.h"

static void echo(struct side *me)
{
    ssize_t n;

    while ((n = get(me, BUFFER)) > 0)
        CHECK(put(me, me->buf, (size_t)n) == 0);
    CHECK(n == 0);
    CHECK(sc_stream_shutdown(me->s, within(me, PATIENCE_MS)) == 0);
}

static void say_a_megabyte(struct side *me)
{
    size_t done = 0, n;

    for (size_t step = 1; done < MEGABYTE; done += n, step += 977) {
        n = step % 40009 + 1;
        fill(me->buf, done, n);
        CHECK(put(me, me->buf, n) == 0);
        memset(me->buf, 0, n);
        CHECK(get_exact(me, n) == (ssize_t)n);
        CHECK(holds(me->buf, done, n));
    }
    CHECK(sc_stream_shutdown(me->s, within(me, PATIENCE_MS)) == 0);
    CHECK(get(me, 1) == 0);
}

static void a_megabyte_comes_back(void **state)
{
    (void)state;
    for_all(say_a_megabyte, echo, 0);
}

static void write_64(struct side *me)
{
    struct sc_span v[3];

    for (size_t n = 1; n <= 64; n++) {
        fill(me->buf, 0, 64);
        v[0] = (struct sc_span){me->buf, n - 1};
        v[1] = (struct sc_span){me->buf + n - 1, 1};
        v[2] = (struct sc_span){me->buf + n, 64 - n};
        CHECK(sc_stream_writev(me->s, v, 3, within(me, PATIENCE_MS)) == 0);
    }
    CHECK(sc_stream_shutdown(me->s, within(me, PATIENCE_MS)) == 0);
    CHECK(get(me, 1) == 0);
}

static void read_64(struct side *me)
{
    for (size_t n = 1; n <= 64; n++)
        for (size_t done = 0; done < 64;) {
            size_t want = n < 64 - done ? n : 64 - done;
            ssize_t got = get(me, want);

            CHECK(got > 0 && (size_t)got <= want);
            CHECK(holds(me->buf, done, (size_t)got));
            done += (size_t)got;
        }
    CHECK(get(me, 1) == 0);
    CHECK(get(me, 1) == 0);
}

static void every_size_of_read_and_write(void **state)
{
    (void)state;
    for_all(write_64, read_64, 0);
}

static void ask_and_half_close(struct side *me)
{
    CHECK(put(me, "ask", 3) == 0);
    CHECK(sc_stream_shutdown(me->s, within(me, PATIENCE_MS)) == 0);
    CHECK(get_exact(me, 6) == 6);
    CHECK(memcmp(me->buf, "answer", 6) == 0);
    CHECK(get(me, 1) == 0);
}

static void answer_after_the_end(struct side *me)
{
    CHECK(get_exact(me, 3) == 3);
    CHECK(get(me, 1) == 0);
    CHECK(put(me, "answer", 6) == 0);
    CHECK(sc_stream_shutdown(me->s, within(me, PATIENCE_MS)) == 0);
}

static void half_close_leaves_the_other_way(void **state)
{
    (void)state;
    for_all(ask_and_half_close, answer_after_the_end, 0);
}

static void time_out_and_go_on(struct side *me)
{
    for (int i = 0; i < 2; i++) {
        int64_t begin = sc_now(), late;

        CHECK(sc_stream_read(me->s, me->buf, 1, within(me, 40)) ==
              SC_ETIMEDOUT);
        late = sc_now() - begin;
        CHECK(late >= 40 && late < 5000);
        CHECK(put(me, "go", 2) == 0);
        CHECK(get(me, 9) == 1 && me->buf[0] == 'x');
    }
}

static void a_timeout_leaves_the_stream_in_order(void **state)
{
    (void)state;
    for_all(time_out_and_go_on, answer_when_told, 0);
}

static void write_to_the_closed(struct side *me)
{
    int rc = 0, again;

    CHECK(put(me, "x", 1) == 0);
    read_to_the_end(me);
    fill(me->buf, 0, BUFFER);
    for (int i = 0; rc == 0 && i < 1000; i++)
        rc = put(me, me->buf, BUFFER);
    CHECK(rc == SC_EPIPE || rc == SC_ECONNRESET);
    CHECK(me->error.code == rc && me->error.text[0] != '\0');
    again = put(me, "x", 1);
    CHECK(again < 0);
}

static void close_after_one(struct side *me)
{
    CHECK(get(me, 1) == 1);
}

static void writing_to_the_closed_is_an_error_only(void **state)
{
    (void)state;
    for_all(write_to_the_closed, close_after_one, 0);
}

static void send_a_file(struct side *me)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    int rc = sc_stream_sendfile(me->s, fd, 5, 300000, within(me, PATIENCE_MS));
    int rest = rc;

    if (rc == 0)
        rest = sc_stream_shutdown(me->s, within(me, PATIENCE_MS));
    close(fd);
    CHECK(rc == 0);
    CHECK(rest == 0);
    CHECK(get(me, 1) == 0);
}

static void receive_a_file(struct side *me)
{
    size_t done = 0;
    ssize_t n;

    while ((n = get(me, 7919)) > 0) {
        CHECK(holds(me->buf, 5 + done, (size_t)n));
        done += (size_t)n;
    }
    CHECK(n == 0);
    CHECK(done == 300000);
}

static int make_file(void **state)
{
    FILE *f = fopen(path, "w");

    (void)state;
    for (size_t i = 0; f != NULL && i < 400000; i++)
        fputc(byte_at(i) & 0xff, f);
    return f != NULL ? fclose(f) : -1;
}

static int remove_file(void **state)
{
    (void)state;
    return unlink(path);
}

/* "unix" would listen at the same path; "fd" is the same class. */
static void a_file_is_sent(void **state)
{
    (void)state;
    for (size_t k = 0; k < sizeof kinds / sizeof *kinds; k++)
        for (int m = 0; m < MODES; m++)
            if (possible(&kinds[k], m) && kinds[k].open != open_unix)
                converse(&kinds[k], &modes[m], send_a_file, receive_a_file);
}

/* --- a script as the peer --- */

static void play_a_reset(struct side *me)
{
    static const char text[] = "S: hi\nC: QUIT\nS!\n";

    CHECK(sc_script_play(me->s, text, within(me, PATIENCE_MS)) == 0);
}

static void meet_a_reset(struct side *me)
{
    CHECK(get_exact(me, 4) == 4);
    CHECK(memcmp(me->buf, "hi\r\n", 4) == 0);
    CHECK(put(me, "QUIT\r\n", 6) == 0);
    CHECK(get(me, 1) == SC_ECONNRESET);
}

static void play_an_end(struct side *me)
{
    static const char text[] = "C: GET\nC.\nS: body\nS.\n";

    CHECK(sc_script_play(me->s, text, within(me, PATIENCE_MS)) == 0);
}

static void meet_an_end(struct side *me)
{
    CHECK(put(me, "GET\r\n", 5) == 0);
    CHECK(sc_stream_shutdown(me->s, within(me, PATIENCE_MS)) == 0);
    CHECK(get_exact(me, 6) == 6);
    CHECK(get(me, 1) == 0);
}

static void play_silence(struct side *me)
{
    CHECK(sc_script_play(me->s, "S~\n", within(me, PATIENCE_MS)) == 0);
}

static void meet_silence(struct side *me)
{
    CHECK(sc_stream_read(me->s, me->buf, 1, within(me, 40)) == SC_ETIMEDOUT);
}

static void a_script_is_played_over_every_stream(void **state)
{
    (void)state;
    for_all(play_an_end, meet_an_end, 0);
    for_all(play_silence, meet_silence, 0);
}

static void a_script_resets_a_connection(void **state)
{
    (void)state;
    for (int m = 0; m < MODES; m++)
        for (size_t k = 0; k < sizeof kinds / sizeof *kinds; k++)
            if (kinds[k].open == open_tcp)
                converse(&kinds[k], &modes[m], play_a_reset, meet_a_reset);
}

/* --- streams with one end --- */

static void read_alphabets(Stream *(*make)(size_t n), size_t *good)
{
    struct sc_wait w = {sc_now() + PATIENCE_MS, NULL};
    char all[32];
    ssize_t n;

    for (size_t size = 1; size <= 26; size++) {
        Stream *s = make(size);
        size_t len = 0;

        while (s != NULL && len <= 26 &&
               (n = sc_stream_read(s, all + len, size, &w)) > 0)
            len += (size_t)n;
        *good +=
            len == 26 && memcmp(all, "abcdefghijklmnopqrstuvwxyz", 26) == 0;
        sc_stream_close(s);
    }
}

static Stream *make_script(size_t n)
{
    return sc_script_open("s: abcdefghijklm\ns: nopqrstuvwxyz\nS.\n", n / 2,
                          NULL);
}

static Stream *make_plain_file(size_t n)
{
    FILE *f = fopen(path, "w");

    (void)n;
    if (f == NULL)
        return NULL;
    fputs("--abcdefghijklmnopqrstuvwxyz--", f);
    fclose(f);
    return sc_stream_file(path, O_RDONLY, 2, 26, NULL);
}

static Stream *make_pipe(size_t n)
{
    int fd[2];
    Stream *in, *out;

    (void)n;
    if (pipe2(fd, O_CLOEXEC) < 0)
        return NULL;
    in = sc_stream_fd(fd[0], NULL);
    out = sc_stream_fd(fd[1], NULL);
    if (out != NULL)
        sc_stream_write(out, "abcdefghijklmnopqrstuvwxyz", 26, NULL);
    sc_stream_close(out);
    return in;
}

static size_t good_alphabets;

static void read_all_one_ended(void *arg)
{
    (void)arg;
    read_alphabets(make_script, &good_alphabets);
    read_alphabets(make_plain_file, &good_alphabets);
    read_alphabets(make_pipe, &good_alphabets);
}

static void streams_with_one_end_are_read_in_every_size(void **state)
{
    (void)state;
    good_alphabets = 0;
    read_all_one_ended(NULL);
    assert_int_equal(good_alphabets, 78);
    assert_true(sc_task_go(NULL, read_all_one_ended, NULL) > 0);
    assert_int_equal(sc_run(), 0);
    assert_int_equal(good_alphabets, 156);
    unlink(path);
}

static void a_pipe_without_a_reader_is_an_error_only(void **state)
{
    int fd[2];
    Stream *out;

    (void)state;
    assert_int_equal(pipe2(fd, O_CLOEXEC), 0);
    assert_non_null(out = sc_stream_fd(fd[1], NULL));
    close(fd[0]);
    assert_int_equal(sc_stream_write(out, "x", 1, NULL), SC_EPIPE);
    sc_stream_close(out);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(a_megabyte_comes_back),
    cmocka_unit_test(every_size_of_read_and_write),
    cmocka_unit_test(half_close_leaves_the_other_way),
    cmocka_unit_test(a_timeout_leaves_the_stream_in_order),
    cmocka_unit_test(writing_to_the_closed_is_an_error_only),
    cmocka_unit_test_setup_teardown(a_file_is_sent, make_file, remove_file),
    cmocka_unit_test(a_script_is_played_over_every_stream),
    cmocka_unit_test(a_script_resets_a_connection),
    cmocka_unit_test(streams_with_one_end_are_read_in_every_size),
    cmocka_unit_test(a_pipe_without_a_reader_is_an_error_only),
};

TEST_MAIN_WITH(tests, set_up, tear_down)
