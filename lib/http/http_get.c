/* http_get.c - the calls that need no choices, each one http_request. */

#include <string.h>

#include <simpleclient/http.h>

#include "core/mem.h"

int http_get(const char *url, struct http_reply *reply)
{
    struct http_request q = {.url = url};

    return http_request(&q, reply);
}

int http_head(const char *url, struct http_reply *reply)
{
    struct http_request q = {.url = url, .method = "HEAD"};

    return http_request(&q, reply);
}

int http_delete(const char *url, struct http_reply *reply)
{
    struct http_request q = {.url = url, .method = "DELETE"};

    return http_request(&q, reply);
}

static int bring(const char *method, const char *url, const char *type,
                 struct sc_span body, struct http_reply *reply)
{
    struct http_request q = {
        .url = url, .method = method, .body = body, .type = type};

    return http_request(&q, reply);
}

int http_post(const char *url, const char *type, struct sc_span body,
              struct http_reply *reply)
{
    return bring("POST", url, type, body, reply);
}

int http_put(const char *url, const char *type, struct sc_span body,
             struct http_reply *reply)
{
    return bring("PUT", url, type, body, reply);
}
