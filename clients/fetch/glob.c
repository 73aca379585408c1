/* glob.c - {a,b}, [1-10], [001-100:5], [a-z:2]; a backslash takes the meaning
 * from what follows; the brackets of an IPv6 address have none. */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fetch/glob.h"

enum part_kind { PART_TEXT, PART_SET, PART_LETTERS, PART_NUMBERS };
#define MOST ((uint64_t)1 << 53)

struct part {
    int kind;
    struct text_list set; /* PART_TEXT: one */
    uint64_t first, step, n;
    int width; /* digits, zeros in front */
};

struct glob {
    struct part *parts;
    size_t n;
    uint64_t count;
};

/* The pattern while it is read. */
struct reader {
    const char *all, *p;
    struct glob *g;
    const char *why;
};

static bool fails(struct reader *r, const char *why)
{
    r->why = why;
    return false;
}

static struct part *add_part(struct reader *r, int kind)
{
    struct glob *g = r->g;
    struct part *p;

    g->parts = grow_memory(g->parts, (g->n + 1) * sizeof *g->parts);
    p = &g->parts[g->n++];
    *p = (struct part){.kind = kind, .step = 1, .n = 1};
    return p;
}

static bool counted(struct reader *r, struct part *p)
{
    if (p->n > MOST / r->g->count)
        return fails(r, "too many URLs");
    r->g->count *= p->n;
    return true;
}

static bool is_special(char c)
{
    return c != '\0' && strchr("{}[]", c) != NULL;
}

/* "[::1]", "[fe80::1%25eth0]". */
static size_t address_length(const char *p)
{
    size_t n = 1 + strspn(p + 1, "0123456789abcdefABCDEF:.");
    int colons = 0;

    for (size_t i = 1; i < n; i++)
        colons += p[i] == ':';
    if (colons < 2)
        return 0;
    if (p[n] == '%')
        n += strcspn(p + n, "]/{}[");
    return p[n] == ']' ? n + 1 : 0;
}

static bool read_text(struct reader *r)
{
    struct sc_buf b = {0};
    size_t n;

    while (*r->p != '\0' && *r->p != '{') {
        if (*r->p == '[') {
            if ((n = address_length(r->p)) == 0)
                break;
            add_bytes(&b, r->p, n);
            r->p += n;
            continue;
        }
        if (*r->p == '}' || *r->p == ']') {
            sc_buf_free(&b);
            return fails(r, "it closes nothing");
        }
        if (*r->p == '\\' && is_special(r->p[1]))
            r->p++;
        add_bytes(&b, r->p++, 1);
    }
    if (b.len > 0)
        text_list_add(&add_part(r, PART_TEXT)->set, b.data);
    sc_buf_free(&b);
    return true;
}

static void end_item(struct part *p, struct sc_buf *b)
{
    text_list_add(&p->set, b->len > 0 ? b->data : "");
    b->len = 0;
}

static bool read_items(struct reader *r, struct part *p, struct sc_buf *b)
{
    while (*r->p != '}') {
        if (*r->p == '\0')
            return fails(r, "a brace is not closed");
        if (*r->p == '{' || *r->p == '[')
            return fails(r, "a brace in a brace");
        if (*r->p == ']')
            return fails(r, "it closes nothing");
        if (*r->p == ',') {
            end_item(p, b);
            r->p++;
            continue;
        }
        if (*r->p == '\\' && r->p[1] != '\0')
            r->p++;
        add_bytes(b, r->p++, 1);
    }
    end_item(p, b);
    r->p++;
    return true;
}

static bool read_set(struct reader *r)
{
    struct part *p = add_part(r, PART_SET);
    struct sc_buf b = {0};
    bool good;

    if (*++r->p == '}')
        return fails(r, "nothing in the braces");
    good = read_items(r, p, &b);
    sc_buf_free(&b);
    p->n = p->set.n;
    return good && counted(r, p);
}

static bool read_number(struct reader *r, uint64_t *n)
{
    if (*r->p < '0' || *r->p > '9')
        return false;
    for (*n = 0; *r->p >= '0' && *r->p <= '9'; r->p++) {
        *n = *n * 10 + (uint64_t)(*r->p - '0');
        if (*n > MOST)
            return false;
    }
    return true;
}

static bool is_letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

/* From and to; false: not a range. */
static bool read_ends(struct reader *r, struct part *p, uint64_t *last)
{
    const char *from = ++r->p;

    if (is_letter(r->p[0]) && r->p[1] == '-' && is_letter(r->p[2])) {
        p->kind = PART_LETTERS;
        p->first = (unsigned char)r->p[0];
        *last = (unsigned char)r->p[2];
        r->p += 3;
        return (p->first >= 'a') == (*last >= 'a');
    }
    if (!read_number(r, &p->first) || *r->p != '-')
        return false;
    p->width = *from == '0' ? (int)(r->p - from) : 0;
    r->p++;
    return read_number(r, last);
}

static bool read_range(struct reader *r)
{
    struct part *p = add_part(r, PART_NUMBERS);
    uint64_t last;

    if (!read_ends(r, p, &last) || last < p->first)
        return fails(r, "bad range");
    if (*r->p == ':') {
        r->p++;
        if (!read_number(r, &p->step) || p->step == 0 ||
            (p->step > last - p->first && last != p->first))
            return fails(r, "bad range");
    }
    if (*r->p != ']')
        return fails(r, "bad range");
    r->p++;
    p->n = (last - p->first) / p->step + 1;
    return counted(r, p);
}

static bool read_pattern(struct reader *r)
{
    while (*r->p != '\0') {
        if (!read_text(r))
            return false;
        if (*r->p == '{' && !read_set(r))
            return false;
        if (*r->p == '[' && !read_range(r))
            return false;
    }
    return true;
}

struct glob *glob_open(const char *pattern, bool plain, const char **why,
                       size_t *where)
{
    struct glob *g = take_memory(sizeof *g);
    struct reader r = {pattern, pattern, g, NULL};

    g->count = 1;
    if (plain || strpbrk(pattern, "{}[]\\") == NULL) {
        text_list_add(&add_part(&r, PART_TEXT)->set, pattern);
        return g;
    }
    if (read_pattern(&r))
        return g;
    *why = r.why;
    *where = (size_t)(r.p - r.all) + 1;
    glob_free(g);
    return NULL;
}

void glob_free(struct glob *g)
{
    if (g == NULL)
        return;
    for (size_t i = 0; i < g->n; i++)
        text_list_free(&g->parts[i].set);
    free(g->parts);
    free(g);
}

uint64_t glob_count(const struct glob *g)
{
    return g->count;
}

bool glob_varies(const struct glob *g)
{
    for (size_t i = 0; i < g->n; i++)
        if (g->parts[i].kind != PART_TEXT)
            return true;
    return false;
}

static void add_part_text(struct sc_buf *b, const struct part *p, uint64_t i)
{
    char text[32];
    uint64_t value = p->first + i * p->step;

    switch (p->kind) {
    case PART_LETTERS:
        snprintf(text, sizeof text, "%c", (int)value);
        break;
    case PART_NUMBERS:
        snprintf(text, sizeof text, "%0*llu", p->width > 20 ? 20 : p->width,
                 (unsigned long long)value);
        break;
    default:
        add_text(b, p->set.at[i]);
        return;
    }
    add_text(b, text);
}

/* Which of its own values part NTH has in the I-th string. */
static uint64_t digit(const struct glob *g, size_t nth, uint64_t i)
{
    for (size_t k = g->n - 1; k > nth; k--)
        i /= g->parts[k].n;
    return i % g->parts[nth].n;
}

static char *give(struct sc_buf *b)
{
    char *text = copy_text(b->len > 0 ? b->data : "");

    sc_buf_free(b);
    return text;
}

char *glob_text(const struct glob *g, uint64_t i)
{
    struct sc_buf b = {0};

    for (size_t k = 0; k < g->n; k++)
        add_part_text(&b, &g->parts[k], digit(g, k, i));
    return give(&b);
}

/* The part that "#NTH" means, or g->n. */
static size_t part_of(const struct glob *g, uint64_t nth)
{
    for (size_t k = 0; k < g->n; k++)
        if (g->parts[k].kind != PART_TEXT && --nth == 0)
            return k;
    return g->n;
}

char *glob_fill(const struct glob *g, uint64_t i, const char *format)
{
    struct reader r = {format, format, NULL, NULL};
    struct sc_buf b = {0};
    const char *from;
    uint64_t nth;
    size_t k;

    while (*r.p != '\0') {
        from = r.p++;
        if (*from == '#' && read_number(&r, &nth) && nth > 0 &&
            (k = part_of(g, nth)) < g->n)
            add_part_text(&b, &g->parts[k], digit(g, k, i));
        else
            add_bytes(&b, from, (size_t)(r.p - from));
    }
    return give(&b);
}
