/* fuzz_data.c - any bytes behind "data:": what comes has the size that was told,
 * whatever is asked for of it. */

#include <stdlib.h>
#include <string.h>

#include <simpleclient/url.h>

#include "fuzz.h"

static void part(const char *url, const struct url_reply *whole,
                 uint64_t offset, uint64_t count)
{
    const struct url_options o = {.offset = offset, .count = count};
    struct url_reply r = {0};
    size_t left = whole->body.len - (size_t)offset;
    int rc = url_get(url, &o, &r);

    if (count > 0 && left > count)
        left = (size_t)count;
    if (rc < 0 || r.body.len != left || r.size != (int64_t)left ||
        memcmp(r.body.data, whole->body.data + offset, left) != 0)
        abort();
    url_reply_free(&r);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    char *url = malloc(n + 6);
    struct url_reply r = {0};
    int rc;

    if (url == NULL)
        return 0;
    memcpy(url, "data:", 5);
    memcpy(url + 5, data, n);
    url[n + 5] = '\0';
    rc = url_get(url, NULL, &r);
    if (rc < 0 && (r.error.code != rc || r.error.text[0] == '\0' ||
                   strpbrk(r.error.text, "\r\n\x1b") != NULL))
        abort();
    if (rc == 0) {
        if (r.size != (int64_t)r.body.len || r.body.len > n || r.type == NULL ||
            strpbrk(r.type, "\r\n") != NULL)
            abort();
        part(url, &r, 0, 3);
        part(url, &r, r.body.len / 2, 0);
        part(url, &r, r.body.len / 2, 1);
    }
    url_reply_free(&r);
    free(url);
    return 0;
}
