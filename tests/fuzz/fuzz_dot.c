/* fuzz_dot.c - any bytes as dot blocks: the same blocks however they are cut,
 * into a sink and into memory. */

#include <stdlib.h>

#include "fuzz_class.h"
#include "fuzz.h"

/* Read all blocks into ALL; the code that ended it. */
static int read_blocks(const uint8_t *data, size_t n, size_t piece, int to_sink,
                       struct sc_buf *all)
{
    struct sc_options opt = {.line_limit = 64};
    SimpleClient *c = fuzz_client(data, n, piece, &opt);
    int rc;

    if (c == NULL)
        return SC_ENOMEM;
    do
        rc =
            to_sink ? sc_read_dot_to(c, sc_buf_sink, all) : sc_read_dot(c, all);
    while (rc == 0);
    if (rc > 0 || all->len > n)
        abort();
    sc_drop(c);
    return rc;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    struct sc_buf whole = {0}, cut = {0}, sunk = {0};
    int rc = read_blocks(data, n, SIZE_MAX, 0, &whole);

    if (read_blocks(data, n, 1, 0, &cut) != rc ||
        read_blocks(data, n, 3, 1, &sunk) != rc)
        abort();
    if (cut.len != whole.len || sunk.len != whole.len ||
        (cut.len > 0 && (memcmp(cut.data, whole.data, cut.len) != 0 ||
                         memcmp(sunk.data, whole.data, cut.len) != 0)))
        abort();
    sc_buf_free(&whole);
    sc_buf_free(&cut);
    sc_buf_free(&sunk);
    return 0;
}
