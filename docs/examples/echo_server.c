/* echo_server.c - a TCP server that serves many clients at once: one task
 * accepts, one task per connection echoes lines. A hundred clients, tasks of
 * the same loop, try it out. */
#include <simpleclient/class.h>
#include <simpleclient/simpleclient.h>

#include <stdio.h>

enum { CLIENTS = 100 };

static int right; /* clients that got their own line back */

/* One connection. sc_readline returns SC_EOF when the client has gone. */
static void echo(void *arg)
{
    SimpleClient *c = sc_attach(&sc_simple_class, arg, NULL);
    struct sc_span line;
    char copy[256];

    while (sc_readline(c, &line) == 0) {
        sc_span_copy(copy, sizeof copy, line); /* line is only borrowed */
        sc_writeline(c, "%s", copy);
    }
    sc_drop(c);
}

/* Until the listener is closed: sc_accept then returns NULL. */
static void serve(void *arg)
{
    struct sc_group *g = sc_group_new(NULL, 0);
    Stream *s;

    while ((s = sc_accept(arg, -1, NULL)) != NULL)
        if (sc_group_go(g, echo, s) < 0)
            sc_stream_close(s);
    sc_group_wait(g);
}

static void try_it(void *arg)
{
    SimpleClient *c = sc_connect(sc_listener_name(arg), 0, NULL);
    struct sc_span line;

    sc_writeline(c, "hello");
    if (sc_readline(c, &line) == 0 && sc_span_eq(line, "hello"))
        right++;
    sc_close(c);
}

int main(void)
{
    struct sc_error err = {0};
    struct sc_listener *l = sc_listen("127.0.0.1:0", &err);
    struct sc_group *g = sc_group_new(NULL, 0);

    if (l == NULL) {
        fprintf(stderr, "%s\n", err.text);
        return 1;
    }
    sc_task_go(NULL, serve, l);
    for (int i = 0; i < CLIENTS; i++)
        sc_group_go(g, try_it, l);
    sc_group_wait(g);
    sc_listener_close(l);
    sc_run(); /* until the server's task has ended too */
    printf("%d of %d clients were answered\n", right, CLIENTS);
    return right != CLIENTS;
}
