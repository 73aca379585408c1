/* cleanup.c - SC_AUTO_CLIENT and SC_AUTO_STREAM close at the end of the
 * block, whichever way it is left (GCC and clang). */
#include <simpleclient/class.h>
#include <simpleclient/simpleclient.h>

#include <stdio.h>

static int answer(Stream *s)
{
    SC_AUTO_CLIENT SimpleClient *c = sc_attach(&sc_simple_class, s, NULL);
    struct sc_span line;

    if (sc_readline(c, &line) < 0)
        return -1;
    if (!sc_span_eq(line, "ready"))
        return -2; /* c is closed here as well */
    return 0;
}

int main(void)
{
    Stream *both[2];
    char byte;

    if (sc_stream_pair(both, NULL) < 0)
        return 1;
    SC_AUTO_STREAM Stream *other = both[1];
    sc_stream_write(other, "ready\r\n", 7, NULL);
    if (answer(both[0]) < 0)
        return 1;
    /* The client was closed: this side reads the end. */
    printf("closed: %s\n",
           sc_stream_read(other, &byte, 1, NULL) == 0 ? "yes" : "no");
    return 0;
}
