/* script_text.c - from the text of a script to events, and how bytes are shown
 * where they differ. */
#include "stream/script_text.h"
#include "core/text.h"

#include <stdio.h>
#include <string.h>

void sc_script_free(struct sc_script *t)
{
    sc_buf_free(&t->bytes);
    sc_buf_free(&t->list);
    sc_buf_free(&t->numbers);
}

size_t sc_script_count(const struct sc_script *t)
{
    return t->list.len / sizeof(struct sc_event);
}

const struct sc_event *sc_script_event(const struct sc_script *t, size_t i)
{
    return i < sc_script_count(t) ? (const struct sc_event *)t->list.data + i
                                  : NULL;
}

struct sc_span sc_script_bytes(const struct sc_script *t,
                               const struct sc_event *e)
{
    struct sc_span v = {t->bytes.data + e->at, e->len};

    return v;
}

bool sc_by_client(const struct sc_event *e)
{
    return e->kind == EVENT_HEAR || e->kind == EVENT_HALF ||
           e->kind == EVENT_ANY;
}

/* The printable form of one byte, as a script would have it. */
static int show_byte(char *to, size_t size, unsigned char c)
{
    if (c == '\r')
        return snprintf(to, size, "\\r");
    if (c == '\n')
        return snprintf(to, size, "\\n");
    if (c < 0x20 || c == 0x7f)
        return snprintf(to, size, "\\x%02x", c);
    return snprintf(to, size, "%c", c);
}

const char *sc_script_quote(char to[SC_SHOWN], struct sc_span a,
                            struct sc_span b)
{
    size_t n = 0, i;

    to[n++] = '"';
    for (i = 0; i < a.len + b.len && n < SC_SHOWN - 9; i++) {
        char c = i < a.len ? a.data[i] : b.data[i - a.len];

        n += (size_t)show_byte(to + n, SC_SHOWN - n, (unsigned char)c);
    }
    snprintf(to + n, SC_SHOWN - n, "%s", i < a.len + b.len ? "..." : "\"");
    return to;
}

static int escape(struct sc_span in, size_t *i, char *out)
{
    static const char names[] = "rnt\\", values[] = "\r\n\t\\";
    const char *name;
    int high, low;

    if (*i + 1 >= in.len)
        return SC_EINVAL;
    name = memchr(names, in.data[*i + 1], sizeof names - 1);
    if (name != NULL) {
        *out = values[name - names];
        *i += 2;
        return 0;
    }
    if (in.data[*i + 1] != 'x' || *i + 3 >= in.len)
        return SC_EINVAL;
    high = sc_hex_digit((unsigned char)in.data[*i + 2]);
    low = sc_hex_digit((unsigned char)in.data[*i + 3]);
    if (high < 0 || low < 0)
        return SC_EINVAL;
    *out = (char)(high * 16 + low);
    *i += 4;
    return 0;
}

static int add_raw(struct sc_buf *bytes, struct sc_span in)
{
    size_t i = 0;
    int rc = 0;

    while (rc == 0 && i < in.len) {
        char c = in.data[i];

        if (c != '\\')
            i++;
        else if ((rc = escape(in, &i, &c)) < 0)
            return rc;
        rc = sc_buf_add(bytes, &c, 1);
    }
    return rc;
}

static int add_bytes(struct sc_script *t, char who, struct sc_span in)
{
    int rc;

    if (in.len > 0 && in.data[0] == ' ') {
        in.data++;
        in.len--;
    }
    if (who == 's' || who == 'c')
        return add_raw(&t->bytes, in);
    if ((rc = sc_buf_add(&t->bytes, in.data, in.len)) == 0)
        rc = sc_buf_add(&t->bytes, "\r\n", 2);
    return rc;
}

static int add_event(struct sc_script *t, enum sc_event_kind kind, int line,
                     size_t at)
{
    struct sc_event e = {kind, line, at, t->bytes.len - at};

    return sc_buf_add(&t->list, &e, sizeof e);
}

/* The lines of two characters. Returns the event, or -1: it is none. */
static int mark_kind(struct sc_span l)
{
    static const struct {
        char mark[3];
        signed char kind;
    } marks[] = {{"S.", EVENT_END},    {"S!", EVENT_RESET},
                 {"S~", EVENT_SILENT}, {"C.", EVENT_HALF},
                 {"C~", EVENT_LOOSE},  {"T.", EVENT_TLS},
                 {"D.", EVENT_DEFLATE}};

    for (size_t i = 0; i < sizeof marks / sizeof marks[0]; i++)
        if (sc_span_eq(l, marks[i].mark))
            return marks[i].kind;
    return -1;
}

static bool has_bytes(struct sc_span l)
{
    return l.len >= 2 && memchr("SCsc", l.data[0], 4) != NULL &&
           l.data[1] == ':';
}

static int parse_bytes(struct sc_script *t, struct sc_span l, int line)
{
    size_t at = t->bytes.len;
    enum sc_event_kind kind = EVENT_HEAR;
    int rc;

    if (l.data[0] == 'S' || l.data[0] == 's')
        kind = EVENT_SAY;
    else if (sc_span_eq(l, "C: ***"))
        kind = EVENT_ANY;
    rc = add_bytes(t, l.data[0], (struct sc_span){l.data + 2, l.len - 2});
    if (rc < 0 || t->bytes.len == at)
        return rc;
    return add_event(t, kind, line, at);
}

/* --- several connections in one text --- */

struct parser {
    struct sc_script *t;
    bool only;      /* there may be one connection, and no marks are wanted */
    size_t which;   /* the one that is wanted */
    size_t current; /* the one whose lines these are */
};

/* The place of NUMBER among those that came, which it joins. */
static int find_number(struct sc_script *t, uint64_t number, size_t *place)
{
    size_t n = t->numbers.len / sizeof number;
    uint64_t have;

    for (*place = 0; *place < n; (*place)++) {
        memcpy(&have, t->numbers.data + *place * sizeof have, sizeof have);
        if (have == number)
            return 0;
    }
    return sc_buf_add(&t->numbers, &number, sizeof number);
}

/* "@ NUMBER", and words for people behind it. */
static int parse_number(struct parser *p, struct sc_span l)
{
    struct sc_span word;
    uint64_t number;
    int rc;

    l = sc_trim((struct sc_span){l.data + 1, l.len - 1});
    word = sc_next_word(&l);
    if (sc_parse_u64(word, INT64_MAX, &number) < 0)
        return SC_EINVAL;
    if ((rc = find_number(p->t, number, &p->current)) < 0)
        return rc;
    if (p->current >= p->t->connections)
        p->t->connections = p->current + 1;
    return 0;
}

static int parse_line(struct parser *p, struct sc_span l, int line)
{
    struct sc_script *t = p->t;
    int kind = mark_kind(l);

    if (l.len == 0 || l.data[0] == '#')
        return 0;
    if (l.data[0] == '@')
        return parse_number(p, l);
    if (kind < 0 && !has_bytes(l))
        return SC_EINVAL;
    if (t->connections == 0)
        t->connections = 1;
    if (p->current != p->which)
        return 0;
    if (p->only && kind >= EVENT_LOOSE)
        return 0;
    if (kind >= 0)
        return add_event(t, (enum sc_event_kind)kind, line, t->bytes.len);
    return parse_bytes(t, l, line);
}

/* After its end the server says nothing; after a reset nobody does. */
static const struct sc_event *misplaced(const struct sc_script *t)
{
    const struct sc_event *e;
    bool ended = false, reset = false;

    for (size_t i = 0; (e = sc_script_event(t, i)) != NULL; i++) {
        if (reset || (ended && !sc_by_client(e) && e->kind != EVENT_LOOSE))
            return e;
        ended = ended || e->kind == EVENT_END;
        reset = e->kind == EVENT_RESET;
    }
    return NULL;
}

static int check(struct parser *p, struct sc_error *err)
{
    const struct sc_event *late = misplaced(p->t);

    if (late == NULL)
        return 0;
    return sc_error_set(err, SC_EINVAL, "script line %d: comes after the end",
                        late->line);
}

static int parse(struct parser *p, const char *text, struct sc_error *err)
{
    int rc = 0;

    for (int line = 1; rc == 0 && *text != '\0'; line++) {
        size_t n = strcspn(text, "\n");
        struct sc_span l = {text, n};

        if (n > 0 && text[n - 1] == '\r')
            l.len--;
        if ((rc = parse_line(p, l, line)) < 0)
            sc_error_set(err, rc, "script line %d: %s", line,
                         rc == SC_EINVAL ? "cannot be understood"
                                         : sc_strerror(rc));
        else if (p->only && p->current > 0)
            rc = sc_error_set(err, SC_EINVAL,
                              "script line %d: a second connection", line);
        text += n + (text[n] == '\n');
    }
    if (rc == 0)
        rc = check(p, err);
    if (rc < 0)
        sc_script_free(p->t);
    return rc;
}

int sc_script_parse(struct sc_script *t, const char *text, struct sc_error *err)
{
    struct parser p = {.t = t, .only = true};

    return parse(&p, text, err);
}

int sc_script_parse_one(struct sc_script *t, const char *text, size_t which,
                        struct sc_error *err)
{
    struct parser p = {.t = t, .which = which};

    return parse(&p, text, err);
}

size_t sc_script_alike(const struct sc_script *t, const struct sc_event *e,
                       size_t at, struct sc_span got)
{
    struct sc_span want = sc_script_bytes(t, e);
    size_t n = 0;
    const char *lf;

    if (e->kind == EVENT_ANY) {
        lf = memchr(got.data, '\n', got.len);
        return lf != NULL ? (size_t)(lf - got.data) + 1 : got.len;
    }
    while (n < got.len && at + n < want.len && got.data[n] == want.data[at + n])
        n++;
    return n;
}

bool sc_script_heard(const struct sc_event *e, size_t at, char last)
{
    return e->kind == EVENT_ANY ? last == '\n' : at == e->len;
}
