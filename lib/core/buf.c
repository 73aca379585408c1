/* buf.c - owned bytes that grow up to a ceiling, and borrowed ones. Growth is
 * geometric, so that many small appends cost no more than one large one. */

#include <stdio.h>
#include <string.h>

#include "core/mem.h"
#include "core/text.h"

enum { default_limit = 64 << 20, first_cap = 64 };

static size_t ceiling(const struct sc_buf *b)
{
    size_t limit = b->limit > 0 ? b->limit : default_limit;

    return limit < SIZE_MAX / 4 ? limit : SIZE_MAX / 4;
}

int sc_buf_reserve(struct sc_buf *b, size_t n)
{
    size_t limit = ceiling(b), cap = b->cap > 0 ? b->cap : first_cap;
    char *data;

    if (b->len > limit || n > limit - b->len)
        return SC_ETOOBIG;
    if (b->data != NULL && b->cap > b->len + n) {
        b->data[b->len] = '\0'; /* the caller may have cut len himself */
        return 0;
    }
    while (cap <= b->len + n)
        cap *= 2;
    if (cap > limit + 1)
        cap = limit + 1;
    if ((data = sc_realloc(b->data, cap)) == NULL)
        return SC_ENOMEM;
    b->data = data;
    b->cap = cap;
    b->data[b->len] = '\0';
    return 0;
}

int sc_buf_add(struct sc_buf *b, const void *p, size_t n)
{
    int rc = sc_buf_reserve(b, n);

    if (rc < 0)
        return rc;
    if (n > 0)
        memcpy(b->data + b->len, p, n);
    b->len += n;
    b->data[b->len] = '\0';
    return 0;
}

int sc_buf_addf(struct sc_buf *b, const char *fmt, ...)
{
    va_list ap;
    int rc;

    va_start(ap, fmt);
    rc = sc_buf_vaddf(b, fmt, ap);
    va_end(ap);
    return rc;
}

/* Most texts fit in what is there already: then it is formatted once. */
int sc_buf_vaddf(struct sc_buf *b, const char *fmt, va_list ap)
{
    size_t room = b->data != NULL ? b->cap - b->len : 0;
    va_list again;
    int n, rc = 0;

    va_copy(again, ap);
    n = vsnprintf(room > 0 ? b->data + b->len : NULL, room, fmt, ap);
    if (room > 0)
        b->data[n >= 0 && (size_t)n < room ? b->len + (size_t)n : b->len] =
            '\0';
    if (n < 0)
        rc = SC_EINVAL;
    else if ((size_t)n >= room || b->len + (size_t)n > ceiling(b)) {
        if ((rc = sc_buf_reserve(b, (size_t)n)) == 0)
            vsnprintf(b->data + b->len, (size_t)n + 1, fmt, again);
        else if (b->data != NULL)
            b->data[b->len] = '\0';
    }
    va_end(again);
    if (rc == 0)
        b->len += (size_t)n;
    return rc;
}

void sc_buf_drop(struct sc_buf *b, size_t n)
{
    if (n > b->len)
        n = b->len;
    if (n == 0)
        return;
    memmove(b->data, b->data + n, b->len - n);
    b->len -= n;
    b->data[b->len] = '\0';
}

void sc_buf_free(struct sc_buf *b)
{
    sc_free(b->data);
    b->data = NULL;
    b->len = b->cap = 0;
}

int sc_buf_sink(void *arg, const void *p, size_t n)
{
    return sc_buf_add(arg, p, n);
}

int sc_null_sink(void *arg, const void *p, size_t n)
{
    (void)arg;
    (void)p;
    (void)n;
    return 0;
}

struct sc_span sc_span_of(const char *s)
{
    return (struct sc_span){s, s != NULL ? strlen(s) : 0};
}

bool sc_span_eq(struct sc_span s, const char *text)
{
    return strlen(text) == s.len &&
           (s.len == 0 || memcmp(s.data, text, s.len) == 0);
}

bool sc_span_eq_nocase(struct sc_span s, const char *text)
{
    if (strlen(text) != s.len)
        return false;
    for (size_t i = 0; i < s.len; i++)
        if (sc_lower((unsigned char)s.data[i]) !=
            sc_lower((unsigned char)text[i]))
            return false;
    return true;
}

bool sc_span_copy(char *to, size_t size, struct sc_span s)
{
    size_t n = s.len < size ? s.len : size > 0 ? size - 1 : 0;

    if (size == 0)
        return false;
    if (n > 0)
        memcpy(to, s.data, n);
    to[n] = '\0';
    return n == s.len;
}
