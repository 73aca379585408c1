/* mail_text.c - the content transfer encodings (RFC 2045 section 6), outward
 * only. */
#include "mail/mail_text.h"

#include <string.h>

#define LINE_MOST 998   /* RFC 5322 section 2.1.1 */
#define QUOTED_MOST 76  /* RFC 2045 section 6.7, rule 5 */
#define BYTES_A_LINE 57 /* 76 characters of base64 */

/* Cut the next line off TEXT, without its CRLF, LF or CR. */
static struct sc_span next_line(struct sc_span *text)
{
    struct sc_span line = {text->data, 0};
    size_t n = 0, end;

    while (n < text->len && text->data[n] != '\n' && text->data[n] != '\r')
        n++;
    line.len = n;
    end = n < text->len ? n + 1 : n;
    if (n + 1 < text->len && text->data[n] == '\r' && text->data[n + 1] == '\n')
        end++;
    text->data += end;
    text->len -= end;
    return line;
}

/* How many bytes follow the first one, and what may the next one be? -1: it is
 * none (RFC 3629 section 4). */
static int follow(int first, int *low, int *high)
{
    *low = first == 0xe0 ? 0xa0 : first == 0xf0 ? 0x90 : 0x80;
    *high = first == 0xed ? 0x9f : first == 0xf4 ? 0x8f : 0xbf;
    if (first < 0x80)
        return 0;
    if (first < 0xc2 || first > 0xf4)
        return -1;
    return first < 0xe0 ? 1 : first < 0xf0 ? 2 : 3;
}

bool mail_is_utf8(struct sc_span text)
{
    const unsigned char *p = (const unsigned char *)text.data;
    const unsigned char *end = p + text.len;
    int low, high, n;

    while (p < end) {
        if ((n = follow(*p++, &low, &high)) < 0 || n > end - p)
            return false;
        for (; n > 0; n--, low = 0x80, high = 0xbf, p++)
            if (*p < low || *p > high)
                return false;
    }
    return true;
}

static bool is_plain(int c)
{
    return c == '\t' || (c >= ' ' && c < 0x7f);
}

enum mail_encoding mail_encoding_of(struct sc_span text)
{
    size_t strange = 0, total = text.len;
    bool safe = true;

    while (text.len > 0) {
        struct sc_span line = next_line(&text);

        safe = safe && line.len <= LINE_MOST;
        for (size_t i = 0; i < line.len; i++)
            strange += !is_plain((unsigned char)line.data[i]);
    }
    if (safe && strange == 0)
        return MAIL_7BIT;
    return strange > total / 4 ? MAIL_BASE64 : MAIL_QUOTED_PRINTABLE;
}

const char *mail_encoding_name(enum mail_encoding encoding)
{
    static const char *const names[] = {"7bit", "quoted-printable", "base64"};

    return names[encoding];
}

int mail_encode_base64(struct sc_buf *out, const void *p, size_t n)
{
    const char *s = p;
    size_t part;
    int rc = 0;

    for (; n > 0 && rc == 0; s += part, n -= part) {
        part = n < BYTES_A_LINE ? n : BYTES_A_LINE;
        if ((rc = sc_base64_encode(out, s, part)) == 0)
            rc = sc_buf_add(out, "\r\n", 2);
    }
    return rc;
}

/* One character: as it is or as =XX; white space at a line's end too. */
static size_t quote(char out[4], int c, bool last)
{
    static const char hex[] = "0123456789ABCDEF";

    if (is_plain(c) && c != '=' && !(last && (c == ' ' || c == '\t'))) {
        out[0] = (char)c;
        return 1;
    }
    out[0] = '=';
    out[1] = hex[c >> 4];
    out[2] = hex[c & 15];
    return 3;
}

static int quote_line(struct sc_buf *out, struct sc_span line)
{
    size_t column = 0, n;
    char c[4];
    int rc = 0;

    for (size_t i = 0; i < line.len && rc == 0; i++) {
        bool last = i + 1 == line.len;

        n = quote(c, (unsigned char)line.data[i], last);
        if (column + n + !last > QUOTED_MOST) { /* room for "=" */
            rc = sc_buf_add(out, "=\r\n", 3);
            column = 0;
        }
        if (rc == 0)
            rc = sc_buf_add(out, c, n);
        column += n;
    }
    return rc;
}

/* Base64 hides the line ends too: they must be CRLF inside. */
static int encode_lines(struct sc_buf *out, struct sc_span text)
{
    struct sc_buf lines = {.limit = out->limit};
    int rc = 0;

    while (text.len > 0 && rc == 0) {
        struct sc_span line = next_line(&text);

        if ((rc = sc_buf_add(&lines, line.data, line.len)) == 0)
            rc = sc_buf_add(&lines, "\r\n", 2);
    }
    if (rc == 0)
        rc = mail_encode_base64(out, lines.data, lines.len);
    sc_buf_free(&lines);
    return rc;
}

int mail_encode_text(struct sc_buf *out, struct sc_span text,
                     enum mail_encoding encoding)
{
    int rc = 0;

    if (encoding == MAIL_BASE64)
        return encode_lines(out, text);
    while (text.len > 0 && rc == 0) {
        struct sc_span line = next_line(&text);

        rc = encoding == MAIL_7BIT ? sc_buf_add(out, line.data, line.len)
                                   : quote_line(out, line);
        if (rc == 0)
            rc = sc_buf_add(out, "\r\n", 2);
    }
    return rc;
}
