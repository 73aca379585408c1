/* news_ranges.c - a sorted array; numbers mostly come at its end. */

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "news_ranges.h"

/* How many of the ranges end before N. */
static size_t before(const struct ranges *r, uint64_t n)
{
    size_t low = 0, high = r->n, middle;

    while (low < high) {
        middle = low + (high - low) / 2;
        if (r->at[middle].last < n)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static int make_room(struct ranges *r)
{
    size_t room = r->room > 0 ? 2 * r->room : 16;
    struct range *more;

    if (r->n < r->room)
        return 0;
    if ((more = realloc(r->at, room * sizeof *more)) == NULL)
        return -1;
    r->at = more;
    r->room = room;
    return 0;
}

int ranges_add(struct ranges *r, uint64_t first, uint64_t last)
{
    /* Those that touch it are swallowed. */
    size_t from = before(r, first > 0 ? first - 1 : 0), to = from;

    if (make_room(r) < 0)
        return -1;
    for (; to < r->n && r->at[to].first <= last + 1; to++) {
        if (r->at[to].first < first)
            first = r->at[to].first;
        if (r->at[to].last > last)
            last = r->at[to].last;
    }
    if (to != from + 1)
        memmove(r->at + from + 1, r->at + to, (r->n - to) * sizeof *r->at);
    r->n = r->n + 1 - (to - from);
    r->at[from] = (struct range){first, last};
    return 0;
}

int ranges_add_all(struct ranges *r, const struct ranges *more)
{
    for (size_t i = 0; i < more->n; i++)
        if (ranges_add(r, more->at[i].first, more->at[i].last) < 0)
            return -1;
    return 0;
}

uint64_t ranges_last(const struct ranges *r)
{
    return r->n > 0 ? r->at[r->n - 1].last : 0;
}

bool ranges_have(const struct ranges *r, uint64_t n)
{
    size_t i = before(r, n);

    return i < r->n && r->at[i].first <= n;
}

void ranges_gap(const struct ranges *r, uint64_t from, uint64_t *first,
                uint64_t *last)
{
    size_t i = before(r, from);

    if (i < r->n && r->at[i].first <= from)
        from = r->at[i++].last + 1;
    *first = from;
    *last = i < r->n ? r->at[i].first - 1 : 0;
}

/* --- as text --- */

static bool take_number(const char **p, const char *end, uint64_t *out)
{
    const char *start = *p;
    uint64_t n = 0;

    for (; *p < end && **p >= '0' && **p <= '9'; (*p)++) {
        if (n > (INT64_MAX - 9) / 10)
            return false;
        n = n * 10 + (uint64_t)(**p - '0');
    }
    *out = n;
    return *p > start;
}

static bool is_at(const char *p, const char *end, char c)
{
    return p < end && *p == c;
}

static const char *skip_blanks(const char *p, const char *end)
{
    while (p < end && (*p == ' ' || *p == '\t' || *p == '\r'))
        p++;
    return p;
}

int ranges_parse(struct ranges *r, struct sc_span text)
{
    const char *end = text.data + text.len;
    const char *p = skip_blanks(text.data, end);
    uint64_t first, last;

    while (p < end) {
        if (!take_number(&p, end, &first))
            return 1;
        last = first;
        if (is_at(p, end, '-') && (p++, !take_number(&p, end, &last)))
            return 1;
        if (last < first)
            return 1;
        if (ranges_add(r, first, last) < 0)
            return -1;
        p = skip_blanks(p, end);
        if (p < end && *p != ',')
            return 1;
        p = skip_blanks(p + (p < end), end);
    }
    return 0;
}

int ranges_print(const struct ranges *r, struct sc_buf *out)
{
    int rc = 0;

    for (size_t i = 0; i < r->n && rc == 0; i++) {
        const struct range *x = &r->at[i];

        rc = sc_buf_addf(out, "%s%" PRIu64, i > 0 ? "," : "", x->first);
        if (rc == 0 && x->last > x->first)
            rc = sc_buf_addf(out, "-%" PRIu64, x->last);
    }
    return rc;
}

void ranges_free(struct ranges *r)
{
    free(r->at);
    *r = (struct ranges){NULL, 0, 0};
}
