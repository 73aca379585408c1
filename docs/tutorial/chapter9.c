/* chapter9.c - any URL: url_open, url_info, url_list, url_put, url_fopen. */
#include "server.h"

#include <simpleclient/url.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Any URL: open, read, close. */
static int show(const char *url)
{
    struct url *u = url_open(url, NULL);
    char buf[4096];
    ssize_t n;

    while ((n = url_read(u, buf, sizeof buf)) > 0)
        fwrite(buf, 1, (size_t)n, stdout);
    if (n < 0)
        fprintf(stderr, "%s\n", url_last_error(u)->text);
    url_close(u); /* in every case */
    return (int)n;
}

/* What is known before the first byte, in one form for every scheme. */
static int describe(const char *url)
{
    struct url_options head = {.flags = URL_HEAD};
    struct url *u = url_open(url, &head);
    const struct url_info *i = url_info(u);

    if (url_last_error(u)->code == 0)
        printf("%s: %s, %lld bytes\n", i->scheme, i->type, (long long)i->size);
    return url_close(u);
}

static int show_entry(void *arg, const struct url_entry *e)
{
    int *folders = arg;

    *folders += e->kind == 'd';
    return 0;
}

/* A part of it, in memory. */
static int part(const char *url)
{
    struct url_options range = {.offset = 7, .count = 5};
    struct url_reply r = {0};
    int rc = url_get(url, &range, &r);

    if (rc == 0)
        printf("%s\n", r.body.data);
    url_reply_free(&r);
    return rc;
}

/* Where a FILE is wanted: fgets, fscanf, another library. */
static int first_line(const char *url)
{
    struct sc_error e = {0};
    FILE *f = url_fopen(url, NULL, &e);
    char line[80] = "";

    if (f == NULL)
        return e.code;
    if (fgets(line, sizeof line, f) != NULL)
        printf("first: %s", line);
    return fclose(f) == 0 ? 0 : SC_EPROTO;
}

int main(void)
{
    const char *server = server_start();
    struct mail_source text = {.data = SC_SPAN("Hello, file.\n")};
    char page[128], file[64], folder[] = "/tmp/chapter9-XXXXXX";
    int folders = 0, rc;

    if (server == NULL || mkdtemp(folder) == NULL)
        return 1;
    snprintf(page, sizeof page, "http://%s/", server);
    snprintf(file, sizeof file, "file://%s/hello.txt", folder);
    rc = url_put(file, &text, NULL, NULL);
    if (rc == 0 && (rc = show(page)) == 0 && (rc = show(file)) == 0 &&
        (rc = show("data:,Hello%2C%20URL.%0A")) == 0)
        rc = describe(file);
    if (rc == 0 && (rc = part(page)) == 0)
        rc = first_line(page);
    if (rc == 0)
        rc = url_list("file:///", NULL, show_entry, &folders, NULL);
    printf("folders: %s\n", folders > 0 ? "some" : "none");
    server_stop();
    unlink(file + strlen("file://"));
    rmdir(folder);
    return rc != 0;
}
