/* test_mail_memory.c - an allocation fails while a message is stored: nothing
 * of it is left, or it is stored whole and once. */
#include "main.h"

#include <stdlib.h>

#include <simpleclient/task.h>

#include "mail/mail_store.h"
#include "scratch.h"

static struct scratch scratch;
static char place[200];
static long left = -1; /* allocations until one fails; < 0: none will */

static void *my_realloc(void *p, size_t n)
{
    return left >= 0 && left-- == 0 ? NULL : realloc(p, n);
}

static void *my_malloc(size_t n)
{
    return my_realloc(NULL, n);
}

static int start(void **state)
{
    static const struct sc_allocator mine = {my_malloc, my_realloc, free};

    (void)state;
    sc_set_allocator(&mine);
    scratch = scratch_new();
    snprintf(place, sizeof place, "%s/place", scratch.dir);
    return 0;
}

static int stop(void **state)
{
    (void)state;
    scratch_free(&scratch);
    return 0;
}

typedef struct mail_store *(*begin_fn)(struct sc_error *err);

static struct mail_store *begin_maildir(struct sc_error *err)
{
    return mail_maildir_begin_marked(place, "mark", err);
}

static struct mail_store *begin_mbox(struct sc_error *err)
{
    return mail_mbox_begin(place, NULL, err);
}

static struct mail_store *begin_command(struct sc_error *err)
{
    static char command[300];

    snprintf(command, sizeof command, "cat > %s", place);
    return mail_command_begin(command, err);
}

struct job {
    begin_fn begin;
    int fail_at, rc;
};

/* In a task: work is done in threads. More than is held in memory. */
static void store(void *arg)
{
    struct job *j = arg;
    struct sc_error e = {0};
    struct mail_store *s;

    left = j->fail_at;
    if ((s = j->begin(&e)) == NULL) {
        j->rc = e.code;
        return;
    }
    for (int i = 0; i < 10000; i++)
        mail_store_sink(s, "0123456789\r\n", 12);
    j->rc = mail_store_finish(s, &e);
    if (j->rc < 0 && e.text[0] == '\0')
        fail_msg("no words for %d", j->rc);
    left = -1;
}

static int count(const char *path)
{
    char name[300];

    snprintf(name, sizeof name, "%s/%s", place, path);
    return scratch_count(name, NULL);
}

/* How many whole messages there are; a part of one is a failure. */
static int stored(begin_fn begin)
{
    struct sc_buf b;
    int n;

    if (begin == begin_maildir) {
        assert_int_equal(count("tmp"), 0);
        return count("new");
    }
    b = scratch_read(place);
    n = (int)(b.len / 110000);
    assert_int_equal(b.len % 110000, begin == begin_mbox ? n * 45 : 0);
    sc_buf_free(&b);
    return n;
}

static void walk(begin_fn begin)
{
    struct job j = {.begin = begin, .rc = SC_ENOMEM};
    int64_t task;

    for (; j.rc != 0; j.fail_at++) {
        task = sc_task_go(NULL, store, &j);
        assert_true(task > 0);
        sc_task_join(task);
        left = -1;
        if (j.rc != 0 && j.rc != SC_ENOMEM)
            fail_msg("at %d: %s", j.fail_at, sc_strerror(j.rc));
        assert_int_equal(stored(begin), j.rc == 0);
        assert_true(j.fail_at < 200);
    }
    assert_true(j.fail_at > 5);
    scratch_free(&scratch);
    mkdir(scratch.dir, 0700);
}

static void a_maildir_has_it_whole_or_not(void **state)
{
    (void)state;
    walk(begin_maildir);
}

static void an_mbox_has_it_whole_or_not(void **state)
{
    (void)state;
    walk(begin_mbox);
}

static void a_command_has_it_whole_or_not(void **state)
{
    (void)state;
    walk(begin_command);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(a_maildir_has_it_whole_or_not),
    cmocka_unit_test(an_mbox_has_it_whole_or_not),
    cmocka_unit_test(a_command_has_it_whole_or_not),
};

TEST_MAIN_WITH(tests, start, stop)
