/* fuzz_chunked.c - any bytes as a chunked body: it ends as it ends, however the
 * bytes are cut and however much is asked for at a time. */

#include <stdlib.h>

#include "fuzz_class.h"
#include "fuzz.h"
#include "http/http_body.h"

struct outcome {
    int rc;
    uint64_t got;
    uint32_t sum;
    size_t trailers;
};

static void must(int holds)
{
    if (!holds)
        abort();
}

static struct outcome play(const uint8_t *data, size_t n, size_t piece,
                           size_t at_once)
{
    static const struct sc_options opt = {.head_limit = 2048,
                                          .head_fields = 20};
    SimpleClient *c = fuzz_client(data, n, piece, &opt);
    struct sc_fields trailers = {0};
    struct http_body b;
    struct outcome o = {0};
    unsigned char buf[300];
    ssize_t got;

    must(c != NULL && at_once <= sizeof buf);
    http_body_begin(&b, HTTP_CHUNKED, 0, &trailers);
    while ((got = http_body_read(c, &b, buf, at_once)) > 0) {
        for (ssize_t i = 0; i < got; i++)
            o.sum = o.sum * 31 + buf[i];
        o.got += (uint64_t)got;
        must(o.got <= n);
    }
    must(b.got == o.got);
    must((got == 0) == (b.framing == HTTP_NO_BODY));
    must(got == 0 || sc_broken(c) == got);
    o.rc = (int)got;
    o.trailers = trailers.n;
    sc_fields_free(&trailers);
    sc_close(c);
    return o;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    struct outcome a = play(data, n, SIZE_MAX, 300);
    struct outcome b = play(data, n, 1, 300);
    struct outcome c = play(data, n, 7, 1);

    must(a.rc == b.rc && a.got == b.got && a.sum == b.sum);
    must(a.rc == c.rc && a.got == c.got && a.sum == c.sum);
    must(a.trailers == b.trailers && a.trailers == c.trailers);
    return 0;
}
