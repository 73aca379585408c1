/* fuzz_field.c - any lines as header fields: what is taken is clean, and is
 * found again. */

#include <stdlib.h>
#include <string.h>

#include "client/field_parse.h"
#include "fuzz.h"

static void must(int holds)
{
    if (!holds)
        abort();
}

static void take_line(struct sc_fields *f, struct sc_span line)
{
    struct sc_span name, value;
    int rc;

    if (line.len > 0 && (line.data[0] == ' ' || line.data[0] == '\t')) {
        sc_fields_fold(f, line);
        return;
    }
    if (sc_field_parse(line, &name, &value) < 0)
        return;
    rc = sc_fields_add(f, name, value);
    must(rc == 0 || rc == SC_ETOOBIG);
    if (rc == 0) {
        must(sc_span_eq(name, f->at[f->n - 1].name.data));
        must(sc_span_eq(value, f->at[f->n - 1].value.data));
    }
}

static void check(const struct sc_fields *f)
{
    for (size_t i = 0; i < f->n; i++) {
        const struct sc_field *field = &f->at[i];

        must(strlen(field->name.data) == field->name.len);
        must(strlen(field->value.data) == field->value.len);
        must(strpbrk(field->value.data, "\r\n") == NULL);
        must(sc_fields_get(f, field->name.data, NULL) != NULL);
        must(sc_fields_count(f, field->name.data) > 0);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    struct sc_fields f = {.text = SC_BUF(4096)};
    struct sc_span rest = {(const char *)data, n};

    while (rest.len > 0 && f.n < 100) {
        const char *lf = memchr(rest.data, '\n', rest.len);
        size_t len = lf != NULL ? (size_t)(lf - rest.data) : rest.len;

        take_line(&f, (struct sc_span){rest.data, len});
        rest.data += len + (lf != NULL);
        rest.len -= len + (lf != NULL);
    }
    check(&f);
    sc_fields_free(&f);
    return 0;
}
