/* demo.c - http_get() against a server in the same process. The server is a
 * task; main blocks in http_get() outside tasks, and the private loop goes on
 * meanwhile. Then a hundred tasks fetch at once. Any difference between what
 * was served and what came is a failure. */

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <simpleclient/class.h>
#include <simpleclient/http.h>
#include <simpleclient/task.h>

enum { fetchers = 100, limit_s = 20 };

static const char greeting[] = "Hello from a task.\n";

struct server {
    struct sc_listener *listener;
    int64_t task;
    int connections;
    int requests;
};

struct visit {
    struct server *server;
    Stream *stream;
};

struct fetch {
    char url[96];
    char want[64];
    struct http_reply page;
    int rc;
};

/* --- the server --- */

/* Read a request; returns its path in PATH, or a negative code at the end. */
static int read_request(SimpleClient *c, char *path, size_t size)
{
    struct sc_span line;
    int rc = sc_readline(c, &line);

    if (rc < 0)
        return rc;
    sc_span_copy(path, size, line);
    while ((rc = sc_readline(c, &line)) == 0 && line.len > 0)
        continue;
    return rc;
}

static void answer(SimpleClient *c, const char *request)
{
    const char *number = strstr(request, "/page/");
    char body[64];
    int n = 0;

    if (number != NULL && sscanf(number, "/page/%d", &n) == 1)
        snprintf(body, sizeof body, "This is page %d.\n", n);
    else
        snprintf(body, sizeof body, "%s", greeting);
    sc_writeline(c, "HTTP/1.1 200 OK");
    sc_writeline(c, "Content-Type: text/plain");
    sc_writeline(c, "Content-Length: %zu", strlen(body));
    sc_writeline(c, "%s", "");
    sc_write(c, body, strlen(body));
}

/* The server's side of a connection is a SimpleClient too: it reads lines and
 * writes lines. */
static void serve(void *arg)
{
    struct visit *v = arg;
    SimpleClient *c = sc_attach(&sc_simple_class, v->stream, NULL);
    char request[128];

    v->server->connections++;
    while (read_request(c, request, sizeof request) == 0) {
        v->server->requests++;
        answer(c, request);
    }
    sc_drop(c);
    free(v);
}

static void accept_all(void *arg)
{
    struct server *s = arg;
    struct sc_group *g = sc_group_new(NULL, 0);
    struct visit *v;
    Stream *stream;

    while ((stream = sc_accept(s->listener, -1, NULL)) != NULL) {
        if ((v = malloc(sizeof *v)) == NULL) {
            sc_stream_close(stream);
            continue;
        }
        *v = (struct visit){s, stream};
        if (sc_group_go(g, serve, v) < 0) {
            sc_stream_close(stream);
            free(v);
        }
    }
    sc_group_wait(g);
}

/* --- the client --- */

static void show(void *arg, int direction, const char *text, size_t n)
{
    (void)arg;
    printf("    %c%s%.*s\n", direction, n > 0 ? " " : "", (int)n, text);
}

static int differs(const char *what, const char *want, const struct fetch *f)
{
    if (f->rc < 0)
        fprintf(stderr, "demo: %s: %s\n", what, f->page.error.text);
    else if (f->page.status != 200 || strcmp(f->page.body.data, want) != 0)
        fprintf(stderr, "demo: %s: not what was served\n", what);
    else
        return 0;
    return 1;
}

static int one_page(const char *base)
{
    struct fetch f = {0};
    int64_t begin = sc_now();
    int bad;

    printf("1. http_get(\"%s\"), blocking, outside tasks\n", base);
    f.rc = http_get(base, &f.page);
    bad = differs("http_get", greeting, &f);
    if (!bad)
        printf("   %d %s, %s, %zu bytes in %" PRId64 " ms: %s", f.page.status,
               f.page.reason, http_header(&f.page, "Content-Type", "?"),
               f.page.body.len, sc_now() - begin, f.page.body.data);
    http_reply_free(&f.page);
    return bad;
}

static int transcript(const char *base)
{
    struct sc_options opt = {.trace = show, .flags = SC_OPT_NO_POOL};
    struct http_request q = {.url = base, .options = &opt};
    struct fetch f = {0};
    int bad;

    printf("2. The same with its transcript\n");
    f.rc = http_request(&q, &f.page);
    bad = differs("transcript", greeting, &f);
    http_reply_free(&f.page);
    return bad;
}

static void fetch(void *arg)
{
    struct fetch *f = arg;

    f->rc = http_get(f->url, &f->page);
}

static int hundred_tasks(const char *base)
{
    static struct fetch jobs[fetchers];
    struct sc_group *g = sc_group_new(NULL, 0);
    int64_t begin = sc_now();
    int bad = 0, rc;

    for (int i = 0; i < fetchers; i++) {
        snprintf(jobs[i].url, sizeof jobs[i].url, "%s/page/%d", base, i);
        snprintf(jobs[i].want, sizeof jobs[i].want, "This is page %d.\n", i);
        sc_group_go(g, fetch, &jobs[i]);
    }
    if ((rc = sc_group_wait(g)) < 0) {
        fprintf(stderr, "demo: group: %s\n", sc_strerror(rc));
        return 1;
    }
    for (int i = 0; i < fetchers; i++) {
        bad |= differs(jobs[i].url, jobs[i].want, &jobs[i]);
        http_reply_free(&jobs[i].page);
    }
    printf("3. %d tasks, each the same http_get(): %" PRId64 " ms, %s\n",
           fetchers, sc_now() - begin, bad ? "wrong" : "all right");
    return bad;
}

int main(void)
{
    struct sc_error e = {0};
    struct server s = {.listener = sc_listen("127.0.0.1:0", &e)};
    char base[64];
    int bad;

    alarm(limit_s);
    if (s.listener == NULL || (s.task = sc_task_go(NULL, accept_all, &s)) < 0) {
        fprintf(stderr, "demo: no server: %s\n", e.text);
        return 1;
    }
    snprintf(base, sizeof base, "http://%s", sc_listener_name(s.listener));
    printf("A server task listens at %s\n", base);
    bad = one_page(base);
    bad |= transcript(base);
    bad |= hundred_tasks(base);
    printf("The server saw %d requests on %d connections.\n", s.requests,
           s.connections);
    if (s.requests != fetchers + 2) {
        fprintf(stderr, "demo: %d requests, not %d\n", s.requests,
                fetchers + 2);
        bad = 1;
    }
    sc_task_cancel(s.task);
    sc_run();
    sc_listener_close(s.listener);
    return bad;
}
