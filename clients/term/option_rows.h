/* option_rows.h - a command line as tables, from which the help is printed, too. */
#ifndef CLIENTS_TERM_OPTION_ROWS_H
#define CLIENTS_TERM_OPTION_ROWS_H

#include <stddef.h>

struct option_row;
/* Put VALUE (NULL where none belongs to the option) into what AT points to.
 * Returns -1: go on; else an exit code, the reason told. */
typedef int (*option_setter)(void *at, const struct option_row *row,
                             char *value);

struct option_row {
    const char *name;
    char letter; /* or 0 */
    option_setter set;
    size_t offset;     /* of what is set, from the table's base on */
    unsigned bit;      /* of set_flag */
    const char *value; /* how it is called, NULL: none */
    const char *help;
};

/* Rows that count from one base. */
struct option_part {
    const struct option_row *rows;
    size_t n;
    void *base;
};

/* Words of the call, in their order. Zero bytes are none; free AT. */
struct words {
    const char **at;
    size_t n;
};

/* Setters: a bool, a const char *, a struct words, BIT of an unsigned. */
int set_bool(void *at, const struct option_row *row, char *value);
int set_string(void *at, const struct option_row *row, char *value);
int set_word(void *at, const struct option_row *row, char *value);
int set_flag(void *at, const struct option_row *row, char *value);

/* Read the options, at most 64 in all parts. Returns -1: go on, the words that
 * are none begin at argv[optind]; else the exit code, the reason told. */
int read_options(const struct option_part *parts, size_t n, int argc,
                 char **argv);
/* One line for each, on stdout. */
void print_options(const struct option_part *parts, size_t n);

#endif
