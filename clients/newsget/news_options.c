/* news_options.c - the command line of newsget: its own rows, and those of the
 * mail programs. */

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "../fetch/date.h"
#include "../term/usage.h"
#include "news_options.h"

/* --- values --- */

/* "90m", "12h", "3d", "2w": seconds, or -1. */
static int64_t age_of(const char *text)
{
    static const char letters[] = "mhdw";
    static const int seconds[] = {60, 3600, 86400, 604800};
    const char *p = text, *unit;
    int64_t n = 0;

    for (; *p >= '0' && *p <= '9' && n <= 1000000; p++)
        n = n * 10 + (*p - '0');
    if (p == text || *p == '\0' || p[1] != '\0' || n > 1000000 ||
        (unit = strchr(letters, *p)) == NULL)
        return -1;
    return n * seconds[unit - letters];
}

static int set_since(void *at, const struct option_row *row, char *text)
{
    int64_t age = age_of(text), now = time(NULL);
    int64_t since = age >= 0 ? now - age : read_date(text);

    (void)row;
    if (since <= 0)
        return wrong_use("--since %s: not a date, as 2026-11-21, nor an age, "
                         "as 12h, 3d, 2w",
                         text);
    *(int64_t *)at = since;
    return -1;
}

static int set_connections(void *at, const struct option_row *row, char *text)
{
    const char *p = text;
    int n = 0;

    (void)row;
    for (; *p >= '0' && *p <= '9' && n <= 100; p++)
        n = n * 10 + (*p - '0');
    if (*p != '\0' || n < 1 || n > 100)
        return wrong_use("--connections %s: a number from 1 to 100", text);
    *(int *)at = n;
    return -1;
}

/* --- the table --- */

#define AT(field) offsetof(struct news_options, field)

static const struct option_row rows[] = {
    {"articles", 'a', set_bool, AT(articles), 0, NULL,
     "whole articles (mboxrd), not the overview"},
    {"mbox", 0, set_string, AT(mbox), 0, "FILE",
     "articles to the end of this mbox"},
    {"dir", 0, set_string, AT(dir), 0, "DIR",
     "articles into files of this folder"},
    {"yenc", 0, set_bool, AT(yenc), 0, NULL,
     "decode yEnc into files (of --dir, or here)"},
    {"newsrc", 0, set_string, AT(newsrc), 0, "FILE",
     "only what this newsrc does not name as read"},
    {"since", 0, set_since, AT(since), 0, "WHEN",
     "only what is younger: 2026-11-21, 12h, 3d, 2w"},
    {"list", 'l', set_bool, AT(list), 0, NULL,
     "list groups; a WILDMAT may stand before the URL"},
    {"post", 0, set_bool, AT(post), 0, NULL, "post the article on stdin"},
    {"connections", 'c', set_connections, AT(connections), 0, "N",
     "so many at once, at most"},
    {"compress", 0, set_bool, AT(compress), 0, NULL,
     "compress, if the server can"},
    {"backup", 0, set_word, AT(backup), 0, "URL",
     "a server to ask for what is missing; may be repeated"},
    {"user", 'u', set_string, AT(user), 0, "NAME",
     "log in, where the URL has no user"},
    {"serverinfo", 0, set_bool, AT(serverinfo), 0, NULL,
     "show what the server can do; do not log in"},
};
enum { PARTS = 2 };

static void set_parts(struct option_part parts[PARTS], struct news_options *o)
{
    parts[0] = (struct option_part){rows, sizeof rows / sizeof rows[0], o};
    parts[1] = mail_option_rows(&o->mail);
}

void print_news_help(struct news_options *o)
{
    struct option_part parts[PARTS];

    puts("usage: newsget [options] "
         "nntp[s]://[USER[:PASSWORD]@]HOST[:PORT]/GROUP[/FIRST[-[LAST]]]\n"
         "       newsget --list [WILDMAT] nntp[s]://HOST/\n"
         "       newsget --post nntp[s]://HOST/ < ARTICLE");
    set_parts(parts, o);
    print_options(parts, PARTS);
}

/* --- the words --- */

/* The URL, and before or behind it the wildmat of --list. */
static int take_words(struct news_options *o, char **word, int n)
{
    int url = n - 1;

    if (n < 1)
        return wrong_use("no URL");
    if (n > (o->list ? 2 : 1))
        return wrong_use("one URL, not several: %s", word[1]);
    if (n == 2 && strstr(word[0], "://") != NULL)
        url = 0;
    o->url = word[url];
    if (n == 2)
        o->wildmat = word[1 - url];
    return -1;
}

static int check(const struct news_options *o)
{
    bool fetching = o->articles || o->newsrc != NULL || o->mbox != NULL ||
                    o->dir != NULL || o->yenc || o->backup.n > 0;

    if (o->post + o->list + o->serverinfo > 1)
        return wrong_use("one of --list, --post, --serverinfo, not several");
    if ((o->post && (fetching || o->since > 0)) || (o->list && fetching))
        return wrong_use("--%s fetches nothing", o->post ? "post" : "list");
    if (o->mbox != NULL && (o->dir != NULL || o->yenc))
        return wrong_use("one of --mbox and --%s, not both",
                         o->yenc ? "yenc" : "dir");
    if (o->mail.connect.starttls == SC_STARTTLS_NEVER &&
        strncmp(o->url, "nntps:", 6) == 0)
        return wrong_use("--tls never: nntps is TLS");
    return -1;
}

int read_news_options(struct news_options *o, int argc, char **argv)
{
    struct option_part parts[PARTS];
    int rc;

    memset(o, 0, sizeof *o);
    set_parts(parts, o);
    if ((rc = read_options(parts, PARTS, argc, argv)) >= 0)
        return rc;
    if (o->mail.help || o->mail.version)
        return -1;
    if ((rc = take_words(o, argv + optind, argc - optind)) >= 0 ||
        (rc = check(o)) >= 0)
        return rc;
    o->articles |= o->mbox != NULL || o->dir != NULL || o->yenc;
    return -1;
}

void free_news_options(struct news_options *o)
{
    free(o->backup.at);
}
