/* udp_echo.c - datagrams: a server that sends each one back, and a client
 * that waits one second at most for the answer. */
#include <simpleclient/simpleclient.h>

#include <stdio.h>
#include <string.h>

/* Until the socket is closed under it. */
static void serve(void *arg)
{
    struct sc_udp *u = arg;
    struct sc_peer from;
    char data[512], to[128];
    ssize_t n;

    while ((n = sc_udp_recv(u, data, sizeof data, -1, &from)) >= 0) {
        snprintf(to, sizeof to, "%s:%d", from.address, from.port);
        sc_udp_send(u, to, data, n);
    }
}

int main(void)
{
    struct sc_error err = {0};
    struct sc_udp *server = sc_udp_open("127.0.0.1:0", &err);
    struct sc_udp *client = sc_udp_open("127.0.0.1:0", &err);
    char to[32], data[512];
    ssize_t n = -1;

    if (server != NULL && client != NULL) {
        sc_task_go(NULL, serve, server);
        snprintf(to, sizeof to, "127.0.0.1:%d", sc_udp_port(server));
        sc_udp_send(client, to, "ping", 4);
        n = sc_udp_recv(client, data, sizeof data, 1000, NULL);
    } else {
        fprintf(stderr, "%s\n", err.text);
    }
    if (n >= 0)
        printf("%.*s came back\n", (int)n, data);
    sc_udp_close(client);
    sc_udp_close(server);
    sc_run();
    return n != 4 || memcmp(data, "ping", 4) != 0;
}
