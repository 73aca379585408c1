/* server.c - a web server of three pages, just enough for the tutorial. */
#include "server.h"

#include <simpleclient/class.h>

#include <stdio.h>
#include <string.h>

static struct sc_listener *listener;

static const char *page_of(const char *path)
{
    if (strcmp(path, "/") == 0)
        return "Hello, world.\n";
    if (strcmp(path, "/two") == 0)
        return "The second page.\n";
    return NULL;
}

/* One request; returns 0 if another may follow on this connection. */
static int answer(SimpleClient *c)
{
    char line[256], path[128], version[16];
    struct sc_fields head = {0};
    struct sc_span view;
    const char *page;
    int rc;

    if ((rc = sc_readline(c, &view)) < 0)
        return rc;
    sc_span_copy(line, sizeof line, view);
    if (sscanf(line, "GET %127s %15s", path, version) != 2)
        return SC_EPROTO;
    rc = sc_read_fields(c, &head);
    sc_fields_free(&head);
    if (rc < 0)
        return rc;
    page = page_of(path);
    sc_writeline(c, "HTTP/1.1 %s", page ? "200 OK" : "404 Not Found");
    page = page ? page : "No such page.\n";
    sc_writeline(c, "Content-Type: text/plain");
    sc_writeline(c, "Content-Length: %zu", strlen(page));
    sc_writeline(c, "%s", ""); /* the empty line that ends the head */
    sc_write(c, page, strlen(page));
    if ((rc = sc_flush(c)) < 0)
        return rc;
    return strcmp(version, "HTTP/1.0") == 0 ? SC_EOF : 0;
}

static void serve_one(void *arg)
{
    SimpleClient *c = sc_attach(&sc_simple_class, arg, NULL);

    while (answer(c) == 0)
        ;
    sc_close(c);
}

/* Until the listener is closed; then those who still wait for a request are
 * cancelled. */
static void serve(void *arg)
{
    struct sc_group *g = sc_group_new(NULL, 0);
    Stream *s;

    while ((s = sc_accept(arg, -1, NULL)) != NULL)
        if (sc_group_go(g, serve_one, s) < 0)
            sc_stream_close(s);
    sc_group_cancel(g);
    sc_group_wait(g);
}

const char *server_start(void)
{
    struct sc_error err = {0};

    listener = sc_listen("127.0.0.1:0", &err);
    if (listener == NULL) {
        fprintf(stderr, "%s\n", err.text);
        return NULL;
    }
    sc_task_go(NULL, serve, listener);
    return sc_listener_name(listener);
}

void server_stop(void)
{
    sc_listener_close(listener);
    sc_run();
}
