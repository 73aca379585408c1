/* test_stream.c - what every stream class promises, asked of all of them:
 * blocking with the peer in a thread, blocking with the peer as a task on the
 * private loop, and both as tasks. What a side finds wrong it notes; only the
 * main thread fails a test. */
#include "main.h"

#include "stream/coding.h"

#include <simpleclient/class.h>
#include <simpleclient/script.h>
#include <simpleclient/task.h>

#include <fcntl.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <pthread.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

enum { BUFFER = 65536, MEGABYTE = 1 << 20, PATIENCE_MS = 20000 };

struct kind;
struct talk;

struct side {
    struct talk *talk;
    int number; /* 0 near, 1 far */
    void (*fn)(struct side *me);
    Stream *s;
    struct sc_wait w;
    struct sc_error error;
    const char *wrong; /* what did not hold */
    int line;
    int64_t task;
    bool waiting; /* of a helper task: it is about to wait */
    ssize_t result;
    char buf[BUFFER];
};

struct talk {
    const struct kind *kind;
    int fd[2];
    Stream *pair[2];
    struct sc_listener *listener;
    struct side side[2];
};

struct kind {
    const char *name;
    bool one_thread; /* both streams are made in one place */
    int (*open)(struct talk *t);
    Stream *(*make)(struct side *me);
};

#define CHECK(condition)                                                       \
    do {                                                                       \
        if (!(condition)) {                                                    \
            me->wrong = #condition;                                            \
            me->line = __LINE__;                                               \
            return;                                                            \
        }                                                                      \
    } while (0)

static char dir[] = "/tmp/sc-stream-XXXXXX";
static char cert[64], path[64];

/* --- the kinds of streams --- */

static int open_fds(struct talk *t)
{
    return socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, t->fd);
}

static Stream *make_fd(struct side *me)
{
    return sc_stream_fd(me->talk->fd[me->number], &me->error);
}

static int open_pair(struct talk *t)
{
    return sc_stream_pair(t->pair, &t->side[0].error);
}

static Stream *make_pair(struct side *me)
{
    return me->talk->pair[me->number];
}

static int open_tcp(struct talk *t)
{
    t->listener = sc_listen("127.0.0.1:0", &t->side[0].error);
    return t->listener != NULL ? 0 : -1;
}

static int open_unix(struct talk *t)
{
    t->listener = sc_listen(path, &t->side[0].error);
    return t->listener != NULL ? 0 : -1;
}

static Stream *make_socket(struct side *me)
{
    struct sc_listener *l = me->talk->listener;

    if (me->number == 0)
        return sc_accept(l, PATIENCE_MS, &me->error);
    return sc_stream_connect(sc_listener_name(l), 0, NULL, &me->error);
}

static Stream *make_tls(struct side *me)
{
    struct sc_tls_options server = {.server = 1, .cert = cert};
    struct sc_tls_options client = {.flags = SC_TLS_NO_VERIFY};
    Stream *low = make_fd(me), *s;

    if (low == NULL)
        return NULL;
    s = sc_tls_wrap(low, "localhost", me->number == 0 ? &server : &client, 0,
                    &me->error);
    if (s == NULL)
        sc_stream_close(low);
    return s;
}

static Stream *deflated(struct side *me, Stream *low, int coding)
{
    return low == NULL ? NULL : sc_deflate_wrap(low, coding, 0, 0, &me->error);
}

static Stream *make_deflate(struct side *me)
{
    return deflated(me, make_fd(me), SC_CODING_DEFLATE);
}

static Stream *make_gzip_in_tls(struct side *me)
{
    return deflated(me, make_tls(me), SC_CODING_GZIP);
}

static Stream *make_record(struct side *me)
{
    Stream *low = make_socket(me);

    return low == NULL ? NULL
                       : sc_record_wrap(low, sc_null_sink, NULL, &me->error);
}

static const struct kind kinds[] = {
    {"fd", false, open_fds, make_fd},
    {"pair", true, open_pair, make_pair},
    {"tcp", false, open_tcp, make_socket},
    {"unix", false, open_unix, make_socket},
    {"tls", false, open_fds, make_tls},
    {"deflate", false, open_fds, make_deflate},
    {"gzip in tls", false, open_fds, make_gzip_in_tls},
    {"record", false, open_tcp, make_record},
};

/* --- the ways to run both sides --- */

static void run_side(void *arg)
{
    struct side *me = arg;

    me->s = me->talk->kind->make(me);
    if (me->s != NULL) {
        me->fn(me);
    } else {
        me->wrong = "a stream";
        me->line = __LINE__;
    }
    sc_stream_close(me->s);
    me->s = NULL;
}

static void *run_in_thread(void *arg)
{
    run_side(arg);
    return NULL;
}

static void run_threads(struct talk *t)
{
    pthread_t far;

    assert_int_equal(pthread_create(&far, NULL, run_in_thread, &t->side[1]), 0);
    run_side(&t->side[0]);
    pthread_join(far, NULL);
}

static void run_pumped(struct talk *t)
{
    t->side[1].task = sc_task_go(NULL, run_side, &t->side[1]);
    run_side(&t->side[0]);
    sc_task_join(t->side[1].task);
}

static void run_tasks(struct talk *t)
{
    for (int i = 0; i < 2; i++)
        t->side[i].task = sc_task_go(NULL, run_side, &t->side[i]);
    assert_int_equal(sc_run(), 0);
}

enum { THREADS, PUMPED, TASKS, MODES };

/* Some are not built in, some not made in two threads. */
static bool possible(const struct kind *k, int mode)
{
    struct sc_coder *c;

    if (mode == THREADS && k->one_thread)
        return false;
    if (k->make != make_deflate && k->make != make_gzip_in_tls)
        return true;
    c = sc_coder_open(SC_CODING_GZIP, false, NULL);
    sc_coder_free(c);
    return c != NULL;
}

static const struct mode {
    const char *name;
    void (*run)(struct talk *t);
} modes[] = {
    {"threads", run_threads}, {"pumped", run_pumped}, {"tasks", run_tasks}};

static void converse(const struct kind *k, const struct mode *m,
                     void (*near)(struct side *), void (*far)(struct side *))
{
    struct talk *t = calloc(1, sizeof *t);
    char wrong[400] = "";

    assert_non_null(t);
    t->kind = k;
    for (int i = 0; i < 2; i++) {
        t->side[i].talk = t;
        t->side[i].number = i;
        t->side[i].fn = i == 0 ? near : far;
    }
    assert_int_equal(k->open(t), 0);
    m->run(t);
    sc_listener_close(t->listener);
    for (int i = 1; i >= 0; i--)
        if (t->side[i].wrong != NULL)
            snprintf(wrong, sizeof wrong, "%s, %s, side %d, line %d: %s (%s)",
                     k->name, m->name, i, t->side[i].line, t->side[i].wrong,
                     t->side[i].error.text);
    free(t);
    if (wrong[0] != '\0')
        fail_msg("%s", wrong);
}

static void for_all(void (*near)(struct side *), void (*far)(struct side *),
                    int first_mode)
{
    for (size_t k = 0; k < sizeof kinds / sizeof *kinds; k++)
        for (int m = first_mode; m < MODES; m++)
            if (possible(&kinds[k], m))
                converse(&kinds[k], &modes[m], near, far);
}

/* --- what the sides do --- */

static struct sc_wait *within(struct side *me, int64_t ms)
{
    me->w = (struct sc_wait){sc_now() + ms, &me->error};
    return &me->w;
}

static ssize_t get(struct side *me, size_t n)
{
    return sc_stream_read(me->s, me->buf, n, within(me, PATIENCE_MS));
}

static ssize_t get_exact(struct side *me, size_t n)
{
    size_t len = 0;
    ssize_t got;

    while (len < n) {
        got = sc_stream_read(me->s, me->buf + len, n - len,
                             within(me, PATIENCE_MS));
        if (got <= 0)
            return got < 0 ? got : SC_ESHORT;
        len += (size_t)got;
    }
    return (ssize_t)len;
}

static int put(struct side *me, const void *p, size_t n)
{
    return sc_stream_write(me->s, p, n, within(me, PATIENCE_MS));
}

static char byte_at(size_t i)
{
    return (char)(i * 7 + i / 251);
}

static bool holds(const char *p, size_t from, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (p[i] != byte_at(from + i))
            return false;
    return true;
}

static void fill(char *p, size_t from, size_t n)
{
    for (size_t i = 0; i < n; i++)
        p[i] = byte_at(from + i);
}

static void read_to_the_end(struct side *me)
{
    while (get(me, BUFFER) > 0)
        continue;
}

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

        CHECK(sc_stream_read(me->s, me->buf, 1, within(me, 60)) ==
              SC_ETIMEDOUT);
        late = sc_now() - begin;
        CHECK(late >= 60 && late < 5000);
        CHECK(put(me, "go", 2) == 0);
        CHECK(get(me, 9) == 1 && me->buf[0] == 'x');
    }
}

static void answer_when_told(struct side *me)
{
    for (int i = 0; i < 2; i++) {
        CHECK(get_exact(me, 2) == 2);
        CHECK(put(me, "x", 1) == 0);
    }
    read_to_the_end(me);
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

/* --- several tasks on one stream --- */

static void stay(struct side *me)
{
    sc_task_join(me->talk->side[!me->number].task);
}

static void wait_for_input(void *arg)
{
    struct side *me = arg;

    me->waiting = true;
    me->result = get(me, 1);
    me->waiting = false;
}

static void wait_for_room(void *arg)
{
    struct side *me = arg;

    me->waiting = true;
    me->result = 0;
    while (me->result == 0)
        me->result = put(me, me->buf, BUFFER);
    me->waiting = false;
}

/* Start a helper and let it come as far as its wait. */
static int64_t start(struct side *me, void (*fn)(void *))
{
    int64_t task = sc_task_go(NULL, fn, me);

    while (!me->waiting)
        sc_yield();
    for (int i = 0; i < 1000; i++)
        sc_yield();
    return task;
}

static void close_under_a_reader(struct side *me)
{
    int64_t reader = start(me, wait_for_input);

    CHECK(me->waiting);
    sc_stream_close(me->s);
    me->s = NULL;
    CHECK(sc_task_join(reader) == 0);
    CHECK(me->result == SC_ECLOSED);
}

static void close_under_a_writer(struct side *me)
{
    int64_t writer = start(me, wait_for_room);

    CHECK(me->waiting);
    sc_stream_close(me->s);
    me->s = NULL;
    CHECK(sc_task_join(writer) == 0);
    CHECK(me->result == SC_ECLOSED);
}

static void a_close_wakes_who_waits(void **state)
{
    (void)state;
    for_all(close_under_a_reader, stay, TASKS);
    for_all(close_under_a_writer, stay, TASKS);
}

static void be_second(struct side *me)
{
    struct sc_wait own = {sc_now() + PATIENCE_MS, NULL};
    int64_t task = start(me, wait_for_input);
    char c;

    CHECK(sc_stream_read(me->s, &c, 1, &own) == SC_EBUSY);
    CHECK(me->waiting);
    CHECK(sc_task_cancel(task) == 0);
    CHECK(sc_task_join(task) == 0);
    CHECK(me->result == SC_ECANCELED);
    task = start(me, wait_for_room);
    CHECK(sc_stream_write(me->s, &c, 1, &own) == SC_EBUSY);
    CHECK(me->waiting);
    CHECK(sc_task_cancel(task) == 0);
    CHECK(sc_task_join(task) == 0);
    CHECK(me->result == SC_ECANCELED);
    CHECK(sc_stream_write(me->s, "x", 1, &own) < 0);
}

static void the_second_in_a_direction_is_sent_away(void **state)
{
    (void)state;
    for_all(be_second, stay, TASKS);
}

static void cancel_and_read_on(struct side *me)
{
    int64_t reader = start(me, wait_for_input);

    CHECK(sc_task_cancel(reader) == 0);
    CHECK(sc_task_join(reader) == 0);
    CHECK(me->result == SC_ECANCELED);
    CHECK(put(me, "go", 2) == 0);
    CHECK(get(me, 1) == 1);
    CHECK(put(me, "go", 2) == 0);
    CHECK(get(me, 1) == 1);
}

static void a_cancelled_read_loses_nothing(void **state)
{
    (void)state;
    for_all(cancel_and_read_on, answer_when_told, TASKS);
}

static void write_too_long(struct side *me)
{
    int64_t begin = sc_now(), late;
    int rc = 0;

    within(me, 60);
    fill(me->buf, 0, BUFFER);
    while (rc == 0 && sc_now() - begin < 5000)
        rc = sc_stream_write(me->s, me->buf, BUFFER, &me->w);
    late = sc_now() - begin;
    CHECK(rc == SC_ETIMEDOUT);
    CHECK(late >= 60 && late < 5000);
    CHECK(put(me, "x", 1) < 0);
}

static void a_write_that_times_out_breaks_the_stream(void **state)
{
    (void)state;
    for_all(write_too_long, stay, TASKS);
}

static void write_on_the_side(void *arg)
{
    struct side *me = arg;
    struct sc_wait own = {sc_now() + PATIENCE_MS, NULL};
    char *p = malloc(50021);

    me->result = p == NULL ? SC_ENOMEM : 0;
    for (size_t done = 0; me->result == 0 && done < 50021 * 20; done += 50021) {
        fill(p, done, 50021);
        me->result = sc_stream_write(me->s, p, 50021, &own);
    }
    free(p);
    if (me->result == 0)
        me->result = sc_stream_shutdown(me->s, &own);
}

static void speak_and_listen(struct side *me)
{
    int64_t writer = sc_task_go(NULL, write_on_the_side, me);
    size_t done = 0;
    ssize_t n;

    while ((n = get(me, 30011)) > 0) {
        bool good = holds(me->buf, done, (size_t)n);

        done += (size_t)n;
        if (!good)
            break;
    }
    sc_task_join(writer);
    CHECK(n == 0);
    CHECK(me->result == 0);
    CHECK(done == 50021 * 20);
}

static void both_ways_at_once(void **state)
{
    (void)state;
    for_all(speak_and_listen, speak_and_listen, TASKS);
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

/* --- a certificate for TLS --- */

static bool sign(X509 *x, EVP_PKEY *key)
{
    X509_NAME *name = X509_get_subject_name(x);

    X509_set_version(x, 2);
    ASN1_INTEGER_set(X509_get_serialNumber(x), 1);
    X509_gmtime_adj(X509_getm_notBefore(x), -60);
    X509_gmtime_adj(X509_getm_notAfter(x), 3600);
    X509_set_pubkey(x, key);
    X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC,
                               (const unsigned char *)"localhost", -1, -1, 0);
    X509_set_issuer_name(x, name);
    return X509_sign(x, key, EVP_sha256()) > 0;
}

static int make_certificate(void)
{
    EVP_PKEY *key = EVP_EC_gen("P-256");
    X509 *x = X509_new();
    FILE *f = fopen(cert, "w");
    bool good = key != NULL && x != NULL && f != NULL && sign(x, key) &&
                PEM_write_X509(f, x) > 0 &&
                PEM_write_PrivateKey(f, key, NULL, NULL, 0, NULL, NULL) > 0;

    if (f != NULL)
        fclose(f);
    X509_free(x);
    EVP_PKEY_free(key);
    return good ? 0 : -1;
}

static int set_up(void **state)
{
    (void)state;
    if (mkdtemp(dir) == NULL)
        return -1;
    snprintf(cert, sizeof cert, "%s/cert.pem", dir);
    snprintf(path, sizeof path, "%s/path", dir);
    return make_certificate();
}

static int tear_down(void **state)
{
    (void)state;
    unlink(cert);
    return rmdir(dir);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(a_megabyte_comes_back),
    cmocka_unit_test(every_size_of_read_and_write),
    cmocka_unit_test(half_close_leaves_the_other_way),
    cmocka_unit_test(a_timeout_leaves_the_stream_in_order),
    cmocka_unit_test(writing_to_the_closed_is_an_error_only),
    cmocka_unit_test_setup_teardown(a_file_is_sent, make_file, remove_file),
    cmocka_unit_test(a_close_wakes_who_waits),
    cmocka_unit_test(the_second_in_a_direction_is_sent_away),
    cmocka_unit_test(a_cancelled_read_loses_nothing),
    cmocka_unit_test(a_write_that_times_out_breaks_the_stream),
    cmocka_unit_test(both_ways_at_once),
    cmocka_unit_test(a_script_is_played_over_every_stream),
    cmocka_unit_test(a_script_resets_a_connection),
    cmocka_unit_test(streams_with_one_end_are_read_in_every_size),
    cmocka_unit_test(a_pipe_without_a_reader_is_an_error_only),
};

TEST_MAIN_WITH(tests, set_up, tear_down)
