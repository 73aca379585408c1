/* nntp_over.c - what LIST OVERVIEW.FMT says of an overview, and its lines (RFC
 * 3977 sections 8.3 and 8.4). A line is cut at its TABs in one pass; fields are
 * lent where they lie. That the seven stand first and in order, as the RFC says,
 * is not relied on. */

#include <string.h>

#include "core/mem.h"
#include "core/text.h"
#include "nntp/nntp_over.h"

enum kind { TEXT, BYTES, LINES, MORE };
enum { FIELDS = 8 + NNTP_OVER_MORE }; /* the seven, Xref, others */

struct field {
    struct sc_span name; /* without its colon; of metadata with it: ":bytes" */
    size_t at;           /* TEXT: where in struct nntp_article */
    unsigned char kind;
    bool full; /* its name stands before its value */
};

struct nntp_format {
    const struct field *fields;
    size_t n;
    char *text;         /* of the names */
    struct field own[]; /* FIELDS of them */
};

/* The fields that a record has a place for, as RFC 3977 section 8.4.2 orders
 * them; servers before it say "Bytes:" and "Lines:". */
#define AT(member) offsetof(struct nntp_article, member)
static const struct field known[] = {
    {SC_SPAN("Subject"), AT(subject), TEXT, false},
    {SC_SPAN("From"), AT(from), TEXT, false},
    {SC_SPAN("Date"), AT(date), TEXT, false},
    {SC_SPAN("Message-ID"), AT(message_id), TEXT, false},
    {SC_SPAN("References"), AT(references), TEXT, false},
    {SC_SPAN("bytes"), 0, BYTES, false},
    {SC_SPAN("lines"), 0, LINES, false},
    {SC_SPAN("Xref"), AT(xref), TEXT, true},
};
enum { KNOWN = sizeof known / sizeof known[0] };

/* Without LIST OVERVIEW.FMT. */
static const struct nntp_format usual = {.fields = known, .n = 7};

/* --- the format --- */

static bool same_name(struct sc_span a, struct sc_span b)
{
    if (a.len != b.len)
        return false;
    if (memcmp(a.data, b.data, a.len) == 0)
        return true;
    for (size_t i = 0; i < a.len; i++)
        if (sc_lower((unsigned char)a.data[i]) !=
            sc_lower((unsigned char)b.data[i]))
            return false;
    return true;
}

/* "Subject:", ":bytes", "Xref:full". RFC 3977 section 8.3.2: an other metadata
 * item stands behind its name too, though nothing marks it. */
static int parse_field(struct sc_span line, struct field *out)
{
    const char *colon;
    struct sc_span after;

    line = sc_trim(line);
    if (line.len < 2)
        return SC_EPROTO;
    colon = memchr(line.data + 1, ':', line.len - 1);
    out->name = line;
    out->full = line.data[0] == ':';
    out->kind = MORE;
    if (colon == NULL)
        return out->full ? 0 : SC_EPROTO;
    out->name.len = (size_t)(colon - line.data);
    after = (struct sc_span){colon + 1, line.len - out->name.len - 1};
    out->full = out->full || sc_span_eq_nocase(after, "full");
    return 0;
}

static bool has_place(const struct nntp_format *f, const struct field *k)
{
    for (size_t i = 0; i < f->n; i++)
        if (f->fields[i].kind == k->kind && f->fields[i].at == k->at)
            return true;
    return false;
}

/* What a record has a place for, once, goes there. */
static void place(const struct nntp_format *f, struct field *out)
{
    struct sc_span name = out->name;
    size_t meta = name.data[0] == ':';

    name.data += meta;
    name.len -= meta;
    for (size_t i = 0; i < KNOWN; i++) {
        const struct field *k = &known[i];

        if ((meta && k->kind == TEXT) || !same_name(name, k->name) ||
            has_place(f, k))
            continue;
        out->kind = k->kind;
        out->at = k->at;
        out->name = name;
        out->full = out->full && !meta;
        return;
    }
}

static bool has_room(const struct nntp_format *f, const struct field *next)
{
    size_t more = 0;

    for (size_t i = 0; i < f->n; i++)
        more += f->fields[i].kind == MORE;
    return f->n < FIELDS && (next->kind != MORE || more < NNTP_OVER_MORE);
}

/* A field is there or its place is empty: a line that is none keeps its place,
 * so that those behind it keep theirs. */
static int learn(struct nntp_format *f)
{
    const char *p = f->text, *lf;
    bool any = false;

    for (; *p != '\0'; p = *lf != '\0' ? lf + 1 : lf) {
        struct field next = {.kind = MORE};
        struct sc_span line = {p, strcspn(p, "\n")};

        lf = p + line.len;
        if (line.len > 0 && p[line.len - 1] == '\r')
            line.len--;
        if (line.len == 0)
            continue;
        if (parse_field(line, &next) == 0) {
            place(f, &next);
            any = true;
        } else {
            next.name = line;
        }
        if (!has_room(f, &next))
            break;
        f->own[f->n++] = next;
    }
    return any ? 0 : SC_EPROTO;
}

struct nntp_format *nntp_format_new(struct sc_span text, int *rc)
{
    struct nntp_format *f =
        sc_calloc(sizeof *f + FIELDS * sizeof(struct field));

    *rc = SC_ENOMEM;
    if (f == NULL)
        return NULL;
    f->fields = f->own;
    if ((f->text = sc_malloc(text.len + 1)) != NULL) {
        sc_span_copy(f->text, text.len + 1, text);
        *rc = learn(f);
    }
    if (*rc == 0)
        return f;
    nntp_format_free(f);
    return NULL;
}

void nntp_format_free(struct nntp_format *f)
{
    if (f != NULL)
        sc_free(f->text);
    sc_free(f);
}

/* --- a line --- */

/* "Xref: news.example.org a:1" without "Xref: ", ":hits 7" without ":hits ". A
 * server that says the name is there and leaves it out is believed by what it
 * sends. */
static struct sc_span without_name(struct sc_span value, struct sc_span name)
{
    struct sc_span front = {value.data, name.len};
    size_t at = name.len;

    if (value.len < at || !same_name(front, name))
        return value;
    if (name.data[0] == ':') {
        if (at < value.len && value.data[at] != ' ')
            return value;
    } else if (at == value.len || value.data[at++] != ':') {
        return value;
    }
    while (at < value.len && value.data[at] == ' ')
        at++;
    return (struct sc_span){value.data + at, value.len - at};
}

/* Numbers that make no sense are not told. */
static uint64_t count_of(struct sc_span value)
{
    uint64_t n;

    return nntp_number(value, &n) == 0 ? n : 0;
}

static void put_text(const struct field *f, struct sc_span value,
                     struct nntp_article *out)
{
    *(struct sc_span *)(void *)((char *)out + f->at) = value;
}

static void put(const struct field *f, struct sc_span value,
                struct nntp_article *out)
{
    if (f->full)
        value = without_name(value, f->name);
    switch (f->kind) {
    case TEXT:
        put_text(f, value, out);
        return;
    case BYTES:
        out->bytes = count_of(value);
        return;
    case LINES:
        out->lines = count_of(value);
        return;
    }
    out->more[out->n_more].name = f->name;
    out->more[out->n_more++].value = value;
}

/* MORE is not cleared: N_MORE says what is there. */
static void clear(struct nntp_article *a)
{
    memset(a, 0, offsetof(struct nntp_article, more));
    a->n_more = 0;
}

/* The extra fields that the line does not have are empty ones. */
static void put_missing(const struct nntp_format *f, size_t from,
                        struct nntp_article *out)
{
    for (size_t i = from; i < f->n; i++)
        if (f->fields[i].kind == MORE)
            put(&f->fields[i], (struct sc_span){NULL, 0}, out);
}

/* Without LIST OVERVIEW.FMT an eighth field that names itself Xref is one: that
 * is where servers keep it. */
static void put_eighth(const char *from, const char *end,
                       struct nntp_article *out)
{
    struct sc_span value = {from, (size_t)(end - from)}, text;
    const char *tab = memchr(from, '\t', value.len);

    if (tab != NULL)
        value.len = (size_t)(tab - from);
    text = without_name(value, known[KNOWN - 1].name);
    if (text.data != value.data)
        out->xref = text;
}

int nntp_over_parse(const struct nntp_format *f, struct sc_span line,
                    struct nntp_article *out)
{
    const char *tabs[FIELDS + 1], *end = line.data + line.len;
    const struct nntp_format *format = f != NULL ? f : &usual;
    size_t most = format->n + 1, n = nntp_tabs(line, tabs, most), i;

    clear(out);
    if (n < most)
        tabs[n] = end;
    if (nntp_number((struct sc_span){line.data, (size_t)(tabs[0] - line.data)},
                    &out->number) < 0)
        return SC_EPROTO;
    for (i = 0; i < n && i < format->n; i++) {
        const struct field *k = &format->fields[i];
        struct sc_span value = {tabs[i] + 1,
                                (size_t)(tabs[i + 1] - tabs[i]) - 1};

        if (k->kind == TEXT && !k->full) /* most are */
            put_text(k, value, out);
        else
            put(k, value, out);
    }
    if (i < format->n)
        put_missing(format, i, out);
    else if (f == NULL && n == most)
        put_eighth(tabs[i] + 1, end, out);
    return 0;
}
