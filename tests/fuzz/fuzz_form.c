/* fuzz_form.c - any bytes as names, file names, types and values of a form:
 * the body has the length it promised, as many parts as were added, and each
 * part's head has only the lines it should have. */

#include <stdlib.h>
#include <string.h>

#include <simpleclient/http_form.h>

#include "fuzz.h"

/* Cut the next NUL-ended string off DATA, at most 60 bytes; "" at the end. */
static const char *take(const uint8_t **data, size_t *n, char out[64])
{
    size_t len = 0;

    while (*n > 0 && len < 60) {
        int c = *(*data)++;

        (*n)--;
        if (c == '\0')
            break;
        out[len++] = (char)c;
    }
    out[len] = '\0';
    return out;
}

static int count(const struct sc_buf *b, const char *what)
{
    const char *p = b->data, *end = b->data + b->len;
    int n = 0;

    while ((p = memmem(p, (size_t)(end - p), what, strlen(what))) != NULL) {
        n++;
        p += strlen(what);
    }
    return n;
}

static void read_out(const struct http_source *s, size_t step,
                     struct sc_buf *out)
{
    char room[100];
    ssize_t n;

    out->len = 0;
    s->rewind(s->arg);
    while ((n = s->read(s->arg, room, step)) > 0)
        if (sc_buf_add(out, room, (size_t)n) < 0)
            abort();
    if (n < 0 || out->len != s->length)
        abort();
}

/* From the boundary to the empty line: nobody slipped a line in. */
static void check_heads(const struct sc_buf *b, const char *boundary)
{
    const char *p = b->data;

    while ((p = strstr(p, boundary)) != NULL) {
        p += strlen(boundary);
        if (memcmp(p, "--", 2) == 0)
            break;
        if (strncmp(p, "\r\nContent-Disposition: form-data; name=\"", 40) != 0)
            abort();
        p = memmem(p + 2, b->len - (size_t)(p + 2 - b->data), "\r\n", 2);
        if (p == NULL || (memcmp(p, "\r\n\r\n", 4) != 0 &&
                          memcmp(p, "\r\nContent-Type: ", 16) != 0))
            abort();
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    struct http_form *f = http_form_new();
    struct sc_buf whole = {0}, cut = {0};
    char name[64], file[64], type[64], text[64];
    struct http_source s;
    int added = 0;

    while (f != NULL && n > 0 && added < 20) {
        struct http_part p = {.name = take(&data, &n, name),
                              .filename = take(&data, &n, file),
                              .type = take(&data, &n, type),
                              .text = take(&data, &n, text)};

        if (http_form_add(f, &p) < 0)
            break;
        added++;
    }
    if (f != NULL && http_form_source(f, &s, NULL) == 0) {
        read_out(&s, 100, &whole);
        read_out(&s, 3, &cut);
        if (memcmp(whole.data, cut.data, whole.len) != 0 ||
            count(&whole, strchr(s.type, '=') + 1) != added + 1)
            abort();
        check_heads(&whole, strchr(s.type, '=') + 1);
    }
    sc_buf_free(&whole);
    sc_buf_free(&cut);
    http_form_free(f);
    return 0;
}
