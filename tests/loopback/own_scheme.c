/* own_scheme.c - urlget with a scheme of its own: "twice:abc" is "abcabc". What a
 * program has to do that knows one scheme more. */

#include <string.h>

#include <simpleclient/scheme.h>

#include "fetch/program.h"

struct twice {
    size_t at; /* of both */
};

static int twice_open(struct url_request *r)
{
    r->info.type = "text/plain";
    r->info.size = (int64_t)(2 * strlen(r->uri->host));
    return 0;
}

static ssize_t twice_read(struct url_request *r, void *buf, size_t n)
{
    struct twice *t = r->state;
    size_t len = strlen(r->uri->host);

    if (t->at == 2 * len)
        return 0;
    n = 1; /* byte by byte */
    *(char *)buf = r->uri->host[t->at++ % len];
    return (ssize_t)n;
}

static const struct url_scheme twice = {
    .name = "twice",
    .tls_name = NULL,
    .cls = NULL,
    .state_size = sizeof(struct twice),
    .raw_path = false,
    .ranges = false,
    .connect = url_no_connect,
    .open = twice_open,
    .read = twice_read,
    .list = url_no_list,
    .put = url_no_put,
    .close = url_close_nothing,
};

int main(int argc, char **argv)
{
    if (url_register(&twice) < 0)
        return 1;
    return fetch_main("twiceget", true, argc, argv);
}
