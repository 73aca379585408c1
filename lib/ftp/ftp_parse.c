/* ftp_parse.c - lines of lists: LIST in the form of Unix and of DOS, MLSD and
 * MLST (RFC 3659 section 7), and times (section 2.3). Computes only. */

#include <string.h>
#include <time.h>

#include "core/text.h"
#include "ftp/ftp_client.h"

enum { WORDS_MOST = 12 }; /* before a name */

static const struct ftp_entry nothing = {
    .name = {"", 0},
    .kind = '?',
    .size = -1,
    .mtime = -1,
    .target = {"", 0},
    .perm = {"", 0},
};

/* --- times --- */

/* N digits at *P, which moves on; -1: not digits. */
static int digits(const char **p, const char *end, int n)
{
    int value = 0;

    if (end - *p < n)
        return -1;
    for (; n > 0; n--, ++*p) {
        if (!sc_is_digit(**p))
            return -1;
        value = value * 10 + (**p - '0');
    }
    return value;
}

/* The second T names, or SC_EPROTO: 31 February is none. */
static int seconds_of(struct tm t, int64_t *out)
{
    struct tm same = t;
    time_t at = timegm(&same);

    /* A leap second is the next minute's first. */
    if (t.tm_sec < 0 || t.tm_sec > 60 || t.tm_min < 0 || t.tm_min > 59 ||
        t.tm_hour < 0 || t.tm_hour > 23 || t.tm_mon < 0 || t.tm_mon > 11)
        return SC_EPROTO;
    if (t.tm_sec < 60 && (same.tm_mday != t.tm_mday || t.tm_mday < 1))
        return SC_EPROTO;
    *out = (int64_t)at;
    return 0;
}

int ftp_parse_time(struct sc_span text, int64_t *out)
{
    const char *p = text.data, *end = p + text.len;
    struct tm t = {0};

    t.tm_year = digits(&p, end, 4) - 1900;
    t.tm_mon = digits(&p, end, 2) - 1;
    t.tm_mday = digits(&p, end, 2);
    t.tm_hour = digits(&p, end, 2);
    t.tm_min = digits(&p, end, 2);
    t.tm_sec = digits(&p, end, 2);
    if (p < end && *p == '.') {
        for (p++; p < end && sc_is_digit(*p);)
            p++;
    }
    if (p != end || text.len < 14 || text.data[0] == '-')
        return SC_EPROTO;
    return seconds_of(t, out);
}

/* --- facts --- */

static char kind_of_type(struct sc_span v)
{
    if (sc_span_eq_nocase(v, "file"))
        return 'f';
    if (sc_span_eq_nocase(v, "dir"))
        return 'd';
    if (sc_span_eq_nocase(v, "cdir"))
        return 'c';
    if (sc_span_eq_nocase(v, "pdir"))
        return 'p';
    if (v.len >= 13 &&
        sc_span_eq_nocase((struct sc_span){v.data, 13}, "OS.unix=slink"))
        return 'l';
    return '?';
}

/* "OS.unix=slink:/where/it/points" as some servers tell it. */
static struct sc_span target_of_type(struct sc_span v)
{
    const char *colon = memchr(v.data, ':', v.len);
    struct sc_span none = {"", 0};

    if (colon == NULL)
        return none;
    return (struct sc_span){colon + 1, v.len - (size_t)(colon + 1 - v.data)};
}

static void fact(struct ftp_entry *e, struct sc_span name, struct sc_span v)
{
    uint64_t size;

    if (sc_span_eq_nocase(name, "type")) {
        if ((e->kind = kind_of_type(v)) == 'l')
            e->target = target_of_type(v);
    } else if (sc_span_eq_nocase(name, "size")) {
        if (sc_parse_u64(v, INT64_MAX, &size) == 0)
            e->size = (int64_t)size;
    } else if (sc_span_eq_nocase(name, "modify")) {
        if (ftp_parse_time(v, &e->mtime) < 0)
            e->mtime = -1;
    } else if (sc_span_eq_nocase(name, "perm")) {
        e->perm = v;
    }
}

/* "type=file;size=12; name": each fact ends in ";", one space, the name. */
int ftp_parse_facts(struct sc_span line, struct ftp_entry *out)
{
    const char *p = line.data, *end = p + line.len, *stop, *equals;

    *out = nothing;
    out->raw = line;
    while (p < end && *p != ' ') {
        if ((stop = memchr(p, ';', (size_t)(end - p))) == NULL ||
            (equals = memchr(p, '=', (size_t)(stop - p))) == NULL)
            goto none;
        fact(out, (struct sc_span){p, (size_t)(equals - p)},
             (struct sc_span){equals + 1, (size_t)(stop - equals - 1)});
        p = stop + 1;
    }
    if (end - p < 2) /* no name */
        goto none;
    out->name = (struct sc_span){p + 1, (size_t)(end - p - 1)};
    return 0;
none:
    *out = nothing;
    out->raw = line;
    return SC_EPROTO;
}

/* --- LIST as Unix has it --- */

static int month_of(struct sc_span word)
{
    static const char months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";

    for (int m = 0; word.len == 3 && m < 12; m++) {
        if (sc_span_eq_nocase(word, (char[4]){months[3 * m], months[3 * m + 1],
                                              months[3 * m + 2], '\0'}))
            return m;
    }
    return -1;
}

/* Half a year back and half a year ahead there is no year but a clock. */
static int year_of(struct tm t, int64_t now, int64_t *out)
{
    struct tm today;
    time_t at = (time_t)now;
    int rc;

    if (gmtime_r(&at, &today) == NULL)
        return SC_EPROTO;
    t.tm_year = today.tm_year;
    rc = seconds_of(t, out);
    if (rc == 0 && *out <= now + 86400) /* its clock may be ahead */
        return 0;
    t.tm_year--;
    return seconds_of(t, out);
}

/* "12:34" of this year or the last, or "2025". */
static int when(int month, struct sc_span day, struct sc_span clock,
                int64_t now, int64_t *out)
{
    const char *p = clock.data, *end = p + clock.len;
    struct tm t = {.tm_mon = month};
    uint64_t n;

    if (sc_parse_u64(day, 31, &n) < 0)
        return SC_EPROTO;
    t.tm_mday = (int)n;
    if (memchr(p, ':', clock.len) == NULL) {
        if (clock.len != 4 || sc_parse_u64(clock, 9999, &n) < 0)
            return SC_EPROTO;
        t.tm_year = (int)n - 1900;
        return seconds_of(t, out);
    }
    t.tm_hour = digits(&p, end, clock.len == 4 ? 1 : 2);
    p++;
    t.tm_min = digits(&p, end, 2);
    return p == end && clock.len >= 4 ? year_of(t, now, out) : SC_EPROTO;
}

static bool is_mode(struct sc_span w)
{
    if (w.len < 10 || strchr("-dlbcpsDC", w.data[0]) == NULL)
        return false;
    for (size_t i = 1; i < 10; i++) {
        if (strchr("-rwxsStTlL", w.data[i]) == NULL)
            return false;
    }
    return true;
}

static void name_and_target(struct ftp_entry *e, struct sc_span rest)
{
    static const char arrow[] = " -> ";
    const char *at = NULL;

    if (e->kind == 'l') /* a name has one byte at least */
        at = memmem(rest.data + 1, rest.len - 1, arrow, 4);
    e->name = rest;
    if (at == NULL)
        return;
    e->name.len = (size_t)(at - rest.data);
    e->target.data = at + 4;
    e->target.len = rest.len - e->name.len - 4;
}

/* REST begins behind the month: "31 12:34 name", one space before the name, which
 * may begin with more. */
static int parse_tail(struct sc_span rest, int month, int64_t now,
                      struct ftp_entry *e)
{
    const char *end = rest.data + rest.len, *space;
    struct sc_span day = sc_next_word(&rest), clock = rest;

    space = memchr(clock.data, ' ', (size_t)(end - clock.data));
    if (space == NULL || space + 1 == end)
        return SC_EPROTO;
    clock.len = (size_t)(space - clock.data);
    if (when(month, day, clock, now, &e->mtime) < 0)
        return SC_EPROTO;
    name_and_target(e, (struct sc_span){space + 1, (size_t)(end - space - 1)});
    return 0;
}

static char kind_of_mode(char c)
{
    return c == 'd' || c == 'l' ? c : c == '-' ? 'f' : '?';
}

/* "-rw-r--r-- 1 joe users 120 Jan 31 12:34 name": what stands before the month is
 * the size; owner and group may be one word or three, and be called May. */
static int parse_unix(struct sc_span line, int64_t now, struct ftp_entry *e)
{
    struct sc_span rest = line, before = {"", 0}, word;
    struct sc_span mode = sc_next_word(&rest);
    const char *end = line.data + line.len; /* REST loses spaces there */
    uint64_t size = 0;

    if (!is_mode(mode))
        return SC_EPROTO;
    e->kind = kind_of_mode(mode.data[0]);
    e->perm = (struct sc_span){mode.data + 1, 9};
    for (int words = 0; words < WORDS_MOST; words++, before = word) {
        bool sized = sc_parse_u64(before, INT64_MAX, &size) == 0;
        struct sc_span tail;
        int month;

        if ((word = sc_next_word(&rest)).len == 0)
            break;
        tail = (struct sc_span){rest.data, (size_t)(end - rest.data)};
        if (!sized || (month = month_of(word)) < 0 ||
            parse_tail(tail, month, now, e) < 0)
            continue;
        if (e->kind == 'f' || e->kind == 'l')
            e->size = (int64_t)size;
        return 0;
    }
    return SC_EPROTO;
}

/* --- LIST as DOS has it --- */

/* "01-31-26  10:20AM" */
static int dos_time(struct sc_span date, struct sc_span clock, int64_t *out)
{
    const char *p = date.data, *end = p + date.len;
    struct tm t = {0};

    t.tm_mon = digits(&p, end, 2) - 1;
    if (p < end && *p++ != '-')
        return SC_EPROTO;
    t.tm_mday = digits(&p, end, 2);
    if (p < end && *p++ != '-')
        return SC_EPROTO;
    t.tm_year = digits(&p, end, end - p == 4 ? 4 : 2);
    if (p != end || t.tm_year < 0)
        return SC_EPROTO;
    t.tm_year += date.len == 10 ? -1900 : t.tm_year < 70 ? 100 : 0;
    p = clock.data;
    end = p + clock.len;
    t.tm_hour = digits(&p, end, 2);
    if (p < end && *p++ != ':')
        return SC_EPROTO;
    t.tm_min = digits(&p, end, 2);
    if (end - p == 2 && (sc_lower(*p) == 'a' || sc_lower(*p) == 'p') &&
        sc_lower(p[1]) == 'm' && t.tm_hour >= 1 && t.tm_hour <= 12)
        t.tm_hour = t.tm_hour % 12 + (sc_lower(*p) == 'p' ? 12 : 0);
    else if (p != end)
        return SC_EPROTO;
    return seconds_of(t, out);
}

static int parse_dos(struct sc_span line, struct ftp_entry *e)
{
    struct sc_span rest = line;
    struct sc_span date = sc_next_word(&rest), clock = sc_next_word(&rest);
    struct sc_span size = sc_next_word(&rest);
    uint64_t n;

    if ((date.len != 8 && date.len != 10) || rest.len == 0 ||
        dos_time(date, clock, &e->mtime) < 0)
        return SC_EPROTO;
    if (sc_span_eq_nocase(size, "<DIR>")) {
        e->kind = 'd';
    } else if (sc_parse_u64(size, INT64_MAX, &n) == 0) {
        e->kind = 'f';
        e->size = (int64_t)n;
    } else {
        return SC_EPROTO;
    }
    e->name = rest;
    return 0;
}

int ftp_parse_list(struct sc_span line, int64_t now, struct ftp_entry *out)
{
    *out = nothing;
    if (parse_unix(line, now, out) < 0) {
        *out = nothing;
        if (parse_dos(line, out) < 0)
            *out = nothing;
    }
    out->raw = line;
    return out->kind != '?' || out->name.len > 0 ? 0 : SC_EPROTO;
}
