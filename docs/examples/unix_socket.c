/* unix_socket.c - where a server is named, a path is as good as a host: the
 * same calls, over a Unix socket. */
#include <simpleclient/class.h>
#include <simpleclient/simpleclient.h>

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static void serve(void *arg)
{
    SimpleClient *c =
        sc_attach(&sc_simple_class, sc_accept(arg, 5000, NULL), NULL);

    sc_writeline(c, "220 at your service");
    sc_expect(c, 2, NULL);
    sc_close(c);
}

int main(void)
{
    char dir[] = "/tmp/simpleclient.XXXXXX", path[64];
    struct sc_error err = {0};
    struct sc_listener *l;
    SimpleClient *c;
    int rc;

    if (mkdtemp(dir) == NULL)
        return 1;
    snprintf(path, sizeof path, "%s/socket", dir);
    if ((l = sc_listen(path, &err)) == NULL) {
        fprintf(stderr, "%s\n", err.text);
        return 1;
    }
    sc_task_go(NULL, serve, l);
    c = sc_connect(path, 0, NULL);
    rc = sc_expect(c, 220, NULL);
    if (rc < 0)
        fprintf(stderr, "%s\n", sc_last_error(c)->text);
    sc_writeline(c, "200 thank you");
    sc_close(c);
    sc_run();
    sc_listener_close(l);
    unlink(path);
    rmdir(dir);
    return rc != 220;
}
