/* script_text.c - from the text of a script to events, and how bytes are shown
 * where they differ. A T. line is a mark for people only. */
#include "stream/script_text.h"
#include "core/text.h"

#include <stdio.h>
#include <string.h>

void sc_script_free(struct sc_script *t)
{
    sc_buf_free(&t->bytes);
    sc_buf_free(&t->list);
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
    return e->kind == EVENT_HEAR || e->kind == EVENT_HALF;
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
    if (sc_span_eq(l, "S."))
        return EVENT_END;
    if (sc_span_eq(l, "S!"))
        return EVENT_RESET;
    if (sc_span_eq(l, "S~"))
        return EVENT_SILENT;
    return sc_span_eq(l, "C.") ? EVENT_HALF : -1;
}

static int parse_line(struct sc_script *t, struct sc_span l, int line)
{
    size_t at = t->bytes.len;
    int kind = mark_kind(l), rc;

    if (l.len == 0 || l.data[0] == '#' || sc_span_eq(l, "T."))
        return 0;
    if (kind >= 0)
        return add_event(t, (enum sc_event_kind)kind, line, at);
    if (l.len < 2 || memchr("SCsc", l.data[0], 4) == NULL || l.data[1] != ':')
        return SC_EINVAL;
    kind = l.data[0] == 'S' || l.data[0] == 's' ? EVENT_SAY : EVENT_HEAR;
    rc = add_bytes(t, l.data[0], (struct sc_span){l.data + 2, l.len - 2});
    if (rc < 0 || t->bytes.len == at)
        return rc;
    return add_event(t, (enum sc_event_kind)kind, line, at);
}

/* After its end the server says nothing; after a reset nobody does. */
static const struct sc_event *misplaced(const struct sc_script *t)
{
    const struct sc_event *e;
    bool ended = false, reset = false;

    for (size_t i = 0; (e = sc_script_event(t, i)) != NULL; i++) {
        if (reset || (ended && !sc_by_client(e)))
            return e;
        ended = ended || e->kind == EVENT_END;
        reset = e->kind == EVENT_RESET;
    }
    return NULL;
}

int sc_script_parse(struct sc_script *t, const char *text, struct sc_error *err)
{
    const struct sc_event *late;
    int rc = 0;

    for (int line = 1; rc == 0 && *text != '\0'; line++) {
        size_t n = strcspn(text, "\n");
        struct sc_span l = {text, n};

        if (n > 0 && text[n - 1] == '\r')
            l.len--;
        if ((rc = parse_line(t, l, line)) < 0)
            sc_error_set(err, rc, "script line %d: %s", line,
                         rc == SC_EINVAL ? "cannot be understood"
                                         : sc_strerror(rc));
        text += n + (text[n] == '\n');
    }
    if (rc == 0 && (late = misplaced(t)) != NULL)
        rc = sc_error_set(err, SC_EINVAL, "script line %d: comes after the end",
                          late->line);
    if (rc < 0)
        sc_script_free(t);
    return rc;
}

size_t sc_script_alike(const struct sc_script *t, const struct sc_event *e,
                       size_t at, struct sc_span got)
{
    struct sc_span want = sc_script_bytes(t, e);
    size_t n = 0;

    while (n < got.len && at + n < want.len && got.data[n] == want.data[at + n])
        n++;
    return n;
}
