/* chapter5.c - one call: redirects, forms, cookies, files. */
#include "server.h"

#include <simpleclient/http_form.h>
#include <simpleclient/http_session.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static char url[128];

static const char *page(const char *server, const char *path)
{
    snprintf(url, sizeof url, "http://%s%s", server, path);
    return url;
}

static int said(const char *what, int rc, const struct http_reply *r)
{
    if (rc < 0)
        fprintf(stderr, "chapter5: %s\n", r->error.text);
    else
        printf("%s: %d %s", what, r->status,
               r->body.len > 0 ? r->body.data : "\n");
    return rc;
}

/* The answer tells the way to it. */
static int follow(const char *server, struct http_reply *r)
{
    int rc = http_get(page(server, "/old"), r);

    for (int i = 0; i < r->nhops; i++)
        printf("%d %s\n", r->hops[i].status, strrchr(r->hops[i].url, '/'));
    return said("follow", rc, r);
}

static int send_form(const char *server, struct http_reply *r)
{
    struct http_form *f = http_form_new();
    struct http_source body = {0};
    struct http_request q = {.url = page(server, "/echo"), .source = &body};
    int rc;

    http_form_add(f, &(struct http_part){.name = "who", .text = "joe"});
    http_form_add(f, &(struct http_part){.name = "page", .path = "/dev/null"});
    if ((rc = http_form_source(f, &body, &r->error)) == 0)
        rc = http_request(&q, r);
    http_form_free(f);
    if (rc == 0)
        r->body.len = 0; /* the form comes back; it is long */
    return said("form", rc, r);
}

/* A session keeps cookies and logins between its requests. */
static int log_in(const char *server, struct http_reply *r)
{
    struct http_session *s = http_session_new(NULL);
    struct http_request q = {.session = s};
    int rc;

    http_session_cookies(s); /* from now on it keeps them */
    q.url = page(server, "/login");
    if ((rc = http_request(&q, r)) == 0) {
        q.url = page(server, "/who");
        rc = http_request(&q, r);
    }
    http_session_free(s);
    return said("session", rc, r);
}

/* Complete or not at all. */
static int store(const char *server, struct http_reply *r)
{
    char dir[] = "/tmp/chapter5.XXXXXX", path[64];
    int rc;

    if (mkdtemp(dir) == NULL)
        return -1;
    snprintf(path, sizeof path, "%s/two.txt", dir);
    rc = http_download(page(server, "/two"), path, r);
    said("download", rc, r);
    if (rc == 0 && access(path, R_OK) != 0)
        rc = -1;
    unlink(path);
    rmdir(dir);
    return rc;
}

int main(void)
{
    const char *server = server_start();
    struct http_reply r = {0};
    int rc = follow(server, &r);

    if (rc == 0)
        rc = send_form(server, &r);
    if (rc == 0)
        rc = log_in(server, &r);
    if (rc == 0)
        rc = store(server, &r);
    http_reply_free(&r); /* once, after all: each call empties it first */
    server_stop();
    return rc != 0;
}
