/* pop_options.c - the command line of popfetch: its own rows, and those of the
 * mail programs. */

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../term/usage.h"
#include "pop_options.h"

/* --- values --- */

static int unit_of(const char *p, uint64_t *unit)
{
    static const char letters[] = "kMG";
    const char *at;

    *unit = 1;
    if (*p == '\0')
        return 0;
    if (p[1] != '\0' || (at = strchr(letters, *p)) == NULL)
        return -1;
    for (const char *l = letters; l <= at; l++)
        *unit *= 1024;
    return 0;
}

/* "500000", "500k", "20M", "1G", up to 2^53 bytes. */
static int set_size(void *at, const struct option_row *row, char *text)
{
    static const uint64_t most = UINT64_C(1) << 53;
    uint64_t n = 0, unit;
    const char *p = text;

    (void)row;
    for (; *p >= '0' && *p <= '9' && n <= most; p++)
        n = n * 10 + (uint64_t)(*p - '0');
    if (p == text || unit_of(p, &unit) < 0 || n == 0 || n > most / unit)
        return wrong_use("--max-size %s: not a number of bytes, as 500k or 20M",
                         text);
    *(uint64_t *)at = n * unit;
    return -1;
}

/* --- the table --- */

#define AT(field) offsetof(struct pop_options, field)

static const struct option_row rows[] = {
    {"maildir", 0, set_string, AT(maildir), 0, "DIR",
     "store messages in this Maildir, then delete them"},
    {"mbox", 0, set_string, AT(mbox), 0, "FILE", "or at the end of this mbox"},
    {"exec", 0, set_string, AT(command), 0, "COMMAND",
     "or give each to COMMAND; exit 0: it is stored"},
    {"keep", 0, set_bool, AT(keep), 0, NULL, "delete nothing"},
    {"new", 0, set_word, AT(state), 0, "FILE",
     "only what no run with this FILE has fetched; once for each URL"},
    {"max-size", 0, set_size, AT(max_size), 0, "N[k|M|G]",
     "skip larger messages"},
    {"headers", 0, set_bool, AT(headers), 0, NULL,
     "only the headers; deletes nothing"},
    {"user", 'u', set_string, AT(user), 0, "NAME",
     "log in, where the URL has no user"},
    {"serverinfo", 0, set_bool, AT(serverinfo), 0, NULL,
     "show what the server can do; do not log in"},
};
enum { PARTS = 2 };

static void set_parts(struct option_part parts[PARTS], struct pop_options *o)
{
    parts[0] = (struct option_part){rows, sizeof rows / sizeof rows[0], o};
    parts[1] = mail_option_rows(&o->mail);
}

void print_pop_help(struct pop_options *o)
{
    struct option_part parts[PARTS];

    puts("usage: popfetch [options] pop3[s]://[USER[:PASSWORD]@]HOST[:PORT]/ "
         "...");
    set_parts(parts, o);
    print_options(parts, PARTS);
}

/* --- the words --- */

static int check(const struct pop_options *o)
{
    int places =
        (o->maildir != NULL) + (o->mbox != NULL) + (o->command != NULL);

    if (o->n == 0)
        return wrong_use("no URL");
    if (places > 1)
        return wrong_use("one of --maildir, --mbox, --exec, not several");
    if (o->state.n > 0 && o->state.n != o->n)
        return wrong_use("--new: one FILE for each URL, in the same order");
    for (size_t i = 0; i < o->n; i++)
        if (o->mail.connect.starttls == SC_STARTTLS_NEVER &&
            strncmp(o->url[i], "pop3s:", 6) == 0)
            return wrong_use("--tls never: pop3s is TLS");
    return -1;
}

int read_pop_options(struct pop_options *o, int argc, char **argv)
{
    struct option_part parts[PARTS];
    int rc;

    memset(o, 0, sizeof *o);
    set_parts(parts, o);
    if ((rc = read_options(parts, PARTS, argc, argv)) >= 0)
        return rc;
    o->url = argv + optind;
    o->n = (size_t)(argc - optind);
    return o->mail.help || o->mail.version ? -1 : check(o);
}

void free_pop_options(struct pop_options *o)
{
    free(o->state.at);
}
