/* send_file.c - a file goes out after what is queued, through sendfile(2)
 * where the stream is a plain socket, as a copy where it is TLS. */
#include <simpleclient/class.h>
#include <simpleclient/simpleclient.h>

#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

static void serve(void *arg)
{
    SimpleClient *c =
        sc_attach(&sc_simple_class, sc_accept(arg, 5000, NULL), NULL);
    int fd = open("/proc/self/exe", O_RDONLY);
    struct stat st;

    if (fd >= 0 && fstat(fd, &st) == 0) {
        sc_writeline(c, "%lld", (long long)st.st_size);
        sc_sendfile(c, fd, 0, st.st_size);
        close(fd);
    }
    sc_close(c);
}

int main(void)
{
    struct sc_error err = {0};
    struct sc_listener *l = sc_listen("127.0.0.1:0", &err);
    struct sc_span line;
    SimpleClient *c;
    char part[4096];
    long long size = -1, got = 0;
    ssize_t n;

    if (l == NULL) {
        fprintf(stderr, "%s\n", err.text);
        return 1;
    }
    sc_task_go(NULL, serve, l);
    c = sc_connect(sc_listener_name(l), 0, NULL);
    if (sc_readline(c, &line) == 0) {
        sc_span_copy(part, sizeof part, line);
        sscanf(part, "%lld", &size);
    }
    while ((n = sc_read(c, part, sizeof part)) > 0)
        got += n;
    printf("%lld of %lld bytes\n", got, size);
    sc_close(c);
    sc_run();
    sc_listener_close(l);
    return got != size;
}
