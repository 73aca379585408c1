/* http_script.h - an HTTPClient whose server is a script; closing it checks
 * that the script was played out. */
#ifndef TESTS_UNIT_HTTP_SCRIPT_H
#define TESTS_UNIT_HTTP_SCRIPT_H

#include <simpleclient/script.h>

#include "client/conn.h"
#include "http/http_client.h"

/* The lines of a request that every client sends. */
#define HTTP_HOST                                                              \
    "C: Host: script\n"                                                        \
    "C: User-Agent: simpleclient/0.1.0\n"                                      \
    "C: Accept: */*\n"
#define HTTP_ASKS(method, path)                                                \
    "C: " method " " path " HTTP/1.1\n" HTTP_HOST "C:\n"

static inline HTTPClient *http_on_script(const char *text,
                                         const struct sc_options *opt)
{
    struct sc_error error = {0};
    Stream *s = sc_script_open(text, 0, &error);

    if (s == NULL)
        fail_msg("%s", error.text);
    return sc_attach(&http_class, s, opt);
}

static inline void http_close_played(HTTPClient *h)
{
    struct sc_error error = {0};

    if (sc_script_done(h->base.conn->s, &error) < 0)
        fail_msg("%s", error.text);
    http_close(h);
}

#endif
