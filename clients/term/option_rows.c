/* option_rows.c - getopt_long's tables made of ours. */

#include <getopt.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>

#include "option_rows.h"
#include "usage.h"

enum { OPTIONS_MOST = 64, FIRST_LONG = 256 };

/* --- setters --- */

int set_bool(void *at, const struct option_row *row, char *value)
{
    (void)row;
    (void)value;
    *(bool *)at = true;
    return -1;
}

int set_string(void *at, const struct option_row *row, char *value)
{
    (void)row;
    *(const char **)at = value;
    return -1;
}

int set_word(void *at, const struct option_row *row, char *value)
{
    struct words *w = at;
    const char **more = realloc(w->at, (w->n + 2) * sizeof *more);

    (void)row;
    if (more == NULL)
        return no_memory();
    w->at = more;
    w->at[w->n++] = value;
    w->at[w->n] = NULL;
    return -1;
}

int set_flag(void *at, const struct option_row *row, char *value)
{
    (void)value;
    *(unsigned *)at |= row->bit;
    return -1;
}

/* --- the tables --- */

/* All rows of all parts, numbered through. */
static const struct option_row *row_at(const struct option_part *parts,
                                       size_t n, size_t i, void **base)
{
    for (size_t p = 0; p < n; p++) {
        if (i < parts[p].n) {
            *base = parts[p].base;
            return &parts[p].rows[i];
        }
        i -= parts[p].n;
    }
    return NULL;
}

static void describe(const struct option_part *parts, size_t n,
                     struct option longs[], char *letters)
{
    const struct option_row *row;
    void *base;

    *letters++ = ':'; /* a missing value is told apart */
    for (size_t i = 0;
         i < OPTIONS_MOST && (row = row_at(parts, n, i, &base)) != NULL; i++) {
        longs[i].name = row->name;
        longs[i].has_arg = row->value != NULL;
        longs[i].val = FIRST_LONG + (int)i;
        if (row->letter == 0)
            continue;
        *letters++ = row->letter;
        if (row->value != NULL)
            *letters++ = ':';
    }
    *letters = '\0';
}

/* Of what getopt_long has found. */
static const struct option_row *row_of(const struct option_part *parts,
                                       size_t n, int c, void **base)
{
    const struct option_row *row;

    if (c >= FIRST_LONG)
        return row_at(parts, n, (size_t)(c - FIRST_LONG), base);
    for (size_t i = 0; (row = row_at(parts, n, i, base)) != NULL; i++)
        if (row->letter == c)
            return row;
    return NULL;
}

static int set_one(const struct option_part *parts, size_t n, int c)
{
    void *base;
    const struct option_row *row = row_of(parts, n, c, &base);

    return row->set((char *)base + row->offset, row, optarg);
}

/* What getopt_long could not take: of several letters in one word it tells which
 * in optopt, of a value too many the option. */
static int not_taken(char **argv)
{
    if (optopt >= FIRST_LONG)
        return wrong_use("%s: takes no value", argv[optind - 1]);
    if (optopt != 0)
        return wrong_use("-%c: no such option", optopt);
    return wrong_use("%s: no such option", argv[optind - 1]);
}

int read_options(const struct option_part *parts, size_t n, int argc,
                 char **argv)
{
    struct option longs[OPTIONS_MOST + 1] = {{0}};
    char letters[2 * OPTIONS_MOST + 2];
    int c, rc = -1;

    describe(parts, n, longs, letters);
    opterr = 0;
    while (rc < 0 && (c = getopt_long(argc, argv, letters, longs, NULL)) >= 0)
        if (c == ':')
            rc = wrong_use("%s: the value is missing", argv[optind - 1]);
        else if (c == '?')
            rc = not_taken(argv);
        else
            rc = set_one(parts, n, c);
    return rc;
}

/* --- the help --- */

void print_options(const struct option_part *parts, size_t n)
{
    const struct option_row *o;
    char name[40];
    void *base;

    for (size_t i = 0; (o = row_at(parts, n, i, &base)) != NULL; i++) {
        snprintf(name, sizeof name, "--%s%s%s", o->name,
                 o->value != NULL ? " " : "", o->value != NULL ? o->value : "");
        if (o->letter != 0)
            printf("  -%c, %-22s %s\n", o->letter, name, o->help);
        else
            printf("      %-22s %s\n", name, o->help);
    }
}
