/* fuzz_line.c - any bytes as lines: the same lines however they are cut, and
 * lenient or strict none holds what it may not. */

#include <stdlib.h>

#include "fuzz_class.h"
#include "fuzz.h"

#include <simpleclient/buf.h>

/* Read all lines into ALL; the code that ended it. */
static int read_lines(const uint8_t *data, size_t n, size_t piece,
                      unsigned flags, struct sc_buf *all)
{
    struct sc_options opt = {.flags = flags, .line_limit = 64};
    SimpleClient *c = fuzz_client(data, n, piece, &opt);
    struct sc_span line;
    int rc;

    if (c == NULL)
        return SC_ENOMEM;
    while ((rc = sc_readline(c, &line)) == 0) {
        if (line.len > 64 ||
            (line.len > 0 && memchr(line.data, '\n', line.len) != NULL &&
             !(flags & SC_OPT_STRICT_LINES)))
            abort();
        sc_buf_add(all, line.data, line.len);
        sc_buf_add(all, "\n", 1);
    }
    if (rc > 0 || sc_readline(c, &line) != rc) /* broken is sticky */
        abort();
    sc_drop(c);
    return rc;
}

static void compare(const uint8_t *data, size_t n, unsigned flags)
{
    struct sc_buf whole = {0}, cut = {0};
    int rc = read_lines(data, n, SIZE_MAX, flags, &whole);

    if (read_lines(data, n, 1, flags, &cut) != rc || cut.len != whole.len ||
        (cut.len > 0 && memcmp(cut.data, whole.data, cut.len) != 0))
        abort();
    sc_buf_free(&whole);
    sc_buf_free(&cut);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    compare(data, n, 0);
    compare(data, n, SC_OPT_STRICT_LINES);
    return 0;
}
