/* http_date.c - dates as text: the three forms of HTTP (RFC 9110 section
 * 5.6.7), strictly, and the lenient rule of cookies (RFC 6265 section 5.1.1).
 * Whether the day of the week is the right one is left out: no rule asks. */

#include <stdio.h>
#include <string.h>
#include <time.h>

#include <simpleclient/http.h>

#include "core/text.h"
#include "http/http_date.h"

enum { day_seconds = 86400, epoch_days = 719162 }; /* 0001-01-01 to 1970 */
enum { last_year = 9999 };

static const char short_days[] = "MonTueWedThuFriSatSun";
static const char *const long_days[] = {"Monday",   "Tuesday", "Wednesday",
                                        "Thursday", "Friday",  "Saturday",
                                        "Sunday"};
static const char months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";

struct date {
    int year, month, day; /* month: 0..11 */
    int hour, minute, second;
};

/* --- the calendar --- */

static bool is_leap(int year)
{
    return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
}

static int month_days(int year, int month)
{
    static const char days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};

    return days[month] + (month == 1 && is_leap(year));
}

/* Days from 1970 to the first of January of YEAR. */
static int64_t days_before(int year)
{
    int64_t y = year - 1;

    return y * 365 + y / 4 - y / 100 + y / 400 - epoch_days;
}

static int64_t seconds_of(const struct date *d)
{
    int64_t days = days_before(d->year) + d->day - 1;

    for (int m = 0; m < d->month; m++)
        days += month_days(d->year, m);
    return days * day_seconds + d->hour * 3600 + d->minute * 60 + d->second;
}

/* What the rest of the library can use: -1 is "no date", so the years before
 * 1970 are all 0. */
static int64_t finish(const struct date *d, int first_year, int last_second)
{
    int64_t t;

    if (d->year < first_year || d->day < 1 ||
        d->day > month_days(d->year, d->month) || d->hour > 23 ||
        d->minute > 59 || d->second > last_second)
        return -1;
    t = seconds_of(d);
    return t > 0 ? t : 0;
}

/* --- the forms of HTTP --- */

/* Take TEXT off the front of S. */
static bool skip(struct sc_span *s, const char *text)
{
    size_t n = strlen(text);

    if (s->len < n || memcmp(s->data, text, n) != 0)
        return false;
    s->data += n;
    s->len -= n;
    return true;
}

/* Take exactly N digits. */
static bool number(struct sc_span *s, size_t n, int *out)
{
    uint64_t value;

    if (s->len < n ||
        sc_parse_u64((struct sc_span){s->data, n}, last_year, &value) < 0)
        return false;
    *out = (int)value;
    s->data += n;
    s->len -= n;
    return true;
}

/* Take one of the three-letter names in TABLE. */
static bool name(struct sc_span *s, const char *table, int *out)
{
    for (int i = 0; table[i * 3] != '\0'; i++)
        if (s->len >= 3 && memcmp(s->data, table + i * 3, 3) == 0) {
            *out = i;
            s->data += 3;
            s->len -= 3;
            return true;
        }
    return false;
}

static bool time_of_day(struct sc_span *s, struct date *d)
{
    return number(s, 2, &d->hour) && skip(s, ":") && number(s, 2, &d->minute) &&
           skip(s, ":") && number(s, 2, &d->second);
}

/* "06 Nov 1994 08:49:37 GMT" */
static bool imf_fixdate(struct sc_span s, struct date *d)
{
    return number(&s, 2, &d->day) && skip(&s, " ") &&
           name(&s, months, &d->month) && skip(&s, " ") &&
           number(&s, 4, &d->year) && skip(&s, " ") && time_of_day(&s, d) &&
           skip(&s, " GMT") && s.len == 0;
}

/* "06-Nov-94 08:49:37 GMT"; the year is that of the century. */
static bool rfc850_date(struct sc_span s, struct date *d)
{
    return number(&s, 2, &d->day) && skip(&s, "-") &&
           name(&s, months, &d->month) && skip(&s, "-") &&
           number(&s, 2, &d->year) && skip(&s, " ") && time_of_day(&s, d) &&
           skip(&s, " GMT") && s.len == 0;
}

/* "Nov  6 08:49:37 1994" */
static bool asctime_date(struct sc_span s, struct date *d)
{
    return name(&s, months, &d->month) && skip(&s, " ") &&
           (skip(&s, " ") ? number(&s, 1, &d->day) : number(&s, 2, &d->day)) &&
           skip(&s, " ") && time_of_day(&s, d) && skip(&s, " ") &&
           number(&s, 4, &d->year) && s.len == 0;
}

static int year_of(int64_t t)
{
    int64_t days = t / day_seconds;
    int year = 1970 + (int)(days / 366);

    while (days_before(year + 1) <= days)
        year++;
    return year;
}

/* The latest year with these digits that is not more than 50 years ahead. */
static void choose_century(struct date *d, int64_t now)
{
    struct date back;

    d->year += year_of(now) / 100 * 100 + 100;
    for (;; d->year -= 100) {
        back = *d;
        back.year -= 50;
        if (seconds_of(&back) <= now)
            return;
    }
}

static bool skip_long_day(struct sc_span *s)
{
    for (size_t i = 0; i < sizeof long_days / sizeof long_days[0]; i++)
        if (skip(s, long_days[i]))
            return true;
    return false;
}

int64_t http_date_parse_at(struct sc_span s, int64_t now)
{
    struct date d = {0};
    struct sc_span rest = s;
    int day;

    if (skip_long_day(&rest)) {
        if (!skip(&rest, ", ") || !rfc850_date(rest, &d))
            return -1;
        choose_century(&d, now);
    } else if (!name(&rest, short_days, &day)) {
        return -1;
    } else if (skip(&rest, ", ")) {
        if (!imf_fixdate(rest, &d))
            return -1;
    } else if (!skip(&rest, " ") || !asctime_date(rest, &d)) {
        return -1;
    }
    return finish(&d, 1, 60); /* 60: a leap second */
}

int64_t http_date_parse(struct sc_span s)
{
    return http_date_parse_at(s, (int64_t)time(NULL));
}

int64_t http_date(const char *text)
{
    return http_date_parse(sc_span_of(text));
}

void http_date_format(int64_t t, char out[HTTP_DATE_SIZE])
{
    int64_t last = days_before(last_year + 1) * day_seconds - 1, day;
    int year, month = 0, s;

    t = t < 0 ? 0 : t > last ? last : t;
    year = year_of(t);
    s = (int)(t % day_seconds);
    t /= day_seconds;
    for (day = t - days_before(year); day >= month_days(year, month); month++)
        day -= month_days(year, month);
    /* 1970 began on a Thursday. The masks tell the compiler that it fits. */
    snprintf(out, HTTP_DATE_SIZE, "%.3s, %02u %.3s %04u %02u:%02u:%02u GMT",
             short_days + (t + 3) % 7 * 3, (unsigned)(day + 1) & 31,
             months + month * 3, (unsigned)year & 0x3fff,
             (unsigned)(s / 3600) & 31, (unsigned)(s / 60 % 60) & 63,
             (unsigned)(s % 60) & 63);
}

/* --- the rule of cookies --- */

enum { has_time = 1, has_day = 2, has_month = 4, has_year = 8, has_all = 15 };

static bool is_delimiter(unsigned char c)
{
    return c == '\t' || (c >= ' ' && c <= '/') || (c >= ';' && c <= '@') ||
           (c >= '[' && c <= '`') || (c >= '{' && c <= '~');
}

/* MIN to MAX digits at *AT, and no digit behind them. */
static bool digits(struct sc_span s, size_t *at, size_t min, size_t max,
                   int *out)
{
    size_t from = *at, n = 0;
    uint64_t value;

    while (from + n < s.len && sc_is_digit((unsigned char)s.data[from + n]))
        n++;
    if (n < min || n > max ||
        sc_parse_u64((struct sc_span){s.data + from, n}, last_year, &value) < 0)
        return false;
    *at += n;
    *out = (int)value;
    return true;
}

static bool colon(struct sc_span s, size_t *at)
{
    return *at < s.len && s.data[(*at)++] == ':';
}

static bool token_time(struct sc_span s, struct date *d)
{
    size_t at = 0;
    struct date t;

    if (!digits(s, &at, 1, 2, &t.hour) || !colon(s, &at) ||
        !digits(s, &at, 1, 2, &t.minute) || !colon(s, &at) ||
        !digits(s, &at, 1, 2, &t.second))
        return false;
    d->hour = t.hour;
    d->minute = t.minute;
    d->second = t.second;
    return true;
}

static bool token_month(struct sc_span s, struct date *d)
{
    for (int i = 0; s.len >= 3 && i < 12; i++) {
        int j = 0;

        while (j < 3 && sc_lower((unsigned char)s.data[j]) ==
                            sc_lower((unsigned char)months[i * 3 + j]))
            j++;
        if (j == 3) {
            d->month = i;
            return true;
        }
    }
    return false;
}

/* The first token that fits each part is that part. */
static void take_token(struct sc_span s, struct date *d, unsigned *has)
{
    size_t at = 0;

    if (!(*has & has_time) && token_time(s, d))
        *has |= has_time;
    else if (!(*has & has_day) && digits(s, &at, 1, 2, &d->day))
        *has |= has_day;
    else if (!(*has & has_month) && token_month(s, d))
        *has |= has_month;
    else if (!(*has & has_year) && digits(s, &at, 2, 4, &d->year))
        *has |= has_year;
}

int64_t http_date_parse_cookie(struct sc_span s)
{
    struct date d = {0};
    unsigned has = 0;
    size_t i = 0;

    while (i < s.len) {
        size_t from;

        while (i < s.len && is_delimiter((unsigned char)s.data[i]))
            i++;
        for (from = i; i < s.len && !is_delimiter((unsigned char)s.data[i]);)
            i++;
        take_token((struct sc_span){s.data + from, i - from}, &d, &has);
    }
    if (has != has_all)
        return -1;
    if (d.year < 100)
        d.year += d.year < 70 ? 2000 : 1900;
    return finish(&d, 1601, 59);
}
