/* mime_read.h - what a reader makes of a message's fields and texts (RFC 2045,
 * RFC 2047), to be held against what was put in. Errors abort. */
#ifndef TESTS_FUZZ_MIME_READ_H
#define TESTS_FUZZ_MIME_READ_H

#include <stdlib.h>
#include <string.h>

#include <simpleclient/buf.h>

#include "core/text.h"
#include "mail/mail_text.h"

static inline void mime_add(struct sc_buf *out, const void *p, size_t n)
{
    if (sc_buf_add(out, p, n) < 0)
        abort();
}

/* --- texts --- */

/* Lines that end in CR, LF or CRLF end in CRLF; so does the last. */
static inline void mime_lines(struct sc_buf *out, const char *text)
{
    size_t n;

    mime_add(out, "", 0);
    for (; *text; text += n) {
        n = strcspn(text, "\r\n");
        mime_add(out, text, n);
        mime_add(out, "\r\n", 2);
        n += text[n] == '\r' && text[n + 1] == '\n' ? 2 : text[n] != '\0';
    }
}

static inline void mime_base64(struct sc_buf *out, struct sc_span s)
{
    struct sc_buf all = {0};

    mime_add(&all, "", 0);
    for (size_t i = 0; i < s.len; i++)
        if (s.data[i] != '\r' && s.data[i] != '\n')
            mime_add(&all, s.data + i, 1);
    if (sc_base64_decode(out, (struct sc_span){all.data, all.len}) < 0)
        abort();
    sc_buf_free(&all);
}

static inline void mime_quoted(struct sc_buf *out, struct sc_span s)
{
    size_t line = 0;

    for (size_t i = 0; i < s.len; i++) {
        line = s.data[i] == '\n' ? 0 : line + 1;
        if (line > 77) /* and CR */
            abort();
        if (s.data[i] != '=') {
            mime_add(out, s.data + i, 1);
        } else if (i + 2 < s.len && memcmp(s.data + i, "=\r\n", 3) == 0) {
            i += 2;
            line = 0;
        } else if (i + 2 < s.len && sc_hex_digit(s.data[i + 1]) >= 0 &&
                   sc_hex_digit(s.data[i + 2]) >= 0) {
            char c = (char)(sc_hex_digit(s.data[i + 1]) * 16 +
                            sc_hex_digit(s.data[i + 2]));

            mime_add(out, &c, 1);
            i += 2;
            line += 2;
        } else {
            abort();
        }
    }
}

/* --- fields --- */

/* The value of the field NAME (its colon too), unfolded; false: there is none. */
static inline bool mime_field(struct sc_buf *out, const char *message,
                              const char *name)
{
    const char *p = message, *end, *crlf;

    end = strstr(message, "\r\n\r\n");
    for (; p != NULL && p < end; p = crlf + 2) {
        crlf = strstr(p, "\r\n");
        if (strncmp(p, name, strlen(name)) == 0)
            break;
    }
    if (p == NULL || p >= end)
        return false;
    p += strlen(name);
    mime_add(out, "", 0);
    for (;; p = crlf + 2) {
        crlf = strstr(p, "\r\n");
        mime_add(out, p, (size_t)(crlf - p));
        if (crlf[2] != ' ')
            return true;
    }
}

/* "=?UTF-8?B?w6Q=?=" at P: what it says. Returns its length, or 0. */
static inline size_t mime_word(struct sc_buf *out, const char *p)
{
    static const char head[] = "=?UTF-8?B?";
    size_t had = out->len;
    const char *end;

    if (strncmp(p, head, sizeof head - 1) != 0 ||
        (end = strstr(p + sizeof head - 1, "?=")) == NULL)
        return 0;
    p += sizeof head - 1;
    if (end - p + (long)sizeof head + 1 > 75 ||
        sc_base64_decode(out, (struct sc_span){p, (size_t)(end - p)}) < 0)
        abort();
    /* No character is cut in two. */
    if (!mail_is_utf8((struct sc_span){out->data + had, out->len - had}))
        abort();
    return (size_t)(end - p) + sizeof head + 1;
}

/* White space between encoded words is none (RFC 2047 section 6.2). */
static inline void mime_decode(struct sc_buf *out, const char *p)
{
    bool was_word = false;
    size_t n, white;

    mime_add(out, "", 0);
    while (*p) {
        white = strspn(p, " \t");
        n = mime_word(out, p + (was_word ? white : 0));
        if (n > 0) {
            p += n + (was_word ? white : 0);
            was_word = true;
            continue;
        }
        was_word = false;
        mime_add(out, p++, 1);
    }
}

/* Runs of white space count as one space; none at the ends. */
static inline bool mime_same(const char *a, const char *b)
{
    for (a += strspn(a, " \t"), b += strspn(b, " \t");;) {
        size_t x = strspn(a, " \t"), y = strspn(b, " \t");

        a += x;
        b += y;
        if (*a == '\0' || *b == '\0')
            return *a == *b;
        if ((x > 0) != (y > 0) || *a != *b)
            return false;
        a++;
        b++;
    }
}

#endif
