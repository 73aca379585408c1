/* chapter4.c - httplib: a request in steps, whatever its size. */
#include "server.h"

#include <simpleclient/httplib.h>

#include <stdio.h>
#include <string.h>

/* A body whose length is not known yet goes out in chunks. */
static int post_in_chunks(HTTPClient *h)
{
    struct http_reply reply = {0};
    char part[64];
    ssize_t n = 0;
    int rc;

    http_putrequest(h, "POST", "/echo");
    http_putheader(h, "Content-Type", "text/plain");
    http_putheader(h, "Transfer-Encoding", "chunked");
    http_endheaders(h);
    http_send(h, "One, ", 5);
    http_send(h, "two, ", 5);
    http_send(h, "three.\n", 7);
    if ((rc = http_getreply(h, &reply)) == 0) {
        Stream *body = http_getfile(h);

        while ((n = sc_stream_read(body, part, sizeof part, NULL)) > 0)
            fwrite(part, 1, (size_t)n, stdout);
    }
    http_reply_free(&reply);
    return rc < 0 ? rc : (int)n;
}

/* An answer line by line, and the fields behind it. */
static int read_lines(HTTPClient *h)
{
    struct http_reply reply = {0};
    struct sc_span line;
    int rc, n = 0;

    http_putrequest(h, "GET", "/lines");
    http_endheaders(h);
    if ((rc = http_getreply(h, &reply)) == 0) {
        while ((rc = http_getline(h, &line)) == 0)
            printf("%d: %.*s\n", ++n, (int)line.len, line.data);
        if (rc == SC_EOF) /* the complete end */
            rc = 0;
        printf("%s lines\n",
               sc_fields_get(http_gettrailers(h), "X-Lines", "no"));
    }
    http_reply_free(&reply);
    return rc;
}

/* What may not be in a header is refused before a byte of it leaves. */
static int smuggle(HTTPClient *h)
{
    struct http_reply reply = {0};
    int rc;

    http_putrequest(h, "GET", "/");
    http_putheader(h, "X-Name", "joe\r\nX-Admin: yes");
    http_endheaders(h);
    rc = http_getreply(h, &reply);
    printf("%s\n", rc == SC_EINVAL ? "refused" : "sent?");
    http_reply_free(&reply);
    return rc == SC_EINVAL ? 0 : -1;
}

int main(void)
{
    HTTPClient *h = http_open(server_start(), NULL);
    int rc = post_in_chunks(h);

    if (rc == 0)
        rc = read_lines(h);
    if (rc == 0)
        rc = smuggle(h);
    if (rc < 0)
        fprintf(stderr, "chapter4: %s\n", sc_last_error(http_base(h))->text);
    http_close(h);
    server_stop();
    return rc != 0;
}
