/* dry_run.c - the other side of --dry-run: a task that takes requests, prints
 * them, and answers 204. */

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include <simpleclient/stream.h>
#include <simpleclient/task.h>
#include <simpleclient/uri.h>

#include "fetch/dry_run.h"
#include "fetch/program.h"

enum { PIECE = 1024 };

static struct {
    struct sc_listener *listener;
    int64_t task;
    char dir[32], path[40];
} dry;

/* A request under way: its head is kept, its body only counted. */
struct visit {
    Stream *stream;
    struct sc_buf head;
    bool chunked;
    uint64_t left; /* of the body */
    char tail[5];  /* the last bytes of the body */
};

static void print(const void *p, size_t n)
{
    fwrite(p, 1, n, stdout);
}

static const char *value_of(const struct visit *v, const char *name)
{
    char start[40];
    const char *at;

    snprintf(start, sizeof start, "\r\n%s:", name);
    at = strcasestr(v->head.data, start);
    return at != NULL ? at + strlen(start) + 1 : NULL;
}

static void count_body(struct visit *v, const char *p, size_t n)
{
    if (n >= sizeof v->tail) {
        memcpy(v->tail, p + n - sizeof v->tail, sizeof v->tail);
    } else {
        memmove(v->tail, v->tail + n, sizeof v->tail - n);
        memcpy(v->tail + sizeof v->tail - n, p, n);
    }
    v->left -= n < v->left ? n : v->left;
}

static bool body_ended(const struct visit *v)
{
    return v->chunked ? memcmp(v->tail, "0\r\n\r\n", sizeof v->tail) == 0
                      : v->left == 0;
}

/* The head is there: what of its body is to come. */
static void begin_body(struct visit *v, size_t head_len)
{
    const char *length = value_of(v, "Content-Length");

    v->chunked = value_of(v, "Transfer-Encoding") != NULL;
    v->left = length != NULL ? strtoull(length, NULL, 10) : 0;
    count_body(v, v->head.data + head_len, v->head.len - head_len);
    if (value_of(v, "Expect") != NULL && !body_ended(v))
        sc_stream_write(v->stream, "HTTP/1.1 100 Continue\r\n\r\n", 25, NULL);
}

static bool read_head(struct visit *v)
{
    char piece[PIECE];
    const char *end = NULL;
    ssize_t n;

    while (end == NULL &&
           (n = sc_stream_read(v->stream, piece, sizeof piece, NULL)) > 0) {
        print(piece, (size_t)n);
        add_bytes(&v->head, piece, (size_t)n);
        end = strstr(v->head.data, "\r\n\r\n");
    }
    if (end == NULL)
        return false;
    begin_body(v, (size_t)(end + 4 - v->head.data));
    return true;
}

static void visit(void *arg)
{
    static const char answer[] =
        "HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n";
    struct visit v = {.stream = arg};
    char piece[PIECE];
    ssize_t n = 1;

    if (read_head(&v)) {
        while (!body_ended(&v) &&
               (n = sc_stream_read(v.stream, piece, sizeof piece, NULL)) > 0) {
            print(piece, (size_t)n);
            count_body(&v, piece, (size_t)n);
        }
        if (n > 0)
            sc_stream_write(v.stream, answer, sizeof answer - 1, NULL);
    }
    sc_buf_free(&v.head);
    sc_stream_close(v.stream);
}

static void take_visits(void *arg)
{
    Stream *s;

    (void)arg;
    while ((s = sc_accept(dry.listener, -1, NULL)) != NULL)
        visit(s);
}

int dry_run_begin(void)
{
    struct sc_error e = {0};

    snprintf(dry.dir, sizeof dry.dir, "/tmp/httpget-XXXXXX");
    if (mkdtemp(dry.dir) == NULL) {
        fprintf(stderr, "%s: --dry-run: %s\n", fetch_program.name,
                strerror(errno));
        return 23;
    }
    snprintf(dry.path, sizeof dry.path, "%s/s", dry.dir);
    if ((dry.listener = sc_listen(dry.path, &e)) == NULL) {
        fprintf(stderr, "%s: --dry-run: %s\n", fetch_program.name, e.text);
        rmdir(dry.dir);
        return 23;
    }
    dry.task = sc_task_go(NULL, take_visits, NULL);
    return 0;
}

void dry_run_end(void)
{
    if (dry.listener == NULL)
        return;
    sc_task_cancel(dry.task);
    sc_run();
    sc_listener_close(dry.listener);
    unlink(dry.path);
    rmdir(dry.dir);
}

void dry_run_route(struct prepared *p)
{
    p->options.unix_socket = dry.path;
    p->options.proxy = "";
}

/* Host as it is for https: without that scheme's port, but with 80. */
static void add_host(const char *url, const struct sc_fields *from,
                     struct sc_fields *head)
{
    struct uri u = {0};
    struct sc_buf host = {0};

    if (uri_parse(&u, url, NULL, 0, 0, NULL) == 0 &&
        uri_build_authority(&u, 443, &host) == 0)
        sc_fields_add(head, sc_span_of("Host"), sc_span_of(host.data));
    for (size_t i = 0; from != NULL && i < from->n; i++)
        sc_fields_add(head, from->at[i].name, from->at[i].value);
    sc_buf_free(&host);
    uri_free(&u);
}

void dry_run_request(struct http_request *q, char **url, struct sc_fields *head)
{
    if (strncasecmp(q->url, "https://", 8) != 0)
        return;
    *url = print_text("http%s", q->url + 5);
    if (q->head == NULL || sc_fields_get(q->head, "Host", NULL) == NULL) {
        add_host(q->url, q->head, head);
        q->head = head;
    }
    q->url = *url;
}
