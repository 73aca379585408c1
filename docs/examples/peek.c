/* peek.c - look at what has come before taking it: one port, two protocols,
 * told apart by the first byte. */
#include <simpleclient/class.h>
#include <simpleclient/simpleclient.h>

#include <stdio.h>

static int lines, binaries;

static void serve(void *arg)
{
    SimpleClient *c = sc_attach(&sc_simple_class, arg, NULL);
    struct sc_span view;
    char packet[4];

    if (sc_peek(c, 1, &view) == 0) {
        if (view.data[0] == 0) /* not taken: it is read again below */
            binaries += sc_read_exact(c, packet, sizeof packet) == 0;
        else
            lines += sc_readline(c, &view) == 0 && sc_span_eq(view, "HELO");
    }
    sc_drop(c);
}

static void talk(const char *bytes, size_t n)
{
    Stream *both[2];
    SimpleClient *c;

    if (sc_stream_pair(both, NULL) < 0)
        return;
    sc_task_go(NULL, serve, both[1]);
    c = sc_attach(&sc_simple_class, both[0], NULL);
    sc_write(c, bytes, n);
    sc_flush(c);
    sc_run();
    sc_close(c);
}

int main(void)
{
    talk("HELO\r\n", 6);
    talk("\0\1\2\3", 4);
    printf("%d line, %d binary\n", lines, binaries);
    return lines != 1 || binaries != 1;
}
