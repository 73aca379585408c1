/* text.c - ASCII only, never the locale: character classes, comparing,
 * numbers with a maximum, and what may stand in a line or be shown. */

#include <string.h>

#include "core/text.h"

/* ALPHA, DIGIT and !#$%&'*+-.^_`|~ */
const uint32_t sc_token_bits[8] = {0x00000000, 0x03ff6cfa, 0xc7fffffe,
                                   0x57ffffff};

int sc_hex_digit(int c)
{
    int lower = sc_lower(c);

    if (sc_is_digit(c))
        return c - '0';
    return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
}

int sc_casecmp(const char *a, const char *b)
{
    int x, y;

    do {
        x = sc_lower((unsigned char)*a++);
        y = sc_lower((unsigned char)*b++);
    } while (x == y && x != '\0');
    return x - y;
}

static bool is_blank(char c)
{
    return c == ' ' || c == '\t';
}

struct sc_span sc_trim(struct sc_span s)
{
    while (s.len > 0 && is_blank(s.data[0])) {
        s.data++;
        s.len--;
    }
    while (s.len > 0 && is_blank(s.data[s.len - 1]))
        s.len--;
    return s;
}

struct sc_span sc_next_word(struct sc_span *line)
{
    struct sc_span word = {line->data, 0};

    while (word.len < line->len && line->data[word.len] != ' ')
        word.len++;
    line->data += word.len;
    line->len -= word.len;
    *line = sc_trim(*line);
    return word;
}

static int parse(struct sc_span s, unsigned base, uint64_t max, uint64_t *out)
{
    uint64_t n = 0;

    if (s.len == 0)
        return SC_EPROTO;
    for (size_t i = 0; i < s.len; i++) {
        int digit = sc_hex_digit((unsigned char)s.data[i]);

        if (digit < 0 || (unsigned)digit >= base)
            return SC_EPROTO;
        if ((uint64_t)digit > max || n > (max - (uint64_t)digit) / base)
            return SC_EPROTO;
        n = n * base + (uint64_t)digit;
    }
    *out = n;
    return 0;
}

int sc_parse_u64(struct sc_span s, uint64_t max, uint64_t *out)
{
    return parse(s, 10, max, out);
}

int sc_parse_hex(struct sc_span s, uint64_t max, uint64_t *out)
{
    return parse(s, 16, max, out);
}

bool sc_line_safe(const char *p, size_t n)
{
    if (n == 0)
        return true;
    return memchr(p, '\r', n) == NULL && memchr(p, '\n', n) == NULL &&
           memchr(p, '\0', n) == NULL;
}

/* Bytes from 0x80 pass: names and texts may be UTF-8. */
size_t sc_show(char *to, size_t size, const char *p, size_t n)
{
    size_t i;

    if (size == 0)
        return 0;
    for (i = 0; i < n && i < size - 1; i++) {
        unsigned char c = (unsigned char)p[i];

        to[i] = c < 0x20 || c == 0x7f ? '?' : p[i];
    }
    to[i] = '\0';
    return i;
}
