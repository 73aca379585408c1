/* seconds.c - times on a command line: digits, and a fraction of them. */

#include "seconds.h"

enum { DAY_MS = 86400000 };

int read_seconds(const char *text)
{
    int ms = 0, unit = 1000;
    const char *p = text;

    for (; *p >= '0' && *p <= '9' && ms <= DAY_MS; p++)
        ms = ms * 10 + (*p - '0') * 1000;
    if (*p == '.' && p > text)
        for (p++; *p >= '0' && *p <= '9'; p++)
            ms += (*p - '0') * (unit /= 10);
    return p == text || *p != '\0' || ms <= 0 || ms > DAY_MS ? -1 : ms;
}
