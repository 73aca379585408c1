/* json.c - RFC 8259, writing only. */

#include <ctype.h>
#include <string.h>

#include "fetch/json.h"

static void put(FILE *to, unsigned char c)
{
    static const char from[] = "\b\f\n\r\t\"\\", into[] = "bfnrt\"\\";
    const char *at = c != '\0' ? strchr(from, c) : NULL;

    if (at != NULL)
        fprintf(to, "\\%c", into[at - from]);
    else if (c < 0x20)
        fprintf(to, "\\u%04x", c);
    else
        fputc(c, to);
}

void json_text(FILE *to, const char *s)
{
    if (s == NULL) {
        fputs("null", to);
        return;
    }
    fputc('"', to);
    for (; *s != '\0'; s++)
        put(to, (unsigned char)*s);
    fputc('"', to);
}

static bool is_seen(const struct sc_fields *h, size_t i)
{
    for (size_t k = 0; k < i; k++)
        if (sc_span_eq_nocase(h->at[k].name, h->at[i].name.data))
            return true;
    return false;
}

void json_head(FILE *to, const struct http_reply *r)
{
    const struct sc_fields *h = &r->head;
    bool first = true, more;

    fputc('{', to);
    for (size_t i = 0; i < h->n; i++) {
        if (is_seen(h, i))
            continue;
        fputs(first ? "\"" : ",\n\"", to);
        first = more = false;
        for (const char *p = h->at[i].name.data; *p != '\0'; p++)
            put(to, (unsigned char)tolower((unsigned char)*p));
        fputs("\":[", to);
        for (size_t k = i; k < h->n; k++) {
            if (!sc_span_eq_nocase(h->at[k].name, h->at[i].name.data))
                continue;
            if (more)
                fputc(',', to);
            json_text(to, h->at[k].value.data);
            more = true;
        }
        fputc(']', to);
    }
    fputs("\n}", to);
}
