/* option_table.h - every option of curl 7.88: what it is called, what its value
 * is, where that goes; and those that are missing here. */
#ifndef CLIENTS_FETCH_OPTION_TABLE_H
#define CLIENTS_FETCH_OPTION_TABLE_H

#include "fetch/options.h"

enum option_kind {
    KIND_BOOL,          /* true, or false after --no- */
    KIND_OFF,           /* the other way round */
    KIND_STRING,        /* kept as it is */
    KIND_LIST,          /* one more in a struct text_list */
    KIND_NUMBER,        /* 0 .. 2^53 */
    KIND_SIZE,          /* the same with k, M, G, T or P behind it */
    KIND_SECONDS,       /* 1.5; kept as ms */
    KIND_FLAG,          /* a bit in an unsigned, as KIND_BOOL */
    KIND_CALL,          /* a function with a value */
    KIND_SWITCH,        /* a function without one */
    KIND_NOTHING,       /* accepted, without effect ... */
    KIND_NOTHING_VALUE, /* ... with a value */
    KIND_MISSING,       /* curl has it */
    /* Added to one of the others: of urlget. In httpget it is KIND_MISSING, ... */
    KIND_URLGET = 0x40,
    KIND_ELSE_NOTHING = 0x80 /* ... or with this KIND_NOTHING */
};

struct option_def {
    const char *name;
    char letter; /* or 0 */
    unsigned char kind;
    bool global;  /* in struct command, not in struct config */
    unsigned bit; /* KIND_FLAG */
    size_t offset;
    int (*call)(struct command *k, const char *value, bool on);
    const char *value; /* how the help names it, or NULL */
    const char *help;  /* NULL: not in the help */
};

extern const struct option_def option_table[];
extern const size_t option_count;

/* What O is in this program. */
enum option_kind option_kind_of(const struct option_def *o);

#endif
