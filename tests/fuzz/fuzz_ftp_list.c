/* fuzz_ftp_list.c - any bytes as lines of LIST and MLSD, and as times. What is
 * taken out of a line lies within it. */

#include <stdlib.h>
#include <string.h>

#include "fuzz.h"

#include "ftp/ftp_client.h"

static void within(struct sc_span part, const char *line, size_t n)
{
    if (part.len > 0 && (part.data < line || part.data + part.len > line + n))
        abort();
}

static void check(const struct ftp_entry *e, int rc, const char *line, size_t n)
{
    within(e->name, line, n);
    within(e->target, line, n);
    within(e->perm, line, n);
    if (e->raw.data != line || e->raw.len != n || e->size < -1 ||
        strchr("fdlcp?", e->kind) == NULL || e->kind == '\0')
        abort();
    if (rc < 0 && (e->kind != '?' || e->name.len > 0 || e->size != -1))
        abort();
    if (rc == 0 && e->name.len == 0)
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    char *line = malloc(n + 1); /* a byte behind it is a bug */
    struct ftp_entry e;
    int64_t at;
    char *copy;

    if (line == NULL)
        return 0;
    memcpy(line, data, n);
    copy = n > 0 ? realloc(line, n) : line;
    if (copy == NULL)
        abort();
    for (size_t from = 0, len; from <= n; from += len + 1) {
        const char *lf = from < n ? memchr(copy + from, '\n', n - from) : NULL;
        struct sc_span l = {copy + from, 0};

        l.len = len = lf != NULL ? (size_t)(lf - l.data) : n - from;
        check(&e, ftp_parse_list(l, 1769903999, &e), l.data, l.len);
        check(&e, ftp_parse_list(l, INT64_MAX, &e), l.data, l.len);
        check(&e, ftp_parse_facts(l, &e), l.data, l.len);
        ftp_parse_time(l, &at);
    }
    free(copy);
    return 0;
}
