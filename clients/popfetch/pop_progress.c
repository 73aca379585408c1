/* pop_progress.c - messages and bytes of all accounts together. */

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <simpleclient/task.h>

#include "pop_progress.h"

enum { EVERY_MS = 200, WIDTH = 79 };

bool progress_wanted(const struct pop_options *o)
{
    bool to_stdout =
        o->maildir == NULL && o->mbox == NULL && o->command == NULL;

    if (o->mail.verbose || !isatty(STDERR_FILENO))
        return false;
    return !(to_stdout && isatty(STDOUT_FILENO));
}

/* The sizes that LIST has told of those that are stored. */
static uint64_t bytes_done(struct pop_account *a)
{
    const struct sc_buf *sizes = &a->progress.sizes;
    size_t known = sizes->len / sizeof(uint64_t);
    uint64_t size;

    for (; a->progress.counted < a->r.fetched && a->progress.counted < known;
         a->progress.counted++) {
        memcpy(&size, sizes->data + a->progress.counted * sizeof size,
               sizeof size);
        a->progress.done += size;
    }
    return a->progress.done;
}

static void draw(struct pop_progress *p)
{
    uint64_t done = 0, all = 0, bytes = 0, all_bytes = 0;
    char line[WIDTH + 1];

    for (size_t i = 0; i < p->n; i++) {
        done += p->all[i].r.fetched;
        all += p->all[i].progress.messages;
        bytes += bytes_done(&p->all[i]);
        all_bytes += p->all[i].progress.bytes;
    }
    snprintf(line, sizeof line,
             "%" PRIu64 " of %" PRIu64 " messages, %.1f of %.1f MB", done, all,
             (double)bytes / 1e6, (double)all_bytes / 1e6);
    fprintf(stderr, "\r%-*s", WIDTH, line);
}

void show_progress(void *arg)
{
    struct pop_progress *p = arg;

    do
        draw(p);
    while (sc_sleep(EVERY_MS) == 0);
    fprintf(stderr, "\r%*s\r", WIDTH, "");
}
