/* news_progress.c - what has come, of how many where that is known. */

#include <inttypes.h>
#include <stdio.h>
#include <unistd.h>

#include <simpleclient/task.h>

#include "news_progress.h"

enum { EVERY_MS = 200, WIDTH = 79 };

bool progress_wanted(const struct news_options *o)
{
    bool to_stdout = o->mbox == NULL && o->dir == NULL && !o->yenc;

    if (o->mail.verbose || o->list || o->post || o->serverinfo ||
        !isatty(STDERR_FILENO))
        return false;
    return !(to_stdout && isatty(STDOUT_FILENO));
}

static void draw(const struct news_job *j)
{
    const char *what = j->o->articles ? "articles" : "lines";
    char line[WIDTH + 1];

    if (j->o->articles && j->over.fetched > 0 && j->r.fetched == 0)
        snprintf(line, sizeof line, "%" PRIu64 " looked at", j->over.fetched);
    else if (j->wanted.n > 0)
        snprintf(line, sizeof line, "%" PRIu64 " of %zu %s", j->r.fetched,
                 j->wanted.n, what);
    else
        snprintf(line, sizeof line, "%" PRIu64 " %s", j->r.fetched, what);
    fprintf(stderr, "\r%-*s", WIDTH, line);
}

void show_progress(void *arg)
{
    do
        draw(arg);
    while (sc_sleep(EVERY_MS) == 0);
    fprintf(stderr, "\r%*s\r", WIDTH, "");
}
