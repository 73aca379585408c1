/* fuzz_reply.c - any bytes as three-digit replies, and then as fields. */

#include <stdlib.h>

#include "fuzz_class.h"
#include "fuzz.h"

static const struct sc_options options = {.line_limit = 64,
                                          .reply_limit = 256,
                                          .reply_lines = 8,
                                          .head_limit = 512,
                                          .head_fields = 8};

static void read_replies(const uint8_t *data, size_t n, size_t piece)
{
    SimpleClient *c = fuzz_client(data, n, piece, &options);
    struct sc_reply r;
    int rc;

    if (c == NULL)
        return;
    while ((rc = sc_reply(c, &r)) == 0)
        if (r.code < 0 || r.code > 999 || r.lines < 1 || r.lines > 8 ||
            r.text.len > r.all.len || r.all.len > 256)
            abort();
    if (rc > 0 || sc_last_error(c)->text[0] == '\0')
        abort();
    sc_drop(c);
}

static void read_fields(const uint8_t *data, size_t n, size_t piece)
{
    SimpleClient *c = fuzz_client(data, n, piece, &options);
    struct sc_fields f = {0};
    int rc = 0;

    while (c != NULL && rc == 0) {
        rc = sc_read_fields(c, &f);
        if (rc == 0 && f.n > 8)
            abort();
        for (size_t i = 0; i < f.n; i++)
            if (strlen(f.at[i].value.data) != f.at[i].value.len)
                abort();
        sc_fields_free(&f);
    }
    sc_drop(c);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    read_replies(data, n, SIZE_MAX);
    read_replies(data, n, 1);
    read_fields(data, n, SIZE_MAX);
    read_fields(data, n, 1);
    return 0;
}
