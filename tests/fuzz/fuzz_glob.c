/* fuzz_glob.c - any text as a pattern of URLs. What is taken has as many strings as
 * it says; the first and the last of them, and a few between, can be made; a plain
 * pattern is itself. The first line is the pattern, the second a name to fill. */

#include <stdlib.h>
#include <string.h>

#include "fetch/glob.h"
#include "fuzz.h"

static void must(int holds)
{
    if (!holds)
        abort();
}

/* The next line of *REST. Owned. */
static char *line(struct sc_span *rest)
{
    const char *lf = rest->len > 0 ? memchr(rest->data, '\n', rest->len) : NULL;
    size_t n = lf != NULL ? (size_t)(lf - rest->data) : rest->len;
    char *text = take_memory(n + 1);

    if (n > 0)
        memcpy(text, rest->data, n);
    n += lf != NULL;
    rest->data += n;
    rest->len -= n;
    return text;
}

static void look_at(struct glob *g, uint64_t i, const char *format)
{
    char *text = glob_text(g, i), *name = glob_fill(g, i, format);

    must(text != NULL && name != NULL);
    if (strchr(format, '#') == NULL)
        must(strcmp(name, format) == 0);
    free(text);
    free(name);
}

static void take(const char *pattern, const char *format)
{
    const char *why = NULL;
    size_t where = 0;
    struct glob *g = glob_open(pattern, false, &why, &where);
    uint64_t n;

    if (g == NULL) {
        must(why != NULL && where >= 1 && where <= strlen(pattern) + 1);
        return;
    }
    n = glob_count(g);
    must(n >= 1 && (n == 1 || glob_varies(g)));
    look_at(g, 0, format);
    look_at(g, n / 2, format);
    look_at(g, n - 1, format);
    glob_free(g);
}

static void take_plain(const char *pattern)
{
    const char *why = NULL;
    size_t where = 0;
    struct glob *g = glob_open(pattern, true, &why, &where);
    char *text = g != NULL ? glob_text(g, 0) : NULL;

    must(text != NULL && glob_count(g) == 1 && strcmp(text, pattern) == 0);
    free(text);
    glob_free(g);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    struct sc_span rest = {(const char *)data, n};
    char *pattern = line(&rest), *format = line(&rest);

    take(pattern, format);
    take_plain(pattern);
    free(pattern);
    free(format);
    return 0;
}
