/* test_pop3_cuts.c - the connection ends behind each byte that the server says,
 * in order or by reset, or the task is cancelled at each step: after the next
 * run every message was stored exactly once, and none is left. */
#include "main.h"

#include <time.h>

#include "pop3_peer.h"
#include "scratch.h"

enum { MAILS = 3 };

static const char *const texts[MAILS] = {"A: 1\r\n\r\n.\r\n..\r\n",
                                         "A: 2\r\n\r\nx\r\n", "A: 3\r\n"};
static const struct sc_options opt = {.wait_ms = 5000};
static struct scratch scratch;
static char dir[200], state_file[200];

static int make(void **state)
{
    (void)state;
    scratch = scratch_new();
    snprintf(dir, sizeof dir, "%s/Mail", scratch.dir);
    snprintf(state_file, sizeof state_file, "%s/state", scratch.dir);
    return 0;
}

static int clean(void **state)
{
    (void)state;
    scratch_free(&scratch);
    return 0;
}

/* --- into memory --- */

struct kept {
    struct sc_buf text; /* of the message that comes */
    int stored[MAILS];
};

static int keep_begin(void *arg, const struct pop3_message *m)
{
    struct kept *k = arg;

    (void)m;
    assert_int_equal(k->text.len, 0);
    return 0;
}

static int keep_end(void *arg, const struct pop3_message *m, int rc)
{
    struct kept *k = arg;
    unsigned i = (unsigned)(m->uid[0] - 'a');

    assert_true(i < MAILS);
    if (rc == 0) {
        assert_string_equal(k->text.data, texts[i]);
        k->stored[i]++;
    }
    k->text.len = 0;
    return 0;
}

static int keep_sink(void *arg, const void *p, size_t n)
{
    return sc_buf_add(&((struct kept *)arg)->text, p, n);
}

struct walk {
    const char *caps;
    bool reset, forgets;
    int whole; /* first runs that were in order */
};

static void fill(struct pop3_peer *p)
{
    static const char *const uids[MAILS] = {"a", "b", "c"};

    for (int i = 0; i < MAILS; i++)
        peer_add(p, uids[i], texts[i]);
}

/* Returns false when all was said before. */
static bool cut_at(struct walk *w, uint64_t byte)
{
    struct kept kept = {.stored = {0}};
    struct pop3_fetch how = {.begin = keep_begin,
                             .sink = keep_sink,
                             .end = keep_end,
                             .arg = &kept,
                             .state = state_file,
                             .options = &opt};
    struct pop3_result r = {0};
    struct pop3_peer p;
    bool cut;
    int rc;

    pop3_peer_start(&p, w->caps);
    fill(&p);
    p.cut_at = byte;
    p.by_reset = w->reset;
    p.forgets = w->forgets;
    rc = pop3_fetch(p.url, &how, &r);
    cut = p.cut_at == 0;
    w->whole += rc == 0;
    if (rc == 0) /* what it claims is true */
        assert_int_equal(r.deleted, MAILS);
    p.cut_at = 0;
    kept.text.len = 0;
    if (pop3_fetch(p.url, &how, &r) < 0)
        fail_msg("%d: %s", (int)byte, r.error.text);
    for (int i = 0; i < MAILS; i++)
        if (kept.stored[i] != 1)
            fail_msg("cut at %d: %d times", (int)byte, kept.stored[i]);
    assert_int_equal(peer_left(&p), 0);
    sc_buf_free(&kept.text);
    pop3_peer_stop(&p);
    unlink(state_file); /* another port is another account */
    return cut;
}

static void walk_all(struct walk w)
{
    uint64_t byte = 1;

    while (cut_at(&w, byte))
        assert_true(++byte < 2000);
    assert_true(byte > 200);
    assert_true(w.whole < 5); /* but for the last bytes */
}

static void cut_at_each_byte(void **state)
{
    (void)state;
    walk_all((struct walk){.caps = "UIDL\nUSER\n"});
}

static void cut_at_each_byte_of_a_pipeline(void **state)
{
    (void)state;
    walk_all((struct walk){.caps = "UIDL\nUSER\nPIPELINING\n"});
}

static void reset_at_each_byte(void **state)
{
    (void)state;
    walk_all((struct walk){.caps = "UIDL\nUSER\nPIPELINING\n", .reset = true});
}

static void cut_at_each_byte_and_quit_forgotten(void **state)
{
    (void)state;
    walk_all(
        (struct walk){.caps = "UIDL\nUSER\nPIPELINING\n", .forgets = true});
}

/* --- into a Maildir --- */

struct job {
    struct pop3_peer *p;
    unsigned flags;
    struct pop3_result r;
    int rc;
    bool done;
};

static void fetch(void *arg)
{
    struct job *j = arg;
    struct pop3_fetch how = {.maildir = dir,
                             .state = state_file,
                             .flags = j->flags,
                             .options = &opt};

    j->rc = pop3_fetch(j->p->url, &how, &j->r);
    j->done = true;
}

static int in(const char *folder)
{
    char path[300];

    snprintf(path, sizeof path, "%s/%s", dir, folder);
    return scratch_count(path, NULL);
}

/* When the server has said so much. Returns false when it had ended. */
static bool cancel_after(uint64_t bytes)
{
    struct job j = {.rc = 0};
    struct pop3_peer p;
    int64_t task;
    bool done;

    pop3_peer_start(&p, "UIDL\nUSER\nPIPELINING\n");
    fill(&p);
    j.p = &p;
    task = sc_task_go(NULL, fetch, &j);
    while (p.sent < bytes && !j.done)
        sc_yield();
    done = j.done;
    sc_task_cancel(task);
    sc_task_join(task);
    if (!done)
        assert_int_equal(j.rc, SC_ECANCELED);
    assert_int_equal(in("tmp"), 0);
    fetch(&j);
    if (j.rc < 0)
        fail_msg("%s", j.r.error.text);
    assert_int_equal(in("new"), MAILS);
    assert_int_equal(peer_left(&p), 0);
    pop3_peer_stop(&p);
    unlink(state_file);
    scratch_free(&scratch);
    mkdir(scratch.dir, 0700);
    return !done;
}

static void cancelled_at_each_step(void **state)
{
    uint64_t bytes = 0;

    (void)state;
    while (cancel_after(bytes))
        bytes += 5;
    assert_in_range(bytes, 200, 1000);
}

/* Killed between storing and noting it: the file lies in new/, or a reader has
 * moved it. */
static void a_run_that_was_killed_is_found_in_the_maildir(void **state)
{
    char name[700], moved[900], path[300];
    struct pop3_peer p;
    struct job j = {.p = &p};
    struct sc_buf text;

    (void)state;
    pop3_peer_start(&p, "UIDL\nUSER\n");
    fill(&p);
    peer_says(&p, "QUIT", "!");
    fetch(&j);
    assert_int_equal(in("new"), MAILS);
    text = scratch_read(state_file);
    strstr(text.data, "\n")[1] = '\0'; /* the title */
    sc_buf_addf(&text, "%s", "");
    snprintf(moved, sizeof moved, "%s< %lld\n+ a\n+ b", text.data,
             (long long)time(NULL) - 5);
    scratch_write(state_file, moved); /* b was cut, c is not there */
    sc_buf_free(&text);
    snprintf(path, sizeof path, "%s/new", dir);
    scratch_count(path, name);
    snprintf(moved, sizeof moved, "%s/cur/%s:2,S", dir, strrchr(name, '/') + 1);
    assert_int_equal(rename(name, moved), 0);
    fetch(&j); /* QUIT is lost again: it must have been noted */
    assert_int_equal(j.r.undecided, MAILS);
    p.n_rules = 0;
    fetch(&j);
    if (j.rc < 0)
        fail_msg("%s", j.r.error.text);
    assert_int_equal(j.r.skipped, MAILS);
    assert_int_equal(j.r.deleted, MAILS);
    assert_int_equal(in("new") + in("cur"), MAILS);
    pop3_peer_stop(&p);
}

/* A server that gives a UID again: what an earlier run has stored says nothing of
 * the message that has it now. */
static void files_of_earlier_runs_say_nothing(void **state)
{
    struct pop3_peer p;
    struct job j = {.p = &p};
    char title[300];
    struct sc_buf text;

    (void)state;
    pop3_peer_start(&p, "UIDL\nUSER\n");
    fill(&p);
    fetch(&j);
    assert_int_equal(j.r.deleted, MAILS);
    fill(&p);
    text = scratch_read(state_file);
    snprintf(title, sizeof title, "%s< %lld\n", text.data,
             (long long)time(NULL) + 5);
    scratch_write(state_file, title);
    sc_buf_free(&text);
    fetch(&j);
    if (j.rc < 0)
        fail_msg("%s", j.r.error.text);
    assert_int_equal(j.r.fetched, MAILS);
    assert_int_equal(in("new"), 2 * MAILS);
    pop3_peer_stop(&p);
}

/* A run that took headers only and was killed: they are no messages. */
static void a_header_that_was_stored_is_no_message(void **state)
{
    struct pop3_peer p;
    struct job j = {.p = &p, .flags = POP3_HEADERS};
    char title[300];
    struct sc_buf text;

    (void)state;
    pop3_peer_start(&p, "UIDL\nUSER\nTOP\n");
    fill(&p);
    fetch(&j);
    assert_int_equal(j.r.fetched, MAILS);
    text = scratch_read(state_file);
    snprintf(title, sizeof title, "%s< %lld\n", text.data,
             (long long)time(NULL) - 5);
    scratch_write(state_file, title);
    sc_buf_free(&text);
    j.flags = 0;
    fetch(&j);
    if (j.rc < 0)
        fail_msg("%s", j.r.error.text);
    assert_int_equal(j.r.fetched, MAILS);
    assert_int_equal(in("new"), 2 * MAILS);
    pop3_peer_stop(&p);
}

#define T(f) cmocka_unit_test_setup_teardown(f, make, clean)
static const struct CMUnitTest tests[] = {
    T(cut_at_each_byte),
    T(cut_at_each_byte_of_a_pipeline),
    T(reset_at_each_byte),
    T(cut_at_each_byte_and_quit_forgotten),
    T(cancelled_at_each_step),
    T(a_run_that_was_killed_is_found_in_the_maildir),
    T(files_of_earlier_runs_say_nothing),
    T(a_header_that_was_stored_is_no_message),
};

TEST_MAIN(tests)
