/* half_close.c - say that nothing more comes, and still read the answer. It
 * is an explicit call, for protocols that ask for it: many servers take it
 * for a hang-up. */
#include <simpleclient/class.h>
#include <simpleclient/simpleclient.h>

#include <stdio.h>

/* A server that counts bytes until the end, then answers. */
static void count(void *arg)
{
    SimpleClient *c = sc_attach(&sc_simple_class, arg, NULL);
    char part[512];
    ssize_t n;
    long sum = 0;

    while ((n = sc_read(c, part, sizeof part)) > 0)
        sum += n;
    sc_writeline(c, "%ld bytes", sum);
    sc_close(c);
}

int main(void)
{
    Stream *both[2];
    SimpleClient *c;
    struct sc_span line;
    int rc;

    if (sc_stream_pair(both, NULL) < 0)
        return 1;
    sc_task_go(NULL, count, both[1]);
    c = sc_attach(&sc_simple_class, both[0], NULL);
    sc_write(c, "one two three", 13);
    sc_shutdown(c);
    rc = sc_readline(c, &line);
    if (rc == 0) {
        printf("%.*s\n", (int)line.len, line.data);
        rc = !sc_span_eq(line, "13 bytes");
    }
    sc_close(c);
    sc_run();
    return rc != 0;
}
