/* nntp_parse.c - numbers, groups and times as NNTP writes them: replies to GROUP
 * and DATE, lines of LIST (RFC 3977 section 7.6, RFC 6048 section 2) and of HDR
 * (section 8.5). */

#include <stdio.h>
#include <string.h>
#include <time.h>

#include "core/text.h"
#include "nntp/nntp_over.h"

enum { SURE_DIGITS = 18 }; /* cannot be too large */

/* --- words --- */

int nntp_number(struct sc_span text, uint64_t *out)
{
    uint64_t n = 0;

    if (text.len > SURE_DIGITS || text.len == 0)
        return sc_parse_u64(text, INT64_MAX, out);
    for (size_t i = 0; i < text.len; i++) {
        unsigned digit = (unsigned char)text.data[i] - (unsigned)'0';

        if (digit > 9)
            return SC_EPROTO;
        n = n * 10 + digit;
    }
    *out = n;
    return 0;
}

/* Cut the first word off LINE, and the white space behind it. */
static struct sc_span next_word(struct sc_span *line)
{
    struct sc_span word = {line->data, 0};

    while (word.len < line->len && line->data[word.len] != ' ' &&
           line->data[word.len] != '\t')
        word.len++;
    line->data += word.len;
    line->len -= word.len;
    *line = sc_trim(*line);
    return word;
}

static int next_number(struct sc_span *line, uint64_t *out)
{
    return nntp_number(next_word(line), out);
}

/* The name that a line of LIST begins with. */
static int begin(struct sc_span *line, struct nntp_group *out)
{
    *out = (struct nntp_group){0};
    out->name = next_word(line);
    return out->name.len > 0 ? 0 : SC_EPROTO;
}

/* --- groups --- */

/* RFC 3977 section 6.1.1.2: an empty group may be told as 0 0 0 too, or as 0
 * with any numbers. Articles are numbered from 1. */
static void show_empty(struct nntp_group *g, bool counted)
{
    if ((counted && g->count == 0) || g->last == 0)
        g->first = g->last + 1;
}

int nntp_parse_selected(struct sc_span text, struct nntp_group *out)
{
    *out = (struct nntp_group){0};
    text = sc_trim(text);
    if (next_number(&text, &out->count) < 0 ||
        next_number(&text, &out->first) < 0 ||
        next_number(&text, &out->last) < 0)
        return SC_EPROTO;
    out->name = next_word(&text);
    show_empty(out, true);
    return 0;
}

int nntp_parse_active(struct sc_span line, struct nntp_group *out)
{
    if (begin(&line, out) < 0 || next_number(&line, &out->last) < 0 ||
        next_number(&line, &out->first) < 0)
        return SC_EPROTO;
    out->status = next_word(&line);
    show_empty(out, false);
    return 0;
}

int nntp_parse_counts(struct sc_span line, struct nntp_group *out)
{
    if (begin(&line, out) < 0 || next_number(&line, &out->last) < 0 ||
        next_number(&line, &out->first) < 0 ||
        next_number(&line, &out->count) < 0)
        return SC_EPROTO;
    out->status = next_word(&line);
    show_empty(out, true);
    return 0;
}

int nntp_parse_times(struct sc_span line, struct nntp_group *out)
{
    uint64_t seconds;

    if (begin(&line, out) < 0 || next_number(&line, &seconds) < 0)
        return SC_EPROTO;
    out->created = (int64_t)seconds;
    out->creator = line;
    return 0;
}

int nntp_parse_newsgroups(struct sc_span line, struct nntp_group *out)
{
    if (begin(&line, out) < 0)
        return SC_EPROTO;
    out->description = line;
    return 0;
}

/* --- fields --- */

/* The value stays as it is, spaces too: only the one that ends the number goes. */
int nntp_parse_hdr(struct sc_span line, uint64_t *number, struct sc_span *value)
{
    const char *space = line.len ? memchr(line.data, ' ', line.len) : NULL;
    struct sc_span first = line;

    if (space != NULL)
        first.len = (size_t)(space - line.data);
    value->data = line.data + first.len + (space != NULL);
    value->len = line.len - first.len - (space != NULL);
    if (first.len > 2 && first.data[0] == '<' &&
        first.data[first.len - 1] == '>') {
        *number = 0;
        return 0;
    }
    return nntp_number(first, number);
}

/* --- times --- */

/* N digits off the front of TEXT, no more than MAX. */
static bool digits(struct sc_span *text, size_t n, unsigned max, int *out)
{
    uint64_t value;

    if (text->len < n ||
        sc_parse_u64((struct sc_span){text->data, n}, max, &value) < 0)
        return false;
    text->data += n;
    text->len -= n;
    *out = (int)value;
    return true;
}

/* Years may be those before 1970; only the format has a limit. */
static bool to_seconds(struct tm *tm, int64_t *out)
{
    const int year = tm->tm_year, month = tm->tm_mon, day = tm->tm_mday;
    const int second = tm->tm_sec;

    tm->tm_year -= 1900;
    tm->tm_mon--;
    tm->tm_sec = 0;
    *out = (int64_t)timegm(tm) + second;
    /* timegm makes the 31st of February one of March. */
    return year > 0 && month > 0 && day > 0 && tm->tm_mon == month - 1;
}

/* RFC 3977 section 7.1.2. Second 60 is a leap second. */
int nntp_parse_date(struct sc_span text, int64_t *out)
{
    struct tm tm = {0};
    int64_t when;

    if (!digits(&text, 4, 9999, &tm.tm_year) ||
        !digits(&text, 2, 12, &tm.tm_mon) ||
        !digits(&text, 2, 31, &tm.tm_mday) ||
        !digits(&text, 2, 23, &tm.tm_hour) ||
        !digits(&text, 2, 59, &tm.tm_min) ||
        !digits(&text, 2, 60, &tm.tm_sec) ||
        (text.len > 0 && *text.data != ' '))
        return SC_EPROTO;
    if (!to_seconds(&tm, &when))
        return SC_EPROTO;
    *out = when;
    return 0;
}

/* RFC 3977 section 7.3.2: "yyyymmdd hhmmss". The masks tell the compiler that it
 * fits. */
int nntp_format_date(char out[24], int64_t when)
{
    const time_t seconds = (time_t)when;
    struct tm tm;

    if ((int64_t)seconds != when || gmtime_r(&seconds, &tm) == NULL ||
        tm.tm_year < 1 - 1900 || tm.tm_year > 9999 - 1900)
        return SC_EINVAL;
    snprintf(out, 24, "%04u%02u%02u %02u%02u%02u",
             (unsigned)(tm.tm_year + 1900) & 0x3fff,
             (unsigned)(tm.tm_mon + 1) & 15, (unsigned)tm.tm_mday & 31,
             (unsigned)tm.tm_hour & 31, (unsigned)tm.tm_min & 63,
             (unsigned)tm.tm_sec & 63);
    return 0;
}
