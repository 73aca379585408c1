/* text.h - ASCII only, never the locale: compare, trim, numbers with a
 * maximum, what may stand in a line. */
#ifndef SC_CORE_TEXT_H
#define SC_CORE_TEXT_H

#include <simpleclient/buf.h>

/* A bit for each byte that may stand in a token: RFC 9110 section 5.6.2. */
extern const uint32_t sc_token_bits[8];

static inline int sc_lower(int c)
{
    return c >= 'A' && c <= 'Z' ? c + ('a' - 'A') : c;
}

static inline bool sc_is_digit(int c)
{
    return c >= '0' && c <= '9';
}

/* C: a byte, 0..255. */
static inline bool sc_is_token(int c)
{
    return sc_token_bits[c >> 5 & 7] >> (c & 31) & 1;
}

int sc_hex_digit(int c); /* 0..15, or -1 */
int sc_casecmp(const char *a, const char *b);
struct sc_span sc_trim(struct sc_span s); /* spaces and tabs at both ends */
/* Cut the first word off LINE, and the white space behind it. */
struct sc_span sc_next_word(struct sc_span *line);

/* Digits only, at least one, at most MAX: else SC_EPROTO. */
int sc_parse_u64(struct sc_span s, uint64_t max, uint64_t *out);
int sc_parse_hex(struct sc_span s, uint64_t max, uint64_t *out);

/* No CR, LF or NUL in it. */
bool sc_line_safe(const char *p, size_t n);
/* Copy for people: control bytes become '?'; cut to fit, NUL-terminated.
 * Returns the length. */
size_t sc_show(char *to, size_t size, const char *p, size_t n);

#endif
