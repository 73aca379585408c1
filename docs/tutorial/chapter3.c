/* chapter3.c - HTTPClient: the whole answer, step by step, and many at once. */
#include "server.h"

#include <simpleclient/httplib.h>

#include <stdio.h>

/* One client, two requests on one connection. */
static int one_client(const char *server)
{
    HTTPClient *h = http_open(server, NULL);
    struct http_reply page = {0};
    struct sc_buf body = {0};
    int rc;

    if ((rc = http_client_get(h, "/", &page)) == 0)
        printf("%d %s", page.status, page.body.data);
    else
        fprintf(stderr, "chapter3: %s\n", page.error.text);
    if (rc == 0 && (rc = http_client_getbody(h, "/two", &body)) == 0)
        printf("%s", body.data);
    sc_buf_free(&body);
    http_reply_free(&page);
    http_close(h);
    return rc;
}

/* The same in the steps of httplib. */
static int in_steps(const char *server)
{
    HTTPClient *h = http_open(server, NULL);
    struct http_reply reply = {0};
    char part[64];
    ssize_t n = 0;
    int rc;

    http_putrequest(h, "GET", "/two");
    http_putheader(h, "Accept", "text/plain");
    http_endheaders(h);
    if ((rc = http_getreply(h, &reply)) == 0) {
        Stream *body = http_getfile(h);

        printf("%s\n", http_header(&reply, "content-type", "?"));
        while ((n = sc_stream_read(body, part, sizeof part, NULL)) > 0)
            fwrite(part, 1, n, stdout);
    }
    http_reply_free(&reply);
    http_close(h);
    return rc < 0 ? rc : (int)n;
}

/* Written as if it were alone; in a task it lets the others go on. */
struct job {
    char url[64];
    int rc, status;
};

static void fetch(void *arg)
{
    struct job *j = arg;
    struct http_reply page = {0};

    j->rc = http_get(j->url, &page);
    j->status = page.status;
    http_reply_free(&page);
}

static int fifty_at_once(const char *server)
{
    struct job jobs[50];
    struct sc_group *g = sc_group_new(NULL, 10); /* ten at a time */
    int i, good = 0;

    for (i = 0; i < 50; i++) {
        snprintf(jobs[i].url, sizeof jobs[i].url, "http://%s/two", server);
        sc_group_go(g, fetch, &jobs[i]);
    }
    if (sc_group_wait(g) < 0)
        return -1;
    for (i = 0; i < 50; i++)
        good += jobs[i].rc == 0 && jobs[i].status == 200;
    printf("%d of 50 pages\n", good);
    return good == 50 ? 0 : -1;
}

int main(void)
{
    const char *server = server_start();
    int rc = one_client(server);

    if (rc == 0)
        rc = in_steps(server);
    if (rc == 0)
        rc = fifty_at_once(server);
    server_stop();
    return rc != 0;
}
