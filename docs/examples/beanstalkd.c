/* beanstalkd.c - beanstalkd HOST:PORT put TEXT | take: jobs in a queue; "reserve"
 * waits as long as it takes, so its wait has a time of its own. */

#include <stdio.h>
#include <string.h>

#include <simpleclient/class.h>

enum { JOB_MOST = 65535, PATIENCE_S = 3 };

static int beanstalkd_quit(SimpleClient *c)
{
    sc_writeline(c, "quit"); /* answered by the end */
    return sc_flush(c);
}

static const struct client_class beanstalkd_class = {
    .name = "beanstalkd",
    .scheme = "beanstalkd",
    .port = 11300,
    .size = sizeof(SimpleClient),
    .line_limit = 224,
    .greet = sc_client_greet,
    .reply = sc_client_reply, /* not used: replies are words */
    .quit = beanstalkd_quit,
    .cleanup = sc_client_cleanup,
};

/* Read a line that FORMAT fits with N numbers. */
static int expect(SimpleClient *c, const char *format, int n, unsigned long *a,
                  unsigned long *b)
{
    struct sc_span line;
    char text[224];
    int rc = sc_readline(c, &line);

    if (rc < 0)
        return rc;
    if (!sc_span_copy(text, sizeof text, line) ||
        sscanf(text, format, a, b) != n)
        return sc_fail(c, SC_EREPLY, "%s", text);
    return 0;
}

static int put(SimpleClient *c, const char *job)
{
    unsigned long id = 0;
    int rc;

    sc_writeline(c, "put 0 0 60 %zu", strlen(job));
    sc_write(c, job, strlen(job));
    sc_write(c, "\r\n", 2);
    if ((rc = expect(c, "INSERTED %lu", 1, &id, NULL)) == 0)
        printf("%lu\n", id);
    return rc;
}

/* Wait for a job, show it, and tell that it is done. */
static int take(SimpleClient *c)
{
    static char job[JOB_MOST + 2];
    unsigned long id, n;
    struct sc_span line;
    int rc;

    sc_timeout(c, (PATIENCE_S + 5) * 1000); /* the server's first */
    sc_writeline(c, "reserve-with-timeout %d", PATIENCE_S);
    if ((rc = expect(c, "RESERVED %lu %lu", 2, &id, &n)) < 0)
        return rc;
    sc_timeout(c, 0);
    if (n > JOB_MOST)
        return sc_break(c, SC_ETOOBIG, "a job of %lu bytes", n);
    if ((rc = sc_read_exact(c, job, n + 2)) < 0)
        return rc;
    fwrite(job, 1, n, stdout);
    putchar('\n');
    sc_writeline(c, "delete %lu", id);
    if ((rc = sc_readline(c, &line)) == 0 && !sc_span_eq(line, "DELETED"))
        rc = sc_fail(c, SC_EREPLY, "%.*s", (int)line.len, line.data);
    return rc;
}

int main(int argc, char **argv)
{
    SimpleClient *c;
    int rc;

    if (!(argc == 4 && strcmp(argv[2], "put") == 0) &&
        !(argc == 3 && strcmp(argv[2], "take") == 0)) {
        fputs("usage: beanstalkd HOST[:PORT] put TEXT | take\n", stderr);
        return 2;
    }
    c = sc_open(&beanstalkd_class, argv[1], 0, NULL);
    if ((rc = argc == 4 ? put(c, argv[3]) : take(c)) < 0)
        fprintf(stderr, "%s\n", sc_last_error(c)->text);
    sc_close(c);
    return rc < 0;
}
