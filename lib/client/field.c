/* field.c - header fields kept in order, and the strict parser of one line
 * (RFC 5322 section 2.2, RFC 9112 section 5). Names and values lie in one
 * text, so a head of any size is two blocks of memory. Reading them from a
 * dialogue is left to its readers. */

#include <string.h>

#include "client/field_parse.h"
#include "core/mem.h"
#include "core/text.h"

static bool is_name(struct sc_span name)
{
    for (size_t i = 0; i < name.len; i++)
        if (!sc_is_token((unsigned char)name.data[i]))
            return false;
    return name.len > 0;
}

int sc_field_parse(struct sc_span line, struct sc_span *name,
                   struct sc_span *value)
{
    const char *colon = line.len > 0 ? memchr(line.data, ':', line.len) : NULL;

    if (colon == NULL || !sc_line_safe(line.data, line.len))
        return SC_EPROTO;
    name->data = line.data;
    name->len = (size_t)(colon - line.data);
    value->data = colon + 1;
    value->len = line.len - name->len - 1;
    *value = sc_trim(*value);
    return is_name(*name) ? 0 : SC_EPROTO;
}

static int grow_list(struct sc_fields *f)
{
    size_t cap = f->cap > 0 ? f->cap * 2 : 8;
    struct sc_field *at;

    if (f->n < f->cap)
        return 0;
    if (cap > SIZE_MAX / sizeof *at)
        return SC_ETOOBIG;
    if ((at = sc_realloc(f->at, cap * sizeof *at)) == NULL)
        return SC_ENOMEM;
    f->at = at;
    f->cap = cap;
    return 0;
}

/* Let every span point into the same place of NEW. */
static void rebase(struct sc_fields *f, const char *new)
{
    const char *old = f->text.data;

    for (size_t i = 0; i < f->n; i++) {
        f->at[i].name.data = new + (f->at[i].name.data - old);
        f->at[i].value.data = new + (f->at[i].value.data - old);
    }
}

/* Make room for N more bytes of text. The text moves by copying, not by
 * realloc: what is to be appended may lie in the old one, which the caller
 * frees. */
static int grow_text(struct sc_fields *f, size_t n, struct sc_buf *old)
{
    struct sc_buf new = SC_BUF(f->text.limit);
    int rc;

    *old = (struct sc_buf){0};
    if (f->text.data != NULL && n < f->text.cap - f->text.len)
        return sc_buf_reserve(&f->text, n); /* its ceiling still counts */
    if (f->text.len > SIZE_MAX / 2 || n > SIZE_MAX / 2)
        return SC_ETOOBIG;
    if ((rc = sc_buf_reserve(&new, f->text.len + n)) < 0)
        return rc;
    if (f->text.len > 0)
        memcpy(new.data, f->text.data, f->text.len);
    new.len = f->text.len;
    rebase(f, new.data);
    *old = f->text;
    f->text = new;
    return 0;
}

/* Append S with a NUL; there is room. */
static struct sc_span put(struct sc_buf *text, struct sc_span s)
{
    char *to = text->data + text->len;

    if (s.len > 0)
        memmove(to, s.data, s.len);
    to[s.len] = '\0';
    text->len += s.len + 1;
    text->data[text->len] = '\0';
    return (struct sc_span){to, s.len};
}

int sc_fields_add(struct sc_fields *f, struct sc_span name,
                  struct sc_span value)
{
    struct sc_buf old;
    int rc;

    if (!is_name(name) || !sc_line_safe(value.data, value.len))
        return SC_EINVAL;
    value = sc_trim(value);
    if (name.len > SIZE_MAX / 8 || value.len > SIZE_MAX / 8)
        return SC_ETOOBIG;
    if ((rc = grow_list(f)) < 0 ||
        (rc = grow_text(f, name.len + value.len + 2, &old)) < 0)
        return rc;
    f->at[f->n].name = put(&f->text, name);
    f->at[f->n].value = put(&f->text, value);
    f->n++;
    sc_buf_free(&old);
    return 0;
}

int sc_fields_fold(struct sc_fields *f, struct sc_span more)
{
    static const struct sc_span space = SC_SPAN(" ");
    struct sc_field *last = f->n > 0 ? &f->at[f->n - 1] : NULL;
    struct sc_buf old;
    int rc;

    if (last == NULL || !sc_line_safe(more.data, more.len))
        return SC_EINVAL;
    more = sc_trim(more);
    if (more.len == 0)
        return 0;
    if ((rc = grow_text(f, more.len + 2, &old)) < 0)
        return rc;
    f->text.len--; /* the NUL of the value, which ends the text */
    if (last->value.len > 0) {
        put(&f->text, space);
        f->text.len--;
    }
    put(&f->text, more);
    last->value.len =
        f->text.len - 1 - (size_t)(last->value.data - f->text.data);
    sc_buf_free(&old);
    return 0;
}

const char *sc_fields_get(const struct sc_fields *f, const char *name,
                          const char *otherwise)
{
    for (size_t i = 0; i < f->n; i++)
        if (sc_span_eq_nocase(f->at[i].name, name))
            return f->at[i].value.data;
    return otherwise;
}

size_t sc_fields_count(const struct sc_fields *f, const char *name)
{
    size_t count = 0;

    for (size_t i = 0; i < f->n; i++)
        count += sc_span_eq_nocase(f->at[i].name, name);
    return count;
}

void sc_fields_free(struct sc_fields *f)
{
    sc_free(f->at);
    sc_buf_free(&f->text);
    f->at = NULL;
    f->n = f->cap = 0;
}
