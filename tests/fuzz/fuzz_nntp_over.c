/* fuzz_nntp_over.c - any bytes as LIST OVERVIEW.FMT and the overview behind it,
 * whole and in pieces, and as lines of LIST, HDR, GROUP and DATE. */

#include <stdlib.h>
#include <string.h>

#include "fuzz.h"
#include "nntp/nntp_over.h"

struct seen {
    const struct nntp_format *format;
    uint64_t lines, sum;
    struct sc_span line;
};

static void add(struct seen *s, struct sc_span value)
{
    s->sum = s->sum * 31 + value.len;
    for (size_t i = 0; i < value.len; i++)
        s->sum = s->sum * 31 + (unsigned char)value.data[i];
}

/* A span that is lent lies within the line. */
static void within(struct seen *s, struct sc_span value)
{
    if (value.len > 0 && (value.data < s->line.data ||
                          value.data + value.len > s->line.data + s->line.len))
        abort();
    add(s, value);
}

static void see_number(struct seen *s, uint64_t n)
{
    if (n > INT64_MAX)
        abort();
    s->sum = s->sum * 31 + n;
}

static void see_article(struct seen *s, const struct nntp_article *a)
{
    see_number(s, a->number);
    see_number(s, a->bytes);
    see_number(s, a->lines);
    within(s, a->subject);
    within(s, a->from);
    within(s, a->date);
    within(s, a->message_id);
    within(s, a->references);
    within(s, a->xref);
    if (a->n_more > NNTP_OVER_MORE)
        abort();
    for (size_t i = 0; i < a->n_more; i++) {
        if (a->more[i].name.len == 0)
            abort();
        add(s, a->more[i].name);
        within(s, a->more[i].value);
    }
}

static void see_group(struct seen *s, const struct nntp_group *g)
{
    see_number(s, g->count);
    see_number(s, g->first > 0 ? g->first - 1 : 0);
    see_number(s, g->last);
    see_number(s, (uint64_t)g->created);
    within(s, g->name);
    within(s, g->status);
    within(s, g->creator);
    within(s, g->description);
}

static void see_date(struct seen *s)
{
    char text[24], digits[15];
    int64_t when, again;

    if (nntp_parse_date(s->line, &when) < 0)
        return;
    s->sum = s->sum * 31 + (uint64_t)when;
    if (nntp_format_date(text, when) < 0)
        return; /* the leap second of the last year */
    memcpy(digits, text, 8);
    memcpy(digits + 8, text + 9, 7);
    if (nntp_parse_date(sc_span_of(digits), &again) < 0 || again != when)
        abort();
}

static void see_tabs(struct sc_span line)
{
    const char *fast[8], *plain[8];
    size_t n = nntp_tabs(line, fast, 8);

    if (n != nntp_tabs_plain(line, plain, 8) ||
        memcmp(fast, plain, n * sizeof fast[0]) != 0)
        abort();
}

static int see_line(struct nntp_lines *l, struct sc_span text)
{
    static int (*const parse[])(struct sc_span, struct nntp_group *) = {
        nntp_parse_selected, nntp_parse_active, nntp_parse_times,
        nntp_parse_newsgroups, nntp_parse_counts};
    struct seen *s = l->arg;
    struct nntp_article a;
    struct nntp_group g;
    struct sc_span value;
    uint64_t number;

    s->lines++;
    s->line = text;
    see_tabs(text);
    if (nntp_over_parse(s->format, text, &a) == 0)
        see_article(s, &a);
    if (nntp_over_parse(NULL, text, &a) == 0)
        see_article(s, &a);
    for (size_t i = 0; i < sizeof parse / sizeof parse[0]; i++)
        if (parse[i](text, &g) == 0)
            see_group(s, &g);
    if (nntp_parse_hdr(text, &number, &value) == 0) {
        see_number(s, number);
        within(s, value);
    }
    see_date(s);
    return 0;
}

static int read_lines(const uint8_t *data, size_t n, size_t piece,
                      struct seen *seen)
{
    struct nntp_lines l = {.line = see_line, .arg = seen, .hold = SC_BUF(4096)};
    int rc = 0, end;

    for (size_t at = 0; at < n && rc >= 0; at += piece) {
        size_t len = n - at < piece ? n - at : piece;
        uint8_t *copy = malloc(len); /* a byte behind it is a bug */

        if (copy == NULL)
            break;
        memcpy(copy, data + at, len);
        rc = nntp_lines_sink(&l, copy, len);
        free(copy);
    }
    end = nntp_lines_end(&l);
    return rc < 0 ? rc : end;
}

/* What is before the first empty line says which fields there are. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    const uint8_t *blank = n > 0 ? memmem(data, n, "\n\n", 2) : NULL;
    size_t head = blank != NULL ? (size_t)(blank - data) : 0;
    struct seen whole = {0}, pieces = {0};
    int rc = 0, a, b;
    struct nntp_format *f =
        nntp_format_new((struct sc_span){(const char *)data, head}, &rc);

    if ((f != NULL) != (rc == 0))
        abort();
    whole.format = pieces.format = f;
    a = read_lines(data + head, n - head, SIZE_MAX, &whole);
    b = read_lines(data + head, n - head, 3, &pieces);
    if (a != b || whole.lines != pieces.lines || whole.sum != pieces.sum)
        abort();
    nntp_format_free(f);
    return 0;
}
