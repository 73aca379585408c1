/* date.c - dates in words: a month has a name, a day one or two digits, a year
 * four, a time a colon; the order does not matter. */

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <time.h>

#include "fetch/date.h"

struct date {
    int day, month, year, hour, minute, second; /* -1: not said */
    int zone;                                   /* seconds east */
};

static int month_of(const char *p, size_t n)
{
    static const char names[] = "janfebmaraprmayjunjulaugsepoctnovdec";

    for (int i = 0; n >= 3 && i < 12; i++)
        if (strncasecmp(p, names + 3 * i, 3) == 0)
            return i;
    return -1;
}

static bool zone_of(const char *p, size_t n, int *zone)
{
    static const struct {
        const char *name;
        int hours;
    } zones[] = {{"gmt", 0},  {"utc", 0},  {"z", 0},    {"est", -5},
                 {"edt", -4}, {"cst", -6}, {"cdt", -5}, {"mst", -7},
                 {"mdt", -6}, {"pst", -8}, {"pdt", -7}, {"cet", 1},
                 {"cest", 2}, {"met", 1},  {"bst", 1}};

    for (size_t i = 0; i < sizeof zones / sizeof zones[0]; i++)
        if (strlen(zones[i].name) == n &&
            strncasecmp(p, zones[i].name, n) == 0) {
            *zone = zones[i].hours * 3600;
            return true;
        }
    return false;
}

static bool is_weekday(const char *p, size_t n)
{
    static const char names[] = "sunmontuewedthufrisat";

    for (int i = 0; n >= 3 && i < 7; i++)
        if (strncasecmp(p, names + 3 * i, 3) == 0)
            return true;
    return false;
}

static bool take_word(struct date *d, const char *p, size_t n)
{
    int month = month_of(p, n);

    if (is_weekday(p, n) || (n == 1 && (*p | 0x20) == 't'))
        return true;
    if (month < 0)
        return zone_of(p, n, &d->zone);
    d->month = month;
    return true;
}

static bool take_time(struct date *d, const char *p, char **end)
{
    d->hour = (int)strtol(p, end, 10);
    d->minute = (int)strtol(*end + 1, end, 10);
    d->second = **end == ':' ? (int)strtol(*end + 1, end, 10) : 0;
    return d->hour < 24 && d->minute < 60 && d->second < 61;
}

static bool take_iso(struct date *d, const char *p, char **end)
{
    d->year = (int)strtol(p, end, 10);
    d->month = (int)strtol(*end + 1, end, 10) - 1;
    if (**end != '-')
        return false;
    d->day = (int)strtol(*end + 1, end, 10);
    return true;
}

static bool take_number(struct date *d, const char *p, char **end)
{
    size_t n = strspn(p, "0123456789");
    long value;

    if (p[n] == ':' && n <= 2)
        return take_time(d, p, end);
    if (n == 4 && p[4] == '-' && p[5] >= '0' && p[5] <= '9')
        return take_iso(d, p, end);
    if (n > 8)
        return false;
    value = strtol(p, end, 10);
    if (n == 8) {
        d->year = (int)(value / 10000);
        d->month = (int)(value / 100 % 100) - 1;
        d->day = (int)(value % 100);
    } else if (n == 4) {
        d->year = (int)value;
    } else if (n <= 2 && d->day < 0) {
        d->day = (int)value;
    } else if (n == 2 && d->year < 0) {
        d->year = (int)value + (value < 70 ? 2000 : 1900);
    } else {
        return false;
    }
    return true;
}

/* "+0100"; true: it was one. */
static bool take_zone(struct date *d, const char *p, char **end)
{
    long value;

    if (d->hour < 0 || strspn(p + 1, "0123456789") != 4)
        return false;
    value = strtol(p + 1, end, 10);
    d->zone = (int)(value / 100 * 3600 + value % 100 * 60);
    if (*p == '-')
        d->zone = -d->zone;
    return true;
}

static bool take_all(struct date *d, const char *p)
{
    char *end;
    size_t n;

    while (*p != '\0') {
        n = 0;
        while ((p[n] | 0x20) >= 'a' && (p[n] | 0x20) <= 'z')
            n++;
        if (n > 0) {
            if (!take_word(d, p, n))
                return false;
            p += n;
        } else if (*p >= '0' && *p <= '9') {
            if (!take_number(d, p, &end))
                return false;
            p = end;
        } else if ((*p == '+' || *p == '-') && take_zone(d, p, &end)) {
            p = end;
        } else {
            p++;
        }
    }
    return true;
}

int64_t read_date(const char *text)
{
    struct date d = {-1, -1, -1, -1, 0, 0, 0};
    struct tm tm = {0};
    time_t t;

    if (!take_all(&d, text) || d.day < 1 || d.day > 31 || d.month < 0 ||
        d.month > 11 || d.year < 1583 || d.year > 9999)
        return -1;
    tm.tm_mday = d.day;
    tm.tm_mon = d.month;
    tm.tm_year = d.year - 1900;
    tm.tm_hour = d.hour > 0 ? d.hour : 0;
    tm.tm_min = d.minute;
    tm.tm_sec = d.second;
    t = timegm(&tm) - d.zone;
    return t > 0 ? (int64_t)t : 0;
}
