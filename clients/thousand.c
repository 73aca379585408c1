/* thousand.c - a thousand URLs at once, a hundred at a time, on one thread. The
 * dialogue is the plain http_get: in a task it parks instead of blocking. */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <simpleclient/http.h>
#include <simpleclient/task.h>

struct job {
    const char *url;
    struct http_reply page;
    int rc;
};

static void fetch(void *arg)
{
    struct job *j = arg;

    j->rc = http_get(j->url, &j->page);
}

static int fetch_all(struct job *jobs, size_t n)
{
    struct sc_group *g = sc_group_new(NULL, 100); /* 100 at a time */

    for (size_t i = 0; i < n; i++)
        sc_group_go(g, fetch, &jobs[i]);
    return sc_group_wait(g); /* frees g; 0 when every task has ended */
}

/* One line for what came; the first failure is told in words. */
static int report(struct job *jobs, size_t n, int64_t took_ms)
{
    size_t good = 0, bytes = 0, first = n;

    for (size_t i = 0; i < n; i++) {
        if (jobs[i].rc == 0)
            good++;
        else if (first == n)
            first = i;
        bytes += jobs[i].page.body.len;
    }
    printf("%zu of %zu answers, %zu bytes, %lld ms\n", good, n, bytes,
           (long long)took_ms);
    if (first < n)
        fprintf(stderr, "thousand: %s\n", jobs[first].page.error.text);
    return good == n ? 0 : 1;
}

static int usage(FILE *to)
{
    fputs("usage: thousand URL [N]\n", to);
    return to == stdout ? 0 : 2;
}

int main(int argc, char **argv)
{
    char *end = "";
    size_t n = argc > 2 ? strtoul(argv[2], &end, 10) : 1000;
    struct job *jobs;
    int64_t begin = sc_now();
    int rc;

    if (argc == 2 && strcmp(argv[1], "--help") == 0)
        return usage(stdout);
    if (argc < 2 || argc > 3 || argv[1][0] == '-' || n == 0 || n > 1000000 ||
        *end != '\0')
        return usage(stderr);
    if ((jobs = calloc(n, sizeof *jobs)) == NULL)
        return 27;
    for (size_t i = 0; i < n; i++)
        jobs[i].url = argv[1];
    if ((rc = fetch_all(jobs, n)) < 0)
        fprintf(stderr, "thousand: %s\n", sc_strerror(rc));
    else
        rc = report(jobs, n, sc_now() - begin);
    for (size_t i = 0; i < n; i++)
        http_reply_free(&jobs[i].page);
    free(jobs);
    return rc != 0;
}
