/* pop_fetch.c - a task for each account, and one that shows how far all are. */

#include "../term/interrupt.h"
#include "pop_fetch.h"
#include "pop_progress.h"

enum { AT_ONCE = 100 }; /* each has up to five descriptors */

/* --- one account --- */

static int want(void *arg, const struct pop3_message *m)
{
    struct pop_account *a = arg;

    a->progress.messages++;
    a->progress.bytes += m->size;
    if (a->progress.on)
        sc_buf_add(&a->progress.sizes, &m->size, sizeof m->size);
    return 1;
}

static int begin_message(void *arg, const struct pop3_message *m)
{
    struct pop_account *a = arg;

    (void)m;
    aside_reset(&a->aside);
    return 0;
}

static int take_bytes(void *arg, const void *p, size_t n)
{
    struct pop_account *a = arg;

    return aside_add(&a->aside, p, n);
}

static int end_message(void *arg, const struct pop3_message *m, int rc)
{
    struct pop_account *a = arg;

    (void)m;
    if (rc == 0)
        rc = a->stdout_error = aside_write(&a->aside);
    aside_reset(&a->aside);
    return rc;
}

/* Without a place messages go to stdout, and stay where they are. */
static struct pop3_fetch how_of(struct pop_account *a)
{
    const struct pop_options *o = a->o;
    struct pop3_fetch how = {.want = want,
                             .arg = a,
                             .maildir = o->maildir,
                             .mbox = o->mbox,
                             .command = o->command,
                             .state = a->state,
                             .max_size = o->max_size,
                             .options = &a->connect};

    if (o->keep)
        how.flags |= POP3_KEEP;
    if (o->headers)
        how.flags |= POP3_HEADERS;
    if (o->maildir == NULL && o->mbox == NULL && o->command == NULL) {
        how.flags |= POP3_KEEP;
        how.begin = begin_message;
        how.sink = take_bytes;
        how.end = end_message;
    }
    return how;
}

static void fetch_one(void *arg)
{
    struct pop_account *a = arg;
    struct pop3_fetch how = how_of(a);

    pop3_fetch(a->server.data, &how, &a->r);
}

/* --- all --- */

static void not_begun(struct pop_account *a, int rc)
{
    a->r.error.code = rc;
}

int fetch_accounts(struct pop_account *all, size_t n)
{
    struct sc_group *g = sc_group_new(NULL, AT_ONCE);
    struct pop_progress p = {.all = all, .n = n};
    bool shown = progress_wanted(all[0].o);
    int rc;

    for (size_t i = 0; i < n; i++)
        all[i].progress.on = shown;
    for (size_t i = 0; i < n; i++)
        if ((rc = sc_group_go(g, fetch_one, &all[i])) < 0)
            not_begun(&all[i], rc);
    return wait_or_interrupt(g, shown ? show_progress : NULL, &p);
}
