/* pop_report.h - what became of it: lines on stderr, and an exit code. */
#ifndef CLIENTS_POPFETCH_REPORT_H
#define CLIENTS_POPFETCH_REPORT_H

#include "pop_account.h"

/* Beside those of complain.c. */
enum pop_exit {
    POP_ODD = 8,       /* a refusal, or what makes no sense */
    POP_STORE = 23,    /* a place for messages cannot be written */
    POP_READ = 26,     /* a file cannot be read */
    POP_NO_TLS = 64,   /* required, and not there */
    POP_LOGIN = 67,    /* login refused, or not possible */
    POP_PARTLY = 90,   /* some accounts, or messages, failed */
    POP_UNDECIDED = 91 /* deleted, or not: nobody knows */
};

/* Print a line for the failure E of A; returns the exit code. */
int report_failure(const struct pop_account *a, const struct sc_error *e);
/* Print a line for each account that failed (with -v, for all); returns the exit
 * code for all. */
int report_accounts(const struct pop_account *all, size_t n);

#endif
