/* server.c - a web server of a few pages, just enough for the tutorial. */
#include "server.h"

#include <simpleclient/class.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct sc_listener *listener;

/* A request: what the pages want to know of it. */
struct asked {
    char method[16], path[128], version[16];
    char cookie[128];
    struct sc_buf body;
};

/* --- pages --- */

static void send_page(SimpleClient *c, const char *status, const char *more,
                      const char *page, size_t n)
{
    sc_writeline(c, "HTTP/1.1 %s", status);
    if (more != NULL)
        sc_writeline(c, "%s", more);
    sc_writeline(c, "Content-Type: text/plain");
    sc_writeline(c, "Content-Length: %zu", n);
    sc_writeline(c, "%s", ""); /* the empty line that ends the head */
    sc_write(c, page, n);
}

static void send_text(SimpleClient *c, const char *status, const char *more,
                      const char *text)
{
    send_page(c, status, more, text, strlen(text));
}

/* In chunks, with a trailer (RFC 9112 section 7.1). */
static void send_lines(SimpleClient *c)
{
    static const char *const lines[] = {"HTTP/1.1 200 OK",
                                        "Transfer-Encoding: chunked",
                                        "",
                                        "a",
                                        "first\nseco",
                                        "9",
                                        "nd\nthird\n",
                                        "0",
                                        "X-Lines: 3",
                                        ""};

    for (size_t i = 0; i < sizeof lines / sizeof lines[0]; i++) {
        if (strchr(lines[i], '\n') == NULL) {
            sc_writeline(c, "%s", lines[i]);
        } else {
            sc_write(c, lines[i], strlen(lines[i]));
            sc_write(c, "\r\n", 2);
        }
    }
}

static void send_answer(SimpleClient *c, const struct asked *a)
{
    if (strcmp(a->path, "/") == 0)
        send_text(c, "200 OK", NULL, "Hello, world.\n");
    else if (strcmp(a->path, "/two") == 0)
        send_text(c, "200 OK", NULL, "The second page.\n");
    else if (strcmp(a->path, "/old") == 0)
        send_text(c, "302 Found", "Location: /two", "It has moved.\n");
    else if (strcmp(a->path, "/login") == 0)
        send_text(c, "200 OK", "Set-Cookie: who=joe; Path=/", "Welcome.\n");
    else if (strcmp(a->path, "/who") == 0)
        send_text(c, "200 OK", NULL, a->cookie);
    else if (strcmp(a->path, "/lines") == 0)
        send_lines(c);
    else if (strcmp(a->path, "/echo") == 0)
        send_page(c, "200 OK", NULL, a->body.data, a->body.len);
    else
        send_text(c, "404 Not Found", NULL, "No such page.\n");
}

/* --- requests --- */

static int read_part(SimpleClient *c, struct sc_buf *out, size_t n)
{
    int rc = sc_buf_reserve(out, n);

    if (rc == 0 && n > 0 &&
        (rc = sc_read_exact(c, out->data + out->len, n)) == 0)
        out->len += n;
    return rc;
}

static int read_chunks(SimpleClient *c, struct sc_buf *out)
{
    struct sc_span line;
    size_t n;
    int rc;

    do {
        if ((rc = sc_readline(c, &line)) < 0)
            return rc;
        n = strtoul(line.data, NULL, 16);
        if (n > 1 << 20)
            return SC_ETOOBIG;
        if ((rc = read_part(c, out, n)) < 0 || (rc = sc_readline(c, &line)) < 0)
            return rc;
    } while (n > 0);
    return 0;
}

static int read_request(SimpleClient *c, struct asked *a)
{
    struct sc_fields head = {0};
    struct sc_span view;
    char line[256];
    size_t n;
    int rc;

    if ((rc = sc_readline(c, &view)) < 0)
        return rc;
    sc_span_copy(line, sizeof line, view);
    if (sscanf(line, "%15s %127s %15s", a->method, a->path, a->version) != 3)
        return SC_EPROTO;
    rc = sc_read_fields(c, &head);
    snprintf(a->cookie, sizeof a->cookie, "%s\n",
             sc_fields_get(&head, "Cookie", "nobody"));
    n = strtoul(sc_fields_get(&head, "Content-Length", "0"), NULL, 10);
    if (rc == 0 && n > 1 << 20)
        rc = SC_ETOOBIG;
    else if (rc == 0 && sc_fields_count(&head, "Transfer-Encoding") > 0)
        rc = read_chunks(c, &a->body);
    else if (rc == 0)
        rc = read_part(c, &a->body, n);
    sc_fields_free(&head);
    return rc;
}

/* One request; returns 0 if another may follow on this connection. */
static int answer(SimpleClient *c)
{
    struct asked a = {0};
    int rc = read_request(c, &a);

    if (rc == 0) {
        send_answer(c, &a);
        rc = sc_flush(c);
    }
    if (rc == 0 && strcmp(a.version, "HTTP/1.0") == 0)
        rc = SC_EOF;
    sc_buf_free(&a.body);
    return rc;
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
