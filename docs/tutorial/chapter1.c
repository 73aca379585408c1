/* chapter1.c - sockets: connect, write, read until the end. */
#include "server.h"

#include <stdio.h>
#include <string.h>

int main(void)
{
    static const char request[] = "GET / HTTP/1.0\r\n\r\n";
    const char *server = server_start();
    struct sc_error err = {0};
    struct sc_wait w = {sc_now() + 5000, &err}; /* five seconds for it all */
    struct sc_peer peer;
    Stream *s = sc_stream_connect(server, 0, NULL, &err);
    char part[512];
    ssize_t n = -1;

    if (s != NULL && sc_stream_info(s, SC_INFO_PEER, &peer) == 0)
        printf("connected to %s\n", peer.address);
    if (s != NULL && sc_stream_write(s, request, strlen(request), &w) == 0)
        while ((n = sc_stream_read(s, part, sizeof part, &w)) > 0)
            fwrite(part, 1, n, stdout);
    if (n < 0)
        fprintf(stderr, "chapter1: %s\n", err.text);
    sc_stream_close(s);
    server_stop();
    return n != 0;
}
