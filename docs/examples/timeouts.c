/* timeouts.c - how long a call waits: by default, by a client's options, for
 * the calls that follow, and for all of them together. The server here never
 * says a word. */
#include <simpleclient/simpleclient.h>

#include <stdio.h>

static int failed;

/* C must give up after about MS. */
static void silent(const char *what, SimpleClient *c, int64_t ms)
{
    int64_t begin = sc_now();
    struct sc_span line;
    int rc = sc_readline(c, &line);
    int64_t took = sc_now() - begin;

    printf("%s: %s after %lld ms\n", what, sc_strerror(rc), (long long)took);
    failed |= rc != SC_ETIMEDOUT || took < ms - 5 || took > ms + 1000;
    sc_close(c);
}

int main(void)
{
    struct sc_options defaults = {.wait_ms = 50}, own = {.wait_ms = 100};
    struct sc_listener *l = sc_listen("127.0.0.1:0", NULL);
    SimpleClient *c;
    const char *server;

    if (l == NULL)
        return 1;
    server = sc_listener_name(l);

    sc_set_defaults(&defaults); /* for the whole process */
    silent("default", sc_connect(server, 0, NULL), 50);

    silent("own options", sc_connect(server, 0, &own), 100);

    c = sc_connect(server, 0, NULL);
    sc_timeout(c, 150); /* each wait from here on */
    silent("sc_timeout", c, 150);

    own.wait_ms = 10000;
    c = sc_connect(server, 0, &own);
    sc_deadline(c, 200); /* all waits from here on, together */
    silent("sc_deadline", c, 200);

    sc_set_defaults(NULL);
    sc_listener_close(l);
    return failed;
}
