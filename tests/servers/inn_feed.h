/* inn_feed.h - articles for INN by a plain socket, without the library that is
 * under test: TAKETHIS (RFC 4644), many under way. */
#ifndef TESTS_SERVERS_INN_FEED_H
#define TESTS_SERVERS_INN_FEED_H

#include <time.h>

#include "inn.h"

enum { INN_FEED_BATCH = 200 };

/* Read N lines; how many of them begin with CODE. */
static inline int inn_lines(FILE *f, const char *code, int n)
{
    char line[600];
    int good = 0;

    fflush(f);
    fseek(f, 0, SEEK_CUR); /* from writing to reading */
    while (n-- > 0 && fgets(line, sizeof line, f) != NULL)
        good += strncmp(line, code, 3) == 0;
    return good;
}

/* Article NUMBER of GROUP, in its dot block. */
static inline void inn_write_article(FILE *f, const char *group, int number)
{
    time_t now = time(NULL);
    char date[60];
    struct tm tm;

    gmtime_r(&now, &tm);
    strftime(date, sizeof date, "%a, %d %b %Y %H:%M:%S +0000", &tm);
    fprintf(f,
            "TAKETHIS <%s.%d@simple.test>\r\nPath: feeder!not-for-mail\r\n"
            "From: bob <bob@simple.test>\r\nNewsgroups: %s\r\n"
            "Subject: article %d\r\nDate: %s\r\n"
            "Message-ID: <%s.%d@simple.test>\r\n",
            group, number, group, number, date, group, number);
    if (number > 1)
        fprintf(f, "References: <%s.%d@simple.test>\r\n", group, number - 1);
    fprintf(f, "\r\nline one of %d\r\n..dot\r\n...dots\r\n..\r\nend\r\n.\r\n",
            number);
}

/* Articles FIRST to LAST of GROUP: <GROUP.NUMBER@simple.test>, "article NUMBER".
 * Their numbers are their places where the group was empty before. */
static inline int inn_feed(const struct inn *n, const char *group, int first,
                           int last)
{
    FILE *f = inn_dial(n->port[TRANSIT]);
    int good = f == NULL ? -1 : inn_lines(f, "200", 1) - 1;

    for (int at = first; at <= last && good == 0; at += INN_FEED_BATCH) {
        int end = last - at < INN_FEED_BATCH ? last : at + INN_FEED_BATCH - 1;

        fseek(f, 0, SEEK_CUR);
        for (int i = at; i <= end; i++)
            inn_write_article(f, group, i);
        if (inn_lines(f, "239", end - at + 1) != end - at + 1)
            good = -1;
    }
    if (f != NULL)
        fclose(f);
    return good;
}

#endif
